#include "server/cmd/ttt_axes.h"

#include "common/mem.h"

#include <math.h>
#include <stdlib.h>

/* ---- distances that marks keep ---- */

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts a list and leaves out what is there twice; returns how many are left. */
static size_t sort_distinct(double *list, size_t count)
{
    size_t distinct = 0;
    qsort(list, count, sizeof *list, compare_doubles);
    for (size_t i = 0; i < count; i++)
        if (distinct == 0 || list[i] != list[distinct - 1])
            list[distinct++] = list[i];
    return distinct;
}

double *ttt_list_temperatures(const struct ttt_results *results, size_t *out_count)
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
    *out_count = sort_distinct(list, count);
    return list;
}

double *ttt_list_fractions(const struct ttt_results *results, size_t *out_count)
{
    double *list = mem_alloc_array(results->count, sizeof *list);
    for (size_t r = 0; list && r < results->count; r++)
        list[r] = ttt_small_fraction(&results->results[r]);
    *out_count = list ? sort_distinct(list, results->count) : 0;
    return list;
}

double ttt_step_between(const double *places, size_t count, size_t lines)
{
    const double of_distance = 0.4, of_range = 0.03, of_one = 0.005;
    double nearest = (double)INFINITY;
    for (size_t i = 1; i < count; i++)
        nearest = fmin(nearest, places[i] - places[i - 1]);
    if (count < 2)
        return count > 0 ? of_one * places[0] : 0.0;
    return fmin(of_range * (places[count - 1] - places[0]), of_distance * nearest / (double)lines);
}

/* ---- axes ---- */

double ttt_glass_of(const struct ttt_results *results, size_t r)
{
    return results->results[r].request->glass_temperature;
}

bool ttt_has_one_glass(const struct ttt_results *results)
{
    for (size_t r = 1; r < results->count; r++)
        if (ttt_glass_of(results, r) != ttt_glass_of(results, 0))
            return false;
    return true;
}

bool ttt_has_one_dt(const struct ttt_results *results)
{
    for (size_t r = 1; r < results->count; r++)
        if (results->results[r].item->spec->dynamics.dt != results->results[0].item->spec->dynamics.dt)
            return false;
    return true;
}

void ttt_put_point(struct figure_series *series, double steps, double y)
{
    if (!(isfinite(steps) && steps > 0.0))
        return;
    series->x[series->count] = steps;
    series->y[series->count++] = y;
}

void ttt_name_axes(const struct ttt_results *results, struct figure_panel *panel)
{
    const double dt = results->results[0].item->spec->dynamics.dt, glass = ttt_glass_of(results, 0);
    snprintf(panel->x_label, sizeof panel->x_label, "time (steps%s)",
             ttt_has_one_dt(results) ? "; 10^9 steps = 1 us" : "");
    snprintf(panel->y_label, sizeof panel->y_label, "T (epsilon/k_B)");
    panel->x_log = true;
    if (ttt_has_one_dt(results)) {
        snprintf(panel->x2_label, sizeof panel->x2_label, "time (tau; 1 step = %g tau)", dt);
        panel->x2_factor = dt;
    }
    if (ttt_has_one_glass(results) && glass > 0.0) {
        snprintf(panel->y2_label, sizeof panel->y2_label, "T / T_f (T_f = %g)", glass);
        panel->y2_factor = 1.0 / glass;
    }
}
