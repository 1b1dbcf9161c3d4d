#include "worker/cmd/cmd.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cmd_failed(const struct error *err)
{
    if (err->line)
        fprintf(stderr, "%s:%u:%u: error: %s\n", err->path, err->line, err->column, err->message);
    else
        fprintf(stderr, "vitrine-worker: error: %s\n", err->message);
    return status_exit_code(err->status);
}

void cmd_print_help(FILE *out, const char *help, const char *command)
{
    for (const char *p = help; *p; p++)
        if (*p == '$')
            fputs(command, out);
        else
            fputc(*p, out);
}

enum status cmd_parse_real(const char *option, const char *text, double above, double *out, struct error *err)
{
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end || strspn(text, "0123456789+-.eE") != strlen(text) || !isfinite(value) || !(value > above))
        return error_set(err, STATUS_USAGE, "%s '%s': expected a number above %g", option, text, above);
    *out = value;
    return STATUS_OK;
}

enum status cmd_parse_whole(const char *option, const char *text, long long most, long long *out, struct error *err)
{
    char *end;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *end || strspn(text, "0123456789") != strlen(text) || errno || value > most)
        return error_set(err, STATUS_USAGE, "%s '%s': expected a whole number, 0 .. %lld", option, text, most);
    *out = value;
    return STATUS_OK;
}

enum status cmd_parse_name(const char *option, const char *text, const char *const *names, int count, int *out,
                           struct error *err)
{
    char known[256] = "";
    for (int i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = i;
            return STATUS_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names[i]);
    }
    return error_set(err, STATUS_USAGE, "%s '%s': expected one of %s", option, text, known);
}
