#include "server/cmd/ttt_picture.h"

#include "common/mem.h"
#include "server/cmd/ttt_axes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DASH_SOLID = 0, DASH_DASHED = 1, DASH_DOTTED = 2, DASH_MIXED = 3 };
enum { SHAPE_UP = 2, SHAPE_DIAMOND = 3, SHAPE_DOWN = 4 };
enum { COLOR_EVENT = 7, COLOR_MEANS = 1, COLOR_VOLUME = 3, COLOR_NOSE = 4, COLORS_OF_ENSEMBLES = 6 };

/* So many diagrams show their contours at 1 and 99 % too; more of them, only those at 50 %. */
enum { WHOLE_DIAGRAMS_MAX = 3 };

static const double scale_thin = 0.5, scale_name = 2.0, scale_covered = 2.0, scale_time = 1.6, scale_head = 2.0;

/* ---- what a line can be ---- */

enum meaning {
    CONTOUR_1,
    CONTOUR_50,
    CONTOUR_99,
    NOSE,
    NOSE_OPEN,
    TIME_50,
    BOUND,
    MEAN_ICO,
    MEAN_LENGTH = MEAN_ICO + TTT_TARGETS,
    VOLUME = MEAN_LENGTH + TTT_TARGETS,
    TRANSFORMED,
    CENSORED,
    MELTING,
    GLASS,
    MEANING_COUNT
};

/* How it looks where there is one ensemble; of several, each has a colour. `kind` is for the CSV, `label` for the key.
 */
struct look {
    enum figure_mark mark;
    uint32_t color, shape;
    const char *kind, *label;
};

/* Those of means lack the target's number. */
static const struct look looks[MEANING_COUNT] = {
    [CONTOUR_1] = {MARK_LINE, 5, DASH_SOLID, "contour_1", "1 % of boxes"},
    [CONTOUR_50] = {MARK_LINE, 0, DASH_SOLID, "contour_50", "50 % of boxes"},
    [CONTOUR_99] = {MARK_LINE, 2, DASH_SOLID, "contour_99", "99 % of boxes"},
    [NOSE] = {MARK_LINE, COLOR_NOSE, DASH_SOLID, "nose", "nose, intervals"},
    [NOSE_OPEN] = {MARK_POINTS, COLOR_NOSE, SHAPE_UP, "nose_open", "nose may lie beyond"},
    [TIME_50] = {MARK_LINE_POINTS, 0, SHAPE_DIAMOND, "t_50", "t_50, 95 % interval"},
    [BOUND] = {MARK_ARROW, 0, 0, "t_50_lower_bound", "t_50 > this (95 %)"},
    [MEAN_ICO] = {MARK_LINE_POINTS, COLOR_MEANS, 1, "mean_ico", "mean ico"},
    {MARK_LINE_POINTS, COLOR_MEANS, 2, "mean_ico", "mean ico"},
    {MARK_LINE_POINTS, COLOR_MEANS, 3, "mean_ico", "mean ico"},
    [MEAN_LENGTH] = {MARK_LINE_POINTS, COLOR_MEANS, 7, "ico_length", "ico length"},
    {MARK_LINE_POINTS, COLOR_MEANS, 8, "ico_length", "ico length"},
    {MARK_LINE_POINTS, COLOR_MEANS, 9, "ico_length", "ico length"},
    [VOLUME] = {MARK_POINTS, COLOR_VOLUME, 5, "volume_50", "50 % of volume (Avrami)"},
    [TRANSFORMED] = {MARK_POINTS, COLOR_EVENT, 0, "transformed", "transformed"},
    [CENSORED] = {MARK_OPEN, COLOR_EVENT, 0, "censored", "not yet: censored"},
    [MELTING] = {MARK_LINE, COLOR_EVENT, DASH_SOLID, "T_m", "T_m"},
    [GLASS] = {MARK_LINE, COLOR_EVENT, DASH_MIXED, "T_f", "T_f"},
};

static void write_kind(enum meaning meaning, char out[FIGURE_KIND_SIZE])
{
    const char *kind = looks[meaning].kind;
    if (meaning >= MEAN_ICO && meaning < MEAN_LENGTH)
        snprintf(out, FIGURE_KIND_SIZE, "%s_%.2f", kind, ttt_ico_targets[meaning - MEAN_ICO]);
    else if (meaning >= MEAN_LENGTH && meaning < VOLUME)
        snprintf(out, FIGURE_KIND_SIZE, "%s_%g", kind, ttt_length_targets[meaning - MEAN_LENGTH]);
    else
        snprintf(out, FIGURE_KIND_SIZE, "%s", kind);
}

static void write_label(enum meaning meaning, char out[FIGURE_LABEL_SIZE])
{
    const char *label = looks[meaning].label;
    if (meaning >= MEAN_ICO && meaning < MEAN_LENGTH)
        snprintf(out, FIGURE_LABEL_SIZE, "%s %.2f", label, ttt_ico_targets[meaning - MEAN_ICO]);
    else if (meaning >= MEAN_LENGTH && meaning < VOLUME)
        snprintf(out, FIGURE_LABEL_SIZE, "%s %g sigma", label, ttt_length_targets[meaning - MEAN_LENGTH]);
    else
        snprintf(out, FIGURE_LABEL_SIZE, "%s", label);
}

/* ---- the canvas ---- */

/* Where lines are drawn. With several ensembles in a picture a line has its ensemble's name and colour, and the key
 * says apart what marks mean; of one ensemble it has the name and colour of what it is. */
struct canvas {
    struct figure_panel *panel;
    const char *ensemble; /* NULL: there is one */
    uint32_t color;       /* the ensemble's */
    double shift;         /* of its t_50, above those of the ensembles before it */
    double scale;         /* of its bounds and untransformed runs, on which those of later ensembles may lie */
    bool shows[MEANING_COUNT], shows_inside[MEANING_COUNT]; /* has lines with points; solid ones */
};

/* Room for `count` points; of the key only what add_key puts there. NULL without memory. */
static struct figure_series *add(struct canvas *canvas, enum meaning meaning, size_t count)
{
    struct figure_series *series = figure_add_series(canvas->panel, count, false);
    if (!series)
        return NULL;
    series->count = 0;
    series->key = KEY_HIDDEN;
    series->mark = looks[meaning].mark;
    series->shape = looks[meaning].shape;
    series->color = canvas->ensemble ? canvas->color : looks[meaning].color;
    write_kind(meaning, series->kind);
    if (canvas->ensemble)
        snprintf(series->label, sizeof series->label, "%s", canvas->ensemble);
    else
        write_label(meaning, series->label);
    return series;
}

/* To be called when the points are in. */
static void note(struct canvas *canvas, enum meaning meaning, const struct figure_series *series)
{
    canvas->shows[meaning] |= series->count > 0;
    canvas->shows_inside[meaning] |= series->count > 0 && series->shape == looks[meaning].shape;
}

static enum status add_key_line(struct figure_panel *panel, const struct look *look, double scale, struct error *err)
{
    struct figure_series *line = figure_add_series(panel, 0, false);
    if (!line)
        return mem_error(err, "a picture");
    line->key = KEY_ALONE;
    line->mark = look->mark;
    line->color = look->color;
    line->shape = look->shape;
    line->scale = scale;
    snprintf(line->label, sizeof line->label, "%s", look->label);
    return STATUS_OK;
}

/* Of several ensembles those of 1 and 99 % look alike, and noses are in ink, as 50 % is in the key. */
static void write_key_label(const struct canvas *canvas, enum meaning meaning, char out[FIGURE_LABEL_SIZE])
{
    if (canvas->ensemble && meaning == CONTOUR_1)
        snprintf(out, FIGURE_LABEL_SIZE, "1 and 99 %% of boxes");
    else if (canvas->ensemble && meaning == NOSE)
        snprintf(out, FIGURE_LABEL_SIZE, "cross: nose, intervals");
    else if (canvas->ensemble && meaning == TIME_50)
        snprintf(out, FIGURE_LABEL_SIZE, "t_50, 95 %%, set off in T");
    else
        write_label(meaning, out);
}

/* What the marks in the picture mean, in ink where colours are names. */
static enum status add_key(struct canvas *canvas, struct error *err)
{
    const bool several = canvas->ensemble != NULL;
    enum status status = STATUS_OK;
    canvas->panel->key_whole = true;
    for (int m = 0; status == STATUS_OK && m < MEANING_COUNT; m++) {
        char label[FIGURE_LABEL_SIZE];
        struct look look = looks[m];
        if (!canvas->shows[m] || (several && m == CONTOUR_99 && canvas->shows[CONTOUR_1]))
            continue;
        write_key_label(canvas, (enum meaning)m, label);
        look.label = label;
        look.color = several ? COLOR_EVENT : look.color;
        look.shape = look.mark == MARK_LINE && !canvas->shows_inside[m] ? DASH_DASHED : look.shape;
        status = add_key_line(canvas->panel, &look, several && m == CONTOUR_1 ? scale_thin : 1.0, err);
    }
    return status;
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
};

/* contour_50 inside the data, contour_50_outside, band_low_50, band_high_50 */
static void name_stretch(const struct contour *contour, bool inside, struct figure_series *series)
{
    const char *kind = looks[CONTOUR_1 + contour->fraction].kind, *fraction = strchr(kind, '_');
    if (contour->edge != EDGE_VALUE) {
        snprintf(series->kind, sizeof series->kind, "band_%s%s", contour->edge == EDGE_LOW ? "low" : "high", fraction);
        series->shape = DASH_DOTTED;
    } else if (!inside) {
        snprintf(series->kind, sizeof series->kind, "%s_outside", kind);
        series->shape = DASH_DASHED;
    }
}

/* The stretch of points from `first` on that share is_inside; a line outside begins and ends on its neighbours inside.
 * Returns the end of the stretch, SIZE_MAX without memory. */
static size_t add_stretch(const struct contour *contour, size_t first, struct canvas *canvas)
{
    const struct ttt_diagram *diagram = &contour->result->diagram;
    const enum meaning meaning = (enum meaning)(CONTOUR_1 + contour->fraction);
    const bool inside = diagram->points[first].is_inside[contour->fraction];
    size_t end = first;
    while (end < diagram->count && diagram->points[end].is_inside[contour->fraction] == inside)
        end++;
    const size_t from = !inside && first > 0 ? first - 1 : first;
    const size_t to = !inside && end < diagram->count ? end + 1 : end;
    struct figure_series *series = add(canvas, meaning, to - from);
    if (!series)
        return SIZE_MAX;
    name_stretch(contour, inside, series);
    series->scale = canvas->ensemble && meaning != CONTOUR_50 ? scale_thin : 1.0;
    for (size_t i = from; i < to; i++) {
        const double steps = edge_of(&diagram->points[i].time[contour->fraction], contour->edge);
        if (is_worth_drawing(contour->result, steps))
            ttt_put_point(series, steps, diagram->points[i].temperature);
    }
    if (contour->edge == EDGE_VALUE)
        note(canvas, meaning, series);
    return end;
}

static enum status add_contour(const struct ttt_result *result, int fraction, bool with_band, struct canvas *canvas,
                               struct error *err)
{
    for (int edge = EDGE_VALUE; edge < (with_band ? EDGE_COUNT : EDGE_LOW); edge++) {
        const struct contour contour = {result, fraction, (enum edge)edge};
        for (size_t i = 0; i < result->diagram.count;)
            if ((i = add_stretch(&contour, i, canvas)) == SIZE_MAX)
                return mem_error(err, "a picture");
    }
    return STATUS_OK;
}

/* Arms of a cross. */
static enum status add_arm(const struct ttt_nose *nose, bool upright, struct canvas *canvas, struct error *err)
{
    struct figure_series *series = add(canvas, NOSE, 2);
    if (!series)
        return mem_error(err, "a picture");
    series->color = canvas->ensemble ? FIGURE_INK : series->color;
    ttt_put_point(series, upright ? nose->time.value : nose->time.interval.low,
                  upright ? nose->temperature.interval.low : nose->temperature.value);
    ttt_put_point(series, upright ? nose->time.value : nose->time.interval.high,
                  upright ? nose->temperature.interval.high : nose->temperature.value);
    note(canvas, NOSE, series);
    return STATUS_OK;
}

/* A head where the arm ends only because the data do. */
static enum status add_head(const struct ttt_nose *nose, bool up, struct canvas *canvas, struct error *err)
{
    struct figure_series *series = add(canvas, NOSE_OPEN, 1);
    if (!series)
        return mem_error(err, "a picture");
    series->color = canvas->ensemble ? FIGURE_INK : series->color;
    series->shape = up ? SHAPE_UP : SHAPE_DOWN;
    series->scale = scale_head;
    ttt_put_point(series, nose->time.value, up ? nose->temperature.interval.high : nose->temperature.interval.low);
    canvas->shows[NOSE_OPEN] = canvas->shows_inside[NOSE_OPEN] = true;
    return STATUS_OK;
}

/* A cross of its two intervals, which are of 95 % each; on a contour of the same colour it would not be seen. */
static enum status add_nose(const struct ttt_result *result, struct canvas *canvas, struct error *err)
{
    const struct ttt_nose *nose = &result->diagram.nose;
    enum status status = STATUS_OK;
    if (!result->has_diagram || !nose->is_inside)
        return STATUS_OK;
    for (int upright = 0; status == STATUS_OK && upright < 2; upright++)
        status = add_arm(nose, upright, canvas, err);
    return status;
}

/* To be drawn last: the ends of the data are where the runs are. */
static enum status add_heads(const struct ttt_result *result, struct canvas *canvas, struct error *err)
{
    const struct ttt_nose *nose = &result->diagram.nose;
    enum status status = STATUS_OK;
    if (!result->has_diagram || !nose->is_inside)
        return STATUS_OK;
    if (nose->is_open_low)
        status = add_head(nose, false, canvas, err);
    if (status == STATUS_OK && nose->is_open_high)
        status = add_head(nose, true, canvas, err);
    return status;
}

/* ---- isotherms without a diagram ---- */

static enum status add_interval(const struct ttt_isotherm *isotherm, struct canvas *canvas, struct error *err)
{
    const struct estimate time = ttt_time(isotherm, FRACTION_50);
    struct figure_series *series = add(canvas, TIME_50, 2);
    if (!series)
        return mem_error(err, "a picture");
    series->mark = MARK_LINE;
    series->shape = DASH_SOLID;
    series->y_shift = canvas->shift;
    snprintf(series->kind, sizeof series->kind, "t_50_interval");
    ttt_put_point(series, time.interval.low, isotherm->temperature);
    ttt_put_point(series, time.interval.high, isotherm->temperature);
    return STATUS_OK;
}

/* Where no contour joins them each has its own. */
static enum status add_times(const struct ttt_result *result, struct canvas *canvas, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < result->isotherm_count; i++)
        if (isfinite(ttt_time(&result->isotherms[i], FRACTION_50).value))
            status = add_interval(&result->isotherms[i], canvas, err);
    struct figure_series *series = status == STATUS_OK ? add(canvas, TIME_50, result->isotherm_count) : NULL;
    if (!series)
        return status == STATUS_OK ? mem_error(err, "a picture") : status;
    series->mark = MARK_POINTS;
    series->scale = scale_time;
    series->y_shift = canvas->shift;
    for (size_t i = 0; i < result->isotherm_count; i++)
        ttt_put_point(series, ttt_time(&result->isotherms[i], FRACTION_50).value, result->isotherms[i].temperature);
    note(canvas, TIME_50, series);
    return STATUS_OK;
}

/* ---- runs and bounds ---- */

static enum status add_runs(const struct ttt_boxes *boxes, enum meaning meaning, struct canvas *canvas,
                            struct error *err)
{
    struct figure_series *series = add(canvas, meaning, boxes->count);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < boxes->count; i++) {
        const struct event *event = &boxes->boxes[i].course.event;
        if (event->kind != EVENT_IN_RAMP && (event->kind == EVENT_HAPPENED) == (meaning == TRANSFORMED))
            ttt_put_point(series, lifetime_date(&event->life), boxes->boxes[i].temperature);
    }
    series->scale = meaning == CENSORED ? sqrt(canvas->scale) : 1.0;
    note(canvas, meaning, series);
    return STATUS_OK;
}

static bool has_bound_at(const struct ttt_result *result, double temperature, double steps)
{
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].temperature == temperature && result->isotherms[i].has_fit &&
            result->isotherms[i].fit.is_bound && result->isotherms[i].fit.time[FRACTION_50].value == steps)
            return true;
    return false;
}

/* Ensembles after number r that have a bound in the same place: one would cover the other. */
static size_t count_covering(const struct ttt_results *results, size_t r)
{
    const struct ttt_result *result = &results->results[r];
    size_t most = 0;
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        size_t count = 0;
        for (size_t later = r + 1; isotherm->has_fit && isotherm->fit.is_bound && later < results->count; later++)
            count +=
                has_bound_at(&results->results[later], isotherm->temperature, isotherm->fit.time[FRACTION_50].value);
        most = count > most ? count : most;
    }
    return most;
}

static enum status add_bounds(const struct ttt_result *result, struct canvas *canvas, struct error *err)
{
    struct figure_series *series = add(canvas, BOUND, result->isotherm_count);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].has_fit && result->isotherms[i].fit.is_bound)
            ttt_put_point(series, result->isotherms[i].fit.time[FRACTION_50].value, result->isotherms[i].temperature);
    series->scale = canvas->scale;
    note(canvas, BOUND, series);
    return STATUS_OK;
}

/* ---- means below T_f, volume of large boxes ---- */

static enum status add_means(const struct ttt_result *result, struct canvas *canvas, struct error *err)
{
    for (int m = MEAN_ICO; m < VOLUME; m++) {
        struct figure_series *series = add(canvas, (enum meaning)m, result->isotherm_count);
        if (!series)
            return mem_error(err, "a picture");
        for (size_t i = 0; i < result->isotherm_count; i++) {
            const struct ttt_isotherm *isotherm = &result->isotherms[i];
            if (isotherm->is_below_glass)
                ttt_put_point(series,
                              m < MEAN_LENGTH ? isotherm->ico[m - MEAN_ICO].value
                                              : isotherm->length[m - MEAN_LENGTH].value,
                              isotherm->temperature);
        }
        note(canvas, (enum meaning)m, series);
    }
    return STATUS_OK;
}

static enum status add_volume(const struct ttt_result *result, struct canvas *canvas, struct error *err)
{
    struct figure_series *series = add(canvas, VOLUME, result->isotherm_count);
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].has_volume)
            ttt_put_point(series, result->isotherms[i].volume.time_50.value, result->isotherms[i].temperature);
    note(canvas, VOLUME, series);
    return STATUS_OK;
}

/* ---- T_m and T_f ---- */

/* From the first to the last point of the picture. */
static enum status add_level(double temperature, enum meaning meaning, struct canvas *canvas, struct error *err)
{
    const struct figure_panel *panel = canvas->panel;
    double low = (double)INFINITY, high = 0.0;
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++) {
            low = fmin(low, panel->series[s].x[i]);
            high = fmax(high, panel->series[s].x[i]);
        }
    if (!(high > 0.0 && temperature > 0.0))
        return STATUS_OK;
    struct figure_series *series = add(canvas, meaning, 2);
    if (!series)
        return mem_error(err, "a picture");
    ttt_put_point(series, low, temperature);
    ttt_put_point(series, high, temperature);
    note(canvas, meaning, series);
    return STATUS_OK;
}

/* T_f of each ensemble in its colour, where they differ; else one line, and T_m, which is of all. */
static enum status add_levels(const struct ttt_results *results, double melting, struct canvas *canvas,
                              struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; status == STATUS_OK && !ttt_has_one_glass(results) && r < results->count; r++) {
        canvas->ensemble = results->results[r].item->spec->name;
        canvas->color = (uint32_t)(r % COLORS_OF_ENSEMBLES);
        status = add_level(ttt_glass_of(results, r), GLASS, canvas, err);
    }
    canvas->ensemble = canvas->ensemble ? "all" : NULL;
    canvas->color = COLOR_EVENT;
    if (status == STATUS_OK && ttt_has_one_glass(results))
        status = add_level(ttt_glass_of(results, 0), GLASS, canvas, err);
    return status == STATUS_OK ? add_level(melting, MELTING, canvas, err) : status;
}

/* ---- the picture ---- */

static enum status draw_ensemble(const struct ttt_result *result, bool whole, struct canvas *canvas, struct error *err)
{
    enum status status = STATUS_OK;
    for (int f = 0; result->has_diagram && status == STATUS_OK && f < FRACTION_COUNT; f++)
        if (whole || f == FRACTION_50)
            status = add_contour(result, f, !canvas->ensemble || f == FRACTION_50, canvas, err);
    if (status == STATUS_OK)
        status = add_nose(result, canvas, err);
    if (status == STATUS_OK)
        status = add_bounds(result, canvas, err);
    if (status == STATUS_OK && !result->has_diagram)
        status = add_times(result, canvas, err);
    if (status == STATUS_OK)
        status = add_means(result, canvas, err);
    if (status == STATUS_OK)
        status = add_volume(result, canvas, err);
    if (status == STATUS_OK)
        status = add_runs(&result->boxes, TRANSFORMED, canvas, err);
    if (status == STATUS_OK)
        status = add_runs(&result->boxes, CENSORED, canvas, err);
    return status == STATUS_OK ? add_heads(result, canvas, err) : status;
}

static size_t count_diagrams(const struct ttt_results *results)
{
    size_t count = 0;
    for (size_t r = 0; r < results->count; r++)
        count += results->results[r].has_diagram;
    return count;
}

static bool has_one_volume(const struct ttt_results *results)
{
    for (size_t r = 1; r < results->count; r++)
        if (results->results[r].item->spec->system.volume_per_atom !=
            results->results[0].item->spec->system.volume_per_atom)
            return false;
    return true;
}

/* What its atoms are, where the ensembles of the picture differ in that. */
static void describe_atoms(const struct ttt_results *results, size_t r, char out[FIGURE_LABEL_SIZE])
{
    const struct system_spec *system = &results->results[r].item->spec->system;
    const bool volume = !has_one_volume(results);
    out[0] = '\0';
    if (ttt_has_compositions(results))
        snprintf(out, FIGURE_LABEL_SIZE, ": %.3g %% small", 100.0 * ttt_small_fraction(&results->results[r]));
    if (volume)
        snprintf(out + strlen(out), FIGURE_LABEL_SIZE - strlen(out), "%s V/N %.4g", out[0] ? "," : ":",
                 system->volume_per_atom);
}

/* Its line in the key, with what the axes cannot say. */
static enum status name_ensemble(const struct ttt_results *results, size_t r, struct canvas *canvas, struct error *err)
{
    const struct ensemble_spec *spec = results->results[r].item->spec;
    char label[FIGURE_LABEL_SIZE], atoms[FIGURE_LABEL_SIZE];
    char glass[FIGURE_LABEL_SIZE] = "", dt[FIGURE_LABEL_SIZE] = "";
    describe_atoms(results, r, atoms);
    canvas->ensemble = spec->name;
    canvas->color = (uint32_t)(r % COLORS_OF_ENSEMBLES);
    if (!ttt_has_one_glass(results) && ttt_glass_of(results, r) > 0.0)
        snprintf(glass, sizeof glass, ", T_f = %g", ttt_glass_of(results, r));
    if (!ttt_has_one_dt(results))
        snprintf(dt, sizeof dt, ", dt = %g", spec->dynamics.dt);
    snprintf(label, sizeof label, "%.60s%.40s%.28s%.28s", spec->name, atoms, glass, dt);
    return add_key_line(canvas->panel, &(const struct look){MARK_LINE, canvas->color, DASH_SOLID, "", label},
                        scale_name, err);
}

static enum status draw_all(const struct ttt_results *results, double melting, struct canvas *canvas, struct error *err)
{
    const bool whole = results->count == 1 || count_diagrams(results) <= WHOLE_DIAGRAMS_MAX;
    size_t count = 0;
    double *temperatures = ttt_list_temperatures(results, &count);
    if (!temperatures)
        return mem_error(err, "a picture");
    const double step = results->count > 1 ? ttt_step_between(temperatures, count, results->count) : 0.0;
    enum status status = STATUS_OK;
    mem_free(temperatures);
    for (size_t r = 0; status == STATUS_OK && r < results->count; r++) {
        if (results->count > 1)
            status = name_ensemble(results, r, canvas, err);
        canvas->shift = step * (double)(r + 1);
        canvas->scale = 1.0 + scale_covered * (double)count_covering(results, r);
        if (status == STATUS_OK)
            status = draw_ensemble(&results->results[r], whole, canvas, err);
    }
    if (status == STATUS_OK)
        status = add_levels(results, melting, canvas, err);
    return status == STATUS_OK ? add_key(canvas, err) : status;
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

static void name_rule(const struct ttt_order *order, bool several, struct figure_panel *panel)
{
    char name[FIGURE_LABEL_SIZE];
    escape(order->name, name, sizeof name);
    snprintf(panel->title, sizeof panel->title, "%s %s %g in %u samples; %s", name,
             order->rule.direction == EVENT_DOWN ? "<=" : ">=", order->rule.threshold, order->rule.dwell,
             several ? "dashed: outside data; dotted: 95 %" : "dashed: outside the data; dotted: 95 % bands");
}

/* A second axis stands there only when it is right for all ensembles. */
enum status ttt_picture(const struct ttt_results *results, double melting, struct figure *figure, struct error *err)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    struct canvas canvas = {.panel = panel};
    const struct ttt_result *first = &results->results[0];
    const char *campaign = first->item->campaign->name, *ensemble = first->item->spec->name;
    if (results->count == 1) {
        snprintf(figure->name, sizeof figure->name, "%s-%s-ttt", campaign, ensemble);
        snprintf(figure->title, sizeof figure->title, "%s / %s: %u atoms", campaign, ensemble,
                 first->item->spec->system.atoms);
    } else {
        snprintf(figure->name, sizeof figure->name, "%s-ttt", campaign);
        snprintf(figure->title, sizeof figure->title, "%s: %zu ensembles", campaign, results->count);
    }
    name_rule(&first->request->order, results->count > 1, panel);
    ttt_name_axes(results, panel);
    return draw_all(results, melting, &canvas, err);
}
