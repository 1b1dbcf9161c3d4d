/* volume.h - the volume per atom of a composition.
 *
 *     species       each species keeps the average volume that it has in the 50:50 glass at 0.767, by plain Voronoi
 *                   cells: V(x) = x v_S + (1 - x) v_L, v_S = 0.692, v_L = 0.842 sigma^3. The rule of Derlet & Maass
 *                   ("the same average volume available to small and large atoms"); self-consistent within 2 %.
 *     sigma_cubed   V(x) goes as the mean cube of the diameters, (x s_22^3 + (1 - x) s_11^3), from the same 0.767 at
 *                   50:50: close to equal pressure
 *
 * x is small atoms over all atoms. For the Wahnstrom mixture. */
#ifndef VITRINE_WORKER_BUILD_VOLUME_H
#define VITRINE_WORKER_BUILD_VOLUME_H

enum volume_rule { VOLUME_SPECIES, VOLUME_SIGMA_CUBED, VOLUME_RULE_COUNT };
extern const char *const volume_rule_names[VOLUME_RULE_COUNT]; /* "species", "sigma_cubed" */

/* sigma^3 per atom. */
double volume_by_rule(enum volume_rule rule, double small_fraction);

#endif
