/* test_store_repair.c - damage of every kind is found, taken back and computed again; copies are consistent. */
#include "server/store/store_repair.h"

#include "server/store/store_copy.h"
#include "server/store/store_verify.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 4 };

static struct digest hash_undisturbed(void)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, ROUNDS, 0);
    const struct digest hash = fixture_hash(&fixture);
    fixture_finish(&fixture);
    return hash;
}

static bool is_sound(struct fixture *fixture)
{
    struct verify_report report;
    struct error err = {0};
    cr_assert_eq(store_verify(fixture->store, fixture->campaign, &report, &err), STATUS_OK, "%s", err.message);
    return report.ok;
}

/* A database that ran to its end, with the damage that `sql` does. */
static void init_damaged(struct fixture *fixture, const char *sql)
{
    fixture_init(fixture, fixture_campaign);
    fixture_run(fixture, ROUNDS, 0);
    store_close(&fixture->store);
    fixture_sql(fixture->path, sql);
    fixture_reopen(fixture);
}

static void expect_repair(const char *sql, uint32_t rewinds_least)
{
    struct fixture fixture;
    struct repair_report report;
    struct error err = {0};
    const struct digest undisturbed = hash_undisturbed();
    init_damaged(&fixture, sql);
    cr_assert(!is_sound(&fixture), "%s: nothing was damaged", sql);
    cr_assert_eq(store_repair(fixture.store, fixture.campaign, false, &report, &err), STATUS_OK, "%s: %s", sql,
                 err.message);
    cr_expect_gt(report.found.difference_count, 0);
    cr_expect_geq(report.rewind_count, rewinds_least, "%s", sql);
    repair_report_finish(&report);
    cr_expect(is_sound(&fixture), "%s", sql);
    fixture_run(&fixture, ROUNDS, 0);
    cr_expect(is_sound(&fixture), "%s", sql);
    const struct digest hash = fixture_hash(&fixture);
    cr_expect(digest_equal(&hash, &undisturbed), "%s: another hash", sql);
    fixture_finish(&fixture);
}

Test(store_repair, a_flipped_sample_rewinds_its_replica_and_who_met_it_since)
{
    expect_repair(
        "UPDATE sample_thermal SET energy_potential = energy_potential + 1e-9 WHERE replica = 1 AND segment = 2", 2);
}

Test(store_repair, a_sample_of_a_replica_that_meets_nobody_rewinds_only_that)
{
    expect_repair("UPDATE sample_inherent SET energy_inherent = 0.25 WHERE replica = 4 AND segment = 3", 1);
}

Test(store_repair, a_damaged_array_rewinds_its_replica)
{
    expect_repair("UPDATE sample_array SET cells = zeroblob(length(cells)) WHERE replica = 4 AND segment = 3 AND array ="
                  " 'ico_pdf'",
                  1);
}

Test(store_repair, damaged_bytes_of_the_last_snapshot_rewind_to_the_one_before)
{
    expect_repair("UPDATE snapshot SET bytes = zeroblob(length(bytes)) WHERE replica = 3 AND segment = 3", 1);
}

Test(store_repair, without_any_snapshot_a_replica_begins_anew)
{
    expect_repair("UPDATE snapshot SET bytes = zeroblob(length(bytes)) WHERE replica = 0", 1);
}

Test(store_repair, a_damaged_snapshot_that_is_only_kept_is_dropped)
{
    expect_repair("UPDATE snapshot SET bytes = zeroblob(length(bytes)) WHERE replica = 4 AND segment = -1", 0);
}

Test(store_repair, a_flipped_decision_of_the_ledger_is_decided_again)
{
    expect_repair("UPDATE exchange SET accepted = 1 - accepted WHERE round = 1", 2);
}

Test(store_repair, a_lost_exchange_is_decided_again)
{
    expect_repair("DELETE FROM exchange WHERE round = 2", 2);
}

Test(store_repair, lost_samples_and_pair_counts_and_frames_are_computed_again)
{
    expect_repair("DELETE FROM sample_thermal WHERE replica = 2 AND segment = 1", 1);
    expect_repair("UPDATE pdf SET counts = zeroblob(length(counts)) WHERE replica = 3 AND segment = 0", 1);
    expect_repair("UPDATE frame_bytes SET bytes = x'00' WHERE replica = 3 AND segment = 1", 1);
}

Test(store_repair, a_dry_run_says_the_same_and_changes_nothing)
{
    struct fixture fixture;
    struct repair_report dry, wet;
    struct error err = {0};
    init_damaged(&fixture, "UPDATE sample_thermal SET pressure = 1.5 WHERE replica = 1 AND segment = 1");
    const struct digest before = fixture_hash(&fixture);
    cr_assert_eq(store_repair(fixture.store, fixture.campaign, true, &dry, &err), STATUS_OK, "%s", err.message);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    cr_assert_eq(store_repair(fixture.store, fixture.campaign, false, &wet, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(dry.rewind_count, wet.rewind_count);
    cr_expect_eq(memcmp(dry.rewinds, wet.rewinds, dry.rewind_count * sizeof *dry.rewinds), 0);
    repair_report_finish(&dry);
    repair_report_finish(&wet);
    fixture_finish(&fixture);
}

Test(store_repair, what_no_rewinding_mends_is_refused_and_left_alone)
{
    struct fixture fixture;
    struct repair_report report;
    struct error err = {0};
    init_damaged(&fixture, "UPDATE rung SET temperature = temperature + 0.001 WHERE ensemble = 0 AND rung = 1");
    const struct digest before = fixture_hash(&fixture);
    cr_expect_eq(store_repair(fixture.store, fixture.campaign, false, &report, &err), STATUS_CORRUPT);
    cr_expect(strstr(err.message, "nothing was changed") != NULL, "%s", err.message);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    fixture_finish(&fixture);
}

Test(store_repair, a_sound_database_is_left_alone)
{
    struct fixture fixture;
    struct repair_report report;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 2, 0);
    cr_assert_eq(store_repair(fixture.store, fixture.campaign, false, &report, &err), STATUS_OK, "%s", err.message);
    cr_expect(report.found.ok);
    cr_expect_eq(report.rewind_count, 0);
    repair_report_finish(&report);
    fixture_finish(&fixture);
}

/* ---- copies ---- */

static void copy_path(const struct fixture *fixture, char out[FIXTURE_PATH_SIZE])
{
    snprintf(out, FIXTURE_PATH_SIZE, "%.490s/copy.db", fixture->folder);
}

Test(store_copy, a_copy_taken_amid_a_transaction_goes_on_to_the_same_hash)
{
    struct fixture fixture;
    struct store *reader = NULL;
    struct error err = {0};
    char path[FIXTURE_PATH_SIZE];
    const struct digest undisturbed = hash_undisturbed();
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 2, 0);
    const struct digest committed = fixture_hash(&fixture);
    copy_path(&fixture, path);
    cr_assert_eq(store_open(fixture.path, STORE_READ, &reader, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    cr_assert_eq(store_put_event(fixture.store, fixture.campaign, "note", "not committed", &err), STATUS_OK);
    cr_assert_eq(store_copy(reader, path, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(store_copy(reader, path, &err), STATUS_CONFLICT);
    store_rollback(fixture.store);
    store_close(&reader);
    store_close(&fixture.store);
    cr_assert_eq(rename(path, fixture.path), 0);
    fixture_reopen(&fixture);
    const struct digest copied = fixture_hash(&fixture);
    cr_expect(digest_equal(&copied, &committed));
    fixture_run(&fixture, ROUNDS, 0);
    const struct digest hash = fixture_hash(&fixture);
    cr_expect(digest_equal(&hash, &undisturbed));
    fixture_finish(&fixture);
}

Test(store_copy, damage_is_not_copied)
{
    struct fixture fixture;
    struct error err = {0};
    char path[FIXTURE_PATH_SIZE];
    init_damaged(&fixture, "UPDATE sample_thermal SET pressure = 1.5 WHERE replica = 1 AND segment = 1");
    copy_path(&fixture, path);
    cr_expect_eq(store_copy(fixture.store, path, &err), STATUS_CORRUPT);
    cr_expect(access(path, F_OK) != 0);
    fixture_finish(&fixture);
}

Test(store_copy, compacting_keeps_the_hash)
{
    struct fixture fixture;
    struct error err = {0};
    uint32_t pruned;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, ROUNDS, 0);
    const struct digest before = fixture_hash(&fixture);
    cr_assert_eq(store_prune_snapshots(fixture.store, fixture.campaign, 100, &pruned, &err), STATUS_OK);
    cr_assert_eq(store_compact(fixture.store, &err), STATUS_OK, "%s", err.message);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    cr_expect(is_sound(&fixture));
    fixture_finish(&fixture);
}
