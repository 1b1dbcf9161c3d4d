/* error.h - the one failure convention.
 *
 * What can fail returns `enum status` and explains itself in the caller's `struct error`. The struct has a fixed size,
 * so that reporting a failure never allocates. Three kinds of failure are never mixed: the expected (a stale report, a
 * worker gone) is data; the operating (disk full, bad YAML) is an enum status; a bug is an INVARIANT (invariant.h).
 *
 * Thread rule: a struct error belongs to one caller; the functions keep no state. */
#ifndef VITRINE_COMMON_ERROR_H
#define VITRINE_COMMON_ERROR_H

#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
    STATUS_OK,
    STATUS_NO_MEMORY,
    STATUS_INVALID,     /* the input breaks a rule that its author can mend */
    STATUS_USAGE,       /* the command line is off */
    STATUS_CAMPAIGN,    /* the campaign file is off; the details are printed already */
    STATUS_IO,          /* the system refused: see os_errno */
    STATUS_CORRUPT,     /* bytes are not what their digest, magic or length says */
    STATUS_CONFLICT,    /* another holder, another version, a changed specification */
    STATUS_NOT_FOUND,   /* no such row, file, replica */
    STATUS_UNREACHABLE, /* nobody answers there */
    STATUS_LIMIT,       /* a named bound would be passed */
    STATUS_PHYSICS,     /* numbers stopped being finite, an energy exploded */
    STATUS_TIMEOUT,     /* a time limit was reached */
    STATUS_EVICTED,     /* asked to leave before the work was done; worth another try elsewhere */
};

enum { ERROR_PATH_SIZE = 256, ERROR_MESSAGE_SIZE = 512 };

struct error {
    enum status status;
    int os_errno;                     /* 0 if the system was not involved */
    uint32_t line, column;            /* 1-based; 0 = no position */
    char path[ERROR_PATH_SIZE];       /* the file that `line` refers to; empty if none */
    char message[ERROR_MESSAGE_SIZE]; /* outermost context first; cut, never overrun */
};

/* Sets status and message, forgets any position. `err` may be NULL (the caller does not want to know why).
 * Returns `status`, so that a failing line is one line. */
enum status error_set(struct error *err, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, and appends ": " and the text of the system's error number, which is kept in os_errno. */
enum status error_set_errno(struct error *err, enum status status, int os_errno, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* As error_set, with a position in a file (1-based). */
enum status error_at(struct error *err, const char *path, uint32_t line, uint32_t column, enum status status,
                     const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Puts "context: " in front of the message. Returns the status that err already holds (STATUS_INVALID if err is NULL).
 */
enum status error_context(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A failure that is ignored on purpose, and why. */
void error_ignore(enum status status, const char *why);

/* The word for a status, as used in --json and on the wire: "no_memory", "invalid", ... Static storage. */
const char *status_name(enum status status);

/* The documented exit code of the programs: 0 done, 1 failed, 2 usage, 3 campaign file, 4 coordinator unreachable,
 * 5 not found, 6 conflict, 75 evicted (sysexits' EX_TEMPFAIL: requeue me). */
int status_exit_code(enum status status);

#endif
