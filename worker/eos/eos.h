/* eos.h - static energy-volume curves of crystals, and the lowest state of two of them side by side.
 *
 * Pure functions: the energy per atom of a perfect crystal at volume V is a lattice sum, exact for the cut potential.
 *
 * Ideal geometry keeps ideal c/a and internal coordinates at every volume (what the published two-phase value rests
 * on). Relaxed geometry minimises the energy over them at each volume, symmetry kept; with a plain cut, the energy of
 * the shifted potential, whose forces are the same: the plain one jumps whenever a shell slips through the cutoff.
 * Where a stretched crystal would come apart into layers its shape is held within 25 % in c/a and 0.06 in internal
 * coordinates of the ideal one, and the point says so.
 *
 * Two phases a, b with small fractions x_a, x_b fill a volume V per atom at overall small fraction x; a holds the part
 * f = (x - x_b) / (x_a - x_b) of the atoms (lever rule), and interfaces cost nothing (Derlet & Maass, Eqs. 2-3):
 *
 *     E = min over V_a of  f E_a(V_a) + (1 - f) E_b(V_b),   f V_a + (1 - f) V_b = V
 *
 * which is where the curves have equal slope (common pressure). */
#ifndef VITRINE_WORKER_EOS_EOS_H
#define VITRINE_WORKER_EOS_EOS_H

#include "common/phase.h"
#include "worker/build/lattices.h"
#include "worker/md/potential.h"

/* Volumes per atom that are searched for minima, sigma^3. */
#define EOS_VOLUME_MIN 0.35
#define EOS_VOLUME_MAX 1.5

struct eos_point {
    double volume;   /* sigma^3 per atom */
    double energy;   /* epsilon per atom, in the potential's cut convention */
    double pressure; /* -dE/dV, epsilon/sigma^3, from the virial; no impulsive term at the cut */
    struct lattice_shape shape;
    bool is_held; /* the shape rests against the limits of its phase: the crystal is not stable at this volume */
};

/* Where its atoms are. */
enum lattice_kind eos_lattice_kind(const struct phase *phase);

/* Energy per atom of a lattice at a volume per atom, epsilon: the sum over all neighbours within the cutoff. */
double eos_lattice_energy(const struct potential *potential, const struct lattice *lattice, double volume);

struct eos_point eos_point_at(const struct potential *potential, const struct phase *phase, enum eos_geometry geometry,
                              double volume);

/* The lowest point of the curve. */
struct eos_point eos_minimum(const struct potential *potential, const struct phase *phase, enum eos_geometry geometry);

struct eos_two_phase {
    double fraction_a; /* of the atoms in phase a */
    struct eos_point a, b;
    double energy; /* epsilon per atom of the whole */
};

/* STATUS_INVALID when small_fraction does not lie strictly between those of the phases. */
enum status eos_two_phase(const struct potential *potential, const struct phase *a, const struct phase *b,
                          enum eos_geometry geometry, double small_fraction, double volume, struct eos_two_phase *out,
                          struct error *err) MUST_CHECK;

#endif
