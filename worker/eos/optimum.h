/* optimum.h - minima of functions whose derivatives jump: a cut potential has a kink, or a jump, wherever a shell of
 * neighbours passes the cutoff, so nothing here takes a derivative. Deterministic. */
#ifndef VITRINE_WORKER_EOS_OPTIMUM_H
#define VITRINE_WORKER_EOS_OPTIMUM_H

#include <stdint.h>

enum { OPTIMUM_DIMENSIONS_MAX = 8 };

struct optimum_problem {
    double (*value)(const double *x, const void *context); /* HUGE_VAL where x is not allowed */
    const void *context;
    uint32_t dimensions;
};

/* The lowest value in [low, high] on a grid, refined around its best point until the grid is finer than `tolerance`. A
 * minimum narrower than the first grid, (high - low) / 96, can be missed. dimensions must be 1. Returns the value. */
double optimum_scan(const struct optimum_problem *problem, double low, double high, double tolerance, double *out_x);

/* Downhill simplex from x with edges `step`, begun again from its result until that no longer helps: Nelder & Mead,
 * Computer Journal 7, 308 (1965). Ends where the values on the simplex differ by less than `tolerance`. x is changed in
 * place; returns the value there. */
double optimum_simplex(const struct optimum_problem *problem, const double *step, double tolerance, double *x);

#endif
