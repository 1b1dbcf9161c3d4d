/* verify.c - vitrine verify: the science hash of each campaign, and whether its database tells one story.
 *
 * What is looked at, and how, is store_verify's: every segment's samples, pair counts and frames against its output
 * digest, the ledger decided again, snapshots against theirs. */
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"
#include "server/store/store_verify.h"
#include <inttypes.h>
#include <string.h>

enum { DIFFERENCES_SHOWN_MAX = 20, DIFFERENCE_SIZE = 256 };

struct verify_options {
    bool json;
    const char *campaign;
};

static const struct option_spec verify_specs[] = {
    OPTION("campaign", "NAME", OPTION_TEXT, verify_options, campaign, "only this campaign"),
    OPTION("json", NULL, OPTION_FLAG, verify_options, json, "print one JSON object"),
    OPTION_END,
};

/* What was found in one campaign. */
struct findings {
    struct digest science_hash;
    uint64_t segments, segments_total, exchanges, frames, snapshots;
    uint64_t difference_count;
    char differences[DIFFERENCES_SHOWN_MAX][DIFFERENCE_SIZE];
};

static enum status count_segments(void *context, const struct replica_progress *row, struct error *err)
{
    struct findings *findings = context;
    (void)err;
    findings->segments += row->segments_done;
    findings->segments_total += row->segments_total;
    return STATUS_OK;
}

static void take_report(const struct verify_report *report, struct findings *findings)
{
    findings->exchanges = report->exchanges;
    findings->frames = report->frames;
    findings->snapshots = report->snapshots;
    findings->difference_count = report->difference_count;
    for (uint32_t i = 0; i < report->kept && i < DIFFERENCES_SHOWN_MAX; i++)
        snprintf(findings->differences[i], DIFFERENCE_SIZE, "%s", report->differences[i]);
}

static enum status verify_story(struct store *store, struct campaign_id id, struct findings *findings,
                                struct error *err)
{
    struct verify_report *report = mem_alloc_array(1, sizeof *report);
    if (report == NULL)
        return mem_error(err, "a report");
    enum status status = store_verify(store, id, report, err);
    if (status == STATUS_OK)
        take_report(report, findings);
    mem_free(report);
    return status;
}

static enum status verify_campaign(struct store *store, struct campaign_id id, struct findings *findings,
                                   struct error *err)
{
    enum status status = store_science_hash(store, id, &findings->science_hash, err);
    if (status == STATUS_OK)
        status = store_visit_progress(store, id, count_segments, findings, err);
    return status == STATUS_OK ? verify_story(store, id, findings, err) : status;
}

/* --- Output ------------------------------------------------------------------------------------------------------- */

static void print_findings(const char *name, const struct findings *findings)
{
    char hash[DIGEST_TEXT_SIZE];
    digest_to_text(&findings->science_hash, hash);
    printf("campaign %s\n  science hash  %s\n", name, hash);
    printf("  segments      %" PRIu64 " of %" PRIu64 "\n", findings->segments, findings->segments_total);
    printf("  replayed      %" PRIu64 " exchanges\n", findings->exchanges);
    printf("  bytes held to their digests: %" PRIu64 " frames, %" PRIu64 " snapshots\n", findings->frames,
           findings->snapshots);
    for (uint64_t i = 0; i < findings->difference_count && i < DIFFERENCES_SHOWN_MAX; i++)
        printf("  difference: %s\n", findings->differences[i]);
    if (findings->difference_count > DIFFERENCES_SHOWN_MAX)
        printf("  and %" PRIu64 " more\n", findings->difference_count - DIFFERENCES_SHOWN_MAX);
    printf("  %s\n", findings->difference_count == 0 ? "ok" : "NOT OK");
}

static json_t *findings_to_json(const char *name, const struct findings *findings)
{
    json_t *differences = json_array();
    for (uint64_t i = 0; i < findings->difference_count && i < DIFFERENCES_SHOWN_MAX; i++)
        json_array_append_new(differences, json_string(findings->differences[i]));
    return json_pack("{s:s, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "name", name, "science_hash",
                     json_of_digest(&findings->science_hash), "ok", findings->difference_count == 0, "segments",
                     (json_int_t)findings->segments, "segments_total", (json_int_t)findings->segments_total,
                     "exchanges", (json_int_t)findings->exchanges, "frames", (json_int_t)findings->frames, "snapshots",
                     (json_int_t)findings->snapshots, "difference_count", (json_int_t)findings->difference_count,
                     "differences", differences);
}

/* The report of a whole file. */
struct report {
    json_t *campaigns, *hashes, *differences; /* NULL when people read */
    uint64_t difference_count;
    bool found;
};

static enum status add_to_report(struct report *report, const char *name, const struct findings *findings,
                                 struct error *err)
{
    report->difference_count += findings->difference_count;
    report->found = true;
    if (report->campaigns == NULL) {
        print_findings(name, findings);
        return STATUS_OK;
    }
    json_t *entry = findings_to_json(name, findings);
    if (entry == NULL || json_array_append_new(report->campaigns, entry) != 0)
        return mem_error(err, "the report");
    json_array_extend(report->differences, json_object_get(entry, "differences"));
    json_object_set(report->hashes, name, json_object_get(entry, "science_hash"));
    return STATUS_OK;
}

static enum status verify_campaigns(const struct reading *reading, const char *name, struct report *report,
                                    struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < reading->campaign_count; i++) {
        struct findings findings = {0};
        const struct campaign *campaign = &reading->campaigns[i];
        if (name != NULL && strcmp(name, campaign->name) != 0)
            continue;
        status = verify_campaign(reading->store, (struct campaign_id){i + 1}, &findings, err);
        if (status == STATUS_OK)
            status = add_to_report(report, campaign->name, &findings, err);
    }
    if (status == STATUS_OK && name != NULL && !report->found)
        return error_set(err, STATUS_NOT_FOUND, "there is no campaign '%s' in this database", name);
    return status;
}

static enum status print_report(struct report *report, struct error *err)
{
    json_t *object = json_pack("{s:b, s:O, s:O, s:O}", "ok", report->difference_count == 0, "science_hash",
                               report->hashes, "campaigns", report->campaigns, "differences", report->differences);
    return json_print(object, stdout, err);
}

static enum status verify_file(const char *path, const struct verify_options *options, struct report *report,
                               struct error *err)
{
    struct reading reading;
    enum status status = reading_open(path, &reading, err);
    if (status != STATUS_OK)
        return status;
    status = verify_campaigns(&reading, options->campaign, report, err);
    reading_finish(&reading);
    if (status == STATUS_OK && options->json)
        status = print_report(report, err);
    return status;
}

static enum status run_verify(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct verify_options options = {0};
    struct arguments arguments;
    struct report report = {0};
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    if (options.json)
        report = (struct report){json_array(), json_object(), json_array(), 0, false};
    status = verify_file(arguments.words[0], &options, &report, err);
    json_decref(report.campaigns);
    json_decref(report.hashes);
    json_decref(report.differences);
    if (status == STATUS_OK && report.difference_count > 0)
        return STATUS_CORRUPT; /* printed already */
    return status;
}

const struct verb verb_verify = {
    .name = "verify",
    .summary = "Print the science hash of each campaign and check that its results tell one story",
    .arguments = "DB",
    .notes =
        "Two runs of one campaign have the same science hash, whatever happened to the machines. Exit code 1 when\n"
        "something differs. JSON: ok; science_hash, an object {campaign name: hash}; campaigns[] of {name,\n"
        "science_hash, ok, segments, segments_total, exchanges, frames, snapshots, differences[]}; differences[].",
    .examples = "vitrine verify glass.db\n"
                "vitrine verify glass.db --json | jq -r '.science_hash[]'",
    .options = verify_specs,
    .run = run_verify,
};
