#include "tests/support/golden_files.h"
#include "tests/support/lattices.h"
#include "tests/support/random_configuration.h"
#include "worker/structure/laves.h"

#include <criterion/criterion.h>

static struct laves find(struct configuration *c)
{
    static const struct voronoi_options plain;
    struct voronoi voronoi;
    struct laves laves;
    struct error err;
    cr_assert_eq(voronoi_init(&voronoi, c, &plain, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(laves_find(&voronoi, c, NULL, &laves, &err), STATUS_OK);
    voronoi_finish(&voronoi);
    configuration_finish(c);
    return laves;
}

static uint32_t large_atoms(const struct configuration *c)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->atoms; i++)
        count += c->type[i] == ATOM_LARGE;
    return count;
}

static void expect(struct configuration c, enum laves_polytype polytype, double cubic)
{
    const uint32_t atoms = c.atoms, large = large_atoms(&c);
    const struct laves laves = find(&c);
    cr_assert_eq(laves.polytype, polytype, "%s: %u cubic, %u hexagonal of %u sites",
                 laves_polytype_names[laves.polytype], laves.cubic, laves.hexagonal, laves.sites);
    cr_assert_eq(laves.sites, large);
    cr_assert_eq(laves.cubic + laves.hexagonal, large);
    cr_assert_float_eq(laves.cubic, cubic * large, 0.5);
    cr_assert_eq(laves.atoms, atoms);
    cr_assert_eq(laves.largest, atoms);
}

Test(laves, perfect_phases_are_told_apart)
{
    expect(lattice_c15(2), LAVES_C15, 1.0);
    expect(lattice_c15(3), LAVES_C15, 1.0);
    expect(lattice_c14(3, 2), LAVES_C14, 0.0);
    expect(lattice_c36(3, 1), LAVES_MIXED, 0.5);
}

Test(laves, noise_of_two_hundredths_leaves_them_what_they_are)
{
    struct configuration c15 = lattice_c15(3), c14 = lattice_c14(4, 2), c36 = lattice_c36(4, 1);
    lattice_shake(&c15, 0.02, 1);
    lattice_shake(&c14, 0.02, 2);
    lattice_shake(&c36, 0.02, 3);
    expect(c15, LAVES_C15, 1.0);
    expect(c14, LAVES_C14, 0.0);
    expect(c36, LAVES_MIXED, 0.5);
}

Test(laves, chemical_disorder_does_not_hide_the_phase)
{
    struct configuration c = golden_configuration("c15_disordered_5050_V0.767.data");
    const struct laves laves = find(&c);
    cr_assert_eq(laves.polytype, LAVES_C15);
    cr_assert_eq(laves.sites, 216);
}

Test(laves, other_phases_have_none)
{
    static const char *const files[] = {"liquid_T0.80.data", "b2_V0.767_noise0.005.data",
                                        "fcc_large_V0.930_noise0.005.data", "fcc_large_V0.930.data"};
    for (int n = 0; n < 4; n++) {
        struct configuration c = golden_configuration(files[n]);
        const struct laves laves = find(&c);
        cr_assert_eq(laves.polytype, LAVES_NONE, "%s", files[n]);
        cr_assert_eq(laves.atoms, 0);
    }
}
