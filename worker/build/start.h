/* start.h - the state that a replica begins in: a build segment as a snapshot. */
#ifndef VITRINE_WORKER_BUILD_START_H
#define VITRINE_WORKER_BUILD_START_H

#include "common/segment.h"
#include "common/snapshot.h"

/* A pure function of system, builder, start, seed and replica. Velocities are 0, the step is 0; initialises `out`.
 * STATUS_INVALID where the builder cannot make exactly the system's atoms, with what it would make. */
enum status start_build(const struct segment_spec *spec, struct snapshot *out, struct error *err) MUST_CHECK;

#endif
