#include "common/clock.h"

#include "common/invariant.h"

#include <time.h>

static struct timespec read_clock(clockid_t id)
{
    struct timespec now;
    INVARIANT(clock_gettime(id, &now) == 0);
    return now;
}

struct mono_ns clock_mono(void)
{
    struct timespec now = read_clock(CLOCK_MONOTONIC);
    return (struct mono_ns){(int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}

struct wall_us clock_wall(void)
{
    struct timespec now = read_clock(CLOCK_REALTIME);
    return (struct wall_us){(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
}

struct cpu_ns clock_thread_cpu(void)
{
    struct timespec now = read_clock(CLOCK_THREAD_CPUTIME_ID);
    return (struct cpu_ns){(int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}

struct cpu_ns clock_process_cpu(void)
{
    struct timespec now = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    return (struct cpu_ns){(int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}
