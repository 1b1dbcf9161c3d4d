#include "server/store/store_cone.h"

#include "common/clock.h"
#include "common/mem.h"
#include "server/store/store_sql.h"

#include <inttypes.h>

static enum status count_replicas(struct cone *cone, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(cone->store, STATEMENT_replica_count, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, cone->campaign.value);
    if ((status = query_step(&query, &row, err)) == STATUS_OK)
        cone->replica_count = row ? (uint32_t)query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

enum status cone_init(struct cone *cone, struct store *store, struct campaign_id campaign, struct error *err)
{
    *cone = (struct cone){.store = store, .campaign = campaign};
    enum status status = count_replicas(cone, err);
    if (status != STATUS_OK)
        return status;
    cone->first = mem_alloc_array(cone->replica_count, sizeof *cone->first);
    cone->is_pending = mem_alloc_array(cone->replica_count, sizeof *cone->is_pending);
    cone->segments = mem_alloc_array(cone->replica_count, sizeof *cone->segments);
    if (!cone->first || !cone->is_pending || !cone->segments)
        return mem_error(err, "a causal cone");
    for (uint32_t r = 0; r < cone->replica_count; r++)
        cone->first[r] = INT64_MAX;
    return STATUS_OK;
}

void cone_finish(struct cone *cone)
{
    mem_free(cone->first);
    mem_free(cone->is_pending);
    mem_free(cone->segments);
    *cone = (struct cone){0};
}

/* A statement that asks about, or deletes, what a replica has from a segment on. */
static enum status start(const struct cone *cone, enum statement name, uint32_t replica, int64_t segment,
                         struct query *out_query, struct error *err)
{
    enum status status = query_init(cone->store, name, out_query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(out_query, cone->campaign.value);
    query_bind_i64(out_query, replica);
    query_bind_i64(out_query, segment);
    return STATUS_OK;
}

static enum status ask(const struct cone *cone, enum statement name, uint32_t replica, int64_t segment,
                       int64_t *out_value, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = start(cone, name, replica, segment, &query, err);
    if (status == STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK)
        *out_value = row ? query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

static enum status run(const struct cone *cone, enum statement name, uint32_t replica, int64_t segment,
                       struct error *err)
{
    struct query query;
    enum status status = start(cone, name, replica, segment, &query, err);
    if (status == STATUS_OK)
        status = query_run(&query, err);
    query_finish(&query);
    return status;
}

/* ---- how far it reaches ---- */

enum status cone_add(struct cone *cone, struct replica_id replica, struct segment_id segment, struct error *err)
{
    if (replica.value >= cone->replica_count)
        return error_set(err, STATUS_NOT_FOUND, "there is no replica %" PRIu32, replica.value);
    if (segment.value >= cone->first[replica.value])
        return STATUS_OK;
    cone->is_pending[replica.value] = true;
    return ask(cone, STATEMENT_snapshot_before, replica.value, segment.value, &cone->first[replica.value], err);
}

static enum status follow_exchanges(struct cone *cone, uint32_t replica, struct error *err)
{
    struct query query;
    bool row = true;
    cone->is_pending[replica] = false;
    enum status status = start(cone, STATEMENT_exchange_from, replica, cone->first[replica], &query, err);
    while (status == STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK && row) {
        const uint32_t cold = (uint32_t)query_i64(&query, 1), hot = (uint32_t)query_i64(&query, 2);
        const struct replica_id partner = {cold == replica ? hot : cold};
        if (partner.value <
            cone->replica_count) /* else bits of that row are wrong: its true partner is found as such */
            status = cone_add(cone, partner, (struct segment_id){query_i64(&query, 0) + 1}, err);
    }
    query_finish(&query);
    return status;
}

enum status cone_grow(struct cone *cone, struct error *err)
{
    enum status status = STATUS_OK;
    for (bool grew = true; grew && status == STATUS_OK;) {
        grew = false;
        for (uint32_t r = 0; r < cone->replica_count && status == STATUS_OK; r++)
            if (cone->is_pending[r]) {
                grew = true;
                status = follow_exchanges(cone, r, err);
            }
    }
    return status;
}

/* ---- taking back ---- */

static enum status put_retraction(const struct cone *cone, uint32_t replica, const char *reason, struct error *err)
{
    struct query query;
    enum status status = start(cone, STATEMENT_retraction_put, replica, cone->first[replica], &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_text(&query, reason);
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

static enum status take_back_replica(struct cone *cone, uint32_t replica, const char *reason, struct error *err)
{
    static const enum statement children_first[] = {
        STATEMENT_retract_audits,     STATEMENT_retract_snapshots, STATEMENT_retract_frame_bytes,
        STATEMENT_retract_frames,     STATEMENT_retract_pdfs,      STATEMENT_retract_arrays,
        STATEMENT_retract_relaxation, STATEMENT_retract_dynamics,  STATEMENT_retract_structure,
        STATEMENT_retract_thermal,    STATEMENT_retract_inherent,  STATEMENT_retract_static,
        STATEMENT_retract_provenance, STATEMENT_retract_segments,
    };
    const int64_t first = cone->first[replica];
    int64_t count = 0;
    enum status status = ask(cone, STATEMENT_segment_count, replica, first, &count, err);
    if (status != STATUS_OK || count == 0)
        return status;
    /* What was on its way out may be the snapshot to go on from now. */
    status = run(cone, STATEMENT_retract_prunable, replica, first - STORE_SNAPSHOTS_KEPT, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof children_first / sizeof children_first[0]; i++)
        status = run(cone, children_first[i], replica, first, err);
    cone->segments[replica] = (uint64_t)count;
    return status == STATUS_OK ? put_retraction(cone, replica, reason, err) : status;
}

/* Exchanges first: they refer to segments. */
enum status cone_take_back(struct cone *cone, const char *reason, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t r = 0; r < cone->replica_count && status == STATUS_OK; r++)
        if (cone->first[r] != INT64_MAX)
            status = run(cone, STATEMENT_retract_exchanges, r, cone->first[r], err);
    for (uint32_t r = 0; r < cone->replica_count && status == STATUS_OK; r++)
        if (cone->first[r] != INT64_MAX)
            status = take_back_replica(cone, r, reason, err);
    return status;
}
