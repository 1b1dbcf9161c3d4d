#include "server/cmd/pictures/cloud.h"

#include "common/mem.h"

#include <math.h>

enum { BAND_POINTS = 25 };
static const double fit_level = 0.95;

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static enum status grow(struct cloud *cloud, struct error *err)
{
    const size_t room = cloud->room == 0 ? 1024 : 2 * cloud->room;
    double *ico = mem_resize_array(cloud->ico, cloud->room, room, sizeof *ico);
    if (ico != NULL)
        cloud->ico = ico;
    double *energy = mem_resize_array(cloud->energy, cloud->room, room, sizeof *energy);
    if (energy != NULL)
        cloud->energy = energy;
    uint32_t *replica = mem_resize_array(cloud->replica, cloud->room, room, sizeof *replica);
    if (replica != NULL)
        cloud->replica = replica;
    uint32_t *rung = mem_resize_array(cloud->rung, cloud->room, room, sizeof *rung);
    if (rung != NULL)
        cloud->rung = rung;
    if (ico == NULL || energy == NULL || replica == NULL || rung == NULL)
        return mem_error(err, "the points of a picture");
    cloud->room = room;
    return STATUS_OK;
}

/* Quantities stand in a group in table order, so the first of the group is the place to count from. */
static double value_of(const struct sample_row *row, enum quantity_id quantity)
{
    int place = 0;
    for (int q = 0; q < (int)quantity; q++)
        place += quantities[q].group == quantities[quantity].group;
    return row->values[place];
}

static enum status take_sample(void *context, const struct sample_row *row, struct error *err)
{
    struct cloud *cloud = context;
    enum status status = cloud->count == cloud->room ? grow(cloud, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    cloud->ico[cloud->count] = value_of(row, QUANTITY_ico_fraction);
    cloud->energy[cloud->count] = value_of(row, QUANTITY_energy_inherent);
    cloud->replica[cloud->count] = row->replica.value;
    cloud->rung[cloud->count++] = row->rung.value;
    return STATUS_OK;
}

enum status cloud_read(struct cloud *cloud, struct store *store, const struct selected *item, struct error *err)
{
    return store_visit_samples(store, &item->filter, QUANTITY_GROUP_inherent, take_sample, cloud, err);
}

void cloud_finish(struct cloud *cloud)
{
    if (cloud == NULL)
        return;
    mem_free(cloud->ico);
    mem_free(cloud->energy);
    mem_free(cloud->replica);
    mem_free(cloud->rung);
    *cloud = (struct cloud){0};
}

/* --- Drawing ------------------------------------------------------------------------------------------------------ */

static bool is_drawn(const struct cloud *cloud, size_t i, int64_t rung)
{
    return rung == STORE_ANY || cloud->rung[i] == rung;
}

enum status cloud_draw(const struct cloud *cloud, size_t first, size_t last, int64_t rung, struct figure_panel *panel,
                       struct error *err)
{
    size_t count = 0;
    for (size_t i = first; i < last; i++)
        count += is_drawn(cloud, i, rung);
    const size_t stride = count / PICTURE_POINTS_MAX + 1;
    struct figure_series *points = figure_add_series(panel, (count + stride - 1) / stride, false);
    if (points == NULL)
        return mem_error(err, "a picture");
    points->mark = MARK_POINTS;
    for (size_t i = first, seen = 0; i < last; i++) {
        if (!is_drawn(cloud, i, rung) || seen++ % stride != 0)
            continue;
        points->x[(seen - 1) / stride] = cloud->ico[i];
        points->y[(seen - 1) / stride] = cloud->energy[i];
    }
    return STATUS_OK;
}

/* The line's value at `x0` with its interval: the intercept of the same line when x is counted from there. */
static enum status fit_at(const struct cloud *cloud, double *shifted, double x0, size_t block_samples,
                          struct trajectory_fit *out, struct error *err)
{
    for (size_t i = 0; i < cloud->count; i++)
        shifted[i] = cloud->ico[i] - x0;
    const struct trajectory trajectory = {shifted, cloud->energy, cloud->replica, cloud->count};
    return trajectory_fit(&trajectory, block_samples, fit_level, out, err);
}

static struct interval range_of(const double *values, size_t count)
{
    struct interval range = {(double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < count; i++) {
        range.low = fmin(range.low, values[i]);
        range.high = fmax(range.high, values[i]);
    }
    return range;
}

/* A band has its middle in y and half its height in y_error. */
static enum status draw_band(const struct cloud *cloud, const struct trajectory_fit *fit, struct figure_series *band,
                             struct figure_series *line, double *shifted, struct error *err)
{
    const struct interval range = range_of(cloud->ico, cloud->count);
    for (size_t i = 0; i < BAND_POINTS; i++) {
        const double x = range.low + (range.high - range.low) * (double)i / (BAND_POINTS - 1);
        struct trajectory_fit at;
        enum status status = fit_at(cloud, shifted, x, fit->block_samples, &at, err);
        if (status != STATUS_OK)
            return status;
        band->x[i] = line->x[i] = x;
        line->y[i] = at.intercept.value;
        band->y[i] = (at.intercept.interval.high + at.intercept.interval.low) / 2.0;
        band->y_error[i] = (at.intercept.interval.high - at.intercept.interval.low) / 2.0;
    }
    return STATUS_OK;
}

static enum status add_band(const struct cloud *cloud, const struct trajectory_fit *fit, uint32_t color,
                            struct figure_panel *panel, double *shifted, struct error *err)
{
    struct figure_series *band = figure_add_series(panel, BAND_POINTS, true);
    struct figure_series *line = band != NULL ? figure_add_series(panel, BAND_POINTS, false) : NULL;
    if (line == NULL)
        return mem_error(err, "a picture");
    band = line - 1; /* the second may have moved the first */
    band->mark = MARK_BAND;
    line->mark = MARK_LINE;
    band->color = line->color = color;
    line->shape = 0;
    return draw_band(cloud, fit, band, line, shifted, err);
}

enum status cloud_draw_fit(const struct cloud *cloud, uint32_t color, struct figure_panel *panel,
                           struct trajectory_fit *out_fit, bool *out_drawn, struct error *err)
{
    double *shifted = mem_alloc_array(cloud->count, sizeof *shifted);
    if (shifted == NULL)
        return mem_error(err, "the points of a picture");
    enum status status = cloud->count > 0 ? fit_at(cloud, shifted, 0.0, 0, out_fit, err) : STATUS_INVALID;
    *out_drawn = status == STATUS_OK && out_fit->slope.interval.low * out_fit->slope.interval.high > 0.0;
    if (*out_drawn)
        status = add_band(cloud, out_fit, color, panel, shifted, err);
    else if (status == STATUS_INVALID) /* too few blocks, or no line: a picture without one */
        status = STATUS_OK;
    mem_free(shifted);
    return status;
}
