/* force.h - energies and forces of a configuration in double precision: the reference, what is reported, and what the
 * minimiser works on. The trajectory itself is driven by the kernels (worker/kernels). Sums run in a fixed order: same
 * bits for the same input on every machine and for any number of threads. A box smaller than two cutoffs is summed over
 * its periodic images, which is right for a crystal's few atoms; molecular dynamics refuses such a box. */
#ifndef VITRINE_WORKER_MD_FORCE_H
#define VITRINE_WORKER_MD_FORCE_H

#include "worker/md/configuration.h"
#include "worker/md/potential.h"

struct force_sums {
    double energy;           /* epsilon, total, in the potential's cut convention */
    double energy_truncated; /* epsilon, total, plain cut */
    double virial;           /* epsilon, sum over pairs of r . f */
};

/* out_force[3] is [atoms], epsilon/sigma, overwritten; out_energy_per_atom (may be NULL) gets half of each pair's
 * energy for each partner. Large configurations use the calling thread's OpenMP team (omp_set_num_threads).
 * STATUS_PHYSICS when atoms coincide. */
enum status force_compute(const struct potential *potential, const struct configuration *configuration,
                          double *const out_force[3], double *out_energy_per_atom, struct force_sums *out_sums,
                          struct error *err) MUST_CHECK;

#endif
