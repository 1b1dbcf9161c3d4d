/* Audit: a share of the segments is run once more, by another worker on another host where there is one, and compared.
 * Two different outputs cannot both be right; the third run decides, by two different workers that agree. What was
 * stored wrong is taken back with all that came of it (ACTION_RETRACT), and who brought it is not trusted any more.
 *
 * A replica goes at most PLANNER_AUDIT_WINDOW segments beyond one whose audit is open. So a restart has to look at no
 * older segments, a cone is short, and the snapshots from which it is computed again are still there. */
#include "common/invariant.h"
#include "common/rng.h"
#include "common/text.h"
#include "server/core/planner_state.h"

#include <string.h>

static bool is_same_worker(const struct wire_uuid *a, const struct wire_uuid *b)
{
    return memcmp(a->bytes, b->bytes, WIRE_UUID_SIZE) == 0;
}

/* -- trust ----------------------------------------------------------------------------------------------------------
 */

bool audit_is_trusted(const struct planner *planner, const char *host, const struct wire_uuid *worker)
{
    for (uint32_t i = 0; i < planner->untrusted_count; i++) {
        const struct planner_untrusted *untrusted = &planner->untrusted[i];
        if (untrusted->is_host ? strcmp(untrusted->host, host) == 0 : is_same_worker(&untrusted->worker, worker))
            return false;
    }
    return true;
}

void planner_load_untrusted(struct planner *planner, const struct planner_untrusted *untrusted)
{
    if (planner->untrusted_count < planner->config.untrusted_max)
        planner->untrusted[planner->untrusted_count++] = *untrusted;
}

static void send_away(struct planner *planner, struct planner_actions *out)
{
    for (uint32_t i = 0; i < planner->config.sessions_max; i++) {
        const struct session *session = &planner->sessions[i];
        if (!session->used || audit_is_trusted(planner, session->hello.host, &session->hello.worker) ||
            PLANTED(LIAR_STAYS))
            continue;
        if (session->peer.value && planner_has_room(out))
            hello_refuse(out, session->peer, WIRE_GOAWAY_REVOKED, 0, "its results were proven wrong");
        session_remove(planner, i);
    }
}

/* The host, unless a worker that was right is on it: then the worker alone. */
static void accuse(struct planner *planner, const struct audit *audit, const struct vote *liar,
                   const struct digest *right, struct planner_actions *out)
{
    struct planner_untrusted untrusted = {.is_host = true, .worker = liar->worker};
    memcpy(untrusted.host, liar->host, sizeof untrusted.host);
    for (uint32_t i = 0; i < audit->vote_count; i++)
        if (digest_equal(&audit->votes[i].output, right) && strcmp(audit->votes[i].host, liar->host) == 0)
            untrusted.is_host = false;
    if (!audit_is_trusted(planner, untrusted.host, &untrusted.worker))
        return;
    planner_load_untrusted(planner, &untrusted);
    planner_add(out, ACTION_QUARANTINE)->quarantine = untrusted;
    planner_note(planner, out, audit->replica, "quarantine", "%s %s: its segment %lld of replica %u was proven wrong",
                 untrusted.is_host ? "host" : "a worker on host", liar->host, (long long)audit->segment.value,
                 (unsigned)planner->replicas[audit->replica].id.value);
}

static void accuse_all(struct planner *planner, const struct audit *audit, const struct digest *right,
                       struct planner_actions *out)
{
    for (uint32_t i = 0; i < audit->vote_count; i++)
        if (!digest_equal(&audit->votes[i].output, right))
            accuse(planner, audit, &audit->votes[i], right, out);
    send_away(planner, out);
}

/* -- open audits ----------------------------------------------------------------------------------------------------
 */

/* The share of the results of a session (INDEX_NONE: a worker that is not here) that are audited. What a worker is
 * worth is not known before it was found to be right, so the first is always audited, and then ever fewer, down to the
 * campaign's share (the idea is that of BOINC's adaptive replication). Where nobody else is there to ask it would tell
 * little. */
static double share_of(const struct planner *planner, uint32_t session, double floor)
{
    if (session == INDEX_NONE || planner->session_count < 2 || floor <= 0.0)
        return floor;
    const double known = 1.0 + planner->sessions[session].passed, share = 1.0 / (known * known);
    return share > floor ? share : floor;
}

static bool is_chosen(const struct planner *planner, uint32_t session, const struct segment_record *record)
{
    const struct campaign *campaign = planner->campaigns[record->key.campaign.value - 1].campaign;
    const struct rng_place place = {campaign->seed, STREAM_AUDIT, record->key.segment.value, record->key.replica.value};
    return rng_uniform(place, 0) < share_of(planner, session, campaign->audit_fraction);
}

static uint32_t open_audit(struct planner *planner, uint32_t replica, const struct segment_record *record)
{
    const uint32_t index = planner->audits_free.first;
    INVARIANT(index != INDEX_NONE);
    struct audit *audit = &planner->audits[index];
    *audit = (struct audit){
        .used = true,
        .replica = replica,
        .segment = record->key.segment,
        .rung = record->rung,
        .rung_before = record->rung_before,
        .input = record->input,
        .has_snapshot = record->has_snapshot,
        .snapshot = record->snapshot,
        .lease = INDEX_NONE,
        .vote_count = 1,
        .votes = {{.worker = record->worker, .output = record->output}},
    };
    memcpy(audit->votes[0].host, record->host, sizeof audit->votes[0].host);
    list_remove(&planner->audits_free, planner->audit_links, index);
    list_append(&planner->audits_waiting, planner->audit_links, index);
    list_append(&planner->replicas[replica].audits, planner->audit_of_replica, index);
    planner_campaign_of(planner, &planner->replicas[replica])->audits_open++;
    return index;
}

void audit_consider(struct planner *planner, uint32_t replica, uint32_t session, const struct segment_record *record)
{
    if (PLANTED(AUDIT_SKIPPED) ||
        (!is_chosen(planner, session, record) && audit_is_trusted(planner, record->host, &record->worker)))
        return;
    open_audit(planner, replica, record);
}

void planner_load_audit(struct planner *planner, const struct segment_record *record)
{
    const uint32_t replica = planner_find_replica(planner, record->key.campaign, record->key.replica);
    INVARIANT(replica != INDEX_NONE);
    if (!PLANTED(AUDIT_FORGOTTEN))
        audit_consider(planner, replica, INDEX_NONE, record);
}

static void close_audit(struct planner *planner, uint32_t index)
{
    struct audit *audit = &planner->audits[index];
    const uint32_t replica = audit->replica;
    if (audit->lease != INDEX_NONE)
        lease_release(planner, audit->lease);
    list_remove(&planner->audits_waiting, planner->audit_links, index);
    list_remove(&planner->replicas[replica].audits, planner->audit_of_replica, index);
    list_append(&planner->audits_free, planner->audit_links, index);
    planner_campaign_of(planner, &planner->replicas[replica])->audits_open--;
    audit->used = false;
    if (planner->replicas[replica].state == REPLICA_BLOCKED)
        planner_set_state(planner, replica, REPLICA_READY);
}

uint32_t audit_find(const struct planner *planner, uint32_t replica, struct segment_id segment)
{
    uint32_t index = planner->replicas[replica].audits.first;
    while (index != INDEX_NONE && planner->audits[index].segment.value != segment.value)
        index = planner->audit_of_replica[index].next;
    return index;
}

bool audit_blocks(const struct planner *planner, uint32_t replica)
{
    const int64_t next = planner->replicas[replica].next.value;
    for (uint32_t i = planner->replicas[replica].audits.first; i != INDEX_NONE; i = planner->audit_of_replica[i].next)
        if (next > planner->audits[i].segment.value + PLANNER_AUDIT_WINDOW && !PLANTED(AUDIT_WINDOW_IGNORED))
            return true;
    return false;
}

/* -- who runs it ----------------------------------------------------------------------------------------------------
 */

static bool has_voted(const struct audit *audit, const char *host)
{
    for (uint32_t i = 0; i < audit->vote_count; i++)
        if (strcmp(audit->votes[i].host, host) == 0)
            return true;
    return false;
}

/* 2: another host than those that ran it; 1: another worker; 0: it ran it before. */
static int rank(const struct audit *audit, const struct session *session)
{
    for (uint32_t i = 0; i < audit->vote_count; i++)
        if (is_same_worker(&audit->votes[i].worker, &session->hello.worker))
            return 0;
    return has_voted(audit, session->hello.host) ? 1 : 2;
}

static bool is_repeated(const struct audit *audit, uint32_t vote, bool of_host)
{
    const struct vote *votes = audit->votes;
    for (uint32_t i = 0; i < vote; i++)
        if (of_host ? strcmp(votes[i].host, votes[vote].host) == 0
                    : is_same_worker(&votes[i].worker, &votes[vote].worker))
            return true;
    return false;
}

/* The highest rank among those who could run it, busy or not: by counting, since there may be thousands. */
static int find_best_rank(const struct planner *planner, const struct audit *audit)
{
    uint32_t others = planner->able_count, elsewhere = planner->able_count; /* not voters; on none of their hosts */
    for (uint32_t i = 0; i < audit->vote_count; i++) {
        const uint32_t voter = session_find_worker(planner, &audit->votes[i].worker);
        if (!is_repeated(audit, i, true))
            elsewhere -= host_count_able(planner, audit->votes[i].host);
        if (voter == INDEX_NONE || !planner->sessions[voter].is_able || is_repeated(audit, i, false))
            continue;
        others--;
        if (!has_voted(audit, planner->sessions[voter].hello.host)) /* it has moved */
            elsewhere--;
    }
    return elsewhere > 0 ? 2 : others > 0 ? 1 : 0;
}

/* Nobody better suited is known. After a restart those who will come back are given the time of a lease. */
static bool may_run(const struct planner *planner, const struct audit *audit, uint32_t session)
{
    if (!planner_is_running(planner, planner->replicas[audit->replica].campaign))
        return false;
    if (PLANTED(AUDIT_BY_ITSELF))
        return true;
    const int own = rank(audit, &planner->sessions[session]);
    if (own == 0 && planner->awake < planner->audit_alone_from)
        return false;
    return own == 2 || own >= find_best_rank(planner, audit);
}

uint32_t audit_pick(const struct planner *planner, uint32_t session)
{
    uint32_t index = planner->audits_waiting.first;
    while (index != INDEX_NONE && !may_run(planner, &planner->audits[index], session))
        index = planner->audit_links[index].next;
    return index;
}

void audit_spec(const struct planner *planner, const struct audit *audit, struct segment_spec *out_spec)
{
    const struct replica *replica = &planner->replicas[audit->replica];
    campaign_segment_spec(planner->campaigns[replica->campaign].campaign, replica->id, audit->segment, audit->rung,
                          audit->rung_before, out_spec);
}

/* -- the verdict ----------------------------------------------------------------------------------------------------
 */

static bool is_unanimous(const struct audit *audit)
{
    for (uint32_t i = 1; i < audit->vote_count; i++)
        if (!digest_equal(&audit->votes[i].output, &audit->votes[0].output))
            return false;
    return true;
}

static bool is_vote_trusted(const struct planner *planner, const struct vote *vote)
{
    return audit_is_trusted(planner, vote->host, &vote->worker);
}

/* A worker that is trusted and finds the same twice, where all who found something else are not trusted any more: there
 * may be nobody else left. */
static bool outweighs(const struct planner *planner, const struct audit *audit, const struct vote *vote)
{
    for (uint32_t i = 0; i < audit->vote_count; i++)
        if (!digest_equal(&audit->votes[i].output, &vote->output) && is_vote_trusted(planner, &audit->votes[i]))
            return false;
    return is_vote_trusted(planner, vote);
}

/* What two different workers found, or one against those who are not trusted; NULL when no two agree yet. */
static const struct digest *find_majority(const struct planner *planner, const struct audit *audit)
{
    for (uint32_t i = 0; i < audit->vote_count; i++)
        for (uint32_t j = i + 1; j < audit->vote_count; j++)
            if (digest_equal(&audit->votes[i].output, &audit->votes[j].output) &&
                (!is_same_worker(&audit->votes[i].worker, &audit->votes[j].worker) ||
                 outweighs(planner, audit, &audit->votes[i])))
                return &audit->votes[i].output;
    return NULL;
}

static void pass(struct planner *planner, uint32_t index, struct planner_actions *out)
{
    const struct audit *audit = &planner->audits[index];
    const struct vote *last = &audit->votes[audit->vote_count - 1];
    const uint32_t session = session_find_worker(planner, &audit->votes[0].worker);
    if (session != INDEX_NONE)
        planner->sessions[session].passed++;
    struct planner_action *action = planner_add(out, ACTION_STORE_AUDIT);
    action->store_audit.key = planner_key_of(planner, &planner->replicas[audit->replica]);
    action->store_audit.key.segment = audit->segment;
    action->store_audit.worker = last->worker;
    memcpy(action->store_audit.host, last->host, sizeof action->store_audit.host);
    close_audit(planner, index);
}

static void retract(struct planner *planner, uint32_t index, struct planner_actions *out)
{
    const struct audit *audit = &planner->audits[index];
    struct planner_action *action = planner_add(out, ACTION_RETRACT);
    action->retract.key = planner_key_of(planner, &planner->replicas[audit->replica]);
    action->retract.key.segment = audit->segment;
    text_print(action->retract.reason, sizeof action->retract.reason, "audit: stored by %s, proven wrong by %s",
               audit->votes[0].host, audit->votes[audit->vote_count - 1].host);
    planner->is_void = true;
}

/* All runs differ: once more from the beginning, and people should look at it. */
static void start_over(struct planner *planner, struct audit *audit, struct planner_actions *out)
{
    planner_note(planner, out, audit->replica, "conflict", "segment %lld of replica %u: no two of %u workers agree",
                 (long long)audit->segment.value, (unsigned)planner->replicas[audit->replica].id.value,
                 (unsigned)audit->vote_count);
    audit->vote_count = 1;
}

static void judge(struct planner *planner, uint32_t index, struct planner_actions *out)
{
    struct audit *audit = &planner->audits[index];
    if (is_unanimous(audit) || PLANTED(AUDIT_ALWAYS_PASSES)) {
        pass(planner, index, out);
        return;
    }
    const struct digest *majority = find_majority(planner, audit);
    if (!majority) {
        if (audit->vote_count == AUDIT_VOTES_MAX)
            start_over(planner, audit, out);
        return;
    }
    const struct digest right = *majority;
    accuse_all(planner, audit, &right, out);
    if (digest_equal(&right, &audit->votes[0].output))
        pass(planner, index, out);
    else
        retract(planner, index, out);
}

/* A run that nobody asked for counts too, but from a new host only: messages are repeated, and a worker that is started
 * again may send what the one before it left behind. */
void audit_vote(struct planner *planner, uint32_t index, const struct vote *vote, struct lease_token token,
                struct planner_actions *out)
{
    struct audit *audit = &planner->audits[index];
    const bool is_asked = audit->lease != INDEX_NONE && planner->leases[audit->lease].token.value == token.value;
    if (is_asked)
        lease_release(planner, audit->lease);
    else if (has_voted(audit, vote->host))
        return;
    INVARIANT(audit->vote_count < AUDIT_VOTES_MAX); /* with the last one it was judged, or started over */
    audit->votes[audit->vote_count++] = *vote;
    if (!digest_equal(&vote->output, &audit->votes[0].output))
        planner_note(planner, out, audit->replica, "conflict",
                     "segment %lld of replica %u: %s and %s found different things; the next run decides",
                     (long long)audit->segment.value, (unsigned)planner->replicas[audit->replica].id.value,
                     audit->votes[0].host, vote->host);
    judge(planner, index, out);
}

/* A second result that nobody asked for contradicts a segment whose audit is not open. */
uint32_t audit_reopen(struct planner *planner, const struct segment_record *record)
{
    const uint32_t replica = planner_find_replica(planner, record->key.campaign, record->key.replica);
    const uint32_t open = audit_find(planner, replica, record->key.segment);
    if (open != INDEX_NONE || planner->replicas[replica].audits.count > 0 || planner->audits_free.first == INDEX_NONE)
        return open;
    const uint32_t index = open_audit(planner, replica, record);
    if (planner->replicas[replica].state == REPLICA_READY)
        planner_set_state(planner, replica, REPLICA_READY);
    return index;
}

/* Its input cannot be read any more. */
void audit_drop(struct planner *planner, uint32_t index, const char *why, struct planner_actions *out)
{
    const struct audit *audit = &planner->audits[index];
    planner_note(planner, out, audit->replica, "unaudited", "segment %lld of replica %u cannot be run again: %s",
                 (long long)audit->segment.value, (unsigned)planner->replicas[audit->replica].id.value, why);
    close_audit(planner, index);
}
