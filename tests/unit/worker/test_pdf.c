#include "common/mem.h"
#include "common/segment.h"
#include "tests/support/random_configuration.h"
#include "worker/structure/pdf.h"

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
