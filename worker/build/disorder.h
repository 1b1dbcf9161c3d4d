/* disorder.h - chance put into a perfect configuration: who sits where, and small displacements.
 *
 * Chemically disordered C15 at 50:50 is C15 (two thirds small) with random small sites turned large. */
#ifndef VITRINE_WORKER_BUILD_DISORDER_H
#define VITRINE_WORKER_BUILD_DISORDER_H

#include "worker/build/build_place.h"
#include "worker/md/configuration.h"

/* Turns randomly chosen atoms of the species in excess into the other until `atoms_small` are small. STATUS_INVALID
 * when there are fewer atoms than that. */
enum status disorder_types(struct configuration *configuration, uint32_t atoms_small, struct build_seed seed,
                           struct error *err) MUST_CHECK;

/* Adds a normally distributed displacement of standard deviation `noise` (sigma) to each coordinate. */
void disorder_positions(struct configuration *configuration, double noise, struct build_seed seed);

#endif
