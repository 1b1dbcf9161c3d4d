/* keymap.h - items of an array found by a 64-bit key, in constant time however many there are: hashing with chains.
 *
 *     buckets   hash of a key -> the item that was put there last
 *     next      item -> the one before it in the same bucket
 *
 * An item is in the map at most once; a key may have several. The hash has no seed and items with one key come in the
 * order last put first, so equal histories find equal items; nothing else of the order is visible. All memory is taken
 * at the start. */
#ifndef VITRINE_SERVER_CORE_KEYMAP_H
#define VITRINE_SERVER_CORE_KEYMAP_H

#include "server/core/arena.h"
#include "server/core/list.h"

struct keymap {
    uint32_t count, capacity;
    uint32_t bits;           /* of a bucket's number */
    uint32_t *buckets;       /* item + 1; 0 = none, [1 << bits] */
    uint32_t *next;          /* of an item in its bucket: item + 1; 0 = none, [capacity] */
    struct keymap_key *keys; /* of an item, [capacity] */
};

void keymap_init(struct keymap *map, struct arena *arena, uint32_t items_max);
void keymap_put(struct keymap *map, uint64_t key, uint32_t item); /* must not be in it */
void keymap_remove(struct keymap *map, uint32_t item);            /* nothing if it is not in it */

/* The first item with that key, and the one after an item with its key; INDEX_NONE at the end. */
uint32_t keymap_find(const struct keymap *map, uint64_t key);
uint32_t keymap_find_next(const struct keymap *map, uint32_t item);

/* A key of bytes: different bytes may have one key, so what is found is to be compared. */
uint64_t keymap_key_of(const void *bytes, size_t size);

#endif
