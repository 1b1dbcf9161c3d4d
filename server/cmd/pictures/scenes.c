#include "server/cmd/pictures/scenes.h"

enum status scenes_draw(const struct scene_kind *kind, const struct picture_source *source,
                        const struct frame_name *frames, size_t count, struct figure *figure, struct error *err)
{
    const struct selected *item = source->items;
    const uint32_t rung = item->campaign->replicas[frames[0].replica.value].rung_first.value;
    const char *words[] = {"scene", kind->name, NULL};
    picture_name(figure, item->campaign, item->spec->name, kind->name);
    picture_set_text(figure->title, sizeof figure->title, "%s / %s: %s (replica %u%s%.4g)", item->campaign->name,
                     item->spec->name, kind->title, frames[0].replica.value,
                     item->spec->mode == MODE_TEMPERING ? ", from T = " : ", T = ", item->spec->temperatures[rung]);
    figure->scene.groups = kind->groups;
    figure->scene.group_count = kind->group_count;
    return frames_ask(source->store, item, words, frames, count, &figure->scene.text, &figure->scene.size, err);
}

static enum status draw_list(const struct scene_kind *kind, const struct picture_source *source,
                             const struct frame_list *list, struct figure *figure, struct error *err)
{
    const enum ensemble_mode mode = source->items->spec->mode;
    const struct picture_clock clock = picture_clock(source->items->spec);
    const size_t last = frames_of_first_replica(list) - 1;
    const struct frame_name ends[2] = {list->frames[0], list->frames[last]};
    const size_t count = last > 0 ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        struct figure_panel *panel = picture_add_panel(figure, "", "", "");
        if (mode == MODE_ISOTHERM || mode == MODE_QUENCH)
            picture_set_text(panel->title, sizeof panel->title, "step %lld; %s %.4g", (long long)ends[i].step,
                             clock.label, (double)ends[i].step * clock.unit);
        else
            picture_set_text(panel->title, sizeof panel->title, "step %lld", (long long)ends[i].step);
    }
    return scenes_draw(kind, source, ends, count, figure, err);
}

enum status scenes_draw_ends(const struct scene_kind *kind, const struct picture_source *source, struct figure *figure,
                             struct error *err)
{
    struct frame_list list;
    enum status status = frames_list(source->store, source->items, &list, err);
    if (status != STATUS_OK)
        return status;
    if (list.count > 0)
        status = draw_list(kind, source, &list, figure, err);
    frame_list_finish(&list);
    return status;
}
