/* test_b2.c - what is B2 and what is not: crystals with noise, mixtures on bcc sites, other phases. */
#include "common/mem.h"
#include "common/rng.h"
#include "tests/support/golden_files.h"
#include "tests/support/lattices.h"
#include "worker/structure/b2.h"

#include <criterion/criterion.h>

static const double bcc[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.5}};
static const double fcc[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {0.5, 0.0, 0.5}, {0.0, 0.5, 0.5}};

enum { CELLS = 6 };

/* CELLS^3 cells at 0.767 sigma^3 per atom, small atoms in the middles. */
static struct configuration make_b2(void)
{
    struct configuration c = lattice_cubic(CELLS, 1.1533, 2, bcc);
    for (uint32_t i = 1; i < c.atoms; i += 2)
        c.type[i] = ATOM_SMALL;
    return c;
}

static struct b2 find(struct configuration *c)
{
    static const struct voronoi_options plain;
    struct voronoi voronoi;
    struct b2 b2;
    struct error err;
    cr_assert_eq(voronoi_init(&voronoi, c, &plain, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(b2_find(&voronoi, c, NULL, &b2, &err), STATUS_OK);
    voronoi_finish(&voronoi);
    configuration_finish(c);
    return b2;
}

Test(b2, a_crystal_is_one_cluster_with_and_without_noise)
{
    static const double noises[] = {0.0, 0.02, 0.05};
    for (int n = 0; n < 3; n++) {
        struct configuration c = make_b2();
        const uint32_t atoms = c.atoms;
        lattice_shake(&c, noises[n], 5);
        const struct b2 b2 = find(&c);
        cr_expect_eq(b2.atoms, atoms, "noise %g: %u of %u", noises[n], b2.atoms, atoms);
        cr_expect_eq(b2.largest, b2.atoms);
    }
}

Test(b2, an_atom_on_the_wrong_site_costs_itself_alone)
{
    struct configuration c = make_b2();
    const uint32_t atoms = c.atoms;
    c.type[100] = c.type[100] == ATOM_LARGE ? ATOM_SMALL : ATOM_LARGE;
    const struct b2 b2 = find(&c);
    cr_expect_eq(b2.atoms, atoms - 1);
    cr_expect_eq(b2.largest, atoms - 1);
}

/* bcc alone is not B2. Of random species 9/256 x 7/64 = 0.4 % of the atoms pass. */
Test(b2, bcc_without_order_of_its_species_is_not_b2)
{
    struct configuration c = make_b2();
    const uint32_t atoms = c.atoms;
    for (uint32_t i = 0; i < atoms; i++)
        c.type[i] = rng_uniform((struct rng_place){3, STREAM_TEST, i, 0}, 0) < 0.5;
    const struct b2 mixed = find(&c);
    cr_expect_lt(mixed.atoms, atoms / 50);
    c = lattice_cubic(CELLS, 1.1533, 2, bcc);
    cr_expect_eq(find(&c).atoms, 0, "one species");
}

/* Half the box B2, the other half bcc of large atoms: the border does not count. */
Test(b2, a_slab_is_counted_without_its_border)
{
    struct configuration c = make_b2();
    for (uint32_t i = 0; i < c.atoms; i++)
        if (c.position[2][i] > 0.499 * c.box[2])
            c.type[i] = ATOM_LARGE;
    const uint32_t atoms = c.atoms;
    const struct b2 b2 = find(&c);
    cr_expect(b2.largest > atoms / 4 && b2.largest < atoms / 2, "%u of %u", b2.largest, atoms);
}

Test(b2, other_phases_have_next_to_none)
{
    static const char *const files[] = {"liquid_T0.80.data", "glass_quench1e6_IS.data",
                                        "c15_disordered_5050_V0.767.data", "fcc_large_V0.930_noise0.005.data",
                                        "fcc_large_V0.930.data"};
    for (int n = 0; n < 5; n++) {
        struct configuration c = golden_configuration(files[n]);
        cr_expect_eq(find(&c).atoms, 0, "%s", files[n]);
    }
    struct configuration c15 = lattice_c15(3), ordered = lattice_cubic(4, 1.5, 4, fcc);
    lattice_shake(&c15, 0.05, 1);
    cr_expect_eq(find(&c15).atoms, 0, "C15");
    for (uint32_t i = 0; i < ordered.atoms; i += 2)
        ordered.type[i] = ATOM_SMALL; /* CuAu: the other crystal of two species that alternate */
    lattice_shake(&ordered, 0.05, 2);
    cr_expect_eq(find(&ordered).atoms, 0, "L1_0");
}

Test(b2, memory_that_runs_out_is_told)
{
    static const struct voronoi_options plain;
    struct configuration c = make_b2();
    struct voronoi voronoi;
    struct b2 b2 = {7, 7};
    enum status status = STATUS_NO_MEMORY;
    cr_assert_eq(voronoi_init(&voronoi, &c, &plain, NULL), STATUS_OK);
    for (uint64_t n = 1; status != STATUS_OK; n++) {
        struct error err = {0};
        cr_assert_lt(n, 100);
        mem_fail_nth(n);
        status = b2_find(&voronoi, &c, NULL, &b2, &err);
        mem_fail_nth(0);
        cr_assert(status == STATUS_OK || (status == STATUS_NO_MEMORY && b2.atoms == 7));
    }
    cr_expect_eq(b2.atoms, c.atoms);
    voronoi_finish(&voronoi);
    configuration_finish(&c);
}
