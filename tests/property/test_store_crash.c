/* test_store_crash.c - the power goes, a write or a sync fails, the disk is full: at every single operation of a short
 * campaign in the slow suite, at every VITRINE_CRASH_STRIDE-th of them in the quick one. Afterwards the database opens, holds all that was acknowledged, tells one story, and ends with the hash of
 * the undisturbed run. */
#include "server/store/store.h"

#include "server/store/store_sql.h"
#include "server/store/store_verify.h"
#include "tests/support/crash_vfs.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUND_FIRST = -1, ROUNDS = 4, DONE = 0, FAILED_WELL = 3, FAILED_BADLY = 4 };

/* What a child has seen made durable: written after the commit returned. */
struct acknowledged {
    int64_t rounds; /* production segments are below it */
    uint32_t epoch;
    uint64_t operations;
};

static struct acknowledged *share_acknowledged(void)
{
    void *memory = mmap(NULL, sizeof(struct acknowledged), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(memory != MAP_FAILED);
    return memory;
}

static bool open_fixture(struct fixture *fixture)
{
    struct error err = {0};
    if (store_open(fixture->path, STORE_WRITE, &fixture->store, &err) == STATUS_OK)
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

/* One round of the life below; what fails is taken back. */
static enum status live_round(struct fixture *fixture, int64_t rounds, struct acknowledged *acknowledged,
                              struct error *err)
{
    uint32_t pruned;
    enum status status = STATUS_OK;
    if (rounds % 3 == 0)
        status = store_raise_epoch(fixture->store, &acknowledged->epoch, err);
    if (status == STATUS_OK)
        status = fixture_try_run(fixture, rounds, 0, err);
    if (status != STATUS_OK)
        return status;
    acknowledged->rounds = rounds;
    return store_prune_snapshots(fixture->store, fixture->campaign, 3, &pruned, err);
}

/* The life of a coordinator in small: epochs, rounds that commit and checkpoint, pruning; closed and opened once. The
 * first failure ends it. */
static enum status live(struct fixture *fixture, struct acknowledged *acknowledged, struct error *err)
{
    enum status status = store_open(fixture->path, STORE_WRITE, &fixture->store, err);
    for (int64_t rounds = ROUND_FIRST; status == STATUS_OK && rounds <= ROUNDS; rounds++) {
        if (rounds == ROUNDS / 2) {
            store_close(&fixture->store);
            status = store_open(fixture->path, STORE_WRITE, &fixture->store, err);
        }
        if (status == STATUS_OK) {
            fixture->store->checkpoint_at = rounds % 2 ? 1 : INT32_MAX;
            status = live_round(fixture, rounds, acknowledged, err);
        }
    }
    return status;
}

/* The state that every crash begins from: a database that was closed in order. */
static void init_closed(struct fixture *fixture)
{
    fixture_init(fixture, fixture_campaign);
    store_close(&fixture->store);
}

static int run_child(void (*act)(struct fixture *, struct acknowledged *), struct fixture *fixture,
                     struct crash_plan plan, struct acknowledged *acknowledged)
{
    int status;
    *acknowledged = (struct acknowledged){.rounds = ROUND_FIRST - 1};
    pid_t pid = fork();
    if (pid == 0) {
        crash_vfs_install();
        crash_vfs_plan(plan);
        act(fixture, acknowledged);
        acknowledged->operations = crash_vfs_operations();
        _exit(DONE);
    }
    cr_assert(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void live_once(struct fixture *fixture, struct acknowledged *acknowledged)
{
    struct error err = {0};
    if (live(fixture, acknowledged, &err) != STATUS_OK)
        _exit(FAILED_WELL); /* as a coordinator does */
    store_close(&fixture->store);
}

/* The disk is full for a while: a coordinator refuses and goes on when there is room. */
static void live_on(struct fixture *fixture, struct acknowledged *acknowledged)
{
    struct error err = {0};
    enum status status = live(fixture, acknowledged, &err);
    crash_vfs_plan((struct crash_plan){0});
    if (status != STATUS_OK && err.os_errno != ENOSPC)
        _exit(FAILED_BADLY);
    if (status != STATUS_OK && fixture->store)
        status = live_round(fixture, ROUNDS, acknowledged, &err);
    else if (status != STATUS_OK)
        status = live(fixture, acknowledged, &err);
    if (status != STATUS_OK)
        _exit(FAILED_BADLY);
    store_close(&fixture->store);
}

static void create_database(struct fixture *fixture, struct acknowledged *acknowledged)
{
    struct error err = {0};
    (void)acknowledged;
    if (store_open(fixture->path, STORE_CREATE, &fixture->store, &err) != STATUS_OK)
        _exit(FAILED_WELL);
    store_close(&fixture->store);
}

/* As a careless program would. */
static void live_without_syncs(struct fixture *fixture, struct acknowledged *acknowledged)
{
    struct error err = {0};
    if (store_open(fixture->path, STORE_WRITE, &fixture->store, &err) != STATUS_OK ||
        sqlite3_exec(fixture->store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) != SQLITE_OK)
        _exit(FAILED_BADLY);
    for (int64_t rounds = ROUND_FIRST; rounds <= ROUNDS; rounds++)
        if (live_round(fixture, rounds, acknowledged, &err) != STATUS_OK)
            _exit(FAILED_BADLY);
    store_close(&fixture->store);
}

static int64_t count_epochs(const struct fixture *fixture)
{
    return fixture_number(fixture->path, "SELECT coalesce(max(epoch), 0) FROM epoch");
}

static int64_t count_rounds(const struct fixture *fixture)
{
    return fixture_number(fixture->path, "SELECT coalesce(min(last), -2) + 1 FROM (SELECT max(segment) AS last FROM"
                                         " replica LEFT JOIN segment USING (campaign, replica) GROUP BY replica)");
}

static void expect_sound(struct fixture *fixture, const char *when)
{
    struct verify_report report;
    struct error err = {0};
    cr_assert_eq(store_verify(fixture->store, fixture->campaign, &report, &err), STATUS_OK, "%s: %s", when,
                 err.message);
    cr_assert(report.ok, "%s: %s", when, report.differences[0]);
}

static bool is_sound(struct fixture *fixture)
{
    struct verify_report report;
    struct error err = {0};
    return store_verify(fixture->store, fixture->campaign, &report, &err) == STATUS_OK && report.ok;
}

/* All that was acknowledged is there, and the rest follows. */
static void expect_recovery(struct fixture *fixture, const struct acknowledged *acknowledged,
                            const struct digest *undisturbed, const char *when)
{
    cr_assert(open_fixture(fixture), "%s: the database does not open", when);
    cr_assert_geq(count_rounds(fixture), acknowledged->rounds, "%s: segments are lost", when);
    cr_assert_geq(count_epochs(fixture), acknowledged->epoch, "%s: an epoch is lost", when);
    expect_sound(fixture, when);
    fixture_run(fixture, ROUNDS, 1);
    expect_sound(fixture, when);
    const struct digest hash = fixture_hash(fixture);
    cr_assert(digest_equal(&hash, undisturbed), "%s: another hash", when);
}

static struct digest hash_undisturbed(void)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, ROUNDS, 0);
    const struct digest hash = fixture_hash(&fixture);
    fixture_finish(&fixture);
    return hash;
}

static uint64_t count_operations(void (*act)(struct fixture *, struct acknowledged *))
{
    struct fixture fixture;
    struct acknowledged *acknowledged = share_acknowledged();
    init_closed(&fixture);
    cr_assert_eq(run_child(act, &fixture, (struct crash_plan){0}, acknowledged), DONE);
    fixture_finish(&fixture);
    return acknowledged->operations;
}

/* Distance of the operations that are struck. */
static uint64_t stride(void)
{
    const char *text = getenv("VITRINE_CRASH_STRIDE");
    const uint64_t distance = text ? strtoull(text, NULL, 10) : 1;
    cr_assert_gt(distance, 0);
    return distance;
}

/* Strikes at each operation in turn; the child must end with `code` (or in order, when the fault found no victim). */
static void strike_everywhere(enum crash_kind kind, void (*act)(struct fixture *, struct acknowledged *), int code)
{
    const struct digest undisturbed = hash_undisturbed();
    const uint64_t operations = count_operations(live_once);
    struct acknowledged *acknowledged = share_acknowledged();
    cr_assert_gt(operations, 100);
    for (uint64_t n = 1 + (uint64_t)kind % stride(); n <= operations; n += stride()) {
        struct fixture fixture;
        char when[64];
        snprintf(when, sizeof when, "fault at operation %d of %d", (int)n, (int)operations);
        init_closed(&fixture);
        const int found = run_child(act, &fixture, (struct crash_plan){kind, n, n}, acknowledged);
        cr_assert(found == code || (kind != CRASH_POWER && found == DONE), "%s: exit code %d", when, found);
        expect_recovery(&fixture, acknowledged, &undisturbed, when);
        fixture_finish(&fixture);
    }
}

Test(store_crash, a_power_loss_at_any_operation_of_a_campaign_loses_nothing_that_was_acknowledged)
{
    strike_everywhere(CRASH_POWER, live_once, CRASH_EXIT_CODE);
}

Test(store_crash, a_write_that_fails_ends_the_process_and_loses_nothing)
{
    strike_everywhere(CRASH_WRITE_ERROR, live_once, FAILED_WELL);
}

Test(store_crash, a_sync_that_fails_ends_the_process_and_loses_nothing)
{
    strike_everywhere(CRASH_SYNC_ERROR, live_once, FAILED_WELL);
}

Test(store_crash, a_full_disk_refuses_what_has_no_room_and_the_same_process_goes_on)
{
    strike_everywhere(CRASH_FULL, live_on, DONE);
}

/* There is none, or a whole one. */
static void make_database(struct crash_plan plan, struct acknowledged *acknowledged)
{
    struct fixture fixture;
    struct error err = {0};
    init_closed(&fixture);
    unlink(fixture.path);
    const int made = run_child(create_database, &fixture, plan, acknowledged);
    const bool exists = access(fixture.path, F_OK) == 0;
    cr_assert(exists || made != DONE, "operation %d, fault %d", (int)plan.operation, (int)plan.kind);
    cr_assert_eq(store_open(fixture.path, exists ? STORE_WRITE : STORE_CREATE, &fixture.store, &err), STATUS_OK,
                 "operation %d, fault %d: %s", (int)plan.operation, (int)plan.kind, err.message);
    cr_assert_eq(fixture_put_campaign(&fixture, fixture_campaign, &err), STATUS_OK, "%s", err.message);
    fixture_finish(&fixture);
}

Test(store_crash, whatever_happens_while_a_database_is_made_leaves_none_or_a_whole_one)
{
    static const struct {
        enum crash_kind kind;
        uint64_t stride;
    } strikes[] = {{CRASH_POWER, 1}, {CRASH_WRITE_ERROR, 32}, {CRASH_SYNC_ERROR, 8}, {CRASH_FULL, 16}};
    struct acknowledged *acknowledged = share_acknowledged();
    make_database((struct crash_plan){0}, acknowledged);
    const uint64_t operations = acknowledged->operations;
    cr_assert_gt(operations, 10);
    for (size_t i = 0; i < sizeof strikes / sizeof strikes[0]; i++)
        for (uint64_t n = 1; n <= operations; n += strikes[i].stride * stride())
            make_database((struct crash_plan){strikes[i].kind, n, n}, acknowledged);
}

/* The test of the tests: without syncs, the same losses of power do harm. */
Test(store_crash, without_syncs_a_power_loss_is_seen)
{
    const uint64_t operations = count_operations(live_without_syncs);
    struct acknowledged *acknowledged = share_acknowledged();
    int harmed = 0;
    for (uint64_t n = operations / 2; n < operations; n += stride()) {
        struct fixture fixture;
        init_closed(&fixture);
        cr_assert_eq(run_child(live_without_syncs, &fixture, (struct crash_plan){CRASH_POWER, n, n}, acknowledged),
                     CRASH_EXIT_CODE);
        harmed += !open_fixture(&fixture) || !is_sound(&fixture) || count_rounds(&fixture) < acknowledged->rounds;
        fixture_finish(&fixture);
    }
    cr_expect_gt(harmed, 0);
}
