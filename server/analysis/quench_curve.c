#include "server/analysis/quench_curve.h"

#include "common/mem.h"

#include <math.h>

/* Sampled temperatures are sums in floating point: one at a border, but for the last digits, is at the border. */
static const double BORDER = 1e-9; /* widths */

static int64_t bin_number(double temperature, double width)
{
    return (int64_t)floor(temperature / width + BORDER);
}

enum status quench_bins_make(double a, double b, double width, struct quench_bins *out, struct error *err)
{
    double low = fmin(a, b), high = fmax(a, b);
    if (!(width > 0.0) || !((high - low) / width < QUENCH_BINS_MAX) || !(high / width < 1e15))
        return error_set(err, STATUS_INVALID, "bins of width %g between temperatures %g and %g", width, low, high);
    struct quench_bins bins = {.width = width, .first = bin_number(low, width)};
    bins.count = (size_t)fmax(ceil(high / width - BORDER) - (double)bins.first, 1.0);
    *out = bins;
    return STATUS_OK;
}

enum status quench_curves_init(struct quench_curves *curves, const struct quench_bins *bins, size_t replicas,
                               struct error *err)
{
    *curves = (struct quench_curves){.bins = *bins, .replicas = replicas};
    curves->cells = mem_alloc_array(replicas * bins->count, sizeof *curves->cells);
    return curves->cells ? STATUS_OK : mem_error(err, "the curves of quenches");
}

void quench_curves_finish(struct quench_curves *curves)
{
    if (!curves)
        return;
    mem_free(curves->cells);
    *curves = (struct quench_curves){0};
}

void quench_curves_add(struct quench_curves *curves, size_t replica, double temperature, double value)
{
    const int64_t last = (int64_t)curves->bins.count - 1;
    int64_t bin = bin_number(temperature, curves->bins.width) - curves->bins.first;
    bin = bin < 0 ? 0 : bin > last ? last : bin;
    struct quench_cell *cell = &curves->cells[replica * curves->bins.count + (size_t)bin];
    cell->temperature += temperature;
    cell->value += value;
    cell->samples++;
}

static const struct quench_cell *cell_at(const struct quench_curves *curves, size_t replica, size_t bin)
{
    return &curves->cells[replica * curves->bins.count + bin];
}

static double cell_mean(const struct quench_cell *cell)
{
    return cell->value / (double)cell->samples;
}

/* Sum of squared deviations of the replicas' means. */
static double scatter(const struct quench_curves *curves, size_t bin, double mean)
{
    double sum = 0.0;
    for (size_t r = 0; r < curves->replicas; r++) {
        const struct quench_cell *cell = cell_at(curves, r, bin);
        double deviation = cell->samples ? cell_mean(cell) - mean : 0.0;
        sum += deviation * deviation;
    }
    return sum;
}

struct quench_point quench_curves_point(const struct quench_curves *curves, size_t bin)
{
    struct quench_point point = {.standard_error = (double)NAN};
    for (size_t r = 0; r < curves->replicas; r++) {
        const struct quench_cell *cell = cell_at(curves, r, bin);
        if (cell->samples == 0)
            continue;
        point.replicas++;
        point.mean += cell_mean(cell);
        point.temperature += cell->temperature / (double)cell->samples;
    }
    if (point.replicas == 0)
        return point;
    double n = (double)point.replicas;
    point.mean /= n;
    point.temperature /= n;
    if (point.replicas > 1)
        point.standard_error = sqrt(scatter(curves, bin, point.mean) / (n * (n - 1.0)));
    return point;
}

size_t quench_curves_of_replica(const struct quench_curves *curves, size_t replica, double *temperatures,
                                double *values)
{
    size_t count = 0;
    for (size_t bin = 0; bin < curves->bins.count; bin++) {
        const struct quench_cell *cell = cell_at(curves, replica, bin);
        if (cell->samples == 0)
            continue;
        temperatures[count] = cell->temperature / (double)cell->samples;
        values[count++] = cell_mean(cell);
    }
    return count;
}
