/* network.c - icosahedral atoms and the Voronoi faces that they share, early and late. Figure 2 of the paper. */
#include "server/cmd/pictures/scenes.h"

#include "server/cmd/pictures/pictures.h"

static const struct scene_group groups[] = {
    {NULL, SCENE_STICKS, 0x808080, 1.0},
    {"other atoms", SCENE_DOTS, 0xb0b0b0, 1.0},
    {"icosahedral, small", SCENE_DOTS, 0x0072b2, 1.0},
    {"icosahedral, large", SCENE_DOTS, 0xd55e00, 1.0},
    {"face between two", SCENE_STICKS, 0x56b4e9, 5.0},
};
static const struct scene_kind kind = {"network", "network of icosahedra", groups, sizeof groups / sizeof *groups};

static enum status draw_network(const struct picture_source *source, struct figure *figure, struct error *err)
{
    return scenes_draw_ends(&kind, source, figure, err);
}

const struct picture picture_network = {
    .name = "network",
    .summary = "icosahedral atoms and their connections, from the first and the last stored inherent structure",
    .scope = PICTURE_OF_ENSEMBLE,
    .needs_frames = true,
    .modes = PICTURE_STATES,
    .draw = draw_network,
};
