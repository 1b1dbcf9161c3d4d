/* Time, chance, and what goes wrong by itself. */
#include "common/rng.h"
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAL_S = 40, PATIENCE_S = 1500 };

void sim_fail(const struct sim *sim, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "seed %llu, %.6f s, step %llu: ", (unsigned long long)sim->seed, (double)sim->now * 1e-9,
            (unsigned long long)sim->outcome.steps);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

double sim_draw(struct sim *sim, enum sim_stream stream)
{
    return rng_uniform((struct rng_place){sim->seed, STREAM_TEST, (int64_t)sim->draws[stream]++, (uint32_t)stream}, 0);
}

/* Faults end when the world heals; what shapes it does not. */
bool sim_happens(struct sim *sim, enum sim_stream stream, double chance)
{
    if (chance <= 0.0 || (sim->healed && stream != DRAW_CHECK))
        return false;
    return sim_draw(sim, stream) < chance;
}

uint32_t sim_choose(struct sim *sim, enum sim_stream stream, uint32_t count)
{
    return (uint32_t)(sim_draw(sim, stream) * count);
}

static bool comes_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->time < b->time || (a->time == b->time && a->sequence < b->sequence);
}

void sim_schedule(struct sim *sim, int64_t delay_ns, enum sim_event_kind kind, uint32_t a, uint64_t b)
{
    const struct sim_event event = {sim->now + delay_ns, sim->sequence++, kind, a, b};
    if (sim->event_count == sim->event_capacity) {
        sim->event_capacity = sim->event_capacity ? 2 * sim->event_capacity : 1024;
        sim->events = realloc(sim->events, sim->event_capacity * sizeof *sim->events);
    }
    uint32_t at = sim->event_count++;
    for (; at > 0 && comes_before(&event, &sim->events[(at - 1) / 2]); at = (at - 1) / 2)
        sim->events[at] = sim->events[(at - 1) / 2];
    sim->events[at] = event;
}

static struct sim_event pop(struct sim *sim)
{
    const struct sim_event first = sim->events[0], last = sim->events[--sim->event_count];
    uint32_t at = 0, child;
    for (; (child = 2 * at + 1) < sim->event_count; at = child) {
        if (child + 1 < sim->event_count && comes_before(&sim->events[child + 1], &sim->events[child]))
            child++;
        if (!comes_before(&sim->events[child], &last))
            break;
        sim->events[at] = sim->events[child];
    }
    sim->events[at] = last;
    return first;
}

static int64_t stall_ns(struct sim *sim, enum sim_stream stream)
{
    return (int64_t)(sim_draw(sim, stream) * 3 * SIM_LEASE_MS * 1e6);
}

static void disturb_worker(struct sim *sim, struct sim_worker *worker)
{
    if (sim_happens(sim, DRAW_WORKER_CRASH, sim->faults.worker_crash))
        worker_start(sim, worker, sim_happens(sim, DRAW_WORKER_CRASH, 0.5));
    if (sim_happens(sim, DRAW_WORKER_STALL, sim->faults.worker_stall))
        worker->stalled_until = sim->now + stall_ns(sim, DRAW_WORKER_STALL);
    if (sim_happens(sim, DRAW_PARTITION, sim->faults.partition))
        worker->cut_until = sim->now + stall_ns(sim, DRAW_PARTITION);
    if (sim_happens(sim, DRAW_REVOKE, sim->faults.revoke)) {
        worker->revoked_until = sim->now + stall_ns(sim, DRAW_REVOKE);
        coordinator_revoke(sim, worker);
    }
    if (worker->welcome && sim_happens(sim, DRAW_FORGERY, sim->faults.forgery))
        worker_forge(sim, worker);
}

static void make_chaos(struct sim *sim)
{
    sim_schedule(sim, 1000000000, SIM_CHAOS, 0, 0);
    sim->healed |= sim->now > (int64_t)HEAL_S * 1000000000;
    for (uint32_t i = 0; i < sim->worker_count; i++)
        disturb_worker(sim, &sim->workers[i]);
    if (sim_happens(sim, DRAW_COORDINATOR_CRASH, sim->faults.coordinator_crash))
        coordinator_crash(sim);
    if (sim_happens(sim, DRAW_DRAIN, sim->faults.drain))
        coordinator_drain(sim);
    if (sim->healed || sim_happens(sim, DRAW_CONTROL, sim->faults.control))
        coordinator_control(sim);
    if (sim_happens(sim, DRAW_COORDINATOR_STALL, sim->faults.coordinator_stall))
        sim->coordinator.stalled_until = sim->now + stall_ns(sim, DRAW_COORDINATOR_STALL);
}

static void happen(struct sim *sim, const struct sim_event *event)
{
    switch (event->kind) {
    case SIM_DELIVER:
        sim_deliver(sim, event->a);
        break;
    case SIM_TICK:
        if (event->a == sim->life && sim->coordinator.up)
            coordinator_tick(sim);
        break;
    case SIM_COMMITTED:
        if (event->a == sim->life && sim->coordinator.up)
            coordinator_committed(sim);
        break;
    case SIM_RESTART:
        coordinator_start(sim);
        break;
    case SIM_WORKER_TIMER:
        worker_timer(sim, &sim->workers[event->a]);
        break;
    case SIM_SEGMENT_DONE:
        worker_segment_done(sim, &sim->workers[event->a], event->b);
        break;
    case SIM_CHAOS:
        make_chaos(sim);
        break;
    }
}

static void make_workers(struct sim *sim)
{
    sim->worker_count = 1 + sim_choose(sim, DRAW_SHAPE, SIM_WORKERS_MAX);
    for (uint32_t i = 0; i < sim->worker_count; i++) {
        struct sim_worker *worker = &sim->workers[i];
        *worker = (struct sim_worker){.index = i, .slots = 1 + sim_choose(sim, DRAW_SHAPE, 2)};
        worker->credits = worker->slots + sim_choose(sim, DRAW_SHAPE, 2);
        worker->segment_ns = (int64_t)((0.1 + 1.5 * sim_draw(sim, DRAW_SHAPE)) * 1e9);
        worker_start(sim, worker, false);
        sim_schedule(sim, (int64_t)i * 1000000, SIM_WORKER_TIMER, i, 0);
    }
}

/* A third of the seeds has no fault of a kind, a third the usual number, a third four times as many. */
static void choose_faults(struct sim *sim, const struct sim_faults *most)
{
    const double scale[] = {0.0, 1.0, 4.0};
#define FAULT(name, usual, what) sim->faults.name = most->name * scale[sim_choose(sim, DRAW_SHAPE, 3)];
    SIM_FAULTS(FAULT)
#undef FAULT
#define DEED(name, usual, what) sim->faults.name = most->name * scale[sim_choose(sim, DRAW_CONTROL, 3)];
    SIM_DEEDS(DEED)
#undef DEED
    sim->faults.loss = sim->faults.loss > 0.3 ? 0.3 : sim->faults.loss;
    sim->faults.ghost = sim->faults.ghost > 1.0 ? 1.0 : sim->faults.ghost;
}

bool sim_has_liar(const struct sim *sim)
{
    return sim->faults.lie > 0.0 && sim->worker_count >= 3;
}

bool sim_is_liar(const struct sim *sim, uint64_t process)
{
    return sim_has_liar(sim) && process >> 32 == sim->worker_count;
}

static bool is_same_segment(const struct sim_row *a, const struct sim_row *b)
{
    return a->state == b->state &&
           (a->state == ROW_ABSENT ||
            (a->rung.value == b->rung.value && digest_equal(&a->input, &b->input) &&
             digest_equal(&a->end.output, &b->end.output) && digest_equal(&a->end.snapshot, &b->end.snapshot)));
}

static bool is_same_exchange(const struct sim_exchange_row *a, const struct sim_exchange_row *b)
{
    return a->state == b->state &&
           (a->state == ROW_ABSENT ||
            (a->exchange.accepted == b->exchange.accepted && a->exchange.log_weight == b->exchange.log_weight &&
             a->exchange.replica_cold.value == b->exchange.replica_cold.value));
}

static void check_complete(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->campaign_count; i++) {
        const struct sim_rows *oracle = &sim->campaigns[i].oracle, *store = &sim->campaigns[i].store;
        for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++)
            for (uint32_t s = 0; s < SIM_SEGMENTS_MAX; s++)
                if (!is_same_segment(&oracle->segments[r][s], &store->segments[r][s]))
                    sim_fail(sim, "at the end segment %u (from the first) of replica %u is %s", (unsigned)s,
                             (unsigned)r, store->segments[r][s].state ? "there, or another" : "missing");
        for (uint32_t e = 0; e < SIM_ENSEMBLES_MAX; e++)
            for (uint32_t s = 0; s < SIM_SEGMENTS_MAX; s++)
                for (uint32_t g = 0; g < SIM_RUNGS_MAX; g++)
                    if (!is_same_exchange(&oracle->exchanges[e][s][g], &store->exchanges[e][s][g]))
                        sim_fail(sim, "at the end the exchange of round %u on rung %u is missing, or another",
                                 (unsigned)s, (unsigned)g);
    }
}

static void count_lies_left(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->campaign_count; i++)
        for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++)
            for (uint32_t s = 0; s < SIM_SEGMENTS_MAX; s++) {
                const struct sim_row *row = &sim->campaigns[i].store.segments[r][s];
                const struct sim_end end = sim_physics(&row->input);
                sim->outcome.lies_left += row->state == ROW_DURABLE && !digest_equal(&end.output, &row->end.output);
            }
}

/* When all is said the planner has nothing left to do, and the store holds the oracle's rows, no more and no less. */
static void run(struct sim *sim)
{
    while (!coordinator_at_rest(sim)) {
        if (sim->now > (int64_t)PATIENCE_S * 1000000000)
            sim_fail(sim, "not done %d s after the last fault", PATIENCE_S - HEAL_S);
        const struct sim_event event = pop(sim);
        sim->now = event.time;
        sim->outcome.events++;
        happen(sim, &event);
    }
    if (sim_has_liar(sim) && sim->audit < 1.0)
        count_lies_left(sim);
    else
        check_complete(sim);
}

struct sim_outcome sim_run(const struct sim_setup *setup)
{
    static struct sim world;
    struct sim *sim = &world;
    struct sim_packet *packets = sim->packets ? sim->packets : calloc(SIM_PACKETS_MAX, sizeof *packets);
    struct sim_event *events = sim->events;
    const uint32_t capacity = sim->event_capacity;
    for (uint32_t i = 0; i < SIM_PACKETS_MAX; i++)
        packets[i].used = false;
    memset(sim, 0, sizeof *sim);
    sim->seed = setup->seed;
    sim->verbose = setup->verbose;
    sim->audit = setup->audit;
    sim->packets = packets;
    sim->events = events;
    sim->event_capacity = capacity;
    sim->lineage = (struct wire_uuid){{1, 2, 3}};
    choose_faults(sim, &setup->faults);
    sim_make_campaigns(sim);
    make_workers(sim);
    coordinator_start(sim);
    sim_schedule(sim, 1000000000, SIM_CHAOS, 0, 0);
    run(sim);
    if (setup->verbose)
        printf("seed %llu: %llu steps, %.1f s, %llu audits, %llu retractions\n", (unsigned long long)sim->seed,
               (unsigned long long)sim->outcome.steps, (double)sim->now * 1e-9, (unsigned long long)sim->outcome.audits,
               (unsigned long long)sim->outcome.retractions);
    free(sim->coordinator.memory);
    return sim->outcome;
}
