/* cg.h - inherent structures: conjugate-gradient minimisation of the potential energy at fixed volume.
 *
 * Polak-Ribiere (never negative: Gilbert & Nocedal, SIAM J. Optim. 2, 21 (1992)) with a secant line search on the
 * forces; lists with an exact displacement bound, so no pair inside the cutoff is ever missed. Where steps have become
 * so small that the energy is quadratic between the two ends of a line, the forces at the minimum on the line are
 * interpolated from those at its ends, which saves one evaluation in two; what is reported is always evaluated.
 *
 * A truncated potential has the forces of the shifted one, and jumps in the energy at the cut that no force announces:
 * a descent on that energy hangs up on them far from any minimum. So the shifted energy is descended on, to a
 * configuration where the forces vanish, and the truncated energy of that configuration is reported. A descent that
 * cannot reach the wanted force (rounding, or the force's jump at the cut) says so, with the force that is left. */
#ifndef VITRINE_WORKER_MINIMIZE_CG_H
#define VITRINE_WORKER_MINIMIZE_CG_H

#include "worker/md/configuration.h"
#include "worker/md/potential.h"
#include <stdbool.h>

struct kernels;

struct cg_options {
    double force_max;              /* epsilon/sigma, stop when every component is below; 1e-8 */
    uint32_t evaluations_max;      /* force evaluations; 20000 */
    const struct kernels *kernels; /* borrowed; NULL = the best that this machine can run; no bit depends on it */
};

struct cg_result {
    bool converged;
    uint32_t iterations; /* force evaluations */
    double force_max;    /* epsilon/sigma, what is left */
    double energy;       /* epsilon, total, of the result, double precision */
    double virial;       /* epsilon */
};

/* Moves `configuration` to the minimum below it. Deterministic: same bits on every machine. */
enum status cg_minimize(const struct potential *potential, const struct cg_options *options,
                        struct configuration *configuration, struct cg_result *out_result,
                        struct error *err) MUST_CHECK;

#endif
