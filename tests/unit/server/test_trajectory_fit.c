#include "server/analysis/trajectory_fit.h"

#include "common/mem.h"
#include "common/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { REPLICAS = 10, SAMPLES = 64, COUNT = REPLICAS * SAMPLES };

static double x[COUNT], y[COUNT];
static struct trajectory_run runs[REPLICAS];
static const struct trajectory trajectory = {runs, REPLICAS};

/* The first `count` replicas of a cloud whose replicas have SAMPLES samples each. */
static struct trajectory cut(const double *along, const double *up, struct trajectory_run *out, size_t count)
{
    for (size_t r = 0; r < count; r++)
        out[r] = (struct trajectory_run){&along[r * SAMPLES], &up[r * SAMPLES], SAMPLES};
    return (struct trajectory){out, count};
}

/* Each replica creeps along y = -6.96 - 1.2 x; x and y scatter (correlated in time by `memory`) about it. */
static void make_trajectory(int64_t trial, double noise_x, double noise_y, double memory)
{
    for (uint32_t r = 0; r < REPLICAS; r++) {
        double error_x = 0.0, error_y = 0.0, start[2], gain = sqrt(1.0 - memory * memory);
        rng_normal_pair((struct rng_place){1, STREAM_TEST, trial, 1000 + r}, 0, start);
        for (uint32_t i = 0; i < SAMPLES; i++) {
            double normal[2], truth = 0.10 + 0.02 * start[0] + 0.1 * i / SAMPLES;
            rng_normal_pair((struct rng_place){1, STREAM_TEST, trial, r * SAMPLES + i}, 0, normal);
            error_x = memory * error_x + gain * normal[0];
            error_y = memory * error_y + gain * normal[1];
            x[r * SAMPLES + i] = truth + noise_x * error_x;
            y[r * SAMPLES + i] = -6.96 - 1.2 * truth + noise_y * error_y;
        }
    }
    cut(x, y, runs, REPLICAS);
}

static struct trajectory_fit fit_of(const struct trajectory *t, size_t block)
{
    struct trajectory_fit fit;
    struct error err = {0};
    cr_assert_eq(trajectory_fit(t, block, 0.95, NULL, &fit, &err), STATUS_OK, "%s", err.message);
    return fit;
}

Test(trajectory_fit, points_on_a_line_give_the_line)
{
    make_trajectory(0, 0.0, 0.0, 0.0);
    struct trajectory_fit fit = fit_of(&trajectory, 8);
    cr_assert_float_eq(fit.slope.value, -1.2, 1e-9);
    cr_assert_float_eq(fit.intercept.value, -6.96, 1e-9);
    cr_assert_float_eq(fit.slope.interval.low, -1.2, 1e-8);
    cr_assert_float_eq(fit.correlation, -1.0, 1e-9);
}

Test(trajectory_fit, slope_is_not_flattened_by_scatter_in_x)
{
    double sum = 0.0, flat = 0.0;
    for (int trial = 0; trial < 40; trial++) {
        make_trajectory(trial, 0.03, 0.03, 0.0);
        sum += fit_of(&trajectory, 4).slope.value / 40;
        double sx = 0, sy = 0, sxx = 0, sxy = 0;
        for (int i = 0; i < COUNT; i++)
            sx += x[i] / COUNT, sy += y[i] / COUNT, sxx += x[i] * x[i] / COUNT, sxy += x[i] * y[i] / COUNT;
        flat += (sxy - sx * sy) / (sxx - sx * sx) / 40;
    }
    cr_assert_float_eq(sum, -1.2, 0.03, "%g", sum);
    cr_assert_gt(flat, -0.9, "ordinary least squares gives %g", flat);
}

Test(trajectory_fit, exchanging_the_axes_inverts_the_slope)
{
    make_trajectory(3, 0.02, 0.03, 0.5);
    struct trajectory_run turned[REPLICAS];
    const struct trajectory swapped = cut(y, x, turned, REPLICAS);
    cr_assert_float_eq(fit_of(&trajectory, 8).slope.value * fit_of(&swapped, 8).slope.value, 1.0, 1e-9);
}

Test(trajectory_fit, units_and_origin_do_not_matter)
{
    static double scaled_x[COUNT], scaled_y[COUNT];
    make_trajectory(4, 0.02, 0.03, 0.5);
    for (int i = 0; i < COUNT; i++) {
        scaled_x[i] = 100.0 * x[i] + 7.0;
        scaled_y[i] = 500.0 * y[i] - 9.0;
    }
    struct trajectory_run scaled_runs[REPLICAS];
    const struct trajectory scaled = cut(scaled_x, scaled_y, scaled_runs, REPLICAS);
    struct trajectory_fit a = fit_of(&trajectory, 8), b = fit_of(&scaled, 8);
    cr_assert_float_eq(b.slope.value, 5.0 * a.slope.value, 1e-8);
    cr_assert_float_eq(b.slope.interval.low, 5.0 * a.slope.interval.low, 1e-7);
    cr_assert_float_eq(a.block_correlation, b.block_correlation, 1e-8);
}

Test(trajectory_fit, interval_covers_in_spite_of_memory)
{
    int hits = 0, trials = 200;
    for (int trial = 0; trial < trials; trial++) {
        make_trajectory(trial, 0.02, 0.03, 0.8);
        struct trajectory_fit fit = fit_of(&trajectory, 0);
        cr_assert(fit.is_by_replica);
        hits += fit.slope.interval.low <= -1.2 && fit.slope.interval.high >= -1.2;
    }
    printf("slope covered in %d of %d\n", hits, trials);
    cr_assert(hits >= 0.90 * trials && hits <= 0.99 * trials, "%d", hits);
}

Test(trajectory_fit, blocks_stand_in_for_few_replicas)
{
    make_trajectory(9, 0.02, 0.03, 0.0);
    const struct trajectory three = {runs, 3};
    struct trajectory_fit fit = fit_of(&three, 8);
    cr_assert(!fit.is_by_replica);
    cr_assert(fit.replicas == 3 && fit.blocks == 24);
    cr_assert(fit.slope.interval.low < -1.2 && fit.slope.interval.high > -1.2);
}

/* The height of the line at a place is the intercept of the same cloud when x is counted from there. */
Test(trajectory_fit, band_is_the_interval_of_the_intercept_anywhere)
{
    static double shifted[COUNT];
    const double places[3] = {-0.3, 0.12, 0.4};
    double heights[3];
    struct interval reach[3];
    struct trajectory_run moved[REPLICAS];
    struct trajectory_band band = {3, places, heights, reach};
    struct trajectory_fit fit;
    struct error err = {0};
    make_trajectory(6, 0.02, 0.03, 0.5);
    cr_assert_eq(trajectory_fit(&trajectory, 8, 0.95, &band, &fit, &err), STATUS_OK, "%s", err.message);
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < COUNT; i++)
            shifted[i] = x[i] - places[k];
        const struct trajectory there = cut(shifted, y, moved, REPLICAS);
        const struct trajectory_fit at = fit_of(&there, 8);
        cr_expect_float_eq(heights[k], at.intercept.value, 1e-9);
        cr_expect_float_eq(reach[k].low, at.intercept.interval.low, 1e-9);
        cr_expect_float_eq(reach[k].high, at.intercept.interval.high, 1e-9);
    }
    cr_expect_lt(reach[1].high - reach[1].low, reach[0].high - reach[0].low, "narrowest inside the cloud");
}

/* What is left of the cloud without one replica, by a fit of its own: Student's t over the deviations. */
Test(trajectory_fit, jackknife_leaves_out_one_replica_at_a_time)
{
    double sum = 0.0, squares = 0.0;
    make_trajectory(7, 0.02, 0.03, 0.0);
    const struct trajectory_fit all = fit_of(&trajectory, 8);
    for (size_t left = 0; left < REPLICAS; left++) {
        struct trajectory_run others[REPLICAS];
        size_t count = 0;
        for (size_t r = 0; r < REPLICAS; r++)
            if (r != left)
                others[count++] = runs[r];
        const struct trajectory rest = {others, count};
        const double deviation = fit_of(&rest, 8).slope.value - all.slope.value;
        sum += deviation;
        squares += deviation * deviation;
    }
    const double variance = (REPLICAS - 1.0) / REPLICAS * (squares - sum * sum / REPLICAS);
    const double student = 2.306004; /* 97.5 % with 8 degrees of freedom: tables */
    cr_expect_float_eq(all.slope.interval.high - all.slope.value, student * sqrt(variance), 1e-6 * student);
}

/* Three long replicas: the jackknife has tens of thousands of units. */
Test(trajectory_fit, a_million_samples_are_fitted_at_once, .timeout = 20)
{
    enum { LONG = 400000 };
    double *along = mem_alloc_array(3 * LONG, sizeof *along), *up = mem_alloc_array(3 * LONG, sizeof *up);
    struct trajectory_run three[3];
    cr_assert(along && up);
    for (uint32_t i = 0; i < 3 * LONG; i++) {
        double normal[2], truth = 0.1 + 0.1 * (i % LONG) / LONG;
        rng_normal_pair((struct rng_place){1, STREAM_TEST, 0, i}, 0, normal);
        along[i] = truth + 0.02 * normal[0];
        up[i] = -6.96 - 1.2 * truth + 0.03 * normal[1];
        if (i % LONG == 0)
            three[i / LONG] = (struct trajectory_run){&along[i], &up[i], LONG};
    }
    const struct trajectory t = {three, 3};
    const struct trajectory_fit fit = fit_of(&t, 0);
    cr_expect_leq(fit.blocks, TRAJECTORY_BLOCKS_MAX);
    cr_expect(!fit.is_by_replica && fit.blocks > 10000);
    cr_expect_float_eq(fit.slope.value, -1.2, 0.01, "%g", fit.slope.value);
    mem_free(along);
    mem_free(up);
}

Test(trajectory_fit, memory_lengthens_the_blocks)
{
    make_trajectory(5, 0.02, 0.03, 0.0);
    size_t without = fit_of(&trajectory, 0).block_samples;
    make_trajectory(5, 0.02, 0.03, 0.9);
    cr_assert_gt(fit_of(&trajectory, 0).block_samples, without);
}

Test(trajectory_fit, clouds_without_a_line_are_refused)
{
    struct trajectory_fit fit;
    make_trajectory(5, 0.02, 0.03, 0.0);
    const struct trajectory_run short_run = {x, y, 10};
    const struct trajectory few = {&short_run, 1};
    cr_assert_eq(trajectory_fit(&few, 2, 0.95, NULL, &fit, NULL), STATUS_INVALID);
    cr_assert_eq(trajectory_fit(&trajectory, 1, 0.95, NULL, &fit, NULL), STATUS_INVALID);
    x[17] = NAN;
    cr_assert_eq(trajectory_fit(&trajectory, 4, 0.95, NULL, &fit, NULL), STATUS_INVALID);
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.1;
    cr_assert_eq(trajectory_fit(&trajectory, 4, 0.95, NULL, &fit, NULL), STATUS_INVALID);
}

Test(trajectory_fit, failed_allocations_are_reported)
{
    struct trajectory_fit fit;
    make_trajectory(5, 0.02, 0.03, 0.0);
    for (uint64_t n = 1; n <= 4; n++) {
        mem_fail_nth(n);
        cr_assert_eq(trajectory_fit(&trajectory, 4, 0.95, NULL, &fit, NULL), STATUS_NO_MEMORY);
    }
    mem_fail_nth(0);
}
