/* clock.h - the only caller of clock_gettime. The three kinds of time are distinct types: a deadline is never compared
 * with a date. */
#ifndef VITRINE_COMMON_CLOCK_H
#define VITRINE_COMMON_CLOCK_H

#include <stdint.h>

/* Monotonic: leases, timers. Meaningless outside this process and this boot. */
struct mono_ns {
    int64_t value;
};

/* Wall clock, microseconds since 1970 UTC: only for people and operational tables; never decides anything. */
struct wall_us {
    int64_t value;
};

/* CPU time used by the calling thread, or by all threads of the process. */
struct cpu_ns {
    int64_t value;
};

struct mono_ns clock_mono(void);
struct wall_us clock_wall(void);
struct cpu_ns clock_thread_cpu(void);
struct cpu_ns clock_process_cpu(void);

#endif
