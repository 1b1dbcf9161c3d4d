/* What must hold between steps, whatever came in. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

#include <string.h>

static void check_ladders(const struct planner *planner)
{
    for (uint32_t i = 0; i < planner->replica_count; i++) {
        const struct replica *replica = &planner->replicas[i];
        const struct campaign_state *campaign = &planner->campaigns[replica->campaign];
        const struct ensemble_spec *ensemble = planner_ensemble_of(planner, replica);
        INVARIANT(replica->rung.value < ensemble->rung_count);
        if (ensemble->mode == MODE_TEMPERING)
            INVARIANT(planner->occupants[campaign->rung_first[replica->ensemble.value] + replica->rung.value] == i);
    }
}

static void check_lease_of(const struct planner *planner, uint32_t replica, uint32_t index, enum lease_kind kind)
{
    const struct lease *lease = &planner->leases[index];
    INVARIANT(lease->used && lease->replica == replica && lease->kind == kind);
}

static void check_replicas(const struct planner *planner)
{
    uint32_t ready = 0;
    for (uint32_t i = 0; i < planner->replica_count; i++) {
        const struct replica *replica = &planner->replicas[i];
        INVARIANT(ready_contains(&planner->ready, i) == (replica->state == REPLICA_READY));
        ready += replica->state == REPLICA_READY;
        if (replica->lease != INDEX_NONE) {
            INVARIANT(replica->state == REPLICA_LEASED || replica->state == REPLICA_STORING);
            check_lease_of(planner, i, replica->lease, LEASE_PRIMARY);
        }
        if (replica->hedge != INDEX_NONE)
            check_lease_of(planner, i, replica->hedge, LEASE_HEDGE);
        INVARIANT(replica->hedge == INDEX_NONE || replica->lease != INDEX_NONE);
        INVARIANT(replica->state != REPLICA_LEASED || replica->lease != INDEX_NONE);
        INVARIANT(replica->failures_physics < PLANNER_FAILURES_PHYSICS ||
                  (replica->state != REPLICA_READY && replica->state != REPLICA_LEASED));
        INVARIANT((replica->state == REPLICA_DONE) == (replica->next.value == replica->segment_end.value) ||
                  replica->state == REPLICA_WAITING || replica->state == REPLICA_EXCHANGING);
    }
    INVARIANT(ready == planner->ready.count);
}

static void check_leases(const struct planner *planner)
{
    uint32_t used = 0, listed = 0;
    int64_t deadline = INT64_MIN;
    for (uint32_t i = 0; i < planner->config.leases_max; i++) {
        const struct lease *lease = &planner->leases[i];
        used += lease->used;
        if (!lease->used)
            continue;
        const struct replica *replica = &planner->replicas[lease->replica];
        INVARIANT(i == (lease->kind == LEASE_AUDIT     ? planner->audits[lease->audit].lease
                        : lease->kind == LEASE_PRIMARY ? replica->lease
                                                       : replica->hedge));
    }
    for (uint32_t i = planner->leases_due.first; i != INDEX_NONE; i = planner->lease_links[i].next) {
        INVARIANT(planner->leases[i].used && planner->leases[i].deadline >= deadline);
        deadline = planner->leases[i].deadline;
        listed++;
    }
    INVARIANT(used == listed && used == planner->leases_due.count);
    INVARIANT(used + planner->leases_free.count == planner->config.leases_max);
}

static void check_audits(const struct planner *planner)
{
    uint32_t used = 0, waiting = 0, open = 0;
    for (uint32_t i = 0; i < planner->config.audits_max; i++) {
        const struct audit *audit = &planner->audits[i];
        if (!audit->used)
            continue;
        used++;
        waiting += audit->lease == INDEX_NONE;
        INVARIANT(audit->vote_count >= 1 && audit->segment.value < planner->replicas[audit->replica].next.value);
        if (audit->lease != INDEX_NONE)
            INVARIANT(planner->leases[audit->lease].used && planner->leases[audit->lease].audit == i);
    }
    for (uint32_t i = 0; i < planner->replica_count; i++)
        INVARIANT((planner->replicas[i].state == REPLICA_BLOCKED) <= audit_blocks(planner, i));
    for (uint32_t i = 0; i < planner->replica_count; i++)
        INVARIANT(planner->replicas[i].state !=
                  (planner_is_running(planner, planner->replicas[i].campaign) ? REPLICA_PAUSED : REPLICA_READY));
    for (uint32_t c = 0; c < planner->campaign_count; c++)
        open += planner->campaigns[c].audits_open;
    INVARIANT(used == open && waiting == planner->audits_waiting.count);
    INVARIANT(used + planner->audits_free.count == planner->config.audits_max);
}

static void check_sessions(const struct planner *planner)
{
    uint32_t used = 0, leases = 0, connected = 0, able = 0;
    for (uint32_t i = 0; i < planner->config.sessions_max; i++) {
        const struct session *session = &planner->sessions[i];
        if (!session->used)
            continue;
        used++;
        leases += session->leases.count;
        connected += session->peer.value != 0;
        able += session->is_able;
        INVARIANT(session_find_peer(planner, session->peer) == (session->peer.value ? i : INDEX_NONE));
        INVARIANT(session_find_worker(planner, &session->hello.worker) == i);
        INVARIANT(session->is_able == (session_may_work(session) && session->credits > 0));
        INVARIANT(strcmp(planner->hosts[session->host].name, session->hello.host) == 0);
        INVARIANT(planner->session_hungry_links[i].listed ==
                  (session_may_work(session) && session->leases.count < session->credits));
    }
    INVARIANT(used == planner->session_count && leases == planner->leases_due.count);
    INVARIANT(used == planner->session_of_worker.count && connected == planner->session_of_peer.count);
    INVARIANT(leases == planner->lease_of_token.count && able == planner->able_count);
}

static void check_hosts(const struct planner *planner)
{
    uint32_t used = 0, sessions = 0, able = 0;
    for (uint32_t i = 0; i < planner->config.sessions_max; i++) {
        if (planner->host_links[i].listed)
            continue;
        used++;
        sessions += planner->hosts[i].sessions;
        able += planner->hosts[i].able;
        INVARIANT(planner->hosts[i].sessions > 0 && planner->hosts[i].able <= planner->hosts[i].sessions);
    }
    INVARIANT(used == planner->host_of_name.count && sessions == planner->session_count && able == planner->able_count);
}

static void check_counts(const struct planner *planner)
{
    for (uint32_t c = 0; c < planner->campaign_count; c++) {
        const struct campaign_state *campaign = &planner->campaigns[c];
        uint32_t in_state[REPLICA_STATE_COUNT] = {0};
        uint64_t done = 0;
        for (uint32_t r = 0; r < campaign->campaign->replica_count; r++) {
            const struct replica *replica = &planner->replicas[campaign->replica_first + r];
            in_state[replica->state]++;
            done += (uint64_t)(replica->next.value - replica->segment_first.value);
        }
        for (int s = 0; s < REPLICA_STATE_COUNT; s++)
            INVARIANT(in_state[s] == campaign->in_state[s]);
        INVARIANT(done == campaign->segments_done);
        INVARIANT(campaign->steps_done <= campaign->steps_total);
    }
}

void planner_check(const struct planner *planner)
{
    check_ladders(planner);
    check_replicas(planner);
    check_leases(planner);
    check_audits(planner);
    check_sessions(planner);
    check_hosts(planner);
    check_counts(planner);
}
