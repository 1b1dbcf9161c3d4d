/* estimate.h - a number and how well it is known. The words that all statistics here share. */
#ifndef VITRINE_SERVER_ANALYSIS_ESTIMATE_H
#define VITRINE_SERVER_ANALYSIS_ESTIMATE_H

/* A closed interval. An open end is -INFINITY or +INFINITY; both ends NAN: there is no interval. */
struct interval {
    double low, high;
};

struct estimate {
    double value;
    struct interval interval; /* two-sided, at the level the caller asked for */
};

#endif
