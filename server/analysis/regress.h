/* regress.h - censored maximum likelihood for Weibull (and exponential) lifetimes whose scale depends on covariates.
 *
 *     P(T > t | x) = exp(-e^w),   w = shape (log t - centre) - x . gamma
 *
 * One isotherm is the case of a single column of ones; a whole diagram has columns that are functions of temperature.
 * shape = 1 is the exponential law: one rate, no memory (homogeneous nucleation of a single critical nucleus).
 *
 * In (gamma, shape) the log-likelihood is concave for exact, right-censored and interval-censored lifetimes alike,
 * since the extreme-value density is log-concave (Burridge, J. R. Statist. Soc. B 43, 41 (1981)), so Newton's method
 * with step halving finds the one maximum, unless there is none: lifetimes that are known only in intervals may be
 * likelier the further a parameter goes (all events between two looks: the sharper the law; two temperatures of which
 * one has all the events: the steeper the line). The likelihood then ends in a plateau, on which Newton's method comes
 * to rest anywhere; it is known by this, that one standard error along the least certain direction costs nothing, where
 * it costs 1/2 at a maximum. Standard errors are from the observed information. Deterministic: fixed order of sums,
 * common/realmath. Thread-safe. */
#ifndef VITRINE_SERVER_ANALYSIS_REGRESS_H
#define VITRINE_SERVER_ANALYSIS_REGRESS_H

#include "server/analysis/lifetime.h"
#include "server/analysis/linear.h"
#include <stdint.h>

enum { REGRESS_COLUMNS_MAX = 6, REGRESS_SIZE_MAX = REGRESS_COLUMNS_MAX + 1 };

enum lifetime_law {
    LIFETIME_EXPONENTIAL,
    LIFETIME_WEIBULL,
};

struct regress_fit {
    enum lifetime_law law;
    size_t columns;
    size_t events;
    double centre;                     /* log steps: what log t is counted from */
    double gamma[REGRESS_COLUMNS_MAX]; /* 1 */
    double shape;                      /* 1; exactly 1 for the exponential */
    /* Of (gamma, shape), [size][size] with size = columns (exponential) or columns + 1. */
    double covariance[REGRESS_SIZE_MAX * REGRESS_SIZE_MAX];
    double log_likelihood; /* of the densities per step */
    double aicc;           /* lower is better; +INFINITY when there are too few events for this many parameters */
};

/* design[count][columns], borrowed. AICc = -2 l + 2k + 2k(k+1)/(n-k-1) with n = number of events, since censored runs
 * carry no curvature (Volinsky & Raftery, Biometrics 56, 256 (2000)). STATUS_INVALID when there is no event.
 * STATUS_LIMIT when there is no finite maximum: of *out only log_likelihood and aicc are then filled, with what was
 * reached on the way up, which says how likely such a law could be. Lifetimes are not checked one by one here:
 * lifetime_check has done it. */
MUST_CHECK enum status regress_fit(const struct lifetime *lifetimes, const double *design, size_t count, size_t columns,
                                   enum lifetime_law law, struct regress_fit *out, struct error *err);

/* log t_p = centre + (x . gamma + log(-log(1 - p))) / shape: when a fraction p has transformed. */
double regress_log_quantile(const struct regress_fit *fit, const double *x, double fraction);

/* Its gradient in (gamma, shape), [size]. */
void regress_log_quantile_gradient(const struct regress_fit *fit, const double *x, double fraction, double *out);

/* Its standard error by the delta method. */
double regress_log_quantile_error(const struct regress_fit *fit, const double *x, double fraction);

size_t regress_size(const struct regress_fit *fit); /* free parameters */

#endif
