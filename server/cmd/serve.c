/* serve.c - vitrine serve: the coordinator alone, for workers that connect by themselves. */
#include "common/campaign.h"
#include "server/cmd/conduct.h"
#include "server/cmd/verbs.h"

struct serve_options {
    const char *database, *bind;
    struct option_f64 lease_seconds;
    bool until_done;
};

static const struct option_spec serve_specs[] = {
    OPTION("db", "FILE", OPTION_TEXT, serve_options, database, "results database; made when it is not there"),
    OPTION("bind", "URL", OPTION_TEXT, serve_options, bind, "where workers connect (default tcp://127.0.0.1:7117)"),
    OPTION("lease-seconds", "S", OPTION_F64, serve_options, lease_seconds,
           "a worker not heard of for so long loses its segment to another (default 60)"),
    OPTION("until-done", NULL, OPTION_FLAG, serve_options, until_done, "end when every campaign is complete"),
    OPTION_END,
};

/* Before a database is made: a campaign that is off leaves nothing behind, and a FIFO is not waited for. */
static enum status check_campaigns(const struct arguments *arguments, struct error *err)
{
    for (int i = 0; i < arguments->count; i++) {
        struct campaign campaign;
        enum status status = campaign_load_file(arguments->words[i], stderr, &campaign, err);
        if (status != STATUS_OK)
            return status;
        campaign_finish(&campaign);
    }
    return STATUS_OK;
}

static enum status add_campaigns(struct store *store, const struct arguments *arguments, struct error *err)
{
    for (int i = 0; i < arguments->count; i++) {
        enum status status = conduct_add_campaign(store, arguments->words[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status run_serve(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct serve_options options = {.bind = "tcp://127.0.0.1:7117"};
    struct arguments arguments;
    struct store *store;
    enum conduct_end end;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    if (options.database == NULL)
        return error_set(err, STATUS_USAGE, "'serve' wants --db FILE");
    if (options.lease_seconds.given && !(options.lease_seconds.value >= 1.0 && options.lease_seconds.value <= 86400.0))
        return error_set(err, STATUS_USAGE, "--lease-seconds wants 1 .. 86400, not %g", options.lease_seconds.value);
    if ((status = check_campaigns(&arguments, err)) != STATUS_OK)
        return status;
    if ((status = conduct_open(options.database, arguments.count > 0, &store, err)) != STATUS_OK)
        return status;
    struct conduct_setup setup = {.database = options.database,
                                  .endpoint = options.bind,
                                  .until_done = options.until_done,
                                  .lease_ms = (uint32_t)(1000.0 * options.lease_seconds.value)};
    if ((status = add_campaigns(store, &arguments, err)) == STATUS_OK)
        status = conduct_run(&setup, store, &end, err);
    store_close(&store);
    return status;
}

const struct verb verb_serve = {
    .name = "serve",
    .summary = "Coordinate workers that connect by themselves (a farm)",
    .arguments = "[CAMPAIGN]...",
    .notes = "Runs every campaign of the database and those named here. Only addresses of this machine can be bound:\n"
             "there are no keys yet. SIGTERM stops cleanly. The log goes to standard error.",
    .examples = "vitrine serve --db farm.db glass.yaml\n"
                "vitrine serve --db farm.db --bind tcp://127.0.0.1:7200\n"
                "vitrine-worker --connect tcp://127.0.0.1:7200 --slots auto",
    .options = serve_specs,
    .run = run_serve,
};
