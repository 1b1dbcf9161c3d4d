#include "worker/minimize/cg.h"

#include "common/mem.h"
#include "worker/kernels/kernels.h"
#include "worker/md/force.h"
#include "worker/minimize/rows.h"

#include <math.h>
#include <string.h>

static const double move_max = 0.1;       /* sigma: farthest a coordinate moves in one trial step */
static const double slope_accept = 0.3;   /* a trial ends a line when the slope has fallen to this part */
static const double blend_move = 0.003;   /* sigma: see can_blend */
static const double energy_noise = 1e-13; /* of the energy: what rounding may make of it */
enum { LINE_TRIALS_MAX = 12, STALL_EVALUATIONS = 600 };

/* A place on the way down: position, force and the energy there. Vectors of rows.h. */
struct point {
    double *position, *force;
    struct rows_sums sums;
};

struct descent {
    struct rows rows;
    const struct cg_options *options;
    struct point here, trial;
    double *direction;
    double curvature; /* epsilon/sigma^2: second derivative of the energy along the last line, per unit length; 0 = not
                         known */
    uint32_t evaluations;
    bool blended;             /* force and energy `here` were interpolated */
    double force_best;        /* epsilon/sigma, the smallest so far */
    double energy_best;       /* epsilon, the lowest so far */
    uint32_t evaluation_best; /* when one of them was last lowered */
};

/* Sums in eight partial sums and one fixed tree, so that compilers may use any width and give the same bits. */
static double dot(const double *restrict a, const double *restrict b, size_t length)
{
    double part[8] = {0};
    for (size_t n = 0; n < length; n += 8)
        for (size_t l = 0; l < 8; l++)
            part[l] += a[n + l] * b[n + l];
    return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

static double largest(const double *a, size_t length)
{
    double most = 0.0;
    for (size_t n = 0; n < length; n++)
        most = fabs(a[n]) > most ? fabs(a[n]) : most;
    return most;
}

static void step_from(const double *restrict position, const double *restrict direction, double alpha, size_t length,
                      double *restrict out)
{
    for (size_t n = 0; n < length; n++)
        out[n] = position[n] + alpha * direction[n];
}

/* b becomes a + t (b - a). */
static void blend(const double *restrict a, double t, size_t length, double *restrict b)
{
    for (size_t n = 0; n < length; n++)
        b[n] = a[n] + t * (b[n] - a[n]);
}

static void swap_points(struct point *a, struct point *b)
{
    const struct point t = *a;
    *a = *b;
    *b = t;
}

static enum status evaluate(struct descent *descent, struct point *point, struct error *err)
{
    descent->evaluations++;
    enum status status = rows_evaluate(&descent->rows, point->position, point->force, &point->sums, err);
    if (status != STATUS_OK)
        return status;
    if (!isfinite(point->sums.energy) || !isfinite(largest(point->force, descent->rows.length)))
        return error_set(err, STATUS_PHYSICS, "the energy is not finite: two atoms are at the same place");
    return STATUS_OK;
}

/* A line, from `here` along the direction. Slopes are derivatives of the energy by alpha. */
struct line {
    double slope;      /* at the start, < 0 */
    double move;       /* sigma: farthest a coordinate moves for alpha = 1 */
    double length_sq;  /* of the direction */
    double energy_max; /* epsilon: what a trial may have */
};

/* Where a trial stands on its line. */
struct trial {
    double alpha, slope;
};

static struct line make_line(const struct descent *descent)
{
    const size_t length = descent->rows.length;
    const double energy = descent->here.sums.energy;
    return (struct line){
        .slope = -dot(descent->here.force, descent->direction, length),
        .move = largest(descent->direction, length),
        .length_sq = dot(descent->direction, descent->direction, length),
        .energy_max = energy + energy_noise * fabs(energy),
    };
}

/* Where the energy would end if it were curved like along the last line. */
static double first_alpha(const struct descent *descent, const struct line *line)
{
    const double most = move_max / line->move;
    if (!(descent->curvature > 0.0))
        return fmin(most, 0.01 / line->move);
    return fmin(most, -line->slope / (descent->curvature * line->length_sq));
}

/* Where the slope vanishes if it is linear between the start and the trial. */
static double bottom_of(const struct line *line, struct trial trial)
{
    return trial.slope > line->slope ? trial.alpha * line->slope / (line->slope - trial.slope) : INFINITY;
}

/* The error of an interpolated force is half its third derivative times alpha_0 (alpha_0 - alpha) times the direction
 * squared. A Lennard-Jones pair's force constant changes by a factor of 1 + 20 d when the pair is stretched by d, so d
 * = 0.003 keeps the forces that drive the descent right to a few per cent of their change along the line. */
static bool can_blend(const struct line *line, struct trial trial)
{
    const double bottom = bottom_of(line, trial);
    return bottom < 4.0 * trial.alpha &&
           bottom * fabs(bottom - trial.alpha) * line->move * line->move < blend_move * blend_move;
}

static bool is_good(const struct line *line, struct trial trial)
{
    return fabs(trial.slope) <= slope_accept * -line->slope || can_blend(line, trial) ||
           (trial.slope < 0.0 && trial.alpha * line->move >= move_max * (1.0 - 1e-12));
}

/* The bottom lies beyond `low`, and before `high` once there is one (alpha 0: none yet). */
static double next_alpha(const struct line *line, struct trial low, struct trial high)
{
    if (high.alpha == 0.0)
        return fmin(fmin(fmax(bottom_of(line, low), 1.2 * low.alpha), 4.0 * low.alpha), move_max / line->move);
    const double width = high.alpha - low.alpha;
    const double secant = high.slope > 0.0 ? low.alpha - width * low.slope / (high.slope - low.slope) : low.alpha;
    return fmin(fmax(secant, low.alpha + 0.1 * width), high.alpha - 0.1 * width);
}

/* Trials until one is good; out_found false when none of them is, or evaluations have run out. */
static enum status search_line(struct descent *descent, const struct line *line, struct trial *out_trial,
                               bool *out_found, struct error *err)
{
    struct trial low = {0.0, line->slope}, high = {0.0, 0.0};
    double alpha = first_alpha(descent, line);
    *out_found = false;
    for (int n = 0; n < LINE_TRIALS_MAX && descent->evaluations < descent->options->evaluations_max; n++) {
        step_from(descent->here.position, descent->direction, alpha, descent->rows.length, descent->trial.position);
        enum status status = evaluate(descent, &descent->trial, err);
        if (status != STATUS_OK)
            return status;
        const struct trial trial = {alpha, -dot(descent->trial.force, descent->direction, descent->rows.length)};
        const bool falls = descent->trial.sums.energy <= line->energy_max;
        if (falls && is_good(line, trial)) {
            *out_trial = trial;
            *out_found = true;
            return STATUS_OK;
        }
        if (falls && trial.slope < 0.0)
            low = trial;
        else
            high = trial;
        alpha = next_alpha(line, low, high);
    }
    return STATUS_OK;
}

/* Moves `here` to the end of the line: to the trial, or to the bottom beside it. The old force is left in `trial`. */
static void end_line(struct descent *descent, const struct line *line, struct trial trial)
{
    const size_t length = descent->rows.length;
    const double curvature = (trial.slope - line->slope) / (trial.alpha * line->length_sq);
    descent->curvature = curvature > 0.0 ? curvature : 0.0;
    descent->blended = can_blend(line, trial);
    swap_points(&descent->here, &descent->trial);
    if (!descent->blended)
        return;
    const double bottom = bottom_of(line, trial);
    step_from(descent->trial.position, descent->direction, bottom, length, descent->here.position);
    blend(descent->trial.force, bottom / trial.alpha, length, descent->here.force);
    descent->here.sums.energy += 0.5 * trial.slope * (bottom - trial.alpha);
}

static void point_along_force(struct descent *descent)
{
    memcpy(descent->direction, descent->here.force, descent->rows.length * sizeof(double));
}

/* The next direction; `trial` holds the force of the line's start. Steepest descent where the conjugate one does not
 * point downhill. */
static void turn(struct descent *descent)
{
    const size_t length = descent->rows.length;
    const double *force = descent->here.force, *before = descent->trial.force;
    const double square = dot(force, force, length);
    const double beta = (square - dot(force, before, length)) / dot(before, before, length);
    if (!(beta > 0.0)) {
        point_along_force(descent);
        return;
    }
    for (size_t n = 0; n < length; n++)
        descent->direction[n] = force[n] + beta * descent->direction[n];
    if (dot(force, descent->direction, length) < 0.01 * square)
        point_along_force(descent);
}

/* Neither force nor energy has been lowered for long: the descent is at its machine's limit. */
static bool is_stalled(struct descent *descent)
{
    const double force = largest(descent->here.force, descent->rows.length);
    const double energy = descent->here.sums.energy;
    const bool lower_force = force < 0.9 * descent->force_best;
    const bool lower_energy = energy < descent->energy_best - 10.0 * energy_noise * fabs(energy);
    if (lower_force)
        descent->force_best = force;
    if (lower_energy)
        descent->energy_best = energy;
    if (lower_force || lower_energy)
        descent->evaluation_best = descent->evaluations;
    return descent->evaluations - descent->evaluation_best > STALL_EVALUATIONS;
}

/* The true force where an interpolated one stands. */
static enum status settle(struct descent *descent, struct error *err)
{
    if (!descent->blended)
        return STATUS_OK;
    descent->blended = false;
    return evaluate(descent, &descent->here, err);
}

/* True (with a true force) when every component is below the tolerance. */
static enum status check_converged(struct descent *descent, bool *out_converged, struct error *err)
{
    const size_t length = descent->rows.length;
    *out_converged = largest(descent->here.force, length) <= descent->options->force_max;
    if (!*out_converged || !descent->blended)
        return STATUS_OK;
    enum status status = settle(descent, err);
    *out_converged = largest(descent->here.force, length) <= descent->options->force_max;
    return status;
}

/* One line. When the conjugate direction leads nowhere the force itself is tried; when that leads nowhere either, it is
 * the end: out_stuck. */
static enum status descend_once(struct descent *descent, bool *out_stuck, struct error *err)
{
    *out_stuck = false;
    for (int attempt = 0; attempt < 2; attempt++) {
        const struct line line = make_line(descent);
        struct trial trial;
        bool found = false;
        enum status status = line.slope < 0.0 ? search_line(descent, &line, &trial, &found, err) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
        if (found) {
            end_line(descent, &line, trial);
            turn(descent);
            return STATUS_OK;
        }
        if ((status = settle(descent, err)) != STATUS_OK)
            return status;
        point_along_force(descent);
        descent->curvature = 0.0;
    }
    *out_stuck = true;
    return STATUS_OK;
}

static enum status descend(struct descent *descent, bool *out_converged, struct error *err)
{
    enum status status = evaluate(descent, &descent->here, err);
    bool stuck = false;
    *out_converged = false;
    point_along_force(descent);
    descent->force_best = INFINITY;
    descent->energy_best = INFINITY;
    while (status == STATUS_OK) {
        status = check_converged(descent, out_converged, err);
        if (status != STATUS_OK || *out_converged || stuck || is_stalled(descent) ||
            descent->evaluations >= descent->options->evaluations_max)
            break;
        status = descend_once(descent, &stuck, err);
    }
    return status == STATUS_OK ? settle(descent, err) : status;
}

static enum status allocate(struct descent *descent, struct error *err)
{
    double **const vectors[] = {&descent->here.position, &descent->here.force, &descent->trial.position,
                                &descent->trial.force, &descent->direction};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        if (!(*vectors[i] = mem_alloc_aligned(descent->rows.length, sizeof(double))))
            return mem_error(err, "the minimiser");
    return STATUS_OK;
}

static void finish(struct descent *descent)
{
    rows_finish(&descent->rows);
    mem_free(descent->here.position);
    mem_free(descent->here.force);
    mem_free(descent->trial.position);
    mem_free(descent->trial.force);
    mem_free(descent->direction);
}

/* The same forces without the energy's jumps. */
static struct potential without_jumps(const struct potential *potential)
{
    struct potential smooth = *potential;
    const double inverse = 1.0 / (potential->cutoff * potential->cutoff), u6 = inverse * inverse * inverse;
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 2; b++)
            if (potential->cut == CUT_TRUNCATED)
                smooth.shift[a][b] = (potential->c12[a][b] * u6 - potential->c6[a][b]) * u6;
    return smooth;
}

/* The energy in the potential's own convention, where the descent was on another. */
static enum status restore_jumps(const struct potential *potential, const struct configuration *configuration,
                                 struct cg_result *result, struct error *err)
{
    struct configuration scratch;
    struct force_sums sums;
    if (potential->cut != CUT_TRUNCATED)
        return STATUS_OK;
    enum status status = configuration_init(&scratch, configuration->atoms, err);
    if (status != STATUS_OK)
        return status;
    status = force_compute(potential, configuration, scratch.position, NULL, &sums, err);
    if (status == STATUS_OK)
        result->energy = sums.energy;
    configuration_finish(&scratch);
    return status;
}

enum status cg_minimize(const struct potential *potential, const struct cg_options *options,
                        struct configuration *configuration, struct cg_result *out_result, struct error *err)
{
    const struct kernels *kernels = options->kernels;
    if (!kernels) {
        enum status status = kernels_find("auto", &kernels, err);
        if (status != STATUS_OK)
            return status;
    }
    const struct potential smooth = without_jumps(potential);
    struct descent descent = {.options = options};
    bool converged;
    enum status status = rows_init(&descent.rows, kernels, &smooth, configuration, err);
    if (status == STATUS_OK)
        status = allocate(&descent, err);
    if (status == STATUS_OK) {
        rows_load_positions(&descent.rows, configuration, descent.here.position);
        rows_load_positions(&descent.rows, configuration, descent.trial.position);
        status = descend(&descent, &converged, err);
    }
    if (status == STATUS_OK) {
        rows_store_positions(&descent.rows, descent.here.position, configuration);
        struct cg_result result = {
            .converged = converged,
            .iterations = descent.evaluations,
            .force_max = largest(descent.here.force, descent.rows.length),
            .energy = descent.here.sums.energy,
            .virial = descent.here.sums.virial,
        };
        status = restore_jumps(potential, configuration, &result, err);
        if (status == STATUS_OK)
            *out_result = result;
    }
    finish(&descent);
    return status;
}
