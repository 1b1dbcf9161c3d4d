#include "common/mem.h"
#include "tests/support/golden_files.h"
#include "tests/support/lattices.h"
#include "worker/structure/local.h"

#include <criterion/criterion.h>
#include <math.h>

static struct error err;

/* How many atoms stand in each environment. */
static void count(struct configuration c, uint32_t out_count[ENVIRONMENT_COUNT])
{
    static const struct voronoi_options plain;
    uint8_t *kind = mem_alloc_array(c.atoms, sizeof *kind);
    cr_assert_eq(environment_classify(&c, &plain, kind, &err), STATUS_OK, "%s", err.message);
    for (int n = 0; n < ENVIRONMENT_COUNT; n++)
        out_count[n] = 0;
    for (uint32_t i = 0; i < c.atoms; i++)
        out_count[kind[i]]++;
    mem_free(kind);
    configuration_finish(&c);
}

Test(environment, crystals_are_one_environment_throughout)
{
    uint32_t found[ENVIRONMENT_COUNT];
    struct configuration c15 = lattice_c15(3);
    lattice_shake(&c15, 0.02, 1);
    count(c15, found);
    cr_assert_eq(found[ENVIRONMENT_LAVES], 648);
    count(golden_configuration("fcc_large_V0.930_noise0.005.data"), found);
    cr_assert_eq(found[ENVIRONMENT_CLOSE_PACKED], 500);
}

Test(environment, a_glass_has_its_icosahedra_and_no_crystal)
{
    uint32_t found[ENVIRONMENT_COUNT];
    count(golden_configuration("glass_quench1e6_IS.xyz"), found);
    cr_assert_eq(found[ENVIRONMENT_LAVES] + found[ENVIRONMENT_CLOSE_PACKED] + found[ENVIRONMENT_INTERFACE], 0);
    cr_assert_eq(found[ENVIRONMENT_ICO], 56);
    cr_assert_eq(found[ENVIRONMENT_OTHER], 444);
}

/* A slab of fcc whose upper half is shaken beyond recognition: the border is interface, what lies deeper is not. */
Test(environment, what_touches_a_crystal_is_its_interface)
{
    static const double fcc[][3] = {{0.1, 0.1, 0.1}, {0.6, 0.6, 0.1}, {0.6, 0.1, 0.6}, {0.1, 0.6, 0.6}};
    struct configuration c = lattice_cubic(7, 1.55, 4, fcc), wild;
    cr_assert_eq(configuration_copy(&c, &wild, &err), STATUS_OK);
    lattice_shake(&wild, 0.35, 2);
    for (uint32_t i = 0; i < c.atoms; i++)
        if (c.position[2][i] > 0.5 * c.box[2])
            for (int k = 0; k < 3; k++)
                c.position[k][i] = wild.position[k][i];
    uint32_t found[ENVIRONMENT_COUNT];
    count(c, found);
    cr_assert_gt(found[ENVIRONMENT_CLOSE_PACKED], 400);
    cr_assert_gt(found[ENVIRONMENT_INTERFACE], 150);
    cr_assert_gt(found[ENVIRONMENT_OTHER], 100);
    configuration_finish(&wild);
}

Test(local, means_and_spreads_are_those_of_each_group)
{
    const uint8_t type[] = {0, 0, 0, 1},
                  kind[] = {ENVIRONMENT_ICO, ENVIRONMENT_ICO, ENVIRONMENT_OTHER, ENVIRONMENT_ICO};
    const double energy[] = {-7.0, -8.0, -6.0, -5.0}, volume[] = {0.7, 0.9, 0.8, 0.6};
    struct local_summary local[2][ENVIRONMENT_COUNT];
    local_summarise(4, type, kind, energy, volume, local);
    const struct local_summary *pair = &local[ATOM_LARGE][ENVIRONMENT_ICO];
    cr_assert_eq(pair->count, 2);
    cr_assert_float_eq(pair->energy_mean, -7.5, 1e-12);
    cr_assert_float_eq(pair->energy_sd, sqrt(0.5), 1e-12);
    cr_assert_float_eq(pair->volume_sd, sqrt(0.02), 1e-12);
    cr_assert_eq(local[ATOM_LARGE][ENVIRONMENT_OTHER].count, 1);
    cr_assert_eq(local[ATOM_LARGE][ENVIRONMENT_OTHER].energy_sd, 0.0);
    cr_assert_eq(local[ATOM_SMALL][ENVIRONMENT_LAVES].count, 0);
    cr_assert_eq(local[ATOM_SMALL][ENVIRONMENT_LAVES].energy_mean, 0.0);
}
