/* local_workers.h - the worker processes of `vitrine run`: started, watched, restarted a bounded number of times, and
 * ended with the coordinator, whatever ends that.
 *
 * Each is in a process group of its own, so that ^C on the terminal reaches the coordinator alone and it can drain;
 * each asks the kernel for SIGTERM when its parent dies. Only these children are ever signalled, by pid. */
#ifndef VITRINE_SERVER_CMD_LOCAL_WORKERS_H
#define VITRINE_SERVER_CMD_LOCAL_WORKERS_H

#include "common/error.h"
#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOCAL_WORKERS_MAX = 1024, LOCAL_WORKERS_RESTARTS_MAX = 5, LOCAL_WORKERS_GRACE_MS = 10000 };

struct local_workers {
    char program[PATH_MAX];
    char endpoint[256];
    char isa[16];       /* empty: the worker's own choice */
    char log[PATH_MAX]; /* their standard error is appended there */
    uint32_t count;
    pid_t *pids;       /* [count]; 0 = not running */
    uint32_t restarts; /* of all, since the start */
};

/* Names what to start; starts nothing. isa and log may be NULL (the worker's choice; this process's standard error). */
enum status local_workers_init(struct local_workers *workers, uint32_t count, const char *isa, const char *log,
                               struct error *err) MUST_CHECK;

/* Can workers here run this instruction set? STATUS_USAGE when not: the worker is asked, who alone knows. */
enum status local_workers_check_isa(const char *isa, struct error *err) MUST_CHECK;

/* Starts them all, connecting to `endpoint`. */
enum status local_workers_start(struct local_workers *workers, const char *endpoint, struct error *err) MUST_CHECK;

/* Collects those that died and starts them again, LOCAL_WORKERS_RESTARTS_MAX times per worker on average; then
 * STATUS_IO with how the last one died. */
enum status local_workers_watch(struct local_workers *workers, struct error *err) MUST_CHECK;

/* SIGTERM, up to LOCAL_WORKERS_GRACE_MS of patience, SIGKILL, all collected. Frees. NULL and zeroed are fine. */
void local_workers_finish(struct local_workers *workers);

#endif
