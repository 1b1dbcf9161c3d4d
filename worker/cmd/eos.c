/* eos.c - energy-volume curves of crystals, their minima, and the lowest state of two phases side by side, as text or
 * JSON. Physics: worker/eos/eos.h. */
#include "worker/cmd/eos.h"

#include "common/mem.h"
#include "worker/cmd/cmd.h"
#include "worker/cmd/json.h"
#include "worker/eos/eos.h"

#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { VOLUMES_MAX = 10000 };

struct options {
    enum potential_kind potential;
    enum cut_kind cut;
    double cutoff;
    enum eos_geometry geometry;
    struct phase phases[PHASES_MAX];
    uint32_t phase_count;
    struct phase pair[2];
    double small_fraction, volume;
    double volume_first, volume_last, volume_step;
    bool json, help;
};

static const char usage[] =
    "usage: $ [--json] [--cut shifted|truncated|force_shifted] [--cutoff R]\n"
    "                          [--potential wahnstrom|kob_andersen] [--geometry relaxed|ideal]\n"
    "                          [--phases NAME,...] [--volumes FIRST:LAST:STEP]\n"
    "                          [--pair A,B] [--small-fraction X] [--volume V]\n"
    "\n"
    "Energy per atom (epsilon) against volume per atom (sigma^3) of perfect crystals, the minima of the curves, and "
    "the\n"
    "two-phase minimum of the pair (C15 beside hcp of large atoms) at small fraction X = 0.5 and volume V = 0.767.\n"
    "Relaxed: c/a and internal coordinates minimise the energy at each volume. Phases: fcc_large fcc_small hcp_large\n"
    "hcp_small B2 C11b C14 C15 C36 (all of them by default), or LATTICE:SITES, as in c11b:SL.\n"
    "\n"
    "example: $ --json --cut truncated --geometry ideal --phases C15,C14,hcp_large\n";

/* Reads "a,b,..." into at most `max` phases. */
static enum status read_phases(char *list, uint32_t max, struct phase *out_phases, uint32_t *out_count,
                               struct error *err)
{
    uint32_t count = 0;
    for (char *rest = list, *name; (name = strsep(&rest, ",")) != NULL; count++) {
        if (count == max)
            return error_set(err, STATUS_USAGE, "more than %u phases", max);
        struct error unknown;
        if (phase_find(name, &out_phases[count], &unknown) != STATUS_OK)
            return error_set(err, STATUS_USAGE, "%s", unknown.message);
    }
    *out_count = count;
    return STATUS_OK;
}

static enum status read_pair(char *list, struct options *options, struct error *err)
{
    uint32_t count = 0;
    enum status status = read_phases(list, 2, options->pair, &count, err);
    if (status == STATUS_OK && count != 2)
        return error_set(err, STATUS_USAGE, "--pair: two phases are needed, as in C15,hcp_large");
    return status;
}

static enum status read_volumes(char *text, struct options *options, struct error *err)
{
    double *const members[3] = {&options->volume_first, &options->volume_last, &options->volume_step};
    char *rest = text;
    for (int m = 0; m < 3; m++) {
        char *word = strsep(&rest, ":");
        if (!word)
            return error_set(err, STATUS_USAGE, "--volumes: FIRST:LAST:STEP is needed, as in 0.55:1.19:0.02");
        enum status status = cmd_parse_real("--volumes", word, 0, members[m], err);
        if (status != STATUS_OK)
            return status;
    }
    double count = (options->volume_last - options->volume_first) / options->volume_step + 1;
    if (rest || !(count >= 1 && count <= VOLUMES_MAX))
        return error_set(err, STATUS_USAGE, "--volumes: between 1 and %d volumes are needed", VOLUMES_MAX);
    return STATUS_OK;
}

static enum status read_option(int letter, struct options *options, struct error *err)
{
    int index = 0;
    enum status status = STATUS_OK;
    switch (letter) {
    case 'p':
        status = cmd_parse_name("--potential", optarg, potential_names, POTENTIAL_KIND_COUNT, &index, err);
        options->potential = (enum potential_kind)index;
        return status;
    case 'c':
        status = cmd_parse_name("--cut", optarg, cut_names, CUT_KIND_COUNT, &index, err);
        options->cut = (enum cut_kind)index;
        return status;
    case 'g':
        status = cmd_parse_name("--geometry", optarg, eos_geometry_names, EOS_GEOMETRY_COUNT, &index, err);
        options->geometry = (enum eos_geometry)index;
        return status;
    case 'r':
        return cmd_parse_real("--cutoff", optarg, 0, &options->cutoff, err);
    case 'f':
        return read_phases(optarg, PHASES_MAX, options->phases, &options->phase_count, err);
    case 'a':
        return read_pair(optarg, options, err);
    case 'x':
        return cmd_parse_real("--small-fraction", optarg, -1, &options->small_fraction, err);
    case 'v':
        return cmd_parse_real("--volume", optarg, 0, &options->volume, err);
    case 'w':
        return read_volumes(optarg, options, err);
    case 'j':
        options->json = true;
        return STATUS_OK;
    case 'h':
        options->help = true;
        return STATUS_OK;
    default:
        return error_set(err, STATUS_USAGE, "see --help");
    }
}

static enum status default_options(struct options *options, struct error *err)
{
    *options = (struct options){
        .cutoff = 2.5,
        .geometry = EOS_RELAXED,
        .phase_count = phase_count,
        .small_fraction = 0.5,
        .volume = 0.767,
        .volume_first = 0.47,
        .volume_last = 1.19,
        .volume_step = 0.02,
    };
    memcpy(options->phases, phases, phase_count * sizeof *phases);
    char pair[] = "C15,hcp_large";
    return read_pair(pair, options, err);
}

static enum status read_options(int argc, char **argv, struct options *options, struct error *err)
{
    static const struct option known[] = {
        {"potential", required_argument, NULL, 'p'},
        {"cut", required_argument, NULL, 'c'},
        {"cutoff", required_argument, NULL, 'r'},
        {"geometry", required_argument, NULL, 'g'},
        {"phases", required_argument, NULL, 'f'},
        {"pair", required_argument, NULL, 'a'},
        {"volume", required_argument, NULL, 'v'},
        {"small-fraction", required_argument, NULL, 'x'},
        {"volumes", required_argument, NULL, 'w'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    enum status status = default_options(options, err);
    optind = 1;
    for (int letter; status == STATUS_OK && (letter = getopt_long(argc, argv, "", known, NULL)) != -1;)
        status = read_option(letter, options, err);
    if (status == STATUS_OK && optind != argc)
        return error_set(err, STATUS_USAGE, "nothing is known about '%s'", argv[optind]);
    return status;
}

static uint32_t count_volumes(const struct options *options)
{
    return (uint32_t)floor((options->volume_last - options->volume_first) / options->volume_step + 1e-6) + 1;
}

static double volume_at(const struct options *options, uint32_t index)
{
    return options->volume_first + index * options->volume_step;
}

/* Shape of a relaxed crystal: c/a and internal coordinates by orbit. */
static void write_point(struct json *json, const char *key, const struct eos_point *point)
{
    json_object_begin(json, key);
    json_real(json, "V", point->volume);
    json_real(json, "E", point->energy);
    json_real(json, "c_over_a", point->shape.c_over_a);
    json_array_begin(json, "internal");
    for (int o = 0; o < LATTICE_ORBITS_MAX; o++)
        json_real(json, NULL, point->shape.internal[o]);
    json_array_end(json);
    json_bool(json, "held", point->is_held);
    json_object_end(json);
}

/* One array for each member of the points. */
static void write_curve(struct json *json, const struct eos_point *points, uint32_t count)
{
    json_array_begin(json, "V");
    for (uint32_t i = 0; i < count; i++)
        json_real(json, NULL, points[i].volume);
    json_array_end(json);
    json_array_begin(json, "E");
    for (uint32_t i = 0; i < count; i++)
        json_real(json, NULL, points[i].energy);
    json_array_end(json);
    json_array_begin(json, "c_over_a");
    for (uint32_t i = 0; i < count; i++)
        json_real(json, NULL, points[i].shape.c_over_a);
    json_array_end(json);
    json_array_begin(json, "held");
    for (uint32_t i = 0; i < count; i++)
        json_bool(json, NULL, points[i].is_held);
    json_array_end(json);
}

static void write_phase(struct json *json, const struct potential *potential, const struct options *options,
                        const struct phase *phase, struct eos_point *points)
{
    uint32_t count = count_volumes(options);
    for (uint32_t i = 0; i < count; i++)
        points[i] = eos_point_at(potential, phase, options->geometry, volume_at(options, i));
    struct eos_point minimum = eos_minimum(potential, phase, options->geometry);
    json_object_begin(json, NULL);
    json_string(json, "name", phase->name);
    json_string(json, "lattice", builder_names[phase->crystal]);
    json_string(json, "sites", phase->sites);
    json_real(json, "small_fraction", phase_small_fraction(phase));
    write_curve(json, points, count);
    json_real(json, "V_min", minimum.volume);
    json_real(json, "E_min", minimum.energy);
    write_point(json, "minimum", &minimum);
    json_object_end(json);
}

static void write_two_phase(struct json *json, const struct options *options, const struct eos_two_phase *found)
{
    json_object_begin(json, "two_phase");
    json_string(json, "a", options->pair[0].name);
    json_string(json, "b", options->pair[1].name);
    json_real(json, "V_a", found->a.volume);
    json_real(json, "V_b", found->b.volume);
    json_real(json, "E", found->energy);
    json_real(json, "E_a", found->a.energy);
    json_real(json, "E_b", found->b.energy);
    json_real(json, "fraction_a", found->fraction_a);
    json_real(json, "small_fraction", options->small_fraction);
    json_real(json, "V", options->volume);
    json_object_end(json);
}

static enum status print_json(const struct potential *potential, const struct options *options,
                              const struct eos_two_phase *found, struct error *err)
{
    struct json json = {.file = stdout};
    struct eos_point *points = mem_alloc_array(count_volumes(options), sizeof *points);
    if (!points)
        return mem_error(err, "a curve");
    json_object_begin(&json, NULL);
    json_string(&json, "potential", potential_names[options->potential]);
    json_string(&json, "cut", cut_names[options->cut]);
    json_real(&json, "cutoff", options->cutoff);
    json_string(&json, "geometry", eos_geometry_names[options->geometry]);
    json_array_begin(&json, "phases");
    for (uint32_t i = 0; i < options->phase_count; i++)
        write_phase(&json, potential, options, &options->phases[i], points);
    json_array_end(&json);
    write_two_phase(&json, options, found);
    json_object_end(&json);
    putchar('\n');
    mem_free(points);
    return STATUS_OK;
}

static void print_curve(const struct potential *potential, const struct options *options, const struct phase *phase)
{
    struct eos_point minimum = eos_minimum(potential, phase, options->geometry);
    printf("%-10s E_min %10.6f at V %.5f", phase->name, minimum.energy, minimum.volume);
    if (minimum.shape.c_over_a != 1)
        printf(", c/a %.4f", minimum.shape.c_over_a);
    puts(minimum.is_held ? ", held" : "");
    for (uint32_t i = 0; i < count_volumes(options); i++) {
        struct eos_point point = eos_point_at(potential, phase, options->geometry, volume_at(options, i));
        printf("  %8.4f %14.8f%s\n", point.volume, point.energy, point.is_held ? "  held: not stable here" : "");
    }
}

static void print_text(const struct potential *potential, const struct options *options,
                       const struct eos_two_phase *found)
{
    printf("%s, %s at %g, %s crystals; E in epsilon, V in sigma^3, per atom\n", potential_names[options->potential],
           cut_names[options->cut], options->cutoff, eos_geometry_names[options->geometry]);
    for (uint32_t i = 0; i < options->phase_count; i++)
        print_curve(potential, options, &options->phases[i]);
    printf("two phases at small fraction %g and V = %g: E = %.6f with %.4f of the atoms in %s at V = %.5f and the "
           "others in %s at V = %.5f\n",
           options->small_fraction, options->volume, found->energy, found->fraction_a, options->pair[0].name,
           found->a.volume, options->pair[1].name, found->b.volume);
}

static enum status run(const struct options *options, struct error *err)
{
    struct potential potential = potential_make(options->potential, options->cut, options->cutoff);
    struct eos_two_phase found;
    enum status status = eos_two_phase(&potential, &options->pair[0], &options->pair[1], options->geometry,
                                       options->small_fraction, options->volume, &found, err);
    if (status != STATUS_OK)
        return status;
    if (options->json)
        return print_json(&potential, options, &found, err);
    print_text(&potential, options, &found);
    return STATUS_OK;
}

int cmd_eos(int argc, char **argv)
{
    struct options options;
    struct error err = {0};
    enum status status = read_options(argc, argv, &options, &err);
    if (status == STATUS_OK && options.help) {
        cmd_print_help(stdout, usage, argv[0]);
        return 0;
    }
    if (status == STATUS_OK)
        status = run(&options, &err);
    return status == STATUS_OK ? 0 : cmd_failed(&err);
}
