#include "common/log.h"

#include "common/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static _Atomic int sink_fd = STDERR_FILENO;
static _Atomic int level_least = LOG_INFO;

void log_set_level(enum log_level least)
{
    atomic_store(&level_least, (int)least);
}

void log_set_fd(int fd)
{
    atomic_store(&sink_fd, fd);
}

static size_t clamp(int written, size_t size)
{
    return written < 0 ? 0 : (size_t)written < size ? (size_t)written : size - 1;
}

void log_event(enum log_level level, const char *event, const char *fields, ...)
{
    int fd = atomic_load(&sink_fd);
    if (fd < 0 || (int)level < atomic_load(&level_least))
        return;
    static const char *const names[] = {"debug", "info", "warn", "error"};
    struct wall_us now = clock_wall();
    time_t seconds = (time_t)(now.value / 1000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char line[LOG_LINE_SIZE];
    const size_t room = sizeof line - 1; /* one byte stays free for the line feed */
    size_t used = strftime(line, room, "%Y-%m-%dT%H:%M:%S", &utc);
    used += clamp(snprintf(line + used, room - used, ".%06dZ %s %s ", (int)(now.value % 1000000), names[level], event),
                  room - used);
    va_list args;
    va_start(args, fields);
    used += clamp(vsnprintf(line + used, room - used, fields, args), room - used);
    va_end(args);
    line[used++] = '\n';
    ssize_t written = write(fd, line, used);
    (void)written;
}
