/* test_sample_cache.c - samples in memory against the rows that the visitor of the store sees. */
#include "server/cmd/sample_cache.h"

#include "common/mem.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

/* Ensemble 0 of the fixture is a ladder of three rungs, ensemble 1 has two isotherms: replicas 3 and 4. */
static struct fixture fixture;
static struct reading reading;
static struct selected_list list;
static struct sample_cache *cache;
static struct error err;

static const enum quantity_id wanted[] = {QUANTITY_energy_potential, QUANTITY_ico_fraction, QUANTITY_energy_inherent};

static void open_campaign(void)
{
    const struct selection everything = {0};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 4, 0);
    cr_assert_eq(reading_open(fixture.path, &reading, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(reading_select(&reading, &everything, &list, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(sample_cache_create(&reading, wanted, 3, &cache, &err), STATUS_OK);
}

static void close_campaign(void)
{
    sample_cache_destroy(&cache);
    selected_list_finish(&list);
    reading_finish(&reading);
    fixture_finish(&fixture);
}

TestSuite(sample_cache, .init = open_campaign, .fini = close_campaign);

/* A series of the cache, as far as the visitor has come along it. */
struct walk {
    struct sample_series series;
    size_t found;
};

static enum status find_sample(void *context, const struct sample_row *row, struct error *visit_err)
{
    (void)visit_err;
    struct walk *walk = context;
    for (size_t i = 0; i < walk->series.count; i++)
        walk->found += walk->series.steps[i] == row->step && walk->series.values[i] == row->values[0];
    return STATUS_OK;
}

/* Of potential energies, which differ from one another: every row is in the series once, and nothing else. */
static void check_series(const struct selected *item, int64_t rung, int64_t replica, size_t count)
{
    struct walk walk = {0};
    struct store_filter filter = item->filter;
    cr_assert_eq(sample_cache_series(cache, item, (struct sample_place){rung, replica}, QUANTITY_energy_potential,
                                     &walk.series, &err),
                 STATUS_OK, "%s", err.message);
    cr_assert_eq(walk.series.count, count);
    for (size_t i = 1; i < count; i++)
        cr_expect_lt(walk.series.steps[i - 1], walk.series.steps[i]);
    filter.rung = rung;
    filter.replica = replica;
    cr_assert_eq(store_visit_samples(reading.store, &filter, QUANTITY_GROUP_thermal, find_sample, &walk, &err),
                 STATUS_OK);
    cr_expect_eq(walk.found, count);
}

Test(sample_cache, series_of_replicas_are_the_rows_of_the_store)
{
    check_series(&list.items[1], STORE_ANY, 3, 8);
    check_series(&list.items[1], 0, 4, 8);
    check_series(&list.items[0], STORE_ANY, 1, 8);
}

Test(sample_cache, series_of_rungs_hold_whichever_replicas_were_there)
{
    size_t strangers = 0;
    for (int64_t rung = 0; rung < 3; rung++)
        check_series(&list.items[0], rung, STORE_ANY, 8);
    for (int64_t rung = 0; rung < 3; rung++) {
        struct sample_series own;
        cr_assert_eq(sample_cache_series(cache, &list.items[0], (struct sample_place){rung, rung},
                                         QUANTITY_energy_potential, &own, &err),
                     STATUS_OK);
        strangers += own.count < 8;
    }
    cr_expect_gt(strangers, 0, "no replica ever left its rung: the test shows nothing");
}

Test(sample_cache, steps_of_the_selection_are_kept_to)
{
    struct selected item = list.items[1];
    check_series(&item, STORE_ANY, 3, 8);
    item.filter.step_first = 150;
    item.filter.step_last = 250;
    check_series(&item, STORE_ANY, 3, 3);
    item.filter.replica = 4;
    item.filter.step_first = INT64_MIN;
    check_series(&item, STORE_ANY, 4, 5);
}

Test(sample_cache, quantities_that_were_not_announced_are_read_too)
{
    struct sample_series pressure, nothing;
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 3}, QUANTITY_pressure,
                                     &pressure, &err),
                 STATUS_OK);
    cr_expect_eq(pressure.count, 8);
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 3}, QUANTITY_volume,
                                     &nothing, &err),
                 STATUS_OK);
    cr_expect_eq(nothing.count, 0);
}

Test(sample_cache, columns_stand_side_by_side)
{
    static const enum quantity_id both[2] = {QUANTITY_energy_inherent, QUANTITY_ico_fraction};
    struct sample_set set;
    struct sample_series content;
    size_t columns[2];
    cr_assert_eq(sample_cache_columns(cache, &list.items[1], both, 2, &set, columns, &err), STATUS_OK);
    cr_assert(set.run_count == 2 && set.runs[0].replica.value == 3 && set.runs[1].replica.value == 4);
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 4}, QUANTITY_ico_fraction,
                                     &content, &err),
                 STATUS_OK);
    const struct sample_run *run = &set.runs[1];
    cr_expect(run->first > 0 && run->run.steps[run->first - 1] <= 0, "preparation is there, before production");
    cr_assert_eq(content.count, run->run.count - run->first);
    for (size_t i = 0; i < content.count; i++)
        cr_expect_eq(content.values[i], run->run.columns[columns[1]][run->first + i]);
    sample_cache_release(cache, &set);
}

/* Of a ladder of which one rung was asked for there is nothing else. */
Test(sample_cache, a_rung_that_was_asked_for_is_all_there_is)
{
    static const enum quantity_id one[1] = {QUANTITY_energy_potential};
    struct selected item = list.items[0];
    struct sample_set set;
    size_t column, samples = 0;
    item.filter.rung = 2;
    cr_assert_eq(sample_cache_columns(cache, &item, one, 1, &set, &column, &err), STATUS_OK);
    cr_assert_eq(set.run_count, 3);
    for (size_t r = 0; r < set.run_count; r++)
        for (size_t i = set.runs[r].first; i < set.runs[r].run.count; i++) {
            cr_expect_eq(set.runs[r].run.rungs[i], 2);
            samples++;
        }
    cr_expect_eq(samples, 8);
    sample_cache_release(cache, &set);
}

/* Filters alike but for the ensemble, which a filter need not name. */
Test(sample_cache, ensembles_are_told_apart)
{
    struct selected items[2] = {list.items[0], list.items[1]};
    struct sample_series ladder, isotherm;
    for (int i = 0; i < 2; i++)
        items[i].filter = store_filter_production(items[i].id);
    cr_assert_eq(sample_cache_series(cache, &items[0], (struct sample_place){STORE_ANY, 1}, wanted[0], &ladder, &err),
                 STATUS_OK);
    cr_expect_eq(ladder.count, 8);
    cr_assert_eq(sample_cache_series(cache, &items[1], (struct sample_place){STORE_ANY, 3}, wanted[0], &isotherm, &err),
                 STATUS_OK);
    cr_expect_eq(isotherm.count, 8);
}

/* A set that is in use is kept whatever it takes; what is not is dropped, and read again. */
Test(sample_cache, what_takes_too_much_is_dropped_when_it_is_not_in_use)
{
    static const enum quantity_id one[1] = {QUANTITY_energy_potential};
    struct sample_set set;
    struct sample_series series;
    size_t column;
    sample_cache_limit(cache, 1);
    cr_assert_eq(sample_cache_columns(cache, &list.items[1], one, 1, &set, &column, &err), STATUS_OK);
    cr_assert_eq(sample_cache_series(cache, &list.items[0], (struct sample_place){0, STORE_ANY}, one[0], &series, &err),
                 STATUS_OK);
    fixture_sql(fixture.path, "UPDATE sample_thermal SET energy_potential = 77");
    cr_expect_neq(set.runs[0].run.columns[column][set.runs[0].first], 77.0, "still there");
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 3}, one[0], &series, &err),
                 STATUS_OK);
    cr_expect_neq(series.values[0], 77.0, "from the set in use");
    cr_assert_eq(sample_cache_series(cache, &list.items[0], (struct sample_place){0, STORE_ANY}, one[0], &series, &err),
                 STATUS_OK);
    cr_expect_eq(series.values[0], 77.0, "was dropped, and is read again");
    sample_cache_release(cache, &set);
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 3}, one[0], &series, &err),
                 STATUS_OK);
    cr_expect_eq(series.values[0], 77.0, "released: dropped");
}

/* Read once: what other hands do to the database afterwards is not seen. */
Test(sample_cache, what_was_read_is_not_read_again)
{
    struct sample_series before, after;
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 3},
                                     QUANTITY_energy_potential, &before, &err),
                 STATUS_OK);
    fixture_sql(fixture.path, "DELETE FROM sample_thermal");
    cr_assert_eq(sample_cache_series(cache, &list.items[1], (struct sample_place){STORE_ANY, 4},
                                     QUANTITY_energy_potential, &after, &err),
                 STATUS_OK);
    cr_expect(before.count == 8 && after.count == 8);
}

/* The n-th allocation may be one that a thread of its own fails with, which is done without. */
Test(sample_cache, failed_allocations_are_reported_and_leave_the_cache_whole)
{
    int failures = 0;
    for (uint64_t n = 1; n <= 60; n++) {
        struct sample_cache *fresh;
        struct sample_series series = {0};
        cr_assert_eq(sample_cache_create(&reading, wanted, 3, &fresh, &err), STATUS_OK);
        mem_fail_nth(n);
        enum status status = sample_cache_series(fresh, &list.items[0], (struct sample_place){1, STORE_ANY},
                                                 QUANTITY_energy_potential, &series, &err);
        mem_fail_nth(0);
        cr_assert(status == STATUS_OK || status == STATUS_NO_MEMORY, "allocation %d: %s", (int)n, err.message);
        failures += status != STATUS_OK;
        if (status != STATUS_OK)
            status = sample_cache_series(fresh, &list.items[0], (struct sample_place){1, STORE_ANY},
                                         QUANTITY_energy_potential, &series, &err);
        cr_expect(status == STATUS_OK && series.count == 8, "allocation %d", (int)n);
        sample_cache_destroy(&fresh);
    }
    cr_expect_gt(failures, 10);
}
