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
#include <stdint.h>

enum { TRAJECTORY_BLOCKS_MIN = 6, TRAJECTORY_REPLICAS_MIN = 8, TRAJECTORY_BLOCK_SAMPLES_MIN = 2 };

/* Samples of all replicas, one replica after another, each in order of time. Borrowed. */
struct trajectory {
    const double *x;         /* [count] icosahedral content */
    const double *y;         /* [count] inherent energy */
    const uint32_t *replica; /* [count] equal for the samples of one replica, which stand together */
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

/* block_samples 0: doubled from 2 until neighbouring residuals correlate below 0.3 or the blocks would run out.
 * STATUS_INVALID for values that are not finite, fewer than TRAJECTORY_BLOCKS_MIN blocks, or a cloud without a line
 * (vertical, or no scatter at all). */
MUST_CHECK enum status trajectory_fit(const struct trajectory *trajectory, size_t block_samples, double level,
                                      struct trajectory_fit *out, struct error *err);

#endif
