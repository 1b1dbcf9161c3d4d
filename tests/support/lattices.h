/* lattices.h - crystals as configurations. */
#ifndef VITRINE_TESTS_SUPPORT_LATTICES_H
#define VITRINE_TESTS_SUPPORT_LATTICES_H

#include "worker/md/configuration.h"

/* cells^3 cubic cells of that edge with `count` atoms at these places (fractions of the edge) in each; all large. */
struct configuration lattice_cubic(uint32_t cells, double edge, uint32_t count, const double places[][3]);

/* Hexagonal Laves phases in an orthorhombic box of cells x cells x cells_z cells of a by a sqrt 3 by c, a chosen for
 * 0.767 sigma^3 per atom: MgZn2 and MgNi2 with their own internal coordinates. */
struct configuration lattice_c14(uint32_t cells, uint32_t cells_z);
struct configuration lattice_c36(uint32_t cells, uint32_t cells_z);

/* Cubic: MgCu2, the same volume. */
struct configuration lattice_c15(uint32_t cells);

/* Moves every coordinate by a uniform number in (-amplitude, amplitude). */
void lattice_shake(struct configuration *configuration, double amplitude, uint64_t seed);

#endif
