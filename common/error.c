#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_message(struct error *err, enum status status, const char *fmt, va_list args)
{
    err->status = status;
    err->os_errno = 0;
    err->line = err->column = 0;
    err->path[0] = '\0';
    vsnprintf(err->message, sizeof err->message, fmt, args);
}

enum status error_set(struct error *err, enum status status, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        set_message(err, status, fmt, args);
        va_end(args);
    }
    return status;
}

enum status error_set_errno(struct error *err, enum status status, int os_errno, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        set_message(err, status, fmt, args);
        va_end(args);
        err->os_errno = os_errno;
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(os_errno));
    }
    return status;
}

enum status error_at(struct error *err, const char *path, uint32_t line, uint32_t column, enum status status,
                     const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        set_message(err, status, fmt, args);
        va_end(args);
        err->line = line;
        err->column = column;
        snprintf(err->path, sizeof err->path, "%s", path);
    }
    return status;
}

enum status error_context(struct error *err, const char *fmt, ...)
{
    if (!err)
        return STATUS_INVALID;
    char context[ERROR_MESSAGE_SIZE], message[ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    memcpy(message, err->message, sizeof message);
    int used = snprintf(err->message, sizeof err->message, "%s: ", context);
    if (used >= 0 && (size_t)used < sizeof err->message)
        snprintf(err->message + used, sizeof err->message - (size_t)used, "%s", message);
    return err->status;
}

void error_ignore(enum status status, const char *why)
{
    (void)status;
    (void)why;
}

static const struct {
    const char *name;
    int exit_code;
} statuses[] = {
    [STATUS_OK] = {"ok", 0},
    [STATUS_NO_MEMORY] = {"no_memory", 1},
    [STATUS_INVALID] = {"invalid", 1},
    [STATUS_USAGE] = {"usage", 2},
    [STATUS_CAMPAIGN] = {"campaign", 3},
    [STATUS_IO] = {"io", 1},
    [STATUS_CORRUPT] = {"corrupt", 1},
    [STATUS_CONFLICT] = {"conflict", 6},
    [STATUS_NOT_FOUND] = {"not_found", 5},
    [STATUS_UNREACHABLE] = {"unreachable", 4},
    [STATUS_LIMIT] = {"limit", 1},
    [STATUS_PHYSICS] = {"physics", 1},
    [STATUS_TIMEOUT] = {"timeout", 1},
    [STATUS_EVICTED] = {"evicted", 75},
};

const char *status_name(enum status status)
{
    return (size_t)status < sizeof statuses / sizeof statuses[0] ? statuses[status].name : "unknown";
}

int status_exit_code(enum status status)
{
    return (size_t)status < sizeof statuses / sizeof statuses[0] ? statuses[status].exit_code : 1;
}
