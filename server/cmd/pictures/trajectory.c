/* trajectory.c - inherent energy against icosahedral content: every inherent structure of a campaign, and the means at
 * each temperature. Figure 1b of the paper.
 *
 * The straight line goes through what has grown from liquids by dynamics alone (isotherms and ladders with `build:
 * random`) of one model at one composition, until it crystallises; crystals, nanocomposites and hybrids are points
 * beside it. Where a campaign
 * has several such models, each has its line. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/cmd/estimates.h"
#include "server/cmd/pictures/cloud.h"

#include <math.h>
#include <string.h>

/* Place of a temperature among all of the picture's, for colours that mean the same in every ensemble. */
static uint32_t temperature_rank(const struct picture_source *source, double temperature, uint32_t *out_count)
{
    double below = -1.0, next;
    uint32_t rank = 0;
    *out_count = 0;
    do {
        next = (double)INFINITY;
        for (size_t e = 0; e < source->count; e++)
            for (uint32_t r = 0; r < source->items[e].spec->rung_count; r++) {
                double t = source->items[e].spec->temperatures[r];
                next = t > below && t < next ? t : next;
            }
        rank += next < temperature;
        *out_count += isfinite(next);
        below = next;
    } while (isfinite(next));
    return rank;
}

/* --- The line ----------------------------------------------------------------------------------------------------- */

static bool is_grown_from_liquid(const struct ensemble_spec *spec)
{
    return (spec->mode == MODE_ISOTHERM || spec->mode == MODE_TEMPERING) && spec->stages[0].builder == BUILDER_RANDOM;
}

/* Is this the first of the ensembles that share its line? */
static bool begins_line(const struct picture_source *source, size_t i)
{
    const struct ensemble_spec *spec = source->items[i].spec;
    bool first = is_grown_from_liquid(spec);
    for (size_t k = 0; first && k < i; k++)
        first = !is_grown_from_liquid(source->items[k].spec) ||
                !selected_is_same_model(&spec->system, &source->items[k].spec->system);
    return first;
}

/* The last series of the panel is the line, named by the first of its ensembles. */
static void describe_line(const char *name, const struct trajectory_fit *fit, struct figure_panel *panel)
{
    struct figure_series *line = &panel->series[panel->series_count - 1];
    picture_set_text(line->label, sizeof line->label, "%s: slope %.3g (%.3g .. %.3g)", name, fit->slope.value,
                     fit->slope.interval.low, fit->slope.interval.high);
}

/* The line of the model of ensemble i, in its colour. */
static enum status draw_line(const struct picture_source *source, size_t i, uint32_t place, struct figure_panel *panel,
                             struct error *err)
{
    struct cloud cloud = {0};
    struct trajectory_fit fit;
    bool fitted = false;
    enum status status = STATUS_OK;
    for (size_t k = i; status == STATUS_OK && k < source->count; k++)
        if (is_grown_from_liquid(source->items[k].spec) &&
            selected_is_same_model(&source->items[i].spec->system, &source->items[k].spec->system))
            status = cloud_read(&cloud, source->samples, &source->items[k], err);
    if (status == STATUS_OK)
        status = cloud_draw_fit(&cloud, panel->ordered ? FIGURE_INK : place, panel, &fit, &fitted, err);
    if (status == STATUS_OK && fitted)
        describe_line(source->items[i].spec->name, &fit, panel);
    cloud_finish(&cloud);
    return status;
}

/* --- Points ------------------------------------------------------------------------------------------------------- */

/* An ensemble, and its place among those that have points. */
struct shown {
    const struct selected *item;
    uint32_t place;
};

/* The last series of a panel is points. Colours are temperatures and shapes are ensembles; where there are more
 * ensembles than temperatures, which then do not tell them apart, colours are ensembles. */
static void mark_points(const struct picture_source *source, const struct shown *shown, uint32_t rung, bool labelled,
                        struct figure_panel *panel)
{
    const struct selected *item = shown->item;
    struct figure_series *series = &panel->series[panel->series_count - 1];
    const uint32_t rank = temperature_rank(source, item->spec->temperatures[rung], &panel->color_count);
    panel->ordered = panel->color_count > 1 && panel->color_count >= source->count;
    series->mark = MARK_POINTS;
    series->color = panel->ordered ? rank : shown->place;
    series->shape = panel->ordered ? item->ensemble.value : (uint32_t)panel->series_count - 1;
    if (labelled)
        picture_set_text(series->label, sizeof series->label, "T = %.4g %s", item->spec->temperatures[rung],
                         item->spec->name);
}

static enum status draw_clouds(const struct picture_source *source, const struct shown *shown,
                               struct figure_panel *panel, struct error *err)
{
    const struct selected *item = shown->item;
    struct cloud cloud = {0};
    enum status status = cloud_read(&cloud, source->samples, item, err);
    for (uint32_t r = 0; status == STATUS_OK && r < item->spec->rung_count; r++) {
        if (!selected_has_rung(item, (struct rung_id){r}))
            continue;
        if ((status = cloud_draw(&cloud, r, panel, err)) == STATUS_OK)
            mark_points(source, shown, r, true, panel);
    }
    cloud_finish(&cloud);
    return status;
}

static enum status draw_mean(const struct picture_source *source, const struct shown *shown, uint32_t rung,
                             struct figure_panel *panel, struct error *err)
{
    struct sample_cache *samples = source->samples;
    const struct selected *item = shown->item;
    struct timeseries_mean energy, ico;
    enum status status = estimate_rung(samples, item, (struct rung_id){rung}, QUANTITY_energy_inherent, &energy, err);
    if (status == STATUS_OK)
        status = estimate_rung(samples, item, (struct rung_id){rung}, QUANTITY_ico_fraction, &ico, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *point = figure_add_series(panel, energy.count > 0 && ico.count > 0 ? 1 : 0, true);
    if (point == NULL)
        return mem_error(err, "a picture");
    if (point->count > 0) {
        point->x[0] = ico.mean;
        point->y[0] = energy.mean;
        point->y_error[0] = estimate_error(&energy);
    }
    mark_points(source, shown, rung, false, panel);
    return STATUS_OK;
}

static enum status draw_means(const struct picture_source *source, const struct shown *shown,
                              struct figure_panel *panel, struct error *err)
{
    const struct selected *item = shown->item;
    enum status status = STATUS_OK;
    for (uint32_t r = 0; status == STATUS_OK && r < item->spec->rung_count; r++)
        if (selected_has_rung(item, (struct rung_id){r}))
            status = draw_mean(source, shown, r, panel, err);
    return status;
}

/* --- The picture -------------------------------------------------------------------------------------------------- */

static enum status draw_trajectory(const struct picture_source *source, struct figure *figure, struct error *err)
{
    const struct selected *first = source->items;
    picture_name(figure, first->campaign, "", "trajectory");
    picture_set_text(figure->title, sizeof figure->title,
                     "%s: inherent energy against icosahedral content (%s potential)", first->campaign->name,
                     cut_names[first->spec->system.cut]);
    struct figure_panel *all =
        picture_add_panel(figure, "every inherent structure; lines with 95 % bands: without crystals",
                          picture_ico_label, picture_energy_label);
    struct figure_panel *means =
        picture_add_panel(figure, "means at each temperature", picture_ico_label, picture_energy_label);
    all->x_fraction = means->x_fraction = true;
    struct shown shown[CAMPAIGN_ENSEMBLES_MAX];
    enum status status = STATUS_OK;
    uint32_t place = 0;
    for (size_t i = 0; status == STATUS_OK && i < source->count; i++) {
        const size_t points = figure_panel_points(all);
        shown[i] = (struct shown){&source->items[i], place};
        status = draw_clouds(source, &shown[i], all, err);
        place += figure_panel_points(all) > points;
    }
    for (size_t i = 0; status == STATUS_OK && i < source->count; i++)
        if (begins_line(source, i))
            status = draw_line(source, i, shown[i].place, all, err);
    for (size_t i = 0; status == STATUS_OK && i < source->count; i++)
        status = draw_means(source, &shown[i], means, err);
    return status;
}

const struct picture picture_trajectory = {
    .name = "trajectory",
    .summary = "inherent energy against icosahedral content, with a straight line and its 95 % band",
    .scope = PICTURE_OF_CAMPAIGN,
    .modes = PICTURE_STATES,
    .draw = draw_trajectory,
};
