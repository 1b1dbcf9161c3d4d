/* Who may run what until when. All leases last equally long, so the list in the order of their last renewal is also the
 * order of their deadlines. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

static struct lease_token next_token(struct planner *planner, uint32_t replica)
{
    if (PLANTED(TOKEN_REUSED))
        return (struct lease_token){(uint64_t)planner->config.epoch << 32 | (replica + 1)};
    INVARIANT(planner->token_counter < UINT32_MAX);
    uint64_t epoch = PLANTED(EPOCH_IGNORED) ? 1 : planner->config.epoch;
    return (struct lease_token){epoch << 32 | ++planner->token_counter};
}

void lease_renew(struct planner *planner, uint32_t lease)
{
    planner->leases[lease].deadline = planner->awake + (int64_t)planner->config.lease_ms * 1000000;
    list_remove(&planner->leases_due, planner->lease_links, lease);
    list_append(&planner->leases_due, planner->lease_links, lease);
}

uint32_t lease_create(struct planner *planner, uint32_t session, uint32_t replica)
{
    uint32_t index = planner->leases_free.first;
    INVARIANT(index != INDEX_NONE && planner->replicas[replica].lease == INDEX_NONE);
    list_remove(&planner->leases_free, planner->lease_links, index);
    planner->leases[index] = (struct lease){
        .used = true,
        .token = next_token(planner, replica),
        .session = session,
        .replica = replica,
    };
    planner->replicas[replica].lease = index;
    planner_set_state(planner, replica, REPLICA_LEASED);
    list_append(&planner->sessions[session].leases, planner->lease_of_session, index);
    lease_renew(planner, index);
    session_update_hunger(planner, session);
    return index;
}

void lease_release(struct planner *planner, uint32_t index)
{
    struct lease *lease = &planner->leases[index];
    INVARIANT(lease->used);
    list_remove(&planner->leases_due, planner->lease_links, index);
    list_remove(&planner->sessions[lease->session].leases, planner->lease_of_session, index);
    session_update_hunger(planner, lease->session);
    struct replica *replica = &planner->replicas[lease->replica];
    replica->lease = INDEX_NONE;
    if (replica->state == REPLICA_LEASED)
        planner_set_state(planner, lease->replica, REPLICA_READY);
    lease->used = false;
    list_append(&planner->leases_free, planner->lease_links, index);
}

uint32_t lease_find(const struct planner *planner, uint32_t session, struct lease_token token)
{
    for (uint32_t i = planner->sessions[session].leases.first; i != INDEX_NONE; i = planner->lease_of_session[i].next)
        if (planner->leases[i].token.value == token.value)
            return i;
    return INDEX_NONE;
}

void lease_expire(struct planner *planner)
{
    while (planner->leases_due.first != INDEX_NONE) {
        uint32_t lease = planner->leases_due.first;
        if (planner->leases[lease].deadline > planner->awake || PLANTED(EXPIRY_IGNORED))
            return;
        lease_release(planner, lease);
    }
}
