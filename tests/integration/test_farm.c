/* The promise, with real processes: kill anything, anywhere, any time, and the science hash is the undisturbed one.
 *
 * The coordinator is a child of the test (coordinator_run on a database in the test's folder), the workers are real
 * vitrine-worker processes with real physics on a very small system. */
#include "server/coordinator.h"
#include "tests/support/process.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 100, LEASE_MS = 2000, WORKERS_MAX = 3, PATH_SIZE = 512 };

/* A ladder of four and two isotherms: exchanges, chains, preparation; a second or two of CPU. */
static const char campaign_text[] = "campaign: farm\n"
                                    "seed: 20190529\n"
                                    "audit: %g\n"
                                    "system: {atoms: 300, small_fraction: 0.5}\n"
                                    "ensembles:\n"
                                    "  - name: ladder\n"
                                    "    mode: tempering\n"
                                    "    temperatures: [0.70, 0.74, 0.78, 0.82]\n"
                                    "    segment_steps: 500\n"
                                    "    steps: %d\n"
                                    "    prepare:\n"
                                    "      - build: random\n"
                                    "      - hold: {temperature: 2.0, steps: 500}\n"
                                    "      - ramp: {to: rung, rate: 1.0e-3}\n"
                                    "    sample: {thermal: 100, inherent: 1000, pdf: 100}\n"
                                    "  - name: hot\n"
                                    "    mode: isotherm\n"
                                    "    temperatures: [0.70]\n"
                                    "    replicas: 2\n"
                                    "    segment_steps: 500\n"
                                    "    steps: %d\n"
                                    "    prepare:\n"
                                    "      - build: random\n"
                                    "      - hold: {temperature: 2.0, steps: 500}\n"
                                    "      - ramp: {to: rung, rate: 1.0e-3}\n"
                                    "    sample: {thermal: 100}\n";

struct farm {
    double audit; /* share of segments that are run twice */
    char database[PATH_SIZE], endpoint[PATH_SIZE], log[PATH_SIZE];
    pid_t coordinator;
    pid_t workers[WORKERS_MAX];
};

static void farm_init(struct farm *farm, const char *name)
{
    *farm = (struct farm){.audit = 0.02};
    snprintf(farm->database, sizeof farm->database, "%s/%s.db", process_test_dir(), name);
    snprintf(farm->endpoint, sizeof farm->endpoint, "ipc://%s/%s.sock", process_test_dir(), name);
    snprintf(farm->log, sizeof farm->log, "%s/%s.log", process_test_dir(), name);
}

static void put_campaign(struct store *store, double audit, int steps)
{
    char text[sizeof campaign_text + 32];
    struct error err = {0};
    int size = snprintf(text, sizeof text, campaign_text, audit, steps, steps);
    struct campaign_id id;
    enum status status = store_put_campaign(store, "farm.yaml", text, (size_t)size, NULL, stderr, &id, NULL, &err);
    cr_assert(eq(int, status, STATUS_OK), "%s", err.message);
}

static struct store *open_store(const char *path, enum store_mode mode)
{
    struct store *store = NULL;
    struct error err = {0};
    enum status status = store_open(path, mode, &store, &err);
    cr_assert(eq(int, status, STATUS_OK), "%s", err.message);
    return store;
}

/* Creates the database, or lengthens its campaign. */
static void farm_plan(struct farm *farm, int steps)
{
    struct store *store = open_store(farm->database, access(farm->database, F_OK) == 0 ? STORE_WRITE : STORE_CREATE);
    put_campaign(store, farm->audit, steps);
    store_close(&store);
}

static atomic_bool stop_wanted;

static void on_term(int signal_number)
{
    (void)signal_number;
    atomic_store(&stop_wanted, true);
}

static _Noreturn void coordinate(const struct farm *farm)
{
    struct store *store = NULL;
    struct error err = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, on_term);
    if (!freopen(farm->log, "a", stderr))
        _exit(9);
    setvbuf(stderr, NULL, _IONBF, 0); /* an abort flushes nothing */
    enum status status = store_open(farm->database, STORE_WRITE, &store, &err);
    const struct coordinator_setup setup = {.store = store,
                                            .directory = process_test_dir(),
                                            .endpoint = farm->endpoint,
                                            .until_done = true,
                                            .stop = &stop_wanted,
                                            .lease_ms = LEASE_MS,
                                            .drain_ms = 5000};
    if (status == STATUS_OK)
        status = coordinator_run(&setup, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "coordinator: %s\n", err.message);
    store_close(&store);
    _exit(status_exit_code(status));
}

static void start_coordinator(struct farm *farm)
{
    farm->coordinator = fork();
    if (farm->coordinator == 0)
        coordinate(farm);
    cr_assert(farm->coordinator > 0);
}

static void start_worker(struct farm *farm, int index)
{
    const char *const argv[] = {VITRINE_WORKER, "--connect", farm->endpoint, "--slots", "1", "--grace", "2", NULL};
    farm->workers[index] = process_start(argv, farm->log);
}

static void start_all(struct farm *farm, int workers)
{
    start_coordinator(farm);
    for (int i = 0; i < workers; i++)
        start_worker(farm, i);
}

static void end_process(pid_t *pid, int signal_number)
{
    if (*pid == 0)
        return;
    kill(*pid, signal_number);
    kill(*pid, SIGCONT);
    process_wait(*pid, 20.0);
    *pid = 0;
}

static void await_coordinator(struct farm *farm)
{
    int code = process_wait(farm->coordinator, PATIENCE_S);
    char *log = code == 0 ? NULL : process_read_file(farm->log);
    cr_assert(eq(int, code, 0), "the coordinator did not come to its end:\n%s", log);
    farm->coordinator = 0;
}

static void end_all(struct farm *farm)
{
    for (int i = 0; i < WORKERS_MAX; i++)
        end_process(&farm->workers[i], SIGTERM);
}

static void read_hash(const char *path, char out[DIGEST_TEXT_SIZE])
{
    struct store *store = open_store(path, STORE_READ);
    struct digest hash;
    struct error err = {0};
    enum status status = store_science_hash(store, (struct campaign_id){1}, &hash, &err);
    cr_assert(eq(int, status, STATUS_OK), "%s", err.message);
    store_close(&store);
    digest_to_text(&hash, out);
}

/* Segments stored so far. */
static int count_stored(const char *path)
{
    struct store *store = NULL;
    struct error err;
    int count = 0;
    if (store_open(path, STORE_READ, &store, &err) != STATUS_OK)
        return 0;
    for (uint32_t replica = 0; replica < 6; replica++)
        for (int64_t segment = -8; segment < 64; segment++) {
            struct stored_segment stored;
            count += store_get_segment(store, (struct campaign_id){1}, (struct replica_id){replica},
                                       (struct segment_id){segment}, &stored, &err) == STATUS_OK;
        }
    store_close(&store);
    return count;
}

static void await_stored(const struct farm *farm, int count)
{
    double begin = process_now();
    while (count_stored(farm->database) < count) {
        cr_assert(process_now() - begin < PATIENCE_S, "only %d segments were stored", count_stored(farm->database));
        process_sleep(0.02);
    }
}

static void run_undisturbed(struct farm *farm, const char *name, int workers, int steps, char out[DIGEST_TEXT_SIZE])
{
    farm_init(farm, name);
    farm_plan(farm, steps);
    start_all(farm, workers);
    await_coordinator(farm);
    end_all(farm);
    read_hash(farm->database, out);
}

enum { STEPS = 2000 };

static void expect_undisturbed_hash(const struct farm *farm)
{
    struct farm calm;
    char expected[DIGEST_TEXT_SIZE], found[DIGEST_TEXT_SIZE];
    run_undisturbed(&calm, "calm", 1, STEPS, expected);
    read_hash(farm->database, found);
    cr_expect(eq(str, found, expected));
}

Test(farm, three_workers_give_the_science_hash_of_one)
{
    struct farm farm;
    char hash[DIGEST_TEXT_SIZE];
    run_undisturbed(&farm, "three", 3, STEPS, hash);
    expect_undisturbed_hash(&farm);
}

Test(farm, a_killed_worker_and_one_that_stops_for_longer_than_its_lease_change_nothing)
{
    struct farm farm;
    farm_init(&farm, "zombie");
    farm_plan(&farm, STEPS);
    start_all(&farm, 2);
    await_stored(&farm, 10);
    end_process(&farm.workers[0], SIGKILL);
    kill(farm.workers[1], SIGSTOP);
    process_sleep(1.5 * LEASE_MS / 1000.0);
    start_worker(&farm, 2);
    await_stored(&farm, 20);
    kill(farm.workers[1], SIGCONT);
    await_coordinator(&farm);
    end_all(&farm);
    expect_undisturbed_hash(&farm);
}

Test(farm, a_coordinator_that_is_killed_again_and_again_goes_on_where_it_was)
{
    struct farm farm;
    farm_init(&farm, "killed");
    farm_plan(&farm, STEPS);
    start_all(&farm, 2);
    for (int stored = 8; stored <= 40; stored += 8) {
        await_stored(&farm, stored);
        end_process(&farm.coordinator, SIGKILL);
        start_coordinator(&farm);
    }
    await_coordinator(&farm);
    end_all(&farm);
    expect_undisturbed_hash(&farm);
}

Test(farm, running_to_the_middle_and_on_is_running_to_the_end)
{
    struct farm farm;
    char half[DIGEST_TEXT_SIZE];
    run_undisturbed(&farm, "halves", 2, STEPS / 2, half);
    farm_plan(&farm, STEPS);
    start_all(&farm, 2);
    await_coordinator(&farm);
    end_all(&farm);
    expect_undisturbed_hash(&farm);
}

Test(farm, a_stopped_coordinator_sends_its_workers_home_and_can_be_resumed)
{
    struct farm farm;
    farm_init(&farm, "stopped");
    farm_plan(&farm, STEPS);
    start_all(&farm, 2);
    await_stored(&farm, 12);
    kill(farm.coordinator, SIGTERM);
    await_coordinator(&farm);
    cr_expect(ne(int, process_wait(farm.workers[0], 10.0), -1));
    cr_expect(ne(int, process_wait(farm.workers[1], 10.0), -1));
    start_all(&farm, 2);
    await_coordinator(&farm);
    end_all(&farm);
    expect_undisturbed_hash(&farm);
}

static void start_liar(struct farm *farm, int index)
{
    const char *const argv[] = {ODD_WORKER, "lie", farm->endpoint, "liars-host", NULL};
    farm->workers[index] = process_start(argv, farm->log);
}

static enum status expect_liar(void *context, const char *host, const uint8_t *worker_uuid, struct error *err)
{
    (void)err;
    ++*(int *)context;
    cr_expect(eq(str, (char *)host, (char *)"liars-host"));
    cr_expect(eq(ptr, (void *)worker_uuid, NULL), "the whole host");
    return STATUS_OK;
}

Test(farm, with_every_segment_audited_a_lying_worker_is_found_out_and_changes_nothing)
{
    struct farm farm;
    struct error err = {0};
    int quarantined = 0;
    farm_init(&farm, "liar");
    farm.audit = 1.0;
    farm_plan(&farm, STEPS);
    start_coordinator(&farm);
    start_worker(&farm, 1);
    start_worker(&farm, 2);
    start_liar(&farm, 0);
    await_coordinator(&farm);
    end_all(&farm);
    struct store *store = open_store(farm.database, STORE_READ);
    cr_assert(eq(int, store_visit_quarantine(store, expect_liar, &quarantined, &err), STATUS_OK));
    store_close(&store);
    cr_expect(eq(int, quarantined, 1));
    expect_undisturbed_hash(&farm);
}
