#include "server/store/store_repair.h"

#include "common/mem.h"
#include "server/store/store_cone.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct snapshot_place {
    struct replica_id replica;
    struct segment_id segment;
};

/* A repair under way. */
struct repair {
    struct store *store;
    struct campaign_id id;
    uint32_t replica_count;
    int64_t *cuts; /* [replica_count]; where the damage begins, or the segment after the last one */
    struct snapshot_place *damaged;
    size_t damaged_count, damaged_capacity;
    bool beyond_rows, no_memory;
    struct error *err;
};

/* ---- what is damaged ---- */

/* A damaged row may name a replica that does not exist; the true one is found as such. */
static void cut(struct repair *repair, struct replica_id replica, int64_t segment)
{
    if (replica.value < repair->replica_count && segment < repair->cuts[replica.value])
        repair->cuts[replica.value] = segment;
}

static void note_snapshot(struct repair *repair, struct snapshot_place place)
{
    if (repair->damaged_count == repair->damaged_capacity) {
        const size_t wanted = repair->damaged_capacity ? 2 * repair->damaged_capacity : 16;
        void *grown = mem_resize_array(repair->damaged, repair->damaged_capacity, wanted, sizeof *repair->damaged);
        if (!grown) {
            repair->no_memory = true;
            return;
        }
        repair->damaged = grown;
        repair->damaged_capacity = wanted;
    }
    repair->damaged[repair->damaged_count++] = place;
}

static void observe(void *context, const struct verify_place *place)
{
    struct repair *repair = context;
    if (place->kind == PLACE_FILE || place->replica_count == 0)
        repair->beyond_rows = true;
    for (uint32_t i = 0; i < place->replica_count; i++)
        if (place->kind == PLACE_SNAPSHOT)
            note_snapshot(repair, (struct snapshot_place){place->replicas[i], place->segment});
        else
            cut(repair, place->replicas[i], place->segment.value);
}

static enum status take_end(void *context, const struct stored_segment *segment, struct error *err)
{
    struct repair *repair = context;
    (void)err;
    if (segment->replica.value < repair->replica_count)
        repair->cuts[segment->replica.value] = segment->segment.value + 1;
    return STATUS_OK;
}

static enum status init(struct repair *repair, uint32_t replica_count)
{
    repair->cuts = mem_alloc_array(replica_count, sizeof *repair->cuts);
    if (!repair->cuts)
        return mem_error(repair->err, "a repair");
    repair->replica_count = replica_count;
    for (uint32_t i = 0; i < replica_count; i++)
        repair->cuts[i] = INT64_MAX; /* nothing of it is stored */
    return store_visit_last_segments(repair->store, repair->id, take_end, repair, repair->err);
}

static enum status find_damage(struct repair *repair, struct verify_report *out_report)
{
    enum status status = store_verify_places(repair->store, repair->id, observe, repair, out_report, repair->err);
    if (status == STATUS_OK && repair->no_memory)
        return mem_error(repair->err, "a repair");
    return status;
}

/* ---- how far back ---- */

static enum status run_for(struct repair *repair, enum statement name, uint32_t replica, int64_t segment)
{
    struct query query;
    enum status status = query_init(repair->store, name, &query, repair->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, repair->id.value);
    query_bind_i64(&query, replica);
    query_bind_i64(&query, segment);
    status = query_run(&query, repair->err);
    query_finish(&query);
    return status;
}

static enum status drop_damaged(struct repair *repair)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < repair->damaged_count; i++) {
        const struct snapshot_place place = repair->damaged[i];
        status = run_for(repair, STATEMENT_prunable_delete, place.replica.value, place.segment.value);
        if (status == STATUS_OK)
            status = run_for(repair, STATEMENT_snapshot_delete, place.replica.value, place.segment.value);
    }
    return status;
}

/* Replicas without a damage too: the snapshot that they would go on from may have been dropped. */
static enum status fill_cone(const struct repair *repair, struct cone *cone)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < repair->replica_count; i++)
        status = cone_add(cone, (struct replica_id){i}, (struct segment_id){repair->cuts[i]}, repair->err);
    return status == STATUS_OK ? cone_grow(cone, repair->err) : status;
}

/* ---- the whole ---- */

static enum status fill_report(const struct repair *repair, const struct cone *cone, struct repair_report *report)
{
    report->snapshots_dropped = repair->damaged_count;
    report->rewinds = mem_alloc_array(cone->replica_count, sizeof *report->rewinds);
    if (!report->rewinds)
        return mem_error(repair->err, "a repair's report");
    for (uint32_t i = 0; i < cone->replica_count; i++)
        if (cone->segments[i] > 0)
            report->rewinds[report->rewind_count++] = (struct repair_rewind){{i}, {cone->first[i]}, cone->segments[i]};
    return STATUS_OK;
}

static enum status refuse(const struct repair *repair)
{
    return error_set(repair->err, STATUS_CORRUPT,
                     "'%s' is damaged where no replica can be rewound; nothing was changed: restore a copy of `vitrine "
                     "snapshot`, or run the campaign file into a new database (the results will be the same)",
                     repair->store->path);
}

/* Indices are made again from their tables first: damage there is not of rows. */
static enum status check_pages(struct repair *repair)
{
    struct query query;
    bool row = false;
    enum status status = sql_execute(repair->store, "REINDEX", "cannot make the indices again", repair->err);
    if (status == STATUS_OK)
        status = query_init_text(repair->store, "PRAGMA integrity_check(1)", &query, repair->err);
    if (status != STATUS_OK)
        return status == STATUS_CORRUPT ? refuse(repair) : status;
    status = query_step(&query, &row, repair->err);
    const bool ok = status == STATUS_OK && row && strcmp(query_text(&query, 0), "ok") == 0;
    query_finish(&query);
    return ok ? STATUS_OK : status == STATUS_OK || status == STATUS_CORRUPT ? refuse(repair) : status;
}

static enum status check_repaired(struct repair *repair)
{
    struct verify_report *report = mem_alloc_array(1, sizeof *report);
    if (!report)
        return mem_error(repair->err, "a repair");
    enum status status = store_verify(repair->store, repair->id, report, repair->err);
    const bool ok = report->ok;
    mem_free(report);
    return status != STATUS_OK ? status : ok ? STATUS_OK : refuse(repair);
}

static enum status note_event(struct repair *repair, const struct repair_report *report)
{
    char text[160];
    snprintf(text, sizeof text, "%" PRIu64 " differences: %" PRIu32 " replicas rewound, %" PRIu64 " snapshots dropped",
             report->found.difference_count, report->rewind_count, report->snapshots_dropped);
    return store_put_event(repair->store, repair->id, "repair", text, repair->err);
}

static enum status rewind_replicas(struct repair *repair, struct cone *cone, struct repair_report *report)
{
    enum status status = drop_damaged(repair);
    if (status == STATUS_OK)
        status = fill_cone(repair, cone);
    if (status == STATUS_OK)
        status = cone_take_back(cone, "repair", repair->err);
    if (status == STATUS_OK)
        status = fill_report(repair, cone, report);
    if (status == STATUS_OK)
        status = check_repaired(repair);
    return status == STATUS_OK ? note_event(repair, report) : status;
}

static enum status mend(struct repair *repair, struct cone *cone, struct repair_report *report)
{
    enum status status = check_pages(repair);
    if (status == STATUS_OK)
        status = cone_init(cone, repair->store, repair->id, repair->err);
    if (status == STATUS_OK)
        status = init(repair, cone->replica_count);
    if (status == STATUS_OK)
        status = find_damage(repair, &report->found);
    if (status == STATUS_OK && repair->beyond_rows)
        status = refuse(repair);
    if (status != STATUS_OK || report->found.ok)
        return status;
    return rewind_replicas(repair, cone, report);
}

static enum status mend_in_transaction(struct repair *repair, bool dry_run, struct repair_report *report)
{
    struct cone cone = {0};
    enum status status = store_begin(repair->store, repair->err);
    if (status != STATUS_OK)
        return status;
    status = mend(repair, &cone, report);
    cone_finish(&cone);
    if (status == STATUS_OK && !dry_run)
        status = store_commit(repair->store, repair->err);
    if (status != STATUS_OK || dry_run)
        store_rollback(repair->store);
    return status;
}

enum status store_repair(struct store *store, struct campaign_id campaign, bool dry_run,
                         struct repair_report *out_report, struct error *err)
{
    struct repair_report report = {0};
    struct repair repair = {.store = store, .id = campaign, .err = err};
    enum status status = mend_in_transaction(&repair, dry_run, &report);
    mem_free(repair.cuts);
    mem_free(repair.damaged);
    if (status == STATUS_OK)
        *out_report = report;
    else
        repair_report_finish(&report);
    return status;
}

void repair_report_finish(struct repair_report *report)
{
    if (!report)
        return;
    mem_free(report->rewinds);
    *report = (struct repair_report){0};
}
