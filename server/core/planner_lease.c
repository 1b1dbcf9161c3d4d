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

static uint32_t *place_of(struct planner *planner, const struct lease *lease)
{
    struct replica *replica = &planner->replicas[lease->replica];
    if (lease->kind == LEASE_AUDIT)
        return &planner->audits[lease->audit].lease;
    return lease->kind == LEASE_PRIMARY ? &replica->lease : &replica->hedge;
}

static uint32_t create(struct planner *planner, enum lease_kind kind, uint32_t session, uint32_t replica,
                       uint32_t audit)
{
    uint32_t index = planner->leases_free.first;
    INVARIANT(index != INDEX_NONE);
    list_remove(&planner->leases_free, planner->lease_links, index);
    planner->leases[index] = (struct lease){
        .used = true,
        .kind = kind,
        .token = next_token(planner, replica),
        .session = session,
        .replica = replica,
        .audit = audit,
        .moved = planner->awake,
    };
    keymap_put(&planner->lease_of_token, planner->leases[index].token.value, index);
    uint32_t *place = place_of(planner, &planner->leases[index]);
    INVARIANT(*place == INDEX_NONE);
    *place = index;
    if (kind == LEASE_PRIMARY)
        planner_set_state(planner, replica, REPLICA_LEASED);
    if (planner->sessions[session].leases.count == 0)
        planner->sessions[session].moved = planner->awake;
    list_append(&planner->sessions[session].leases, planner->lease_of_session, index);
    lease_renew(planner, index);
    session_update_hunger(planner, session);
    return index;
}

uint32_t lease_create(struct planner *planner, enum lease_kind kind, uint32_t session, uint32_t replica)
{
    return create(planner, kind, session, replica, INDEX_NONE);
}

uint32_t lease_create_audit(struct planner *planner, uint32_t session, uint32_t audit)
{
    list_remove(&planner->audits_waiting, planner->audit_links, audit);
    return create(planner, LEASE_AUDIT, session, planner->audits[audit].replica, audit);
}

/* After its lease is gone. */
static void settle_replica(struct planner *planner, uint32_t index)
{
    struct replica *replica = &planner->replicas[index];
    if (replica->lease == INDEX_NONE && replica->hedge != INDEX_NONE) {
        replica->lease = replica->hedge;
        replica->hedge = INDEX_NONE;
        planner->leases[replica->lease].kind = LEASE_PRIMARY;
    }
    if (replica->lease == INDEX_NONE && replica->state == REPLICA_LEASED)
        planner_set_state(planner, index, REPLICA_READY);
}

void lease_release(struct planner *planner, uint32_t index)
{
    struct lease *lease = &planner->leases[index];
    INVARIANT(lease->used);
    list_remove(&planner->leases_due, planner->lease_links, index);
    list_remove(&planner->sessions[lease->session].leases, planner->lease_of_session, index);
    session_update_hunger(planner, lease->session);
    *place_of(planner, lease) = INDEX_NONE;
    keymap_remove(&planner->lease_of_token, index);
    lease->used = false;
    list_append(&planner->leases_free, planner->lease_links, index);
    if (lease->kind == LEASE_AUDIT)
        list_append(&planner->audits_waiting, planner->audit_links, lease->audit);
    else
        settle_replica(planner, lease->replica);
}

void lease_release_all(struct planner *planner, uint32_t replica)
{
    while (planner->replicas[replica].lease != INDEX_NONE)
        lease_release(planner, planner->replicas[replica].lease);
}

void lease_progress(struct planner *planner, uint32_t index, int64_t step)
{
    struct lease *lease = &planner->leases[index];
    if (step > lease->step) {
        lease->step = step;
        lease->moved = planner->awake;
        session_note_moved(planner, lease->session);
    }
}

uint32_t lease_find(const struct planner *planner, uint32_t session, struct lease_token token)
{
    uint32_t lease = keymap_find(&planner->lease_of_token, token.value);
    while (lease != INDEX_NONE && planner->leases[lease].session != session)
        lease = keymap_find_next(&planner->lease_of_token, lease);
    return lease;
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
