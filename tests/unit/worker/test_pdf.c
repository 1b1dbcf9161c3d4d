#include "common/mem.h"
#include "common/segment.h"
#include "tests/support/lattices.h"
#include "tests/support/random_configuration.h"
#include "worker/structure/pdf.h"
#include "worker/structure/signatures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>

static uint64_t *count(const struct configuration *c, double bin, uint32_t bins)
{
    uint64_t *counts = mem_alloc_array((size_t)PDF_PAIRS * bins, sizeof *counts);
    struct error err;
    cr_assert_eq(pdf_accumulate(c, bin, bins, counts, &err), STATUS_OK);
    return counts;
}

Test(pdf, bins_reach_to_half_the_smallest_edge)
{
    cr_assert_eq(pdf_bins((double[3]){10.0, 7.0, 8.0}, 0.02), 175);
    cr_assert_eq(pdf_bins((double[3]){1e9, 1e9, 1e9}, 0.02), PDF_BINS_MAX);
}

Test(pdf, counts_are_those_of_a_double_loop)
{
    struct configuration c = random_gas(200, (double[3]){8.0, 7.0, 9.0}, 31);
    const uint32_t bins = pdf_bins(c.box, 0.05);
    uint64_t *counts = count(&c, 0.05, bins), *expected = mem_alloc_array((size_t)PDF_PAIRS * bins, sizeof *expected);
    for (uint32_t i = 0; i < c.atoms; i++)
        for (uint32_t j = i + 1; j < c.atoms; j++) {
            double r_sq = 0.0;
            for (int k = 0; k < 3; k++) {
                double d = c.position[k][i] - c.position[k][j];
                d -= c.box[k] * rint(d / c.box[k]);
                r_sq += d * d;
            }
            const uint32_t b = (uint32_t)(sqrt(r_sq) / 0.05);
            if (b < bins)
                expected[((uint32_t)c.type[i] + c.type[j]) * bins + b]++;
        }
    cr_assert_arr_eq(counts, expected, PDF_PAIRS * bins * sizeof *counts);
    mem_free(counts);
    mem_free(expected);
    configuration_finish(&c);
}

Test(pdf, a_gas_is_one_everywhere_also_beyond_half_the_box)
{
    struct configuration c = random_gas(400, (double[3]){6.0, 6.0, 6.0}, 37);
    const uint32_t bins = 18;
    uint64_t *counts = count(&c, 0.5, bins);
    for (uint32_t b = 4; b < bins; b++)
        cr_assert_float_eq(pdf_normalise(counts[bins + b], b, 0.5, 216.0, 200, 200, false), 1.0, 0.05, "bin %u", b);
    mem_free(counts);
    configuration_finish(&c);
}

Test(pdf, the_number_of_threads_changes_no_count)
{
    struct configuration c = random_gas(5000, (double[3]){17.0, 18.0, 19.0}, 41);
    omp_set_num_threads(1);
    uint64_t *a = count(&c, 0.02, 150);
    omp_set_num_threads(3);
    uint64_t *b = count(&c, 0.02, 150);
    cr_assert_arr_eq(a, b, 450 * sizeof *a);
    mem_free(a);
    mem_free(b);
    configuration_finish(&c);
}

Test(pdf, rows_of_classes_stand_in_a_triangle)
{
    cr_assert_eq(pdf_class_pairs(2), PDF_PAIRS);
    uint32_t row = 0;
    for (uint32_t high = 0; high < 5; high++)
        for (uint32_t low = 0; low <= high; low++, row++) {
            cr_assert_eq(pdf_class_pair(low, high), row);
            cr_assert_eq(pdf_class_pair(high, low), row);
        }
    cr_assert_eq(pdf_class_pairs(5), row);
}

Test(pdf, merged_classes_have_the_counts_of_the_coarser_ones)
{
    struct configuration c = random_gas(300, (double[3]){7.0, 7.0, 7.0}, 43);
    struct error err;
    const uint8_t coarse_of[5] = {0, 1, 1, 0, 1};
    uint8_t fine[300], coarse[300];
    uint64_t from[15 * 20] = {0}, merged[3 * 20] = {0}, direct[3 * 20] = {0};
    for (uint32_t i = 0; i < c.atoms; i++) {
        fine[i] = (uint8_t)(i * 7 % 5);
        coarse[i] = coarse_of[fine[i]];
    }
    cr_assert_eq(pdf_accumulate_classes(&c, fine, 5, 0.25, 20, from, &err), STATUS_OK);
    cr_assert_eq(pdf_accumulate_classes(&c, coarse, 2, 0.25, 20, direct, &err), STATUS_OK);
    pdf_merge_classes(from, coarse_of, 5, 20, merged);
    cr_assert_arr_eq(merged, direct, sizeof direct);
    configuration_finish(&c);
}

/* Shells of simple cubic: 6 at 1, 12 at sqrt 2, 8 at sqrt 3, 6 at 2, 24 at sqrt 5; the box is 3 wide, so that 2 and
 * sqrt 5 are reached by images only. */
Test(pdf, coordination_counts_the_shells_of_a_crystal_also_by_images)
{
    static const double places[][3] = {{0.25, 0.25, 0.25}};
    static const double expected[] = {0, 6, 18, 26, 32, 56};
    static const double edges[] = {0.9, 1.1, 1.5, 1.8, 2.1, 2.3};
    struct configuration c = lattice_cubic(3, 1.0, 1, places);
    uint64_t *counts = count(&c, 0.1, 24);
    for (int n = 0; n < 6; n++) {
        uint64_t sum = 0;
        for (uint32_t b = 0; b < (uint32_t)(edges[n] * 10.0 + 0.5); b++)
            sum += counts[b];
        cr_assert_float_eq(pdf_coordination(sum, c.atoms, true), expected[n], 1e-12, "within %g", edges[n]);
    }
    cr_assert_eq(pdf_coordination(3, 0, false), 0.0);
    mem_free(counts);
    configuration_finish(&c);
}

/* Every small atom of C15 is icosahedral, and each of its neighbours lies within 0.5 a: 6 small and 6 large ones. */
Test(pdf, icosahedra_of_a_laves_phase_and_their_large_neighbours_are_all_its_atoms)
{
    static const struct voronoi_options plain;
    struct configuration c = lattice_c15(3);
    struct voronoi voronoi;
    struct error err;
    bool is_ico[648];
    uint8_t class_of[648];
    uint32_t ico[2];
    uint64_t counts[10 * 60] = {0}, within[2] = {0};
    lattice_shake(&c, 0.01, 47);
    cr_assert_eq(voronoi_init(&voronoi, &c, &plain, &err), STATUS_OK);
    signatures_count_icosahedral(&voronoi, c.type, is_ico, ico);
    pdf_ico_classes(&voronoi, c.type, is_ico, class_of);
    for (uint32_t i = 0; i < c.atoms; i++)
        cr_assert_eq(class_of[i], c.type[i] == ATOM_SMALL ? PDF_ICO : PDF_ICO_LARGE);
    cr_assert_eq(pdf_accumulate_classes(&c, class_of, PDF_ICO_CLASS_COUNT, 0.02, 60, counts, &err), STATUS_OK);
    for (uint32_t b = 0; b < 60; b++) {
        within[0] += counts[pdf_class_pair(PDF_ICO, PDF_ICO) * 60 + b];
        within[1] += counts[pdf_class_pair(PDF_ICO, PDF_ICO_LARGE) * 60 + b];
    }
    cr_assert_float_eq(pdf_coordination(within[0], 432, true), 6.0, 1e-12);
    cr_assert_float_eq(pdf_coordination(within[1], 432, false), 6.0, 1e-12);
    voronoi_finish(&voronoi);
    configuration_finish(&c);
}
