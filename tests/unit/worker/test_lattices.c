#include "worker/build/lattices.h"

#include "common/supercell.h"

#include <criterion/criterion.h>
#include <math.h>

static struct lattice ideal(enum lattice_kind kind)
{
    struct lattice_shape shape = lattice_ideal_shape(kind);
    return lattice_make(kind, &shape);
}

/* Neighbours of atom i within `radius` of the configuration, by the minimum image. */
static int count_neighbours(const struct configuration *c, uint32_t i, double radius)
{
    int count = 0;
    for (uint32_t j = 0; j < c->atoms; j++) {
        double r_sq = 0;
        for (int d = 0; d < 3; d++) {
            double x = c->position[d][j] - c->position[d][i];
            x -= c->box[d] * rint(x / c->box[d]);
            r_sq += x * x;
        }
        count += j != i && r_sq < radius * radius;
    }
    return count;
}

struct coordination_row {
    enum lattice_kind kind;
    uint32_t basis;
    double radius; /* at volume 1 per atom, between the shell and the next */
    int large, small;
};

/* fcc and hcp 12; B2 8 + 6; C11b as a bcc superlattice 8 + 6; Laves phases Z16 and Z12 (Frank & Kasper). */
static const struct coordination_row COORDINATION[] = {
    {LATTICE_FCC, 4, 1.3, 12, 0},    {LATTICE_HCP, 4, 1.3, 12, 0},    {LATTICE_B2, 2, 1.4, 14, 14},
    {LATTICE_C11B, 6, 1.4, 14, 14},  {LATTICE_C14, 24, 1.40, 16, 12}, {LATTICE_C15, 24, 1.40, 16, 12},
    {LATTICE_C36, 48, 1.40, 16, 12},
};

Test(lattices, every_atom_has_the_coordination_number_of_its_site)
{
    for (size_t row = 0; row < sizeof COORDINATION / sizeof COORDINATION[0]; row++) {
        const struct coordination_row *want = &COORDINATION[row];
        struct lattice lattice = ideal(want->kind);
        struct configuration c;
        cr_assert_eq(lattice.basis, want->basis);
        cr_assert_eq(lattice_fill(&lattice, lattice_fit_repeats(&lattice, 200), 1.0, &c, NULL), STATUS_OK);
        for (uint32_t i = 0; i < c.atoms; i++) {
            int count = count_neighbours(&c, i, want->radius);
            cr_expect_eq(count, c.type[i] == ATOM_LARGE ? want->large : want->small, "%s atom %u has %d",
                         lattice_names[want->kind], i, count);
        }
        configuration_finish(&c);
    }
}

Test(lattices, cells_have_volume_one_per_atom_and_positions_inside)
{
    for (int kind = 0; kind < LATTICE_KIND_COUNT; kind++) {
        struct lattice lattice = ideal(kind);
        cr_expect_float_eq(lattice.edge[0] * lattice.edge[1] * lattice.edge[2], lattice.basis, 1e-12);
        for (uint32_t i = 0; i < lattice.basis; i++)
            for (int d = 0; d < 3; d++)
                cr_expect(lattice.position[i][d] >= 0 && lattice.position[i][d] < 1);
    }
}

Test(lattices, laves_phases_hold_two_small_atoms_for_each_large_one)
{
    const enum lattice_kind laves[] = {LATTICE_C14, LATTICE_C15, LATTICE_C36};
    for (int i = 0; i < 3; i++) {
        struct lattice lattice = ideal(laves[i]);
        cr_expect_float_eq(lattice_small_fraction(&lattice), 2.0 / 3.0, 1e-15);
    }
}

Test(lattices, sites_may_be_given_by_orbit_or_by_atom)
{
    struct lattice lattice = ideal(LATTICE_B2);
    cr_assert_eq(lattice_set_sites(&lattice, "SS", NULL), STATUS_OK);
    cr_expect_float_eq(lattice_small_fraction(&lattice), 1.0, 0);
    lattice = ideal(LATTICE_FCC);
    cr_assert_eq(lattice_set_sites(&lattice, "LSSS", NULL), STATUS_OK);
    cr_expect_float_eq(lattice_small_fraction(&lattice), 0.75, 0);
}

Test(lattices, sites_of_a_wrong_number_or_letter_are_refused)
{
    struct lattice lattice = ideal(LATTICE_C15);
    cr_expect_eq(lattice_set_sites(&lattice, "LSL", NULL), STATUS_INVALID);
    cr_expect_eq(lattice_set_sites(&lattice, "LX", NULL), STATUS_INVALID);
    cr_expect_eq(lattice_set_sites(&lattice, "", NULL), STATUS_INVALID);
}

struct fit_row {
    enum lattice_kind kind;
    uint32_t wanted, got;
};

static const struct fit_row FITS[] = {
    {LATTICE_FCC, 500, 500}, {LATTICE_FCC, 490, 500},     {LATTICE_B2, 432, 432},  {LATTICE_C15, 648, 648},
    {LATTICE_C15, 500, 648}, {LATTICE_HCP, 500, 512},     {LATTICE_C14, 500, 480}, {LATTICE_C36, 600, 576},
    {LATTICE_C36, 1, 288},   {LATTICE_C15, 32000, 31944},
};

Test(lattices, the_nearest_round_supercell_is_found)
{
    for (size_t i = 0; i < sizeof FITS / sizeof FITS[0]; i++) {
        struct lattice lattice = ideal(FITS[i].kind);
        struct lattice_repeats r = lattice_fit_repeats(&lattice, FITS[i].wanted);
        uint32_t got = lattice.basis * r.count[0] * r.count[1] * r.count[2];
        cr_expect_eq(got, FITS[i].got, "%s %u: %u = %u x %u x %u cells", lattice_names[FITS[i].kind], FITS[i].wanted,
                     got, r.count[0], r.count[1], r.count[2]);
    }
}

/* Common knows the cells that a campaign may ask for, so that it can say before a run what fits. */
Test(lattices, cells_are_those_that_campaigns_count_with)
{
    for (int kind = 0; kind < LATTICE_KIND_COUNT; kind++) {
        struct lattice lattice = ideal((enum lattice_kind)kind);
        struct supercell_cell cell;
        cr_assert(supercell_of_builder((enum builder_kind)(BUILDER_FCC + kind), &cell));
        cr_expect_str_eq(builder_names[BUILDER_FCC + kind], lattice_names[kind]);
        cr_expect_eq(cell.atoms, lattice.basis);
        for (int d = 1; d < 3; d++)
            cr_expect_float_eq(cell.edge[d] / cell.edge[0], lattice.edge[d] / lattice.edge[0], 1e-14, "%s",
                               lattice_names[kind]);
    }
}

Test(lattices, a_filled_box_has_the_wanted_volume_per_atom)
{
    struct lattice lattice = ideal(LATTICE_C36);
    struct configuration c;
    cr_assert_eq(lattice_fill(&lattice, (struct lattice_repeats){{3, 2, 1}}, 0.767, &c, NULL), STATUS_OK);
    cr_expect_eq(c.atoms, 288);
    cr_expect_float_eq(c.box[0] * c.box[1] * c.box[2] / c.atoms, 0.767, 1e-14);
    configuration_finish(&c);
}
