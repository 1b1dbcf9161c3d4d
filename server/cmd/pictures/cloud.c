#include "server/cmd/pictures/cloud.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

enum { BAND_POINTS = 25 };
static const double fit_level = 0.95;
const double cloud_crystal_max = 0.1;

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static enum status grow(struct cloud *cloud, struct error *err)
{
    const size_t room = cloud->room == 0 ? 8 : 2 * cloud->room;
    struct cloud_part *parts = mem_resize_array(cloud->parts, cloud->room, room, sizeof *parts);
    if (parts == NULL)
        return mem_error(err, "the points of a picture");
    cloud->parts = parts;
    cloud->room = room;
    return STATUS_OK;
}

enum status cloud_read(struct cloud *cloud, struct sample_cache *cache, const struct selected *item, struct error *err)
{
    static const enum quantity_id shown[] = {QUANTITY_ico_fraction, QUANTITY_energy_inherent, QUANTITY_laves_largest,
                                             QUANTITY_close_packed_largest, QUANTITY_b2_largest};
    size_t columns[2 + CLOUD_CRYSTALS];
    enum status status = cloud->count == cloud->room ? grow(cloud, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    struct cloud_part *part = &cloud->parts[cloud->count];
    status = sample_cache_columns(cache, item, shown, 2 + CLOUD_CRYSTALS, &part->set, columns, err);
    if (status != STATUS_OK)
        return status;
    part->ico = columns[0];
    part->energy = columns[1];
    memcpy(part->crystals, &columns[2], sizeof part->crystals);
    cloud->cache = cache;
    cloud->count++;
    return STATUS_OK;
}

void cloud_finish(struct cloud *cloud)
{
    if (cloud == NULL)
        return;
    for (size_t i = 0; i < cloud->count; i++)
        sample_cache_release(cloud->cache, &cloud->parts[i].set);
    mem_free(cloud->parts);
    *cloud = (struct cloud){0};
}

/* --- Drawing ------------------------------------------------------------------------------------------------------ */

static bool is_drawn(const struct sample_run *run, size_t i, int64_t rung)
{
    return rung == STORE_ANY || (run->run.rungs != NULL ? run->run.rungs[i] : run->rung.value) == rung;
}

/* Of every stride-th point on the rung the series gets one; seen counts over all runs. Counts only, without a series.
 */
static void take_points(const struct cloud_part *part, const struct sample_run *run, int64_t rung, size_t stride,
                        size_t *seen, struct figure_series *points)
{
    for (size_t i = run->first; i < run->run.count; i++) {
        if (!is_drawn(run, i, rung) || (*seen)++ % stride != 0 || points == NULL)
            continue;
        points->x[(*seen - 1) / stride] = run->run.columns[part->ico][i];
        points->y[(*seen - 1) / stride] = run->run.columns[part->energy][i];
    }
}

static size_t take_cloud(const struct cloud *cloud, int64_t rung, size_t stride, struct figure_series *points)
{
    size_t seen = 0;
    for (size_t p = 0; p < cloud->count; p++)
        for (size_t r = 0; r < cloud->parts[p].set.run_count; r++)
            take_points(&cloud->parts[p], &cloud->parts[p].set.runs[r], rung, stride, &seen, points);
    return seen;
}

enum status cloud_draw(const struct cloud *cloud, int64_t rung, struct figure_panel *panel, struct error *err)
{
    const size_t count = take_cloud(cloud, rung, 1, NULL), stride = count / PICTURE_POINTS_MAX + 1;
    struct figure_series *points = figure_add_series(panel, (count + stride - 1) / stride, false);
    if (points == NULL)
        return mem_error(err, "a picture");
    points->mark = MARK_POINTS;
    take_cloud(cloud, rung, stride, points);
    return STATUS_OK;
}

/* --- The line ----------------------------------------------------------------------------------------------------- */

static size_t count_runs(const struct cloud *cloud)
{
    size_t count = 0;
    for (size_t p = 0; p < cloud->count; p++)
        count += cloud->parts[p].set.run_count;
    return count;
}

/* Samples before the first with a crystal. Rows that are older than a quantity have none of it. */
static size_t count_glassy(const struct cloud_part *part, const struct sample_run *run)
{
    for (size_t i = run->first; i < run->run.count; i++)
        for (int c = 0; c < CLOUD_CRYSTALS; c++)
            if (run->run.columns[part->crystals[c]][i] >= cloud_crystal_max)
                return i - run->first;
    return run->run.count - run->first;
}

/* The cloud without crystals as analysis has it; runs has count_runs places. */
static struct trajectory trajectory_of(const struct cloud *cloud, struct trajectory_run *runs)
{
    size_t count = 0;
    for (size_t p = 0; p < cloud->count; p++) {
        const struct cloud_part *part = &cloud->parts[p];
        for (size_t r = 0; r < part->set.run_count; r++) {
            const struct sample_run *run = &part->set.runs[r];
            const size_t glassy = count_glassy(part, run);
            if (glassy > 0)
                runs[count++] = (struct trajectory_run){&run->run.columns[part->ico][run->first],
                                                        &run->run.columns[part->energy][run->first], glassy};
        }
    }
    return (struct trajectory){runs, count};
}

static struct interval range_of(const struct trajectory *trajectory)
{
    struct interval range = {(double)INFINITY, -(double)INFINITY};
    for (size_t r = 0; r < trajectory->count; r++)
        for (size_t i = 0; i < trajectory->runs[r].count; i++) {
            range.low = fmin(range.low, trajectory->runs[r].x[i]);
            range.high = fmax(range.high, trajectory->runs[r].x[i]);
        }
    return range;
}

/* Where the line is looked at. */
struct places {
    double x[BAND_POINTS], y[BAND_POINTS];
    struct interval reach[BAND_POINTS];
};

static void set_places(struct places *places, struct interval range)
{
    for (size_t i = 0; i < BAND_POINTS; i++)
        places->x[i] = range.low + (range.high - range.low) * (double)i / (BAND_POINTS - 1);
}

/* A band has its middle in y and half its height in y_error. */
static enum status add_band(const struct places *places, uint32_t color, struct figure_panel *panel, struct error *err)
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
    for (size_t i = 0; i < BAND_POINTS; i++) {
        band->x[i] = line->x[i] = places->x[i];
        line->y[i] = places->y[i];
        band->y[i] = (places->reach[i].high + places->reach[i].low) / 2.0;
        band->y_error[i] = (places->reach[i].high - places->reach[i].low) / 2.0;
    }
    return STATUS_OK;
}

enum status cloud_draw_fit(const struct cloud *cloud, uint32_t color, struct figure_panel *panel,
                           struct trajectory_fit *out_fit, bool *out_drawn, struct error *err)
{
    struct places places;
    struct trajectory_band band = {BAND_POINTS, places.x, places.y, places.reach};
    struct trajectory_run *runs = mem_alloc_array(count_runs(cloud), sizeof *runs);
    if (runs == NULL)
        return mem_error(err, "the points of a picture");
    const struct trajectory trajectory = trajectory_of(cloud, runs);
    set_places(&places, range_of(&trajectory));
    enum status status = trajectory_fit(&trajectory, 0, fit_level, &band, out_fit, err);
    mem_free(runs);
    *out_drawn = status == STATUS_OK && out_fit->slope.interval.low * out_fit->slope.interval.high > 0.0;
    if (*out_drawn)
        return add_band(&places, color, panel, err);
    return status == STATUS_INVALID ? STATUS_OK : status; /* too few blocks, or no line: a picture without one */
}
