#include "server/analysis/contour.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "server/analysis/replicates.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

static enum status check(const struct contour_series *series, double target, size_t window, double level,
                         struct error *err)
{
    if (series->replicas < 2 || series->samples == 0)
        return error_set(err, STATUS_INVALID, "%zu replicas of %zu samples have no band", series->replicas,
                         series->samples);
    if (window % 2 == 0 || !isfinite(target) || !(level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "no contour: target %g, window %zu, level %g", target, window, level);
    for (size_t i = 0; i < series->samples; i++)
        if (series->steps[i] <= (i ? series->steps[i - 1] : 0))
            return error_set(err, STATUS_INVALID, "step %" PRId64 " of sample %zu does not ascend", series->steps[i],
                             i);
    for (size_t i = 0; i < series->samples * series->replicas; i++)
        if (isinf(series->values[i]))
            return error_set(err, STATUS_INVALID, "value %zu is not finite", i);
    return STATUS_OK;
}

/* Samples of one replica between the first and the last that is known: [first, end). */
struct reach {
    size_t first, end;
};

static struct reach reach_of(const double *values, size_t samples)
{
    struct reach reach = {0, samples};
    while (reach.end > 0 && isnan(values[reach.end - 1]))
        reach.end--;
    while (reach.first < reach.end && isnan(values[reach.first]))
        reach.first++;
    return reach;
}

/* Mean of one replica over the window around a sample, narrower at its ends so that it stays centred; NAN where it is
 * not there, or nothing in the window is known. */
static double windowed(const double *values, const struct reach *reach, size_t at, size_t window)
{
    if (at < reach->first || at >= reach->end)
        return (double)NAN;
    size_t half = window / 2;
    half = half > at - reach->first ? at - reach->first : half;
    half = half > reach->end - 1 - at ? reach->end - 1 - at : half;
    double sum = 0.0;
    size_t known = 0;
    for (size_t i = at - half; i <= at + half; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            known++;
        }
    return known ? sum / (double)known : (double)NAN;
}

/* Those of all replicas in which something is known; returns how many. */
static size_t windows_at(const struct contour_series *series, const struct reach *reaches, size_t at, size_t window,
                         double *out)
{
    size_t count = 0;
    for (size_t r = 0; r < series->replicas; r++) {
        const double mean = windowed(series->values + r * series->samples, &reaches[r], at, window);
        if (!isnan(mean))
            out[count++] = mean;
    }
    return count;
}

/* One edge of the band (or its middle) while it is walked along. */
struct crossing {
    int64_t step; /* looked at before; 0: none */
    double before, time;
};

static void advance(struct crossing *crossing, int64_t step, double value, double target)
{
    if (isinf(crossing->time) && value >= target) {
        const double now = real_log((double)step), then = crossing->step ? real_log((double)crossing->step) : 0.0;
        const double share = (target - crossing->before) / (value - crossing->before);
        crossing->time = crossing->step ? real_exp(then + share * (now - then)) : 0.0;
    }
    crossing->step = step;
    crossing->before = value;
}

enum status contour_time(const struct contour_series *series, double target, size_t window, double level,
                         struct estimate *out, struct error *err)
{
    const struct crossing never = {0, 0.0, (double)INFINITY};
    struct crossing middle = never, upper = never, lower = never;
    enum status status = check(series, target, window, level, err);
    if (status != STATUS_OK)
        return status;
    double *across = mem_alloc_array(series->replicas, sizeof *across);
    struct reach *reaches = mem_alloc_array(series->replicas, sizeof *reaches);
    status = across && reaches ? STATUS_OK : mem_error(err, "a contour");
    for (size_t r = 0; status == STATUS_OK && r < series->replicas; r++)
        reaches[r] = reach_of(series->values + r * series->samples, series->samples);
    for (size_t at = 0; status == STATUS_OK && at < series->samples; at++) {
        const size_t count = windows_at(series, reaches, at, window, across);
        if (count < 2)
            continue;
        const struct replicates now = replicates_of(across, count, level);
        advance(&middle, series->steps[at], now.mean.value, target);
        advance(&upper, series->steps[at], now.mean.interval.high, target);
        advance(&lower, series->steps[at], now.mean.interval.low, target);
    }
    mem_free(across);
    mem_free(reaches);
    if (status == STATUS_OK)
        *out = (struct estimate){middle.time, {upper.time, lower.time}};
    return status;
}
