/* Static energies against numbers from elsewhere: golden/eos/README.md. */
#include "worker/eos/eos.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { COLUMNS = 4 };
static const char *const COLUMN_PHASES[COLUMNS] = {"fcc_large", "hcp_large", "C15", "B2"};

static struct potential wahnstrom(enum cut_kind cut)
{
    return potential_make(POTENTIAL_WAHNSTROM, cut, 2.5);
}

static struct phase phase_named(const char *name)
{
    struct phase phase;
    struct error err = {0};
    cr_assert_eq(phase_find(name, &phase, &err), STATUS_OK, "%s", err.message);
    return phase;
}

static void compare_row(const char *line, const struct potential *potential)
{
    double volume, energy[COLUMNS];
    cr_assert_eq(sscanf(line, "%lf,%lf,%lf,%lf,%lf", &volume, &energy[0], &energy[1], &energy[2], &energy[3]), 5);
    for (int c = 0; c < COLUMNS; c++) {
        struct phase phase = phase_named(COLUMN_PHASES[c]);
        double ours = eos_point_at(potential, &phase, EOS_IDEAL, volume).energy;
        cr_expect_float_eq(ours, energy[c], 1.6e-8, "%s at %g: %.10f, not %.8f", phase.name, volume, ours, energy[c]);
    }
}

Test(eos, ideal_crystals_have_the_reference_energies_at_every_volume)
{
    FILE *file = fopen(GOLDEN_DIR "/eos/eos_shifted.csv", "r");
    cr_assert_not_null(file);
    struct potential potential = wahnstrom(CUT_SHIFTED);
    char line[256];
    int rows = 0;
    cr_assert_not_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); rows++)
        compare_row(line, &potential);
    fclose(file);
    cr_assert_eq(rows, 33);
}

struct two_phase_row {
    enum cut_kind cut;
    enum eos_geometry geometry;
    double energy, energy_tolerance, volume_a, volume_b, volume_tolerance;
};

static const struct two_phase_row TWO_PHASE[] = {
    {CUT_SHIFTED, EOS_IDEAL, -7.6989, 5e-5, 0.6872, 1.0065, 5e-5},
    {CUT_SHIFTED, EOS_RELAXED, -7.6989, 5e-5, 0.6872, 1.0065, 5e-5},
    {CUT_TRUNCATED, EOS_IDEAL, -8.166, 5e-4, 0.6933, 0.9882, 5e-5},
    {CUT_TRUNCATED, EOS_RELAXED, -8.166, 5e-4, 0.6933, 0.9882, 2e-4},
};

Test(eos, laves_phase_beside_large_hcp_has_the_published_energy_and_volumes)
{
    struct phase laves = phase_named("C15"), hcp = phase_named("hcp_large");
    for (size_t i = 0; i < sizeof TWO_PHASE / sizeof TWO_PHASE[0]; i++) {
        const struct two_phase_row *row = &TWO_PHASE[i];
        struct potential potential = wahnstrom(row->cut);
        struct eos_two_phase found;
        cr_assert_eq(eos_two_phase(&potential, &laves, &hcp, row->geometry, 0.5, 0.767, &found, NULL), STATUS_OK);
        cr_expect_float_eq(found.energy, row->energy, row->energy_tolerance, "row %zu: E %.6f", i, found.energy);
        cr_expect_float_eq(found.a.volume, row->volume_a, row->volume_tolerance, "row %zu", i);
        cr_expect_float_eq(found.b.volume, row->volume_b, row->volume_tolerance, "row %zu", i);
        cr_expect_float_eq(found.fraction_a, 0.75, 1e-12);
    }
}

Test(eos, relaxed_laves_phases_order_c14_c36_c15_by_about_0_004_each)
{
    struct potential potential = wahnstrom(CUT_SHIFTED);
    const char *names[] = {"C14", "C36", "C15"};
    double energy[3];
    for (int i = 0; i < 3; i++) {
        struct phase phase = phase_named(names[i]);
        energy[i] = eos_point_at(&potential, &phase, EOS_RELAXED, 0.767).energy;
    }
    cr_expect_float_eq(energy[1] - energy[0], 0.004, 0.001, "C36 - C14 %.5f", energy[1] - energy[0]);
    cr_expect_float_eq(energy[2] - energy[1], 0.004, 0.001, "C15 - C36 %.5f", energy[2] - energy[1]);
}

/* dE/dV = -P of a phase, epsilon/sigma^3. */
static double slope(const struct potential *potential, const struct phase *phase, double volume)
{
    const double h = 1e-5;
    return (eos_point_at(potential, phase, EOS_IDEAL, volume + h).energy -
            eos_point_at(potential, phase, EOS_IDEAL, volume - h).energy) /
           (2 * h);
}

Test(eos, phases_side_by_side_have_one_pressure)
{
    const char *pairs[][2] = {{"C15", "hcp_large"}, {"C14", "fcc_large"}, {"fcc_small", "B2"}, {"B2", "hcp_large"}};
    const double small_fraction[] = {0.5, 0.4, 0.7, 0.3}, volume[] = {0.767, 0.8, 0.65, 0.85};
    struct potential potential = wahnstrom(CUT_FORCE_SHIFTED); /* without a kink at the cut, so that slopes exist */
    for (int i = 0; i < 4; i++) {
        struct phase a = phase_named(pairs[i][0]), b = phase_named(pairs[i][1]);
        struct eos_two_phase found;
        cr_assert_eq(eos_two_phase(&potential, &a, &b, EOS_IDEAL, small_fraction[i], volume[i], &found, NULL),
                     STATUS_OK);
        double slope_a = slope(&potential, &a, found.a.volume), slope_b = slope(&potential, &b, found.b.volume);
        cr_expect_float_eq(slope_a, slope_b, 1e-4, "%s %.6f, %s %.6f", a.name, slope_a, b.name, slope_b);
        cr_expect_float_eq(found.fraction_a * found.a.volume + (1 - found.fraction_a) * found.b.volume, volume[i],
                           1e-12);
    }
}

Test(eos, a_pair_that_cannot_hold_the_composition_is_refused)
{
    struct potential potential = wahnstrom(CUT_SHIFTED);
    struct phase c14 = phase_named("C14"), c15 = phase_named("c15"), b2 = phase_named("b2:LS");
    struct eos_two_phase found;
    cr_expect_eq(eos_two_phase(&potential, &c14, &c15, EOS_IDEAL, 0.5, 0.767, &found, NULL), STATUS_INVALID);
    cr_expect_eq(eos_two_phase(&potential, &c14, &b2, EOS_IDEAL, 0.5, 0.767, &found, NULL), STATUS_INVALID);
    cr_expect_eq(eos_two_phase(&potential, &c14, &b2, EOS_IDEAL, 0.6, 0.767, &found, NULL), STATUS_OK);
}

Test(eos, unknown_phases_are_refused)
{
    struct phase phase;
    cr_expect_eq(phase_find("C16", &phase, NULL), STATUS_INVALID);
    cr_expect_eq(phase_find("fcc:LL", &phase, NULL), STATUS_INVALID);
    cr_expect_eq(phase_find("foo:L", &phase, NULL), STATUS_INVALID);
}
