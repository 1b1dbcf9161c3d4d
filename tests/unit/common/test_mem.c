#include "common/mem.h"

#include <criterion/criterion.h>

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
