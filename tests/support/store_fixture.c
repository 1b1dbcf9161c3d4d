#include "tests/support/store_fixture.h"

#include "common/engine.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/rng.h"
#include "common/snapshot.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAMPAIGN(steps)                                                                                                \
    "campaign: fixture\n"                                                                                              \
    "seed: 7\n"                                                                                                        \
    "system: {atoms: 300, small_fraction: 0.5}\n"                                                                      \
    "ensembles:\n"                                                                                                     \
    "  - name: ladder\n"                                                                                               \
    "    mode: tempering\n"                                                                                            \
    "    temperatures: [0.70, 0.80, 0.90]\n"                                                                           \
    "    segment_steps: 100\n"                                                                                         \
    "    steps: " steps "\n"                                                                                           \
    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}]\n"                                             \
    "    sample: {thermal: 50, inherent: 100, pdf: 50, frame: 100}\n"                                                  \
    "  - name: hot\n"                                                                                                  \
    "    mode: isotherm\n"                                                                                             \
    "    temperatures: [0.75]\n"                                                                                       \
    "    replicas: 2\n"                                                                                                \
    "    segment_steps: 100\n"                                                                                         \
    "    steps: " steps "\n"                                                                                           \
    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}]\n"                                             \
    "    sample: {thermal: 50, inherent: 100, structure: 100, displacement: 50, relaxation: 100, pdf: 50, frame: 100}\n"

const char fixture_campaign[] = CAMPAIGN("400");
const char fixture_campaign_longer[] = CAMPAIGN("800");

enum { RESULT_ATOMS = 4, RESULT_BINS = 16, RESULT_ROWS = 3 };

/* ---- SQLite's memory ---- */

static sqlite3_mem_methods plain_memory;
static uint64_t fail_countdown;

static bool fails_now(void)
{
    return fail_countdown > 0 && --fail_countdown == 0;
}

static void *failing_malloc(int size)
{
    return fails_now() ? NULL : plain_memory.xMalloc(size);
}

static void *failing_realloc(void *memory, int size)
{
    return fails_now() ? NULL : plain_memory.xRealloc(memory, size);
}

void fixture_fail_sqlite_nth(uint64_t n)
{
    if (!plain_memory.xMalloc) {
        INVARIANT(sqlite3_shutdown() == SQLITE_OK);
        INVARIANT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory) == SQLITE_OK);
        sqlite3_mem_methods failing = plain_memory;
        failing.xMalloc = failing_malloc;
        failing.xRealloc = failing_realloc;
        INVARIANT(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK);
    }
    fail_countdown = n;
}

static void must(enum status status, const struct error *err)
{
    if (status != STATUS_OK)
        fprintf(stderr, "fixture: %s\n", err->message);
    INVARIANT(status == STATUS_OK);
}

/* In memory where that is possible: what a disk adds is only waiting. */
static const char *base_folder(void)
{
    const char *base = getenv("TMPDIR");
    if (base)
        return base;
    return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

void fixture_init(struct fixture *fixture, const char *text)
{
    struct error err = {0};
    *fixture = (struct fixture){0};
    snprintf(fixture->folder, sizeof fixture->folder, "%s/vitrine-store-XXXXXX", base_folder());
    INVARIANT(mkdtemp(fixture->folder) != NULL);
    snprintf(fixture->path, sizeof fixture->path, "%.480s/results.db", fixture->folder);
    must(store_open(fixture->path, STORE_CREATE, &fixture->store, &err), &err);
    must(fixture_put_campaign(fixture, text, &err), &err);
}

void fixture_finish(struct fixture *fixture)
{
    char command[FIXTURE_PATH_SIZE + 16];
    campaign_finish(&fixture->spec);
    store_close(&fixture->store);
    snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
    INVARIANT(system(command) == 0);
}

void fixture_reopen(struct fixture *fixture)
{
    struct error err = {0};
    store_close(&fixture->store); /* NULL is fine */
    must(store_open(fixture->path, STORE_WRITE, &fixture->store, &err), &err);
}

enum status fixture_put_campaign(struct fixture *fixture, const char *text, struct error *err)
{
    struct campaign spec;
    enum status status =
        store_put_campaign(fixture->store, "fixture.yaml", text, strlen(text), NULL, stderr, &fixture->campaign, &spec, err);
    if (status == STATUS_OK) {
        campaign_finish(&fixture->spec);
        fixture->spec = spec;
    }
    return status;
}

struct fixture_work fixture_work(const struct fixture *fixture, uint32_t replica, int64_t segment, uint32_t rung,
                                 uint32_t rung_before, const struct digest *snapshot)
{
    struct fixture_work work = {.rung = {rung}};
    campaign_segment_spec(&fixture->spec, (struct replica_id){replica}, (struct segment_id){segment},
                          (struct rung_id){rung}, (struct rung_id){rung_before}, &work.spec);
    work.input = segment_input_digest(&work.spec, ENGINE_ID, snapshot);
    return work;
}

static double draw(const struct fixture_work *work, int64_t step, uint32_t index)
{
    uint64_t seed;
    memcpy(&seed, work->input.bytes, sizeof seed);
    return rng_uniform((struct rng_place){seed, STREAM_TEST, step, index}, 0);
}

static void make_state(const struct fixture_work *work, int64_t step, uint8_t **out_bytes, size_t *out_size,
                       struct digest *out_digest)
{
    struct snapshot snapshot;
    struct error err = {0};
    must(snapshot_init(&snapshot, RESULT_ATOMS, &err), &err);
    snapshot.step = step;
    for (int d = 0; d < 3; d++) {
        snapshot.box[d] = 6.1;
        for (uint32_t i = 0; i < RESULT_ATOMS; i++)
            snapshot.velocity[d][i] = draw(work, step, 3 * i + (uint32_t)d) - 0.5;
    }
    must(snapshot_encode(&snapshot, out_bytes, out_size, out_digest, &err), &err);
    snapshot_finish(&snapshot);
}

static void add_sample(struct segment_result *result, const struct fixture_work *work, int64_t step,
                       enum quantity_group group)
{
    struct sample *sample = &result->samples[result->sample_count++];
    *sample = (struct sample){.step = step, .group = group};
    for (int i = 0; i < quantity_group_size(group); i++)
        sample->values[i] = i == 2 ? 1.0 : draw(work, step, 100 + 10 * (uint32_t)group + (uint32_t)i) - 0.5;
}

/* Three rows of every array of a group, keys rising. */
static void add_arrays(struct segment_result *result, const struct fixture_work *work, int64_t step,
                       enum quantity_group group)
{
    for (int id = 0; id < ARRAY_COUNT; id++) {
        if (array_quantities[id].group != group)
            continue;
        struct sample_array *array = &result->arrays[result->array_count++];
        const uint32_t columns = (uint32_t)array_columns((enum array_id)id);
        *array = (struct sample_array){.step = step, .array = (enum array_id)id, .rows = RESULT_ROWS};
        array->cells = mem_alloc_array(RESULT_ROWS * columns, sizeof *array->cells);
        INVARIANT(array->cells);
        for (uint32_t n = 0; n < RESULT_ROWS; n++)
            for (uint32_t k = 0; k < columns; k++)
                array->cells[n * columns + k] = k == 0 ? n : draw(work, step, 1000 + 16 * n + k);
    }
}

static bool is_due(int64_t step, int64_t every)
{
    return every > 0 && step % every == 0;
}

static void add_samples(struct segment_result *result, const struct fixture_work *work)
{
    const struct segment_spec *spec = &work->spec;
    result->samples = mem_alloc_array(5 * (size_t)spec->steps + 5, sizeof *result->samples);
    result->arrays = mem_alloc_array((size_t)ARRAY_COUNT * (size_t)spec->steps + 1, sizeof *result->arrays);
    INVARIANT(result->samples && result->arrays);
    for (int64_t step = spec->step_first + 1; step <= spec->step_first + spec->steps; step++) {
        if (is_due(step, spec->sampling.thermal_every))
            add_sample(result, work, step, QUANTITY_GROUP_thermal);
        if (is_due(step, spec->sampling.inherent_every))
            add_sample(result, work, step, QUANTITY_GROUP_inherent);
        if (is_due(step, spec->sampling.structure_every)) {
            add_sample(result, work, step, QUANTITY_GROUP_structure);
            add_arrays(result, work, step, QUANTITY_GROUP_structure);
        }
        if (is_due(step, spec->sampling.displacement_every)) {
            add_sample(result, work, step, QUANTITY_GROUP_dynamics);
            add_arrays(result, work, step, QUANTITY_GROUP_dynamics);
        }
        if (is_due(step, spec->sampling.relaxation_every)) {
            add_sample(result, work, step, QUANTITY_GROUP_relaxation);
            add_arrays(result, work, step, QUANTITY_GROUP_relaxation);
        }
    }
}

static void add_pdf(struct segment_result *result, const struct fixture_work *work)
{
    const int64_t last = work->spec.step_first + work->spec.steps;
    struct pdf_counts *pdf = result->pdfs = mem_alloc_array(1, sizeof *pdf);
    INVARIANT(pdf);
    *pdf = (struct pdf_counts){.step_last = last, .frames = 2, .bin = 0.02, .bins = RESULT_BINS};
    pdf->counts = mem_alloc_array((size_t)PDF_PAIRS * RESULT_BINS, sizeof *pdf->counts);
    INVARIANT(pdf->counts);
    for (uint32_t i = 0; i < PDF_PAIRS * RESULT_BINS; i++)
        pdf->counts[i] = (uint64_t)(1000 * draw(work, last, 200 + i));
    result->pdf_count = 1;
}

static void add_frame(struct segment_result *result, const struct fixture_work *work)
{
    struct frame *frame = result->frames = mem_alloc_array(1, sizeof *frame);
    INVARIANT(frame);
    frame->step = work->spec.step_first + work->spec.steps;
    make_state(work, frame->step, &frame->bytes, &frame->size, &frame->digest);
    result->frame_count = 1;
}

void fixture_result(const struct fixture_work *work, struct segment_result *out_result)
{
    const int64_t end = work->spec.step_first + work->spec.steps;
    *out_result = (struct segment_result){.replica = work->spec.replica,
                                          .segment = work->spec.segment,
                                          .input = work->input,
                                          .energy_potential = -2000.0 - draw(work, end, 99)};
    add_samples(out_result, work);
    if (work->spec.steps > 0) {
        add_pdf(out_result, work);
        add_frame(out_result, work);
    }
    make_state(work, end, &out_result->snapshot_bytes, &out_result->snapshot_size, &out_result->snapshot);
    out_result->output = segment_output_digest(out_result);
}

struct provenance fixture_provenance(void)
{
    return (struct provenance){.worker_uuid = {1, 2, 3},
                               .host = "node1",
                               .cpu = "a cpu",
                               .isa = "avx2",
                               .build = "0.1.0",
                               .engine_id = ENGINE_ID,
                               .token = 1ull << 32 | 5,
                               .cpu_time_ns = 2000000,
                               .wall_time_ns = 3000000};
}

enum status fixture_put_segment(struct fixture *fixture, const struct fixture_work *work, struct error *err)
{
    struct segment_result result;
    const struct provenance provenance = fixture_provenance();
    fixture_result(work, &result);
    enum status status =
        store_put_segment(fixture->store, fixture->campaign, &work->spec, work->rung, &result, &provenance, err);
    segment_result_finish(&result);
    return status;
}

/* Where every replica stands. */
struct walk {
    uint32_t replica_count;
    int64_t next[16];
    uint32_t rung[16], rung_before[16];
    struct digest snapshot[16];
    double energy[16];
};

static enum status resume_one(void *context, const struct stored_segment *segment, struct error *err)
{
    (void)err;
    struct walk *walk = context;
    const uint32_t replica = segment->replica.value;
    walk->next[replica] = segment->segment.value + 1;
    walk->rung[replica] = walk->rung_before[replica] = segment->rung.value;
    walk->snapshot[replica] = segment->snapshot;
    walk->energy[replica] = segment->energy_potential;
    return STATUS_OK;
}

/* A replica whose last segment was exchanged is on its new rung already. */
static void apply_exchange(const struct fixture *fixture, struct walk *walk, uint32_t replica)
{
    struct exchange exchange;
    struct error err;
    const struct replica_spec *spec = &fixture->spec.replicas[replica];
    if (walk->next[replica] < 1 ||
        store_get_exchange(fixture->store, fixture->campaign, spec->ensemble,
                           (struct segment_id){walk->next[replica] - 1}, (struct rung_id){walk->rung_before[replica]},
                           &exchange, &err) != STATUS_OK)
        return;
    if (exchange.accepted)
        walk->rung[replica] = exchange.rung_cold.value + (exchange.replica_cold.value == replica);
}

static void resume(const struct fixture *fixture, struct walk *walk)
{
    struct error err = {0};
    *walk = (struct walk){.replica_count = fixture->spec.replica_count};
    INVARIANT(walk->replica_count <= 16);
    for (uint32_t i = 0; i < walk->replica_count; i++) {
        walk->next[i] = -campaign_prepare_segments(&fixture->spec, (struct replica_id){i});
        walk->rung[i] = walk->rung_before[i] = fixture->spec.replicas[i].rung_first.value;
    }
    must(store_visit_last_segments(fixture->store, fixture->campaign, resume_one, walk, &err), &err);
    for (uint32_t i = 0; i < walk->replica_count; i++)
        apply_exchange(fixture, walk, i);
}

static enum status run_one(struct fixture *fixture, struct walk *walk, uint32_t replica, struct error *err)
{
    const bool is_first =
        walk->next[replica] == -campaign_prepare_segments(&fixture->spec, (struct replica_id){replica});
    const struct fixture_work work =
        fixture_work(fixture, replica, walk->next[replica], walk->rung[replica], walk->rung_before[replica],
                     is_first ? NULL : &walk->snapshot[replica]);
    struct segment_result result;
    const struct provenance provenance = fixture_provenance();
    fixture_result(&work, &result);
    enum status status =
        store_put_segment(fixture->store, fixture->campaign, &work.spec, work.rung, &result, &provenance, err);
    walk->snapshot[replica] = result.snapshot;
    walk->energy[replica] = result.energy_potential;
    walk->rung_before[replica] = walk->rung[replica];
    walk->next[replica]++;
    segment_result_finish(&result);
    return status;
}

/* Who is there after `round`; others may be ahead, with their exchanges stored. */
static uint32_t replica_on(const struct fixture *fixture, const struct walk *walk, uint32_t ensemble, int64_t round,
                           uint32_t rung)
{
    for (uint32_t i = 0; i < walk->replica_count; i++)
        if (fixture->spec.replicas[i].ensemble.value == ensemble && walk->next[i] == round + 1 && walk->rung[i] == rung)
            return i;
    INVARIANT(false);
    return 0;
}

static enum status exchange_pair(struct fixture *fixture, struct walk *walk, uint32_t ensemble, int64_t round,
                                 uint32_t cold, struct error *err)
{
    const double *temperatures = fixture->spec.ensembles[ensemble].temperatures;
    const uint32_t a = replica_on(fixture, walk, ensemble, round, cold),
                   b = replica_on(fixture, walk, ensemble, round, cold + 1);
    struct exchange exchange = {.ensemble = {ensemble},
                                .round = {round},
                                .rung_cold = {cold},
                                .replica_cold = {a},
                                .replica_hot = {b},
                                .energy_cold = walk->energy[a],
                                .energy_hot = walk->energy[b]};
    exchange_decide(&exchange, fixture->spec.seed, temperatures[cold], temperatures[cold + 1]);
    if (exchange.accepted) {
        walk->rung[a] = cold + 1;
        walk->rung[b] = cold;
    }
    return store_put_exchange(fixture->store, fixture->campaign, &exchange, err);
}

static bool has_exchange(const struct fixture *fixture, uint32_t ensemble, int64_t round, uint32_t cold)
{
    struct exchange exchange;
    struct error absent;
    return store_get_exchange(fixture->store, fixture->campaign, (struct ensemble_id){ensemble},
                              (struct segment_id){round}, (struct rung_id){cold}, &exchange, &absent) == STATUS_OK;
}

static enum status exchange_all(struct fixture *fixture, struct walk *walk, int64_t round, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t e = 0; e < fixture->spec.ensemble_count; e++)
        if (fixture->spec.ensembles[e].mode == MODE_TEMPERING)
            for (uint32_t i = (uint32_t)(round % 2);
                 status == STATUS_OK && i + 1 < fixture->spec.ensembles[e].rung_count; i += 2)
                if (!has_exchange(fixture, e, round, i))
                    status = exchange_pair(fixture, walk, e, round, i, err);
    return status;
}

/* One segment of every replica that has not got it yet, in a transaction. */
static enum status run_round(struct fixture *fixture, struct walk *walk, int64_t segment, unsigned order,
                             struct error *err)
{
    enum status status = store_begin(fixture->store, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; status == STATUS_OK && i < walk->replica_count; i++)
        if (walk->next[(i + order) % walk->replica_count] == segment)
            status = run_one(fixture, walk, (i + order) % walk->replica_count, err);
    if (status == STATUS_OK && segment >= 0)
        status = exchange_all(fixture, walk, segment, err);
    if (status == STATUS_OK)
        status = store_commit(fixture->store, err);
    if (status != STATUS_OK)
        store_rollback(fixture->store);
    return status;
}

static int64_t least_next(const struct walk *walk)
{
    int64_t least = walk->next[0];
    for (uint32_t i = 1; i < walk->replica_count; i++)
        least = walk->next[i] < least ? walk->next[i] : least;
    return least;
}

enum status fixture_try_run(struct fixture *fixture, int64_t rounds, unsigned order, struct error *err)
{
    struct walk walk;
    enum status status = STATUS_OK;
    resume(fixture, &walk);
    /* One back: its segments may be there without their exchange. */
    for (int64_t segment = least_next(&walk) - 1; status == STATUS_OK && segment < rounds; segment++)
        status = run_round(fixture, &walk, segment, order, err);
    return status;
}

void fixture_run(struct fixture *fixture, int64_t rounds, unsigned order)
{
    struct error err = {0};
    must(fixture_try_run(fixture, rounds, order, &err), &err);
}

struct digest fixture_last_snapshot(const struct fixture *fixture, uint32_t replica)
{
    struct walk walk;
    resume(fixture, &walk);
    return walk.snapshot[replica];
}

struct digest fixture_hash(struct fixture *fixture)
{
    struct digest hash;
    struct error err = {0};
    must(store_science_hash(fixture->store, fixture->campaign, &hash, &err), &err);
    return hash;
}

void fixture_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    INVARIANT(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    if (message)
        fprintf(stderr, "fixture: %s: %s\n", sql, message);
    INVARIANT(!message);
    sqlite3_close(db);
}

static int take_number(void *context, int columns, char **texts, char **names)
{
    (void)columns;
    (void)names;
    *(int64_t *)context = texts[0] ? strtoll(texts[0], NULL, 10) : 0;
    return 0;
}

int64_t fixture_number(const char *path, const char *sql)
{
    sqlite3 *db;
    int64_t number = 0;
    INVARIANT(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    INVARIANT(sqlite3_exec(db, sql, take_number, &number, NULL) == SQLITE_OK);
    sqlite3_close(db);
    return number;
}
