#include "server/plot/figure.h"

#include "common/mem.h"

#include <math.h>

struct figure_series *figure_add_series(struct figure_panel *panel, size_t count, bool with_errors)
{
    if (panel->series_count == panel->series_room) {
        size_t room = panel->series_room == 0 ? 16 : 2 * panel->series_room;
        struct figure_series *grown = mem_resize_array(panel->series, panel->series_room, room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        panel->series = grown;
        panel->series_room = room;
    }
    struct figure_series series = {
        .count = count, .color = (uint32_t)panel->series_count, .shape = (uint32_t)panel->series_count};
    series.x = mem_alloc_array(count, sizeof *series.x);
    series.y = mem_alloc_array(count, sizeof *series.y);
    series.y_error = with_errors ? mem_alloc_array(count, sizeof *series.y_error) : NULL;
    if (series.x == NULL || series.y == NULL || (with_errors && series.y_error == NULL)) {
        mem_free(series.x);
        mem_free(series.y);
        mem_free(series.y_error);
        return NULL;
    }
    panel->series[panel->series_count] = series;
    return &panel->series[panel->series_count++];
}

size_t figure_panel_points(const struct figure_panel *panel)
{
    size_t points = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        points += panel->series[s].count;
    return points;
}

size_t figure_point_count(const struct figure *figure)
{
    size_t points = 0;
    for (uint32_t p = 0; p < figure->panel_count; p++)
        points += figure_panel_points(&figure->panels[p]);
    return points;
}

static void panel_finish(struct figure_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        mem_free(panel->series[i].x);
        mem_free(panel->series[i].y);
        mem_free(panel->series[i].y_error);
    }
    mem_free(panel->series);
}

bool figure_is_empty(const struct figure *figure)
{
    return figure_point_count(figure) == 0 && figure->scene.text == NULL;
}

void figure_finish(struct figure *figure)
{
    if (figure == NULL)
        return;
    mem_free(figure->scene.text);
    for (uint32_t i = 0; i < figure->panel_count; i++)
        panel_finish(&figure->panels[i]);
    *figure = (struct figure){0};
}

/* --- Data --------------------------------------------------------------------------------------------------------- */

static const char *kind_of(const struct figure_series *series)
{
    static const char *const kinds[] = {"line", "points", "line_points", "steps", "open_points", "lower_bound", "band"};
    return series->kind[0] != '\0' ? series->kind : kinds[series->mark];
}

static void write_number(double value, FILE *out)
{
    fputc(',', out);
    if (isfinite(value))
        fprintf(out, "%.17g", value);
}

static void write_series(const struct figure_series *series, uint32_t panel, size_t index, FILE *out)
{
    for (size_t i = 0; i < series->count; i++) {
        fprintf(out, "%u,%zu,\"%s\"", panel, index, series->label);
        write_number(series->x[i], out);
        write_number(series->y[i], out);
        write_number(series->y_error != NULL ? series->y_error[i] : (double)NAN, out);
        fprintf(out, ",%s\n", kind_of(series));
    }
}

void figure_write_csv(const struct figure *figure, FILE *out)
{
    if (figure->scene.text != NULL) {
        fwrite(figure->scene.text, 1, figure->scene.size, out);
        return;
    }
    fprintf(out, "panel,series,label,x,y,y_error,kind\n");
    for (uint32_t p = 0; p < figure->panel_count; p++)
        for (size_t s = 0; s < figure->panels[p].series_count; s++)
            write_series(&figure->panels[p].series[s], p, s, out);
}
