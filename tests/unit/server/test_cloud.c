/* test_cloud.c - the line through inherent structures on stored rows. */
#include "server/cmd/pictures/cloud.h"

#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>

static const char isotherms[] = "campaign: clouds\n"
                                "seed: 7\n"
                                "system: {atoms: 300, small_fraction: 0.5}\n"
                                "ensembles:\n"
                                "  - name: glass\n"
                                "    mode: isotherm\n"
                                "    temperatures: [0.7]\n"
                                "    replicas: 8\n"
                                "    segment_steps: 400\n"
                                "    steps: 4000\n"
                                "    prepare: [build: random, hold: {temperature: 2.0, steps: 400}]\n"
                                "    sample: {thermal: 0, inherent: 100}\n";

/* Along -6.96 - 1.2 x with a little scatter, until it crystallises at step 2000 * (replica is odd). */
static const char glass_and_crystals[] =
    "UPDATE sample_inherent SET b2_largest = 0, laves_largest = 0, close_packed_largest = 0,"
    " ico_fraction = 0.10 + 0.01 * replica + 0.00001 * step + 0.002 * ((step / 100) % 3 - 1);"
    "UPDATE sample_inherent SET energy_inherent = -6.96 - 1.2 * ico_fraction + 0.002 * ((step / 100) % 5 - 2);"
    "UPDATE sample_inherent SET close_packed_largest = 0.6, ico_fraction = 0, energy_inherent = -8.4"
    " WHERE step >= 2000 AND replica % 2 = 1";

struct scene {
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct sample_cache *cache;
    struct figure_panel panel;
    struct cloud cloud;
};

static void scene_init(struct scene *scene, const char *sql)
{
    struct error err = {0};
    const struct selection everything = {0};
    *scene = (struct scene){0};
    fixture_init(&scene->fixture, isotherms);
    fixture_run(&scene->fixture, 10, 0);
    store_close(&scene->fixture.store);
    fixture_sql(scene->fixture.path, sql);
    cr_assert_eq(reading_open(scene->fixture.path, &scene->reading, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(reading_select(&scene->reading, &everything, &scene->list, &err), STATUS_OK);
    cr_assert_eq(sample_cache_create(&scene->reading, picture_quantities, PICTURE_QUANTITIES, &scene->cache, &err),
                 STATUS_OK);
    cr_assert_eq(cloud_read(&scene->cloud, scene->cache, &scene->list.items[0], &err), STATUS_OK, "%s", err.message);
}

static void scene_finish(struct scene *scene)
{
    struct figure figure = {.panel_count = 1, .panels = {scene->panel}};
    figure_finish(&figure);
    cloud_finish(&scene->cloud);
    sample_cache_destroy(&scene->cache);
    selected_list_finish(&scene->list);
    reading_finish(&scene->reading);
    fixture_finish(&scene->fixture);
}

Test(cloud, crystals_are_points_and_do_not_bend_the_line)
{
    struct scene scene;
    struct trajectory_fit fit;
    struct error err = {0};
    bool drawn;
    scene_init(&scene, glass_and_crystals);
    cr_assert_eq(cloud_draw_fit(&scene.cloud, 0, &scene.panel, &fit, &drawn, &err), STATUS_OK, "%s", err.message);
    cr_assert(drawn);
    cr_expect_float_eq(fit.slope.value, -1.2, 0.02, "%g", fit.slope.value);
    cr_expect_float_eq(fit.intercept.value, -6.96, 0.01, "%g", fit.intercept.value);
    const struct figure_series *line = &scene.panel.series[1];
    cr_expect(line->x[0] > 0.09, "the line begins where the glass does, not at the crystals: %g", line->x[0]);
    cr_assert_eq(cloud_draw(&scene.cloud, STORE_ANY, &scene.panel, &err), STATUS_OK);
    cr_expect_eq(scene.panel.series[2].count, 8 * 40, "all of them are points");
    scene_finish(&scene);
}

Test(cloud, a_cloud_of_crystals_has_no_line)
{
    struct scene scene;
    struct trajectory_fit fit;
    struct error err = {0};
    bool drawn = true;
    scene_init(&scene, "UPDATE sample_inherent SET laves_largest = 0.9");
    cr_assert_eq(cloud_draw_fit(&scene.cloud, 0, &scene.panel, &fit, &drawn, &err), STATUS_OK);
    cr_expect(!drawn && scene.panel.series_count == 0);
    scene_finish(&scene);
}
