/* identity.h - Monte Carlo exchange of the identities of two atoms of different species.
 *
 * One attempt picks a large atom and a small atom, each uniformly, and swaps their types and velocities: kinetic energy
 * and total momentum stay exactly what they were, and Maxwell's distribution of each species is kept. The picks are as
 * likely on the way back, so the attempt is accepted with probability min(1, exp(-delta U / T)): Metropolis et al.,
 * J. Chem. Phys. 21, 1087 (1953). Images and positions stay with the atom's place, not its type.
 *
 * delta U takes the pairs of the two atoms alone, by two passes over all atoms: 2 N distances need no list and sum in
 * the order of atoms, so that the same state gives the same bits. Their own pair does not change. An attempt takes 5 us
 * at N = 500 and 180 us at 32,000: 0.2 % and 0.06 % of the hundred MD steps between two.
 *
 * Every number drawn is named by (seed, STREAM_IDENTITY, step, replica, attempt): an attempt is a pure function of the
 * state. No state, no threads. */
#ifndef VITRINE_WORKER_MC_IDENTITY_H
#define VITRINE_WORKER_MC_IDENTITY_H

#include "common/snapshot.h"
#include "worker/md/potential.h"
#include <stdbool.h>

/* Where the attempt's random numbers stand; the step is the snapshot's. */
struct identity_place {
    uint64_t seed;
    struct replica_id replica;
    uint32_t attempt; /* counts the attempts at one step, from 0 */
};

struct identity_outcome {
    uint32_t large, small; /* atoms that were picked, by what they were before */
    double delta_energy;   /* epsilon, total: after - before */
    bool is_accepted;
};

/* Energy after exchanging the identities of two atoms of different type, minus energy before, in the potential's cut
 * convention. By the minimum image: the caller has seen to it that 2 cutoff <= smallest edge. */
double identity_delta(const struct potential *potential, const struct snapshot *snapshot, uint32_t large,
                      uint32_t small);

/* One attempt at temperature T (epsilon/k_B, > 0). Changes types and velocities of `snapshot` where it is accepted.
 * STATUS_INVALID when the box is smaller than two cutoffs or holds only one species. */
enum status identity_attempt(const struct potential *potential, double temperature, struct identity_place place,
                             struct snapshot *snapshot, struct identity_outcome *out, struct error *err) MUST_CHECK;

#endif
