/* The promise, with real processes: whatever happens to workers and coordinator, the science hash is that of the
 * undisturbed run with one worker. */
#include "tests/support/process.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HASH_SIZE = 65, STEPS = 16000, SECONDS_MAX = 120 };

static const char *const vitrine = VITRINE_PROGRAM;
static const char *const worker = VITRINE_WORKER_PROGRAM;

static char *in_test_dir(const char *name)
{
    static char paths[16][160];
    static int next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", process_test_dir(), name);
    return path;
}

/* The smallest box that the cutoff allows, a short ladder, two isotherms, a hybrid and two quenches: a few
 * seconds of one core. */
static char *write_campaign(const char *name, int steps)
{
    char *path = in_test_dir(name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file,
            "campaign: promise\n"
            "seed: 4711\n"
            "system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}\n"
            "ensembles:\n"
            "  - name: ladder\n"
            "    mode: tempering\n"
            "    temperatures: [0.70, 0.74, 0.78]\n"
            "    segment_steps: 400\n"
            "    steps: %d\n"
            "    prepare:\n"
            "      - build: random\n"
            "      - hold: {temperature: 2.0, steps: 1200}\n"
            "      - ramp: {to: rung, rate: 1.0e-3}\n"
            "    sample: {thermal: 400, inherent: 4000, pdf: 2000, pdf_inherent: 4000, frame_inherent: 8000}\n"
            "  - name: line\n"
            "    mode: isotherm\n"
            "    temperatures: [0.75]\n"
            "    replicas: 2\n"
            "    segment_steps: 800\n"
            "    steps: %d\n"
            "    prepare:\n"
            "      - build: random\n"
            "      - hold: {temperature: 2.0, steps: 1600}\n"
            "      - ramp: {to: rung, rate: 1.0e-3}\n"
            "    sample: {thermal: 200, inherent: 4000, pdf: 1600, frame: 8000}\n"
            "  - name: mixed\n"
            "    mode: hybrid\n"
            "    temperatures: [0.75]\n"
            "    hybrid: {identity_every: 20, identity_attempts: 3}\n"
            "    segment_steps: 800\n"
            "    steps: %d\n"
            "    prepare:\n"
            "      - build: {kind: fcc, noise: 0.02}\n"
            "      - hold: {temperature: 1.5, steps: 800}\n"
            "    sample: {thermal: 160, inherent: 8000, pdf: 0}\n"
            "  - name: cool\n"
            "    mode: quench\n"
            "    quench: {from: 1.0, to: 0.6, steps: 8000}\n"
            "    replicas: 2\n"
            "    segment_steps: 1000\n"
            "    prepare:\n"
            "      - build: random\n"
            "      - hold: {temperature: 2.0, steps: 1000}\n"
            "      - ramp: {to: rung, rate: 1.0e-3}\n"
            "    sample: {thermal: 100, inherent: 4000, pdf: 0}\n",
            steps, steps, steps);
    fclose(file);
    return path;
}

static pid_t start_run(const char *campaign, const char *db, const char *workers, const char *log)
{
    const char *const argv[] = {vitrine, "run", campaign, "--db", db, "--workers", workers, "--no-progress", NULL};
    return process_start(argv, log);
}

static void run(const char *campaign, const char *db, const char *workers)
{
    char *log = in_test_dir("run.log");
    int code = process_wait(start_run(campaign, db, workers, log), SECONDS_MAX);
    cr_assert_eq(code, 0, "exit %d; %s", code, process_read_file(log));
}

/* First string of 64 hexadecimal digits after `key`. */
static void find_hash(const char *json, const char *key, char out[HASH_SIZE])
{
    const char *place = strstr(json, key);
    cr_assert_not_null(place, "no %s in %s", key, json);
    for (; *place; place++) {
        size_t digits = strspn(place, "0123456789abcdef");
        if (digits == HASH_SIZE - 1) {
            memcpy(out, place, HASH_SIZE - 1);
            out[HASH_SIZE - 1] = '\0';
            return;
        }
        place += digits ? digits - 1 : 0;
    }
    cr_assert_fail("no hash in %s", json);
}

static void verify(const char *db, char out[HASH_SIZE])
{
    const char *const argv[] = {vitrine, "verify", db, "--json", NULL};
    char *json, *log = in_test_dir("verify.log");
    int code = process_run(argv, SECONDS_MAX, &json, log);
    cr_assert_eq(code, 0, "exit %d; %s %s", code, json, process_read_file(log));
    find_hash(json, "\"science_hash\"", out);
    free(json);
}

/* The hash of the undisturbed run with one worker. */
static const char *undisturbed(void)
{
    static char hash[HASH_SIZE];
    char *db = in_test_dir("undisturbed.db");
    run(write_campaign("undisturbed.yaml", STEPS), db, "1");
    verify(db, hash);
    return hash;
}

static void assert_undisturbed(const char *db)
{
    char hash[HASH_SIZE];
    verify(db, hash);
    cr_assert_str_eq(hash, undisturbed());
}

/* Number of stored segments; -1 while the database cannot be read. */
static long stored_segments(const char *db)
{
    const char *const argv[] = {vitrine, "query", db, "SELECT 'n=' || count(*) FROM segment", "--csv", NULL};
    char *text;
    int code = process_run(argv, 20.0, &text, NULL);
    const char *place = code == 0 ? strstr(text, "n=") : NULL;
    /* the header line names the expression, so the last occurrence is the value */
    for (const char *next = place; next; next = strstr(next + 1, "n="))
        place = next;
    long count = place && place[2] >= '0' && place[2] <= '9' ? atol(place + 2) : -1;
    free(text);
    return count;
}

static void wait_for_segments(const char *db, long least, pid_t pid)
{
    for (double end = process_now() + SECONDS_MAX; stored_segments(db) < least; process_sleep(0.02)) {
        cr_assert(process_is_running(pid), "the coordinator ended before %ld segments were stored", least);
        cr_assert(process_now() < end, "%ld segments were not stored in time", least);
    }
}

Test(same_hash, three_workers_give_the_bits_of_one)
{
    char *db = in_test_dir("three.db");
    run(write_campaign("three.yaml", STEPS), db, "3");
    assert_undisturbed(db);
}

Test(same_hash, a_killed_and_a_stopped_worker_change_nothing)
{
    char *db = in_test_dir("faults.db"), *log = in_test_dir("run.log");
    pid_t pid = start_run(write_campaign("faults.yaml", STEPS), db, "2", log);
    wait_for_segments(db, 20, pid);
    pid_t first = process_child(pid, "vitrine-worker", 0), second = process_child(pid, "vitrine-worker", 1);
    cr_assert(first && second);
    kill(first, SIGKILL);
    kill(second, SIGSTOP);
    process_sleep(1.0);
    kill(second, SIGCONT);
    int code = process_wait(pid, SECONDS_MAX);
    cr_assert_eq(code, 0, "exit %d; %s", code, process_read_file(log));
    assert_undisturbed(db);
}

Test(same_hash, a_killed_coordinator_resumes_where_it_was)
{
    char *db = in_test_dir("killed.db"), *log = in_test_dir("run.log"),
         *campaign = write_campaign("killed.yaml", STEPS);
    for (long least = 15; least <= 75; least += 30) {
        pid_t pid = start_run(campaign, db, "2", log);
        wait_for_segments(db, least, pid);
        kill(pid, SIGKILL);
        cr_assert_eq(process_wait(pid, 10.0), 128 + SIGKILL);
    }
    run(campaign, db, "2");
    assert_undisturbed(db);
}

Test(same_hash, twice_the_steps_are_the_steps_and_as_many_again)
{
    char *db = in_test_dir("extended.db");
    run(write_campaign("first-half.yaml", STEPS / 2), db, "2");
    run(write_campaign("whole.yaml", STEPS), db, "2");
    assert_undisturbed(db);
}

/* Workers of their own, as on a farm: they outlive the coordinator, keep their results and bring them to the next one.
 */
Test(same_hash, workers_outlive_their_coordinator)
{
    char *db = in_test_dir("farm.db"), *log = in_test_dir("serve.log"), *campaign = write_campaign("farm.yaml", STEPS);
    char url[64];
    snprintf(url, sizeof url, "tcp://127.0.0.1:%d", 20000 + (int)getpid() % 20000);
    const char *const serve[] = {vitrine, "serve", "--db", db, "--bind", url, "--until-done", campaign, NULL};
    const char *const work[] = {worker, "--connect", url, "--slots", "1", NULL};
    pid_t pid = process_start(serve, log);
    pid_t workers[2] = {process_start(work, log), process_start(work, log)};
    wait_for_segments(db, 20, pid);
    kill(pid, SIGKILL);
    cr_assert_eq(process_wait(pid, 10.0), 128 + SIGKILL);
    process_sleep(0.5);
    pid = process_start(serve, log);
    int code = process_wait(pid, SECONDS_MAX);
    cr_assert_eq(code, 0, "exit %d; %s", code, process_read_file(log));
    for (int i = 0; i < 2; i++) {
        kill(workers[i], SIGTERM);
        cr_assert_geq(process_wait(workers[i], 30.0), 0, "a worker did not leave");
    }
    assert_undisturbed(db);
}
