#include "server/store/store_check.h"

#include "common/snapshot.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void check_note(struct check *check, const char *fmt, ...)
{
    struct verify_report *report = check->report;
    report->difference_count++;
    if (check->observe)
        check->observe(check->context, &check->place);
    if (report->kept == VERIFY_DIFFERENCES_MAX)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(report->differences[report->kept++], VERIFY_TEXT_SIZE, fmt, args);
    va_end(args);
}

enum status check_start(struct check *check, enum statement name, struct query *out_query)
{
    enum status status = query_init(check->store, name, out_query, check->err);
    if (status == STATUS_OK)
        query_bind_i64(out_query, check->id.value);
    return status;
}

enum status check_each_row(struct check *check, enum statement name, row_checker *look)
{
    struct query query;
    bool row = true;
    enum status status = check_start(check, name, &query);
    if (status != STATUS_OK)
        return status;
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = look(check, &query)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

struct digest check_read_digest(const struct query *row, int column)
{
    struct digest digest = {{0}};
    error_ignore(query_digest(row, column, &digest, NULL), "zero differs from whatever it is compared with");
    return digest;
}

void check_bytes(struct check *check, const struct query *row, int column, const struct digest *expected,
                 const char *what, int64_t step)
{
    const void *bytes = sqlite3_column_blob(row->statement, column);
    const size_t size = (size_t)sqlite3_column_bytes(row->statement, column);
    struct digest actual;
    struct error err = {0};
    if (!bytes)
        check_note(check, "%s %" PRId64 " has no bytes", what, step);
    else if (snapshot_check(bytes, size, &actual, &err) != STATUS_OK)
        check_note(check, "%s %" PRId64 ": %.120s", what, step, err.message);
    else if (!digest_equal(expected, &actual))
        check_note(check, "%s %" PRId64 " has the bytes of another configuration", what, step);
}
