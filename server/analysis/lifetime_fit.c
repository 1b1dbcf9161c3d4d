#include "server/analysis/lifetime_fit.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "server/analysis/prob.h"

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

/* Both laws, where they may be fitted. */
struct laws {
    struct regress_fit exponential, weibull;
    bool has_weibull;
};

static enum status refuse_unresolved(const struct lifetime *lifetimes, size_t count, struct error *err)
{
    double low = (double)INFINITY, high = 0.0;
    for (size_t i = 0; i < count; i++)
        if (lifetime_is_event(&lifetimes[i])) {
            low = fmin(low, lifetimes[i].low);
            high = fmax(high, lifetimes[i].high);
        }
    return error_set(err, STATUS_INVALID,
                     "the %zu events are too close together for their samples, all between steps %.6g and %.6g: sample "
                     "more often",
                     lifetime_count_events(lifetimes, count), low, high);
}

static enum status fit_laws(const struct lifetime *lifetimes, const double *ones, size_t count, struct laws *laws,
                            struct error *err)
{
    enum status status = regress_fit(lifetimes, ones, count, 1, LIFETIME_EXPONENTIAL, &laws->exponential, err);
    if (status != STATUS_OK)
        return status;
    laws->has_weibull = false;
    if (laws->exponential.events < LIFETIME_WEIBULL_EVENTS_MIN)
        return STATUS_OK;
    laws->has_weibull = regress_fit(lifetimes, ones, count, 1, LIFETIME_WEIBULL, &laws->weibull, NULL) == STATUS_OK;
    if (!laws->has_weibull && laws->weibull.aicc < laws->exponential.aicc)
        return refuse_unresolved(lifetimes, count, err);
    return STATUS_OK;
}

static const struct regress_fit *choose_law(const struct laws *laws, struct lifetime_fit *out)
{
    bool is_weibull = laws->has_weibull && laws->weibull.aicc < laws->exponential.aicc;
    out->aicc_exponential = laws->exponential.aicc;
    if (laws->has_weibull)
        out->aicc_weibull = laws->weibull.aicc;
    return is_weibull ? &laws->weibull : &laws->exponential;
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

/* Factors on theta, hence on every t_p: 2 d theta_hat / theta is chi-square with 2d + 1 degrees of freedom. */
static struct interval exponential_factors(size_t events, double level)
{
    double d = (double)events, tail = 0.5 * (1.0 - level);
    return (struct interval){2.0 * d / prob_chi_square_quantile(1.0 - tail, 2.0 * d + 1.0),
                             2.0 * d / prob_chi_square_quantile(tail, 2.0 * d + 1.0)};
}

static void set_exponential_intervals(const struct regress_fit *fit, double level, struct lifetime_fit *out)
{
    const double one = 1.0;
    struct interval factors = exponential_factors(fit->events, level);
    for (int i = 0; i < FRACTION_COUNT; i++) {
        double time = real_exp(regress_log_quantile(fit, &one, lifetime_fractions[i]));
        out->time[i].interval = (struct interval){time * factors.low, time * factors.high};
    }
}

static struct interval hull(struct interval a, struct interval b)
{
    return (struct interval){fmin(a.low, b.low), fmax(a.high, b.high)};
}

static struct interval exponentiated(struct interval log_interval)
{
    return (struct interval){real_exp(log_interval.low), real_exp(log_interval.high)};
}

/* Replaces the exponential's intervals where the Weibull was chosen, widens them where it was only not preferred. */
static enum status add_weibull_intervals(const struct lifetime *lifetimes, const double *ones, size_t count,
                                         const struct regress_fit *fit, const struct bootstrap_options *options,
                                         struct lifetime_fit *out, struct error *err)
{
    struct estimate log_estimates[FRACTION_COUNT + 1];
    const struct bootstrap_target target = {evaluate, NULL, FRACTION_COUNT + 1};
    enum status status =
        bootstrap_intervals(lifetimes, ones, count, fit, &target, options, log_estimates, &out->redrawn, err);
    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < FRACTION_COUNT; i++) {
        struct interval interval = exponentiated(log_estimates[i].interval);
        out->time[i].interval = out->law == LIFETIME_WEIBULL ? interval : hull(out->time[i].interval, interval);
    }
    out->shape_interval = exponentiated(log_estimates[FRACTION_COUNT].interval);
    return STATUS_OK;
}

static enum status fit_events(const struct lifetime *lifetimes, const double *ones, size_t count,
                              const struct bootstrap_options *options, struct lifetime_fit *out, struct error *err)
{
    struct laws laws;
    enum status status = fit_laws(lifetimes, ones, count, &laws, err);
    if (status != STATUS_OK)
        return status;
    take_points(choose_law(&laws, out), out);
    if (!options)
        return STATUS_OK;
    set_exponential_intervals(&laws.exponential, options->level, out);
    if (!laws.has_weibull)
        return STATUS_OK;
    return add_weibull_intervals(lifetimes, ones, count, &laws.weibull, options, out, err);
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

/* Such runs say that it is fast, not how fast: the likelihood rises for ever as the times go to 0. */
static bool are_all_before_first_look(const struct lifetime *lifetimes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lifetimes[i].low > 0.0)
            return false;
    return true;
}

/* options == NULL: points only, and bounds at 95 %. */
static enum status fit_lifetimes(const struct lifetime *lifetimes, size_t count,
                                 const struct bootstrap_options *options, struct lifetime_fit *out, struct error *err)
{
    struct lifetime_fit result;
    enum status status = lifetime_check(lifetimes, count, err);
    if (status != STATUS_OK)
        return status;
    fit_init(lifetimes, count, &result);
    if (result.events == 0) {
        set_bound(&result, options ? options->level : 0.95);
        *out = result;
        return STATUS_OK;
    }
    if (are_all_before_first_look(lifetimes, count))
        return error_set(err, STATUS_INVALID, "all %zu runs transformed before their first sample: sample more often",
                         count);
    double *ones = mem_alloc_array(count, sizeof *ones);
    if (!ones)
        return mem_error(err, "the lifetimes");
    for (size_t i = 0; i < count; i++)
        ones[i] = 1.0;
    status = fit_events(lifetimes, ones, count, options, &result, err);
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

/* ---- t_50 alone, of a law that is given ---- */

static const double log_power_min = -40.0; /* of (time / latest)^shape: 4e-18 is as good as 0 beside 1 */

/* (time / unit)^shape, which is exponential where time is Weibull; unit >= time. */
static double power_of(double time, double unit, double shape)
{
    return time > 0.0 ? real_exp(fmax(shape * real_log(time / unit), log_power_min)) : 0.0;
}

static double latest_date(const struct lifetime *lifetimes, size_t count)
{
    double latest = 0.0;
    for (size_t i = 0; i < count; i++)
        latest = fmax(latest, lifetime_date(&lifetimes[i]));
    return latest;
}

/* Of lifetimes in units of `unit`, to the power of the shape. */
static void fill_powers(const struct lifetime *lifetimes, size_t count, double unit, double shape,
                        struct lifetime *powers)
{
    for (size_t i = 0; i < count; i++) {
        const struct lifetime *one = &lifetimes[i];
        powers[i].low = power_of(one->low, unit, shape);
        powers[i].high = lifetime_is_event(one) ? power_of(one->high, unit, shape) : (double)INFINITY;
        powers[i].horizon = fmax(powers[i].low, 1.0);
    }
}

static enum status fit_time_50(const struct lifetime *lifetimes, const double *ones, size_t count,
                               enum lifetime_law law, double *out_time_50, struct error *err)
{
    const double one = 1.0;
    struct regress_fit fit;
    enum status status = regress_fit(lifetimes, ones, count, 1, law, &fit, err);
    if (status == STATUS_OK)
        *out_time_50 = real_exp(regress_log_quantile(&fit, &one, 0.5));
    return status;
}

static enum status fit_scale(const struct lifetime *lifetimes, const double *ones, size_t count, double shape,
                             struct lifetime *powers, double *out_time_50, struct error *err)
{
    const double unit = latest_date(lifetimes, count);
    double power;
    fill_powers(lifetimes, count, unit, shape, powers);
    enum status status = fit_time_50(powers, ones, count, LIFETIME_EXPONENTIAL, &power, err);
    if (status == STATUS_OK)
        *out_time_50 = unit * real_exp(real_log(power) / shape);
    return status;
}

static enum status check_time_50(const struct lifetime *lifetimes, size_t count, double shape, struct error *err)
{
    enum status status = lifetime_check(lifetimes, count, err);
    if (status != STATUS_OK)
        return status;
    const size_t events = lifetime_count_events(lifetimes, count);
    const size_t events_min = shape > 0.0 ? 1 : LIFETIME_WEIBULL_EVENTS_MIN;
    if (!(shape >= 0.0 && isfinite(shape)))
        return error_set(err, STATUS_INVALID, "a shape of %g", shape);
    if (events < events_min)
        return error_set(err, STATUS_INVALID, "%zu events: this law needs %zu", events, events_min);
    if (are_all_before_first_look(lifetimes, count))
        return error_set(err, STATUS_INVALID, "all %zu runs transformed before their first sample: sample more often",
                         count);
    return STATUS_OK;
}

enum status lifetime_time_50(const struct lifetime *lifetimes, size_t count, double shape, double *out_time_50,
                             struct error *err)
{
    enum status status = check_time_50(lifetimes, count, shape, err);
    if (status != STATUS_OK)
        return status;
    double *ones = mem_alloc_array(count, sizeof *ones);
    struct lifetime *powers = mem_alloc_array(count, sizeof *powers);
    status = ones && powers ? STATUS_OK : mem_error(err, "the lifetimes");
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        ones[i] = 1.0;
    if (status == STATUS_OK)
        status = shape > 0.0 ? fit_scale(lifetimes, ones, count, shape, powers, out_time_50, err)
                             : fit_time_50(lifetimes, ones, count, LIFETIME_WEIBULL, out_time_50, err);
    mem_free(ones);
    mem_free(powers);
    return status;
}
