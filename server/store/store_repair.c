#include "server/store/store_repair.h"

#include "common/mem.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct snapshot_place {
    struct replica_id replica;
    struct segment_id segment;
};

/* A repair under way. cuts[r] is the first segment of replica r that is taken back; ends[r] the one after its last. */
struct repair {
    struct store *store;
    struct campaign_id id;
    struct campaign campaign;
    int64_t *cuts, *ends; /* [replica_count] */
    struct snapshot_place *damaged;
    size_t damaged_count, damaged_capacity;
    bool beyond_rows, no_memory;
    struct error *err;
};

/* ---- what is damaged ---- */

static void cut(struct repair *repair, struct replica_id replica, int64_t segment)
{
    if (segment < repair->cuts[replica.value])
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

static int64_t first_segment(const struct repair *repair, uint32_t replica)
{
    return -campaign_prepare_segments(&repair->campaign, (struct replica_id){replica});
}

static enum status take_end(void *context, const struct stored_segment *segment, struct error *err)
{
    struct repair *repair = context;
    (void)err;
    if (segment->replica.value < repair->campaign.replica_count)
        repair->ends[segment->replica.value] = segment->segment.value + 1;
    return STATUS_OK;
}

static enum status init(struct repair *repair)
{
    enum status status = store_get_campaign(repair->store, repair->id, &repair->campaign, repair->err);
    if (status != STATUS_OK)
        return status;
    const uint32_t count = repair->campaign.replica_count;
    repair->cuts = mem_alloc_array(count, sizeof *repair->cuts);
    repair->ends = mem_alloc_array(count, sizeof *repair->ends);
    if (!repair->cuts || !repair->ends)
        return mem_error(repair->err, "a repair");
    for (uint32_t i = 0; i < count; i++)
        repair->ends[i] = first_segment(repair, i);
    status = store_visit_last_segments(repair->store, repair->id, take_end, repair, repair->err);
    memcpy(repair->cuts, repair->ends, count * sizeof *repair->cuts);
    return status;
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

static enum status has_snapshot(struct repair *repair, uint32_t replica, int64_t segment, bool *out_has)
{
    struct query query;
    enum status status = query_init(repair->store, STATEMENT_snapshot_exists, &query, repair->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, repair->id.value);
    query_bind_i64(&query, replica);
    query_bind_i64(&query, segment);
    status = query_step(&query, out_has, repair->err);
    query_finish(&query);
    return status;
}

/* To the nearest segment that has a snapshot before it, or to the very beginning. */
static enum status cut_to_snapshot(struct repair *repair, uint32_t replica)
{
    enum status status = STATUS_OK;
    bool has = false;
    while (status == STATUS_OK && !has && repair->cuts[replica] > first_segment(repair, replica)) {
        status = has_snapshot(repair, replica, repair->cuts[replica] - 1, &has);
        if (status == STATUS_OK && !has)
            repair->cuts[replica]--;
    }
    return status;
}

/* An exchange stands only on segments that stand; both partners go on from it. */
static void cut_by_exchange(struct repair *repair, const struct exchange *exchange)
{
    const struct replica_id cold = exchange->replica_cold, hot = exchange->replica_hot;
    const int64_t round = exchange->round.value;
    if (cold.value >= repair->campaign.replica_count || hot.value >= repair->campaign.replica_count)
        return; /* noted as a damage, and what it points at is checked from the other side */
    if (repair->cuts[cold.value] <= round || repair->cuts[hot.value] <= round) {
        cut(repair, cold, round + 1);
        cut(repair, hot, round + 1);
    }
}

static enum status cut_by_exchanges(struct repair *repair)
{
    struct query query;
    bool row = true;
    enum status status = query_init(repair->store, STATEMENT_exchange_all, &query, repair->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, repair->id.value);
    while ((status = query_step(&query, &row, repair->err)) == STATUS_OK && row) {
        struct exchange exchange;
        query_exchange(&query, &exchange);
        cut_by_exchange(repair, &exchange);
    }
    query_finish(&query);
    return status;
}

static int64_t sum_cuts(const struct repair *repair)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < repair->campaign.replica_count; i++)
        sum += repair->cuts[i];
    return sum;
}

/* Cuts only fall, so this ends. */
static enum status close_cuts(struct repair *repair)
{
    enum status status = STATUS_OK;
    int64_t before;
    do {
        before = sum_cuts(repair);
        for (uint32_t i = 0; status == STATUS_OK && i < repair->campaign.replica_count; i++)
            status = cut_to_snapshot(repair, i);
        if (status == STATUS_OK)
            status = cut_by_exchanges(repair);
    } while (status == STATUS_OK && sum_cuts(repair) != before);
    return status;
}

/* ---- taking back ---- */

static enum status retract_exchanges(struct repair *repair)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < repair->campaign.replica_count; i++)
        if (repair->cuts[i] < repair->ends[i])
            status = run_for(repair, STATEMENT_retract_exchanges, i, repair->cuts[i]);
    return status;
}

static enum status put_retraction(struct repair *repair, uint32_t replica)
{
    struct query query;
    enum status status = query_init(repair->store, STATEMENT_retraction_put, &query, repair->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, repair->id.value);
    query_bind_i64(&query, replica);
    query_bind_i64(&query, repair->cuts[replica]);
    query_bind_text(&query, "repair");
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, repair->err);
    query_finish(&query);
    return status;
}

static enum status retract_replica(struct repair *repair, uint32_t replica)
{
    static const enum statement children_first[] = {
        STATEMENT_retract_audits,   STATEMENT_retract_snapshots, STATEMENT_retract_frame_bytes,
        STATEMENT_retract_frames,   STATEMENT_retract_pdfs,      STATEMENT_retract_thermal,
        STATEMENT_retract_inherent, STATEMENT_retract_static,    STATEMENT_retract_provenance,
        STATEMENT_retract_segments,
    };
    const int64_t first = repair->cuts[replica];
    /* What was on its way out may be the snapshot to go on from now. */
    enum status status = run_for(repair, STATEMENT_retract_prunable, replica, first - STORE_SNAPSHOTS_KEPT);
    for (size_t i = 0; status == STATUS_OK && i < sizeof children_first / sizeof children_first[0]; i++)
        status = run_for(repair, children_first[i], replica, first);
    return status == STATUS_OK ? put_retraction(repair, replica) : status;
}

static enum status retract_all(struct repair *repair)
{
    enum status status = retract_exchanges(repair);
    for (uint32_t i = 0; status == STATUS_OK && i < repair->campaign.replica_count; i++)
        if (repair->cuts[i] < repair->ends[i])
            status = retract_replica(repair, i);
    return status;
}

/* ---- the whole ---- */

static enum status fill_report(const struct repair *repair, struct repair_report *report)
{
    const uint32_t count = repair->campaign.replica_count;
    report->snapshots_dropped = repair->damaged_count;
    report->rewinds = mem_alloc_array(count, sizeof *report->rewinds);
    if (!report->rewinds)
        return mem_error(repair->err, "a repair's report");
    for (uint32_t i = 0; i < count; i++)
        if (repair->cuts[i] < repair->ends[i])
            report->rewinds[report->rewind_count++] =
                (struct repair_rewind){{i}, {repair->cuts[i]}, (uint64_t)(repair->ends[i] - repair->cuts[i])};
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

static enum status mend(struct repair *repair, struct repair_report *report)
{
    enum status status = check_pages(repair);
    if (status == STATUS_OK)
        status = init(repair);
    if (status == STATUS_OK)
        status = find_damage(repair, &report->found);
    if (status == STATUS_OK && repair->beyond_rows)
        status = refuse(repair);
    if (status != STATUS_OK || report->found.ok)
        return status;
    if ((status = drop_damaged(repair)) == STATUS_OK && (status = close_cuts(repair)) == STATUS_OK)
        status = retract_all(repair);
    if (status == STATUS_OK)
        status = fill_report(repair, report);
    if (status == STATUS_OK)
        status = check_repaired(repair);
    return status == STATUS_OK ? note_event(repair, report) : status;
}

static enum status mend_in_transaction(struct repair *repair, bool dry_run, struct repair_report *report)
{
    enum status status = store_begin(repair->store, repair->err);
    if (status != STATUS_OK)
        return status;
    status = mend(repair, report);
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
    campaign_finish(&repair.campaign);
    mem_free(repair.cuts);
    mem_free(repair.ends);
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
