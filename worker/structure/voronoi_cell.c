#include "worker/structure/voronoi_cell.h"

#include <math.h>

static const uint8_t after[3] = {1, 2, 0}, before[3] = {2, 0, 1};

static uint16_t half_edge(uint32_t vertex, uint32_t k)
{
    return (uint16_t)(4 * vertex + k);
}

static void set_position(struct cell *cell, uint32_t v, const double position[3])
{
    for (int axis = 0; axis < 3; axis++)
        cell->position[axis][v] = position[axis];
    cell->distance_sq[v] = position[0] * position[0] + position[1] * position[1] + position[2] * position[2];
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Four at a time: one running maximum would wait for itself at every vertex. */
static void find_radius(struct cell *cell)
{
    const double *d = cell->distance_sq;
    double most[4] = {0.0, 0.0, 0.0, 0.0};
    uint32_t v = 0;
    for (; v + 4 <= cell->vertices; v += 4)
        for (int lane = 0; lane < 4; lane++)
            most[lane] = larger(d[v + (uint32_t)lane], most[lane]);
    for (; v < cell->vertices; v++)
        most[0] = larger(d[v], most[0]);
    cell->radius_sq = larger(larger(most[0], most[1]), larger(most[2], most[3]));
}

/* Bit k of a cube's vertex says on which side it lies along axis k; walls 2k and 2k + 1 are the sides + and -. The
 * walls x, y, z of a vertex are counter-clockwise when an even number of sides is negative. */
void cell_init(struct cell *cell, double half_edge_length, double tolerance)
{
    cell->vertices = 8;
    cell->planes = CELL_WALLS;
    cell->tolerance = tolerance;
    for (uint32_t wall = 0; wall < CELL_WALLS; wall++)
        cell->plane_distance[wall] = half_edge_length;
    for (uint32_t v = 0; v < 8; v++) {
        const bool odd = __builtin_popcount(v) & 1;
        const uint32_t axis_of[3] = {0, odd ? 2 : 1, odd ? 1 : 2};
        const uint32_t index_of[3] = {0, odd ? 1 : 2,
                                      odd ? 2 : 1}; /* in the vertex across an edge, which is the other kind */
        double position[3];
        for (uint32_t k = 0; k < 3; k++) {
            const uint32_t axis = axis_of[k], side = v >> axis & 1;
            position[axis] = side ? -half_edge_length : half_edge_length;
            cell->plane[k][v] = (uint16_t)(2 * axis + side);
            cell->twin[half_edge(v, k)] = half_edge(v ^ (1u << axis), index_of[axis]);
        }
        set_position(cell, v, position);
    }
    find_radius(cell);
}

/* Height of each vertex above the plane; the vertices that are more than `least` above it are listed as gone. */
static uint32_t find_gone(struct cell *cell, const double normal[3], double distance, double least)
{
    const double *x = cell->position[0], *y = cell->position[1], *z = cell->position[2];
    const uint32_t vertices = cell->vertices;
    double *height = cell->height;
    for (uint32_t v = 0; v < vertices; v++)
        height[v] = normal[0] * x[v] + normal[1] * y[v] + normal[2] * z[v] - distance;
    uint32_t gone = 0;
    for (uint32_t v = 0; v < vertices; v++) {
        cell->gone[gone] = (uint16_t)v;
        gone += height[v] > least;
    }
    return gone;
}

/* The vertex where edge k of vertex u, which goes, meets the plane. */
static void cross_edge(struct cell *cell, uint32_t u, uint32_t k, uint16_t plane, struct cell_crossing *crossing)
{
    const uint16_t twin = cell->twin[half_edge(u, k)];
    const uint32_t w = twin >> 2;
    const double above = cell->height[u], below = cell->height[w];
    const double t = below < 0.0 ? above / (above - below) : 1.0;
    for (int axis = 0; axis < 3; axis++) {
        const double *x = cell->position[axis];
        crossing->position[axis] = x[u] + t * (x[w] - x[u]);
        crossing->plane[axis] = cell->plane[axis][u];
    }
    crossing->plane[k] = plane;
    crossing->twin = twin;
    crossing->k = (uint8_t)k;
}

/* Edges between vertices that go and vertices that stay. 0 when there is no room for them. */
static uint32_t find_crossings(struct cell *cell, uint32_t gone, uint16_t plane, double least)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < gone; n++) {
        const uint32_t u = cell->gone[n];
        for (uint32_t k = 0; k < 3; k++) {
            if (cell->height[cell->twin[half_edge(u, k)] >> 2] > least)
                continue;
            if (count == CELL_VERTICES_MAX)
                return 0;
            cross_edge(cell, u, k, plane, &cell->crossing[count++]);
        }
    }
    return count;
}

/* Around the new face, each crossing comes in by one old plane (the one after k) and leaves by another (the one before
 * k). They form one ring through all crossings, unless rounding made the vertices that go two islands, or one with a
 * hole. Fills entering[plane] = the crossing that comes in by it. */
static bool crossings_are_one_ring(struct cell *cell, uint32_t count)
{
    const struct cell_crossing *crossing = cell->crossing;
    for (uint32_t n = 0; n < count; n++)
        cell->entering[crossing[n].plane[after[crossing[n].k]]] = (uint16_t)n;
    uint32_t n = 0, steps = 0;
    do {
        const uint16_t leaving = crossing[n].plane[before[crossing[n].k]];
        n = cell->entering[leaving];
        /* The table is not cleared between clips: an entry counts only if it is true now. */
        if (n >= count || crossing[n].plane[after[crossing[n].k]] != leaving)
            return false;
        steps++;
    } while (n != 0 && steps < count);
    return n == 0 && steps == count;
}

/* The last vertex moves into a hole. */
static void fill_hole(struct cell *cell, uint32_t hole)
{
    const uint32_t last = --cell->vertices;
    if (hole == last)
        return;
    cell->distance_sq[hole] = cell->distance_sq[last];
    for (uint32_t k = 0; k < 3; k++) {
        const uint16_t twin = cell->twin[half_edge(last, k)];
        cell->position[k][hole] = cell->position[k][last];
        cell->plane[k][hole] = cell->plane[k][last];
        cell->twin[half_edge(hole, k)] = twin;
        cell->twin[twin] = half_edge(hole, k);
    }
}

/* Puts the ring of new vertices where the gone ones were. There are two more of them, less two for each face that went
 * as a whole. */
static void replace_vertices(struct cell *cell, uint32_t gone, uint32_t count)
{
    for (uint32_t n = gone; n < count; n++)
        cell->gone[n] = (uint16_t)cell->vertices++;
    const uint16_t *slot = cell->gone;
    for (uint32_t n = 0; n < count; n++) {
        const struct cell_crossing *crossing = &cell->crossing[n];
        const uint32_t v = slot[n], k = crossing->k;
        set_position(cell, v, crossing->position);
        for (int axis = 0; axis < 3; axis++)
            cell->plane[axis][v] = crossing->plane[axis];
        cell->twin[half_edge(v, k)] = crossing->twin;
        cell->twin[crossing->twin] = half_edge(v, k);
        const uint32_t next = cell->entering[crossing->plane[before[k]]];
        const uint16_t forward = half_edge(v, after[k]);
        const uint16_t backward = half_edge(slot[next], before[cell->crossing[next].k]);
        cell->twin[forward] = backward;
        cell->twin[backward] = forward;
    }
    for (uint32_t n = gone; n > count; n--)
        fill_hole(cell, cell->gone[n - 1]);
}

enum cell_clip_result cell_clip(struct cell *cell, const double normal[3], double distance, uint32_t tag)
{
    const uint16_t plane = (uint16_t)cell->planes;
    double least = cell->tolerance;
    /* Where vertices straddle the tolerance by a rounding error the ring may be broken; a larger tolerance mends it. A
     * plane that still fails enters the cell by less than 64 tolerances, and is left out. */
    for (int attempt = 0; attempt < 4; attempt++, least *= 4.0) {
        const uint32_t gone = find_gone(cell, normal, distance, least);
        if (gone == 0)
            return CELL_UNTOUCHED;
        if (gone == cell->vertices)
            return CELL_EMPTY;
        if (plane == CELL_PLANES_MAX)
            return CELL_FULL;
        const uint32_t count = find_crossings(cell, gone, plane, least);
        if (count == 0 || cell->vertices + 2 > CELL_VERTICES_MAX)
            return CELL_FULL;
        if (!crossings_are_one_ring(cell, count))
            continue;
        replace_vertices(cell, gone, count);
        cell->plane_distance[plane] = distance;
        cell->plane_tag[plane] = tag;
        cell->planes++;
        find_radius(cell);
        return CELL_CLIPPED;
    }
    return CELL_UNTOUCHED;
}

struct polygon {
    double area;
    uint32_t corners, edges;
};

/* Walks once around the face of plane k of vertex `start`, summing triangles with that vertex. */
static struct polygon walk_face(const struct cell *cell, uint32_t start, uint32_t k,
                                const struct cell_thresholds *thresholds)
{
    const double *x = cell->position[0], *y = cell->position[1], *z = cell->position[2];
    double normal[3] = {0.0, 0.0, 0.0};
    double a[3] = {0.0, 0.0, 0.0}; /* relative to the start */
    const double corner_sq = thresholds->corner_min * thresholds->corner_min;
    const double edge_sq = thresholds->edge_min * thresholds->edge_min;
    uint32_t v = start, corners = 0, edges = 0;
    do {
        const uint16_t twin = cell->twin[half_edge(v, before[k])];
        v = twin >> 2;
        k = before[twin & 3];
        const double b[3] = {x[v] - x[start], y[v] - y[start], z[v] - z[start]};
        const double e[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]};
        const double length_sq = e[0] * e[0] + e[1] * e[1] + e[2] * e[2];
        corners += length_sq > corner_sq;
        edges += length_sq > edge_sq;
        normal[0] += a[1] * b[2] - a[2] * b[1];
        normal[1] += a[2] * b[0] - a[0] * b[2];
        normal[2] += a[0] * b[1] - a[1] * b[0];
        for (int axis = 0; axis < 3; axis++)
            a[axis] = b[axis];
    } while (v != start);
    const double twice = sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
    return (struct polygon){0.5 * twice, corners, edges};
}

uint32_t cell_faces(const struct cell *cell, const struct cell_thresholds *thresholds,
                    struct cell_face out_face[CELL_PLANES_MAX], double *out_volume)
{
    uint16_t corner[CELL_PLANES_MAX]; /* half-edge opposite the plane at one of its vertices, plus one; 0 = no face */
    for (uint32_t p = 0; p < cell->planes; p++)
        corner[p] = 0;
    for (uint32_t v = cell->vertices; v-- > 0;)
        for (uint32_t k = 0; k < 3; k++)
            corner[cell->plane[k][v]] = (uint16_t)(half_edge(v, k) + 1);
    uint32_t count = 0;
    double sum = 0.0;
    for (uint32_t p = CELL_WALLS; p < cell->planes; p++) {
        if (!corner[p])
            continue;
        const uint16_t h = (uint16_t)(corner[p] - 1);
        const struct polygon polygon = walk_face(cell, h >> 2, h & 3, thresholds);
        sum += polygon.area * cell->plane_distance[p];
        out_face[count++] = (struct cell_face){cell->plane_tag[p], polygon.corners, polygon.edges, polygon.area};
    }
    *out_volume = sum / 3.0;
    return count;
}
