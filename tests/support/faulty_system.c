/* faulty_system.c - a library for LD_PRELOAD: one system call of a real process fails, or is its last.
 *
 *     FAULT="POINT ACTION N"     the N-th call of that kind
 *
 * POINT: send (4 KiB or more to a socket: a message with a snapshot in it), write_wal, write_db, sync_wal, sync_db (a
 * file whose name ends with -wal, or any other regular file that is written; a shared -shm is not).
 * ACTION: kill (instead of the call), kill_half (half of its bytes are passed on), kill_after, eio, enospc (this call
 * and the nine after it), and count (never; the number of calls is appended to the file FAULT_COUNT at the end). */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SEND_SIZE_MIN = 4096, FULL_CALLS = 10, PATH_SIZE = 4096 };

static struct {
    char point[16], action[16];
    long n;
    atomic_long calls;
} fault;

__attribute__((constructor)) static void read_plan(void)
{
    const char *text = getenv("FAULT");
    if (!text || sscanf(text, "%15s %15s %ld", fault.point, fault.action, &fault.n) != 3)
        fault.n = 0;
}

__attribute__((destructor)) static void tell_count(void)
{
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path && strcmp(fault.action, "count") == 0 ? fopen(path, "a") : NULL;
    if (!file)
        return;
    fprintf(file, "%ld\n", atomic_load(&fault.calls));
    fclose(file);
}

static bool is_action(const char *name)
{
    return strcmp(fault.action, name) == 0;
}

static _Noreturn void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static const char *point_of_file(int fd, const char *wal, const char *other)
{
    char link[64], path[PATH_SIZE];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 4 || path[0] != '/' || strncmp(path, "/dev/", 5) == 0)
        return "";
    path[size] = '\0';
    const char *ending = path + size - 4;
    return strcmp(ending, "-wal") == 0 ? wal : strcmp(ending, "-shm") == 0 || strcmp(ending, ".log") == 0 ? "" : other;
}

/* What becomes of this call: 0 goes on, 1 half and then the end, 2 the whole and then the end, else -errno. */
static int judge(const char *point)
{
    if (!fault.n || strcmp(point, fault.point) != 0)
        return 0;
    const long call = atomic_fetch_add(&fault.calls, 1) + 1;
    if (is_action("enospc") && call >= fault.n && call < fault.n + FULL_CALLS)
        return -ENOSPC;
    if (call != fault.n || is_action("count"))
        return 0;
    if (is_action("kill"))
        die();
    return is_action("kill_half") ? 1 : is_action("kill_after") ? 2 : -EIO;
}

static ssize_t finish_call(int verdict, ssize_t result)
{
    if (verdict > 0)
        die();
    return result;
}

static ssize_t refuse(int verdict)
{
    errno = -verdict;
    return -1;
}

/* SQLite's name for it: pwrite with offsets of 64 bits. */
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    const int verdict = judge(point_of_file(fd, "write_wal", "write_db"));
    if (verdict < 0)
        return refuse(verdict);
    return finish_call(verdict, syscall(SYS_pwrite64, fd, bytes, verdict == 1 ? size / 2 : size, offset));
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    const int verdict = size >= SEND_SIZE_MIN ? judge("send") : 0;
    if (verdict < 0)
        return refuse(verdict);
    return finish_call(verdict, syscall(SYS_sendto, fd, bytes, verdict == 1 ? size / 2 : size, flags, NULL, 0));
}

static int sync_by(long call, int fd)
{
    const int verdict = judge(point_of_file(fd, "sync_wal", "sync_db"));
    if (verdict < 0)
        return (int)refuse(verdict);
    return (int)finish_call(verdict, syscall(call, fd));
}

int fsync(int fd)
{
    return sync_by(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_by(SYS_fdatasync, fd);
}
