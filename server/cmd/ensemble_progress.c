#include "server/cmd/ensemble_progress.h"

#include <math.h>

struct collector {
    const struct campaign *campaign;
    struct ensemble_progress *out;
};

static enum status add_replica(void *context, const struct replica_progress *row, struct error *err)
{
    const struct collector *collector = context;
    struct ensemble_progress *ensemble = &collector->out[row->ensemble.value];
    int64_t prepare = campaign_prepare_steps(collector->campaign, row->replica);
    (void)err;
    if (ensemble->replicas == 0 || row->step_last < ensemble->step_least)
        ensemble->step_least = row->step_last;
    ensemble->replicas++;
    ensemble->replicas_done += row->segments_done >= row->segments_total;
    ensemble->segments_done += row->segments_done;
    ensemble->segments_total += row->segments_total;
    ensemble->steps_done += row->segments_done > 0 ? prepare + row->step_last : 0;
    ensemble->steps_total += prepare + campaign_step_end(collector->campaign, row->replica);
    return STATUS_OK;
}

enum status ensemble_progress_read(struct store *store, struct campaign_id id, const struct campaign *campaign,
                                   struct ensemble_progress *out, struct error *err)
{
    struct collector collector = {campaign, out};
    for (uint32_t e = 0; e < campaign->ensemble_count; e++)
        out[e] = (struct ensemble_progress){0};
    return store_visit_progress(store, id, add_replica, &collector, err);
}

struct share {
    uint64_t attempts, accepted;
};

static enum status add_attempt(void *context, const struct exchange *row, struct error *err)
{
    struct share *share = context;
    (void)err;
    share->attempts++;
    share->accepted += row->accepted;
    return STATUS_OK;
}

enum status ensemble_recent_acceptance(struct store *store, struct campaign_id id, struct ensemble_id ensemble,
                                       int64_t round_last, int64_t rounds, double *out_share, struct error *err)
{
    struct share share = {0};
    enum status status =
        store_visit_exchanges(store, id, ensemble, round_last - rounds, round_last, add_attempt, &share, err);
    if (status == STATUS_OK)
        *out_share = share.attempts > 0 ? (double)share.accepted / (double)share.attempts : (double)NAN;
    return status;
}
