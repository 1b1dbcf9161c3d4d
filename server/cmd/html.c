#include "server/cmd/html.h"

#include <errno.h>
#include <stdbool.h>

void html_write_text(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
}

enum status html_save(const char *path, const char *text, size_t size, struct error *err)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    const bool failed = fwrite(text, 1, size, out) != size;
    if (fclose(out) != 0 || failed)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return STATUS_OK;
}
