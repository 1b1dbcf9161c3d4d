/* plan.h - what a campaign will be worth before it has run: interval widths against replicas and steps, and when the
 * n-th event may be expected. The exponential law is assumed: planning needs one number, the mean waiting time. */
#ifndef VITRINE_SERVER_ANALYSIS_PLAN_H
#define VITRINE_SERVER_ANALYSIS_PLAN_H

#include "common/error.h"
#include "server/analysis/estimate.h"
#include <stddef.h>
#include <stdint.h>

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

/* What the workers have before them, in steps. */
struct plan_load {
    uint32_t workers;   /* > 0 */
    size_t runs;        /* of the ensemble, which go on together when its end is put off */
    double left;        /* of each of them until that end; >= 0 */
    double left_of_all; /* of all replicas of the campaign until their ends, preparation included; >= 0 */
};

/* Steps that one worker does while each run of the ensemble does `steps` >= 0 more, times the time of a step the wait
 * for them. All replicas of the campaign come to their ends together, as they do where the least advanced goes first,
 * and beyond these only the runs of the ensemble go on. More workers than runs are of no use: a run goes on one at a
 * time.
 */
double plan_steps_of_worker(const struct plan_load *load, double steps);

#endif
