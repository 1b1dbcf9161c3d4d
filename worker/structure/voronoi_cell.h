/* voronoi_cell.h - one convex cell around the origin, clipped by half-spaces.
 *
 *             p2                    A vertex is where three planes p0, p1, p2 meet, counter-clockwise as seen from
 *              |                    outside. Half-edge k of a vertex runs along the two planes other than p_k, away
 *        h1    |    h0              from p_k. It is named 4 * vertex + k, and twin[] holds the half-edge that comes
 *          \   |   /                from its other end. No vertex ever has four planes: where four meet in space,
 *           \__v__/                 two vertices lie at one place, with an edge of no length between them.
 *        p0    |    p1
 *             h2
 *
 * A cell is large (some 100 KB) and lives in a thread's scratch space. */
#ifndef VITRINE_WORKER_STRUCTURE_VORONOI_CELL_H
#define VITRINE_WORKER_STRUCTURE_VORONOI_CELL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CELL_VERTICES_MAX = 1024,
    CELL_PLANES_MAX = 1024,
    CELL_WALLS = 6, /* planes 0 .. 5 are those of the cube a cell begins as */
    /* Rows of vertices are not a power of two apart: equal vertices of several rows would share one set of the cache. */
    CELL_ROW = CELL_VERTICES_MAX + 24,
};

/* An edge that a plane cuts, and the vertex that comes to stand there. */
struct cell_crossing {
    double position[3];
    uint16_t plane[3];
    uint16_t twin; /* half-edge of the vertex that stays */
    uint8_t k;     /* which half-edge of the vertex that goes; plane[k] is the new plane */
};

struct cell {
    uint32_t vertices, planes;
    double position[3][CELL_ROW]; /* sigma */
    double distance_sq[CELL_ROW]; /* sigma^2, from the origin */
    uint16_t plane[3][CELL_ROW];
    uint16_t twin[4 * CELL_ROW];
    double plane_distance[CELL_PLANES_MAX + 24]; /* sigma, from the origin */
    uint32_t plane_tag[CELL_PLANES_MAX];    /* the caller's name for the plane */
    double radius_sq;                       /* sigma^2, of the farthest vertex */
    double tolerance;                       /* sigma */
    /* Scratch of cell_clip. */
    double height[CELL_ROW];
    uint16_t gone[CELL_ROW];
    struct cell_crossing crossing[CELL_VERTICES_MAX];
    uint16_t entering[CELL_PLANES_MAX];
};

struct cell_face {
    uint32_t tag;
    uint32_t corners; /* edges longer than corner_min: those that are more than rounding */
    uint32_t edges;   /* edges longer than edge_min */
    double area;      /* sigma^2 */
};

/* What counts as an edge, sigma. */
struct cell_thresholds {
    double corner_min, edge_min;
};

/* A cube of that half edge. */
void cell_init(struct cell *cell, double half_edge, double tolerance);

enum cell_clip_result { CELL_UNTOUCHED, CELL_CLIPPED, CELL_EMPTY, CELL_FULL };

/* Keeps the side where normal . x <= distance; `normal` has length 1. CELL_FULL: the tables are. */
enum cell_clip_result cell_clip(struct cell *cell, const double normal[3], double distance, uint32_t tag);

/* The faces, in the order in which their planes cut; walls are left out. Returns how many; out_volume in sigma^3. */
uint32_t cell_faces(const struct cell *cell, const struct cell_thresholds *thresholds,
                    struct cell_face out_face[CELL_PLANES_MAX], double *out_volume);

#endif
