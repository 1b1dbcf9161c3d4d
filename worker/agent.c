#include "worker/agent.h"

#include "common/engine.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "worker/agent_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what is held ---- */

static struct held *find_token(struct agent *agent, struct lease_token token)
{
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].grant.token.value == token.value)
            return &agent->held[i];
    return NULL;
}

static struct held *find_slot(struct agent *agent, int slot)
{
    for (uint32_t i = 0; i < agent->held_count; i++) {
        struct held *held = &agent->held[i];
        if ((held->state == HELD_RUNNING || held->state == HELD_ABANDONED) && held->slot == slot)
            return held;
    }
    return NULL;
}

static struct held *find_queued(struct agent *agent)
{
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].state == HELD_QUEUED)
            return &agent->held[i];
    return NULL;
}

static uint32_t count_state(const struct agent *agent, enum held_state state)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < agent->held_count; i++)
        count += agent->held[i].state == state;
    return count;
}

static void drop_snapshot(struct held *held)
{
    mem_free(held->grant.snapshot_bytes);
    held->grant.snapshot_bytes = NULL;
    held->grant.snapshot_size = 0;
}

static void remove_held(struct agent *agent, struct held *held)
{
    drop_snapshot(held);
    segment_result_finish(&held->result.result);
    const size_t place = (size_t)(held - agent->held);
    agent->held_count--;
    memmove(held, held + 1, (agent->held_count - place) * sizeof *held);
}

/* ---- leases ---- */

static void start_slot(struct agent *agent, int slot)
{
    struct held *held = find_queued(agent);
    if (!held)
        return;
    const struct agent_port *port = &agent->setup.port;
    held->state = HELD_RUNNING;
    held->slot = slot;
    held->started = agent->now;
    port->start(port->context, slot, &held->grant.spec, held->grant.snapshot_bytes, held->grant.snapshot_size);
}

static void start_idle_slots(struct agent *agent)
{
    for (int slot = 0; slot < agent->slots; slot++)
        if (!find_slot(agent, slot))
            start_slot(agent, slot);
}

static void abandon(struct agent *agent, struct held *held, bool give_back)
{
    const struct agent_port *port = &agent->setup.port;
    held->state = HELD_ABANDONED;
    held->give_back = give_back;
    port->cancel(port->context, held->slot);
}

/* A result that is settled, one way or the other. */
static void forget_result(struct agent *agent, struct held *held)
{
    const struct agent_port *port = &agent->setup.port;
    if (held->is_spooled)
        port->forget(port->context, &held->result);
    remove_held(agent, held);
}

/* The coordinator wants no more of this token: stop it, or forget it. */
static void revoke(struct agent *agent, struct lease_token token)
{
    struct held *held = find_token(agent, token);
    if (!held)
        return;
    if (held->state == HELD_RUNNING)
        abandon(agent, held, false);
    else if (held->state != HELD_ABANDONED)
        forget_result(agent, held);
}

static bool has_right_input(const struct wire_grant *grant)
{
    const bool is_build = grant->spec.stage == STAGE_BUILD;
    const struct digest input = segment_input_digest(&grant->spec, ENGINE_ID, is_build ? NULL : &grant->snapshot);
    return digest_equal(&input, &grant->input);
}

/* Puts the snapshot's bytes into the grant, from the worker's own results if it came without. */
static bool complete_grant(struct agent *agent, struct wire_grant *grant)
{
    if (grant->spec.stage == STAGE_BUILD || grant->snapshot_bytes)
        return true;
    grant->snapshot_bytes = snapshot_cache_copy(&agent->snapshots, &grant->snapshot, &grant->snapshot_size);
    return grant->snapshot_bytes != NULL;
}

/* Why the grant cannot be taken; NULL when it was. */
static const char *refuse_grant(struct agent *agent, struct wire_grant *grant, enum wire_return_reason *out_reason)
{
    *out_reason = WIRE_RETURN_LEAVING;
    if (agent->leaving)
        return "the worker is leaving";
    *out_reason = WIRE_RETURN_FULL;
    if (agent->held_count == agent->held_max)
        return "the worker holds all that it can";
    *out_reason = WIRE_RETURN_REFUSED;
    if (!has_right_input(grant))
        return "the segment does not have its input digest here";
    *out_reason = WIRE_RETURN_NO_SNAPSHOT;
    if (!complete_grant(agent, grant))
        return "the snapshot is not held here (any more)";
    return NULL;
}

/* `grant` is given. */
static void take_grant(struct agent *agent, struct wire_grant *grant)
{
    enum wire_return_reason reason;
    const bool is_repeated = find_token(agent, grant->token) != NULL;
    const char *refusal = is_repeated ? NULL : refuse_grant(agent, grant, &reason);
    if (refusal)
        agent_say_return(agent, grant->token, reason, refusal);
    if (refusal || is_repeated) {
        mem_free(grant->snapshot_bytes);
        return;
    }
    agent->held[agent->held_count++] = (struct held){.state = HELD_QUEUED, .grant = *grant};
    start_idle_slots(agent);
}

/* ---- messages ---- */

static void take_welcome(struct agent *agent, const struct wire_welcome *welcome)
{
    agent->connection = CONNECTION_WELCOMED;
    agent->hello_tries = 0;
    agent->renew_every_ms = welcome->renew_every_ms;
    agent->silence_max_ms = welcome->silence_max_ms;
    agent->renew_at = after_ms(agent->now, agent->renew_every_ms);
    for (uint32_t i = 0; i < welcome->dropped_count; i++)
        revoke(agent, welcome->dropped[i]);
    for (uint32_t i = 0; i < welcome->adopted_count; i++) {
        struct held *held = find_token(agent, welcome->adopted[i].before);
        if (held)
            held->grant.token = held->result.token = welcome->adopted[i].after;
    }
    agent_say_want(agent);
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].state == HELD_RESULT)
            agent_say_result(agent, &agent->held[i]);
}

static void take_who(struct agent *agent)
{
    if (agent->connection == CONNECTION_REFUSED)
        return;
    agent->connection = CONNECTION_CALLING;
    agent->hello_tries = 0;
    const struct mono_ns earliest = after_ms(agent->hello_last, WHO_PAUSE_MS);
    agent->hello_at = is_due(agent, earliest) ? agent->now : earliest;
}

static void take_ack(struct agent *agent, struct wire_ack *ack)
{
    struct held *held = find_token(agent, ack->token);
    const bool is_known = held && held->state == HELD_RESULT;
    if (is_known && ack->verdict == WIRE_RETRY_AFTER)
        held->send_at = after_ms(agent->now, ack->retry_after_ms);
    else if (is_known)
        forget_result(agent, held);
    if (ack->has_grant)
        take_grant(agent, &ack->grant);
    ack->grant.snapshot_bytes = NULL; /* given on */
}

static void take_goaway(struct agent *agent, const struct wire_goaway *goaway)
{
    if (goaway->retry_after_ms > 0) {
        agent->connection = CONNECTION_CALLING;
        agent->hello_at = after_ms(agent->now, goaway->retry_after_ms);
        return;
    }
    agent->connection = CONNECTION_REFUSED;
    memcpy(agent->refusal, goaway->text, sizeof agent->refusal);
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].state == HELD_RUNNING)
            abandon(agent, &agent->held[i], false);
}

static void dispatch(struct agent *agent, struct wire_message *message)
{
    switch (message->type) {
    case WIRE_WELCOME:
        take_welcome(agent, &message->welcome);
        break;
    case WIRE_WHO:
        take_who(agent);
        break;
    case WIRE_GRANT:
        take_grant(agent, &message->grant);
        message->grant.snapshot_bytes = NULL; /* given on */
        break;
    case WIRE_RENEWED:
        for (uint32_t i = 0; i < message->renewed.revoked_count; i++)
            revoke(agent, message->renewed.revoked[i]);
        break;
    case WIRE_ACK:
        take_ack(agent, &message->ack);
        break;
    case WIRE_DRAIN:
        agent_leave(agent, agent->now, message->drain.grace_ms);
        break;
    case WIRE_GOAWAY:
        take_goaway(agent, &message->goaway);
        break;
    default:
        break; /* the worker's own messages, sent back by somebody confused */
    }
}

void agent_receive(struct agent *agent, struct mono_ns now, struct wire_message *message)
{
    agent->now = now;
    agent->heard = now;
    dispatch(agent, message);
    wire_message_finish(message);
    start_idle_slots(agent);
}

/* ---- outcomes ---- */

static void note_rate(struct agent *agent, const struct held *held)
{
    const double seconds = 1e-9 * (double)(agent->now.value - held->started.value);
    if (held->grant.spec.steps > 0 && seconds > 0)
        agent->steps_per_second = (double)held->grant.spec.steps / seconds;
}

/* The lease becomes a result, which is kept until it is acknowledged. */
static void keep_outcome(struct agent *agent, struct held *held, struct outcome *outcome)
{
    held->state = HELD_RESULT;
    held->result = (struct wire_result){.campaign = held->grant.campaign,
                                        .lineage = held->grant.lineage,
                                        .token = held->grant.token,
                                        .status = outcome->status,
                                        .result = outcome->result};
    drop_snapshot(held);
    if (outcome->status == STATUS_OK) {
        note_rate(agent, held);
        snapshot_cache_put(&agent->snapshots, &outcome->result.snapshot, outcome->result.snapshot_bytes,
                           outcome->result.snapshot_size);
        agent->counts.segments_done++;
    } else {
        held->result.result = (struct segment_result){
            .replica = held->grant.spec.replica, .segment = held->grant.spec.segment, .input = held->grant.input};
        snprintf(held->result.text, sizeof held->result.text, "%s", outcome->err.message);
        agent->counts.segments_failed++;
    }
    held->send_at = agent->now;
    if (agent->connection == CONNECTION_WELCOMED)
        agent_say_result(agent, held);
    if (agent->connection != CONNECTION_WELCOMED)
        agent_spool(agent, held);
}

static void drop_outcome(struct agent *agent, struct held *held, struct outcome *outcome)
{
    if (outcome->status == STATUS_OK)
        segment_result_finish(&outcome->result);
    if (held->give_back)
        agent_say_return(agent, held->grant.token, WIRE_RETURN_LEAVING, "the worker is leaving");
    remove_held(agent, held);
}

void agent_collect(struct agent *agent, struct mono_ns now, struct outcome *outcome)
{
    agent->now = now;
    struct held *held = find_slot(agent, outcome->slot);
    INVARIANT(held != NULL);
    /* Done in time after all: a result is worth more than a lease given back. */
    const bool is_saved = held->state == HELD_ABANDONED && held->give_back && outcome->status == STATUS_OK;
    if (held->state == HELD_RUNNING || is_saved)
        keep_outcome(agent, held, outcome);
    else
        drop_outcome(agent, held, outcome);
    start_idle_slots(agent);
}

/* ---- leaving ---- */

/* Seconds that a running segment needs still, by its own rate, or by the last one's when it has just begun. */
static double seconds_left(const struct agent *agent, const struct held *held)
{
    const int64_t done = agent->setup.port.progress(agent->setup.port.context, held->slot);
    const double elapsed = 1e-9 * (double)(agent->now.value - held->started.value);
    const double rate = done > 0 && elapsed > 0 ? (double)done / elapsed : agent->steps_per_second;
    const double left = (double)(held->grant.spec.steps - done);
    return rate > 0 ? left / rate : 1e30;
}

static void abandon_too_slow(struct agent *agent)
{
    const double grace_left = 1e-9 * (double)(agent->leave_at.value - agent->now.value);
    for (uint32_t i = 0; i < agent->held_count; i++) {
        struct held *held = &agent->held[i];
        if (held->state == HELD_RUNNING && seconds_left(agent, held) > grace_left)
            abandon(agent, held, true);
    }
}

static void return_queued(struct agent *agent)
{
    for (struct held *held; (held = find_queued(agent));) {
        agent_say_return(agent, held->grant.token, WIRE_RETURN_LEAVING, "the worker is leaving");
        remove_held(agent, held);
    }
}

void agent_leave(struct agent *agent, struct mono_ns now, int64_t grace_ms)
{
    agent->now = now;
    const struct mono_ns until = after_ms(now, grace_ms);
    if (!agent->leaving || until.value < agent->leave_at.value)
        agent->leave_at = until;
    agent->leaving = true;
    agent_say_want(agent);
    return_queued(agent);
    abandon_too_slow(agent);
}

/* A result that nobody acknowledged leaves this process, for the disk if there is one; its segment is free again. */
static void return_results(struct agent *agent)
{
    while (agent->held_count > 0) {
        agent_spool(agent, &agent->held[0]);
        agent_say_return(agent, agent->held[0].grant.token, WIRE_RETURN_LEAVING,
                         "the result was not acknowledged in time");
        remove_held(agent, &agent->held[0]);
    }
}

static void leave_when_done(struct agent *agent)
{
    abandon_too_slow(agent);
    if (count_state(agent, HELD_RUNNING) > 0 || count_state(agent, HELD_ABANDONED) > 0)
        return;
    if (agent->held_count > 0 && !is_due(agent, after_ms(agent->leave_at, LEAVE_LINGER_MS)))
        return;
    return_results(agent);
    agent_say_bye(agent);
    agent->left = true;
}

/* ---- timers ---- */

static void resend_results(struct agent *agent)
{
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].state == HELD_RESULT && is_due(agent, agent->held[i].send_at))
            agent_say_result(agent, &agent->held[i]);
}

static void tick_welcomed(struct agent *agent)
{
    if (is_due(agent, after_ms(agent->heard, agent->silence_max_ms))) {
        agent->connection = CONNECTION_CALLING;
        agent_say_hello(agent);
        return;
    }
    if (is_due(agent, agent->renew_at))
        agent_say_renew(agent);
    resend_results(agent);
}

static struct mono_ns earlier(struct mono_ns a, struct mono_ns b)
{
    return a.value < b.value ? a : b;
}

static struct mono_ns next_tick(const struct agent *agent)
{
    struct mono_ns next =
        agent->connection == CONNECTION_REFUSED ? after_ms(agent->now, LEAVE_LOOK_MS) : agent->hello_at;
    if (agent->connection == CONNECTION_WELCOMED) {
        next = earlier(agent->renew_at, after_ms(agent->heard, agent->silence_max_ms));
        for (uint32_t i = 0; i < agent->held_count; i++)
            if (agent->held[i].state == HELD_RESULT)
                next = earlier(next, agent->held[i].send_at);
    }
    return agent->leaving ? earlier(next, after_ms(agent->now, LEAVE_LOOK_MS)) : next;
}

struct mono_ns agent_tick(struct agent *agent, struct mono_ns now)
{
    agent->now = now;
    if (agent->connection == CONNECTION_WELCOMED)
        tick_welcomed(agent);
    else if (agent->connection == CONNECTION_CALLING && is_due(agent, agent->hello_at))
        agent_say_hello(agent);
    if (agent->leaving && !agent->left)
        leave_when_done(agent);
    return next_tick(agent);
}

bool agent_restore(struct agent *agent, struct wire_result *result)
{
    if (agent->held_count >= agent->held_max / 2)
        return false; /* the other half is for new leases */
    agent->held[agent->held_count++] = (struct held){
        .state = HELD_RESULT,
        .grant = {.campaign = result->campaign,
                  .lineage = result->lineage,
                  .token = result->token,
                  .spec = {.replica = result->result.replica, .segment = result->result.segment},
                  .input = result->result.input},
        .result = *result,
        .is_spooled = true,
    };
    return true;
}

bool agent_is_finished(const struct agent *agent, enum status *out_status, struct error *err)
{
    if (agent->connection == CONNECTION_REFUSED) {
        if (count_state(agent, HELD_ABANDONED) > 0)
            return false;
        *out_status = error_set(err, STATUS_CONFLICT, "the coordinator refused this worker: %s", agent->refusal);
        return true;
    }
    if (!agent->left)
        return false;
    *out_status =
        agent->counts.leases_returned == 0
            ? STATUS_OK
            : error_set(err, STATUS_EVICTED, "left with %" PRIu64 " leases given back", agent->counts.leases_returned);
    return true;
}

struct agent_counts agent_count(const struct agent *agent)
{
    struct agent_counts counts = agent->counts;
    counts.running = count_state(agent, HELD_RUNNING);
    counts.queued = count_state(agent, HELD_QUEUED);
    counts.results = count_state(agent, HELD_RESULT);
    return counts;
}

/* ---- life ---- */

enum status agent_create(const struct agent_setup *setup, struct mono_ns now, struct agent **out_agent,
                         struct error *err)
{
    struct agent *agent = mem_alloc_array(1, sizeof *agent);
    if (!agent)
        return mem_error(err, "the agent");
    *agent = (struct agent){
        .setup = *setup,
        .slots = (int)setup->hello.slots,
        .now = now,
        .hello_at = now,
        .heard = now,
        .renew_every_ms = RENEW_DEFAULT_MS,
        .silence_max_ms = SILENCE_DEFAULT_MS,
    };
    agent->setup.hello.protocol_first = WIRE_PROTOCOL_FIRST;
    agent->setup.hello.protocol_last = WIRE_PROTOCOL_LAST;
    agent->setup.hello.engine_id = ENGINE_ID;
    agent->held_max = (uint32_t)agent->slots * HELD_PER_SLOT;
    agent->held_max = agent->held_max < HELD_MAX ? agent->held_max : HELD_MAX;
    agent->held = mem_alloc_array(agent->held_max, sizeof *agent->held);
    if (!agent->held) {
        agent_destroy(&agent);
        return mem_error(err, "the leases of an agent");
    }
    *out_agent = agent;
    return STATUS_OK;
}

void agent_destroy(struct agent **agent)
{
    if (!agent || !*agent)
        return;
    while ((*agent)->held_count > 0)
        remove_held(*agent, &(*agent)->held[0]);
    snapshot_cache_finish(&(*agent)->snapshots);
    mem_free((*agent)->held);
    mem_free(*agent);
    *agent = NULL;
}
