#include "worker/structure/bonds.h"

#include <stdbool.h>

/* A face is met from both of its cells; this is the one from which it is counted. */
static bool is_counted_here(uint32_t atom, const struct voronoi_face *face)
{
    if (face->neighbour != atom)
        return face->neighbour > atom;
    for (int k = 0; k < 3; k++)
        if (face->image[k])
            return face->image[k] > 0;
    return false;
}

/* The cell across `face` has a face with the image of an atom that `other` names as seen from here. */
static bool is_neighbour_of_both(const struct voronoi *voronoi, const struct voronoi_face *face,
                                 const struct voronoi_face *other)
{
    for (uint32_t g = voronoi->first[face->neighbour]; g < voronoi->first[face->neighbour + 1]; g++) {
        const struct voronoi_face *there = &voronoi->face[g];
        if (there->neighbour == other->neighbour && there->image[0] + face->image[0] == other->image[0] &&
            there->image[1] + face->image[1] == other->image[1] && there->image[2] + face->image[2] == other->image[2])
            return true;
    }
    return false;
}

static uint32_t common_neighbours(const struct voronoi *voronoi, uint32_t atom, const struct voronoi_face *face)
{
    uint32_t count = 0;
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++)
        count += &voronoi->face[f] != face && is_neighbour_of_both(voronoi, face, &voronoi->face[f]);
    return count;
}

struct bonds bonds_count(const struct voronoi *voronoi)
{
    struct bonds bonds = {0};
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        for (uint32_t f = voronoi->first[i]; f < voronoi->first[i + 1]; f++) {
            const struct voronoi_face *face = &voronoi->face[f];
            if (!is_counted_here(i, face))
                continue;
            const uint32_t common = common_neighbours(voronoi, i, face);
            bonds.by_face_edges[face->edges < BONDS_N_MAX ? face->edges : BONDS_N_MAX]++;
            bonds.by_common_neighbours[common < BONDS_N_MAX ? common : BONDS_N_MAX]++;
            bonds.total++;
        }
    return bonds;
}
