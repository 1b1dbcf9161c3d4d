#include "server/store/store_verify.h"

#include "common/bytes.h"
#include "common/mem.h"
#include "common/quantity.h"
#include "common/snapshot.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A verification under way. */
struct check {
    struct store *store;
    struct campaign_id id;
    struct campaign campaign;
    struct verify_report *report;
    verify_observer *observe; /* NULL: nobody asks where */
    void *context;
    struct verify_place place; /* of what is being looked at */
    struct error *err;
};

/* A segment, or the segments of two replicas that met after it. */
static void look_at_place(struct check *check, enum verify_place_kind kind, int64_t segment, uint32_t replica_count,
                          const struct replica_id *replicas)
{
    check->place = (struct verify_place){kind, 0, {{0}}, {segment}};
    for (uint32_t i = 0; i < replica_count; i++)
        if (replicas[i].value < check->campaign.replica_count)
            check->place.replicas[check->place.replica_count++] = replicas[i];
}

static void note(struct check *check, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void note(struct check *check, const char *fmt, ...)
{
    struct verify_report *report = check->report;
    report->difference_count++;
    if (check->observe)
        check->observe(check->context, &check->place);
    if (report->kept == VERIFY_DIFFERENCES_MAX)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(report->differences[report->kept++], VERIFY_TEXT_SIZE, fmt, args);
    va_end(args);
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* A named statement over all rows of the campaign. */
static enum status start(struct check *check, enum statement name, struct query *out_query)
{
    enum status status = query_init(check->store, name, out_query, check->err);
    if (status == STATUS_OK)
        query_bind_i64(out_query, check->id.value);
    return status;
}

typedef enum status row_checker(struct check *check, const struct query *row);

static enum status for_each_row(struct check *check, enum statement name, row_checker *look)
{
    struct query query;
    bool row = true;
    enum status status = start(check, name, &query);
    if (status != STATUS_OK)
        return status;
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = look(check, &query)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

/* A digest of the present row; one that is not a digest counts as a difference and reads as zero. */
static struct digest read_digest(const struct query *row, int column)
{
    struct digest digest = {{0}};
    error_ignore(query_digest(row, column, &digest, NULL), "zero differs from whatever it is compared with");
    return digest;
}

/* ---- rows that follow from the campaign file ---- */

static enum status look_at_ensemble(struct check *check, const struct query *row)
{
    const struct ensemble_id id = {(uint32_t)query_i64(row, 0)};
    if (query_i64(row, 0) < 0 || id.value >= check->campaign.ensemble_count) {
        note(check, "ensemble %" PRId64 " is not in the campaign file", query_i64(row, 0));
        return STATUS_OK;
    }
    const struct digest expected = ensemble_spec_digest(&check->campaign, id), stored = read_digest(row, 1);
    if (!digest_equal(&expected, &stored))
        note(check, "ensemble %" PRIu32 " is not specified as in the campaign file", id.value);
    return STATUS_OK;
}

static enum status look_at_rung(struct check *check, const struct query *row)
{
    const uint64_t ensemble = (uint64_t)query_i64(row, 0), rung = (uint64_t)query_i64(row, 1);
    const struct campaign *campaign = &check->campaign;
    if (ensemble >= campaign->ensemble_count || rung >= campaign->ensembles[ensemble].rung_count ||
        !same_bits(campaign->ensembles[ensemble].temperatures[rung], query_f64(row, 2)))
        note(check, "rung %" PRIu64 " of ensemble %" PRIu64 " is not that of the campaign file", rung, ensemble);
    return STATUS_OK;
}

static enum status look_at_replica(struct check *check, const struct query *row)
{
    const uint64_t replica = (uint64_t)query_i64(row, 0);
    const struct replica_spec *spec =
        replica < check->campaign.replica_count ? &check->campaign.replicas[replica] : NULL;
    if (!spec || spec->ensemble.value != query_i64(row, 1) || spec->rung_first.value != query_i64(row, 2) ||
        spec->copy != query_i64(row, 3))
        note(check, "replica %" PRIu64 " is not that of the campaign file", replica);
    return STATUS_OK;
}

/* ---- what a segment found ---- */

/* A segment's findings, read back. Owned through `result`. */
struct findings {
    struct segment_result result;
    size_t sample_capacity, array_capacity, pdf_capacity, frame_capacity;
};

static enum status make_room(void **array, size_t count, size_t *capacity, size_t size, struct error *err)
{
    if (count < *capacity)
        return STATUS_OK;
    const size_t wanted = *capacity ? 2 * *capacity : 16;
    void *grown = mem_resize_array(*array, *capacity, wanted, size);
    if (!grown)
        return mem_error(err, "what a segment found");
    *array = grown;
    *capacity = wanted;
    return STATUS_OK;
}

static void bind_segment(struct query *query, const struct segment_result *result)
{
    query_bind_i64(query, result->replica.value);
    query_bind_i64(query, result->segment.value);
}

enum { SAMPLE_STEP = 3, SAMPLE_VALUES = 4 }; /* columns of a sample table */

/* A NULL within the group, not at its end, stays 0 and shows in the output. */
static int count_lacking(const struct query *row, int values)
{
    int lacking = 0;
    while (lacking < values && sqlite3_column_type(row->statement, SAMPLE_VALUES + values - 1 - lacking) == SQLITE_NULL)
        lacking++;
    return lacking;
}

static enum status add_sample(struct check *check, const struct query *row, enum quantity_group group,
                              struct findings *findings)
{
    struct segment_result *result = &findings->result;
    void *samples = result->samples;
    enum status status =
        make_room(&samples, result->sample_count, &findings->sample_capacity, sizeof *result->samples, check->err);
    result->samples = samples;
    if (status != STATUS_OK)
        return status;
    struct sample *sample = &result->samples[result->sample_count++];
    const int values = quantity_group_size(group);
    *sample =
        (struct sample){.step = query_i64(row, SAMPLE_STEP), .group = group, .lacking = count_lacking(row, values)};
    for (int i = 0; i < values; i++)
        sample->values[i] = query_f64(row, SAMPLE_VALUES + i);
    check->report->samples++;
    return STATUS_OK;
}

static enum status read_samples(struct check *check, enum quantity_group group, struct findings *findings)
{
    static const enum statement statements[QUANTITY_GROUP_COUNT] = {
        STATEMENT_sample_thermal_of, STATEMENT_sample_inherent_of, STATEMENT_sample_static_of,
        STATEMENT_sample_structure_of, STATEMENT_sample_dynamics_of};
    struct query query;
    bool row = true;
    enum status status = start(check, statements[group], &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, &findings->result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_sample(check, &query, group, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

/* By step, groups in their order at one step: the order of a result. */
static int compare_samples(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

/* Takes the cells if they are as many as there must be; what is wrong with them is noted and shows in the output. */
static enum status take_cells(struct check *check, const struct query *row, struct sample_array *array)
{
    const void *bytes = sqlite3_column_blob(row->statement, 3);
    const size_t size = (size_t)sqlite3_column_bytes(row->statement, 3);
    const size_t cells = (size_t)array->rows * (size_t)array_columns(array->array);
    const struct digest stored = read_digest(row, 4), actual = digest_of_bytes(bytes ? bytes : "", size);
    array->cells = mem_alloc_array(cells, sizeof *array->cells);
    if (!array->cells)
        return mem_error(check->err, "an array");
    if (bytes && size == cells * sizeof *array->cells)
        memcpy(array->cells, bytes, size); /* little-endian: common/bytes.h */
    check->report->arrays++;
    if (!digest_equal(&stored, &actual))
        note(check, "array %s at step %" PRId64 " does not have its digest", query_text(row, 0), array->step);
    return STATUS_OK;
}

static enum status add_array(struct check *check, const struct query *row, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    const struct array_quantity *known = array_find(query_text(row, 0));
    const int64_t rows = query_i64(row, 2);
    if (!known) {
        note(check, "there is no array '%s'", query_text(row, 0));
        return STATUS_OK;
    }
    void *arrays = result->arrays;
    enum status status =
        make_room(&arrays, result->array_count, &findings->array_capacity, sizeof *result->arrays, check->err);
    result->arrays = arrays;
    if (status != STATUS_OK)
        return status;
    struct sample_array *array = &result->arrays[result->array_count++];
    *array = (struct sample_array){.step = query_i64(row, 1),
                                   .array = (enum array_id)(known - array_quantities),
                                   .rows = rows >= 0 && rows <= ARRAY_ROWS_MAX ? (uint32_t)rows : 0};
    return take_cells(check, row, array);
}

/* By step, in the order of arrays.def at one step: the order of a result. */
static int compare_arrays(const void *left, const void *right)
{
    const struct sample_array *a = left, *b = right;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->array > b->array) - (a->array < b->array);
}

static enum status read_arrays(struct check *check, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    struct query query;
    bool row = true;
    enum status status = start(check, STATEMENT_array_of, &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_array(check, &query, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    if (result->array_count)
        qsort(result->arrays, result->array_count, sizeof *result->arrays, compare_arrays);
    return status;
}

/* Takes the counts if they are as long as they must be; what is wrong with them is noted and shows in the output. */
static enum status take_counts(struct check *check, const struct query *row, struct pdf_counts *pdf)
{
    const void *bytes = sqlite3_column_blob(row->statement, 5);
    const size_t size = (size_t)sqlite3_column_bytes(row->statement, 5);
    const size_t values = (size_t)PDF_PAIRS * pdf->bins;
    const struct digest stored = read_digest(row, 6), actual = digest_of_bytes(bytes ? bytes : "", size);
    pdf->counts = mem_alloc_array(values, sizeof *pdf->counts);
    if (!pdf->counts)
        return mem_error(check->err, "pair counts");
    if (bytes && size == values * sizeof *pdf->counts)
        memcpy(pdf->counts, bytes, size); /* little-endian: common/bytes.h */
    check->report->pdfs++;
    if (!digest_equal(&stored, &actual))
        note(check, "the %s pair counts up to step %" PRId64 " do not have their digest", query_text(row, 0),
             pdf->step_last);
    return STATUS_OK;
}

static enum status add_pdf(struct check *check, const struct query *row, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    void *pdfs = result->pdfs;
    enum status status = make_room(&pdfs, result->pdf_count, &findings->pdf_capacity, sizeof *result->pdfs, check->err);
    result->pdfs = pdfs;
    if (status != STATUS_OK)
        return status;
    const int64_t bins = query_i64(row, 4);
    struct pdf_counts *pdf = &result->pdfs[result->pdf_count];
    *pdf = (struct pdf_counts){.step_last = query_i64(row, 1),
                               .frames = (uint32_t)query_i64(row, 2),
                               .bin = query_f64(row, 3),
                               .bins = bins > 0 && bins <= PDF_BINS_MAX ? (uint32_t)bins : 0};
    if ((status = query_kind(row, 0, &pdf->kind, check->err)) != STATUS_OK)
        return status;
    result->pdf_count++;
    return take_counts(check, row, pdf);
}

static enum status read_pdfs(struct check *check, struct findings *findings)
{
    struct query query;
    bool row = true;
    enum status status = start(check, STATEMENT_pdf_of, &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, &findings->result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_pdf(check, &query, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

static void check_bytes(struct check *check, const struct query *row, int column, const struct digest *expected,
                        const char *what, int64_t step)
{
    const void *bytes = sqlite3_column_blob(row->statement, column);
    const size_t size = (size_t)sqlite3_column_bytes(row->statement, column);
    struct digest actual;
    struct error err = {0};
    if (!bytes)
        note(check, "%s %" PRId64 " has no bytes", what, step);
    else if (snapshot_check(bytes, size, &actual, &err) != STATUS_OK)
        note(check, "%s %" PRId64 ": %.120s", what, step, err.message);
    else if (!digest_equal(expected, &actual))
        note(check, "%s %" PRId64 " has the bytes of another configuration", what, step);
}

static enum status add_frame(struct check *check, const struct query *row, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    void *frames = result->frames;
    enum status status =
        make_room(&frames, result->frame_count, &findings->frame_capacity, sizeof *result->frames, check->err);
    result->frames = frames;
    if (status != STATUS_OK)
        return status;
    struct frame *frame = &result->frames[result->frame_count];
    *frame = (struct frame){.step = query_i64(row, 1), .digest = read_digest(row, 2)};
    if ((status = query_kind(row, 0, &frame->kind, check->err)) != STATUS_OK)
        return status;
    result->frame_count++;
    check->report->frames++;
    char what[64];
    snprintf(what, sizeof what, "replica %" PRIu32 ", %s frame at step", result->replica.value, query_text(row, 0));
    check_bytes(check, row, 3, &frame->digest, what, frame->step);
    return STATUS_OK;
}

static enum status read_frames(struct check *check, struct findings *findings)
{
    struct query query;
    bool row = true;
    enum status status = start(check, STATEMENT_frame_of, &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, &findings->result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_frame(check, &query, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

static enum status read_findings(struct check *check, struct findings *findings)
{
    enum status status = STATUS_OK;
    for (int group = 0; status == STATUS_OK && group < QUANTITY_GROUP_COUNT; group++)
        status = read_samples(check, (enum quantity_group)group, findings);
    if (findings->result.sample_count)
        qsort(findings->result.samples, findings->result.sample_count, sizeof *findings->result.samples,
              compare_samples);
    if (status == STATUS_OK)
        status = read_arrays(check, findings);
    if (status == STATUS_OK)
        status = read_pdfs(check, findings);
    return status == STATUS_OK ? read_frames(check, findings) : status;
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
                        .input = read_digest(row, 8),
                        .output = read_digest(row, 9),
                        .snapshot = read_digest(row, 10),
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
        note(check, "replica %" PRIu32 " went on after round %" PRId64 " without an exchange", link->replica.value,
             link->segment.value);
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
        note(check, "segment %" PRId64 " of replica %" PRIu32 " is not the work that the campaign file says",
             link->segment.value, link->replica.value);
}

static enum status check_output(struct check *check, const struct link *link)
{
    struct findings findings = {.result = {.replica = link->replica,
                                           .segment = link->segment,
                                           .input = link->input,
                                           .snapshot = link->snapshot,
                                           .energy_potential = link->energy_potential,
                                           .identity = link->identity}};
    enum status status = read_findings(check, &findings);
    if (status == STATUS_OK) {
        const struct digest output = segment_output_digest(&findings.result);
        if (!digest_equal(&output, &link->output))
            note(check, "segment %" PRId64 " of replica %" PRIu32 ": what is stored does not have its output digest",
                 link->segment.value, link->replica.value);
    }
    segment_result_finish(&findings.result);
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
        note(check, "replica %" PRIu32 " has segment %" PRId64 " where %" PRId64 " should be", link->replica.value,
             link->segment.value, expected);
        return STATUS_OK;
    }
    enum status status = before ? next_rung(check, before, &rung) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (link->rung.value != rung.value) {
        note(check, "segment %" PRId64 " of replica %" PRIu32 " ran on rung %" PRIu32 ", the ledger says %" PRIu32,
             link->segment.value, link->replica.value, link->rung.value, rung.value);
        return STATUS_OK;
    }
    struct segment_spec spec;
    campaign_segment_spec(&check->campaign, link->replica, link->segment, rung, before ? before->rung : rung, &spec);
    const struct digest input = segment_input_digest(&spec, link->engine_id, before ? &before->snapshot : NULL);
    check_spec(check, link, &spec);
    if (!digest_equal(&input, &link->input))
        note(check, "segment %" PRId64 " of replica %" PRIu32 " was not computed from what is stored before it",
             link->segment.value, link->replica.value);
    return check_output(check, link);
}

static enum status check_last_snapshot(struct check *check, const struct link *last)
{
    struct query query;
    bool row = false;
    look_at_place(check, PLACE_SNAPSHOT, last->segment.value, 1, &last->replica);
    enum status status = start(check, STATEMENT_snapshot_exists, &query);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, last->replica.value);
    query_bind_i64(&query, last->segment.value);
    status = query_step(&query, &row, check->err);
    query_finish(&query);
    if (status == STATUS_OK && !row)
        note(check, "replica %" PRIu32 " cannot go on: the bytes of its last snapshot are gone", last->replica.value);
    return status;
}

static bool is_in_campaign(struct check *check, const struct link *link)
{
    look_at_place(check, PLACE_SEGMENT, link->segment.value, 1, &link->replica);
    const struct campaign *campaign = &check->campaign;
    if (link->replica.value < campaign->replica_count &&
        link->rung.value < campaign->ensembles[campaign->replicas[link->replica.value].ensemble.value].rung_count)
        return true;
    note(check, "segment %" PRId64 " is of replica %" PRIu32 " on rung %" PRIu32 ", which the campaign file has not",
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
    enum status status = start(check, STATEMENT_segment_list, &query);
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
        note(check,
             "exchange of rung %" PRIu32 " in round %" PRId64 " does not fit segment %" PRId64 " of replica %" PRIu32,
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
        note(check, "rung %" PRIu32 " of ensemble %" PRIu32 " has no exchange in round %" PRId64 ", but one is stored",
             exchange.rung_cold.value, exchange.ensemble.value, exchange.round.value);
        return STATUS_OK;
    }
    const double *temperatures = check->campaign.ensembles[exchange.ensemble.value].temperatures;
    struct exchange again = exchange;
    exchange_decide(&again, check->campaign.seed, temperatures[exchange.rung_cold.value],
                    temperatures[exchange.rung_cold.value + 1]);
    if (!same_bits(again.log_weight, exchange.log_weight) || !same_bits(again.uniform, exchange.uniform) ||
        again.accepted != exchange.accepted)
        note(check, "exchange of rung %" PRIu32 " in round %" PRId64 " is not what its energies decide",
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
    const struct digest expected = read_digest(row, 2), listed = read_digest(row, 3);
    char what[64];
    snprintf(what, sizeof what, "replica %" PRId64 ", snapshot of segment", query_i64(row, 0));
    check->report->snapshots++;
    look_at_place(check, PLACE_SNAPSHOT, query_i64(row, 1), 1, &(const struct replica_id){(uint32_t)query_i64(row, 0)});
    check_bytes(check, row, 4, &expected, what, query_i64(row, 1));
    if (!digest_equal(&expected, &listed))
        note(check, "%s %" PRId64 " is listed under another digest", what, query_i64(row, 1));
    return STATUS_OK;
}

/* ---- all of it ---- */

static enum status check_all(struct check *check)
{
    enum status status = for_each_row(check, STATEMENT_ensemble_list, look_at_ensemble);
    if (status == STATUS_OK)
        status = for_each_row(check, STATEMENT_rung_list, look_at_rung);
    if (status == STATUS_OK)
        status = for_each_row(check, STATEMENT_replica_list, look_at_replica);
    if (status == STATUS_OK)
        status = check_segments(check);
    if (status == STATUS_OK)
        status = for_each_row(check, STATEMENT_exchange_all, look_at_exchange);
    return status == STATUS_OK ? for_each_row(check, STATEMENT_snapshot_list, look_at_snapshot) : status;
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
