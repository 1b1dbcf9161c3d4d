#include "server/analysis/bootstrap.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "common/rng.h"

#include <math.h>
#include <stdlib.h>

enum { RESAMPLES_MIN = 39 };

struct work {
    struct lifetime *lifetimes;     /* [count] */
    struct bootstrap_value *values; /* [values] of one resample */
    struct bootstrap_value *truth;  /* [values] of the fit itself */
    double *pivots;                 /* [values][resamples] */
};

enum status bootstrap_check(const struct bootstrap_options *options, struct error *err)
{
    if (!(options->level > 0.0 && options->level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", options->level);
    if (options->resamples < RESAMPLES_MIN || options->resamples > BOOTSTRAP_RESAMPLES_MAX)
        return error_set(err, STATUS_INVALID, "%u resamples are not between %d and %d", options->resamples,
                         RESAMPLES_MIN, BOOTSTRAP_RESAMPLES_MAX);
    if (!(options->cadence >= 0.0 && isfinite(options->cadence)))
        return error_set(err, STATUS_INVALID, "cadence %g is not a number of steps", options->cadence);
    return STATUS_OK;
}

struct lifetime bootstrap_draw(const struct regress_fit *fit, const double *x, const struct lifetime *real,
                               double cadence, double uniform)
{
    struct lifetime drawn = {real->horizon, (double)INFINITY, real->horizon};
    double time = real_exp(regress_log_quantile(fit, x, uniform));
    if (!(time < real->horizon))
        return drawn;
    drawn.low = drawn.high = time > 0.0 ? time : 0x1p-1000;
    if (cadence > 0.0) {
        drawn.low = floor(time / cadence) * cadence;
        drawn.high = fmin(drawn.low + cadence, real->horizon);
    }
    return drawn;
}

static enum status resample(const struct lifetime *lifetimes, const double *design, size_t count,
                            const struct regress_fit *fit, const struct bootstrap_options *options, uint32_t number,
                            struct lifetime *drawn, struct regress_fit *out, size_t *redrawn)
{
    enum status status = STATUS_INVALID;
    for (uint32_t attempt = 0; attempt < BOOTSTRAP_REDRAWS_MAX && status != STATUS_OK; attempt++) {
        for (size_t i = 0; i < count; i++) {
            const struct rng_place place = {options->seed, STREAM_BOOTSTRAP, number, (uint32_t)i};
            drawn[i] = bootstrap_draw(fit, design + i * fit->columns, &lifetimes[i], options->cadence,
                                      rng_uniform(place, attempt));
        }
        status = regress_fit(drawn, design, count, fit->columns, fit->law, out, NULL);
        *redrawn += status != STATUS_OK;
    }
    return status;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The k-th of n sorted values estimates the k/(n+1) quantile. */
static double order_statistic(const double *sorted, uint32_t n, double p)
{
    double k = floor(p * (n + 1.0) + 0.5);
    k = k < 1.0 ? 1.0 : k > n ? n : k;
    return sorted[(size_t)k - 1];
}

static struct estimate invert(struct bootstrap_value truth, double *pivots, const struct bootstrap_options *options)
{
    double tail = 0.5 * (1.0 - options->level), scale = truth.error > 0.0 ? truth.error : 1.0;
    qsort(pivots, options->resamples, sizeof *pivots, compare_doubles);
    double high = order_statistic(pivots, options->resamples, 1.0 - tail);
    double low = order_statistic(pivots, options->resamples, tail);
    return (struct estimate){truth.value, {truth.value - high * scale, truth.value - low * scale}};
}

static void collect(const struct work *work, size_t values, uint32_t resamples, uint32_t number)
{
    for (size_t v = 0; v < values; v++) {
        double error = work->values[v].error > 0.0 ? work->values[v].error : 1.0;
        work->pivots[v * resamples + number] = (work->values[v].value - work->truth[v].value) / error;
    }
}

static void work_finish(struct work *work)
{
    mem_free(work->lifetimes);
    mem_free(work->values);
    mem_free(work->truth);
    mem_free(work->pivots);
}

static bool work_init(struct work *work, size_t count, size_t values, uint32_t resamples)
{
    work->lifetimes = mem_alloc_array(count, sizeof *work->lifetimes);
    work->values = mem_alloc_array(values, sizeof *work->values);
    work->truth = mem_alloc_array(values, sizeof *work->truth);
    work->pivots = mem_alloc_array(values * resamples, sizeof *work->pivots);
    return work->lifetimes && work->values && work->truth && work->pivots;
}

static enum status run_resamples(const struct lifetime *lifetimes, const double *design, size_t count,
                                 const struct regress_fit *fit, const struct bootstrap_target *target,
                                 const struct bootstrap_options *options, const struct work *work, size_t *redrawn,
                                 struct error *err)
{
    for (uint32_t number = 0; number < options->resamples; number++) {
        struct regress_fit again;
        if (resample(lifetimes, design, count, fit, options, number, work->lifetimes, &again, redrawn) != STATUS_OK)
            return error_set(err, STATUS_LIMIT, "%d made-up campaigns in a row had no estimate: too few events (%zu)",
                             BOOTSTRAP_REDRAWS_MAX, fit->events);
        target->evaluate(&again, target->context, work->values);
        collect(work, target->values, options->resamples, number);
    }
    return STATUS_OK;
}

enum status bootstrap_intervals(const struct lifetime *lifetimes, const double *design, size_t count,
                                const struct regress_fit *fit, const struct bootstrap_target *target,
                                const struct bootstrap_options *options, struct estimate *out, size_t *out_redrawn,
                                struct error *err)
{
    struct work work = {0};
    size_t redrawn = 0;
    enum status status = bootstrap_check(options, err);
    if (status != STATUS_OK)
        return status;
    if (!work_init(&work, count, target->values, options->resamples)) {
        status = mem_error(err, "the bootstrap");
        goto done;
    }
    target->evaluate(fit, target->context, work.truth);
    status = run_resamples(lifetimes, design, count, fit, target, options, &work, &redrawn, err);
    if (status != STATUS_OK)
        goto done;
    for (size_t v = 0; v < target->values; v++)
        out[v] = invert(work.truth[v], work.pivots + v * options->resamples, options);
    if (out_redrawn)
        *out_redrawn = redrawn;
done:
    work_finish(&work);
    return status;
}
