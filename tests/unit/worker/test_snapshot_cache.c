#include "worker/snapshot_cache.h"

#include "common/mem.h"

#include <criterion/criterion.h>

static struct digest digest_number(int number)
{
    return (struct digest){{(uint8_t)number, (uint8_t)(number >> 8)}};
}

static bool holds(const struct snapshot_cache *cache, int number)
{
    const struct digest digest = digest_number(number);
    size_t size = 0;
    uint8_t *copy = snapshot_cache_copy(cache, &digest, &size);
    mem_free(copy);
    return copy != NULL;
}

static void put(struct snapshot_cache *cache, int number, size_t size)
{
    const struct digest digest = digest_number(number);
    uint8_t *bytes = mem_alloc_array(size, 1);
    snapshot_cache_put(cache, &digest, bytes, size);
    mem_free(bytes);
}

Test(snapshot_cache, gives_back_a_copy_of_what_was_put)
{
    struct snapshot_cache cache = {0};
    const struct digest digest = digest_number(7);
    size_t size = 0;
    snapshot_cache_put(&cache, &digest, (const uint8_t *)"glass", 5);
    uint8_t *copy = snapshot_cache_copy(&cache, &digest, &size);
    cr_assert_eq(size, 5);
    cr_assert_arr_eq(copy, "glass", 5);
    cr_assert_not(holds(&cache, 8));
    mem_free(copy);
    snapshot_cache_finish(&cache);
}

Test(snapshot_cache, the_oldest_goes_first)
{
    struct snapshot_cache cache = {0};
    for (int i = 0; i < SNAPSHOT_CACHE_COUNT + 3; i++)
        put(&cache, i, 10);
    cr_assert_not(holds(&cache, 2));
    cr_assert(holds(&cache, 3));
    cr_assert(holds(&cache, SNAPSHOT_CACHE_COUNT + 2));
    snapshot_cache_finish(&cache);
}

Test(snapshot_cache, bytes_are_bounded)
{
    struct snapshot_cache cache = {0};
    put(&cache, 1, 10);
    put(&cache, 2, SNAPSHOT_CACHE_BYTES_MAX);
    cr_assert_not(holds(&cache, 1));
    cr_assert(holds(&cache, 2));
    put(&cache, 3, SNAPSHOT_CACHE_BYTES_MAX + (size_t)1);
    cr_assert_not(holds(&cache, 3));
    cr_assert(holds(&cache, 2));
    snapshot_cache_finish(&cache);
}

Test(snapshot_cache, lack_of_memory_means_not_kept)
{
    struct snapshot_cache cache = {0};
    const struct digest digest = digest_number(1);
    mem_fail_nth(1);
    snapshot_cache_put(&cache, &digest, (const uint8_t *)"glass", 5);
    mem_fail_nth(0);
    cr_assert_not(holds(&cache, 1));
    snapshot_cache_finish(&cache);
}
