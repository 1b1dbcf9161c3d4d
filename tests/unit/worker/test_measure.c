#include "tests/support/golden_files.h"
#include "tests/support/lattices.h"
#include "worker/structure/analysis.h"
#include "worker/structure/measure.h"

#include <criterion/criterion.h>
#include <string.h>

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

Test(measure, both_groups_hold_what_is_known_of_a_glass)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct md_observables observables = {
        .energy_potential = -3500.0, .energy_kinetic = 750.0, .temperature = 1.002, .pressure = 0.3};
    struct measure *measure;
    struct sample thermal = {.step = 5}, inherent = {.step = 5};
    struct error err;
    cr_assert_eq(measure_create(&potential, &c, &observables, &measure, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_thermal, &thermal, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_inherent, &inherent, &err), STATUS_OK);
    cr_assert_eq(thermal.step, 5);
    cr_assert_eq(value_of(&thermal, "energy_potential"), -7.0);
    cr_assert_eq(value_of(&thermal, "energy_kinetic"), 1.5);
    cr_assert_eq(value_of(&thermal, "pressure"), 0.3);
    cr_assert_float_eq(value_of(&inherent, "energy_inherent"), -7.122358826845645, 1e-9);
    cr_assert_eq(value_of(&inherent, "converged"), 1.0);
    cr_assert_float_eq(value_of(&inherent, "pressure_inherent"), 0.07820587059224483, 1e-6);
    cr_assert_float_eq(value_of(&inherent, "ico_fraction"), 0.112, 1e-12);
    cr_assert_float_eq(value_of(&inherent, "ico_fraction_small"), 0.212, 1e-12);
    cr_assert_float_eq(value_of(&inherent, "ico_fraction_large"), 0.012, 1e-12);
    measure_destroy(&measure);
    cr_assert_null(measure);
    configuration_finish(&c);
}

Test(measure, a_failure_on_the_way_is_kept_and_reported)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct md_observables observables = {0};
    struct measure *measure;
    struct sample sample;
    struct error err;
    for (int k = 0; k < 3; k++)
        c.position[k][0] = c.position[k][1];
    cr_assert_eq(measure_create(&potential, &c, &observables, &measure, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_inherent, &sample, &err), STATUS_PHYSICS);
    measure_destroy(&measure);
    configuration_finish(&c);
}

static struct sample sample_inherent(const struct configuration *c)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct md_observables observables = {0};
    struct measure *measure;
    struct sample sample = {0};
    struct error err;
    cr_assert_eq(measure_create(&potential, c, &observables, &measure, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_inherent, &sample, &err), STATUS_OK, "%s", err.message);
    measure_destroy(&measure);
    return sample;
}

Test(measure, order_is_what_analyze_says_of_the_same_inherent_structure)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct analysis_options options = {.cna_cutoff = 1.3, .pdf_bin = 0.1};
    const struct sample sample = sample_inherent(&c);
    struct analysis analysis;
    struct error err;
    cr_assert_eq(analysis_init(&analysis, &potential, &c, &options, &err), STATUS_OK);
    cr_expect_eq(value_of(&sample, "fk_z14"), analysis.frank_kasper[FRANK_KASPER_Z14] / 500.0);
    cr_expect_eq(value_of(&sample, "fk_z15"), analysis.frank_kasper[FRANK_KASPER_Z15] / 500.0);
    cr_expect_eq(value_of(&sample, "fk_z16"), analysis.frank_kasper[FRANK_KASPER_Z16] / 500.0);
    cr_expect_gt(value_of(&sample, "fk_z15"), 0.0);
    cr_expect_eq(value_of(&sample, "bonds_n5"), (double)analysis.bonds.by_face_edges[5] / (double)analysis.bonds.total);
    cr_expect_eq(value_of(&sample, "ico_cluster_largest"), analysis.icosahedral_clusters.largest / 500.0);
    cr_expect_eq(value_of(&sample, "ico_cluster_weight_average"), analysis.icosahedral_clusters.weight_average);
    cr_expect_eq(value_of(&sample, "laves_largest"), analysis.laves.largest / 500.0);
    cr_expect_eq(value_of(&sample, "b2_largest"), analysis.b2.largest / 500.0);
    cr_expect_lt(value_of(&sample, "close_packed_largest"), 0.05);
    analysis_finish(&analysis);
    configuration_finish(&c);
}

Test(measure, a_close_packed_crystal_is_one_close_packed_cluster)
{
    struct configuration c = golden_configuration("fcc_large_V0.930_noise0.005.data");
    const struct sample sample = sample_inherent(&c);
    cr_expect_eq(value_of(&sample, "close_packed_largest"), 1.0);
    cr_expect_eq(value_of(&sample, "laves_fraction"), 0.0);
    cr_expect_eq(value_of(&sample, "ico_percolates"), 0.0);
    configuration_finish(&c);
}

Test(measure, a_b2_crystal_is_one_b2_cluster)
{
    struct configuration c = golden_configuration("b2_V0.767_noise0.005.data");
    const struct sample sample = sample_inherent(&c);
    cr_expect_eq(value_of(&sample, "b2_largest"), 1.0);
    cr_expect_eq(value_of(&sample, "laves_largest"), 0.0);
    cr_expect_eq(value_of(&sample, "close_packed_largest"), 0.0);
    configuration_finish(&c);
}

Test(measure, a_laves_crystal_is_one_laves_cluster_whose_icosahedra_percolate)
{
    struct configuration c = lattice_c15(3);
    lattice_shake(&c, 0.02, 1);
    const struct sample sample = sample_inherent(&c);
    cr_expect_eq(value_of(&sample, "laves_fraction"), 1.0);
    cr_expect_eq(value_of(&sample, "laves_largest"), 1.0);
    cr_expect_float_eq(value_of(&sample, "laves_cubic"), 1.0 / 3.0, 1e-12);
    cr_expect_eq(value_of(&sample, "laves_hexagonal"), 0.0);
    cr_expect_float_eq(value_of(&sample, "fk_z16"), 1.0 / 3.0, 1e-12);
    cr_expect_float_eq(value_of(&sample, "ico_cluster_largest"), 2.0 / 3.0, 1e-12);
    cr_expect_eq(value_of(&sample, "ico_percolates"), 1.0);
    cr_expect_eq(value_of(&sample, "close_packed_largest"), 0.0);
    cr_expect_eq(value_of(&sample, "b2_largest"), 0.0);
    configuration_finish(&c);
}
