/* trajectory_fit.h - the straight line of inherent energy against icosahedral content (Fig. 1b of Derlet & Maass),
 * with an interval that knows that both scatter and that neighbouring samples repeat each other.
 *
 * Each replica's samples are cut into blocks. The block means scatter about the line by B (2 x 2), the samples within a
 * block about its mean by W. The line's normal n minimises (n B n) / (n W n): least squares at the distance that the
 * measured errors of x and y, and their correlation, define (generalised total least squares: Fuller, Measurement Error
 * Models (1987), section 1.3). W may hold some drift along the line itself: that leaves n where it is. Ordinary least
 * squares would flatten the slope by the scatter of x.
 *
 * The interval is a delete-one jackknife over replicas, over blocks when there are fewer than TRAJECTORY_REPLICAS_MIN
 * of them, with Student's t. Energies in epsilon per particle, content a fraction; any units work. */
#ifndef VITRINE_SERVER_ANALYSIS_TRAJECTORY_FIT_H
#define VITRINE_SERVER_ANALYSIS_TRAJECTORY_FIT_H

#include "common/error.h"
#include "server/analysis/estimate.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    TRAJECTORY_BLOCKS_MIN = 6,
    TRAJECTORY_BLOCKS_MAX = 65536,
    TRAJECTORY_REPLICAS_MIN = 8,
    TRAJECTORY_BLOCK_SAMPLES_MIN = 2
};

/* Samples of one replica in order of time. Borrowed. */
struct trajectory_run {
    const double *x; /* [count] icosahedral content */
    const double *y; /* [count] inherent energy */
    size_t count;
};

struct trajectory {
    const struct trajectory_run *runs; /* [count] one a replica */
    size_t count;
};

struct trajectory_fit {
    struct estimate slope;
    struct estimate intercept; /* y at x = 0 */
    double x_mean, y_mean;     /* the line passes through this point */
    double correlation;        /* of the block means, 1 */
    double residual_rms;       /* of the block means in y */
    size_t block_samples, blocks, replicas;
    bool is_by_replica;       /* the jackknife's unit */
    double block_correlation; /* between residuals of neighbouring blocks: above 0.3 the blocks are too short */
};

/* Where the line lies at chosen places, and between which heights at the level of the fit. The caller's memory. */
struct trajectory_band {
    size_t count;
    const double *x;        /* [count] */
    double *y;              /* [count] */
    struct interval *reach; /* [count] */
};

/* block_samples 0: doubled until neighbouring residuals correlate below 0.3 or the blocks would run out, from
 * TRAJECTORY_BLOCK_SAMPLES_MIN on (more where that would make over TRAJECTORY_BLOCKS_MAX blocks). `band` is filled, or
 * NULL. Time and memory grow with samples and blocks, not with their squares. STATUS_INVALID for values that are not
 * finite, fewer than TRAJECTORY_BLOCKS_MIN blocks, or a cloud without a line (vertical, or no scatter at all). */
MUST_CHECK enum status trajectory_fit(const struct trajectory *trajectory, size_t block_samples, double level,
                                      struct trajectory_band *band, struct trajectory_fit *out, struct error *err);

#endif
