#include "server/analysis/nucleation.h"

#include "common/realmath.h"
#include "server/analysis/linear.h"
#include "server/analysis/prob.h"

#include <math.h>

enum { STEPS_MAX = 200, LINE_POINTS_MIN = 3 };

static const double log_2 = 0.69314718055994530942, pi = 3.14159265358979323846;

const char *half_meaning_label(enum half_meaning meaning)
{
    return meaning == HALF_OF_BOXES ? "probability that the box has transformed"
                                    : "transformed fraction inside a large box";
}

static enum status check_boxes(const struct nucleation_boxes *boxes, double level, struct error *err)
{
    if (!(boxes->time_total > 0.0 && isfinite(boxes->time_total) && boxes->volume > 0.0 && isfinite(boxes->volume)))
        return error_set(err, STATUS_INVALID, "boxes of volume %g watched for %g steps", boxes->volume,
                         boxes->time_total);
    if (!(level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", level);
    return STATUS_OK;
}

enum status nucleation_rate(const struct nucleation_boxes *boxes, double level, struct estimate *out, struct error *err)
{
    enum status status = check_boxes(boxes, level, err);
    if (status != STATUS_OK)
        return status;
    double exposure = boxes->time_total * boxes->volume, d = (double)boxes->events, tail = 0.5 * (1.0 - level);
    out->value = d / exposure;
    if (boxes->events == 0)
        out->interval = (struct interval){0.0, -real_log(1.0 - level) / exposure};
    else
        out->interval = (struct interval){0.5 * prob_chi_square_quantile(tail, 2.0 * d + 1.0) / exposure,
                                          0.5 * prob_chi_square_quantile(1.0 - tail, 2.0 * d + 1.0) / exposure};
    return STATUS_OK;
}

/* P(K <= k) of a binomial, through the incomplete beta function (A&S 26.5.24). */
static double binomial_up_to(double k, double n, double p)
{
    return k >= n ? 1.0 : prob_beta(1.0 - p, n - k, k + 1.0);
}

static double odds(double p)
{
    return p < 1.0 ? p / (1.0 - p) : (double)INFINITY;
}

enum status nucleation_compare(const struct nucleation_boxes *a, const struct nucleation_boxes *b, double level,
                               struct nucleation_comparison *out, struct error *err)
{
    enum status status = check_boxes(a, level, err);
    if (status != STATUS_OK || (status = check_boxes(b, level, err)) != STATUS_OK)
        return status;
    if (a->events + b->events == 0)
        return error_set(err, STATUS_INVALID, "no event in either box size to compare");
    double k = (double)a->events, n = k + (double)b->events, tail = 0.5 * (1.0 - level);
    double exposure_a = a->time_total * a->volume, exposure_b = b->time_total * b->volume;
    double p = exposure_a / (exposure_a + exposure_b), scale = exposure_b / exposure_a;
    double low = a->events ? prob_beta_quantile(tail, k, n - k + 1.0) : 0.0;
    double high = b->events ? prob_beta_quantile(1.0 - tail, k + 1.0, n - k) : 1.0;
    double below = binomial_up_to(k, n, p), above = a->events ? 1.0 - binomial_up_to(k - 1.0, n, p) : 1.0;
    out->ratio = (struct estimate){odds(k / n) * scale, {odds(low) * scale, odds(high) * scale}};
    out->p_value = fmin(1.0, 2.0 * fmin(below, above));
    out->disagrees = out->p_value < 1.0 - level;
    return STATUS_OK;
}

/* ---- Avrami ---- */

/* Parameters of the fit: log t_50 and n. */
struct shape {
    double log_time_50, exponent;
};

static double hazard_of(const struct shape *shape, double time)
{
    return log_2 * real_exp(shape->exponent * (real_log(time) - shape->log_time_50));
}

static double residual_squares(const struct shape *shape, const double *times, const double *fractions, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        double residual = fractions[i] - (1.0 - real_exp(-hazard_of(shape, times[i])));
        sum += residual * residual;
    }
    return sum;
}

/* log(-log(1 - X) / log 2) = n (log t - log t_50): a straight line through the points that are neither 0 nor 1. */
static bool start_shape(const double *times, const double *fractions, size_t count, struct shape *out)
{
    double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (fractions[i] <= 0.02 || fractions[i] >= 0.98)
            continue;
        double u = real_log(times[i]), v = real_log(-real_log(1.0 - fractions[i]) / log_2);
        n += 1.0, x += u, y += v, xx += u * u, xy += u * v;
    }
    double spread = xx - x * x / n;
    if (n < LINE_POINTS_MIN || !(spread > 1e-12 * xx))
        return false;
    out->exponent = (xy - x * y / n) / spread;
    if (!(out->exponent > 0.0))
        return false;
    out->log_time_50 = (x - y / out->exponent) / n;
    return true;
}

/* Normal equations of the linearised residuals. */
static void linearise(const struct shape *shape, const double *times, const double *fractions, size_t count,
                      double matrix[4], double right[2])
{
    for (size_t i = 0; i < count; i++) {
        double h = hazard_of(shape, times[i]), survival = real_exp(-h);
        double slope[2] = {-survival * h * shape->exponent, survival * h * (real_log(times[i]) - shape->log_time_50)};
        double residual = fractions[i] - (1.0 - survival);
        for (int j = 0; j < 2; j++) {
            right[j] += slope[j] * residual;
            for (int k = 0; k < 2; k++)
                matrix[2 * j + k] += slope[j] * slope[k];
        }
    }
}

/* Levenberg-Marquardt: damping rises while a step does not help. */
static double improve(const double *times, const double *fractions, size_t count, struct shape *shape)
{
    double squares = residual_squares(shape, times, fractions, count), damping = 1e-3;
    for (int i = 0; i < STEPS_MAX && damping < 1e12; i++) {
        double matrix[4] = {0}, step[2] = {0};
        linearise(shape, times, fractions, count, matrix, step);
        matrix[0] *= 1.0 + damping;
        matrix[3] *= 1.0 + damping;
        if (!linear_cholesky(matrix, 2))
            break;
        linear_cholesky_solve(matrix, 2, step);
        struct shape trial = {shape->log_time_50 + step[0], shape->exponent + step[1]};
        double trial_squares = residual_squares(&trial, times, fractions, count);
        bool helps = trial.exponent > 0.0 && trial_squares < squares;
        damping *= helps ? 0.1 : 10.0;
        if (helps) {
            *shape = trial;
            squares = trial_squares;
        }
    }
    return squares;
}

enum status avrami_fit(const double *times, const double *fractions, size_t count, struct avrami_fit *out,
                       struct error *err)
{
    struct shape shape;
    for (size_t i = 0; i < count; i++)
        if (!(times[i] > 0.0 && isfinite(times[i]) && fractions[i] >= 0.0 && fractions[i] <= 1.0))
            return error_set(err, STATUS_INVALID, "point %zu is (%g, %g)", i, times[i], fractions[i]);
    if (!start_shape(times, fractions, count, &shape))
        return error_set(err, STATUS_INVALID, "no rising curve with %d points between 0.02 and 0.98", LINE_POINTS_MIN);
    double squares = improve(times, fractions, count, &shape);
    *out = (struct avrami_fit){shape.exponent, real_exp(shape.log_time_50), sqrt(squares / (double)count)};
    return STATUS_OK;
}

double avrami_time(double rate, double speed, double fraction)
{
    double fourth_power = -3.0 * real_log(1.0 - fraction) / (pi * rate * speed * speed * speed);
    return sqrt(sqrt(fourth_power));
}
