#include "worker/agent.h"

#include "common/engine.h"
#include "common/mem.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ---- a world that only takes notes ---- */

enum { SLOTS = 2, SENT_MAX = 64 };

struct world {
    struct agent *agent;
    int64_t now_ms;
    bool connected;
    size_t wire_limit; /* a RESULT with more samples does not fit */
    int sent_count;
    struct sent {
        enum wire_type type;
        struct lease_token token;
        uint32_t number; /* credits, held leases, reason, leases renewed */
        enum status status;
        int64_t step;
    } sent[SENT_MAX];
    int started[SLOTS], cancelled[SLOTS];
    size_t started_size[SLOTS];
    int64_t progress[SLOTS];
    int kept, forgotten;
};

static struct sent describe(const struct wire_message *message)
{
    struct sent sent = {.type = message->type};
    switch (message->type) {
    case WIRE_HELLO:
        sent.number = message->hello.held_count;
        if (message->hello.held_count > 0)
            sent.token = message->hello.held[0].token;
        break;
    case WIRE_WANT:
        sent.number = message->want.credits;
        break;
    case WIRE_RENEW:
        sent.number = message->renew.count;
        if (message->renew.count > 0)
            sent.step = message->renew.leases[0].step;
        break;
    case WIRE_RESULT:
        sent.token = message->result.token;
        sent.status = message->result.status;
        break;
    case WIRE_RETURN:
        sent.token = message->returned.token;
        sent.number = message->returned.reason;
        break;
    default:
        break;
    }
    return sent;
}

static enum status world_send(void *context, const struct wire_message *message, struct error *err)
{
    struct world *world = context;
    if (!world->connected)
        return error_set(err, STATUS_UNREACHABLE, "nobody there");
    if (message->type == WIRE_RESULT && message->result.result.sample_count > world->wire_limit)
        return error_set(err, STATUS_LIMIT, "too many samples");
    cr_assert_lt(world->sent_count, SENT_MAX);
    world->sent[world->sent_count++] = describe(message);
    return STATUS_OK;
}

static void world_start(void *context, int slot, const struct segment_spec *spec, const uint8_t *bytes, size_t size)
{
    struct world *world = context;
    (void)spec;
    (void)bytes;
    world->started[slot]++;
    world->started_size[slot] = size;
    world->progress[slot] = 0;
}

static void world_cancel(void *context, int slot)
{
    struct world *world = context;
    world->cancelled[slot]++;
}

static int64_t world_progress(void *context, int slot)
{
    const struct world *world = context;
    return world->progress[slot];
}

static bool world_keep(void *context, const struct wire_result *result)
{
    struct world *world = context;
    cr_assert_eq(result->status, STATUS_OK);
    world->kept++;
    return true;
}

static void world_forget(void *context, const struct wire_result *result)
{
    struct world *world = context;
    (void)result;
    world->forgotten++;
}

static struct mono_ns now(const struct world *world)
{
    return (struct mono_ns){world->now_ms * 1000000};
}

static void pass(struct world *world, int64_t ms)
{
    world->now_ms += ms;
    agent_tick(world->agent, now(world));
}

static void receive(struct world *world, struct wire_message message)
{
    agent_receive(world->agent, now(world), &message);
}

/* The last message of that type since `from`, or NULL. */
static const struct sent *find_sent(const struct world *world, enum wire_type type, int from)
{
    for (int i = world->sent_count - 1; i >= from; i--)
        if (world->sent[i].type == type)
            return &world->sent[i];
    return NULL;
}

static struct world *make_world(void)
{
    static struct world world;
    world = (struct world){.now_ms = 1000, .connected = true, .wire_limit = 100};
    const struct agent_setup setup = {
        .hello = {.worker = {{1, 2, 3}}, .slots = SLOTS},
        .port = {&world, world_send, world_start, world_cancel, world_progress, world_keep, world_forget},
    };
    cr_assert_eq(agent_create(&setup, now(&world), &world.agent, NULL), STATUS_OK);
    return &world;
}

static void welcome(struct world *world)
{
    receive(world, (struct wire_message){
                       .type = WIRE_WELCOME,
                       .welcome = {.protocol = 1, .epoch = 1, .renew_every_ms = 10000, .silence_max_ms = 30000}});
}

static struct world *make_welcomed(void)
{
    struct world *world = make_world();
    pass(world, 0);
    welcome(world);
    return world;
}

static struct wire_grant make_grant(uint64_t token, const struct digest *snapshot)
{
    struct wire_grant grant = {.campaign = {1}, .token = {token}, .lease_ms = 60000};
    grant.spec = (struct segment_spec){
        .replica = {(uint32_t)token}, .stage = snapshot ? STAGE_HOLD : STAGE_BUILD, .steps = snapshot ? 1000 : 0};
    if (snapshot)
        grant.snapshot = *snapshot;
    grant.input = segment_input_digest(&grant.spec, ENGINE_ID, snapshot);
    return grant;
}

static void grant_bytes(struct world *world, uint64_t token)
{
    const struct digest snapshot = {{(uint8_t)token}};
    struct wire_message message = {.type = WIRE_GRANT, .grant = make_grant(token, &snapshot)};
    message.grant.snapshot_bytes = mem_copy("state", 5);
    message.grant.snapshot_size = 5;
    receive(world, message);
}

static void grant_digest(struct world *world, uint64_t token, const struct digest *snapshot)
{
    receive(world, (struct wire_message){.type = WIRE_GRANT, .grant = make_grant(token, snapshot)});
}

static void end_segment(struct world *world, int slot, const struct digest *snapshot)
{
    struct outcome outcome = {.slot = slot};
    outcome.result.snapshot = *snapshot;
    outcome.result.snapshot_bytes = mem_copy("after", 5);
    outcome.result.snapshot_size = 5;
    agent_collect(world->agent, now(world), &outcome);
}

static void end_badly(struct world *world, int slot, enum status status)
{
    struct outcome outcome = {.slot = slot};
    outcome.status = error_set(&outcome.err, status, "it went wrong");
    agent_collect(world->agent, now(world), &outcome);
}

static void acknowledge(struct world *world, uint64_t token, enum wire_verdict verdict, uint32_t retry_after_ms)
{
    receive(world,
            (struct wire_message){.type = WIRE_ACK, .ack = {{token}, verdict, retry_after_ms, "", false, {{0}}}});
}

static const struct digest after_a = {{0xaa}}, after_b = {{0xbb}};

/* ---- greeting ---- */

Test(agent, says_hello_at_once_and_again_until_welcomed)
{
    struct world *world = make_world();
    pass(world, 0);
    cr_assert_eq(world->sent_count, 1);
    cr_assert_eq(world->sent[0].type, WIRE_HELLO);
    pass(world, 100);
    cr_assert_eq(world->sent_count, 1);
    pass(world, 3000);
    cr_assert_eq(world->sent_count, 2);
    pass(world, 3000);
    cr_assert_eq(world->sent_count, 3);
    welcome(world);
    cr_assert_eq(world->sent[3].type, WIRE_WANT);
    cr_assert_eq(world->sent[3].number, SLOTS * AGENT_CREDITS_PER_SLOT);
    agent_destroy(&world->agent);
}

Test(agent, tries_for_hours_and_never_more_often_than_the_last_interval)
{
    struct world *world = make_world();
    world->connected = false;
    for (int i = 0; i < 4 * 3600; i++)
        pass(world, 1000);
    world->connected = true;
    int hellos = 0;
    for (int i = 0; i < 600; i++) {
        world->sent_count = 0;
        pass(world, 1000);
        hellos += world->sent_count;
    }
    cr_assert(hellos >= 10 && hellos <= 50, "%d", hellos);
    agent_destroy(&world->agent);
}

Test(agent, answers_who_with_hello_and_says_what_it_holds)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    pass(world, 5000);
    world->sent_count = 0;
    for (int i = 0; i < 5; i++) {
        receive(world, (struct wire_message){.type = WIRE_WHO});
        pass(world, 0);
    }
    cr_assert_eq(world->sent_count, 1, "five WHOs, one HELLO");
    cr_assert_eq(world->sent[0].type, WIRE_HELLO);
    cr_assert_eq(world->sent[0].number, 1);
    cr_assert_eq(world->sent[0].token.value, 11);
    agent_destroy(&world->agent);
}

Test(agent, says_hello_after_a_silence)
{
    struct world *world = make_welcomed();
    pass(world, 29000);
    cr_assert_not(find_sent(world, WIRE_HELLO, 1));
    pass(world, 2000);
    cr_assert(find_sent(world, WIRE_HELLO, 1));
    agent_destroy(&world->agent);
}

Test(agent, renews_in_time_with_the_step_reached)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->progress[0] = 400;
    const int from = world->sent_count;
    pass(world, 10000);
    const struct sent *renew = find_sent(world, WIRE_RENEW, from);
    cr_assert(renew && renew->number == 1);
    cr_assert_eq(renew->step, 400);
    agent_destroy(&world->agent);
}

/* ---- leases and results ---- */

Test(agent, runs_as_many_as_it_has_slots_and_queues_the_rest)
{
    struct world *world = make_welcomed();
    for (uint64_t token = 11; token < 15; token++)
        grant_bytes(world, token);
    struct agent_counts counts = agent_count(world->agent);
    cr_assert_eq(counts.running, 2);
    cr_assert_eq(counts.queued, 2);
    end_segment(world, 1, &after_a);
    cr_assert_eq(world->started[1], 2);
    counts = agent_count(world->agent);
    cr_assert_eq(counts.running, 2);
    cr_assert_eq(counts.results, 1);
    end_badly(world, 0, STATUS_EVICTED);
    end_badly(world, 1, STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, keeps_a_result_until_its_ack_and_sends_it_again)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->sent_count = 0;
    end_segment(world, 0, &after_a);
    cr_assert_eq(world->sent_count, 1);
    cr_assert_eq(world->sent[0].type, WIRE_RESULT);
    pass(world, 1000);
    cr_assert_eq(world->sent_count, 1);
    pass(world, 8000);
    cr_assert_eq(world->sent_count, 2);
    cr_assert_eq(world->sent[1].token.value, 11);
    acknowledge(world, 11, WIRE_COMMITTED, 0);
    cr_assert_eq(agent_count(world->agent).results, 0);
    agent_destroy(&world->agent);
}

Test(agent, retry_after_is_waited_for)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    end_segment(world, 0, &after_a);
    acknowledge(world, 11, WIRE_RETRY_AFTER, 500);
    world->sent_count = 0;
    pass(world, 499);
    cr_assert_eq(world->sent_count, 0);
    pass(world, 1);
    cr_assert_eq(world->sent_count, 1);
    agent_destroy(&world->agent);
}

Test(agent, a_failed_segment_is_a_result_too)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    end_badly(world, 0, STATUS_PHYSICS);
    const struct sent *result = find_sent(world, WIRE_RESULT, 0);
    cr_assert(result && result->status == STATUS_PHYSICS);
    agent_destroy(&world->agent);
}

Test(agent, a_result_that_does_not_fit_the_wire_becomes_a_failure)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    struct outcome outcome = {.slot = 0};
    outcome.result.sample_count = 101;
    outcome.result.samples = mem_alloc_array(101, sizeof *outcome.result.samples);
    agent_collect(world->agent, now(world), &outcome);
    const struct sent *result = find_sent(world, WIRE_RESULT, 0);
    cr_assert(result && result->status == STATUS_LIMIT);
    agent_destroy(&world->agent);
}

Test(agent, a_repeated_grant_is_run_once)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    grant_bytes(world, 11);
    cr_assert_eq(world->started[0] + world->started[1], 1);
    end_badly(world, 0, STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, a_snapshot_of_its_own_need_not_be_brought)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    end_segment(world, 0, &after_a);
    grant_digest(world, 12, &after_a);
    cr_assert_eq(world->started[0], 2);
    cr_assert_eq(world->started_size[0], 5);
    end_badly(world, 0, STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, a_snapshot_that_is_not_held_is_asked_for)
{
    struct world *world = make_welcomed();
    grant_digest(world, 12, &after_b);
    const struct sent *returned = find_sent(world, WIRE_RETURN, 0);
    cr_assert(returned && returned->number == WIRE_RETURN_NO_SNAPSHOT);
    cr_assert_eq(world->started[0], 0);
    agent_destroy(&world->agent);
}

Test(agent, a_grant_with_another_input_digest_is_refused)
{
    struct world *world = make_welcomed();
    struct wire_message message = {.type = WIRE_GRANT, .grant = make_grant(11, NULL)};
    message.grant.spec.seed++;
    receive(world, message);
    const struct sent *returned = find_sent(world, WIRE_RETURN, 0);
    cr_assert(returned && returned->number == WIRE_RETURN_REFUSED);
    agent_destroy(&world->agent);
}

Test(agent, more_grants_than_it_can_hold_go_back)
{
    struct world *world = make_welcomed();
    for (uint64_t token = 11; !find_sent(world, WIRE_RETURN, 0); token++) {
        cr_assert_lt(token, 100);
        grant_bytes(world, token);
    }
    cr_assert_eq(find_sent(world, WIRE_RETURN, 0)->number, WIRE_RETURN_FULL);
    end_badly(world, 0, STATUS_EVICTED);
    end_badly(world, 1, STATUS_EVICTED);
    agent_destroy(&world->agent);
}

static void revoke(struct world *world, uint64_t token)
{
    struct wire_message message = {.type = WIRE_RENEWED, .renewed = {.revoked_count = 1}};
    message.renewed.revoked = mem_alloc_array(1, sizeof *message.renewed.revoked);
    message.renewed.revoked[0].value = token;
    receive(world, message);
}

Test(agent, a_revoked_lease_is_cancelled_and_its_outcome_dropped)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    revoke(world, 11);
    cr_assert_eq(world->cancelled[0], 1);
    world->sent_count = 0;
    end_segment(world, 0, &after_a);
    cr_assert_eq(world->sent_count, 0);
    cr_assert_eq(agent_count(world->agent).results, 0);
    agent_destroy(&world->agent);
}

Test(agent, a_coordinator_that_was_restarted_adopts_under_new_tokens)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    grant_bytes(world, 12);
    end_segment(world, 0, &after_a);
    receive(world, (struct wire_message){.type = WIRE_WHO});
    pass(world, 2000);
    cr_assert_eq(find_sent(world, WIRE_HELLO, 1)->number, 2);
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .welcome = {.protocol = 1, .epoch = 2, .renew_every_ms = 10, .silence_max_ms = 20}};
    message.welcome.adopted_count = 1;
    message.welcome.adopted = mem_alloc_array(1, sizeof *message.welcome.adopted);
    message.welcome.adopted[0] = (struct wire_adopted){{11}, {21}};
    message.welcome.dropped_count = 1;
    message.welcome.dropped = mem_alloc_array(1, sizeof *message.welcome.dropped);
    message.welcome.dropped[0].value = 12;
    const int from = world->sent_count;
    receive(world, message);
    cr_assert_eq(find_sent(world, WIRE_RESULT, from)->token.value, 21, "sent again under the new token");
    cr_assert_eq(world->cancelled[1], 1, "dropped, so stopped");
    acknowledge(world, 21, WIRE_COMMITTED, 0);
    cr_assert_eq(agent_count(world->agent).results, 0);
    end_badly(world, 1, STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, results_wait_for_a_coordinator_that_is_away)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->connected = false;
    end_segment(world, 0, &after_a);
    for (int i = 0; i < 3600; i++)
        pass(world, 1000);
    cr_assert_eq(agent_count(world->agent).results, 1);
    world->connected = true;
    world->sent_count = 0;
    for (int i = 0; i < 60 && world->sent_count == 0; i++)
        pass(world, 1000);
    cr_assert_eq(world->sent[0].type, WIRE_HELLO);
    welcome(world);
    cr_assert(find_sent(world, WIRE_RESULT, 0));
    agent_destroy(&world->agent);
}

Test(agent, a_lost_connection_means_hello_as_soon_as_there_is_one_again)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->connected = false;
    end_segment(world, 0, &after_a);
    pass(world, 100);
    world->connected = true;
    world->sent_count = 0;
    pass(world, 1500);
    cr_assert(find_sent(world, WIRE_HELLO, 0));
    cr_assert_not(find_sent(world, WIRE_RESULT, 0), "not before the WELCOME");
    agent_destroy(&world->agent);
}

/* ---- leaving ---- */

static enum status leave_status(const struct world *world)
{
    enum status status = STATUS_TIMEOUT;
    return agent_is_finished(world->agent, &status, NULL) ? status : STATUS_TIMEOUT;
}

Test(agent, leaves_at_once_when_it_holds_nothing)
{
    struct world *world = make_welcomed();
    agent_leave(world->agent, now(world), 5000);
    pass(world, 0);
    cr_assert_eq(leave_status(world), STATUS_OK);
    cr_assert(find_sent(world, WIRE_BYE, 0));
    agent_destroy(&world->agent);
}

Test(agent, finishes_what_fits_into_the_grace_time)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->progress[0] = 500;
    pass(world, 1000); /* 500 of 1000 steps in a second */
    agent_leave(world->agent, now(world), 5000);
    pass(world, 0);
    cr_assert_eq(world->cancelled[0], 0);
    cr_assert_eq(leave_status(world), STATUS_TIMEOUT);
    end_segment(world, 0, &after_a);
    acknowledge(world, 11, WIRE_COMMITTED, 0);
    pass(world, 0);
    cr_assert_eq(leave_status(world), STATUS_OK);
    agent_destroy(&world->agent);
}

Test(agent, gives_back_what_does_not_fit_and_what_is_queued)
{
    struct world *world = make_welcomed();
    for (uint64_t token = 11; token < 14; token++)
        grant_bytes(world, token);
    world->progress[0] = world->progress[1] = 10;
    pass(world, 1000);
    const int from = world->sent_count;
    agent_leave(world->agent, now(world), 5000);
    const struct sent *returned = find_sent(world, WIRE_RETURN, from);
    cr_assert(returned && returned->token.value == 13, "the queued one goes back first");
    cr_assert_eq(world->cancelled[0] + world->cancelled[1], 2);
    end_badly(world, 0, STATUS_EVICTED);
    end_badly(world, 1, STATUS_EVICTED);
    pass(world, 0);
    cr_assert_eq(leave_status(world), STATUS_EVICTED);
    cr_assert_eq(agent_count(world->agent).leases_returned, 3);
    agent_destroy(&world->agent);
}

Test(agent, a_segment_that_slows_down_is_given_back_at_the_end_of_the_grace_time)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->progress[0] = 500;
    pass(world, 1000);
    agent_leave(world->agent, now(world), 5000);
    cr_assert_eq(world->cancelled[0], 0);
    pass(world, 4900);
    cr_assert_eq(world->cancelled[0], 1);
    end_badly(world, 0, STATUS_EVICTED);
    pass(world, 0);
    cr_assert_eq(leave_status(world), STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, a_result_that_nobody_acknowledges_is_given_back_in_the_end)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    end_segment(world, 0, &after_a);
    agent_leave(world->agent, now(world), 1000);
    pass(world, 1000);
    cr_assert_eq(leave_status(world), STATUS_TIMEOUT);
    pass(world, 5000);
    cr_assert_eq(leave_status(world), STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, drain_is_a_request_to_leave)
{
    struct world *world = make_welcomed();
    receive(world, (struct wire_message){.type = WIRE_DRAIN, .drain = {1000}});
    pass(world, 0);
    cr_assert_eq(leave_status(world), STATUS_OK);
    agent_destroy(&world->agent);
}

Test(agent, goaway_for_good_ends_the_worker_and_says_why)
{
    struct world *world = make_welcomed();
    struct wire_message message = {.type = WIRE_GOAWAY,
                                   .goaway = {WIRE_GOAWAY_ENGINE, 1, 1, 0, "engine 9 is not used"}};
    grant_bytes(world, 11);
    receive(world, message);
    pass(world, 0);
    cr_assert_eq(leave_status(world), STATUS_TIMEOUT, "a segment still runs");
    end_badly(world, 0, STATUS_EVICTED);
    struct error err = {0};
    enum status status;
    cr_assert(agent_is_finished(world->agent, &status, &err));
    cr_assert_eq(status, STATUS_CONFLICT);
    cr_assert(strstr(err.message, "engine 9 is not used"));
    agent_destroy(&world->agent);
}

Test(agent, goaway_for_a_while_is_waited_out)
{
    struct world *world = make_welcomed();
    receive(world, (struct wire_message){.type = WIRE_GOAWAY, .goaway = {WIRE_GOAWAY_FULL, 1, 1, 4000, "full"}});
    world->sent_count = 0;
    pass(world, 3999);
    cr_assert_eq(world->sent_count, 0);
    pass(world, 1);
    cr_assert_eq(world->sent[0].type, WIRE_HELLO);
    agent_destroy(&world->agent);
}

Test(agent, never_asks_to_be_woken_in_the_past)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    for (int i = 0; i < 100; i++) {
        world->sent_count = 0;
        struct mono_ns next = agent_tick(world->agent, now(world));
        cr_assert_gt(next.value, now(world).value);
        world->now_ms = next.value / 1000000 + 1;
    }
    end_badly(world, 0, STATUS_EVICTED);
    agent_destroy(&world->agent);
}

Test(agent, destroy_takes_null)
{
    struct agent *none = NULL;
    agent_destroy(NULL);
    agent_destroy(&none);
}

/* ---- the spool ---- */

Test(agent, what_is_acknowledged_at_once_is_not_spooled)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    end_segment(world, 0, &after_a);
    acknowledge(world, 11, WIRE_COMMITTED, 0);
    cr_assert_eq(world->kept, 0);
    cr_assert_eq(world->forgotten, 0);
    agent_destroy(&world->agent);
}

Test(agent, what_has_to_be_repeated_is_spooled_once_until_it_is_acknowledged)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    end_segment(world, 0, &after_a);
    for (int i = 0; i < 30; i++)
        pass(world, 1000);
    cr_assert_eq(world->kept, 1);
    acknowledge(world, 11, WIRE_COMMITTED, 0);
    cr_assert_eq(world->forgotten, 1);
    agent_destroy(&world->agent);
}

Test(agent, what_ends_while_the_coordinator_is_away_is_spooled_at_once_and_stays_when_the_worker_ends)
{
    struct world *world = make_welcomed();
    grant_bytes(world, 11);
    world->connected = false;
    end_segment(world, 0, &after_a);
    cr_assert_eq(world->kept, 1);
    agent_leave(world->agent, now(world), 0);
    pass(world, 60000);
    cr_assert_eq(world->forgotten, 0);
    agent_destroy(&world->agent);
    cr_assert_eq(world->forgotten, 0);
}

Test(agent, a_restored_result_is_held_sent_and_forgotten_when_it_is_of_no_use)
{
    struct world *world = make_world();
    struct wire_result left = {.campaign = {1}, .token = {77}, .result = {.replica = {3}, .segment = {4}}};
    cr_assert(agent_restore(world->agent, &left));
    pass(world, 0);
    cr_assert_eq(world->sent[0].number, 1, "it is in the HELLO");
    welcome(world);
    cr_assert(find_sent(world, WIRE_RESULT, 0));
    cr_assert_eq(world->kept, 0, "it is there already");
    acknowledge(world, 77, WIRE_STALE, 0);
    cr_assert_eq(world->forgotten, 1);
    agent_destroy(&world->agent);
}

Test(agent, restored_results_leave_room_for_leases)
{
    struct world *world = make_world();
    int taken = 0;
    for (uint64_t token = 1; token < 1000; token++) {
        struct wire_result left = {.campaign = {1}, .token = {token}};
        taken += agent_restore(world->agent, &left);
    }
    cr_assert(taken >= SLOTS && taken < 100, "%d", taken);
    pass(world, 0);
    welcome(world);
    grant_bytes(world, 5000);
    cr_assert_eq(world->started[0], 1);
    agent_destroy(&world->agent);
}
