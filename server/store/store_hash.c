/* store_hash.c - one hash over the science of a campaign.
 *
 * BLAKE2b-256 over the science tables in a fixed order, each in the order of its key. A table gives its name, its rows
 * and their number; a row gives its cells and an end mark; a cell gives its column's place, its type and its value:
 * integers and doubles as 64 bits, texts and bytes with their length in front. Left out are the campaign's number in
 * this file (the same campaign may have another in another file), NULLs (a column that a later version of the database
 * appends must not change the hash of what was stored before) and, for the same reason, later tables without rows. */
#include "server/store/store.h"

#include "common/invariant.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *key;
    bool is_late; /* not there in version 1: without rows it adds nothing */
} tables[] = {
    {"campaign", "campaign"},
    {"ensemble", "ensemble"},
    {"rung", "ensemble, rung"},
    {"replica", "replica"},
    {"segment", "replica, segment"},
    {"exchange", "ensemble, round, rung_cold"},
    {"sample_thermal", "replica, segment, step"},
    {"sample_inherent", "replica, segment, step"},
    {"pdf", "replica, segment, kind"},
    {"frame", "replica, segment, step, kind"},
    {.name = "phase", .key = "replica", .is_late = true},
    {.name = "sample_static", .key = "replica, segment, step", .is_late = true},
    {.name = "glass", .key = "source", .is_late = true},
    {.name = "sample_structure", .key = "replica, segment, step", .is_late = true},
    {.name = "sample_dynamics", .key = "replica, segment, step", .is_late = true},
    {.name = "sample_relaxation", .key = "replica, segment, step", .is_late = true},
    {.name = "sample_array", .key = "replica, segment, step, array", .is_late = true},
};

static void add_sized(struct digest_state *state, const void *bytes, int size)
{
    digest_add_u64(state, (uint64_t)size);
    if (size > 0)
        digest_add_bytes(state, bytes, (size_t)size);
}

static void add_cell(struct digest_state *state, sqlite3_stmt *row, int column)
{
    const int type = sqlite3_column_type(row, column);
    if (type == SQLITE_NULL)
        return;
    digest_add_u64(state, (uint64_t)column << 8 | (uint64_t)type);
    switch (type) {
    case SQLITE_INTEGER:
        digest_add_i64(state, sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        digest_add_f64(state, sqlite3_column_double(row, column));
        break;
    default: /* text and bytes */
        add_sized(state, sqlite3_column_blob(row, column), sqlite3_column_bytes(row, column));
        break;
    }
}

enum { CAMPAIGN_COLUMN = 0, ROW_END = 0 };

static void add_row(struct digest_state *state, sqlite3_stmt *row)
{
    const int columns = sqlite3_column_count(row);
    for (int column = CAMPAIGN_COLUMN + 1; column < columns; column++)
        add_cell(state, row, column);
    digest_add_u64(state, ROW_END);
}

static enum status add_table(struct store *store, struct campaign_id campaign, size_t table, struct digest_state *state,
                             struct error *err)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE campaign = ? ORDER BY %s", tables[table].name, tables[table].key);
    struct query query;
    enum status status = query_init_text(store, sql, &query, err);
    if (status != STATUS_OK)
        return status;
    INVARIANT(strcmp(sqlite3_column_name(query.statement, CAMPAIGN_COLUMN), "campaign") == 0);
    query_bind_i64(&query, campaign.value);
    uint64_t rows = 0;
    bool row = true;
    if (!tables[table].is_late)
        digest_add_string(state, tables[table].name);
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row) {
        if (rows++ == 0 && tables[table].is_late)
            digest_add_string(state, tables[table].name);
        add_row(state, query.statement);
    }
    if (rows > 0 || !tables[table].is_late)
        digest_add_u64(state, rows);
    query_finish(&query);
    return status;
}

static enum status check_campaign(struct store *store, struct campaign_id campaign, struct error *err)
{
    uint32_t count;
    enum status status = store_count_campaigns(store, &count, err);
    if (status == STATUS_OK && (campaign.value == 0 || campaign.value > count))
        return error_set(err, STATUS_NOT_FOUND, "no campaign %" PRIu32 " in '%s'", campaign.value, store->path);
    return status;
}

/* All tables are read at one state of the database, whatever the writer does meanwhile. */
static enum status add_tables(struct store *store, struct campaign_id campaign, struct digest_state *state,
                              struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof tables / sizeof tables[0]; i++)
        status = add_table(store, campaign, i, state, err);
    return status;
}

enum status store_science_hash(struct store *store, struct campaign_id campaign, struct digest *out_hash,
                               struct error *err)
{
    struct digest_state state;
    digest_init(&state);
    digest_add_string(&state, "vitrine science 1");
    bool nested;
    enum status status = store_begin_reading(store, &nested, err);
    if (status != STATUS_OK)
        return status;
    if ((status = check_campaign(store, campaign, err)) == STATUS_OK)
        status = add_tables(store, campaign, &state, err);
    store_end_reading(store, nested);
    if (status == STATUS_OK)
        *out_hash = digest_finish(&state);
    return status;
}
