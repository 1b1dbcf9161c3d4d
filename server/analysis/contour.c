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

/* Mean of one replica over the window around a sample, narrower at the ends so that it stays centred; NAN where nothing
 * in it is known. */
static double windowed(const double *values, size_t samples, size_t at, size_t window)
{
    size_t half = window / 2;
    half = half > at ? at : half;
    half = half > samples - 1 - at ? samples - 1 - at : half;
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
static size_t windows_at(const struct contour_series *series, size_t at, size_t window, double *out)
{
    size_t count = 0;
    for (size_t r = 0; r < series->replicas; r++) {
        const double mean = windowed(series->values + r * series->samples, series->samples, at, window);
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
        const bool is_first = crossing->step == 0;
        const double now = real_log((double)step), then = is_first ? now : real_log((double)crossing->step);
        const double share = is_first ? 1.0 : (target - crossing->before) / (value - crossing->before);
        crossing->time = real_exp(then + share * (now - then));
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
    if (!across)
        return mem_error(err, "a contour");
    for (size_t at = 0; at < series->samples; at++) {
        const size_t count = windows_at(series, at, window, across);
        if (count < 2)
            continue;
        const struct replicates now = replicates_of(across, count, level);
        advance(&middle, series->steps[at], now.mean.value, target);
        advance(&upper, series->steps[at], now.mean.interval.high, target);
        advance(&lower, series->steps[at], now.mean.interval.low, target);
    }
    mem_free(across);
    *out = (struct estimate){middle.time, {upper.time, lower.time}};
    return STATUS_OK;
}
