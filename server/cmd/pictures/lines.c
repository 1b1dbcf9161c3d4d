#include "server/cmd/pictures/lines.h"

enum status lines_draw(struct sample_cache *samples, const struct selected *item, int64_t rung, int64_t replica,
                       enum quantity_id quantity, struct figure_panel *panel, struct error *err)
{
    struct sample_series series;
    enum status status = sample_cache_series(samples, item, rung, replica, quantity, &series, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *line =
        picture_add_blocks(panel, &series, item->campaign->replica_count, picture_clock(item->spec).unit, err);
    return line != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status lines_draw_replicas(struct sample_cache *samples, const struct selected *item, int64_t rung,
                                enum quantity_id quantity, uint32_t color, const char *label,
                                struct figure_panel *panel, struct error *err)
{
    uint32_t drawn = 0;
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        const struct rung_id first = item->campaign->replicas[r].rung_first;
        if (!selected_has_replica(item, (struct replica_id){r}) || !selected_has_rung(item, first) ||
            (rung != STORE_ANY && first.value != rung))
            continue;
        enum status status = lines_draw(samples, item, STORE_ANY, r, quantity, panel, err);
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
