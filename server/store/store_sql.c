#include "server/store/store_sql.h"

#include "common/invariant.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char *const statement_texts[STATEMENT_COUNT] = {
#define STATEMENT(name, sql) sql,
#include "server/store/statements.def"
#undef STATEMENT
};

static enum status status_of_code(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return STATUS_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
        return STATUS_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CONSTRAINT:
        return STATUS_CONFLICT;
    case SQLITE_INTERRUPT:
        return STATUS_TIMEOUT;
    case SQLITE_TOOBIG:
        return STATUS_LIMIT;
    case SQLITE_AUTH:
    case SQLITE_ERROR:
    case SQLITE_RANGE:
        return STATUS_INVALID;
    default:
        return STATUS_IO;
    }
}

/* What the system said to the last write into the WAL that failed. A COMMIT that fails leaves nothing for
 * sqlite3_system_errno, which then tells of something older. */
static int wal_errno(struct store *store)
{
    sqlite3_file *wal = NULL;
    int last = 0;
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK && wal &&
        wal->pMethods)
        wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &last);
    return last;
}

/* SQLite knows the system's error only after some codes; a full disk is one that callers want to tell apart. */
static int os_errno_of_code(struct store *store, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_WRITE && store->db && wal_errno(store))
            return wal_errno(store);
        return store->db ? sqlite3_system_errno(store->db) : 0;
    case SQLITE_CANTOPEN:
        return store->db ? sqlite3_system_errno(store->db) : 0;
    default:
        return 0;
    }
}

enum status sql_error(struct store *store, int code, const char *what, struct error *err)
{
    const char *reason = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code);
    enum status status = error_set(err, status_of_code(code), "%s in '%s': %s", what, store->path, reason);
    if (err)
        err->os_errno = os_errno_of_code(store, code);
    return status;
}

enum status sql_execute(struct store *store, const char *sql, const char *what, struct error *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : sql_error(store, code, what, err);
}

enum status query_init(struct store *store, enum statement name, struct query *out_query, struct error *err)
{
    *out_query = (struct query){0};
    sqlite3_stmt **statement = &store->statements[name];
    if (!*statement) {
        int code = sqlite3_prepare_v3(store->db, statement_texts[name], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK)
            return sql_error(store, code, "cannot prepare a statement", err);
    }
    INVARIANT(!sqlite3_stmt_busy(*statement));
    *out_query = (struct query){.store = store, .statement = *statement, .is_named = true};
    return STATUS_OK;
}

enum status query_init_text(struct store *store, const char *sql, struct query *out_query, struct error *err)
{
    *out_query = (struct query){0};
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return sql_error(store, code, "cannot prepare a statement", err);
    *out_query = (struct query){.store = store, .statement = statement};
    return STATUS_OK;
}

/* The codes of reset repeat the error of the last step, which has been reported. */
void query_finish(struct query *query)
{
    if (!query->statement)
        return;
    if (query->is_named) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    } else {
        sqlite3_finalize(query->statement);
    }
    *query = (struct query){0};
}

static void note_code(struct query *query, int code)
{
    if (query->code == SQLITE_OK)
        query->code = code;
}

void query_bind_i64(struct query *query, int64_t value)
{
    note_code(query, sqlite3_bind_int64(query->statement, ++query->bound, value));
}

void query_bind_f64(struct query *query, double value)
{
    query->not_storable = query->not_storable || !isfinite(value) || (value == 0.0 && signbit(value));
    note_code(query, sqlite3_bind_double(query->statement, ++query->bound, value));
}

void query_bind_text(struct query *query, const char *text)
{
    note_code(query, sqlite3_bind_text(query->statement, ++query->bound, text, -1, SQLITE_STATIC));
}

void query_bind_text_size(struct query *query, const char *text, size_t size)
{
    note_code(query, sqlite3_bind_text64(query->statement, ++query->bound, text, size, SQLITE_STATIC, SQLITE_UTF8));
}

void query_bind_bytes(struct query *query, const void *bytes, size_t size)
{
    note_code(query, sqlite3_bind_blob64(query->statement, ++query->bound, bytes, size, SQLITE_STATIC));
}

void query_bind_digest(struct query *query, const struct digest *digest)
{
    query_bind_bytes(query, digest->bytes, DIGEST_SIZE);
}

void query_bind_null(struct query *query)
{
    note_code(query, sqlite3_bind_null(query->statement, ++query->bound));
}

static enum status check_binding(struct query *query, struct error *err)
{
    if (query->not_storable)
        return error_set(err, STATUS_INVALID, "a number to store is not finite, or is -0.0");
    if (query->code != SQLITE_OK)
        return sql_error(query->store, query->code, "cannot bind a value", err);
    return STATUS_OK;
}

enum status query_step(struct query *query, bool *out_row, struct error *err)
{
    enum status status = check_binding(query, err);
    if (status != STATUS_OK)
        return status;
    int code = sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sql_error(query->store, code, "a statement failed", err);
    *out_row = code == SQLITE_ROW;
    return STATUS_OK;
}

enum status query_run(struct query *query, struct error *err)
{
    bool row;
    enum status status = query_step(query, &row, err);
    sqlite3_reset(query->statement);
    query->bound = 0;
    return status;
}

int64_t query_i64(const struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

double query_f64(const struct query *query, int column)
{
    return sqlite3_column_double(query->statement, column);
}

const char *query_text(const struct query *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    return text ? text : "";
}

enum status query_digest(const struct query *query, int column, struct digest *out_digest, struct error *err)
{
    const void *bytes = sqlite3_column_blob(query->statement, column);
    const int size = sqlite3_column_bytes(query->statement, column);
    if (!bytes || size != DIGEST_SIZE)
        return error_set(err, STATUS_CORRUPT, "a digest in '%s' has %d bytes, not %d", query->store->path, size,
                         DIGEST_SIZE);
    memcpy(out_digest->bytes, bytes, DIGEST_SIZE);
    return STATUS_OK;
}

/* The kind of that name; CONFIGURATION_KIND_COUNT for an unknown one. */
static enum configuration_kind kind_of(const char *name)
{
    int kind = 0;
    while (kind < CONFIGURATION_KIND_COUNT && strcmp(configuration_names[kind], name) != 0)
        kind++;
    return (enum configuration_kind)kind;
}

enum status query_kind(const struct query *query, int column, enum configuration_kind *out_kind, struct error *err)
{
    *out_kind = kind_of(query_text(query, column));
    if (*out_kind == CONFIGURATION_KIND_COUNT)
        return error_set(err, STATUS_CORRUPT, "'%s' has a configuration of the unknown kind '%s'", query->store->path,
                         query_text(query, column));
    return STATUS_OK;
}

enum status store_check_transaction(struct store *store, struct error *err)
{
    INVARIANT(store->in_transaction);
    if (sqlite3_get_autocommit(store->db))
        return error_set(err, STATUS_CONFLICT, "the transaction on '%s' was rolled back after a failure", store->path);
    return STATUS_OK;
}
