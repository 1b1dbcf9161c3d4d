/* lifetime_fit.h - one isotherm's transformation times: t_1, t_50, t_99 with intervals, or an honest bound.
 *
 * Exponential and Weibull laws by censored maximum likelihood (regress.h), the one with the lower AICc is kept. Fewer
 * than LIFETIME_WEIBULL_EVENTS_MIN events never give a Weibull: two parameters from four times is a story, not a fit.
 *
 * Intervals are pivotal. Weibull: bootstrap-t (bootstrap.h). Exponential: 2 d theta_hat / theta taken as chi-square
 * with 2d + 1 degrees of freedom (d events; Cox, Biometrika 40, 354 (1953)), between the exact 2d of runs that all
 * transform and the 2d + 2 of runs stopped by the clock; the bootstrap-t held the truth in only 57 .. 87 % where 80 %
 * of 8 .. 32 runs are censored. Where a Weibull could be fitted and AICc prefers the exponential, the interval is the
 * hull of both laws': a handful of events cannot rule the other law out, and t_1 and t_99 hang on it.
 *
 * Measured (tests/unit/server/test_coverage.c, suite slow: 2000 campaigns each; n = 8, 16, 32; 0 and 40 % censored;
 * true shapes 1 and 2): the 95 % intervals of t_1, t_50, t_99 hold the truth in 90 .. 97 %, except where a true shape
 * of 2 meets n = 8 and 40 % censoring: half of those campaigns have fewer than 5 events, get no Weibull, and t_1 and
 * t_99 are held in 64 and 60 %.
 *
 * Where a Weibull would be the better law but has no finite maximum, the events are not resolved (all between two
 * looks, or on either side of one): no law can be told, and that is said in place of an exponential that contradicts
 * them.
 *
 * No event at all gives a bound. If a rate 1/theta acted for a total time R on all runs together, seeing nothing has
 * probability e^(-R/theta), which is at least 1 - level only if theta >= R / log(1/(1 - level)). Hence, at 95 %,
 *
 *     t_50 = theta log 2 > R log 2 / log 20 = 0.2314 R
 *
 * It assumes a constant rate (no incubation): an isotherm that must ripen first may have t_50 above or below it. */
#ifndef VITRINE_SERVER_ANALYSIS_LIFETIME_FIT_H
#define VITRINE_SERVER_ANALYSIS_LIFETIME_FIT_H

#include "server/analysis/bootstrap.h"

enum { LIFETIME_WEIBULL_EVENTS_MIN = 5 };

enum { FRACTION_1, FRACTION_50, FRACTION_99, FRACTION_COUNT };

extern const double lifetime_fractions[FRACTION_COUNT]; /* 0.01, 0.50, 0.99 */

struct lifetime_fit {
    bool is_bound; /* no event: time[].value are one-sided lower bounds at the level, interval (value, INFINITY) */
    enum lifetime_law law;
    size_t runs, events;
    double time_total;                    /* steps at risk, all runs */
    double shape;                         /* 1 for the exponential */
    struct interval shape_interval;       /* of the Weibull's shape, chosen or not; NAN where none was fitted */
    double aicc_exponential;              /* NAN when there is no event */
    double aicc_weibull;                  /* NAN when it was not tried or has no finite maximum */
    struct estimate time[FRACTION_COUNT]; /* steps: t_1, t_50, t_99 */
    size_t redrawn;                       /* resamples that had to be drawn again */
};

/* Deterministic and, up to rounding of the last digits, independent of the order of the runs for the estimates (the
 * bootstrap's draws go by index). STATUS_INVALID for unlawful lifetimes or options, and when the events are not
 * resolved (before the first sample, or as above); STATUS_LIMIT from the bootstrap. */
MUST_CHECK enum status lifetime_fit(const struct lifetime *lifetimes, size_t count,
                                    const struct bootstrap_options *options, struct lifetime_fit *out,
                                    struct error *err);

/* The point estimates alone: no bootstrap; intervals are NAN. */
MUST_CHECK enum status lifetime_fit_points(const struct lifetime *lifetimes, size_t count, struct lifetime_fit *out,
                                           struct error *err);

/* t_50 (steps) of the Weibull law with a given shape, of which only the scale is fitted (1: the exponential); shape 0:
 * of that with the likeliest shape, from no fewer events than any Weibull. Lifetimes that come later end by end never
 * give an earlier t_50 at one given shape. STATUS_INVALID for unlawful lifetimes, too few events, and runs that all
 * transformed before their first sample; STATUS_LIMIT where there is no finite maximum. */
MUST_CHECK enum status lifetime_time_50(const struct lifetime *lifetimes, size_t count, double shape,
                                        double *out_time_50, struct error *err);

/* The bound on t_p after a total time without events. */
double lifetime_bound(double time_total, double fraction, double level);

const char *lifetime_law_name(enum lifetime_law law); /* "exponential", "weibull" */

#endif
