/* mem.h - checked allocation.
 *
 * Every size that is a product goes through a function that catches overflow. Memory comes zeroed. The n-th allocation
 * can be made to fail on purpose, which is how the tests walk every cleanup path. Thread-safe. */
#ifndef VITRINE_COMMON_MEM_H
#define VITRINE_COMMON_MEM_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

enum { MEM_ALIGNMENT = 64 }; /* bytes: one cache line, one 512-bit vector */

/* Zeroed memory for `count` items of `size` bytes, returned (the caller frees it with mem_free), or NULL when there is
 * none or the product overflows. count == 0 gives a pointer that may be freed and not read. */
void *mem_alloc_array(size_t count, size_t size);

/* The same, aligned to MEM_ALIGNMENT and padded to a multiple of it plus one alignment, so that a full vector may be
 * read at the last element. Freed with mem_free. */
void *mem_alloc_aligned(size_t count, size_t size);

/* Grows or shrinks an array of mem_alloc_array; new items are zeroed when old_count is given truthfully. Returns NULL
 * and leaves `array` alone when there is no memory. */
void *mem_resize_array(void *array, size_t old_count, size_t count, size_t size);

/* A returned copy of a string, or NULL. */
char *mem_copy_string(const char *string);

/* A returned copy of `size` bytes, or NULL. */
void *mem_copy(const void *bytes, size_t size);

void mem_free(void *memory); /* NULL is fine */

/* Asks the allocator to keep what is freed for the next allocation instead of giving it back to the system. A program
 * that allocates the same arrays for sample after sample would pay for fresh pages each time: a quarter of a tessellation
 * of 500 atoms. Called once at the start of a program; has no effect where the C library has no such setting. */
void mem_keep_freed(void);

/* Tests only: the allocation number `n` from now (1 = the next) fails once; 0 switches this off. */
void mem_fail_nth(uint64_t n);

/* The usual sentence: "no memory for <what>". Returns STATUS_NO_MEMORY. */
enum status mem_error(struct error *err, const char *what);

#endif
