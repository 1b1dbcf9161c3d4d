/* Who is there. A worker is a process (its uuid is drawn at its start); it comes under a new peer after each
 * reconnection, with a risen session number. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

#include <string.h>

/* More snapshots than a worker has leases are not worth remembering. */
enum { SNAPSHOTS_HELD_MAX = 64 };

uint32_t session_find_peer(const struct planner *planner, struct peer_id peer)
{
    return peer.value == 0 ? INDEX_NONE : keymap_find(&planner->session_of_peer, peer.value);
}

static uint64_t worker_key(const struct wire_uuid *worker)
{
    return keymap_key_of(worker->bytes, WIRE_UUID_SIZE);
}

uint32_t session_find_worker(const struct planner *planner, const struct wire_uuid *worker)
{
    uint32_t index = keymap_find(&planner->session_of_worker, worker_key(worker));
    while (index != INDEX_NONE &&
           memcmp(planner->sessions[index].hello.worker.bytes, worker->bytes, WIRE_UUID_SIZE) != 0)
        index = keymap_find_next(&planner->session_of_worker, index);
    return index;
}

static void set_peer(struct planner *planner, uint32_t index, struct peer_id peer)
{
    keymap_remove(&planner->session_of_peer, index);
    planner->sessions[index].peer = peer;
    if (peer.value)
        keymap_put(&planner->session_of_peer, peer.value, index);
}

static void set_hello(struct session *session, const struct wire_hello *hello)
{
    session->hello = *hello;
    session->hello.held = NULL; /* borrowed from the message */
    session->hello.held_count = 0;
}

uint32_t session_create(struct planner *planner, struct peer_id peer, const struct wire_hello *hello)
{
    uint32_t index = planner->sessions_free.first;
    if (index == INDEX_NONE)
        return INDEX_NONE;
    list_remove(&planner->sessions_free, planner->session_free_links, index);
    struct session *session = &planner->sessions[index];
    *session = (struct session){.used = true, .heard = planner->awake, .moved = planner->awake};
    set_hello(session, hello);
    set_peer(planner, index, peer);
    keymap_put(&planner->session_of_worker, worker_key(&hello->worker), index);
    host_join(planner, index);
    list_init(&session->leases);
    list_init(&session->snapshots);
    planner->session_count++;
    return index;
}

void session_remove(struct planner *planner, uint32_t index)
{
    struct session *session = &planner->sessions[index];
    while (session->leases.first != INDEX_NONE)
        lease_release(planner, session->leases.first);
    while (session->snapshots.first != INDEX_NONE)
        session_drop_snapshot(planner, session->snapshots.first);
    list_remove(&planner->sessions_hungry, planner->session_hungry_links, index);
    host_leave(planner, index);
    set_peer(planner, index, (struct peer_id){0});
    keymap_remove(&planner->session_of_worker, index);
    session->used = false;
    planner->session_count--;
    list_append(&planner->sessions_free, planner->session_free_links, index);
}

/* It would not be heard any more; who cannot be told for want of room finds out so. */
void session_remove_host(struct planner *planner, const char *host, struct planner_actions *out)
{
    for (uint32_t i = 0; i < planner->config.sessions_max; i++) {
        const struct session *session = &planner->sessions[i];
        if (!session->used || strcmp(session->hello.host, host) != 0 || PLANTED(REVOKED_STAYS))
            continue;
        if (session->peer.value && planner_has_room(out))
            hello_refuse(out, session->peer, WIRE_GOAWAY_REVOKED, 0, "the key of this host was revoked");
        session_remove(planner, i);
    }
}

void session_rebind(struct planner *planner, uint32_t index, struct peer_id peer, const struct wire_hello *hello)
{
    host_leave(planner, index);
    set_hello(&planner->sessions[index], hello);
    host_join(planner, index);
    set_peer(planner, index, peer);
    session_hear(planner, index);
    session_update_hunger(planner, index);
}

/* A connection that is gone is most often a worker that died, so what it ran is free at once. One that only reconnects
 * says HELLO under another peer, and adopts what nobody else has taken by then. */
void session_lose_peer(struct planner *planner, uint32_t index)
{
    while (planner->sessions[index].leases.first != INDEX_NONE && !PLANTED(LOST_KEEPS_LEASES))
        lease_release(planner, planner->sessions[index].leases.first);
    set_peer(planner, index, (struct peer_id){0});
    session_update_hunger(planner, index);
}

bool session_may_work(const struct session *session)
{
    return session->used && session->peer.value && !session->silent && session->stuck_until == 0;
}

void session_update_hunger(struct planner *planner, uint32_t index)
{
    const struct session *session = &planner->sessions[index];
    host_set_able(planner, index, session_may_work(session) && session->credits > 0);
    bool hungry = session_may_work(session) &&
                  (session->leases.count < session->credits || (PLANTED(CREDITS_IGNORED) && session->credits > 0));
    if (!hungry)
        list_remove(&planner->sessions_hungry, planner->session_hungry_links, index);
    else if (!planner->session_hungry_links[index].listed)
        list_append(&planner->sessions_hungry, planner->session_hungry_links, index);
}

void session_hear(struct planner *planner, uint32_t index)
{
    struct session *session = &planner->sessions[index];
    session->heard = planner->awake;
    if (!session->silent)
        return;
    session->silent = false;
    session_update_hunger(planner, index);
}

void session_watch_moves(struct planner *planner, uint32_t index)
{
    struct session *session = &planner->sessions[index];
    if ((planner->awake - session->moved) / 1000000 < planner->config.hedge_ms || PLANTED(STUCK_SERVED))
        return;
    session->stuck_until = planner->awake + (int64_t)planner->config.hedge_ms * PLANNER_STUCK_HEDGES * 1000000;
    session_update_hunger(planner, index);
}

void session_note_moved(struct planner *planner, uint32_t index)
{
    planner->sessions[index].moved = planner->awake;
    if (planner->sessions[index].stuck_until == 0)
        return;
    planner->sessions[index].stuck_until = 0;
    session_update_hunger(planner, index);
}

/* A broken connection shows when it is spoken to. RENEWED with nothing revoked says no more than "heard". */
static void probe(struct planner *planner, struct session *session, struct planner_actions *out)
{
    const int64_t since = session->heard > session->probed ? session->heard : session->probed;
    if (!session->peer.value || session->leases.count == 0 || planner->config.probe_ms == 0 ||
        (planner->awake - since) / 1000000 < planner->config.probe_ms || !planner_has_room(out))
        return;
    session->probed = planner->awake;
    planner_send(out, session->peer, WIRE_RENEWED);
}

void session_watch_silence(struct planner *planner, struct planner_actions *out)
{
    for (uint32_t i = 0; i < planner->config.sessions_max; i++) {
        struct session *session = &planner->sessions[i];
        const int64_t silence_ms = (planner->awake - session->heard) / 1000000;
        if (!session->used)
            continue;
        probe(planner, session, out);
        if (session->stuck_until != 0 && planner->awake >= session->stuck_until)
            session_note_moved(planner, i); /* or it may move again by now */
        if (silence_ms < planner->config.lease_ms)
            continue;
        session->silent = true;
        session_update_hunger(planner, i);
        if (silence_ms > planner->config.session_ms)
            session_remove(planner, i);
    }
}

void session_hold_snapshot(struct planner *planner, uint32_t index, uint32_t replica)
{
    struct session *session = &planner->sessions[index];
    session_drop_snapshot(planner, replica);
    if (session->snapshots.count == SNAPSHOTS_HELD_MAX)
        session_drop_snapshot(planner, session->snapshots.first);
    planner->replicas[replica].holder = index;
    list_append(&session->snapshots, planner->replica_of_holder, replica);
}

void session_drop_snapshot(struct planner *planner, uint32_t replica)
{
    uint32_t holder = planner->replicas[replica].holder;
    if (holder == INDEX_NONE)
        return;
    list_remove(&planner->sessions[holder].snapshots, planner->replica_of_holder, replica);
    planner->replicas[replica].holder = INDEX_NONE;
}
