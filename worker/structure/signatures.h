/* signatures.h - what kind of polyhedron a Voronoi cell is: <n3, n4, n5, n6>, n_k = faces with k edges. */
#ifndef VITRINE_WORKER_STRUCTURE_SIGNATURES_H
#define VITRINE_WORKER_STRUCTURE_SIGNATURES_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

struct signature {
    uint32_t n3, n4, n5, n6, n7_plus;
    uint32_t faces;
};

struct signature signature_of(const struct voronoi *voronoi, uint32_t atom);

/* <0,0,12,0> and nothing else: the atom is the centre of an icosahedron. */
bool signature_is_icosahedral(const struct signature *signature);

/* How many atoms are, by type: out_count[ATOM_LARGE], out_count[ATOM_SMALL]. out_is (may be NULL) is [atoms]. */
void signatures_count_icosahedral(const struct voronoi *voronoi, const uint8_t *type, bool *out_is,
                                  uint32_t out_count[2]);

#endif
