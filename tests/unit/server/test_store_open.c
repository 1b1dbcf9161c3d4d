/* test_store_open.c - the database as a file: refusals, owners, readers, crashes. */
#include "server/store/store_file.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum status try_open(const char *path, enum store_mode mode, struct error *err)
{
    struct store *store = NULL;
    *err = (struct error){0};
    enum status status = store_open(path, mode, &store, err);
    store_close(&store);
    return status;
}

/* The status of opening in another process. */
static int open_elsewhere(const char *path, enum store_mode mode)
{
    pid_t child = fork();
    if (child == 0) {
        struct error err;
        _exit((int)try_open(path, mode, &err));
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void join(char out[FIXTURE_PATH_SIZE], const struct fixture *fixture, const char *name)
{
    snprintf(out, FIXTURE_PATH_SIZE, "%.400s/%s", fixture->folder, name);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static long file_size(const char *path, const char *suffix)
{
    char name[FIXTURE_PATH_SIZE];
    struct stat found;
    snprintf(name, sizeof name, "%.400s%s", path, suffix);
    return stat(name, &found) == 0 ? (long)found.st_size : -1;
}

Test(store_open, what_is_not_a_results_database_is_refused_with_the_reason)
{
    struct fixture fixture;
    struct error err;
    char path[FIXTURE_PATH_SIZE];
    fixture_init(&fixture, fixture_campaign);
    join(path, &fixture, "missing.db");
    cr_expect_eq(try_open(path, STORE_WRITE, &err), STATUS_NOT_FOUND);
    cr_expect_eq(try_open(path, STORE_READ, &err), STATUS_NOT_FOUND);
    cr_expect_eq(try_open(fixture.folder, STORE_READ, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "directory"), "%s", err.message);
    join(path, &fixture, "empty.db");
    write_file(path, "");
    cr_expect_eq(try_open(path, STORE_WRITE, &err), STATUS_CORRUPT);
    cr_expect(strstr(err.message, "empty"), "%s", err.message);
    join(path, &fixture, "text.db");
    write_file(
        path,
        "campaign: this is not a database, but a text that is longer than a header of one hundred bytes, I hope\n");
    cr_expect_eq(try_open(path, STORE_READ, &err), STATUS_CORRUPT);
    cr_expect_eq(try_open(path, STORE_WRITE, &err), STATUS_CORRUPT);
    join(path, &fixture, "other.db");
    fixture_sql(path, "CREATE TABLE t (a)");
    cr_expect_eq(try_open(path, STORE_WRITE, &err), STATUS_CORRUPT);
    cr_expect(strstr(err.message, "not one of results"), "%s", err.message);
    cr_expect_eq(try_open(fixture.path, STORE_CREATE, &err), STATUS_CONFLICT);
    join(path, &fixture, "none/results.db");
    cr_expect_eq(try_open(path, STORE_CREATE, &err), STATUS_NOT_FOUND);
    fixture_finish(&fixture);
}

Test(store_open, a_newer_database_is_refused_and_left_alone)
{
    struct fixture fixture;
    struct error err;
    fixture_init(&fixture, fixture_campaign);
    store_close(&fixture.store);
    fixture_sql(fixture.path, "PRAGMA user_version = 9999");
    cr_expect_eq(try_open(fixture.path, STORE_WRITE, &err), STATUS_CONFLICT);
    cr_expect(strstr(err.message, "9999"), "%s", err.message);
    cr_expect_eq(try_open(fixture.path, STORE_READ, &err), STATUS_CONFLICT);
    fixture_finish(&fixture);
}

Test(store_open, a_table_without_its_quantities_is_refused)
{
    struct fixture fixture;
    struct error err;
    fixture_init(&fixture, fixture_campaign);
    store_close(&fixture.store);
    fixture_sql(fixture.path, "ALTER TABLE sample_inherent ADD COLUMN surplus REAL");
    cr_expect_eq(try_open(fixture.path, STORE_WRITE, &err), STATUS_CORRUPT);
    cr_expect(strstr(err.message, "surplus"), "%s", err.message);
    fixture_finish(&fixture);
}

Test(store_open, a_truncated_database_is_an_error_and_not_a_crash)
{
    for (long part = 1; part <= 9; part += 2) {
        struct fixture fixture;
        struct error err;
        struct store *store = NULL;
        struct digest hash;
        fixture_init(&fixture, fixture_campaign);
        fixture_run(&fixture, 4, 0);
        store_close(&fixture.store);
        cr_assert_eq(truncate(fixture.path, file_size(fixture.path, "") * part / 10), 0);
        enum status status = store_open(fixture.path, STORE_WRITE, &store, &err);
        if (status == STATUS_OK)
            status = store_science_hash(store, fixture.campaign, &hash, &err);
        cr_expect_eq(status, STATUS_CORRUPT, "%ld/10: %s", part, err.message);
        store_close(&store);
        fixture_finish(&fixture);
    }
}

Test(store_open, creation_leaves_one_file_and_a_dead_creation_does_no_harm)
{
    struct fixture fixture;
    char path[FIXTURE_PATH_SIZE];
    struct error err;
    fixture_init(&fixture, fixture_campaign);
    store_close(&fixture.store);
    join(path, &fixture, "results.db-wal");
    cr_expect_neq(access(path, F_OK), 0);
    join(path, &fixture, "new.db");
    pid_t child = fork();
    if (child == 0) {
        struct store *store;
        kill(getpid(), SIGSTOP);
        error_ignore(store_open(path, STORE_CREATE, &store, NULL), "it is killed on the way");
        pause();
    }
    int status;
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    usleep(2000);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    if (access(path, F_OK) != 0)
        cr_expect_eq(try_open(path, STORE_CREATE, &err), STATUS_OK, "%s", err.message);
    else
        cr_expect_eq(try_open(path, STORE_WRITE, &err), STATUS_OK, "%s", err.message);
    fixture_finish(&fixture);
}

Test(store_open, a_second_owner_is_refused_under_any_name)
{
    struct fixture fixture;
    char other[FIXTURE_PATH_SIZE], moved[FIXTURE_PATH_SIZE];
    fixture_init(&fixture, fixture_campaign);
    cr_expect_eq(open_elsewhere(fixture.path, STORE_WRITE), STATUS_CONFLICT);
    join(other, &fixture, "symbolic.db");
    cr_assert_eq(symlink(fixture.path, other), 0);
    cr_expect_eq(open_elsewhere(other, STORE_WRITE), STATUS_CONFLICT);
    join(moved, &fixture, "moved.db");
    cr_assert_eq(rename(fixture.path, moved), 0);
    cr_expect_eq(open_elsewhere(moved, STORE_WRITE), STATUS_CONFLICT);
    cr_assert_eq(rename(moved, fixture.path), 0);
    join(other, &fixture, "hard.db");
    cr_assert_eq(link(fixture.path, other), 0);
    cr_expect_eq(open_elsewhere(other, STORE_WRITE), STATUS_INVALID);
    cr_expect_eq(open_elsewhere(other, STORE_READ), STATUS_INVALID);
    unlink(other);
    store_close(&fixture.store);
    cr_expect_eq(open_elsewhere(fixture.path, STORE_WRITE), STATUS_OK);
    fixture_finish(&fixture);
}

Test(store_open, a_file_that_is_unlinked_or_replaced_while_in_use_takes_no_commit)
{
    struct fixture fixture;
    struct error err = {0};
    uint32_t epoch;
    char moved[FIXTURE_PATH_SIZE];
    fixture_init(&fixture, fixture_campaign);
    join(moved, &fixture, "moved.db");
    cr_assert_eq(rename(fixture.path, moved), 0);
    cr_expect_eq(store_raise_epoch(fixture.store, &epoch, &err), STATUS_IO);
    cr_expect(strstr(err.message, "removed or replaced"), "%s", err.message);
    cr_assert_eq(rename(moved, fixture.path), 0);
    cr_expect_eq(store_raise_epoch(fixture.store, &epoch, &err), STATUS_OK, "%s", err.message);
    join(moved, &fixture, "results.db-wal");
    cr_assert_eq(unlink(moved), 0);
    cr_expect_eq(store_raise_epoch(fixture.store, &epoch, &err), STATUS_IO);
    cr_expect(strstr(err.message, "-wal"), "%s", err.message);
    fixture_finish(&fixture);
}

Test(store_open, epochs_rise_across_starts_and_the_lineage_stays)
{
    struct fixture one, two;
    struct error err;
    uint32_t first, second;
    uint8_t lineage[STORE_LINEAGE_SIZE];
    fixture_init(&one, fixture_campaign);
    fixture_init(&two, fixture_campaign);
    memcpy(lineage, store_lineage(one.store), sizeof lineage);
    cr_expect_neq(memcmp(lineage, store_lineage(two.store), sizeof lineage), 0);
    cr_assert_eq(store_raise_epoch(one.store, &first, &err), STATUS_OK);
    fixture_reopen(&one);
    cr_assert_eq(store_raise_epoch(one.store, &second, &err), STATUS_OK);
    cr_expect_eq(first, 1);
    cr_expect_eq(second, 2);
    cr_expect_eq(memcmp(lineage, store_lineage(one.store), sizeof lineage), 0);
    fixture_finish(&one);
    fixture_finish(&two);
}

Test(store_open, network_file_systems_are_known_by_name)
{
    cr_expect_str_eq(file_network_name(0x6969), "nfs");
    cr_expect_str_eq(file_network_name(0xff534d42), "cifs");
    cr_expect_str_eq(file_network_name(0x65735546), "fuse");
    cr_expect_null(file_network_name(0xef53));     /* ext4 */
    cr_expect_null(file_network_name(0x01021994)); /* tmpfs */
}

static struct digest hash_as_reader(const struct fixture *fixture)
{
    struct store *reader;
    struct digest hash;
    struct error err = {0};
    cr_assert_eq(store_open(fixture->path, STORE_READ, &reader, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(store_science_hash(reader, fixture->campaign, &hash, &err), STATUS_OK, "%s", err.message);
    store_close(&reader);
    return hash;
}

Test(store_open, readers_see_what_is_committed_while_the_writer_writes)
{
    struct fixture fixture;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 2, 0);
    const struct digest before = fixture_hash(&fixture);
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    const struct fixture_work work = fixture_work(&fixture, 3, 2, 0, 0, NULL);
    cr_assert_eq(fixture_put_segment(&fixture, &work, &err), STATUS_OK, "%s", err.message);
    const struct digest during = hash_as_reader(&fixture);
    cr_expect(digest_equal(&before, &during));
    cr_assert_eq(store_commit(fixture.store, &err), STATUS_OK);
    const struct digest after = hash_as_reader(&fixture);
    cr_expect_not(digest_equal(&before, &after));
    fixture_finish(&fixture);
}

/* Runs the fixture's campaign in a child, which is killed at once after its last commit. */
static void run_and_die(struct fixture *fixture, int64_t rounds)
{
    store_close(&fixture->store);
    pid_t child = fork();
    if (child == 0) {
        fixture_reopen(fixture);
        fixture_run(fixture, rounds, 0);
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status));
}

Test(store_open, a_reader_works_on_what_a_killed_writer_left_and_changes_nothing)
{
    struct fixture fixture, whole;
    fixture_init(&whole, fixture_campaign);
    fixture_run(&whole, 4, 0);
    fixture_init(&fixture, fixture_campaign);
    run_and_die(&fixture, 4);
    const long wal = file_size(fixture.path, "-wal"), main = file_size(fixture.path, "");
    cr_assert_gt(wal, 0);
    const struct digest expected = fixture_hash(&whole), found = hash_as_reader(&fixture);
    cr_expect(digest_equal(&expected, &found));
    cr_expect_eq(file_size(fixture.path, "-wal"), wal);
    cr_expect_eq(file_size(fixture.path, ""), main);
    fixture_reopen(&fixture);
    const struct digest again = fixture_hash(&fixture);
    cr_expect(digest_equal(&expected, &again));
    fixture_finish(&fixture);
    fixture_finish(&whole);
}

Test(store_open, a_reader_that_cannot_make_shared_memory_is_told_so)
{
    struct fixture fixture;
    char name[FIXTURE_PATH_SIZE];
    fixture_init(&fixture, fixture_campaign);
    run_and_die(&fixture, 1);
    join(name, &fixture, "results.db-shm");
    unlink(name);
    chmod(fixture.folder, 0555);
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        enum status status = try_open(fixture.path, STORE_READ, &err);
        if (status != STATUS_IO || !strstr(err.message, "-shm"))
            fprintf(stderr, "%s: %s\n", status_name(status), err.message);
        _exit(status == STATUS_IO && strstr(err.message, "-shm") ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    chmod(fixture.folder, 0755);
    fixture_finish(&fixture);
}

Test(store_open, a_killed_writer_loses_its_open_group_and_only_that)
{
    struct fixture fixture;
    struct error err = {0};
    struct stored_segment stored;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 1, 0);
    const struct digest before = fixture_hash(&fixture);
    store_close(&fixture.store);
    pid_t child = fork();
    if (child == 0) {
        fixture_reopen(&fixture);
        error_ignore(store_begin(fixture.store, &err), "the parent checks");
        const struct fixture_work a = fixture_work(&fixture, 3, 1, 0, 0, NULL),
                                  b = fixture_work(&fixture, 4, 1, 0, 0, NULL);
        error_ignore(fixture_put_segment(&fixture, &a, &err), "the parent checks");
        error_ignore(fixture_put_segment(&fixture, &b, &err), "the parent checks");
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    fixture_reopen(&fixture);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    cr_expect_eq(store_get_segment(fixture.store, fixture.campaign, (struct replica_id){3}, (struct segment_id){1},
                                   &stored, &err),
                 STATUS_NOT_FOUND);
    fixture_finish(&fixture);
}

Test(store_open, the_wal_stays_bounded_and_a_slow_reader_raises_the_alarm)
{
    struct fixture fixture;
    struct store *reader;
    struct error err = {0};
    uint32_t epoch;
    static char text[1 << 20];
    memset(text, 'x', sizeof text - 1);
    fixture_init(&fixture, fixture_campaign);
    for (int i = 0; i < 60; i++)
        cr_assert_eq(store_put_event(fixture.store, fixture.campaign, "note", text, &err), STATUS_OK);
    cr_assert_eq(store_raise_epoch(fixture.store, &epoch, &err), STATUS_OK);
    cr_expect_not(store_wal(fixture.store).held_back);
    cr_assert_eq(store_open(fixture.path, STORE_READ, &reader, &err), STATUS_OK);
    bool nested;
    struct digest hash;
    cr_assert_eq(store_begin_reading(reader, &nested, &err), STATUS_OK);
    cr_assert_eq(store_science_hash(reader, fixture.campaign, &hash, &err), STATUS_OK);
    for (int i = 0; i < 70; i++) {
        cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
        cr_assert_eq(store_put_event(fixture.store, fixture.campaign, "note", text, &err), STATUS_OK);
        cr_assert_eq(store_commit(fixture.store, &err), STATUS_OK);
    }
    cr_expect(store_wal(fixture.store).held_back);
    store_end_reading(reader, nested);
    store_close(&reader);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(store_raise_epoch(fixture.store, &epoch, &err), STATUS_OK);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
        cr_assert_eq(store_put_event(fixture.store, fixture.campaign, "note", text, &err), STATUS_OK);
        cr_assert_eq(store_commit(fixture.store, &err), STATUS_OK);
    }
    cr_expect_not(store_wal(fixture.store).held_back, "%d pages", store_wal(fixture.store).pages);
    fixture_finish(&fixture);
}
