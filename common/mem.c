#include "common/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static _Atomic uint64_t fail_countdown;

static int fails_now(void)
{
    uint64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    if (left == 0)
        return 0;
    return atomic_fetch_sub_explicit(&fail_countdown, 1, memory_order_relaxed) == 1;
}

/* Arrays of up to 32 MB (the most that is allowed there) come from the heap, whose free end is kept up to 256 MB. */
void mem_keep_freed(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

void mem_fail_nth(uint64_t n)
{
    atomic_store_explicit(&fail_countdown, n, memory_order_relaxed);
}

void *mem_alloc_array(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || fails_now())
        return NULL;
    return calloc(1, bytes ? bytes : 1);
}

void *mem_alloc_aligned(size_t count, size_t size)
{
    size_t bytes, padded;
    if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(bytes, 2 * MEM_ALIGNMENT - 1, &padded) ||
        fails_now())
        return NULL;
    padded -= padded % MEM_ALIGNMENT;
    void *memory = aligned_alloc(MEM_ALIGNMENT, padded);
    if (memory)
        memset(memory, 0, padded);
    return memory;
}

void *mem_resize_array(void *array, size_t old_count, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || fails_now())
        return NULL;
    char *memory = realloc(array, bytes ? bytes : 1);
    if (memory && count > old_count)
        memset(memory + old_count * size, 0, (count - old_count) * size);
    return memory;
}

void *mem_copy(const void *bytes, size_t size)
{
    void *copy = mem_alloc_array(size, 1);
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

char *mem_copy_string(const char *string)
{
    return mem_copy(string, strlen(string) + 1);
}

void mem_free(void *memory)
{
    free(memory);
}

enum status mem_error(struct error *err, const char *what)
{
    return error_set(err, STATUS_NO_MEMORY, "no memory for %s", what);
}
