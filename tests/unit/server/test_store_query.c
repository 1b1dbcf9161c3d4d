/* test_store_query.c - typed readers and read-only SQL. */
#include "server/store/store_query.h"

#include "common/clock.h"
#include "common/mem.h"
#include "common/snapshot.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A finished campaign, with a reader on it. */
struct reading {
    struct fixture fixture;
    struct store *reader;
    struct error err;
};

static void reading_init(struct reading *reading)
{
    *reading = (struct reading){0};
    fixture_init(&reading->fixture, fixture_campaign);
    fixture_run(&reading->fixture, 4, 0);
    cr_assert_eq(store_open(reading->fixture.path, STORE_READ, &reading->reader, &reading->err), STATUS_OK, "%s",
                 reading->err.message);
}

static void reading_finish(struct reading *reading)
{
    store_close(&reading->reader);
    fixture_finish(&reading->fixture);
}

struct tally {
    uint64_t rows;
    double sum;
    uint32_t replica_first, replica_last;
    int64_t step_last;
    bool in_order;
    double temperature_min, temperature_max;
};

static enum status tally_sample(void *context, const struct sample_row *row, struct error *err)
{
    (void)err;
    struct tally *tally = context;
    if (tally->rows == 0) {
        tally->replica_first = row->replica.value;
        tally->in_order = true;
        tally->temperature_min = tally->temperature_max = row->temperature_set;
    } else if (row->replica.value == tally->replica_last && row->step <= tally->step_last) {
        tally->in_order = false;
    }
    tally->rows++;
    tally->sum += row->values[0];
    tally->replica_last = row->replica.value;
    tally->step_last = row->step;
    tally->temperature_min = fmin(tally->temperature_min, row->temperature_set);
    tally->temperature_max = fmax(tally->temperature_max, row->temperature_set);
    return STATUS_OK;
}

static struct tally tally_of(struct reading *reading, const struct store_filter *filter, enum quantity_group group)
{
    struct tally tally = {0};
    cr_assert_eq(store_visit_samples(reading->reader, filter, group, tally_sample, &tally, &reading->err), STATUS_OK,
                 "%s", reading->err.message);
    return tally;
}

Test(store_query, samples_are_found_by_ensemble_rung_replica_temperature_and_step)
{
    struct reading reading;
    reading_init(&reading);
    struct store_filter filter = store_filter_production(reading.fixture.campaign);
    struct tally tally = tally_of(&reading, &filter, QUANTITY_GROUP_thermal);
    cr_expect(tally.rows == 5 * 8 && tally.in_order && tally.replica_first == 0 && tally.replica_last == 4);
    cr_expect_eq(tally_of(&reading, &filter, QUANTITY_GROUP_inherent).rows, 5 * 4);
    filter.ensemble = 1;
    cr_expect_eq(tally_of(&reading, &filter, QUANTITY_GROUP_thermal).rows, 2 * 8);
    filter.replica = 4;
    cr_expect_eq(tally_of(&reading, &filter, QUANTITY_GROUP_thermal).rows, 8);
    filter.step_first = 150;
    filter.step_last = 250;
    cr_expect_eq(tally_of(&reading, &filter, QUANTITY_GROUP_thermal).rows, 3);
    filter = store_filter_production(reading.fixture.campaign);
    filter.ensemble = 0;
    filter.rung = 1;
    tally = tally_of(&reading, &filter, QUANTITY_GROUP_thermal);
    cr_expect(tally.rows == 8 && tally.temperature_min == 0.80 && tally.temperature_max == 0.80);
    filter = store_filter_production(reading.fixture.campaign);
    filter.temperature = 0.75;
    tally = tally_of(&reading, &filter, QUANTITY_GROUP_thermal);
    cr_expect(tally.rows == 16 && tally.replica_first == 3);
    filter = store_filter_all(reading.fixture.campaign);
    tally = tally_of(&reading, &filter, QUANTITY_GROUP_thermal);
    cr_expect(tally.rows == 5 * 10 && tally.temperature_max == 2.0);
    reading_finish(&reading);
}

static enum status stop_at_once(void *context, const struct sample_row *row, struct error *err)
{
    (void)row;
    ++*(int *)context;
    return error_set(err, STATUS_LIMIT, "enough");
}

Test(store_query, a_visitor_can_end_the_reading)
{
    struct reading reading;
    int calls = 0;
    reading_init(&reading);
    const struct store_filter filter = store_filter_all(reading.fixture.campaign);
    cr_expect_eq(
        store_visit_samples(reading.reader, &filter, QUANTITY_GROUP_thermal, stop_at_once, &calls, &reading.err),
        STATUS_LIMIT);
    cr_expect_eq(calls, 1);
    reading_finish(&reading);
}

struct expected_run {
    const struct store_run *run;
    size_t seen;
};

/* Energies and pressures in quantity order: places 0 and 3 of the group. */
static enum status compare_sample(void *context, const struct sample_row *row, struct error *err)
{
    (void)err;
    struct expected_run *expected = context;
    const struct store_run *run = expected->run;
    const size_t i = expected->seen++;
    cr_assert(i < run->count);
    cr_expect(run->steps[i] == row->step && run->rungs[i] == row->rung.value);
    cr_expect(run->columns[0][i] == row->values[3] && run->columns[1][i] == row->values[0]);
    return STATUS_OK;
}

Test(store_query, a_run_is_what_the_visitor_sees_of_one_replica)
{
    static const enum quantity_id ids[] = {QUANTITY_pressure, QUANTITY_energy_potential};
    struct reading reading;
    struct store_run run = {0};
    reading_init(&reading);
    for (uint32_t replica = 0; replica < 5; replica++) {
        struct store_filter filter = store_filter_production(reading.fixture.campaign);
        filter.replica = replica;
        cr_assert_eq(store_read_run(reading.reader, &filter, ids, 2, true, &run, &reading.err), STATUS_OK, "%s",
                     reading.err.message);
        struct expected_run expected = {&run, 0};
        cr_assert_eq(store_visit_samples(reading.reader, &filter, QUANTITY_GROUP_thermal, compare_sample, &expected,
                                         &reading.err),
                     STATUS_OK);
        cr_expect(run.count == 8 && expected.seen == 8);
    }
    store_run_finish(&run);
    reading_finish(&reading);
}

Test(store_query, a_run_can_be_read_again_with_other_quantities_and_steps)
{
    static const enum quantity_id ids[] = {QUANTITY_pressure, QUANTITY_energy_potential};
    struct reading reading;
    struct store_run run = {0}, copy;
    reading_init(&reading);
    struct store_filter filter = store_filter_all(reading.fixture.campaign);
    filter.replica = 3;
    cr_assert_eq(store_read_run(reading.reader, &filter, ids, 2, false, &run, &reading.err), STATUS_OK);
    cr_expect(run.count == 10 && run.steps[0] <= 0 && run.rungs == NULL);
    cr_assert_eq(store_run_copy(&run, &copy, &reading.err), STATUS_OK);
    cr_expect(copy.count == 10 && copy.room == 10 && copy.steps != run.steps && copy.rungs == NULL);
    cr_expect(copy.columns[1][9] == run.columns[1][9] && copy.steps[9] == run.steps[9]);
    filter.step_first = 150;
    filter.step_last = 250;
    cr_assert_eq(store_read_run(reading.reader, &filter, ids, 1, true, &run, &reading.err), STATUS_OK);
    cr_assert(run.count == 3 && run.columns[1] == NULL);
    cr_expect(run.steps[0] == 150 && run.steps[2] == 250 && run.rungs[0] == 0);
    store_run_finish(&copy);
    store_run_finish(&run);
    reading_finish(&reading);
}

static enum status sum_counts(void *context, const struct exchange_counts *row, struct error *err)
{
    (void)err;
    uint64_t *attempts = context;
    attempts[row->rung_cold.value] += row->attempts;
    cr_expect(row->accepted <= row->attempts && row->probability > 0.0 && row->probability <= 1.0);
    cr_expect_lt(row->temperature_cold, row->temperature_hot);
    return STATUS_OK;
}

static enum status count_exchange(void *context, const struct exchange *row, struct error *err)
{
    (void)err;
    ++*(int *)context;
    cr_expect_eq(row->rung_cold.value, (uint32_t)row->round.value % 2);
    return STATUS_OK;
}

Test(store_query, exchanges_are_counted_per_pair)
{
    struct reading reading;
    uint64_t attempts[3] = {0};
    int rows = 0;
    reading_init(&reading);
    const struct campaign_id id = reading.fixture.campaign;
    cr_assert_eq(store_visit_exchange_counts(reading.reader, id, 0, 100, sum_counts, attempts, &reading.err),
                 STATUS_OK);
    cr_expect(attempts[0] == 2 && attempts[1] == 2);
    cr_assert_eq(
        store_visit_exchanges(reading.reader, id, (struct ensemble_id){0}, 1, 3, count_exchange, &rows, &reading.err),
        STATUS_OK);
    cr_expect_eq(rows, 3);
    reading_finish(&reading);
}

static enum status mark_walk(void *context, const struct walk_row *row, struct error *err)
{
    (void)err;
    uint32_t *visits = context; /* [segment][rung] */
    visits[3 * row->segment.value + row->rung.value]++;
    return STATUS_OK;
}

Test(store_query, the_walk_is_a_permutation_in_each_segment)
{
    struct reading reading;
    uint32_t visits[12] = {0};
    reading_init(&reading);
    cr_assert_eq(store_visit_walk(reading.reader, reading.fixture.campaign, (struct ensemble_id){0}, mark_walk, visits,
                                  &reading.err),
                 STATUS_OK);
    for (int i = 0; i < 12; i++)
        cr_expect_eq(visits[i], 1);
    reading_finish(&reading);
}

struct pdf_tally {
    int rows;
    uint64_t frames, first_count;
    uint32_t rung_last;
};

static enum status tally_pdf(void *context, const struct pdf_sum *row, struct error *err)
{
    (void)err;
    struct pdf_tally *tally = context;
    tally->rows++;
    tally->frames += row->frames;
    tally->first_count = row->counts[0];
    tally->rung_last = row->rung.value;
    cr_expect(row->bin == 0.02 && row->kind == CONFIGURATION_THERMAL);
    return STATUS_OK;
}

Test(store_query, pair_counts_are_summed_per_rung_and_step_range)
{
    struct reading reading;
    struct pdf_tally all = {0}, parts[2] = {{0}};
    reading_init(&reading);
    struct store_filter filter = store_filter_production(reading.fixture.campaign);
    cr_assert_eq(store_visit_pdfs(reading.reader, &filter, tally_pdf, &all, &reading.err), STATUS_OK, "%s",
                 reading.err.message);
    cr_expect(all.rows == 4 && all.frames == 5 * 4 * 2);
    filter.replica = 3;
    all = (struct pdf_tally){0};
    cr_assert_eq(store_visit_pdfs(reading.reader, &filter, tally_pdf, &all, &reading.err), STATUS_OK);
    filter.step_last = 200;
    cr_assert_eq(store_visit_pdfs(reading.reader, &filter, tally_pdf, &parts[0], &reading.err), STATUS_OK);
    filter.step_last = INT64_MAX;
    filter.step_first = 201;
    cr_assert_eq(store_visit_pdfs(reading.reader, &filter, tally_pdf, &parts[1], &reading.err), STATUS_OK);
    cr_expect_eq(all.frames, 8);
    cr_expect_eq(all.first_count, parts[0].first_count + parts[1].first_count);
    reading_finish(&reading);
}

static enum status check_frame(void *context, const struct frame_row *row, struct error *err)
{
    struct reading *reading = context;
    uint8_t *bytes;
    size_t size;
    struct digest digest;
    cr_assert_eq(store_get_frame(reading->reader, reading->fixture.campaign, row->replica, row->step, row->kind, &bytes,
                                 &size, err),
                 STATUS_OK, "%s", err->message);
    cr_expect_eq(size, row->size);
    cr_expect(snapshot_check(bytes, size, &digest, err) == STATUS_OK && digest_equal(&digest, &row->digest));
    mem_free(bytes);
    reading->err.line++; /* counts the rows */
    return STATUS_OK;
}

Test(store_query, frames_are_listed_and_their_bytes_have_their_digest)
{
    struct reading reading;
    struct error err = {0};
    uint8_t *bytes;
    size_t size;
    reading_init(&reading);
    struct store_filter filter = store_filter_production(reading.fixture.campaign);
    filter.ensemble = 1;
    reading.err.line = 0;
    cr_assert_eq(store_visit_frames(reading.reader, &filter, check_frame, &reading, &err), STATUS_OK, "%s",
                 err.message);
    cr_expect_eq(reading.err.line, 8);
    cr_expect_eq(store_get_frame(reading.reader, reading.fixture.campaign, (struct replica_id){3}, 123,
                                 CONFIGURATION_THERMAL, &bytes, &size, &err),
                 STATUS_NOT_FOUND);
    reading_finish(&reading);
}

static enum status check_progress(void *context, const struct replica_progress *row, struct error *err)
{
    (void)err;
    ++*(int *)context;
    cr_expect(row->segments_done == 4 && row->segments_total == 6 && row->step_last == 200);
    return STATUS_OK;
}

Test(store_query, progress_and_throughput_count_what_is_stored)
{
    struct reading reading = {0};
    struct store_throughput throughput;
    int replicas = 0;
    fixture_init(&reading.fixture, fixture_campaign);
    fixture_run(&reading.fixture, 2, 0);
    cr_assert_eq(store_open(reading.fixture.path, STORE_READ, &reading.reader, &reading.err), STATUS_OK);
    const struct campaign_id id = reading.fixture.campaign;
    cr_assert_eq(store_visit_progress(reading.reader, id, check_progress, &replicas, &reading.err), STATUS_OK);
    cr_expect_eq(replicas, 5);
    cr_assert_eq(store_get_throughput(reading.reader, id, (struct wall_us){0}, &throughput, &reading.err), STATUS_OK);
    cr_expect(throughput.segments == 20 && throughput.steps == 5 * 300 && throughput.workers == 1);
    cr_expect_lt(fabs(throughput.cpu_time_s - 20 * 0.002), 1e-9);
    const struct wall_us future = {clock_wall().value + 3600000000};
    cr_assert_eq(store_get_throughput(reading.reader, id, future, &throughput, &reading.err), STATUS_OK);
    cr_expect_eq(throughput.segments, 0);
    reading_finish(&reading);
}

static enum status check_event(void *context, const struct event_row *row, struct error *err)
{
    (void)err;
    int *count = context;
    cr_expect_str_eq(row->text, *count == 0 ? "second" : "first");
    ++*count;
    return STATUS_OK;
}

Test(store_query, events_come_newest_first)
{
    struct reading reading;
    int count = 0;
    reading_init(&reading);
    struct store *writer = reading.fixture.store;
    cr_assert_eq(store_put_event(writer, (struct campaign_id){0}, "note", "first", &reading.err), STATUS_OK);
    cr_assert_eq(store_put_event(writer, reading.fixture.campaign, "held", "second", &reading.err), STATUS_OK);
    cr_assert_eq(store_visit_events(reading.reader, reading.fixture.campaign, 10, check_event, &count, &reading.err),
                 STATUS_OK);
    cr_expect_eq(count, 2);
    reading_finish(&reading);
}

/* ---- SQL ---- */

struct answer {
    int columns;
    uint64_t rows;
    char first_name[64], first_declared[64];
    struct sql_cell last[8];
    char text[64];
};

static enum status note_columns(void *context, int count, const char *const *names, const char *const *declared,
                                struct error *err)
{
    (void)err;
    struct answer *answer = context;
    answer->columns = count;
    snprintf(answer->first_name, sizeof answer->first_name, "%s", names[0]);
    snprintf(answer->first_declared, sizeof answer->first_declared, "%s", declared[0]);
    return STATUS_OK;
}

static enum status note_row(void *context, int count, const struct sql_cell *cells, struct error *err)
{
    (void)err;
    struct answer *answer = context;
    answer->rows++;
    for (int i = 0; i < count && i < 8; i++)
        answer->last[i] = cells[i];
    if (cells[0].type == SQL_TEXT)
        snprintf(answer->text, sizeof answer->text, "%s", cells[0].bytes);
    return STATUS_OK;
}

static enum status ask(struct reading *reading, const char *sql, uint32_t limit_ms, struct answer *out_answer)
{
    const struct sql_handler handler = {note_columns, note_row, out_answer};
    *out_answer = (struct answer){0};
    reading->err = (struct error){0};
    return store_run_sql(reading->reader, sql, limit_ms, &handler, &reading->err);
}

Test(store_query, sql_gives_names_types_and_values)
{
    struct reading reading;
    struct answer answer;
    reading_init(&reading);
    cr_assert_eq(
        ask(&reading, "SELECT name, 1, 2.5, NULL, x'0102' FROM ensemble ORDER BY name; -- done", 1000, &answer),
        STATUS_OK, "%s", reading.err.message);
    cr_expect(answer.columns == 5 && answer.rows == 2);
    cr_expect_str_eq(answer.first_name, "name");
    cr_expect_str_eq(answer.first_declared, "TEXT");
    cr_expect_str_eq(answer.text, "ladder");
    cr_expect(answer.last[1].type == SQL_INTEGER && answer.last[1].integer == 1);
    cr_expect(answer.last[2].type == SQL_REAL && answer.last[2].real == 2.5);
    cr_expect(answer.last[3].type == SQL_NULL && answer.last[4].type == SQL_BLOB && answer.last[4].size == 2);
    reading_finish(&reading);
}

static const char *const views[] = {
    "SELECT count(*) FROM v_samples WHERE segment >= 0",
    "SELECT sum(samples_thermal + samples_inherent + samples_structure + samples_dynamics + samples_relaxation)"
    " FROM v_by_rung",
    "SELECT sum(samples_thermal + samples_inherent + samples_structure + samples_dynamics + samples_relaxation)"
    " FROM v_by_replica",
};

Test(store_query, views_agree_with_each_other_and_with_the_tables)
{
    struct reading reading;
    struct answer answer;
    reading_init(&reading);
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        cr_assert_eq(ask(&reading, views[i], 1000, &answer), STATUS_OK, "%s", reading.err.message);
        cr_expect_eq(answer.last[0].integer, 60 + 8 * (1 + 2 + 1), "%s: %d", views[i], (int)answer.last[0].integer);
    }
    cr_assert_eq(ask(&reading, "SELECT sum(attempts), max(probability) <= 1 FROM v_exchange", 1000, &answer),
                 STATUS_OK);
    cr_expect(answer.last[0].integer == 4 && answer.last[1].integer == 1);
    cr_assert_eq(ask(&reading, "SELECT count(*), min(step_last), max(small_fraction) FROM v_ttt_runs", 1000, &answer),
                 STATUS_OK);
    cr_expect(answer.last[0].integer == 2 && answer.last[1].integer == 400 && answer.last[2].real == 0.5);
    cr_assert_eq(ask(&reading, "SELECT count(*), sum(frames) FROM v_pdf WHERE segment >= 0", 1000, &answer), STATUS_OK);
    cr_expect(answer.last[0].integer == 20 && answer.last[1].integer == 40);
    cr_assert_eq(ask(&reading,
                     "SELECT count(*), sum(rows), max(columns = 'size strings') FROM v_arrays"
                     " WHERE segment >= 0",
                     1000, &answer),
                 STATUS_OK);
    cr_expect(answer.last[0].integer == 8 * (13 + 2 * 3 + 1) && answer.last[1].integer == 3 * answer.last[0].integer);
    cr_expect_eq(answer.last[2].integer, 1);
    cr_assert_eq(ask(&reading, "SELECT count(*), max(host) FROM v_segments", 1000, &answer), STATUS_OK);
    cr_expect_eq(answer.last[0].integer, 30);
    reading_finish(&reading);
}

static const char *const refused[] = {
    "DELETE FROM segment",
    "INSERT INTO event (kind, text, happened_us) VALUES ('a', 'b', 1)",
    "UPDATE segment SET rung = 1",
    "DROP TABLE segment",
    "CREATE TABLE t (a)",
    "CREATE TEMP TABLE t (a)",
    "ATTACH '/tmp/other.db' AS other",
    "VACUUM INTO '/tmp/other.db'",
    "BEGIN",
    "PRAGMA query_only = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version = 3",
    "PRAGMA wal_checkpoint",
    "SELECT load_extension('x')",
    "SELECT 1; SELECT 2",
    "SELECT 1; nonsense",
    "SELECT nonsense FROM segment",
    "",
    "-- only a comment",
};

Test(store_query, sql_that_does_not_only_read_is_refused)
{
    struct reading reading;
    struct answer answer;
    reading_init(&reading);
    const struct digest before = fixture_hash(&reading.fixture);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        cr_expect_eq(ask(&reading, refused[i], 1000, &answer), STATUS_INVALID, "%s: %s", refused[i],
                     reading.err.message);
    cr_expect_eq(ask(&reading, "PRAGMA user_version", 1000, &answer), STATUS_OK);
    cr_expect_eq(ask(&reading, "PRAGMA table_info(segment)", 1000, &answer), STATUS_OK);
    cr_expect_eq(ask(&reading, "EXPLAIN QUERY PLAN SELECT * FROM segment", 1000, &answer), STATUS_OK);
    const struct digest after = fixture_hash(&reading.fixture);
    cr_expect(digest_equal(&before, &after));
    reading_finish(&reading);
}

Test(store_query, sql_that_never_ends_is_ended)
{
    struct reading reading;
    struct answer answer;
    reading_init(&reading);
    const int64_t start = clock_mono().value;
    cr_expect_eq(ask(&reading, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                     100, &answer),
                 STATUS_TIMEOUT, "%s", reading.err.message);
    cr_expect_lt(clock_mono().value - start, 3000000000);
    cr_expect_eq(ask(&reading, "SELECT 1", 100, &answer), STATUS_OK);
    reading_finish(&reading);
}
