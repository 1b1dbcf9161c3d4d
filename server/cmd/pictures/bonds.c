/* bonds.c - every bond by the number n of atoms around it, which is the number of edges of its Voronoi face: where n is
 * not 5 runs a disclination line. Figure 7 of the paper. */
#include "server/cmd/pictures/scenes.h"

#include "server/cmd/pictures/pictures.h"

static const struct scene_group groups[] = {
    {NULL, SCENE_STICKS, 0x808080, 1.0},
    {"large atoms", SCENE_DOTS, 0xe69f00, 1.0},
    {"small atoms", SCENE_DOTS, 0x56b4e9, 1.0},
    {"n = 3", SCENE_STICKS, 0x000000, 1.5},
    {"n = 4", SCENE_STICKS, 0x0072b2, 2.5},
    {"n = 5", SCENE_STICKS, 0xd8d8d8, 0.6},
    {"n = 6", SCENE_STICKS, 0xd55e00, 2.5},
    {"n = 7", SCENE_STICKS, 0xcc79a7, 3.0},
    {"n = 8 and more", SCENE_STICKS, 0x009e73, 3.5},
};
static const struct scene_kind kind = {"bonds", "bonds by the edges n of their Voronoi faces", groups,
                                       sizeof groups / sizeof *groups};

static enum status draw_bonds(const struct picture_source *source, struct figure *figure, struct error *err)
{
    return scenes_draw_ends(&kind, source, figure, err);
}

const struct picture picture_bonds = {
    .name = "bonds",
    .summary = "bonds by how many atoms surround them, from the first and the last stored inherent structure",
    .scope = PICTURE_OF_ENSEMBLE,
    .needs_frames = true,
    .modes = PICTURE_STATES,
    .draw = draw_bonds,
};
