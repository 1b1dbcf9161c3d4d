#include "server/store/store_query.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "common/snapshot.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct store_filter store_filter_all(struct campaign_id campaign)
{
    return (struct store_filter){.campaign = campaign,
                                 .ensemble = STORE_ANY,
                                 .rung = STORE_ANY,
                                 .replica = STORE_ANY,
                                 .segment_first = INT64_MIN,
                                 .step_first = INT64_MIN,
                                 .step_last = INT64_MAX};
}

struct store_filter store_filter_production(struct campaign_id campaign)
{
    struct store_filter filter = store_filter_all(campaign);
    filter.segment_first = 0;
    return filter;
}

/* ---- from filter to SQL ---- */

/* The joins go by key from replica to segment to what was found in it, so rows come in key order without sorting; the
 * conditions are on r (replica), s (segment) and t (what was found). Only conditions that restrict are written, so that
 * one replica among many is found by its key. +s.segment: SQLite 3.40 would carry a condition `segment >= x` over to t
 * and prefer it there to the equality, which makes each segment read all later rows. */
static void append_source(sqlite3_str *text, const struct store_filter *filter, const char *table, const char *step)
{
    sqlite3_str_appendf(text,
                        " FROM replica r CROSS JOIN segment s ON s.campaign = r.campaign AND s.replica = r.replica"
                        " CROSS JOIN %s t ON t.campaign = s.campaign AND t.replica = s.replica AND"
                        " t.segment = +s.segment WHERE r.campaign = %u",
                        table, filter->campaign.value);
    if (filter->replica != STORE_ANY)
        sqlite3_str_appendf(text, " AND r.replica = %lld", (long long)filter->replica);
    if (filter->ensemble != STORE_ANY)
        sqlite3_str_appendf(text, " AND r.ensemble = %lld", (long long)filter->ensemble);
    if (filter->rung != STORE_ANY)
        sqlite3_str_appendf(text, " AND s.rung = %lld", (long long)filter->rung);
    if (filter->segment_first != INT64_MIN)
        sqlite3_str_appendf(text, " AND s.segment >= %lld", (long long)filter->segment_first);
    if (filter->step_first != INT64_MIN)
        sqlite3_str_appendf(text, " AND s.step_first + s.steps >= %lld AND %s >= %lld", (long long)filter->step_first,
                            step, (long long)filter->step_first);
    if (filter->step_last != INT64_MAX)
        sqlite3_str_appendf(text, " AND s.step_first <= %lld AND %s <= %lld", (long long)filter->step_last, step,
                            (long long)filter->step_last);
    if (filter->temperature > 0.0)
        sqlite3_str_appendall(text, " AND s.temperature_first = ?1 AND s.temperature_last = ?1");
}

enum status query_init_filtered(struct store *store, const struct store_filter *filter, const char *select,
                                const char *table, const char *step, const char *tail, struct query *out_query,
                                struct error *err)
{
    sqlite3_str *text = sqlite3_str_new(store->db);
    sqlite3_str_appendall(text, select);
    append_source(text, filter, table, step);
    sqlite3_str_appendall(text, tail);
    char *sql = sqlite3_str_finish(text);
    if (!sql)
        return mem_error(err, "a query");
    enum status status = query_init_text(store, sql, out_query, err);
    sqlite3_free(sql);
    if (status == STATUS_OK && filter->temperature > 0.0)
        query_bind_f64(out_query, filter->temperature);
    return status;
}

static double value_or_nan(const struct query *query, int column)
{
    const double value = query_f64(query, column); /* 0 for NULL, which costs a second look only then */
    return value == 0.0 && sqlite3_column_type(query->statement, column) == SQLITE_NULL ? (double)NAN : value;
}

/* ---- samples ---- */

enum { SAMPLE_VALUES = 6 }; /* first column of the quantities */

/* One group's columns as SQL: ", t.energy_inherent, ...". */
static enum status format_columns(char *out, size_t size, enum quantity_group group, struct error *err)
{
    size_t used = 0;
    for (int i = 0; i < QUANTITY_COUNT && used < size; i++)
        if (quantities[i].group == group)
            used += (size_t)snprintf(out + used, size - used, ", t.%s", quantities[i].name);
    return used < size ? STATUS_OK : error_set(err, STATUS_LIMIT, "too many quantities for one query");
}

static enum status prepare_samples(struct store *store, const struct store_filter *filter, enum quantity_group group,
                                   struct query *out_query, struct error *err)
{
    char table[64], columns[4096], select[sizeof columns + 512];
    enum status status = format_columns(columns, sizeof columns, group, err);
    if (status != STATUS_OK)
        return status;
    snprintf(table, sizeof table, "sample_%s", quantity_group_name(group));
    snprintf(select, sizeof select, "%s%s", QUERY_SELECT_STATE, columns);
    return query_init_filtered(store, filter, select, table, "t.step", " ORDER BY r.replica, s.segment, t.step",
                               out_query, err);
}

static void read_sample(const struct query *query, int count, double *values, struct sample_row *out)
{
    for (int i = 0; i < count; i++)
        values[i] = value_or_nan(query, SAMPLE_VALUES + i);
    *out = (struct sample_row){.ensemble = {(uint32_t)query_i64(query, 0)},
                               .replica = {(uint32_t)query_i64(query, 1)},
                               .rung = {(uint32_t)query_i64(query, 2)},
                               .segment = {query_i64(query, 3)},
                               .step = query_i64(query, 4),
                               .temperature_set = query_f64(query, 5),
                               .values = values};
}

enum status store_visit_samples(struct store *store, const struct store_filter *filter, enum quantity_group group,
                                sample_visitor *visit, void *context, struct error *err)
{
    struct query query;
    bool row = true;
    double values[QUANTITY_COUNT];
    enum status status = prepare_samples(store, filter, group, &query, err);
    if (status != STATUS_OK)
        return status;
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        struct sample_row sample;
        read_sample(&query, quantity_group_size(group), values, &sample);
        if ((status = visit(context, &sample, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

/* ---- one run ---- */

/* +s.segment: as in append_source. */
static enum status prepare_run(struct store *store, const struct store_filter *filter, const enum quantity_id *ids,
                               size_t id_count, bool with_rungs, struct query *out_query, struct error *err)
{
    sqlite3_str *text = sqlite3_str_new(store->db);
    sqlite3_str_appendf(text, "SELECT t.step, %s", with_rungs ? "s.rung" : "NULL");
    for (size_t i = 0; i < id_count; i++)
        sqlite3_str_appendf(text, ", t.%s", quantities[ids[i]].name);
    sqlite3_str_appendf(text, " FROM %s sample_%s t%s", with_rungs ? "segment s CROSS JOIN" : "",
                        quantity_group_name(quantities[ids[0]].group),
                        with_rungs ? " ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment"
                                   : "");
    const char *key = with_rungs ? "s" : "t";
    sqlite3_str_appendf(text, " WHERE %s.campaign = ?1 AND %s.replica = ?2 AND %s.segment >= ?3", key, key, key);
    if (filter->step_first != INT64_MIN)
        sqlite3_str_appendf(text, " AND t.step >= %lld", (long long)filter->step_first);
    if (filter->step_last != INT64_MAX)
        sqlite3_str_appendf(text, " AND t.step <= %lld", (long long)filter->step_last);
    sqlite3_str_appendf(text, " ORDER BY %s.segment, t.step", key);
    char *sql = sqlite3_str_finish(text);
    if (!sql)
        return mem_error(err, "a query");
    enum status status = query_init_text(store, sql, out_query, err);
    sqlite3_free(sql);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(out_query, filter->campaign.value);
    query_bind_i64(out_query, filter->replica);
    query_bind_i64(out_query, filter->segment_first);
    return STATUS_OK;
}

/* On failure some arrays are longer than run->room says. */
static enum status grow_run(struct store_run *run, bool with_rungs, struct error *err)
{
    const size_t room = run->room ? 2 * run->room : 256;
    int64_t *steps = mem_resize_array(run->steps, run->room, room, sizeof *steps);
    run->steps = steps ? steps : run->steps;
    bool failed = !steps;
    if (!failed && with_rungs) {
        uint32_t *rungs = mem_resize_array(run->rungs, run->room, room, sizeof *rungs);
        run->rungs = rungs ? rungs : run->rungs;
        failed = !rungs;
    }
    for (size_t i = 0; !failed && i < run->quantity_count; i++) {
        double *column = mem_resize_array(run->columns[i], run->room, room, sizeof *column);
        run->columns[i] = column ? column : run->columns[i];
        failed = !column;
    }
    if (failed)
        return mem_error(err, "the samples of a run");
    run->room = room;
    return STATUS_OK;
}

enum { RUN_VALUES = 2 }; /* first column of the quantities */

static enum status read_run_rows(struct query *query, bool with_rungs, struct store_run *run, struct error *err)
{
    bool row = true;
    for (;;) {
        enum status status = query_step(query, &row, err);
        if (status != STATUS_OK || !row)
            return status;
        if (run->count == run->room && (status = grow_run(run, with_rungs, err)) != STATUS_OK)
            return status;
        run->steps[run->count] = query_i64(query, 0);
        if (with_rungs)
            run->rungs[run->count] = (uint32_t)query_i64(query, 1);
        for (size_t i = 0; i < run->quantity_count; i++)
            run->columns[i][run->count] = value_or_nan(query, RUN_VALUES + (int)i);
        run->count++;
    }
}

enum status store_read_run(struct store *store, const struct store_filter *filter, const enum quantity_id *ids,
                           size_t id_count, bool with_rungs, struct store_run *run, struct error *err)
{
    struct query query;
    INVARIANT(id_count > 0 && id_count <= STORE_RUN_QUANTITIES_MAX);
    if (run->quantity_count != id_count || with_rungs != (run->rungs != NULL))
        store_run_finish(run);
    run->count = 0;
    run->quantity_count = id_count;
    enum status status = prepare_run(store, filter, ids, id_count, with_rungs, &query, err);
    if (status == STATUS_OK)
        status = read_run_rows(&query, with_rungs, run, err);
    query_finish(&query);
    return status;
}

enum status store_run_copy(const struct store_run *run, struct store_run *out_copy, struct error *err)
{
    struct store_run copy = {.count = run->count, .room = run->count, .quantity_count = run->quantity_count};
    copy.steps = mem_copy(run->steps, run->count * sizeof *run->steps);
    bool failed = !copy.steps;
    if (run->rungs)
        failed |= !(copy.rungs = mem_copy(run->rungs, run->count * sizeof *run->rungs));
    for (size_t i = 0; i < run->quantity_count; i++)
        failed |= !(copy.columns[i] = mem_copy(run->columns[i], run->count * sizeof *run->columns[i]));
    if (failed) {
        store_run_finish(&copy);
        return mem_error(err, "the samples of a run");
    }
    *out_copy = copy;
    return STATUS_OK;
}

void store_run_finish(struct store_run *run)
{
    if (!run)
        return;
    mem_free(run->steps);
    mem_free(run->rungs);
    for (int i = 0; i < STORE_RUN_QUANTITIES_MAX; i++)
        mem_free(run->columns[i]);
    *run = (struct store_run){0};
}

/* ---- exchange ---- */

enum status store_visit_exchange_counts(struct store *store, struct campaign_id campaign, int64_t round_first,
                                        int64_t round_last, exchange_counts_visitor *visit, void *context,
                                        struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_exchange_counts, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, round_first);
    query_bind_i64(&query, round_last);
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        const struct exchange_counts counts = {.ensemble = {(uint32_t)query_i64(&query, 0)},
                                               .rung_cold = {(uint32_t)query_i64(&query, 1)},
                                               .temperature_cold = query_f64(&query, 2),
                                               .temperature_hot = query_f64(&query, 3),
                                               .attempts = (uint64_t)query_i64(&query, 4),
                                               .accepted = (uint64_t)query_i64(&query, 5),
                                               .probability = query_f64(&query, 6)};
        if ((status = visit(context, &counts, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

enum status store_visit_exchanges(struct store *store, struct campaign_id campaign, struct ensemble_id ensemble,
                                  int64_t round_first, int64_t round_last, exchange_visitor *visit, void *context,
                                  struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_exchange_list, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, ensemble.value);
    query_bind_i64(&query, round_first);
    query_bind_i64(&query, round_last);
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        struct exchange exchange;
        query_exchange(&query, &exchange);
        if ((status = visit(context, &exchange, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

enum status store_visit_walk(struct store *store, struct campaign_id campaign, struct ensemble_id ensemble,
                             walk_visitor *visit, void *context, struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_walk_list, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, ensemble.value);
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        const struct walk_row walk = {
            {(uint32_t)query_i64(&query, 0)}, {query_i64(&query, 1)}, {(uint32_t)query_i64(&query, 2)}};
        if ((status = visit(context, &walk, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

/* ---- exchange of identities ---- */

static struct identity_row read_identity(const struct query *query)
{
    return (struct identity_row){.ensemble = {(uint32_t)query_i64(query, 0)},
                                 .replica = {(uint32_t)query_i64(query, 1)},
                                 .rung = {(uint32_t)query_i64(query, 2)},
                                 .segment = {query_i64(query, 3)},
                                 .step_last = query_i64(query, 4),
                                 .counts = {(uint64_t)query_i64(query, 5), (uint64_t)query_i64(query, 6)}};
}

enum status store_visit_identities(struct store *store, const struct store_filter *filter, identity_visitor *visit,
                                   void *context, struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init_filtered(
        store, filter,
        "SELECT r.ensemble, s.replica, s.rung, s.segment, t.step_first + t.steps, t.identity_attempts,"
        " t.identity_accepted",
        "segment", "t.step_first + t.steps", " AND t.identity_attempts IS NOT NULL ORDER BY r.replica, s.segment",
        &query, err);
    if (status != STATUS_OK)
        return status;
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        const struct identity_row identity = read_identity(&query);
        if ((status = visit(context, &identity, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

/* ---- frames ---- */

static enum status read_frame(const struct query *query, struct frame_row *out, struct error *err)
{
    *out = (struct frame_row){.ensemble = {(uint32_t)query_i64(query, 0)},
                              .replica = {(uint32_t)query_i64(query, 1)},
                              .rung = {(uint32_t)query_i64(query, 2)},
                              .segment = {query_i64(query, 3)},
                              .step = query_i64(query, 4),
                              .temperature_set = query_f64(query, 5),
                              .size = (size_t)query_i64(query, 8)};
    enum status status = query_kind(query, 6, &out->kind, err);
    return status == STATUS_OK ? query_digest(query, 7, &out->digest, err) : status;
}

enum status store_visit_frames(struct store *store, const struct store_filter *filter, frame_visitor *visit,
                               void *context, struct error *err)
{
    struct query query;
    enum status status = query_init_filtered(
        store, filter,
        QUERY_SELECT_STATE
        ", t.kind, t.digest,"
        " (SELECT length(bytes) FROM frame_bytes b WHERE b.campaign = t.campaign"
        " AND b.replica = t.replica AND b.segment = t.segment AND b.step = t.step AND b.kind = t.kind)",
        "frame", "t.step", " ORDER BY r.replica, s.segment, t.step, t.kind DESC", &query, err);
    if (status != STATUS_OK)
        return status;
    bool row = true;
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        struct frame_row frame;
        if ((status = read_frame(&query, &frame, err)) != STATUS_OK ||
            (status = visit(context, &frame, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

static enum status take_frame(const struct query *query, uint8_t **out_bytes, size_t *out_size, struct error *err)
{
    struct digest digest;
    enum status status = query_digest(query, 0, &digest, err);
    return status == STATUS_OK ? query_snapshot_bytes(query, 1, &digest, out_bytes, out_size, err) : status;
}

enum status store_get_frame(struct store *store, struct campaign_id campaign, struct replica_id replica, int64_t step,
                            enum configuration_kind kind, uint8_t **out_bytes, size_t *out_size, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_frame_get, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, replica.value);
    query_bind_i64(&query, step);
    query_bind_text(&query, configuration_names[kind]);
    if ((status = query_step(&query, &row, err)) == STATUS_OK)
        status =
            row ? take_frame(&query, out_bytes, out_size, err)
                : error_set(err, STATUS_NOT_FOUND, "no %s frame of replica %" PRIu32 " at step %" PRId64 " is stored",
                            configuration_names[kind], replica.value, step);
    query_finish(&query);
    return status;
}

/* ---- progress ---- */

enum status store_visit_progress(struct store *store, struct campaign_id campaign, progress_visitor *visit,
                                 void *context, struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_progress_list, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        const struct replica_progress progress = {.replica = {(uint32_t)query_i64(&query, 0)},
                                                  .ensemble = {(uint32_t)query_i64(&query, 1)},
                                                  .rung = {(uint32_t)query_i64(&query, 2)},
                                                  .segments_done = (uint64_t)query_i64(&query, 3),
                                                  .segments_total = (uint64_t)query_i64(&query, 4),
                                                  .step_last = query_i64(&query, 5)};
        if ((status = visit(context, &progress, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}

enum status store_get_throughput(struct store *store, struct campaign_id campaign, struct wall_us since,
                                 struct store_throughput *out_throughput, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_throughput_get, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, since.value);
    query_bind_i64(&query, campaign.value);
    status = query_step(&query, &row, err);
    if (status == STATUS_OK && row)
        *out_throughput = (struct store_throughput){.segments = (uint64_t)query_i64(&query, 0),
                                                    .steps = query_i64(&query, 1),
                                                    .cpu_time_s = 1e-9 * query_f64(&query, 2),
                                                    .wall_time_s = 1e-9 * query_f64(&query, 3),
                                                    .workers = (uint64_t)query_i64(&query, 4),
                                                    .first = {query_i64(&query, 5)},
                                                    .last = {query_i64(&query, 6)}};
    query_finish(&query);
    return status;
}

enum status store_visit_events(struct store *store, struct campaign_id campaign, uint32_t limit, event_visitor *visit,
                               void *context, struct error *err)
{
    struct query query;
    bool row = true;
    enum status status = query_init(store, STATEMENT_event_list, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, limit);
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        const struct event_row event = {.campaign = {(uint32_t)query_i64(&query, 0)},
                                        .happened = {query_i64(&query, 1)},
                                        .kind = query_text(&query, 2),
                                        .text = query_text(&query, 3)};
        if ((status = visit(context, &event, err)) != STATUS_OK)
            break;
    }
    query_finish(&query);
    return status;
}
