/* local.h - energy and volume per atom, summarised by type and environment: the scatter of the paper's Fig. 5.
 *
 * The energy of an atom is half of each of its pair energies, in the potential's cut convention; its volume is that of
 * its Voronoi cell. Both sum to those of the box. */
#ifndef VITRINE_WORKER_STRUCTURE_LOCAL_H
#define VITRINE_WORKER_STRUCTURE_LOCAL_H

#include "worker/structure/environment.h"

struct local_summary {
    uint32_t count;
    double energy_mean, energy_sd; /* epsilon; sd is that of the atoms (divisor count - 1), 0 for fewer than two */
    double volume_mean, volume_sd; /* sigma^3 */
};

/* All arrays are [atoms]; `kind` is enum environment, `type` enum atom_type. */
void local_summarise(uint32_t atoms, const uint8_t *type, const uint8_t *kind, const double *energy,
                     const double *volume, struct local_summary out[2][ENVIRONMENT_COUNT]);

#endif
