/* The planner with hundreds of workers or replicas: what does not fit into the answer to one event comes with the next,
 * and where there is no place left nothing is lost. */
#include "tests/unit/server/planner_desk.h"

enum { MANY = 600, STEP_MANY = 240 }; /* STEP_MANY: more actions than that do not fit into a step */

TestSuite(planner_many, .fini = free_desks);

static double many_temperatures[MANY];
static struct replica_spec many_replicas[MANY];
static struct ensemble_spec many_ensemble;

/* `count` replicas: isotherms, or a ladder of so many rungs. */
static struct campaign campaign_of(uint32_t count, enum ensemble_mode mode)
{
    const bool is_ladder = mode == MODE_TEMPERING;
    many_ensemble = ensembles[is_ladder ? 0 : 1];
    many_ensemble.temperatures = many_temperatures;
    many_ensemble.rung_count = is_ladder ? count : 1;
    many_ensemble.replicas_per_rung = is_ladder ? 1 : count;
    for (uint32_t i = 0; i < count; i++) {
        many_temperatures[i] = 0.6 + 0.001 * i;
        many_replicas[i] = (struct replica_spec){{0}, {is_ladder ? i : 0}, is_ladder ? 0 : i};
    }
    return (struct campaign){.name = "many",
                             .seed = 7,
                             .ensemble_count = 1,
                             .ensembles = &many_ensemble,
                             .replica_count = count,
                             .replicas = many_replicas};
}

static struct campaign many;

static void desk_init_many(struct desk *desk, uint32_t count, uint32_t sessions_max)
{
    const struct planner_config config = usual_config(1, sessions_max, count);
    many = campaign_of(count, MODE_ISOTHERM);
    desk_init_config(desk, &config, &many);
    desk_open(desk);
}

static void enter_as(struct desk *desk, uint32_t worker, const char *host, uint32_t credits)
{
    struct wire_message hello = hello_of(1 + worker, host);
    memcpy(hello.hello.worker.bytes, &worker, sizeof worker);
    hello.hello.worker.bytes[8] = 1;
    take(desk, 1 + worker, &hello);
    want(desk, 1 + worker, credits);
}

/* Steps again while there is more to do; how many messages of a type came in all, those of the last step included. */
static uint32_t count_all(struct desk *desk, enum wire_type type)
{
    uint32_t count = count_sent(desk, type);
    while (desk->actions.more) {
        step(desk, (struct planner_event){.type = EVENT_TICK});
        count += count_sent(desk, type);
    }
    return count;
}

Test(planner_many, grants_that_do_not_fit_into_a_step_come_with_the_next)
{
    struct desk desk;
    desk_init_many(&desk, MANY, 2);
    say_hello(&desk, 5);
    want(&desk, 5, MANY);
    cr_expect(desk.actions.more);
    cr_expect(lt(u32, count_sent(&desk, WIRE_GRANT), MANY));
    cr_expect(eq(u32, count_all(&desk, WIRE_GRANT), MANY));
}

Test(planner_many, without_a_free_lease_nothing_is_granted)
{
    struct desk desk;
    struct planner_config config = usual_config(1, 2, REPLICAS);
    config.leases_max = 2;
    desk_init_config(&desk, &config, &campaign);
    desk_open(&desk);
    say_hello(&desk, 5);
    want(&desk, 5, REPLICAS);
    cr_expect(eq(u32, count_sent(&desk, WIRE_GRANT), 2));
}

Test(planner_many, without_a_free_lease_nothing_is_adopted_and_nothing_hedged)
{
    struct desk desk;
    struct planner_config config = usual_config(1, 3, REPLICAS);
    config.leases_max = 1;
    desk_init_config(&desk, &config, &campaign);
    desk_open(&desk);
    const struct wire_grant grant = grant_to(&desk, 5);
    enter(&desk, 6, "there", 1);
    for (int64_t ms = 0; ms <= HEDGE_MS; ms += 1000) {
        pass(&desk, 1000);
        cr_assert(eq(u32, count_sent(&desk, WIRE_GRANT), 0));
        renew(&desk, 5, grant.token, 0);
        renew(&desk, 6, grant.token, 0);
    }
    struct wire_held held = {.token = {9}, .campaign = first_campaign, .lineage = lineage, .replica = {1}};
    struct wire_message hello = hello_of(7, "elsewhere");
    struct desk other; /* where that replica's input is to be seen */
    desk_init(&other, 1);
    say_hello(&other, 5);
    want(&other, 5, 2);
    held.input = sent(&other, WIRE_GRANT, 1)->grant.input;
    held.segment = sent(&other, WIRE_GRANT, 1)->grant.spec.segment;
    held.replica = sent(&other, WIRE_GRANT, 1)->grant.spec.replica;
    hello.hello.held_count = 1;
    hello.hello.held = &held;
    take(&desk, 7, &hello);
    cr_expect(eq(u32, sent(&desk, WIRE_WELCOME, 0)->welcome.adopted_count, 0));
    cr_expect(eq(u32, sent(&desk, WIRE_WELCOME, 0)->welcome.dropped_count, 1));
}

Test(planner_many, every_worker_hears_of_a_drain)
{
    struct desk desk;
    desk_init_many(&desk, 1, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        enter_as(&desk, i, "here", 0);
    step(&desk, (struct planner_event){.type = EVENT_DRAIN, .drain_grace_ms = 1000});
    cr_expect(desk.actions.more);
    cr_expect(eq(u32, count_all(&desk, WIRE_DRAIN), MANY));
}

Test(planner_many, all_workers_of_a_revoked_host_go_though_not_all_can_be_told)
{
    struct desk desk;
    desk_init_many(&desk, 1, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        enter_as(&desk, i, i == 0 ? "there" : "here", 0);
    struct planner_event event = {.type = EVENT_HOST_REVOKED};
    strcpy(event.host, "here");
    step(&desk, event);
    cr_expect(ge(u32, count_sent(&desk, WIRE_GOAWAY), STEP_MANY));
    cr_expect(lt(u32, count_sent(&desk, WIRE_GOAWAY), MANY - 1));
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 1));
}

Test(planner_many, all_that_are_silent_are_spoken_to_in_turn)
{
    struct desk desk;
    desk_init_many(&desk, MANY, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        enter_as(&desk, i, "here", 1);
    uint32_t spoken = 0, most = 0;
    for (int second = 0; second < 8; second++) {
        pass(&desk, 1000);
        const uint32_t now = count_sent(&desk, WIRE_RENEWED);
        spoken += now;
        most = now > most ? now : most;
    }
    cr_expect(eq(u32, spoken, MANY));
    cr_expect(lt(u32, most, MANY));
}

/* Worker 0 brings the build of every replica, and wants nothing more. */
Test(planner_many, of_many_snapshots_that_a_worker_holds_the_oldest_are_forgotten)
{
    enum { REPLICAS_HELD = 70, REMEMBERED = 64 };
    struct desk desk;
    desk_init_many(&desk, REPLICAS_HELD, 2);
    say_hello(&desk, 5);
    want(&desk, 5, REPLICAS_HELD);
    struct wire_grant grants[REPLICAS_HELD];
    cr_assert(eq(u32, count_sent(&desk, WIRE_GRANT), REPLICAS_HELD));
    for (uint32_t i = 0; i < REPLICAS_HELD; i++)
        grants[i] = sent(&desk, WIRE_GRANT, i)->grant;
    want(&desk, 5, 0);
    for (uint32_t i = 0; i < REPLICAS_HELD; i++) {
        bring(&desk, 5, &grants[i]);
        stored(&desk, &grants[i]);
    }
    want(&desk, 5, REPLICAS_HELD);
    uint32_t attached = 0;
    for (uint32_t i = 0; i < desk.actions.count; i++)
        attached += desk.actions.items[i].type == ACTION_SEND && desk.actions.items[i].send.with_snapshot;
    cr_expect(eq(u32, attached, REPLICAS_HELD - REMEMBERED));
}

Test(planner_many, exchanges_that_do_not_fit_into_a_step_come_with_the_next)
{
    struct desk desk;
    struct error err;
    const struct planner_config config = usual_config(1, 2, MANY);
    many = campaign_of(MANY, MODE_TEMPERING);
    desk_init_config(&desk, &config, &many);
    for (uint32_t r = 0; r < MANY; r++) {
        const struct loaded_segment loaded = {
            .key = {first_campaign, {r}, {0}}, .rung = {r}, .snapshot = {{1}}, .energy_potential = -10.0};
        cr_assert(eq(int, planner_load_segment(desk.planner, &loaded, &err), STATUS_OK));
    }
    desk_open(&desk);
    step(&desk, (struct planner_event){.type = EVENT_TICK});
    uint32_t count = count_actions(&desk, ACTION_STORE_EXCHANGE);
    cr_expect(desk.actions.more);
    while (desk.actions.more) {
        step(&desk, (struct planner_event){.type = EVENT_TICK});
        count += count_actions(&desk, ACTION_STORE_EXCHANGE);
    }
    cr_expect(eq(u32, count, MANY / 2));
}

/* Each replica fails once on host "a"; "b" works but is busy. */
Test(planner_many, replicas_that_must_avoid_a_host_are_looked_past_and_not_for_ever)
{
    enum { FAILED = 20 };
    struct desk desk;
    desk_init_many(&desk, FAILED + 4, 3);
    enter(&desk, 6, "b", 1);
    enter(&desk, 5, "a", FAILED);
    struct wire_grant grants[FAILED];
    for (uint32_t i = 0; i < FAILED; i++)
        grants[i] = sent(&desk, WIRE_GRANT, i)->grant;
    for (uint32_t i = 0; i < FAILED; i++)
        fail(&desk, 5, &grants[i]);
    const uint32_t leases = planner_count_leases(desk.planner);
    cr_expect(ge(u32, leases, 1));
    cr_expect(le(u32, leases, 4), "none of those that failed there: %u", (unsigned)leases);
    want(&desk, 6, FAILED);
    cr_expect(ge(u32, count_sent(&desk, WIRE_GRANT), FAILED - 1), "the other host has them");
}

/* One audit waits that none of the idle ones may run; the one that may comes to its turn. */
Test(planner_many, who_is_hungry_is_looked_at_in_turn)
{
    enum { IDLE = 200 };
    struct desk desk;
    many = campaign_of(1, MODE_ISOTHERM);
    many.audit_fraction = 1.0;
    const struct planner_config config = usual_config(1, IDLE + 2, 1);
    desk_init_config(&desk, &config, &many);
    desk_open(&desk);
    enter_as(&desk, 0, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    for (uint32_t i = 1; i <= IDLE; i++)
        enter_as(&desk, i, "a", 1);
    enter_as(&desk, IDLE + 1, "b", 1);
    bring(&desk, 1, &grant);
    stored(&desk, &grant);
    uint32_t to_other = 0, steps = 0;
    for (; to_other == 0 && steps < 10; steps++) {
        for (uint32_t i = 0; i < desk.actions.count; i++)
            to_other += desk.actions.items[i].type == ACTION_SEND &&
                        desk.actions.items[i].send.message.type == WIRE_GRANT &&
                        desk.actions.items[i].send.message.grant.spec.segment.value == grant.spec.segment.value &&
                        desk.actions.items[i].send.peer.value == IDLE + 2;
        want(&desk, 1, 1);
    }
    cr_expect(eq(u32, to_other, 1));
    cr_expect(gt(u32, steps, 1), "not all are looked at in one step");
}

/* Seconds pass in which nothing moves though all speak: worker 0 has all leases, `idle` others wait. */
static void stand_still(struct desk *desk, struct wire_progress *leases, uint32_t count, uint32_t idle, int64_t ms)
{
    const struct wire_message renew_all = {.type = WIRE_RENEW, .renew = {count, leases}}, alive = {.type = WIRE_RENEW};
    for (int64_t until = desk->now_ms + ms; desk->now_ms < until;) {
        pass(desk, until - desk->now_ms < LEASE_MS / 2 ? until - desk->now_ms : LEASE_MS / 2);
        if (desk->now_ms == until)
            return;
        take(desk, 1, &renew_all);
        for (uint32_t i = 1; i <= idle; i++)
            take(desk, 1 + i, &alive);
    }
}

Test(planner_many, hedges_that_do_not_fit_into_a_step_come_with_the_next)
{
    enum { STALLED = 300 };
    static struct wire_progress leases[STALLED];
    struct desk desk;
    desk_init_many(&desk, STALLED, STALLED + 1);
    uint32_t count = 0;
    enter_as(&desk, 0, "a", STALLED);
    for (bool more = true; more;) {
        for (uint32_t i = 0; i < count_sent(&desk, WIRE_GRANT); i++)
            leases[count++].token = sent(&desk, WIRE_GRANT, i)->grant.token;
        more = desk.actions.more;
        if (more)
            step(&desk, (struct planner_event){.type = EVENT_TICK});
    }
    cr_assert(eq(u32, count, STALLED));
    for (uint32_t i = 1; i <= STALLED; i++)
        enter_as(&desk, i, "b", 1);
    stand_still(&desk, leases, STALLED, STALLED, HEDGE_MS - 1000);
    cr_expect(eq(u32, planner_count_leases(desk.planner), STALLED));
    stand_still(&desk, leases, STALLED, STALLED, 3000);
    const uint32_t first = planner_count_leases(desk.planner);
    stand_still(&desk, leases, STALLED, STALLED, 6000);
    cr_expect(gt(u32, first, STALLED));
    cr_expect(eq(u32, planner_count_leases(desk.planner), 2 * STALLED));
}

/* ---- what is not hedged ---- */

/* One lease of one worker, which does not move; another worker wants work. */
static struct wire_grant stall_one(struct desk *desk, const struct planner_config *config)
{
    many = campaign_of(1, MODE_ISOTHERM);
    many_ensemble.steps = 600;
    desk_init_config(desk, config, &many);
    desk_open(desk);
    enter_as(desk, 0, "a", 1);
    const struct wire_grant grant = sent(desk, WIRE_GRANT, 0)->grant;
    enter_as(desk, 1, "b", 2);
    return grant;
}

/* How many leases there are when it should have been hedged. */
static uint32_t wait_for_hedge(struct desk *desk, const struct wire_grant *grant)
{
    struct wire_progress progress = {grant->token, 0};
    stand_still(desk, &progress, 1, 2, HEDGE_MS + 3000);
    return planner_count_leases(desk->planner);
}

Test(planner_many, a_lease_that_stands_still_is_hedged)
{
    struct desk desk;
    const struct planner_config config = usual_config(1, 3, 1);
    const struct wire_grant grant = stall_one(&desk, &config);
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 2));
    enter_as(&desk, 2, "c", 1);
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 2), "once: the hedge, which stands still too, has none");
}

Test(planner_many, without_hedges_it_is_not)
{
    struct desk desk;
    struct planner_config config = usual_config(1, 3, 1);
    config.hedge_ms = 0;
    const struct wire_grant grant = stall_one(&desk, &config);
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 1));
}

Test(planner_many, while_the_disk_is_low_it_is_not)
{
    struct desk desk;
    const struct planner_config config = usual_config(1, 3, 1);
    const struct wire_grant grant = stall_one(&desk, &config);
    step(&desk, (struct planner_event){.type = EVENT_STORAGE, .storage = STORAGE_LOW});
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 1));
}

Test(planner_many, in_a_paused_campaign_it_is_not)
{
    struct desk desk;
    const struct planner_config config = usual_config(1, 3, 1);
    const struct wire_grant grant = stall_one(&desk, &config);
    step(&desk,
         (struct planner_event){.type = EVENT_STANDING, .standing = {.campaign = {1}, .standing = CAMPAIGN_PAUSED}});
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 1));
}

Test(planner_many, while_its_result_is_being_stored_it_is_not)
{
    struct desk desk;
    const struct planner_config config = usual_config(1, 3, 1);
    const struct wire_grant grant = stall_one(&desk, &config);
    bring(&desk, 2, &grant);
    cr_assert(eq(u32, count_actions(&desk, ACTION_STORE_SEGMENT), 1));
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 1));
}

/* It would be computed for nothing if the contradiction further back is settled against it. */
Test(planner_many, behind_an_open_audit_it_is_not)
{
    struct desk desk;
    const struct planner_config config = usual_config(1, 4, 1);
    struct wire_grant grant = stall_one(&desk, &config), first = grant;
    want(&desk, 2, 0);
    for (int i = 0; i < 4; i++) {
        bring(&desk, 1, &grant);
        stored(&desk, &grant);
        grant = sent(&desk, WIRE_GRANT, 0)->grant;
    }
    want(&desk, 2, 2);
    struct planner_event found = {.type = EVENT_SEGMENT_FOUND,
                                  .found = {.lookup = {.peer = {2},
                                                       .token = {77},
                                                       .key = {first.campaign, first.spec.replica, first.spec.segment},
                                                       .input = first.input,
                                                       .output = {{9}}}}};
    found.found.stored = as_stored(&found.found.lookup, (struct digest){{8}});
    step(&desk, found);
    cr_assert(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 1));
    cr_expect(eq(u32, wait_for_hedge(&desk, &grant), 2), "its own, and the audit");
    cr_expect(eq(u32, planner_get_progress(desk.planner, first_campaign).audits_open, 1));
}

Test(planner_many, a_worker_that_gets_on_with_another_segment_does_not_hedge_itself)
{
    struct desk desk;
    const struct planner_config config = usual_config(1, 2, 2);
    many = campaign_of(2, MODE_ISOTHERM);
    desk_init_config(&desk, &config, &many);
    desk_open(&desk);
    enter_as(&desk, 0, "a", 3);
    cr_assert(eq(u32, count_sent(&desk, WIRE_GRANT), 2));
    const struct lease_token still = sent(&desk, WIRE_GRANT, 0)->grant.token,
                             moving = sent(&desk, WIRE_GRANT, 1)->grant.token;
    for (int64_t ms = 0; ms < HEDGE_MS + 5000; ms += 5000) {
        struct wire_progress progress[] = {{still, 0}, {moving, ms + 1}};
        const struct wire_message renew_both = {.type = WIRE_RENEW, .renew = {2, progress}};
        take(&desk, 1, &renew_both);
        pass(&desk, 5000);
    }
    cr_expect(eq(u32, planner_count_leases(desk.planner), 2));
}

Test(planner_many, all_workers_of_a_lying_host_go_though_not_all_can_be_told)
{
    enum { LIARS = 300 };
    struct desk desk;
    many = campaign_of(3, MODE_ISOTHERM);
    many.audit_fraction = 1.0;
    const struct planner_config config = usual_config(1, LIARS + 2, 3);
    desk_init_config(&desk, &config, &many);
    desk_open(&desk);
    enter_as(&desk, 0, "a", 1);
    const struct wire_grant grant = sent(&desk, WIRE_GRANT, 0)->grant;
    for (uint32_t i = 1; i < LIARS; i++)
        enter_as(&desk, i, "a", 0);
    enter_as(&desk, LIARS + 1, "c", 1);
    bring_other(&desk, 1, &grant, 1);
    want(&desk, 1, 0);
    stored(&desk, &grant);
    enter_as(&desk, LIARS, "b", 1);
    const struct wire_grant second = sent(&desk, WIRE_GRANT, 0)->grant;
    bring(&desk, LIARS + 1, &second);
    want(&desk, LIARS + 2, 2);
    const struct wire_grant third = sent(&desk, WIRE_GRANT, 0)->grant;
    cr_assert(eq(u32, third.spec.replica.value, grant.spec.replica.value));
    bring(&desk, LIARS + 2, &third);
    cr_expect(eq(u32, count_actions(&desk, ACTION_QUARANTINE), 1));
    cr_expect(eq(u32, count_actions(&desk, ACTION_RETRACT), 1));
    cr_expect(ge(u32, count_sent(&desk, WIRE_GOAWAY), STEP_MANY));
    cr_expect(lt(u32, count_sent(&desk, WIRE_GOAWAY), LIARS));
    cr_expect(eq(u32, planner_count_sessions(desk.planner), 2));
}
