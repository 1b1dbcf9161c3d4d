/* bootstrap.h - pivotal (bootstrap-t) intervals for anything computed from a censored lifetime fit.
 *
 * The fitted law makes up campaigns of the same runs, each watched as long as the real one and looked at with the same
 * cadence; each is fitted again, and the studentised error z = (value* - value) / error* is collected. Then
 *
 *     value - z_(1 - a/2) error  <=  truth  <=  value - z_(a/2) error
 *
 * (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section 12.5.) For complete samples of a location-scale
 * family in log t this z is exactly pivotal and the interval exact at any n; percentile intervals are not. All chance
 * is rng(STREAM_BOOTSTRAP, resample, run): the same bits for the same seed. */
#ifndef VITRINE_SERVER_ANALYSIS_BOOTSTRAP_H
#define VITRINE_SERVER_ANALYSIS_BOOTSTRAP_H

#include "server/analysis/estimate.h"
#include "server/analysis/regress.h"

enum { BOOTSTRAP_RESAMPLES = 999, BOOTSTRAP_RESAMPLES_MAX = 99999, BOOTSTRAP_REDRAWS_MAX = 50 };

struct bootstrap_options {
    uint64_t seed;
    uint32_t resamples; /* >= 39; BOOTSTRAP_RESAMPLES is the usual number */
    double level;       /* e.g. 0.95; strictly between 0 and 1 */
    double cadence;     /* steps between the samples that show an event; 0 = continuous */
};

/* A number and its standard error. An error of 0 is a number that is not studentised (a basic interval). */
struct bootstrap_value {
    double value, error;
};

/* Writes `values` numbers for one fit. */
struct bootstrap_target {
    void (*evaluate)(const struct regress_fit *fit, void *context, struct bootstrap_value *out);
    void *context;
    size_t values;
};

/* Refuses a level or a number of resamples that makes no interval. */
MUST_CHECK enum status bootstrap_check(const struct bootstrap_options *options, struct error *err);

/* out[target->values]. A resample without events or without a finite maximum is drawn again (the interval is
 * conditional on there being an estimate); out_redrawn (may be NULL) counts these. STATUS_LIMIT when one resample
 * failed BOOTSTRAP_REDRAWS_MAX times. */
MUST_CHECK enum status bootstrap_intervals(const struct lifetime *lifetimes, const double *design, size_t count,
                                           const struct regress_fit *fit, const struct bootstrap_target *target,
                                           const struct bootstrap_options *options, struct estimate *out,
                                           size_t *out_redrawn, struct error *err);

/* One made-up lifetime of the fitted law, watched like `real`: exposed for the planner and the tests. */
struct lifetime bootstrap_draw(const struct regress_fit *fit, const double *x, const struct lifetime *real,
                               double cadence, double uniform);

#endif
