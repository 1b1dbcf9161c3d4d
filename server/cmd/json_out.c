#include "server/cmd/json_out.h"

#include <errno.h>
#include <math.h>

enum { JSON_FLAGS = JSON_INDENT(2) | JSON_PRESERVE_ORDER };

json_t *json_of_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_of_digest(const struct digest *digest)
{
    char text[DIGEST_TEXT_SIZE];
    digest_to_text(digest, text);
    return json_string(text);
}

enum status json_print(json_t *value, FILE *out, struct error *err)
{
    if (value == NULL)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the JSON output");
    int failed = json_dumpf(value, out, JSON_FLAGS | JSON_REAL_PRECISION(17));
    json_decref(value);
    if (failed != 0 || fputc('\n', out) == EOF)
        return error_set_errno(err, STATUS_IO, errno, "cannot write JSON");
    return STATUS_OK;
}

void json_print_error(const struct error *err, FILE *out)
{
    json_t *fields = json_pack("{s:s, s:s, s:i, s:s, s:I, s:I, s:i}", "status", status_name(err->status), "message",
                               err->message, "exit_code", status_exit_code(err->status), "path", err->path, "line",
                               (json_int_t)err->line, "column", (json_int_t)err->column, "os_errno", err->os_errno);
    if (fields != NULL)
        error_ignore(json_print(json_pack("{s:o}", "error", fields), out, NULL), "the error is on stderr already");
}
