/* Configurations that LAMMPS, voro++ and separate code have measured (tests/golden/structure/README.md). */
#include "tests/support/golden_files.h"
#include "worker/minimize/cg.h"
#include "worker/structure/analysis.h"
#include "worker/structure/signatures.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct row {
    char name[64];
};

static struct row rows[] = {
    {"glass_quench1e6_IS"},          {"liquid_T0.80"}, {"c15_disordered_5050_V0.767"}, {"b2_V0.767_noise0.005"},
    {"fcc_large_V0.930_noise0.005"},
};

static const char *file_of(const char *name, const char *ending)
{
    static char file[128];
    snprintf(file, sizeof file, "%s%s", name, ending);
    return file;
}

static json_t *reference_of(const char *name)
{
    json_error_t error;
    json_t *json = json_load_file(golden_path(file_of(name, ".json")), 0, &error);
    cr_assert_not_null(json, "%s", error.text);
    return json;
}

static double number(json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    cr_assert_not_null(value, "%s", key);
    return json_number_value(value);
}

static struct analysis analyse(const struct configuration *configuration, const struct voronoi_options *voronoi)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct analysis_options options = {.voronoi = *voronoi, .cna_cutoff = 1.4, .pdf_bin = 0.02};
    struct analysis analysis;
    struct error err;
    cr_assert_eq(analysis_init(&analysis, &potential, configuration, &options, &err), STATUS_OK, "%s", err.message);
    return analysis;
}

static const struct voronoi_options plain;

ParameterizedTestParameters(structure, energies_and_pressure_are_those_of_lammps)
{
    return cr_make_param_array(struct row, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct row *row, structure, energies_and_pressure_are_those_of_lammps)
{
    struct configuration configuration = golden_configuration(file_of(row->name, ".data"));
    struct analysis analysis = analyse(&configuration, &plain);
    json_t *reference = reference_of(row->name);
    const double atoms = configuration.atoms;
    cr_expect_float_eq(analysis.sums.energy / atoms, number(reference, "E_per_atom_shifted"), 1e-8);
    cr_expect_float_eq(analysis.sums.energy_truncated / atoms, number(reference, "E_per_atom_truncated"), 1e-8);
    cr_expect_float_eq(analysis.sums.virial / 3.0 / configuration_volume(&configuration),
                       number(reference, "P_virial_only"), 1e-6);
    cr_expect_float_eq(analysis.force_max, number(reference, "max_force_component"), 1e-8);
    json_decref(reference);
    analysis_finish(&analysis);
    configuration_finish(&configuration);
}

ParameterizedTestParameters(structure, every_atom_has_the_energy_volume_and_signature_of_the_reference)
{
    return cr_make_param_array(struct row, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct row *row, structure, every_atom_has_the_energy_volume_and_signature_of_the_reference)
{
    struct configuration configuration = golden_configuration(file_of(row->name, ".data"));
    struct analysis analysis = analyse(&configuration, &plain);
    FILE *file = fopen(golden_path(file_of(row->name, "_atoms.csv")), "r");
    cr_assert_not_null(file);
    char line[512];
    cr_assert_not_null(fgets(line, sizeof line, file));
    for (uint32_t i = 0; i < configuration.atoms; i++) {
        long long id;
        int type;
        double truncated, shifted, volume;
        unsigned n3, n4, n5, n6, n7_plus, faces;
        cr_assert_not_null(fgets(line, sizeof line, file));
        cr_assert_eq(sscanf(line, "%lld,%d,%lf,%lf,%lf,%u,%u,%u,%u,%u,%u", &id, &type, &truncated, &shifted, &volume,
                            &n3, &n4, &n5, &n6, &n7_plus, &faces),
                     11, "%s", line);
        const struct signature signature = signature_of(&analysis.voronoi, i);
        cr_assert_eq(configuration.id[i], id);
        cr_assert_eq(configuration.type[i] + 1, type);
        cr_assert_float_eq(analysis.energy_per_atom[i], shifted, 1e-8, "atom %lld", id);
        cr_assert_float_eq(analysis.voronoi.volume[i], volume, 1e-5, "atom %lld", id);
        cr_assert(signature.n3 == n3 && signature.n4 == n4 && signature.n5 == n5 && signature.n6 == n6 &&
                      signature.n7_plus == n7_plus && signature.faces == faces,
                  "atom %lld is <%u,%u,%u,%u>, not <%u,%u,%u,%u>", id, signature.n3, signature.n4, signature.n5,
                  signature.n6, n3, n4, n5, n6);
    }
    fclose(file);
    analysis_finish(&analysis);
    configuration_finish(&configuration);
}

/* The count under `key` of an object, 0 when it is not there. */
static uint64_t count_of(json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void expect_bonds(json_t *reference, const char *key, const uint64_t count[BONDS_N_MAX + 1])
{
    json_t *expected = json_object_get(json_object_get(reference, "bonds"), key);
    cr_assert_not_null(expected);
    for (int n = 0; n <= BONDS_N_MAX; n++) {
        char name[16];
        snprintf(name, sizeof name, "%d", n);
        cr_assert_eq(count[n], count_of(expected, name), "%s, n = %d", key, n);
    }
}

static void expect_kinds(json_t *expected, const uint32_t count[CNA_KIND_COUNT])
{
    cr_assert_not_null(expected);
    for (int kind = 0; kind < CNA_KIND_COUNT; kind++)
        cr_assert_eq(count[kind], count_of(expected, cna_names[kind]), "%s", cna_names[kind]);
}

ParameterizedTestParameters(structure, bonds_and_common_neighbour_analysis_are_those_of_the_reference)
{
    return cr_make_param_array(struct row, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct row *row, structure, bonds_and_common_neighbour_analysis_are_those_of_the_reference)
{
    struct configuration configuration = golden_configuration(file_of(row->name, ".data"));
    struct analysis analysis = analyse(&configuration, &plain);
    json_t *reference = reference_of(row->name);
    expect_bonds(reference, "by_face_edges", analysis.bonds.by_face_edges);
    expect_bonds(reference, "by_common_voronoi_neighbours", analysis.bonds.by_common_neighbours);
    expect_kinds(json_object_get(reference, "adaptive_cna"), analysis.cna_adaptive_count);
    expect_kinds(json_object_get(json_object_get(reference, "conventional_cna_by_cutoff"), "1.40"),
                 analysis.cna_fixed_count);
    json_decref(reference);
    analysis_finish(&analysis);
    configuration_finish(&configuration);
}

ParameterizedTestParameters(structure, icosahedra_are_as_many_under_every_threshold)
{
    return cr_make_param_array(struct row, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct row *row, structure, icosahedra_are_as_many_under_every_threshold)
{
    static const struct {
        const char *key;
        struct voronoi_options options;
    } thresholds[] = {
        {"face_rel_0.5%", {.face_area_min = 0.005}},
        {"face_rel_1%", {.face_area_min = 0.01}},
        {"face_rel_2%", {.face_area_min = 0.02}},
        {"edge_abs_0.05", {.edge_min = 0.05}},
        {"edge_abs_0.1", {.edge_min = 0.1}},
        {"edge_0.05_and_face_rel_1%", {.face_area_min = 0.01, .edge_min = 0.05}},
    };
    struct configuration configuration = golden_configuration(file_of(row->name, ".data"));
    json_t *reference = reference_of(row->name);
    json_t *all = json_object_get(reference, "ico_voronoi_thresholds");
    for (size_t n = 0; n < sizeof thresholds / sizeof thresholds[0]; n++) {
        struct analysis analysis = analyse(&configuration, &thresholds[n].options);
        json_t *expected = json_object_get(all, thresholds[n].key);
        cr_assert_eq(analysis.icosahedral[ATOM_LARGE], count_of(expected, "count_large"), "%s", thresholds[n].key);
        cr_assert_eq(analysis.icosahedral[ATOM_SMALL], count_of(expected, "count_small"), "%s", thresholds[n].key);
        analysis_finish(&analysis);
    }
    json_decref(reference);
    configuration_finish(&configuration);
}

ParameterizedTestParameters(structure, pair_counts_are_equal_bin_by_bin)
{
    return cr_make_param_array(struct row, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct row *row, structure, pair_counts_are_equal_bin_by_bin)
{
    struct configuration configuration = golden_configuration(file_of(row->name, ".data"));
    struct analysis analysis = analyse(&configuration, &plain);
    FILE *file = fopen(golden_path(file_of(row->name, "_gr.csv")), "r");
    cr_assert_not_null(file);
    char line[512];
    cr_assert_not_null(fgets(line, sizeof line, file));
    uint32_t bin = 0;
    for (; fgets(line, sizeof line, file); bin++) {
        double r, g[4];
        unsigned long long total, large, mixed, small;
        cr_assert_eq(sscanf(line, "%lf,%lf,%lf,%lf,%lf,%llu,%llu,%llu,%llu", &r, &g[0], &g[1], &g[2], &g[3], &total,
                            &large, &mixed, &small),
                     9);
        cr_assert_lt(bin, analysis.pdf_bins);
        cr_assert_eq(analysis.pdf_counts[bin], large, "bin at %g", r);
        cr_assert_eq(analysis.pdf_counts[analysis.pdf_bins + bin], mixed, "bin at %g", r);
        cr_assert_eq(analysis.pdf_counts[2 * analysis.pdf_bins + bin], small, "bin at %g", r);
    }
    cr_assert_gt(bin, 160);
    fclose(file);
    analysis_finish(&analysis);
    configuration_finish(&configuration);
}

Test(structure, extended_xyz_and_lammps_data_hold_the_same_configuration)
{
    struct configuration data = golden_configuration("liquid_T0.80.data");
    struct configuration xyz = golden_configuration("liquid_T0.80.xyz");
    cr_assert_eq(data.atoms, xyz.atoms);
    for (uint32_t i = 0; i < data.atoms; i++) {
        cr_assert_eq(data.type[i], xyz.type[i]);
        for (int k = 0; k < 3; k++)
            cr_assert_eq(data.position[k][i], xyz.position[k][i]);
    }
    configuration_finish(&data);
    configuration_finish(&xyz);
}

Test(structure, the_liquid_s_inherent_structure_is_that_of_lammps)
{
    struct configuration configuration = golden_configuration("liquid_T0.80.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct cg_options options = {.force_max = 1e-8, .evaluations_max = 20000};
    struct cg_result result;
    struct error err;
    cr_assert_eq(cg_minimize(&potential, &options, &configuration, &result, &err), STATUS_OK, "%s", err.message);
    json_t *reference = reference_of("liquid_T0.80_IS");
    cr_assert(result.converged);
    cr_assert_leq(result.force_max, 1e-8);
    cr_assert_float_eq(result.energy / configuration.atoms, number(reference, "E_per_atom_shifted"), 1e-7);
    json_decref(reference);
    configuration_finish(&configuration);
}

Test(structure, a_slightly_shaken_inherent_structure_returns_to_its_energy)
{
    struct configuration configuration = golden_configuration("glass_quench1e6_IS.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct cg_options options = {.force_max = 1e-8, .evaluations_max = 20000};
    struct cg_result result;
    struct error err;
    uint32_t state = 1;
    for (uint32_t i = 0; i < configuration.atoms; i++)
        for (int k = 0; k < 3; k++) {
            state = state * 1664525u + 1013904223u;
            configuration.position[k][i] =
                configuration_wrap(configuration.position[k][i] + 0.01 * (state * 0x1p-32 - 0.5), configuration.box[k]);
        }
    cr_assert_eq(cg_minimize(&potential, &options, &configuration, &result, &err), STATUS_OK, "%s", err.message);
    json_t *reference = reference_of("glass_quench1e6_IS");
    cr_assert(result.converged);
    cr_assert_float_eq(result.energy / configuration.atoms, number(reference, "E_per_atom_shifted"), 1e-7);
    json_decref(reference);
    configuration_finish(&configuration);
}

Test(structure, perfect_fcc_has_twelve_four_edged_faces_around_every_atom)
{
    struct configuration configuration = golden_configuration("fcc_large_V0.930.data");
    struct analysis analysis = analyse(&configuration, &plain);
    for (uint32_t i = 0; i < configuration.atoms; i++) {
        const struct signature signature = signature_of(&analysis.voronoi, i);
        cr_assert(signature.n4 == 12 && signature.faces == 12, "atom %u", i);
        cr_assert_float_eq(analysis.voronoi.volume[i], 0.93, 1e-9);
    }
    analysis_finish(&analysis);
    configuration_finish(&configuration);
}
