/* potential.h - the table of pair potentials. A new one is a row in potential.c, not new code.
 *
 * All are Lennard-Jones mixtures of two types:
 *
 *     V_ab(r) = 4 epsilon_ab [(sigma_ab/r)^12 - (sigma_ab/r)^6]   for r < r_c (one cutoff for all pairs)
 *
 *     shifted        V(r) - V(r_c)                          force as truncated: it jumps at r_c
 *     truncated      V(r)
 *     force_shifted  V(r) - V(r_c) - (r - r_c) V'(r_c)      energy and force go to zero at r_c
 *
 * Wahnstrom, Phys. Rev. A 44, 3752 (1991): epsilon = 1; sigma_11 = 1, sigma_12 = 11/12, sigma_22 = 5/6; m_1 = 1,
 * m_2 = 1/2. Kob & Andersen, Phys. Rev. E 51, 4626 (1995): epsilon_11 = 1, epsilon_12 = 1.5, epsilon_22 = 0.5; sigma_11
 * = 1, sigma_12 = 0.8, sigma_22 = 0.88; m = 1. Index 0 = large (type 1), 1 = small (type 2). */
#ifndef VITRINE_WORKER_MD_POTENTIAL_H
#define VITRINE_WORKER_MD_POTENTIAL_H

#include "common/segment.h"

struct potential {
    double sigma[2][2];   /* sigma */
    double epsilon[2][2]; /* epsilon */
    double mass[2];       /* m_1 */
    double cutoff;        /* sigma */
    enum cut_kind cut;
    /* Derived, for V = c12 r^-12 - c6 r^-6 - shift - (r - r_c) slope: */
    double c12[2][2], c6[2][2];
    double shift[2][2]; /* epsilon; 0 when truncated */
    double slope[2][2]; /* epsilon/sigma; V'(r_c) when force_shifted, else 0 */
};

struct potential potential_make(enum potential_kind kind, enum cut_kind cut, double cutoff);

/* Energy of one pair at squared distance r_sq < cutoff^2, and out_force_over_r = -V'(r)/r. Plain double: the reference.
 */
double potential_pair(const struct potential *potential, int type_a, int type_b, double r_sq, double *out_force_over_r);

#endif
