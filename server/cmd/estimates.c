#include "server/cmd/estimates.h"

#include "common/mem.h"
#include <math.h>

double estimate_error(const struct timeseries_mean *mean)
{
    return mean->known ? mean->standard_error : (double)NAN;
}

static enum status average_series(struct sample_cache *samples, const struct selected *selected,
                                  struct sample_place place, enum quantity_id quantity,
                                  struct timeseries_mean *out_mean, struct error *err)
{
    struct sample_series series;
    enum status status = sample_cache_series(samples, selected, place, quantity, &series, err);
    return status == STATUS_OK ? timeseries_average(series.values, series.count, out_mean, err) : status;
}

/* No ladder: one series a replica. */
static enum status average_replicas(struct sample_cache *samples, const struct selected *selected, struct rung_id rung,
                                    enum quantity_id quantity, struct timeseries_mean *means, size_t *out_count,
                                    struct error *err)
{
    enum status status = STATUS_OK;
    *out_count = 0;
    for (uint32_t r = 0; status == STATUS_OK && r < selected->campaign->replica_count; r++) {
        if (!selected_has_replica(selected, (struct replica_id){r}) ||
            selected->campaign->replicas[r].rung_first.value != rung.value)
            continue;
        status =
            average_series(samples, selected, (struct sample_place){rung.value, r}, quantity, &means[*out_count], err);
        *out_count += means[*out_count].count > 0;
    }
    return status;
}

static enum status estimate_replicas(struct sample_cache *samples, const struct selected *selected, struct rung_id rung,
                                     enum quantity_id quantity, struct timeseries_mean *out_mean, struct error *err)
{
    size_t count;
    struct timeseries_mean *means = mem_alloc_array(selected->campaign->replica_count + 1, sizeof *means);
    if (means == NULL)
        return mem_error(err, "the means of replicas");
    enum status status = average_replicas(samples, selected, rung, quantity, means, &count, err);
    if (status == STATUS_OK)
        *out_mean = timeseries_combine(means, count);
    mem_free(means);
    return status;
}

enum status estimate_rung(struct sample_cache *samples, const struct selected *selected, struct rung_id rung,
                          enum quantity_id quantity, struct timeseries_mean *out_mean, struct error *err)
{
    *out_mean = (struct timeseries_mean){0};
    if (selected->spec->mode != MODE_TEMPERING)
        return estimate_replicas(samples, selected, rung, quantity, out_mean, err);
    const struct sample_place place = {rung.value, selected->filter.replica};
    return average_series(samples, selected, place, quantity, out_mean, err);
}

/* --- Exchange of identities --------------------------------------------------------------------------------------- */

/* Shares of the segments of one replica after another; the series of one is averaged when the next begins. */
struct shares {
    struct identity_acceptance *sum;
    double *values; /* [room] of the replica at hand */
    size_t count, room;
    struct timeseries_mean *means; /* [replicas] */
    size_t means_count;
    int64_t replica; /* at hand; -1 before the first */
};

static enum status end_replica(struct shares *shares, struct error *err)
{
    if (shares->count == 0)
        return STATUS_OK;
    enum status status = timeseries_average(shares->values, shares->count, &shares->means[shares->means_count++], err);
    shares->count = 0;
    return status;
}

static enum status add_share(void *context, const struct identity_row *row, struct error *err)
{
    struct shares *shares = context;
    enum status status = STATUS_OK;
    if (row->replica.value != shares->replica)
        status = end_replica(shares, err);
    if (status != STATUS_OK)
        return status;
    if (shares->count == shares->room)
        return error_set(err, STATUS_CORRUPT, "replica %u has more segments than the campaign", row->replica.value);
    shares->replica = row->replica.value;
    shares->values[shares->count++] = (double)row->counts.accepted / (double)row->counts.attempts;
    shares->sum->attempts += row->counts.attempts;
    shares->sum->accepted += row->counts.accepted;
    return STATUS_OK;
}

enum status estimate_identity(struct store *store, const struct selected *selected, struct rung_id rung,
                              struct identity_acceptance *out, struct error *err)
{
    struct store_filter filter = selected->filter;
    *out = (struct identity_acceptance){0};
    struct shares shares = {
        .sum = out, .room = (size_t)(selected->spec->steps / selected->spec->segment_steps), .replica = -1};
    shares.values = mem_alloc_array(shares.room, sizeof *shares.values);
    shares.means = mem_alloc_array(selected->campaign->replica_count, sizeof *shares.means);
    filter.rung = rung.value;
    enum status status = shares.values && shares.means ? STATUS_OK : mem_error(err, "the acceptance of a hybrid");
    if (status == STATUS_OK)
        status = store_visit_identities(store, &filter, add_share, &shares, err);
    if (status == STATUS_OK)
        status = end_replica(&shares, err);
    if (status == STATUS_OK)
        out->mean = timeseries_combine(shares.means, shares.means_count);
    mem_free(shares.values);
    mem_free(shares.means);
    return status;
}

/* --- Acceptance --------------------------------------------------------------------------------------------------- */

/* Zeros and ones of every pair, in order of rounds. */
struct outcomes {
    size_t *counts;  /* [pairs] */
    double **values; /* [pairs][rounds] */
    size_t room;     /* of each */
};

static enum status add_outcome(void *context, const struct exchange *row, struct error *err)
{
    struct outcomes *outcomes = context;
    uint32_t pair = row->rung_cold.value;
    if (outcomes->counts[pair] >= outcomes->room)
        return error_set(err, STATUS_CORRUPT, "pair %u has more exchanges than there are rounds", pair);
    outcomes->values[pair][outcomes->counts[pair]++] = row->accepted ? 1.0 : 0.0;
    return STATUS_OK;
}

static void outcomes_finish(struct outcomes *outcomes, uint32_t pairs)
{
    for (uint32_t p = 0; outcomes->values != NULL && p < pairs; p++)
        mem_free(outcomes->values[p]);
    mem_free(outcomes->values);
    mem_free(outcomes->counts);
}

/* A pair tries every second round. */
static enum status outcomes_init(struct outcomes *outcomes, const struct ensemble_spec *spec, struct error *err)
{
    uint32_t pairs = spec->rung_count - 1;
    *outcomes = (struct outcomes){.room = (size_t)(spec->steps / spec->segment_steps) / 2 + 1};
    outcomes->counts = mem_alloc_array(pairs, sizeof *outcomes->counts);
    outcomes->values = mem_alloc_array(pairs, sizeof *outcomes->values);
    bool failed = outcomes->counts == NULL || outcomes->values == NULL;
    for (uint32_t p = 0; !failed && p < pairs; p++)
        failed = (outcomes->values[p] = mem_alloc_array(outcomes->room, sizeof **outcomes->values)) == NULL;
    if (!failed)
        return STATUS_OK;
    outcomes_finish(outcomes, pairs);
    return mem_error(err, "the outcomes of exchanges");
}

/* Round n ends at step (n + 1) segment_steps. The first one that ends at `step` or later. */
static int64_t first_round(const struct ensemble_spec *spec, int64_t step)
{
    return step > 0 ? (step - 1) / spec->segment_steps : 0;
}

/* The last one that ends at `step` or before; -1 when there is none. */
static int64_t last_round(const struct ensemble_spec *spec, int64_t step)
{
    return step > 0 ? step / spec->segment_steps - 1 : -1;
}

enum status estimate_acceptance(struct store *store, const struct selected *selected, struct timeseries_mean *out_means,
                                struct error *err)
{
    struct outcomes outcomes;
    const struct ensemble_spec *spec = selected->spec;
    enum status status = outcomes_init(&outcomes, spec, err);
    if (status != STATUS_OK)
        return status;
    status =
        store_visit_exchanges(store, selected->id, selected->ensemble, first_round(spec, selected->filter.step_first),
                              last_round(spec, selected->filter.step_last), add_outcome, &outcomes, err);
    for (uint32_t p = 0; status == STATUS_OK && p + 1 < spec->rung_count; p++)
        status = timeseries_average(outcomes.values[p], outcomes.counts[p], &out_means[p], err);
    outcomes_finish(&outcomes, spec->rung_count - 1);
    return status;
}
