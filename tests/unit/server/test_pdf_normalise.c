#include "server/analysis/pdf_normalise.h"

#include <criterion/criterion.h>
#include <math.h>

enum { BINS = 50, FRAMES = 7 };
static const double bin = 0.05;
static const struct pdf_composition half = {500, 250, 0.767};

static double shell(uint32_t b)
{
    double r1 = b * bin, r2 = (b + 1) * bin;
    return 4.0 / 3.0 * 3.14159265358979323846 * (r2 * r2 * r2 - r1 * r1 * r1);
}

/* Counts of an ideal gas, where each pair of atoms is anywhere: large numbers, so that rounding to whole pairs is
 * small. */
static void ideal_counts(const struct pdf_composition *composition, uint64_t frames, uint64_t *counts)
{
    double small = composition->atoms_small, large = composition->atoms - small;
    double volume = composition->atoms * composition->volume_per_atom;
    double pairs[3] = {large * large / 2.0, large * small, small * small / 2.0};
    for (uint32_t p = 0; p < 3; p++)
        for (uint32_t b = 0; b < BINS; b++)
            counts[p * BINS + b] = (uint64_t)((double)frames * pairs[p] * shell(b) / volume + 0.5);
}

Test(pdf_normalise, an_ideal_gas_has_g_of_one)
{
    const uint64_t frames = 1000000000;
    uint64_t counts[3 * BINS];
    double g[PDF_CURVES * BINS];
    ideal_counts(&half, frames, counts);
    pdf_normalise(&half, frames, bin, BINS, counts, g);
    for (uint32_t i = 0; i < PDF_CURVES * BINS; i++)
        cr_assert_lt(fabs(g[i] - 1.0), 1e-6, "curve %u bin %u: %.17g", i / BINS, i % BINS, g[i]);
}

Test(pdf_normalise, twice_the_frames_with_twice_the_counts_is_the_same)
{
    uint64_t counts[3 * BINS], twice[3 * BINS];
    double g[PDF_CURVES * BINS], g_twice[PDF_CURVES * BINS];
    ideal_counts(&half, FRAMES, counts);
    for (uint32_t i = 0; i < 3 * BINS; i++)
        twice[i] = 2 * counts[i];
    pdf_normalise(&half, FRAMES, bin, BINS, counts, g);
    pdf_normalise(&half, 2 * FRAMES, bin, BINS, twice, g_twice);
    for (uint32_t i = 0; i < PDF_CURVES * BINS; i++)
        cr_assert_eq(g[i], g_twice[i]);
}

Test(pdf_normalise, without_small_atoms_their_curves_are_zero)
{
    static const struct pdf_composition large_only = {500, 0, 0.767};
    uint64_t counts[3 * BINS];
    double g[PDF_CURVES * BINS];
    ideal_counts(&large_only, FRAMES, counts);
    pdf_normalise(&large_only, FRAMES, bin, BINS, counts, g);
    for (uint32_t b = 0; b < BINS; b++) {
        cr_assert_eq(g[BINS + b], 0.0);
        cr_assert_eq(g[2 * BINS + b], 0.0);
        cr_assert_eq(g[b], g[3 * BINS + b]);
    }
}
