#include "worker/structure/scene.h"

#include "common/mem.h"
#include "worker/structure/signatures.h"

#include <math.h>

static const double radius_of_type[2] = {0.13, 0.10}; /* of dots that are not the point of the picture */
static const double radius_ico = 0.24;
enum { FRAME_PIECES = 8 };

/* --- Marks -------------------------------------------------------------------------------------------------------- */

/* Rows: right, up, towards the eye. A turn of the box by 25 degrees about z, then a tilt by 20 degrees. */
static const double view[3][3] = {
    {0.90630778703665, 0.42261826174070, 0.0},
    {-0.14454396156010, 0.30997527216077, 0.93969262078591},
    {0.39713126196710, -0.85165074111760, 0.34202014332567},
};

static double along(int axis, const double place[3])
{
    return view[axis][0] * place[0] + view[axis][1] * place[1] + view[axis][2] * place[2];
}

static enum status add_mark(struct scene *scene, const struct scene_mark *mark, struct error *err)
{
    if (scene->count == scene->room) {
        const size_t room = scene->room == 0 ? 1024 : 2 * scene->room;
        struct scene_mark *marks = mem_resize_array(scene->marks, scene->room, room, sizeof *marks);
        if (!marks)
            return mem_error(err, "the marks of a scene");
        scene->marks = marks;
        scene->room = room;
    }
    scene->marks[scene->count++] = *mark;
    return STATUS_OK;
}

static enum status add_dot(struct scene *scene, uint32_t group, const double place[3], double radius, struct error *err)
{
    const struct scene_mark mark = {
        .group = group, .depth = along(2, place), .from = {along(0, place), along(1, place)}, .radius = radius};
    return add_mark(scene, &mark, err);
}

static enum status add_stick(struct scene *scene, uint32_t group, const double place[3], const double vector[3],
                             struct error *err)
{
    const struct scene_mark mark = {.group = group,
                                    .depth = along(2, place) + 0.5 * along(2, vector),
                                    .from = {along(0, place), along(1, place)},
                                    .vector = {along(0, vector), along(1, vector)}};
    return add_mark(scene, &mark, err);
}

/* In pieces, so that its far parts are behind and its near ones in front. */
static enum status add_edge(struct scene *scene, const double box[3], int axis, int corner, struct error *err)
{
    double place[3] = {0}, vector[3] = {0};
    place[(axis + 1) % 3] = corner & 1 ? box[(axis + 1) % 3] : 0.0;
    place[(axis + 2) % 3] = corner & 2 ? box[(axis + 2) % 3] : 0.0;
    vector[axis] = box[axis] / FRAME_PIECES;
    enum status status = STATUS_OK;
    for (int piece = 0; status == STATUS_OK && piece < FRAME_PIECES; piece++) {
        place[axis] = box[axis] * piece / FRAME_PIECES;
        status = add_stick(scene, 0, place, vector, err);
    }
    return status;
}

static enum status add_frame(struct scene *scene, const double box[3], struct error *err)
{
    enum status status = STATUS_OK;
    for (int axis = 0; axis < 3; axis++)
        for (int corner = 0; status == STATUS_OK && corner < 4; corner++)
            status = add_edge(scene, box, axis, corner, err);
    return status;
}

/* Depths become 0 .. 1. */
static void scale_depths(struct scene *scene)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t m = 0; m < scene->count; m++) {
        low = fmin(low, scene->marks[m].depth);
        high = fmax(high, scene->marks[m].depth);
    }
    for (size_t m = 0; m < scene->count; m++)
        scene->marks[m].depth = high > low ? (scene->marks[m].depth - low) / (high - low) : 0.0;
}

void scene_finish(struct scene *scene)
{
    if (!scene)
        return;
    mem_free(scene->marks);
    *scene = (struct scene){0};
}

static enum status end_scene(struct scene *scene, enum status status, struct scene *out)
{
    if (status != STATUS_OK) {
        scene_finish(scene);
        return status;
    }
    scale_depths(scene);
    *out = *scene;
    return STATUS_OK;
}

static void place_of(const struct configuration *configuration, uint32_t atom, double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = configuration->position[k][atom];
}

/* --- Bonds -------------------------------------------------------------------------------------------------------- */

static bool is_inside(const struct voronoi_face *face)
{
    return !face->image[0] && !face->image[1] && !face->image[2];
}

/* The bond across a face as this atom sees it: whole when it lies inside the box and this is the atom of the lower
 * number, nothing for the other; this atom's half when it crosses the border. */
static enum status add_bond(struct scene *scene, uint32_t group, const struct configuration *configuration,
                            uint32_t atom, const struct voronoi_face *face, struct error *err)
{
    double place[3], there[3], vector[3];
    if (is_inside(face) && face->neighbour <= atom)
        return STATUS_OK;
    place_of(configuration, atom, place);
    place_of(configuration, face->neighbour, there);
    for (int k = 0; k < 3; k++)
        vector[k] = (there[k] + face->image[k] * configuration->box[k] - place[k]) * (is_inside(face) ? 1.0 : 0.5);
    return add_stick(scene, group, place, vector, err);
}

static bool *find_icosahedral(const struct configuration *configuration, const struct voronoi *voronoi,
                              struct error *err)
{
    uint32_t count[2];
    bool *ico = mem_alloc_array(configuration->atoms, sizeof *ico);
    if (ico)
        signatures_count_icosahedral(voronoi, configuration->type, ico, count);
    else
        error_ignore(mem_error(err, "the icosahedra of a scene"), "the caller sees NULL");
    return ico;
}

static enum status add_network_atom(struct scene *scene, const struct configuration *configuration,
                                    const struct voronoi *voronoi, const bool *ico, uint32_t atom, struct error *err)
{
    const uint8_t type = configuration->type[atom];
    double place[3];
    place_of(configuration, atom, place);
    if (!ico[atom])
        return add_dot(scene, NETWORK_OTHER, place, 0.5 * radius_of_type[type], err);
    enum status status =
        add_dot(scene, type == ATOM_SMALL ? NETWORK_ICO_SMALL : NETWORK_ICO_LARGE, place, radius_ico, err);
    for (uint32_t f = voronoi->first[atom]; status == STATUS_OK && f < voronoi->first[atom + 1]; f++)
        if (ico[voronoi->face[f].neighbour])
            status = add_bond(scene, NETWORK_BOND, configuration, atom, &voronoi->face[f], err);
    return status;
}

enum status scene_network_init(struct scene *out, const struct configuration *configuration,
                               const struct voronoi *voronoi, struct error *err)
{
    struct scene scene = {0};
    bool *ico = find_icosahedral(configuration, voronoi, err);
    enum status status = ico ? add_frame(&scene, configuration->box, err) : STATUS_NO_MEMORY;
    for (uint32_t i = 0; status == STATUS_OK && i < configuration->atoms; i++)
        status = add_network_atom(&scene, configuration, voronoi, ico, i, err);
    mem_free(ico);
    return end_scene(&scene, status, out);
}

/* A threshold may leave a face with fewer than three edges: such a bond has the group of the fewest. */
static uint32_t group_of_edges(uint8_t edges)
{
    const int n = edges < SCENE_BONDS_N_FIRST  ? SCENE_BONDS_N_FIRST
                  : edges > SCENE_BONDS_N_LAST ? SCENE_BONDS_N_LAST
                                               : edges;
    return BONDS_N3 + (uint32_t)(n - SCENE_BONDS_N_FIRST);
}

enum status scene_bonds_init(struct scene *out, const struct configuration *configuration,
                             const struct voronoi *voronoi, struct error *err)
{
    struct scene scene = {0};
    enum status status = add_frame(&scene, configuration->box, err);
    for (uint32_t i = 0; status == STATUS_OK && i < configuration->atoms; i++) {
        const uint8_t type = configuration->type[i];
        double place[3];
        place_of(configuration, i, place);
        status = add_dot(&scene, type == ATOM_LARGE ? BONDS_LARGE : BONDS_SMALL, place, radius_of_type[type], err);
        for (uint32_t f = voronoi->first[i]; status == STATUS_OK && f < voronoi->first[i + 1]; f++)
            status = add_bond(&scene, group_of_edges(voronoi->face[f].edges), configuration, i, &voronoi->face[f], err);
    }
    return end_scene(&scene, status, out);
}

/* --- Displacements ------------------------------------------------------------------------------------------------ */

static uint32_t group_of_length(double length, double threshold)
{
    const double classes = fmin(floor(length / threshold), SCENE_MOVED_CLASSES);
    return MOVED_FAR + (uint32_t)classes - 1;
}

enum status scene_displacement_init(struct scene *out, const struct configuration *before,
                                    const struct voronoi *voronoi, const struct displacement *displacement,
                                    double threshold, struct error *err)
{
    struct scene scene = {0};
    bool *ico = find_icosahedral(before, voronoi, err);
    enum status status = ico ? add_frame(&scene, before->box, err) : STATUS_NO_MEMORY;
    for (uint32_t i = 0; status == STATUS_OK && i < before->atoms; i++) {
        const double vector[3] = {displacement->vector[0][i], displacement->vector[1][i], displacement->vector[2][i]};
        const double length = sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
        double place[3];
        place_of(before, i, place);
        if (length >= threshold)
            status = add_stick(&scene, group_of_length(length, threshold), place, vector, err);
        else
            status = add_dot(&scene, ico[i] ? MOVED_ICO : MOVED_OTHER, place,
                             ico[i] ? 0.6 * radius_ico : 0.5 * radius_of_type[before->type[i]], err);
    }
    mem_free(ico);
    return end_scene(&scene, status, out);
}
