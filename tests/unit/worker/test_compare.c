#include "common/mem.h"
#include "tests/support/golden_files.h"
#include "tests/support/verb_run.h"
#include "worker/cmd/compare.h"
#include "worker/files/configuration_read.h"
#include "worker/files/configuration_write.h"
#include "worker/structure/comparison.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct error err;

static json_t *compare(const char *const words[])
{
    int status;
    json_error_t error;
    const char *path = verb_run(cmd_compare, words, &status);
    cr_assert_eq(status, 0);
    json_t *json = json_load_file(path, 0, &error);
    cr_assert_not_null(json, "%s", error.text);
    unlink(path);
    return json;
}

static double number(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    cr_assert(json_is_number(value), "no number '%s'", key);
    return json_number_value(value);
}

/* The liquid with every atom i moved along x by `step` times i / atoms, written under a new name. */
static void write_moved(char path[64], double step, uint32_t frames)
{
    struct configuration c = golden_configuration("liquid_T0.80.xyz");
    snprintf(path, 64, "%s", golden_temporary("", ".xyz"));
    FILE *file = fopen(path, "w");
    for (uint32_t n = 0; n < frames; n++) {
        for (uint32_t i = 0; i < c.atoms; i++)
            c.position[0][i] = configuration_wrap(c.position[0][i] + step * i / c.atoms, c.box[0]);
        cr_assert_eq(extended_xyz_write(file, &c, n, &err), STATUS_OK);
    }
    fclose(file);
    configuration_finish(&c);
}

Test(compare, a_known_field_is_reported_and_written_as_vectors)
{
    char before[4096], after[64], out[64];
    snprintf(before, sizeof before, "%s", golden_path("liquid_T0.80.xyz"));
    write_moved(after, 0.999, 1);
    snprintf(out, sizeof out, "%s", golden_temporary("", ".xyz"));
    const char *const words[] = {"compare", before, after, "--json", "--xyz", out, NULL};
    json_t *json = compare(words), *one = json_array_get(json_object_get(json, "comparisons"), 0);
    cr_assert_float_eq(number(one, "largest"), 0.999 * 499.0 / 500.0, 1e-9);
    cr_assert_float_eq(number(one, "mean_square"), 0.998001 * 499.0 * 999.0 / 6.0 / 500.0 / 500.0, 1e-9);
    cr_assert_float_eq(number(one, "overlap_self"), 151.0 / 500.0, 1e-9);
    cr_assert(json_is_false(json_object_get(one, "unwrapped")));
    cr_assert_eq(number(json_object_get(one, "strings"), "movers"), 349);
    cr_assert(json_is_number(json_object_get(json, "relaxation_time")));
    char line[512];
    FILE *file = fopen(out, "r");
    cr_assert(fgets(line, sizeof line, file) && fgets(line, sizeof line, file));
    cr_assert_not_null(strstr(line, ":displacement:R:3"));
    fclose(file);
    struct configuration back;
    cr_assert_eq(configuration_read(out, 0, &back, &err), STATUS_OK, "%s", err.message);
    configuration_finish(&back);
    json_decref(json);
    unlink(after);
    unlink(out);
}

Test(compare, frames_of_a_file_make_a_curve_with_a_relaxation_time)
{
    char before[4096], frames[64], name[3][80];
    snprintf(before, sizeof before, "%s", golden_path("liquid_T0.80.xyz"));
    write_moved(frames, 0.3, 3);
    for (int n = 0; n < 3; n++)
        snprintf(name[n], sizeof name[n], "%s@%d", frames, n);
    const char *const words[] = {"compare", before, name[0], name[1], name[2], "--json", "--interval", "50", NULL};
    json_t *json = compare(words), *all = json_object_get(json, "comparisons");
    cr_assert_eq(json_array_size(all), 3);
    cr_assert_float_eq(number(json_array_get(all, 2), "largest"), 0.9 * 499.0 / 500.0, 1e-9);
    cr_assert_float_eq(number(json_array_get(all, 2), "time"), 150.0, 1e-12);
    /* Displacements spread evenly over 0 .. u scatter as sin(q u)/(q u) for q along x. */
    cr_assert_gt(number(json_array_get(all, 0), "fs"), number(json_array_get(all, 1), "fs"));
    const double time = number(json, "relaxation_time");
    cr_assert(time > 50.0 && time < 150.0);
    const double overlap_time = number(json, "overlap_time");
    cr_assert(overlap_time > 50.0 && overlap_time < 150.0);
    const json_t *wait = json_object_get(json, "independence_wait");
    cr_assert(json_is_null(wait) || json_number_value(wait) > overlap_time);
    json_decref(json);
    unlink(frames);
}

static void write_snapshot(const struct snapshot *snapshot, char path[64])
{
    struct digest digest;
    uint8_t *bytes;
    size_t size;
    cr_assert_eq(snapshot_encode(snapshot, &bytes, &size, &digest, &err), STATUS_OK);
    snprintf(path, 64, "%s", golden_temporary("", ".snapshot"));
    FILE *file = fopen(path, "wb");
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    mem_free(bytes);
}

Test(compare, snapshots_are_unwrapped_with_their_steps_minimised_or_not)
{
    struct configuration c = golden_configuration("liquid_T0.80.data");
    struct snapshot snapshot;
    char before[64], after[64];
    cr_assert_eq(configuration_to_snapshot(&c, 1000, &snapshot, &err), STATUS_OK);
    write_snapshot(&snapshot, before);
    snapshot.step = 5000;
    for (uint32_t i = 0; i < c.atoms; i++)
        snapshot.position[1][i] += INT64_C(1) << 48;
    write_snapshot(&snapshot, after);
    const char *const plain[] = {"compare", before, after, "--json", NULL};
    const char *const inherent[] = {"compare", before, after, "--json", "--minimize", NULL};
    for (int n = 0; n < 2; n++) {
        json_t *json = compare(n ? inherent : plain), *one = json_array_get(json_object_get(json, "comparisons"), 0);
        cr_assert(json_is_true(json_object_get(one, "unwrapped")));
        cr_assert_float_eq(number(one, "mean"), c.box[1], 1e-9);
        cr_assert_float_eq(number(one, "fs"), 1.0, 1e-9);
        cr_assert_float_eq(number(one, "time"), 4000.0, 1e-12);
        cr_assert_str_eq(json_string_value(json_object_get(json, "time_unit")), "steps");
        cr_assert(json_is_null(json_object_get(json, "relaxation_time")));
        cr_assert(json_is_null(json_object_get(json, "overlap_time")));
        cr_assert(json_is_null(json_object_get(json, "independence_wait")));
        json_decref(json);
    }
    int status;
    const char *const backwards[] = {"compare", before, after, before, "--json", NULL};
    unlink(verb_run(cmd_compare, backwards, &status));
    cr_assert_eq(status, 1);
    unlink(before);
    unlink(after);
    snapshot_finish(&snapshot);
    configuration_finish(&c);
}

Test(compare, what_cannot_be_compared_fails_and_prints_nothing)
{
    char liquid[4096], crystal[4096], no_frame[4200];
    snprintf(liquid, sizeof liquid, "%s", golden_path("liquid_T0.80.xyz"));
    snprintf(crystal, sizeof crystal, "%s", golden_path("c15_disordered_5050_V0.767.data"));
    snprintf(no_frame, sizeof no_frame, "%s@7", liquid);
    const struct {
        const char *words[6];
        int exit;
    } rows[] = {
        {{"compare", liquid, NULL}, 2},
        {{"compare", liquid, liquid, "--q", "-1", NULL}, 2},
        {{"compare", liquid, liquid, "--nonsense", NULL}, 2},
        {{"compare", liquid, crystal, "--json", NULL}, 1},
        {{"compare", liquid, liquid, crystal, "--json", NULL}, 1},
        {{"compare", liquid, no_frame, "--json", NULL}, 1},
        {{"compare", liquid, "/nowhere.xyz", "--json", NULL}, 5},
        {{"compare", liquid, liquid, "--xyz", "/nowhere/out.xyz", NULL}, 1},
    };
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        int status;
        const char *path = verb_run(cmd_compare, rows[n].words, &status);
        FILE *file = fopen(path, "r");
        cr_expect_eq(status, rows[n].exit, "row %zu: exit code %d", n, status);
        cr_expect_eq(fgetc(file), EOF, "row %zu printed something", n);
        fclose(file);
        unlink(path);
    }
}

static enum status compare_all(const struct configuration *before, const struct configuration *after)
{
    const struct comparison_options options = comparison_defaults();
    struct reference reference = {0};
    struct displacement displacement = {0};
    struct comparison comparison = {0};
    enum status status = reference_init(&reference, before, &options, &err);
    if (status == STATUS_OK)
        status = displacement_init(before, after, &displacement, &err);
    if (status == STATUS_OK)
        status = comparison_init(&comparison, &reference, &displacement, &options, &err);
    comparison_finish(&comparison);
    displacement_finish(&displacement);
    reference_finish(&reference);
    return status;
}

Test(compare, every_allocation_may_fail_and_is_reported)
{
    struct configuration before = golden_configuration("liquid_T0.80.xyz");
    struct configuration after = golden_configuration("glass_quench1e6_IS.xyz");
    memcpy(after.type, before.type, before.atoms);
    memcpy(after.box, before.box, sizeof before.box);
    enum status status = STATUS_NO_MEMORY;
    uint64_t n = 1;
    for (; status != STATUS_OK && n < 1000; n++) {
        mem_fail_nth(n);
        status = compare_all(&before, &after);
        cr_assert(status == STATUS_OK || status == STATUS_NO_MEMORY, "%s", err.message);
    }
    mem_fail_nth(0);
    cr_assert_eq(status, STATUS_OK);
    cr_assert_gt(n, 30);
    configuration_finish(&before);
    configuration_finish(&after);
}
