#include "worker/snapshot_cache.h"

#include "common/mem.h"

static const struct cached_snapshot *find(const struct snapshot_cache *cache, const struct digest *digest)
{
    for (uint32_t i = 0; i < cache->count; i++) {
        const struct cached_snapshot *entry = &cache->entry[(cache->first + i) % SNAPSHOT_CACHE_COUNT];
        if (digest_equal(&entry->digest, digest))
            return entry;
    }
    return NULL;
}

static void drop_oldest(struct snapshot_cache *cache)
{
    struct cached_snapshot *oldest = &cache->entry[cache->first];
    cache->bytes -= oldest->size;
    mem_free(oldest->bytes);
    *oldest = (struct cached_snapshot){0};
    cache->first = (cache->first + 1) % SNAPSHOT_CACHE_COUNT;
    cache->count--;
}

void snapshot_cache_put(struct snapshot_cache *cache, const struct digest *digest, const uint8_t *bytes, size_t size)
{
    if (size > SNAPSHOT_CACHE_BYTES_MAX || find(cache, digest))
        return;
    uint8_t *copy = mem_copy(bytes, size);
    if (!copy)
        return;
    while (cache->count == SNAPSHOT_CACHE_COUNT || cache->bytes + size > SNAPSHOT_CACHE_BYTES_MAX)
        drop_oldest(cache);
    cache->entry[(cache->first + cache->count++) % SNAPSHOT_CACHE_COUNT] =
        (struct cached_snapshot){*digest, copy, size};
    cache->bytes += size;
}

uint8_t *snapshot_cache_copy(const struct snapshot_cache *cache, const struct digest *digest, size_t *out_size)
{
    const struct cached_snapshot *entry = find(cache, digest);
    if (!entry)
        return NULL;
    uint8_t *copy = mem_copy(entry->bytes, entry->size);
    if (copy)
        *out_size = entry->size;
    return copy;
}

void snapshot_cache_finish(struct snapshot_cache *cache)
{
    while (cache->count > 0)
        drop_oldest(cache);
}
