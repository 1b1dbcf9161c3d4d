#include "common/mem.h"
#include "tests/support/lattices.h"
#include "worker/structure/clusters.h"

#include <criterion/criterion.h>
#include <math.h>

/* A simple cubic lattice of 6^3 atoms, one sigma apart, along x fastest. Cells of neighbours share faces only along the
 * edges of the lattice. */
struct grid {
    struct configuration configuration;
    struct voronoi voronoi;
    bool *chosen;
};

static struct grid make_grid(void)
{
    static const double places[][3] = {{0.25, 0.25, 0.25}};
    static const struct voronoi_options plain;
    struct grid grid = {.configuration = lattice_cubic(6, 1.0, 1, places)};
    struct error err;
    cr_assert_eq(voronoi_init(&grid.voronoi, &grid.configuration, &plain, &err), STATUS_OK);
    grid.chosen = mem_alloc_array(216, sizeof *grid.chosen);
    return grid;
}

static void choose(struct grid *grid, int x, int y, int z)
{
    grid->chosen[(x + 6) % 6 + 6 * ((y + 6) % 6) + 36 * ((z + 6) % 6)] = true;
}

static struct clusters find(struct grid *grid)
{
    struct clusters clusters;
    struct error err;
    cr_assert_eq(clusters_find(&grid->voronoi, &grid->configuration, grid->chosen, &clusters, &err), STATUS_OK);
    voronoi_finish(&grid->voronoi);
    configuration_finish(&grid->configuration);
    mem_free(grid->chosen);
    return clusters;
}

Test(clusters, nothing_chosen_is_no_cluster)
{
    struct grid grid = make_grid();
    const struct clusters clusters = find(&grid);
    cr_assert_eq(clusters.count, 0);
    cr_assert_eq(clusters.weight_average, 0.0);
}

Test(clusters, sizes_and_their_weight_average)
{
    struct grid grid = make_grid();
    choose(&grid, 0, 0, 0);
    choose(&grid, 2, 0, 0);
    choose(&grid, 3, 0, 0);
    choose(&grid, 3, 1, 0);
    choose(&grid, 0, 3, 3);
    const struct clusters clusters = find(&grid);
    cr_assert_eq(clusters.count, 3);
    cr_assert_eq(clusters.largest, 3);
    cr_assert_float_eq(clusters.weight_average, (1.0 + 9.0 + 1.0) / 5.0, 1e-12);
}

Test(clusters, a_row_across_the_border_has_the_gyration_of_a_row)
{
    struct grid grid = make_grid();
    for (int x = -2; x < 2; x++)
        choose(&grid, x, 5, 0);
    const struct clusters clusters = find(&grid);
    cr_assert_eq(clusters.largest, 4);
    cr_assert_float_eq(clusters.radius_of_gyration, sqrt(1.25), 1e-12);
    cr_assert_not(clusters.percolates[0]);
}

Test(clusters, a_row_around_the_box_percolates_along_it_only)
{
    struct grid grid = make_grid();
    for (int y = 0; y < 6; y++)
        choose(&grid, 2, y, 4);
    const struct clusters clusters = find(&grid);
    cr_assert(clusters.percolates[1]);
    cr_assert_not(clusters.percolates[0]);
    cr_assert_not(clusters.percolates[2]);
    cr_assert_eq(clusters.radius_of_gyration, 0.0);
}

Test(clusters, touching_both_faces_without_meeting_is_no_percolation)
{
    struct grid grid = make_grid();
    for (int x = 0; x < 6; x++)
        choose(&grid, x, x < 3 ? 0 : 2, 0);
    choose(&grid, 2, 1, 0);
    choose(&grid, 2, 2, 0);
    const struct clusters clusters = find(&grid);
    cr_assert_eq(clusters.count, 1);
    cr_assert_not(clusters.percolates[0]);
}

Test(clusters, a_staircase_winds_along_two_edges)
{
    struct grid grid = make_grid();
    for (int n = 0; n < 6; n++) {
        choose(&grid, n, n, 1);
        choose(&grid, n + 1, n, 1);
    }
    const struct clusters clusters = find(&grid);
    cr_assert(clusters.percolates[0] && clusters.percolates[1]);
    cr_assert_not(clusters.percolates[2]);
}
