/* overlap.h - how much of a configuration is left in a later one, and when it has forgotten: relaxation.
 *
 *     self overlap        q_s = 1/N sum_i    w(|r_i(t2) - r_i(t1)|)       the same atom is still there
 *     collective overlap  Q   = 1/N sum_i,j  w(|r_i(t2) - r_j(t1)|)       some atom is there
 *
 * w(r) is 1 below the radius a and 0 beyond; a = 0.3 sigma is larger than the amplitude of vibrations. Of two
 * independent configurations Q is the chance value rho 4 pi/3 a^3 and q_s is 0. Lacevic, Starr, Schroder & Glotzer,
 * J. Chem. Phys. 119, 7372 (2003).
 *
 *     F_s(q, t) = 1/N sum_i < cos q.(r_i(t) - r_i(0)) >,
 *
 * averaged over the wave vectors of the box's reciprocal lattice next to |q|: there the cosine does not depend on the
 * image of the atom, so positions from files without images give F_s exactly. Hansen & McDonald, Theory of Simple
 * Liquids, section 7.4. The relaxation time is where F_s, at the first peak of S(q), has fallen to 1/e. */
#ifndef VITRINE_WORKER_STRUCTURE_OVERLAP_H
#define VITRINE_WORKER_STRUCTURE_OVERLAP_H

#include "worker/structure/displacement.h"
#include <stdbool.h>

struct overlap {
    double self;       /* q_s */
    double collective; /* Q */
    double chance;     /* Q of independent configurations */
};

/* `before` is the configuration that the displacements begin at; radius in sigma. */
enum status overlap_measure(const struct displacement *displacement, const struct configuration *before, double radius,
                            struct overlap *out, struct error *err) MUST_CHECK;

enum { SCATTERING_VECTORS_MAX = 256 }; /* of more, every n-th is taken */

struct scattering {
    double q;         /* 1/sigma: mean |q| of the vectors taken */
    uint32_t vectors; /* one of each pair q, -q */
    double all;       /* F_s of all atoms */
    double type[2];   /* of each type; 0 where there is no such atom */
};

/* Over the vectors within `half_width` of q (1/sigma); where there are none, the lattice's nearest ones.
 * STATUS_INVALID for q <= 0. */
enum status scattering_measure(const struct displacement *displacement, const struct configuration *before, double q,
                               double half_width, struct scattering *out, struct error *err) MUST_CHECK;

/* First time at which a curve that begins at (0, 1) and goes through (time[n], value[n]), times rising, has fallen to
 * `level`, linear in between. False when it never does. */
bool relaxation_time(uint32_t count, const double *time, const double *value, double level, double *out_time);

#endif
