/* test_measure_structure.c - groups structure and dynamics, and the tables of rows, against what is known. */
#include "tests/support/golden_files.h"
#include "tests/support/lattices.h"
#include "common/mem.h"
#include "worker/structure/analysis.h"
#include "worker/structure/comparison.h"
#include "worker/structure/measure.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* One configuration with all that the two groups say of it. */
struct seen {
    struct sample sample;
    struct sample_array arrays[ARRAY_COUNT];
    size_t count;
};

static double value_of(const struct sample *sample, const char *name)
{
    int place = 0;
    for (int id = 0; id < QUANTITY_COUNT; id++) {
        if (quantities[id].group != sample->group)
            continue;
        if (strcmp(quantities[id].name, name) == 0)
            return sample->values[place];
        place++;
    }
    cr_assert_fail("no quantity '%s'", name);
    return 0.0;
}

static const struct sample_array *array_of(const struct seen *seen, enum array_id id)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->arrays[i].array == id)
            return &seen->arrays[i];
    cr_assert_fail("no array '%s'", array_quantities[id].name);
    return NULL;
}

static double cell_of(const struct sample_array *array, uint32_t row, int column)
{
    return array->cells[row * (size_t)array_columns(array->array) + (size_t)column];
}

static double sum_of(const struct sample_array *array, int column)
{
    double sum = 0.0;
    for (uint32_t n = 0; n < array->rows; n++)
        sum += cell_of(array, n, column);
    return sum;
}

static void seen_finish(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        mem_free(seen->arrays[i].cells);
}

static const struct md_observables at_rest;

static struct measure *observe(const struct configuration *c)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct measure *measure;
    cr_assert_eq(measure_create(&potential, c, &at_rest, &measure, NULL), STATUS_OK);
    return measure;
}

static struct seen take(struct measure *measure, enum quantity_group group)
{
    struct seen seen;
    struct error err = {0};
    cr_assert_eq(measure_group(measure, group, &seen.sample, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(measure_arrays(measure, group, seen.arrays, &seen.count, &err), STATUS_OK, "%s", err.message);
    return seen;
}

static struct seen structure_of(const struct configuration *c)
{
    struct measure *measure = observe(c);
    struct seen seen = take(measure, QUANTITY_GROUP_structure);
    measure_destroy(&measure);
    return seen;
}

Test(measure_structure, tables_of_a_glass_add_up)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    struct seen seen = structure_of(&c);
    cr_expect_eq(sum_of(array_of(&seen, ARRAY_signatures), 6), 500);
    const struct sample_array *local = array_of(&seen, ARRAY_local);
    cr_expect_eq(sum_of(local, 2), 500);
    cr_expect_float_eq(sum_of(local, 3) / 500, -7.122358826845645, 1e-7);
    cr_expect_float_eq(sum_of(local, 5) / configuration_volume(&c), 1.0, 1e-12);
    cr_expect_eq(sum_of(array_of(&seen, ARRAY_ico_classes), 1), 500);
    cr_expect_eq(cell_of(array_of(&seen, ARRAY_ico_classes), PDF_ICO, 1), 56, "0.112 x 500");
    /* 12 small atoms are icosahedral by the adaptive analysis and none is anything else; 44 by the fixed one. */
    static const double cna[] = {1, CNA_OTHER, 250, 2, CNA_OTHER, 238, 2, CNA_ICO, 12},
                        cna_fixed[] = {CNA_OTHER, 456, CNA_ICO, 44};
    cr_assert_eq(array_of(&seen, ARRAY_cna)->rows, 3);
    cr_expect_arr_eq(array_of(&seen, ARRAY_cna)->cells, cna, sizeof cna);
    cr_assert_eq(array_of(&seen, ARRAY_cna_fixed)->rows, 2);
    cr_expect_arr_eq(array_of(&seen, ARRAY_cna_fixed)->cells, cna_fixed, sizeof cna_fixed);
    /* Each cluster of icosahedra once: sizes times their number. */
    const struct sample_array *sizes = array_of(&seen, ARRAY_cluster_sizes_ico);
    double atoms = 0.0, squares = 0.0;
    for (uint32_t n = 0; n < sizes->rows; n++) {
        atoms += cell_of(sizes, n, 0) * cell_of(sizes, n, 1);
        squares += cell_of(sizes, n, 0) * cell_of(sizes, n, 0) * cell_of(sizes, n, 1);
    }
    cr_expect_eq(atoms, 56);
    cr_expect_eq(sum_of(sizes, 1), value_of(&seen.sample, "ico_clusters"));
    cr_expect_gt(squares, atoms);
    /* Means by type weigh to the total. */
    const double energy =
        250 * (value_of(&seen.sample, "energy_local_large") + value_of(&seen.sample, "energy_local_small"));
    cr_expect_float_eq(energy / 500, -7.122358826845645, 1e-7);
    const double volume =
        250 * (value_of(&seen.sample, "volume_local_large") + value_of(&seen.sample, "volume_local_small"));
    cr_expect_float_eq(volume / configuration_volume(&c), 1.0, 1e-12);
    seen_finish(&seen);
    configuration_finish(&c);
}

/* The sub-PDFs sum to all pairs, and C(r) follows from them. */
Test(measure_structure, pairs_by_class_sum_to_all_pairs)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    struct seen seen = structure_of(&c);
    const struct sample_array *pdf = array_of(&seen, ARRAY_ico_pdf), *correlation = array_of(&seen, ARRAY_ico_correlation);
    const uint32_t bins = pdf_bins(c.box, 0.02);
    uint64_t *counts = mem_alloc_array((size_t)PDF_PAIRS * bins, sizeof *counts);
    cr_assert_eq(pdf->rows, bins);
    cr_assert_eq(correlation->rows, bins);
    cr_assert_eq(pdf_accumulate(&c, 0.02, bins, counts, NULL), STATUS_OK);
    for (uint32_t b = 0; b < bins; b++) {
        double all = 0.0, one = 0.0;
        for (int k = 1; k < array_columns(ARRAY_ico_pdf); k++)
            all += cell_of(pdf, b, k);
        one = cell_of(pdf, b, 2) + cell_of(pdf, b, 4) + cell_of(pdf, b, 7); /* n01, n02, n03 */
        cr_expect_float_eq(cell_of(pdf, b, 0), 0.02 * (b + 0.5), 1e-12);
        /* The reference was minimised to 1e-10; a pair at a bin's edge may change sides. */
        cr_expect_leq(fabs(all - (double)(counts[b] + counts[bins + b] + counts[2 * (size_t)bins + b])), 2.0);
        cr_expect_eq(cell_of(correlation, b, 1), all);
        const double expected =
            correlation_of_marks((uint64_t)all, (uint64_t)one, (uint64_t)cell_of(pdf, b, 1), 56 / 500.0);
        cr_expect_float_eq(cell_of(correlation, b, 2), expected, 1e-12);
    }
    mem_free(counts);
    seen_finish(&seen);
    configuration_finish(&c);
}

Test(measure_structure, perfect_c15_is_one_crystallite_of_z12_and_z16)
{
    struct configuration c = lattice_c15(3);
    struct seen seen = structure_of(&c);
    cr_expect_eq(value_of(&seen.sample, "laves_clusters"), 1.0);
    cr_expect_eq(value_of(&seen.sample, "laves_cluster_weight_average"), 648.0);
    cr_expect_eq(value_of(&seen.sample, "close_packed_fraction"), 0.0);
    cr_expect_eq(value_of(&seen.sample, "bonds_n3"), 0.0);
    cr_expect_eq(value_of(&seen.sample, "bonds_n7"), 0.0);
    const struct sample_array *signatures = array_of(&seen, ARRAY_signatures);
    cr_assert_eq(signatures->rows, 2);
    const double z16[] = {1, 0, 0, 12, 4, 0, 216}, z12[] = {2, 0, 0, 12, 0, 0, 432};
    for (int k = 0; k < 7; k++) {
        cr_expect_eq(cell_of(signatures, 0, k), z16[k]);
        cr_expect_eq(cell_of(signatures, 1, k), z12[k]);
    }
    /* 432 x 12 + 216 x 16 ends of bonds: 90 % with five edges, 10 % with six. */
    const struct sample_array *bonds = array_of(&seen, ARRAY_bonds);
    cr_assert_eq(bonds->rows, 2);
    cr_expect_eq(cell_of(bonds, 0, 0), 5);
    cr_expect_eq(cell_of(bonds, 0, 1), 3888);
    cr_expect_eq(cell_of(bonds, 1, 0), 6);
    cr_expect_eq(cell_of(bonds, 1, 1), 432);
    const struct sample_array *sizes = array_of(&seen, ARRAY_cluster_sizes_laves);
    cr_assert_eq(sizes->rows, 1);
    cr_expect_eq(cell_of(sizes, 0, 0), 648);
    cr_expect_eq(cell_of(sizes, 0, 1), 1);
    seen_finish(&seen);
    configuration_finish(&c);
}

Test(measure_structure, fcc_of_large_atoms_is_one_close_packed_crystallite)
{
    struct configuration c = golden_configuration("fcc_large_V0.930_noise0.005.data");
    struct seen seen = structure_of(&c);
    cr_expect_eq(value_of(&seen.sample, "close_packed_fraction"), 1.0);
    cr_expect_eq(value_of(&seen.sample, "close_packed_clusters"), 1.0);
    cr_expect_eq(value_of(&seen.sample, "close_packed_cluster_weight_average"), 500.0);
    cr_expect_eq(value_of(&seen.sample, "energy_local_small"), 0.0, "there are no small atoms");
    cr_expect_eq(value_of(&seen.sample, "ico_length"), 0.0, "there is no icosahedron");
    cr_expect_eq(array_of(&seen, ARRAY_cluster_sizes_ico)->rows, 0);
    cr_assert_eq(array_of(&seen, ARRAY_cna)->rows, 1);
    cr_expect_eq(cell_of(array_of(&seen, ARRAY_cna), 0, 1), CNA_FCC);
    cr_expect_eq(cell_of(array_of(&seen, ARRAY_cna), 0, 2), 500);
    seen_finish(&seen);
    configuration_finish(&c);
}

Test(measure_structure, every_value_is_finite_and_rows_rise)
{
    static const char *const files[] = {"glass_quench1e6_IS.data", "fcc_large_V0.930.data",
                                        "c15_disordered_5050_V0.767.data", "liquid_T0.80.data",
                                        "b2_V0.767_noise0.005.data"};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        struct configuration c = golden_configuration(files[f]);
        struct seen seen = structure_of(&c);
        for (int i = 0; i < quantity_group_size(QUANTITY_GROUP_structure); i++)
            cr_expect(isfinite(seen.sample.values[i]), "%s: %d", files[f], i);
        for (size_t i = 0; i < seen.count; i++) {
            const struct sample_array *array = &seen.arrays[i];
            const int columns = array_columns(array->array), keys = array_quantities[array->array].keys;
            for (size_t n = 0; n < array->rows * (size_t)columns; n++)
                cr_expect(isfinite(array->cells[n]), "%s: %s", files[f], array_quantities[array->array].name);
            for (uint32_t n = 1; n < array->rows; n++) {
                int k = 0;
                while (k < keys - 1 && cell_of(array, n, k) == cell_of(array, n - 1, k))
                    k++;
                cr_expect_gt(cell_of(array, n, k), cell_of(array, n - 1, k), "%s: %s", files[f],
                             array_quantities[array->array].name);
            }
        }
        seen_finish(&seen);
        configuration_finish(&c);
    }
}

/* ---- dynamics ---- */

/* Atoms at given places in a cubic box, as a snapshot and what is seen of it. */
static struct snapshot snapshot_of(const struct configuration *c, int64_t step)
{
    struct snapshot snapshot;
    cr_assert_eq(configuration_to_snapshot(c, step, &snapshot, NULL), STATUS_OK);
    return snapshot;
}

/* A glass below itself: one atom goes around the box (an image further), all stay where they were. */
Test(measure_dynamics, what_went_around_the_box_has_moved_by_an_edge)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    struct snapshot before = snapshot_of(&c, 1000), after = snapshot_of(&c, 3000);
    after.position[1][7] += INT64_C(1) << SNAPSHOT_FRACTION_BITS;
    struct measure *first = observe(&c), *second = observe(&c);
    struct earlier *earlier;
    struct error err = {0};
    cr_assert_eq(measure_keep(first, &before, &earlier, &err), STATUS_OK, "%s", err.message);
    measure_destroy(&first);
    measure_compare(second, earlier, &after);
    struct seen seen = take(second, QUANTITY_GROUP_dynamics);
    cr_expect_eq(value_of(&seen.sample, "lag"), 2000.0);
    cr_expect_float_eq(value_of(&seen.sample, "displacement_largest"), c.box[1], 1e-9);
    cr_expect_float_eq(value_of(&seen.sample, "displacement_mean_square"), c.box[1] * c.box[1] / 500, 1e-9);
    cr_expect_eq(value_of(&seen.sample, "moved_10"), 1 / 500.0);
    cr_expect_eq(value_of(&seen.sample, "strings"), 1.0);
    cr_expect_eq(value_of(&seen.sample, "string_largest"), 1.0);
    cr_expect_float_eq(value_of(&seen.sample, "overlap_self"), 499 / 500.0, 1e-12);
    cr_expect_float_eq(value_of(&seen.sample, "overlap_collective"), 1.0, 1e-12, "an image is there");
    cr_expect_float_eq(value_of(&seen.sample, "scattering_self"), 1.0, 1e-9, "as on the box's wave vectors");
    const struct sample_array *movers = array_of(&seen, ARRAY_movers), *lengths = array_of(&seen, ARRAY_displacements);
    cr_expect_eq(sum_of(movers, 1), 500);
    cr_expect_eq(sum_of(movers, 2), 1);
    cr_expect_float_eq(sum_of(movers, 3), c.box[1] * c.box[1], 1e-9);
    cr_expect_eq(sum_of(lengths, 1), 500);
    seen_finish(&seen);
    measure_destroy(&second);
    earlier_destroy(&earlier);
    cr_assert_null(earlier);
    snapshot_finish(&before);
    snapshot_finish(&after);
    configuration_finish(&c);
}

Test(measure_dynamics, thresholds_are_those_in_the_names)
{
    static const char *const names[COMPARISON_THRESHOLDS] = {"moved_01", "moved_02", "moved_03",
                                                             "moved_05", "moved_07", "moved_10"};
    for (int n = 0; n < COMPARISON_THRESHOLDS; n++) {
        cr_assert(quantity_find(names[n]));
        cr_expect_float_eq(comparison_thresholds[n], (names[n][6] - '0') + 0.1 * (names[n][7] - '0'), 1e-12);
    }
    cr_expect_eq(comparison_defaults().strings.threshold, 0.3, "movers, as quantities.def says");
    cr_expect_eq(comparison_defaults().overlap_radius, 0.3);
    cr_expect_eq(comparison_defaults().bin, 0.02);
}
