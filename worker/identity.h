/* identity.h - who this worker is: what it says of itself in its HELLO. */
#ifndef VITRINE_WORKER_IDENTITY_H
#define VITRINE_WORKER_IDENTITY_H

#include "common/wire.h"

/* uuid (random), host, CPU model and build. What the system does not tell is "unknown". */
void identity_fill(struct wire_hello *hello);

/* CPUs that this process may run on, at least 1. */
int identity_cpus(void);

#endif
