/* planner_desk.h - a planner on a desk: what tests say to it, and what it answers. */
#ifndef VITRINE_TESTS_UNIT_SERVER_PLANNER_DESK_H
#define VITRINE_TESTS_UNIT_SERVER_PLANNER_DESK_H

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

static inline void free_desks(void)
{
    while (desk_count > 0)
        free(desk_memory[--desk_count]);
}

struct desk {
    struct planner *planner;
    struct planner_actions actions;
    int64_t now_ms;
};

static inline struct planner_config usual_config(uint32_t epoch, uint32_t sessions_max, uint32_t replicas_max)
{
    return (struct planner_config){.epoch = epoch,
                                   .engine_id = ENGINE_ID,
                                   .lineage = lineage,
                                   .campaigns_max = 1,
                                   .rungs_max = replicas_max,
                                   .replicas_max = replicas_max,
                                   .sessions_max = sessions_max,
                                   .leases_max = 3 * replicas_max,
                                   .audits_max = PLANNER_AUDITS_PER_REPLICA * replicas_max,
                                   .untrusted_max = 4,
                                   .lease_ms = LEASE_MS,
                                   .session_ms = 3 * LEASE_MS,
                                   .hedge_ms = HEDGE_MS,
                                   .probe_ms = 5000,
                                   .stall_ms = 2000,
                                   .affinity_segments = 1};
}

static inline void desk_init_config(struct desk *desk, const struct planner_config *config, const struct campaign *of)
{
    struct arena arena = {.size = planner_memory_size(config)};
    arena.memory = aligned_alloc(64, arena.size);
    memset(arena.memory, 0, arena.size);
    cr_assert_lt(desk_count, DESKS_MAX);
    desk_memory[desk_count++] = arena.memory;
    struct error err;
    desk->planner = planner_init(&arena, config);
    desk->now_ms = 1000;
    cr_assert(eq(int, planner_load_campaign(desk->planner, first_campaign, of, &err), STATUS_OK));
}

static inline void desk_init_with(struct desk *desk, uint32_t epoch, uint32_t sessions_max, const struct campaign *of)
{
    const struct planner_config config = usual_config(epoch, sessions_max, REPLICAS);
    desk_init_config(desk, &config, of);
}

static inline void desk_init_empty(struct desk *desk, uint32_t epoch)
{
    desk_init_with(desk, epoch, 2, &campaign);
}

static inline void desk_open(struct desk *desk)
{
    struct error err;
    enum status status = planner_load_finish(desk->planner, &err);
    cr_assert(eq(int, status, STATUS_OK), "%s", err.message);
}

static inline void desk_init(struct desk *desk, uint32_t epoch)
{
    desk_init_empty(desk, epoch);
    desk_open(desk);
}

static inline void step(struct desk *desk, struct planner_event event)
{
    event.now = (struct mono_ns){desk->now_ms * 1000000};
    planner_step(desk->planner, &event, &desk->actions);
    planner_check(desk->planner);
}

static inline void take(struct desk *desk, uint64_t peer, const struct wire_message *message)
{
    step(desk, (struct planner_event){.type = EVENT_MESSAGE, .message = {{peer}, message}});
}

/* Time passes, in ticks. */
static inline void pass(struct desk *desk, int64_t ms)
{
    for (; ms > 0; ms -= 1000) {
        desk->now_ms += 1000;
        step(desk, (struct planner_event){.type = EVENT_TICK});
    }
}

static inline struct wire_message hello_of(uint64_t peer, const char *host)
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

static inline void say_hello(struct desk *desk, uint64_t peer)
{
    const struct wire_message message = hello_of(peer, "here");
    take(desk, peer, &message);
}

static inline void want(struct desk *desk, uint64_t peer, uint32_t credits)
{
    const struct wire_message message = {.type = WIRE_WANT, .want = {credits}};
    take(desk, peer, &message);
}

static inline uint32_t count_sent(const struct desk *desk, enum wire_type type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < desk->actions.count; i++)
        count += desk->actions.items[i].type == ACTION_SEND && desk->actions.items[i].send.message.type == type;
    return count;
}

static inline uint32_t count_actions(const struct desk *desk, enum planner_action_type type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < desk->actions.count; i++)
        count += desk->actions.items[i].type == type;
    return count;
}

/* The n-th message of a type among the actions. */
static inline const struct wire_message *sent(const struct desk *desk, enum wire_type type, uint32_t n)
{
    for (uint32_t i = 0; i < desk->actions.count; i++)
        if (desk->actions.items[i].type == ACTION_SEND && desk->actions.items[i].send.message.type == type && n-- == 0)
            return &desk->actions.items[i].send.message;
    cr_fatal("nothing of the kind was sent");
    return NULL;
}

static inline struct wire_grant grant_to(struct desk *desk, uint64_t peer)
{
    say_hello(desk, peer);
    want(desk, peer, 1);
    return sent(desk, WIRE_GRANT, 0)->grant;
}

/* A result of a grant; its digests follow from its input. */
static inline struct wire_message result_of(const struct wire_grant *grant)
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

static inline void bring(struct desk *desk, uint64_t peer, const struct wire_grant *grant)
{
    const struct wire_message message = result_of(grant);
    take(desk, peer, &message);
}

static inline void stored(struct desk *desk, const struct wire_grant *grant)
{
    step(desk, (struct planner_event){.type = EVENT_SEGMENT_STORED,
                                      .segment = {grant->campaign, grant->spec.replica, grant->spec.segment}});
}

static inline struct segment_record as_stored(const struct segment_lookup *lookup, struct digest output)
{
    return (struct segment_record){
        .key = lookup->key, .input = lookup->input, .output = output, .worker = {{5}}, .host = "here"};
}

static inline void renew(struct desk *desk, uint64_t peer, struct lease_token token, int64_t step_reached)
{
    struct wire_progress progress = {token, step_reached};
    const struct wire_message message = {.type = WIRE_RENEW, .renew = {1, &progress}};
    take(desk, peer, &message);
}

static inline void fail(struct desk *desk, uint64_t peer, const struct wire_grant *grant)
{
    struct wire_message message = result_of(grant);
    message.result.status = STATUS_PHYSICS;
    strcpy(message.result.text, "temperature 1e9");
    take(desk, peer, &message);
}

static inline void desk_init_audited(struct desk *desk)
{
    static struct campaign audited;
    audited = campaign;
    audited.audit_fraction = 1.0;
    desk_init_with(desk, 1, 4, &audited);
    desk_open(desk);
}

static inline void enter(struct desk *desk, uint64_t peer, const char *host, uint32_t credits)
{
    const struct wire_message hello = hello_of(peer, host);
    take(desk, peer, &hello);
    want(desk, peer, credits);
}

static inline void bring_other(struct desk *desk, uint64_t peer, const struct wire_grant *grant, uint8_t difference)
{
    struct wire_message message = result_of(grant);
    message.result.result.output.bytes[1] ^= difference;
    take(desk, peer, &message);
}

/* Worker 5 on "a" has stored the build of a replica, as `difference` says; worker 6 on "b" audits it; worker 7 is busy.
 */
static inline struct wire_grant audit_of_first(struct desk *desk, uint8_t difference, const char *third_host)
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

#endif
