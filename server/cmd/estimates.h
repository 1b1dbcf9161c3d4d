/* estimates.h - means over production with error bars that know autocorrelation (timeseries.h), for one rung of one
 * ensemble. In a ladder the series is that of the rung, whichever replicas were there. Elsewhere each replica is a
 * series of its own, and they are combined. */
#ifndef VITRINE_SERVER_CMD_ESTIMATES_H
#define VITRINE_SERVER_CMD_ESTIMATES_H

#include "server/analysis/timeseries.h"
#include "server/cmd/sample_cache.h"

/* Of a rung, within the filter of `selected`. count = 0 when there are no samples. */
enum status estimate_rung(struct sample_cache *samples, const struct selected *selected, struct rung_id rung,
                          enum quantity_id quantity, struct timeseries_mean *out_mean, struct error *err) MUST_CHECK;

/* Of every pair of neighbours of a ladder: the acceptance as a mean of zeros and ones, in order of rounds within the
 * filter's steps. out_means has rung_count - 1 entries, from the coldest pair on. */
enum status estimate_acceptance(struct store *store, const struct selected *selected, struct timeseries_mean *out_means,
                                struct error *err) MUST_CHECK;

/* Of the identity exchanges of a hybrid at one rung: accepted over tried, each replica a series of its segments. */
struct identity_acceptance {
    uint64_t attempts, accepted;
    struct timeseries_mean mean; /* count = segments */
};
enum status estimate_identity(struct store *store, const struct selected *selected, struct rung_id rung,
                              struct identity_acceptance *out, struct error *err) MUST_CHECK;

/* The error bar, NaN when it is not known. */
double estimate_error(const struct timeseries_mean *mean);

#endif
