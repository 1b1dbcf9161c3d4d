/* store_audit.c - segments that are run twice; whom not to trust; and RETRACT. */
#include "common/clock.h"
#include "server/store/store_cone.h"
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

static enum status note(struct store *store, struct campaign_id campaign, struct replica_id replica,
                        struct segment_id segment, const char *reason, uint64_t segments, struct error *err)
{
    char text[512];
    snprintf(text, sizeof text,
             "segment %" PRId64 " of replica %" PRIu32 " and what came of it, %" PRIu64 " segments, are taken back: %s",
             segment.value, replica.value, segments, reason);
    return store_put_event(store, campaign, "retract", text, err);
}

static enum status retract(struct cone *cone, struct replica_id replica, struct segment_id segment, const char *reason,
                           uint64_t *out_segments, struct error *err)
{
    enum status status = cone_add(cone, replica, segment, err);
    if (status == STATUS_OK)
        status = cone_grow(cone, err);
    if (status == STATUS_OK)
        status = cone_take_back(cone, reason, err);
    *out_segments = 0;
    for (uint32_t r = 0; r < cone->replica_count; r++)
        *out_segments += cone->segments[r];
    return status == STATUS_OK ? note(cone->store, cone->campaign, replica, segment, reason, *out_segments, err)
                               : status;
}

enum status store_retract(struct store *store, struct campaign_id campaign, struct replica_id replica,
                          struct segment_id segment, const char *reason, uint64_t *out_segments, struct error *err)
{
    struct cone cone;
    uint64_t segments = 0;
    enum status status = store_begin(store, err);
    if (status != STATUS_OK)
        return status;
    if ((status = cone_init(&cone, store, campaign, err)) == STATUS_OK)
        status = retract(&cone, replica, segment, reason, &segments, err);
    cone_finish(&cone);
    if (status == STATUS_OK)
        status = store_commit(store, err);
    if (status != STATUS_OK) {
        store_rollback(store);
        return error_context(err, "taking back segment %" PRId64 " of replica %" PRIu32, segment.value, replica.value);
    }
    *out_segments = segments;
    return STATUS_OK;
}
