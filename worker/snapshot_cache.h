/* snapshot_cache.h - the snapshots of a worker's own last results, by digest, so that a GRANT that goes on with one of
 * them need not bring its bytes. Bounded by count and by bytes; the oldest goes first. Zeroed is empty. */
#ifndef VITRINE_WORKER_SNAPSHOT_CACHE_H
#define VITRINE_WORKER_SNAPSHOT_CACHE_H

#include "common/digest.h"

enum { SNAPSHOT_CACHE_COUNT = 64, SNAPSHOT_CACHE_BYTES_MAX = 64 << 20 };

struct snapshot_cache {
    struct cached_snapshot {
        struct digest digest;
        uint8_t *bytes;
        size_t size;
    } entry[SNAPSHOT_CACHE_COUNT]; /* a ring: `count` entries from `first` */
    uint32_t first, count;
    size_t bytes; /* of all entries */
};

/* Keeps a copy. What is too large, or finds no memory, is not kept: the coordinator has it too. */
void snapshot_cache_put(struct snapshot_cache *cache, const struct digest *digest, const uint8_t *bytes, size_t size);

/* A returned copy (mem_free), or NULL. */
uint8_t *snapshot_cache_copy(const struct snapshot_cache *cache, const struct digest *digest, size_t *out_size);

void snapshot_cache_finish(struct snapshot_cache *cache);

#endif
