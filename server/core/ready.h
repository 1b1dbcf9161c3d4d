/* ready.h - the replicas that wait for a worker, least advanced first: a binary heap with places, so that any replica
 * can be taken out. Ties go to the lower index, so that equal histories make equal choices. */
#ifndef VITRINE_SERVER_CORE_READY_H
#define VITRINE_SERVER_CORE_READY_H

#include "server/core/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct ready {
    uint32_t count, capacity;
    uint32_t *heap;  /* replica indices, [capacity] */
    uint32_t *place; /* of a replica in the heap + 1; 0 = not in it, [capacity] */
    double *key;     /* share of its segments that are done, 0 .. 1, [capacity] */
};

void ready_init(struct ready *ready, struct arena *arena, uint32_t replicas_max);
void ready_push(struct ready *ready, uint32_t replica, double key); /* must not be in it */
void ready_remove(struct ready *ready, uint32_t replica);           /* must be in it */
bool ready_contains(const struct ready *ready, uint32_t replica);

#endif
