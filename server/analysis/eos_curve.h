/* eos_curve.h - static energy against volume as stored points: energies between them, minima, and the lowest state of
 * two phases side by side.
 *
 * Between two points the curve is the cubic with the energies and slopes (-pressure) of both. Where a plainly truncated
 * potential jumps because a shell of neighbours passes the cutoff, no such cubic fits the energies; there the curve is
 * straight, so that it never undershoots both points.
 *
 * Two phases a, b with small fractions x_a, x_b fill a volume V per atom at overall small fraction x; a holds the part
 * f = (x - x_b) / (x_a - x_b) of the atoms, and interfaces cost nothing (Derlet & Maass, Eqs. 2-3):
 *
 *     E = min over V_a of  f E_a(V_a) + (1 - f) E_b(V_b),   f V_a + (1 - f) V_b = V */
#ifndef VITRINE_SERVER_ANALYSIS_EOS_CURVE_H
#define VITRINE_SERVER_ANALYSIS_EOS_CURVE_H

#include "common/error.h"
#include <stddef.h>

/* Rising volumes. */
struct eos_curve {
    double small_fraction;
    size_t count;
    double *volumes, *energies, *pressures; /* sigma^3, epsilon, epsilon/sigma^3 per atom, [count] */
};

/* Energy at a volume; HUGE_VAL outside the points. */
double eos_curve_energy(const struct eos_curve *curve, double volume);

struct eos_minimum {
    double volume, energy; /* NAN where the lowest point is the first or the last: the minimum lies outside */
};
struct eos_minimum eos_curve_minimum(const struct eos_curve *curve);

struct eos_pair {
    double fraction_a; /* of the atoms in phase a */
    double volume_a, volume_b, energy_a, energy_b;
    double energy; /* epsilon per atom of the whole */
};

/* STATUS_INVALID when small_fraction does not lie strictly between those of the curves, or no partition of `volume`
 * lies on both. */
enum status eos_curve_pair(const struct eos_curve *a, const struct eos_curve *b, double small_fraction, double volume,
                           struct eos_pair *out, struct error *err) MUST_CHECK;

#endif
