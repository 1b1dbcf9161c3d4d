/* A worker as the protocol asks it to be, on a machine that fails: and now and then a message that no honest worker
 * would send. */
#include "common/engine.h"
#include "sim.h"

#include <stdio.h>
#include <string.h>

enum { RENEW_MS = SIM_LEASE_MS / 4, RESEND_MS = 1500, HELLO_MS = 1000, SILENCE_MS = 2 * SIM_LEASE_MS, TIMER_MS = 250 };

static int64_t ms(double value)
{
    return (int64_t)(value * 1e6);
}

struct wire_uuid worker_uuid(const struct sim_worker *worker)
{
    struct wire_uuid uuid = {{(uint8_t)(worker->index + 1)}};
    memcpy(uuid.bytes + 4, &worker->process, sizeof worker->process);
    return uuid;
}

static void say(struct sim *sim, const struct sim_worker *worker, const struct wire_message *message)
{
    sim_send(sim, true, sim_peer_of(worker), message);
}

static void say_hello(struct sim *sim, struct sim_worker *worker)
{
    struct wire_held held[SIM_HOLDINGS_MAX];
    struct wire_message message = {.type = WIRE_HELLO,
                                   .hello = {.protocol_first = WIRE_PROTOCOL_FIRST,
                                             .protocol_last = WIRE_PROTOCOL_LAST,
                                             .worker = worker_uuid(worker),
                                             .session = ++worker->session,
                                             .engine_id = ENGINE_ID,
                                             .slots = worker->slots,
                                             .held = held}};
    snprintf(message.hello.host, sizeof message.hello.host, "host%u", (unsigned)worker->index);
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++) {
        const struct sim_holding *holding = &worker->holdings[i];
        if (holding->state == HOLDING_NONE)
            continue;
        held[message.hello.held_count++] = (struct wire_held){.token = holding->token,
                                                              .campaign = holding->key.campaign,
                                                              .lineage = sim->lineage,
                                                              .replica = holding->key.replica,
                                                              .segment = holding->key.segment,
                                                              .input = holding->input,
                                                              .is_result = holding->state == HOLDING_RESULT};
    }
    worker->hello_at = sim->now + ms(HELLO_MS);
    say(sim, worker, &message);
}

static void say_want(struct sim *sim, struct sim_worker *worker)
{
    const struct wire_message message = {.type = WIRE_WANT, .want = {.credits = worker->leaving ? 0 : worker->credits}};
    say(sim, worker, &message);
}

static void say_return(struct sim *sim, struct sim_worker *worker, struct lease_token token,
                       enum wire_return_reason reason)
{
    const struct wire_message message = {.type = WIRE_RETURN, .returned = {.token = token, .reason = reason}};
    say(sim, worker, &message);
}

static struct wire_message make_result(const struct sim *sim, const struct sim_holding *holding)
{
    return (struct wire_message){.type = WIRE_RESULT,
                                 .result = {.campaign = holding->key.campaign,
                                            .lineage = sim->lineage,
                                            .token = holding->token,
                                            .status = holding->status,
                                            .result = {.replica = holding->key.replica,
                                                       .segment = holding->key.segment,
                                                       .input = holding->input,
                                                       .snapshot = holding->end.snapshot,
                                                       .output = holding->end.output,
                                                       .energy_potential = holding->end.energy}}};
}

static void say_result(struct sim *sim, struct sim_worker *worker, struct sim_holding *holding)
{
    const struct wire_message message = make_result(sim, holding);
    holding->send_at = sim->now + ms(RESEND_MS);
    say(sim, worker, &message);
}

static void start_queued(struct sim *sim, struct sim_worker *worker)
{
    uint32_t running = worker->slots_lost;
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        running += worker->holdings[i].state == HOLDING_RUNNING && !worker->holdings[i].is_deaf;
    for (int i = 0; i < SIM_HOLDINGS_MAX && running < worker->slots; i++) {
        struct sim_holding *holding = &worker->holdings[i];
        if (holding->state != HOLDING_QUEUED)
            continue;
        holding->state = HOLDING_RUNNING;
        holding->serial = ++worker->serial;
        running++;
        if (worker->index == 0 && sim->worker_count > 1 && sim_happens(sim, DRAW_HANG, sim->faults.hang)) {
            holding->is_deaf = sim_happens(sim, DRAW_HANG, 0.5);
            worker->slots_lost += holding->is_deaf;
            continue;
        }
        const double spread = 0.5 + sim_draw(sim, DRAW_WORK);
        sim_schedule(sim, (int64_t)((double)worker->segment_ns * spread), SIM_SEGMENT_DONE, worker->index,
                     holding->serial);
    }
}

static struct sim_holding *find_holding(struct sim_worker *worker, struct lease_token token)
{
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (worker->holdings[i].state != HOLDING_NONE && worker->holdings[i].token.value == token.value)
            return &worker->holdings[i];
    return NULL;
}

static void keep_snapshot(struct sim_worker *worker, const struct digest *snapshot)
{
    worker->cache[worker->cache_next++ % SIM_HOLDINGS_MAX] = *snapshot;
}

static bool has_snapshot(const struct sim_worker *worker, const struct digest *snapshot)
{
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (digest_equal(&worker->cache[i], snapshot))
            return true;
    return digest_is_zero(snapshot);
}

/* The simulation marks attached bytes by their size. */
static void take_grant(struct sim *sim, struct sim_worker *worker, const struct wire_grant *grant)
{
    uint32_t held = 0;
    struct sim_holding *room = NULL;
    if (find_holding(worker, grant->token))
        return; /* said twice */
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (worker->holdings[i].state != HOLDING_NONE)
            held++;
        else
            room = &worker->holdings[i];
    if (worker->leaving)
        say_return(sim, worker, grant->token, WIRE_RETURN_LEAVING);
    else if (!room || held >= worker->credits + 2)
        say_return(sim, worker, grant->token, WIRE_RETURN_FULL);
    else if (grant->snapshot_size == 0 && !has_snapshot(worker, &grant->snapshot))
        say_return(sim, worker, grant->token, WIRE_RETURN_NO_SNAPSHOT);
    else
        *room = (struct sim_holding){.state = HOLDING_QUEUED,
                                     .token = grant->token,
                                     .key = {grant->campaign, grant->spec.replica, grant->spec.segment},
                                     .input = grant->input};
    start_queued(sim, worker);
}

static void take_welcome(struct sim *sim, struct sim_worker *worker, const struct wire_welcome *welcome)
{
    worker->welcome = true;
    for (uint32_t i = 0; i < welcome->adopted_count; i++) {
        struct sim_holding *holding = find_holding(worker, welcome->adopted[i].before);
        if (holding)
            holding->token = welcome->adopted[i].after;
    }
    for (uint32_t i = 0; i < welcome->dropped_count; i++) {
        struct sim_holding *holding = find_holding(worker, welcome->dropped[i]);
        if (holding)
            holding->state = HOLDING_NONE;
    }
    say_want(sim, worker);
    start_queued(sim, worker);
}

static void take_ack(struct sim *sim, struct sim_worker *worker, const struct wire_ack *ack)
{
    struct sim_holding *holding = find_holding(worker, ack->token);
    if (!holding || holding->state != HOLDING_RESULT)
        return;
    if (ack->verdict == WIRE_RETRY_AFTER) {
        holding->send_at = sim->now + ms(ack->retry_after_ms);
        return;
    }
    if (ack->verdict == WIRE_COMMITTED)
        keep_snapshot(worker, &holding->end.snapshot);
    holding->state = HOLDING_NONE;
}

/* A ghost goes on with what was taken from it; a result is kept until its ACK in any case. */
static void take_revoked(struct sim *sim, struct sim_worker *worker, const struct wire_renewed *renewed)
{
    for (uint32_t i = 0; i < renewed->revoked_count; i++) {
        struct sim_holding *holding = find_holding(worker, renewed->revoked[i]);
        if (holding && holding->state != HOLDING_RESULT && !sim_happens(sim, DRAW_GHOST, sim->faults.ghost))
            holding->state = HOLDING_NONE;
    }
    start_queued(sim, worker);
}

/* Gives back what it has not begun, and goes when the rest is done, or when the time is up. */
static void take_drain(struct sim *sim, struct sim_worker *worker, const struct wire_drain *drain)
{
    worker->leaving = true;
    worker->leave_at = sim->now + ms(drain->grace_ms);
    say_want(sim, worker);
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (worker->holdings[i].state == HOLDING_QUEUED) {
            say_return(sim, worker, worker->holdings[i].token, WIRE_RETURN_LEAVING);
            worker->holdings[i].state = HOLDING_NONE;
        }
}

static void leave_when_done(struct sim *sim, struct sim_worker *worker)
{
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (worker->holdings[i].state != HOLDING_NONE && sim->now < worker->leave_at)
            return;
    say(sim, worker, &(struct wire_message){.type = WIRE_BYE});
    worker_start(sim, worker, false);
}

void worker_receive(struct sim *sim, struct sim_worker *worker, struct wire_message *message)
{
    worker->heard_at = sim->now;
    if (message->type == WIRE_WHO && sim->now + ms(HELLO_MS - 100) >= worker->hello_at)
        say_hello(sim, worker);
    else if (message->type == WIRE_WELCOME)
        take_welcome(sim, worker, &message->welcome);
    else if (message->type == WIRE_GOAWAY)
        worker_start(sim, worker, false);
    else if (message->type == WIRE_GRANT)
        take_grant(sim, worker, &message->grant);
    else if (message->type == WIRE_ACK)
        take_ack(sim, worker, &message->ack);
    else if (message->type == WIRE_RENEWED)
        take_revoked(sim, worker, &message->renewed);
    else if (message->type == WIRE_DRAIN)
        take_drain(sim, worker, &message->drain);
}

static void say_renew(struct sim *sim, struct sim_worker *worker)
{
    struct wire_progress progress[SIM_HOLDINGS_MAX];
    struct wire_message message = {.type = WIRE_RENEW, .renew = {.leases = progress}};
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (worker->holdings[i].state != HOLDING_NONE)
            progress[message.renew.count++] = (struct wire_progress){worker->holdings[i].token, 0};
    worker->renew_at = sim->now + ms(RENEW_MS);
    say(sim, worker, &message);
    say_want(sim, worker); /* absolute, so it does no harm; one that was lost would starve the worker */
}

void worker_timer(struct sim *sim, struct sim_worker *worker)
{
    const bool stalled = worker->stalled_until > sim->now;
    sim_schedule(sim, stalled ? worker->stalled_until - sim->now + 1 : ms(TIMER_MS), SIM_WORKER_TIMER, worker->index,
                 0);
    if (stalled)
        return;
    if (worker->welcome && sim->now - worker->heard_at > ms(SILENCE_MS))
        worker->welcome = false;
    if (!worker->welcome) {
        if (sim->now >= worker->hello_at)
            say_hello(sim, worker);
        return;
    }
    if (sim->now >= worker->renew_at)
        say_renew(sim, worker);
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (worker->holdings[i].state == HOLDING_RESULT && sim->now >= worker->holdings[i].send_at)
            say_result(sim, worker, &worker->holdings[i]);
    if (worker->leaving)
        leave_when_done(sim, worker);
}

/* No two lies are alike. */
static void lie(struct sim *sim, struct sim_end *end)
{
    const uint32_t lie = 1 + sim_choose(sim, DRAW_LIE, UINT32_MAX);
    end->output.bytes[0] ^= (uint8_t)lie | 1;
    memcpy(end->snapshot.bytes, &lie, sizeof lie);
    memcpy(end->output.bytes + 4, &lie, sizeof lie);
    end->energy += sim_draw(sim, DRAW_LIE);
}

void worker_segment_done(struct sim *sim, struct sim_worker *worker, uint64_t serial)
{
    if (worker->stalled_until > sim->now) {
        sim_schedule(sim, worker->stalled_until - sim->now + 1, SIM_SEGMENT_DONE, worker->index, serial);
        return;
    }
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++) {
        struct sim_holding *holding = &worker->holdings[i];
        if (holding->state != HOLDING_RUNNING || holding->serial != serial)
            continue;
        holding->state = HOLDING_RESULT;
        holding->end = sim_physics(&holding->input);
        if (sim_is_liar(sim, sim_process_of(worker)) && sim_happens(sim, DRAW_LIE, sim->faults.lie))
            lie(sim, &holding->end);
        holding->status = sim_explodes(sim, holding->key)                      ? STATUS_PHYSICS
                          : sim_happens(sim, DRAW_WORK, sim->faults.fail_once) ? STATUS_NO_MEMORY
                                                                               : STATUS_OK;
        if (worker->welcome)
            say_result(sim, worker, holding);
    }
    start_queued(sim, worker);
}

/* A new process; a spool on disk may have kept results of the one before. */
void worker_start(struct sim *sim, struct sim_worker *worker, bool with_results)
{
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++)
        if (!with_results || worker->holdings[i].state != HOLDING_RESULT)
            worker->holdings[i].state = HOLDING_NONE;
    memset(worker->cache, 0, sizeof worker->cache);
    worker->generation++;
    worker->process++;
    worker->session = 0;
    worker->slots_lost = 0;
    worker->welcome = worker->leaving = false;
    worker->hello_at = sim->now + (int64_t)(sim_draw(sim, DRAW_WORK) * 1e9);
}

static struct segment_key random_key(struct sim *sim)
{
    const uint32_t campaign = sim_choose(sim, DRAW_FORGERY, sim->campaign_count);
    const struct sim_campaign *c = &sim->campaigns[campaign];
    const uint32_t replica = sim_choose(sim, DRAW_FORGERY, c->campaign.replica_count);
    const int64_t count = c->segment_end[replica] - c->segment_first[replica];
    return (struct segment_key){
        {campaign + 1}, {replica}, {c->segment_first[replica] + sim_choose(sim, DRAW_FORGERY, (uint32_t)count)}};
}

static void spoil(struct digest *digest)
{
    digest->bytes[3] ^= 0x10;
}

/* Results with something wrong: the input digest, the database, or (for a stored segment) the output. */
static void forge_result(struct sim *sim, struct sim_worker *worker)
{
    struct segment_key key = random_key(sim);
    struct sim_row *stored = sim_row_of(sim, sim_store, key), *oracle = sim_row_of(sim, sim_oracle, key);
    struct sim_holding forged = {.key = key, .token = {sim_choose(sim, DRAW_FORGERY, 1000)}};
    forged.input = oracle->input;
    forged.end = oracle->end;
    const bool wrong_input = sim_happens(sim, DRAW_FORGERY, 0.3);
    const bool wrong_output = sim_happens(sim, DRAW_FORGERY, 0.5);
    const bool wrong_database = sim_happens(sim, DRAW_FORGERY, 0.3);
    if (oracle->state != ROW_DURABLE && !wrong_input && !wrong_database)
        return;
    if (wrong_input)
        spoil(&forged.input);
    const bool is_liar = sim_is_liar(sim, sim_process_of(worker)) && stored->state == ROW_DURABLE;
    if (wrong_output && (is_liar || wrong_input || wrong_database))
        lie(sim, &forged.end);
    struct wire_message message = make_result(sim, &forged);
    if (wrong_database)
        message.result.lineage.bytes[0] ^= 1;
    say(sim, worker, &message);
}

void worker_forge(struct sim *sim, struct sim_worker *worker)
{
    if (sim_happens(sim, DRAW_FORGERY, 0.7)) {
        forge_result(sim, worker);
        return;
    }
    const struct lease_token token = {sim->coordinator.token_last - sim_choose(sim, DRAW_FORGERY, 4)};
    if (find_holding(worker, token) == NULL)
        say_return(sim, worker, token, WIRE_RETURN_LEAVING); /* of another's lease, or of an old one */
}
