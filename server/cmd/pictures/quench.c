/* quench.c - energies and icosahedral content against the set temperature of a quench: means over replicas with their
 * errors. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/cmd/quench_read.h"

static enum status add_quench_points(const struct quench_curves *curves, struct figure_panel *panel, struct error *err)
{
    struct figure_series *line = figure_add_series(panel, curves->bins.count, true);
    if (line == NULL)
        return mem_error(err, "a picture");
    line->mark = MARK_LINE_POINTS;
    line->count = 0;
    for (size_t bin = 0; bin < curves->bins.count; bin++) {
        const struct quench_point point = quench_curves_point(curves, bin);
        if (point.replicas == 0)
            continue;
        line->x[line->count] = point.temperature;
        line->y[line->count] = point.mean;
        line->y_error[line->count++] = point.standard_error;
    }
    return STATUS_OK;
}

static enum status draw_quench(const struct quench_data *data, struct figure *figure, struct error *err)
{
    static const struct {
        enum quench_shown shown;
        const char *title, *label;
    } rows[] = {
        {QUENCH_ENERGY, "potential energy", "U/N (epsilon)"},
        {QUENCH_INHERENT, "inherent energy", "e_{IS} (epsilon per atom)"},
        {QUENCH_ICO, "icosahedral content", "fraction of atoms <0,0,12,0>"},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof rows / sizeof *rows; i++) {
        struct figure_panel *panel = picture_add_panel(figure, rows[i].title, "T (epsilon/k_B)", rows[i].label);
        status = add_quench_points(&data->curves[rows[i].shown], panel, err);
    }
    return status;
}

static enum status draw_picture(const struct picture_source *source, struct figure *figure, struct error *err)
{
    const struct selected *item = source->items;
    const struct ensemble_spec *spec = item->spec;
    struct quench_data data;
    enum status status = quench_read(source->store, item, quench_bin_width, &data, err);
    if (status != STATUS_OK)
        return status;
    picture_name(figure, item->campaign, spec->name, "quench");
    picture_set_text(figure->title, sizeof figure->title, "%s / %s: %.3g per step, %zu replicas (%s potential)",
                     item->campaign->name, spec->name,
                     (spec->temperature_end - spec->temperatures[0]) / (double)spec->steps, data.replicas,
                     cut_names[spec->system.cut]);
    status = draw_quench(&data, figure, err);
    quench_data_finish(&data);
    return status;
}

const struct picture picture_quench = {
    .name = "quench",
    .summary = "potential and inherent energy and icosahedral content against the temperature of a quench",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_QUENCHES,
    .draw = draw_picture,
};
