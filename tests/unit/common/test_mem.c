#include "common/mem.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

Test(mem, products_that_overflow_give_nothing)
{
    cr_assert_null(mem_alloc_array(SIZE_MAX / 2, 3));
    cr_assert_null(mem_alloc_aligned(SIZE_MAX / 8, 8));
    cr_assert_null(mem_alloc_aligned(SIZE_MAX, 2));
}

Test(mem, aligned_memory_is_aligned_zeroed_and_padded)
{
    double *values = mem_alloc_aligned(3, sizeof *values);
    cr_assert_not_null(values);
    cr_assert_eq((uintptr_t)values % MEM_ALIGNMENT, 0u);
    for (int i = 0; i < 3 + 8; i++)
        cr_assert_eq(values[i], 0.0);
    mem_free(values);
}

Test(mem, growth_keeps_the_old_and_zeroes_the_new)
{
    int *values = mem_alloc_array(2, sizeof *values);
    values[0] = 1, values[1] = 2;
    values = mem_resize_array(values, 2, 100, sizeof *values);
    cr_assert(values[0] == 1 && values[1] == 2 && values[2] == 0 && values[99] == 0);
    mem_free(values);
}

Test(mem, the_nth_allocation_fails_once)
{
    mem_fail_nth(2);
    void *first = mem_alloc_array(1, 1), *second = mem_alloc_array(1, 1), *third = mem_alloc_array(1, 1);
    cr_assert_not_null(first);
    cr_assert_null(second);
    cr_assert_not_null(third);
    mem_free(first);
    mem_free(third);
}

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
static long page_faults(void)
{
    struct rusage usage;
    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

/* Allocates and frees two arrays of 1 MB, touched, as often. Returns how many pages were fresh. */
static long faults_of(int times)
{
    const size_t size = 1 << 20;
    const long before = page_faults();
    for (int n = 0; n < times; n++) {
        char *a = mem_alloc_array(size, 1), *b = mem_alloc_array(size, 1);
        cr_assert(a && b);
        memset(a, n, size);
        memset(b, n, size);
        mem_free(a);
        mem_free(b);
    }
    return page_faults() - before;
}

Test(mem, what_is_freed_is_kept_when_asked_for)
{
    mem_keep_freed();
    faults_of(1);
    cr_expect_lt(faults_of(20), 20, "of 10,240 pages");
}
#endif
