/* displacement.c - what moved between inherent structures a million steps apart, or as near to that as frames are: at
 * the beginning and at the end of a run. Figure 1c of the paper. */
#include "server/cmd/pictures/scenes.h"

#include "server/cmd/pictures/pictures.h"

#include <stdlib.h>

static const int64_t apart = 1000000; /* steps */

static const struct scene_group groups[] = {
    {NULL, SCENE_STICKS, 0x808080, 1.0},
    {"moved by less than 0.3 sigma", SCENE_DOTS, 0xb8b8b8, 1.0},
    {"same, icosahedral before", SCENE_DOTS, 0x56b4e9, 1.0},
    {"by 0.3 to 0.6 sigma", SCENE_ARROWS, 0x0072b2, 1.5},
    {"by 0.6 to 0.9 sigma", SCENE_ARROWS, 0xe69f00, 2.0},
    {"by more", SCENE_ARROWS, 0xd55e00, 2.5},
};
static const struct scene_kind kind = {"displacement", "displacements between inherent structures", groups,
                                       sizeof groups / sizeof *groups};

/* Of frames[0 .. count - 1], the one whose distance from `step` is nearest to what is wanted, but not zero. */
static size_t find_apart(const struct frame_name *frames, size_t count, int64_t step)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        const int64_t distance = llabs(frames[i].step - step);
        if (distance > 0 && (best == count || llabs(distance - apart) < llabs(llabs(frames[best].step - step) - apart)))
            best = i;
    }
    return best;
}

static void add_panel(const struct frame_name pair[2], struct figure *figure)
{
    struct figure_panel *panel = picture_add_panel(figure, "", "", "");
    picture_set_text(panel->title, sizeof panel->title, "from step %lld to %lld", (long long)pair[0].step,
                     (long long)pair[1].step);
}

/* The pair that the first frame begins, and the one that the last ends where that is another. */
static enum status draw_pairs(const struct picture_source *source, const struct frame_name *frames, size_t count,
                              struct figure *figure, struct error *err)
{
    const size_t after = find_apart(frames, count, frames[0].step);
    const size_t before = find_apart(frames, count, frames[count - 1].step);
    const struct frame_name pairs[4] = {frames[0], frames[after], frames[before], frames[count - 1]};
    const bool both = before > 0;
    add_panel(pairs, figure);
    if (both)
        add_panel(pairs + 2, figure);
    return scenes_draw(&kind, source, pairs, both ? 4 : 2, figure, err);
}

static enum status draw_displacement(const struct picture_source *source, struct figure *figure, struct error *err)
{
    struct frame_list list;
    enum status status = frames_list(source->store, source->items, &list, err);
    if (status != STATUS_OK)
        return status;
    const size_t count = frames_of_first_replica(&list);
    if (count > 1)
        status = draw_pairs(source, list.frames, count, figure, err);
    frame_list_finish(&list);
    return status;
}

const struct picture picture_displacement = {
    .name = "displacement",
    .summary = "what moved between stored inherent structures a million steps apart, early and late",
    .scope = PICTURE_OF_ENSEMBLE,
    .needs_frames = true,
    .modes = PICTURE_ISOTHERMS, /* exchanges of identities are no displacements */
    .draw = draw_displacement,
};
