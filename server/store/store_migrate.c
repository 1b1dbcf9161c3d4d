#include "server/store/store_migrate.h"

#include "common/quantity.h"
#include "server/store/store_sql.h"

#include <stdio.h>
#include <string.h>

static enum status read_number(struct store *store, const char *sql, int64_t *out_value, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init_text(store, sql, &query, err);
    if (status != STATUS_OK)
        return status;
    if ((status = query_step(&query, &row, err)) == STATUS_OK)
        *out_value = row ? query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

enum status store_check_version(struct store *store, struct error *err)
{
    int64_t application = 0, version = 0;
    enum status status = read_number(store, "PRAGMA application_id", &application, err);
    if (status == STATUS_OK)
        status = read_number(store, "PRAGMA user_version", &version, err);
    if (status != STATUS_OK)
        return status;
    if (application != STORE_APPLICATION_ID)
        return error_set(err, STATUS_CORRUPT, "'%s' is an SQLite database, but not one of results", store->path);
    if (version > store_migration_count)
        return error_set(err, STATUS_CONFLICT,
                         "'%s' has version %d, which is newer than this program (%d): use a newer vitrine", store->path,
                         (int)version, store_migration_count);
    if (version < store_migration_count && store->mode == STORE_READ)
        return error_set(
            err, STATUS_CONFLICT,
            "'%s' has version %d, older than this program's %d: `vitrine repair %s --dry-run` brings it up "
            "to date, as `vitrine resume` and `serve` do before they go on",
            store->path, (int)version, store_migration_count, store->path);
    return STATUS_OK;
}

static enum status put_quantities(struct store *store, struct error *err)
{
    struct query query;
    enum status status = query_init(store, STATEMENT_quantity_put, &query, err);
    for (int i = 0; status == STATUS_OK && i < QUANTITY_COUNT; i++) {
        query_bind_text(&query, quantities[i].name);
        query_bind_i64(&query, i);
        query_bind_text(&query, quantity_group_name(quantities[i].group));
        query_bind_text(&query, quantities[i].symbol);
        query_bind_text(&query, quantities[i].unit);
        query_bind_text(&query, quantities[i].definition);
        query_bind_text(&query, quantities[i].reference);
        status = query_run(&query, err);
    }
    query_finish(&query);
    return status;
}

static enum status put_array_quantities(struct store *store, struct error *err)
{
    struct query query;
    enum status status = query_init(store, STATEMENT_array_quantity_put, &query, err);
    for (int i = 0; status == STATUS_OK && i < ARRAY_COUNT; i++) {
        query_bind_text(&query, array_quantities[i].name);
        query_bind_i64(&query, i);
        query_bind_text(&query, quantity_group_name(array_quantities[i].group));
        query_bind_text(&query, array_quantities[i].columns);
        query_bind_i64(&query, array_quantities[i].keys);
        query_bind_text(&query, array_quantities[i].units);
        query_bind_text(&query, array_quantities[i].definition);
        query_bind_text(&query, array_quantities[i].reference);
        status = query_run(&query, err);
    }
    query_finish(&query);
    return status;
}

static enum status apply(struct store *store, int version, struct error *err)
{
    char set_version[64];
    snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d", version + 1);
    enum status status = store_begin(store, err);
    if (status != STATUS_OK)
        return status;
    if ((status = sql_execute(store, store_migrations[version].sql, "cannot migrate", err)) != STATUS_OK)
        goto rollback;
    if ((status = sql_execute(store, set_version, "cannot migrate", err)) != STATUS_OK)
        goto rollback;
    if (version + 1 == store_migration_count && (status = put_quantities(store, err)) != STATUS_OK)
        goto rollback;
    if (version + 1 == store_migration_count && (status = put_array_quantities(store, err)) != STATUS_OK)
        goto rollback;
    if ((status = store_commit(store, err)) == STATUS_OK)
        return STATUS_OK;
rollback:
    store_rollback(store);
    return err ? error_context(err, "migration %s", store_migrations[version].name) : status;
}

/* While tables are made again, references to them have nothing to refer to; the pragma has no effect in a transaction.
 */
enum status store_migrate(struct store *store, struct error *err)
{
    int64_t version = 0;
    enum status status = read_number(store, "PRAGMA user_version", &version, err);
    if (status != STATUS_OK || version >= store_migration_count)
        return status;
    status = sql_execute(store, "PRAGMA foreign_keys = OFF", "cannot migrate", err);
    while (status == STATUS_OK && version < store_migration_count)
        status = apply(store, (int)version++, err);
    return status == STATUS_OK ? sql_execute(store, "PRAGMA foreign_keys = ON", "cannot migrate", err) : status;
}

enum { SAMPLE_KEY_COLUMNS = 4 }; /* campaign, replica, segment, step */

static enum status wrong_columns(struct store *store, const char *table, const char *name, struct error *err)
{
    return error_set(err, STATUS_CORRUPT, "table %s of '%s' does not have quantity '%s' where quantities.def has it",
                     table, store->path, name);
}

static enum status check_group(struct store *store, enum quantity_group group, struct error *err)
{
    char table[64], sql[128];
    snprintf(table, sizeof table, "sample_%s", quantity_group_name(group));
    snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s') WHERE cid >= %d ORDER BY cid", table,
             SAMPLE_KEY_COLUMNS);
    struct query query;
    enum status status = query_init_text(store, sql, &query, err);
    if (status != STATUS_OK)
        return status;
    bool row = true;
    for (int i = 0; status == STATUS_OK && i < QUANTITY_COUNT; i++) {
        if (quantities[i].group != group)
            continue;
        status = query_step(&query, &row, err);
        if (status == STATUS_OK && (!row || strcmp(query_text(&query, 0), quantities[i].name) != 0))
            status = wrong_columns(store, table, quantities[i].name, err);
    }
    if (status == STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK && row)
        status = wrong_columns(store, table, query_text(&query, 0), err);
    query_finish(&query);
    return status;
}

enum status store_check_columns(struct store *store, struct error *err)
{
    enum status status = STATUS_OK;
    for (int group = 0; status == STATUS_OK && group < QUANTITY_GROUP_COUNT; group++)
        status = check_group(store, (enum quantity_group)group, err);
    return status;
}
