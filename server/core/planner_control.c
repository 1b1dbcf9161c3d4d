/* What people ask for: a campaign that pauses, goes on or ends, trust that is given back. Never changes what is
 * computed, only whether and when. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

#include <string.h>

bool planner_is_running(const struct planner *planner, uint32_t campaign)
{
    return planner->campaigns[campaign].standing == CAMPAIGN_RUNNING || PLANTED(PAUSE_IGNORED);
}

void planner_load_standing(struct planner *planner, struct campaign_id campaign, enum campaign_standing standing)
{
    INVARIANT(campaign.value >= 1 && campaign.value <= planner->campaign_count);
    planner->campaigns[campaign.value - 1].standing = standing;
}

/* Workers learn at their next RENEW that it is of no use any more; what they bring all the same is stored. */
static void end_leases(struct planner *planner, uint32_t campaign)
{
    for (uint32_t i = 0; i < planner->config.leases_max; i++)
        if (planner->leases[i].used && !PLANTED(CANCEL_KEEPS_LEASES) &&
            planner->replicas[planner->leases[i].replica].campaign == campaign)
            lease_release(planner, i);
}

/* Those that could run are sorted anew into READY and PAUSED. */
static void sort_replicas(struct planner *planner, uint32_t campaign)
{
    const struct campaign_state *state = &planner->campaigns[campaign];
    for (uint32_t r = 0; r < state->campaign->replica_count; r++) {
        const uint32_t index = state->replica_first + r;
        const enum replica_state was = planner->replicas[index].state;
        if (was == REPLICA_READY || was == REPLICA_PAUSED)
            planner_set_state(planner, index, REPLICA_READY);
    }
}

/* A paused campaign finishes what runs; a cancelled one does not. Either can go on. */
void handle_standing(struct planner *planner, struct campaign_id campaign, enum campaign_standing standing)
{
    planner_load_standing(planner, campaign, standing);
    if (standing == CAMPAIGN_CANCELLED)
        end_leases(planner, campaign.value - 1);
    sort_replicas(planner, campaign.value - 1);
}

/* The host and all its workers. */
void handle_trusted(struct planner *planner, const char *host)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < planner->untrusted_count; i++)
        if (strcmp(planner->untrusted[i].host, host) != 0 || PLANTED(TRUST_IGNORED))
            planner->untrusted[kept++] = planner->untrusted[i];
    planner->untrusted_count = kept;
}

uint32_t planner_count_places(const struct planner *planner)
{
    return planner->config.sessions_max;
}

bool planner_get_worker(const struct planner *planner, uint32_t index, struct planner_worker *out_worker)
{
    INVARIANT(index < planner->config.sessions_max);
    const struct session *session = &planner->sessions[index];
    if (!session->used)
        return false;
    *out_worker = (struct planner_worker){
        .hello = &session->hello,
        .leases = session->leases.count,
        .silent_ms = (planner->awake - session->heard) / 1000000,
        .is_connected = session->peer.value != 0,
    };
    return true;
}
