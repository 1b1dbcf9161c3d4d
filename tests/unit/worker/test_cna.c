#include "tests/support/golden_files.h"
#include "tests/support/lattices.h"
#include "worker/structure/cna.h"

#include <criterion/criterion.h>

static void expect(struct configuration c, double cutoff, enum cna_kind kind)
{
    uint8_t kinds[4096];
    struct error err;
    cr_assert_leq(c.atoms, 4096);
    cr_assert_eq(cna_classify(&c, cutoff, kinds, &err), STATUS_OK);
    for (uint32_t i = 0; i < c.atoms; i++)
        cr_assert_eq(kinds[i], kind, "atom %u is %s", i, cna_names[kinds[i]]);
    configuration_finish(&c);
}

static const double fcc[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {0.5, 0.0, 0.5}, {0.0, 0.5, 0.5}};
static const double bcc[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.5}};

Test(cna, crystals_are_recognised_at_any_scale_without_a_cutoff)
{
    for (double scale = 0.5; scale < 3.0; scale *= 1.7) {
        expect(lattice_cubic(3, 1.5 * scale, 4, fcc), 0.0, CNA_FCC);
        expect(lattice_cubic(4, 1.2 * scale, 2, bcc), 0.0, CNA_BCC);
    }
}

Test(cna, a_fixed_cutoff_between_the_shells_does_too)
{
    expect(lattice_cubic(3, 1.5, 4, fcc), 1.3, CNA_FCC);
    expect(lattice_cubic(4, 1.2, 2, bcc), 1.4, CNA_BCC);
    expect(lattice_cubic(3, 1.5, 4, fcc), 1.6, CNA_OTHER);
}

Test(cna, one_cell_of_a_crystal_is_that_crystal)
{
    expect(lattice_cubic(1, 1.5, 4, fcc), 0.0, CNA_FCC);
    expect(lattice_cubic(1, 1.2, 2, bcc), 0.0, CNA_BCC);
}

Test(cna, noise_of_five_hundredths_does_not_hide_fcc)
{
    struct configuration c = lattice_cubic(5, 1.55, 4, fcc);
    lattice_shake(&c, 0.05, 3);
    expect(c, 0.0, CNA_FCC);
}

Test(cna, small_sites_of_a_laves_phase_are_icosahedral)
{
    struct configuration c = lattice_c15(2);
    uint8_t kinds[256];
    struct error err;
    cr_assert_eq(cna_classify(&c, 0.0, kinds, &err), STATUS_OK);
    for (uint32_t i = 0; i < c.atoms; i++)
        cr_assert_eq(kinds[i], c.type[i] == ATOM_SMALL ? CNA_ICO : CNA_OTHER);
    configuration_finish(&c);
}
