/* supercell.h - how many cells of a crystal make a box of about so many atoms.
 *
 * The worker builds supercells and a campaign says before it runs whether its number of atoms is one; both ask here. */
#ifndef VITRINE_COMMON_SUPERCELL_H
#define VITRINE_COMMON_SUPERCELL_H

#include "common/segment.h"
#include <stdbool.h>
#include <stdint.h>

/* An orthorhombic cell; of the edges only the ratios count. */
struct supercell_cell {
    uint32_t atoms;
    double edge[3];
};

/* The cell, in its ideal shape, of a builder that makes a crystal; false for the others. */
bool supercell_of_builder(enum builder_kind builder, struct supercell_cell *out);

/* The supercell nearest to `atoms` whose shortest edge is at least 0.8 of that of a cube of its volume (the cutoff has
 * to fit twice); the rounder of two equals. */
void supercell_fit(const struct supercell_cell *cell, uint32_t atoms, uint32_t out_count[3]);

/* The shortest edge over that of a cube of the same volume. */
double supercell_roundness(const struct supercell_cell *cell, const uint32_t count[3]);

#endif
