#include "server/core/planner.h"

#include "common/invariant.h"
#include "common/text.h"
#include "server/core/planner_state.h"

#include <stdarg.h>

/* Replies that a single event must be able to give, whatever else was said before in the same step. */
enum { ACTIONS_MARGIN = 8 };

static const int64_t ns_per_ms = 1000000;

static struct planner *lay_out(struct arena *arena, const struct planner_config *config)
{
    struct planner *planner = arena_take(arena, 1, sizeof *planner);
    struct planner measured;
    struct planner *p = planner ? planner : &measured;
    p->campaigns = arena_take(arena, config->campaigns_max, sizeof *p->campaigns);
    p->replicas = arena_take(arena, config->replicas_max, sizeof *p->replicas);
    p->occupants = arena_take(arena, config->rungs_max, sizeof *p->occupants);
    ready_init(&p->ready, arena, config->replicas_max);
    p->sessions = arena_take(arena, config->sessions_max, sizeof *p->sessions);
    keymap_init(&p->session_of_peer, arena, config->sessions_max);
    keymap_init(&p->session_of_worker, arena, config->sessions_max);
    p->session_free_links = arena_take(arena, config->sessions_max, sizeof *p->session_free_links);
    p->session_hungry_links = arena_take(arena, config->sessions_max, sizeof *p->session_hungry_links);
    p->hosts = arena_take(arena, config->sessions_max, sizeof *p->hosts);
    keymap_init(&p->host_of_name, arena, config->sessions_max);
    p->host_links = arena_take(arena, config->sessions_max, sizeof *p->host_links);
    p->leases = arena_take(arena, config->leases_max, sizeof *p->leases);
    keymap_init(&p->lease_of_token, arena, config->leases_max);
    p->lease_links = arena_take(arena, config->leases_max, sizeof *p->lease_links);
    p->lease_of_session = arena_take(arena, config->leases_max, sizeof *p->lease_of_session);
    p->replica_of_holder = arena_take(arena, config->replicas_max, sizeof *p->replica_of_holder);
    p->audits = arena_take(arena, config->audits_max, sizeof *p->audits);
    p->audit_links = arena_take(arena, config->audits_max, sizeof *p->audit_links);
    p->audit_of_replica = arena_take(arena, config->audits_max, sizeof *p->audit_of_replica);
    p->untrusted = arena_take(arena, config->untrusted_max, sizeof *p->untrusted);
    p->adopted = arena_take(arena, WIRE_TOKENS_MAX, sizeof *p->adopted);
    p->tokens = arena_take(arena, WIRE_TOKENS_MAX, sizeof *p->tokens);
    return planner;
}

size_t planner_memory_size(const struct planner_config *config)
{
    struct arena measure = {0};
    lay_out(&measure, config);
    return measure.used;
}

struct planner *planner_init(struct arena *arena, const struct planner_config *config)
{
    struct planner *planner = lay_out(arena, config);
    INVARIANT(planner);
    planner->config = *config;
    list_init(&planner->sessions_free);
    list_init(&planner->sessions_hungry);
    list_init(&planner->hosts_free);
    list_init(&planner->leases_free);
    list_init(&planner->leases_due);
    list_init(&planner->audits_free);
    list_init(&planner->audits_waiting);
    for (uint32_t i = 0; i < config->audits_max; i++)
        list_append(&planner->audits_free, planner->audit_links, i);
    for (uint32_t i = 0; i < config->sessions_max; i++)
        list_append(&planner->sessions_free, planner->session_free_links, i);
    for (uint32_t i = 0; i < config->sessions_max; i++)
        list_append(&planner->hosts_free, planner->host_links, i);
    for (uint32_t i = 0; i < config->leases_max; i++)
        list_append(&planner->leases_free, planner->lease_links, i);
    return planner;
}

struct campaign_state *planner_campaign_of(struct planner *planner, const struct replica *replica)
{
    return &planner->campaigns[replica->campaign];
}

const struct ensemble_spec *planner_ensemble_of(const struct planner *planner, const struct replica *replica)
{
    return &planner->campaigns[replica->campaign].campaign->ensembles[replica->ensemble.value];
}

struct segment_key planner_key_of(const struct planner *planner, const struct replica *replica)
{
    return (struct segment_key){planner->campaigns[replica->campaign].id, replica->id, replica->next};
}

uint32_t planner_find_replica(const struct planner *planner, struct campaign_id campaign, struct replica_id replica)
{
    if (campaign.value == 0 || campaign.value > planner->campaign_count)
        return INDEX_NONE;
    const struct campaign_state *state = &planner->campaigns[campaign.value - 1];
    return replica.value < state->campaign->replica_count ? state->replica_first + replica.value : INDEX_NONE;
}

static double share_done(const struct replica *replica)
{
    return (double)(replica->next.value - replica->segment_first.value) /
           (double)(replica->segment_end.value - replica->segment_first.value);
}

void planner_set_state(struct planner *planner, uint32_t index, enum replica_state state)
{
    struct replica *replica = &planner->replicas[index];
    uint32_t *in_state = planner_campaign_of(planner, replica)->in_state;
    if (replica->state == REPLICA_READY)
        ready_remove(&planner->ready, index);
    if (state == REPLICA_READY && audit_blocks(planner, index))
        state = REPLICA_BLOCKED;
    else if (state == REPLICA_READY && !planner_is_running(planner, replica->campaign))
        state = REPLICA_PAUSED;
    in_state[replica->state]--;
    in_state[state]++;
    replica->state = state;
    if (state == REPLICA_READY)
        ready_push(&planner->ready, index, share_done(replica));
}

void planner_next_spec(const struct planner *planner, const struct replica *replica, struct segment_spec *out_spec)
{
    campaign_segment_spec(planner->campaigns[replica->campaign].campaign, replica->id, replica->next, replica->rung,
                          replica->rung_before, out_spec);
}

void planner_advance(struct planner *planner, uint32_t index)
{
    struct replica *replica = &planner->replicas[index];
    if (replica->next.value >= replica->segment_end.value) {
        planner_set_state(planner, index, REPLICA_DONE);
        return;
    }
    struct segment_spec spec;
    planner_next_spec(planner, replica, &spec);
    replica->input =
        segment_input_digest(&spec, planner->config.engine_id, replica->has_snapshot ? &replica->snapshot : NULL);
    planner_set_state(planner, index, REPLICA_READY);
}

bool planner_has_room(const struct planner_actions *out)
{
    return out->count + ACTIONS_MARGIN < PLANNER_ACTIONS_MAX;
}

struct planner_action *planner_add(struct planner_actions *out, enum planner_action_type type)
{
    INVARIANT(out->count < PLANNER_ACTIONS_MAX);
    struct planner_action *action = &out->items[out->count++];
    action->type = type;
    return action;
}

struct wire_message *planner_send(struct planner_actions *out, struct peer_id peer, enum wire_type type)
{
    struct planner_action *action = planner_add(out, ACTION_SEND);
    action->send.peer = peer;
    action->send.with_snapshot = false;
    action->send.message = (struct wire_message){.type = type};
    return &action->send.message;
}

void planner_note(struct planner *planner, struct planner_actions *out, uint32_t index, const char *kind,
                  const char *fmt, ...)
{
    const struct replica *replica = &planner->replicas[index];
    struct planner_action *action = planner_add(out, ACTION_NOTE);
    action->note.campaign = planner_campaign_of(planner, replica)->id;
    action->note.kind = kind;
    va_list args;
    va_start(args, fmt);
    text_print_args(action->note.text, sizeof action->note.text, fmt, args);
    va_end(args);
}

/* Lease time stands still while this process does: a coordinator that was stopped for ten minutes must not take its
 * workers for dead. */
static void take_time(struct planner *planner, struct mono_ns now)
{
    int64_t gap = planner->now.value ? now.value - planner->now.value : 0;
    int64_t gap_max = PLANTED(STALL_EXPIRES) ? INT64_MAX : planner->config.stall_ms * ns_per_ms;
    if (gap > 0)
        planner->awake += gap < gap_max ? gap : gap_max;
    if (now.value > planner->now.value)
        planner->now = now;
}

static void handle_want(struct planner *planner, uint32_t session, const struct wire_want *want)
{
    planner->sessions[session].credits = want->credits;
    session_update_hunger(planner, session);
}

static void handle_renew(struct planner *planner, uint32_t session, const struct wire_renew *renew,
                         struct planner_actions *out)
{
    uint32_t revoked = 0;
    for (uint32_t i = 0; i < renew->count; i++) {
        uint32_t lease = lease_find(planner, session, renew->leases[i].token);
        if (lease == INDEX_NONE) {
            INVARIANT(revoked < WIRE_TOKENS_MAX);
            planner->tokens[revoked++] = renew->leases[i].token;
            continue;
        }
        lease_progress(planner, lease, renew->leases[i].step);
        lease_renew(planner, lease);
    }
    struct wire_message *message = planner_send(out, planner->sessions[session].peer, WIRE_RENEWED);
    message->renewed = (struct wire_renewed){.revoked_count = revoked, .revoked = planner->tokens};
}

static void handle_return(struct planner *planner, uint32_t session, const struct wire_return *returned,
                          struct planner_actions *out)
{
    uint32_t lease = lease_find(planner, session, returned->token);
    if (lease == INDEX_NONE || PLANTED(RETURN_IGNORED))
        return;
    const uint32_t replica = planner->leases[lease].replica;
    const bool is_audit = planner->leases[lease].kind == LEASE_AUDIT;
    if (returned->reason == WIRE_RETURN_NO_SNAPSHOT && !is_audit)
        session_drop_snapshot(planner, replica);
    if (returned->reason == WIRE_RETURN_FULL)
        planner->sessions[session].credits = planner->sessions[session].leases.count - 1;
    if (returned->reason == WIRE_RETURN_LEAVING)
        planner->sessions[session].credits = 0;
    lease_release(planner, lease);
    if (returned->reason == WIRE_RETURN_REFUSED && !is_audit)
        count_failure(planner, replica, session, STATUS_INVALID, returned->text, out);
}

static void handle_message(struct planner *planner, struct peer_id peer, const struct wire_message *message,
                           struct planner_actions *out)
{
    if (message->type == WIRE_HELLO) {
        handle_hello(planner, peer, &message->hello, out);
        return;
    }
    uint32_t session = session_find_peer(planner, peer);
    if (session == INDEX_NONE) {
        if (message->type != WIRE_BYE)
            planner_send(out, peer, WIRE_WHO);
        return;
    }
    session_hear(planner, session);
    switch (message->type) {
    case WIRE_WANT:
        handle_want(planner, session, &message->want);
        break;
    case WIRE_RENEW:
        handle_renew(planner, session, &message->renew, out);
        break;
    case WIRE_RESULT:
        handle_result(planner, session, &message->result, out);
        break;
    case WIRE_RETURN:
        handle_return(planner, session, &message->returned, out);
        break;
    case WIRE_BYE:
        session_remove(planner, session);
        break;
    default: /* what only a coordinator says */
        break;
    }
}

static void start_drain(struct planner *planner, uint32_t grace_ms)
{
    planner->draining = true;
    planner->drain_grace_ms = grace_ms;
    planner->drain_next = 0;
}

static void tell_drain(struct planner *planner, struct planner_actions *out)
{
    if (!planner->draining)
        return;
    while (planner->drain_next < planner->config.sessions_max && planner_has_room(out)) {
        const struct session *session = &planner->sessions[planner->drain_next++];
        if (session->used && session->peer.value)
            planner_send(out, session->peer, WIRE_DRAIN)->drain.grace_ms = planner->drain_grace_ms;
    }
    out->more |= planner->drain_next < planner->config.sessions_max;
}

static void handle_event(struct planner *planner, const struct planner_event *event, struct planner_actions *out)
{
    switch (event->type) {
    case EVENT_TICK:
        lease_expire(planner);
        grant_watch_stalls(planner);
        session_watch_silence(planner, out);
        break;
    case EVENT_MESSAGE:
        handle_message(planner, event->message.peer, event->message.message, out);
        break;
    case EVENT_HOST_REVOKED:
        session_remove_host(planner, event->host, out);
        break;
    case EVENT_PEER_LOST: {
        uint32_t session = session_find_peer(planner, event->peer_lost);
        if (session != INDEX_NONE)
            session_lose_peer(planner, session);
        break;
    }
    case EVENT_SEGMENT_STORED:
        handle_segment_stored(planner, &event->segment, out);
        break;
    case EVENT_SEGMENT_REFUSED:
        handle_segment_refused(planner, &event->segment, out);
        break;
    case EVENT_SEGMENT_FOUND:
        handle_segment_found(planner, &event->found.lookup, &event->found.stored, out);
        break;
    case EVENT_SEGMENT_MISSING:
        handle_segment_missing(&event->found.lookup, out);
        break;
    case EVENT_EXCHANGE_STORED:
        handle_exchange_stored(planner, &event->exchange);
        break;
    case EVENT_EXCHANGE_REFUSED:
        handle_exchange_refused(planner, &event->exchange);
        break;
    case EVENT_SNAPSHOT_MISSING:
        handle_snapshot_missing(planner, &event->snapshot_missing.segment, event->snapshot_missing.text, out);
        break;
    case EVENT_STORAGE:
        planner->storage = event->storage;
        break;
    case EVENT_DRAIN:
        start_drain(planner, event->drain_grace_ms);
        break;
    case EVENT_STANDING:
        handle_standing(planner, event->standing.campaign, event->standing.standing);
        break;
    case EVENT_TRUSTED:
        handle_trusted(planner, event->host);
        break;
    }
}

void planner_step(struct planner *planner, const struct planner_event *event, struct planner_actions *out)
{
    out->count = 0;
    out->more = false;
    take_time(planner, event->now);
    if (planner->is_void)
        return;
    handle_event(planner, event, out);
    if (planner->is_void)
        return;
    tell_drain(planner, out);
    exchange_settle(planner, out);
    grant_leases(planner, out);
    if (event->type == EVENT_TICK)
        grant_hedges(planner, out);
}

static bool is_at_rest(const struct planner *planner, const struct campaign_state *campaign)
{
    const uint32_t *in_state = campaign->in_state;
    const uint32_t under_way = in_state[REPLICA_LEASED] + in_state[REPLICA_STORING] + in_state[REPLICA_EXCHANGING];
    const uint32_t waiting =
        campaign->audits_open + in_state[REPLICA_READY] + in_state[REPLICA_BLOCKED] + in_state[REPLICA_PAUSED];
    return !planner->pairs_unsettled && !planner->is_void && under_way == 0 &&
           (waiting == 0 || campaign->standing == CAMPAIGN_CANCELLED);
}

struct planner_progress planner_get_progress(const struct planner *planner, struct campaign_id campaign)
{
    INVARIANT(campaign.value >= 1 && campaign.value <= planner->campaign_count);
    const struct campaign_state *state = &planner->campaigns[campaign.value - 1];
    return (struct planner_progress){
        .segments_done = state->segments_done,
        .segments_total = state->segments_total,
        .steps_done = state->steps_done,
        .steps_total = state->steps_total,
        .replicas = state->campaign->replica_count,
        .replicas_done = state->in_state[REPLICA_DONE],
        .replicas_held = state->in_state[REPLICA_HELD],
        .audits_open = state->audits_open,
        .at_rest = is_at_rest(planner, state),
    };
}

uint32_t planner_count_sessions(const struct planner *planner)
{
    return planner->session_count;
}

uint32_t planner_count_leases(const struct planner *planner)
{
    return planner->leases_due.count;
}

const struct wire_hello *planner_get_session(const struct planner *planner, uint32_t session)
{
    INVARIANT(session < planner->config.sessions_max && planner->sessions[session].used);
    return &planner->sessions[session].hello;
}
