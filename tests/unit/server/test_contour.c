#include "server/analysis/contour.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SAMPLES = 50, REPLICAS = 4 };

static int64_t steps[SAMPLES];
static double values[REPLICAS][SAMPLES];
static const struct contour_series series = {steps, &values[0][0], SAMPLES, REPLICAS};

/* ico = 0.1 + 0.05 log10 t, replicas spread by +-spread about it. */
static void make_values(double spread)
{
    for (int r = 0; r < REPLICAS; r++)
        for (int i = 0; i < SAMPLES; i++) {
            steps[i] = 100 * (i + 1);
            values[r][i] = 0.1 + 0.05 * log10(steps[i]) + spread * (r % 2 ? 1 : -1);
        }
}

Test(contour, logarithmic_growth_is_met_where_it_should_be)
{
    struct estimate time;
    make_values(0.0);
    cr_assert_eq(contour_time(&series, 0.1 + 0.05 * log10(1234.0), 1, 0.95, &time, NULL), STATUS_OK);
    cr_assert_float_eq(time.value, 1234.0, 1e-6);
    cr_assert_float_eq(time.interval.low, time.interval.high, 1e-6);
}

Test(contour, spread_of_the_replicas_becomes_the_interval)
{
    struct estimate time;
    make_values(0.005);
    cr_assert_eq(contour_time(&series, 0.1 + 0.05 * log10(1234.0), 5, 0.95, &time, NULL), STATUS_OK);
    cr_assert(time.interval.low < time.value && time.interval.high > time.value);
    /* Half width of the band: t(0.975, 3) 0.005 sqrt(4/3) / 2 = 0.0092 = 0.18 decades. */
    cr_assert_float_eq(log10(time.interval.high / time.value), 0.184, 0.01);
}

Test(contour, value_never_reached_is_infinitely_late)
{
    struct estimate time;
    make_values(0.005);
    cr_assert_eq(contour_time(&series, 0.9, 1, 0.95, &time, NULL), STATUS_OK);
    cr_assert(isinf(time.value) && isinf(time.interval.low) && isinf(time.interval.high));
}

/* Of the middle of the records a part is not known, differently in each replica; what is left still is the line. */
Test(contour, what_is_not_known_is_left_out)
{
    struct estimate time;
    make_values(0.0);
    for (int r = 0; r < REPLICAS; r++)
        for (int i = r; i < SAMPLES; i += 3)
            values[r][i] = NAN;
    cr_assert_eq(contour_time(&series, 0.1 + 0.05 * log10(1234.0), 1, 0.95, &time, NULL), STATUS_OK);
    cr_assert_float_eq(time.value, 1234.0, 1e-6);
    for (int r = 0; r < REPLICAS; r++)
        for (int i = 11; i < 13; i++) /* 1200 and 1300: passed over, straight in log t from 1100 to 1400 */
            values[r][i] = NAN;
    cr_assert_eq(contour_time(&series, 0.1 + 0.05 * log10(1234.0), 1, 0.95, &time, NULL), STATUS_OK);
    cr_assert_float_eq(time.value, 1234.0, 1e-6);
    for (int i = 0; i < SAMPLES; i++)
        for (int r = 1; r < REPLICAS; r++)
            values[r][i] = NAN;
    cr_assert_eq(contour_time(&series, 0.2, 1, 0.95, &time, NULL), STATUS_OK);
    cr_expect(isinf(time.value), "one replica has no band");
}

/* Some end at 1000: from then on the mean is that of the others, and its band theirs. */
Test(contour, runs_that_end_early_leave_the_mean_to_the_others)
{
    struct estimate all, fewer;
    const double target = 0.1 + 0.05 * log10(1234.0);
    make_values(0.0);
    cr_assert_eq(contour_time(&series, target, 5, 0.95, &all, NULL), STATUS_OK);
    for (int i = 10; i < SAMPLES; i++)
        values[0][i] = NAN;
    cr_assert_eq(contour_time(&series, target, 5, 0.95, &fewer, NULL), STATUS_OK);
    cr_expect_float_eq(fewer.value, all.value, 1e-6, "a window keeps nothing of a run beyond its end");
    make_values(0.005);
    cr_assert_eq(contour_time(&series, target, 1, 0.95, &all, NULL), STATUS_OK);
    for (int i = 10; i < SAMPLES; i++) /* one above the mean and one below */
        values[0][i] = values[1][i] = NAN;
    cr_assert_eq(contour_time(&series, target, 1, 0.95, &fewer, NULL), STATUS_OK);
    cr_expect_float_eq(fewer.value, all.value, 1e-6);
    /* Half width of the band: 0.18 decades until 1000, then t(0.975, 1) 0.005 = 0.064 = 1.27 decades. */
    cr_expect_float_eq(fewer.interval.low, all.interval.low, 1e-6, "reached before they left");
    cr_expect(isfinite(all.interval.high) && isinf(fewer.interval.high), "0.3 at 5000 is not 0.064 above");
    for (int i = 11; i < SAMPLES; i++)
        values[2][i] = NAN;
    cr_assert_eq(contour_time(&series, target, 1, 0.95, &fewer, NULL), STATUS_OK);
    cr_expect(isinf(fewer.value), "after the last sample of two runs nothing is said");
}

Test(contour, what_is_reached_at_the_first_sample_was_reached_before)
{
    struct estimate time;
    make_values(0.005);
    cr_assert_eq(contour_time(&series, 0.1, 1, 0.95, &time, NULL), STATUS_OK);
    cr_expect(time.value == 0.0 && time.interval.low == 0.0);
    cr_assert_eq(contour_time(&series, 0.201, 1, 0.95, &time, NULL), STATUS_OK);
    cr_expect(time.value > 100.0 && time.interval.low == 0.0, "0.2 at 100, and a band of 0.009 about it");
}

Test(contour, bad_input_is_refused)
{
    struct estimate time;
    make_values(0.0);
    const struct contour_series lonely = {steps, &values[0][0], SAMPLES, 1};
    cr_assert_eq(contour_time(&lonely, 0.2, 1, 0.95, &time, NULL), STATUS_INVALID);
    cr_assert_eq(contour_time(&series, 0.2, 2, 0.95, &time, NULL), STATUS_INVALID);
    values[1][3] = INFINITY;
    cr_assert_eq(contour_time(&series, 0.2, 1, 0.95, &time, NULL), STATUS_INVALID);
}
