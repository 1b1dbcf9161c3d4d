/* verify.c - vitrine verify: the science hash of each campaign, and whether its database tells one story.
 *
 * The ledger is replayed: each exchange is decided again from the two energies and the counter-based uniform, the walk
 * of the replicas follows from the accepted ones, and each row must be what the replay gives, to the last bit. SQLite
 * does not notice flipped bits in blobs, so stored frames and snapshots are held to their digests. */
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"
#include "server/core/exchange.h"
#include <inttypes.h>
#include <stdarg.h>
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

static void differ(struct findings *findings, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void differ(struct findings *findings, const char *fmt, ...)
{
    if (findings->difference_count < DIFFERENCES_SHOWN_MAX) {
        va_list values;
        va_start(values, fmt);
        vsnprintf(findings->differences[findings->difference_count], DIFFERENCE_SIZE, fmt, values);
        va_end(values);
    }
    findings->difference_count++;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* --- The ledger --------------------------------------------------------------------------------------------------- */

struct replay {
    struct store *store;
    struct campaign_id id;
    const struct campaign *campaign;
    const struct ensemble_spec *spec;
    uint32_t *replica_at; /* [rung_count]: who is on each rung, as the replay has it */
    struct findings *findings;
};

/* The segment that this replica just ended must have run on this rung and ended with this energy. */
static enum status check_partner(const struct replay *replay, const struct exchange *row, struct replica_id replica,
                                 struct rung_id rung, double energy, struct error *err)
{
    struct stored_segment segment;
    enum status status = store_get_segment(replay->store, replay->id, replica, row->round, &segment, err);
    if (status == STATUS_NOT_FOUND) {
        differ(replay->findings, "exchange of round %" PRId64 ", rung %u: replica %u has no segment of that round",
               row->round.value, row->rung_cold.value, replica.value);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    if (segment.rung.value != rung.value)
        differ(replay->findings, "round %" PRId64 ": replica %u ran on rung %u, the ledger has it on %u",
               row->round.value, replica.value, segment.rung.value, rung.value);
    if (!same_bits(segment.energy_potential, energy))
        differ(replay->findings, "round %" PRId64 ": replica %u ended with energy %.17g, the ledger has %.17g",
               row->round.value, replica.value, segment.energy_potential, energy);
    return STATUS_OK;
}

static void check_decision(const struct replay *replay, const struct exchange *row)
{
    struct exchange again = *row;
    const double *temperatures = &replay->spec->temperatures[row->rung_cold.value];
    exchange_decide(&again, replay->campaign->seed, temperatures[0], temperatures[1]);
    if (!same_bits(again.log_weight, row->log_weight) || !same_bits(again.uniform, row->uniform) ||
        again.accepted != row->accepted)
        differ(replay->findings, "round %" PRId64 ", rung %u: decided again, weight %.17g uniform %.17g accepted %d",
               row->round.value, row->rung_cold.value, again.log_weight, again.uniform, again.accepted);
}

static void follow_walk(const struct replay *replay, const struct exchange *row)
{
    uint32_t *pair = &replay->replica_at[row->rung_cold.value];
    if (pair[0] != row->replica_cold.value || pair[1] != row->replica_hot.value)
        differ(replay->findings, "round %" PRId64 ", rung %u: replicas %u and %u, the walk so far gives %u and %u",
               row->round.value, row->rung_cold.value, row->replica_cold.value, row->replica_hot.value, pair[0],
               pair[1]);
    pair[0] = row->accepted ? row->replica_hot.value : row->replica_cold.value;
    pair[1] = row->accepted ? row->replica_cold.value : row->replica_hot.value;
}

static enum status replay_exchange(void *context, const struct exchange *row, struct error *err)
{
    const struct replay *replay = context;
    struct rung_id hot = {row->rung_cold.value + 1};
    replay->findings->exchanges++;
    if (hot.value >= replay->spec->rung_count) {
        differ(replay->findings, "round %" PRId64 ": no pair at rung %u", row->round.value, row->rung_cold.value);
        return STATUS_OK;
    }
    check_decision(replay, row);
    follow_walk(replay, row);
    enum status status = check_partner(replay, row, row->replica_cold, row->rung_cold, row->energy_cold, err);
    if (status == STATUS_OK)
        status = check_partner(replay, row, row->replica_hot, hot, row->energy_hot, err);
    return status;
}

static void place_replicas(const struct campaign *campaign, struct ensemble_id ensemble, uint32_t *replica_at)
{
    for (uint32_t r = 0; r < campaign->replica_count; r++)
        if (campaign->replicas[r].ensemble.value == ensemble.value)
            replica_at[campaign->replicas[r].rung_first.value] = r;
}

static enum status replay_ensemble(struct store *store, struct campaign_id id, const struct campaign *campaign,
                                   struct ensemble_id ensemble, struct findings *findings, struct error *err)
{
    const struct ensemble_spec *spec = &campaign->ensembles[ensemble.value];
    struct replay replay = {store, id, campaign, spec, NULL, findings};
    replay.replica_at = mem_alloc_array(spec->rung_count, sizeof *replay.replica_at);
    if (replay.replica_at == NULL)
        return mem_error(err, "the replay of a ledger");
    place_replicas(campaign, ensemble, replay.replica_at);
    enum status status = store_visit_exchanges(store, id, ensemble, 0, INT64_MAX, replay_exchange, &replay, err);
    mem_free(replay.replica_at);
    return status;
}

static enum status replay_ledgers(struct store *store, struct campaign_id id, const struct campaign *campaign,
                                  struct findings *findings, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t e = 0; status == STATUS_OK && e < campaign->ensemble_count; e++)
        if (campaign->ensembles[e].mode == MODE_TEMPERING)
            status = replay_ensemble(store, id, campaign, (struct ensemble_id){e}, findings, err);
    return status;
}

/* --- Bytes -------------------------------------------------------------------------------------------------------- */

struct byte_check {
    struct store *store;
    struct campaign_id id;
    struct findings *findings;
};

/* Reading checks the digest; what comes back corrupt is a difference, all else is a failure. */
static enum status judge_bytes(const struct byte_check *check, enum status status, uint8_t *bytes,
                               const struct error *why, struct error *err)
{
    if (status == STATUS_OK)
        mem_free(bytes);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_CORRUPT)
        return error_set(err, status, "%s", why->message);
    differ(check->findings, "%s", why->message);
    return STATUS_OK;
}

static enum status check_frame(void *context, const struct frame_row *row, struct error *err)
{
    const struct byte_check *check = context;
    uint8_t *bytes;
    size_t size;
    struct error why;
    enum status status =
        store_get_frame(check->store, check->id, row->replica, row->step, row->kind, &bytes, &size, &why);
    check->findings->frames++;
    if (status == STATUS_NOT_FOUND)
        differ(check->findings, "the frame of replica %u at step %" PRId64 " has no bytes", row->replica.value,
               row->step);
    return judge_bytes(check, status, bytes, &why, err);
}

static enum status check_snapshot(void *context, const struct stored_segment *row, struct error *err)
{
    const struct byte_check *check = context;
    uint8_t *bytes;
    size_t size;
    struct error why;
    enum status status = store_get_snapshot(check->store, &row->snapshot, &bytes, &size, &why);
    check->findings->snapshots += status == STATUS_OK;
    if (status == STATUS_NOT_FOUND)
        differ(check->findings, "replica %u cannot go on: the snapshot of its last segment %" PRId64 " is gone",
               row->replica.value, row->segment.value);
    return judge_bytes(check, status, bytes, &why, err);
}

static enum status count_segments(void *context, const struct replica_progress *row, struct error *err)
{
    struct findings *findings = context;
    (void)err;
    findings->segments += row->segments_done;
    findings->segments_total += row->segments_total;
    return STATUS_OK;
}

static enum status verify_campaign(struct store *store, struct campaign_id id, const struct campaign *campaign,
                                   struct findings *findings, struct error *err)
{
    struct byte_check check = {store, id, findings};
    struct store_filter everything = store_filter_all(id);
    enum status status = store_science_hash(store, id, &findings->science_hash, err);
    if (status == STATUS_OK)
        status = store_visit_progress(store, id, count_segments, findings, err);
    if (status == STATUS_OK)
        status = replay_ledgers(store, id, campaign, findings, err);
    if (status == STATUS_OK)
        status = store_visit_frames(store, &everything, check_frame, &check, err);
    if (status == STATUS_OK)
        status = store_visit_last_segments(store, id, check_snapshot, &check, err);
    return status;
}

/* --- Output ------------------------------------------------------------------------------------------------------- */

static void print_findings(const char *name, const struct findings *findings)
{
    char hash[DIGEST_TEXT_SIZE];
    digest_to_text(&findings->science_hash, hash);
    printf("campaign %s\n  science hash  %s\n", name, hash);
    printf("  segments      %" PRIu64 " of %" PRIu64 "\n", findings->segments, findings->segments_total);
    printf("  replayed      %" PRIu64 " exchanges\n", findings->exchanges);
    printf("  bytes held to their digests: %" PRIu64 " frames, %" PRIu64 " last snapshots\n", findings->frames,
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
        status = verify_campaign(reading->store, (struct campaign_id){i + 1}, campaign, &findings, err);
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
