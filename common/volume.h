/* volume.h - the volume per atom of a composition.
 *
 *     species       each species keeps the average volume that it has in the 50:50 glass at 0.767, by plain Voronoi
 *                   cells: V(x) = x v_S + (1 - x) v_L, v_S = 0.692, v_L = 0.842 sigma^3. The rule of Derlet & Maass
 *                   ("the same average volume available to small and large atoms"); self-consistent within 2 %.
 *     sigma_cubed   V(x) goes as the mean cube of the diameters, (x s_22^3 + (1 - x) s_11^3), from (v_S + v_L) / 2 at
 *                   50:50: close to equal pressure
 *     fixed         (v_S + v_L) / 2 whatever the composition
 *
 * x is small atoms over all atoms. The numbers are those of the Wahnstrom mixture, and may be others. */
#ifndef VITRINE_COMMON_VOLUME_H
#define VITRINE_COMMON_VOLUME_H

#include "common/segment.h"

enum volume_rule { VOLUME_SPECIES, VOLUME_SIGMA_CUBED, VOLUME_FIXED, VOLUME_RULE_COUNT };
extern const char *const volume_rule_names[VOLUME_RULE_COUNT]; /* "species", "sigma_cubed", "fixed" */

/* Average volumes of the two species at 50:50, sigma^3 per atom. */
struct volume_parts {
    double small, large;
};
extern const struct volume_parts volume_parts_wahnstrom;

/* Diameter of the small species, sigma; that of the large one is 1. */
double volume_diameter_small(enum potential_kind potential);

/* sigma^3 per atom. */
double volume_by_rule(enum volume_rule rule, enum potential_kind potential, const struct volume_parts *parts,
                      double small_fraction);

#endif
