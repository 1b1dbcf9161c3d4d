/* Single decisions of the planner; the simulator tests their interplay. */
#include "tests/unit/server/planner_desk.h"

TestSuite(planner, .fini = free_desks);

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
    cr_expect(eq(u32, sent(&desk, WIRE_GOAWAY, 0)->goaway.protocol_first, WIRE_PROTOCOL_FIRST));
    cr_expect(eq(u32, sent(&desk, WIRE_GOAWAY, 0)->goaway.protocol_last, WIRE_PROTOCOL_LAST));
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
    cr_expect(eq(u64, sent(&desk, WIRE_ACK, 0)->ack.token.value, grant.token.value));
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

/* ---- what an audit's lease comes to ---- */

static void give_back(struct desk *desk, uint64_t peer, struct lease_token token, enum wire_return_reason reason)
{
    const struct wire_message message = {.type = WIRE_RETURN, .returned = {.token = token, .reason = reason}};
    take(desk, peer, &message);
}

Test(planner, an_audit_that_is_given_back_waits_for_another_worker_and_is_nobodys_failure)
{
    const enum wire_return_reason reasons[] = {WIRE_RETURN_NO_SNAPSHOT, WIRE_RETURN_REFUSED};
    for (int i = 0; i < 2; i++) {
        struct desk desk;
        desk_init_audited(&desk);
        const struct wire_grant audit = audit_of_first(&desk, 0, "c");
        give_back(&desk, 6, audit.token, reasons[i]);
        cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 1));
        cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 0));
        step(&desk, (struct planner_event){.type = EVENT_DRAIN}); /* nobody takes it now */
        bring(&desk, 6, &audit);
        cr_expect(eq(u32, count_actions(&desk, ACTION_STORE_AUDIT), 1), "it was done all the same, on another host");
    }
}

Test(planner, where_there_is_no_room_for_another_audit_a_contradiction_is_noted)
{
    struct desk desk;
    struct planner_config config = usual_config(1, 4, REPLICAS);
    config.audits_max = 0;
    desk_init_config(&desk, &config, &campaign);
    desk_open(&desk);
    const struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    bring_other(&desk, 5, &grant, 1);
    cr_assert(eq(u32, count_actions(&desk, ACTION_LOOKUP_SEGMENT), 1));
    struct planner_event found = {.type = EVENT_SEGMENT_FOUND};
    for (uint32_t i = 0; i < desk.actions.count; i++)
        if (desk.actions.items[i].type == ACTION_LOOKUP_SEGMENT)
            found.found.lookup = desk.actions.items[i].lookup;
    found.found.stored = as_stored(&found.found.lookup, (struct digest){{8}});
    step(&desk, found);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_INVALID));
    cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 1));
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 0));
}

/* Two results that contradict what is stored, looked up in one batch: the first opens the audit, the second votes. */
Test(planner, a_second_contradiction_goes_to_the_audit_that_is_open)
{
    struct desk desk;
    desk_init_with(&desk, 1, 4, &campaign);
    desk_open(&desk);
    const struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    enter(&desk, 6, "b", 0);
    struct planner_event found = {.type = EVENT_SEGMENT_FOUND,
                                  .found.lookup = {.peer = {6},
                                                   .token = {77},
                                                   .key = {first_campaign, grant.spec.replica, grant.spec.segment},
                                                   .input = grant.input,
                                                   .output = {{9}}}};
    found.found.stored = as_stored(&found.found.lookup, (struct digest){{8}});
    step(&desk, found);
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 1));
    found.found.lookup.peer.value = 99; /* that has left by now */
    step(&desk, found);
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 0), "nobody can be asked: it does not count");
}

/* ---- more of what hardly ever happens ---- */

Test(planner, a_peer_that_nobody_knows_may_be_lost)
{
    struct desk desk;
    desk_init(&desk, 1);
    step(&desk, (struct planner_event){.type = EVENT_PEER_LOST, .peer_lost = {5}});
    cr_expect(eq(u32, desk.actions.count, 0));
}

Test(planner, a_cancelled_campaign_is_at_rest_though_its_replicas_are_not_done)
{
    struct desk desk;
    desk_init(&desk, 1);
    step(&desk, (struct planner_event){.type = EVENT_TICK});
    cr_expect_not(planner_get_progress(desk.planner, first_campaign).at_rest);
    step(&desk,
         (struct planner_event){.type = EVENT_STANDING, .standing = {.campaign = {1}, .standing = CAMPAIGN_CANCELLED}});
    cr_expect(planner_get_progress(desk.planner, first_campaign).at_rest);
}

Test(planner, trust_is_given_back_to_one_host_and_not_to_others)
{
    struct desk desk;
    desk_init_empty(&desk, 1);
    const char *const hosts[] = {"a", "b", "c", "d", "one more than there is room for"};
    for (int i = 0; i < 5; i++) {
        struct planner_untrusted untrusted = {.is_host = true};
        strcpy(untrusted.host, hosts[i]);
        planner_load_untrusted(desk.planner, &untrusted);
    }
    desk_open(&desk);
    struct planner_event event = {.type = EVENT_TRUSTED};
    strcpy(event.host, "b");
    step(&desk, event);
    const enum wire_type answers[] = {WIRE_GOAWAY, WIRE_WELCOME, WIRE_GOAWAY, WIRE_GOAWAY, WIRE_WELCOME};
    for (uint64_t i = 0; i < 5; i++) {
        const struct wire_message hello = hello_of(5 + i, hosts[i]);
        take(&desk, 5 + i, &hello);
        cr_expect(eq(u32, count_sent(&desk, answers[i]), 1), "%s", hosts[i]);
    }
}

Test(planner, a_worker_of_a_protocol_before_the_first_is_sent_away)
{
    struct desk desk;
    desk_init(&desk, 1);
    struct wire_message message = hello_of(5, "here");
    message.hello.protocol_first = message.hello.protocol_last = WIRE_PROTOCOL_FIRST - 1;
    take(&desk, 5, &message);
    cr_expect(eq(int, sent(&desk, WIRE_GOAWAY, 0)->goaway.reason, WIRE_GOAWAY_PROTOCOL));
}

/* A stored segment that comes under the token of the next one is no audit. */
Test(planner, an_old_segment_under_a_new_token_is_not_adopted)
{
    struct desk desk;
    desk_init(&desk, 1);
    const struct wire_grant grant = grant_to(&desk, 5);
    bring(&desk, 5, &grant);
    stored(&desk, &grant);
    const struct wire_grant next = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_assert(eq(u32, next.spec.replica.value, grant.spec.replica.value));
    struct wire_held held = {.token = next.token,
                             .campaign = first_campaign,
                             .lineage = lineage,
                             .replica = grant.spec.replica,
                             .segment = grant.spec.segment,
                             .input = grant.input};
    struct wire_message hello = hello_of(5, "here");
    hello.hello.session = 2;
    hello.hello.held_count = 1;
    hello.hello.held = &held;
    take(&desk, 5, &hello);
    cr_expect(eq(u32, sent(&desk, WIRE_WELCOME, 0)->welcome.adopted_count, 0));
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 1), "the next one was not mentioned, and is granted again");
}

Test(planner, what_the_store_says_of_segments_is_held_to_the_campaign)
{
    const struct loaded_segment bad[] = {
        {.key = {{2}, {0}, {0}}},              /* no such campaign */
        {.key = {{1}, {REPLICAS}, {0}}},       /* no such replica */
        {.key = {{1}, {0}, {-2}}},             /* before the first */
        {.key = {{1}, {0}, {2}}},              /* beyond the last */
        {.key = {{1}, {0}, {0}}, .rung = {2}}, /* no such rung */
        {.key = {{0}, {0}, {0}}},              /* campaigns begin with 1 */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct desk desk;
        struct error err;
        desk_init_empty(&desk, 1);
        cr_expect(eq(int, planner_load_segment(desk.planner, &bad[i], &err), STATUS_CORRUPT), "%zu", i);
    }
}

/* Each bound by itself. */
Test(planner, a_campaign_with_more_replicas_or_rungs_than_there_is_room_for_is_refused)
{
    for (int i = 0; i < 2; i++) {
        struct desk desk;
        struct error err;
        struct planner_config config = usual_config(1, 2, REPLICAS);
        config.campaigns_max = 2;
        config.replicas_max = i == 0 ? REPLICAS + 1 : 2 * REPLICAS;
        config.rungs_max = i == 0 ? 6 : 5;
        desk_init_config(&desk, &config, &campaign);
        cr_expect(eq(int, planner_load_campaign(desk.planner, (struct campaign_id){2}, &campaign, &err), STATUS_LIMIT));
    }
}

/* The other lease's result is on its way to disk when a hedge fails: that holds nothing up. */
Test(planner, a_failure_that_comes_while_the_result_is_being_stored_does_not_count)
{
    struct desk desk;
    desk_init(&desk, 1);
    const struct wire_grant grant = stall(&desk), hedge = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 5, &grant);
    cr_assert(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1));
    fail(&desk, 6, &hedge);
    cr_expect(eq(u32, count_actions(&desk, ACTION_NOTE), 0));
    stored(&desk, &grant);
    cr_expect(eq(int, sent(&desk, WIRE_ACK, 0)->ack.verdict, WIRE_COMMITTED));
}

Test(planner, a_liar_that_is_away_when_it_is_found_out_is_forgotten_without_a_word)
{
    struct desk desk;
    desk_init_audited(&desk);
    const struct wire_grant audit = audit_of_first(&desk, 1, "c");
    step(&desk, (struct planner_event){.type = EVENT_PEER_LOST, .peer_lost = {5}});
    bring(&desk, 6, &audit);
    want(&desk, 7, 2);
    struct wire_grant third = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, 7, &third);
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 1));
    cr_expect(eq(u32, count_sent(&desk, WIRE_GOAWAY), 0));
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 2));
}

Test(planner, a_connection_that_is_lost_or_never_to_be_probed_is_not_spoken_to)
{
    for (int i = 0; i < 2; i++) {
        struct desk desk;
        struct planner_config config = usual_config(1, 2, REPLICAS);
        config.probe_ms = i == 0 ? 0 : config.probe_ms;
        desk_init_config(&desk, &config, &campaign);
        desk_open(&desk);
        grant_to(&desk, 5);
        if (i == 1)
            step(&desk, (struct planner_event){.type = EVENT_PEER_LOST, .peer_lost = {5}});
        for (int64_t ms = 0; ms < LEASE_MS / 2; ms += 1000) {
            pass(&desk, 1000);
            cr_assert(eq(u32, count_sent(&desk, WIRE_RENEWED), 0));
        }
    }
}

/* Steps of the preparation, which are negative, count too. */
Test(planner, what_was_done_before_a_restart_is_counted_with_its_preparation)
{
    struct desk desk;
    struct error err;
    static struct ensemble_spec prepared[2];
    struct campaign with_hold = campaign;
    memcpy(prepared, ensembles, sizeof prepared);
    prepared[1].stage_count = 2;
    prepared[1].stages[1] = (struct stage_spec){.kind = STAGE_HOLD, .temperature = 2.0, .steps = 300};
    with_hold.ensembles = prepared;
    desk_init_with(&desk, 1, 2, &with_hold);
    const struct loaded_segment loaded = {.key = {first_campaign, {2}, {0}}, .snapshot = {{1}}};
    cr_assert(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_OK), "%s", err.message);
    desk_open(&desk);
    cr_expect(eq(i64, planner_get_progress(desk.planner, first_campaign).steps_done, 400));
    cr_expect(eq(i64, planner_get_progress(desk.planner, first_campaign).steps_total, 2 * 200 + 2 * 500));
}
