#include "server/store/store_copy.h"

#include "common/mem.h"
#include "server/store/store_file.h"
#include "server/store/store_verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_RETRIES_MAX = 100, BUSY_WAIT_MS = 50 };

/* All pages in one step: it holds one read transaction, so that a writer never makes it begin again. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite3_errcode(to);
    int code = SQLITE_BUSY;
    for (int i = 0; i < BUSY_RETRIES_MAX && (code == SQLITE_BUSY || code == SQLITE_LOCKED); i++) {
        if (i > 0)
            sqlite3_sleep(BUSY_WAIT_MS);
        code = sqlite3_backup_step(backup, -1);
    }
    const int finished = sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? finished : code;
}

static int read_verdict(void *context, int columns, char **texts, char **names)
{
    (void)columns;
    (void)names;
    *(bool *)context = texts[0] && strcmp(texts[0], "ok") == 0;
    return 0;
}

/* Out of WAL mode, so that the copy is one file; then its pages are checked as they are on the disk. */
static int settle_copy(sqlite3 *copy, bool *out_sound)
{
    int code = sqlite3_exec(copy, "PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    return code == SQLITE_OK ? sqlite3_exec(copy, "PRAGMA integrity_check(1)", read_verdict, out_sound, NULL) : code;
}

static enum status make_copy(struct store *store, const char *path, struct error *err)
{
    sqlite3 *copy = NULL;
    bool sound = false;
    int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = copy_pages(store->db, copy);
    if (code == SQLITE_OK)
        code = settle_copy(copy, &sound);
    sqlite3_close(copy);
    if (code != SQLITE_OK)
        return error_set(err, STATUS_IO, "cannot copy '%s' to '%s': %s", store->path, path, sqlite3_errstr(code));
    return sound ? STATUS_OK
                 : error_set(err, STATUS_CORRUPT, "the pages of '%s' are damaged: see `vitrine repair`", store->path);
}

static enum status verify_campaign(struct store *copy, struct campaign_id id, struct error *err)
{
    struct verify_report *report = mem_alloc_array(1, sizeof *report);
    if (!report)
        return mem_error(err, "a report");
    enum status status = store_verify(copy, id, report, err);
    if (status == STATUS_OK && !report->ok)
        status = error_set(err, STATUS_CORRUPT, "it would be a copy of damage (%s): see `vitrine repair`",
                           report->differences[0]);
    mem_free(report);
    return status;
}

static enum status verify_copy(const char *path, struct error *err)
{
    struct store *copy = NULL;
    uint32_t count = 0;
    enum status status = store_open(path, STORE_READ, &copy, err);
    if (status == STATUS_OK)
        status = store_count_campaigns(copy, &count, err);
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++)
        status = verify_campaign(copy, (struct campaign_id){i + 1}, err);
    store_close(&copy);
    return status;
}

enum status store_copy(struct store *store, const char *path, struct error *err)
{
    char resolved[STORE_PATH_SIZE], made[STORE_PATH_SIZE + 32];
    enum status status = file_resolve(path, true, resolved, err);
    if (status == STATUS_OK)
        status = file_check_system(resolved, err);
    if (status != STATUS_OK)
        return status;
    snprintf(made, sizeof made, "%s.new-%ld", resolved, (long)getpid());
    unlink(made);
    if ((status = make_copy(store, made, err)) == STATUS_OK && (status = verify_copy(made, err)) == STATUS_OK)
        status = file_publish(made, resolved, err);
    unlink(made);
    return status;
}
