#include "server/cmd/local_workers.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum status local_workers_init(struct local_workers *workers, uint32_t count, const char *isa, const char *log,
                               struct error *err)
{
    *workers = (struct local_workers){.count = count};
    if (count == 0 || count > LOCAL_WORKERS_MAX)
        return error_set(err, STATUS_USAGE, "%u workers: between 1 and %d are possible", count, LOCAL_WORKERS_MAX);
    enum status status = process_find_worker(workers->program, err);
    if (status != STATUS_OK)
        return status;
    snprintf(workers->isa, sizeof workers->isa, "%s", isa != NULL ? isa : "");
    snprintf(workers->log, sizeof workers->log, "%s", log != NULL ? log : "");
    workers->pids = mem_alloc_array(count, sizeof *workers->pids);
    return workers->pids != NULL ? STATUS_OK : mem_error(err, "the list of workers");
}

enum status local_workers_check_isa(const char *isa, struct error *err)
{
    char program[PATH_MAX], *text;
    const char *argv[] = {program, "--check-isa", isa, NULL};
    size_t size;
    struct error why = {0};
    enum status status = process_find_worker(program, err);
    if (status != STATUS_OK)
        return status;
    if (process_capture(argv, NULL, 0, &text, &size, &why) != STATUS_OK)
        return error_set(err, STATUS_USAGE, "--isa %s: %s", isa, why.message);
    mem_free(text);
    return STATUS_OK;
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static void prepare_child(const struct local_workers *workers)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    int log = workers->log[0] != '\0' ? open(workers->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (log >= 0)
        dup2(log, STDERR_FILENO);
}

static enum status start_worker(struct local_workers *workers, uint32_t index, struct error *err)
{
    char parent[16];
    const char *argv[] = {
        workers->program, "--connect", workers->endpoint, "--slots", "1",
        "--threads",      "1",         "--parent-pid",    parent,    workers->isa[0] != '\0' ? "--isa" : NULL,
        workers->isa,     NULL};
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    pid_t pid = fork();
    if (pid < 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot start a worker");
    if (pid == 0) {
        prepare_child(workers);
        execv(workers->program, (char *const *)argv);
        _exit(EXIT_FAILURE);
    }
    workers->pids[index] = pid;
    return STATUS_OK;
}

enum status local_workers_start(struct local_workers *workers, const char *endpoint, struct error *err)
{
    snprintf(workers->endpoint, sizeof workers->endpoint, "%s", endpoint);
    for (uint32_t i = 0; i < workers->count; i++) {
        enum status status = start_worker(workers, i, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status refuse_restart(const struct local_workers *workers, int code, struct error *err)
{
    const char *hint = workers->log[0] != '\0' ? workers->log : "its messages above";
    if (WIFSIGNALED(code))
        return error_set(err, STATUS_IO, "workers keep dying, the last one by signal %d; see %s", WTERMSIG(code), hint);
    return error_set(err, STATUS_IO, "workers keep dying, the last one with exit code %d; see %s", WEXITSTATUS(code),
                     hint);
}

static enum status restart_worker(struct local_workers *workers, uint32_t index, int code, struct error *err)
{
    workers->pids[index] = 0;
    if (workers->restarts >= workers->count * LOCAL_WORKERS_RESTARTS_MAX)
        return refuse_restart(workers, code, err);
    workers->restarts++;
    log_event(LOG_WARN, "worker_restarted", "index=%u signal=%d exit=%d restarts=%u", index,
              WIFSIGNALED(code) ? WTERMSIG(code) : 0, WIFEXITED(code) ? WEXITSTATUS(code) : 0, workers->restarts);
    return start_worker(workers, index, err);
}

enum status local_workers_watch(struct local_workers *workers, struct error *err)
{
    for (uint32_t i = 0; i < workers->count; i++) {
        int code;
        if (workers->pids[i] == 0 || waitpid(workers->pids[i], &code, WNOHANG) <= 0)
            continue;
        enum status status = restart_worker(workers, i, code, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* Collects those that ended; returns how many still run. */
static uint32_t collect(struct local_workers *workers)
{
    uint32_t running = 0;
    for (uint32_t i = 0; i < workers->count; i++) {
        if (workers->pids[i] != 0 && waitpid(workers->pids[i], NULL, WNOHANG) != 0)
            workers->pids[i] = 0;
        running += workers->pids[i] != 0;
    }
    return running;
}

static void signal_all(const struct local_workers *workers, int signal)
{
    for (uint32_t i = 0; i < workers->count; i++)
        if (workers->pids[i] != 0)
            kill(workers->pids[i], signal);
}

static void wait_all(struct local_workers *workers, int64_t patience_ms)
{
    int64_t deadline = clock_mono().value + patience_ms * 1000000;
    while (collect(workers) > 0 && clock_mono().value < deadline)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

void local_workers_finish(struct local_workers *workers)
{
    if (workers == NULL || workers->pids == NULL)
        return;
    signal_all(workers, SIGTERM);
    wait_all(workers, LOCAL_WORKERS_GRACE_MS);
    signal_all(workers, SIGKILL);
    wait_all(workers, LOCAL_WORKERS_GRACE_MS);
    mem_free(workers->pids);
    *workers = (struct local_workers){0};
}
