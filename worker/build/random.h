/* random.h - a random start: positions uniform in the box, types shuffled, overlaps taken away.
 *
 * Positions and the order of types are drawn from STREAM_BUILD at step 0 of the replica, so a start is a pure function
 * of (system, seed, replica). Overlaps
 * go in two descents: first atoms nearer than 0.95 sigma_ab push each other apart like soft spheres, then a hundred
 * evaluations of the minimiser go down the potential itself. What is left is no minimum, but no force in it is beyond
 * what molecular dynamics at dt = 0.0028 and T = 2 can follow. */
#ifndef VITRINE_WORKER_BUILD_RANDOM_H
#define VITRINE_WORKER_BUILD_RANDOM_H

#include "common/error.h"
#include "common/ids.h"
#include "common/segment.h"
#include "common/snapshot.h"

/* A cubic box of atoms * volume_per_atom; atoms_small of them small. Velocities and images are 0, the step is 0.
 * Initialises `out`. */
enum status build_random(const struct system_spec *system, uint64_t seed, struct replica_id replica,
                         struct snapshot *out, struct error *err) MUST_CHECK;

#endif
