#include "server/analysis/nucleation.h"

#include <criterion/criterion.h>
#include <math.h>

Test(nucleation, rate_is_events_per_time_and_volume)
{
    const struct nucleation_boxes boxes = {9, 359.0, 10.0}, silent = {0, 359.0, 10.0};
    struct estimate rate;
    cr_assert_eq(nucleation_rate(&boxes, 0.95, &rate, NULL), STATUS_OK);
    cr_assert_float_eq(rate.value, 9.0 / 3590.0, 1e-15);
    cr_assert(rate.interval.low < rate.value && rate.interval.high > rate.value);
    cr_assert_eq(nucleation_rate(&silent, 0.95, &rate, NULL), STATUS_OK);
    cr_assert_float_eq(rate.interval.high, log(20.0) / 3590.0, 1e-12);
    cr_assert_eq(rate.value, 0.0);
}

/* Przyborowski & Wilenski's case by hand: 3 and 7 events with equal exposure; P(K <= 3 | 10, 1/2) = 176/1024. */
Test(nucleation, equal_exposures_give_the_sign_test)
{
    const struct nucleation_boxes a = {3, 100.0, 2.0}, b = {7, 200.0, 1.0};
    struct nucleation_comparison comparison;
    cr_assert_eq(nucleation_compare(&a, &b, 0.95, &comparison, NULL), STATUS_OK);
    cr_assert_float_eq(comparison.p_value, 2.0 * 176.0 / 1024.0, 1e-12);
    cr_assert_float_eq(comparison.ratio.value, 3.0 / 7.0, 1e-14);
    cr_assert(!comparison.disagrees);
    cr_assert(comparison.ratio.interval.low < 1.0 && comparison.ratio.interval.high > 1.0);
}

Test(nucleation, swapping_the_boxes_inverts_the_ratio)
{
    const struct nucleation_boxes a = {12, 1000.0, 400.0}, b = {15, 300.0, 3000.0};
    struct nucleation_comparison ab, ba;
    cr_assert_eq(nucleation_compare(&a, &b, 0.9, &ab, NULL), STATUS_OK);
    cr_assert_eq(nucleation_compare(&b, &a, 0.9, &ba, NULL), STATUS_OK);
    cr_assert_float_eq(ab.ratio.value * ba.ratio.value, 1.0, 1e-12);
    cr_assert_float_eq(ab.ratio.interval.low * ba.ratio.interval.high, 1.0, 1e-9);
    cr_assert_float_eq(ab.p_value, ba.p_value, 1e-12);
}

/* A surface or a finite-size effect: the waiting time does not care about the volume. */
Test(nucleation, equal_waiting_times_in_unequal_boxes_are_flagged)
{
    const struct nucleation_boxes small = {20, 2e6, 400.0}, large = {20, 2e6, 4000.0}, none = {0, 2e6, 4000.0};
    struct nucleation_comparison comparison;
    cr_assert_eq(nucleation_compare(&small, &large, 0.95, &comparison, NULL), STATUS_OK);
    cr_assert(comparison.disagrees);
    cr_assert_gt(comparison.ratio.interval.low, 1.0);
    cr_assert_eq(nucleation_compare(&small, &none, 0.95, &comparison, NULL), STATUS_OK);
    cr_assert(isinf(comparison.ratio.interval.high) && comparison.ratio.interval.low > 1.0);
    cr_assert_eq(nucleation_compare(&none, &none, 0.95, &comparison, NULL), STATUS_INVALID);
}

Test(nucleation, avrami_curve_gives_its_own_parameters_back)
{
    double times[50], fractions[50];
    for (int i = 0; i < 50; i++) {
        times[i] = 100.0 * (i + 1);
        fractions[i] = 1.0 - pow(0.5, pow(times[i] / 2222.0, 3.3));
    }
    struct avrami_fit fit;
    cr_assert_eq(avrami_fit(times, fractions, 50, &fit, NULL), STATUS_OK);
    cr_assert_float_eq(fit.exponent, 3.3, 1e-7);
    cr_assert_float_eq(fit.time_50, 2222.0, 1e-4);
    cr_assert_lt(fit.residual_rms, 1e-8);
    for (int i = 0; i < 50; i++)
        fractions[i] = fmin(1.0, fmax(0.0, fractions[i] + (i % 2 ? 0.02 : -0.02)));
    cr_assert_eq(avrami_fit(times, fractions, 50, &fit, NULL), STATUS_OK);
    cr_assert_float_eq(fit.exponent, 3.3, 0.15);
    cr_assert_float_eq(fit.time_50, 2222.0, 30.0);
}

Test(nucleation, avrami_refuses_what_does_not_rise)
{
    const double times[] = {1, 2, 3, 4}, flat[] = {0, 0, 0, 0}, falling[] = {.8, .6, .4, .2}, wrong[] = {0, .5, 2, 1};
    struct avrami_fit fit;
    cr_assert_eq(avrami_fit(times, flat, 4, &fit, NULL), STATUS_INVALID);
    cr_assert_eq(avrami_fit(times, falling, 4, &fit, NULL), STATUS_INVALID);
    cr_assert_eq(avrami_fit(times, wrong, 4, &fit, NULL), STATUS_INVALID);
}

Test(nucleation, large_box_time_follows_from_rate_and_speed)
{
    double t = avrami_time(1e-9, 1e-3, 0.5);
    cr_assert_float_eq(3.14159265358979 / 3.0 * 1e-9 * 1e-9 * t * t * t * t, log(2.0), 1e-9);
}
