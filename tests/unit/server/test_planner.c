/* Single decisions of the planner; the simulator tests their interplay. */
#include "server/core/planner.h"

#include "common/engine.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEASE_MS = 60000, HEDGE_MS = 120000, REPLICAS = 4, TWO_RUNGS = 2 };

/* A ladder of two rungs (replicas 0, 1) and two isotherms (2, 3): a build, then two segments of production. */
static double ladder_temperatures[] = {0.60, 0.62}, isotherm_temperatures[] = {0.70};
static struct ensemble_spec ensembles[] = {
    {.name = "ladder",
     .mode = MODE_TEMPERING,
     .rung_count = TWO_RUNGS,
     .temperatures = ladder_temperatures,
     .replicas_per_rung = 1,
     .segment_steps = 100,
     .steps = 200,
     .stage_count = 1,
     .stages = {{.kind = STAGE_BUILD}}},
    {.name = "isotherm",
     .mode = MODE_ISOTHERM,
     .rung_count = 1,
     .temperatures = isotherm_temperatures,
     .replicas_per_rung = 2,
     .segment_steps = 100,
     .steps = 200,
     .stage_count = 1,
     .stages = {{.kind = STAGE_BUILD}}},
};
static struct replica_spec replicas[REPLICAS] = {{{0}, {0}, 0}, {{0}, {1}, 0}, {{1}, {0}, 0}, {{1}, {0}, 1}};
static const struct campaign campaign = {.name = "test",
                                         .seed = 7,
                                         .ensemble_count = 2,
                                         .ensembles = ensembles,
                                         .replica_count = REPLICAS,
                                         .replicas = replicas};
static const struct campaign_id first_campaign = {1};
static const struct wire_uuid lineage = {{42}};

/* Memory of the desks of one test, freed when it ends. */
enum { DESKS_MAX = 16 };
static void *desk_memory[DESKS_MAX];
static int desk_count;

static void free_desks(void)
{
    while (desk_count > 0)
        free(desk_memory[--desk_count]);
}

TestSuite(planner, .fini = free_desks);

struct desk {
    struct planner *planner;
    struct planner_actions actions;
    int64_t now_ms;
};

static void desk_init_with(struct desk *desk, uint32_t epoch, uint32_t sessions_max, const struct campaign *of)
{
    const struct planner_config config = {.epoch = epoch,
                                          .engine_id = ENGINE_ID,
                                          .lineage = lineage,
                                          .campaigns_max = 1,
                                          .rungs_max = 3,
                                          .replicas_max = REPLICAS,
                                          .sessions_max = sessions_max,
                                          .leases_max = 3 * REPLICAS,
                                          .audits_max = PLANNER_AUDITS_PER_REPLICA * REPLICAS,
                                          .untrusted_max = 4,
                                          .lease_ms = LEASE_MS,
                                          .session_ms = 3 * LEASE_MS,
                                          .hedge_ms = HEDGE_MS,
                                          .probe_ms = 5000,
                                          .stall_ms = 2000,
                                          .affinity_segments = 1};
    struct arena arena = {.size = planner_memory_size(&config)};
    arena.memory = aligned_alloc(64, arena.size);
    memset(arena.memory, 0, arena.size);
    cr_assert_lt(desk_count, DESKS_MAX);
    desk_memory[desk_count++] = arena.memory;
    struct error err;
    desk->planner = planner_init(&arena, &config);
    desk->now_ms = 1000;
    cr_assert(eq(int, planner_load_campaign(desk->planner, first_campaign, of, &err), STATUS_OK));
}

static void desk_init_empty(struct desk *desk, uint32_t epoch)
{
    desk_init_with(desk, epoch, 2, &campaign);
}

static void desk_open(struct desk *desk)
{
    struct error err;
    enum status status = planner_load_finish(desk->planner, &err);
    cr_assert(eq(int, status, STATUS_OK), "%s", err.message);
}

static void desk_init(struct desk *desk, uint32_t epoch)
{
    desk_init_empty(desk, epoch);
    desk_open(desk);
}

static void step(struct desk *desk, struct planner_event event)
{
    event.now = (struct mono_ns){desk->now_ms * 1000000};
    planner_step(desk->planner, &event, &desk->actions);
    planner_check(desk->planner);
}

static void take(struct desk *desk, uint64_t peer, const struct wire_message *message)
{
    step(desk, (struct planner_event){.type = EVENT_MESSAGE, .message = {{peer}, message}});
}

/* Time passes, in ticks. */
static void pass(struct desk *desk, int64_t ms)
{
    for (; ms > 0; ms -= 1000) {
        desk->now_ms += 1000;
        step(desk, (struct planner_event){.type = EVENT_TICK});
    }
}

static struct wire_message hello_of(uint64_t peer, const char *host)
{
    struct wire_message message = {.type = WIRE_HELLO,
                                   .hello = {.protocol_first = 1,
                                             .protocol_last = WIRE_PROTOCOL_LAST,
                                             .worker = {{(uint8_t)peer}},
                                             .session = 1,
                                             .engine_id = ENGINE_ID,
                                             .slots = 1}};
    strcpy(message.hello.host, host);
    return message;
}

static void say_hello(struct desk *desk, uint64_t peer)
{
    const struct wire_message message = hello_of(peer, "here");
    take(desk, peer, &message);
}

static void want(struct desk *desk, uint64_t peer, uint32_t credits)
{
    const struct wire_message message = {.type = WIRE_WANT, .want = {credits}};
    take(desk, peer, &message);
}

static uint32_t count_sent(const struct desk *desk, enum wire_type type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < desk->actions.count; i++)
        count += desk->actions.items[i].type == ACTION_SEND && desk->actions.items[i].send.message.type == type;
    return count;
}

static uint32_t count_actions(const struct desk *desk, enum planner_action_type type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < desk->actions.count; i++)
        count += desk->actions.items[i].type == type;
    return count;
}

/* The n-th message of a type among the actions. */
static const struct wire_message *sent(const struct desk *desk, enum wire_type type, uint32_t n)
{
    for (uint32_t i = 0; i < desk->actions.count; i++)
        if (desk->actions.items[i].type == ACTION_SEND && desk->actions.items[i].send.message.type == type && n-- == 0)
            return &desk->actions.items[i].send.message;
    cr_fatal("nothing of the kind was sent");
    return NULL;
}

static struct wire_grant grant_to(struct desk *desk, uint64_t peer)
{
    say_hello(desk, peer);
    want(desk, peer, 1);
    return sent(desk, WIRE_GRANT, 0)->grant;
}

/* A result of a grant; its digests follow from its input. */
static struct wire_message result_of(const struct wire_grant *grant)
{
    struct wire_message message = {.type = WIRE_RESULT,
                                   .result = {.campaign = grant->campaign,
                                              .lineage = grant->lineage,
                                              .token = grant->token,
                                              .result = {.replica = grant->spec.replica,
                                                         .segment = grant->spec.segment,
                                                         .input = grant->input,
                                                         .snapshot = grant->input,
                                                         .output = grant->input,
                                                         .energy_potential = -3400.0}}};
    message.result.result.snapshot.bytes[0] ^= 1;
    message.result.result.output.bytes[0] ^= 2;
    return message;
}

static void bring(struct desk *desk, uint64_t peer, const struct wire_grant *grant)
{
    const struct wire_message message = result_of(grant);
    take(desk, peer, &message);
}

static void stored(struct desk *desk, const struct wire_grant *grant)
{
    step(desk, (struct planner_event){.type = EVENT_SEGMENT_STORED,
                                      .segment = {grant->campaign, grant->spec.replica, grant->spec.segment}});
}

static struct segment_record as_stored(const struct segment_lookup *lookup, struct digest output)
{
    return (struct segment_record){
        .key = lookup->key, .input = lookup->input, .output = output, .worker = {{5}}, .host = "here"};
}

Test(planner, an_unknown_peer_is_asked_who_it_is)
{
    struct desk desk;
    desk_init(&desk, 1);
    want(&desk, 5, 1);
    cr_expect(eq(u32, count_sent(&desk, WIRE_WHO), 1));
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
}

Test(planner, a_worker_of_another_engine_is_sent_away_with_the_reason)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_message message = hello_of(5, "here");
    message.hello.engine_id = ENGINE_ID + 1;
    take(&desk, 5, &message);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_ENGINE));
    cr_expect(not(zero(str, (char *)sent(&desk, WIRE_GOAWAY, 0)->goaway.text)));
}

Test(planner, a_worker_whose_arithmetic_is_different_is_sent_away)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_message message = hello_of(5, "here");
    message.hello.probe.bytes[5] ^= 1;
    take(&desk, 5, &message);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_ENGINE));
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 0));
}

Test(planner, a_worker_of_another_protocol_is_sent_away)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_message message = hello_of(5, "here");
    message.hello.protocol_first = message.hello.protocol_last = WIRE_PROTOCOL_LAST + 1;
    take(&desk, 5, &message);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_PROTOCOL));
}

Test(planner, one_worker_more_than_there_is_room_for_is_asked_to_come_later)
{
    struct desk desk;
    desk_init(&desk, 1);
    say_hello(&desk, 1);
    say_hello(&desk, 2);
    say_hello(&desk, 3);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_FULL));
    cr_expect(gt(u32, sent(&desk, WIRE_GOAWAY, 0)->goaway.retry_after_ms, 0));
}

Test(planner, no_more_leases_are_granted_than_wanted)
{
    struct desk desk;
    desk_init(&desk, 1);
    say_hello(&desk, 5);
    want(&desk, 5, 3);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 3));
    want(&desk, 5, 3);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
}

Test(planner, tokens_begin_with_the_epoch_and_grow)
{
    struct desk desk;
    desk_init(&desk, 3);
    say_hello(&desk, 5);
    want(&desk, 5, 2);
    uint64_t first = sent(&desk, WIRE_GRANT, 0)->grant.token.value,
             second = sent(&desk, WIRE_GRANT, 1)->grant.token.value;
    cr_expect(eq(u64, first >> 32, 3));
    cr_expect(gt(u64, second, first));
}

Test(planner, a_result_is_acknowledged_only_when_it_is_durable)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1));
    cr_expect(eq(u32, count_sent(&desk, WIRE_ACK), 0));
    stored(&desk, &grant);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_COMMITTED));
}

Test(planner, a_result_that_the_disk_refused_is_asked_for_again_and_nothing_new_is_granted)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    step(&desk, (struct planner_event){.type = EVENT_SEGMENT_REFUSED,
                                       .segment = {grant.campaign, grant.spec.replica, grant.spec.segment}});
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_RETRY_AFTER));
    want(&desk, 5, 4);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
    bring(&desk, 5, &grant);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_RETRY_AFTER));
    step(&desk, (struct planner_event){.type = EVENT_STORAGE, .storage = STORAGE_GOOD});
    bring(&desk, 5, &grant);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1));
}

Test(planner, low_disk_stops_grants_but_not_results)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    step(&desk, (struct planner_event){.type = EVENT_STORAGE, .storage = STORAGE_LOW});
    bring(&desk, 5, &grant);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1));
    stored(&desk, &grant);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
}

Test(planner, a_second_equal_result_is_a_duplicate)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    bring(&desk, 5, &grant);
    cr_assert(eq(u32, count_actions(&desk, ACTION_LOOKUP_SEGMENT), 1));
    const struct segment_lookup lookup = desk.actions.items[0].lookup;
    step(&desk,
         (struct planner_event){.type = EVENT_SEGMENT_FOUND, .found = {lookup, as_stored(&lookup, lookup.output)}});
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_DUPLICATE));
    cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 0));
}

Test(planner, a_second_different_result_is_an_alarm_and_never_an_overwrite)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    bring(&desk, 5, &grant);
    const struct segment_lookup lookup = desk.actions.items[0].lookup;
    struct digest other = lookup.output;
    other.bytes[7] ^= 1;
    step(&desk, (struct planner_event){.type = EVENT_SEGMENT_FOUND, .found = {lookup, as_stored(&lookup, other)}});
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
    cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 0));
}

Test(planner, a_result_with_an_old_token_is_stored_when_its_input_is_right)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    struct wire_message message = result_of(&grant);
    message.result.token.value = 1;
    take(&desk, 5, &message);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1));
}

Test(planner, a_result_with_another_input_is_stale)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    struct wire_message message = result_of(&grant);
    message.result.result.input.bytes[0] ^= 1;
    take(&desk, 5, &message);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_STALE));
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 0));
}

Test(planner, a_result_of_another_database_is_invalid)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    struct wire_message message = result_of(&grant);
    message.result.lineage.bytes[0] ^= 1;
    take(&desk, 5, &message);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
}

Test(planner, an_expired_lease_is_granted_again_and_its_old_token_revoked)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    say_hello(&desk, 6);
    pass(&desk, LEASE_MS + 2000);
    struct wire_progress progress = {grant.token, 0};
    const struct wire_message renew = {.type = WIRE_RENEW, .renew = {1, &progress}};
    take(&desk, 5, &renew);
    cr_assert(eq(u32, sent(&desk, WIRE_RENEWED, 0)->renewed.revoked_count, 1));
    cr_expect(eq(u64, sent(&desk, WIRE_RENEWED, 0)->renewed.revoked[0].value, grant.token.value));
    want(&desk, 6, 4);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), REPLICAS - 1), "one went back to the worker that spoke again");
}

Test(planner, a_renewed_lease_does_not_expire)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    struct wire_progress progress = {grant.token, 0};
    const struct wire_message renew = {.type = WIRE_RENEW, .renew = {1, &progress}};
    for (int i = 0; i < 4; i++) {
        pass(&desk, LEASE_MS / 2);
        take(&desk, 5, &renew);
        cr_assert(eq(u32, sent(&desk, WIRE_RENEWED, 0)->renewed.revoked_count, 0));
    }
}

Test(planner, a_stall_of_the_coordinator_does_not_cost_a_lease)
{
    struct desk desk;
    desk_init(&desk, 1);
    grant_to(&desk, 5);
    desk.now_ms += 10 * LEASE_MS;
    step(&desk, (struct planner_event){.type = EVENT_TICK});
    cr_expect(eq(u32, planner_count_leases(desk.planner), 1));
}

Test(planner, a_silent_worker_is_granted_nothing_more)
{
    struct desk desk;
    desk_init(&desk, 1);
    grant_to(&desk, 5);
    pass(&desk, LEASE_MS + 2000);
    cr_expect(eq(u32, planner_count_leases(desk.planner), 0));
    pass(&desk, 3 * LEASE_MS);
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 0));
}

Test(planner, a_silent_worker_with_a_lease_is_spoken_to_so_that_a_broken_connection_shows)
{
    struct desk desk;
    desk_init(&desk, 1);
    say_hello(&desk, 6);
    grant_to(&desk, 5);
    pass(&desk, 5000);
    cr_assert(eq(u32, count_sent(&desk, WIRE_RENEWED), 1), "the one that holds nothing is left alone");
    cr_expect(eq(u32, sent(&desk, WIRE_RENEWED, 0)->renewed.revoked_count, 0));
    pass(&desk, 1000);
    cr_expect(eq(u32, count_sent(&desk, WIRE_RENEWED), 0), "not at every tick");
}

Test(planner, what_a_lost_worker_ran_is_granted_to_another_at_once)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    step(&desk, (struct planner_event){.type = EVENT_PEER_LOST, .peer_lost = {5}});
    cr_expect(eq(u32, planner_count_leases(desk.planner), 0));
    cr_expect(eq(u32, grant_to(&desk, 6).spec.replica.value, grant.spec.replica.value));
}

Test(planner, a_lost_worker_that_comes_back_first_goes_on_with_its_segment)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    step(&desk, (struct planner_event){.type = EVENT_PEER_LOST, .peer_lost = {5}});
    struct wire_held held = {
        .token = grant.token, .campaign = first_campaign, .lineage = lineage, .segment = {-1}, .input = grant.input};
    struct wire_message hello = hello_of(5, "here");
    hello.hello.session = 2;
    hello.hello.held_count = 1;
    hello.hello.held = &held;
    take(&desk, 7, &hello);
    cr_assert(eq(u32, sent(&desk, WIRE_WELCOME, 0)->welcome.adopted_count, 1));
    cr_expect(eq(u32, planner_count_leases(desk.planner), 1));
}

static void renew(struct desk *desk, uint64_t peer, struct lease_token token, int64_t step_reached)
{
    struct wire_progress progress = {token, step_reached};
    const struct wire_message message = {.type = WIRE_RENEW, .renew = {1, &progress}};
    take(desk, peer, &message);
}

/* Worker 5 runs the first replica and does not move; worker 6 holds the others and wants one lease more. */
static struct wire_grant stall(struct desk *desk)
{
    struct wire_grant grant = grant_to(desk, 5);
    say_hello(desk, 6);
    want(desk, 6, REPLICAS);
    struct lease_token others[REPLICAS - 1];
    for (uint32_t i = 0; i < REPLICAS - 1; i++)
        others[i] = sent(desk, WIRE_GRANT, i)->grant.token;
    for (int64_t ms = 0; ms < HEDGE_MS - LEASE_MS / 2; ms += LEASE_MS / 2) {
        pass(desk, LEASE_MS / 2);
        renew(desk, 5, grant.token, 0);
        for (uint32_t i = 0; i < REPLICAS - 1; i++)
            renew(desk, 6, others[i], ms + 1);
    }
    pass(desk, LEASE_MS / 2);
    return grant;
}

Test(planner, a_lease_that_does_not_move_gets_a_second_one_and_the_first_result_ends_both)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = stall(&desk);
    cr_assert(eq(u32, count_sent(&desk, WIRE_GRANT), 1));
    struct wire_grant hedge = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_expect(eq(u32, hedge.spec.replica.value, grant.spec.replica.value));
    cr_expect(gt(u64, hedge.token.value, grant.token.value));
    bring(&desk, 6, &hedge);
    stored(&desk, &hedge);
    renew(&desk, 5, grant.token, 0);
    cr_expect(eq(u32, sent(&desk, WIRE_RENEWED, 0)->renewed.revoked_count, 1));
}

Test(planner, a_hedge_takes_the_place_of_a_primary_that_is_given_back)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = stall(&desk);
    const struct wire_message message = {.type = WIRE_RETURN,
                                         .returned = {.token = grant.token, .reason = WIRE_RETURN_LEAVING}};
    take(&desk, 5, &message);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0), "it still runs");
    cr_expect(eq(u32, planner_count_leases(desk.planner), REPLICAS));
}

Test(planner, a_segment_that_explodes_under_both_leases_holds_its_replica)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = stall(&desk);
    struct wire_message failure = result_of(&grant);
    failure.result.status = STATUS_PHYSICS;
    const struct wire_grant hedge = sent(&desk, WIRE_GRANT, 0)->grant;
    take(&desk, 5, &failure);
    failure.result.token = hedge.token;
    take(&desk, 6, &failure);
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).replicas_held, 1));
}

Test(planner, a_returned_lease_is_granted_to_another)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    const struct wire_message message = {.type = WIRE_RETURN,
                                         .returned = {.token = grant.token, .reason = WIRE_RETURN_LEAVING}};
    take(&desk, 5, &message);
    cr_expect(eq(u32, planner_count_leases(desk.planner), 0));
    cr_expect(eq(u32, grant_to(&desk, 6).spec.replica.value, grant.spec.replica.value));
}

Test(planner, a_snapshot_the_worker_does_not_hold_is_sent_with_the_next_grant)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    cr_assert(eq(i64, sent(&desk, WIRE_GRANT, 0)->grant.spec.segment.value, 0), "it goes on with what it holds");
    const struct lease_token token = sent(&desk, WIRE_GRANT, 0)->grant.token;
    for (uint32_t i = 0; i < desk.actions.count; i++)
        cr_expect(not(desk.actions.items[i].type == ACTION_SEND && desk.actions.items[i].send.with_snapshot));
    const struct wire_message message = {.type = WIRE_RETURN,
                                         .returned = {.token = token, .reason = WIRE_RETURN_NO_SNAPSHOT}};
    take(&desk, 5, &message);
    want(&desk, 5, REPLICAS);
    for (uint32_t i = 0; i < desk.actions.count; i++)
        cr_expect(eq(int, desk.actions.items[i].send.with_snapshot,
                     desk.actions.items[i].send.message.grant.spec.segment.value == 0));
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), REPLICAS - 1));
}

Test(planner, after_a_restart_running_segments_are_adopted_under_new_tokens)
{
    struct desk before, after;
    desk_init(&before, 1);
    struct wire_grant grant = grant_to(&before, 5);
    desk_init(&after, 2);
    struct wire_held held = {.token = grant.token,
                             .campaign = grant.campaign,
                             .lineage = grant.lineage,
                             .replica = grant.spec.replica,
                             .segment = grant.spec.segment,
                             .input = grant.input};
    struct wire_message message = hello_of(5, "here");
    message.hello.held_count = 1;
    message.hello.held = &held;
    take(&after, 5, &message);
    const struct wire_welcome *welcome = &sent(&after, WIRE_WELCOME, 0)->welcome;
    cr_assert(eq(u32, welcome->adopted_count, 1));
    cr_expect(eq(u64, welcome->adopted[0].before.value, grant.token.value));
    cr_expect(eq(u64, welcome->adopted[0].after.value >> 32, 2));
    cr_expect(eq(u32, planner_count_leases(after.planner), 1));
}

/* What a worker holds of a grant, with one field spoilt; how many leases are adopted and how many are dropped. */
static void offer(const struct wire_held *held, uint32_t adopted, uint32_t dropped, const char *what)
{
    struct desk after;
    desk_init(&after, 2);
    struct wire_message message = hello_of(5, "here");
    message.hello.held_count = 1;
    message.hello.held = (struct wire_held *)held;
    take(&after, 5, &message);
    const struct wire_welcome *welcome = &sent(&after, WIRE_WELCOME, 0)->welcome;
    cr_expect(eq(u32, welcome->adopted_count, adopted), "%s", what);
    cr_expect(eq(u32, welcome->dropped_count, dropped), "%s", what);
    cr_expect(eq(u32, planner_count_leases(after.planner), adopted), "%s", what);
}

Test(planner, only_the_next_segment_of_a_replica_of_this_database_is_adopted)
{
    struct desk before;
    desk_init(&before, 1);
    const struct wire_grant grant = grant_to(&before, 5);
    const struct wire_held whole = {.token = grant.token,
                                    .campaign = grant.campaign,
                                    .lineage = grant.lineage,
                                    .replica = grant.spec.replica,
                                    .segment = grant.spec.segment,
                                    .input = grant.input};
    struct wire_held held = whole;
    offer(&held, 1, 0, "as it was granted");
    held.lineage.bytes[3] ^= 1;
    offer(&held, 0, 1, "of another database");
    held.is_result = true;
    offer(&held, 0, 1, "a result of another database");
    held = whole;
    held.replica.value = REPLICAS;
    offer(&held, 0, 1, "of a replica that is not there");
    held.is_result = true;
    offer(&held, 0, 1, "a result of a replica that is not there");
    held = whole;
    held.segment.value++;
    offer(&held, 0, 1, "of the segment after the next");
    held = whole;
    held.input.bytes[0] ^= 1;
    offer(&held, 0, 1, "with another input");
    held.is_result = true;
    offer(&held, 0, 0, "a result may be sent: it is judged by its digests");
}

Test(planner, a_hello_that_is_repeated_is_welcomed_again)
{
    struct desk desk;
    desk_init(&desk, 1);
    say_hello(&desk, 5);
    say_hello(&desk, 5);
    cr_expect(eq(u32, count_sent(&desk, WIRE_WELCOME), 1));
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 1));
}

Test(planner, what_another_worker_has_by_now_is_dropped_at_hello_but_a_finished_result_is_kept)
{
    struct desk desk;
    desk_init(&desk, 2);
    struct wire_grant grant = grant_to(&desk, 6);
    struct wire_held held[2] = {{.token = {7},
                                 .campaign = grant.campaign,
                                 .lineage = grant.lineage,
                                 .replica = grant.spec.replica,
                                 .segment = grant.spec.segment,
                                 .input = grant.input}};
    held[1] = held[0];
    held[1].token.value = 8;
    held[1].is_result = true;
    struct wire_message message = hello_of(5, "here");
    message.hello.held_count = 2;
    message.hello.held = held;
    take(&desk, 5, &message);
    const struct wire_welcome *welcome = &sent(&desk, WIRE_WELCOME, 0)->welcome;
    cr_expect(eq(u32, welcome->adopted_count, 0));
    cr_assert(eq(u32, welcome->dropped_count, 1));
    cr_expect(eq(u64, welcome->dropped[0].value, 7));
}

Test(planner, an_older_session_of_a_worker_is_told_that_it_is_superseded)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_message message = hello_of(5, "here");
    message.hello.session = 9;
    take(&desk, 5, &message);
    message.hello.session = 8;
    take(&desk, 17, &message);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_SUPERSEDED));
}

static void fail(struct desk *desk, uint64_t peer, const struct wire_grant *grant)
{
    struct wire_message message = result_of(grant);
    message.result.status = STATUS_PHYSICS;
    strcpy(message.result.text, "temperature 1e9");
    take(desk, peer, &message);
}

Test(planner, a_segment_that_explodes_twice_holds_its_replica_and_the_others_go_on)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    fail(&desk, 5, &grant);
    struct wire_grant again = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_expect(eq(u32, again.spec.replica.value, grant.spec.replica.value), "there is no other host");
    fail(&desk, 5, &grant); /* the first report once more: not a second failure */
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).replicas_held, 0));
    fail(&desk, 5, &again);
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).replicas_held, 1));
    cr_expect(ne(u32, sent(&desk, WIRE_GRANT, 0)->grant.spec.replica.value, grant.spec.replica.value));
}

Test(planner, after_a_failure_another_host_tries_when_there_is_one)
{
    struct desk desk;
    desk_init(&desk, 1);
    const struct wire_message there = hello_of(6, "there");
    take(&desk, 6, &there);
    want(&desk, 6, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    fail(&desk, 5, &grant);
    cr_expect(ne(u32, sent(&desk, WIRE_GRANT, 0)->grant.spec.replica.value, grant.spec.replica.value));
    want(&desk, 6, 2);
    cr_expect(eq(u32, sent(&desk, WIRE_GRANT, 0)->grant.spec.replica.value, grant.spec.replica.value));
}

Test(planner, a_drained_planner_grants_nothing_and_tells_every_worker)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    say_hello(&desk, 6);
    step(&desk, (struct planner_event){.type = EVENT_DRAIN, .drain_grace_ms = 1000});
    cr_expect(eq(u32, count_sent(&desk, WIRE_DRAIN), 2));
    want(&desk, 6, 2);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
    bring(&desk, 5, &grant);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1), "what is done is still taken");
}

/* Runs one segment of each replica of the ladder; the second storing asks for the exchange. */
static void run_ladder(struct desk *desk, int64_t segment, struct exchange_key *out_exchange)
{
    struct wire_grant grants[TWO_RUNGS];
    uint32_t found = 0;
    for (uint32_t i = 0; i < desk->actions.count; i++) {
        const struct planner_action *action = &desk->actions.items[i];
        if (action->type == ACTION_SEND && action->send.message.type == WIRE_GRANT &&
            action->send.message.grant.spec.replica.value < TWO_RUNGS &&
            action->send.message.grant.spec.segment.value == segment)
            grants[found++] = action->send.message.grant;
    }
    cr_assert(eq(u32, found, TWO_RUNGS));
    for (uint32_t i = 0; i < TWO_RUNGS; i++)
        bring(desk, 5, &grants[i]);
    stored(desk, &grants[1]);
    cr_expect(eq(u32, count_actions(desk, ACTION_STORE_EXCHANGE), 0));
    stored(desk, &grants[0]);
    cr_assert(eq(u32, count_actions(desk, ACTION_STORE_EXCHANGE), 1));
    for (uint32_t i = 0; i < desk->actions.count; i++)
        if (desk->actions.items[i].type == ACTION_STORE_EXCHANGE)
            *out_exchange = desk->actions.items[i].exchange;
}

/* Both replicas of the ladder as stored at the end of segment 0; planner_load_exchange may follow. */
static void load_ladder(struct desk *desk, const struct exchange *exchange)
{
    struct error err;
    for (uint32_t r = 0; r < TWO_RUNGS; r++) {
        const struct loaded_segment loaded = {.key = {first_campaign, {r}, {0}},
                                              .rung = {r},
                                              .snapshot = {{(uint8_t)(r + 1)}},
                                              .energy_potential = -10.0};
        cr_assert(eq(int, planner_load_segment(desk->planner, &loaded, &err), STATUS_OK));
        if (exchange)
            cr_assert(eq(int,
                         planner_load_exchange(desk->planner, first_campaign, (struct replica_id){r}, exchange, &err),
                         STATUS_OK));
    }
}

Test(planner, an_exchange_is_asked_for_when_both_partners_are_durable_and_only_then)
{
    struct desk desk;
    desk_init(&desk, 1);
    say_hello(&desk, 5);
    want(&desk, 5, TWO_RUNGS);
    struct wire_grant build[TWO_RUNGS] = {sent(&desk, WIRE_GRANT, 0)->grant, sent(&desk, WIRE_GRANT, 1)->grant};
    for (int i = 0; i < TWO_RUNGS; i++)
        bring(&desk, 5, &build[i]);
    for (int i = 0; i < TWO_RUNGS; i++)
        stored(&desk, &build[i]);
    step(&desk, (struct planner_event){.type = EVENT_DRAIN});
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_EXCHANGE), 0), "preparation knows no exchange");
}

Test(planner, the_next_segments_of_a_pair_are_granted_only_when_their_exchange_is_durable)
{
    struct desk desk;
    desk_init_empty(&desk, 1);
    struct error err;
    for (uint32_t r = 0; r < REPLICAS; r++) {
        const struct loaded_segment loaded = {.key = {first_campaign, {r}, {-1}},
                                              .rung = {r == 1},
                                              .snapshot = {{(uint8_t)(r + 1)}},
                                              .energy_potential = -10.0};
        cr_assert(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_OK));
    }
    desk_open(&desk);
    say_hello(&desk, 5);
    want(&desk, 5, REPLICAS);
    struct exchange_key exchange;
    run_ladder(&desk, 0, &exchange);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
    step(&desk, (struct planner_event){.type = EVENT_EXCHANGE_STORED, .exchange = exchange});
    cr_assert(eq(u32, count_sent(&desk, WIRE_GRANT), 2));
    const bool swapped = exchange.exchange.accepted;
    for (uint32_t i = 0; i < 2; i++) {
        const struct segment_spec *spec = &sent(&desk, WIRE_GRANT, i)->grant.spec;
        const uint32_t rung = swapped ? 1 - spec->replica.value : spec->replica.value;
        cr_expect(eq(dbl, spec->temperature_first, ladder_temperatures[rung]));
        cr_expect(eq(dbl, spec->temperature_before, ladder_temperatures[spec->replica.value]));
    }
}

Test(planner, an_exchange_that_was_not_stored_before_a_crash_is_decided_after_the_reload)
{
    struct desk desk;
    desk_init_empty(&desk, 2);
    load_ladder(&desk, NULL);
    desk_open(&desk);
    step(&desk, (struct planner_event){.type = EVENT_TICK});
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_EXCHANGE), 1));
}

Test(planner, a_stored_exchange_is_taken_over_and_not_decided_again)
{
    struct desk desk;
    desk_init_empty(&desk, 2);
    const struct exchange exchange = {
        .rung_cold = {0}, .replica_cold = {0}, .replica_hot = {1}, .log_weight = 0.0, .uniform = 0.5, .accepted = true};
    load_ladder(&desk, &exchange);
    desk_open(&desk);
    say_hello(&desk, 5);
    want(&desk, 5, REPLICAS);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_EXCHANGE), 0));
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count_sent(&desk, WIRE_GRANT); i++) {
        const struct segment_spec *spec = &sent(&desk, WIRE_GRANT, i)->grant.spec;
        if (spec->replica.value >= TWO_RUNGS)
            continue;
        cr_expect(eq(dbl, spec->temperature_first, ladder_temperatures[1 - spec->replica.value]));
        seen++;
    }
    cr_expect(eq(u32, seen, TWO_RUNGS));
}

Test(planner, a_store_with_two_replicas_on_one_rung_is_corrupt)
{
    struct desk desk;
    desk_init_empty(&desk, 2);
    struct error err;
    const struct loaded_segment loaded = {.key = {first_campaign, {0}, {-1}}, .rung = {1}};
    cr_assert(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_OK));
    cr_expect(eq(int, planner_load_finish(desk.planner, &err), STATUS_CORRUPT));
}

Test(planner, a_segment_that_its_campaign_does_not_have_is_corrupt)
{
    struct desk desk;
    desk_init_empty(&desk, 2);
    struct error err;
    const struct loaded_segment loaded = {.key = {first_campaign, {0}, {2}}};
    cr_expect(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_CORRUPT));
}

Test(planner, equal_events_give_equal_actions)
{
    struct desk a, b;
    desk_init(&a, 1);
    desk_init(&b, 1);
    struct wire_grant of_a = grant_to(&a, 5), of_b = grant_to(&b, 5);
    cr_expect(eq(u64, of_a.token.value, of_b.token.value));
    cr_expect(digest_equal(&of_a.input, &of_b.input));
    bring(&a, 5, &of_a);
    bring(&b, 5, &of_b);
    cr_expect(eq(u32, a.actions.count, b.actions.count));
}

/* -- audit: all is run twice ------------------------------------------------------------------------------------- */

static void desk_init_audited(struct desk *desk)
{
    static struct campaign audited;
    audited = campaign;
    audited.audit_fraction = 1.0;
    desk_init_with(desk, 1, 4, &audited);
    desk_open(desk);
}

static void enter(struct desk *desk, uint64_t peer, const char *host, uint32_t credits)
{
    const struct wire_message hello = hello_of(peer, host);
    take(desk, peer, &hello);
    want(desk, peer, credits);
}

static void bring_other(struct desk *desk, uint64_t peer, const struct wire_grant *grant, uint8_t difference)
{
    struct wire_message message = result_of(grant);
    message.result.result.output.bytes[1] ^= difference;
    take(desk, peer, &message);
}

/* Worker 5 on "a" has stored the build of a replica, as `difference` says; worker 6 on "b" audits it; worker 7 is busy.
 */
static struct wire_grant audit_of_first(struct desk *desk, uint8_t difference, const char *third_host)
{
    enter(desk, 5, "a", 1);
    const struct wire_grant grant = sent(desk, WIRE_GRANT, 0)->grant;
    enter(desk, 6, "b", 1);
    enter(desk, 7, third_host, 1);
    bring_other(desk, 5, &grant, difference);
    stored(desk, &grant);
    want(desk, 6, 2);
    const struct wire_grant audit = sent(desk, WIRE_GRANT, 0)->grant;
    cr_assert(eq(i64, audit.spec.segment.value, grant.spec.segment.value));
    cr_assert(eq(u32, audit.spec.replica.value, grant.spec.replica.value));
    return audit;
}

/* Worker 5 brings its first result, `others` are there too; how many audits it opens. */
static uint32_t open_by_first_result(uint32_t others, double fraction)
{
    static struct campaign audited;
    struct desk desk;
    audited = campaign;
    audited.audit_fraction = fraction;
    desk_init_with(&desk, 1, 4, &audited);
    desk_open(&desk);
    for (uint32_t i = 1; i <= others; i++)
        enter(&desk, 5 + i, "b", 0);
    enter(&desk, 5, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    return planner_get_progress(desk.planner, first_campaign).audits_open;
}

Test(planner, the_first_result_of_a_new_worker_is_audited_where_another_one_is_there)
{
    cr_expect(eq(u32, open_by_first_result(1, 1e-9), 1));
    cr_expect(eq(u32, open_by_first_result(0, 1e-9), 0), "nobody could tell");
    cr_expect(eq(u32, open_by_first_result(1, 0.0), 0), "audits are off");
}

/* Worker 6 has something to run all the time, so that worker 5 does not audit itself. */
Test(planner, a_worker_whose_results_are_right_is_audited_less_and_less)
{
    static struct campaign audited;
    struct desk desk;
    uint32_t audits = 0, results = 0;
    audited = campaign;
    audited.audit_fraction = 1e-9;
    desk_init_with(&desk, 1, 4, &audited);
    desk_open(&desk);
    enter(&desk, 6, "b", 1);
    enter(&desk, 5, "a", 1);
    while (count_sent(&desk, WIRE_GRANT) > 0) {
        const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
        bring(&desk, 5, &grant);
        stored(&desk, &grant);
        results++;
        if (planner_get_progress(desk.planner, first_campaign).audits_open == 0)
            continue;
        const struct planner_actions rest = desk.actions;
        audits++;
        want(&desk, 6, 2);
        const struct wire_grant audit = sent(&desk, WIRE_GRANT, 0)->grant;
        want(&desk, 6, 1);
        bring(&desk, 6, &audit);
        desk.actions = rest;
    }
    cr_expect(ge(u32, results, 6));
    cr_expect(ge(u32, audits, 1));
    cr_expect(le(u32, audits, results / 2));
}

Test(planner, equal_runs_of_a_segment_are_noted_as_audited)
{
    struct desk desk;
    desk_init_audited(&desk);
    const struct wire_grant audit = audit_of_first(&desk, 0, "c");
    bring(&desk, 6, &audit);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_DUPLICATE));
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_AUDIT), 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 0), "nothing to note");
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 0));
}

Test(planner, nobody_of_those_who_are_not_trusted_is_let_in)
{
    const struct planner_untrusted untrusted[] = {
        {.is_host = true, .host = "b"}, {.worker = {{7}}, .host = "c"}, {.is_host = true, .host = "d"}};
    struct desk desk;
    desk_init_with(&desk, 1, 4, &campaign);
    for (int i = 0; i < 3; i++)
        planner_load_untrusted(desk.planner, &untrusted[i]);
    desk_open(&desk);
    static const struct {
        uint64_t peer;
        const char *host;
        bool is_welcome;
    } workers[] = {{5, "a", true}, {6, "b", false}, {7, "c", false}, {8, "c", true}, {9, "d", false}};
    for (size_t i = 0; i < sizeof workers / sizeof workers[0]; i++) {
        const struct wire_message message = hello_of(workers[i].peer, workers[i].host);
        take(&desk, workers[i].peer, &message);
        cr_expect(eq(u32, count_sent(&desk, WIRE_WELCOME), workers[i].is_welcome), "worker %d on %s",
                  (int)workers[i].peer, workers[i].host);
        cr_expect(eq(u32, count_sent(&desk, WIRE_GOAWAY), !workers[i].is_welcome));
    }
}

/* Loads a stored segment that came from a host that is not trusted any more, and runs it again. */
Test(planner, one_worker_that_finds_the_same_twice_outweighs_one_that_is_not_trusted)
{
    struct desk desk;
    struct error err;
    const struct planner_untrusted liar = {.is_host = true, .host = "a"};
    const struct segment_key key = {first_campaign, {2}, {-1}};
    const struct loaded_segment loaded = {.key = key, .energy_potential = -3400.0};
    const struct segment_record record = {.key = key, .worker = {{5}}, .host = "a"};
    desk_init_with(&desk, 1, 4, &campaign);
    planner_load_untrusted(desk.planner, &liar);
    cr_assert(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_OK));
    planner_load_audit(desk.planner, &record);
    desk_open(&desk);
    pass(&desk, 2 * LEASE_MS);
    enter(&desk, 6, "b", 1);
    struct wire_grant audit = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_assert(eq(i64, audit.spec.segment.value, key.segment.value));
    bring_other(&desk, 6, &audit, 3);
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 0), "once may be a mistake of its own");
    audit = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_assert(eq(i64, audit.spec.segment.value, key.segment.value), "nobody else is left");
    bring_other(&desk, 6, &audit, 3);
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_QUARANTINE), 0), "the liar is known");
}

/* Its compute hangs and cannot be stopped, its heart beats: it gets an audit, and nothing after that. */
Test(planner, a_worker_that_does_not_get_on_is_given_nothing_more_until_something_moves)
{
    struct desk desk;
    desk_init_audited(&desk);
    enter(&desk, 6, "b", 2);
    const struct wire_grant hung = sent(&desk, WIRE_GRANT, 0)->grant;
    enter(&desk, 5, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 5, &grant);
    want(&desk, 5, 0);
    stored(&desk, &grant);
    for (int64_t ms = 0; ms <= HEDGE_MS; ms += 1000) {
        pass(&desk, 1000);
        for (uint64_t peer = 5; peer <= 6; peer++) {
            const struct wire_message renew = {.type = WIRE_RENEW,
                                               .renew = {1, &(struct wire_progress){hung.token, 7}}};
            take(&desk, peer, &renew);
        }
    }
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 1));
    want(&desk, 6, 3);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0), "it is stuck");
    want(&desk, 5, 1);
    cr_expect(eq(i64, sent(&desk, WIRE_GRANT, 0)->grant.spec.segment.value, grant.spec.segment.value),
              "the other one audits itself rather than wait for it");
    const struct wire_message moved = {.type = WIRE_RENEW, .renew = {1, &(struct wire_progress){hung.token, 8}}};
    take(&desk, 6, &moved);
    cr_expect(gt(u32, count_sent(&desk, WIRE_GRANT), 0), "it gets on");
}

/* A second passes in which a worker says that its lease stands where it stood; whether something was granted. */
static bool pass_second(struct desk *desk, uint64_t peer, struct lease_token token)
{
    const struct wire_message renew = {.type = WIRE_RENEW, .renew = {1, &(struct wire_progress){token, 7}}};
    pass(desk, 1000);
    const uint32_t grants = count_sent(desk, WIRE_GRANT);
    take(desk, peer, &renew);
    return grants + count_sent(desk, WIRE_GRANT) > 0;
}

/* Ten hedge times after somebody else has done what hung, and not for ever. */
Test(planner, a_worker_that_did_not_get_on_is_tried_again_after_some_time)
{
    struct desk desk;
    desk_init(&desk, 1);
    enter(&desk, 6, "b", 1);
    const struct wire_grant hung = sent(&desk, WIRE_GRANT, 0)->grant;
    for (int64_t ms = 0; ms <= HEDGE_MS; ms += 1000)
        cr_assert_not(pass_second(&desk, 6, hung.token));
    want(&desk, 6, 2);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0), "it is stuck");
    enter(&desk, 5, "a", 0);
    bring(&desk, 5, &hung);
    stored(&desk, &hung);
    cr_expect(eq(u32, planner_count_leases(desk.planner), 0));
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0), "it is stuck though it has nothing");
    int64_t waited_ms = 1000;
    while (!pass_second(&desk, 6, hung.token) && waited_ms < 2 * (int64_t)PLANNER_STUCK_HEDGES * HEDGE_MS)
        waited_ms += 1000;
    cr_expect(le(i64, llabs(waited_ms - (int64_t)PLANNER_STUCK_HEDGES * HEDGE_MS), 2000));
}

Test(planner, of_a_hello_only_what_lasts_is_kept)
{
    struct desk desk;
    struct wire_held held = {.token = {9}, .campaign = {7}};
    desk_init(&desk, 1);
    struct wire_message message = hello_of(5, "here");
    message.hello.held_count = 1;
    message.hello.held = &held;
    take(&desk, 5, &message);
    for (uint32_t i = 0; i < planner_count_places(desk.planner); i++) {
        struct planner_worker worker;
        if (!planner_get_worker(desk.planner, i, &worker))
            continue;
        cr_expect(eq(u32, worker.hello->held_count, 0));
        cr_expect(eq(ptr, worker.hello->held, NULL), "the message owned it");
    }
}

Test(planner, where_two_runs_differ_a_third_shows_that_the_stored_one_was_wrong)
{
    struct desk desk;
    desk_init_audited(&desk);
    struct wire_grant audit = audit_of_first(&desk, 1, "c");
    bring(&desk, 6, &audit);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 0), "one against one");
    want(&desk, 7, 2);
    audit = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 7, &audit);
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_QUARANTINE), 1));
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_REVOKED));
    enter(&desk, 8, "d", 4);
    cr_expect(eq(u32, desk.actions.count, 0), "a planner that asked for a retraction decides nothing more");
}

Test(planner, where_two_runs_differ_a_third_shows_that_the_audit_was_wrong)
{
    struct desk desk;
    desk_init_audited(&desk);
    struct wire_grant audit = audit_of_first(&desk, 0, "c");
    bring_other(&desk, 6, &audit, 1);
    want(&desk, 7, 2);
    audit = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 7, &audit);
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 0));
    cr_expect(eq(u32, count_actions(&desk, ACTION_QUARANTINE), 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_AUDIT), 1));
    const struct wire_message hello = hello_of(6, "b");
    take(&desk, 6, &hello);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_REVOKED), "nor does it come back");
}

Test(planner, a_host_with_an_honest_worker_is_not_quarantined_for_another_one)
{
    struct desk desk;
    desk_init_audited(&desk);
    struct wire_grant audit = audit_of_first(&desk, 1, "a");
    bring(&desk, 6, &audit);
    want(&desk, 7, 2);
    audit = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 7, &audit);
    cr_assert(eq(u32, count_actions(&desk, ACTION_QUARANTINE), 1));
    for (uint32_t i = 0; i < desk.actions.count; i++)
        cr_expect(not(desk.actions.items[i].type == ACTION_QUARANTINE && desk.actions.items[i].quarantine.is_host));
}

Test(planner, a_segment_that_explodes_when_it_is_audited_contradicts_the_stored_one)
{
    struct desk desk;
    desk_init_audited(&desk);
    struct wire_grant audit = audit_of_first(&desk, 1, "c");
    struct wire_message failure = result_of(&audit);
    failure.result.status = STATUS_PHYSICS;
    take(&desk, 6, &failure);
    want(&desk, 7, 2);
    failure.result.token = sent(&desk, WIRE_GRANT, 0)->grant.token;
    take(&desk, 7, &failure);
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 1));
}

Test(planner, an_audit_whose_input_is_gone_is_given_up_with_a_note)
{
    struct desk desk;
    desk_init_audited(&desk);
    const struct wire_grant audit = audit_of_first(&desk, 0, "c");
    step(&desk, (struct planner_event){
                    .type = EVENT_SNAPSHOT_MISSING,
                    .snapshot_missing = {{audit.campaign, audit.spec.replica, audit.spec.segment}, "it is gone"}});
    cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 1));
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 0));
}

Test(planner, a_worker_alone_audits_itself)
{
    struct desk desk;
    desk_init_audited(&desk);
    enter(&desk, 5, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    const struct wire_grant audit = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_expect(eq(i64, audit.spec.segment.value, grant.spec.segment.value));
    bring(&desk, 5, &audit);
    cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_AUDIT), 1));
}

Test(planner, an_audit_waits_for_a_busy_worker_of_another_host_but_not_for_one_that_left)
{
    struct desk desk;
    desk_init_audited(&desk);
    enter(&desk, 5, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    enter(&desk, 6, "b", 1);
    enter(&desk, 8, "a", 1);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    want(&desk, 8, 2);
    for (uint32_t i = 0; i < count_sent(&desk, WIRE_GRANT); i++)
        cr_expect(ne(u32, sent(&desk, WIRE_GRANT, i)->grant.spec.replica.value, grant.spec.replica.value));
    want(&desk, 8, 3);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
    take(&desk, 6, &(struct wire_message){.type = WIRE_BYE});
    cr_expect(eq(u32, sent(&desk, WIRE_GRANT, 0)->grant.spec.replica.value, grant.spec.replica.value));
    cr_expect(eq(i64, sent(&desk, WIRE_GRANT, 0)->grant.spec.segment.value, grant.spec.segment.value));
}

Test(planner, who_brought_a_result_is_no_better_for_its_audit_on_another_host)
{
    struct desk desk;
    desk_init_audited(&desk);
    enter(&desk, 5, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    enter(&desk, 8, "a", 1);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    struct wire_message moved = hello_of(5, "z");
    moved.hello.session = 2;
    take(&desk, 5, &moved);
    want(&desk, 8, 2);
    cr_expect(eq(u32, sent(&desk, WIRE_GRANT, 0)->grant.spec.replica.value, grant.spec.replica.value));
    cr_expect(eq(i64, sent(&desk, WIRE_GRANT, 0)->grant.spec.segment.value, grant.spec.segment.value));
}

/* ---- many ---- */

static void say_hello_as(struct desk *desk, uint64_t peer, uint32_t worker)
{
    struct wire_message message = hello_of(peer, "here");
    memcpy(message.hello.worker.bytes, &worker, sizeof worker);
    const struct planner_event event = {.now = {1000000000}, .type = EVENT_MESSAGE, .message = {{peer}, &message}};
    planner_step(desk->planner, &event, &desk->actions);
}

/* Not checked after each step, which would take as long as there are workers. */
Test(planner, five_thousand_workers_reconnect_and_one_more_is_asked_to_come_later)
{
    enum { MANY = 5000, RECONNECTED = 100000 };
    struct desk desk;
    desk_init_with(&desk, 1, MANY, &campaign);
    desk_open(&desk);
    for (uint32_t i = 0; i < MANY; i++)
        say_hello_as(&desk, 1 + i, i);
    say_hello_as(&desk, 1 + MANY, MANY);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_FULL));
    for (uint32_t i = 0; i < MANY; i++) {
        if (i % 2 == 0) { /* half of the connections are known to be gone before the new ones come */
            const struct planner_event lost = {.now = {1000000000}, .type = EVENT_PEER_LOST, .peer_lost = {1 + i}};
            planner_step(desk.planner, &lost, &desk.actions);
        }
        say_hello_as(&desk, RECONNECTED + i, i);
        cr_assert(eq(u32, count_sent(&desk, WIRE_WELCOME), 1));
    }
    cr_expect(eq(u32, planner_count_sessions(desk.planner), MANY));
    planner_check(desk.planner);
    const struct wire_message renew = {.type = WIRE_RENEW};
    take(&desk, 1, &renew);
    cr_expect(eq(u32, count_sent(&desk, WIRE_WHO), 1), "its old connection is nobody's");
    take(&desk, RECONNECTED, &renew);
    cr_expect(eq(u32, count_sent(&desk, WIRE_RENEWED), 1));
}

/* ---- what hardly ever happens ---- */

Test(planner, another_worker_behind_the_same_connection_takes_its_place)
{
    struct desk desk;
    desk_init(&desk, 1);
    const struct wire_grant grant = grant_to(&desk, 5);
    struct wire_message message = hello_of(5, "here");
    message.hello.worker.bytes[0] = 99;
    take(&desk, 5, &message);
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 1));
    cr_expect(eq(u32, planner_count_leases(desk.planner), 0), "what the other one ran is free");
    want(&desk, 5, 1);
    cr_expect(eq(u32, sent(&desk, WIRE_GRANT, 0)->grant.spec.replica.value, grant.spec.replica.value));
}

Test(planner, what_only_a_coordinator_says_is_not_listened_to)
{
    struct desk desk;
    desk_init(&desk, 1);
    say_hello(&desk, 5);
    const struct wire_message message = {.type = WIRE_DRAIN};
    take(&desk, 5, &message);
    cr_expect(eq(u32, desk.actions.count, 0));
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 1));
}

Test(planner, a_result_of_a_replica_that_is_not_there_is_invalid)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    grant.spec.replica.value = REPLICAS;
    bring(&desk, 5, &grant);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
    grant.campaign.value = 0;
    bring(&desk, 5, &grant);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
    grant.campaign.value = 2;
    bring(&desk, 5, &grant);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
}

Test(planner, a_segment_that_workers_refuse_again_and_again_holds_its_replica)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_grant grant = grant_to(&desk, 5);
    const struct replica_id replica = grant.spec.replica;
    for (int i = 1; i <= PLANNER_FAILURES_OTHER; i++) {
        cr_assert(eq(u32, grant.spec.replica.value, replica.value), "try %d", i);
        const struct wire_message message = {
            .type = WIRE_RETURN,
            .returned = {.token = grant.token, .reason = WIRE_RETURN_REFUSED, .text = "it is too large"}};
        take(&desk, 5, &message);
        if (i < PLANNER_FAILURES_OTHER)
            grant = sent(&desk, WIRE_GRANT, 0)->grant;
    }
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).replicas_held, 1));
}

Test(planner, a_grant_whose_input_is_gone_holds_its_replica)
{
    struct desk desk;
    desk_init(&desk, 1);
    const struct wire_grant grant = grant_to(&desk, 5);
    struct planner_event event = {
        .type = EVENT_SNAPSHOT_MISSING,
        .snapshot_missing = {{grant.campaign, grant.spec.replica, grant.spec.segment}, "it is gone"}};
    step(&desk, event);
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).replicas_held, 1));
    step(&desk, event);
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).replicas_held, 1), "told twice");
}

Test(planner, more_than_it_was_given_memory_for_is_refused)
{
    struct desk desk;
    struct error err;
    desk_init_empty(&desk, 1);
    cr_expect(eq(int, planner_load_campaign(desk.planner, (struct campaign_id){2}, &campaign, &err), STATUS_LIMIT));
}

Test(planner, an_exchange_that_does_not_fit_its_replica_is_corrupt)
{
    struct desk desk;
    struct error err;
    desk_init_empty(&desk, 1);
    const struct loaded_segment loaded = {.key = {first_campaign, {0}, {0}}};
    cr_assert(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_OK));
    const struct exchange whole = {.round = {0}, .rung_cold = {0}, .replica_cold = {0}, .replica_hot = {1}};
    struct exchange exchange = whole;
    exchange.round.value = 1;
    cr_expect(eq(int, planner_load_exchange(desk.planner, first_campaign, (struct replica_id){0}, &exchange, &err),
                 STATUS_CORRUPT),
              "another round");
    exchange = whole;
    exchange.replica_cold.value = 1;
    cr_expect(eq(int, planner_load_exchange(desk.planner, first_campaign, (struct replica_id){0}, &exchange, &err),
                 STATUS_CORRUPT),
              "neither of the two");
    exchange = whole;
    exchange.rung_cold.value = 1;
    cr_expect(eq(int, planner_load_exchange(desk.planner, first_campaign, (struct replica_id){0}, &exchange, &err),
                 STATUS_CORRUPT),
              "another rung");
    cr_expect(
        eq(int, planner_load_exchange(desk.planner, first_campaign, (struct replica_id){0}, &whole, &err), STATUS_OK));
}
