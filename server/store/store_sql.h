/* store_sql.h - what the files of server/store share: the open store, its named statements, and a thin layer over
 * SQLite that turns its codes into our errors.
 *
 * A query is a statement at work. Values are bound in order by the bind functions, which remember the first refusal;
 * query_run and query_step report it. Doubles are refused when SQLite would not give them back: it makes NULL of a NaN,
 * and stores whole numbers without the sign of zero, so that a -0.0 would come back under another digest. */
#ifndef VITRINE_SERVER_STORE_STORE_SQL_H
#define VITRINE_SERVER_STORE_STORE_SQL_H

#include "common/digest.h"
#include "server/store/store.h"
#include <sqlite3.h>
#include <sys/types.h>

enum statement {
#define STATEMENT(name, sql) STATEMENT_##name,
#include "server/store/statements.def"
#undef STATEMENT
    STATEMENT_COUNT
};

/* A file as the system knows it, whatever its name. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

enum { STORE_PATH_SIZE = 4096 };

struct store {
    sqlite3 *db;
    enum store_mode mode;
    int lock_fd; /* holds the owner lock; -1 for a reader */
    struct file_identity file, wal;
    bool wal_known; /* wal is filled: there was a WAL after a commit */
    bool in_transaction;
    int checkpoint_at;          /* wal_pages at which the next checkpoint is tried */
    int wal_pages;              /* after the last commit */
    int wal_pages_done;         /* copied into the database by the last checkpoint */
    char path[STORE_PATH_SIZE]; /* absolute, without symbolic links */
    uint8_t lineage[STORE_LINEAGE_SIZE];
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared when first used */
    sqlite3_stmt *sample_inserts[QUANTITY_GROUP_COUNT];
};

/* Status that a result code of SQLite means; `what` is what was being done. */
enum status sql_error(struct store *store, int code, const char *what, struct error *err);

/* Runs statements that return nothing. */
enum status sql_execute(struct store *store, const char *sql, const char *what, struct error *err) MUST_CHECK;

struct query {
    struct store *store;
    sqlite3_stmt *statement;
    bool is_named;     /* borrowed from store->statements; else finalised by query_finish */
    int bound;         /* values bound so far */
    int code;          /* first refusal, or SQLITE_OK */
    bool not_storable; /* a double among them */
};

/* A named statement, ready for values. Zeroed on failure, so that query_finish is fine in any case. */
enum status query_init(struct store *store, enum statement name, struct query *out_query, struct error *err) MUST_CHECK;

/* Any other text, for statements that are put together or used once. */
enum status query_init_text(struct store *store, const char *sql, struct query *out_query,
                            struct error *err) MUST_CHECK;
void query_finish(struct query *query); /* zeroed is fine */

void query_bind_i64(struct query *query, int64_t value);
void query_bind_f64(struct query *query, double value);
void query_bind_text(struct query *query, const char *text);                   /* borrowed until query_finish */
void query_bind_text_size(struct query *query, const char *text, size_t size); /* likewise */
void query_bind_bytes(struct query *query, const void *bytes, size_t size);    /* borrowed until query_finish */
void query_bind_digest(struct query *query, const struct digest *digest);      /* borrowed until query_finish */
void query_bind_null(struct query *query);

/* Moves to the next row; out_row says whether there is one. */
enum status query_step(struct query *query, bool *out_row, struct error *err) MUST_CHECK;

/* Runs a statement that returns no row, and makes it ready for the next values. */
enum status query_run(struct query *query, struct error *err) MUST_CHECK;

/* Columns of the present row, from 0. */
int64_t query_i64(const struct query *query, int column);
double query_f64(const struct query *query, int column);
const char *query_text(const struct query *query, int column); /* borrowed until the next step; "" for NULL */
/* STATUS_CORRUPT unless it has exactly DIGEST_SIZE bytes. */
enum status query_digest(const struct query *query, int column, struct digest *out_digest,
                         struct error *err) MUST_CHECK;

struct store_filter;

/* `select` ... FROM replica r, segment s, `table` t, joined by key and restricted by the filter, `tail`. `step` is the
 * column that the filter's steps are about. */
enum status query_init_filtered(struct store *store, const struct store_filter *filter, const char *select,
                                const char *table, const char *step, const char *tail, struct query *out_query,
                                struct error *err) MUST_CHECK;

/* Bytes of a snapshot or frame in the present row, checked against the digest; returned (mem_free). */
enum status query_snapshot_bytes(const struct query *query, int column, const struct digest *digest,
                                 uint8_t **out_bytes, size_t *out_size, struct error *err) MUST_CHECK;

/* A configuration's kind by its name. */
enum status query_kind(const struct query *query, int column, enum configuration_kind *out_kind,
                       struct error *err) MUST_CHECK;

/* A row of exchange_get, or of any other statement with its columns. */
void query_exchange(const struct query *query, struct exchange *out_exchange);

/* Brackets several statements so that they see one state of the database, whatever a writer does meanwhile. out_nested:
 * a transaction was open already, and stays open. */
enum status store_begin_reading(struct store *store, bool *out_nested, struct error *err) MUST_CHECK;
void store_end_reading(struct store *store, bool nested);

/* Writers only: STATUS_CONFLICT when SQLite has rolled the transaction back by itself (a full disk does that). */
enum status store_check_transaction(struct store *store, struct error *err) MUST_CHECK;

/* Columns that samples, arrays and frames begin with. */
#define QUERY_SELECT_STATE                                                                                             \
    "SELECT r.ensemble, s.replica, s.rung, s.segment, t.step, coalesce(s.temperature_first +"                          \
    " (s.temperature_last - s.temperature_first) * (t.step - s.step_first) / max(s.steps, 1), 0.0)"

#endif
