/* compositions.c - isotherms of several compositions beside one another: energy against icosahedral content, both
 * against time, and the crystals that grow. Figure 4 of the paper. */
#include "server/cmd/pictures/cloud.h"
#include "server/cmd/pictures/lines.h"
#include "server/cmd/pictures/pictures.h"

static void describe(const struct selected *item, char out[FIGURE_LABEL_SIZE])
{
    const struct system_spec *system = &item->spec->system;
    picture_set_text(out, FIGURE_LABEL_SIZE, "%s: %u:%u, V/N %.4g", item->spec->name, system->atoms_small,
                     system->atoms - system->atoms_small, system->volume_per_atom);
}

static enum status draw_cloud(const struct picture_source *source, size_t i, struct figure_panel *panel,
                              struct error *err)
{
    struct cloud cloud = {0};
    struct trajectory_fit fit;
    bool fitted = false;
    enum status status = cloud_read(&cloud, source->samples, &source->items[i], err);
    if (status == STATUS_OK && (status = cloud_draw(&cloud, STORE_ANY, panel, err)) == STATUS_OK) {
        struct figure_series *points = &panel->series[panel->series_count - 1];
        points->color = points->shape = (uint32_t)i;
        describe(&source->items[i], points->label);
        status = cloud_draw_fit(&cloud, (uint32_t)i, panel, &fit, &fitted, err);
    }
    if (status == STATUS_OK && fitted) {
        struct figure_series *line = &panel->series[panel->series_count - 1];
        picture_set_text(line->label, sizeof line->label, "   slope %.3g (%.3g .. %.3g)", fit.slope.value,
                         fit.slope.interval.low, fit.slope.interval.high);
    }
    cloud_finish(&cloud);
    return status;
}

static enum status draw_against_time(const struct picture_source *source, enum quantity_id quantity,
                                     struct figure_panel *panel, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < source->count; i++)
        status =
            lines_draw_replicas(source->samples, &source->items[i], STORE_ANY, quantity, (uint32_t)i, "", panel, err);
    return status;
}

static enum status draw_compositions(const struct picture_source *source, struct figure *figure, struct error *err)
{
    static const struct {
        enum quantity_id quantity;
        const char *title, *label;
    } rows[] = {
        {QUANTITY_energy_inherent, "inherent energy", picture_energy_label},
        {QUANTITY_ico_fraction, "icosahedral content", "fraction of atoms <0,0,12,0>"},
        {QUANTITY_laves_largest, "largest Laves cluster", "fraction of atoms"},
        {QUANTITY_close_packed_largest, "largest close-packed cluster of large atoms", "fraction of atoms"},
    };
    if (!picture_has_compositions(source))
        return STATUS_OK;
    enum status status = STATUS_OK;
    picture_name(figure, source->items->campaign, "", "compositions");
    picture_set_text(figure->title, sizeof figure->title, "%s: isotherms of several compositions (small:large)",
                     source->items->campaign->name);
    struct figure_panel *panel =
        picture_add_panel(figure, "every inherent structure; lines with 95 % bands: without crystals",
                          picture_ico_label, picture_energy_label);
    panel->x_fraction = true;
    for (size_t i = 0; status == STATUS_OK && i < source->count; i++)
        status = draw_cloud(source, i, panel, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof rows / sizeof *rows; i++) {
        panel = picture_add_panel(figure, rows[i].title, picture_clock(source->items->spec).label, rows[i].label);
        panel->y_from_zero = panel->y_fraction = rows[i].quantity != QUANTITY_energy_inherent;
        status = draw_against_time(source, rows[i].quantity, panel, err);
    }
    return status;
}

const struct picture picture_compositions = {
    .name = "compositions",
    .summary = "isotherms of several compositions: energy, icosahedra and crystals",
    .scope = PICTURE_OF_CAMPAIGN,
    .modes = PICTURE_ISOTHERMS,
    .draw = draw_compositions,
};
