/* b2.h - B2 (CsCl), the ordered bcc crystal of 50:50, by the cells of its atoms and who sits around them.
 *
 * The Voronoi cell of a bcc atom is a truncated octahedron, index <0,6,0,8>: six-edged faces to its eight nearest
 * neighbours, four-edged ones to the six next. Three faces meet in each of its vertices and no edge is short, so unlike
 * the cell of an fcc atom it keeps its index under noise. (Tanemura et al., Prog. Theor. Phys. 58, 1079 (1977) tell
 * bcc nuclei by it.) In B2 the eight are of the other species and the six of the atom's own; chemical order is judged
 * by these two shells as in Larsen et al., Modelling Simul. Mater. Sci. Eng. 24, 055007 (2016), but one wrong atom in
 * each is allowed, so that an atom on the wrong site costs the crystal no more than itself.
 *
 *     B2 atom   index <0,6,0,8>; at least seven of the eight six-edged faces are shared with atoms of the other
 *               species, and at least five of the six four-edged ones with atoms of its own
 *
 * Of bcc with random species at 50:50, 4 in 1000 atoms pass. Atoms at a crystal's border are not counted. */
#ifndef VITRINE_WORKER_STRUCTURE_B2_H
#define VITRINE_WORKER_STRUCTURE_B2_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

struct b2 {
    uint32_t atoms;   /* B2 atoms */
    uint32_t largest; /* of them in the largest cluster connected by Voronoi faces */
};

/* out_is (may be NULL) is [atoms]: the B2 atoms. STATUS_NO_MEMORY. */
enum status b2_find(const struct voronoi *voronoi, const struct configuration *configuration, bool *out_is,
                    struct b2 *out, struct error *err) MUST_CHECK;

#endif
