/* timeseries.h - means of correlated samples, with error bars that know it. Pure.
 *
 * Samples of a simulation are correlated, so n of them are worth fewer: with the integrated autocorrelation time tau
 * (in samples; 1/2 for independent ones) the variance of the mean is
 *
 *     var(mean) = 2 tau var / n,         tau = 1/2 + sum_{t >= 1} rho(t)
 *
 * rho is estimated from the series and is noise at long times, so the sum must be cut. Here: the initial monotone
 * sequence of Geyer, Statist. Sci. 7, 473 (1992), section 3.3: sums of neighbouring pairs rho(2k) + rho(2k + 1) are
 * positive and falling for a reversible chain; the sum ends where the pairs stop being positive, and none counts more
 * than the one before it. It needs no window parameter and errs to the long side, as does a tau that is never taken
 * below 1/2. The mean is itself estimated, which
 * makes every estimated autocovariance too small by var(mean); this is put back to first order, Wolff, Comput. Phys.
 * Commun. 156, 143 (2004), eq. 32.
 *
 * A series that is too short for its own correlations gives no error bar: `known` is false then, and no number is made
 * up. The tests measure how often intervals of two errors hold the true mean. */
#ifndef VITRINE_SERVER_ANALYSIS_TIMESERIES_H
#define VITRINE_SERVER_ANALYSIS_TIMESERIES_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    TIMESERIES_EFFECTIVE_MIN = 16, /* independent samples' worth; below this no error bar */
    TIMESERIES_POINTS_MAX = 16384, /* a longer series is averaged in blocks first */
};

struct timeseries_mean {
    size_t count;
    double mean;           /* 0 when count is 0 */
    double deviation;      /* standard deviation of single samples; 0 when count < 2 */
    bool known;            /* the three below; false: too few independent samples */
    double standard_error; /* of the mean */
    double tau;            /* integrated autocorrelation time, in samples; 1/2 = independent */
    double effective;      /* count / (2 tau): independent samples' worth */
};

/* Mean of equally spaced samples in their order. All values finite. STATUS_NO_MEMORY only. */
enum status timeseries_average(const double *values, size_t count, struct timeseries_mean *out_mean,
                               struct error *err) MUST_CHECK;

/* Where the series has forgotten its start: the index that leaves most independent samples, Chodera, J. Chem. Theory
 * Comput. 12, 1799 (2016), sought on a grid of 20 places over the first half. 0 when nothing can be said. */
enum status timeseries_equilibration(const double *values, size_t count, size_t *out_start,
                                     struct error *err) MUST_CHECK;

/* One mean of several independent series (replicas) of one quantity, each weighted by its number of samples. The error
 * is the larger of what the series say of themselves and of how far they scatter about each other: in a glass they may
 * each be stuck, and only the scatter knows. With fewer than 2 series it is the series' own. Series whose own error is
 * unknown are still averaged; the error is known if all series know theirs, or if there are at least 8 to scatter. */
struct timeseries_mean timeseries_combine(const struct timeseries_mean *means, size_t count);

#endif
