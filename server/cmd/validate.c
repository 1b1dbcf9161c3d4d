/* validate.c - vitrine validate: is the campaign file right, and what would it take to run it?
 *
 * The loader reports what is wrong. The plan rests on the engine's speed on this machine, of steps and of inherent
 * structures, measured by a short `vitrine-worker bench`; or on --speed where the machine that will run it is another.
 */
#include "common/campaign.h"
#include "common/campaign_cost.h"
#include "common/mem.h"
#include "server/cmd/glass.h"
#include "server/cmd/json_out.h"
#include "server/cmd/progress.h"
#include "server/cmd/table.h"
#include "server/cmd/verbs.h"
#include "server/process.h"
#include <math.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const double day_seconds = 86400.0;
static const double commits_per_second_warned = 1000.0; /* DESIGN section 8 */

struct validate_options {
    bool json;
    const char *db;
    struct option_i64 workers;
    struct option_f64 speed;
};

static const struct option_spec validate_specs[] = {
    OPTION("workers", "K", OPTION_I64, validate_options, workers, "cores that will compute (default: those here)"),
    OPTION("speed", "R", OPTION_F64, validate_options, speed,
           "steps/s of one core at 500 atoms (default: measured here)"),
    OPTION("db", "FILE", OPTION_TEXT, validate_options, db,
           "results database that knows the T_f of quenches that are named"),
    OPTION("json", NULL, OPTION_FLAG, validate_options, json, "print one JSON object"),
    OPTION_END,
};

static const struct column plan_columns[] = {
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"mode", "mode", NULL, COLUMN_TEXT, NULL},
    {"atoms", "atoms", NULL, COLUMN_INTEGER, NULL},
    {"rungs", "rungs", NULL, COLUMN_INTEGER, NULL},
    {"replicas", "replicas", NULL, COLUMN_INTEGER, NULL},
    {"prepare_steps", "prepare", "steps, all", COLUMN_INTEGER, NULL},
    {"steps", "production", "steps each", COLUMN_INTEGER, NULL},
    {"time", "production", "tau each", COLUMN_REAL, "%.1f"},
    {"segment_steps", "segment", "steps", COLUMN_INTEGER, NULL},
    {"segments", "segments", "all", COLUMN_INTEGER, NULL},
};

struct plan_row {
    int64_t replicas, prepare_steps, segments;
};

static struct plan_row count_ensemble(const struct campaign *campaign, struct ensemble_id ensemble)
{
    struct plan_row row = {0};
    for (uint32_t i = 0; i < campaign->replica_count; i++) {
        struct replica_id replica = {i};
        if (campaign->replicas[i].ensemble.value != ensemble.value)
            continue;
        row.replicas++;
        row.prepare_steps += campaign_prepare_steps(campaign, replica);
        row.segments += campaign_prepare_segments(campaign, replica) + campaign_segment_end(campaign, replica);
    }
    return row;
}

static struct table *make_plan(const struct campaign *campaign)
{
    struct table *table = table_create(plan_columns, sizeof plan_columns / sizeof *plan_columns);
    for (uint32_t e = 0; table != NULL && e < campaign->ensemble_count; e++) {
        const struct ensemble_spec *ensemble = &campaign->ensembles[e];
        struct plan_row row = count_ensemble(campaign, (struct ensemble_id){e});
        table_put_text(table, ensemble->name);
        table_put_text(table, mode_names[ensemble->mode]);
        if (ensemble->mode == MODE_EOS)
            table_put_unknown(table); /* each crystal has its own cell */
        else
            table_put_integer(table, ensemble->system.atoms);
        table_put_integer(table, ensemble->rung_count);
        table_put_integer(table, row.replicas);
        table_put_integer(table, row.prepare_steps);
        table_put_integer(table, ensemble->steps);
        table_put_real(table,
                       ensemble->mode == MODE_EOS ? (double)NAN : (double)ensemble->steps * ensemble->dynamics.dt);
        table_put_integer(table, ensemble->segment_steps);
        table_put_integer(table, row.segments);
    }
    return table;
}

/* Speed of one core here at 500 atoms, in CPU time. */
static enum status measure_speed(struct campaign_speed *out_speed, struct error *err)
{
    char program[PATH_MAX], *text;
    const char *argv[] = {program, "bench", "--atoms", "500", "--steps", "5000", "--minimize", "8", "--json", NULL};
    size_t size;
    enum status status = process_find_worker(program, err);
    if (status == STATUS_OK)
        status = process_capture(argv, NULL, 0, &text, &size, err);
    if (status != STATUS_OK)
        return error_context(err, "measuring the speed of this machine");
    json_t *found = json_loadb(text, size, 0, NULL);
    mem_free(text);
    const struct campaign_speed speed = {json_number_value(json_object_get(found, "steps_per_second")),
                                         json_number_value(json_object_get(found, "inherent_per_second"))};
    json_decref(found);
    if (!(speed.steps > 0.0 && speed.inherent > 0.0))
        return error_set(err, STATUS_CORRUPT, "'%s bench' gave no steps_per_second and inherent_per_second", program);
    *out_speed = speed;
    return STATUS_OK;
}

/* What is free where the database would be made. */
static double free_bytes(void)
{
    struct statvfs disk;
    return statvfs(".", &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize : (double)INFINITY;
}

static void format_bytes(double bytes, char out[NUMBER_TEXT_SIZE])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    int unit = 0;
    for (; bytes >= 999.5 && unit < 5; unit++)
        bytes /= 1000.0;
    snprintf(out, NUMBER_TEXT_SIZE, unit == 0 ? "%.0f %s" : "%.3g %s", bytes, units[unit]);
}

static void print_cost(const struct campaign *campaign, const struct campaign_cost *cost, struct campaign_speed speed,
                       uint32_t workers)
{
    char cpu[DURATION_TEXT_SIZE], wall[DURATION_TEXT_SIZE], total[NUMBER_TEXT_SIZE], rate[NUMBER_TEXT_SIZE],
        day[2 * NUMBER_TEXT_SIZE] = "";
    duration_format(cost->cpu_seconds, cpu);
    duration_format(cost->wall_seconds, wall);
    format_bytes(cost->bytes_total, total);
    if (cost->wall_seconds >= day_seconds) { /* a run of an hour fills no database a day */
        format_bytes(cost->bytes_per_day, rate);
        snprintf(day, sizeof day, ", %s a day while it runs", rate);
    }
    printf("\n%u replicas, %.0f segments\n", campaign->replica_count, cost->segments);
    printf("CPU time   %s at %.0f steps/s and %.0f inherent structures/s a core (500 atoms)\n", cpu, speed.steps,
           speed.inherent);
    printf("wall time  %s with %u %s\n", wall, workers, workers == 1 ? "worker" : "workers");
    printf("database   %s in all%s\n", total, day);
    printf("commits    %.3g segments/s\n", cost->commits_per_second);
    if (cost->commits_per_second > commits_per_second_warned)
        printf("warning: more than %.0f commits/s; longer segments (segment_steps) would ease the disk\n",
               commits_per_second_warned);
}

static enum status print_json_plan(const struct campaign *campaign, const struct table *plan,
                                   const struct campaign_cost *cost, struct campaign_speed speed, uint32_t workers,
                                   struct error *err)
{
    return json_print(json_pack("{s:s, s:o?, s:i, s:{s:f, s:f, s:i, s:f, s:f, s:f, s:f, s:f, s:f}}", "campaign",
                                campaign->name, "ensembles", table_to_json(plan), "replicas",
                                (int)campaign->replica_count, "cost", "steps_per_second_per_core", speed.steps,
                                "inherent_per_second_per_core", speed.inherent, "workers", (int)workers, "cpu_seconds",
                                cost->cpu_seconds, "wall_seconds", cost->wall_seconds, "segments", cost->segments,
                                "commits_per_second", cost->commits_per_second, "bytes_total", cost->bytes_total,
                                "bytes_per_day", cost->bytes_per_day),
                      stdout, err);
}

static enum status print_plan(const struct campaign *campaign, const struct table *plan, struct error *err)
{
    struct terminal terminal = terminal_of(stdout);
    printf("campaign %s\n\n", campaign->name);
    return table_print_text(plan, &terminal, stdout, err);
}

/* The loader has refused what breaks the file's own disk_max; this is about the disk that is there. */
static enum status check_disk(const char *path, const struct campaign_cost *cost, struct error *err)
{
    char need[NUMBER_TEXT_SIZE], have[NUMBER_TEXT_SIZE];
    double free = free_bytes();
    if (cost->bytes_total <= free)
        return STATUS_OK;
    format_bytes(cost->bytes_total, need);
    format_bytes(free, have);
    return error_set(err, STATUS_CAMPAIGN, "%s: predicted results of %s exceed the free disk here (%s)", path, need,
                     have);
}

static enum status show_plan(const struct campaign *campaign, const struct validate_options *options,
                             struct campaign_speed speed, const struct campaign_cost *cost, uint32_t workers,
                             struct error *err)
{
    struct table *plan = make_plan(campaign);
    if (plan == NULL)
        return mem_error(err, "the plan");
    enum status status =
        options->json ? print_json_plan(campaign, plan, cost, speed, workers, err) : print_plan(campaign, plan, err);
    table_destroy(&plan);
    if (status == STATUS_OK && !options->json)
        print_cost(campaign, cost, speed, workers);
    return status;
}

static enum status judge_campaign(const struct campaign *campaign, const char *path,
                                  const struct validate_options *options, struct error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t workers = options->workers.given ? options->workers.value : cores;
    struct campaign_speed speed = campaign_speed_of(options->speed.value);
    if (workers < 1 || workers > UINT32_MAX || (options->speed.given && !(speed.steps > 0.0)))
        return error_set(err, STATUS_USAGE, "--workers and --speed want positive numbers");
    enum status status = options->speed.given ? STATUS_OK : measure_speed(&speed, err);
    if (status != STATUS_OK)
        return status;
    struct campaign_cost cost = campaign_cost(campaign, speed, (uint32_t)workers);
    if ((status = check_disk(path, &cost, err)) != STATUS_OK)
        return status;
    return show_plan(campaign, options, speed, &cost, (uint32_t)workers, err);
}

/* With a database at hand, what is named is looked up in it. */
static enum status load_campaign(const char *path, const char *database, struct campaign *out, struct error *err)
{
    struct store *store;
    char *text;
    size_t size;
    if (!database)
        return campaign_load_file(path, stderr, out, err);
    enum status status = store_open(database, STORE_READ, &store, err);
    if (status != STATUS_OK)
        return status;
    const struct glass_source glass = glass_source_of(store);
    const struct campaign_surroundings surroundings = {.glass = &glass};
    if ((status = campaign_read_file(path, stderr, &text, &size, err)) == STATUS_OK) {
        status = campaign_load_within(path, text, size, &surroundings, stderr, out, err);
        mem_free(text);
    }
    store_close(&store);
    return status;
}

static enum status run_validate(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct validate_options options = {0};
    struct arguments arguments;
    struct campaign campaign;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = load_campaign(arguments.words[0], options.db, &campaign, err);
    if (status != STATUS_OK)
        return status;
    status = judge_campaign(&campaign, arguments.words[0], &options, err);
    campaign_finish(&campaign);
    return status;
}

const struct verb verb_validate = {
    .name = "validate",
    .summary = "Check a campaign file and predict what it takes: CPU time, disk, commits",
    .arguments = "FILE",
    .notes = "Every error of the file is printed with its line. The prediction is refused when the results would not\n"
             "fit on the disk. JSON: campaign, replicas, ensembles[], cost{steps_per_second_per_core,\n"
             "inherent_per_second_per_core, workers, cpu_seconds, wall_seconds, segments, commits_per_second,\n"
             "bytes_total, bytes_per_day}.",
    .examples = "vitrine validate glass.yaml\n"
                "vitrine validate glass.yaml --workers 64 --json",
    .options = validate_specs,
    .run = run_validate,
};
