/* bonds.h - pairs of atoms that share a Voronoi face, counted by how many atoms surround the pair.
 *
 * In a tetrahedral packing five tetrahedra fit around a bond with 7 degrees to spare; a bond surrounded by n = 6 (or 4)
 * carries a disclination of -72 (or +72) degrees. Nelson, Phys. Rev. B 28, 5515 (1983). Two definitions of n:
 *
 *     face edges          edges of the shared face
 *     common neighbours   atoms that share a face with both: the same except where faces meet in more than one edge
 */
#ifndef VITRINE_WORKER_STRUCTURE_BONDS_H
#define VITRINE_WORKER_STRUCTURE_BONDS_H

#include "worker/structure/voronoi.h"

enum { BONDS_N_MAX = 15 }; /* the last bin holds all beyond */

struct bonds {
    uint64_t by_face_edges[BONDS_N_MAX + 1];
    uint64_t by_common_neighbours[BONDS_N_MAX + 1];
    uint64_t total;
};

/* Each bond (each face) once; with periodic images told apart. */
struct bonds bonds_count(const struct voronoi *voronoi);

#endif
