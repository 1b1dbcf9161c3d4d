#include "server/analysis/timeseries.h"

#include "common/mem.h"

#include <math.h>

enum { COMBINE_SERIES_MIN = 8, EQUILIBRATION_PLACES = 20 };

static double mean_of(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double mean = sum / (double)count, rest = 0.0;
    for (size_t i = 0; i < count; i++) /* what rounding lost */
        rest += values[i] - mean;
    return mean + rest / (double)count;
}

/* Autocovariance at one lag, of values whose mean is 0; divided by the number of all values, which keeps the sequence
 * positive definite. Eight sums, because one would wait for each addition: a long series is at this most of the time. */
static double autocovariance(const double *values, size_t count, size_t lag)
{
    enum { SUMS = 8 };
    const double *later = values + lag;
    const size_t pairs = lag < count ? count - lag : 0;
    double sums[SUMS] = {0.0}, sum = 0.0;
    size_t i = 0;
    for (; i + SUMS <= pairs; i += SUMS)
        for (int k = 0; k < SUMS; k++)
            sums[k] += values[i + k] * later[i + k];
    for (; i < pairs; i++)
        sum += values[i] * later[i];
    for (int k = 0; k < SUMS; k++)
        sum += sums[k];
    return sum / (double)count;
}

/* Correlation of a series of points, in points. */
struct correlation {
    double variance; /* of a point, bias put back */
    double tau;      /* points */
    bool found;      /* false: the sum did not end within half the series */
};

/* Geyer's initial monotone sequence on values whose mean is 0. Anticorrelated samples count as independent: a tau below
 * 1/2 would rest on the noise of a short series. */
static struct correlation correlate(const double *values, size_t count)
{
    struct correlation out = {.variance = autocovariance(values, count, 0)};
    double sum = -0.5 * out.variance, least = (double)INFINITY;
    size_t lag = 0;
    for (; lag + 1 < count / 2; lag += 2) {
        double pair = autocovariance(values, count, lag) + autocovariance(values, count, lag + 1);
        if (pair <= 0.0)
            break;
        least = fmin(least, pair);
        sum += least;
    }
    out.found = lag + 1 < count / 2;
    /* Each of the 2 lag - 1 autocovariances in 2 sum, negative lags included, is too small by the variance of the mean.
     */
    if (lag > 0)
        sum *= 1.0 + (double)(2 * lag - 1) / (double)count;
    out.variance += 2.0 * fmax(sum, 0.0) / (double)count;
    out.tau = out.variance > 0.0 ? fmax(sum / out.variance, 0.5) : 0.5;
    return out;
}

/* A long series as at most TIMESERIES_POINTS_MAX means of equal blocks; a remainder at the end is left out. */
static size_t block_size(size_t count)
{
    return (count + TIMESERIES_POINTS_MAX - 1) / TIMESERIES_POINTS_MAX;
}

static void fill_blocks(const double *values, size_t blocks, size_t size, double mean, double *out)
{
    for (size_t b = 0; b < blocks; b++) {
        double sum = 0.0;
        for (size_t i = 0; i < size; i++)
            sum += values[b * size + i] - mean;
        out[b] = sum / (double)size;
    }
}

static double variance_about(const double *values, size_t count, double mean)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / (double)count;
}

/* Fills what follows from the variance of single samples and the variance of the mean. */
static void judge(struct timeseries_mean *out, double variance, double variance_of_mean, bool found)
{
    out->deviation = sqrt(variance * (double)out->count / (double)(out->count - 1));
    if (variance <= 0.0) /* a constant: no error, whatever the correlation */
        variance_of_mean = 0.0;
    const double effective = variance_of_mean > 0.0 ? variance / variance_of_mean : (double)out->count;
    out->known = found && effective >= TIMESERIES_EFFECTIVE_MIN;
    if (!out->known)
        return;
    out->standard_error = sqrt(variance_of_mean);
    out->effective = effective;
    out->tau = 0.5 * (double)out->count / effective;
}

enum status timeseries_average(const double *values, size_t count, struct timeseries_mean *out_mean, struct error *err)
{
    struct timeseries_mean out = {.count = count};
    if (count == 0) {
        *out_mean = out;
        return STATUS_OK;
    }
    out.mean = mean_of(values, count);
    if (count >= 2) {
        const size_t size = block_size(count), blocks = count / size;
        double *points = mem_alloc_array(blocks, sizeof *points);
        if (!points)
            return mem_error(err, "a time series");
        fill_blocks(values, blocks, size, mean_of(values, blocks * size), points);
        const struct correlation correlation = correlate(points, blocks);
        mem_free(points);
        judge(&out, variance_about(values, count, out.mean),
              2.0 * correlation.tau * correlation.variance / (double)blocks,
              correlation.found || correlation.variance <= 0.0);
    }
    *out_mean = out;
    return STATUS_OK;
}

enum status timeseries_equilibration(const double *values, size_t count, size_t *out_start, struct error *err)
{
    double best = 0.0;
    size_t start = 0;
    for (int place = 0; place < EQUILIBRATION_PLACES; place++) {
        const size_t from = count / (2 * EQUILIBRATION_PLACES) * (size_t)place;
        struct timeseries_mean mean;
        enum status status = timeseries_average(values + from, count - from, &mean, err);
        if (status != STATUS_OK)
            return status;
        if (mean.known && mean.effective > best) {
            best = mean.effective;
            start = from;
        }
    }
    *out_start = start;
    return STATUS_OK;
}

/* ---- several series ---- */

static size_t total_count(const struct timeseries_mean *means, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += means[i].count;
    return total;
}

static double combined_mean(const struct timeseries_mean *means, size_t count, double total)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)means[i].count / total * means[i].mean;
    return sum;
}

/* Variance of the mean as the series know it themselves; false if one does not. */
static bool variance_within(const struct timeseries_mean *means, size_t count, double total, double *out)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double weight = (double)means[i].count / total;
        if (means[i].count > 0 && !means[i].known)
            return false;
        sum += weight * weight * means[i].standard_error * means[i].standard_error;
    }
    *out = sum;
    return true;
}

/* Variance of the mean from the scatter of the series' means: sum w^2 (m - mean)^2, unbiased for equal weights. */
static double variance_between(const struct timeseries_mean *means, size_t count, double total, double mean,
                               size_t series)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double weight = (double)means[i].count / total, off = means[i].mean - mean;
        sum += weight * weight * off * off;
    }
    return series > 1 ? sum * (double)series / (double)(series - 1) : 0.0;
}

/* Of single samples about the common mean. */
static double combined_variance(const struct timeseries_mean *means, size_t count, double total, double mean)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double n = (double)means[i].count, off = means[i].mean - mean;
        if (means[i].count > 0)
            sum += ((n - 1.0) * means[i].deviation * means[i].deviation + n * off * off) / total;
    }
    return sum;
}

static size_t filled_series(const struct timeseries_mean *means, size_t count)
{
    size_t filled = 0;
    for (size_t i = 0; i < count; i++)
        filled += means[i].count > 0;
    return filled;
}

struct timeseries_mean timeseries_combine(const struct timeseries_mean *means, size_t count)
{
    struct timeseries_mean out = {.count = total_count(means, count)};
    if (out.count == 0)
        return out;
    const double total = (double)out.count;
    const size_t series = filled_series(means, count);
    out.mean = combined_mean(means, count, total);
    const double variance = combined_variance(means, count, total, out.mean);
    out.deviation = out.count > 1 ? sqrt(variance * total / (total - 1.0)) : 0.0;
    double within = 0.0;
    const double between = variance_between(means, count, total, out.mean, series);
    out.known = variance_within(means, count, total, &within) || series >= COMBINE_SERIES_MIN;
    if (!out.known)
        return out;
    const double larger = fmax(within, between);
    out.standard_error = sqrt(larger);
    out.effective = larger > 0.0 ? variance / larger : total;
    out.tau = 0.5 * total / out.effective;
    return out;
}
