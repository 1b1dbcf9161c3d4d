/* store_audit.c - segments that are run twice; whom not to trust; and RETRACT. */
#include "common/clock.h"
#include "common/mem.h"
#include "server/store/store.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- records --------------------------------------------------------------------------------------------------------
 */

static enum status read_record(const struct query *query, struct stored_record *out, struct error *err)
{
    const void *uuid = sqlite3_column_blob(query->statement, 10);
    *out = (struct stored_record){
        .segment = {.replica = {(uint32_t)query_i64(query, 0)},
                    .segment = {query_i64(query, 1)},
                    .rung = {(uint32_t)query_i64(query, 2)},
                    .energy_potential = query_f64(query, 6)},
        .rung_before = {(uint32_t)query_i64(query, 7)},
        .has_snapshot = query_i64(query, 8) != 0,
    };
    if (!uuid || sqlite3_column_bytes(query->statement, 10) != sizeof out->worker_uuid)
        return error_set(err, STATUS_CORRUPT, "the uuid of a worker is not 16 bytes");
    memcpy(out->worker_uuid, uuid, sizeof out->worker_uuid);
    snprintf(out->host, sizeof out->host, "%s", query_text(query, 11));
    enum status status = query_digest(query, 3, &out->segment.input, err);
    if (status == STATUS_OK)
        status = query_digest(query, 4, &out->segment.output, err);
    if (status == STATUS_OK)
        status = query_digest(query, 5, &out->segment.snapshot, err);
    return status == STATUS_OK ? query_digest(query, 9, &out->snapshot_in, err) : status;
}

enum status store_visit_records(struct store *store, struct campaign_id campaign, struct replica_id replica,
                                struct segment_id first, struct segment_id last, bool unaudited,
                                store_record_visitor *visit, void *context, struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_record_list, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, replica.value);
    query_bind_i64(&query, first.value);
    query_bind_i64(&query, last.value);
    query_bind_i64(&query, unaudited);
    while (status == STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK && row) {
        struct stored_record record;
        if ((status = read_record(&query, &record, err)) == STATUS_OK)
            status = visit(context, &record, err);
    }
    query_finish(&query);
    return status;
}

enum status store_put_audit(struct store *store, struct campaign_id campaign, struct replica_id replica,
                            struct segment_id segment, const char *host, const uint8_t worker_uuid[16],
                            struct error *err)
{
    struct query query;
    enum status status = query_init(store, STATEMENT_audit_put, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, replica.value);
    query_bind_i64(&query, segment.value);
    query_bind_text(&query, host);
    query_bind_bytes(&query, worker_uuid, 16);
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

/* -- trust ----------------------------------------------------------------------------------------------------------
 */

enum status store_put_quarantine(struct store *store, const char *host, const uint8_t *worker_uuid, struct error *err)
{
    struct query query;
    enum status status =
        query_init(store, worker_uuid ? STATEMENT_worker_quarantine : STATEMENT_host_quarantine, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_text(&query, host);
    query_bind_i64(&query, clock_wall().value);
    if (worker_uuid)
        query_bind_bytes(&query, worker_uuid, 16);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

enum status store_visit_quarantine(struct store *store, store_quarantine_visitor *visit, void *context,
                                   struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_quarantine_list, &query, err);
    if (status != STATUS_OK)
        return status;
    while (status == STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK && row)
        status = visit(context, query_text(&query, 0), sqlite3_column_blob(query.statement, 1), err);
    query_finish(&query);
    return status;
}

/* -- RETRACT --------------------------------------------------------------------------------------------------------
 */

/* The causal cone, as the first segment of each replica that goes. */
struct cone {
    struct store *store;
    struct campaign_id campaign;
    uint32_t replica_count;
    int64_t *first;   /* [replica_count]; INT64_MAX: untouched */
    bool *is_pending; /* [replica_count]; its exchanges have to be followed (again) */
    struct error *err;
};

static enum status start(const struct cone *cone, enum statement name, uint32_t replica, int64_t segment,
                         struct query *out_query)
{
    enum status status = query_init(cone->store, name, out_query, cone->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(out_query, cone->campaign.value);
    query_bind_i64(out_query, replica);
    query_bind_i64(out_query, segment);
    return STATUS_OK;
}

/* Where `replica` can begin again so that `segment` is run: after a snapshot that is there, or with its build. */
static enum status find_start(const struct cone *cone, uint32_t replica, int64_t segment, int64_t *out_first)
{
    struct query query;
    bool row = false;
    enum status status = start(cone, STATEMENT_snapshot_before, replica, segment, &query);
    if (status == STATUS_OK && (status = query_step(&query, &row, cone->err)) == STATUS_OK)
        *out_first = row ? query_i64(&query, 0) : segment;
    query_finish(&query);
    return status;
}

static enum status take_in(struct cone *cone, uint32_t replica, int64_t segment)
{
    if (segment >= cone->first[replica])
        return STATUS_OK;
    cone->is_pending[replica] = true;
    return find_start(cone, replica, segment, &cone->first[replica]);
}

static enum status follow_exchanges(struct cone *cone, uint32_t replica)
{
    struct query query;
    bool row = true;
    cone->is_pending[replica] = false;
    enum status status = start(cone, STATEMENT_exchange_from, replica, cone->first[replica], &query);
    while (status == STATUS_OK && (status = query_step(&query, &row, cone->err)) == STATUS_OK && row) {
        const uint32_t cold = (uint32_t)query_i64(&query, 1), hot = (uint32_t)query_i64(&query, 2);
        status = take_in(cone, cold == replica ? hot : cold, query_i64(&query, 0) + 1);
    }
    query_finish(&query);
    return status;
}

/* Until nothing new comes in. */
static enum status grow(struct cone *cone)
{
    enum status status = STATUS_OK;
    for (bool grew = true; grew && status == STATUS_OK;) {
        grew = false;
        for (uint32_t r = 0; r < cone->replica_count && status == STATUS_OK; r++)
            if (cone->is_pending[r]) {
                grew = true;
                status = follow_exchanges(cone, r);
            }
    }
    return status;
}

static enum status run(const struct cone *cone, enum statement name, uint32_t replica, int64_t segment)
{
    struct query query;
    enum status status = start(cone, name, replica, segment, &query);
    if (status == STATUS_OK)
        status = query_run(&query, cone->err);
    query_finish(&query);
    return status;
}

/* From the tables that refer to others to those that are referred to. */
static enum status delete_rows(const struct cone *cone, uint32_t replica)
{
    static const char *const tables[] = {"snapshot_prunable", "snapshot",      "audit",  "provenance",
                                         "frame_bytes",       "frame",         "pdf",    "sample_inherent",
                                         "sample_thermal",    "sample_static", "segment"};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && status == STATUS_OK; i++) {
        char sql[128];
        struct query query;
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE campaign = ? AND replica = ? AND segment >= ?", tables[i]);
        if ((status = query_init_text(cone->store, sql, &query, cone->err)) != STATUS_OK)
            return status;
        query_bind_i64(&query, cone->campaign.value);
        query_bind_i64(&query, replica);
        query_bind_i64(&query, cone->first[replica]);
        status = query_run(&query, cone->err);
        query_finish(&query);
    }
    return status;
}

static enum status count_rows(const struct cone *cone, uint32_t replica, uint64_t *out_count)
{
    struct query query;
    bool row = false;
    enum status status = start(cone, STATEMENT_segment_count, replica, cone->first[replica], &query);
    if (status == STATUS_OK && (status = query_step(&query, &row, cone->err)) == STATUS_OK)
        *out_count = row ? (uint64_t)query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

static enum status log_replica(const struct cone *cone, uint32_t replica, const char *reason)
{
    struct query query;
    enum status status = start(cone, STATEMENT_retraction_put, replica, cone->first[replica], &query);
    if (status != STATUS_OK)
        return status;
    query_bind_text(&query, reason);
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, cone->err);
    query_finish(&query);
    return status;
}

static enum status take_back_replica(const struct cone *cone, uint32_t replica, const char *reason,
                                     uint64_t *in_out_segments)
{
    uint64_t count = 0;
    enum status status = count_rows(cone, replica, &count);
    if (status == STATUS_OK)
        status = delete_rows(cone, replica);
    if (status == STATUS_OK)
        status = run(cone, STATEMENT_prunable_keep, replica, cone->first[replica] - STORE_SNAPSHOTS_KEPT);
    if (status == STATUS_OK && count > 0)
        status = log_replica(cone, replica, reason);
    *in_out_segments += count;
    return status;
}

static enum status take_back(const struct cone *cone, const char *reason, uint64_t *out_segments)
{
    enum status status = STATUS_OK;
    *out_segments = 0;
    for (uint32_t r = 0; r < cone->replica_count && status == STATUS_OK; r++)
        if (cone->first[r] != INT64_MAX)
            status = run(cone, STATEMENT_exchange_retract, r, cone->first[r]);
    for (uint32_t r = 0; r < cone->replica_count && status == STATUS_OK; r++)
        if (cone->first[r] != INT64_MAX)
            status = take_back_replica(cone, r, reason, out_segments);
    return status;
}

static enum status count_replicas(struct cone *cone)
{
    struct query query;
    bool row = false;
    enum status status = query_init(cone->store, STATEMENT_replica_count, &query, cone->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, cone->campaign.value);
    if ((status = query_step(&query, &row, cone->err)) == STATUS_OK)
        cone->replica_count = row ? (uint32_t)query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

static enum status init_cone(struct cone *cone)
{
    enum status status = count_replicas(cone);
    if (status != STATUS_OK)
        return status;
    cone->first = mem_alloc_array(cone->replica_count, sizeof *cone->first);
    cone->is_pending = mem_alloc_array(cone->replica_count, sizeof *cone->is_pending);
    if (!cone->first || !cone->is_pending)
        return mem_error(cone->err, "a causal cone");
    for (uint32_t r = 0; r < cone->replica_count; r++)
        cone->first[r] = INT64_MAX;
    return STATUS_OK;
}

static enum status note(const struct cone *cone, struct replica_id replica, struct segment_id segment,
                        const char *reason, uint64_t segments)
{
    char text[512];
    snprintf(text, sizeof text,
             "segment %" PRId64 " of replica %" PRIu32 " and what came of it, %" PRIu64 " segments, are taken back: %s",
             segment.value, replica.value, segments, reason);
    return store_put_event(cone->store, cone->campaign, "retract", text, cone->err);
}

static enum status retract(struct cone *cone, struct replica_id replica, struct segment_id segment, const char *reason,
                           uint64_t *out_segments)
{
    enum status status = init_cone(cone);
    if (status == STATUS_OK && replica.value >= cone->replica_count)
        status = error_set(cone->err, STATUS_NOT_FOUND, "there is no replica %" PRIu32, replica.value);
    if (status == STATUS_OK)
        status = take_in(cone, replica.value, segment.value);
    if (status == STATUS_OK)
        status = grow(cone);
    if (status == STATUS_OK)
        status = take_back(cone, reason, out_segments);
    return status == STATUS_OK ? note(cone, replica, segment, reason, *out_segments) : status;
}

enum status store_retract(struct store *store, struct campaign_id campaign, struct replica_id replica,
                          struct segment_id segment, const char *reason, uint64_t *out_segments, struct error *err)
{
    struct cone cone = {.store = store, .campaign = campaign, .err = err};
    uint64_t segments = 0;
    enum status status = store_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = retract(&cone, replica, segment, reason, &segments);
    mem_free(cone.first);
    mem_free(cone.is_pending);
    if (status == STATUS_OK)
        status = store_commit(store, err);
    if (status != STATUS_OK) {
        store_rollback(store);
        return error_context(err, "taking back segment %" PRId64 " of replica %" PRIu32, segment.value, replica.value);
    }
    *out_segments = segments;
    return STATUS_OK;
}
