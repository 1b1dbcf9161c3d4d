#include "common/mem.h"
#include "server/cmd/ttt_axes.h"
#include "server/cmd/ttt_picture.h"

#include <math.h>

/* The isotherms of one temperature. */
struct map_line {
    double temperature, shift;
    uint32_t color;
};

static struct figure_series *add_of_map(struct figure_panel *panel, size_t count, const struct map_line *line)
{
    struct figure_series *series = figure_add_series(panel, count, false);
    if (!series)
        return NULL;
    series->count = 0;
    series->key = KEY_HIDDEN;
    series->color = line->color;
    series->y_shift = line->shift;
    snprintf(series->label, sizeof series->label, "T = %.4g", line->temperature);
    return series;
}

/* The first of the lines from `from` on that has a point stands in the key for all of them. */
static void show_first(struct figure_panel *panel, size_t from)
{
    for (size_t s = from; s < panel->series_count; s++)
        if (panel->series[s].count > 0) {
            panel->series[s].key = KEY_SHOWN;
            return;
        }
}

/* Estimates as points, intervals as thin lines, bounds as arrows. */
static enum status add_map_points(const struct ttt_results *results, const struct map_line *line, bool bounds,
                                  struct figure_panel *panel, struct error *err)
{
    struct figure_series *series = add_of_map(panel, results->count, line);
    if (!series)
        return mem_error(err, "a picture");
    series->mark = bounds ? MARK_ARROW : MARK_LINE_POINTS;
    series->shape = line->color;
    snprintf(series->kind, sizeof series->kind, bounds ? "t_50_lower_bound" : "t_50");
    for (size_t r = 0; r < results->count; r++)
        for (size_t i = 0; i < results->results[r].isotherm_count; i++) {
            const struct ttt_isotherm *isotherm = &results->results[r].isotherms[i];
            if (isotherm->temperature == line->temperature && isotherm->has_fit && isotherm->fit.is_bound == bounds)
                ttt_put_point(series, isotherm->fit.time[FRACTION_50].value, ttt_small_fraction(&results->results[r]));
        }
    return STATUS_OK;
}

static enum status add_map_intervals(const struct ttt_result *result, const struct map_line *line,
                                     struct figure_panel *panel, struct error *err)
{
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct estimate time = ttt_time(&result->isotherms[i], FRACTION_50);
        if (result->isotherms[i].temperature != line->temperature || !isfinite(time.value) ||
            !isfinite(time.interval.high))
            continue;
        struct figure_series *series = add_of_map(panel, 2, line);
        if (!series)
            return mem_error(err, "a picture");
        series->mark = MARK_LINE;
        series->shape = 0; /* solid */
        snprintf(series->kind, sizeof series->kind, "t_50_interval");
        ttt_put_point(series, time.interval.low, ttt_small_fraction(result));
        ttt_put_point(series, time.interval.high, ttt_small_fraction(result));
    }
    return STATUS_OK;
}

/* V/N of all ensembles of one composition, which are seldom more than one. */
static void name_volumes(const struct ttt_results *results, double fraction, char out[FIGURE_TICK_SIZE])
{
    size_t used = 0;
    double before = 0.0;
    out[0] = '\0';
    for (size_t r = 0; r < results->count; r++) {
        const double volume = results->results[r].item->spec->system.volume_per_atom;
        if (ttt_small_fraction(&results->results[r]) != fraction || volume == before || used >= FIGURE_TICK_SIZE)
            continue;
        used += (size_t)snprintf(out + used, FIGURE_TICK_SIZE - used, "%s%.4g", used > 0 ? ", " : "", volume);
        before = volume;
    }
}

/* On the right, beside each composition. */
static void name_compositions(const struct ttt_results *results, const double *fractions, size_t count,
                              struct figure_panel *panel)
{
    for (size_t i = 0; i < count && i < FIGURE_TICKS_MAX; i++) {
        panel->y2_ticks[i].at = fractions[i];
        name_volumes(results, fractions[i], panel->y2_ticks[i].text);
        panel->y2_tick_count++;
    }
    snprintf(panel->y2_label, sizeof panel->y2_label, "V/N (sigma^3)");
}

static void name_map(const struct ttt_results *results, struct figure *figure, struct figure_panel *panel)
{
    const char *campaign = results->results[0].item->campaign->name;
    snprintf(figure->name, sizeof figure->name, "%s-ttt-composition", campaign);
    snprintf(figure->title, sizeof figure->title, "%s: t_50 of boxes", campaign);
    snprintf(panel->title, sizeof panel->title,
             "along: 95 %% intervals; arrows: t_{50} is longer; temperatures set off upwards");
    ttt_name_axes(results, panel);
    snprintf(panel->y_label, sizeof panel->y_label, "small atoms over all");
    panel->y2_factor = 0.0;
    panel->y_fraction = true;
    panel->ordered = true;
}

static enum status draw_map_line(const struct ttt_results *results, const struct map_line *line,
                                 struct figure_panel *panel, struct error *err)
{
    const size_t from = panel->series_count;
    enum status status = add_map_points(results, line, false, panel, err);
    if (status == STATUS_OK)
        status = add_map_points(results, line, true, panel, err);
    for (size_t r = 0; status == STATUS_OK && r < results->count; r++)
        status = add_map_intervals(&results->results[r], line, panel, err);
    show_first(panel, from);
    return status;
}

enum status ttt_picture_map(const struct ttt_results *results, struct figure *figure, struct error *err)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    size_t count = 0, fraction_count = 0;
    double *temperatures = ttt_list_temperatures(results, &count),
           *fractions = ttt_list_fractions(results, &fraction_count);
    enum status status = temperatures && fractions ? STATUS_OK : mem_error(err, "a picture");
    name_map(results, figure, panel);
    panel->color_count = (uint32_t)count;
    if (status == STATUS_OK)
        name_compositions(results, fractions, fraction_count, panel);
    const double step = status == STATUS_OK ? ttt_step_between(fractions, fraction_count, count) : 0.0;
    for (size_t t = 0; status == STATUS_OK && t < count; t++) {
        const struct map_line line = {temperatures[t], step * (double)(t + 1), (uint32_t)t};
        status = draw_map_line(results, &line, panel, err);
    }
    mem_free(temperatures);
    mem_free(fractions);
    return status;
}
