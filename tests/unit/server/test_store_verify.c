/* test_store_verify.c - verify finds what is wrong, and only that. */
#include "server/store/store_verify.h"

#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct verify_report verify(struct fixture *fixture)
{
    static struct verify_report report;
    struct error err = {0};
    cr_assert_eq(store_verify(fixture->store, fixture->campaign, &report, &err), STATUS_OK, "%s", err.message);
    return report;
}

Test(store_verify, a_good_database_has_no_differences)
{
    struct fixture fixture;
    struct error err = {0};
    uint32_t pruned;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 4, 0);
    cr_assert_eq(store_prune_snapshots(fixture.store, fixture.campaign, 1000, &pruned, &err), STATUS_OK);
    const struct verify_report report = verify(&fixture);
    cr_expect(report.ok, "%s", report.differences[0]);
    cr_expect(report.segments == 30 && report.exchanges == 4 && report.frames == 25 && report.pdfs == 25);
    cr_expect_eq(report.samples, 5 * (5 * 2 + 5) + 2 * 5 * (1 + 2 + 1),
                 "with structure, displacements and relaxation of two replicas");
    cr_expect_eq(report.arrays, 2 * 5 * (13 + 2 * 3 + 1));
    cr_expect_eq(report.snapshots, 5 * (1 + STORE_SNAPSHOTS_KEPT));
    fixture_finish(&fixture);
}

Test(store_verify, an_unfinished_campaign_has_no_differences)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    cr_expect(verify(&fixture).ok);
    fixture_run(&fixture, 1, 0);
    cr_expect(verify(&fixture).ok);
    fixture_finish(&fixture);
}

Test(store_verify, an_extended_campaign_has_no_differences)
{
    struct fixture fixture;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 4, 0);
    cr_assert_eq(fixture_put_campaign(&fixture, fixture_campaign_longer, &err), STATUS_OK);
    fixture_run(&fixture, 8, 0);
    cr_expect(verify(&fixture).ok);
    fixture_finish(&fixture);
}

static const struct {
    const char *sql;
    const char *finding; /* what one of the differences says */
} damages[] = {
    {"UPDATE sample_thermal SET pressure = pressure + 1e-12 WHERE step = 100 AND replica = 0", "output digest"},
    {"UPDATE sample_inherent SET ico_percolates = NULL WHERE step = 200 AND replica = 1", "output digest"},
    {"UPDATE sample_inherent SET fk_z14 = NULL WHERE step = 200 AND replica = 1", "output digest"},
    {"DELETE FROM sample_inherent WHERE step = 200 AND replica = 1", "output digest"},
    {"UPDATE sample_structure SET ico_length = ico_length + 1e-12 WHERE step = 200 AND replica = 4", "output digest"},
    {"UPDATE sample_dynamics SET lag = lag + 1 WHERE step = 150 AND replica = 4", "output digest"},
    {"UPDATE sample_relaxation SET relaxation_time = relaxation_time + 1 WHERE step = 200 AND replica = 4",
     "output digest"},
    {"DELETE FROM sample_relaxation WHERE step = 200 AND replica = 4", "output digest"},
    {"UPDATE sample_array SET cells = zeroblob(length(cells)) WHERE array = 'bonds' AND step = 200 AND replica = 4",
     "does not have its digest"},
    {"UPDATE sample_array SET rows = 2 WHERE array = 'bonds' AND step = 200 AND replica = 4", "output digest"},
    {"UPDATE sample_array SET array = 'bends' WHERE array = 'bonds' AND step = 200 AND replica = 4",
     "no array 'bends'"},
    {"DELETE FROM sample_array WHERE array = 'movers' AND step = 150 AND replica = 4", "output digest"},
    {"UPDATE segment SET energy_potential = energy_potential + 1e-9 WHERE segment = 1 AND replica = 2",
     "output digest"},
    {"UPDATE segment SET energy_potential = energy_potential + 1e-9 WHERE segment = 1 AND replica = 2",
     "does not fit segment 1"},
    {"UPDATE segment SET identity_attempts = 10, identity_accepted = 1 WHERE segment = 1 AND replica = 2",
     "output digest"},
    {"UPDATE segment SET input = zeroblob(32) WHERE segment = 2 AND replica = 3", "not computed from"},
    {"UPDATE segment SET snapshot = zeroblob(32) WHERE segment = 1 AND replica = 3", "not computed from"},
    {"UPDATE segment SET temperature_last = 0.76 WHERE segment = 1 AND replica = 3", "not the work"},
    {"UPDATE segment SET steps = 50 WHERE segment = 1 AND replica = 3", "not the work"},
    {"UPDATE segment SET rung = (rung + 1) % 3 WHERE segment = 1 AND replica = 0", "the ledger says"},
    {"UPDATE exchange SET uniform = uniform * 1.0000000000000002 WHERE round = 1", "not what its energies decide"},
    {"UPDATE exchange SET accepted = 1 - accepted WHERE round = 1", "not what its energies decide"},
    {"UPDATE exchange SET log_weight = log_weight + 1e-15 WHERE round = 1", "not what its energies decide"},
    {"UPDATE exchange SET energy_hot = energy_hot + 1e-9 WHERE round = 1", "does not fit segment"},
    {"DELETE FROM exchange WHERE round = 1", "without an exchange"},
    {"UPDATE exchange SET rung_cold = 0 WHERE round = 1", "has no exchange in round 1"},
    {"UPDATE pdf SET counts = zeroblob(384) WHERE segment = 1 AND replica = 1", "do not have their digest"},
    {"UPDATE frame_bytes SET bytes = CAST(substr(bytes, 1, 100) || x'ff' || substr(bytes, 102) AS BLOB)"
     " WHERE replica = 1 AND segment = 1",
     "frame at step 200"},
    {"DELETE FROM frame_bytes WHERE replica = 1 AND segment = 1", "has no bytes"},
    {"UPDATE snapshot SET bytes = zeroblob(100) WHERE replica = 1 AND segment = 3", "snapshot of segment 3"},
    {"UPDATE snapshot SET digest = zeroblob(32) WHERE replica = 1 AND segment = 3", "another digest"},
    {"DELETE FROM snapshot WHERE replica = 1 AND segment = 3", "cannot go on"},
    {"UPDATE ensemble SET spec = zeroblob(32) WHERE ensemble = 0", "not specified as"},
    {"UPDATE rung SET temperature = 0.81 WHERE ensemble = 0 AND rung = 1", "rung 1 of ensemble 0"},
    {"UPDATE replica SET copy = 5 WHERE replica = 4", "replica 4"},
    {"PRAGMA foreign_keys = OFF; DELETE FROM segment WHERE replica = 3 AND segment = 2", "where 2 should be"},
};

static bool is_found(const struct verify_report *report, const char *finding)
{
    for (uint32_t i = 0; i < report->kept; i++)
        if (strstr(report->differences[i], finding))
            return true;
    return false;
}

Test(store_verify, every_damage_is_found_and_named)
{
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct fixture fixture;
        fixture_init(&fixture, fixture_campaign);
        fixture_run(&fixture, 4, 0);
        store_close(&fixture.store);
        fixture_sql(fixture.path, damages[i].sql);
        fixture_reopen(&fixture);
        const struct verify_report report = verify(&fixture);
        cr_expect(!report.ok && is_found(&report, damages[i].finding), "%s: %s", damages[i].sql, report.differences[0]);
        fixture_finish(&fixture);
    }
}

Test(store_verify, a_report_of_many_differences_stays_bounded)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign_longer);
    fixture_run(&fixture, 8, 0);
    store_close(&fixture.store);
    fixture_sql(fixture.path, "UPDATE segment SET output = zeroblob(32); UPDATE segment SET input = zeroblob(32)");
    fixture_reopen(&fixture);
    const struct verify_report report = verify(&fixture);
    cr_expect_eq(report.kept, VERIFY_DIFFERENCES_MAX);
    cr_expect_eq(report.difference_count, 2 * 50);
    fixture_finish(&fixture);
}

Test(store_verify, a_campaign_that_is_not_there_is_not_found)
{
    struct fixture fixture;
    struct verify_report report;
    struct error err;
    fixture_init(&fixture, fixture_campaign);
    cr_expect_eq(store_verify(fixture.store, (struct campaign_id){9}, &report, &err), STATUS_NOT_FOUND);
    fixture_finish(&fixture);
}
