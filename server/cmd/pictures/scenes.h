/* scenes.h - what the pictures of coordinates share: an early and a late one side by side. */
#ifndef VITRINE_SERVER_CMD_PICTURES_SCENES_H
#define VITRINE_SERVER_CMD_PICTURES_SCENES_H

#include "server/cmd/pictures/frames.h"

/* One kind of `vitrine-worker scene`, with the looks of its groups. */
struct scene_kind {
    const char *name;  /* of the worker's KIND, and of the file */
    const char *title; /* what it shows */
    const struct scene_group *groups;
    uint32_t group_count;
};

/* Panels of the first and the last inherent structure of the first replica; none when there is no frame. */
enum status scenes_draw_ends(const struct scene_kind *kind, const struct picture_source *source, struct figure *figure,
                             struct error *err) MUST_CHECK;

/* Names and titles the figure, and takes what the worker makes of the frames as its scene. */
enum status scenes_draw(const struct scene_kind *kind, const struct picture_source *source,
                        const struct frame_name *frames, size_t count, struct figure *figure,
                        struct error *err) MUST_CHECK;

#endif
