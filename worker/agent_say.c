/* What the worker says. Nothing is said once only: a timer, or the coordinator's, repeats what was lost. */
#include "common/mem.h"
#include "common/rng.h"
#include "worker/agent_state.h"

#include <stdio.h>
#include <string.h>

/* Doubles with every try, between half and one and a half of that. */
static int64_t backoff_ms(struct agent *agent, uint32_t tries, int64_t first, int64_t last)
{
    const int64_t full = tries < 10 && first << tries < last ? first << tries : last;
    uint32_t key[2], counter[4] = {agent->jitter_draws++}, random[4];
    memcpy(key, agent->setup.hello.worker.bytes, sizeof key);
    rng_philox(counter, key, random);
    return full / 2 + (int64_t)((uint64_t)full * random[0] >> 32);
}

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

void agent_say_return(struct agent *agent, struct lease_token token, enum wire_return_reason reason, const char *text)
{
    struct wire_message message = {.type = WIRE_RETURN, .returned = {.token = token, .reason = reason}};
    snprintf(message.returned.text, sizeof message.returned.text, "%s", text);
    say_lossy(agent, &message);
    agent->counts.leases_returned += reason == WIRE_RETURN_LEAVING;
}

void agent_say_want(struct agent *agent)
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

void agent_say_hello(struct agent *agent)
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

void agent_say_renew(struct agent *agent)
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

/* What is not acknowledged at once may have to outlive this process. */
void agent_spool(struct agent *agent, struct held *held)
{
    const struct agent_port *port = &agent->setup.port;
    if (port->keep && !held->is_spooled && held->result.status == STATUS_OK)
        held->is_spooled = port->keep(port->context, &held->result);
}

void agent_say_result(struct agent *agent, struct held *held)
{
    struct error err = {0};
    if (held->tries > 0)
        agent_spool(agent, held);
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

void agent_say_bye(struct agent *agent)
{
    say_lossy(agent, &(struct wire_message){.type = WIRE_BYE});
}
