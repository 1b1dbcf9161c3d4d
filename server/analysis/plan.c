#include "server/analysis/plan.h"

#include "common/realmath.h"
#include "server/analysis/prob.h"

#include <math.h>

enum { RUNS_MAX = 100000 };

static enum status check(double mean, double level, struct error *err)
{
    if (!(mean > 0.0 && isfinite(mean)))
        return error_set(err, STATUS_INVALID, "mean waiting time %g is not a number of steps", mean);
    if (!(level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", level);
    return STATUS_OK;
}

/* Upper over lower end of the exponential's interval after d events (lifetime_fit.h). */
static double width_after(double d, double level)
{
    double tail = 0.5 * (1.0 - level);
    return prob_chi_square_quantile(1.0 - tail, 2.0 * d + 1.0) / prob_chi_square_quantile(tail, 2.0 * d + 1.0);
}

static double log_binomial(double n, double k, double log_p, double log_q)
{
    return prob_log_gamma(n + 1.0) - prob_log_gamma(k + 1.0) - prob_log_gamma(n - k + 1.0) + k * log_p +
           (n - k) * log_q;
}

enum status plan_expected_width(double mean, size_t runs, double steps, double level, struct plan_width *out,
                                struct error *err)
{
    enum status status = check(mean, level, err);
    if (status != STATUS_OK)
        return status;
    if (runs == 0 || runs > RUNS_MAX || !(steps > 0.0 && isfinite(steps)))
        return error_set(err, STATUS_INVALID, "%zu runs of %g steps are no plan", runs, steps);
    double n = (double)runs, log_q = -steps / mean, q = real_exp(log_q), log_p = real_log(1.0 - q);
    double sum = 0.0, weight_sum = 0.0;
    for (size_t d = 1; d <= runs; d++) {
        double weight = q > 0.0 ? real_exp(log_binomial(n, (double)d, log_p, log_q)) : (double)(d == runs);
        if (weight < 1e-9) /* its share of the mean is below any digit shown */
            continue;
        sum += weight * width_after((double)d, level);
        weight_sum += weight;
    }
    *out = (struct plan_width){n * (1.0 - q), real_exp(n * log_q), weight_sum > 0.0 ? sum / weight_sum : (double)NAN};
    return STATUS_OK;
}

/* Quantile of the k-th of n waiting times of mean 1: 1 - e^-t is Beta(k, n - k + 1). */
static double order_quantile(size_t k, size_t n, double p)
{
    return -real_log(1.0 - prob_beta_quantile(p, (double)k, (double)(n - k + 1)));
}

enum status plan_steps_to_events(struct estimate mean, size_t running, size_t wanted, double level,
                                 struct estimate *out, struct error *err)
{
    enum status status = check(mean.value, level, err);
    if (status != STATUS_OK)
        return status;
    if (!(mean.interval.low > 0.0 && mean.interval.low <= mean.value && mean.interval.high >= mean.value))
        return error_set(err, STATUS_INVALID, "mean %g does not lie in its interval %g to %g", mean.value,
                         mean.interval.low, mean.interval.high);
    if (wanted == 0 || wanted > running)
        return error_set(err, STATUS_INVALID, "%zu more events are wanted of %zu running isotherms", wanted, running);
    double expected = 0.0, tail = 0.5 * (1.0 - level);
    for (size_t i = 0; i < wanted; i++)
        expected += 1.0 / (double)(running - i);
    out->value = mean.value * expected;
    out->interval = (struct interval){mean.interval.low * order_quantile(wanted, running, tail),
                                      mean.interval.high * order_quantile(wanted, running, 1.0 - tail)};
    return STATUS_OK;
}

double plan_steps_of_worker(const struct plan_load *load, double steps)
{
    const double work = steps > load->left ? load->left_of_all + (steps - load->left) * (double)load->runs
                        : load->left > 0.0 ? load->left_of_all * steps / load->left
                                           : 0.0;
    return fmax(steps, work / (double)load->workers);
}
