/* scene.h - a configuration as marks on paper: dots, sticks and arrows, projected, for pictures of the network of
 * icosahedra (the paper's Fig. 2), of bonds by how many atoms surround them (Fig. 7) and of displacements (Fig. 1c).
 *
 * The projection is parallel, from a place to the front left and above; x and y on paper are sigma, depth runs from 0
 * (farthest mark) to 1. Bonds that cross the border of the box are drawn as two halves, one at each of their atoms. */
#ifndef VITRINE_WORKER_STRUCTURE_SCENE_H
#define VITRINE_WORKER_STRUCTURE_SCENE_H

#include "worker/structure/displacement.h"
#include "worker/structure/voronoi.h"

/* What a mark belongs to; who draws gives each group its looks. Group 0 is the frame of the box in all scenes. */
enum scene_network { NETWORK_FRAME, NETWORK_OTHER, NETWORK_ICO_SMALL, NETWORK_ICO_LARGE, NETWORK_BOND };
enum scene_bonds { BONDS_FRAME, BONDS_LARGE, BONDS_SMALL, BONDS_N3 }; /* then 4, 5, 6, 7, and 8 or more */
enum scene_moved { MOVED_FRAME, MOVED_OTHER, MOVED_ICO, MOVED_FAR };  /* then beyond two and three thresholds */
enum { SCENE_BONDS_N_FIRST = 3, SCENE_BONDS_N_LAST = 8, SCENE_MOVED_CLASSES = 3 };

struct scene_mark {
    uint32_t group;
    double depth;     /* of its middle */
    double from[2];   /* sigma, on paper */
    double vector[2]; /* sigma; 0 for a dot */
    double radius;    /* sigma, of a dot; else 0 */
};

struct scene {
    size_t count, room;
    struct scene_mark *marks;
};
void scene_finish(struct scene *scene); /* NULL and zeroed are fine */

/* Icosahedral atoms and the faces that they share; all other atoms are small dots. Initialises `out`; so do the others.
 */
enum status scene_network_init(struct scene *out, const struct configuration *configuration,
                               const struct voronoi *voronoi, struct error *err) MUST_CHECK;

/* Every bond by the number of edges of its face. */
enum status scene_bonds_init(struct scene *out, const struct configuration *configuration,
                             const struct voronoi *voronoi, struct error *err) MUST_CHECK;

/* An arrow for each atom that moved farther than `threshold` (sigma), by how many thresholds; the others are dots. The
 * tessellation is that of `before`. */
enum status scene_displacement_init(struct scene *out, const struct configuration *before,
                                    const struct voronoi *voronoi, const struct displacement *displacement,
                                    double threshold, struct error *err) MUST_CHECK;

#endif
