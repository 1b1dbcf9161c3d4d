/* test_store.c - what is put comes back; groups are whole; the hash is of the science and of nothing else. */
#include "server/store/store.h"
#include "server/store/store_verify.h"

#include "common/mem.h"
#include "common/snapshot.h"
#include "server/store/store_verify.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- campaigns ---- */

Test(store, a_campaign_comes_back_as_it_was_put)
{
    struct fixture fixture;
    struct campaign again;
    struct campaign_id id;
    struct error err = {0};
    uint32_t count;
    fixture_init(&fixture, fixture_campaign);
    fixture_reopen(&fixture);
    cr_assert_eq(store_count_campaigns(fixture.store, &count, &err), STATUS_OK);
    cr_expect_eq(count, 1);
    cr_assert_eq(store_find_campaign(fixture.store, "fixture", &id, &err), STATUS_OK);
    cr_expect_eq(id.value, fixture.campaign.value);
    cr_expect_eq(store_find_campaign(fixture.store, "other", &id, &err), STATUS_NOT_FOUND);
    cr_assert_eq(store_get_campaign(fixture.store, fixture.campaign, &again, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(again.replica_count, fixture.spec.replica_count);
    cr_expect_eq(again.seed, fixture.spec.seed);
    cr_expect_str_eq(again.name, "fixture");
    campaign_finish(&again);
    cr_expect_eq(store_get_campaign(fixture.store, (struct campaign_id){2}, &again, &err), STATUS_NOT_FOUND);
    fixture_finish(&fixture);
}

static int64_t count_rows(struct fixture *fixture, const char *table)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return fixture_number(fixture->path, sql);
}

Test(store, the_same_text_again_changes_nothing_and_another_text_extends)
{
    struct fixture fixture;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    cr_assert_eq(fixture_put_campaign(&fixture, fixture_campaign, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(count_rows(&fixture, "campaign_version"), 1);
    cr_assert_eq(fixture_put_campaign(&fixture, fixture_campaign_longer, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(count_rows(&fixture, "campaign_version"), 2);
    cr_expect_eq(campaign_production_segments(&fixture.spec, (struct ensemble_id){0}), 8);
    cr_expect_eq(fixture_put_campaign(&fixture, fixture_campaign, &err), STATUS_CAMPAIGN);
    cr_expect_eq(count_rows(&fixture, "campaign_version"), 2);
    fixture_finish(&fixture);
}

Test(store, new_replicas_get_new_numbers_and_old_ones_keep_theirs)
{
    struct fixture fixture;
    struct error err = {0};
    char text[4096], *place;
    fixture_init(&fixture, fixture_campaign);
    snprintf(text, sizeof text, "%s", fixture_campaign);
    place = strstr(text, "replicas: 2");
    cr_assert(place);
    place[strlen("replicas: ")] = '4';
    cr_assert_eq(fixture_put_campaign(&fixture, text, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(fixture.spec.replica_count, 7);
    cr_expect_eq(fixture.spec.replicas[6].copy, 3);
    cr_expect_eq(count_rows(&fixture, "replica"), 7);
    fixture_reopen(&fixture);
    struct campaign again;
    cr_assert_eq(store_get_campaign(fixture.store, fixture.campaign, &again, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(memcmp(again.replicas, fixture.spec.replicas, 7 * sizeof *again.replicas), 0);
    campaign_finish(&again);
    fixture_finish(&fixture);
}

/* ---- segments ---- */

/* The first segment of replica 3, put and committed. */
static struct fixture_work put_first(struct fixture *fixture)
{
    struct error err = {0};
    const struct fixture_work work = fixture_work(fixture, 3, -2, 0, 0, NULL);
    cr_assert_eq(store_begin(fixture->store, &err), STATUS_OK);
    cr_assert_eq(fixture_put_segment(fixture, &work, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(store_commit(fixture->store, &err), STATUS_OK, "%s", err.message);
    return work;
}

Test(store, a_segment_comes_back_as_it_was_put)
{
    struct fixture fixture;
    struct stored_segment stored;
    struct segment_result result;
    struct error err = {0};
    uint8_t *bytes;
    size_t size;
    fixture_init(&fixture, fixture_campaign);
    const struct fixture_work work = put_first(&fixture);
    fixture_reopen(&fixture);
    fixture_result(&work, &result);
    cr_assert_eq(
        store_get_segment(fixture.store, fixture.campaign, work.spec.replica, work.spec.segment, &stored, &err),
        STATUS_OK);
    cr_expect(digest_equal(&stored.input, &result.input) && digest_equal(&stored.output, &result.output) &&
              digest_equal(&stored.snapshot, &result.snapshot));
    cr_expect_eq(stored.energy_potential, result.energy_potential);
    cr_assert_eq(store_get_snapshot(fixture.store, &result.snapshot, &bytes, &size, &err), STATUS_OK);
    cr_expect(size == result.snapshot_size && memcmp(bytes, result.snapshot_bytes, size) == 0);
    mem_free(bytes);
    cr_expect_eq(store_get_snapshot(fixture.store, &result.output, &bytes, &size, &err), STATUS_NOT_FOUND);
    segment_result_finish(&result);
    fixture_finish(&fixture);
}

Test(store, a_segment_is_stored_once_and_the_group_survives_the_refusal)
{
    struct fixture fixture;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    const struct fixture_work work = put_first(&fixture), other = fixture_work(&fixture, 4, -2, 0, 0, NULL);
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    cr_assert_eq(fixture_put_segment(&fixture, &other, &err), STATUS_OK);
    cr_expect_eq(fixture_put_segment(&fixture, &work, &err), STATUS_CONFLICT);
    cr_expect(strstr(err.message, "segment -2 of replica 3"), "%s", err.message);
    cr_assert_eq(store_commit(fixture.store, &err), STATUS_OK);
    cr_expect_eq(count_rows(&fixture, "segment"), 2);
    fixture_finish(&fixture);
}

Test(store, a_segment_that_fails_half_way_takes_only_itself_back)
{
    struct fixture fixture;
    struct error err = {0};
    struct segment_result result;
    const struct provenance provenance = fixture_provenance();
    fixture_init(&fixture, fixture_campaign);
    put_first(&fixture);
    const struct fixture_work good = fixture_work(&fixture, 4, -2, 0, 0, NULL),
                              bad = fixture_work(&fixture, 3, -1, 0, 0, NULL);
    fixture_result(&bad, &result);
    result.samples[result.sample_count - 1].values[0] = NAN;
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    cr_assert_eq(fixture_put_segment(&fixture, &good, &err), STATUS_OK);
    cr_expect_eq(store_put_segment(fixture.store, fixture.campaign, &bad.spec, bad.rung, &result, &provenance, &err),
                 STATUS_INVALID);
    cr_expect(strstr(err.message, "not finite"), "%s", err.message);
    cr_assert_eq(store_commit(fixture.store, &err), STATUS_OK);
    cr_expect_eq(count_rows(&fixture, "segment"), 2);
    cr_expect_eq(count_rows(&fixture, "sample_thermal"), 0);
    segment_result_finish(&result);
    fixture_finish(&fixture);
}

Test(store, what_is_rolled_back_was_never_there)
{
    struct fixture fixture;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 1, 0);
    const struct digest before = fixture_hash(&fixture);
    const struct fixture_work work = fixture_work(&fixture, 3, 1, 0, 0, NULL);
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    cr_assert_eq(fixture_put_segment(&fixture, &work, &err), STATUS_OK);
    store_rollback(fixture.store);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    fixture_finish(&fixture);
}

Test(store, an_exchange_needs_both_segments_and_is_decided_once)
{
    struct fixture fixture;
    struct error err = {0};
    struct exchange exchange, again;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 2, 0);
    cr_assert_eq(store_get_exchange(fixture.store, fixture.campaign, (struct ensemble_id){0}, (struct segment_id){1},
                                    (struct rung_id){2}, &exchange, &err),
                 STATUS_OK);
    cr_expect_eq(exchange.rung_cold.value, 1);
    again = exchange;
    exchange_decide(&again, fixture.spec.seed, 0.80, 0.90);
    cr_expect(again.log_weight == exchange.log_weight && again.uniform == exchange.uniform &&
              again.accepted == exchange.accepted);
    cr_expect_eq(store_get_exchange(fixture.store, fixture.campaign, (struct ensemble_id){0}, (struct segment_id){1},
                                    (struct rung_id){0}, &exchange, &err),
                 STATUS_NOT_FOUND);
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    cr_expect_eq(store_put_exchange(fixture.store, fixture.campaign, &again, &err), STATUS_CONFLICT);
    again.round.value = 3;
    cr_expect_eq(store_put_exchange(fixture.store, fixture.campaign, &again, &err), STATUS_CONFLICT);
    store_rollback(fixture.store);
    fixture_finish(&fixture);
}

struct lasts {
    uint32_t count;
    uint32_t replica[16];
    int64_t segment[16];
};

static enum status note_last(void *context, const struct stored_segment *segment, struct error *err)
{
    struct lasts *lasts = context;
    lasts->replica[lasts->count] = segment->replica.value;
    lasts->segment[lasts->count++] = segment->segment.value;
    return segment->replica.value == 99 ? error_set(err, STATUS_LIMIT, "enough") : STATUS_OK;
}

Test(store, the_last_segment_of_each_replica_is_visited_in_order)
{
    struct fixture fixture;
    struct error err = {0};
    struct lasts lasts = {0};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 3, 2);
    cr_assert_eq(store_visit_last_segments(fixture.store, fixture.campaign, note_last, &lasts, &err), STATUS_OK);
    cr_expect_eq(lasts.count, 5);
    for (uint32_t i = 0; i < lasts.count; i++)
        cr_expect(lasts.replica[i] == i && lasts.segment[i] == 2);
    fixture_finish(&fixture);
}

/* ---- audits ---- */

static enum status count_record(void *context, const struct stored_record *record, struct error *err)
{
    int *count = context;
    (void)err;
    *count += record->segment.replica.value == 3;
    return STATUS_OK;
}

static int count_records(const struct fixture *fixture, bool unaudited)
{
    int count = 0;
    struct error err = {0};
    cr_assert_eq(store_visit_records(fixture->store, fixture->campaign, (struct replica_id){3}, (struct segment_id){0},
                                     (struct segment_id){7}, unaudited, count_record, &count, &err),
                 STATUS_OK, "%s", err.message);
    return count;
}

/* A worker of today would measure more than is stored, and its output differ: nobody would be wrong. */
Test(store, a_segment_that_is_older_than_a_quantity_is_not_audited)
{
    struct fixture fixture;
    struct error err = {0};
    const uint8_t worker[16] = {7};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 4, 0);
    cr_expect_eq(count_records(&fixture, true), 4);
    fixture_sql(fixture.path, "UPDATE sample_inherent SET b2_largest = NULL WHERE replica = 3 AND segment = 2");
    cr_expect_eq(count_records(&fixture, true), 3);
    cr_assert_eq(store_put_audit(fixture.store, fixture.campaign, (struct replica_id){3}, (struct segment_id){1}, "h",
                                 worker, &err),
                 STATUS_OK);
    cr_expect_eq(count_records(&fixture, true), 2);
    cr_expect_eq(count_records(&fixture, false), 4);
    fixture_finish(&fixture);
}

/* ---- taking back ---- */

Test(store, a_segment_is_taken_back_with_all_that_came_of_it_and_what_stays_is_consistent)
{
    struct fixture fixture;
    struct error err = {0};
    uint64_t segments = 0;
    fixture_init(&fixture, fixture_campaign_longer);
    fixture_run(&fixture, 8, 0);
    static struct verify_report report;
    const int64_t all = count_rows(&fixture, "segment");
    const uint8_t worker[16] = {7};
    cr_assert_eq(store_put_audit(fixture.store, fixture.campaign, (struct replica_id){0}, (struct segment_id){6}, "h",
                                 worker, &err),
                 STATUS_OK);
    cr_assert_eq(store_retract(fixture.store, fixture.campaign, (struct replica_id){0}, (struct segment_id){5}, "test",
                               &segments, &err),
                 STATUS_OK, "%s", err.message);
    cr_expect_eq(count_rows(&fixture, "segment"), all - (int64_t)segments);
    cr_expect_eq(count_rows(&fixture, "segment WHERE replica = 0 AND segment >= 5"), 0);
    cr_expect_eq(count_rows(&fixture, "segment WHERE replica >= 3 AND segment >= 5"), 6, "isotherms are not touched");
    cr_expect_eq(count_rows(&fixture, "exchange WHERE round > 5"), 0, "a ladder of three is all in the cone by then");
    cr_expect_eq(count_rows(&fixture, "exchange WHERE round < 5"), 5);
    cr_expect_eq(count_rows(&fixture, "audit"), 0);
    cr_expect_eq(count_rows(&fixture, "retraction WHERE replica = 0 AND generation = 1 AND segment_first = 5"), 1);
    cr_expect_eq(count_rows(&fixture, "event WHERE kind = 'retract'"), 1);
    cr_assert_eq(store_verify(fixture.store, fixture.campaign, &report, &err), STATUS_OK);
    cr_expect(report.ok, "%s", report.differences[0]);
    fixture_finish(&fixture);
}

Test(store, a_retraction_goes_back_to_a_snapshot_that_is_there)
{
    struct fixture fixture;
    struct error err = {0};
    uint64_t segments = 0;
    uint32_t pruned;
    fixture_init(&fixture, fixture_campaign_longer);
    fixture_run(&fixture, 8, 0);
    cr_assert_eq(store_prune_snapshots(fixture.store, fixture.campaign, 1000, &pruned, &err), STATUS_OK);
    cr_assert_eq(store_retract(fixture.store, fixture.campaign, (struct replica_id){3}, (struct segment_id){3}, "test",
                               &segments, &err),
                 STATUS_OK, "%s", err.message);
    cr_expect_eq(segments, 8, "the snapshots of segments 0 to 3 are pruned, that of -1 is kept");
    cr_expect_eq(count_rows(&fixture, "retraction WHERE replica = 3 AND segment_first = 0"), 1);
    fixture_finish(&fixture);
}

static enum status count_quarantined(void *context, const char *host, const uint8_t *worker_uuid, struct error *err)
{
    int *counts = context;
    (void)err;
    counts[worker_uuid != NULL] += strcmp(host, "liar") == 0;
    return STATUS_OK;
}

Test(store, a_quarantined_host_and_a_quarantined_worker_are_remembered)
{
    struct fixture fixture;
    struct error err = {0};
    const uint8_t worker[16] = {7};
    int counts[2] = {0};
    fixture_init(&fixture, fixture_campaign);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(store_put_quarantine(fixture.store, "liar", NULL, &err), STATUS_OK);
        cr_assert_eq(store_put_quarantine(fixture.store, "liar", worker, &err), STATUS_OK);
    }
    fixture_reopen(&fixture);
    cr_assert_eq(store_visit_quarantine(fixture.store, count_quarantined, counts, &err), STATUS_OK);
    cr_expect(counts[0] == 1 && counts[1] == 1);
    fixture_finish(&fixture);
}

/* ---- pruning ---- */

static bool has_snapshot(struct fixture *fixture, int64_t segment)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM snapshot WHERE replica = 3 AND segment = %lld", (long long)segment);
    return fixture_number(fixture->path, sql) == 1;
}

Test(store, pruning_keeps_the_first_of_production_the_last_four_and_every_kth)
{
    struct fixture fixture;
    struct error err = {0};
    char text[4096];
    uint32_t pruned;
    snprintf(text, sizeof text, "%sstore: {snapshot_keep_every: 4}\n", fixture_campaign_longer);
    fixture_init(&fixture, text);
    fixture_run(&fixture, 8, 0);
    const struct digest before = fixture_hash(&fixture);
    cr_assert_eq(store_prune_snapshots(fixture.store, fixture.campaign, 3, &pruned, &err), STATUS_OK);
    cr_expect_eq(pruned, 3);
    cr_assert_eq(store_prune_snapshots(fixture.store, fixture.campaign, 1000, &pruned, &err), STATUS_OK);
    for (int64_t segment = -2; segment < 8; segment++)
        cr_expect_eq(has_snapshot(&fixture, segment),
                     segment == -1 || segment >= 8 - STORE_SNAPSHOTS_KEPT || segment == 0, "segment %d", (int)segment);
    cr_assert_eq(store_prune_snapshots(fixture.store, fixture.campaign, 1000, &pruned, &err), STATUS_OK);
    cr_expect_eq(pruned, 0);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    fixture_finish(&fixture);
}

/* ---- the hash ---- */

Test(store, the_hash_does_not_depend_on_the_order_of_arrival)
{
    struct fixture one, two;
    fixture_init(&one, fixture_campaign);
    fixture_init(&two, fixture_campaign);
    fixture_run(&one, 4, 0);
    fixture_run(&two, 4, 3);
    const struct digest a = fixture_hash(&one), b = fixture_hash(&two);
    cr_expect(digest_equal(&a, &b));
    fixture_finish(&one);
    fixture_finish(&two);
}

Test(store, the_hash_of_an_extended_run_is_that_of_a_long_one)
{
    struct fixture one, two;
    struct error err = {0};
    fixture_init(&one, fixture_campaign_longer);
    fixture_run(&one, 8, 0);
    fixture_init(&two, fixture_campaign);
    fixture_run(&two, 4, 3);
    fixture_reopen(&two);
    cr_assert_eq(fixture_put_campaign(&two, fixture_campaign_longer, &err), STATUS_OK, "%s", err.message);
    const struct digest a = fixture_hash(&one);
    struct digest b = fixture_hash(&two);
    cr_expect_not(digest_equal(&a, &b));
    fixture_run(&two, 8, 1);
    b = fixture_hash(&two);
    cr_expect(digest_equal(&a, &b));
    fixture_finish(&one);
    fixture_finish(&two);
}

Test(store, the_hash_does_not_depend_on_the_number_of_the_campaign_or_on_its_neighbours)
{
    struct fixture one, two;
    struct error err = {0};
    char other[4096], *name;
    snprintf(other, sizeof other, "%s", fixture_campaign);
    name = strstr(other, "campaign: fixture");
    cr_assert(name);
    memcpy(name, "campaign: another", strlen("campaign: another"));
    fixture_init(&one, fixture_campaign);
    fixture_run(&one, 4, 0);
    fixture_init(&two, other);
    fixture_run(&two, 2, 0);
    cr_assert_eq(fixture_put_campaign(&two, fixture_campaign, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(two.campaign.value, 2);
    fixture_run(&two, 4, 0);
    const struct digest a = fixture_hash(&one), b = fixture_hash(&two);
    cr_expect(digest_equal(&a, &b));
    fixture_finish(&one);
    fixture_finish(&two);
}

static const char *const harmless[] = {
    "VACUUM",
    "REINDEX",
    "ANALYZE",
    "UPDATE provenance SET cpu_time_ns = 1, stored_us = 2",
    "UPDATE host SET name = 'elsewhere'",
    "DELETE FROM snapshot_prunable; DELETE FROM snapshot",
    "UPDATE worker SET build = '9.9'",
    "INSERT INTO event (kind, text, happened_us) VALUES ('note', 'hello', 3)",
    "INSERT INTO epoch (epoch, host, pid, started_us) VALUES (7, 'a', 1, 1)",
    "ALTER TABLE segment ADD COLUMN later REAL",
};

Test(store, operational_rows_and_housekeeping_do_not_change_the_hash)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 3, 0);
    const struct digest before = fixture_hash(&fixture);
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        store_close(&fixture.store);
        fixture_sql(fixture.path, harmless[i]);
        struct error err = {0};
        cr_assert_eq(store_open(fixture.path, STORE_WRITE, &fixture.store, &err), STATUS_OK, "%s", err.message);
        const struct digest after = fixture_hash(&fixture);
        cr_expect(digest_equal(&before, &after), "%s", harmless[i]);
    }
    fixture_finish(&fixture);
}

static const char *const science[] = {
    "UPDATE campaign SET seed = seed + 1",
    "UPDATE ensemble SET dt = dt * 1.0000000000000002 WHERE ensemble = 1",
    "UPDATE ensemble SET spec = zeroblob(32) WHERE ensemble = 0",
    "UPDATE rung SET temperature = 0.8000000000000002 WHERE rung = 1",
    "UPDATE replica SET copy = copy + 1 WHERE replica = 4",
    "UPDATE segment SET energy_potential = energy_potential + 1e-9 WHERE segment = 1 AND replica = 2",
    "UPDATE segment SET output = zeroblob(32) WHERE segment = 1 AND replica = 2",
    "UPDATE segment SET rung = 1 WHERE segment = -1 AND replica = 0",
    "UPDATE segment SET temperature_first = NULL WHERE segment = 1 AND replica = 2",
    "UPDATE exchange SET accepted = 1 - accepted WHERE round = 0",
    "UPDATE exchange SET uniform = uniform * 1.0000000000000002 WHERE round = 1",
    "UPDATE sample_thermal SET pressure = pressure + 1e-12 WHERE step = 100 AND replica = 0",
    "UPDATE sample_inherent SET ico_fraction_large = 0.5 WHERE step = 100 AND replica = 0",
    "UPDATE sample_thermal SET step = 101 WHERE step = 100 AND replica = 0",
    "DELETE FROM sample_inherent WHERE step = 200 AND replica = 1",
    "UPDATE sample_structure SET ico_length = 0.5 WHERE step = 100 AND replica = 4",
    "UPDATE sample_dynamics SET scattering_self = 0.5 WHERE step = 150 AND replica = 4",
    "UPDATE sample_relaxation SET independence_wait = 0.5 WHERE step = 200 AND replica = 4",
    "UPDATE sample_array SET cells = zeroblob(length(cells)) WHERE array = 'local' AND step = 200 AND replica = 4",
    "DELETE FROM sample_dynamics WHERE step = 150 AND replica = 4",
    "UPDATE pdf SET counts = zeroblob(384) WHERE segment = 1 AND replica = 1",
    "UPDATE pdf SET frames = 3 WHERE segment = 1 AND replica = 1",
    "UPDATE frame SET digest = zeroblob(32) WHERE segment = 1 AND replica = 1",
};

Test(store, every_science_cell_changes_the_hash)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 3, 0);
    struct digest before = fixture_hash(&fixture);
    for (size_t i = 0; i < sizeof science / sizeof science[0]; i++) {
        store_close(&fixture.store);
        fixture_sql(fixture.path, science[i]);
        struct error err = {0};
        cr_assert_eq(store_open(fixture.path, STORE_WRITE, &fixture.store, &err), STATUS_OK, "%s", err.message);
        const struct digest after = fixture_hash(&fixture);
        cr_expect_not(digest_equal(&before, &after), "%s", science[i]);
        before = after;
    }
    fixture_finish(&fixture);
}

/* ---- numbers ---- */

Test(store, doubles_come_back_to_the_last_bit)
{
    static const double numbers[] = {0.1, 3.0, -2.5e-310, 1.7976931348623157e308, 9007199254740993.0, 1e15, -1.0 / 3.0};
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 0, 0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct segment_result result;
        struct stored_segment stored;
        struct error err = {0};
        const struct provenance provenance = fixture_provenance();
        const struct fixture_work work = fixture_work(&fixture, 3, (int64_t)i, 0, 0, NULL);
        fixture_result(&work, &result);
        result.energy_potential = numbers[i];
        cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
        cr_assert_eq(
            store_put_segment(fixture.store, fixture.campaign, &work.spec, work.rung, &result, &provenance, &err),
            STATUS_OK, "%s", err.message);
        cr_assert_eq(store_commit(fixture.store, &err), STATUS_OK);
        cr_assert_eq(
            store_get_segment(fixture.store, fixture.campaign, work.spec.replica, work.spec.segment, &stored, &err),
            STATUS_OK);
        cr_expect_eq(memcmp(&stored.energy_potential, &numbers[i], sizeof(double)), 0, "%a", numbers[i]);
        segment_result_finish(&result);
    }
    fixture_finish(&fixture);
}

Test(store, a_negative_zero_is_refused_because_it_would_come_back_as_zero)
{
    struct fixture fixture;
    struct segment_result result;
    struct error err = {0};
    const struct provenance provenance = fixture_provenance();
    fixture_init(&fixture, fixture_campaign);
    const struct fixture_work work = fixture_work(&fixture, 3, -2, 0, 0, NULL);
    fixture_result(&work, &result);
    result.energy_potential = -0.0;
    cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK);
    cr_expect_eq(store_put_segment(fixture.store, fixture.campaign, &work.spec, work.rung, &result, &provenance, &err),
                 STATUS_INVALID);
    cr_expect(strstr(err.message, "-0.0"), "%s", err.message);
    store_rollback(fixture.store);
    segment_result_finish(&result);
    fixture_finish(&fixture);
}

/* ---- T_f by the name of a quench ensemble ---- */

static bool find_once(void *context, const char *campaign, const char *source, struct glass_found *out,
                      char why[GLASS_WHY_SIZE])
{
    int *calls = context;
    (void)campaign;
    if (++*calls > 1 || strcmp(source, "cool") != 0) {
        snprintf(why, GLASS_WHY_SIZE, "asked again");
        return false;
    }
    *out = (struct glass_found){.temperature = 0.487, .quenches = 8, .definition = "where lines meet"};
    return true;
}

static enum status put_text(struct fixture *fixture, const char *text, const struct glass_source *glass,
                            struct campaign *out, struct error *err)
{
    struct campaign_id id;
    return store_put_campaign(fixture->store, "warm.yaml", text, strlen(text), glass, stderr, &id, out, err);
}

#define WARM(more)                                                                                                     \
    "campaign: warm\nseed: 1\nTf: cool\nensembles:\n"                                                                  \
    "  - {name: a, mode: isotherm, temperatures: [1.2 Tf" more "], steps: 100000}\n"

Test(store, a_glass_temperature_is_found_once_and_kept_with_the_campaign)
{
    struct fixture fixture;
    struct campaign campaign;
    struct campaign_id id;
    struct error err = {0};
    int calls = 0;
    const struct glass_source glass = {find_once, &calls};
    fixture_init(&fixture, fixture_campaign);
    cr_expect_eq(put_text(&fixture, WARM(""), NULL, &campaign, &err), STATUS_CAMPAIGN, "nobody knows");
    cr_assert_eq(put_text(&fixture, WARM(""), &glass, &campaign, &err), STATUS_OK, "%s", err.message);
    cr_expect_float_eq(campaign.ensembles[0].temperatures[0], 0.5844, 1e-12);
    campaign_finish(&campaign);
    cr_expect_eq(fixture_number(fixture.path, "SELECT count(*) FROM glass WHERE source = 'cool' AND temperature = 0.487"
                                              " AND quenches = 8 AND definition = 'where lines meet'"),
                 1);
    cr_assert_eq(put_text(&fixture, WARM(", 1.3 Tf"), &glass, &campaign, &err), STATUS_OK, "%s", err.message);
    cr_expect_float_eq(campaign.ensembles[0].temperatures[1], 0.6331, 1e-12);
    campaign_finish(&campaign);
    cr_expect_eq(calls, 1);
    fixture_reopen(&fixture);
    cr_assert_eq(store_find_campaign(fixture.store, "warm", &id, &err), STATUS_OK);
    cr_assert_eq(store_get_campaign(fixture.store, id, &campaign, &err), STATUS_OK, "%s", err.message);
    cr_expect_float_eq(campaign.ensembles[0].temperatures[0], 0.5844, 1e-12);
    campaign_finish(&campaign);
    struct digest with, without;
    cr_assert_eq(store_science_hash(fixture.store, id, &with, &err), STATUS_OK);
    fixture_sql(fixture.path, "UPDATE glass SET definition = 'otherwise'");
    cr_assert_eq(store_science_hash(fixture.store, id, &without, &err), STATUS_OK);
    cr_expect_not(digest_equal(&with, &without), "it is science");
    fixture_finish(&fixture);
}

/* ---- memory ---- */

/* A little of everything; false at the first failure. */
static bool use_store(const char *path, struct error *err)
{
    struct store *store = NULL;
    struct campaign campaign = {0};
    struct campaign_id id;
    struct digest hash;
    uint32_t pruned;
    bool ok = store_open(path, STORE_WRITE, &store, err) == STATUS_OK &&
              store_put_campaign(store, "fixture.yaml", fixture_campaign_longer, strlen(fixture_campaign_longer), NULL,
                                 stderr, &id, &campaign, err) == STATUS_OK &&
              store_science_hash(store, id, &hash, err) == STATUS_OK &&
              store_prune_snapshots(store, id, 1, &pruned, err) == STATUS_OK;
    campaign_finish(&campaign);
    store_close(&store);
    return ok;
}

Test(store, every_allocation_that_fails_is_reported_and_harms_nothing)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 2, 0);
    const struct digest before = fixture_hash(&fixture);
    store_close(&fixture.store);
    uint64_t n = 1;
    for (;; n++) {
        struct error err = {0};
        mem_fail_nth(n);
        bool ok = use_store(fixture.path, &err);
        mem_fail_nth(0);
        if (ok)
            break;
        cr_expect_eq(err.status, STATUS_NO_MEMORY, "%lu: %s", (unsigned long)n, err.message);
        cr_assert_lt(n, 10000);
    }
    cr_expect_gt(n, 3);
    struct error err = {0};
    cr_assert_eq(store_open(fixture.path, STORE_WRITE, &fixture.store, &err), STATUS_OK, "%s", err.message);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    fixture_finish(&fixture);
}

/* SQLite allocates thousands of times, so every 41st is taken; a failure that SQLite can do without (a cache page, say)
 * is no failure. */
Test(store, every_allocation_of_sqlite_that_fails_is_reported_and_harms_nothing)
{
    struct fixture fixture;
    uint64_t last_failure = 0;
    fixture_fail_sqlite_nth(0);
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 2, 0);
    const struct digest before = fixture_hash(&fixture);
    store_close(&fixture.store);
    for (uint64_t n = 1; n < last_failure + 2000; n += 41) {
        struct error err = {0};
        fixture_fail_sqlite_nth(n);
        bool ok = use_store(fixture.path, &err);
        fixture_fail_sqlite_nth(0);
        if (!ok)
            last_failure = n;
        cr_expect(ok || err.status == STATUS_NO_MEMORY, "%lu: %s: %s", (unsigned long)n, status_name(err.status),
                  err.message);
    }
    cr_expect_gt(last_failure, 100);
    struct error err = {0};
    cr_assert_eq(store_open(fixture.path, STORE_WRITE, &fixture.store, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(fixture_put_campaign(&fixture, fixture_campaign_longer, &err), STATUS_OK, "%s", err.message);
    const struct digest after = fixture_hash(&fixture);
    cr_expect(digest_equal(&before, &after));
    fixture_finish(&fixture);
}

Test(store, a_segment_for_which_sqlite_has_no_memory_is_stored_whole_or_not_at_all)
{
    struct fixture fixture;
    struct stored_segment stored;
    static struct verify_report report;
    struct error err = {0};
    enum status put = STATUS_NO_MEMORY;
    fixture_fail_sqlite_nth(0);
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 0, 0);
    struct digest snapshot = fixture_last_snapshot(&fixture, 3);
    const struct fixture_work work = fixture_work(&fixture, 3, 0, 0, 0, &snapshot);
    for (uint64_t n = 1; put != STATUS_OK; n++) {
        if (n % 40 == 1)
            fixture_reopen(&fixture); /* so that statements are prepared again */
        cr_assert_eq(store_begin(fixture.store, &err), STATUS_OK, "%s", err.message);
        fixture_fail_sqlite_nth(n);
        put = fixture_put_segment(&fixture, &work, &err);
        fixture_fail_sqlite_nth(0);
        cr_assert(put == STATUS_OK || put == STATUS_NO_MEMORY, "%s", err.message);
        if (store_commit(fixture.store, &err) != STATUS_OK)
            store_rollback(fixture.store);
        const enum status found =
            store_get_segment(fixture.store, fixture.campaign, work.spec.replica, work.spec.segment, &stored, &err);
        cr_expect_eq(found, put == STATUS_OK ? STATUS_OK : STATUS_NOT_FOUND, "%lu", (unsigned long)n);
        cr_assert_lt(n, 20000);
    }
    cr_assert_eq(store_verify(fixture.store, fixture.campaign, &report, &err), STATUS_OK);
    cr_expect(report.ok, "%s", report.differences[0]);
    fixture_finish(&fixture);
}
