/* plan.h - what a campaign will be worth before it has run: interval widths against replicas and steps, and when the
 * n-th event may be expected. The exponential law is assumed: planning needs one number, the mean waiting time. */
#ifndef VITRINE_SERVER_ANALYSIS_PLAN_H
#define VITRINE_SERVER_ANALYSIS_PLAN_H

#include "common/error.h"
#include "server/analysis/estimate.h"
#include <stddef.h>

struct plan_width {
    double events_expected;
    double no_event_probability; /* of ending with a bound only */
    /* Expected upper end / lower end of the interval of t_50, given at least one event: 2 = known within a factor of
     * sqrt 2 either way. */
    double width_ratio;
};

/* `runs` isotherms of `steps` each, mean waiting time `mean` (steps), two-sided `level`. 1 <= runs <= 1e5. */
MUST_CHECK enum status plan_expected_width(double mean, size_t runs, double steps, double level, struct plan_width *out,
                                           struct error *err);

/* Further steps (of every run, all going at once) until `wanted` more of `running` untransformed runs have transformed:
 * an order statistic of exponentials, exactly. `mean` (steps) with its interval: the result's interval takes the worse
 * end of it on either side, so it covers at least `level`. STATUS_INVALID when more are wanted than are running. */
MUST_CHECK enum status plan_steps_to_events(struct estimate mean, size_t running, size_t wanted, double level,
                                            struct estimate *out, struct error *err);

#endif
