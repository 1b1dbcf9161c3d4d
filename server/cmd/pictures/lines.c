#include "server/cmd/pictures/lines.h"

static enum status draw_replica(struct store *store, const struct selected *item, uint32_t replica,
                                enum quantity_id quantity, struct figure_panel *panel, struct error *err)
{
    struct store_filter filter = item->filter;
    struct store_series series;
    filter.replica = replica;
    enum status status = store_read_series(store, &filter, quantity, &series, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *line = picture_add_blocks(panel, &series, picture_clock(item->spec).unit, err);
    store_series_finish(&series);
    return line != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status lines_draw_replicas(struct store *store, const struct selected *item, enum quantity_id quantity,
                                uint32_t color, const char *label, struct figure_panel *panel, struct error *err)
{
    uint32_t drawn = 0;
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        if (!selected_has_replica(item, (struct replica_id){r}) ||
            !selected_has_rung(item, item->campaign->replicas[r].rung_first))
            continue;
        enum status status = draw_replica(store, item, r, quantity, panel, err);
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
