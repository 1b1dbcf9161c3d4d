/* Scenes: what is drawn is what is there, and nothing is drawn twice. */
#include "worker/structure/scene.h"

#include "tests/support/lattices.h"
#include "worker/structure/signatures.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct voronoi_options plain;

/* A simple cubic lattice of 4^3 atoms, one sigma apart, with a little noise, so that no face is degenerate. */
static struct configuration make_cubes(void)
{
    static const double places[][3] = {{0.25, 0.25, 0.25}};
    return lattice_cubic(4, 1.0, 1, places);
}

static size_t count_group(const struct scene *scene, uint32_t group)
{
    size_t count = 0;
    for (size_t m = 0; m < scene->count; m++)
        count += scene->marks[m].group == group;
    return count;
}

static double length_of(const struct scene_mark *mark)
{
    return hypot(mark->vector[0], mark->vector[1]);
}

/* Inside the box a bond is one stick, across its border two: so their number follows from the faces. */
Test(scene, every_bond_is_drawn_once_or_as_two_halves)
{
    struct configuration cubes = make_cubes();
    struct voronoi voronoi;
    struct scene scene;
    struct error err = {0};
    cr_assert_eq(voronoi_init(&voronoi, &cubes, &plain, &err), STATUS_OK);
    cr_assert_eq(scene_bonds_init(&scene, &cubes, &voronoi, &err), STATUS_OK, "%s", err.message);
    size_t inside = 0, across = 0;
    for (uint32_t f = 0; f < voronoi.first[voronoi.atoms]; f++) {
        const int8_t *image = voronoi.face[f].image;
        if (image[0] || image[1] || image[2])
            across++;
        else
            inside++;
    }
    size_t sticks = 0;
    for (uint32_t n = SCENE_BONDS_N_FIRST; n <= SCENE_BONDS_N_LAST; n++)
        sticks += count_group(&scene, BONDS_N3 + n - SCENE_BONDS_N_FIRST);
    cr_assert_eq(sticks, inside / 2 + across);
    cr_assert_eq(count_group(&scene, BONDS_LARGE) + count_group(&scene, BONDS_SMALL), 64);
    cr_assert_eq(count_group(&scene, BONDS_FRAME), 12 * 8);
    scene_finish(&scene);
    voronoi_finish(&voronoi);
    configuration_finish(&cubes);
}

Test(scene, depths_run_from_zero_to_one_and_the_projection_keeps_no_length_longer)
{
    struct configuration cubes = make_cubes();
    struct voronoi voronoi;
    struct scene scene;
    struct error err = {0};
    double low = INFINITY, high = -INFINITY;
    cr_assert_eq(voronoi_init(&voronoi, &cubes, &plain, &err), STATUS_OK);
    cr_assert_eq(scene_bonds_init(&scene, &cubes, &voronoi, &err), STATUS_OK);
    for (size_t m = 0; m < scene.count; m++) {
        low = fmin(low, scene.marks[m].depth);
        high = fmax(high, scene.marks[m].depth);
        if (scene.marks[m].group == BONDS_FRAME)
            cr_assert_leq(length_of(&scene.marks[m]), cubes.box[0] / 8 + 1e-12);
    }
    cr_assert_eq(low, 0.0);
    cr_assert_eq(high, 1.0);
    scene_finish(&scene);
    voronoi_finish(&voronoi);
    configuration_finish(&cubes);
}

/* The number of icosahedral atoms is that of signatures.h, and each is a dot of its own group. */
Test(scene, the_network_has_the_icosahedra_that_there_are)
{
    struct configuration configuration = lattice_c15(2);
    struct voronoi voronoi;
    struct scene scene;
    struct error err = {0};
    uint32_t count[2];
    cr_assert_eq(voronoi_init(&voronoi, &configuration, &plain, &err), STATUS_OK);
    signatures_count_icosahedral(&voronoi, configuration.type, NULL, count);
    cr_assert_eq(count[ATOM_SMALL], configuration.atoms * 2 / 3);
    cr_assert_eq(scene_network_init(&scene, &configuration, &voronoi, &err), STATUS_OK);
    cr_assert_eq(count_group(&scene, NETWORK_ICO_SMALL), count[ATOM_SMALL]);
    cr_assert_eq(count_group(&scene, NETWORK_ICO_LARGE), 0);
    cr_assert_eq(count_group(&scene, NETWORK_OTHER), configuration.atoms / 3);
    cr_assert_gt(count_group(&scene, NETWORK_BOND), 0);
    scene_finish(&scene);
    voronoi_finish(&voronoi);
    configuration_finish(&configuration);
}

/* Four atoms move by known lengths, the rest stays. */
Test(scene, movers_are_arrows_by_how_many_thresholds_they_went)
{
    static const double lengths[4] = {0.29, 0.31, 0.65, 2.5};
    struct configuration cubes = make_cubes();
    struct voronoi voronoi;
    struct displacement displacement = {0};
    struct scene scene;
    struct error err = {0};
    cr_assert_eq(voronoi_init(&voronoi, &cubes, &plain, &err), STATUS_OK);
    cr_assert_eq(displacement_init(&cubes, &cubes, &displacement, &err), STATUS_OK);
    for (int n = 0; n < 4; n++)
        displacement.vector[n % 3][10 + n] = lengths[n];
    cr_assert_eq(scene_displacement_init(&scene, &cubes, &voronoi, &displacement, 0.3, &err), STATUS_OK);
    for (uint32_t group = MOVED_FAR; group < MOVED_FAR + SCENE_MOVED_CLASSES; group++)
        cr_assert_eq(count_group(&scene, group), 1, "group %u", group);
    cr_assert_eq(count_group(&scene, MOVED_OTHER) + count_group(&scene, MOVED_ICO), 61);
    scene_finish(&scene);
    displacement_finish(&displacement);
    voronoi_finish(&voronoi);
    configuration_finish(&cubes);
}
