/* environment.h - in which surroundings each atom stands: one word per atom, so that what is measured per atom
 * (displacement, energy, volume) can be told apart by structure.
 *
 * An atom has the first of these that is true of it:
 *
 *     laves         a Laves atom (laves.h)
 *     close_packed  fcc or hcp by adaptive common-neighbour analysis (cna.h); before ico, because the Voronoi cell of
 *                   an fcc atom is degenerate and noise makes any twelve faces of it
 *     ico           Voronoi index <0,0,12,0>
 *     interface     none of these, but it shares a Voronoi face with a Laves or close-packed atom
 *     other         the rest: the glass
 */
#ifndef VITRINE_WORKER_STRUCTURE_ENVIRONMENT_H
#define VITRINE_WORKER_STRUCTURE_ENVIRONMENT_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

enum environment {
    ENVIRONMENT_LAVES,
    ENVIRONMENT_CLOSE_PACKED,
    ENVIRONMENT_ICO,
    ENVIRONMENT_INTERFACE,
    ENVIRONMENT_OTHER,
    ENVIRONMENT_COUNT
};
extern const char *const environment_names[ENVIRONMENT_COUNT]; /* "laves", "ico", "close_packed", ... */

/* From what is known already: laves_is and cna_adaptive (enum cna_kind) are [atoms]; out_kind (enum environment) too.
 */
void environment_combine(const struct voronoi *voronoi, const bool *laves_is, const uint8_t *cna_adaptive,
                         uint8_t *out_kind);

/* The same with everything computed here. */
enum status environment_classify(const struct configuration *configuration, const struct voronoi_options *options,
                                 uint8_t *out_kind, struct error *err) MUST_CHECK;

#endif
