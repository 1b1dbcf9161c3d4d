/* The map against a plain search, over random histories. */
#include "server/core/keymap.h"

#include "common/rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 40, STEPS = 20000, KEYS = 12 };

static void *memory;

static struct keymap map_of(uint32_t items_max)
{
    struct keymap map;
    struct arena measure = {0}, arena = {0};
    keymap_init(&map, &measure, items_max);
    arena.size = measure.used;
    arena.memory = memory = aligned_alloc(64, arena.size);
    memset(memory, 0, arena.size);
    keymap_init(&map, &arena, items_max);
    return map;
}

static void free_memory(void)
{
    free(memory);
}

TestSuite(keymap, .fini = free_memory);

Test(keymap, what_was_put_is_found_and_what_was_removed_is_not)
{
    struct keymap map = map_of(8);
    cr_assert(eq(u32, keymap_find(&map, 77), INDEX_NONE));
    keymap_put(&map, 77, 3);
    cr_assert(eq(u32, keymap_find(&map, 77), 3));
    cr_assert(eq(u32, keymap_find(&map, 78), INDEX_NONE));
    keymap_remove(&map, 3);
    keymap_remove(&map, 3);
    cr_assert(eq(u32, keymap_find(&map, 77), INDEX_NONE));
    cr_assert(eq(u32, map.count, 0));
}

Test(keymap, key_zero_is_a_key)
{
    struct keymap map = map_of(2);
    cr_assert(eq(u32, keymap_find(&map, 0), INDEX_NONE));
    keymap_put(&map, 0, 1);
    cr_assert(eq(u32, keymap_find(&map, 0), 1));
}

/* A few keys and many more items, so that most have their key in common with others. */
Test(keymap, is_a_plain_search_in_every_history)
{
    struct keymap map = map_of(ITEMS);
    bool is_in[ITEMS] = {false};
    uint64_t keys[ITEMS] = {0}, put_at[ITEMS] = {0};
    for (uint64_t step = 1; step <= STEPS; step++) {
        const struct rng_place place = {2026, STREAM_TEST, (int64_t)step, 0};
        const uint32_t item = (uint32_t)(rng_uniform(place, 0) * ITEMS);
        const uint64_t key = (uint64_t)(rng_uniform(place, 1) * KEYS) << 32;
        if (is_in[item])
            keymap_remove(&map, item);
        else
            keymap_put(&map, key, item);
        is_in[item] = !is_in[item];
        keys[item] = key;
        put_at[item] = step;
        uint32_t count = 0, found = 0, wanted = 0;
        uint64_t last = UINT64_MAX;
        for (uint32_t i = 0; i < ITEMS; i++) {
            count += is_in[i];
            wanted += is_in[i] && keys[i] == key;
        }
        for (uint32_t i = keymap_find(&map, key); i != INDEX_NONE; i = keymap_find_next(&map, i), found++) {
            cr_assert(is_in[i] && keys[i] == key && put_at[i] < last, "step %llu", (unsigned long long)step);
            last = put_at[i];
        }
        cr_assert(eq(u32, found, wanted), "step %llu", (unsigned long long)step);
        cr_assert(eq(u32, map.count, count));
    }
}

/* The speed is in the buckets: keys that count up must not crowd in a few of them. */
Test(keymap, keys_that_count_up_are_spread)
{
    struct keymap map = map_of(4096);
    uint32_t longest = 0;
    for (uint32_t i = 0; i < 4096; i++)
        keymap_put(&map, UINT64_C(1) << 32 | i, i);
    for (uint32_t bucket = 0; bucket < 4096; bucket++) {
        uint32_t length = 0;
        for (uint32_t place = map.buckets[bucket]; place != 0; place = map.next[place - 1])
            length++;
        longest = length > longest ? length : longest;
    }
    cr_assert(le(u32, longest, 4));
}

Test(keymap, bytes_that_differ_have_keys_that_differ)
{
    cr_assert(ne(u64, keymap_key_of("node1", 5), keymap_key_of("node2", 5)));
    cr_assert(eq(u64, keymap_key_of("", 0), UINT64_C(0xcbf29ce484222325)));
    cr_assert(eq(u64, keymap_key_of("a", 1), UINT64_C(0xaf63dc4c8601ec8c))); /* FNV-1a's own test vector */
}
