/* test_ttt_result.c - what stored rows of several ensembles say beside one another: box sizes, ramps, volumes. */
#include "server/cmd/ttt_picture.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PREPARE                                                                                                        \
    "    segment_steps: 100\n"                                                                                         \
    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}]\n"                                             \
    "    sample: {thermal: 0, inherent: 100, structure: 100}\n"

/* Replicas 0 .. 5, 6 .. 9 and 10 .. 11. */
static const char three_ensembles[] = "campaign: beside\n"
                                      "seed: 7\n"
                                      "system: {atoms: 300, small_fraction: 0.5}\n"
                                      "ensembles:\n"
                                      "  - name: small\n"
                                      "    mode: isotherm\n"
                                      "    temperatures: [0.7, 0.8]\n"
                                      "    replicas: 3\n"
                                      "    steps: 1000\n" PREPARE "  - name: big\n"
                                      "    mode: isotherm\n"
                                      "    system: {atoms: 600, small_fraction: 0.5}\n"
                                      "    temperatures: [0.7, 0.8]\n"
                                      "    replicas: 2\n"
                                      "    steps: 1000\n" PREPARE "  - name: ramp\n"
                                      "    mode: quench\n"
                                      "    quench: {from: 1.0, to: 0.5, rate: 5.0e-4}\n"
                                      "    replicas: 2\n" PREPARE;

struct bench {
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct ttt_request request;
    struct ttt_result results[2]; /* small, big */
};

/* The campaign, run to its end and then changed by `sql`. */
static void bench_init(struct bench *bench, const char *sql)
{
    struct error err = {0};
    const struct selection everything = {0};
    const struct order_options order = {0};
    const struct ttt_order_request by_default = order_options_request(&order);
    *bench = (struct bench){.request = {.atoms_of_volume_min = 500}};
    fixture_init(&bench->fixture, three_ensembles);
    fixture_run(&bench->fixture, 10, 0);
    store_close(&bench->fixture.store);
    fixture_sql(bench->fixture.path, sql);
    cr_assert_eq(reading_open(bench->fixture.path, &bench->reading, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(reading_select(&bench->reading, &everything, &bench->list, &err), STATUS_OK);
    cr_assert_eq(ttt_order_find(&by_default, &bench->request.order, &err), STATUS_OK);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(
            ttt_result_compute(&bench->reading, &bench->list.items[i], &bench->request, 0.0, &bench->results[i], &err),
            STATUS_OK, "%s", err.message);
}

static void bench_finish(struct bench *bench)
{
    for (int i = 0; i < 2; i++)
        ttt_result_finish(&bench->results[i]);
    selected_list_finish(&bench->list);
    reading_finish(&bench->reading);
    fixture_finish(&bench->fixture);
}

static const char all_at_300[] =
    "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = CASE WHEN"
    " step >= 300 AND replica != 10 THEN 0.5 ELSE 0 END";

Test(ttt_result, two_box_sizes_are_compared_by_nucleation_rate)
{
    struct bench bench;
    struct ttt_results results;
    struct error err = {0};
    bench_init(&bench, all_at_300);
    const struct selected_list isotherms = {2, bench.list.items};
    cr_assert_eq(ttt_results_compute(&bench.reading, &isotherms, &bench.request, 0.0, NULL, &results, &err), STATUS_OK,
                 "%s", err.message);
    cr_assert_eq(results.pair_count, 2, "one for each temperature");
    /* The same waiting time in half the volume. */
    cr_expect_float_eq(results.pairs[0].comparison.ratio.value, 2.0, 1e-12);
    cr_expect(!results.pairs[0].comparison.disagrees, "five events do not show it");
    const struct ttt_isotherm *small = &results.results[0].isotherms[0];
    cr_expect_float_eq(small->nucleation.value, 3.0 / (900.0 * 300.0 * 0.767), 1e-12);
    cr_expect(!ttt_has_compositions(&results));
    ttt_results_finish(&results);
    bench_finish(&bench);
}

Test(ttt_result, coarse_samples_give_the_interval_that_holds_the_median)
{
    struct bench bench;
    bench_init(&bench, all_at_300);
    const struct ttt_isotherm *isotherm = &bench.results[0].isotherms[0];
    cr_expect(isotherm->is_turnbull, "100 steps are more than 2 %% of 300");
    cr_expect(isotherm->median_cell.low == 200.0 && isotherm->median_cell.high == 300.0);
    cr_expect(isotherm->median.interval.low == 200.0 && isinf(isotherm->median.interval.high),
              "three runs do not bound it from above");
    cr_expect_eq(isotherm->cause_events[0], 3);
    cr_expect_eq(isotherm->incidence[0].value, 1.0);
    cr_expect_eq(isotherm->incidence[1].value, 0.0);
    bench_finish(&bench);
}

/* All runs cross before the first sample of the clock: there are events, but no time. */
Test(ttt_result, events_without_a_law_are_counted)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = step > 0");
    for (size_t i = 0; i < 2; i++) {
        const struct ttt_isotherm *isotherm = &bench.results[0].isotherms[i];
        cr_expect(isotherm->events == 3 && !isotherm->has_fit && isotherm->why[0]);
        cr_expect(!isfinite(isotherm->nucleation.value));
    }
    cr_expect(bench.results[0].events == 6 && !bench.results[0].has_diagram);
    cr_expect(strstr(bench.results[0].why, "infinitely steep"), "%s", bench.results[0].why);
    bench_finish(&bench);
}

/* Of one temperature all runs crossed in the ramp: one temperature is left, which is no diagram. */
Test(ttt_result, a_temperature_without_a_clock_is_none_of_the_diagram)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest ="
                       " CASE WHEN replica < 3 THEN 0.5 ELSE step >= 300 END");
    cr_expect_eq(bench.results[0].isotherms[0].in_ramp, 3);
    cr_expect_eq(bench.results[0].events, 3);
    cr_expect(!bench.results[0].has_diagram);
    cr_expect(strstr(bench.results[0].why, "one temperature"), "%s", bench.results[0].why);
    bench_finish(&bench);
}

Test(ttt_result, what_transforms_shows_that_it_is_below_the_melting_temperature)
{
    struct bench bench;
    struct ttt_result result;
    struct error err = {0};
    bench_init(&bench, all_at_300);
    cr_expect_eq(ttt_result_compute(&bench.reading, &bench.list.items[0], &bench.request, 0.75, &result, &err),
                 STATUS_INVALID);
    cr_expect(strstr(err.message, "--melting 0.75") && strstr(err.message, "T = 0.8"), "%s", err.message);
    bench_finish(&bench);
}

/* Everything between 200 and 300, by the exponential law, which three events leave. */
Test(ttt_result, onset_and_finish_are_dated_like_the_event_and_by_its_law)
{
    struct bench bench;
    bench_init(&bench, all_at_300);
    const struct ttt_isotherm *isotherm = &bench.results[0].isotherms[0];
    const double event = isotherm->fit.time[FRACTION_50].value;
    cr_assert(isotherm->has_fit && isotherm->fit.law == LIFETIME_EXPONENTIAL);
    cr_expect_float_eq(isotherm->time_50_onset / event, 1.0, 1e-9);
    cr_expect_float_eq(isotherm->time_50_finish / event, 1.0, 1e-9);
    bench_finish(&bench);
}

/* Two of three begin in the ramp: that is early, and no reason to leave them out. Nothing finishes. */
Test(ttt_result, an_onset_in_the_ramp_is_an_early_onset)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = CASE"
                       " WHEN step >= 500 THEN 0.3 WHEN step >= 400 AND replica % 3 = 0 OR replica % 3 > 0"
                       " THEN 0.15 ELSE 0 END");
    const struct ttt_isotherm *isotherm = &bench.results[0].isotherms[0];
    double expected;
    const struct lifetime onsets[] = {{300, 400, 1000}, {0, 100, 1000}, {0, 100, 1000}};
    cr_assert_eq(lifetime_time_50(onsets, 3, 1.0, &expected, NULL), STATUS_OK);
    cr_expect_float_eq(isotherm->time_50_onset / expected, 1.0, 1e-9);
    cr_expect_lt(isotherm->time_50_onset, isotherm->fit.time[FRACTION_50].value);
    cr_expect(isnan(isotherm->time_50_finish));
    bench_finish(&bench);
}

/* One of two transformed at the one rate that there was: half of all do at that rate. */
Test(ttt_result, quenches_of_the_same_system_give_the_cooling_rate_directly)
{
    struct bench bench;
    bench_init(&bench, all_at_300);
    cr_expect(bench.results[0].ramps.count == 2 && bench.results[0].ramps.transformed == 1);
    cr_expect_float_eq(bench.results[0].ramps.rate.value, 5e-4, 1e-9);
    cr_expect_eq(bench.results[0].ramps.bound, RAMP_ESTIMATE);
    cr_expect_eq(bench.results[1].ramps.count, 0, "the other box size has no quench");
    bench_finish(&bench);
}

/* Both quenches were built as a crystal that melted before they began, and one transforms on the way down. */
Test(ttt_result, a_quench_that_begins_with_a_melt_transforms_when_it_does)
{
    struct bench bench;
    bench_init(&bench, "CREATE TEMP TABLE before AS SELECT * FROM sample_inherent WHERE replica >= 10 AND step <= 0;"
                       "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
                       " INSERT INTO before SELECT b.* FROM before b, n;"
                       "UPDATE before SET step = -100 * rowid;"
                       "INSERT INTO sample_inherent SELECT * FROM before;"
                       "UPDATE sample_inherent SET close_packed_largest = step < 0, b2_largest = 0, laves_largest ="
                       " CASE WHEN step >= 300 AND replica != 10 THEN 0.5 ELSE 0 END");
    cr_expect_eq(fixture_number(bench.fixture.path, "SELECT count(*) >= 10 FROM sample_inherent WHERE step < 0"), 1);
    cr_expect(bench.results[0].ramps.count == 2 && bench.results[0].ramps.transformed == 1);
    bench_finish(&bench);
}

#define NO_CRYSTALS "close_packed_largest = 0, b2_largest = 0, laves_largest = 0, laves_fraction = 0"
#define AVRAMI      " (1 - exp(-pow(max(step, 0) / 565.0, 3)))" /* has its half at 500 */

/* Of boxes of 600 atoms, which count as large here. Many grains: the largest is never an event. */
Test(ttt_result, large_boxes_have_a_transformed_fraction)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET " NO_CRYSTALS ";"
                       "UPDATE sample_inherent SET laves_fraction = 0.6 *" AVRAMI ", laves_largest = 0.1 *" AVRAMI ";"
                       "UPDATE sample_structure SET close_packed_fraction = 0.3 *" AVRAMI);
    cr_expect(!bench.results[0].isotherms[0].has_volume, "300 atoms are not large");
    const struct ttt_isotherm *isotherm = &bench.results[1].isotherms[0];
    cr_assert(isotherm->has_volume);
    cr_expect_eq(isotherm->events, 0);
    cr_expect(isotherm->volume.runs == 2 && isotherm->volume.by_largest == 0);
    cr_expect_float_eq(isotherm->volume.time_50.value, 500.0, 10.0);
    cr_expect_float_eq(isotherm->volume.exponent.value, 3.0, 0.3);
    bench_finish(&bench);
}

/* Replica 7 has no rows of structure. */
Test(ttt_result, close_packed_atoms_count_and_the_largest_crystal_stands_in_for_them)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET " NO_CRYSTALS ";"
                       "UPDATE sample_inherent SET close_packed_largest = 0.5 *" AVRAMI ";"
                       "UPDATE sample_structure SET close_packed_fraction = 0.9 *" AVRAMI ";"
                       "DELETE FROM sample_structure WHERE replica = 7");
    const struct ttt_isotherm *isotherm = &bench.results[1].isotherms[0];
    cr_assert(isotherm->has_volume);
    cr_expect(isotherm->volume.runs == 2 && isotherm->volume.by_largest == 1);
    cr_expect_float_eq(isotherm->volume.time_50.value, 500.0, 10.0);
    bench_finish(&bench);
}

/* Still growing, flat but too low, there before the clock started, empty. */
Test(ttt_result, runs_without_a_plateau_have_no_transformed_fraction)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET " NO_CRYSTALS ";"
                       "UPDATE sample_inherent SET laves_fraction = CASE replica WHEN 6 THEN max(step, 0) / 1000.0"
                       " WHEN 7 THEN 0.15 *" AVRAMI " WHEN 8 THEN 0.3 + 0.6 *" AVRAMI " ELSE 0 END;"
                       "UPDATE sample_structure SET close_packed_fraction = 0");
    cr_expect(!bench.results[1].isotherms[0].has_volume && !bench.results[1].isotherms[1].has_volume);
    bench_finish(&bench);
}

/* A random start in units of T_f: below it the means are followed, above it not. */
Test(ttt_result, below_the_glass_transition_means_are_followed)
{
    struct bench bench;
    struct ttt_result result;
    struct error err = {0};
    bench_init(&bench, "UPDATE sample_inherent SET laves_largest = 0, close_packed_largest = 0, b2_largest = 0,"
                       " ico_fraction = 0.13 + 0.0001 * step;"
                       "UPDATE sample_structure SET ico_length = 0.2 + 0.001 * step,"
                       " ico_length_resolved = step != 200 OR replica != 1");
    bench.request.glass_temperature = 0.75;
    cr_assert_eq(ttt_result_compute(&bench.reading, &bench.list.items[0], &bench.request, 0.0, &result, &err),
                 STATUS_OK, "%s", err.message);
    cr_expect(result.isotherms[0].is_below_glass && !result.isotherms[1].is_below_glass);
    cr_expect(result.isotherms[0].ico[0].value > 100.0 && result.isotherms[0].ico[0].value <= 200.0, "0.15 at 200");
    cr_expect(result.isotherms[0].ico[1].value > 600.0 && result.isotherms[0].ico[1].value <= 700.0, "0.20 at 700");
    cr_expect(isinf(result.isotherms[0].ico[2].value), "0.25 is not reached");
    /* 0.5 sigma at step 300, 0.75 at 550, one sample of structure at 200 left out; 1 at 800. */
    cr_assert_eq(result.isotherms[0].length_reach.runs, 3);
    cr_expect_float_eq(result.isotherms[0].length[0].value, 300.0, 1e-6);
    cr_expect(result.isotherms[0].length[1].value > 400.0 && result.isotherms[0].length[1].value < 600.0);
    cr_expect_float_eq(result.isotherms[0].length[2].value, 800.0, 1e-6);
    cr_expect_eq(result.isotherms[1].length_reach.runs, 0, "not below T_f");
    ttt_result_finish(&result);
    bench_finish(&bench);
}

/* Replica 0 was left behind at 300 and replica 1 at 700. What the others have reached is still known. */
Test(ttt_result, a_run_that_lags_does_not_hide_what_the_others_reached)
{
    struct bench bench;
    struct ttt_result result;
    struct error err = {0};
    bench_init(&bench, "UPDATE sample_inherent SET laves_largest = 0, close_packed_largest = 0, b2_largest = 0,"
                       " ico_fraction = 0.13 + 0.0001 * step;"
                       "DELETE FROM sample_inherent WHERE replica = 0 AND step > 300;"
                       "DELETE FROM sample_inherent WHERE replica = 1 AND step > 700");
    bench.request.glass_temperature = 0.75;
    cr_assert_eq(ttt_result_compute(&bench.reading, &bench.list.items[0], &bench.request, 0.0, &result, &err),
                 STATUS_OK, "%s", err.message);
    const struct ttt_isotherm *isotherm = &result.isotherms[0];
    cr_expect_float_eq(isotherm->ico[0].value, 200.0, 1e-6);
    cr_expect_float_eq(isotherm->ico[1].value, 700.0, 1e-6, "two runs are there");
    const struct ttt_reach *reach = &isotherm->ico_reach;
    cr_expect(reach->runs == 3 && reach->step_all == 300 && reach->step_two == 700);
    ttt_result_finish(&result);
    bench_finish(&bench);
}

static size_t count_in_key(const struct figure *figure, const char *label)
{
    size_t count = 0;
    const struct figure_panel *panel = &figure->panels[0];
    for (size_t s = 0; s < panel->series_count; s++)
        count += panel->series[s].key != KEY_HIDDEN &&
                 (panel->series[s].count > 0 || panel->series[s].key == KEY_ALONE) &&
                 strcmp(panel->series[s].label, label) == 0;
    return count;
}

/* The first line with points of an ensemble that is of that kind, or NULL. */
static const struct figure_series *find_line(const struct figure *figure, const char *label, const char *kind)
{
    const struct figure_panel *panel = &figure->panels[0];
    for (size_t s = 0; s < panel->series_count; s++)
        if (panel->series[s].count > 0 && strcmp(panel->series[s].label, label) == 0 &&
            strcmp(panel->series[s].kind, kind) == 0)
            return &panel->series[s];
    return NULL;
}

/* Nothing happened anywhere: bounds alone stand in the picture. */
Test(ttt_result, ensembles_that_have_only_bounds_are_named_in_the_picture)
{
    struct bench bench;
    struct figure figure = {0}, map = {0};
    struct error err = {0};
    bench_init(&bench, "UPDATE sample_inherent SET laves_largest = 0, close_packed_largest = 0, b2_largest = 0");
    const struct ttt_results results = {.count = 2, .results = bench.results};
    cr_expect_str_eq(bench.results[0].why, "no event at any temperature");
    cr_assert_eq(ttt_picture(&results, 0.0, &figure, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(count_in_key(&figure, "small"), 1);
    cr_expect_eq(count_in_key(&figure, "big"), 1);
    cr_assert_eq(ttt_picture_map(&results, &map, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(count_in_key(&map, "T = 0.7"), 1);
    cr_expect_eq(count_in_key(&map, "T = 0.8"), 1);
    figure_finish(&figure);
    figure_finish(&map);
    bench_finish(&bench);
}

static struct figure picture_of(const struct ttt_result results[2])
{
    struct figure figure = {0};
    struct error err = {0};
    struct ttt_result both[2] = {results[0], results[1]};
    const struct ttt_results all = {.count = 2, .results = both};
    cr_assert_eq(ttt_picture(&all, 0.0, &figure, &err), STATUS_OK, "%s", err.message);
    return figure;
}

/* "small" transforms, with a nose; "big" is watched below T_f, where its mean ico grows. */
Test(ttt_result, a_picture_of_several_ensembles_lacks_nothing_of_one)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = CASE WHEN"
                       " replica < 6 AND step >= 200 + 100 * replica THEN 0.5 ELSE 0 END,"
                       " ico_fraction = 0.13 + 0.0001 * step;"
                       "UPDATE sample_structure SET ico_length_resolved = 1, ico_length = 0.2 + 0.001 * step");
    struct ttt_result below = {0}, *small = &bench.results[0];
    const struct ttt_request request = {
        .order = bench.request.order, .glass_temperature = 0.75, .atoms_of_volume_min = UINT32_MAX};
    struct error err = {0};
    cr_assert_eq(ttt_result_compute(&bench.reading, &bench.list.items[1], &request, 0.0, &below, &err), STATUS_OK);
    cr_assert(small->has_diagram, "%s", small->why);
    small->diagram.nose =
        (struct ttt_nose){.is_inside = true, .temperature = {0.75, {0.72, 0.78}}, .time = {400.0, {300.0, 500.0}}};
    small->diagram.nose.is_open_low = true;
    const struct ttt_result results[2] = {*small, below};
    struct figure figure = picture_of(results);
    static const char *const of_small[] = {"nose", "transformed"}, *const of_big[] = {"mean_ico_0.15", "mean_ico_0.20",
                                                                                      "ico_length_0.5",
                                                                                      "t_50_lower_bound", "censored"};
    for (size_t k = 0; k < sizeof of_small / sizeof *of_small; k++)
        cr_expect_not_null(find_line(&figure, "small", of_small[k]), "%s", of_small[k]);
    for (size_t k = 0; k < sizeof of_big / sizeof *of_big; k++)
        cr_expect_not_null(find_line(&figure, "big", of_big[k]), "%s", of_big[k]);
    for (int f = 0; f < FRACTION_COUNT; f++) {
        static const char *const inside[] = {"contour_1", "contour_50", "contour_99"}, *const outside[] = {
                                                                                           "contour_1_outside",
                                                                                           "contour_50_outside",
                                                                                           "contour_99_outside"};
        cr_expect(find_line(&figure, "small", inside[f]) || find_line(&figure, "small", outside[f]), "%s", inside[f]);
    }
    cr_expect_not_null(find_line(&figure, "small", "band_low_50"));
    const struct figure_series *head = find_line(&figure, "small", "nose_open");
    cr_assert_not_null(head);
    cr_expect(head->count == 1 && head->x[0] == 400.0 && head->y[0] == 0.72,
              "at the end that is cut, not at the other");
    cr_expect_neq(find_line(&figure, "small", "transformed")->color, find_line(&figure, "big", "censored")->color);
    cr_expect_eq(find_line(&figure, "big", "mean_ico_0.15")->color, find_line(&figure, "big", "censored")->color);
    cr_expect_eq(count_in_key(&figure, "small"), 1);
    cr_expect_eq(count_in_key(&figure, "mean ico 0.15"), 1);
    cr_expect_eq(count_in_key(&figure, "mean ico 0.25"), 0, "not reached");
    figure_finish(&figure);
    ttt_result_finish(&below);
    bench_finish(&bench);
}

/* Of "small" three of six runs transform, which is no joint fit; of "big" four of four, which is none either. */
Test(ttt_result, without_a_diagram_each_isotherm_shows_its_own_time)
{
    struct bench bench;
    struct figure one = {0};
    struct error err = {0};
    bench_init(&bench, "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = CASE WHEN"
                       " step >= 300 AND (replica < 3 OR replica >= 6) THEN 0.5 ELSE 0 END");
    const struct ttt_result *small = &bench.results[0];
    const struct estimate time = small->isotherms[0].fit.time[FRACTION_50];
    cr_assert(!small->has_diagram && !bench.results[1].has_diagram && small->isotherms[1].fit.is_bound);
    const struct ttt_results alone = {.count = 1, .results = bench.results};
    cr_assert_eq(ttt_picture(&alone, 0.0, &one, &err), STATUS_OK, "%s", err.message);
    const struct figure_series *point = find_line(&one, "t_50, 95 % interval", "t_50"),
                               *bar = find_line(&one, "t_50, 95 % interval", "t_50_interval");
    cr_assert(point && bar);
    cr_expect(point->count == 1 && point->x[0] == time.value && point->y[0] == 0.7 && point->y_shift == 0.0);
    cr_expect(bar->count == 2 && bar->x[0] == time.interval.low && bar->x[1] == time.interval.high);
    cr_expect_eq(count_in_key(&one, "t_50, 95 % interval"), 1);
    struct figure both = picture_of(bench.results);
    const struct figure_series *first = find_line(&both, "small", "t_50"), *second = find_line(&both, "big", "t_50");
    cr_assert(first && second);
    cr_expect(first->y[0] == 0.7 && second->y[0] == 0.7, "the data know nothing of how they are set off");
    cr_expect(0.0 < first->y_shift && first->y_shift < second->y_shift && second->y_shift < 0.05);
    figure_finish(&one);
    figure_finish(&both);
    bench_finish(&bench);
}

/* As with --temperature. */
Test(ttt_result, at_one_temperature_times_are_set_off_too)
{
    struct bench bench;
    bench_init(&bench, all_at_300);
    struct ttt_result cold[2] = {bench.results[0], bench.results[1]};
    cold[0].isotherm_count = cold[1].isotherm_count = 1;
    cold[0].has_diagram = cold[1].has_diagram = false;
    struct figure both = picture_of(cold);
    const struct figure_series *first = find_line(&both, "small", "t_50"), *second = find_line(&both, "big", "t_50");
    cr_assert(first && second);
    cr_expect(0.0 < first->y_shift && first->y_shift < second->y_shift && second->y_shift < 0.01);
    figure_finish(&both);
    bench_finish(&bench);
}

/* "big" is made another composition, at another volume. */
Test(ttt_result, compositions_are_told_apart_in_diagram_and_map)
{
    struct bench bench;
    struct figure map = {0};
    struct error err = {0};
    bench_init(&bench, all_at_300);
    struct ensemble_spec pure = *bench.results[1].item->spec;
    struct selected item = *bench.results[1].item;
    pure.system.atoms_small = 0;
    pure.system.volume_per_atom = 0.93;
    item.spec = &pure;
    bench.results[1].item = &item;
    struct figure figure = picture_of(bench.results);
    cr_expect_eq(count_in_key(&figure, "small: 50 % small, V/N 0.767"), 1);
    cr_expect_eq(count_in_key(&figure, "big: 0 % small, V/N 0.93"), 1);
    const struct ttt_results results = {.count = 2, .results = bench.results};
    cr_assert_eq(ttt_picture_map(&results, &map, &err), STATUS_OK, "%s", err.message);
    const struct figure_panel *panel = &map.panels[0];
    const struct figure_series *cold = find_line(&map, "T = 0.7", "t_50"), *hot = find_line(&map, "T = 0.8", "t_50");
    cr_assert(cold && hot && cold->count == 2);
    cr_expect(cold->y[0] == 0.5 && cold->y[1] == 0.0 && hot->y[1] == 0.0);
    cr_expect(0.0 < cold->y_shift && cold->y_shift < hot->y_shift && hot->y_shift < 0.1);
    cr_expect_eq(find_line(&map, "T = 0.8", "t_50_interval")->y_shift, hot->y_shift);
    cr_expect(panel->y_fraction && panel->y2_tick_count == 2);
    cr_expect(panel->y2_ticks[0].at == 0.0 && strcmp(panel->y2_ticks[0].text, "0.93") == 0);
    cr_expect(panel->y2_ticks[1].at == 0.5 && strcmp(panel->y2_ticks[1].text, "0.767") == 0);
    figure_finish(&figure);
    figure_finish(&map);
    bench_finish(&bench);
}

/* The same ensemble twice: the arrow below looks out on both sides of the one above. */
Test(ttt_result, bounds_in_one_place_are_both_seen)
{
    struct bench bench;
    bench_init(&bench, "UPDATE sample_inherent SET laves_largest = 0, close_packed_largest = 0, b2_largest = 0");
    const struct ttt_result twice[2] = {bench.results[0], bench.results[0]};
    double scales[3];
    size_t count = 0;
    struct figure figure = picture_of(twice);
    for (size_t s = 0; s < figure.panels[0].series_count; s++)
        if (strcmp(figure.panels[0].series[s].kind, "t_50_lower_bound") == 0 && count < 3)
            scales[count++] = figure.panels[0].series[s].scale;
    cr_assert_eq(count, 2);
    cr_expect_gt(scales[0], 2.0 * scales[1]);
    cr_expect_eq(scales[1], 1.0);
    figure_finish(&figure);
    bench_finish(&bench);
}

Test(ttt_result, an_axis_in_T_f_stands_there_only_when_all_have_the_same)
{
    struct bench bench;
    bench_init(&bench, all_at_300);
    struct ttt_request low = bench.request, high = bench.request;
    low.glass_temperature = 0.5;
    high.glass_temperature = 0.9;
    bench.results[0].request = bench.results[1].request = &low;
    struct figure same = picture_of(bench.results);
    cr_expect_float_eq(same.panels[0].y2_factor, 2.0, 1e-12);
    cr_assert_not_null(find_line(&same, "all", "T_f"));
    cr_expect_eq(find_line(&same, "all", "T_f")->y[0], 0.5);
    bench.results[1].request = &high;
    struct figure apart = picture_of(bench.results);
    cr_expect_eq(apart.panels[0].y2_factor, 0.0);
    cr_assert(find_line(&apart, "small", "T_f") && find_line(&apart, "big", "T_f"));
    cr_expect_eq(find_line(&apart, "small", "T_f")->y[0], 0.5);
    cr_expect_eq(find_line(&apart, "big", "T_f")->y[0], 0.9);
    cr_expect_eq(count_in_key(&apart, "big, T_f = 0.9"), 1);
    figure_finish(&same);
    figure_finish(&apart);
    bench_finish(&bench);
}

Test(ttt_result, an_axis_in_tau_stands_there_only_when_all_have_the_same_step)
{
    struct bench bench;
    bench_init(&bench, all_at_300);
    struct ensemble_spec longer = *bench.results[1].item->spec;
    struct selected item = *bench.results[1].item;
    struct figure same = picture_of(bench.results);
    cr_expect_eq(same.panels[0].x2_factor, longer.dynamics.dt);
    longer.dynamics.dt = 0.005;
    item.spec = &longer;
    bench.results[1].item = &item;
    struct figure apart = picture_of(bench.results);
    cr_expect_eq(apart.panels[0].x2_factor, 0.0);
    cr_expect_null(strstr(apart.panels[0].x_label, "us"));
    cr_expect_eq(count_in_key(&apart, "big, dt = 0.005"), 1);
    figure_finish(&same);
    figure_finish(&apart);
    bench_finish(&bench);
}

/* Threads take runs as they come, and the bootstrap draws: neither may be seen in a number, nor whether the samples are
 * read for the diagram alone or taken from those that a report has already. */
Test(ttt_result, the_same_rows_give_the_same_numbers)
{
    static const enum quantity_id wanted[] = {QUANTITY_ico_fraction, QUANTITY_b2_largest, QUANTITY_laves_largest,
                                              QUANTITY_close_packed_largest};
    struct bench bench;
    struct ttt_result again;
    struct error err = {0};
    bench_init(&bench, "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = CASE WHEN"
                       " step >= 200 + 100 * (replica % 6) THEN 0.5 ELSE 0 END");
    const struct ttt_result *first = &bench.results[0];
    cr_assert(first->has_diagram, "%s", first->why);
    struct ttt_request request = bench.request;
    struct sample_series series;
    cr_assert_eq(sample_cache_create(&bench.reading, wanted, 4, &request.samples, &err), STATUS_OK);
    cr_assert_eq(sample_cache_series(request.samples, first->item, (struct sample_place){STORE_ANY, 0}, wanted[0],
                                     &series, &err),
                 STATUS_OK);
    fixture_sql(bench.fixture.path, "UPDATE sample_inherent SET laves_largest = 0"); /* nobody looks there again */
    cr_assert_eq(ttt_result_compute(&bench.reading, first->item, &request, 0.0, &again, &err), STATUS_OK);
    cr_expect_eq(again.events, first->events);
    cr_expect_eq(again.isotherms[0].time_50_onset, first->isotherms[0].time_50_onset);
    cr_expect_eq(again.isotherms[0].time_50_finish, first->isotherms[0].time_50_finish);
    cr_assert_eq(first->diagram.count, again.diagram.count);
    for (size_t i = 0; i < first->diagram.count; i++)
        for (int f = 0; f < FRACTION_COUNT; f++)
            cr_assert(first->diagram.points[i].time[f].value == again.diagram.points[i].time[f].value &&
                      first->diagram.points[i].time[f].interval.high == again.diagram.points[i].time[f].interval.high);
    ttt_result_finish(&again);
    sample_cache_destroy(&request.samples);
    bench_finish(&bench);
}
