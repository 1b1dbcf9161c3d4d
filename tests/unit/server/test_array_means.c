#include "server/analysis/array_means.h"

#include <criterion/criterion.h>

Test(array_means, rows_that_a_sample_lacks_count_as_zeros)
{
    const double first[] = {1, 5, 10, 3, 7, 20}, second[] = {1, 6, 4, 2, 0, 1, 3, 9, 0}, *none = first;
    struct array_means means = array_means_make(3, 1);
    cr_assert_eq(array_means_add(&means, first, 2, NULL), STATUS_OK);
    cr_assert_eq(array_means_add(&means, second, 3, NULL), STATUS_OK);
    cr_assert_eq(array_means_add(&means, none, 0, NULL), STATUS_OK);
    cr_assert_eq(array_means_add(&means, none, 0, NULL), STATUS_OK);
    array_means_divide(&means);
    const double expected[] = {1, 11 / 4.0, 14 / 4.0, 2, 0, 1 / 4.0, 3, 16 / 4.0, 20 / 4.0};
    cr_assert_eq(means.samples, 4);
    cr_assert_eq(means.rows, 3);
    for (int n = 0; n < 9; n++)
        cr_expect_eq(means.cells[n], expected[n], "%d", n);
    array_means_finish(&means);
    cr_expect_null(means.cells);
}

Test(array_means, keys_are_compared_from_the_first_on)
{
    const double first[] = {1, 2, 100, 2, 1, 200}, second[] = {1, 1, 10, 2, 1, 20, 2, 2, 30};
    struct array_means means = array_means_make(3, 2);
    cr_assert_eq(array_means_add(&means, first, 2, NULL), STATUS_OK);
    cr_assert_eq(array_means_add(&means, second, 3, NULL), STATUS_OK);
    array_means_divide(&means);
    const double expected[] = {1, 1, 5, 1, 2, 50, 2, 1, 110, 2, 2, 15};
    cr_assert_eq(means.rows, 4);
    for (int n = 0; n < 12; n++)
        cr_expect_eq(means.cells[n], expected[n], "%d", n);
    array_means_finish(&means);
}

Test(array_means, rows_that_do_not_rise_are_refused)
{
    const double twice[] = {1, 5, 1, 6}, falling[] = {2, 5, 1, 6};
    struct array_means means = array_means_make(2, 1);
    struct error err = {0};
    cr_expect_eq(array_means_add(&means, twice, 2, &err), STATUS_CORRUPT);
    cr_expect_eq(array_means_add(&means, falling, 2, &err), STATUS_CORRUPT);
    cr_expect_eq(means.samples, 0);
    array_means_finish(&means);
    array_means_finish(NULL);
}
