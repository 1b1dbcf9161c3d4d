#include "worker/cmd/options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status option_real(const char *option, const char *text, double low, double high, double *out, struct error *err)
{
    char *end;
    double value = strtod(text, &end);
    if (strspn(text, "0123456789.eE+-") != strlen(text) || end == text || *end != '\0')
        return error_set(err, STATUS_USAGE, "%s: '%s' is not a number", option, text);
    if (!(value >= low && value <= high))
        return error_set(err, STATUS_USAGE, "%s: %s is not between %g and %g", option, text, low, high);
    *out = value;
    return STATUS_OK;
}

enum status option_whole(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *out,
                         struct error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (strspn(text, "0123456789") != strlen(text) || end == text)
        return error_set(err, STATUS_USAGE, "%s: '%s' is not a whole number", option, text);
    if (errno == ERANGE || value < low || value > high)
        return error_set(err, STATUS_USAGE, "%s: %s is not between %" PRIu64 " and %" PRIu64, option, text, low, high);
    *out = value;
    return STATUS_OK;
}

enum status option_name(const char *option, const char *text, const char *const *names, int count, int *out,
                        struct error *err)
{
    char list[256] = "";
    for (int n = 0; n < count; n++) {
        if (strcmp(text, names[n]) == 0) {
            *out = n;
            return STATUS_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, " %s", names[n]);
    }
    return error_set(err, STATUS_USAGE, "%s: no '%s'; it is one of%s", option, text, list);
}
