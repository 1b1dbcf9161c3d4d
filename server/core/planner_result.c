/* What becomes of a result. Tokens decide who works, digests decide what is true: the first result with the right input
 * digest and lineage is stored, whoever brings it and whatever the age of its token. */
#include "common/invariant.h"
#include "common/text.h"
#include "server/core/planner_state.h"

#include <string.h>

static void acknowledge(struct planner_actions *out, struct peer_id peer, struct lease_token token,
                        enum wire_verdict verdict, const char *text)
{
    struct wire_ack *ack = &planner_send(out, peer, WIRE_ACK)->ack;
    ack->token = token;
    ack->verdict = verdict;
    ack->retry_after_ms = verdict == WIRE_RETRY_AFTER ? PLANNER_RETRY_MS : 0;
    text_print(ack->text, sizeof ack->text, "%s", text);
}

/* Compared with what is stored, after the current transaction. */
static void look_up(struct planner_actions *out, struct peer_id peer, const struct wire_result *result)
{
    planner_add(out, ACTION_LOOKUP_SEGMENT)->lookup = (struct segment_lookup){
        .peer = peer,
        .token = result->token,
        .key = {result->campaign, result->result.replica, result->result.segment},
        .input = result->result.input,
        .output = result->result.output,
    };
}

static void store(struct planner *planner, uint32_t session, uint32_t index, const struct wire_result *result,
                  struct planner_actions *out)
{
    struct replica *replica = &planner->replicas[index];
    struct planner_action *action = planner_add(out, ACTION_STORE_SEGMENT);
    action->store_segment.key = planner_key_of(planner, replica);
    action->store_segment.rung = replica->rung;
    action->store_segment.session = session;
    planner_next_spec(planner, replica, &action->store_segment.spec);
    replica->storing.peer = planner->sessions[session].peer;
    replica->storing.token = result->token;
    replica->storing.worker = planner->sessions[session].hello.worker;
    memcpy(replica->storing.host, planner->sessions[session].hello.host, sizeof replica->storing.host);
    replica->storing.snapshot = result->result.snapshot;
    replica->storing.output = result->result.output;
    replica->storing.energy = result->result.energy_potential;
    replica->storing.steps = action->store_segment.spec.steps;
    planner_set_state(planner, index, REPLICA_STORING);
    if (PLANTED(ACK_BEFORE_COMMIT))
        acknowledge(out, replica->storing.peer, result->token, WIRE_COMMITTED, "");
}

static void hold(struct planner *planner, uint32_t index, const char *why, struct planner_actions *out)
{
    const struct replica *replica = &planner->replicas[index];
    lease_release_all(planner, index);
    planner_set_state(planner, index, REPLICA_HELD);
    planner_note(planner, out, index, "held", "replica %u is held at segment %lld: %s", (unsigned)replica->id.value,
                 (long long)replica->next.value, why);
}

void count_failure(struct planner *planner, uint32_t index, uint32_t session, enum status status, const char *text,
                   struct planner_actions *out)
{
    struct replica *replica = &planner->replicas[index];
    const char *host = planner->sessions[session].hello.host;
    if (status == STATUS_PHYSICS)
        replica->failures_physics++;
    else
        replica->failures_other++;
    memcpy(replica->failed_host, host, sizeof replica->failed_host);
    planner_note(planner, out, index, "failed", "segment %lld of replica %u failed on %s: %s: %s",
                 (long long)replica->next.value, (unsigned)replica->id.value, host, status_name(status), text);
    if (PLANTED(FAILURE_LOOPS))
        return;
    if (replica->failures_physics >= PLANNER_FAILURES_PHYSICS || replica->failures_other >= PLANNER_FAILURES_OTHER)
        hold(planner, index, text, out);
}

static struct vote vote_of(const struct planner *planner, uint32_t session, const struct digest *output)
{
    struct vote vote = {.worker = planner->sessions[session].hello.worker, .output = *output};
    memcpy(vote.host, planner->sessions[session].hello.host, sizeof vote.host);
    return vote;
}

/* What explodes where it did not before contradicts it; all else is tried again elsewhere. */
static void handle_audit_failure(struct planner *planner, uint32_t session, uint32_t lease, enum status status,
                                 struct planner_actions *out)
{
    const struct vote exploded = vote_of(planner, session, &(struct digest){{0}});
    if (status == STATUS_PHYSICS)
        audit_vote(planner, planner->leases[lease].audit, &exploded, planner->leases[lease].token, out);
    else
        lease_release(planner, lease);
}

/* Counts only where the lease is current, so that a repeated report is not a second failure. */
static void handle_failure(struct planner *planner, uint32_t session, const struct wire_result *result,
                           struct planner_actions *out)
{
    const uint32_t lease = lease_find(planner, session, result->token);
    acknowledge(out, planner->sessions[session].peer, result->token, WIRE_STALE, "the failure is noted");
    if (lease != INDEX_NONE && planner->leases[lease].kind == LEASE_AUDIT) {
        handle_audit_failure(planner, session, lease, result->status, out);
        return;
    }
    const uint32_t replica = lease != INDEX_NONE ? planner->leases[lease].replica : INDEX_NONE;
    if (replica != INDEX_NONE && planner->replicas[replica].state == REPLICA_LEASED) {
        lease_release(planner, lease);
        count_failure(planner, replica, session, result->status, result->text, out);
    }
}

/* Why a result can never be stored; NULL when it may. */
static const char *find_fault(const struct planner *planner, const struct wire_result *result)
{
    if (memcmp(result->lineage.bytes, planner->config.lineage.bytes, WIRE_UUID_SIZE) != 0 && !PLANTED(NO_LINEAGE_CHECK))
        return "it was granted by another database";
    if (planner_find_replica(planner, result->campaign, result->result.replica) == INDEX_NONE)
        return "there is no such replica";
    return NULL;
}

/* The result is of the next segment of its replica. */
static void handle_next(struct planner *planner, uint32_t session, uint32_t index, const struct wire_result *result,
                        struct planner_actions *out)
{
    struct peer_id peer = planner->sessions[session].peer;
    const struct replica *replica = &planner->replicas[index];
    switch (replica->state) {
    case REPLICA_READY:
    case REPLICA_PAUSED:
    case REPLICA_LEASED:
    case REPLICA_HELD:
        if (!digest_equal(&result->result.input, &replica->input) && !PLANTED(NO_INPUT_CHECK))
            acknowledge(out, peer, result->token, WIRE_STALE, "its input is not that of the segment");
        else if (planner->storage == STORAGE_FULL)
            acknowledge(out, peer, result->token, WIRE_RETRY_AFTER, "the disk is full");
        else
            store(planner, session, index, result, out);
        break;
    case REPLICA_STORING:
        if (PLANTED(SECOND_RESULT_STORED))
            store(planner, session, index, result, out);
        else
            look_up(out, peer, result);
        break;
    default: /* its input is not decided yet */
        acknowledge(out, peer, result->token, WIRE_RETRY_AFTER, "the exchange before it is not durable yet");
        break;
    }
}

/* The result is of a segment that is stored. */
static void handle_earlier(struct planner *planner, uint32_t session, uint32_t index, const struct wire_result *result,
                           struct planner_actions *out)
{
    const struct peer_id peer = planner->sessions[session].peer;
    const uint32_t audit = audit_find(planner, index, result->result.segment);
    if (audit == INDEX_NONE || !digest_equal(&result->result.input, &planner->audits[audit].input)) {
        look_up(out, peer, result);
        return;
    }
    const struct vote vote = vote_of(planner, session, &result->result.output);
    if (digest_equal(&vote.output, &planner->audits[audit].votes[0].output))
        acknowledge(out, peer, result->token, WIRE_DUPLICATE, "");
    else
        acknowledge(out, peer, result->token, WIRE_INVALID, "another result is stored for this segment");
    audit_vote(planner, audit, &vote, result->token, out);
}

void handle_result(struct planner *planner, uint32_t session, const struct wire_result *result,
                   struct planner_actions *out)
{
    struct peer_id peer = planner->sessions[session].peer;
    const char *fault = find_fault(planner, result);
    session_note_moved(planner, session);
    if (fault) {
        acknowledge(out, peer, result->token, WIRE_INVALID, fault);
        return;
    }
    if (result->status != STATUS_OK) {
        handle_failure(planner, session, result, out);
        return;
    }
    uint32_t index = planner_find_replica(planner, result->campaign, result->result.replica);
    const struct replica *replica = &planner->replicas[index];
    bool is_earlier = result->result.segment.value < replica->next.value;
    if (is_earlier && PLANTED(NO_SEGMENT_CHECK) && replica->state <= REPLICA_LEASED)
        store(planner, session, index, result, out);
    else if (is_earlier)
        handle_earlier(planner, session, index, result, out);
    else if (result->result.segment.value > replica->next.value || replica->state == REPLICA_DONE)
        acknowledge(out, peer, result->token, WIRE_STALE, "the segments before it are not stored");
    else
        handle_next(planner, session, index, result, out);
}

static void count_done(struct planner *planner, struct replica *replica)
{
    struct campaign_state *campaign = planner_campaign_of(planner, replica);
    campaign->segments_done++;
    campaign->steps_done += replica->storing.steps;
}

/* The stored segment's end becomes the input of the next. */
static void take_over(struct planner *planner, struct replica *replica)
{
    replica->has_snapshot = true;
    replica->snapshot = replica->storing.snapshot;
    replica->energy = replica->storing.energy;
    replica->rung_before = replica->rung;
    replica->next.value++;
    replica->failures_physics = replica->failures_other = 0;
    replica->failed_host[0] = '\0';
    count_done(planner, replica);
}

static struct segment_record record_of(const struct planner *planner, const struct replica *replica)
{
    struct segment_record record = {
        .key = planner_key_of(planner, replica),
        .rung = replica->rung,
        .rung_before = replica->rung_before,
        .input = replica->input,
        .output = replica->storing.output,
        .has_snapshot = replica->has_snapshot,
        .snapshot = replica->snapshot,
        .worker = replica->storing.worker,
    };
    memcpy(record.host, replica->storing.host, sizeof record.host);
    return record;
}

void handle_segment_stored(struct planner *planner, const struct segment_key *key, struct planner_actions *out)
{
    uint32_t index = planner_find_replica(planner, key->campaign, key->replica);
    INVARIANT(index != INDEX_NONE);
    struct replica *replica = &planner->replicas[index];
    INVARIANT(replica->state == REPLICA_STORING && replica->next.value == key->segment.value);
    lease_release_all(planner, index);
    const struct segment_record record = record_of(planner, replica);
    const uint32_t session = session_find_peer(planner, replica->storing.peer);
    take_over(planner, replica);
    audit_consider(planner, index, session, &record);
    session_drop_snapshot(planner, index);
    if (session != INDEX_NONE)
        session_hold_snapshot(planner, session, index);
    if (!PLANTED(ACK_BEFORE_COMMIT))
        acknowledge(out, replica->storing.peer, replica->storing.token, WIRE_COMMITTED, "");
    if (exchange_is_due(planner, index))
        exchange_try(planner, index, out);
    else
        planner_advance(planner, index);
}

/* The worker keeps the result, and its lease if it has one, and sends it again. */
void handle_segment_refused(struct planner *planner, const struct segment_key *key, struct planner_actions *out)
{
    uint32_t index = planner_find_replica(planner, key->campaign, key->replica);
    INVARIANT(index != INDEX_NONE);
    const struct replica *replica = &planner->replicas[index];
    INVARIANT(replica->state == REPLICA_STORING && replica->next.value == key->segment.value);
    planner->storage = STORAGE_FULL;
    if (PLANTED(REFUSED_FORGOTTEN)) {
        acknowledge(out, replica->storing.peer, replica->storing.token, WIRE_STALE, "");
        return;
    }
    acknowledge(out, replica->storing.peer, replica->storing.token, WIRE_RETRY_AFTER, "the disk is full");
    planner_set_state(planner, index, replica->lease == INDEX_NONE ? REPLICA_READY : REPLICA_LEASED);
    if (replica->lease != INDEX_NONE)
        lease_renew(planner, replica->lease);
}

/* Two results of one segment: an alarm, and a third run that settles it. */
static void raise_conflict(struct planner *planner, const struct segment_lookup *lookup,
                           const struct segment_record *stored, struct planner_actions *out)
{
    char was[DIGEST_TEXT_SIZE], now[DIGEST_TEXT_SIZE];
    digest_to_text(&stored->output, was);
    digest_to_text(&lookup->output, now);
    const uint32_t session = session_find_peer(planner, lookup->peer);
    planner_note(planner, out, planner_find_replica(planner, lookup->key.campaign, lookup->key.replica), "conflict",
                 "segment %lld of replica %u: stored output %s, a second run on %s gave %s",
                 (long long)lookup->key.segment.value, (unsigned)lookup->key.replica.value, was,
                 session == INDEX_NONE ? "a worker that left" : planner->sessions[session].hello.host, now);
    const uint32_t audit = audit_reopen(planner, stored);
    if (session == INDEX_NONE || audit == INDEX_NONE)
        return;
    const struct vote vote = vote_of(planner, session, &lookup->output);
    audit_vote(planner, audit, &vote, lookup->token, out);
}

void handle_segment_found(struct planner *planner, const struct segment_lookup *lookup,
                          const struct segment_record *stored, struct planner_actions *out)
{
    if (!digest_equal(&lookup->input, &stored->input)) {
        acknowledge(out, lookup->peer, lookup->token, WIRE_STALE, "its input is not that of the stored segment");
    } else if (digest_equal(&lookup->output, &stored->output) || PLANTED(DIFFERENT_IS_DUPLICATE)) {
        acknowledge(out, lookup->peer, lookup->token, WIRE_DUPLICATE, "");
    } else {
        acknowledge(out, lookup->peer, lookup->token, WIRE_INVALID, "another result is stored for this segment");
        raise_conflict(planner, lookup, stored, out);
    }
}

/* The first result did not become durable after all. */
void handle_segment_missing(const struct segment_lookup *lookup, struct planner_actions *out)
{
    acknowledge(out, lookup->peer, lookup->token, WIRE_RETRY_AFTER, "another result for it is not durable yet");
}

void handle_snapshot_missing(struct planner *planner, const struct segment_key *key, const char *text,
                             struct planner_actions *out)
{
    uint32_t index = planner_find_replica(planner, key->campaign, key->replica);
    INVARIANT(index != INDEX_NONE);
    const uint32_t audit = audit_find(planner, index, key->segment);
    if (audit != INDEX_NONE)
        audit_drop(planner, audit, text, out);
    const struct replica *replica = &planner->replicas[index];
    if (replica->state != REPLICA_LEASED || replica->next.value != key->segment.value)
        return;
    hold(planner, index, text, out);
}
