#include "server/analysis/timeseries.h"

#include "common/mem.h"
#include "common/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { COUNT_MAX = 40000 };

/* A stationary AR(1) process x' = phi x + noise with mean 0 and variance 1: tau = (1 + phi) / (2 (1 - phi)). */
static void fill_ar1(double *values, size_t count, double phi, uint64_t seed)
{
    double x = 0.0, normals[2];
    rng_normal_pair((struct rng_place){seed, STREAM_TEST, -1, 0}, 0, normals);
    x = normals[0];
    for (size_t i = 0; i < count; i++) {
        if (i % 2 == 0)
            rng_normal_pair((struct rng_place){seed, STREAM_TEST, (int64_t)i, 0}, 0, normals);
        x = phi * x + sqrt(1.0 - phi * phi) * normals[i % 2];
        values[i] = x;
    }
}

static struct timeseries_mean average(const double *values, size_t count)
{
    struct timeseries_mean mean;
    struct error err = {0};
    cr_assert_eq(timeseries_average(values, count, &mean, &err), STATUS_OK, "%s", err.message);
    return mean;
}

struct process {
    double phi;
    size_t count;
    double tau_tolerance; /* relative, of the mean over 200 series */
    double coverage_min;  /* of mean +- 1.96 errors, where 0.95 is meant */
};

static const struct process processes[] = {
    {0.0, 100, 0.20, 0.90},  {0.0, 1000, 0.10, 0.91},  {0.5, 1000, 0.10, 0.91},
    {0.9, 1000, 0.20, 0.88}, {0.9, 20000, 0.10, 0.91}, {0.99, 40000, 0.15, 0.90},
};

Test(timeseries, tau_and_coverage_of_known_processes_are_right)
{
    static double values[COUNT_MAX];
    enum { SERIES = 200 };
    for (size_t p = 0; p < sizeof processes / sizeof processes[0]; p++) {
        const struct process *process = &processes[p];
        const double tau = 0.5 * (1.0 + process->phi) / (1.0 - process->phi);
        double tau_sum = 0.0;
        int covered = 0, known = 0;
        for (uint64_t seed = 0; seed < SERIES; seed++) {
            fill_ar1(values, process->count, process->phi, 1000 * p + seed);
            const struct timeseries_mean mean = average(values, process->count);
            known += mean.known;
            if (!mean.known)
                continue;
            tau_sum += mean.tau;
            covered += fabs(mean.mean) < 1.96 * mean.standard_error;
        }
        const double coverage = (double)covered / known, tau_mean = tau_sum / known;
        fprintf(stderr, "phi %.2f n %zu: tau %.3f (true %.3f), coverage %.3f, known %d of %d\n", process->phi,
                process->count, tau_mean, tau, coverage, known, SERIES);
        cr_expect_geq(known, SERIES * 95 / 100);
        cr_expect_lt(fabs(tau_mean / tau - 1.0), process->tau_tolerance);
        cr_expect(coverage >= process->coverage_min && coverage <= 0.99);
    }
}

Test(timeseries, a_series_shorter_than_its_correlations_has_no_error_bar)
{
    static double values[COUNT_MAX];
    int known = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        fill_ar1(values, 300, 0.99, seed); /* 1.5 independent samples' worth */
        known += average(values, 300).known;
    }
    cr_expect_leq(known, 5, "%d of 100 say that they know", known);
    const struct timeseries_mean few = average(values, 5);
    cr_expect_not(few.known);
    cr_expect(isfinite(few.mean) && few.standard_error == 0.0);
}

Test(timeseries, a_trend_has_no_error_bar)
{
    static double values[1000];
    for (size_t i = 0; i < 1000; i++)
        values[i] = (double)i;
    cr_expect_not(average(values, 1000).known);
}

Test(timeseries, nothing_one_and_constant_series_give_finite_numbers)
{
    const double values[20] = {3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0,
                               3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0};
    cr_expect_not(average(values, 0).known);
    cr_expect_not(average(values, 1).known);
    cr_expect_eq(average(values, 1).mean, 3.0);
    const struct timeseries_mean constant = average(values, 20);
    cr_expect_eq(constant.mean, 3.0);
    cr_expect(constant.known);
    cr_expect_eq(constant.standard_error, 0.0);
}

Test(timeseries, blocks_of_a_long_series_give_the_error_of_the_whole)
{
    enum { LONG = 5 * TIMESERIES_POINTS_MAX + 77 };
    double *values = mem_alloc_array(LONG, sizeof *values);
    fill_ar1(values, LONG, 0.9, 4);
    const struct timeseries_mean mean = average(values, LONG);
    cr_assert(mean.known);
    cr_expect_lt(fabs(mean.tau / 9.5 - 1.0), 0.15, "tau %g", mean.tau);
    cr_expect_eq(mean.count, LONG);
    mem_free(values);
}

Test(timeseries, a_start_far_from_equilibrium_is_found)
{
    static double values[4000];
    size_t start;
    struct error err = {0};
    fill_ar1(values, 4000, 0.5, 9);
    for (size_t i = 0; i < 4000; i++)
        values[i] += 20.0 * pow(0.99, (double)i);
    cr_assert_eq(timeseries_equilibration(values, 4000, &start, &err), STATUS_OK);
    cr_expect(start >= 300 && start <= 1000, "start %zu", start);
    fill_ar1(values, 4000, 0.5, 9);
    cr_assert_eq(timeseries_equilibration(values, 4000, &start, &err), STATUS_OK);
    cr_expect(start <= 600, "start %zu", start);
}

Test(timeseries, combined_replicas_cover_the_truth)
{
    static double values[1000];
    int covered = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct timeseries_mean means[4];
        for (uint64_t r = 0; r < 4; r++) {
            fill_ar1(values, 1000, 0.8, 10 * seed + r + 50000);
            means[r] = average(values, 1000);
        }
        const struct timeseries_mean all = timeseries_combine(means, 4);
        cr_assert(all.known);
        covered += fabs(all.mean) < 1.96 * all.standard_error;
    }
    fprintf(stderr, "combined: coverage %.3f\n", covered / 200.0);
    cr_expect_geq(covered, 184);
}

Test(timeseries, replicas_stuck_in_different_places_get_the_error_of_their_scatter)
{
    static double values[1000];
    struct timeseries_mean means[4];
    for (uint64_t r = 0; r < 4; r++) {
        fill_ar1(values, 1000, 0.2, r);
        for (size_t i = 0; i < 1000; i++)
            values[i] += 10.0 * (double)r;
        means[r] = average(values, 1000);
    }
    const struct timeseries_mean all = timeseries_combine(means, 4);
    cr_expect(all.known);
    cr_expect_lt(fabs(all.mean - 15.0), 0.2);
    cr_expect_lt(fabs(all.standard_error - sqrt(500.0 / 3.0) / 2.0), 0.2, "error %g", all.standard_error);
}

Test(timeseries, series_that_do_not_know_make_a_mean_that_does_not_know)
{
    const struct timeseries_mean means[2] = {{.count = 4, .mean = 1.0, .deviation = 0.1},
                                             {.count = 4, .mean = 2.0, .deviation = 0.1}};
    const struct timeseries_mean all = timeseries_combine(means, 2);
    cr_expect_not(all.known);
    cr_expect_eq(all.mean, 1.5);
    cr_expect_eq(timeseries_combine(means, 0).count, 0);
}

Test(timeseries, no_memory_is_reported)
{
    const double values[16] = {1.0, 2.0, 3.0};
    struct timeseries_mean mean;
    struct error err = {0};
    mem_fail_nth(1);
    cr_expect_eq(timeseries_average(values, 16, &mean, &err), STATUS_NO_MEMORY);
}
