/* eos_picture.h - curves of static energies with the two-phase minimum, and over them the local energies and volumes of
 * a configuration (Derlet & Maass, Fig. 5). */
#ifndef VITRINE_SERVER_CMD_EOS_PICTURE_H
#define VITRINE_SERVER_CMD_EOS_PICTURE_H

#include "server/cmd/eos_read.h"
#include "server/plot/figure.h"

/* Atoms of a configuration: half the energy of each one's pairs, and the volume of its Voronoi cell. */
struct eos_scatter {
    size_t count;
    double *volumes, *energies; /* sigma^3, epsilon, [count] */
    bool *is_small;             /* [count] */
};

/* Measured by `vitrine-worker analyze` in the ensemble's potential: of a file, or of a frame of the database written as
 * REPLICA:STEP, or CAMPAIGN/REPLICA:STEP for one of another campaign than the curves. An inherent frame is preferred to
 * a thermal one of the same step. */
enum status eos_scatter_read(const struct reading *reading, const struct selected *item, const char *where,
                             struct eos_scatter *out, struct error *err) MUST_CHECK;
void eos_scatter_finish(struct eos_scatter *scatter); /* NULL and zeroed are fine */

/* scatter may be NULL. The caller finishes the figure, on failure too. */
enum status eos_picture(struct store *store, const struct selected *item, const struct eos_scatter *scatter,
                        struct figure *figure, struct error *err) MUST_CHECK;

#endif
