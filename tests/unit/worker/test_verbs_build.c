/* The verbs build and eos as their users see them: exit codes, JSON fields, files. */
#include "worker/build/build.h"
#include "worker/cmd/build.h"
#include "worker/cmd/eos.h"
#include "worker/files/configuration_read.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 24, LINE_SIZE = 512, PATH_SIZE = 64 };

/* Runs a verb with the words of `line`, its standard output going to `output`. */
static int run(int (*verb)(int, char **), const char *line, const char *output)
{
    char copy[LINE_SIZE], *words[WORDS_MAX + 1], *rest = copy;
    int count = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word; count < WORDS_MAX && (word = strsep(&rest, " ")) != NULL;)
        words[count++] = word;
    words[count] = NULL;
    fflush(stdout);
    cr_assert_not_null(freopen(output, "w", stdout));
    int code = verb(count, words);
    fflush(stdout);
    return code;
}

static void make_directory(char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "/tmp/vitrine-verbs-XXXXXX");
    cr_assert_not_null(mkdtemp(path));
}

static void remove_directory(const char *path, const char *const *names, int count)
{
    char file[2 * PATH_SIZE];
    for (int i = 0; i < count; i++) {
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        unlink(file);
    }
    rmdir(path);
}

static json_t *load_json(const char *directory, const char *name)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    json_t *object = json_load_file(path, 0, NULL);
    cr_assert_not_null(object);
    return object;
}

Test(verbs, eos_json_has_curves_minima_and_the_two_phase_minimum)
{
    char directory[PATH_SIZE], output[2 * PATH_SIZE];
    make_directory(directory);
    snprintf(output, sizeof output, "%s/eos.json", directory);
    cr_assert_eq(run(cmd_eos, "eos --json --phases C15,C14,hcp_large --volumes 0.6:0.8:0.1", output), 0);
    json_t *object = load_json(directory, "eos.json"), *phases = json_object_get(object, "phases");
    const char *name, *a, *b;
    double volume_min, energy_min, volume_a, volume_b, energy;
    json_t *volumes, *energies;
    cr_assert_eq(json_array_size(phases), 3);
    cr_assert_eq(json_unpack(json_array_get(phases, 0), "{s:s, s:o, s:o, s:F, s:F}", "name", &name, "V", &volumes, "E",
                             &energies, "V_min", &volume_min, "E_min", &energy_min),
                 0);
    cr_expect_str_eq(name, "C15");
    cr_expect_eq(json_array_size(volumes), 3);
    cr_expect_eq(json_array_size(energies), 3);
    cr_expect_float_eq(energy_min, -7.884681, 1e-6);
    cr_expect_float_eq(volume_min, 0.65799, 1e-5);
    cr_assert_eq(json_unpack(json_object_get(object, "two_phase"), "{s:s, s:s, s:F, s:F, s:F}", "a", &a, "b", &b, "V_a",
                             &volume_a, "V_b", &volume_b, "E", &energy),
                 0);
    cr_expect_str_eq(a, "C15");
    cr_expect_str_eq(b, "hcp_large");
    cr_expect_float_eq(energy, -7.6989, 1e-4);
    json_decref(object);
    remove_directory(directory, (const char *const[]){"eos.json"}, 1);
}

Test(verbs, eos_refuses_what_it_does_not_know_with_exit_code_2)
{
    cr_expect_eq(run(cmd_eos, "eos --cut sharp", "/dev/null"), 2);
    cr_expect_eq(run(cmd_eos, "eos --phases C15,C16", "/dev/null"), 2);
    cr_expect_eq(run(cmd_eos, "eos --pair C15", "/dev/null"), 2);
    cr_expect_eq(run(cmd_eos, "eos --volumes 0.6:0.5:0.1", "/dev/null"), 2);
    cr_expect_eq(run(cmd_eos, "eos more", "/dev/null"), 2);
    cr_expect_eq(run(cmd_eos, "eos --help", "/dev/null"), 0);
}

Test(verbs, what_build_writes_is_read_back_to_the_last_bit)
{
    const char *const names[] = {"build.json", "glass.xyz", "glass.data"};
    struct build_spec spec = {.kind = BUILD_C15_DISORDERED,
                              .atoms = 648,
                              .small_fraction = -1,
                              .cutoff = 2.5,
                              .noise = 0.01,
                              .seed = {.seed = 7}};
    struct build_report report;
    struct configuration made, read;
    char directory[PATH_SIZE], output[2 * PATH_SIZE], path[2 * PATH_SIZE], line[LINE_SIZE];
    make_directory(directory);
    snprintf(output, sizeof output, "%s/build.json", directory);
    cr_assert_eq(build_make(&spec, &made, &report, NULL), STATUS_OK);
    for (int i = 1; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        snprintf(line, sizeof line, "build c15_disordered --atoms 648 --noise 0.01 --seed 7 --json -o %s", path);
        cr_assert_eq(run(cmd_build, line, output), 0);
        cr_assert_eq(configuration_read(path, 0, &read, NULL), STATUS_OK);
        cr_assert_eq(read.atoms, 648);
        cr_expect_eq(memcmp(read.type, made.type, made.atoms), 0);
        for (int d = 0; d < 3; d++)
            cr_expect_eq(memcmp(read.position[d], made.position[d], made.atoms * sizeof(double)), 0, "%s", names[i]);
        configuration_finish(&read);
    }
    json_t *object = load_json(directory, "build.json");
    cr_expect_eq(json_integer_value(json_object_get(object, "atoms_small")), 324);
    json_decref(object);
    configuration_finish(&made);
    remove_directory(directory, names, 3);
}

Test(verbs, build_refuses_what_makes_no_sense)
{
    cr_expect_eq(run(cmd_build, "build", "/dev/null"), 2);
    cr_expect_eq(run(cmd_build, "build c15", "/dev/null"), 2);
    cr_expect_eq(run(cmd_build, "build c16 -o x.xyz", "/dev/null"), 2);
    cr_expect_eq(run(cmd_build, "build c15 -o x.cif", "/dev/null"), 2);
    cr_expect_eq(run(cmd_build, "build c15 -o x.xyz --repeats 1,2", "/dev/null"), 2);
    cr_expect_eq(run(cmd_build, "build c15 -o x.xyz --small-fraction 1.5", "/dev/null"), 1);
    cr_expect_eq(run(cmd_build, "build file -o x.xyz", "/dev/null"), 2);
    cr_expect_eq(run(cmd_build, "build fcc -o /nowhere/x.xyz", "/dev/null"), 1);
    cr_expect_eq(run(cmd_build, "build --help", "/dev/null"), 0);
}

Test(verbs, build_file_scales_to_a_volume)
{
    const char *const names[] = {"a.data", "b.xyz"};
    char directory[PATH_SIZE], line[LINE_SIZE], path[2 * PATH_SIZE];
    struct configuration read;
    make_directory(directory);
    snprintf(line, sizeof line, "build b2 --atoms 432 -o %s/a.data", directory);
    cr_assert_eq(run(cmd_build, line, "/dev/null"), 0);
    snprintf(line, sizeof line, "build file --input %s/a.data --volume 0.7 -o %s/b.xyz", directory, directory);
    cr_assert_eq(run(cmd_build, line, "/dev/null"), 0);
    snprintf(path, sizeof path, "%s/b.xyz", directory);
    cr_assert_eq(configuration_read(path, 0, &read, NULL), STATUS_OK);
    cr_expect_float_eq(configuration_volume(&read) / read.atoms, 0.7, 1e-14);
    configuration_finish(&read);
    remove_directory(directory, names, 2);
}
