#include "server/core/keymap.h"

#include "common/invariant.h"

struct keymap_key {
    uint64_t value;
    bool is_in;
};

/* Buckets: as many as items, rounded up to a power of two. */
static uint32_t bits_for(uint32_t items_max)
{
    uint32_t bits = 1;
    INVARIANT(items_max <= 1u << 31);
    while ((1u << bits) < items_max)
        bits++;
    return bits;
}

void keymap_init(struct keymap *map, struct arena *arena, uint32_t items_max)
{
    const uint32_t bits = bits_for(items_max);
    *map = (struct keymap){
        .capacity = items_max,
        .bits = bits,
        .buckets = arena_take(arena, (size_t)1 << bits, sizeof *map->buckets),
        .next = arena_take(arena, items_max, sizeof *map->next),
        .keys = arena_take(arena, items_max, sizeof *map->keys),
    };
}

/* The high bits of a product with 2^64 / golden ratio (Knuth, The Art of Computer Programming 3, section 6.4): keys
 * that count up, as connections and tokens do, are spread evenly. */
static uint32_t *bucket_of(const struct keymap *map, uint64_t key)
{
    return &map->buckets[(key * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - map->bits)];
}

void keymap_put(struct keymap *map, uint64_t key, uint32_t item)
{
    INVARIANT(item < map->capacity && !map->keys[item].is_in);
    uint32_t *bucket = bucket_of(map, key);
    map->keys[item] = (struct keymap_key){key, true};
    map->next[item] = *bucket;
    *bucket = item + 1;
    map->count++;
}

void keymap_remove(struct keymap *map, uint32_t item)
{
    INVARIANT(item < map->capacity);
    if (!map->keys[item].is_in)
        return;
    uint32_t *place = bucket_of(map, map->keys[item].value);
    while (*place != item + 1)
        place = &map->next[*place - 1];
    *place = map->next[item];
    map->keys[item].is_in = false;
    map->count--;
}

static uint32_t first_with(const struct keymap *map, uint64_t key, uint32_t place)
{
    while (place != 0 && map->keys[place - 1].value != key)
        place = map->next[place - 1];
    return place == 0 ? INDEX_NONE : place - 1;
}

uint32_t keymap_find(const struct keymap *map, uint64_t key)
{
    return first_with(map, key, *bucket_of(map, key));
}

uint32_t keymap_find_next(const struct keymap *map, uint32_t item)
{
    INVARIANT(item < map->capacity && map->keys[item].is_in);
    return first_with(map, map->keys[item].value, map->next[item]);
}

/* FNV-1a. Whoever has a key of ours could find names that meet in one bucket, and would slow down his own searches. */
uint64_t keymap_key_of(const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    uint64_t key = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        key = (key ^ byte[i]) * UINT64_C(0x100000001b3);
    return key;
}
