/* sensitivity.h - does t_50 hang on where we drew the line? The 3 x 3 table of thresholds and dwells. */
#ifndef VITRINE_SERVER_ANALYSIS_SENSITIVITY_H
#define VITRINE_SERVER_ANALYSIS_SENSITIVITY_H

#include "server/analysis/events.h"
#include "server/analysis/lifetime_fit.h"

enum { SENSITIVITY_SIDE = 3 };

struct sensitivity_cell {
    struct event_rule rule;
    size_t events;
    size_t in_ramp; /* runs that had crossed before the clock started: not in t_50 */
    bool is_bound;  /* no event: time_50 is a lower bound at 95 % */
    double time_50; /* steps; NAN when no run is left, or the samples do not resolve the events */
};

struct sensitivity {
    struct sensitivity_cell cells[SENSITIVITY_SIDE][SENSITIVITY_SIDE]; /* [threshold][dwell]; [1][1] is the rule */
    double
        worst_change;  /* the largest |t_50 / t_50 of the rule - 1|; NAN when a cell has no t_50 but a bound or none */
    bool is_sensitive; /* worst_change above 0.2, or a t_50 in one cell and none in another: warn */
};

/* The rules of the table around one: the thresholds beside it, which are half and one and a half of it, of a fraction
 * at most half way from it to 1, of an energy or pressure a step to either side (struct event_scale); two samples less
 * and twice its dwell. */
struct sensitivity_rules {
    struct event_rule cells[SENSITIVITY_SIDE][SENSITIVITY_SIDE];
};
struct sensitivity_rules sensitivity_rules_around(const struct event_rule *rule, const struct event_scale *scale);

/* What one run does under each of them. */
struct sensitivity_events {
    struct event cells[SENSITIVITY_SIDE][SENSITIVITY_SIDE];
};

/* From all runs of one isotherm. */
MUST_CHECK enum status sensitivity_table(const struct sensitivity_events *runs, size_t count,
                                         const struct sensitivity_rules *rules, struct sensitivity *out,
                                         struct error *err);

#endif
