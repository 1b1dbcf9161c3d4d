/* Starting states against configurations of the same kinds made with LAMMPS and analysed with voro++ 0.4.6: energies
 * per atom (shifted, cut at 2.5) and icosahedral fractions. golden/eos/README.md says where from. */
#include "worker/build/build.h"
#include "worker/md/force.h"
#include "worker/structure/signatures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct potential wahnstrom(void)
{
    return potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
}

static struct configuration build(const struct build_spec *spec, struct build_report *report)
{
    struct configuration c;
    struct error err = {0};
    cr_assert_eq(build_make(spec, &c, report, &err), STATUS_OK, "%s", err.message);
    return c;
}

static double energy_per_atom(const struct configuration *c)
{
    struct potential potential = wahnstrom();
    struct force_sums sums;
    double *force[3];
    for (int d = 0; d < 3; d++)
        force[d] = calloc(c->atoms, sizeof(double));
    cr_assert_eq(force_compute(&potential, c, force, NULL, &sums, NULL), STATUS_OK);
    for (int d = 0; d < 3; d++)
        free(force[d]);
    return sums.energy / c->atoms;
}

/* Of small and large atoms. */
static void icosahedral_counts(const struct configuration *c, uint32_t count[2])
{
    const struct voronoi_options plain = {0};
    struct voronoi voronoi;
    cr_assert_eq(voronoi_init(&voronoi, c, &plain, NULL), STATUS_OK);
    signatures_count_icosahedral(&voronoi, c->type, NULL, count);
    voronoi_finish(&voronoi);
}

struct crystal_row {
    enum build_kind kind;
    uint32_t atoms;
    double volume, energy;
};

static const struct crystal_row CRYSTALS[] = {
    {BUILD_C15, 648, 0.767, -7.313403061517765},
    {BUILD_C15, 648, 0.690, -7.816272774111715},
    {BUILD_B2, 432, 0.767, -7.323455781901396},
};

Test(builders, supercells_have_the_reference_energies)
{
    for (size_t i = 0; i < sizeof CRYSTALS / sizeof CRYSTALS[0]; i++) {
        const struct crystal_row *row = &CRYSTALS[i];
        struct build_report report;
        struct configuration c = build(&(struct build_spec){.kind = row->kind,
                                                            .atoms = row->atoms,
                                                            .small_fraction = -1,
                                                            .cutoff = 2.5,
                                                            .volume_per_atom = row->volume},
                                       &report);
        cr_expect_eq(report.atoms, row->atoms);
        cr_expect_float_eq(energy_per_atom(&c), row->energy, 1e-11, "%s at %g: %.13f", build_names[row->kind],
                           row->volume, energy_per_atom(&c));
        configuration_finish(&c);
    }
}

Test(builders, every_small_atom_of_a_laves_phase_is_icosahedral_and_no_large_one)
{
    const enum build_kind laves[] = {BUILD_C14, BUILD_C15, BUILD_C36};
    for (int i = 0; i < 3; i++) {
        struct build_report report;
        struct configuration c =
            build(&(struct build_spec){.kind = laves[i], .atoms = 600, .small_fraction = -1, .cutoff = 2.5}, &report);
        uint32_t icosahedral[2];
        icosahedral_counts(&c, icosahedral);
        cr_expect_eq(icosahedral[ATOM_SMALL], report.atoms_small, "%s", build_names[laves[i]]);
        cr_expect_eq(icosahedral[ATOM_LARGE], 0, "%s", build_names[laves[i]]);
        cr_expect_eq(3 * report.atoms_small, 2 * report.atoms);
        configuration_finish(&c);
    }
}

Test(builders, disordered_c15_keeps_two_thirds_icosahedra_until_it_relaxes)
{
    struct build_report report;
    struct configuration c = build(
        &(struct build_spec){.kind = BUILD_C15_DISORDERED, .atoms = 648, .small_fraction = -1, .cutoff = 2.5}, &report);
    uint32_t icosahedral[2];
    icosahedral_counts(&c, icosahedral);
    cr_expect_eq(report.atoms_small, 324);
    cr_expect_float_eq(report.volume_per_atom, 0.767, 1e-12);
    cr_expect_eq(icosahedral[ATOM_SMALL], 324);
    cr_expect_eq(icosahedral[ATOM_LARGE], 108);
    cr_expect_float_eq(energy_per_atom(&c), -6.67, 0.1, "%g", energy_per_atom(&c)); /* the reference's own: -6.669 */
    configuration_finish(&c);
}

Test(builders, a_relaxed_crystal_is_lower_than_an_ideal_one)
{
    struct build_report report;
    struct build_spec spec = {
        .kind = BUILD_C14, .atoms = 200, .small_fraction = -1, .cutoff = 2.5, .volume_per_atom = 0.767};
    struct configuration ideal = build(&spec, &report);
    spec.is_relaxed = true;
    struct configuration relaxed = build(&spec, &report);
    cr_expect_float_eq(energy_per_atom(&ideal), -7.318146, 1e-6);
    cr_expect_float_eq(energy_per_atom(&relaxed), -7.320518, 1e-6);
    configuration_finish(&ideal);
    configuration_finish(&relaxed);
}

Test(builders, the_minimiser_finds_nothing_left_in_a_relaxed_laves_phase)
{
    const enum build_kind laves[] = {BUILD_C14, BUILD_C36};
    for (int i = 0; i < 2; i++) {
        struct build_report relaxed_report, minimum_report;
        struct build_spec spec = {.kind = laves[i],
                                  .atoms = 300,
                                  .small_fraction = -1,
                                  .volume_per_atom = 0.767,
                                  .cutoff = 2.5,
                                  .is_relaxed = true};
        struct configuration relaxed = build(&spec, &relaxed_report);
        spec.minimum = BUILD_MINIMUM_YES;
        struct configuration minimum = build(&spec, &minimum_report);
        double gain = energy_per_atom(&relaxed) - minimum_report.minimum.energy / minimum_report.atoms;
        cr_expect(minimum_report.minimum.converged);
        cr_expect(gain > -1e-12 && gain < 1e-9, "%s: %g", build_names[laves[i]], gain);
        configuration_finish(&relaxed);
        configuration_finish(&minimum);
    }
}
