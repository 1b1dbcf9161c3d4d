/* serve.c - vitrine serve: the coordinator alone, for workers that connect by themselves. */
#include "server/cmd/conduct.h"
#include "server/cmd/verbs.h"
#include "server/coordinator.h"
#include "server/net/control.h"

struct serve_options {
    const char *database, *bind, *keys, *control;
    struct option_f64 lease_seconds;
    struct option_i64 workers_max;
    bool until_done;
};

static const struct option_spec serve_specs[] = {
    OPTION("db", "FILE", OPTION_TEXT, serve_options, database, "results database; made when it is not there"),
    OPTION("bind", "URL", OPTION_TEXT, serve_options, bind, "where workers connect (default tcp://127.0.0.1:7117)"),
    OPTION("keys", "DIR", OPTION_TEXT, serve_options, keys,
           "folder of 'vitrine keys': only its keys are let in; needed beyond this machine"),
    OPTION("control", "URL", OPTION_TEXT, serve_options, control,
           "also take orders of administrators' keys there (with --keys); FILE.control always does, on this machine"),
    OPTION("lease-seconds", "S", OPTION_F64, serve_options, lease_seconds,
           "a worker not heard of for so long loses its segment to another (default 60)"),
    OPTION("workers-max", "N", OPTION_I64, serve_options, workers_max,
           "places for workers, a lost one's included until it is forgotten (default 16384)"),
    OPTION("until-done", NULL, OPTION_FLAG, serve_options, until_done, "end when every campaign is complete"),
    OPTION_END,
};

struct campaign_files {
    int count;
    struct campaign_file files[ARGUMENTS_MAX];
};

static void finish_campaigns(struct campaign_files *campaigns)
{
    for (int i = 0; i < campaigns->count; i++)
        campaign_file_finish(&campaigns->files[i]);
}

static enum status read_campaigns(const struct arguments *arguments, struct campaign_files *out, struct error *err)
{
    enum status status = STATUS_OK;
    out->count = 0;
    while (status == STATUS_OK && out->count < arguments->count)
        if ((status = conduct_read_campaign(arguments->words[out->count], &out->files[out->count], err)) == STATUS_OK)
            out->count++;
    if (status != STATUS_OK)
        finish_campaigns(out);
    return status;
}

static enum status add_campaigns(struct store *store, const struct campaign_files *campaigns, struct error *err)
{
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < campaigns->count; i++)
        status = conduct_add_campaign(store, &campaigns->files[i], err);
    return status;
}

/* Before a database is made. */
static enum status check_options(const struct serve_options *options, struct error *err)
{
    struct error why = {0};
    if (options->database == NULL)
        return error_set(err, STATUS_USAGE, "'serve' wants --db FILE");
    if (options->lease_seconds.given &&
        !(options->lease_seconds.value >= 1.0 && options->lease_seconds.value <= 86400.0))
        return error_set(err, STATUS_USAGE, "--lease-seconds wants 1 .. 86400, not %g", options->lease_seconds.value);
    if (options->workers_max.given &&
        !(options->workers_max.value >= 1 && options->workers_max.value <= COORDINATOR_WORKERS_MAX))
        return error_set(err, STATUS_USAGE, "--workers-max wants 1 .. %d, not %lld", COORDINATOR_WORKERS_MAX,
                         (long long)options->workers_max.value);
    if (options->control != NULL && options->keys == NULL)
        return error_set(err, STATUS_USAGE, "--control wants --keys DIR: on this machine FILE.control needs neither");
    if (options->control != NULL && gate_check_endpoint(options->control, true, &why) != STATUS_OK)
        return error_set(err, STATUS_USAGE, "--control: %s", why.message);
    if (gate_check_endpoint(options->bind, options->keys != NULL, &why) != STATUS_OK)
        return error_set(err, STATUS_USAGE, "--bind: %s", why.message);
    return STATUS_OK;
}

static enum status serve_campaigns(const struct serve_options *options, const struct campaign_files *campaigns,
                                   struct error *err)
{
    struct store *store;
    enum conduct_end end;
    char control[GATE_ENDPOINT_SIZE];
    struct conduct_setup setup = {.database = options->database,
                                  .endpoint = options->bind,
                                  .keys = options->keys,
                                  .control_path = control,
                                  .control_tcp = options->control,
                                  .until_done = options->until_done,
                                  .lease_ms = (uint32_t)(1000.0 * options->lease_seconds.value),
                                  .workers_max = (uint32_t)options->workers_max.value};
    enum status status = control_endpoint(options->database, control, err);
    if (status == STATUS_OK)
        status = conduct_open(options->database, campaigns->files, campaigns->count, &store, err);
    if (status != STATUS_OK)
        return status;
    if ((status = add_campaigns(store, campaigns, err)) == STATUS_OK)
        status = conduct_run(&setup, store, &end, err);
    store_close(&store);
    return status;
}

static enum status run_serve(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct serve_options options = {.bind = "tcp://127.0.0.1:7117"};
    struct arguments arguments;
    struct campaign_files campaigns;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = check_options(&options, err);
    if (status == STATUS_OK)
        status = read_campaigns(&arguments, &campaigns, err);
    if (status != STATUS_OK)
        return status;
    status = serve_campaigns(&options, &campaigns, err);
    finish_campaigns(&campaigns);
    return status;
}

const struct verb verb_serve = {
    .name = "serve",
    .summary = "Coordinate workers that connect by themselves (a farm)",
    .arguments = "[CAMPAIGN]...",
    .notes =
        "Runs every campaign of the database and those named here. Without --keys only addresses of this machine can\n"
        "be bound. `vitrine campaign`, `workers` and `drain` speak to it while it runs. SIGTERM stops cleanly. The "
        "log\n"
        "goes to standard error.",
    .examples = "vitrine serve --db farm.db glass.yaml\n"
                "vitrine serve --db farm.db --keys keys --bind 'tcp://*:7117'\n"
                "vitrine serve --db farm.db --bind tcp://127.0.0.1:7200\n"
                "vitrine-worker --connect tcp://127.0.0.1:7200 --slots auto",
    .options = serve_specs,
    .run = run_serve,
};
