/* store_segment.c - segments and exchanges: written whole, read as the planner needs them. */
#include "server/store/store.h"

#include "common/quantity.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <string.h>

/* A segment on its way into the database. */
struct writing {
    struct store *store;
    struct campaign_id campaign;
    const struct segment_spec *spec;
    struct rung_id rung;
    const struct segment_result *result;
    const struct provenance *provenance;
    struct error *err;
};

static enum status start(const struct writing *writing, enum statement name, struct query *out_query)
{
    return query_init(writing->store, name, out_query, writing->err);
}

static void bind_key(struct query *query, const struct writing *writing)
{
    query_bind_i64(query, writing->campaign.value);
    query_bind_i64(query, writing->spec->replica.value);
    query_bind_i64(query, writing->spec->segment.value);
}

static enum status end(const struct writing *writing, struct query *query)
{
    enum status status = query_run(query, writing->err);
    query_finish(query);
    return status;
}

static enum status check_new(const struct writing *writing)
{
    struct query query;
    bool row = false;
    enum status status = start(writing, STATEMENT_segment_exists, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    status = query_step(&query, &row, writing->err);
    query_finish(&query);
    if (status == STATUS_OK && row)
        return error_set(writing->err, STATUS_CONFLICT, "it is stored already");
    return status;
}

static void bind_temperatures(struct query *query, const struct segment_spec *spec)
{
    if (spec->stage == STAGE_BUILD) {
        query_bind_null(query);
        query_bind_null(query);
        return;
    }
    query_bind_f64(query, spec->temperature_first);
    query_bind_f64(query, spec->temperature_last);
}

static void bind_identity(struct query *query, const struct identity_counts *counts)
{
    if (counts->attempts == 0) {
        query_bind_null(query);
        query_bind_null(query);
        return;
    }
    query_bind_i64(query, (int64_t)counts->attempts);
    query_bind_i64(query, (int64_t)counts->accepted);
}

static enum status put_row(const struct writing *writing)
{
    const struct segment_spec *spec = writing->spec;
    struct query query;
    enum status status = start(writing, STATEMENT_segment_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_i64(&query, writing->rung.value);
    query_bind_text(&query, stage_names[spec->stage]);
    query_bind_i64(&query, spec->step_first);
    query_bind_i64(&query, spec->steps);
    bind_temperatures(&query, spec);
    query_bind_digest(&query, &writing->result->input);
    query_bind_digest(&query, &writing->result->output);
    query_bind_digest(&query, &writing->result->snapshot);
    query_bind_f64(&query, writing->result->energy_potential);
    query_bind_i64(&query, writing->provenance->engine_id);
    bind_identity(&query, &writing->result->identity);
    return end(writing, &query);
}

/* Prepares "INSERT INTO sample_<group> (campaign, replica, segment, step, <its quantities>) VALUES (?, ...)". */
static enum status prepare_sample(struct store *store, enum quantity_group group, struct error *err)
{
    sqlite3_str *text = sqlite3_str_new(store->db);
    sqlite3_str_appendf(text, "INSERT INTO sample_%s (campaign, replica, segment, step", quantity_group_name(group));
    for (int i = 0; i < QUANTITY_COUNT; i++)
        if (quantities[i].group == group)
            sqlite3_str_appendf(text, ", %s", quantities[i].name);
    sqlite3_str_appendall(text, ") VALUES (?, ?, ?, ?");
    for (int i = 0; i < quantity_group_size(group); i++)
        sqlite3_str_appendall(text, ", ?");
    sqlite3_str_appendall(text, ")");
    char *sql = sqlite3_str_finish(text);
    int code =
        sql ? sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &store->sample_inserts[group], NULL)
            : SQLITE_NOMEM;
    sqlite3_free(sql);
    return code == SQLITE_OK ? STATUS_OK : sql_error(store, code, "cannot prepare a statement", err);
}

static enum status put_sample(const struct writing *writing, const struct sample *sample)
{
    sqlite3_stmt **insert = &writing->store->sample_inserts[sample->group];
    enum status status = *insert ? STATUS_OK : prepare_sample(writing->store, sample->group, writing->err);
    if (status != STATUS_OK)
        return status;
    struct query query = {.store = writing->store, .statement = *insert, .is_named = true};
    bind_key(&query, writing);
    query_bind_i64(&query, sample->step);
    for (int i = 0; i < quantity_group_size(sample->group); i++)
        query_bind_f64(&query, sample->values[i]);
    return end(writing, &query);
}

static enum status put_pdf(const struct writing *writing, const struct pdf_counts *pdf)
{
    const size_t size = (size_t)PDF_PAIRS * pdf->bins * sizeof *pdf->counts; /* little-endian: common/bytes.h */
    const struct digest digest = digest_of_bytes(pdf->counts, size);
    struct query query;
    enum status status = start(writing, STATEMENT_pdf_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_text(&query, configuration_names[pdf->kind]);
    query_bind_i64(&query, pdf->step_last);
    query_bind_i64(&query, pdf->frames);
    query_bind_f64(&query, pdf->bin);
    query_bind_i64(&query, pdf->bins);
    query_bind_bytes(&query, pdf->counts, size);
    query_bind_digest(&query, &digest);
    return end(writing, &query);
}

static enum status put_array(const struct writing *writing, const struct sample_array *array)
{
    const size_t cells = (size_t)array->rows * (size_t)array_columns(array->array);
    const struct digest digest = digest_of_bytes(array->cells, cells * sizeof *array->cells);
    struct query query;
    enum status status = start(writing, STATEMENT_array_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_i64(&query, array->step);
    query_bind_text(&query, array_quantities[array->array].name);
    query_bind_i64(&query, array->rows);
    query_bind_bytes(&query, array->cells, cells * sizeof *array->cells); /* little-endian: common/bytes.h */
    query_bind_digest(&query, &digest);
    return end(writing, &query);
}

static enum status put_frame_row(const struct writing *writing, const struct frame *frame)
{
    struct query query;
    enum status status = start(writing, STATEMENT_frame_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_i64(&query, frame->step);
    query_bind_text(&query, configuration_names[frame->kind]);
    query_bind_digest(&query, &frame->digest);
    return end(writing, &query);
}

static enum status put_frame_bytes(const struct writing *writing, const struct frame *frame)
{
    struct query query;
    enum status status = start(writing, STATEMENT_frame_bytes_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_i64(&query, frame->step);
    query_bind_text(&query, configuration_names[frame->kind]);
    query_bind_bytes(&query, frame->bytes, frame->size);
    return end(writing, &query);
}

static enum status put_findings(const struct writing *writing)
{
    const struct segment_result *result = writing->result;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < result->sample_count; i++)
        status = put_sample(writing, &result->samples[i]);
    for (size_t i = 0; status == STATUS_OK && i < result->array_count; i++)
        status = put_array(writing, &result->arrays[i]);
    for (size_t i = 0; status == STATUS_OK && i < result->pdf_count; i++)
        status = put_pdf(writing, &result->pdfs[i]);
    for (size_t i = 0; status == STATUS_OK && i < result->frame_count; i++) {
        status = put_frame_row(writing, &result->frames[i]);
        if (status == STATUS_OK)
            status = put_frame_bytes(writing, &result->frames[i]);
    }
    return status;
}

static enum status put_snapshot(const struct writing *writing)
{
    struct query query;
    enum status status = start(writing, STATEMENT_snapshot_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_digest(&query, &writing->result->snapshot);
    query_bind_bytes(&query, writing->result->snapshot_bytes, writing->result->snapshot_size);
    return end(writing, &query);
}

/* With this one stored, the snapshot that is no longer among the last STORE_SNAPSHOTS_KEPT joins the queue. */
static enum status queue_prunable(const struct writing *writing)
{
    struct query query;
    enum status status = start(writing, STATEMENT_prunable_put, &query);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->campaign.value);
    query_bind_i64(&query, writing->spec->replica.value);
    query_bind_i64(&query, writing->spec->segment.value - STORE_SNAPSHOTS_KEPT);
    return end(writing, &query);
}

static enum status put_host(const struct writing *writing)
{
    struct query query;
    enum status status = start(writing, STATEMENT_host_put, &query);
    if (status != STATUS_OK)
        return status;
    query_bind_text(&query, writing->provenance->host);
    query_bind_i64(&query, clock_wall().value);
    return end(writing, &query);
}

static enum status put_worker(const struct writing *writing)
{
    const struct provenance *from = writing->provenance;
    struct query query;
    enum status status = start(writing, STATEMENT_worker_put, &query);
    if (status != STATUS_OK)
        return status;
    query_bind_bytes(&query, from->worker_uuid, sizeof from->worker_uuid);
    query_bind_text(&query, from->cpu);
    query_bind_text(&query, from->isa);
    query_bind_text(&query, from->build);
    query_bind_i64(&query, from->engine_id);
    query_bind_i64(&query, clock_wall().value);
    query_bind_text(&query, from->host);
    return end(writing, &query);
}

/* Row number of the worker; 0 when it is not known yet. */
static enum status find_worker(const struct writing *writing, int64_t *out_worker)
{
    const struct provenance *from = writing->provenance;
    struct query query;
    bool row = false;
    enum status status = start(writing, STATEMENT_worker_find, &query);
    if (status != STATUS_OK)
        return status;
    query_bind_bytes(&query, from->worker_uuid, sizeof from->worker_uuid);
    query_bind_text(&query, from->host);
    query_bind_text(&query, from->cpu);
    query_bind_text(&query, from->isa);
    query_bind_text(&query, from->build);
    query_bind_i64(&query, from->engine_id);
    if ((status = query_step(&query, &row, writing->err)) == STATUS_OK)
        *out_worker = row ? query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

static enum status know_worker(const struct writing *writing, int64_t *out_worker)
{
    enum status status = find_worker(writing, out_worker);
    if (status != STATUS_OK || *out_worker != 0)
        return status;
    if ((status = put_host(writing)) != STATUS_OK || (status = put_worker(writing)) != STATUS_OK)
        return status;
    return find_worker(writing, out_worker);
}

static enum status put_provenance(const struct writing *writing)
{
    int64_t worker = 0;
    struct query query;
    enum status status = know_worker(writing, &worker);
    if (status == STATUS_OK)
        status = start(writing, STATEMENT_provenance_put, &query);
    if (status != STATUS_OK)
        return status;
    bind_key(&query, writing);
    query_bind_i64(&query, worker);
    query_bind_i64(&query, (int64_t)writing->provenance->token);
    query_bind_i64(&query, writing->provenance->cpu_time_ns);
    query_bind_i64(&query, writing->provenance->wall_time_ns);
    query_bind_i64(&query, clock_wall().value);
    return end(writing, &query);
}

static enum status put_all(const struct writing *writing)
{
    enum status status = put_row(writing);
    if (status == STATUS_OK)
        status = put_findings(writing);
    if (status == STATUS_OK)
        status = put_snapshot(writing);
    if (status == STATUS_OK)
        status = queue_prunable(writing);
    return status == STATUS_OK ? put_provenance(writing) : status;
}

static enum status run_statement(const struct writing *writing, enum statement name, struct error *err)
{
    struct query query;
    enum status status = query_init(writing->store, name, &query, err);
    return status == STATUS_OK ? query_run(&query, err) : status;
}

/* Begins the savepoint, with the statements that end it at hand: taking back must not need memory that is not there. */
static enum status begin_savepoint(const struct writing *writing)
{
    struct query query;
    enum status status = start(writing, STATEMENT_savepoint_rollback, &query);
    if (status == STATUS_OK)
        status = start(writing, STATEMENT_savepoint_release, &query);
    return status == STATUS_OK ? run_statement(writing, STATEMENT_savepoint, writing->err) : status;
}

/* Half a segment must never be committed: when the savepoint cannot be taken back, all of the group is, and its commit
 * fails. Keeps the caller's err. */
static void take_back(const struct writing *writing)
{
    if (sqlite3_get_autocommit(writing->store->db))
        return; /* SQLite has taken everything back */
    if (run_statement(writing, STATEMENT_savepoint_rollback, NULL) != STATUS_OK ||
        run_statement(writing, STATEMENT_savepoint_release, NULL) != STATUS_OK)
        error_ignore(run_statement(writing, STATEMENT_rollback, NULL), "the failure before it is the one to report");
}

/* A segment that fails half way takes only itself back, not the others of the group. */
static enum status put_whole(const struct writing *writing)
{
    enum status status = begin_savepoint(writing);
    if (status != STATUS_OK)
        return status;
    if ((status = put_all(writing)) == STATUS_OK)
        status = run_statement(writing, STATEMENT_savepoint_release, writing->err);
    if (status != STATUS_OK)
        take_back(writing);
    return status;
}

enum status store_put_segment(struct store *store, struct campaign_id campaign, const struct segment_spec *spec,
                              struct rung_id rung, const struct segment_result *result,
                              const struct provenance *provenance, struct error *err)
{
    const struct writing writing = {store, campaign, spec, rung, result, provenance, err};
    enum status status = store_check_transaction(store, err);
    if (status == STATUS_OK)
        status = check_new(&writing);
    if (status == STATUS_OK)
        status = put_whole(&writing);
    if (status != STATUS_OK && err)
        error_context(err, "storing segment %" PRId64 " of replica %" PRIu32, spec->segment.value, spec->replica.value);
    return status;
}

enum status store_put_exchange(struct store *store, struct campaign_id campaign, const struct exchange *exchange,
                               struct error *err)
{
    struct query query;
    enum status status = store_check_transaction(store, err);
    if (status == STATUS_OK)
        status = query_init(store, STATEMENT_exchange_put, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, exchange->ensemble.value);
    query_bind_i64(&query, exchange->round.value);
    query_bind_i64(&query, exchange->rung_cold.value);
    query_bind_i64(&query, exchange->replica_cold.value);
    query_bind_i64(&query, exchange->replica_hot.value);
    query_bind_f64(&query, exchange->energy_cold);
    query_bind_f64(&query, exchange->energy_hot);
    query_bind_f64(&query, exchange->log_weight);
    query_bind_f64(&query, exchange->uniform);
    query_bind_i64(&query, exchange->accepted);
    status = query_run(&query, err);
    query_finish(&query);
    if (status != STATUS_OK && err)
        error_context(err, "storing the exchange of rung %" PRIu32 " after round %" PRId64, exchange->rung_cold.value,
                      exchange->round.value);
    return status;
}

/* ---- reading back ---- */

static enum status read_segment(const struct query *query, struct stored_segment *out, struct error *err)
{
    out->replica.value = (uint32_t)query_i64(query, 0);
    out->segment.value = query_i64(query, 1);
    out->rung.value = (uint32_t)query_i64(query, 2);
    out->energy_potential = query_f64(query, 6);
    enum status status = query_digest(query, 3, &out->input, err);
    if (status == STATUS_OK)
        status = query_digest(query, 4, &out->output, err);
    return status == STATUS_OK ? query_digest(query, 5, &out->snapshot, err) : status;
}

enum status store_visit_last_segments(struct store *store, struct campaign_id campaign, store_segment_visitor *visit,
                                      void *context, struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_segment_last, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    while (status == STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK && row) {
        struct stored_segment segment;
        if ((status = read_segment(&query, &segment, err)) == STATUS_OK)
            status = visit(context, &segment, err);
    }
    query_finish(&query);
    return status;
}

enum status store_get_segment(struct store *store, struct campaign_id campaign, struct replica_id replica,
                              struct segment_id segment, struct stored_segment *out_segment, struct error *err)
{
    struct query query;
    struct stored_segment found;
    bool row = false;
    enum status status = query_init(store, STATEMENT_segment_get, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, replica.value);
    query_bind_i64(&query, segment.value);
    if ((status = query_step(&query, &row, err)) == STATUS_OK)
        status = row ? read_segment(&query, &found, err)
                     : error_set(err, STATUS_NOT_FOUND, "segment %" PRId64 " of replica %" PRIu32 " is not stored",
                                 segment.value, replica.value);
    query_finish(&query);
    if (status == STATUS_OK)
        *out_segment = found;
    return status;
}

void query_exchange(const struct query *query, struct exchange *out)
{
    out->ensemble.value = (uint32_t)query_i64(query, 0);
    out->round.value = query_i64(query, 1);
    out->rung_cold.value = (uint32_t)query_i64(query, 2);
    out->replica_cold.value = (uint32_t)query_i64(query, 3);
    out->replica_hot.value = (uint32_t)query_i64(query, 4);
    out->energy_cold = query_f64(query, 5);
    out->energy_hot = query_f64(query, 6);
    out->log_weight = query_f64(query, 7);
    out->uniform = query_f64(query, 8);
    out->accepted = query_i64(query, 9) != 0;
}

enum status store_get_exchange(struct store *store, struct campaign_id campaign, struct ensemble_id ensemble,
                               struct segment_id round, struct rung_id rung, struct exchange *out_exchange,
                               struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_exchange_get, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, ensemble.value);
    query_bind_i64(&query, round.value);
    query_bind_i64(&query, rung.value);
    query_bind_i64(&query, (int64_t)rung.value - 1);
    status = query_step(&query, &row, err);
    if (status == STATUS_OK && row)
        query_exchange(&query, out_exchange);
    query_finish(&query);
    if (status == STATUS_OK && !row)
        return error_set(err, STATUS_NOT_FOUND, "rung %" PRIu32 " has no exchange stored for round %" PRId64,
                         rung.value, round.value);
    return status;
}
