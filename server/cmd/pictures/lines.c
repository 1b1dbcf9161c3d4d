#include "server/cmd/pictures/lines.h"

enum status lines_draw(struct sample_cache *samples, const struct selected *item, struct sample_place place,
                       enum quantity_id quantity, size_t lines, struct figure_panel *panel, struct error *err)
{
    struct sample_series series;
    enum status status = sample_cache_series(samples, item, place, quantity, &series, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *line = picture_add_blocks(panel, &series, lines, picture_clock(item->spec).unit, err);
    return line != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

static bool is_drawn(const struct selected *item, uint32_t replica, int64_t rung)
{
    const struct rung_id first = item->campaign->replicas[replica].rung_first;
    return selected_has_replica(item, (struct replica_id){replica}) && selected_has_rung(item, first) &&
           (rung == STORE_ANY || first.value == rung);
}

static size_t count_drawn(const struct selected *item, int64_t rung)
{
    size_t count = 0;
    for (uint32_t r = 0; r < item->campaign->replica_count; r++)
        count += is_drawn(item, r, rung);
    return count;
}

enum status lines_draw_replicas(struct sample_cache *samples, const struct selected *item, int64_t rung,
                                enum quantity_id quantity, uint32_t color, const char *label,
                                struct figure_panel *panel, struct error *err)
{
    const size_t lines = count_drawn(item, rung);
    uint32_t drawn = 0;
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        if (!is_drawn(item, r, rung))
            continue;
        enum status status =
            lines_draw(samples, item, (struct sample_place){STORE_ANY, r}, quantity, lines, panel, err);
        if (status != STATUS_OK)
            return status;
        struct figure_series *line = &panel->series[panel->series_count - 1];
        line->color = color;
        line->shape = drawn;
        if (drawn++ == 0)
            picture_set_text(line->label, sizeof line->label, "%s", label);
    }
    return STATUS_OK;
}
