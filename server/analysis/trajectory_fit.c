#include "server/analysis/trajectory_fit.h"

#include "common/mem.h"
#include "server/analysis/prob.h"

#include <math.h>

static const double correlation_max = 0.3;

/* Sums of a cloud: enough for its means and covariance, and two of them add. */
struct moments {
    double n, x, y, xx, xy, yy;
};

struct block {
    double x, y;           /* means */
    struct moments within; /* of the samples about the block's mean */
    size_t replica;
};

struct line {
    double slope, x_mean, y_mean;
};

static double height_of(const struct line *line, double x)
{
    return line->y_mean + line->slope * (x - line->x_mean);
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
    m->x += other->x;
    m->y += other->y;
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

static struct block make_block(const double *x, const double *y, size_t samples, size_t replica)
{
    struct block block = {.replica = replica};
    struct moments about = {0};
    /* Counted from the first sample, so that squares of large energies do not cancel. */
    for (size_t i = 0; i < samples; i++)
        add(&about, x[i] - x[0], y[i] - y[0]);
    block.x = x[0] + about.x / about.n;
    block.y = y[0] + about.y / about.n;
    block.within = centred(&about);
    return block;
}

/* Whole blocks of each replica; what is left over at its end is not used. */
static size_t count_blocks(const struct trajectory *t, size_t samples)
{
    size_t count = 0;
    for (size_t r = 0; r < t->count; r++)
        count += t->runs[r].count / samples;
    return count;
}

static size_t make_blocks(const struct trajectory *t, size_t samples, struct block *blocks)
{
    size_t count = 0;
    for (size_t r = 0; r < t->count; r++)
        for (size_t first = 0; first + samples <= t->runs[r].count; first += samples)
            blocks[count++] = make_block(&t->runs[r].x[first], &t->runs[r].y[first], samples, r);
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

/* What a part of the cloud adds to a line: its block means about `origin`, and the scatter within its blocks. */
struct part {
    struct moments means, within;
};

static struct part part_of(const struct block *blocks, size_t count, const struct block *origin)
{
    struct part part = {0};
    for (size_t i = 0; i < count; i++) {
        add(&part.means, blocks[i].x - origin->x, blocks[i].y - origin->y);
        add_moments(&part.within, &blocks[i].within);
    }
    return part;
}

static struct part part_sum(const struct part *a, const struct part *b)
{
    struct part sum = *a;
    add_moments(&sum.means, &b->means);
    add_moments(&sum.within, &b->within);
    return sum;
}

static bool fit_part(const struct part *part, const struct block *origin, struct line *out)
{
    struct moments between = centred(&part->means);
    out->x_mean = origin->x + part->means.x / part->means.n;
    out->y_mean = origin->y + part->means.y / part->means.n;
    return slope_of(&between, &part->within, &out->slope);
}

static double residual(const struct line *line, const struct block *block)
{
    return block->y - height_of(line, block->x);
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
    fit->intercept.value = height_of(line, 0.0);
    fit->correlation = cloud.xy / sqrt(cloud.xx * cloud.yy);
    fit->residual_rms = sqrt(squares / (double)count);
    fit->block_correlation = neighbour_correlation(line, blocks, count);
}

/* ---- the jackknife ---- */

/* The line of all, and of all but one of its units at a time. */
struct jackknife {
    size_t units;
    struct line all;
    struct line *without; /* [units] */
};

/* Units are replicas when there are enough of them, else blocks. Fills the part of each; returns how many. */
static size_t make_parts(const struct block *blocks, size_t count, bool by_replica, struct part *parts)
{
    size_t units = 0;
    for (size_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (by_replica && end < count && blocks[end].replica == blocks[first].replica)
            end++;
        parts[units++] = part_of(&blocks[first], end - first, &blocks[0]);
    }
    return units;
}

/* All but one unit are those before it and those after it: nothing is subtracted. */
static bool leave_out(const struct part *parts, struct part *after, const struct block *origin, struct jackknife *out)
{
    struct part before = {0};
    after[out->units - 1] = (struct part){0};
    for (size_t u = out->units - 1; u > 0; u--)
        after[u - 1] = part_sum(&after[u], &parts[u]);
    bool fitted = true;
    for (size_t u = 0; fitted && u < out->units; u++) {
        const struct part rest = part_sum(&before, &after[u]);
        fitted = fit_part(&rest, origin, &out->without[u]);
        before = part_sum(&before, &parts[u]);
    }
    return fitted;
}

/* From the deviations of what a statistic is without each unit. */
struct spread {
    double sum, squares;
};

static void spread_add(struct spread *spread, double deviation)
{
    spread->sum += deviation;
    spread->squares += deviation * deviation;
}

static struct interval spread_interval(const struct spread *spread, double value, size_t units, double level)
{
    double n = (double)units;
    double variance = (n - 1.0) / n * fmax(0.0, spread->squares - spread->sum * spread->sum / n);
    double reach = prob_student_quantile(0.5 + 0.5 * level, n - 2.0) * sqrt(variance);
    return (struct interval){value - reach, value + reach};
}

static struct interval height_interval(const struct jackknife *jackknife, double x, double level)
{
    struct spread spread = {0};
    const double height = height_of(&jackknife->all, x);
    for (size_t u = 0; u < jackknife->units; u++)
        spread_add(&spread, height_of(&jackknife->without[u], x) - height);
    return spread_interval(&spread, height, jackknife->units, level);
}

static struct interval slope_interval(const struct jackknife *jackknife, double level)
{
    struct spread spread = {0};
    for (size_t u = 0; u < jackknife->units; u++)
        spread_add(&spread, jackknife->without[u].slope - jackknife->all.slope);
    return spread_interval(&spread, jackknife->all.slope, jackknife->units, level);
}

/* ---- the fit ---- */

/* Memory for the fits of one trajectory. */
struct bench {
    struct block *blocks; /* [as many as the shortest blocks make] */
    struct part *parts;   /* likewise */
    struct part *after;   /* likewise */
    struct line *lines;   /* likewise */
};

static void bench_finish(struct bench *bench)
{
    mem_free(bench->blocks);
    mem_free(bench->parts);
    mem_free(bench->after);
    mem_free(bench->lines);
}

static enum status bench_init(struct bench *bench, size_t count, struct error *err)
{
    *bench = (struct bench){.blocks = mem_alloc_array(count, sizeof *bench->blocks),
                            .parts = mem_alloc_array(count, sizeof *bench->parts),
                            .after = mem_alloc_array(count, sizeof *bench->after),
                            .lines = mem_alloc_array(count, sizeof *bench->lines)};
    return bench->blocks && bench->parts && bench->after && bench->lines ? STATUS_OK
                                                                         : mem_error(err, "the trajectory's blocks");
}

static enum status fit_with(const struct trajectory *t, size_t samples, double level, const struct bench *bench,
                            struct jackknife *jackknife, struct trajectory_fit *out, struct error *err)
{
    struct trajectory_fit fit = {.block_samples = samples};
    const struct block *blocks = bench->blocks;
    fit.blocks = make_blocks(t, samples, bench->blocks);
    if (fit.blocks < TRAJECTORY_BLOCKS_MIN)
        return error_set(err, STATUS_INVALID, "%zu blocks of %zu samples, not %d", fit.blocks, samples,
                         TRAJECTORY_BLOCKS_MIN);
    fit.replicas = count_replicas(blocks, fit.blocks);
    fit.is_by_replica = fit.replicas >= TRAJECTORY_REPLICAS_MIN;
    const struct part all = part_of(blocks, fit.blocks, &blocks[0]);
    *jackknife = (struct jackknife){.without = bench->lines};
    if (!fit_part(&all, &blocks[0], &jackknife->all))
        return error_set(err, STATUS_INVALID, "the %zu blocks do not lie along a line", fit.blocks);
    describe(&jackknife->all, blocks, fit.blocks, &fit);
    jackknife->units = make_parts(blocks, fit.blocks, fit.is_by_replica, bench->parts);
    if (!leave_out(bench->parts, bench->after, &blocks[0], jackknife))
        return error_set(err, STATUS_INVALID, "the line rests on one of its %zu parts", jackknife->units);
    fit.slope.interval = slope_interval(jackknife, level);
    fit.intercept.interval = height_interval(jackknife, 0.0, level);
    *out = fit;
    return STATUS_OK;
}

/* The shortest blocks whose residuals have forgotten their neighbours. */
static enum status fit_doubling(const struct trajectory *t, size_t samples, double level, const struct bench *bench,
                                struct jackknife *jackknife, struct trajectory_fit *out, struct error *err)
{
    enum status status = fit_with(t, samples, level, bench, jackknife, out, err);
    while (status == STATUS_OK && out->block_correlation > correlation_max) {
        samples *= 2;
        if (count_blocks(t, samples) < 2 * TRAJECTORY_BLOCKS_MIN)
            break;
        status = fit_with(t, samples, level, bench, jackknife, out, err);
    }
    return status;
}

static void fill_band(const struct jackknife *jackknife, double level, struct trajectory_band *band)
{
    for (size_t i = 0; i < band->count; i++) {
        band->y[i] = height_of(&jackknife->all, band->x[i]);
        band->reach[i] = height_interval(jackknife, band->x[i], level);
    }
}

static enum status check(const struct trajectory *t, size_t block_samples, double level, struct error *err)
{
    if (block_samples != 0 && block_samples < TRAJECTORY_BLOCK_SAMPLES_MIN)
        return error_set(err, STATUS_INVALID, "blocks of %zu samples have no scatter", block_samples);
    if (!(level > 0.0 && level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", level);
    for (size_t r = 0; r < t->count; r++)
        for (size_t i = 0; i < t->runs[r].count; i++)
            if (!(isfinite(t->runs[r].x[i]) && isfinite(t->runs[r].y[i])))
                return error_set(err, STATUS_INVALID, "sample %zu of run %zu is (%g, %g)", i, r, t->runs[r].x[i],
                                 t->runs[r].y[i]);
    return STATUS_OK;
}

static size_t shortest_blocks(const struct trajectory *t)
{
    size_t samples = TRAJECTORY_BLOCK_SAMPLES_MIN;
    while (count_blocks(t, samples) > TRAJECTORY_BLOCKS_MAX)
        samples *= 2;
    return samples;
}

enum status trajectory_fit(const struct trajectory *trajectory, size_t block_samples, double level,
                           struct trajectory_band *band, struct trajectory_fit *out, struct error *err)
{
    struct bench bench;
    struct jackknife jackknife;
    enum status status = check(trajectory, block_samples, level, err);
    if (status != STATUS_OK)
        return status;
    const size_t samples = block_samples ? block_samples : shortest_blocks(trajectory);
    status = bench_init(&bench, count_blocks(trajectory, samples), err);
    if (status == STATUS_OK)
        status = block_samples ? fit_with(trajectory, samples, level, &bench, &jackknife, out, err)
                               : fit_doubling(trajectory, samples, level, &bench, &jackknife, out, err);
    if (status == STATUS_OK && band)
        fill_band(&jackknife, level, band);
    bench_finish(&bench);
    return status;
}
