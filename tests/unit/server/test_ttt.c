#include "server/analysis/ttt.h"

#include "common/mem.h"
#include "common/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TEMPERATURES = 6, REPLICAS = 16, RUNS = TEMPERATURES * REPLICAS };

static const double grid[] = {0.80, 0.88, 0.96, 1.04, 1.12, 1.20, 1.3};
enum { GRID = sizeof grid / sizeof *grid };

static const struct ttt_options options = {{5, 199, 0.95, 0.0}, grid, GRID, 0.0};

/* A nose at T = 1, where the mean life is 1e4 steps. */
static double true_log_mean(double temperature)
{
    double x = (temperature - 1.0) / 0.2;
    return log(1e4) + 2.0 * x * x;
}

static void make_runs(int64_t trial, double horizon, struct ttt_run out[RUNS])
{
    for (uint32_t i = 0; i < RUNS; i++) {
        const struct rng_place place = {3, STREAM_TEST, trial, i};
        double temperature = grid[i % TEMPERATURES];
        double t = -log(rng_uniform(place, 0)) * exp(true_log_mean(temperature));
        struct lifetime seen = {t, t, horizon}, censored = {horizon, (double)INFINITY, horizon};
        out[i] = (struct ttt_run){temperature, t < horizon ? seen : censored};
    }
}

static struct ttt_diagram diagram_of(const struct ttt_run *runs, size_t count, const struct ttt_options *with)
{
    struct ttt_diagram diagram;
    struct error err = {0};
    cr_assert_eq(ttt_diagram_create(runs, count, with, &diagram, &err), STATUS_OK, "%s", err.message);
    return diagram;
}

Test(ttt, nose_and_contours_of_a_known_process_are_found)
{
    struct ttt_run runs[RUNS];
    make_runs(1, 4e4, runs);
    struct ttt_diagram diagram = diagram_of(runs, RUNS, &options);
    cr_assert(diagram.nose.is_inside);
    cr_assert_float_eq(diagram.nose.temperature.value, 1.0, 0.05);
    cr_assert(diagram.nose.temperature.interval.low < 1.0 && diagram.nose.temperature.interval.high > 1.0);
    cr_assert_float_eq(log(diagram.nose.time.value / (1e4 * log(2.0))), 0.0, 0.5);
    for (int i = 0; i < GRID; i++)
        for (int f = 0; f < FRACTION_COUNT; f++)
            cr_assert(diagram.points[i].time[f].interval.low < diagram.points[i].time[f].value &&
                      diagram.points[i].time[f].interval.high > diagram.points[i].time[f].value);
    ttt_diagram_finish(&diagram);
}

static bool holds(struct interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

/* How often 95 % intervals hold the truth, as fractions of the trials. */
struct coverage {
    double contour[FRACTION_COUNT], nose_temperature, nose_time, cooling;
};

static void count_hits(const struct ttt_diagram *diagram, double cooling, struct coverage *sum)
{
    for (int f = 0; f < FRACTION_COUNT; f++)
        for (int i = 0; i < TEMPERATURES; i++) {
            double truth = -log(1.0 - lifetime_fractions[f]) * exp(true_log_mean(grid[i]));
            sum->contour[f] += holds(diagram->points[i].time[f].interval, truth) / (double)(TTT_TRIALS * TEMPERATURES);
        }
    sum->nose_temperature += holds(diagram->nose.temperature.interval, 1.0) / (double)TTT_TRIALS;
    sum->nose_time += holds(diagram->nose.time.interval, 1e4 * log(2.0)) / (double)TTT_TRIALS;
    sum->cooling += holds(diagram->cooling.rate[FRACTION_50].interval, cooling) / (double)TTT_TRIALS;
}

static double true_cooling_rate(void)
{
    double sum = 0.0;
    for (int i = 0; i < 4000; i++) /* midpoint rule */
        sum += 1e-4 / (log(2.0) * exp(true_log_mean(0.8 + 1e-4 * (i + 0.5))));
    return sum;
}

Test(ttt, bands_hold_the_truth_as_often_as_they_say)
{
    struct coverage share = {0};
    double cooling = true_cooling_rate(), slack = 3.0 * sqrt(0.05 * 0.95 / TTT_TRIALS);
    for (int trial = 0; trial < TTT_TRIALS; trial++) {
        struct ttt_run runs[RUNS];
        struct ttt_options with = options;
        with.bootstrap.seed = (uint64_t)trial;
        make_runs(trial, 4e4, runs);
        struct ttt_diagram diagram = diagram_of(runs, RUNS, &with);
        count_hits(&diagram, cooling, &share);
        ttt_diagram_finish(&diagram);
    }
    printf("contours %.3f %.3f %.3f, nose temperature %.3f time %.3f, cooling rate %.3f\n", share.contour[0],
           share.contour[1], share.contour[2], share.nose_temperature, share.nose_time, share.cooling);
    const double all[] = {share.contour[0],       share.contour[1], share.contour[2],
                          share.nose_temperature, share.nose_time,  share.cooling};
    for (int i = 0; i < 6; i++)
        cr_expect(all[i] > 0.90 - slack && all[i] < 0.98 + slack, "number %d: %g", i, all[i]);
}

Test(ttt, a_line_is_solid_only_where_there_are_data)
{
    struct ttt_run runs[RUNS];
    make_runs(2, 2e4, runs);
    struct ttt_diagram diagram = diagram_of(runs, RUNS, &options);
    cr_assert(diagram.points[2].is_inside[FRACTION_50]);
    cr_assert(!diagram.points[GRID - 1].is_inside[FRACTION_1]);
    cr_assert(!diagram.points[0].is_inside[FRACTION_99]); /* 99 % at 0.8 lies far beyond the horizon */
    ttt_diagram_finish(&diagram);
}

Test(ttt, every_time_scales_with_the_unit_of_time)
{
    struct ttt_run runs[RUNS], scaled[RUNS];
    make_runs(3, 4e4, runs);
    for (int i = 0; i < RUNS; i++) {
        scaled[i] = runs[i];
        scaled[i].life = (struct lifetime){runs[i].life.low * 1e3, runs[i].life.high * 1e3, runs[i].life.horizon * 1e3};
    }
    struct ttt_diagram a = diagram_of(runs, RUNS, &options), b = diagram_of(scaled, RUNS, &options);
    cr_assert_eq(a.fit.basis.form, b.fit.basis.form);
    for (int i = 0; i < GRID; i++)
        cr_assert_float_eq(b.points[i].time[FRACTION_50].interval.low / a.points[i].time[FRACTION_50].interval.low, 1e3,
                           1e-4);
    cr_assert_float_eq(a.nose.temperature.interval.low, b.nose.temperature.interval.low, 1e-7);
    cr_assert_float_eq(a.cooling.rate[1].value / b.cooling.rate[1].value, 1e3, 1e-4);
    ttt_diagram_finish(&a);
    ttt_diagram_finish(&b);
}

Test(ttt, the_order_of_the_runs_does_not_move_the_fit)
{
    struct ttt_run runs[RUNS], backwards[RUNS];
    struct ttt_fit a, b;
    make_runs(4, 4e4, runs);
    for (int i = 0; i < RUNS; i++)
        backwards[i] = runs[RUNS - 1 - i];
    cr_assert_eq(ttt_fit(runs, RUNS, 0.0, &a, NULL), STATUS_OK);
    cr_assert_eq(ttt_fit(backwards, RUNS, 0.0, &b, NULL), STATUS_OK);
    cr_assert_eq(a.basis.form, b.basis.form);
    cr_assert_float_eq(ttt_log_time(&a, 0.9, 0.5), ttt_log_time(&b, 0.9, 0.5), 1e-9);
}

Test(ttt, diagram_is_closed_at_the_melting_temperature)
{
    struct ttt_run runs[RUNS];
    struct ttt_options with = options;
    with.temperature_melting = 1.25;
    make_runs(5, 4e4, runs);
    struct ttt_diagram diagram = diagram_of(runs, RUNS, &with);
    cr_assert(diagram.is_closed, "%s", ttt_form_name(diagram.fit.basis.form));
    cr_assert_gt(ttt_log_time(&diagram.fit, 1.2499, 0.5), 30.0);
    cr_assert(isinf(diagram.points[GRID - 1].time[FRACTION_50].value));
    cr_assert(!diagram.points[GRID - 1].is_inside[FRACTION_50]);
    ttt_diagram_finish(&diagram);
}

Test(ttt, classical_nucleation_is_recognised)
{
    struct ttt_run runs[RUNS];
    struct ttt_fit fit;
    for (uint32_t i = 0; i < RUNS; i++) {
        const struct rng_place place = {4, STREAM_TEST, 0, i};
        double temperature = grid[i % TEMPERATURES], u = 1.0 - temperature / 1.4;
        double t = -log(rng_uniform(place, 0)) * exp(12.0 / temperature + 0.2 / (temperature * u * u) - 8.0);
        runs[i] = (struct ttt_run){temperature, {t, t, 1e12}};
    }
    cr_assert_eq(ttt_fit(runs, RUNS, 1.4, &fit, NULL), STATUS_OK);
    cr_assert_eq(fit.basis.form, TTT_NUCLEATION, "%s", ttt_form_name(fit.basis.form));
    cr_assert_eq(fit.regress.law, LIFETIME_EXPONENTIAL);
    cr_assert(isinf(ttt_log_time(&fit, 1.4, 0.5)));
    cr_assert_gt(ttt_log_time(&fit, 1.39, 0.5), 30.0);
}

Test(ttt, one_temperature_is_no_diagram)
{
    const struct ttt_run runs[] = {{1, {5, 5, 99}}, {1, {15, 15, 99}}, {1, {9, 9, 99}}, {1, {40, 40, 99}}};
    struct ttt_fit fit;
    struct error err = {0};
    cr_assert_eq(ttt_fit(runs, 4, 0.0, &fit, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "one temperature"), "%s", err.message);
}

/* All runs transform before the first sample at one temperature, and none at the next: a constant could be fitted, and
 * would contradict both. */
Test(ttt, a_step_between_two_temperatures_is_no_diagram)
{
    struct ttt_run runs[RUNS];
    struct ttt_fit fit;
    struct error err = {0};
    for (int i = 0; i < RUNS; i++)
        runs[i] = i % TEMPERATURES == 0 ? (struct ttt_run){grid[0], {0, 500, 30000}}
                                        : (struct ttt_run){grid[i % TEMPERATURES], {30000, (double)INFINITY, 30000}};
    cr_assert_eq(ttt_fit(runs, RUNS, 0.0, &fit, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "infinitely steep"), "%s", err.message);
}

Test(ttt, events_all_before_the_first_look_are_no_diagram)
{
    struct ttt_run runs[RUNS];
    struct ttt_fit fit;
    for (int i = 0; i < RUNS; i++)
        runs[i] = (struct ttt_run){grid[i % TEMPERATURES], {0, 500, 30000}};
    cr_assert_eq(ttt_fit(runs, RUNS, 0.0, &fit, NULL), STATUS_INVALID);
}

Test(ttt, a_line_is_not_solid_before_anything_was_seen)
{
    struct ttt_run runs[RUNS];
    double first = (double)INFINITY;
    make_runs(2, 4e4, runs);
    for (int i = 0; i < RUNS; i++)
        if (runs[i].temperature == grid[2])
            first = fmin(first, runs[i].life.low);
    struct ttt_diagram diagram = diagram_of(runs, RUNS, &options);
    for (int f = 0; f < FRACTION_COUNT; f++)
        cr_expect(!diagram.points[2].is_inside[f] || diagram.points[2].time[f].value >= first);
    cr_expect(diagram.points[2].time[FRACTION_1].value < first && !diagram.points[2].is_inside[FRACTION_1]);
    ttt_diagram_finish(&diagram);
}

/* Times that rise with T from the coldest isotherm on: the nose may lie below it. */
Test(ttt, a_nose_at_the_end_of_the_data_is_open)
{
    struct ttt_run runs[RUNS];
    make_runs(7, 4e4, runs);
    for (int i = 0; i < RUNS; i++)
        runs[i].temperature += runs[i].temperature < 0.9 ? 0.4 : 0.0; /* only the hot arm is left */
    struct ttt_diagram diagram = diagram_of(runs, RUNS, &options);
    cr_expect(diagram.nose.is_open_low && !diagram.nose.is_open_high);
    cr_expect_eq(diagram.nose.temperature.interval.low, grid[2]);
    ttt_diagram_finish(&diagram);
    make_runs(1, 4e4, runs);
    diagram = diagram_of(runs, RUNS, &options);
    cr_expect(!diagram.nose.is_open_low && !diagram.nose.is_open_high);
    ttt_diagram_finish(&diagram);
}

Test(ttt, runs_at_or_above_the_melting_temperature_are_refused)
{
    struct ttt_run runs[RUNS];
    struct ttt_fit fit;
    struct error err = {0};
    make_runs(1, 4e4, runs);
    cr_assert_eq(ttt_fit(runs, RUNS, 1.20, &fit, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "not below T_m"), "%s", err.message);
}

Test(ttt, no_event_or_bad_runs_are_refused)
{
    const struct ttt_run none[] = {{1, {50, INFINITY, 50}}}, cold[] = {{-1, {5, 5, 50}}}, bad[] = {{1, {5, 4, 50}}};
    struct ttt_fit fit;
    cr_assert_eq(ttt_fit(none, 1, 0.0, &fit, NULL), STATUS_INVALID);
    cr_assert_eq(ttt_fit(cold, 1, 0.0, &fit, NULL), STATUS_INVALID);
    cr_assert_eq(ttt_fit(bad, 1, 0.0, &fit, NULL), STATUS_INVALID);
    cr_assert_eq(ttt_fit(bad, 0, 0.0, &fit, NULL), STATUS_INVALID);
}

Test(ttt, ramps_give_the_rate_that_lets_half_pass)
{
    struct ttt_ramp ramps[400];
    for (uint32_t i = 0; i < 400; i++) { /* P(transformed) = 1 - exp(-log 2 * 1e-6 / rate) */
        const struct rng_place place = {7, STREAM_TEST, 0, i};
        double rate = 1e-6 * (i % 2 ? 0.5 : 2.0);
        ramps[i] = (struct ttt_ramp){rate, rng_uniform(place, 0) < 1.0 - pow(0.5, 1e-6 / rate)};
    }
    struct estimate rate;
    enum ttt_ramp_bound bound;
    cr_assert_eq(ttt_cooling_from_ramps(ramps, 400, 0.5, 0.95, &rate, &bound, NULL), STATUS_OK);
    cr_assert_eq(bound, RAMP_ESTIMATE);
    cr_assert(rate.interval.low < 1e-6 && rate.interval.high > 1e-6, "%g (%g, %g)", rate.value, rate.interval.low,
              rate.interval.high);
    cr_assert_float_eq(rate.value, 1e-6, 2e-7);
}

Test(ttt, ramps_of_one_fate_give_bounds)
{
    struct ttt_ramp ramps[4] = {{1e-6, true}, {1e-6, true}, {1e-6, true}, {1e-6, true}};
    struct estimate rate;
    enum ttt_ramp_bound bound;
    cr_assert_eq(ttt_cooling_from_ramps(ramps, 4, 0.5, 0.95, &rate, &bound, NULL), STATUS_OK);
    cr_assert_eq(bound, RAMP_ABOVE);
    cr_assert_float_eq(rate.value, 1e-6 * -log(1.0 - pow(0.05, 0.25)) / log(2.0), 1e-12);
    for (int i = 0; i < 4; i++)
        ramps[i].has_transformed = false;
    cr_assert_eq(ttt_cooling_from_ramps(ramps, 4, 0.5, 0.95, &rate, &bound, NULL), STATUS_OK);
    cr_assert_eq(bound, RAMP_BELOW);
    cr_assert_float_eq(rate.value, 1e-6 * log(20.0) / (4.0 * log(2.0)), 1e-12);
    ramps[0].rate = 0.0;
    cr_assert_eq(ttt_cooling_from_ramps(ramps, 4, 0.5, 0.95, &rate, &bound, NULL), STATUS_INVALID);
}

Test(ttt, failed_allocations_are_reported_and_leak_nothing)
{
    struct ttt_run runs[RUNS];
    struct ttt_diagram diagram;
    make_runs(7, 4e4, runs);
    enum status status = STATUS_NO_MEMORY;
    for (uint64_t n = 1; status == STATUS_NO_MEMORY; n++) {
        mem_fail_nth(n);
        status = ttt_diagram_create(runs, RUNS, &options, &diagram, NULL);
        cr_assert(n < 20);
    }
    mem_fail_nth(0);
    cr_assert_eq(status, STATUS_OK);
    ttt_diagram_finish(&diagram);
}
