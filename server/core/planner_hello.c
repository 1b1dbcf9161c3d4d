/* A worker says who it is and what it brings: after its own start, after a broken connection, after our restart. What
 * it still computes, or has computed, is adopted, so that no running segment is lost. */
#include "common/engine.h"
#include "common/invariant.h"
#include "common/text.h"
#include "server/core/planner_state.h"

#include <string.h>

void hello_refuse(struct planner_actions *out, struct peer_id peer, enum wire_goaway_reason reason,
                  uint32_t retry_after_ms, const char *text)
{
    struct wire_goaway *goaway = &planner_send(out, peer, WIRE_GOAWAY)->goaway;
    goaway->reason = reason;
    goaway->protocol_first = WIRE_PROTOCOL_FIRST;
    goaway->protocol_last = WIRE_PROTOCOL_LAST;
    goaway->retry_after_ms = retry_after_ms;
    text_print(goaway->text, sizeof goaway->text, "%s", text);
}

static bool is_welcome(const struct planner *planner, struct peer_id peer, const struct wire_hello *hello,
                       struct planner_actions *out)
{
    char text[WIRE_TEXT_SIZE];
    if (hello->protocol_first > WIRE_PROTOCOL_LAST || hello->protocol_last < WIRE_PROTOCOL_FIRST) {
        text_print(text, sizeof text, "protocols %u to %u are spoken here, not %u to %u", (unsigned)WIRE_PROTOCOL_FIRST,
                   (unsigned)WIRE_PROTOCOL_LAST, (unsigned)hello->protocol_first, (unsigned)hello->protocol_last);
        hello_refuse(out, peer, WIRE_GOAWAY_PROTOCOL, 0, text);
        return false;
    }
    if (hello->engine_id != planner->config.engine_id) {
        text_print(text, sizeof text, "the campaigns here need engine %u, this worker is engine %u",
                   (unsigned)planner->config.engine_id, (unsigned)hello->engine_id);
        hello_refuse(out, peer, WIRE_GOAWAY_ENGINE, 0, text);
        return false;
    }
    if (!digest_equal(&hello->probe, &planner->config.probe)) {
        hello_refuse(out, peer, WIRE_GOAWAY_ENGINE, 0,
                     "this worker's probe has other bits than those of its engine: its arithmetic is different, or it "
                     "measures other quantities (another version)");
        return false;
    }
    if (!audit_is_trusted(planner, hello->host, &hello->worker)) {
        hello_refuse(out, peer, WIRE_GOAWAY_REVOKED, 0, "results of this worker, or of its host, were proven wrong");
        return false;
    }
    return true;
}

/* The session of this HELLO, new or known; INDEX_NONE when it was refused. */
static uint32_t admit(struct planner *planner, struct peer_id peer, const struct wire_hello *hello,
                      struct planner_actions *out)
{
    uint32_t known = session_find_worker(planner, &hello->worker);
    uint32_t at_peer = session_find_peer(planner, peer);
    if (at_peer != INDEX_NONE && at_peer != known) /* another process behind the same connection: cannot be honest */
        session_remove(planner, at_peer);
    if (known == INDEX_NONE) {
        known = session_create(planner, peer, hello);
        if (known == INDEX_NONE)
            hello_refuse(out, peer, WIRE_GOAWAY_FULL, 60000, "there are as many workers as this coordinator can serve");
        return known;
    }
    if (hello->session < planner->sessions[known].hello.session) {
        if (peer.value != planner->sessions[known].peer.value)
            hello_refuse(out, peer, WIRE_GOAWAY_SUPERSEDED, 0, "a newer session of this worker is here");
        return INDEX_NONE;
    }
    session_rebind(planner, known, peer, hello);
    return known;
}

/* A worker may hold two runs of a segment, as when a lease came back to it: only one of them is this lease. */
static bool is_lease_of(const struct lease *lease, uint32_t session, struct lease_token token)
{
    return lease->session == session && (lease->token.value == token.value || lease->before.value == token.value);
}

/* Under its own token only: another run of the same segment must not pass for the audit. */
static uint32_t adopt_audit(const struct planner *planner, uint32_t session, const struct wire_held *held)
{
    const uint32_t lease = lease_find(planner, session, held->token);
    return lease != INDEX_NONE && planner->leases[lease].kind == LEASE_AUDIT ? lease : INDEX_NONE;
}

/* The lease that lets `session` go on with what it holds, under its present token; INDEX_NONE when somebody else has it
 * or when it leads nowhere. */
static uint32_t adopt(struct planner *planner, uint32_t session, const struct wire_held *held)
{
    uint32_t index = planner_find_replica(planner, held->campaign, held->replica);
    if (index == INDEX_NONE || memcmp(held->lineage.bytes, planner->config.lineage.bytes, WIRE_UUID_SIZE) != 0)
        return INDEX_NONE;
    const struct replica *replica = &planner->replicas[index];
    if (held->segment.value < replica->next.value)
        return adopt_audit(planner, session, held);
    if (held->segment.value != replica->next.value || !digest_equal(&held->input, &replica->input))
        return INDEX_NONE;
    if (PLANTED(ADOPT_TWICE) && replica->state == REPLICA_LEASED)
        lease_release_all(planner, index);
    const bool is_free = replica->state == REPLICA_READY || replica->state == REPLICA_PAUSED;
    const bool is_wanted = planner->campaigns[replica->campaign].standing != CAMPAIGN_CANCELLED;
    if (is_free && is_wanted && planner->leases_free.first != INDEX_NONE) {
        const uint32_t lease = lease_create(planner, LEASE_PRIMARY, session, index);
        planner->leases[lease].before = held->token;
        return lease;
    }
    const uint32_t leases[2] = {replica->lease, replica->hedge};
    for (int i = 0; i < 2; i++)
        if (leases[i] != INDEX_NONE && is_lease_of(&planner->leases[leases[i]], session, held->token))
            return leases[i];
    return INDEX_NONE;
}

/* A result is worth sending even where its lease is somebody else's: the first one in wins. Only what can never be
 * stored is dropped at once. */
static bool is_worth_keeping(const struct planner *planner, const struct wire_held *held)
{
    uint32_t index = planner_find_replica(planner, held->campaign, held->replica);
    return held->is_result && index != INDEX_NONE &&
           memcmp(held->lineage.bytes, planner->config.lineage.bytes, WIRE_UUID_SIZE) == 0;
}

/* Leases the worker does not speak of any more were lost on the way, or with its memory. */
static void release_unmentioned(struct planner *planner, uint32_t session, const struct wire_welcome *welcome)
{
    uint32_t next, lease = planner->sessions[session].leases.first;
    for (; lease != INDEX_NONE; lease = next) {
        next = planner->lease_of_session[lease].next;
        bool mentioned = false;
        for (uint32_t i = 0; i < welcome->adopted_count && !mentioned; i++)
            mentioned = welcome->adopted[i].after.value == planner->leases[lease].token.value;
        if (!mentioned && (planner->leases[lease].kind == LEASE_AUDIT ||
                           planner->replicas[planner->leases[lease].replica].state == REPLICA_LEASED))
            lease_release(planner, lease);
    }
}

static void reconcile(struct planner *planner, uint32_t session, const struct wire_hello *hello,
                      struct wire_welcome *welcome)
{
    INVARIANT(hello->held_count <= WIRE_TOKENS_MAX);
    welcome->adopted = planner->adopted;
    welcome->dropped = planner->tokens;
    for (uint32_t i = 0; i < hello->held_count; i++) {
        const struct wire_held *held = &hello->held[i];
        uint32_t lease = adopt(planner, session, held);
        if (lease != INDEX_NONE) {
            lease_renew(planner, lease);
            welcome->adopted[welcome->adopted_count++] =
                (struct wire_adopted){held->token, planner->leases[lease].token};
        } else if (!is_worth_keeping(planner, held)) {
            welcome->dropped[welcome->dropped_count++] = held->token;
        }
    }
    release_unmentioned(planner, session, welcome);
}

void handle_hello(struct planner *planner, struct peer_id peer, const struct wire_hello *hello,
                  struct planner_actions *out)
{
    if (!is_welcome(planner, peer, hello, out))
        return;
    uint32_t session = admit(planner, peer, hello, out);
    if (session == INDEX_NONE)
        return;
    struct wire_welcome *welcome = &planner_send(out, peer, WIRE_WELCOME)->welcome;
    welcome->protocol = hello->protocol_last < WIRE_PROTOCOL_LAST ? hello->protocol_last : WIRE_PROTOCOL_LAST;
    welcome->epoch = planner->config.epoch;
    welcome->renew_every_ms = planner->config.lease_ms / 4;
    welcome->silence_max_ms = planner->config.lease_ms;
    reconcile(planner, session, hello, welcome);
    if (planner->draining)
        planner_send(out, peer, WIRE_DRAIN)->drain.grace_ms = planner->drain_grace_ms;
}
