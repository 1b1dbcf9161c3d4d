/* fuzz_campaign.c - throws bytes at the reader of campaign files. What is accepted must have a timeline, a cost and be
 * an extension of itself. */
#include "common/campaign.h"
#include "common/campaign_cost.h"
#include "common/invariant.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_replica(const struct campaign *campaign, struct replica_id replica)
{
    struct segment_spec last, first;
    struct rung_id rung = campaign->replicas[replica.value].rung_first;
    int64_t segments = campaign_prepare_segments(campaign, replica);
    INVARIANT(segments >= 1);
    campaign_segment_spec(campaign, replica, (struct segment_id){-segments}, rung, rung, &first);
    INVARIANT(first.stage == STAGE_BUILD && first.step_first == -campaign_prepare_steps(campaign, replica));
    campaign_segment_spec(campaign, replica, (struct segment_id){-1}, rung, rung, &last);
    INVARIANT(last.step_first + last.steps == 0);
}

static void check_campaign(const char *text, size_t size, FILE *nowhere, const struct campaign *campaign)
{
    for (uint32_t i = 0; i < campaign->replica_count; i++)
        check_replica(campaign, (struct replica_id){i});
    INVARIANT(isfinite(campaign_cost(campaign, campaign_speed_of(1e4), 2).bytes_total));
    struct campaign again;
    INVARIANT(campaign_load_text("fuzz", text, size, nowhere, &again, NULL) == STATUS_OK);
    INVARIANT(campaign_extend(campaign, &again, NULL) == STATUS_OK);
    campaign_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct campaign campaign;
    nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
    INVARIANT(nowhere);
    if (campaign_load_text("fuzz", (const char *)data, size, nowhere, &campaign, NULL) == STATUS_OK) {
        check_campaign((const char *)data, size, nowhere, &campaign);
        campaign_finish(&campaign);
    }
    return 0;
}
