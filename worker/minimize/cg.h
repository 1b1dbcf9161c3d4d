/* cg.h - inherent structures: conjugate-gradient minimisation of the potential energy at fixed volume.
 *
 * Polak-Ribiere (never negative: Gilbert & Nocedal, SIAM J. Optim. 2, 21 (1992)) with a secant line search on the
 * forces; lists with an exact displacement bound, so no pair inside the cutoff is ever missed. Where steps have become
 * so small that the energy is quadratic between the two ends of a line, the forces at the minimum on the line are
 * interpolated from those at its ends, which saves one evaluation in two; what is reported is always evaluated. Works
 * on the given cut convention; the kink of a shifted potential (the force jumps at the cut) or the jump of a truncated
 * one can stop it short of 1e-8: it then says so, with the force that is left. */
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
