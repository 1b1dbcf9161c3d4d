#include "server/analysis/trajectory_fit.h"

#include "common/mem.h"
#include "server/analysis/prob.h"

#include <math.h>

static const double correlation_max = 0.3;

/* Sums of a cloud: enough for its means and covariance, and two of them subtract. */
struct moments {
    double n, x, y, xx, xy, yy;
};

struct block {
    double x, y;           /* means */
    struct moments within; /* of the samples about the block's mean */
    uint32_t replica;
};

struct line {
    double slope, x_mean, y_mean;
};

static double intercept_of(const struct line *line)
{
    return line->y_mean - line->slope * line->x_mean;
}

static void add(struct moments *m, double x, double y)
{
    m->n += 1.0;
    m->x += x;
    m->y += y;
    m->xx += x * x;
    m->xy += x * y;
    m->yy += y * y;
}

static void add_moments(struct moments *m, const struct moments *other)
{
    m->n += other->n;
    m->xx += other->xx;
    m->xy += other->xy;
    m->yy += other->yy;
}

/* About its own mean, not divided. */
static struct moments centred(const struct moments *m)
{
    return (struct moments){
        m->n, 0.0, 0.0, m->xx - m->x * m->x / m->n, m->xy - m->x * m->y / m->n, m->yy - m->y * m->y / m->n};
}

/* ---- blocks ---- */

static struct block make_block(const struct trajectory *t, size_t first, size_t samples)
{
    struct block block = {.replica = t->replica[first]};
    struct moments about = {0};
    /* Counted from the first sample, so that squares of large energies do not cancel. */
    for (size_t i = first; i < first + samples; i++)
        add(&about, t->x[i] - t->x[first], t->y[i] - t->y[first]);
    block.x = t->x[first] + about.x / about.n;
    block.y = t->y[first] + about.y / about.n;
    block.within = centred(&about);
    return block;
}

/* Whole blocks of each replica; what is left over at its end is not used. */
static size_t make_blocks(const struct trajectory *t, size_t samples, struct block *blocks)
{
    size_t count = 0;
    for (size_t first = 0; first < t->count;) {
        size_t end = first;
        while (end < t->count && end < first + samples && t->replica[end] == t->replica[first])
            end++;
        if (end == first + samples)
            blocks[count++] = make_block(t, first, samples);
        first = end;
    }
    return count;
}

static size_t count_replicas(const struct block *blocks, size_t count)
{
    size_t replicas = 0;
    for (size_t i = 0; i < count; i++)
        replicas += i == 0 || blocks[i].replica != blocks[i - 1].replica;
    return replicas;
}

/* ---- the line ---- */

/* The smallest root of det(B - lambda W) = 0. */
static double smallest_root(const struct moments *b, const struct moments *w)
{
    double a = w->xx * w->yy - w->xy * w->xy;
    double half = 0.5 * (b->xx * w->yy + b->yy * w->xx - 2.0 * b->xy * w->xy);
    double c = b->xx * b->yy - b->xy * b->xy;
    double root = sqrt(fmax(0.0, half * half - a * c));
    return c / (half + root); /* the same as (half - root) / a, without its cancellation */
}

/* slope = -n_x / n_y with (B - lambda W) n = 0. */
static bool slope_of(const struct moments *between, const struct moments *within, double *out)
{
    /* A floor on W keeps a cloud without scatter inside its blocks solvable; it is far below any measured scatter. */
    struct moments w = *within;
    w.xx = w.xx / w.n + 1e-12 * between->xx;
    w.yy = w.yy / w.n + 1e-12 * between->yy;
    w.xy = w.xy / w.n;
    if (!(between->xx > 0.0 && between->yy > 0.0))
        return false;
    double lambda = smallest_root(between, &w);
    double xx = between->xx - lambda * w.xx, xy = between->xy - lambda * w.xy, yy = between->yy - lambda * w.yy;
    /* Either row of the matrix gives n; the larger one is the better conditioned (in units of the cloud itself). */
    double slope = fabs(xx) / between->xx > fabs(yy) / between->yy ? xy / xx : yy / xy;
    *out = slope;
    return isfinite(slope);
}

/* The line of all blocks but those of one jackknife unit (unit == SIZE_MAX: of all). unit_of[i] numbers the units. */
static bool fit_blocks(const struct block *blocks, const size_t *unit_of, size_t count, size_t left_out,
                       struct line *out)
{
    struct moments sum = {0}, within = {0};
    double x_origin = blocks[0].x, y_origin = blocks[0].y;
    for (size_t i = 0; i < count; i++) {
        if (unit_of[i] == left_out)
            continue;
        add(&sum, blocks[i].x - x_origin, blocks[i].y - y_origin);
        add_moments(&within, &blocks[i].within);
    }
    struct moments between = centred(&sum);
    out->x_mean = x_origin + sum.x / sum.n;
    out->y_mean = y_origin + sum.y / sum.n;
    return slope_of(&between, &within, &out->slope);
}

static double residual(const struct line *line, const struct block *block)
{
    return block->y - line->y_mean - line->slope * (block->x - line->x_mean);
}

/* Correlation of the residuals of neighbouring blocks of one replica. */
static double neighbour_correlation(const struct line *line, const struct block *blocks, size_t count)
{
    double products = 0.0, squares = 0.0, pairs = 0.0;
    for (size_t i = 0; i < count; i++) {
        double r = residual(line, &blocks[i]);
        squares += r * r;
        if (i > 0 && blocks[i].replica == blocks[i - 1].replica) {
            products += r * residual(line, &blocks[i - 1]);
            pairs += 1.0;
        }
    }
    return pairs > 0.0 && squares > 0.0 ? products / pairs * (double)count / squares : 0.0;
}

static void describe(const struct line *line, const struct block *blocks, size_t count, struct trajectory_fit *fit)
{
    struct moments sum = {0};
    double squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        double r = residual(line, &blocks[i]);
        squares += r * r;
        add(&sum, blocks[i].x - line->x_mean, blocks[i].y - line->y_mean);
    }
    struct moments cloud = centred(&sum);
    fit->x_mean = line->x_mean;
    fit->y_mean = line->y_mean;
    fit->slope.value = line->slope;
    fit->intercept.value = intercept_of(line);
    fit->correlation = cloud.xy / sqrt(cloud.xx * cloud.yy);
    fit->residual_rms = sqrt(squares / (double)count);
    fit->block_correlation = neighbour_correlation(line, blocks, count);
}

/* ---- the jackknife ---- */

/* Units are replicas when there are enough of them, else blocks. Returns how many. */
static size_t number_units(const struct block *blocks, size_t count, bool by_replica, size_t *unit_of)
{
    size_t unit = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (!by_replica || blocks[i].replica != blocks[i - 1].replica))
            unit++;
        unit_of[i] = unit;
    }
    return unit + 1;
}

static struct interval jackknife_interval(double value, double sum, double squares, size_t units, double level)
{
    double n = (double)units, variance = (n - 1.0) / n * fmax(0.0, squares - sum * sum / n);
    double spread = prob_student_quantile(0.5 + 0.5 * level, n - 2.0) * sqrt(variance);
    return (struct interval){value - spread, value + spread};
}

/* Sums of deviations from the full fit, one unit left out at a time. */
static bool jackknife(const struct block *blocks, const size_t *unit_of, size_t count, size_t units, double level,
                      struct trajectory_fit *fit)
{
    double slope_sum = 0.0, slope_squares = 0.0, intercept_sum = 0.0, intercept_squares = 0.0;
    for (size_t unit = 0; unit < units; unit++) {
        struct line line;
        if (!fit_blocks(blocks, unit_of, count, unit, &line))
            return false;
        double ds = line.slope - fit->slope.value, di = intercept_of(&line) - fit->intercept.value;
        slope_sum += ds;
        slope_squares += ds * ds;
        intercept_sum += di;
        intercept_squares += di * di;
    }
    fit->slope.interval = jackknife_interval(fit->slope.value, slope_sum, slope_squares, units, level);
    fit->intercept.interval = jackknife_interval(fit->intercept.value, intercept_sum, intercept_squares, units, level);
    return true;
}

static enum status fit_with(const struct trajectory *t, size_t samples, double level, struct block *blocks,
                            size_t *unit_of, struct trajectory_fit *out, struct error *err)
{
    struct trajectory_fit fit = {.block_samples = samples};
    struct line line;
    fit.blocks = make_blocks(t, samples, blocks);
    if (fit.blocks < TRAJECTORY_BLOCKS_MIN)
        return error_set(err, STATUS_INVALID, "%zu blocks of %zu samples, not %d", fit.blocks, samples,
                         TRAJECTORY_BLOCKS_MIN);
    fit.replicas = count_replicas(blocks, fit.blocks);
    fit.is_by_replica = fit.replicas >= TRAJECTORY_REPLICAS_MIN;
    size_t units = number_units(blocks, fit.blocks, fit.is_by_replica, unit_of);
    if (!fit_blocks(blocks, unit_of, fit.blocks, SIZE_MAX, &line))
        return error_set(err, STATUS_INVALID, "the %zu blocks do not lie along a line", fit.blocks);
    describe(&line, blocks, fit.blocks, &fit);
    if (!jackknife(blocks, unit_of, fit.blocks, units, level, &fit))
        return error_set(err, STATUS_INVALID, "the line rests on one of its %zu parts", units);
    *out = fit;
    return STATUS_OK;
}

/* The shortest blocks whose residuals have forgotten their neighbours. */
static enum status fit_doubling(const struct trajectory *t, double level, struct block *blocks, size_t *unit_of,
                                struct trajectory_fit *out, struct error *err)
{
    size_t samples = TRAJECTORY_BLOCK_SAMPLES_MIN;
    enum status status = fit_with(t, samples, level, blocks, unit_of, out, err);
    while (status == STATUS_OK && out->block_correlation > correlation_max) {
        samples *= 2;
        if (make_blocks(t, samples, blocks) < 2 * TRAJECTORY_BLOCKS_MIN)
            break;
        status = fit_with(t, samples, level, blocks, unit_of, out, err);
    }
    return status;
}

static enum status check(const struct trajectory *t, size_t block_samples, double level, struct error *err)
{
    if (block_samples != 0 && block_samples < TRAJECTORY_BLOCK_SAMPLES_MIN)
        return error_set(err, STATUS_INVALID, "blocks of %zu samples have no scatter", block_samples);
    if (!(level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", level);
    for (size_t i = 0; i < t->count; i++)
        if (!(isfinite(t->x[i]) && isfinite(t->y[i])))
            return error_set(err, STATUS_INVALID, "sample %zu is (%g, %g)", i, t->x[i], t->y[i]);
    return STATUS_OK;
}

enum status trajectory_fit(const struct trajectory *trajectory, size_t block_samples, double level,
                           struct trajectory_fit *out, struct error *err)
{
    enum status status = check(trajectory, block_samples, level, err);
    if (status != STATUS_OK)
        return status;
    struct block *blocks = mem_alloc_array(trajectory->count, sizeof *blocks);
    size_t *unit_of = mem_alloc_array(trajectory->count, sizeof *unit_of);
    if (!blocks || !unit_of)
        status = mem_error(err, "the trajectory's blocks");
    else if (block_samples == 0)
        status = fit_doubling(trajectory, level, blocks, unit_of, out, err);
    else
        status = fit_with(trajectory, block_samples, level, blocks, unit_of, out, err);
    mem_free(blocks);
    mem_free(unit_of);
    return status;
}
