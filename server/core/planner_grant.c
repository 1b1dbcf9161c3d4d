/* What runs next: the least advanced replica first, since it is the one that others wait for; a worker may stay with a
 * replica whose snapshot it holds while that is hardly further. Never changes what is computed, only when and where. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

#include <string.h>

enum {
    AVOIDED_MAX = 16,     /* replicas that must avoid a worker's host and are looked past for it */
    PASSED_OVER_MAX = 64, /* hungry workers that are found to suit nothing in one step; the others' turn comes later */
};

static bool another_host_works(const struct planner *planner, const char *host)
{
    return planner->able_count > host_count_able(planner, host);
}

/* After a failure the segment runs once more on another host, when there is one. */
static bool must_avoid(const struct planner *planner, const struct replica *replica, const struct session *session)
{
    return replica->failed_host[0] && strcmp(replica->failed_host, session->hello.host) == 0 &&
           another_host_works(planner, replica->failed_host);
}

static uint32_t pick_least_advanced(struct planner *planner, const struct session *session)
{
    uint32_t avoided[AVOIDED_MAX], avoided_count = 0, found = INDEX_NONE;
    double avoided_key[AVOIDED_MAX];
    while (planner->ready.count && avoided_count < AVOIDED_MAX) {
        uint32_t top = planner->ready.heap[0];
        if (!must_avoid(planner, &planner->replicas[top], session)) {
            found = top;
            break;
        }
        avoided_key[avoided_count] = planner->ready.key[top];
        avoided[avoided_count++] = top;
        ready_remove(&planner->ready, top);
    }
    for (uint32_t i = 0; i < avoided_count; i++)
        ready_push(&planner->ready, avoided[i], avoided_key[i]);
    return found;
}

static uint32_t pick_own(const struct planner *planner, const struct session *session)
{
    uint32_t best = INDEX_NONE;
    for (uint32_t i = session->snapshots.first; i != INDEX_NONE; i = planner->replica_of_holder[i].next)
        if (ready_contains(&planner->ready, i) && !must_avoid(planner, &planner->replicas[i], session) &&
            (best == INDEX_NONE || planner->ready.key[i] < planner->ready.key[best]))
            best = i;
    return best;
}

static bool is_hardly_further(const struct planner *planner, uint32_t own, uint32_t least)
{
    const struct replica *replica = &planner->replicas[own];
    double slack =
        planner->config.affinity_segments / (double)(replica->segment_end.value - replica->segment_first.value);
    return planner->ready.key[own] <= planner->ready.key[least] + slack;
}

static uint32_t pick_replica(struct planner *planner, const struct session *session)
{
    uint32_t least = pick_least_advanced(planner, session);
    if (least == INDEX_NONE)
        return INDEX_NONE;
    uint32_t own = pick_own(planner, session);
    return own != INDEX_NONE && is_hardly_further(planner, own, least) ? own : least;
}

/* Without the work order. */
static struct planner_action *send_grant(struct planner *planner, uint32_t lease_index, struct planner_actions *out)
{
    const struct lease *lease = &planner->leases[lease_index];
    struct planner_action *action = planner_add(out, ACTION_SEND);
    action->send.peer = planner->sessions[lease->session].peer;
    action->send.message = (struct wire_message){
        .type = WIRE_GRANT,
        .grant =
            {
                .campaign = planner_campaign_of(planner, &planner->replicas[lease->replica])->id,
                .lineage = planner->config.lineage,
                .token = lease->token,
                .lease_ms = planner->config.lease_ms,
            },
    };
    return action;
}

static void grant(struct planner *planner, enum lease_kind kind, uint32_t session_index, uint32_t replica_index,
                  struct planner_actions *out)
{
    const struct replica *replica = &planner->replicas[replica_index];
    const uint32_t lease = lease_create(planner, kind, session_index, replica_index);
    struct planner_action *action = send_grant(planner, lease, out);
    action->send.with_snapshot = replica->has_snapshot && replica->holder != session_index;
    action->send.message.grant.input = replica->input;
    planner_next_spec(planner, replica, &action->send.message.grant.spec);
    if (replica->has_snapshot)
        action->send.message.grant.snapshot = replica->snapshot;
}

static void grant_audit(struct planner *planner, uint32_t session_index, uint32_t audit_index,
                        struct planner_actions *out)
{
    const struct audit *audit = &planner->audits[audit_index];
    const uint32_t lease = lease_create_audit(planner, session_index, audit_index);
    struct planner_action *action = send_grant(planner, lease, out);
    action->send.with_snapshot = audit->has_snapshot;
    action->send.message.grant.input = audit->input;
    audit_spec(planner, audit, &action->send.message.grant.spec);
    if (audit->has_snapshot)
        action->send.message.grant.snapshot = audit->snapshot;
}

/* An audit first, since replicas wait for it; false when there is nothing for this worker. */
static bool serve(struct planner *planner, uint32_t session, struct planner_actions *out)
{
    const uint32_t audit = audit_pick(planner, session);
    if (audit != INDEX_NONE) {
        grant_audit(planner, session, audit, out);
        return true;
    }
    const uint32_t replica = pick_replica(planner, &planner->sessions[session]);
    if (replica == INDEX_NONE)
        return false;
    grant(planner, LEASE_PRIMARY, session, replica, out);
    return true;
}

static void serve_last(struct planner *planner, uint32_t session)
{
    list_remove(&planner->sessions_hungry, planner->session_hungry_links, session);
    list_append(&planner->sessions_hungry, planner->session_hungry_links, session);
}

/* Hungry workers are served in turn, one segment each, so that a scarce few are spread over many. */
void grant_leases(struct planner *planner, struct planner_actions *out)
{
    if (planner->draining || planner->storage != STORAGE_GOOD)
        return;
    uint32_t passed_over = 0;
    while (planner->ready.count + planner->audits_waiting.count > 0 && passed_over < planner->sessions_hungry.count &&
           passed_over < PASSED_OVER_MAX && planner->leases_free.first != INDEX_NONE) {
        if (!planner_has_room(out)) {
            out->more = true;
            return;
        }
        const uint32_t session = planner->sessions_hungry.first;
        serve_last(planner, session);
        passed_over = serve(planner, session, out) ? 0 : passed_over + 1;
    }
}

static bool is_stalled(const struct planner *planner, const struct lease *lease)
{
    return lease->used &&
           ((planner->awake - lease->moved) / 1000000 >= planner->config.hedge_ms ||
            planner->sessions[lease->session].stuck_until != 0) &&
           !PLANTED(STALL_WATCHED);
}

static bool may_hedge(const struct planner *planner, const struct lease *lease)
{
    const struct replica *replica = &planner->replicas[lease->replica];
    return lease->kind == LEASE_PRIMARY && replica->state == REPLICA_LEASED && replica->hedge == INDEX_NONE &&
           !audit_blocks(planner, lease->replica) && planner_is_running(planner, replica->campaign);
}

static uint32_t pick_other(const struct planner *planner, uint32_t session)
{
    uint32_t other = planner->sessions_hungry.first;
    while (other != INDEX_NONE && other == session && !PLANTED(HEDGE_WITH_ITSELF))
        other = planner->session_hungry_links[other].next;
    return other;
}

/* A worker none of whose leases moves is given nothing more, or each of them would wait for its hedge; an audit, which
 * needs no hedge, is given to another, and would come back to it again and again. */
void grant_watch_stalls(struct planner *planner)
{
    if (planner->config.hedge_ms == 0)
        return;
    for (uint32_t i = 0; i < planner->config.leases_max; i++) {
        const struct lease *lease = &planner->leases[i];
        if (!lease->used)
            continue;
        session_watch_moves(planner, lease->session);
        if (lease->kind == LEASE_AUDIT && is_stalled(planner, lease))
            lease_release(planner, i);
    }
}

/* For what is left of hungry workers: leases that do not move though their workers live. That also takes over what
 * queues for long behind something slow. */
void grant_hedges(struct planner *planner, struct planner_actions *out)
{
    if (planner->config.hedge_ms == 0 || planner->draining || planner->storage != STORAGE_GOOD)
        return;
    for (uint32_t i = 0; i < planner->config.leases_max && planner->sessions_hungry.count > 0; i++) {
        if (!is_stalled(planner, &planner->leases[i]) || !may_hedge(planner, &planner->leases[i]))
            continue;
        uint32_t other = pick_other(planner, planner->leases[i].session);
        if (other == INDEX_NONE || planner->leases_free.first == INDEX_NONE || !planner_has_room(out))
            continue;
        serve_last(planner, other);
        grant(planner, LEASE_HEDGE, other, planner->leases[i].replica, out);
    }
}
