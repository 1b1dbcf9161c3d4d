/* voronoi.h - the Voronoi tessellation of a configuration, periodic, exact up to rounding.
 *
 * The cell of an atom begins as a cube and is clipped by the bisecting plane of one neighbour after another, nearest
 * first, until the next neighbour is too far to reach any vertex (twice the farthest vertex: the security radius).
 * Every vertex is kept as the meeting point of exactly three planes, the dual of a triangulation, so a clip is: the
 * vertices beyond the plane go, the edges that cross it get new vertices, and those form one ring. (Ray, Sokolov,
 * Lefebvre & Levy, "Meshless Voronoi on the GPU", ACM Trans. Graph. 37, 265 (2018); the security radius is theirs and
 * older.)
 *
 * Degenerate configurations (perfect fcc: four planes through one point) are decided by a tolerance: a plane that
 * enters a cell by less than 1e-11 spacings does not cut it, an edge shorter than 1e-9 spacings is not an edge. A
 * spacing is (V/N)^(1/3). So perfect fcc gives twelve four-edged faces, the same on every run.
 *
 * Radical (power) tessellation: the plane between a and b stands where |x - a|^2 - r_a^2 = |x - b|^2 - r_b^2. An atom
 * may then have an empty cell. Gellatly & Finney, J. Non-Cryst. Solids 50, 313 (1982). */
#ifndef VITRINE_WORKER_STRUCTURE_VORONOI_H
#define VITRINE_WORKER_STRUCTURE_VORONOI_H

#include "worker/md/configuration.h"

struct voronoi_options {
    double radius[2];     /* sigma, by enum atom_type; equal (both 0): the plain tessellation */
    double face_area_min; /* a face below this fraction of its cell's surface is no face; 0 = all count */
    double edge_min;      /* sigma: a shorter edge does not count among a face's edges; 0 = all count */
};

/* One face of one cell. Each face stands twice, once in each of the two cells (unless a threshold drops it in one). */
struct voronoi_face {
    uint32_t neighbour; /* atom on the other side */
    int8_t image[3];    /* and which of its periodic images, in box edges */
    uint8_t edges;      /* edges that count */
    double area;        /* sigma^2 */
};

struct voronoi {
    uint32_t atoms;
    double *volume;            /* sigma^3, [atoms]; whatever the thresholds: they sum to the box */
    uint32_t *first;           /* the faces of atom i are face[first[i] .. first[i + 1] - 1], [atoms + 1] */
    struct voronoi_face *face; /* nearest neighbour first */
};

/* Initialises `out`. Large configurations use the calling thread's OpenMP team; the result does not depend on it.
 * STATUS_PHYSICS when two atoms coincide; STATUS_LIMIT when a cell has more faces than the tables hold. */
enum status voronoi_init(struct voronoi *out, const struct configuration *configuration,
                         const struct voronoi_options *options, struct error *err) MUST_CHECK;
void voronoi_finish(struct voronoi *voronoi); /* NULL and zeroed are fine */

#endif
