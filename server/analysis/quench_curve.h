/* quench_curve.h - what a quantity does against temperature in linear quenches: means in bins of temperature, replica
 * by replica, and over the replicas. Pure.
 *
 * Bins are multiples of their width, so that quenches over different ranges share them. The points of one replica are
 * correlated; only replicas are independent, so an error bar is that of the replicas' means. A point stands at the mean
 * temperature of its samples, which is not the bin's middle where a quench ends inside it. */
#ifndef VITRINE_SERVER_ANALYSIS_QUENCH_CURVE_H
#define VITRINE_SERVER_ANALYSIS_QUENCH_CURVE_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

enum { QUENCH_BINS_MAX = 100000 };

struct quench_bins {
    double width;  /* epsilon/k_B */
    int64_t first; /* the first bin begins at first * width */
    size_t count;
};

/* Bins that hold all temperatures from `a` to `b`. STATUS_INVALID for a width that is not above 0 or gives more than
 * QUENCH_BINS_MAX. */
enum status quench_bins_make(double a, double b, double width, struct quench_bins *out, struct error *err) MUST_CHECK;

struct quench_cell {
    double temperature, value; /* sums over samples */
    uint64_t samples;
};

struct quench_curves {
    struct quench_bins bins;
    size_t replicas;
    struct quench_cell *cells; /* [replicas][bins.count] */
};

enum status quench_curves_init(struct quench_curves *curves, const struct quench_bins *bins, size_t replicas,
                               struct error *err) MUST_CHECK;
void quench_curves_finish(struct quench_curves *curves); /* NULL and zeroed are fine */

/* One sample. A temperature beyond the bins by rounding counts in the nearest. */
void quench_curves_add(struct quench_curves *curves, size_t replica, double temperature, double value);

/* A bin, over the replicas that have samples in it. */
struct quench_point {
    size_t replicas;
    double temperature;    /* epsilon/k_B, mean of samples */
    double mean;           /* of the replicas' means */
    double standard_error; /* of that; NAN for fewer than 2 replicas */
};
struct quench_point quench_curves_point(const struct quench_curves *curves, size_t bin);

/* The points of one replica with rising temperature, into arrays of bins.count; returns how many there are. */
size_t quench_curves_of_replica(const struct quench_curves *curves, size_t replica, double *temperatures,
                                double *values);

#endif
