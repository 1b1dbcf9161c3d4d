/* test_pictures.c - what the pictures of `vitrine plot` show of stored rows. */
#include "server/cmd/pictures/pictures.h"

#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define HEAD       "campaign: shown\nseed: 7\n"
#define ENSEMBLES  "system: {atoms: 300, small_fraction: 0.5}\nensembles:\n"
#define PREPARE    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}]\n"
#define MEASURE    "    segment_steps: 100\n    sample: {thermal: 50, inherent: 50, pdf: 50}\n"
#define NO_CRYSTAL "UPDATE sample_inherent SET laves_largest = 0.02, close_packed_largest = 0.02, b2_largest = 0.02"

static const char two_temperatures[] = HEAD ENSEMBLES "  - name: few\n"
                                                      "    mode: isotherm\n"
                                                      "    temperatures: [0.7, 0.8]\n"
                                                      "    replicas: 1\n"
                                                      "    steps: 200\n" PREPARE MEASURE "  - name: many\n"
                                                      "    mode: isotherm\n"
                                                      "    temperatures: [0.7, 0.8]\n"
                                                      "    replicas: 7\n"
                                                      "    steps: 200\n" PREPARE MEASURE;

static const char one_species[] = HEAD "system: {atoms: 500, small_fraction: 0, volume_per_atom: 0.93}\nensembles:\n"
                                       "  - name: pure\n"
                                       "    mode: isotherm\n"
                                       "    temperatures: [0.7, 0.8]\n"
                                       "    replicas: 1\n"
                                       "    steps: 200\n" PREPARE MEASURE;

/* Three ensembles at one temperature, and a fourth at two. */
static const char few_temperatures[] =
    HEAD ENSEMBLES "  - name: a\n    mode: isotherm\n    temperatures: [0.7]\n    steps: 200\n" PREPARE MEASURE
                   "  - name: b\n    mode: isotherm\n    temperatures: [0.7]\n    steps: 200\n" PREPARE MEASURE
                   "  - name: c\n    mode: isotherm\n    temperatures: [0.7, 0.8]\n    steps: 200\n" PREPARE MEASURE;

struct bench {
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct sample_cache *cache;
    struct figure figure;
};

/* The picture of the first `count` ensembles from number `first` on, after a run that `sql` has changed. */
static void bench_init(struct bench *bench, const char *campaign, const char *sql, const struct picture *picture,
                       size_t first, size_t count)
{
    struct error err = {0};
    const struct selection everything = {0};
    *bench = (struct bench){0};
    fixture_init(&bench->fixture, campaign);
    fixture_run(&bench->fixture, 2, 0);
    store_close(&bench->fixture.store);
    fixture_sql(bench->fixture.path, sql);
    cr_assert_eq(reading_open(bench->fixture.path, &bench->reading, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(reading_select(&bench->reading, &everything, &bench->list, &err), STATUS_OK);
    cr_assert_eq(sample_cache_create(&bench->reading, picture_quantities, PICTURE_QUANTITIES, &bench->cache, &err),
                 STATUS_OK);
    const struct picture_source source = {bench->reading.store,      bench->cache, &bench->reading, NULL,
                                          &bench->list.items[first], count};
    cr_assert_eq(picture->draw(&source, &bench->figure, &err), STATUS_OK, "%s", err.message);
}

static void bench_finish(struct bench *bench)
{
    figure_finish(&bench->figure);
    sample_cache_destroy(&bench->cache);
    selected_list_finish(&bench->list);
    reading_finish(&bench->reading);
    fixture_finish(&bench->fixture);
}

static size_t count_names(const struct figure_panel *panel)
{
    size_t count = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        count += panel->series[s].label[0] != '\0';
    return count;
}

Test(pictures, few_replicas_have_a_name_each)
{
    struct bench bench;
    bench_init(&bench, two_temperatures, NO_CRYSTAL, &picture_time, 0, 1);
    cr_expect_eq(count_names(&bench.figure.panels[0]), 2);
    cr_expect_str_eq(bench.figure.panels[0].series[1].label, "T = 0.8, replica 1");
    bench_finish(&bench);
}

Test(pictures, many_replicas_have_a_name_a_temperature)
{
    struct bench bench;
    bench_init(&bench, two_temperatures, NO_CRYSTAL, &picture_time, 1, 1);
    const struct figure_panel *panel = &bench.figure.panels[0];
    cr_assert_eq(panel->series_count, 14);
    cr_expect_eq(count_names(panel), 2);
    cr_expect_str_eq(panel->series[0].label, "T = 0.7: 7 replicas");
    cr_expect_str_eq(panel->series[7].label, "T = 0.8: 7 replicas");
    for (size_t s = 0; s < 14; s++)
        cr_expect(panel->series[s].color == s / 7 && panel->series[s].shape == 0, "%zu", s);
    bench_finish(&bench);
}

/* 0.02 is in every liquid. */
Test(pictures, crystals_that_are_there_have_a_panel_against_time)
{
    struct bench bench;
    bench_init(&bench, two_temperatures, NO_CRYSTAL, &picture_time, 0, 1);
    cr_expect_eq(bench.figure.panel_count, 3);
    cr_expect(bench.figure.panels[2].y_fraction && !bench.figure.panels[1].y_fraction);
    bench_finish(&bench);
    bench_init(&bench, two_temperatures,
               NO_CRYSTAL ", close_packed_largest = CASE WHEN replica = 1 AND step = 150 THEN 0.2 ELSE 0.02 END",
               &picture_time, 0, 1);
    cr_assert_eq(bench.figure.panel_count, 4);
    const struct figure_panel *panel = &bench.figure.panels[3];
    cr_expect_str_eq(panel->title, "largest close-packed cluster of large atoms");
    cr_expect(panel->y_fraction && panel->series_count == 2);
    bench_finish(&bench);
}

Test(pictures, pairs_without_atoms_have_no_panel)
{
    struct bench bench;
    bench_init(&bench, one_species, NO_CRYSTAL, &picture_pdf_thermal, 0, 1);
    cr_assert_eq(bench.figure.panel_count, 1);
    cr_expect_str_eq(bench.figure.panels[0].title, "large - large");
    cr_expect_eq(count_names(&bench.figure.panels[0]), 2);
    const struct figure_series *curve = &bench.figure.panels[0].series[0];
    cr_assert_gt(curve->count, 0);
    cr_expect_gt(curve->y[curve->count - 1], 0.0);
    bench_finish(&bench);
    bench_init(&bench, two_temperatures, NO_CRYSTAL, &picture_pdf_thermal, 0, 1);
    cr_expect_eq(bench.figure.panel_count, 3);
    bench_finish(&bench);
}

Test(pictures, ensembles_that_temperatures_do_not_tell_apart_have_a_colour_each)
{
    struct bench bench;
    bench_init(&bench, few_temperatures, NO_CRYSTAL, &picture_trajectory, 0, 3);
    const struct figure_panel *panel = &bench.figure.panels[0], *means = &bench.figure.panels[1];
    cr_assert(!panel->ordered && panel->series_count >= 4);
    static const uint32_t colors[] = {0, 1, 2, 2};
    for (size_t s = 0; s < 4; s++) {
        cr_expect_eq(panel->series[s].color, colors[s], "%s", panel->series[s].label);
        cr_expect_eq(panel->series[s].shape, s, "%s", panel->series[s].label);
        cr_expect(means->series[s].color == colors[s] && means->series[s].shape == s, "the means look the same");
    }
    bench_finish(&bench);
    bench_init(&bench, few_temperatures, NO_CRYSTAL, &picture_trajectory, 2, 1);
    panel = &bench.figure.panels[0];
    cr_expect(panel->ordered && panel->series[0].color == 0 && panel->series[1].color == 1, "temperatures do here");
    bench_finish(&bench);
}

/* The counts that the fixture makes are thermal. */
Test(pictures, one_structure_is_not_several)
{
    struct bench bench;
    bench_init(&bench, one_species, "UPDATE pdf SET kind = 'inherent', frames = 1 + (segment = 1)", &picture_aging, 0,
               1);
    const struct figure_panel *panel = &bench.figure.panels[0];
    cr_assert(bench.figure.panel_count == 1 && panel->series_count == 2);
    cr_expect_str_eq(panel->series[0].label, "early: 1 structure");
    cr_expect_str_eq(panel->series[1].label, "late: 2 structures");
    bench_finish(&bench);
}
