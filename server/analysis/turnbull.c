/* Turnbull's estimator for survival.h: find the innermost intervals, then share each run's probability among those it
 * covers until the shares agree with themselves. */
#include "server/analysis/survival.h"

#include "common/mem.h"
#include "common/realmath.h"

#include <math.h>
#include <stdlib.h>

enum { ITERATIONS_MAX = 1000000 };

static const double cadence_share_max = 0.02;
static const double mass_small = 1e-9;
static const double gain_small = 1e-8;

/* Ends of (low, high] sort at one time as: start of an exact time, end, start of an open interval. */
enum end_kind {
    END_START_EXACT,
    END_STOP,
    END_START_OPEN,
};

struct end {
    double time;
    enum end_kind kind;
};

bool survival_wants_turnbull(double cadence, double time_50)
{
    return cadence > cadence_share_max * time_50;
}

static bool is_exact(const struct lifetime *one)
{
    return one->low == one->high;
}

static int compare_ends(const void *a, const void *b)
{
    const struct end *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

/* A start directly followed by a stop is an innermost interval: only there can mass raise the likelihood. */
static size_t find_innermost(const struct lifetime *lifetimes, size_t count, struct end *ends,
                             struct turnbull_mass *masses)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        ends[2 * i] = (struct end){lifetimes[i].low, is_exact(&lifetimes[i]) ? END_START_EXACT : END_START_OPEN};
        ends[2 * i + 1] = (struct end){lifetimes[i].high, END_STOP};
    }
    qsort(ends, 2 * count, sizeof *ends, compare_ends);
    for (size_t i = 0; i + 1 < 2 * count; i++)
        if (ends[i].kind != END_STOP && ends[i + 1].kind == END_STOP)
            masses[found++] = (struct turnbull_mass){ends[i].time, ends[i + 1].time, 0.0};
    for (size_t j = 0; j < found; j++)
        masses[j].mass = 1.0 / (double)found;
    return found;
}

static bool covers(const struct lifetime *run, const struct turnbull_mass *mass)
{
    bool starts_before = is_exact(run) ? mass->low == mass->high && mass->low == run->low : run->low <= mass->low;
    bool is_point_at_open_start = !is_exact(run) && mass->low == mass->high && mass->low == run->low;
    return starts_before && !is_point_at_open_start && mass->high <= run->high;
}

static double probability(const struct lifetime *run, const struct turnbull_mass *masses, size_t count)
{
    double sum = 0.0;
    for (size_t j = 0; j < count; j++)
        if (covers(run, &masses[j]))
            sum += masses[j].mass;
    return sum;
}

/* slope[j] = sum over runs that cover j of 1 / P(run); at the maximum it is n where there is mass, at most n elsewhere.
 */
static double slopes(const struct lifetime *lifetimes, size_t runs, const struct turnbull_mass *masses, size_t count,
                     double *slope)
{
    double log_likelihood = 0.0;
    for (size_t j = 0; j < count; j++)
        slope[j] = 0.0;
    for (size_t i = 0; i < runs; i++) {
        double p = probability(&lifetimes[i], masses, count);
        log_likelihood += real_log(p);
        for (size_t j = 0; j < count; j++)
            if (covers(&lifetimes[i], &masses[j]))
                slope[j] += 1.0 / p;
    }
    return log_likelihood;
}

static bool converge(const struct lifetime *lifetimes, size_t runs, struct turnbull_mass *masses, size_t count,
                     double *slope, double *out_log_likelihood)
{
    for (size_t iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
        double worst = 0.0;
        *out_log_likelihood = slopes(lifetimes, runs, masses, count, slope);
        for (size_t j = 0; j < count; j++) {
            worst = fmax(worst, slope[j] / (double)runs - 1.0);
            masses[j].mass *= slope[j] / (double)runs;
        }
        if (worst * (double)runs < gain_small)
            return true;
    }
    return false;
}

static size_t drop_massless(struct turnbull_mass *masses, size_t count)
{
    size_t kept = 0;
    for (size_t j = 0; j < count; j++)
        if (masses[j].mass > mass_small)
            masses[kept++] = masses[j];
    return kept;
}

enum status survival_turnbull(const struct lifetime *lifetimes, size_t count, struct turnbull_curve *out,
                              struct error *err)
{
    struct turnbull_curve curve = {0};
    enum status status = lifetime_check(lifetimes, count, err);
    if (status != STATUS_OK)
        return status;
    struct end *ends = mem_alloc_array(2 * count, sizeof *ends);
    double *slope = mem_alloc_array(count, sizeof *slope);
    curve.masses = mem_alloc_array(count, sizeof *curve.masses);
    if (!ends || !slope || !curve.masses) {
        status = mem_error(err, "Turnbull's curve");
        goto done;
    }
    curve.count = find_innermost(lifetimes, count, ends, curve.masses);
    if (!converge(lifetimes, count, curve.masses, curve.count, slope, &curve.log_likelihood)) {
        status = error_set(err, STATUS_LIMIT, "Turnbull's curve of %zu runs did not settle in %d iterations", count,
                           ITERATIONS_MAX);
        goto done;
    }
    curve.count = drop_massless(curve.masses, curve.count);
    *out = curve;
    curve.masses = NULL;
done:
    mem_free(ends);
    mem_free(slope);
    mem_free(curve.masses);
    return status;
}

void turnbull_curve_finish(struct turnbull_curve *curve)
{
    if (!curve)
        return;
    mem_free(curve->masses);
    *curve = (struct turnbull_curve){0};
}

struct interval turnbull_quantile(const struct turnbull_curve *curve, double fraction)
{
    double sum = 0.0;
    for (size_t j = 0; j < curve->count; j++) {
        sum += curve->masses[j].mass;
        if (sum >= fraction - 1e-9)
            return (struct interval){curve->masses[j].low, curve->masses[j].high};
    }
    return (struct interval){(double)INFINITY, (double)INFINITY};
}
