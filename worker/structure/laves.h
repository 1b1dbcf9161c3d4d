/* laves.h - Laves phases (C15, C14, C36) by the skeleton of their large sites.
 *
 * In every Laves phase the large atoms are Frank-Kasper Z16 and the small ones Z12; the four bonds of a Z16 site that
 * are surrounded by six atoms lead to other Z16 sites and form a diamond network: cubic in C15, hexagonal in C14, half
 * and half in C36 (Frank & Kasper, Acta Cryst. 12, 483 (1959)). The sites are told by their Voronoi cells, not by the
 * species on them, so chemical disorder does not hide them.
 *
 *     site       a Z16 atom whose four six-edged faces are shared with Z16 atoms
 *     bond       between two sites it is staggered when the three further bonds of one, seen along it, stand in the
 * gaps of the other's three (mean cos 3 phi < 0), eclipsed when they cover them cubic      a site with four staggered
 * bonds; hexagonal: with one eclipsed and three staggered Laves atom a site, or a Z12 or Z16 atom that shares a face
 * with one
 *
 * The test by two shells of neighbours is in the spirit of Maras et al., Comput. Phys. Commun. 205, 13 (2016); theirs
 * goes by distance, which chemical disorder would mislead. */
#ifndef VITRINE_WORKER_STRUCTURE_LAVES_H
#define VITRINE_WORKER_STRUCTURE_LAVES_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

enum laves_polytype { LAVES_NONE, LAVES_C15, LAVES_C14, LAVES_MIXED };
extern const char *const laves_polytype_names[4]; /* "none", "C15", "C14", "mixed" */

struct laves {
    uint32_t atoms;     /* Laves atoms */
    uint32_t sites;     /* of the diamond network */
    uint32_t cubic;     /* sites */
    uint32_t hexagonal; /* sites */
    uint32_t largest;   /* Laves atoms in the largest connected cluster */
    /* C15 or C14 when at least nine in ten of the sites that are cubic or hexagonal are of that kind; mixed: C36, or
     * stacking faults; none: there is no such site. */
    enum laves_polytype polytype;
};

/* out_is (may be NULL) is [atoms]: the Laves atoms. */
enum status laves_find(const struct voronoi *voronoi, const struct configuration *configuration, bool *out_is,
                       struct laves *out, struct error *err) MUST_CHECK;

#endif
