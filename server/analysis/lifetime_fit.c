#include "server/analysis/lifetime_fit.h"

#include "common/mem.h"
#include "common/realmath.h"

#include <math.h>

const double lifetime_fractions[FRACTION_COUNT] = {0.01, 0.50, 0.99};

static const struct interval no_interval = {(double)NAN, (double)NAN};

const char *lifetime_law_name(enum lifetime_law law)
{
    return law == LIFETIME_WEIBULL ? "weibull" : "exponential";
}

double lifetime_bound(double time_total, double fraction, double level)
{
    return time_total * real_log(1.0 - fraction) / real_log(1.0 - level);
}

static void set_bound(struct lifetime_fit *out, double level)
{
    out->is_bound = true;
    for (int i = 0; i < FRACTION_COUNT; i++) {
        double bound = lifetime_bound(out->time_total, lifetime_fractions[i], level);
        out->time[i] = (struct estimate){bound, {bound, (double)INFINITY}};
    }
}

/* Fits both laws where they may be fitted, and keeps the better in *best. */
static enum status choose_law(const struct lifetime *lifetimes, const double *ones, size_t count,
                              struct lifetime_fit *out, struct regress_fit *best, struct error *err)
{
    struct regress_fit weibull;
    enum status status = regress_fit(lifetimes, ones, count, 1, LIFETIME_EXPONENTIAL, best, err);
    if (status != STATUS_OK)
        return status;
    out->aicc_exponential = best->aicc;
    if (out->events < LIFETIME_WEIBULL_EVENTS_MIN ||
        regress_fit(lifetimes, ones, count, 1, LIFETIME_WEIBULL, &weibull, NULL) != STATUS_OK)
        return STATUS_OK;
    out->aicc_weibull = weibull.aicc;
    if (weibull.aicc < best->aicc)
        *best = weibull;
    return STATUS_OK;
}

static void take_points(const struct regress_fit *fit, struct lifetime_fit *out)
{
    const double one = 1.0;
    out->law = fit->law;
    out->shape = fit->shape;
    for (int i = 0; i < FRACTION_COUNT; i++)
        out->time[i].value = real_exp(regress_log_quantile(fit, &one, lifetime_fractions[i]));
}

/* log t_p for each fraction, and the log of the shape. */
static void evaluate(const struct regress_fit *fit, void *context, struct bootstrap_value *out)
{
    const double one = 1.0;
    (void)context;
    for (int i = 0; i < FRACTION_COUNT; i++)
        out[i] = (struct bootstrap_value){regress_log_quantile(fit, &one, lifetime_fractions[i]),
                                          regress_log_quantile_error(fit, &one, lifetime_fractions[i])};
    double variance = fit->law == LIFETIME_WEIBULL ? fit->covariance[3] : 0.0;
    out[FRACTION_COUNT] = (struct bootstrap_value){real_log(fit->shape), sqrt(variance) / fit->shape};
}

static struct interval exponentiated(struct interval log_interval)
{
    return (struct interval){real_exp(log_interval.low), real_exp(log_interval.high)};
}

static enum status add_intervals(const struct lifetime *lifetimes, const double *ones, size_t count,
                                 const struct regress_fit *fit, const struct bootstrap_options *options,
                                 struct lifetime_fit *out, struct error *err)
{
    struct estimate log_estimates[FRACTION_COUNT + 1];
    const struct bootstrap_target target = {evaluate, NULL, FRACTION_COUNT + 1};
    enum status status =
        bootstrap_intervals(lifetimes, ones, count, fit, &target, options, log_estimates, &out->redrawn, err);
    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < FRACTION_COUNT; i++)
        out->time[i].interval = exponentiated(log_estimates[i].interval);
    if (fit->law == LIFETIME_WEIBULL)
        out->shape_interval = exponentiated(log_estimates[FRACTION_COUNT].interval);
    return STATUS_OK;
}

static void fit_init(const struct lifetime *lifetimes, size_t count, struct lifetime_fit *out)
{
    *out = (struct lifetime_fit){.runs = count,
                                 .events = lifetime_count_events(lifetimes, count),
                                 .time_total = lifetime_total_time(lifetimes, count),
                                 .shape = 1.0,
                                 .shape_interval = no_interval,
                                 .aicc_exponential = (double)NAN,
                                 .aicc_weibull = (double)NAN};
    for (int i = 0; i < FRACTION_COUNT; i++)
        out->time[i].interval = no_interval;
}

/* options == NULL: points only, and bounds at 95 %. */
static enum status fit_lifetimes(const struct lifetime *lifetimes, size_t count,
                                 const struct bootstrap_options *options, struct lifetime_fit *out, struct error *err)
{
    struct lifetime_fit result;
    struct regress_fit best;
    enum status status = lifetime_check(lifetimes, count, err);
    if (status != STATUS_OK)
        return status;
    fit_init(lifetimes, count, &result);
    if (result.events == 0) {
        set_bound(&result, options ? options->level : 0.95);
        *out = result;
        return STATUS_OK;
    }
    double *ones = mem_alloc_array(count, sizeof *ones);
    if (!ones)
        return mem_error(err, "the lifetimes");
    for (size_t i = 0; i < count; i++)
        ones[i] = 1.0;
    status = choose_law(lifetimes, ones, count, &result, &best, err);
    if (status == STATUS_OK)
        take_points(&best, &result);
    if (status == STATUS_OK && options)
        status = add_intervals(lifetimes, ones, count, &best, options, &result, err);
    mem_free(ones);
    if (status == STATUS_OK)
        *out = result;
    return status;
}

enum status lifetime_fit(const struct lifetime *lifetimes, size_t count, const struct bootstrap_options *options,
                         struct lifetime_fit *out, struct error *err)
{
    enum status status = bootstrap_check(options, err);
    return status == STATUS_OK ? fit_lifetimes(lifetimes, count, options, out, err) : status;
}

enum status lifetime_fit_points(const struct lifetime *lifetimes, size_t count, struct lifetime_fit *out,
                                struct error *err)
{
    return fit_lifetimes(lifetimes, count, NULL, out, err);
}
