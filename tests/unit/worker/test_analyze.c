#include "tests/support/golden_files.h"
#include "tests/support/verb_run.h"
#include "worker/cmd/analyze.h"
#include "worker/cmd/convert.h"
#include "worker/files/configuration_read.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static json_t *analyze(const char *const words[])
{
    int status;
    json_error_t error;
    const char *path = verb_run(cmd_analyze, words, &status);
    cr_assert_eq(status, 0);
    json_t *json = json_load_file(path, 0, &error);
    cr_assert_not_null(json, "%s", error.text);
    unlink(path);
    return json;
}

static void expect_keys(json_t *object, const char *const keys[])
{
    for (int n = 0; keys[n]; n++)
        cr_expect_not_null(json_object_get(object, keys[n]), "no key '%s'", keys[n]);
}

static const char *const scalars[] = {
    "atoms",     "volume",       "energy_per_atom",    "energy_per_atom_truncated", "pressure_virial",
    "force_max", "ico_fraction", "ico_fraction_small", "ico_fraction_large",        "per_atom",
    "pdf",       "local",        "structure_factor",   "ico_correlation",           "ico_pdf",
    NULL};
static const char *const per_atom[] = {"id", "type", "energy", "volume",      "n3", "n4",
                                       "n5", "n6",   "faces",  "environment", NULL};
static const char *const pdf[] = {"dr",   "r", "counts_11", "counts_12", "counts_22", "g_11", "g_12",
                                  "g_22", "g", "n_11",      "n_12",      "n_21",      "n_22", NULL};

Test(analyze, json_has_every_key_of_the_contract)
{
    char file[4096];
    snprintf(file, sizeof file, "%s", golden_path("glass_quench1e6_IS.xyz"));
    const char *const argv[] = {"analyze", file, "--json", "--minimize", "--edge-min", "0.01", NULL};
    json_t *json = analyze(argv);
    expect_keys(json, scalars);
    expect_keys(json_array_get(json_object_get(json, "per_atom"), 499), per_atom);
    expect_keys(json_object_get(json, "pdf"), pdf);
    json_t *voronoi = json_object_get(json, "voronoi");
    expect_keys(voronoi, (const char *const[]){"radius_large", "radius_small", "face_min", "edge_min", NULL});
    cr_expect_eq(json_number_value(json_object_get(voronoi, "edge_min")), 0.01);
    json_t *inherent = json_object_get(json, "inherent");
    expect_keys(inherent, scalars);
    expect_keys(inherent, (const char *const[]){"converged", "iterations", NULL});
    cr_assert(json_is_true(json_object_get(inherent, "converged")));
    json_decref(json);
}

Test(analyze, g_is_normalised_to_one_at_large_distances)
{
    char file[4096];
    snprintf(file, sizeof file, "%s", golden_path("liquid_T0.80.data"));
    const char *const argv[] = {"analyze", file, "--json", "--pdf-bin", "0.5", "--pdf-radius", "8", NULL};
    json_t *json = analyze(argv);
    json_t *g = json_object_get(json_object_get(json, "pdf"), "g");
    cr_assert_eq(json_array_size(g), 16);
    cr_assert_float_eq(json_number_value(json_array_get(g, 15)), 1.0, 0.03);
    json_decref(json);
}

static json_int_t sum_of(json_t *array)
{
    json_int_t sum = 0;
    for (size_t n = 0; n < json_array_size(array); n++)
        sum += json_integer_value(json_array_get(array, n));
    return sum;
}

Test(analyze, icosahedral_pairs_and_environments_agree_with_the_counts_of_atoms)
{
    char file[4096];
    snprintf(file, sizeof file, "%s", golden_path("glass_quench1e6_IS.xyz"));
    const char *const argv[] = {"analyze", file, "--json", NULL};
    json_t *json = analyze(argv);
    json_t *ico_pdf = json_object_get(json, "ico_pdf"), *pairs = json_object_get(json, "pdf");
    const double fraction = json_number_value(json_object_get(json, "ico_fraction"));
    cr_assert_float_eq(json_integer_value(json_object_get(ico_pdf, "ico")), fraction * 500.0, 1e-9);
    cr_assert_lt(sum_of(json_object_get(ico_pdf, "counts_ico_small")), sum_of(json_object_get(pairs, "counts_22")) * 2);
    cr_assert_gt(sum_of(json_object_get(ico_pdf, "counts_ico_ico")), 0);
    json_t *local = json_object_get(json, "local");
    json_int_t atoms = 0;
    double energy = 0.0, volume = 0.0;
    for (size_t n = 0; n < json_array_size(local); n++) {
        json_t *row = json_array_get(local, n);
        const json_int_t count = json_integer_value(json_object_get(row, "count"));
        atoms += count;
        energy += (double)count * json_number_value(json_object_get(row, "energy_mean"));
        volume += (double)count * json_number_value(json_object_get(row, "volume_mean"));
    }
    cr_assert_eq(atoms, 500);
    cr_assert_float_eq(energy / 500.0, json_number_value(json_object_get(json, "energy_per_atom")), 1e-10);
    cr_assert_float_eq(volume, json_number_value(json_object_get(json, "volume")), 1e-8);
    json_decref(json);
}

Test(analyze, a_wrong_command_line_is_a_usage_error)
{
    int status;
    const char *const none[] = {"analyze", NULL}, *const number[] = {"analyze", "x.data", "--pdf-bin", "-1", NULL},
                      *const name[] = {"analyze", "x.data", "--cut", "blunt", NULL},
                      *const option[] = {"analyze", "x.data", "--nonsense", NULL};
    unlink(verb_run(cmd_analyze, none, &status));
    cr_assert_eq(status, 2);
    unlink(verb_run(cmd_analyze, number, &status));
    cr_assert_eq(status, 2);
    unlink(verb_run(cmd_analyze, name, &status));
    cr_assert_eq(status, 2);
    unlink(verb_run(cmd_analyze, option, &status));
    cr_assert_eq(status, 2);
}

Test(analyze, a_bad_or_missing_file_prints_nothing_and_fails)
{
    int status;
    char bad[64];
    snprintf(bad, sizeof bad, "%s", golden_temporary("2\nLattice=\"5 0 0 0 5 0 0 0 5\"\nL 1 1 1\n", ".xyz"));
    const char *const argv[] = {"analyze", bad, "--json", NULL}, *const missing[] = {"analyze", "/nowhere.data", NULL};
    const char *path = verb_run(cmd_analyze, argv, &status);
    cr_assert_eq(status, 1);
    FILE *file = fopen(path, "r");
    cr_assert_eq(fgetc(file), EOF);
    fclose(file);
    unlink(path);
    unlink(bad);
    unlink(verb_run(cmd_analyze, missing, &status));
    cr_assert_eq(status, 5);
}

Test(analyze, a_converted_snapshot_is_read_back)
{
    struct configuration c = golden_configuration("liquid_T0.80.data"), back;
    struct snapshot snapshot;
    struct digest digest;
    struct error err;
    uint8_t *bytes;
    size_t size;
    int status;
    cr_assert_eq(configuration_to_snapshot(&c, 42, &snapshot, &err), STATUS_OK);
    cr_assert_eq(snapshot_encode(&snapshot, &bytes, &size, &digest, &err), STATUS_OK);
    char path[64];
    snprintf(path, sizeof path, "%s", golden_temporary("", ".snapshot"));
    FILE *file = fopen(path, "wb");
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    const char *const argv[] = {"convert", path, NULL};
    const char *xyz = verb_run(cmd_convert, argv, &status);
    cr_assert_eq(status, 0);
    cr_assert_eq(configuration_read(xyz, 0, &back, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(back.atoms, c.atoms);
    for (uint32_t i = 0; i < c.atoms; i++)
        cr_assert_float_eq(back.position[1][i], c.position[1][i], 1e-13);
    unlink(xyz);
    unlink(path);
    mem_free(bytes);
    snapshot_finish(&snapshot);
    configuration_finish(&back);
    configuration_finish(&c);
}
