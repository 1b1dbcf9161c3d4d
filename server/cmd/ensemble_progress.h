/* ensemble_progress.h - how far each ensemble of a campaign is, from the rows of its replicas. */
#ifndef VITRINE_SERVER_CMD_ENSEMBLE_PROGRESS_H
#define VITRINE_SERVER_CMD_ENSEMBLE_PROGRESS_H

#include "common/campaign.h"
#include "server/store/store_query.h"

struct ensemble_progress {
    uint32_t replicas, replicas_done;
    uint64_t segments_done, segments_total;
    int64_t steps_done, steps_total; /* MD steps of its replicas, preparation included */
    int64_t step_least;              /* that every replica has reached; < 0: still in preparation */
};

/* One for each ensemble of the campaign, into out[campaign->ensemble_count]. */
enum status ensemble_progress_read(struct store *store, struct campaign_id id, const struct campaign *campaign,
                                   struct ensemble_progress *out, struct error *err) MUST_CHECK;

/* Share of accepted exchanges of an ensemble over its last `rounds` rounds; NaN when there were none. */
enum status ensemble_recent_acceptance(struct store *store, struct campaign_id id, struct ensemble_id ensemble,
                                       int64_t round_last, int64_t rounds, double *out_share,
                                       struct error *err) MUST_CHECK;

#endif
