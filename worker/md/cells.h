/* cells.h - atoms sorted into cells, and for each cell the neighbourhood: all atoms and periodic images that can lie
 * within a radius of any atom of the cell.
 *
 * An image is an atom with its position shifted by whole box edges, so a neighbourhood is right for every box and
 * radius: where the radius passes half the box (or the whole of it) an atom simply appears several times. No minimum
 * image is taken anywhere. Cells of any width work; about half the radius is fastest. The order of a neighbourhood
 * depends on nothing but the positions. */
#ifndef VITRINE_WORKER_MD_CELLS_H
#define VITRINE_WORKER_MD_CELLS_H

#include "worker/md/configuration.h"

struct cells {
    const struct configuration *configuration; /* borrowed */
    uint32_t count[3];                         /* cells along each edge */
    double width[3];                           /* sigma */
    uint32_t total;
    uint32_t *first;     /* into `atom`, [total + 1] */
    uint32_t *atom;      /* sorted by cell, then by index, [atoms] */
    double *position[3]; /* sigma, of these in the same order: what is collected stands together, [atoms] */
};

/* The neighbourhood of one cell. `home` is where the cell's own atoms (not images) stand, in the cell's order. */
struct neighbourhood {
    uint32_t count, capacity;
    uint32_t home;
    double *position[3]; /* sigma, unwrapped: shifted next to the cell, [capacity] */
    uint32_t *atom;      /* [capacity] */
    struct box_image {
        int8_t edges[3]; /* box edges that it is shifted by */
    } *image;            /* [capacity] */
};

/* Cells at least `width` wide where the box has room for that; never more cells than a few per atom. */
enum status cells_init(struct cells *cells, const struct configuration *configuration, double width,
                       struct error *err) MUST_CHECK;
void cells_finish(struct cells *cells); /* NULL and zeroed are fine */

/* Collects the neighbourhood of `cell`; a zeroed struct grows as needed and is used again for the next cell, so that
 * after a few cells nothing is allocated. STATUS_LIMIT when the radius asks for an absurd number of images. One
 * neighbourhood per thread. */
enum status neighbourhood_collect(struct neighbourhood *neighbourhood, const struct cells *cells, uint32_t cell,
                                  double radius, struct error *err) MUST_CHECK;
void neighbourhood_finish(struct neighbourhood *neighbourhood); /* NULL and zeroed are fine */

#endif
