#include "common/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(error, set_returns_its_status_and_tells_why)
{
    struct error err = {0};
    cr_assert_eq(error_set(&err, STATUS_INVALID, "temperature %.1f is not positive", -1.0), STATUS_INVALID);
    cr_assert_str_eq(err.message, "temperature -1.0 is not positive");
    cr_assert_eq(err.status, STATUS_INVALID);
    cr_assert_eq(err.line, 0u);
}

Test(error, context_goes_in_front)
{
    struct error err = {0};
    error_ignore(error_set_errno(&err, STATUS_IO, ENOSPC, "cannot write '%s'", "a.db"), "read below");
    cr_assert_eq(error_context(&err, "storing segment %d", 7), STATUS_IO);
    cr_assert_str_eq(err.message, "storing segment 7: cannot write 'a.db': No space left on device");
    cr_assert_eq(err.os_errno, ENOSPC);
}

Test(error, a_position_is_kept)
{
    struct error err = {0};
    cr_assert_eq(error_at(&err, "a.yaml", 3, 9, STATUS_CAMPAIGN, "no such key"), STATUS_CAMPAIGN);
    cr_assert_str_eq(err.path, "a.yaml");
    cr_assert_eq(err.line, 3u);
    cr_assert_eq(err.column, 9u);
}

Test(error, long_messages_are_cut_and_never_overrun)
{
    struct error err = {0};
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_ignore(error_set(&err, STATUS_IO, "%s", text), "read below");
    for (int i = 0; i < 5; i++)
        cr_assert_eq(error_context(&err, "%s", text), STATUS_IO);
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
}

Test(error, nobody_needs_to_listen)
{
    cr_assert_eq(error_set(NULL, STATUS_LIMIT, "too many"), STATUS_LIMIT);
    cr_assert_eq(error_at(NULL, "a", 1, 1, STATUS_CORRUPT, "bad"), STATUS_CORRUPT);
}

Test(error, exit_codes_are_those_documented)
{
    cr_assert_eq(status_exit_code(STATUS_OK), 0);
    cr_assert_eq(status_exit_code(STATUS_IO), 1);
    cr_assert_eq(status_exit_code(STATUS_USAGE), 2);
    cr_assert_eq(status_exit_code(STATUS_CAMPAIGN), 3);
    cr_assert_eq(status_exit_code(STATUS_UNREACHABLE), 4);
    cr_assert_eq(status_exit_code(STATUS_NOT_FOUND), 5);
    cr_assert_eq(status_exit_code(STATUS_CONFLICT), 6);
    cr_assert_eq(status_exit_code(STATUS_EVICTED), 75);
}
