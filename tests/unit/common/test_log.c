#include "common/log.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_line(const char *fields, char *line, size_t size)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    log_set_fd(ends[1]);
    log_event(LOG_INFO, "segment_stored", "%s", fields);
    ssize_t got = read(ends[0], line, size - 1);
    line[got > 0 ? got : 0] = '\0';
    return got;
}

Test(log, one_event_is_one_line)
{
    char line[2048];
    read_line("replica=3 segment=17", line, sizeof line);
    cr_assert_not_null(strstr(line, "Z info segment_stored replica=3 segment=17\n"), "%s", line);
}

Test(log, an_endless_field_is_cut_and_still_ends_the_line)
{
    char fields[5000], line[8000];
    memset(fields, 'x', sizeof fields - 1);
    fields[sizeof fields - 1] = '\0';
    ssize_t got = read_line(fields, line, sizeof line);
    cr_assert_leq(got, LOG_LINE_SIZE);
    cr_assert_eq(line[got - 1], '\n');
}

Test(log, lines_below_the_level_are_not_written)
{
    log_set_fd(STDERR_FILENO);
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    log_set_fd(ends[1]);
    log_event(LOG_DEBUG, "noise", "a=1");
    log_event(LOG_WARN, "alarm", "b=2");
    char line[512];
    ssize_t got = read(ends[0], line, sizeof line - 1);
    line[got] = '\0';
    cr_assert_null(strstr(line, "noise"));
    cr_assert_not_null(strstr(line, "alarm"));
}
