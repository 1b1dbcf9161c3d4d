#include "server/store/store_verify.h"

#include "common/mem.h"
#include "server/store/store_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A segment, or the segments of two replicas that met after it. */
static void look_at_place(struct check *check, enum verify_place_kind kind, int64_t segment, uint32_t replica_count,
                          const struct replica_id *replicas)
{
    check->place = (struct verify_place){kind, 0, {{0}}, {segment}};
    for (uint32_t i = 0; i < replica_count; i++)
        if (replicas[i].value < check->campaign.replica_count)
            check->place.replicas[check->place.replica_count++] = replicas[i];
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* ---- rows that follow from the campaign file ---- */

static enum status look_at_ensemble(struct check *check, const struct query *row)
{
    const struct ensemble_id id = {(uint32_t)query_i64(row, 0)};
    if (query_i64(row, 0) < 0 || id.value >= check->campaign.ensemble_count) {
        check_note(check, "ensemble %" PRId64 " is not in the campaign file", query_i64(row, 0));
        return STATUS_OK;
    }
    const struct digest expected = ensemble_spec_digest(&check->campaign, id), stored = check_read_digest(row, 1);
    if (!digest_equal(&expected, &stored))
        check_note(check, "ensemble %" PRIu32 " is not specified as in the campaign file", id.value);
    return STATUS_OK;
}

static enum status look_at_rung(struct check *check, const struct query *row)
{
    const uint64_t ensemble = (uint64_t)query_i64(row, 0), rung = (uint64_t)query_i64(row, 1);
    const struct campaign *campaign = &check->campaign;
    if (ensemble >= campaign->ensemble_count || rung >= campaign->ensembles[ensemble].rung_count ||
        !same_bits(campaign->ensembles[ensemble].temperatures[rung], query_f64(row, 2)))
        check_note(check, "rung %" PRIu64 " of ensemble %" PRIu64 " is not that of the campaign file", rung, ensemble);
    return STATUS_OK;
}

static enum status look_at_replica(struct check *check, const struct query *row)
{
    const uint64_t replica = (uint64_t)query_i64(row, 0);
    const struct replica_spec *spec =
        replica < check->campaign.replica_count ? &check->campaign.replicas[replica] : NULL;
    if (!spec || spec->ensemble.value != query_i64(row, 1) || spec->rung_first.value != query_i64(row, 2) ||
        spec->copy != query_i64(row, 3))
        check_note(check, "replica %" PRIu64 " is not that of the campaign file", replica);
    return STATUS_OK;
}

/* ---- the chain of segments ---- */

/* A stored segment, with the one before it. */
struct link {
    struct replica_id replica;
    struct segment_id segment;
    struct rung_id rung;
    char stage[16];
    int64_t step_first, steps;
    double temperature_first, temperature_last;
    bool has_temperatures;
    struct digest input, output, snapshot;
    double energy_potential;
    uint32_t engine_id;
    struct identity_counts identity;
};

static struct link read_link(const struct query *row)
{
    struct link link = {.replica = {(uint32_t)query_i64(row, 0)},
                        .segment = {query_i64(row, 1)},
                        .rung = {(uint32_t)query_i64(row, 2)},
                        .step_first = query_i64(row, 4),
                        .steps = query_i64(row, 5),
                        .temperature_first = query_f64(row, 6),
                        .temperature_last = query_f64(row, 7),
                        .has_temperatures = sqlite3_column_type(row->statement, 6) != SQLITE_NULL,
                        .input = check_read_digest(row, 8),
                        .output = check_read_digest(row, 9),
                        .snapshot = check_read_digest(row, 10),
                        .energy_potential = query_f64(row, 11),
                        .engine_id = (uint32_t)query_i64(row, 12),
                        .identity = {(uint64_t)query_i64(row, 13), (uint64_t)query_i64(row, 14)}};
    snprintf(link.stage, sizeof link.stage, "%s", query_text(row, 3));
    return link;
}

/* The rung of the segment after `link`, as the ledger has it. */
static enum status next_rung(struct check *check, const struct link *link, struct rung_id *out_rung)
{
    const struct replica_spec *replica = &check->campaign.replicas[link->replica.value];
    const struct ensemble_spec *ensemble = &check->campaign.ensembles[replica->ensemble.value];
    struct rung_id partner;
    struct exchange exchange;
    *out_rung = link->rung;
    if (ensemble->mode != MODE_TEMPERING ||
        !exchange_partner(link->segment, link->rung, ensemble->rung_count, &partner))
        return STATUS_OK;
    enum status status = store_get_exchange(check->store, check->id, replica->ensemble, link->segment, link->rung,
                                            &exchange, check->err);
    if (status == STATUS_NOT_FOUND)
        check_note(check, "replica %" PRIu32 " went on after round %" PRId64 " without an exchange",
                   link->replica.value, link->segment.value);
    else if (status == STATUS_OK && exchange.accepted)
        *out_rung = partner;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void check_spec(struct check *check, const struct link *link, const struct segment_spec *spec)
{
    const bool is_build = spec->stage == STAGE_BUILD;
    const bool temperatures_agree = is_build ? !link->has_temperatures
                                             : link->has_temperatures &&
                                                   same_bits(link->temperature_first, spec->temperature_first) &&
                                                   same_bits(link->temperature_last, spec->temperature_last);
    if (strcmp(link->stage, stage_names[spec->stage]) != 0 || link->step_first != spec->step_first ||
        link->steps != spec->steps || !temperatures_agree)
        check_note(check, "segment %" PRId64 " of replica %" PRIu32 " is not the work that the campaign file says",
                   link->segment.value, link->replica.value);
}

static enum status check_output(struct check *check, const struct link *link)
{
    struct segment_result result = {.replica = link->replica,
                                    .segment = link->segment,
                                    .input = link->input,
                                    .snapshot = link->snapshot,
                                    .energy_potential = link->energy_potential,
                                    .identity = link->identity};
    enum status status = check_read_findings(check, &result);
    if (status == STATUS_OK) {
        const struct digest output = segment_output_digest(&result);
        if (!digest_equal(&output, &link->output))
            check_note(check,
                       "segment %" PRId64 " of replica %" PRIu32 ": what is stored does not have its output digest",
                       link->segment.value, link->replica.value);
    }
    segment_result_finish(&result);
    return status;
}

/* `before` is the segment before of the same replica, NULL if this is the first. */
static enum status check_link(struct check *check, const struct link *link, const struct link *before)
{
    look_at_place(check, PLACE_SEGMENT, link->segment.value, 1, &link->replica);
    const struct replica_spec *replica = &check->campaign.replicas[link->replica.value];
    const int64_t expected =
        before ? before->segment.value + 1 : -campaign_prepare_segments(&check->campaign, link->replica);
    struct rung_id rung = replica->rung_first;
    if (link->segment.value != expected) {
        check_note(check, "replica %" PRIu32 " has segment %" PRId64 " where %" PRId64 " should be",
                   link->replica.value, link->segment.value, expected);
        return STATUS_OK;
    }
    enum status status = before ? next_rung(check, before, &rung) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (link->rung.value != rung.value) {
        check_note(check,
                   "segment %" PRId64 " of replica %" PRIu32 " ran on rung %" PRIu32 ", the ledger says %" PRIu32,
                   link->segment.value, link->replica.value, link->rung.value, rung.value);
        return STATUS_OK;
    }
    struct segment_spec spec;
    campaign_segment_spec(&check->campaign, link->replica, link->segment, rung, before ? before->rung : rung, &spec);
    const struct digest input = segment_input_digest(&spec, link->engine_id, before ? &before->snapshot : NULL);
    check_spec(check, link, &spec);
    if (!digest_equal(&input, &link->input))
        check_note(check, "segment %" PRId64 " of replica %" PRIu32 " was not computed from what is stored before it",
                   link->segment.value, link->replica.value);
    return check_output(check, link);
}

static enum status check_last_snapshot(struct check *check, const struct link *last)
{
    struct query query;
    bool row = false;
    look_at_place(check, PLACE_SNAPSHOT, last->segment.value, 1, &last->replica);
    enum status status = check_start(check, STATEMENT_snapshot_exists, &query);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, last->replica.value);
    query_bind_i64(&query, last->segment.value);
    status = query_step(&query, &row, check->err);
    query_finish(&query);
    if (status == STATUS_OK && !row)
        check_note(check, "replica %" PRIu32 " cannot go on: the bytes of its last snapshot are gone",
                   last->replica.value);
    return status;
}

static bool is_in_campaign(struct check *check, const struct link *link)
{
    look_at_place(check, PLACE_SEGMENT, link->segment.value, 1, &link->replica);
    const struct campaign *campaign = &check->campaign;
    if (link->replica.value < campaign->replica_count &&
        link->rung.value < campaign->ensembles[campaign->replicas[link->replica.value].ensemble.value].rung_count)
        return true;
    check_note(check,
               "segment %" PRId64 " is of replica %" PRIu32 " on rung %" PRIu32 ", which the campaign file has not",
               link->segment.value, link->replica.value, link->rung.value);
    return false;
}

/* Rows come by replica and segment; `before` is the row before, has_before false at the start of a replica. */
static enum status check_rows(struct check *check, struct query *query)
{
    struct link before = {0};
    bool has_before = false, row = true;
    for (;;) {
        enum status status = query_step(query, &row, check->err);
        if (status != STATUS_OK)
            return status;
        if (!row)
            return has_before ? check_last_snapshot(check, &before) : STATUS_OK;
        const struct link link = read_link(query);
        check->report->segments++;
        if (!is_in_campaign(check, &link))
            continue;
        const bool same_replica = has_before && before.replica.value == link.replica.value;
        if (has_before && !same_replica && (status = check_last_snapshot(check, &before)) != STATUS_OK)
            return status;
        if ((status = check_link(check, &link, same_replica ? &before : NULL)) != STATUS_OK)
            return status;
        before = link;
        has_before = true;
    }
}

static enum status check_segments(struct check *check)
{
    struct query query;
    enum status status = check_start(check, STATEMENT_segment_list, &query);
    if (status != STATUS_OK)
        return status;
    status = check_rows(check, &query);
    query_finish(&query);
    return status;
}

/* ---- the ledger ---- */

/* The energy of one partner, which must have been on that rung. */
static enum status check_partner(struct check *check, const struct exchange *exchange, struct replica_id replica,
                                 uint32_t rung, double energy)
{
    struct stored_segment segment;
    enum status status = store_get_segment(check->store, check->id, replica, exchange->round, &segment, check->err);
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK && (segment.rung.value != rung || !same_bits(segment.energy_potential, energy))))
        check_note(check,
                   "exchange of rung %" PRIu32 " in round %" PRId64 " does not fit segment %" PRId64
                   " of replica %" PRIu32,
                   exchange->rung_cold.value, exchange->round.value, exchange->round.value, replica.value);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool is_attempt(const struct check *check, const struct exchange *exchange)
{
    struct rung_id partner;
    if (exchange->ensemble.value >= check->campaign.ensemble_count)
        return false;
    const struct ensemble_spec *ensemble = &check->campaign.ensembles[exchange->ensemble.value];
    return ensemble->mode == MODE_TEMPERING &&
           exchange_partner(exchange->round, exchange->rung_cold, ensemble->rung_count, &partner) &&
           partner.value == exchange->rung_cold.value + 1;
}

static enum status look_at_exchange(struct check *check, const struct query *row)
{
    struct exchange exchange;
    query_exchange(row, &exchange);
    check->report->exchanges++;
    look_at_place(check, PLACE_SEGMENT, exchange.round.value, 2,
                  (const struct replica_id[]){exchange.replica_cold, exchange.replica_hot});
    if (!is_attempt(check, &exchange)) {
        check_note(check,
                   "rung %" PRIu32 " of ensemble %" PRIu32 " has no exchange in round %" PRId64 ", but one is stored",
                   exchange.rung_cold.value, exchange.ensemble.value, exchange.round.value);
        return STATUS_OK;
    }
    const double *temperatures = check->campaign.ensembles[exchange.ensemble.value].temperatures;
    struct exchange again = exchange;
    exchange_decide(&again, check->campaign.seed, temperatures[exchange.rung_cold.value],
                    temperatures[exchange.rung_cold.value + 1]);
    if (!same_bits(again.log_weight, exchange.log_weight) || !same_bits(again.uniform, exchange.uniform) ||
        again.accepted != exchange.accepted)
        check_note(check, "exchange of rung %" PRIu32 " in round %" PRId64 " is not what its energies decide",
                   exchange.rung_cold.value, exchange.round.value);
    enum status status =
        check_partner(check, &exchange, exchange.replica_cold, exchange.rung_cold.value, exchange.energy_cold);
    return status == STATUS_OK ? check_partner(check, &exchange, exchange.replica_hot, exchange.rung_cold.value + 1,
                                               exchange.energy_hot)
                               : status;
}

/* ---- snapshots ---- */

static enum status look_at_snapshot(struct check *check, const struct query *row)
{
    const struct digest expected = check_read_digest(row, 2), listed = check_read_digest(row, 3);
    char what[64];
    snprintf(what, sizeof what, "replica %" PRId64 ", snapshot of segment", query_i64(row, 0));
    check->report->snapshots++;
    look_at_place(check, PLACE_SNAPSHOT, query_i64(row, 1), 1, &(const struct replica_id){(uint32_t)query_i64(row, 0)});
    check_bytes(check, row, 4, &expected, what, query_i64(row, 1));
    if (!digest_equal(&expected, &listed))
        check_note(check, "%s %" PRId64 " is listed under another digest", what, query_i64(row, 1));
    return STATUS_OK;
}

/* ---- all of it ---- */

static enum status check_all(struct check *check)
{
    enum status status = check_each_row(check, STATEMENT_ensemble_list, look_at_ensemble);
    if (status == STATUS_OK)
        status = check_each_row(check, STATEMENT_rung_list, look_at_rung);
    if (status == STATUS_OK)
        status = check_each_row(check, STATEMENT_replica_list, look_at_replica);
    if (status == STATUS_OK)
        status = check_segments(check);
    if (status == STATUS_OK)
        status = check_each_row(check, STATEMENT_exchange_all, look_at_exchange);
    return status == STATUS_OK ? check_each_row(check, STATEMENT_snapshot_list, look_at_snapshot) : status;
}

static enum status check_in_one_state(struct check *check)
{
    bool nested;
    enum status status = store_begin_reading(check->store, &nested, check->err);
    if (status != STATUS_OK)
        return status;
    if ((status = store_get_campaign(check->store, check->id, &check->campaign, check->err)) == STATUS_OK)
        status = check_all(check);
    campaign_finish(&check->campaign);
    store_end_reading(check->store, nested);
    return status;
}

enum status store_verify(struct store *store, struct campaign_id campaign, struct verify_report *out_report,
                         struct error *err)
{
    return store_verify_places(store, campaign, NULL, NULL, out_report, err);
}

enum status store_verify_places(struct store *store, struct campaign_id campaign, verify_observer *observe,
                                void *context, struct verify_report *out_report, struct error *err)
{
    struct verify_report *report = mem_alloc_array(1, sizeof *report);
    if (!report)
        return mem_error(err, "a report");
    struct check check = {
        .store = store, .id = campaign, .report = report, .observe = observe, .context = context, .err = err};
    enum status status = check_in_one_state(&check);
    report->ok = report->difference_count == 0;
    if (status == STATUS_OK)
        *out_report = *report;
    mem_free(report);
    return status;
}
