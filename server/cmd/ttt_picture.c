#include "server/cmd/ttt_picture.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

static const char *const fraction_labels[FRACTION_COUNT] = {"1 % of boxes", "50 % of boxes", "99 % of boxes"};
enum { COLOR_EVENT = 7, COLOR_BOUND = 1, DASH_SOLID = 0, DASH_DASHED = 1, DASH_DOTTED = 2 };
static const uint32_t fraction_colors[FRACTION_COUNT] = {5, 0, 2};

static struct figure_series *add(struct figure_panel *panel, size_t count, enum figure_mark mark, uint32_t color,
                                 uint32_t shape, const char *label)
{
    struct figure_series *series = figure_add_series(panel, count, false);
    if (!series)
        return NULL;
    series->mark = mark;
    series->color = color;
    series->shape = shape;
    snprintf(series->label, sizeof series->label, "%s", label);
    return series;
}

static bool is_shown(const struct ttt_box *box, bool happened)
{
    return box->event.kind != EVENT_IN_RAMP && (box->event.kind == EVENT_HAPPENED) == happened;
}

static enum status add_runs(const struct ttt_boxes *boxes, bool happened, struct figure_panel *panel, struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < boxes->count; i++)
        count += is_shown(&boxes->boxes[i], happened);
    struct figure_series *series = add(panel, count, happened ? MARK_POINTS : MARK_OPEN, COLOR_EVENT, 0,
                                       happened ? "transformed" : "not yet: censored");
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0, n = 0; i < boxes->count; i++)
        if (is_shown(&boxes->boxes[i], happened)) {
            series->x[n] = lifetime_date(&boxes->boxes[i].event.life);
            series->y[n++] = boxes->boxes[i].temperature;
        }
    return STATUS_OK;
}

enum edge { EDGE_VALUE, EDGE_LOW, EDGE_HIGH };

static double edge_of(const struct estimate *time, enum edge edge)
{
    return edge == EDGE_VALUE ? time->value : edge == EDGE_LOW ? time->interval.low : time->interval.high;
}

/* The stretch of points from `first` on that share is_inside, as one line; a line outside begins and ends on its
 * neighbours inside. */
static size_t add_stretch(const struct ttt_diagram *diagram, int fraction, enum edge edge, size_t first,
                          const char *label, struct figure_panel *panel)
{
    const bool inside = diagram->points[first].is_inside[fraction];
    size_t end = first;
    while (end < diagram->count && diagram->points[end].is_inside[fraction] == inside)
        end++;
    const size_t from = !inside && first > 0 ? first - 1 : first;
    const size_t to = !inside && end < diagram->count ? end + 1 : end;
    const uint32_t dash = edge != EDGE_VALUE ? DASH_DOTTED : inside ? DASH_SOLID : DASH_DASHED;
    struct figure_series *series = add(panel, to - from, MARK_LINE, fraction_colors[fraction], dash, label);
    if (!series)
        return SIZE_MAX;
    series->count = 0;
    for (size_t i = from; i < to; i++) {
        const double steps = edge_of(&diagram->points[i].time[fraction], edge);
        if (!isfinite(steps) || steps <= 0.0)
            continue;
        series->x[series->count] = steps;
        series->y[series->count++] = diagram->points[i].temperature;
    }
    return end;
}

/* The first stretch inside carries the label; the first of all when none is. */
static size_t labelled_point(const struct ttt_diagram *diagram, int fraction)
{
    for (size_t i = 0; i < diagram->count; i++)
        if (diagram->points[i].is_inside[fraction])
            return i;
    return 0;
}

static enum status add_contour(const struct ttt_diagram *diagram, int fraction, enum edge edge,
                               struct figure_panel *panel, struct error *err)
{
    const size_t labelled = edge == EDGE_VALUE ? labelled_point(diagram, fraction) : SIZE_MAX;
    for (size_t i = 0; i < diagram->count;) {
        i = add_stretch(diagram, fraction, edge, i, i == labelled ? fraction_labels[fraction] : "", panel);
        if (i == SIZE_MAX)
            return mem_error(err, "a picture");
    }
    return STATUS_OK;
}

static enum status add_contours(const struct ttt_diagram *diagram, struct figure_panel *panel, struct error *err)
{
    enum status status = STATUS_OK;
    for (int fraction = 0; fraction < FRACTION_COUNT; fraction++)
        for (int edge = EDGE_VALUE; status == STATUS_OK && edge <= EDGE_HIGH; edge++)
            status = add_contour(diagram, fraction, (enum edge)edge, panel, err);
    return status;
}

static enum status add_bounds(const struct ttt_bound *bounds, size_t count, struct figure_panel *panel,
                              struct error *err)
{
    if (count == 0)
        return STATUS_OK;
    struct figure_series *series = add(panel, count, MARK_ARROW, COLOR_BOUND, 0, "t_50 > this (95 %)");
    if (!series)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < count; i++) {
        series->x[i] = bounds[i].steps;
        series->y[i] = bounds[i].temperature;
    }
    return STATUS_OK;
}

enum status ttt_picture(const struct selected *item, const struct ttt_boxes *boxes, const struct ttt_diagram *diagram,
                        const struct ttt_bound *bounds, size_t bound_count, struct figure *figure, struct error *err)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    snprintf(figure->name, sizeof figure->name, "%s-%s-ttt", item->campaign->name, item->spec->name);
    snprintf(figure->title, sizeof figure->title, "%s / %s: %u atoms", item->campaign->name, item->spec->name,
             item->spec->system.atoms);
    snprintf(panel->title, sizeof panel->title, "dashed: outside the data; dotted: 95 %% bands");
    snprintf(panel->x_label, sizeof panel->x_label, "time (steps of %g tau)", item->spec->dynamics.dt);
    snprintf(panel->y_label, sizeof panel->y_label, "T (epsilon/k_B)");
    panel->x_log = true;
    enum status status = diagram ? add_contours(diagram, panel, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = add_bounds(bounds, bound_count, panel, err);
    if (status == STATUS_OK)
        status = add_runs(boxes, false, panel, err);
    return status == STATUS_OK ? add_runs(boxes, true, panel, err) : status;
}
