/* exchanges.c - how well a ladder exchanges: acceptance of each pair, and the walk of the replicas. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/cmd/estimates.h"
#include <math.h>

static enum status draw_acceptance(struct store *store, const struct selected *item, struct figure_panel *panel,
                                   struct error *err)
{
    uint32_t pairs = item->spec->rung_count - 1;
    const double *temperatures = item->spec->temperatures;
    struct timeseries_mean *means = mem_alloc_array(pairs, sizeof *means);
    struct figure_series *line = means != NULL ? figure_add_series(panel, pairs, true) : NULL;
    enum status status = line != NULL ? estimate_acceptance(store, item, means, err) : mem_error(err, "a picture");
    for (uint32_t p = 0; status == STATUS_OK && p < pairs; p++) {
        line->x[p] = (temperatures[p] + temperatures[p + 1]) / 2.0;
        line->y[p] = means[p].count > 0 ? means[p].mean : (double)NAN;
        line->y_error[p] = estimate_error(&means[p]);
        line->mark = MARK_LINE_POINTS;
    }
    mem_free(means);
    return status;
}

/* Rows come replica by replica; a line is known when its replica ends. */
struct walk_drawing {
    const struct selected *item;
    struct figure_panel *panel;
    struct figure_series *line;
    struct replica_id replica;
    size_t used, room;
};

static void end_walk_line(struct walk_drawing *drawing)
{
    if (drawing->line != NULL)
        drawing->line->count = drawing->used;
}

static enum status draw_walk_row(void *context, const struct walk_row *row, struct error *err)
{
    struct walk_drawing *drawing = context;
    if (drawing->line == NULL || row->replica.value != drawing->replica.value) {
        end_walk_line(drawing);
        drawing->line = figure_add_series(drawing->panel, drawing->room, false);
        if (drawing->line == NULL)
            return mem_error(err, "a picture");
        drawing->line->mark = MARK_STEPS;
        drawing->replica = row->replica;
        drawing->used = 0;
        picture_set_text(drawing->line->label, sizeof drawing->line->label, "replica %u", row->replica.value);
    }
    if (drawing->used == drawing->room)
        return error_set(err, STATUS_CORRUPT, "replica %u has more segments than planned", row->replica.value);
    drawing->line->x[drawing->used] = (double)row->segment.value;
    drawing->line->y[drawing->used++] = row->rung.value;
    return STATUS_OK;
}

static enum status draw_walk(struct store *store, const struct selected *item, struct figure_panel *panel,
                             struct error *err)
{
    struct walk_drawing drawing = {.item = item, .panel = panel};
    drawing.room = (size_t)campaign_production_segments(item->campaign, item->ensemble);
    panel->y_whole = true;
    enum status status = store_visit_walk(store, item->id, item->ensemble, draw_walk_row, &drawing, err);
    end_walk_line(&drawing);
    return status;
}

static enum status draw_exchanges(const struct picture_source *source, struct figure *figure, struct error *err)
{
    const struct selected *item = source->items;
    picture_name(figure, item->campaign, item->spec->name, "exchanges");
    picture_set_text(figure->title, sizeof figure->title, "%s / %s: replica exchange", item->campaign->name,
                     item->spec->name);
    struct figure_panel *acceptance = picture_add_panel(figure, "accepted share of each pair",
                                                        "temperature between the pair (epsilon/k_B)", "accepted share");
    acceptance->y_from_zero = true;
    enum status status = draw_acceptance(source->store, item, acceptance, err);
    if (status != STATUS_OK)
        return status;
    return draw_walk(source->store, item,
                     picture_add_panel(figure, "walk of the replicas", "segment", "rung (0 = coldest)"), err);
}

const struct picture picture_exchanges = {
    .name = "exchanges",
    .summary = "acceptance of each pair, and the walk of the replicas",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_LADDERS,
    .draw = draw_exchanges,
};
