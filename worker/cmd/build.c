/* build.c - a starting state written to a file, and what came out said on standard output. Builders:
 * worker/build/build.h. */
#include "worker/cmd/build.h"

#include "worker/build/build.h"
#include "worker/cmd/cmd.h"
#include "worker/cmd/json.h"
#include "worker/files/configuration_write.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum format { FORMAT_XYZ, FORMAT_DATA };

struct options {
    struct build_spec spec;
    const char *output; /* "-" = standard output */
    bool json, help;
};

static const char usage[] =
    "usage: $ KIND -o FILE [options]\n"
    "\n"
    "KIND: random, a crystal (fcc hcp b2 c11b c14 c15 c36), c15_disordered (50:50: random small sites turned large),\n"
    "nanocomposite (randomly oriented C15 grains in large atoms), file. FILE: .xyz, .extxyz (extended XYZ), .data, "
    ".lmp,\n"
    ".lammps (LAMMPS data); - is extended XYZ on standard output.\n"
    "\n"
    "  --atoms N              500; a crystal takes the nearest round supercell and says so\n"
    "  --small-fraction X     small atoms over all; 0.5, a crystal's or a file's own\n"
    "  --volume V             sigma^3 per atom; by default from the composition by\n"
    "  --volume-rule NAME     species (the same average volume for each species; default), sigma_cubed or\n"
    "                         fixed (0.767)\n"
    "  --seed S --replica R   name the random numbers; 0, 0\n"
    "  --noise D              displaces every coordinate, standard deviation D sigma\n"
    "  --minimize             to the energy minimum below; --no-minimize. A nanocomposite is minimised by default\n"
    "  --sites LETTERS        crystals: L or S for each orbit or each atom of the cell\n"
    "  --repeats X,Y,Z        crystals: cells along each edge\n"
    "  --relaxed              crystals: c/a and internal coordinates of least energy, not ideal ones\n"
    "  --grain-atoms N        nanocomposite: mean atoms of a grain, 400\n"
    "  --grain-volume V       nanocomposite: sigma^3 per atom in the grains before minimisation, 0.69\n"
    "  --input FILE           file: LAMMPS data or extended XYZ\n"
    "  --potential NAME --cut NAME --cutoff R    wahnstrom, shifted, 2.5: for minimising and relaxing\n"
    "  --json                 what came out as JSON\n"
    "\n"
    "example: $ nanocomposite --atoms 4000 --grain-atoms 400 --seed 1 -o grains.xyz\n";

static enum status read_kind(const char *text, struct options *options, struct error *err)
{
    int kind = 0;
    enum status status = cmd_parse_name("KIND", text, build_names, BUILD_KIND_COUNT, &kind, err);
    options->spec.kind = (enum build_kind)kind;
    return status;
}

static enum status read_count(const char *option, const char *text, long long most, uint32_t *out, struct error *err)
{
    long long count = 0;
    enum status status = cmd_parse_whole(option, text, most, &count, err);
    *out = (uint32_t)count;
    return status;
}

static enum status read_seed(struct build_seed *seed, struct error *err)
{
    long long value = 0;
    enum status status = cmd_parse_whole("--seed", optarg, INT64_MAX, &value, err);
    seed->seed = (uint64_t)value;
    return status;
}

static enum status read_fraction(double *out, struct error *err)
{
    enum status status = cmd_parse_real("--small-fraction", optarg, -1, out, err);
    if (status == STATUS_OK && *out < 0)
        return error_set(err, STATUS_USAGE, "--small-fraction '%s': expected a number from 0 to 1", optarg);
    return status;
}

static enum status read_repeats(char *text, struct lattice_repeats *out, struct error *err)
{
    char *rest = text;
    for (int d = 0; d < 3; d++) {
        char *word = strsep(&rest, ",");
        enum status status = word ? read_count("--repeats", word, 1000, &out->count[d], err) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
        if (!word || out->count[d] == 0 || (d == 2 && rest))
            return error_set(err, STATUS_USAGE, "--repeats needs three numbers above 0, as in 3,3,3");
    }
    return STATUS_OK;
}

static enum status read_index(const char *option, const char *const *names, int count, int *out, struct error *err)
{
    return cmd_parse_name(option, optarg, names, count, out, err);
}

/* Options that choose a word of a table. */
static enum status read_choice(int letter, struct options *options, struct error *err)
{
    int index = 0;
    enum status status;
    switch (letter) {
    case 'w':
        status = read_index("--volume-rule", volume_rule_names, VOLUME_RULE_COUNT, &index, err);
        options->spec.volume_rule = (enum volume_rule)index;
        return status;
    case 'p':
        status = read_index("--potential", potential_names, POTENTIAL_KIND_COUNT, &index, err);
        options->spec.potential = (enum potential_kind)index;
        return status;
    default:
        status = read_index("--cut", cut_names, CUT_KIND_COUNT, &index, err);
        options->spec.cut = (enum cut_kind)index;
        return status;
    }
}

/* Options without a value. */
static void read_switch(int letter, struct options *options)
{
    if (letter == 'R')
        options->spec.is_relaxed = true;
    else if (letter == 'j')
        options->json = true;
    else if (letter == 'h')
        options->help = true;
    else
        options->spec.minimum = letter == 'm' ? BUILD_MINIMUM_YES : BUILD_MINIMUM_NO;
}

static enum status read_option(int letter, struct options *options, struct error *err)
{
    struct build_spec *spec = &options->spec;
    switch (letter) {
    case 'o':
        options->output = optarg;
        return STATUS_OK;
    case 'i':
        spec->path = optarg;
        return STATUS_OK;
    case 's':
        spec->sites = optarg;
        return STATUS_OK;
    case 'n':
        return read_count("--atoms", optarg, SNAPSHOT_ATOMS_MAX, &spec->atoms, err);
    case 'G':
        return read_count("--grain-atoms", optarg, SNAPSHOT_ATOMS_MAX, &spec->grain_atoms, err);
    case 'q':
        return read_count("--replica", optarg, UINT32_MAX, &spec->seed.replica.value, err);
    case 'S':
        return read_seed(&spec->seed, err);
    case 'x':
        return read_fraction(&spec->small_fraction, err);
    case 'v':
        return cmd_parse_real("--volume", optarg, 0, &spec->volume_per_atom, err);
    case 'V':
        return cmd_parse_real("--grain-volume", optarg, 0, &spec->grain_volume, err);
    case 'd':
        return cmd_parse_real("--noise", optarg, -1, &spec->noise, err);
    case 'r':
        return cmd_parse_real("--cutoff", optarg, 0, &spec->cutoff, err);
    case 'k':
        return read_repeats(optarg, &spec->repeats, err);
    case 'w':
    case 'p':
    case 'c':
        return read_choice(letter, options, err);
    case '?':
        return error_set(err, STATUS_USAGE, "see --help");
    default:
        read_switch(letter, options);
        return STATUS_OK;
    }
}

static enum status read_options(int argc, char **argv, struct options *options, struct error *err)
{
    static const struct option known[] = {
        {"output", required_argument, NULL, 'o'},
        {"input", required_argument, NULL, 'i'},
        {"sites", required_argument, NULL, 's'},
        {"atoms", required_argument, NULL, 'n'},
        {"grain-atoms", required_argument, NULL, 'G'},
        {"grain-volume", required_argument, NULL, 'V'},
        {"seed", required_argument, NULL, 'S'},
        {"replica", required_argument, NULL, 'q'},
        {"volume", required_argument, NULL, 'v'},
        {"small-fraction", required_argument, NULL, 'x'},
        {"volume-rule", required_argument, NULL, 'w'},
        {"noise", required_argument, NULL, 'd'},
        {"repeats", required_argument, NULL, 'k'},
        {"relaxed", no_argument, NULL, 'R'},
        {"potential", required_argument, NULL, 'p'},
        {"cut", required_argument, NULL, 'c'},
        {"cutoff", required_argument, NULL, 'r'},
        {"minimize", no_argument, NULL, 'm'},
        {"no-minimize", no_argument, NULL, 'M'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){.spec = {.atoms = 500, .small_fraction = -1, .cutoff = 2.5}};
    enum status status = STATUS_OK;
    optind = 1;
    for (int letter; status == STATUS_OK && (letter = getopt_long(argc, argv, "o:", known, NULL)) != -1;)
        status = read_option(letter, options, err);
    if (status != STATUS_OK || options->help)
        return status;
    if (optind != argc - 1)
        return error_set(err, STATUS_USAGE, "one KIND is needed; see --help");
    if (!options->output)
        return error_set(err, STATUS_USAGE, "-o FILE is needed; see --help");
    return read_kind(argv[optind], options, err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static enum status find_format(const char *path, enum format *out, struct error *err)
{
    bool is_xyz = strcmp(path, "-") == 0 || ends_with(path, ".xyz") || ends_with(path, ".extxyz");
    bool is_data = ends_with(path, ".data") || ends_with(path, ".lmp") || ends_with(path, ".lammps");
    if (!is_xyz && !is_data)
        return error_set(err, STATUS_USAGE, "'%s' does not end in .xyz, .extxyz, .data, .lmp or .lammps", path);
    *out = is_xyz ? FORMAT_XYZ : FORMAT_DATA;
    return STATUS_OK;
}

static enum status write_stream(FILE *file, enum format format, const struct potential *potential,
                                const struct configuration *configuration, struct error *err)
{
    if (format == FORMAT_XYZ)
        return extended_xyz_write(file, configuration, 0, err);
    return lammps_data_write(file, configuration, potential->mass, err);
}

static enum status write_file(const char *path, enum format format, const struct potential *potential,
                              const struct configuration *configuration, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return write_stream(stdout, format, potential, configuration, err);
    FILE *file = fopen(path, "w");
    if (!file)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    enum status status = write_stream(file, format, potential, configuration, err);
    if (fclose(file) != 0 && status == STATUS_OK)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return status;
}

static enum status build_and_write(const struct options *options, enum format format, struct build_report *report,
                                   struct error *err)
{
    struct potential potential = potential_make(options->spec.potential, options->spec.cut, options->spec.cutoff);
    struct configuration configuration;
    enum status status = build_make(&options->spec, &configuration, report, err);
    if (status != STATUS_OK)
        return status;
    status = write_file(options->output, format, &potential, &configuration, err);
    configuration_finish(&configuration);
    return status;
}

static void write_nanocomposite(struct json *json, const struct nanocomposite_report *report)
{
    json_object_begin(json, "nanocomposite");
    json_whole(json, "grains", report->grains);
    json_whole(json, "atoms_crystal", report->atoms_crystal);
    json_real(json, "grain_atoms_mean", report->grain_atoms_mean);
    json_real(json, "interface_width", report->interface_width);
    json_real(json, "gap_min", report->gap_min);
    json_object_end(json);
}

static void write_minimum(struct json *json, const struct build_report *report)
{
    json_object_begin(json, "minimum");
    json_bool(json, "converged", report->minimum.converged);
    json_real(json, "force_max", report->minimum.force_max);
    json_real(json, "energy_per_atom", report->minimum.energy / report->atoms);
    json_whole(json, "evaluations", report->minimum.iterations);
    json_object_end(json);
}

static void write_repeats(struct json *json, const struct lattice_repeats *repeats)
{
    json_array_begin(json, "repeats");
    for (int d = 0; d < 3; d++)
        json_whole(json, NULL, repeats->count[d]);
    json_array_end(json);
}

static void print_json(FILE *file, const struct options *options, const struct build_report *report)
{
    struct json json = {.file = file};
    json_object_begin(&json, NULL);
    json_string(&json, "kind", build_names[options->spec.kind]);
    json_whole(&json, "seed", (int64_t)options->spec.seed.seed);
    json_whole(&json, "replica", options->spec.seed.replica.value);
    json_whole(&json, "atoms_wanted", report->atoms_wanted);
    json_whole(&json, "atoms", report->atoms);
    json_whole(&json, "atoms_small", report->atoms_small);
    json_real(&json, "volume_per_atom", report->volume_per_atom);
    if (report->repeats.count[0])
        write_repeats(&json, &report->repeats);
    if (options->spec.kind == BUILD_NANOCOMPOSITE)
        write_nanocomposite(&json, &report->nanocomposite);
    if (report->is_minimized)
        write_minimum(&json, report);
    json_object_end(&json);
    fputc('\n', file);
}

static void print_text(FILE *file, const struct options *options, const struct build_report *report)
{
    const struct nanocomposite_report *composite = &report->nanocomposite;
    fprintf(file, "%s: %" PRIu32 " atoms, %" PRIu32 " small, V/N = %.6g\n", build_names[options->spec.kind],
            report->atoms, report->atoms_small, report->volume_per_atom);
    if (report->repeats.count[0])
        fprintf(file, "  %" PRIu32 " x %" PRIu32 " x %" PRIu32 " cells%s\n", report->repeats.count[0],
                report->repeats.count[1], report->repeats.count[2],
                report->atoms_wanted && report->atoms_wanted != report->atoms
                    ? ": the nearest to what was asked for that is nearly a cube"
                    : "");
    if (options->spec.kind == BUILD_NANOCOMPOSITE)
        fprintf(file, "  %" PRIu32 " grains of %.0f atoms on average, interfaces %.2f sigma wide\n", composite->grains,
                composite->grain_atoms_mean, composite->interface_width);
    if (report->is_minimized)
        fprintf(file, "  minimum: %.8f epsilon per atom, %s at a force of %.1e after %" PRIu32 " evaluations\n",
                report->minimum.energy / report->atoms, report->minimum.converged ? "converged" : "stalled",
                report->minimum.force_max, report->minimum.iterations);
}

/* On standard error when the configuration itself went to standard output. */
static void print_outcome(const struct options *options, const struct build_report *report)
{
    FILE *file = strcmp(options->output, "-") == 0 ? stderr : stdout;
    if (options->json)
        print_json(file, options, report);
    else
        print_text(file, options, report);
}

int cmd_build(int argc, char **argv)
{
    struct options options;
    struct build_report report = {0};
    struct error err = {0};
    enum format format = FORMAT_XYZ;
    enum status status = read_options(argc, argv, &options, &err);
    if (status == STATUS_OK && options.help) {
        cmd_print_help(stdout, usage, argv[0]);
        return 0;
    }
    if (status == STATUS_OK)
        status = find_format(options.output, &format, &err);
    if (status == STATUS_OK)
        status = build_and_write(&options, format, &report, &err);
    if (status == STATUS_OK)
        print_outcome(&options, &report);
    return status == STATUS_OK ? 0 : cmd_failed(&err);
}
