/* The critical cooling rate of ttt.h directly from ramps. */
#include "server/analysis/ttt.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "server/analysis/prob.h"

#include <math.h>

static enum status check_ramps(const struct ttt_ramp *ramps, size_t count, double fraction, double level,
                               struct error *err)
{
    if (count == 0)
        return error_set(err, STATUS_INVALID, "no ramps");
    if (!(fraction > 0.0 && fraction < 1.0 && level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "fraction %g or level %g is not between 0 and 1", fraction, level);
    for (size_t i = 0; i < count; i++)
        if (!(ramps[i].rate > 0.0 && isfinite(ramps[i].rate)))
            return error_set(err, STATUS_INVALID, "ramp %zu has rate %g", i, ramps[i].rate);
    return STATUS_OK;
}

static size_t ramps_to_lifetimes(const struct ttt_ramp *ramps, size_t count, struct lifetime *lifetimes, double *ones)
{
    size_t transformed = 0;
    for (size_t i = 0; i < count; i++) {
        double inverse = 1.0 / ramps[i].rate;
        ones[i] = 1.0;
        transformed += ramps[i].has_transformed;
        lifetimes[i] = ramps[i].has_transformed ? (struct lifetime){0.0, inverse, inverse}
                                                : (struct lifetime){inverse, (double)INFINITY, inverse};
    }
    return transformed;
}

/* All transformed: the rate A at which that has probability 1 - level, prod (1 - exp(-A / rate_i)) = 1 - level. */
static double slowest_explanation(const struct ttt_ramp *ramps, size_t count, double level)
{
    double low = -700.0, high = 700.0; /* log A */
    for (int halving = 0; halving < 200; halving++) {
        double middle = 0.5 * (low + high), sum = 0.0;
        for (size_t i = 0; i < count; i++)
            sum += real_log(1.0 - real_exp(-real_exp(middle) / ramps[i].rate));
        if (sum < real_log(1.0 - level))
            low = middle;
        else
            high = middle;
    }
    return real_exp(0.5 * (low + high));
}

static enum status estimate_rate(const struct lifetime *lifetimes, const double *ones, size_t count, double fraction,
                                 double level, struct estimate *out, struct error *err)
{
    struct regress_fit fit;
    const double one = 1.0;
    enum status status = regress_fit(lifetimes, ones, count, 1, LIFETIME_EXPONENTIAL, &fit, err);
    if (status != STATUS_OK)
        return status;
    double log_rate = -regress_log_quantile(&fit, &one, fraction);
    double spread = prob_normal_quantile(0.5 + 0.5 * level) * regress_log_quantile_error(&fit, &one, fraction);
    *out = (struct estimate){real_exp(log_rate), {real_exp(log_rate - spread), real_exp(log_rate + spread)}};
    return STATUS_OK;
}

enum status ttt_cooling_from_ramps(const struct ttt_ramp *ramps, size_t count, double fraction, double level,
                                   struct estimate *out, enum ttt_ramp_bound *out_bound, struct error *err)
{
    enum status status = check_ramps(ramps, count, fraction, level, err);
    if (status != STATUS_OK)
        return status;
    struct lifetime *lifetimes = mem_alloc_array(count, sizeof *lifetimes);
    double *ones = mem_alloc_array(count, sizeof *ones), hazard = -real_log(1.0 - fraction);
    if (!lifetimes || !ones) {
        status = mem_error(err, "the ramps");
        goto done;
    }
    size_t transformed = ramps_to_lifetimes(ramps, count, lifetimes, ones);
    if (transformed == 0) {
        double bound = 1.0 / lifetime_bound(lifetime_total_time(lifetimes, count), fraction, level);
        *out = (struct estimate){bound, {0.0, bound}};
        *out_bound = RAMP_BELOW;
    } else if (transformed == count) {
        double bound = slowest_explanation(ramps, count, level) / hazard;
        *out = (struct estimate){bound, {bound, (double)INFINITY}};
        *out_bound = RAMP_ABOVE;
    } else if ((status = estimate_rate(lifetimes, ones, count, fraction, level, out, err)) == STATUS_OK) {
        *out_bound = RAMP_ESTIMATE;
    }
done:
    mem_free(lifetimes);
    mem_free(ones);
    return status;
}
