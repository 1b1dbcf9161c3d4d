/* store_run_sql.c - other people's SQL, on a connection that cannot write.
 *
 * Four walls, each enough alone for what it stops: the file is opened read-only, PRAGMA query_only is on, an authorizer
 * admits only what reads, and the one statement must be one that SQLite calls read-only. A progress handler keeps the
 * time. */
#include "server/store/store_query.h"

#include "common/clock.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "server/store/store_sql.h"

#include <string.h>

enum {
    PROGRESS_STEPS = 10000, /* of SQLite's machine, between two looks at the clock: well below a millisecond */
    VALUE_SIZE_MAX = 128 << 20,
};

struct deadline {
    int64_t at; /* mono_ns; 0 = none */
    bool passed;
};

static int look_at_clock(void *context)
{
    struct deadline *deadline = context;
    deadline->passed = deadline->at != 0 && clock_mono().value >= deadline->at;
    return deadline->passed;
}

/* PRAGMAs that only inform. user_version and application_id would write if given a value. */
static bool pragma_informs(const char *name, const char *value)
{
    static const char *const any_value[] = {"table_info",       "table_xinfo",      "table_list",    "index_list",
                                            "index_info",       "index_xinfo",      "database_list", "collation_list",
                                            "foreign_key_list", "integrity_check",  "quick_check",   "function_list",
                                            "compile_options",  "foreign_key_check"};
    static const char *const no_value[] = {"user_version", "application_id", "schema_version", "page_count",
                                           "page_size",    "freelist_count", "journal_mode"};
    for (size_t i = 0; i < sizeof any_value / sizeof any_value[0]; i++)
        if (strcmp(name, any_value[i]) == 0)
            return true;
    for (size_t i = 0; !value && i < sizeof no_value / sizeof no_value[0]; i++)
        if (strcmp(name, no_value[i]) == 0)
            return true;
    return false;
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
    (void)context;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return strcmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return pragma_informs(first, second) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* What is left after the statement must be blanks and comments. */
static enum status check_tail(struct store *store, const char *tail, struct error *err)
{
    sqlite3_stmt *next = NULL;
    int code = sqlite3_prepare_v2(store->db, tail, -1, &next, NULL);
    sqlite3_finalize(next);
    if (code != SQLITE_OK || next)
        return error_set(err, STATUS_INVALID, "one statement at a time: there is more after the first");
    return STATUS_OK;
}

static enum status refuse(struct store *store, int code, struct error *err)
{
    if ((code & 0xff) == SQLITE_AUTH)
        return error_set(err, STATUS_INVALID, "not allowed: a query may only read (%s)", sqlite3_errmsg(store->db));
    return error_set(err, STATUS_INVALID, "%s", sqlite3_errmsg(store->db));
}

static enum status prepare(struct store *store, const char *sql, sqlite3_stmt **out, struct error *err)
{
    const char *tail;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, &tail);
    if ((code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_AUTH)
        return refuse(store, code, err);
    if (code != SQLITE_OK)
        return sql_error(store, code, "cannot prepare the query", err);
    enum status status = STATUS_OK;
    if (!statement)
        status = error_set(err, STATUS_INVALID, "there is no statement to run");
    else if (!sqlite3_stmt_readonly(statement))
        status = error_set(err, STATUS_INVALID, "not allowed: a query may only read");
    else
        status = check_tail(store, tail, err);
    if (status != STATUS_OK)
        sqlite3_finalize(statement);
    else
        *out = statement;
    return status;
}

static struct sql_cell read_cell(sqlite3_stmt *row, int column)
{
    struct sql_cell cell = {.type = SQL_NULL};
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        cell = (struct sql_cell){.type = SQL_INTEGER, .integer = sqlite3_column_int64(row, column)};
        break;
    case SQLITE_FLOAT:
        cell = (struct sql_cell){.type = SQL_REAL, .real = sqlite3_column_double(row, column)};
        break;
    case SQLITE_TEXT:
        cell = (struct sql_cell){.type = SQL_TEXT, .bytes = (const char *)sqlite3_column_text(row, column)};
        break;
    case SQLITE_BLOB:
        cell = (struct sql_cell){.type = SQL_BLOB, .bytes = sqlite3_column_blob(row, column)};
        break;
    default:
        break;
    }
    if (cell.type == SQL_TEXT || cell.type == SQL_BLOB)
        cell.size = (size_t)sqlite3_column_bytes(row, column);
    if (!cell.bytes)
        cell.bytes = "";
    return cell;
}

static enum status tell_columns(sqlite3_stmt *statement, int count, const struct sql_handler *handler,
                                struct error *err)
{
    const char **texts = mem_alloc_array(2 * (size_t)count, sizeof *texts);
    if (!texts)
        return mem_error(err, "the columns of a query");
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(statement, i), *declared = sqlite3_column_decltype(statement, i);
        texts[i] = name ? name : "";
        texts[count + i] = declared ? declared : "";
    }
    enum status status = handler->columns(handler->context, count, texts, texts + count, err);
    mem_free(texts);
    return status;
}

static enum status tell_rows(struct store *store, sqlite3_stmt *statement, struct sql_cell *cells, int count,
                             const struct sql_handler *handler, struct error *err)
{
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < count; i++)
            cells[i] = read_cell(statement, i);
        enum status status = handler->row(handler->context, count, cells, err);
        if (status != STATUS_OK)
            return status;
    }
    return code == SQLITE_DONE ? STATUS_OK : sql_error(store, code, "the query failed", err);
}

static enum status tell(struct store *store, sqlite3_stmt *statement, const struct sql_handler *handler,
                        struct error *err)
{
    const int count = sqlite3_column_count(statement);
    struct sql_cell *cells = mem_alloc_array((size_t)count, sizeof *cells);
    if (!cells)
        return mem_error(err, "a row of a query");
    enum status status = tell_columns(statement, count, handler, err);
    if (status == STATUS_OK)
        status = tell_rows(store, statement, cells, count, handler, err);
    mem_free(cells);
    return status;
}

static enum status run(struct store *store, const char *sql, const struct sql_handler *handler, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    enum status status = prepare(store, sql, &statement, err);
    if (status != STATUS_OK)
        return status;
    status = tell(store, statement, handler, err);
    sqlite3_finalize(statement);
    return status;
}

enum status store_run_sql(struct store *store, const char *sql, uint32_t time_limit_ms,
                          const struct sql_handler *handler, struct error *err)
{
    INVARIANT(store->mode == STORE_READ);
    struct deadline deadline = {time_limit_ms ? clock_mono().value + time_limit_ms * INT64_C(1000000) : 0, false};
    const int size_before = sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, VALUE_SIZE_MAX);
    sqlite3_set_authorizer(store->db, authorize, NULL);
    sqlite3_progress_handler(store->db, PROGRESS_STEPS, look_at_clock, &deadline);
    enum status status = run(store, sql, handler, err);
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, size_before);
    if (deadline.passed && status != STATUS_OK)
        return error_set(err, STATUS_TIMEOUT, "the query took longer than its limit of %u ms", time_limit_ms);
    return status;
}
