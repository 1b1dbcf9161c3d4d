/* estimates.h - means over production with error bars that know autocorrelation, for one rung of one ensemble.
 *
 * In a ladder the series is that of the rung, whichever replicas were there. On isotherms each replica is a series of
 * its own, and they are pooled:
 *
 *     mean = sum n_r mean_r / n,    error^2 = max(sum (n_r error_r)^2 / n^2, s^2 / R)
 *
 * with s^2 the variance of the R replicas' means: replicas of a glass that do not forget their start differ by more
 * than the fluctuations within each tell, and then that is the error. */
#ifndef VITRINE_SERVER_CMD_ESTIMATES_H
#define VITRINE_SERVER_CMD_ESTIMATES_H

#include "server/cmd/reading.h"

struct estimate {
    uint64_t samples;
    double mean, error; /* in the quantity's unit; error is NaN when there are too few samples to tell */
    double effective;   /* independent samples that are worth as much; NaN likewise */
};

/* Of a rung, within the filter of `selected`. samples = 0 and NaN when there are none. */
enum status estimate_rung(struct store *store, const struct selected *selected, struct rung_id rung,
                          enum quantity_id quantity, struct estimate *out_estimate, struct error *err) MUST_CHECK;

#endif
