#include "server/analysis/quench_curve.h"

#include <criterion/criterion.h>
#include <math.h>

static struct quench_curves make_curves(double a, double b, double width, size_t replicas)
{
    struct quench_bins bins;
    struct quench_curves curves;
    cr_assert_eq(quench_bins_make(a, b, width, &bins, NULL), STATUS_OK);
    cr_assert_eq(quench_curves_init(&curves, &bins, replicas, NULL), STATUS_OK);
    return curves;
}

Test(quench_curve, bins_are_multiples_of_their_width)
{
    struct quench_bins bins;
    cr_assert_eq(quench_bins_make(1.0, 0.05, 0.02, &bins, NULL), STATUS_OK);
    cr_expect_eq(bins.first, 2);
    cr_expect_eq(bins.count, 48);
    cr_assert_eq(quench_bins_make(0.3, 0.5, 0.1, &bins, NULL), STATUS_OK);
    cr_expect_eq(bins.first, 3, "0.3 / 0.1 is below 3 in floating point");
    cr_expect_eq(bins.count, 2);
    cr_expect_eq(quench_bins_make(0.3, 0.5, 0.0, &bins, NULL), STATUS_INVALID);
    cr_expect_eq(quench_bins_make(0.3, 0.5, (double)NAN, &bins, NULL), STATUS_INVALID);
    cr_expect_eq(quench_bins_make(0.3, 0.5, 1e-9, &bins, NULL), STATUS_INVALID);
}

Test(quench_curve, the_ends_are_in_the_first_and_the_last_bin)
{
    struct quench_curves curves = make_curves(0.5, 0.3, 0.1, 1);
    quench_curves_add(&curves, 0, 0.5, 2.0);
    quench_curves_add(&curves, 0, 0.3, 1.0);
    cr_expect_eq(quench_curves_point(&curves, 0).mean, 1.0);
    cr_expect_eq(quench_curves_point(&curves, 1).mean, 2.0);
    quench_curves_finish(&curves);
}

/* Ten samples of one replica do not make its mean ten times as good. */
Test(quench_curve, the_error_is_that_of_replicas)
{
    static const double means[] = {1.0, 2.0, 4.0, 5.0};
    struct quench_curves curves = make_curves(0.0, 0.1, 0.1, 4);
    for (size_t r = 0; r < 4; r++)
        for (int i = 0; i < 10; i++)
            quench_curves_add(&curves, r, 0.01 * i, means[r]);
    const struct quench_point point = quench_curves_point(&curves, 0);
    cr_expect_eq(point.replicas, 4);
    cr_expect_float_eq(point.temperature, 0.045, 1e-15);
    cr_expect_float_eq(point.mean, 3.0, 1e-15);
    cr_expect_float_eq(point.standard_error, sqrt(10.0 / (4 * 3)), 1e-15);
    quench_curves_finish(&curves);
}

Test(quench_curve, one_replica_has_no_error_and_an_empty_bin_no_mean)
{
    struct quench_curves curves = make_curves(0.0, 0.2, 0.1, 2);
    quench_curves_add(&curves, 1, 0.05, -7.0);
    cr_expect(isnan(quench_curves_point(&curves, 0).standard_error));
    cr_expect_eq(quench_curves_point(&curves, 0).replicas, 1);
    cr_expect_eq(quench_curves_point(&curves, 1).replicas, 0);
    quench_curves_finish(&curves);
}

Test(quench_curve, a_replica_is_a_curve_with_rising_temperature)
{
    double temperatures[3], values[3];
    struct quench_curves curves = make_curves(0.3, 0.0, 0.1, 2);
    quench_curves_add(&curves, 1, 0.25, 3.0);
    quench_curves_add(&curves, 1, 0.05, 1.0);
    quench_curves_add(&curves, 0, 0.15, 9.0);
    cr_assert_eq(quench_curves_of_replica(&curves, 1, temperatures, values), 2);
    cr_expect_eq(temperatures[0], 0.05);
    cr_expect_eq(values[0], 1.0);
    cr_expect_eq(temperatures[1], 0.25);
    cr_expect_eq(values[1], 3.0);
    quench_curves_finish(&curves);
}
