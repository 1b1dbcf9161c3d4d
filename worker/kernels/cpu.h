/* cpu.h - what this processor, and this operating system, can run. */
#ifndef VITRINE_WORKER_KERNELS_CPU_H
#define VITRINE_WORKER_KERNELS_CPU_H

#include "worker/kernels/kernels.h"
#include <stdbool.h>

/* True when every feature that the build of this set may use is there and the system saves its registers. */
bool cpu_can_run(enum isa isa);

#endif
