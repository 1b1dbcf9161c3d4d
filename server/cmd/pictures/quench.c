/* quench.c - energies and icosahedral content against the set temperature of a quench: means over replicas with their
 * errors; T_f, by both definitions of tf.h, where the quenches that are at their end give it. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/cmd/quench_read.h"

#include <math.h>

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

/* --- T_f ---------------------------------------------------------------------------------------------------------- */

static struct interval heights_of(const struct figure_series *points)
{
    struct interval heights = {(double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < points->count; i++) {
        heights.low = fmin(heights.low, points->y[i]);
        heights.high = fmax(heights.high, points->y[i]);
    }
    return heights;
}

/* As high as the curve: a band over the interval where there is one, and an upright line. */
static enum status add_mark(const char *name, const struct estimate *at, uint32_t color, struct interval heights,
                            struct figure_panel *panel, struct error *err)
{
    const bool has_interval = isfinite(at->interval.low) && isfinite(at->interval.high);
    struct figure_series *band = figure_add_series(panel, has_interval ? 2 : 0, true);
    if (band == NULL)
        return mem_error(err, "a picture");
    band->mark = MARK_BAND;
    band->color = color;
    for (size_t i = 0; i < band->count; i++) {
        band->x[i] = i == 0 ? at->interval.low : at->interval.high;
        band->y[i] = (heights.low + heights.high) / 2.0;
        band->y_error[i] = (heights.high - heights.low) / 2.0;
    }
    struct figure_series *line = figure_add_series(panel, 2, false);
    if (line == NULL)
        return mem_error(err, "a picture");
    line->mark = MARK_LINE;
    line->color = color;
    line->shape = 1;
    line->x[0] = line->x[1] = at->value;
    line->y[0] = heights.low;
    line->y[1] = heights.high;
    if (has_interval)
        picture_set_text(line->label, sizeof line->label, "%s %.3f (%.3f .. %.3f)", name, at->value, at->interval.low,
                         at->interval.high);
    else
        picture_set_text(line->label, sizeof line->label, "%s %.3f", name, at->value);
    return STATUS_OK;
}

/* In the panel of U/N, whose last series is the curve. Quenches that give no T_f (yet) are drawn without. */
static enum status add_transitions(const struct quench_data *data, const struct ensemble_spec *spec,
                                   struct figure_panel *panel, struct error *err)
{
    struct tf_result found;
    size_t finished;
    enum status status = quench_find_tf(data, spec, &tf_options_default, &found, &finished, err);
    if (status != STATUS_OK)
        return status == STATUS_INVALID ? STATUS_OK : status;
    const struct interval heights = heights_of(&panel->series[panel->series_count - 1]);
    status = add_mark("lines meet", &found.crossing.mean, 1, heights, panel, err);
    return status == STATUS_OK ? add_mark("change of slope", &found.broken_stick.mean, 2, heights, panel, err) : status;
}

/* --- The picture -------------------------------------------------------------------------------------------------- */

static enum status draw_quench(const struct quench_data *data, const struct ensemble_spec *spec, struct figure *figure,
                               struct error *err)
{
    static const struct {
        enum quench_shown shown;
        const char *title, *label;
    } rows[] = {
        {QUENCH_ENERGY, "potential energy, and T_f from it", "U/N (epsilon)"},
        {QUENCH_INHERENT, "inherent energy", "e_{IS} (epsilon per atom)"},
        {QUENCH_ICO, "icosahedral content", "fraction of atoms <0,0,12,0>"},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof rows / sizeof *rows; i++) {
        struct figure_panel *panel = picture_add_panel(figure, rows[i].title, "T (epsilon/k_B)", rows[i].label);
        panel->y_fraction = rows[i].shown == QUENCH_ICO;
        status = add_quench_points(&data->curves[rows[i].shown], panel, err);
        if (status == STATUS_OK && rows[i].shown == QUENCH_ENERGY)
            status = add_transitions(data, spec, panel, err);
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
    status = draw_quench(&data, spec, figure, err);
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
