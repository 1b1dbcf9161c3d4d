/* run.c - vitrine run and vitrine resume: coordinator, local workers, progress and a summary, on one machine. */
#include "server/cmd/conduct.h"
#include "server/cmd/local_workers.h"
#include "server/cmd/summary.h"
#include "server/cmd/verbs.h"
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { LOCAL_LEASE_MS = 10000 }; /* no network in between: a worker that is silent for so long is gone */

struct run_options {
    const char *database;
    struct option_i64 workers;
    const char *isa;
    bool no_progress;
};

#define RUN_OPTIONS                                                                                                    \
    OPTION("workers", "K", OPTION_I64, run_options, workers, "worker processes (default: one per core)"),              \
        OPTION("isa", "NAME", OPTION_TEXT, run_options, isa,                                                           \
               "instruction set of the engine: avx512, avx2, portable (default: the best here)"),                      \
        OPTION("no-progress", NULL, OPTION_FLAG, run_options, no_progress, "do not show how far it is")

static const struct option_spec run_specs[] = {
    OPTION("db", "FILE", OPTION_TEXT, run_options, database, "results database (default: CAMPAIGN's name .db, here)"),
    RUN_OPTIONS,
    OPTION_END,
};

static const struct option_spec resume_specs[] = {RUN_OPTIONS, OPTION_END};

static void say_how_to_go_on(const char *database)
{
    fprintf(stderr, "stopped; nothing is lost. go on with: vitrine resume %s\n", database);
}

static void say_what_next(const char *database)
{
    printf("\nnext: vitrine plot %s     pictures: energy, icosahedra, PDFs, exchanges\n", database);
    printf("      vitrine samples %s --all --csv > samples.csv     every measurement\n", database);
}

static enum status parse_run(const struct verb *verb, int argc, char *const argv[], struct run_options *options,
                             struct arguments *arguments, struct error *err)
{
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, options, arguments, err);
    if (status == STATUS_OK && options->workers.given &&
        (options->workers.value < 1 || options->workers.value > LOCAL_WORKERS_MAX))
        return error_set(err, STATUS_USAGE, "--workers wants 1 .. %d, not %lld", LOCAL_WORKERS_MAX,
                         (long long)options->workers.value);
    if (status == STATUS_OK && options->isa != NULL)
        return local_workers_check_isa(options->isa, err);
    return status;
}

/* Runs all that is in the open store, and sums it up. The store is closed. */
static enum status run_store(const char *database, const struct run_options *options, struct store **store,
                             struct error *err)
{
    int64_t workers = options->workers.given ? options->workers.value : conduct_cores();
    struct conduct_setup setup = {.database = database,
                                  .endpoint = "tcp://127.0.0.1:*",
                                  .lease_ms = LOCAL_LEASE_MS,
                                  .until_done = true,
                                  .workers = (uint32_t)workers,
                                  .isa = options->isa,
                                  .show_progress = !options->no_progress};
    enum conduct_end end = CONDUCT_STOPPED;
    enum status status = conduct_run(&setup, *store, &end, err);
    store_close(store);
    if (status != STATUS_OK)
        return error_context(err, "running '%s'", database);
    if (end == CONDUCT_STOPPED) {
        say_how_to_go_on(database);
        return STATUS_OK;
    }
    status = summary_print(database, stdout, err);
    if (status == STATUS_OK)
        say_what_next(database);
    return status;
}

/* Opens the database that is asked for, or that has the campaign's name, and puts the file in. */
static enum status open_with_campaign(const char *database, const struct campaign_file *file, struct store **out_store,
                                      struct error *err)
{
    bool resumed = access(database, F_OK) == 0;
    struct store *store;
    enum status status = conduct_open(database, file, 1, &store, err);
    if (status != STATUS_OK)
        return status;
    if ((status = conduct_add_campaign(store, file, err)) != STATUS_OK) {
        store_close(&store);
        return status;
    }
    fprintf(stderr, "%s %s; log in %s.log\n", resumed ? "going on with" : "results go to", database, database);
    *out_store = store;
    return STATUS_OK;
}

static enum status run_campaign(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct run_options options = {0};
    struct arguments arguments;
    struct campaign_file file = {0};
    struct store *store;
    char database[PATH_MAX];
    enum status status = parse_run(verb, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = conduct_read_campaign(arguments.words[0], &file, err);
    if (status != STATUS_OK)
        return status;
    snprintf(database, sizeof database, "%s%s", options.database ? options.database : file.name,
             options.database ? "" : ".db");
    status = open_with_campaign(database, &file, &store, err);
    campaign_file_finish(&file);
    return status == STATUS_OK ? run_store(database, &options, &store, err) : status;
}

static enum status run_resume(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct run_options options = {0};
    struct arguments arguments;
    struct store *store;
    enum status status = parse_run(verb, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = conduct_open(arguments.words[0], NULL, 0, &store, err);
    if (status != STATUS_OK)
        return status;
    return run_store(arguments.words[0], &options, &store, err);
}

const struct verb verb_run = {
    .name = "run",
    .summary = "Run a campaign on this machine: coordinator, workers, progress, summary",
    .arguments = "CAMPAIGN",
    .notes = "Goes on where it stopped when the database is there already. ^C stops cleanly. A campaign file that was\n"
             "made longer, or got more replicas or isotherms, extends what was run before.",
    .examples = "vitrine run glass.yaml\n"
                "vitrine run glass.yaml --workers 2 --db /data/glass.db",
    .options = run_specs,
    .run = run_campaign,
};

const struct verb verb_resume = {
    .name = "resume",
    .summary = "Go on with what is in a database, on this machine",
    .arguments = "DB",
    .examples = "vitrine resume glass.db",
    .options = resume_specs,
    .run = run_resume,
};
