/* repair.c - vitrine repair: after bit rot, says what is damaged and takes it back, so that a resumed run computes it
 * again. */
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/verbs.h"
#include "server/store/store_repair.h"
#include <inttypes.h>

struct repair_options {
    bool json, dry_run;
};

static const struct option_spec repair_specs[] = {
    OPTION("dry-run", NULL, OPTION_FLAG, repair_options, dry_run,
           "say what would be done; an old database is brought up to date, and nothing else changes"),
    OPTION("json", NULL, OPTION_FLAG, repair_options, json, "print one JSON object"),
    OPTION_END,
};

static void print_repair(const char *name, const struct repair_report *report, bool dry_run)
{
    if (report->found.ok) {
        printf("campaign %s: nothing is damaged\n", name);
        return;
    }
    printf("campaign %s: %" PRIu64 " differences%s\n", name, report->found.difference_count,
           dry_run ? " (nothing is changed: --dry-run)" : "");
    for (uint32_t i = 0; i < report->found.kept; i++)
        printf("  damaged: %s\n", report->found.differences[i]);
    for (uint32_t i = 0; i < report->rewind_count; i++)
        printf("  replica %" PRIu32 " is rewound to before segment %" PRId64 ": %" PRIu64
               " segments to compute again\n",
               report->rewinds[i].replica.value, report->rewinds[i].segment_first.value, report->rewinds[i].segments);
    printf("  %" PRIu64 " damaged snapshots are dropped\n", report->snapshots_dropped);
}

static json_t *repair_to_json(const char *name, const struct repair_report *report)
{
    json_t *differences = json_array(), *rewinds = json_array();
    for (uint32_t i = 0; i < report->found.kept; i++)
        json_array_append_new(differences, json_string(report->found.differences[i]));
    for (uint32_t i = 0; i < report->rewind_count; i++)
        json_array_append_new(rewinds,
                              json_pack("{s:I, s:I, s:I}", "replica", (json_int_t)report->rewinds[i].replica.value,
                                        "segment_first", (json_int_t)report->rewinds[i].segment_first.value, "segments",
                                        (json_int_t)report->rewinds[i].segments));
    return json_pack("{s:s, s:b, s:I, s:o, s:o, s:I}", "name", name, "ok", report->found.ok, "difference_count",
                     (json_int_t)report->found.difference_count, "differences", differences, "rewinds", rewinds,
                     "snapshots_dropped", (json_int_t)report->snapshots_dropped);
}

static enum status repair_campaign(struct store *store, struct campaign_id id, const struct repair_options *options,
                                   json_t *out_json, struct error *err)
{
    struct campaign campaign = {0};
    struct repair_report report;
    enum status status = store_get_campaign(store, id, &campaign, err);
    if (status == STATUS_OK)
        status = store_repair(store, id, options->dry_run, &report, err);
    if (status == STATUS_OK && options->json)
        json_array_append_new(out_json, repair_to_json(campaign.name, &report));
    else if (status == STATUS_OK)
        print_repair(campaign.name, &report, options->dry_run);
    if (status == STATUS_OK)
        repair_report_finish(&report);
    campaign_finish(&campaign);
    return status;
}

static enum status repair_file(const char *path, const struct repair_options *options, json_t *out_json,
                               struct error *err)
{
    struct store *store = NULL;
    uint32_t count = 0;
    enum status status = store_open(path, STORE_WRITE, &store, err);
    if (status == STATUS_OK)
        status = store_count_campaigns(store, &count, err);
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++)
        status = repair_campaign(store, (struct campaign_id){i + 1}, options, out_json, err);
    store_close(&store);
    return status;
}

static enum status run_repair(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct repair_options options = {0};
    struct arguments arguments;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    json_t *campaigns = json_array();
    if (!campaigns)
        return mem_error(err, "the report");
    status = repair_file(arguments.words[0], &options, campaigns, err);
    if (status == STATUS_OK && options.json)
        status = json_print(json_pack("{s:b, s:O}", "dry_run", options.dry_run, "campaigns", campaigns), stdout, err);
    else if (status == STATUS_OK)
        printf("\nnext: vitrine resume %s\n", arguments.words[0]);
    json_decref(campaigns);
    return status;
}

const struct verb verb_repair = {
    .name = "repair",
    .summary = "Take back what bit rot has damaged, so that resuming computes it again",
    .arguments = "DB",
    .notes =
        "Everything is held to its digests, as by verify. A damaged replica is rewound to its last good snapshot\n"
        "before the damage, and with it whoever exchanged with it after that; the resumed run ends with the same\n"
        "science hash. When pages of the file are damaged beyond that, nothing is changed and the exit code is 1:\n"
        "restore a copy of snapshot. Exit code 6 while a coordinator runs. Copy the file first.\n"
        "JSON: dry_run; campaigns[] of {name, ok, difference_count, differences[], rewinds[] {replica,\n"
        "segment_first, segments}, snapshots_dropped}.",
    .examples = "vitrine repair glass.db --dry-run\n"
                "vitrine repair glass.db && vitrine resume glass.db",
    .options = repair_specs,
    .run = run_repair,
};
