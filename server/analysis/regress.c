#include "server/analysis/regress.h"

#include "common/invariant.h"
#include "common/realmath.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 60, HALVINGS_MAX = 40 };

static const double decrement_small = 1e-9; /* the step after it lands within 1e-9 of a standard error */
static const double gamma_max = 600.0, shape_max = 1e4;
static const double error_sure = 2.0;    /* in w: with a smaller standard error it is a maximum */
static const double plateau_cost = 0.05; /* in log-likelihood: less for one standard error is a plateau */

/* The likelihood and its first two derivatives in (gamma, shape); minus the second derivative is the information. */
struct curvature {
    double value;
    double gradient[REGRESS_SIZE_MAX];
    double information[REGRESS_SIZE_MAX * REGRESS_SIZE_MAX];
};

struct problem {
    const struct lifetime *lifetimes;
    const double *design;
    size_t count, columns, size;
    double centre;
};

size_t regress_size(const struct regress_fit *fit)
{
    return fit->columns + (fit->law == LIFETIME_WEIBULL);
}

/* One end of a lifetime: u = e^w and z = dw / d(gamma, shape). */
struct hazard {
    double w, u;
    double z[REGRESS_SIZE_MAX];
};

static struct hazard hazard_at(const struct problem *p, const struct regress_fit *fit, const double *x, double time)
{
    struct hazard h = {.w = -(double)INFINITY};
    if (time <= 0.0)
        return h;
    double y = real_log(time) - p->centre;
    h.w = fit->shape * y;
    for (size_t i = 0; i < p->columns; i++) {
        h.w -= x[i] * fit->gamma[i];
        h.z[i] = -x[i];
    }
    h.z[p->columns] = y;
    h.u = real_exp(h.w);
    return h;
}

/* gradient += weight z */
static void add_slope(struct curvature *c, size_t n, const double *z, double weight)
{
    for (size_t i = 0; i < n; i++)
        c->gradient[i] += weight * z[i];
}

/* information += weight z z^T */
static void add_information(struct curvature *c, size_t n, const double *z, double weight)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            c->information[i * n + j] += weight * z[i] * z[j];
}

/* log P(T > t) = -u */
static void add_survival(struct curvature *c, size_t n, const struct hazard *h)
{
    c->value -= h->u;
    add_slope(c, n, h->z, -h->u);
    add_information(c, n, h->z, h->u);
}

/* log of the density: log shape + w - u - log t */
static void add_exact(struct curvature *c, size_t n, const struct hazard *h, double shape, double time, bool is_weibull)
{
    add_survival(c, n, h);
    c->value += real_log(shape) + h->w - real_log(time);
    add_slope(c, n, h->z, 1.0);
    if (is_weibull) {
        c->gradient[n - 1] += 1.0 / shape;
        c->information[n * n - 1] += 1.0 / (shape * shape);
    }
}

/* g = log(1 - e^-d) and g' = 1 / (e^d - 1), by their series where the difference would cancel. */
static void log_one_minus_exp(double d, double *out_g, double *out_slope)
{
    if (d < 1e-3) {
        *out_g = real_log(d) - d / 2 + d * d / 24;
        *out_slope = 1.0 / d - 0.5 + d / 12;
        return;
    }
    double e = real_exp(-d);
    *out_g = real_log(1.0 - e);
    *out_slope = e / (1.0 - e);
}

/* log(P(T > low) - P(T > high)) = -u_low + g(u_high - u_low) */
static void add_interval(struct curvature *c, size_t n, const struct hazard *low, const struct hazard *high)
{
    double g, slope, change[REGRESS_SIZE_MAX];
    log_one_minus_exp(high->u - low->u, &g, &slope);
    c->value += g - low->u;
    for (size_t i = 0; i < n; i++)
        change[i] = high->u * high->z[i] - low->u * low->z[i];
    add_slope(c, n, low->z, -low->u);
    add_slope(c, n, change, slope);
    add_information(c, n, low->z, low->u * (1.0 + slope));
    add_information(c, n, high->z, -high->u * slope);
    add_information(c, n, change, slope * (1.0 + slope));
}

static void likelihood(const struct problem *p, const struct regress_fit *fit, struct curvature *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < p->count; i++) {
        const struct lifetime *one = &p->lifetimes[i];
        const double *x = p->design + i * p->columns;
        struct hazard low = hazard_at(p, fit, x, one->low);
        if (!lifetime_is_event(one)) {
            add_survival(out, p->size, &low);
        } else if (one->low == one->high) {
            add_exact(out, p->size, &low, fit->shape, one->low, fit->law == LIFETIME_WEIBULL);
        } else {
            struct hazard high = hazard_at(p, fit, x, one->high);
            add_interval(out, p->size, &low, &high);
        }
    }
}

static void move(const struct problem *p, const struct regress_fit *from, const double *step, double length,
                 struct regress_fit *to)
{
    for (size_t i = 0; i < p->columns; i++)
        to->gamma[i] = from->gamma[i] + length * step[i];
    if (p->size > p->columns)
        to->shape = from->shape + length * step[p->columns];
}

static bool is_within_limits(const struct problem *p, const struct regress_fit *fit)
{
    for (size_t i = 0; i < p->columns; i++)
        if (!(fabs(fit->gamma[i]) < gamma_max))
            return false;
    return fit->shape < shape_max;
}

/* Halves the step until the likelihood does not fall (within rounding). */
static bool advance(const struct problem *p, const double *step, struct regress_fit *fit, struct curvature *curvature)
{
    struct regress_fit trial = *fit;
    struct curvature at_trial;
    double length = 1.0, slack = 1e-10 * (1.0 + fabs(curvature->value));
    for (int i = 0; i < HALVINGS_MAX; i++, length *= 0.5) {
        move(p, fit, step, length, &trial);
        if (!(trial.shape > 0.0))
            continue;
        likelihood(p, &trial, &at_trial);
        if (at_trial.value >= curvature->value - slack) {
            *fit = trial;
            *curvature = at_trial;
            return true;
        }
    }
    return false;
}

/* Newton's step, and its decrement: twice the gain that the quadratic model expects. False: no curvature. */
static bool newton_step(const struct curvature *c, size_t n, double *out_step, double *out_decrement)
{
    double factor[REGRESS_SIZE_MAX * REGRESS_SIZE_MAX];
    memcpy(factor, c->information, sizeof factor);
    memcpy(out_step, c->gradient, n * sizeof *out_step);
    if (!linear_cholesky(factor, n))
        return false;
    linear_cholesky_solve(factor, n, out_step);
    *out_decrement = 0.0;
    for (size_t i = 0; i < n; i++)
        *out_decrement += out_step[i] * c->gradient[i];
    return true;
}

/* On a slope without end: as far as it rises along `step`, each time twice as far. */
static void climb(const struct problem *p, const double *step, struct regress_fit *fit, struct curvature *curvature)
{
    struct regress_fit trial = *fit;
    struct curvature there;
    for (double length = 1.0;; length *= 2.0) {
        move(p, fit, step, length, &trial);
        if (!is_within_limits(p, &trial) || !(trial.shape > 0.0))
            return;
        likelihood(p, &trial, &there);
        if (!(there.value > curvature->value))
            return;
        *fit = trial;
        *curvature = there;
    }
}

/* False: there is no maximum within reach; *fit is as high up as was come to. */
static bool maximise(const struct problem *p, struct regress_fit *fit, struct curvature *curvature)
{
    double step[REGRESS_SIZE_MAX], last[REGRESS_SIZE_MAX] = {0}, decrement = 1.0;
    likelihood(p, fit, curvature);
    for (int i = 0; i < ITERATIONS_MAX; i++) {
        if (!newton_step(curvature, p->size, step, &decrement) || !advance(p, step, fit, curvature) ||
            !is_within_limits(p, fit))
            break;
        if (decrement < decrement_small)
            return true;
        memcpy(last, step, sizeof last);
    }
    climb(p, last, fit, curvature);
    return false;
}

static double aicc(double log_likelihood, double events, double parameters)
{
    if (events <= parameters + 1.0)
        return (double)INFINITY;
    return 2.0 * (parameters - log_likelihood) + 2.0 * parameters * (parameters + 1.0) / (events - parameters - 1.0);
}

static bool invert_information(const struct problem *p, const struct curvature *curvature, struct regress_fit *fit)
{
    double factor[REGRESS_SIZE_MAX * REGRESS_SIZE_MAX];
    memcpy(factor, curvature->information, sizeof factor);
    if (!linear_cholesky(factor, p->size))
        return false;
    linear_cholesky_inverse(factor, p->size, fit->covariance);
    return true;
}

/* The eigenvector of the covariance with the largest eigenvalue, by powers, times one standard error along it. */
static double least_certain_step(const struct problem *p, const struct regress_fit *fit, double *out_step)
{
    enum { POWERS = 40 };
    const size_t n = p->size;
    double direction[REGRESS_SIZE_MAX] = {0}, next[REGRESS_SIZE_MAX], length = 0.0;
    for (size_t i = 0, most = 0; i < n; i++)
        if (fit->covariance[i * n + i] >= fit->covariance[most * n + most]) {
            direction[most] = 0.0;
            direction[most = i] = 1.0;
        }
    for (int power = 0; power < POWERS; power++) {
        length = 0.0;
        for (size_t i = 0; i < n; i++) {
            next[i] = 0.0;
            for (size_t j = 0; j < n; j++)
                next[i] += fit->covariance[i * n + j] * direction[j];
            length += next[i] * next[i];
        }
        length = sqrt(length);
        for (size_t i = 0; i < n; i++)
            direction[i] = next[i] / length;
    }
    for (size_t i = 0; i < n; i++)
        out_step[i] = sqrt(length) * direction[i];
    return sqrt(length);
}

static bool is_plateau(const struct problem *p, const struct regress_fit *fit, double value)
{
    double step[REGRESS_SIZE_MAX];
    struct regress_fit trial = *fit;
    struct curvature there;
    if (least_certain_step(p, fit, step) < error_sure)
        return false;
    for (int side = -1; side <= 1; side += 2) {
        move(p, fit, step, side, &trial);
        if (!(trial.shape > 0.0))
            continue;
        likelihood(p, &trial, &there);
        if (value - there.value < plateau_cost)
            return true;
    }
    return false;
}

enum status regress_fit(const struct lifetime *lifetimes, const double *design, size_t count, size_t columns,
                        enum lifetime_law law, struct regress_fit *out, struct error *err)
{
    INVARIANT(columns > 0 && columns <= REGRESS_COLUMNS_MAX);
    struct regress_fit fit = {.law = law, .columns = columns, .shape = 1.0};
    struct curvature curvature;
    fit.events = lifetime_count_events(lifetimes, count);
    if (fit.events == 0)
        return error_set(err, STATUS_INVALID, "no event among %zu runs: there is only a bound", count);
    fit.centre = real_log(lifetime_total_time(lifetimes, count) / (double)fit.events);
    const struct problem problem = {lifetimes, design, count, columns, regress_size(&fit), fit.centre};
    const bool is_maximum = maximise(&problem, &fit, &curvature) && invert_information(&problem, &curvature, &fit) &&
                            !is_plateau(&problem, &fit, curvature.value);
    fit.log_likelihood = curvature.value;
    fit.aicc = aicc(curvature.value, (double)fit.events, (double)problem.size);
    *out = fit;
    if (is_maximum)
        return STATUS_OK;
    return error_set(err, STATUS_LIMIT, "the likelihood of %zu events in %zu runs has no finite maximum", fit.events,
                     count);
}

static double numerator(const struct regress_fit *fit, const double *x, double fraction)
{
    double sum = real_log(-real_log(1.0 - fraction));
    for (size_t i = 0; i < fit->columns; i++)
        sum += x[i] * fit->gamma[i];
    return sum;
}

double regress_log_quantile(const struct regress_fit *fit, const double *x, double fraction)
{
    return fit->centre + numerator(fit, x, fraction) / fit->shape;
}

void regress_log_quantile_gradient(const struct regress_fit *fit, const double *x, double fraction, double *out)
{
    for (size_t i = 0; i < fit->columns; i++)
        out[i] = x[i] / fit->shape;
    if (fit->law == LIFETIME_WEIBULL)
        out[fit->columns] = -numerator(fit, x, fraction) / (fit->shape * fit->shape);
}

double regress_log_quantile_error(const struct regress_fit *fit, const double *x, double fraction)
{
    double gradient[REGRESS_SIZE_MAX];
    regress_log_quantile_gradient(fit, x, fraction, gradient);
    return sqrt(linear_quadratic_form(fit->covariance, gradient, regress_size(fit)));
}
