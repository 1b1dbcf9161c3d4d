#include "server/analysis/survival.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "server/analysis/prob.h"

#include <math.h>
#include <stdlib.h>

/* One run, dated. */
struct dated {
    double time;
    bool is_event;
    size_t cause;
};

/* All that happens at one time. */
struct tally {
    double time;
    size_t at_risk, events, events_of_cause;
};

static int compare_dated(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (int)y->is_event - (int)x->is_event;
}

static enum status check(const struct lifetime *lifetimes, size_t count, double level, struct error *err)
{
    if (!(level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", level);
    return lifetime_check(lifetimes, count, err);
}

/* The times with events, ascending. causes may be NULL. *out_tallies is returned, [count] long at most. */
static enum status tally_events(const struct lifetime *lifetimes, const size_t *causes, size_t count, size_t cause,
                                struct tally **out_tallies, size_t *out_count, struct error *err)
{
    struct dated *dated = mem_alloc_array(count, sizeof *dated);
    struct tally *tallies = mem_alloc_array(count, sizeof *tallies);
    size_t times = 0;
    if (!dated || !tallies) {
        mem_free(dated);
        mem_free(tallies);
        return mem_error(err, "a survival curve");
    }
    for (size_t i = 0; i < count; i++)
        dated[i] =
            (struct dated){lifetime_date(&lifetimes[i]), lifetime_is_event(&lifetimes[i]), causes ? causes[i] : 0};
    qsort(dated, count, sizeof *dated, compare_dated);
    for (size_t i = 0; i < count; i++) {
        if (!dated[i].is_event)
            continue;
        if (times == 0 || tallies[times - 1].time != dated[i].time)
            tallies[times++] = (struct tally){.time = dated[i].time, .at_risk = count - i};
        tallies[times - 1].events++;
        tallies[times - 1].events_of_cause += dated[i].cause == cause;
    }
    mem_free(dated);
    *out_tallies = tallies;
    *out_count = times;
    return STATUS_OK;
}

/* Interval of a probability p with standard error `error`, symmetric in log(-log p). */
static struct interval log_log_interval(double p, double error, double z)
{
    double spread = z * error / fabs(p * real_log(p)), log_p = real_log(p);
    return (struct interval){real_exp(log_p * real_exp(spread)), real_exp(log_p * real_exp(-spread))};
}

/* Of a share that is 0 or 1 in `events` events so far: Clopper and Pearson's, whose other end is the share itself. */
static struct interval end_interval(double share, double events, double level)
{
    const double far = real_exp(real_log(0.5 * (1.0 - level)) / events);
    return share > 0.5 ? (struct interval){far, 1.0} : (struct interval){0.0, 1.0 - far};
}

static void survival_points(const struct tally *tallies, size_t count, double level, struct survival_point *points)
{
    const double z = prob_normal_quantile(0.5 + 0.5 * level);
    double survival = 1.0, greenwood = 0.0, upper = 1.0, events = 0.0;
    for (size_t i = 0; i < count; i++) {
        double n = (double)tallies[i].at_risk, d = (double)tallies[i].events;
        survival *= (n - d) / n;
        events += d;
        struct interval interval = {0.0, fmin(upper, end_interval(0.0, events, level).high)};
        if (d < n) {
            greenwood += d / (n * (n - d));
            interval = log_log_interval(survival, survival * sqrt(greenwood), z);
        }
        upper = interval.high;
        points[i] =
            (struct survival_point){tallies[i].time, tallies[i].at_risk, tallies[i].events, {survival, interval}};
    }
}

enum status survival_kaplan_meier(const struct lifetime *lifetimes, size_t count, double level,
                                  struct survival_curve *out, struct error *err)
{
    struct tally *tallies;
    struct survival_curve curve = {0};
    enum status status = check(lifetimes, count, level, err);
    if (status != STATUS_OK ||
        (status = tally_events(lifetimes, NULL, count, 0, &tallies, &curve.count, err)) != STATUS_OK)
        return status;
    curve.points = mem_alloc_array(curve.count, sizeof *curve.points);
    if (!curve.points) {
        mem_free(tallies);
        return mem_error(err, "a survival curve");
    }
    survival_points(tallies, curve.count, level, curve.points);
    mem_free(tallies);
    *out = curve;
    return STATUS_OK;
}

void survival_curve_finish(struct survival_curve *curve)
{
    if (!curve)
        return;
    mem_free(curve->points);
    *curve = (struct survival_curve){0};
}

/* Equality within rounding: a product of n fractions is off by n units in the last place. */
static bool has_fallen_to(double survival, double rest)
{
    return survival <= rest + 1e-12;
}

struct estimate survival_quantile(const struct survival_curve *curve, double fraction)
{
    const double never = (double)INFINITY, rest = 1.0 - fraction;
    struct estimate quantile = {never, {never, never}};
    for (size_t i = curve->count; i-- > 0;) {
        const struct survival_point *point = &curve->points[i];
        if (has_fallen_to(point->survival.value, rest))
            quantile.value = point->time;
        if (has_fallen_to(point->survival.interval.low, rest))
            quantile.interval.low = point->time;
        if (has_fallen_to(point->survival.interval.high, rest))
            quantile.interval.high = point->time;
    }
    return quantile;
}

static void incidence_estimates(const struct tally *tallies, const double *before, size_t count, double level,
                                struct incidence_point *points)
{
    const double z = prob_normal_quantile(0.5 + 0.5 * level);
    double events = 0.0;
    for (size_t i = 0; i < count; i++) {
        double at = points[i].incidence.value, variance = 0.0;
        for (size_t j = 0; j <= i; j++) {
            double n = (double)tallies[j].at_risk, d = (double)tallies[j].events,
                   k = (double)tallies[j].events_of_cause;
            double growth = at - points[j].incidence.value;
            if (d < n)
                variance += growth * growth * d / (n * (n - d));
            variance += before[j] * before[j] * k * (n - k) / (n * n * n) - 2.0 * growth * before[j] * k / (n * n);
        }
        events += (double)tallies[i].events;
        const bool is_inner = at > 0.0 && at < 1.0 - 1e-12; /* 1 within rounding */
        points[i].incidence.interval =
            is_inner ? log_log_interval(at, sqrt(fmax(variance, 0.0)), z) : end_interval(at, events, level);
    }
}

/* before[i]: overall survival just before time i. */
static void incidence_points(const struct tally *tallies, size_t count, double *before, struct incidence_point *points)
{
    double survival = 1.0, incidence = 0.0;
    for (size_t i = 0; i < count; i++) {
        double n = (double)tallies[i].at_risk;
        before[i] = survival;
        incidence += survival * (double)tallies[i].events_of_cause / n;
        survival *= (n - (double)tallies[i].events) / n;
        points[i] = (struct incidence_point){
            tallies[i].time, tallies[i].at_risk, tallies[i].events_of_cause, {.value = incidence}};
    }
}

static enum status check_causes(const struct lifetime *lifetimes, const size_t *causes, size_t count,
                                size_t cause_count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (lifetime_is_event(&lifetimes[i]) && causes[i] >= cause_count)
            return error_set(err, STATUS_INVALID, "run %zu transformed by cause %zu of %zu", i, causes[i], cause_count);
    return STATUS_OK;
}

enum status survival_aalen_johansen(const struct lifetime *lifetimes, const size_t *causes, size_t count,
                                    size_t cause_count, size_t cause, double level, struct incidence_curve *out,
                                    struct error *err)
{
    struct tally *tallies = NULL;
    struct incidence_curve curve = {0};
    enum status status = check(lifetimes, count, level, err);
    if (status != STATUS_OK || (status = check_causes(lifetimes, causes, count, cause_count, err)) != STATUS_OK ||
        (status = tally_events(lifetimes, causes, count, cause, &tallies, &curve.count, err)) != STATUS_OK)
        return status;
    double *before = mem_alloc_array(curve.count, sizeof *before);
    curve.points = mem_alloc_array(curve.count, sizeof *curve.points);
    if (!before || !curve.points) {
        mem_free(curve.points);
        status = mem_error(err, "an incidence curve");
        goto done;
    }
    incidence_points(tallies, curve.count, before, curve.points);
    incidence_estimates(tallies, before, curve.count, level, curve.points);
    *out = curve;
done:
    mem_free(before);
    mem_free(tallies);
    return status;
}

void incidence_curve_finish(struct incidence_curve *curve)
{
    if (!curve)
        return;
    mem_free(curve->points);
    *curve = (struct incidence_curve){0};
}
