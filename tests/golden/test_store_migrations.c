/* test_store_migrations.c - every version that shipped becomes the present one. */
#include "server/store/store_migrate.h"
#include "server/store/store_verify.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema_of_all[] =
    "SELECT group_concat(type || ' ' || name || ' ' || tbl_name || char(10) || coalesce(sql, ''), char(10)) FROM"
    " (SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name)";

/* The whole schema of a file as one text (free). */
static char *read_schema(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, schema_of_all, -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    char *schema = strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return schema;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    cr_assert(file, "no %s", path);
    static char text[1 << 20];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* `rows`: "" for an empty database, "_rows" for one with a campaign. */
static void make_old(const char *path, int version, const char *rows)
{
    char golden[1024], finish[128];
    snprintf(golden, sizeof golden, "%s/tests/golden/store/%04d%s.sql", VITRINE_SOURCE_ROOT, version, rows);
    fixture_sql(path, read_text(golden));
    snprintf(finish, sizeof finish, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION_ID,
             version);
    fixture_sql(path, finish);
}

Test(store_migrations, every_version_that_shipped_becomes_the_present_one)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    store_close(&fixture.store);
    char *fresh = read_schema(fixture.path);
    for (int version = 1; version <= store_migration_count; version++) {
        char path[FIXTURE_PATH_SIZE];
        struct store *store;
        struct error err = {0};
        snprintf(path, sizeof path, "%.400s/old%d.db", fixture.folder, version);
        make_old(path, version, "");
        cr_assert_eq(store_open(path, STORE_WRITE, &store, &err), STATUS_OK, "version %d: %s", version, err.message);
        store_close(&store);
        char *migrated = read_schema(path);
        cr_expect_str_eq(migrated, fresh, "version %d", version);
        free(migrated);
    }
    free(fresh);
    fixture_finish(&fixture);
}

Test(store_migrations, the_table_of_quantities_is_that_of_the_program)
{
    struct fixture fixture;
    fixture_init(&fixture, fixture_campaign);
    cr_expect_eq(fixture_number(fixture.path, "SELECT count(*) FROM quantity"), QUANTITY_COUNT);
    cr_expect_eq(fixture_number(fixture.path, "SELECT place FROM quantity WHERE name = 'ico_fraction'"),
                 QUANTITY_ico_fraction);
    fixture_finish(&fixture);
}

/* The science hash that version 1 gave its campaign. */
static const char hash_of_rows[] = "2071e83e806c8edb680bd6dd64d42ba117fa87dd9f17af717b963ac6b284a7dc";

Test(store_migrations, rows_of_version_1_keep_their_digests_and_their_hash)
{
    struct fixture fixture;
    struct verify_report report;
    struct digest hash;
    struct error err = {0};
    char path[FIXTURE_PATH_SIZE], text[DIGEST_TEXT_SIZE];
    fixture_init(&fixture, fixture_campaign);
    snprintf(path, sizeof path, "%.400s/rows.db", fixture.folder);
    make_old(path, 1, "_rows");
    struct store *store;
    cr_assert_eq(store_open(path, STORE_WRITE, &store, &err), STATUS_OK, "%s", err.message);
    const struct campaign_id campaign = {1};
    cr_assert_eq(store_verify(store, campaign, &report, &err), STATUS_OK, "%s", err.message);
    cr_expect(report.ok, "%s", report.differences[0]);
    cr_expect_eq(report.samples, 6);
    cr_assert_eq(store_science_hash(store, campaign, &hash, &err), STATUS_OK, "%s", err.message);
    digest_to_text(&hash, text);
    cr_expect_str_eq(text, hash_of_rows);
    store_close(&store);
    cr_expect_eq(fixture_number(path, "SELECT count(*) FROM sample_inherent WHERE laves_largest IS NULL"), 3);
    cr_expect_eq(fixture_number(path, "SELECT count(*) FROM sample_inherent WHERE b2_largest IS NULL"), 3);
    fixture_sql(path, "UPDATE sample_inherent SET fk_z14 = 0.0 WHERE step = 100");
    cr_assert_eq(store_open(path, STORE_WRITE, &store, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(store_verify(store, campaign, &report, &err), STATUS_OK, "%s", err.message);
    cr_expect_not(report.ok, "a value that the digest does not cover was not noticed");
    store_close(&store);
    fixture_finish(&fixture);
}
