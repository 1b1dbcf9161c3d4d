/* survival.h - what the lifetimes say without a law: Kaplan-Meier, Turnbull, Aalen-Johansen.
 *
 * Kaplan-Meier dates an event at the sample that shows it (lifetime_date); use Turnbull where the cadence is not small
 * against the times (above 2 % of t_50). At one time events come before censorings.
 * Kaplan & Meier, J. Am. Stat. Assoc. 53, 457 (1958); variance by Greenwood; intervals of log(-log S) (Kalbfleisch &
 * Prentice, 1980), which stay in [0, 1]; of quantiles by Brookmeyer & Crowley, Biometrics 38, 29 (1982): all times
 * whose interval of S holds the wanted fraction. */
#ifndef VITRINE_SERVER_ANALYSIS_SURVIVAL_H
#define VITRINE_SERVER_ANALYSIS_SURVIVAL_H

#include "server/analysis/estimate.h"
#include "server/analysis/lifetime.h"

struct survival_point {
    double time; /* steps; of one or more events */
    size_t at_risk, events;
    /* Just after `time`. Where S = 0: from 0 to the upper end of the point before, or Clopper & Pearson's of none of as
     * many as there were events, whichever is less. */
    struct estimate survival;
};

struct survival_curve {
    struct survival_point *points; /* [count], time ascending; owned */
    size_t count;                  /* 0 when there was no event: S = 1 throughout */
};

MUST_CHECK enum status survival_kaplan_meier(const struct lifetime *lifetimes, size_t count, double level,
                                             struct survival_curve *out, struct error *err);
void survival_curve_finish(struct survival_curve *curve);

/* The first time at which S <= 1 - fraction, INFINITY when it never falls that far. The interval is [first time at
 * which the lower band is <= 1 - fraction, first at which the upper one is], open above when it never is. */
struct estimate survival_quantile(const struct survival_curve *curve, double fraction);

/* Whether looks `cadence` steps apart are too coarse for Kaplan-Meier: above 2 % of t_50. */
bool survival_wants_turnbull(double cadence, double time_50);

/* Turnbull, J. R. Statist. Soc. B 38, 290 (1976): the likeliest distribution of times known only in intervals. Mass
 * sits in `intervals` (low, high] (low == high: at a point); where within one, the data cannot say. high = INFINITY
 * holds what outlives the record. */
struct turnbull_mass {
    double low, high; /* steps */
    double mass;      /* sums to 1 */
};

struct turnbull_curve {
    struct turnbull_mass *masses; /* [count], ascending; owned; massless ones left out */
    size_t count;
    double log_likelihood;
};

/* By self-consistency (EM) until no interval could raise the likelihood by more than 1e-8 of a run. STATUS_LIMIT if not
 * reached in 1e6 iterations. */
MUST_CHECK enum status survival_turnbull(const struct lifetime *lifetimes, size_t count, struct turnbull_curve *out,
                                         struct error *err);
void turnbull_curve_finish(struct turnbull_curve *curve);

/* The interval of mass in which a fraction has transformed: the quantile lies somewhere in (low, high]. */
struct interval turnbull_quantile(const struct turnbull_curve *curve, double fraction);

/* Aalen & Johansen, Scand. J. Stat. 5, 141 (1978): the probability of having transformed by `cause` until t, when
 * other causes get there first. causes[i] < cause_count for events; ignored for censored runs. The sum over causes is
 * exactly 1 - Kaplan-Meier. Variance: Marubini & Valsecchi, Analysing Survival Data from Clinical Trials (1995),
 * chapter 10; intervals of log(-log F), and where F is 0 or 1 Clopper & Pearson's (Biometrika 26, 404 (1934)) of none
 * or all of the events so far: cautious where runs are censored, since F is then no share of a fixed number. */
struct incidence_point {
    double time; /* steps */
    size_t at_risk, events;
    struct estimate incidence; /* just after `time` */
};

struct incidence_curve {
    struct incidence_point *points; /* [count]: at each time with an event of any cause; owned */
    size_t count;
};

MUST_CHECK enum status survival_aalen_johansen(const struct lifetime *lifetimes, const size_t *causes, size_t count,
                                               size_t cause_count, size_t cause, double level,
                                               struct incidence_curve *out, struct error *err);
void incidence_curve_finish(struct incidence_curve *curve);

#endif
