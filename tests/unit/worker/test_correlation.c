#include "common/mem.h"
#include "tests/support/lattices.h"
#include "tests/support/random_configuration.h"
#include "worker/structure/correlation.h"
#include "worker/structure/pdf.h"
#include "worker/structure/reciprocal.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>

static struct error err;

static struct spectrum spectrum_of(const struct configuration *c, const double *weight, double q_max, double bin)
{
    const struct spectrum_options options = {q_max, bin};
    struct spectrum spectrum;
    cr_assert_eq(spectrum_init(&spectrum, c, weight, &options, &err), STATUS_OK, "%s", err.message);
    return spectrum;
}

Test(spectrum, is_the_plain_sum_over_atoms_at_every_vector)
{
    struct configuration c = random_gas(300, (double[3]){6.0, 7.0, 8.0}, 1);
    double weight[300];
    for (uint32_t i = 0; i < c.atoms; i++)
        weight[i] = random_number(2, i) - 0.4;
    struct spectrum spectrum = spectrum_of(&c, weight, 3.0, 0.25);
    double sum[12] = {0.0}, norm = 0.0;
    struct reciprocal_vector *vectors;
    uint32_t count, found[12] = {0};
    for (uint32_t i = 0; i < c.atoms; i++)
        norm += weight[i] * weight[i];
    cr_assert_eq(reciprocal_list(c.box, 0.0, 3.0, &vectors, &count, &err), STATUS_OK);
    for (uint32_t n = 0; n < count; n++) {
        double real = 0.0, imaginary = 0.0;
        for (uint32_t i = 0; i < c.atoms; i++) {
            double phase = 0.0;
            for (int k = 0; k < 3; k++)
                phase += 2.0 * M_PI * vectors[n].index[k] * c.position[k][i] / c.box[k];
            real += weight[i] * cos(phase);
            imaginary += weight[i] * sin(phase);
        }
        const uint32_t b = (uint32_t)(vectors[n].length / 0.25);
        sum[b] += (real * real + imaginary * imaginary) / norm;
        found[b]++;
    }
    for (uint32_t b = 0; b < 12; b++) {
        cr_assert_eq(spectrum.vectors[b], found[b]);
        cr_assert_float_eq(spectrum.value[b], found[b] ? sum[b] / found[b] : 0.0, 1e-10);
    }
    mem_free(vectors);
    spectrum_finish(&spectrum);
    configuration_finish(&c);
}

/* Simple cubic, edge 1: S = N at the 3 pairs of (100), nothing below. fcc, edge 1.6: S = N at the 4 pairs of (111). */
Test(spectrum, of_a_crystal_is_n_at_its_bragg_peaks_and_nothing_between)
{
    static const double simple[][3] = {{0.25, 0.25, 0.25}};
    static const double fcc[][3] = {{0.1, 0.1, 0.1}, {0.6, 0.6, 0.1}, {0.6, 0.1, 0.6}, {0.1, 0.6, 0.6}};
    struct configuration c = lattice_cubic(5, 1.0, 1, simple);
    struct spectrum spectrum = spectrum_of(&c, NULL, 6.6, 0.02);
    for (uint32_t b = 0; b < spectrum.bins; b++)
        if (b != (uint32_t)(2.0 * M_PI / 0.02))
            cr_assert_float_eq(spectrum.value[b], 0.0, 1e-20, "q %g", spectrum.q[b]);
    const uint32_t bragg = (uint32_t)(2.0 * M_PI / 0.02);
    cr_assert_float_eq(spectrum.value[bragg] * spectrum.vectors[bragg], 3.0 * 125.0, 1e-9);
    spectrum_finish(&spectrum);
    configuration_finish(&c);
    c = lattice_cubic(4, 1.6, 4, fcc);
    spectrum = spectrum_of(&c, NULL, 10.0, 0.02);
    const double q = 2.0 * M_PI * sqrt(3.0) / 1.6;
    const uint32_t b = (uint32_t)(q / 0.02);
    cr_assert_float_eq(spectrum.value[b] * spectrum.vectors[b], 4.0 * 256.0, 1e-8);
    cr_assert_float_eq(spectrum_main_peak(&spectrum, 1.6 / cbrt(4.0)).q, q, 0.05);
    spectrum_finish(&spectrum);
    configuration_finish(&c);
}

Test(spectrum, neither_origin_nor_order_nor_threads_matter)
{
    struct configuration c = random_gas(3000, (double[3]){12.0, 13.0, 11.0}, 3);
    omp_set_num_threads(1);
    struct spectrum first = spectrum_of(&c, NULL, 3.0, 0.2);
    omp_set_num_threads(3);
    struct spectrum threads = spectrum_of(&c, NULL, 3.0, 0.2);
    cr_assert_arr_eq(first.value, threads.value, first.bins * sizeof(double));
    translate(&c, (double[3]){3.3, -1.7, 20.0});
    reverse(&c);
    struct spectrum moved = spectrum_of(&c, NULL, 3.0, 0.2);
    for (uint32_t b = 0; b < first.bins; b++)
        cr_assert_float_eq(first.value[b], moved.value[b], 1e-9);
    spectrum_finish(&first);
    spectrum_finish(&threads);
    spectrum_finish(&moved);
    configuration_finish(&c);
}

Test(spectrum, of_a_gas_is_one_and_thinning_keeps_it)
{
    struct configuration c = random_gas(40000, (double[3]){31.0, 31.0, 31.0}, 4);
    struct spectrum spectrum = spectrum_of(&c, NULL, 3.0, 0.1);
    const uint32_t last = spectrum.bins - 1;
    cr_assert_leq(spectrum.vectors[last], 84);
    cr_assert_gt(spectrum.vectors[last], 60);
    double sum = 0.0, vectors = 0.0;
    for (uint32_t b = 0; b < spectrum.bins; b++) {
        sum += spectrum.value[b] * spectrum.vectors[b];
        vectors += spectrum.vectors[b];
    }
    cr_assert_float_eq(sum / vectors, 1.0, 4.0 / sqrt(vectors));
    spectrum_finish(&spectrum);
    configuration_finish(&c);
}

Test(spectrum, what_cannot_be_binned_is_refused)
{
    struct configuration c = random_gas(10, (double[3]){3.0, 3.0, 3.0}, 5);
    struct spectrum spectrum;
    const struct spectrum_options none = {5.0, 0.0}, endless = {5.0, 1e-9}, far = {1e6, 100.0};
    cr_assert_eq(spectrum_init(&spectrum, &c, NULL, &none, &err), STATUS_INVALID);
    cr_assert_eq(spectrum_init(&spectrum, &c, NULL, &endless, &err), STATUS_INVALID);
    cr_assert_eq(spectrum_init(&spectrum, &c, NULL, &far, &err), STATUS_LIMIT);
    configuration_finish(&c);
}

/* Bins with the given number of vectors each and the S of a law. */
static struct spectrum law(double xi, double amplitude, double scatter)
{
    struct spectrum spectrum = {.bin = 0.1, .bins = 40};
    spectrum.q = mem_alloc_array(40, sizeof(double));
    spectrum.value = mem_alloc_array(40, sizeof(double));
    spectrum.vectors = mem_alloc_array(40, sizeof(uint32_t));
    for (uint32_t b = 5; b < 40; b++) {
        const double q = 0.1 * b + 0.03, s = amplitude / (1.0 + xi * xi * q * q);
        double sum = 0.0;
        spectrum.vectors[b] = b;
        for (uint32_t n = 0; n < b; n++)
            sum += scatter > 0.0 ? -log(random_number(6, 100 * b + n)) * s : s;
        spectrum.q[b] = q;
        spectrum.value[b] = sum / b;
    }
    return spectrum;
}

Test(ornstein_zernike, a_law_without_noise_is_found_exactly)
{
    struct spectrum spectrum = law(1.7, 5.0, 0.0);
    const struct ornstein_zernike fit = ornstein_zernike_fit(&spectrum, 3.0);
    cr_assert(fit.resolved);
    cr_assert_float_eq(fit.length, 1.7, 1e-6);
    cr_assert_float_eq(fit.amplitude, 5.0, 1e-5);
    spectrum_finish(&spectrum);
}

Test(ornstein_zernike, with_the_noise_of_one_configuration_the_error_covers_the_truth)
{
    struct spectrum spectrum = law(0.8, 3.0, 1.0);
    const struct ornstein_zernike fit = ornstein_zernike_fit(&spectrum, 3.5);
    cr_assert(fit.resolved);
    cr_assert_gt(fit.length_error, 0.02);
    cr_assert_lt(fit.length_error, 0.3);
    cr_assert_lt(fabs(fit.length - 0.8), 3.0 * fit.length_error);
    spectrum_finish(&spectrum);
}

Test(ornstein_zernike, no_rise_towards_small_q_is_length_zero_and_no_data_no_answer)
{
    struct spectrum spectrum = law(0.0, 1.0, 0.0);
    for (uint32_t b = 0; b < 40; b++)
        spectrum.value[b] *= 1.0 + 0.1 * spectrum.q[b] * spectrum.q[b];
    struct ornstein_zernike fit = ornstein_zernike_fit(&spectrum, 3.0);
    cr_assert(fit.resolved);
    cr_assert_eq(fit.length, 0.0);
    fit = ornstein_zernike_fit(&spectrum, 0.4);
    cr_assert_not(fit.resolved);
    cr_assert_eq(fit.vectors, 0);
    for (uint32_t b = 0; b < 40; b++)
        spectrum.value[b] = 0.0;
    cr_assert_not(ornstein_zernike_fit(&spectrum, 3.0).resolved);
    spectrum_finish(&spectrum);
}

Test(ornstein_zernike, a_field_that_still_rises_at_the_smallest_q_is_not_resolved)
{
    struct spectrum spectrum = law(1.0, 1.0, 0.0);
    for (uint32_t b = 0; b < 40; b++)
        if (spectrum.vectors[b])
            spectrum.value[b] = 1.0 / (spectrum.q[b] * spectrum.q[b] - 0.2);
    cr_assert_not(ornstein_zernike_fit(&spectrum, 3.0).resolved);
    spectrum_finish(&spectrum);
}

Test(marks, weights_sum_to_zero_and_random_marks_scatter_as_one)
{
    struct configuration c = random_fluid(2000, 0.767, 7);
    bool *mark = mem_alloc_array(c.atoms, sizeof *mark);
    double *weight = mem_alloc_array(c.atoms, sizeof *weight), sum = 0.0, mean = 0.0, vectors = 0.0;
    for (uint32_t i = 0; i < c.atoms; i++)
        mark[i] = random_number(8, i) < 0.2;
    const double fraction = correlation_weights(c.atoms, mark, weight);
    cr_assert_float_eq(fraction, 0.2, 0.04);
    for (uint32_t i = 0; i < c.atoms; i++)
        sum += weight[i];
    cr_assert_float_eq(sum, 0.0, 1e-10);
    struct spectrum spectrum = spectrum_of(&c, weight, 8.0, 0.5);
    for (uint32_t b = 0; b < spectrum.bins; b++) {
        mean += spectrum.value[b] * spectrum.vectors[b];
        vectors += spectrum.vectors[b];
    }
    cr_assert_float_eq(mean / vectors, 1.0, 5.0 / sqrt(vectors));
    spectrum_finish(&spectrum);
    mem_free(mark);
    mem_free(weight);
    configuration_finish(&c);
}

/* Marks in alternate planes of a simple cubic lattice: of the six nearest pairs of an atom four are alike. */
Test(marks, correlation_of_layers_is_that_of_their_pairs)
{
    static const double places[][3] = {{0.25, 0.25, 0.25}};
    struct configuration c = lattice_cubic(6, 1.0, 1, places);
    uint64_t counts[3 * 11] = {0};
    uint8_t layer[216];
    for (uint32_t i = 0; i < c.atoms; i++)
        layer[i] = (uint8_t)((uint32_t)c.position[2][i] % 2);
    cr_assert_eq(pdf_accumulate_classes(&c, layer, 2, 0.1, 11, counts, &err), STATUS_OK);
    const uint64_t none = counts[10], one = counts[11 + 10], both = counts[22 + 10];
    cr_assert_eq(none + one + both, 3 * 216);
    cr_assert_float_eq(correlation_of_marks(none + one + both, one, both, 0.5), 1.0 / 3.0, 1e-12);
    configuration_finish(&c);
}

Test(marks, without_pairs_or_without_contrast_there_is_no_correlation)
{
    cr_assert_eq(correlation_of_marks(0, 0, 0, 0.3), 0.0);
    cr_assert_eq(correlation_of_marks(10, 0, 10, 1.0), 0.0);
    cr_assert_eq(correlation_of_marks(10, 0, 0, 0.0), 0.0);
    cr_assert_float_eq(correlation_of_marks(10, 10, 0, 0.5), -1.0, 1e-12);
}
