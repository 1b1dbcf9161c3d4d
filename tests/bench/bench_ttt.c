/* bench_ttt.c - how long `vitrine ttt` and `vitrine report` take over 10^7 stored samples.
 *
 *   bench_ttt VITRINE FOLDER [SAMPLES-PER-RUN]
 *
 * Makes FOLDER/ttt-bench.db unless it is there: eight isotherms of 16 runs, rows as a worker would have left them (all
 * columns filled), with events at times drawn from a law whose nose is known. Then asks for the diagram and for the
 * page three times each and prints the wall and CPU times: the first one may have to fetch the file from the disk. */
#include "common/clock.h"
#include "common/rng.h"
#include "server/store/store.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { RUNS = 128, CADENCE = 1000, SEGMENT_SAMPLES = 100, SAMPLES_DEFAULT = 78200, PATH_SIZE = 4096 };

static const char campaign_text[] = "campaign: ttt-bench\n"
                                    "seed: 11\n"
                                    "system: {atoms: 500, small_fraction: 0.5}\n"
                                    "ensembles:\n"
                                    "  - name: toy\n"
                                    "    mode: isotherm\n"
                                    "    temperatures: [0.48, 0.54, 0.60, 0.66, 0.72, 0.78, 0.84, 0.90]\n"
                                    "    replicas: 16\n"
                                    "    segment_steps: 100000\n"
                                    "    steps: %lld\n"
                                    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100000}]\n"
                                    "    sample: {thermal: 0, inherent: 1000}\n";

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_ttt: %s: %s\n", what, why);
    exit(1);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        die(sql, why);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(db));
    return statement;
}

static void put(sqlite3 *db, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        die("a row", sqlite3_errmsg(db));
    sqlite3_reset(statement);
}

static double draw(int64_t run, int64_t step, uint32_t column)
{
    return rng_uniform((struct rng_place){11, STREAM_TEST, step, (uint32_t)run}, column);
}

/* Columns of one sample: all numbers, the order parameters as the toy has them. */
static void put_sample(sqlite3 *db, sqlite3_stmt *statement, int64_t run, int64_t segment, int64_t step,
                       double transforms_at)
{
    sqlite3_bind_int64(statement, 1, run);
    sqlite3_bind_int64(statement, 2, segment);
    sqlite3_bind_int64(statement, 3, step);
    for (int q = 0, column = 4; q < QUANTITY_COUNT; q++) {
        if (quantities[q].group != QUANTITY_GROUP_inherent)
            continue;
        double value = draw(run, step, (uint32_t)(column % 4));
        if (q == QUANTITY_laves_largest)
            value = floor(40.0 * value + ((double)step > transforms_at ? 150.0 : 0.0)) / 500.0;
        if (q == QUANTITY_close_packed_largest)
            value = floor(20.0 * value) / 500.0;
        sqlite3_bind_double(statement, column++, value);
    }
    put(db, statement);
}

static void put_segment(sqlite3 *db, sqlite3_stmt *statement, int64_t run, int64_t segment)
{
    uint8_t digest[32] = {0};
    memcpy(digest, &run, sizeof run);
    memcpy(digest + 8, &segment, sizeof segment);
    sqlite3_bind_int64(statement, 1, run);
    sqlite3_bind_int64(statement, 2, segment);
    sqlite3_bind_int64(statement, 3, run / 16);
    sqlite3_bind_int64(statement, 4, segment * SEGMENT_SAMPLES * CADENCE);
    sqlite3_bind_blob(statement, 5, digest, sizeof digest, SQLITE_TRANSIENT);
    put(db, statement);
}

static void fill(sqlite3 *db, int64_t samples)
{
    char insert[2048] = "INSERT INTO sample_inherent (campaign, replica, segment, step", values[256] = "";
    for (int q = 0; q < QUANTITY_COUNT; q++)
        if (quantities[q].group == QUANTITY_GROUP_inherent) {
            snprintf(insert + strlen(insert), sizeof insert - strlen(insert), ", %s", quantities[q].name);
            strcat(values, ", ?");
        }
    snprintf(insert + strlen(insert), sizeof insert - strlen(insert), ") VALUES (1, ?, ?, ?%s)", values);
    sqlite3_stmt *sample = prepare(db, insert);
    sqlite3_stmt *segment = prepare(
        db, "INSERT INTO segment (campaign, replica, segment, rung, stage, step_first, steps, temperature_first,"
            " temperature_last, input, output, snapshot, energy_potential, engine)"
            " VALUES (1, ?1, ?2, ?3, 'hold', ?4, 100000, 1, 1, ?5, ?5, ?5, 0, 1)");
    for (int64_t run = 0; run < RUNS; run++) {
        const double x = ((double)(run / 16) - 3.5) / 2.0;
        const double transforms_at = 2e7 * exp(x * x) * log(draw(run, -1, 0)) / log(0.5);
        put_segment(db, segment, run, -2);
        put_segment(db, segment, run, -1);
        for (int64_t i = 0; i < samples; i++) {
            if (i % SEGMENT_SAMPLES == 0)
                put_segment(db, segment, run, i / SEGMENT_SAMPLES);
            put_sample(db, sample, run, i / SEGMENT_SAMPLES, (i + 1) * CADENCE, transforms_at);
        }
    }
    sqlite3_finalize(sample);
    sqlite3_finalize(segment);
}

static void make_database(const char *path, int64_t samples)
{
    char text[sizeof campaign_text + 32];
    struct store *store;
    struct campaign_id id;
    struct error err = {0};
    sqlite3 *db;
    snprintf(text, sizeof text, campaign_text, (long long)(samples * CADENCE));
    if (store_open(path, STORE_CREATE, &store, &err) != STATUS_OK ||
        store_put_campaign(store, "ttt-bench.yaml", text, strlen(text), NULL, stderr, &id, NULL, &err) != STATUS_OK)
        die(path, err.message);
    store_close(&store);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        die(path, sqlite3_errmsg(db));
    run_sql(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; BEGIN");
    fill(db, samples);
    run_sql(db, "COMMIT; PRAGMA journal_mode = WAL");
    sqlite3_close(db);
}

static double cpu_of_children(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void measure(const char *verb, const char *command, int64_t samples)
{
    for (int turn = 1; turn <= 3; turn++) {
        const int64_t before = clock_mono().value;
        const double cpu = cpu_of_children();
        if (system(command) != 0)
            die(command, "failed");
        printf("%s turn %d: %lld samples, wall %.2f s, CPU %.2f s\n", verb, turn, (long long)samples,
               1e-9 * (double)(clock_mono().value - before), cpu_of_children() - cpu);
    }
}

int main(int argc, char *argv[])
{
    char path[PATH_SIZE], command[2 * PATH_SIZE + 64];
    if (argc < 3)
        die("usage", "bench_ttt VITRINE FOLDER [SAMPLES-PER-RUN]");
    const int64_t wanted = argc > 3 ? atoll(argv[3]) : SAMPLES_DEFAULT;
    const int64_t samples = (wanted + SEGMENT_SAMPLES - 1) / SEGMENT_SAMPLES * SEGMENT_SAMPLES;
    snprintf(path, sizeof path, "%s/ttt-bench.db", argv[2]);
    if (access(path, F_OK) != 0)
        make_database(path, samples);
    snprintf(command, sizeof command, "'%s' ttt '%s' --json >/dev/null", argv[1], path);
    measure("ttt", command, RUNS * samples);
    snprintf(command, sizeof command, "'%s' report '%s' --out - >/dev/null", argv[1], path);
    measure("report", command, RUNS * samples);
    return 0;
}
