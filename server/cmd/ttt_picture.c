#include "server/cmd/ttt_picture.h"

#include "common/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DASH_SOLID = 0, DASH_DASHED = 1, DASH_DOTTED = 2, DASH_MIXED = 3 };
enum { COLOR_EVENT = 7, COLOR_MEANS = 1, COLOR_VOLUME = 3, COLOR_NOSE = 4, COLORS_OF_ENSEMBLES = 6 };

static const char *const fraction_labels[FRACTION_COUNT] = {"1 % of boxes", "50 % of boxes", "99 % of boxes"};
static const uint32_t fraction_colors[FRACTION_COUNT] = {5, 0, 2};

/* How one line is drawn. */
struct look {
    enum figure_mark mark;
    uint32_t color, shape;
    const char *label;
};

static struct figure_series *add(struct figure_panel *panel, size_t count, const struct look *look)
{
    struct figure_series *series = figure_add_series(panel, count, false);
    if (!series)
        return NULL;
    series->mark = look->mark;
    series->color = look->color;
    series->shape = look->shape;
    series->count = 0;
    snprintf(series->label, sizeof series->label, "%s", look->label);
    return series;
}

/* Names the first of the lines from `from` on that has a point: what has none is not in the key. */
static void label_first(struct figure_panel *panel, size_t from, const char *label)
{
    for (size_t s = from; s < panel->series_count; s++)
        if (panel->series[s].count > 0) {
            snprintf(panel->series[s].label, FIGURE_LABEL_SIZE, "%s", label);
            return;
        }
}

/* A point of a logarithmic axis, where there is one. */
static void put(struct figure_series *series, double steps, double y)
{
    if (!(isfinite(steps) && steps > 0.0))
        return;
    series->x[series->count] = steps;
    series->y[series->count++] = y;
}

/* ---- contours of the law ---- */

enum edge { EDGE_VALUE, EDGE_LOW, EDGE_HIGH, EDGE_COUNT };

static double edge_of(const struct estimate *time, enum edge edge)
{
    return edge == EDGE_VALUE ? time->value : edge == EDGE_LOW ? time->interval.low : time->interval.high;
}

/* What was watched, and a thousand times longer and shorter: further out a contour is no statement. */
static bool is_worth_drawing(const struct ttt_result *result, double steps)
{
    const double reach = 1000.0;
    double longest = 0.0, shortest = (double)INFINITY;
    for (size_t i = 0; i < result->boxes.count; i++) {
        longest = fmax(longest, (double)result->boxes.boxes[i].course.event.step_last);
        if (result->boxes.boxes[i].course.event.kind == EVENT_HAPPENED)
            shortest = fmin(shortest, (double)result->boxes.boxes[i].course.event.step_high);
    }
    return steps < reach * longest && steps > shortest / reach;
}

/* One line of a contour, cut into stretches inside and outside the data. */
struct contour {
    const struct ttt_result *result;
    int fraction;
    enum edge edge;
    uint32_t color;
    const char *label; /* at the first stretch inside; at the first of all when none is */
};

static size_t labelled_point(const struct contour *contour)
{
    for (size_t i = 0; i < contour->result->diagram.count; i++)
        if (contour->result->diagram.points[i].is_inside[contour->fraction])
            return i;
    return 0;
}

/* The stretch of points from `first` on that share is_inside; a line outside begins and ends on its neighbours inside.
 * Returns the end of the stretch, SIZE_MAX without memory. */
static size_t add_stretch(const struct contour *contour, size_t first, struct figure_panel *panel)
{
    const struct ttt_diagram *diagram = &contour->result->diagram;
    const bool inside = diagram->points[first].is_inside[contour->fraction];
    size_t end = first;
    while (end < diagram->count && diagram->points[end].is_inside[contour->fraction] == inside)
        end++;
    const size_t from = !inside && first > 0 ? first - 1 : first;
    const size_t to = !inside && end < diagram->count ? end + 1 : end;
    const bool labelled = contour->edge == EDGE_VALUE && first == labelled_point(contour);
    const struct look look = {MARK_LINE, contour->color,
                              contour->edge != EDGE_VALUE ? DASH_DOTTED
                              : inside                    ? DASH_SOLID
                                                          : DASH_DASHED,
                              labelled ? contour->label : ""};
    struct figure_series *series = add(panel, to - from, &look);
    if (!series)
        return SIZE_MAX;
    for (size_t i = from; i < to; i++) {
        const double steps = edge_of(&diagram->points[i].time[contour->fraction], contour->edge);
        if (is_worth_drawing(contour->result, steps))
            put(series, steps, diagram->points[i].temperature);
    }
    return end;
}

static enum status add_contour(const struct ttt_result *result, int fraction, uint32_t color, const char *label,
                               struct figure_panel *panel, struct error *err)
{
    for (int edge = EDGE_VALUE; edge < EDGE_COUNT; edge++) {
        const struct contour contour = {result, fraction, (enum edge)edge, color, label};
        for (size_t i = 0; i < result->diagram.count;)
            if ((i = add_stretch(&contour, i, panel)) == SIZE_MAX)
                return mem_error(err, "a picture");
    }
    return STATUS_OK;
}

/* A cross of its two intervals, which are of 95 % each. */
static enum status add_nose(const struct ttt_result *result, struct figure_panel *panel, struct error *err)
{
    const struct ttt_nose *nose = &result->diagram.nose;
    const struct look along = {MARK_LINE, COLOR_NOSE, DASH_SOLID, "nose, intervals"};
    const struct look across = {MARK_LINE, COLOR_NOSE, DASH_SOLID, ""};
    if (!result->has_diagram || !nose->is_inside)
        return STATUS_OK;
    struct figure_series *series = add(panel, 2, &along);
    if (!series)
        return mem_error(err, "a picture");
    put(series, nose->time.interval.low, nose->temperature.value);
    put(series, nose->time.interval.high, nose->temperature.value);
    if (!(series = add(panel, 2, &across)))
        return mem_error(err, "a picture");
    put(series, nose->time.value, nose->temperature.interval.low);
    put(series, nose->time.value, nose->temperature.interval.high);
    return STATUS_OK;
}

/* ---- runs and bounds ---- */

static enum status add_runs(const struct ttt_boxes *boxes, bool happened, const struct look *look,
                            struct figure_panel *panel, struct error *err)
{
    struct figure_series *series = add(panel, boxes->count, look);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < boxes->count; i++) {
        const struct event *event = &boxes->boxes[i].course.event;
        if (event->kind != EVENT_IN_RAMP && (event->kind == EVENT_HAPPENED) == happened)
            put(series, lifetime_date(&event->life), boxes->boxes[i].temperature);
    }
    return STATUS_OK;
}

static enum status add_all_runs(const struct ttt_result *result, uint32_t color, bool labelled,
                                struct figure_panel *panel, struct error *err)
{
    const struct look happened = {MARK_POINTS, color, 0, labelled ? "transformed" : ""};
    const struct look censored = {MARK_OPEN, color, 0, labelled ? "not yet: censored" : ""};
    enum status status = add_runs(&result->boxes, true, &happened, panel, err);
    return status == STATUS_OK ? add_runs(&result->boxes, false, &censored, panel, err) : status;
}

static enum status add_bounds(const struct ttt_result *result, uint32_t color, bool labelled,
                              struct figure_panel *panel, struct error *err)
{
    const struct look look = {MARK_ARROW, color, 0, labelled ? "t_50 > this (95 %)" : ""};
    struct figure_series *series = add(panel, result->isotherm_count, &look);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].has_fit && result->isotherms[i].fit.is_bound)
            put(series, result->isotherms[i].fit.time[FRACTION_50].value, result->isotherms[i].temperature);
    if (series->count == 0)
        series->label[0] = '\0';
    return STATUS_OK;
}

/* ---- means below T_f, volume of large boxes ---- */

static enum status add_means(const struct ttt_result *result, bool length, int target, struct figure_panel *panel,
                             struct error *err)
{
    char label[FIGURE_LABEL_SIZE];
    if (length)
        snprintf(label, sizeof label, "ico length %g sigma", ttt_length_targets[target]);
    else
        snprintf(label, sizeof label, "mean ico %.2f", ttt_ico_targets[target]);
    const struct look look = {MARK_LINE_POINTS, COLOR_MEANS, (uint32_t)(target + (length ? TTT_TARGETS : 0)), label};
    struct figure_series *series = add(panel, result->isotherm_count, &look);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (isotherm->is_below_glass)
            put(series, (length ? isotherm->length : isotherm->ico)[target].value, isotherm->temperature);
    }
    if (series->count == 0)
        series->label[0] = '\0';
    return STATUS_OK;
}

static enum status add_all_means(const struct ttt_result *result, struct figure_panel *panel, struct error *err)
{
    enum status status = STATUS_OK;
    for (int target = 0; status == STATUS_OK && target < TTT_TARGETS; target++)
        status = add_means(result, false, target, panel, err);
    for (int target = 0; status == STATUS_OK && target < TTT_TARGETS; target++)
        status = add_means(result, true, target, panel, err);
    return status;
}

static enum status add_volume(const struct ttt_result *result, struct figure_panel *panel, struct error *err)
{
    const struct look look = {MARK_POINTS, COLOR_VOLUME, 2, "50 % of volume (Avrami)"};
    struct figure_series *series = add(panel, result->isotherm_count, &look);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].has_volume)
            put(series, result->isotherms[i].volume.time_50.value, result->isotherms[i].temperature);
    if (series->count == 0)
        series->label[0] = '\0';
    return STATUS_OK;
}

/* ---- T_m and T_f ---- */

static enum status add_level(double temperature, const struct look *look, struct figure_panel *panel, struct error *err)
{
    double low = (double)INFINITY, high = 0.0;
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++) {
            low = fmin(low, panel->series[s].x[i]);
            high = fmax(high, panel->series[s].x[i]);
        }
    struct figure_series *series = high > 0.0 ? add(panel, 2, look) : NULL;
    if (high > 0.0 && !series)
        return mem_error(err, "a picture");
    if (series) {
        put(series, low, temperature);
        put(series, high, temperature);
    }
    return STATUS_OK;
}

static enum status add_levels(double melting, double glass, struct figure_panel *panel, struct error *err)
{
    const struct look of_melting = {MARK_LINE, COLOR_EVENT, DASH_SOLID, "T_m"};
    const struct look of_glass = {MARK_LINE, COLOR_EVENT, DASH_MIXED, "T_f"};
    enum status status = melting > 0.0 ? add_level(melting, &of_melting, panel, err) : STATUS_OK;
    return status == STATUS_OK && glass > 0.0 ? add_level(glass, &of_glass, panel, err) : status;
}

/* ---- the pictures ---- */

static enum status draw_one(const struct ttt_result *result, struct figure_panel *panel, struct error *err)
{
    enum status status = STATUS_OK;
    for (int f = 0; result->has_diagram && status == STATUS_OK && f < FRACTION_COUNT; f++)
        status = add_contour(result, f, fraction_colors[f], fraction_labels[f], panel, err);
    if (status == STATUS_OK)
        status = add_nose(result, panel, err);
    if (status == STATUS_OK)
        status = add_bounds(result, fraction_colors[FRACTION_50], true, panel, err);
    if (status == STATUS_OK)
        status = add_all_means(result, panel, err);
    if (status == STATUS_OK)
        status = add_volume(result, panel, err);
    return status == STATUS_OK ? add_all_runs(result, COLOR_EVENT, true, panel, err) : status;
}

/* The name goes to whatever the ensemble has to show: its contour, or its bounds and runs. */
static enum status draw_several(const struct ttt_results *results, struct figure_panel *panel, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; status == STATUS_OK && r < results->count; r++) {
        const struct ttt_result *result = &results->results[r];
        const uint32_t color = (uint32_t)(r % COLORS_OF_ENSEMBLES);
        const size_t from = panel->series_count;
        if (result->has_diagram)
            status = add_contour(result, FRACTION_50, color, result->item->spec->name, panel, err);
        if (status == STATUS_OK)
            status = add_bounds(result, color, false, panel, err);
        if (status == STATUS_OK)
            status = add_all_runs(result, color, false, panel, err);
        if (status == STATUS_OK && !result->has_diagram)
            label_first(panel, from, result->item->spec->name);
    }
    return status;
}

/* An underscore is a subscript where gnuplot is not told otherwise. */
static void escape(const char *text, char *out, size_t size)
{
    size_t used = 0;
    for (; *text && used + 2 < size; text++) {
        if (*text == '_')
            out[used++] = '\\';
        out[used++] = *text;
    }
    out[used] = '\0';
}

static void name_rule(const struct ttt_order *order, struct figure_panel *panel)
{
    char name[FIGURE_LABEL_SIZE];
    escape(order->name, name, sizeof name);
    snprintf(panel->title, sizeof panel->title, "%s %s %g in %u samples; dashed: outside the data; dotted: 95 %% bands",
             name, order->rule.direction == EVENT_DOWN ? "<=" : ">=", order->rule.threshold, order->rule.dwell);
}

static void name_axes(const struct ttt_result *first, struct figure_panel *panel)
{
    const double dt = first->item->spec->dynamics.dt, glass = first->request->glass_temperature;
    snprintf(panel->x_label, sizeof panel->x_label, "time (steps; 10^9 steps = 1 us)");
    snprintf(panel->x2_label, sizeof panel->x2_label, "time (tau; 1 step = %g tau)", dt);
    snprintf(panel->y_label, sizeof panel->y_label, "T (epsilon/k_B)");
    panel->x2_factor = dt;
    panel->x_log = true;
    if (glass > 0.0) {
        snprintf(panel->y2_label, sizeof panel->y2_label, "T / T_f (T_f = %g)", glass);
        panel->y2_factor = 1.0 / glass;
    }
}

enum status ttt_picture(const struct ttt_results *results, double melting, struct figure *figure, struct error *err)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    const struct ttt_result *first = &results->results[0];
    const char *campaign = first->item->campaign->name, *ensemble = first->item->spec->name;
    if (results->count == 1) {
        snprintf(figure->name, sizeof figure->name, "%s-%s-ttt", campaign, ensemble);
        snprintf(figure->title, sizeof figure->title, "%s / %s: %u atoms", campaign, ensemble,
                 first->item->spec->system.atoms);
    } else {
        snprintf(figure->name, sizeof figure->name, "%s-ttt", campaign);
        snprintf(figure->title, sizeof figure->title, "%s: 50 %% of boxes in %zu ensembles", campaign, results->count);
    }
    name_rule(&first->request->order, panel);
    name_axes(first, panel);
    enum status status = results->count == 1 ? draw_one(first, panel, err) : draw_several(results, panel, err);
    return status == STATUS_OK ? add_levels(melting, first->request->glass_temperature, panel, err) : status;
}

/* ---- the map ---- */

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Distinct temperatures of all results, ascending; returned (mem_free), NULL without memory. */
static double *list_temperatures(const struct ttt_results *results, size_t *out_count)
{
    size_t room = 0, count = 0;
    for (size_t r = 0; r < results->count; r++)
        room += results->results[r].isotherm_count;
    double *list = mem_alloc_array(room, sizeof *list);
    if (!list)
        return NULL;
    for (size_t r = 0; r < results->count; r++)
        for (size_t i = 0; i < results->results[r].isotherm_count; i++)
            list[count++] = results->results[r].isotherms[i].temperature;
    qsort(list, count, sizeof *list, compare_doubles);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || list[i] != list[*out_count - 1])
            list[(*out_count)++] = list[i];
    return list;
}

/* Estimates as points, intervals as thin lines, bounds as arrows. */
static enum status add_map_points(const struct ttt_results *results, double temperature, uint32_t color, bool bounds,
                                  struct figure_panel *panel, struct error *err)
{
    const struct look look = {bounds ? MARK_ARROW : MARK_LINE_POINTS, color, color, ""};
    struct figure_series *series = add(panel, results->count, &look);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t r = 0; r < results->count; r++)
        for (size_t i = 0; i < results->results[r].isotherm_count; i++) {
            const struct ttt_isotherm *isotherm = &results->results[r].isotherms[i];
            if (isotherm->temperature == temperature && isotherm->has_fit && isotherm->fit.is_bound == bounds)
                put(series, isotherm->fit.time[FRACTION_50].value, ttt_small_fraction(&results->results[r]));
        }
    return STATUS_OK;
}

static enum status add_map_intervals(const struct ttt_result *result, double temperature, uint32_t color,
                                     struct figure_panel *panel, struct error *err)
{
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct estimate time = ttt_time_50(&result->isotherms[i]);
        if (result->isotherms[i].temperature != temperature || !isfinite(time.value) || !isfinite(time.interval.high))
            continue;
        const struct look look = {MARK_LINE, color, DASH_SOLID, ""};
        struct figure_series *series = add(panel, 2, &look);
        if (!series)
            return mem_error(err, "a picture");
        put(series, time.interval.low, ttt_small_fraction(result));
        put(series, time.interval.high, ttt_small_fraction(result));
    }
    return STATUS_OK;
}

enum status ttt_picture_map(const struct ttt_results *results, struct figure *figure, struct error *err)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    size_t count = 0;
    double *temperatures = list_temperatures(results, &count);
    enum status status = temperatures ? STATUS_OK : mem_error(err, "a picture");
    snprintf(figure->name, sizeof figure->name, "%s-ttt-composition", results->results[0].item->campaign->name);
    snprintf(figure->title, sizeof figure->title, "%s: t_50 of boxes", results->results[0].item->campaign->name);
    snprintf(panel->title, sizeof panel->title, "along: 95 %% intervals; arrows: t_{50} is longer");
    name_axes(&results->results[0], panel);
    panel->y2_factor = 0.0;
    snprintf(panel->y_label, sizeof panel->y_label, "small atoms over all");
    panel->ordered = true;
    panel->color_count = (uint32_t)count;
    for (size_t t = 0; status == STATUS_OK && t < count; t++) {
        char label[FIGURE_LABEL_SIZE];
        const size_t from = panel->series_count;
        status = add_map_points(results, temperatures[t], (uint32_t)t, false, panel, err);
        if (status == STATUS_OK)
            status = add_map_points(results, temperatures[t], (uint32_t)t, true, panel, err);
        for (size_t r = 0; status == STATUS_OK && r < results->count; r++)
            status = add_map_intervals(&results->results[r], temperatures[t], (uint32_t)t, panel, err);
        snprintf(label, sizeof label, "T = %.4g", temperatures[t]);
        label_first(panel, from, label);
    }
    mem_free(temperatures);
    return status;
}
