#include "server/store/store.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "server/store/store_file.h"
#include "server/store/store_migrate.h"
#include "server/store/store_sql.h"

#include <errno.h>
#include <sodium/randombytes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    BUSY_TIMEOUT_MS = 5000,
    CHECKPOINT_PAGES = 4096,  /* 16 MiB of WAL: then the writer copies it into the database */
    WAL_SIZE_KEPT = 64 << 20, /* bytes that the file keeps after a checkpoint */
    CACHE_SIZE_KIB = 32 << 10,
};

static const struct {
    const char *writer, *reader; /* NULL: not for that one */
} pragmas[] = {
    {"PRAGMA foreign_keys = ON", NULL},
    {"PRAGMA synchronous = FULL", NULL},
    /* Debian's SQLite overwrites deleted pages with zeros unless told otherwise; there are no secrets in a glass. */
    {"PRAGMA secure_delete = OFF", NULL},
    {"PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint = 0"},
    {"PRAGMA temp_store = MEMORY", NULL}, /* a reader may sort anything: on disk */
    {"PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema = OFF"},
    {NULL, "PRAGMA query_only = ON"},
};

static enum status set_pragmas(struct store *store, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof pragmas / sizeof pragmas[0]; i++) {
        const char *pragma = store->mode == STORE_READ ? pragmas[i].reader : pragmas[i].writer;
        if (pragma)
            status = sql_execute(store, pragma, "cannot open the database", err);
    }
    if (status != STATUS_OK || store->mode == STORE_READ)
        return status;
    char text[128];
    snprintf(text, sizeof text, "PRAGMA journal_size_limit = %d; PRAGMA cache_size = -%d", WAL_SIZE_KEPT,
             CACHE_SIZE_KIB);
    return sql_execute(store, text, "cannot open the database", err);
}

/* Called by SQLite after each commit. */
static int note_wal(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct store *store = context;
    if (pages < store->wal_pages) { /* everything was copied, and SQLite begins the WAL anew */
        store->checkpoint_at = CHECKPOINT_PAGES;
        store->wal_pages_done = 0;
    }
    store->wal_pages = pages;
    return SQLITE_OK;
}

/* A reader cannot open a database in WAL mode without the shared memory that goes with it, and takes part in its
 * locks. */
static enum status explain_open(struct store *store, enum status status, int code, struct error *err)
{
    char name[STORE_PATH_SIZE + 8];
    snprintf(name, sizeof name, "%s-shm", store->path);
    const bool cannot_make = (code & 0xff) == SQLITE_CANTOPEN && access(name, F_OK) != 0;
    if (store->mode != STORE_READ || !err || !(cannot_make || (code & 0xff) == SQLITE_READONLY))
        return status;
    return error_set_errno(err, STATUS_IO, err->os_errno != 0 ? err->os_errno : EACCES,
                           "cannot read '%s': the '-shm' file that readers share cannot be made or written in its "
                           "folder; make both writable, or copy the database and its '-wal' elsewhere",
                           store->path);
}

static enum status connect(struct store *store, const char *path, struct error *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (store->mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                (store->mode == STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &store->db, flags, NULL);
    if (code != SQLITE_OK)
        return explain_open(store, sql_error(store, code, "cannot open the database", err), code, err);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (store->mode == STORE_READ)
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    /* The first look at the file: SQLite opens lazily. */
    code = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return explain_open(store, sql_error(store, code, "cannot open the database", err), code, err);
    enum status status = set_pragmas(store, err);
    sqlite3_wal_hook(store->db, note_wal, store); /* after wal_autocheckpoint, which takes the hook away */
    return status;
}

static enum status put_lineage(struct store *store, struct error *err)
{
    uint8_t lineage[STORE_LINEAGE_SIZE];
    randombytes_buf(lineage, sizeof lineage);
    struct query query;
    enum status status = query_init(store, STATEMENT_lineage_put, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_bytes(&query, lineage, sizeof lineage);
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

static enum status get_lineage(struct store *store, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_lineage_get, &query, err);
    if (status != STATUS_OK)
        return status;
    status = query_step(&query, &row, err);
    if (status == STATUS_OK && (!row || sqlite3_column_bytes(query.statement, 0) != STORE_LINEAGE_SIZE))
        status = error_set(err, STATUS_CORRUPT, "'%s' has no lineage", store->path);
    if (status == STATUS_OK)
        memcpy(store->lineage, sqlite3_column_blob(query.statement, 0), STORE_LINEAGE_SIZE);
    query_finish(&query);
    return status;
}

static enum status fill_new(struct store *store, struct error *err)
{
    char identify[128];
    snprintf(identify, sizeof identify, "PRAGMA application_id = %d; PRAGMA journal_mode = WAL", STORE_APPLICATION_ID);
    enum status status = sql_execute(store, identify, "cannot create the database", err);
    if (status == STATUS_OK)
        status = store_migrate(store, err);
    if (status == STATUS_OK)
        status = put_lineage(store, err);
    return status;
}

static void disconnect(struct store *store)
{
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    for (int i = 0; i < QUANTITY_GROUP_COUNT; i++)
        sqlite3_finalize(store->sample_inserts[i]);
    memset(store->statements, 0, sizeof store->statements);
    memset(store->sample_inserts, 0, sizeof store->sample_inserts);
    int code = sqlite3_close(store->db);
    INVARIANT(code == SQLITE_OK); /* else a query was not finished */
    store->db = NULL;
}

/* All of it into the file itself: what sqlite3_close cannot copy out of the WAL it leaves there without a word. */
static enum status settle_new(struct store *store, struct error *err)
{
    const int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : sql_error(store, code, "cannot create the database", err);
}

static void remove_made(const char *made)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[STORE_PATH_SIZE + 48];
        snprintf(name, sizeof name, "%s%s", made, suffixes[i]);
        unlink(name);
    }
}

/* A new database is made under another name and gets its own when it is complete, so that a crash on the way never
 * leaves half of one behind. */
static enum status create(struct store *store, struct error *err)
{
    char made[STORE_PATH_SIZE + 32];
    snprintf(made, sizeof made, "%s.new-%ld", store->path, (long)getpid());
    remove_made(made);
    enum status status = connect(store, made, err);
    if (status == STATUS_OK)
        status = fill_new(store, err);
    if (status == STATUS_OK)
        status = settle_new(store, err);
    disconnect(store);
    if (status == STATUS_OK)
        status = file_publish(made, store->path, err);
    remove_made(made);
    return status;
}

/* A writer's own beginning: WAL may have been switched off by a tool. */
static enum status begin_ownership(struct store *store, struct error *err)
{
    enum status status = sql_execute(store, "PRAGMA journal_mode = WAL", "cannot open the database", err);
    return status == STATUS_OK ? store_migrate(store, err) : status;
}

static enum status open_existing(struct store *store, struct error *err)
{
    enum status status = file_check(store->path, &store->file, err);
    if (status != STATUS_OK)
        return status;
    if (store->mode == STORE_WRITE && (status = file_lock(store->path, &store->lock_fd, err)) != STATUS_OK)
        return status;
    if ((status = connect(store, store->path, err)) != STATUS_OK)
        return status;
    if ((status = store_check_version(store, err)) != STATUS_OK)
        return status;
    if (store->mode == STORE_WRITE && (status = begin_ownership(store, err)) != STATUS_OK)
        return status;
    if ((status = store_check_columns(store, err)) != STATUS_OK)
        return status;
    return get_lineage(store, err);
}

static enum status open_at(struct store *store, const char *path, enum store_mode mode, struct error *err)
{
    store->mode = mode;
    enum status status = file_resolve(path, mode == STORE_CREATE, store->path, err);
    if (status == STATUS_OK)
        status = file_check_system(store->path, err);
    if (status == STATUS_OK && mode == STORE_CREATE) {
        status = create(store, err);
        store->mode = STORE_WRITE;
    }
    return status == STATUS_OK ? open_existing(store, err) : status;
}

enum status store_open(const char *path, enum store_mode mode, struct store **out_store, struct error *err)
{
    struct store *store = mem_alloc_array(1, sizeof *store);
    if (!store)
        return mem_error(err, "a store");
    store->lock_fd = -1;
    store->checkpoint_at = CHECKPOINT_PAGES;
    enum status status = open_at(store, path, mode, err);
    if (status != STATUS_OK) {
        store_close(&store);
        return status;
    }
    *out_store = store;
    return STATUS_OK;
}

void store_close(struct store **store)
{
    if (!store || !*store)
        return;
    disconnect(*store);
    if ((*store)->lock_fd >= 0)
        close((*store)->lock_fd); /* after SQLite's descriptors: see store_file.h */
    mem_free(*store);
    *store = NULL;
}

const uint8_t *store_lineage(const struct store *store)
{
    return store->lineage;
}

static enum status run_simple(struct store *store, enum statement name, struct error *err)
{
    struct query query;
    enum status status = query_init(store, name, &query, err);
    if (status == STATUS_OK)
        status = query_run(&query, err);
    return status;
}

/* Begins, with the statement that ends it at hand: taking back must not need memory that is not there. */
static enum status begin(struct store *store, enum statement name, struct error *err)
{
    struct query rollback;
    enum status status = query_init(store, STATEMENT_rollback, &rollback, err);
    return status == STATUS_OK ? run_simple(store, name, err) : status;
}

enum status store_begin(struct store *store, struct error *err)
{
    INVARIANT(store->mode != STORE_READ && !store->in_transaction);
    enum status status = begin(store, STATEMENT_begin, err);
    store->in_transaction = status == STATUS_OK;
    return status;
}

/* Commits into a file that has no name any more, or whose WAL is another one, would be lost without a word. */
static enum status check_files(struct store *store, struct error *err)
{
    if (store->lock_fd < 0)
        return STATUS_OK; /* under creation: it has no name of its own yet */
    if (!file_is_same(store->path, "", &store->file))
        return error_set(err, STATUS_IO, "'%s' was removed or replaced while in use", store->path);
    if (store->wal_known && !file_is_same(store->path, "-wal", &store->wal))
        return error_set(err, STATUS_IO, "'%s-wal' was removed or replaced while in use", store->path);
    store->wal_known = file_identify(store->path, "-wal", &store->wal);
    return STATUS_OK;
}

/* Copies the WAL into the database. A failure (a full disk, a slow reader) loses nothing: a later commit tries again,
 * and store_wal tells how far it has come. While a reader holds the WAL back it grows, so tries are spaced by its
 * growth. */
static void checkpoint(struct store *store)
{
    int pages = 0, done = 0;
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
    if (code == SQLITE_OK && pages >= 0)
        store->wal_pages_done = done;
    store->checkpoint_at = store->wal_pages + CHECKPOINT_PAGES;
}

enum status store_commit(struct store *store, struct error *err)
{
    enum status status = store_check_transaction(store, err);
    if (status == STATUS_OK)
        status = check_files(store, err);
    if (status == STATUS_OK)
        status = run_simple(store, STATEMENT_commit, err);
    if (status != STATUS_OK)
        return status;
    store->in_transaction = false;
    if (store->wal_pages >= store->checkpoint_at)
        checkpoint(store);
    return STATUS_OK;
}

void store_rollback(struct store *store)
{
    store->in_transaction = false;
    if (!sqlite3_get_autocommit(store->db))
        error_ignore(run_simple(store, STATEMENT_rollback, NULL), "the failure before it is the one to report");
}

enum status store_compact(struct store *store, struct error *err)
{
    INVARIANT(store->mode != STORE_READ && !store->in_transaction);
    return sql_execute(store, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", "cannot compact", err);
}

enum status store_begin_reading(struct store *store, bool *out_nested, struct error *err)
{
    *out_nested = !sqlite3_get_autocommit(store->db);
    return *out_nested ? STATUS_OK : begin(store, STATEMENT_begin_reading, err);
}

void store_end_reading(struct store *store, bool nested)
{
    if (!nested && !sqlite3_get_autocommit(store->db))
        error_ignore(run_simple(store, STATEMENT_rollback, NULL), "nothing was written");
}

static enum status put_epoch(struct store *store, uint32_t epoch, struct error *err)
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    struct query query;
    enum status status = query_init(store, STATEMENT_epoch_put, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, epoch);
    query_bind_text(&query, host);
    query_bind_i64(&query, getpid());
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

static enum status get_epoch(struct store *store, uint32_t *out_epoch, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_epoch_get, &query, err);
    if (status != STATUS_OK)
        return status;
    status = query_step(&query, &row, err);
    int64_t epoch = status == STATUS_OK && row ? query_i64(&query, 0) : 0;
    query_finish(&query);
    if (status == STATUS_OK && (epoch < 0 || epoch >= INT32_MAX)) /* tokens are stored as signed 64 bits */
        return error_set(err, STATUS_LIMIT, "epoch %lld cannot be raised", (long long)epoch);
    *out_epoch = (uint32_t)epoch;
    return status;
}

enum status store_raise_epoch(struct store *store, uint32_t *out_epoch, struct error *err)
{
    uint32_t epoch = 0;
    enum status status = store_begin(store, err);
    if (status != STATUS_OK)
        return status;
    if ((status = get_epoch(store, &epoch, err)) != STATUS_OK)
        goto rollback;
    if ((status = put_epoch(store, epoch + 1, err)) != STATUS_OK)
        goto rollback;
    if ((status = store_commit(store, err)) != STATUS_OK)
        goto rollback;
    *out_epoch = epoch + 1;
    return STATUS_OK;
rollback:
    store_rollback(store);
    return status;
}

static enum status put_event(struct store *store, struct campaign_id campaign, const char *kind, const char *text,
                             struct error *err)
{
    struct query query;
    enum status status = store_check_transaction(store, err);
    if (status == STATUS_OK)
        status = query_init(store, STATEMENT_event_put, &query, err);
    if (status != STATUS_OK)
        return status;
    if (campaign.value == 0)
        query_bind_null(&query);
    else
        query_bind_i64(&query, campaign.value);
    query_bind_text(&query, kind);
    query_bind_text(&query, text);
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

enum status store_put_event(struct store *store, struct campaign_id campaign, const char *kind, const char *text,
                            struct error *err)
{
    if (store->in_transaction)
        return put_event(store, campaign, kind, text, err);
    enum status status = store_begin(store, err);
    if (status == STATUS_OK && (status = put_event(store, campaign, kind, text, err)) == STATUS_OK)
        status = store_commit(store, err);
    if (status != STATUS_OK)
        store_rollback(store);
    return status;
}

struct store_wal store_wal(const struct store *store)
{
    return (struct store_wal){.pages = store->wal_pages,
                              .pages_done = store->wal_pages_done,
                              .held_back = store->wal_pages >= 4 * CHECKPOINT_PAGES};
}
