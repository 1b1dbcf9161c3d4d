#include "tests/support/random_configuration.h"
#include "worker/md/cells.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Pairs (with images) within the radius of atom i, counted over all images by brute force. */
static uint32_t count_by_brute_force(const struct configuration *c, uint32_t i, double radius)
{
    int reach[3];
    for (int k = 0; k < 3; k++)
        reach[k] = (int)ceil(radius / c->box[k]) + 1;
    uint32_t count = 0;
    for (uint32_t j = 0; j < c->atoms; j++)
        for (int x = -reach[0]; x <= reach[0]; x++)
            for (int y = -reach[1]; y <= reach[1]; y++)
                for (int z = -reach[2]; z <= reach[2]; z++) {
                    const double dx = c->position[0][i] - c->position[0][j] - x * c->box[0];
                    const double dy = c->position[1][i] - c->position[1][j] - y * c->box[1];
                    const double dz = c->position[2][i] - c->position[2][j] - z * c->box[2];
                    count += dx * dx + dy * dy + dz * dz < radius * radius;
                }
    return count;
}

static uint32_t count_in_neighbourhood(const struct neighbourhood *near, uint32_t self, double radius)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < near->count; n++) {
        double r_sq = 0.0;
        for (int k = 0; k < 3; k++) {
            const double d = near->position[k][self] - near->position[k][n];
            r_sq += d * d;
        }
        count += r_sq < radius * radius;
    }
    return count;
}

static void expect_complete(const double box[3], uint32_t atoms, double width, double radius)
{
    struct configuration c = random_gas(atoms, box, 7);
    struct cells cells;
    struct neighbourhood near = {0};
    struct error err;
    uint32_t seen = 0;
    cr_assert_eq(cells_init(&cells, &c, width, &err), STATUS_OK);
    for (uint32_t cell = 0; cell < cells.total; cell++) {
        cr_assert_eq(neighbourhood_collect(&near, &cells, cell, radius, &err), STATUS_OK);
        for (uint32_t n = 0; n < cells.first[cell + 1] - cells.first[cell]; n++, seen++) {
            const uint32_t atom = cells.atom[cells.first[cell] + n];
            cr_assert_eq(near.atom[near.home + n], atom);
            cr_assert_eq(count_in_neighbourhood(&near, near.home + n, radius), count_by_brute_force(&c, atom, radius));
        }
    }
    cr_assert_eq(seen, atoms);
    neighbourhood_finish(&near);
    cells_finish(&cells);
    configuration_finish(&c);
}

Test(cells, a_neighbourhood_holds_every_image_within_the_radius)
{
    expect_complete((double[3]){10.0, 9.0, 11.0}, 150, 1.0, 2.0);
    expect_complete((double[3]){10.0, 9.0, 11.0}, 150, 3.0, 2.0);
    expect_complete((double[3]){10.0, 2.0, 30.0}, 100, 1.3, 2.5);
}

Test(cells, a_box_smaller_than_the_radius_is_repeated)
{
    expect_complete((double[3]){1.1, 0.9, 1.3}, 3, 1.0, 2.5);
    expect_complete((double[3]){1.0, 1.0, 1.0}, 1, 1.0, 3.2);
}

Test(cells, a_dilute_box_does_not_ask_for_more_cells_than_atoms)
{
    struct configuration c = random_gas(5, (double[3]){1e5, 1e5, 1e5}, 3);
    struct cells cells;
    struct error err;
    cr_assert_eq(cells_init(&cells, &c, 1.0, &err), STATUS_OK);
    cr_assert_leq(cells.total, 10);
    cells_finish(&cells);
    configuration_finish(&c);
}

/* A file can hold any box: one that would ask for a billion images is refused before one is collected. */
Test(cells, a_box_with_a_tiny_edge_is_refused_at_once, .timeout = 10)
{
    struct configuration c = random_gas(1, (double[3]){1e-9, 4.0, 4.0}, 7);
    struct cells cells;
    struct neighbourhood near = {0};
    struct error err;
    cr_assert_eq(cells_init(&cells, &c, 1.0, &err), STATUS_OK);
    cr_expect_eq(neighbourhood_collect(&near, &cells, 0, 2.5, &err), STATUS_LIMIT);
    cr_expect_not_null(strstr(err.message, "too small"), "%s", err.message);
    neighbourhood_finish(&near);
    cells_finish(&cells);
    configuration_finish(&c);
}
