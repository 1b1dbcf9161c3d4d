/* The heap against a plain search, over random histories. */
#include "server/core/ready.h"

#include "common/rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

enum { REPLICAS = 50, STEPS = 20000, SHARES = 7 };

static void *memory;

static struct ready ready_of(uint32_t replicas_max)
{
    struct ready ready;
    struct arena measure = {0}, arena = {0};
    ready_init(&ready, &measure, replicas_max);
    arena.size = measure.used;
    arena.memory = memory = aligned_alloc(64, arena.size);
    memset(memory, 0, arena.size);
    ready_init(&ready, &arena, replicas_max);
    return ready;
}

static void free_memory(void)
{
    free(memory);
}

TestSuite(ready, .fini = free_memory);

static bool is_before(const double *keys, uint32_t a, uint32_t b)
{
    return keys[a] < keys[b] || (keys[a] == keys[b] && a < b);
}

/* Every parent before its children: else the least advanced comes first by luck alone. */
static void check_order(const struct ready *ready, const double *keys)
{
    for (uint32_t at = 1; at < ready->count; at++)
        cr_assert(is_before(keys, ready->heap[(at - 1) / 2], ready->heap[at]), "place %u of %u", (unsigned)at,
                  (unsigned)ready->count);
}

/* Any of them is put in and taken out, the first or one in the midst; few different keys, so that many are equal. */
Test(ready, the_least_advanced_is_first_in_every_history)
{
    struct ready ready = ready_of(REPLICAS);
    bool is_in[REPLICAS] = {false};
    double keys[REPLICAS] = {0};
    for (int64_t step = 0; step < STEPS; step++) {
        const struct rng_place place = {2026, STREAM_TEST, step, 0};
        const bool take_first = ready.count > 0 && rng_uniform(place, 2) < 0.3;
        const uint32_t replica = take_first ? ready.heap[0] : (uint32_t)(rng_uniform(place, 0) * REPLICAS);
        if (is_in[replica]) {
            ready_remove(&ready, replica);
        } else {
            keys[replica] = (double)(int)(rng_uniform(place, 1) * SHARES) / SHARES;
            ready_push(&ready, replica, keys[replica]);
        }
        is_in[replica] = !is_in[replica];
        uint32_t count = 0;
        for (uint32_t r = 0; r < REPLICAS; r++) {
            cr_assert_eq(ready_contains(&ready, r), is_in[r]);
            count += is_in[r];
        }
        cr_assert(eq(u32, ready.count, count));
        check_order(&ready, keys);
    }
}

Test(ready, those_equally_far_come_in_the_order_of_their_numbers)
{
    struct ready ready = ready_of(REPLICAS);
    for (uint32_t i = 0; i < REPLICAS; i++)
        ready_push(&ready, (i * 37) % REPLICAS, 0.5);
    for (uint32_t i = 0; i < REPLICAS; i++) {
        cr_assert(eq(u32, ready.heap[0], i));
        ready_remove(&ready, i);
    }
    cr_assert(eq(u32, ready.count, 0));
    cr_assert_not(ready_contains(&ready, REPLICAS));
}
