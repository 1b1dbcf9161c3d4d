#include "worker/cmd/analyze.h"

#include "worker/cmd/analyze_fields.h"
#include "worker/cmd/cmd.h"
#include "worker/cmd/json.h"
#include "worker/files/configuration_read.h"
#include "worker/minimize/cg.h"
#include "worker/structure/analysis.h"
#include "worker/structure/pdf.h"
#include "worker/structure/signatures.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: $ FILE [--json] [--minimize] [options]\n"
    "\n"
    "Energies, forces, Voronoi cells and pair distributions of a configuration: LAMMPS data\n"
    "(atom_style atomic), extended XYZ or a snapshot; type 1 or species L is large, 2 or S is small.\n"
    "FILE '-' is standard input.\n"
    "\n"
    "  --json             one JSON object instead of a table\n"
    "  --minimize         also the inherent structure below it\n"
    "  --frame K          of an extended XYZ file; the first is 0 (default)\n"
    "  --potential NAME   wahnstrom (default), kob_andersen\n"
    "  --cut NAME         shifted (default), truncated, force_shifted\n"
    "  --cutoff R         sigma; default 2.5\n"
    "  --radical          radical Voronoi tessellation with radii sigma_aa / 2\n"
    "  --face-min F       leave out faces below this fraction of their cell's surface\n"
    "  --edge-min L       leave out edges shorter than this when counting a face's edges, sigma\n"
    "  --cna-cutoff R     of the fixed common-neighbour analysis, sigma; default 1.4\n"
    "  --pdf-bin W        width of a bin, sigma; default 0.02\n"
    "  --pdf-radius R     reach of the pair counts, sigma; default half the box (or\n"
    "                     1e9 pairs); beyond half the box with periodic images\n"
    "\n"
    "examples:\n"
    "  $ glass.data\n"
    "  $ trajectory.xyz --frame 12 --minimize --json > frame12.json\n";

struct arguments {
    const char *path;
    bool json, minimize, help, radical;
    uint32_t frame;
    int potential, cut;
    double cutoff;
    struct analysis_options analysis;
};

enum flag {
    OPTION_JSON = 256,
    OPTION_MINIMIZE,
    OPTION_FRAME,
    OPTION_POTENTIAL,
    OPTION_CUT,
    OPTION_CUTOFF,
    OPTION_RADICAL,
    OPTION_FACE_MIN,
    OPTION_EDGE_MIN,
    OPTION_CNA_CUTOFF,
    OPTION_PDF_BIN,
    OPTION_PDF_RADIUS
};

static const struct option options[] = {
    {"json", no_argument, NULL, OPTION_JSON},
    {"minimize", no_argument, NULL, OPTION_MINIMIZE},
    {"frame", required_argument, NULL, OPTION_FRAME},
    {"potential", required_argument, NULL, OPTION_POTENTIAL},
    {"cut", required_argument, NULL, OPTION_CUT},
    {"cutoff", required_argument, NULL, OPTION_CUTOFF},
    {"radical", no_argument, NULL, OPTION_RADICAL},
    {"face-min", required_argument, NULL, OPTION_FACE_MIN},
    {"edge-min", required_argument, NULL, OPTION_EDGE_MIN},
    {"cna-cutoff", required_argument, NULL, OPTION_CNA_CUTOFF},
    {"pdf-bin", required_argument, NULL, OPTION_PDF_BIN},
    {"pdf-radius", required_argument, NULL, OPTION_PDF_RADIUS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum status parse_option(struct arguments *arguments, int option, const char *value, struct error *err)
{
    long long whole = 0;
    enum status status;
    switch (option) {
    case OPTION_JSON:
        arguments->json = true;
        return STATUS_OK;
    case OPTION_MINIMIZE:
        arguments->minimize = true;
        return STATUS_OK;
    case OPTION_RADICAL:
        arguments->radical = true;
        return STATUS_OK;
    case OPTION_FRAME:
        status = cmd_parse_whole("--frame", value, UINT32_MAX - 1, &whole, err);
        arguments->frame = (uint32_t)whole;
        return status;
    case OPTION_POTENTIAL:
        return cmd_parse_name("--potential", value, potential_names, POTENTIAL_KIND_COUNT, &arguments->potential, err);
    case OPTION_CUT:
        return cmd_parse_name("--cut", value, cut_names, CUT_KIND_COUNT, &arguments->cut, err);
    case OPTION_CUTOFF:
        return cmd_parse_real("--cutoff", value, 0.0, &arguments->cutoff, err);
    case OPTION_FACE_MIN:
        return cmd_parse_real("--face-min", value, 0.0, &arguments->analysis.voronoi.face_area_min, err);
    case OPTION_EDGE_MIN:
        return cmd_parse_real("--edge-min", value, 0.0, &arguments->analysis.voronoi.edge_min, err);
    case OPTION_CNA_CUTOFF:
        return cmd_parse_real("--cna-cutoff", value, 0.0, &arguments->analysis.cna_cutoff, err);
    case OPTION_PDF_BIN:
        return cmd_parse_real("--pdf-bin", value, 0.0, &arguments->analysis.pdf_bin, err);
    case OPTION_PDF_RADIUS:
        return cmd_parse_real("--pdf-radius", value, 0.0, &arguments->analysis.pdf_radius, err);
    case 'h':
        arguments->help = true;
        return STATUS_OK;
    default:
        return error_set(err, STATUS_USAGE, "see --help");
    }
}

static enum status parse_arguments(struct arguments *arguments, int argc, char **argv, struct error *err)
{
    *arguments = (struct arguments){.potential = POTENTIAL_WAHNSTROM,
                                    .cut = CUT_SHIFTED,
                                    .cutoff = 2.5,
                                    .analysis = {.cna_cutoff = 1.4, .pdf_bin = 0.02}};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        enum status status = parse_option(arguments, option, optarg, err);
        if (status != STATUS_OK)
            return status;
    }
    if (arguments->help)
        return STATUS_OK;
    if (optind + 1 != argc)
        return error_set(err, STATUS_USAGE, "analyze takes one file; see --help");
    arguments->path = argv[optind];
    return STATUS_OK;
}

static void print_per_atom(struct json *json, const struct configuration *configuration,
                           const struct analysis *analysis)
{
    json_array_begin(json, "per_atom");
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        const struct signature signature = signature_of(&analysis->voronoi, i);
        json_object_begin(json, NULL);
        json_whole(json, "id", configuration->id[i]);
        json_whole(json, "type", configuration->type[i] + 1);
        json_real(json, "energy", analysis->energy_per_atom[i]);
        json_real(json, "volume", analysis->voronoi.volume[i]);
        json_whole(json, "n3", signature.n3);
        json_whole(json, "n4", signature.n4);
        json_whole(json, "n5", signature.n5);
        json_whole(json, "n6", signature.n6);
        json_whole(json, "faces", signature.faces);
        json_string(json, "cna_adaptive", cna_names[analysis->cna_adaptive[i]]);
        json_string(json, "environment", environment_names[analysis->environment[i]]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void print_counts(struct json *json, const char *key, const uint64_t *counts, uint32_t bins)
{
    json_array_begin(json, key);
    for (uint32_t b = 0; b < bins; b++)
        json_whole(json, NULL, (int64_t)counts[b]);
    json_array_end(json);
}

/* Counts summed over the pairs of species from `first` to `last` (11, 12, 22), normalised. */
static void print_g(struct json *json, const char *key, const struct analysis *analysis, double bin, double volume,
                    int first, int last)
{
    const uint32_t large = analysis->type_count[ATOM_LARGE], small = analysis->type_count[ATOM_SMALL];
    const uint32_t a = first != last ? large + small : first == 2 ? small : large;
    const uint32_t b = first != last ? large + small : first == 0 ? large : small;
    json_array_begin(json, key);
    for (uint32_t n = 0; n < analysis->pdf_bins; n++) {
        uint64_t count = 0;
        for (int pair = first; pair <= last; pair++)
            count += analysis->pdf_counts[(uint32_t)pair * analysis->pdf_bins + n];
        json_real(json, NULL, pdf_normalise(count, n, bin, volume, a, b, first != 1 || last != 1));
    }
    json_array_end(json);
}

static void print_pdf(struct json *json, const struct analysis *analysis, double bin, double volume)
{
    const uint32_t bins = analysis->pdf_bins;
    json_object_begin(json, "pdf");
    json_real(json, "dr", bin);
    json_array_begin(json, "r");
    for (uint32_t b = 0; b < bins; b++)
        json_real(json, NULL, bin * (b + 0.5));
    json_array_end(json);
    print_counts(json, "counts_11", analysis->pdf_counts, bins);
    print_counts(json, "counts_12", analysis->pdf_counts + bins, bins);
    print_counts(json, "counts_22", analysis->pdf_counts + 2 * (size_t)bins, bins);
    print_g(json, "g_11", analysis, bin, volume, 0, 0);
    print_g(json, "g_12", analysis, bin, volume, 1, 1);
    print_g(json, "g_22", analysis, bin, volume, 2, 2);
    print_g(json, "g", analysis, bin, volume, 0, 2);
    analyze_print_coordination(json, analysis);
    json_object_end(json);
}

static void print_histogram(struct json *json, const char *key, const uint64_t count[BONDS_N_MAX + 1])
{
    json_object_begin(json, key);
    for (int n = 0; n <= BONDS_N_MAX; n++) {
        char name[16];
        snprintf(name, sizeof name, "%d", n);
        if (count[n])
            json_whole(json, name, (int64_t)count[n]);
    }
    json_object_end(json);
}

static void print_cna(struct json *json, const char *key, double cutoff, const uint32_t count[CNA_KIND_COUNT])
{
    json_object_begin(json, key);
    if (cutoff > 0.0)
        json_real(json, "cutoff", cutoff);
    for (int kind = 0; kind < CNA_KIND_COUNT; kind++)
        json_whole(json, cna_names[kind], count[kind]);
    json_object_end(json);
}

static void print_clusters(struct json *json, const char *key, const struct clusters *clusters)
{
    json_object_begin(json, key);
    json_whole(json, "count", clusters->count);
    json_whole(json, "largest", clusters->largest);
    json_real(json, "weight_average", clusters->weight_average);
    json_real(json, "radius_of_gyration", clusters->radius_of_gyration);
    json_array_begin(json, "percolates");
    for (int k = 0; k < 3; k++)
        json_bool(json, NULL, clusters->percolates[k]);
    json_array_end(json);
    json_object_end(json);
}

static void print_laves(struct json *json, const struct laves *laves)
{
    json_object_begin(json, "laves");
    json_whole(json, "atoms", laves->atoms);
    json_whole(json, "sites", laves->sites);
    json_whole(json, "cubic", laves->cubic);
    json_whole(json, "hexagonal", laves->hexagonal);
    json_whole(json, "largest_cluster", laves->largest);
    json_string(json, "polytype", laves_polytype_names[laves->polytype]);
    json_object_end(json);
}

static void print_b2(struct json *json, const struct b2 *b2)
{
    json_object_begin(json, "b2");
    json_whole(json, "atoms", b2->atoms);
    json_whole(json, "largest_cluster", b2->largest);
    json_object_end(json);
}

/* How cells were cut and what counts as a face: radii 0 are the plain tessellation. */
static void print_voronoi(struct json *json, const struct voronoi_options *options)
{
    json_object_begin(json, "voronoi");
    json_real(json, "radius_large", options->radius[ATOM_LARGE]);
    json_real(json, "radius_small", options->radius[ATOM_SMALL]);
    json_real(json, "face_min", options->face_area_min);
    json_real(json, "edge_min", options->edge_min);
    json_object_end(json);
}

static void print_structure(struct json *json, const struct arguments *arguments, const struct analysis *analysis)
{
    print_voronoi(json, &arguments->analysis.voronoi);
    json_object_begin(json, "frank_kasper");
    json_whole(json, "z12", analysis->frank_kasper[FRANK_KASPER_Z12]);
    json_whole(json, "z14", analysis->frank_kasper[FRANK_KASPER_Z14]);
    json_whole(json, "z15", analysis->frank_kasper[FRANK_KASPER_Z15]);
    json_whole(json, "z16", analysis->frank_kasper[FRANK_KASPER_Z16]);
    json_object_end(json);
    json_object_begin(json, "bonds");
    json_whole(json, "total", (int64_t)analysis->bonds.total);
    print_histogram(json, "by_face_edges", analysis->bonds.by_face_edges);
    print_histogram(json, "by_common_neighbours", analysis->bonds.by_common_neighbours);
    json_object_end(json);
    print_cna(json, "cna_fixed", arguments->analysis.cna_cutoff, analysis->cna_fixed_count);
    print_cna(json, "cna_adaptive", 0.0, analysis->cna_adaptive_count);
    print_clusters(json, "ico_clusters", &analysis->icosahedral_clusters);
    print_laves(json, &analysis->laves);
    print_b2(json, &analysis->b2);
}

/* The scalars of one configuration, by the names of --json. */
struct scalar {
    const char *name, *unit;
    double value;
};

enum { SCALARS = 7 };

static void list_scalars(const struct configuration *configuration, const struct analysis *analysis,
                         struct scalar out[SCALARS])
{
    const double atoms = configuration->atoms;
    const uint32_t *count = analysis->type_count, *ico = analysis->icosahedral;
    const struct scalar scalars[SCALARS] = {
        {"energy_per_atom", "epsilon", analysis->sums.energy / atoms},
        {"energy_per_atom_truncated", "epsilon", analysis->sums.energy_truncated / atoms},
        {"pressure_virial", "epsilon/sigma^3", analysis->sums.virial / (3.0 * configuration_volume(configuration))},
        {"force_max", "epsilon/sigma", analysis->force_max},
        {"ico_fraction", "", analysis_fraction(ico[0] + ico[1], configuration->atoms)},
        {"ico_fraction_small", "", analysis_fraction(ico[ATOM_SMALL], count[ATOM_SMALL])},
        {"ico_fraction_large", "", analysis_fraction(ico[ATOM_LARGE], count[ATOM_LARGE])},
    };
    memcpy(out, scalars, sizeof scalars);
}

static void print_json(struct json *json, const struct arguments *arguments, const struct configuration *configuration,
                       const struct analysis *analysis)
{
    struct scalar scalars[SCALARS];
    const double volume = configuration_volume(configuration);
    list_scalars(configuration, analysis, scalars);
    json_whole(json, "atoms", configuration->atoms);
    json_real(json, "volume", volume);
    for (int i = 0; i < SCALARS; i++)
        json_real(json, scalars[i].name, scalars[i].value);
    print_structure(json, arguments, analysis);
    analyze_print_local(json, analysis);
    analyze_print_correlation(json, analysis, arguments->analysis.pdf_bin, volume);
    print_per_atom(json, configuration, analysis);
    print_pdf(json, analysis, arguments->analysis.pdf_bin, volume);
}

static void print_structure_lines(const struct analysis *analysis)
{
    const uint32_t *fk = analysis->frank_kasper, *cna = analysis->cna_adaptive_count;
    const struct clusters *ico = &analysis->icosahedral_clusters;
    printf("  %-26s Z12 %u, Z14 %u, Z15 %u, Z16 %u\n", "Frank-Kasper atoms", fk[FRANK_KASPER_Z12], fk[FRANK_KASPER_Z14],
           fk[FRANK_KASPER_Z15], fk[FRANK_KASPER_Z16]);
    printf("  %-26s fcc %u, hcp %u, bcc %u, ico %u, other %u\n", "adaptive CNA", cna[CNA_FCC], cna[CNA_HCP],
           cna[CNA_BCC], cna[CNA_ICO], cna[CNA_OTHER]);
    printf("  %-26s %u atoms, largest cluster %u, polytype %s\n", "Laves", analysis->laves.atoms,
           analysis->laves.largest, laves_polytype_names[analysis->laves.polytype]);
    printf("  %-26s %u atoms, largest cluster %u\n", "B2", analysis->b2.atoms, analysis->b2.largest);
    printf("  %-26s %u, largest %u, weight average %.4g\n", "icosahedral clusters", ico->count, ico->largest,
           ico->weight_average);
    if (analysis->ico_length.resolved)
        printf("  %-26s %.3g +- %.2g sigma (Ornstein-Zernike)\n", "icosahedral correlation",
               analysis->ico_length.length, analysis->ico_length.length_error);
    printf("  %-26s %.4g at q = %.4g\n", "main peak of S(q)", analysis->peak.value, analysis->peak.q);
}

static void print_table(const char *title, const struct configuration *configuration, const struct analysis *analysis)
{
    struct scalar scalars[SCALARS];
    list_scalars(configuration, analysis, scalars);
    printf("%s\n", title);
    for (int i = 0; i < SCALARS; i++)
        printf("  %-26s %18.10g %s\n", scalars[i].name, scalars[i].value, scalars[i].unit);
    print_structure_lines(analysis);
}

static void print_head(const struct configuration *configuration, const struct analysis *analysis)
{
    printf("%u atom%s: %u large, %u small; box %.8g x %.8g x %.8g sigma; %.6g sigma^3 per atom\n\n",
           configuration->atoms, configuration->atoms == 1 ? "" : "s", analysis->type_count[ATOM_LARGE],
           analysis->type_count[ATOM_SMALL], configuration->box[0], configuration->box[1], configuration->box[2],
           configuration_volume(configuration) / configuration->atoms);
}

static struct potential potential_of(const struct arguments *arguments)
{
    return potential_make((enum potential_kind)arguments->potential, (enum cut_kind)arguments->cut, arguments->cutoff);
}

/* Minimises `configuration` and adds what is found to the object or the table. */
static enum status report_inherent(const struct arguments *arguments, struct configuration *configuration,
                                   struct json *json, struct error *err)
{
    static const struct cg_options cg = {.force_max = 1e-8, .evaluations_max = 20000};
    const struct potential potential = potential_of(arguments);
    struct cg_result result;
    struct analysis analysis;
    enum status status = cg_minimize(&potential, &cg, configuration, &result, err);
    if (status != STATUS_OK)
        return error_context(err, "minimising '%s'", arguments->path);
    if ((status = analysis_init(&analysis, &potential, configuration, &arguments->analysis, err)) != STATUS_OK)
        return status;
    if (arguments->json) {
        json_object_begin(json, "inherent");
        print_json(json, arguments, configuration, &analysis);
        json_bool(json, "converged", result.converged);
        json_whole(json, "iterations", result.iterations);
        json_object_end(json);
    } else {
        print_table("\ninherent structure", configuration, &analysis);
        printf("  %s after %u force evaluations\n", result.converged ? "converged" : "stalled", result.iterations);
    }
    analysis_finish(&analysis);
    return STATUS_OK;
}

static enum status report(const struct arguments *arguments, struct configuration *configuration, struct error *err)
{
    const struct potential potential = potential_of(arguments);
    struct analysis analysis;
    enum status status = analysis_init(&analysis, &potential, configuration, &arguments->analysis, err);
    if (status != STATUS_OK)
        return error_context(err, "'%s'", arguments->path);
    struct json json = {.file = stdout};
    if (arguments->json) {
        json_object_begin(&json, NULL);
        print_json(&json, arguments, configuration, &analysis);
    } else {
        print_head(configuration, &analysis);
        print_table("configuration", configuration, &analysis);
    }
    analysis_finish(&analysis);
    if (arguments->minimize)
        status = report_inherent(arguments, configuration, &json, err);
    if (arguments->json) {
        json_object_end(&json);
        putchar('\n');
    }
    return status;
}

static enum status run(struct arguments *arguments, struct error *err)
{
    struct configuration configuration;
    enum status status = configuration_read(arguments->path, arguments->frame, &configuration, err);
    if (status != STATUS_OK)
        return status;
    const struct potential potential = potential_of(arguments);
    for (int type = 0; arguments->radical && type < 2; type++)
        arguments->analysis.voronoi.radius[type] = 0.5 * potential.sigma[type][type];
    status = report(arguments, &configuration, err);
    configuration_finish(&configuration);
    if (status == STATUS_OK && fflush(stdout) != 0)
        status = error_set(err, STATUS_IO, "cannot write to standard output");
    return status;
}

int cmd_analyze(int argc, char **argv)
{
    struct arguments arguments;
    struct error err;
    if (parse_arguments(&arguments, argc, argv, &err) != STATUS_OK)
        return cmd_failed(&err);
    if (arguments.help) {
        cmd_print_help(stdout, help, argv[0]);
        return 0;
    }
    return run(&arguments, &err) == STATUS_OK ? 0 : cmd_failed(&err);
}
