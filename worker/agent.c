#include "worker/agent.h"

#include "common/engine.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/rng.h"
#include "worker/snapshot_cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MS = 1000000 }; /* ns */

enum {
    LEAVE_LOOK_MS = 500,     /* how often the estimate of what can be finished is renewed while leaving */
    LEAVE_LINGER_MS = 2000,  /* how long acknowledgements of the last results are waited for, beyond the grace time */
    WHO_PAUSE_MS = 1000,     /* a coordinator that was restarted says WHO to everything: one HELLO answers them all */
    RENEW_DEFAULT_MS = 5000, /* until a WELCOME says otherwise */
    SILENCE_DEFAULT_MS = 15000,
    HELD_PER_SLOT = 4 * AGENT_CREDITS_PER_SLOT,
    HELD_MAX = WIRE_HELD_MAX / 2,
};

enum held_state {
    HELD_QUEUED,
    HELD_RUNNING,
    HELD_ABANDONED, /* runs still, but its outcome is not wanted */
    HELD_RESULT,
};

/* One lease, from its grant to the acknowledgement of its result. */
struct held {
    enum held_state state;
    struct wire_grant grant; /* owns the snapshot's bytes until the segment has ended */
    int slot;                /* RUNNING, ABANDONED */
    struct mono_ns started;
    bool give_back;            /* ABANDONED: RETURN when it has ended */
    struct wire_result result; /* RESULT; owned */
    struct mono_ns send_at;
    uint32_t tries;
};

enum connection { CONNECTION_CALLING, CONNECTION_WELCOMED, CONNECTION_REFUSED };

struct agent {
    struct agent_setup setup;
    int slots;
    struct mono_ns now; /* of the call that is under way */

    enum connection connection;
    struct mono_ns hello_at, hello_last; /* the next one, the last one */
    uint32_t hello_tries, connect_tries;
    struct mono_ns heard; /* the last word from the coordinator */
    struct mono_ns renew_at;
    int64_t renew_every_ms, silence_max_ms;
    uint32_t jitter_draws;
    char refusal[WIRE_TEXT_SIZE];

    uint32_t held_count, held_max;
    struct held *held; /* in the order of their grants */
    struct snapshot_cache snapshots;
    double steps_per_second; /* of the last segment that ended well; 0 = none yet */

    bool leaving, left;
    struct mono_ns leave_at; /* end of the grace time */
    struct agent_counts counts;
};

/* ---- time ---- */

static struct mono_ns after_ms(struct mono_ns now, int64_t ms)
{
    return (struct mono_ns){now.value + ms * MS};
}

static bool is_due(const struct agent *agent, struct mono_ns when)
{
    return when.value <= agent->now.value;
}

/* Doubles with every try, between half and one and a half of that. */
static int64_t backoff_ms(struct agent *agent, uint32_t tries, int64_t first, int64_t last)
{
    const int64_t full = tries < 10 && first << tries < last ? first << tries : last;
    uint32_t key[2], counter[4] = {agent->jitter_draws++}, random[4];
    memcpy(key, agent->setup.hello.worker.bytes, sizeof key);
    rng_philox(counter, key, random);
    return full / 2 + (int64_t)((uint64_t)full * random[0] >> 32);
}

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

/* ---- what is said ---- */

/* Without a connection the next coordinator may be another process, which does not know this worker: HELLO first. */
static void lose_connection(struct agent *agent)
{
    if (agent->connection != CONNECTION_WELCOMED)
        return;
    agent->connection = CONNECTION_CALLING;
    agent->hello_at = after_ms(agent->now, AGENT_CONNECT_FIRST_MS);
}

static enum status say(struct agent *agent, const struct wire_message *message, struct error *err)
{
    const enum status status = agent->setup.port.send(agent->setup.port.context, message, err);
    if (status == STATUS_UNREACHABLE)
        lose_connection(agent);
    return status;
}

/* For messages that a timer, or the coordinator's, repeats if they are lost. */
static void say_lossy(struct agent *agent, const struct wire_message *message)
{
    error_ignore(say(agent, message, NULL), "a timer says it again");
}

static void say_return(struct agent *agent, struct lease_token token, enum wire_return_reason reason, const char *text)
{
    struct wire_message message = {.type = WIRE_RETURN, .returned = {.token = token, .reason = reason}};
    snprintf(message.returned.text, sizeof message.returned.text, "%s", text);
    say_lossy(agent, &message);
    agent->counts.leases_returned += reason == WIRE_RETURN_LEAVING;
}

static void say_want(struct agent *agent)
{
    const uint32_t credits = agent->leaving ? 0 : (uint32_t)(agent->slots * AGENT_CREDITS_PER_SLOT);
    say_lossy(agent, &(struct wire_message){.type = WIRE_WANT, .want = {credits}});
}

static struct wire_held describe_held(const struct held *held)
{
    return (struct wire_held){
        .token = held->grant.token,
        .campaign = held->grant.campaign,
        .lineage = held->grant.lineage,
        .replica = held->grant.spec.replica,
        .segment = held->grant.spec.segment,
        .input = held->grant.input,
        .is_result = held->state == HELD_RESULT,
    };
}

/* Until the transport is there, a look now and then costs nobody anything; a HELLO that went out costs an answer. */
static int64_t hello_pause_ms(struct agent *agent, enum status sent)
{
    if (sent != STATUS_OK)
        return backoff_ms(agent, agent->connect_tries++, AGENT_CONNECT_FIRST_MS, AGENT_CONNECT_LAST_MS);
    agent->connect_tries = 0;
    return backoff_ms(agent, agent->hello_tries++, AGENT_HELLO_FIRST_MS, AGENT_HELLO_LAST_MS);
}

static void say_hello(struct agent *agent)
{
    struct wire_message message = {.type = WIRE_HELLO, .hello = agent->setup.hello};
    struct wire_hello *hello = &message.hello;
    hello->session = (uint64_t)agent->now.value; /* rises while this process lives, as does no other's uuid */
    hello->held = mem_alloc_array(agent->held_count, sizeof *hello->held);
    for (uint32_t i = 0; hello->held && i < agent->held_count; i++)
        if (agent->held[i].state != HELD_ABANDONED)
            hello->held[hello->held_count++] = describe_held(&agent->held[i]);
    const enum status status = hello->held ? say(agent, &message, NULL) : STATUS_NO_MEMORY;
    mem_free(hello->held);
    agent->hello_last = agent->now;
    agent->hello_at = after_ms(agent->now, hello_pause_ms(agent, status));
}

static int64_t step_reached(const struct agent *agent, const struct held *held)
{
    const struct agent_port *port = &agent->setup.port;
    const int64_t done = held->state == HELD_RUNNING ? port->progress(port->context, held->slot) : 0;
    return held->grant.spec.step_first + done;
}

static void say_renew(struct agent *agent)
{
    struct wire_message message = {.type = WIRE_RENEW};
    struct wire_progress *leases = mem_alloc_array(agent->held_count, sizeof *leases);
    for (uint32_t i = 0; leases && i < agent->held_count; i++) {
        const struct held *held = &agent->held[i];
        if (held->state == HELD_QUEUED || held->state == HELD_RUNNING)
            leases[message.renew.count++] = (struct wire_progress){held->grant.token, step_reached(agent, held)};
    }
    message.renew.leases = leases;
    if (leases)
        say_lossy(agent, &message);
    mem_free(leases);
    agent->renew_at = after_ms(agent->now, agent->renew_every_ms);
}

/* A result that does not fit the wire is a failure that the coordinator must hear of. */
static void make_failure(struct wire_result *result, enum status status, const char *text)
{
    const struct segment_result whole = result->result;
    result->result = (struct segment_result){.replica = whole.replica,
                                             .segment = whole.segment,
                                             .input = whole.input,
                                             .cpu_time_ns = whole.cpu_time_ns,
                                             .wall_time_ns = whole.wall_time_ns};
    struct segment_result rest = whole;
    segment_result_finish(&rest);
    result->status = status;
    snprintf(result->text, sizeof result->text, "%s", text);
}

static void say_result(struct agent *agent, struct held *held)
{
    struct error err = {0};
    struct wire_message message = {.type = WIRE_RESULT, .result = held->result};
    enum status status = say(agent, &message, &err);
    if (status == STATUS_LIMIT) {
        make_failure(&held->result, status, err.message);
        message.result = held->result;
        status = say(agent, &message, &err);
    }
    held->send_at = after_ms(agent->now, backoff_ms(agent, held->tries, AGENT_RESEND_FIRST_MS, AGENT_RESEND_LAST_MS));
    if (status == STATUS_OK)
        held->tries++;
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

/* The coordinator wants no more of this token: stop it, or forget it. */
static void revoke(struct agent *agent, struct lease_token token)
{
    struct held *held = find_token(agent, token);
    if (!held)
        return;
    if (held->state == HELD_RUNNING)
        abandon(agent, held, false);
    else if (held->state != HELD_ABANDONED)
        remove_held(agent, held);
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
        say_return(agent, grant->token, reason, refusal);
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
    say_want(agent);
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].state == HELD_RESULT)
            say_result(agent, &agent->held[i]);
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
        remove_held(agent, held);
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
        say_result(agent, held);
}

static void drop_outcome(struct agent *agent, struct held *held, struct outcome *outcome)
{
    if (outcome->status == STATUS_OK)
        segment_result_finish(&outcome->result);
    if (held->give_back)
        say_return(agent, held->grant.token, WIRE_RETURN_LEAVING, "the worker is leaving");
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
        say_return(agent, held->grant.token, WIRE_RETURN_LEAVING, "the worker is leaving");
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
    say_want(agent);
    return_queued(agent);
    abandon_too_slow(agent);
}

/* A result that nobody acknowledged dies with this process: its segment is free again. */
static void return_results(struct agent *agent)
{
    while (agent->held_count > 0) {
        say_return(agent, agent->held[0].grant.token, WIRE_RETURN_LEAVING, "the result was not acknowledged in time");
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
    say_lossy(agent, &(struct wire_message){.type = WIRE_BYE});
    agent->left = true;
}

/* ---- timers ---- */

static void resend_results(struct agent *agent)
{
    for (uint32_t i = 0; i < agent->held_count; i++)
        if (agent->held[i].state == HELD_RESULT && is_due(agent, agent->held[i].send_at))
            say_result(agent, &agent->held[i]);
}

static void tick_welcomed(struct agent *agent)
{
    if (is_due(agent, after_ms(agent->heard, agent->silence_max_ms))) {
        agent->connection = CONNECTION_CALLING;
        say_hello(agent);
        return;
    }
    if (is_due(agent, agent->renew_at))
        say_renew(agent);
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
        say_hello(agent);
    if (agent->leaving && !agent->left)
        leave_when_done(agent);
    return next_tick(agent);
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
