/* signatures.h - what kind of polyhedron a Voronoi cell is: <n3, n4, n5, n6>, n_k = faces with k edges. */
#ifndef VITRINE_WORKER_STRUCTURE_SIGNATURES_H
#define VITRINE_WORKER_STRUCTURE_SIGNATURES_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

struct signature {
    uint32_t n3, n4, n5, n6, n7_plus; /* n7_plus: seven edges or more */
    uint32_t faces;                   /* all, also those a threshold left with fewer than three edges */
};

struct signature signature_of(const struct voronoi *voronoi, uint32_t atom);

/* <0,0,12,0> and nothing else: the atom is the centre of an icosahedron. */
bool signature_is_icosahedral(const struct signature *signature);

/* Frank-Kasper polyhedra: twelve five-edged faces and 0, 2, 3 or 4 six-edged ones. Frank & Kasper, Acta Cryst. 11, 184
 * (1958). */
enum frank_kasper {
    FRANK_KASPER_NONE,
    FRANK_KASPER_Z12,
    FRANK_KASPER_Z14,
    FRANK_KASPER_Z15,
    FRANK_KASPER_Z16,
    FRANK_KASPER_COUNT
};
enum frank_kasper signature_frank_kasper(const struct signature *signature);

/* How many atoms are of each kind. */
void signatures_count_frank_kasper(const struct voronoi *voronoi, uint32_t out_count[FRANK_KASPER_COUNT]);

/* How many atoms are icosahedral, by type: out_count[ATOM_LARGE], out_count[ATOM_SMALL]. out_is (may be NULL) is
 * [atoms]. */
void signatures_count_icosahedral(const struct voronoi *voronoi, const uint8_t *type, bool *out_is,
                                  uint32_t out_count[2]);

#endif
