#include "worker/cmd/compare.h"

#include "common/mem.h"
#include "worker/cmd/cmd.h"
#include "worker/cmd/json.h"
#include "worker/files/configuration_read.h"
#include "worker/files/configuration_write.h"
#include "worker/files/snapshot_read.h"
#include "worker/minimize/cg.h"
#include "worker/structure/comparison.h"
#include "worker/structure/relaxation.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: $ BEFORE AFTER... [options]\n"
    "\n"
    "What moved between a configuration and one or more later ones: distribution of displacements,\n"
    "movers and their strings, movers by environment, overlap, self-intermediate scattering F_s at the\n"
    "main peak of S(q). Of several later ones also the times at which F_s, and the overlap less what\n"
    "chance gives of it, have fallen to 1/e, and the wait before a replica counts as independent of\n"
    "what it was: both have fallen to 1/e^2, which of exponential decays is twice the relaxation time.\n"
    "\n"
    "Files are snapshots (displacements unwrapped), LAMMPS data or extended XYZ (minimum images, atoms\n"
    "matched by id); FILE@K is frame K of an extended XYZ file, from 0.\n"
    "\n"
    "  --json             one JSON object instead of a table\n"
    "  --xyz OUT          BEFORE with the displacement of each atom as extended XYZ (displacement:R:3),\n"
    "                     one frame for each AFTER\n"
    "  --minimize         compares the inherent structures\n"
    "  --remove-drift     takes off the mean displacement\n"
    "  --interval T       time between one file and the next; default: steps of snapshots, else 1\n"
    "  --threshold R      an atom that went farther is a mover, sigma; default 0.3\n"
    "  --delta R          a mover this near to where another was follows it, sigma; default 0.6\n"
    "  --overlap-radius R sigma; default 0.3\n"
    "  --q Q              wave number of F_s, 1/sigma; default the main peak of S(q) of BEFORE\n"
    "  --bin W            of the distribution, sigma; default 0.02\n"
    "  --potential NAME --cut NAME --cutoff R    for --minimize: wahnstrom, shifted, 2.5\n"
    "\n"
    "examples:\n"
    "  $ step0.xyz step1000000.xyz --xyz moved.xyz\n"
    "  $ run.xyz@0 run.xyz@1 run.xyz@2 --minimize --interval 1000 --json\n";

struct arguments {
    char **paths;
    int path_count;
    const char *xyz; /* NULL: none */
    bool json, minimize, remove_drift, help;
    int potential, cut;
    double cutoff, interval; /* interval 0: not given */
    struct comparison_options comparison;
};

enum flag {
    OPTION_JSON = 256,
    OPTION_XYZ,
    OPTION_MINIMIZE,
    OPTION_REMOVE_DRIFT,
    OPTION_INTERVAL,
    OPTION_THRESHOLD,
    OPTION_DELTA,
    OPTION_OVERLAP_RADIUS,
    OPTION_Q,
    OPTION_BIN,
    OPTION_POTENTIAL,
    OPTION_CUT,
    OPTION_CUTOFF
};

static const struct option options[] = {
    {"json", no_argument, NULL, OPTION_JSON},
    {"xyz", required_argument, NULL, OPTION_XYZ},
    {"minimize", no_argument, NULL, OPTION_MINIMIZE},
    {"remove-drift", no_argument, NULL, OPTION_REMOVE_DRIFT},
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"threshold", required_argument, NULL, OPTION_THRESHOLD},
    {"delta", required_argument, NULL, OPTION_DELTA},
    {"overlap-radius", required_argument, NULL, OPTION_OVERLAP_RADIUS},
    {"q", required_argument, NULL, OPTION_Q},
    {"bin", required_argument, NULL, OPTION_BIN},
    {"potential", required_argument, NULL, OPTION_POTENTIAL},
    {"cut", required_argument, NULL, OPTION_CUT},
    {"cutoff", required_argument, NULL, OPTION_CUTOFF},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum status parse_option(struct arguments *arguments, int option, const char *value, struct error *err)
{
    struct comparison_options *comparison = &arguments->comparison;
    switch (option) {
    case OPTION_JSON:
        arguments->json = true;
        return STATUS_OK;
    case OPTION_XYZ:
        arguments->xyz = value;
        return STATUS_OK;
    case OPTION_MINIMIZE:
        arguments->minimize = true;
        return STATUS_OK;
    case OPTION_REMOVE_DRIFT:
        arguments->remove_drift = true;
        return STATUS_OK;
    case OPTION_INTERVAL:
        return cmd_parse_real("--interval", value, 0.0, &arguments->interval, err);
    case OPTION_THRESHOLD:
        return cmd_parse_real("--threshold", value, 0.0, &comparison->strings.threshold, err);
    case OPTION_DELTA:
        return cmd_parse_real("--delta", value, 0.0, &comparison->strings.delta, err);
    case OPTION_OVERLAP_RADIUS:
        return cmd_parse_real("--overlap-radius", value, 0.0, &comparison->overlap_radius, err);
    case OPTION_Q:
        return cmd_parse_real("--q", value, 0.0, &comparison->q, err);
    case OPTION_BIN:
        return cmd_parse_real("--bin", value, 0.0, &comparison->bin, err);
    case OPTION_POTENTIAL:
        return cmd_parse_name("--potential", value, potential_names, POTENTIAL_KIND_COUNT, &arguments->potential, err);
    case OPTION_CUT:
        return cmd_parse_name("--cut", value, cut_names, CUT_KIND_COUNT, &arguments->cut, err);
    case OPTION_CUTOFF:
        return cmd_parse_real("--cutoff", value, 0.0, &arguments->cutoff, err);
    case 'h':
        arguments->help = true;
        return STATUS_OK;
    default:
        return error_set(err, STATUS_USAGE, "see --help");
    }
}

static enum status parse_arguments(struct arguments *arguments, int argc, char **argv, struct error *err)
{
    *arguments = (struct arguments){
        .potential = POTENTIAL_WAHNSTROM, .cut = CUT_SHIFTED, .cutoff = 2.5, .comparison = comparison_defaults()};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        enum status status = parse_option(arguments, option, optarg, err);
        if (status != STATUS_OK)
            return status;
    }
    arguments->paths = argv + optind;
    arguments->path_count = argc - optind;
    if (!arguments->help && arguments->path_count < 2)
        return error_set(err, STATUS_USAGE, "compare takes two files or more; see --help");
    return STATUS_OK;
}

/* A configuration as it was read, minimised if so asked; with the snapshot where the file was one. */
struct state {
    struct configuration configuration;
    struct snapshot snapshot;
    bool has_snapshot;
};

static void state_finish(struct state *state)
{
    configuration_finish(&state->configuration);
    snapshot_finish(&state->snapshot);
}

/* FILE, or FILE@K when that is a frame's number. */
static enum status read_text_file(const char *word, struct configuration *out, struct error *err)
{
    char path[PATH_MAX];
    const char *at = strrchr(word, '@');
    long long frame = 0;
    if (!at || at[1] == '\0' || strspn(at + 1, "0123456789") != strlen(at + 1))
        return configuration_read(word, 0, out, err);
    enum status status = cmd_parse_whole("frame", at + 1, UINT32_MAX - 1, &frame, err);
    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof path, "%.*s", (int)(at - word), word);
    return configuration_read(path, (uint32_t)frame, out, err);
}

static enum status read_snapshot(const char *path, struct state *state, struct error *err)
{
    enum status status = snapshot_read(path, &state->snapshot, err);
    if (status != STATUS_OK)
        return status;
    state->has_snapshot = true;
    return configuration_from_snapshot(&state->snapshot, &state->configuration, err);
}

static enum status minimize(const struct arguments *arguments, struct configuration *configuration, struct error *err)
{
    static const struct cg_options cg = {.force_max = 1e-8, .evaluations_max = 20000};
    const struct potential potential =
        potential_make((enum potential_kind)arguments->potential, (enum cut_kind)arguments->cut, arguments->cutoff);
    struct cg_result result;
    enum status status = cg_minimize(&potential, &cg, configuration, &result, err);
    return status == STATUS_OK ? STATUS_OK : error_context(err, "minimising");
}

static enum status state_read(const struct arguments *arguments, const char *path, struct state *out, struct error *err)
{
    struct state state = {0};
    enum status status =
        snapshot_is_file(path) ? read_snapshot(path, &state, err) : read_text_file(path, &state.configuration, err);
    if (status == STATUS_OK && arguments->minimize &&
        (status = minimize(arguments, &state.configuration, err)) != STATUS_OK)
        status = error_context(err, "'%s'", path);
    if (status == STATUS_OK)
        *out = state;
    else
        state_finish(&state);
    return status;
}

static bool is_unwrapped(const struct state *before, const struct state *after)
{
    return before->has_snapshot && after->has_snapshot;
}

static enum status displace_inherent(const struct state *before, const struct state *after, struct displacement *out,
                                     struct error *err)
{
    struct displacement guide;
    enum status status = displacement_init_snapshots(&before->snapshot, &after->snapshot, &guide, err);
    if (status != STATUS_OK)
        return status;
    if ((status = displacement_init(&before->configuration, &after->configuration, out, err)) == STATUS_OK)
        displacement_unwrap(out, &guide, before->configuration.box);
    displacement_finish(&guide);
    return status;
}

static enum status displace(const struct arguments *arguments, const struct state *before, const struct state *after,
                            struct displacement *out, struct error *err)
{
    enum status status;
    if (!is_unwrapped(before, after))
        status = displacement_init(&before->configuration, &after->configuration, out, err);
    else if (arguments->minimize)
        status = displace_inherent(before, after, out, err);
    else
        status = displacement_init_snapshots(&before->snapshot, &after->snapshot, out, err);
    if (status == STATUS_OK && arguments->remove_drift)
        displacement_remove_drift(out);
    return status;
}

/* What all comparisons of one call share, and what each of them found: printed when all is well. */
struct session {
    const struct arguments *arguments;
    struct state before;
    struct reference reference;
    struct json json;
    FILE *xyz;                     /* NULL: none */
    struct comparison *comparison; /* [path_count - 1] */
    double *time, *scattering, *overlap; /* F_s, and the overlap less chance, likewise */
    uint32_t count;                /* of these */
    bool in_steps;                 /* times are steps of snapshots */
};

/* What times are counted in. */
static const char *time_unit(const struct session *session)
{
    if (session->in_steps)
        return "steps";
    return session->arguments->interval > 0.0 ? "units of --interval" : "files";
}

static void print_distribution(struct json *json, const struct comparison *comparison, double bin)
{
    json_object_begin(json, "distribution");
    json_real(json, "bin", bin);
    json_array_begin(json, "counts");
    for (uint32_t b = 0; b < comparison->bins; b++)
        json_whole(json, NULL, (int64_t)comparison->counts[b]);
    json_array_end(json);
    json_object_end(json);
    json_array_begin(json, "beyond");
    for (int n = 0; n < COMPARISON_THRESHOLDS; n++) {
        json_object_begin(json, NULL);
        json_real(json, "threshold", comparison_thresholds[n]);
        json_whole(json, "atoms", comparison->beyond[n]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void print_strings(struct json *json, const struct strings *strings)
{
    json_object_begin(json, "strings");
    json_whole(json, "movers", strings->movers);
    json_whole(json, "count", strings->count);
    json_whole(json, "largest", strings->largest);
    json_real(json, "mean", strings->mean);
    json_real(json, "weight_average", strings->weight_average);
    json_array_begin(json, "by_size");
    for (uint32_t size = 0; size <= (strings->largest < STRINGS_SIZE_MAX ? strings->largest : STRINGS_SIZE_MAX); size++)
        json_whole(json, NULL, strings->by_size[size]);
    json_array_end(json);
    json_object_end(json);
}

static void print_groups(struct json *json, const struct mover_group group[ENVIRONMENT_COUNT])
{
    json_object_begin(json, "environments");
    for (int n = 0; n < ENVIRONMENT_COUNT; n++) {
        json_object_begin(json, environment_names[n]);
        json_whole(json, "atoms", group[n].atoms);
        json_whole(json, "movers", group[n].movers);
        json_real(json, "mean_square", group[n].mean_square);
        json_object_end(json);
    }
    json_object_end(json);
}

static void print_displacement(struct json *json, const struct displacement_summary *summary)
{
    json_real(json, "mean", summary->mean);
    json_real(json, "mean_square", summary->mean_square);
    json_real(json, "largest", summary->largest);
    json_real(json, "non_gaussian", summary->non_gaussian);
    json_array_begin(json, "drift");
    for (int k = 0; k < 3; k++)
        json_real(json, NULL, summary->drift[k]);
    json_array_end(json);
}

static void print_json(struct session *session, uint32_t n)
{
    struct json *json = &session->json;
    const struct comparison *comparison = &session->comparison[n];
    json_object_begin(json, NULL);
    json_real(json, "time", session->time[n]);
    json_bool(json, "unwrapped", comparison->unwrapped);
    print_displacement(json, &comparison->displacement);
    print_distribution(json, comparison, session->arguments->comparison.bin);
    print_strings(json, &comparison->strings);
    print_groups(json, comparison->group);
    json_real(json, "overlap_self", comparison->overlap.self);
    json_real(json, "overlap", comparison->overlap.collective);
    json_real(json, "overlap_chance", comparison->overlap.chance);
    json_real(json, "fs", comparison->scattering.all);
    json_real(json, "fs_large", comparison->scattering.type[ATOM_LARGE]);
    json_real(json, "fs_small", comparison->scattering.type[ATOM_SMALL]);
    json_real(json, "fs_q", comparison->scattering.q);
    json_whole(json, "fs_vectors", comparison->scattering.vectors);
    json_object_end(json);
}

static void print_table(const struct session *session, uint32_t n_file)
{
    const struct comparison *comparison = &session->comparison[n_file];
    const struct displacement_summary *d = &comparison->displacement;
    const struct strings *strings = &comparison->strings;
    printf("\n%s: %g %s later%s\n", session->arguments->paths[n_file + 1], session->time[n_file], time_unit(session),
           comparison->unwrapped ? "" : " (minimum images)");
    printf("  displacement  mean %.6g, root mean square %.6g, largest %.6g sigma; non-Gaussian %.4g\n", d->mean,
           sqrt(d->mean_square), d->largest, d->non_gaussian);
    printf("  farther than ");
    for (int n = 0; n < COMPARISON_THRESHOLDS; n++)
        printf("%s%g: %" PRIu32, n ? ", " : " ", comparison_thresholds[n], comparison->beyond[n]);
    printf("\n  movers        %" PRIu32 " beyond %g sigma in %" PRIu32 " strings, the longest %" PRIu32 ", mean %.4g\n",
           strings->movers, session->arguments->comparison.strings.threshold, strings->count, strings->largest,
           strings->mean);
    for (int n = 0; n < ENVIRONMENT_COUNT; n++)
        if (comparison->group[n].atoms)
            printf("    %-12s %" PRIu32 " of %" PRIu32 "\n", environment_names[n], comparison->group[n].movers,
                   comparison->group[n].atoms);
    printf("  overlap       self %.6g, collective %.6g (by chance %.4g)\n", comparison->overlap.self,
           comparison->overlap.collective, comparison->overlap.chance);
    printf("  F_s           %.6g at q = %.5g (%" PRIu32 " wave vectors)\n", comparison->scattering.all,
           comparison->scattering.q, comparison->scattering.vectors);
}

static enum status write_xyz(const struct session *session, const struct displacement *displacement, double time,
                             struct error *err)
{
    double *const vector[3] = {displacement->vector[0], displacement->vector[1], displacement->vector[2]};
    if (!session->xyz)
        return STATUS_OK;
    return extended_xyz_write_vectors(session->xyz, &session->before.configuration, "displacement", vector,
                                      (int64_t)time, err);
}

/* Compares and keeps what is found. */
static enum status compare_state(struct session *session, const struct state *after, double time, struct error *err)
{
    struct displacement displacement;
    struct comparison *comparison = &session->comparison[session->count];
    enum status status = displace(session->arguments, &session->before, after, &displacement, err);
    if (status != STATUS_OK)
        return status;
    status = comparison_init(comparison, &session->reference, &displacement, &session->arguments->comparison, err);
    if (status == STATUS_OK) {
        session->time[session->count] = time;
        session->scattering[session->count] = comparison->scattering.all;
        session->overlap[session->count++] = relaxation_overlap(&comparison->overlap);
        status = write_xyz(session, &displacement, time, err);
    }
    displacement_finish(&displacement);
    return status;
}

/* Steps of snapshots unless an interval is given. */
static double time_of(const struct session *session, int n, const struct state *after)
{
    if (session->in_steps && after->has_snapshot)
        return (double)(after->snapshot.step - session->before.snapshot.step);
    return n * (session->arguments->interval > 0.0 ? session->arguments->interval : 1.0);
}

static enum status check_rising(const struct session *session, const struct state *after, double time,
                                struct error *err)
{
    if (session->in_steps && !after->has_snapshot)
        return error_set(err, STATUS_INVALID, "the first file is a snapshot and this is not: give --interval");
    if (session->count > 0 && time <= session->time[session->count - 1])
        return error_set(err, STATUS_INVALID, "step %g does not come after step %g: files go in the order of time",
                         time, session->time[session->count - 1]);
    return STATUS_OK;
}

static enum status compare_file(struct session *session, int n, struct error *err)
{
    const char *path = session->arguments->paths[n];
    struct state after;
    enum status status = state_read(session->arguments, path, &after, err);
    if (status != STATUS_OK)
        return status;
    const double time = time_of(session, n, &after);
    if ((status = check_rising(session, &after, time, err)) == STATUS_OK)
        status = compare_state(session, &after, time, err);
    state_finish(&after);
    return status == STATUS_OK ? STATUS_OK : error_context(err, "'%s' and '%s'", session->arguments->paths[0], path);
}

static void print_head(struct session *session)
{
    const struct configuration *before = &session->before.configuration;
    const struct comparison_options *comparison = &session->arguments->comparison;
    struct json *json = &session->json;
    if (!session->arguments->json) {
        printf("%s: %" PRIu32 " atoms; main peak of S(q) %.4g; F_s at q = %.5g\n", session->arguments->paths[0],
               before->atoms, session->reference.peak, session->reference.q);
        return;
    }
    json_object_begin(json, NULL);
    json_whole(json, "atoms", before->atoms);
    json_real(json, "volume", configuration_volume(before));
    json_bool(json, "inherent", session->arguments->minimize);
    json_real(json, "q", session->reference.q);
    json_real(json, "structure_factor_peak", session->reference.peak);
    json_real(json, "threshold", comparison->strings.threshold);
    json_real(json, "delta", comparison->strings.delta);
    json_real(json, "overlap_radius", comparison->overlap_radius);
    json_string(json, "time_unit", time_unit(session));
    json_array_begin(json, "comparisons");
}

static double reached_or_nan(struct relaxation_span span)
{
    return span.reached ? span.time : NAN;
}

static void print_span(const struct session *session, const char *what, struct relaxation_span span)
{
    if (span.reached)
        printf("%s after %.6g %s\n", what, span.time, time_unit(session));
    else
        printf("%s after more than %.6g %s\n", what, span.time, time_unit(session));
}

static void print_tail(struct session *session)
{
    const struct relaxation_times times = relaxation_times_of(
        &(struct relaxation_curve){session->count, session->time, session->scattering, session->overlap});
    if (session->arguments->json) {
        json_array_end(&session->json);
        json_real(&session->json, "relaxation_time", reached_or_nan(times.relaxation));
        json_real(&session->json, "overlap_time", reached_or_nan(times.overlap));
        json_real(&session->json, "independence_wait", reached_or_nan(times.wait));
        json_object_end(&session->json);
        putchar('\n');
        return;
    }
    putchar('\n');
    print_span(session, "F_s has fallen to 1/e", times.relaxation);
    print_span(session, "the overlap, less chance, has fallen to 1/e", times.overlap);
    print_span(session, "independent", times.wait);
}

static void print(struct session *session)
{
    print_head(session);
    for (uint32_t n = 0; n < session->count; n++)
        if (session->arguments->json)
            print_json(session, n);
        else
            print_table(session, n);
    print_tail(session);
}

static enum status compare_files(struct session *session, struct error *err)
{
    enum status status =
        reference_init(&session->reference, &session->before.configuration, &session->arguments->comparison, err);
    if (status != STATUS_OK)
        return error_context(err, "'%s'", session->arguments->paths[0]);
    for (int n = 1; status == STATUS_OK && n < session->arguments->path_count; n++)
        status = compare_file(session, n, err);
    if (status != STATUS_OK)
        return status;
    print(session);
    return fflush(stdout) == 0 ? STATUS_OK : error_set(err, STATUS_IO, "cannot write to standard output");
}

static enum status session_open(struct session *session, struct error *err)
{
    const struct arguments *arguments = session->arguments;
    enum status status = state_read(arguments, arguments->paths[0], &session->before, err);
    if (status != STATUS_OK)
        return status;
    session->json.file = stdout;
    session->in_steps = session->before.has_snapshot && !(arguments->interval > 0.0);
    session->time = mem_alloc_array((size_t)arguments->path_count, sizeof(double));
    session->scattering = mem_alloc_array((size_t)arguments->path_count, sizeof(double));
    session->overlap = mem_alloc_array((size_t)arguments->path_count, sizeof(double));
    session->comparison = mem_alloc_array((size_t)arguments->path_count, sizeof *session->comparison);
    if (!session->time || !session->scattering || !session->overlap || !session->comparison)
        return mem_error(err, "a curve");
    if (arguments->xyz && !(session->xyz = fopen(arguments->xyz, "w")))
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", arguments->xyz);
    return STATUS_OK;
}

static enum status session_close(struct session *session, enum status status, struct error *err)
{
    if (session->xyz && fclose(session->xyz) != 0 && status == STATUS_OK)
        status = error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", session->arguments->xyz);
    for (uint32_t n = 0; n < session->count; n++)
        comparison_finish(&session->comparison[n]);
    mem_free(session->comparison);
    mem_free(session->time);
    mem_free(session->scattering);
    mem_free(session->overlap);
    reference_finish(&session->reference);
    state_finish(&session->before);
    return status;
}

int cmd_compare(int argc, char **argv)
{
    struct arguments arguments;
    struct error err;
    if (parse_arguments(&arguments, argc, argv, &err) != STATUS_OK)
        return cmd_failed(&err);
    if (arguments.help) {
        cmd_print_help(stdout, help, argv[0]);
        return 0;
    }
    struct session session = {.arguments = &arguments};
    enum status status = session_open(&session, &err);
    if (status == STATUS_OK)
        status = compare_files(&session, &err);
    return session_close(&session, status, &err) == STATUS_OK ? 0 : cmd_failed(&err);
}
