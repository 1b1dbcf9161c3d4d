#include "server/cmd/ttt_result.h"

#include "common/mem.h"
#include "common/realmath.h"

#include <math.h>
#include <string.h>

enum { GRID_POINTS = 81, SMOOTHING = 50, VOLUME_SAMPLES_MIN = 5, TTT_EVENTS_MIN = 5 };

const double ttt_level = 0.95;
const double ttt_ico_targets[TTT_TARGETS] = {0.15, 0.20, 0.25};
const double ttt_length_targets[TTT_TARGETS] = {0.5, 0.75, 1.0};

static const double grid_margin = 0.1;   /* of the data's range, drawn on either side of it */
static const double plateau_share = 0.1; /* of a run's samples: the last ones, where it has finished */
static const double plateau_rise = 0.02; /* of the plateau, over these: avrami_fit takes 0.98 for complete */
static const struct estimate unknown = {(double)NAN, {(double)NAN, (double)NAN}};

static struct bootstrap_options bootstrap_of(const struct ttt_result *result)
{
    return (struct bootstrap_options){.seed = result->item->campaign->seed,
                                      .resamples = BOOTSTRAP_RESAMPLES,
                                      .level = ttt_level,
                                      .cadence = (double)result->item->spec->sampling.inherent_every};
}

/* A number that could not be had is no failure of the verb: why it could not is kept and told. Other failures are. */
static enum status keep_reason(enum status status, const struct error *why, char text[TTT_WHY_SIZE], struct error *err)
{
    if (status == STATUS_OK || status == STATUS_INVALID || status == STATUS_LIMIT) {
        snprintf(text, TTT_WHY_SIZE, "%s", status == STATUS_OK ? "" : why->message);
        return STATUS_OK;
    }
    *err = *why;
    return status;
}

/* ---- one isotherm ---- */

/* Lifetimes of the runs that did not cross in the ramp, with their causes. */
struct lives {
    size_t count;
    struct lifetime *life; /* [count] */
    size_t *cause;         /* [count] */
};

static void lives_finish(struct lives *lives)
{
    mem_free(lives->life);
    mem_free(lives->cause);
}

static enum status lives_init(const struct ttt_isotherm *isotherm, struct lives *lives, struct error *err)
{
    *lives = (struct lives){.life = mem_alloc_array(isotherm->box_count, sizeof *lives->life),
                            .cause = mem_alloc_array(isotherm->box_count, sizeof *lives->cause)};
    if (!lives->life || !lives->cause)
        return mem_error(err, "the lifetimes of an isotherm");
    for (size_t i = 0; i < isotherm->box_count; i++)
        if (isotherm->boxes[i].course.event.kind != EVENT_IN_RAMP) {
            lives->cause[lives->count] = isotherm->boxes[i].cause;
            lives->life[lives->count++] = isotherm->boxes[i].course.event.life;
        }
    return STATUS_OK;
}

static enum status fit_law(const struct ttt_result *result, const struct lives *lives, struct ttt_isotherm *isotherm,
                           struct error *err)
{
    const struct bootstrap_options options = bootstrap_of(result);
    struct error why = {0};
    enum status status = lifetime_fit(lives->life, lives->count, &options, &isotherm->fit, &why);
    isotherm->has_fit = status == STATUS_OK;
    return keep_reason(status, &why, isotherm->why, err);
}

/* An event is dated at the end of its cell, where Kaplan and Meier's curve falls late by up to a cadence. */
static enum status find_turnbull_median(const struct lives *lives, double cadence, struct ttt_isotherm *isotherm,
                                        struct error *err)
{
    enum status status = survival_turnbull(lives->life, lives->count, &isotherm->turnbull, err);
    if (status != STATUS_OK)
        return status;
    isotherm->median_cell = turnbull_quantile(&isotherm->turnbull, 0.5);
    isotherm->median.value = (double)NAN;
    isotherm->median.interval.low = fmax(0.0, isotherm->median.interval.low - cadence);
    return STATUS_OK;
}

static enum status find_median(const struct ttt_result *result, const struct lives *lives,
                               struct ttt_isotherm *isotherm, struct error *err)
{
    enum status status = survival_kaplan_meier(lives->life, lives->count, ttt_level, &isotherm->survival, err);
    if (status != STATUS_OK)
        return status;
    isotherm->median = survival_quantile(&isotherm->survival, 0.5);
    const double cadence = (double)result->item->spec->sampling.inherent_every;
    isotherm->is_turnbull =
        isfinite(isotherm->median.value) && survival_wants_turnbull(cadence, isotherm->median.value);
    return isotherm->is_turnbull ? find_turnbull_median(lives, cadence, isotherm, err) : STATUS_OK;
}

static enum status find_incidence(const struct ttt_result *result, const struct lives *lives,
                                  struct ttt_isotherm *isotherm, struct error *err)
{
    const size_t causes = result->request->order.cause_count;
    enum status status = STATUS_OK;
    for (size_t c = 0; status == STATUS_OK && c < causes; c++) {
        struct incidence_curve curve;
        status = survival_aalen_johansen(lives->life, lives->cause, lives->count, causes, c, ttt_level, &curve, err);
        if (status != STATUS_OK)
            break;
        for (size_t i = 0; i < lives->count; i++)
            isotherm->cause_events[c] += lives->cause[i] == c;
        isotherm->events += isotherm->cause_events[c];
        if (curve.count > 0)
            isotherm->incidence[c] = curve.points[curve.count - 1].incidence;
        incidence_curve_finish(&curve);
    }
    return status;
}

/* Onsets or finishes of the runs that have a say in them: fills `room`, returns how many. */
static size_t collect_course(const struct ttt_isotherm *isotherm, bool onset, struct lifetime *room)
{
    size_t count = 0;
    for (size_t i = 0; i < isotherm->box_count; i++) {
        const struct event_course *course = &isotherm->boxes[i].course;
        const struct lifetime *life = onset ? &course->onset : &course->finish;
        if (life->horizon > 0.0)
            room[count++] = *life;
    }
    return count;
}

/* Lifetimes that give no law leave the time unknown. */
static enum status time_by_shape(const struct lifetime *lifetimes, size_t count, double shape, double *out_time,
                                 struct error *err)
{
    struct error why = {0};
    enum status status = lifetime_time_50(lifetimes, count, shape, out_time, &why);
    if (status == STATUS_NO_MEMORY)
        *err = why;
    else if (status != STATUS_OK)
        *out_time = (double)NAN;
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

/* By the law of the events, with the shape that fits best; where none does, or the two laws cross, with their shape. */
static enum status find_course(const struct ttt_isotherm *isotherm, bool onset, struct lifetime *room, double *out_time,
                               struct error *err)
{
    const struct lifetime_fit *fit = &isotherm->fit;
    const double event = fit->time[FRACTION_50].value;
    const size_t count = collect_course(isotherm, onset, room);
    *out_time = (double)NAN;
    if (!isotherm->has_fit || fit->is_bound)
        return STATUS_OK;
    enum status status = fit->law == LIFETIME_WEIBULL ? time_by_shape(room, count, 0.0, out_time, err) : STATUS_OK;
    if (status != STATUS_OK || (onset ? *out_time <= event : *out_time >= event))
        return status;
    return time_by_shape(room, count, fit->shape, out_time, err);
}

static enum status vary_rule(const struct ttt_result *result, struct ttt_isotherm *isotherm, struct error *err)
{
    const struct ttt_order *order = &result->request->order;
    const struct sensitivity_rules rules = sensitivity_rules_around(&order->rule, &order->scale);
    struct sensitivity_events *runs = mem_alloc_array(isotherm->box_count, sizeof *runs);
    if (!runs)
        return mem_error(err, "the sensitivity table");
    for (size_t i = 0; i < isotherm->box_count; i++)
        runs[i] = isotherm->boxes[i].sensitivity;
    enum status status = sensitivity_table(runs, isotherm->box_count, &rules, &isotherm->sensitivity, err);
    mem_free(runs);
    return status;
}

static double box_volume(const struct ttt_result *result)
{
    return result->item->spec->system.atoms * result->item->spec->system.volume_per_atom;
}

struct nucleation_boxes ttt_boxes_at_risk(const struct ttt_result *result, const struct ttt_isotherm *isotherm)
{
    return (struct nucleation_boxes){isotherm->events, isotherm->fit.time_total, box_volume(result)};
}

static enum status analyse_lives(const struct ttt_result *result, struct ttt_isotherm *isotherm, struct error *err)
{
    struct lives lives;
    enum status status = lives_init(isotherm, &lives, err);
    isotherm->in_ramp = isotherm->box_count - lives.count;
    if (status == STATUS_OK && lives.count > 0 && (status = fit_law(result, &lives, isotherm, err)) == STATUS_OK &&
        (status = find_median(result, &lives, isotherm, err)) == STATUS_OK &&
        (status = find_incidence(result, &lives, isotherm, err)) == STATUS_OK) {
        const struct nucleation_boxes boxes = ttt_boxes_at_risk(result, isotherm);
        status = find_course(isotherm, true, lives.life, &isotherm->time_50_onset, err);
        if (status == STATUS_OK)
            status = find_course(isotherm, false, lives.life, &isotherm->time_50_finish, err);
        if (status == STATUS_OK && isotherm->has_fit)
            status = nucleation_rate(&boxes, ttt_level, &isotherm->nucleation, err);
    }
    lives_finish(&lives);
    return status;
}

/* ---- below T_f: contours of means ---- */

/* Samples up to the last one that is known. */
static size_t known_count(const struct ttt_series *series)
{
    size_t count = series->count;
    while (count > 0 && isnan(series->values[count - 1]))
        count--;
    return count;
}

static struct ttt_reach reach_of(const struct ttt_isotherm *isotherm, enum ttt_kept kept)
{
    struct ttt_reach reach = {.step_all = INT64_MAX};
    int64_t farthest = 0;
    for (size_t b = 0; b < isotherm->box_count; b++) {
        const struct ttt_series *series = &isotherm->boxes[b].kept[kept];
        const size_t known = known_count(series);
        if (known == 0)
            continue;
        const int64_t last = series->steps[known - 1];
        reach.runs++;
        reach.step_all = last < reach.step_all ? last : reach.step_all;
        reach.step_two = last > farthest ? farthest : last > reach.step_two ? last : reach.step_two;
        farthest = last > farthest ? last : farthest;
    }
    return reach.runs ? reach : (struct ttt_reach){0};
}

/* Both ascend; so does out [a_count + b_count], which has each step once. Returns how many. */
static size_t merge_steps(const int64_t *a, size_t a_count, const int64_t *b, size_t b_count, int64_t *out)
{
    size_t count = 0, i = 0, j = 0;
    while (i < a_count || j < b_count) {
        const bool from_a = j == b_count || (i < a_count && a[i] <= b[j]);
        const int64_t step = from_a ? a[i] : b[j];
        i += i < a_count && a[i] == step;
        j += j < b_count && b[j] == step;
        out[count++] = step;
    }
    return count;
}

/* The steps at which any run was sampled: out_steps is returned (mem_free). */
static enum status collect_steps(const struct ttt_isotherm *isotherm, enum ttt_kept kept, int64_t **out_steps,
                                 size_t *out_count, struct error *err)
{
    int64_t *steps = NULL;
    size_t count = 0;
    for (size_t b = 0; b < isotherm->box_count; b++) {
        const struct ttt_series *series = &isotherm->boxes[b].kept[kept];
        if (series->count == 0)
            continue;
        int64_t *merged = mem_alloc_array(count + series->count, sizeof *merged);
        if (merged)
            count = merge_steps(steps, count, series->steps, series->count, merged);
        mem_free(steps);
        steps = merged;
        if (!steps)
            return mem_error(err, "contours of means");
    }
    *out_steps = steps;
    *out_count = count;
    return STATUS_OK;
}

/* One run's values at steps that are all of its own and others': NAN at the others. */
static void spread_values(const struct ttt_series *series, const int64_t *steps, size_t count, double *out)
{
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const bool has = next < series->count && series->steps[next] == steps[i];
        out[i] = has ? series->values[next] : (double)NAN;
        next += has;
    }
}

/* What is reached before the first sample has no time, only a bound. */
static enum status cross_targets(const struct contour_series *series, const double *targets, struct estimate *out,
                                 struct error *err)
{
    const size_t window = 1 + 2 * (series->samples / (2 * SMOOTHING));
    enum status status = STATUS_OK;
    for (int t = 0; status == STATUS_OK && t < TTT_TARGETS; t++) {
        status = contour_time(series, targets[t], window, ttt_level, &out[t], err);
        if (status == STATUS_OK && out[t].value == 0.0)
            out[t].value = (double)NAN;
    }
    return status;
}

static enum status find_contours(const struct ttt_isotherm *isotherm, enum ttt_kept kept, const double *targets,
                                 struct estimate *out, struct ttt_reach *out_reach, struct error *err)
{
    int64_t *steps = NULL;
    size_t samples = 0;
    for (int t = 0; t < TTT_TARGETS; t++)
        out[t] = unknown;
    *out_reach = reach_of(isotherm, kept);
    if (out_reach->runs < 2)
        return STATUS_OK;
    enum status status = collect_steps(isotherm, kept, &steps, &samples, err);
    double *values = status == STATUS_OK ? mem_alloc_array(isotherm->box_count * samples, sizeof *values) : NULL;
    if (status == STATUS_OK && !values)
        status = mem_error(err, "contours of means");
    if (status == STATUS_OK) {
        for (size_t b = 0; b < isotherm->box_count; b++)
            spread_values(&isotherm->boxes[b].kept[kept], steps, samples, &values[b * samples]);
        const struct contour_series series = {steps, values, samples, isotherm->box_count};
        status = cross_targets(&series, targets, out, err);
    }
    mem_free(steps);
    mem_free(values);
    return status;
}

static enum status draw_below_glass(const struct ttt_result *result, struct ttt_isotherm *isotherm, struct error *err)
{
    isotherm->is_below_glass = isotherm->temperature < result->request->glass_temperature;
    if (!isotherm->is_below_glass)
        return STATUS_OK;
    enum status status =
        find_contours(isotherm, TTT_KEPT_ICO, ttt_ico_targets, isotherm->ico, &isotherm->ico_reach, err);
    if (status == STATUS_OK)
        status = find_contours(isotherm, TTT_KEPT_LENGTH, ttt_length_targets, isotherm->length, &isotherm->length_reach,
                               err);
    return status;
}

/* ---- inside large boxes ---- */

/* The last samples of a series. */
struct plateau {
    double mean;    /* 1 */
    double rise;    /* of a straight line through them, from the first to the last; 1 */
    double scatter; /* about that line, one standard deviation; 0 of two samples */
    size_t count;   /* >= 2 */
};

static struct plateau plateau_of(const struct ttt_series *series)
{
    const size_t share = 1 + (size_t)(plateau_share * (double)series->count), count = share > 2 ? share : 2;
    const double *values = &series->values[series->count - count], middle = 0.5 * (double)(count - 1);
    double sum = 0.0, slope = 0.0, spread = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double x = (double)i - middle;
        sum += values[i];
        slope += x * values[i];
        spread += x * x;
    }
    slope /= spread;
    for (size_t i = 0; i < count; i++) {
        const double residual = values[i] - sum / (double)count - slope * ((double)i - middle);
        squares += residual * residual;
    }
    return (struct plateau){.mean = sum / (double)count,
                            .rise = slope * 2.0 * middle,
                            .scatter = count > 2 ? sqrt(squares / (double)(count - 2)) : 0.0,
                            .count = count};
}

/* The rise of a line through n samples that only scatter has a standard error of sqrt(12 / n) of their scatter: two of
 * these, or the whole scatter, which correlated samples may rise by. */
static bool is_flat(const struct plateau *plateau)
{
    const double scatter = plateau->scatter * fmax(1.0, sqrt(48.0 / (double)plateau->count));
    return plateau->rise <= fmax(scatter, plateau_rise * plateau->mean);
}

/* False where the run has not come to a plateau, was transformed from the start, or passed too fast to be fitted. */
static bool fit_avrami(const struct ttt_box *box, double threshold, double *times, double *fractions,
                       struct avrami_fit *out)
{
    const struct ttt_series *series = &box->kept[TTT_KEPT_FRACTION];
    struct error ignored;
    if (series->count < VOLUME_SAMPLES_MIN || series->values[0] >= threshold || box->course.event.kind == EVENT_IN_RAMP)
        return false;
    const struct plateau plateau = plateau_of(series);
    if (plateau.mean < threshold || !is_flat(&plateau))
        return false;
    for (size_t i = 0; i < series->count; i++) {
        times[i] = (double)series->steps[i];
        fractions[i] = fmin(1.0, fmax(0.0, series->values[i] / plateau.mean));
    }
    return avrami_fit(times, fractions, series->count, out, &ignored) == STATUS_OK;
}

/* From where on a box holds crystals at all, by all of them together. */
static double volume_threshold(const struct ttt_order *order)
{
    return strcmp(order->name, "crystal") == 0 ? order->rule.threshold : event_rule_default.threshold;
}

static struct estimate geometric_mean(const double *logs, size_t count)
{
    const struct replicates mean = replicates_of(logs, count, ttt_level);
    const struct interval interval = mean.mean.interval;
    return (struct estimate){
        real_exp(mean.mean.value),
        {count > 1 ? real_exp(interval.low) : interval.low, count > 1 ? real_exp(interval.high) : interval.high}};
}

static enum status fit_volume(const struct ttt_result *result, struct ttt_isotherm *isotherm, struct error *err)
{
    const double threshold = volume_threshold(&result->request->order);
    size_t room = 1, fitted = 0, by_largest = 0;
    for (size_t b = 0; b < isotherm->box_count; b++)
        room = isotherm->boxes[b].count > room ? isotherm->boxes[b].count : room;
    double *times = mem_alloc_array(room, sizeof *times), *fractions = mem_alloc_array(room, sizeof *fractions);
    double *exponents = mem_alloc_array(isotherm->box_count, sizeof *exponents);
    double *times_50 = mem_alloc_array(isotherm->box_count, sizeof *times_50);
    enum status status =
        times && fractions && exponents && times_50 ? STATUS_OK : mem_error(err, "the transformed fractions");
    for (size_t b = 0; status == STATUS_OK && b < isotherm->box_count; b++) {
        struct avrami_fit fit;
        if (!fit_avrami(&isotherm->boxes[b], threshold, times, fractions, &fit))
            continue;
        by_largest += isotherm->boxes[b].fraction_by_largest;
        exponents[fitted] = real_log(fit.exponent);
        times_50[fitted++] = real_log(fit.time_50);
    }
    isotherm->has_volume = fitted > 0;
    if (fitted > 0)
        isotherm->volume = (struct ttt_volume){fitted, by_largest, geometric_mean(exponents, fitted),
                                               geometric_mean(times_50, fitted)};
    mem_free(times);
    mem_free(fractions);
    mem_free(exponents);
    mem_free(times_50);
    return status;
}

/* ---- all isotherms ---- */

static void isotherm_init(struct ttt_isotherm *isotherm, const struct ttt_box *boxes)
{
    *isotherm = (struct ttt_isotherm){.temperature = boxes->temperature,
                                      .boxes = boxes,
                                      .median = unknown,
                                      .median_cell = unknown.interval,
                                      .time_50_onset = (double)NAN,
                                      .time_50_finish = (double)NAN,
                                      .nucleation = unknown};
    for (int c = 0; c < TTT_CAUSES_MAX; c++)
        isotherm->incidence[c] = unknown;
}

static enum status analyse_isotherm(const struct ttt_result *result, struct ttt_isotherm *isotherm, struct error *err)
{
    enum status status = analyse_lives(result, isotherm, err);
    if (status == STATUS_OK)
        status = vary_rule(result, isotherm, err);
    if (status == STATUS_OK)
        status = draw_below_glass(result, isotherm, err);
    return status == STATUS_OK ? fit_volume(result, isotherm, err) : status;
}

static enum status analyse_isotherms(struct ttt_result *result, struct error *err)
{
    const struct ttt_boxes *boxes = &result->boxes;
    enum status status = STATUS_OK;
    result->isotherms = mem_alloc_array(boxes->count, sizeof *result->isotherms);
    if (!result->isotherms)
        return mem_error(err, "a diagram");
    for (size_t i = 0; status == STATUS_OK && i < boxes->count;) {
        struct ttt_isotherm *isotherm = &result->isotherms[result->isotherm_count++];
        isotherm_init(isotherm, &boxes->boxes[i]);
        for (; i < boxes->count && boxes->boxes[i].temperature == isotherm->temperature; i++)
            isotherm->box_count++;
        status = analyse_isotherm(result, isotherm, err);
        result->events += isotherm->events;
    }
    return status;
}

/* ---- the diagram ---- */

/* Above T_m nothing can transform: what did says that T_m is none. */
static enum status check_melting(const struct ttt_result *result, double melting, struct error *err)
{
    for (size_t i = 0; melting > 0.0 && i < result->isotherm_count; i++)
        if (result->isotherms[i].events > 0 && result->isotherms[i].temperature >= melting)
            return error_set(err, STATUS_INVALID,
                             "--melting %g: of ensemble '%s' %zu runs transformed at T = %g, which is not below it",
                             melting, result->item->spec->name, result->isotherms[i].events,
                             result->isotherms[i].temperature);
    return STATUS_OK;
}

/* Does this isotherm say anything about the diagram? */
static bool is_in_diagram(const struct ttt_isotherm *isotherm, double melting)
{
    return isotherm->box_count > isotherm->in_ramp && !(melting > 0.0 && isotherm->temperature >= melting);
}

/* Up to T_m where that is known, else a little beyond the data. */
static void fill_grid(double low, double high, double melting, double grid[GRID_POINTS])
{
    const double margin = grid_margin * (high - low), bottom = fmax(low - margin, 0.5 * low);
    const double top = melting > high ? melting : high + margin;
    for (int i = 0; i < GRID_POINTS; i++)
        grid[i] = bottom + (top - bottom) * i / (GRID_POINTS - 1);
}

/* The runs that say something about the diagram, and the temperatures between which they are; returns how many. */
static size_t list_runs(const struct ttt_result *result, double melting, struct ttt_run *runs, struct interval *range)
{
    size_t count = 0;
    *range = (struct interval){(double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (!is_in_diagram(isotherm, melting))
            continue;
        range->low = fmin(range->low, isotherm->temperature);
        range->high = fmax(range->high, isotherm->temperature);
        for (size_t b = 0; b < isotherm->box_count; b++)
            if (isotherm->boxes[b].course.event.kind != EVENT_IN_RAMP)
                runs[count++] = (struct ttt_run){isotherm->temperature, isotherm->boxes[b].course.event.life};
    }
    return count;
}

static enum status draw_diagram(struct ttt_result *result, double melting, struct error *err)
{
    double grid[GRID_POINTS];
    struct interval range;
    struct error why = {0};
    struct ttt_run *runs = mem_alloc_array(result->boxes.count, sizeof *runs);
    if (!runs)
        return mem_error(err, "a diagram");
    const size_t count = list_runs(result, melting, runs, &range);
    fill_grid(range.low, range.high, melting, grid);
    const struct ttt_options options = {bootstrap_of(result), grid, GRID_POINTS, melting};
    enum status status = ttt_diagram_create(runs, count, &options, &result->diagram, &why);
    result->has_diagram = status == STATUS_OK;
    mem_free(runs);
    return keep_reason(status, &why, result->why, err);
}

/* ---- ramps ---- */

static double hottest(const struct ttt_result *result)
{
    return result->isotherms[result->isotherm_count - 1].temperature;
}

/* The rate of a replica's last ramp, if that came down to its isotherm from above all of them; else 0. */
static double own_ramp_rate(const struct ttt_result *result)
{
    const struct ensemble_spec *spec = result->item->spec;
    const struct stage_spec *last = &spec->stages[spec->stage_count - 1];
    const struct stage_spec *before = last - 1;
    const bool ramps = spec->stage_count > 1 && last->kind == STAGE_RAMP && last->to_rung && !before->to_rung &&
                       before->kind != STAGE_BUILD;
    return ramps && before->temperature >= hottest(result) ? last->rate : 0.0;
}

static size_t add_own_ramps(const struct ttt_result *result, struct ttt_ramp *ramps)
{
    const struct ttt_isotherm *coldest = &result->isotherms[0];
    const double rate = own_ramp_rate(result);
    for (size_t b = 0; rate > 0.0 && b < coldest->box_count; b++)
        ramps[b] = (struct ttt_ramp){rate, coldest->boxes[b].course.event.kind == EVENT_IN_RAMP};
    return rate > 0.0 ? coldest->box_count : 0;
}

static bool is_quench_of(const struct ensemble_spec *spec, const struct ttt_result *result)
{
    return spec->mode == MODE_QUENCH && spec->system.atoms == result->item->spec->system.atoms &&
           selected_is_same_model(&spec->system, &result->item->spec->system) &&
           spec->temperatures[0] >= hottest(result) && spec->temperature_end <= result->isotherms[0].temperature;
}

/* Quenches that are at their end, or have transformed before. */
static enum status add_quenches(const struct reading *reading, const struct ttt_result *result, uint32_t ensemble,
                                struct ttt_ramp *ramps, size_t *count, struct error *err)
{
    const struct campaign *campaign = result->item->campaign;
    const struct ensemble_spec *spec = &campaign->ensembles[ensemble];
    struct selected item = {result->item->id, campaign, {ensemble}, spec, store_filter_all(result->item->id)};
    item.filter.ensemble = ensemble;
    const double rate = (spec->temperatures[0] - spec->temperature_end) / (double)spec->steps;
    struct ttt_boxes boxes;
    enum status status = ttt_quenches_read(reading, &item, result->request, &boxes, err);
    if (status != STATUS_OK)
        return status;
    for (size_t b = 0; b < boxes.count; b++) {
        const struct event *event = &boxes.boxes[b].course.event;
        if (event->kind != EVENT_CENSORED || event->step_last >= spec->steps)
            ramps[(*count)++] = (struct ttt_ramp){rate, event->kind != EVENT_CENSORED};
    }
    ttt_boxes_finish(&boxes);
    return STATUS_OK;
}

static enum status find_ramps(const struct reading *reading, struct ttt_result *result, struct error *err)
{
    const struct campaign *campaign = result->item->campaign;
    struct ttt_ramp *ramps = mem_alloc_array(campaign->replica_count, sizeof *ramps);
    enum status status = ramps ? STATUS_OK : mem_error(err, "the ramps");
    size_t count = ramps ? add_own_ramps(result, ramps) : 0;
    for (uint32_t e = 0; status == STATUS_OK && e < campaign->ensemble_count; e++)
        if (is_quench_of(&campaign->ensembles[e], result))
            status = add_quenches(reading, result, e, ramps, &count, err);
    for (size_t i = 0; i < count; i++)
        result->ramps.transformed += ramps[i].has_transformed;
    result->ramps.count = count;
    if (status == STATUS_OK && count > 0)
        status = ttt_cooling_from_ramps(ramps, count, 0.5, ttt_level, &result->ramps.rate, &result->ramps.bound, err);
    mem_free(ramps);
    return status;
}

/* ---- the result ---- */

/* Why a diagram is out of the question, or NULL. One isotherm is none. From fewer than five events its bands would be
 * too narrow by far (the bootstrap cannot know how little one event says): then each isotherm has its own interval or
 * bound. */
static const char *find_obstacle(const struct ttt_result *result, double melting)
{
    size_t usable = 0;
    for (size_t i = 0; i < result->isotherm_count; i++)
        usable += is_in_diagram(&result->isotherms[i], melting);
    if (usable < 2)
        return usable == 1 ? "runs at one temperature: a diagram needs two"
                           : "all runs crossed in the ramp, or are not below T_m";
    if (result->events == 0)
        return "no event at any temperature";
    return NULL;
}

static enum status draw_if_possible(struct ttt_result *result, double melting, struct error *err)
{
    const char *obstacle = find_obstacle(result, melting);
    enum status status = check_melting(result, melting, err);
    if (status != STATUS_OK)
        return status;
    if (obstacle)
        snprintf(result->why, sizeof result->why, "%s", obstacle);
    else if (result->events < TTT_EVENTS_MIN)
        snprintf(result->why, sizeof result->why, "%zu event%s on all isotherms together: a joint fit needs %d",
                 result->events, result->events == 1 ? "" : "s", TTT_EVENTS_MIN);
    else
        return draw_diagram(result, melting, err);
    return STATUS_OK;
}

enum status ttt_result_compute(const struct reading *reading, const struct selected *item,
                               const struct ttt_request *request, double melting, struct ttt_result *out,
                               struct error *err)
{
    struct ttt_result result = {.item = item, .request = request};
    enum status status = ttt_boxes_read(reading, item, request, &result.boxes, err);
    if (status == STATUS_OK && result.boxes.count == 0)
        status =
            error_set(err, STATUS_NOT_FOUND, "ensemble '%s' has no inherent sample after step 0 yet", item->spec->name);
    if (status == STATUS_OK)
        status = analyse_isotherms(&result, err);
    if (status == STATUS_OK)
        status = draw_if_possible(&result, melting, err);
    if (status == STATUS_OK)
        status = find_ramps(reading, &result, err);
    if (status == STATUS_OK)
        *out = result;
    else
        ttt_result_finish(&result);
    return status;
}

void ttt_result_finish(struct ttt_result *result)
{
    if (result->has_diagram)
        ttt_diagram_finish(&result->diagram);
    for (size_t i = 0; i < result->isotherm_count; i++) {
        survival_curve_finish(&result->isotherms[i].survival);
        turnbull_curve_finish(&result->isotherms[i].turnbull);
    }
    mem_free(result->isotherms);
    ttt_boxes_finish(&result->boxes);
}

/* ---- what is asked of a result ---- */

size_t ttt_count_older(const struct ttt_result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->boxes.count; i++)
        count += result->boxes.boxes[i].lacks_cause;
    return count;
}

double ttt_small_fraction(const struct ttt_result *result)
{
    const struct system_spec *system = &result->item->spec->system;
    return (double)system->atoms_small / system->atoms;
}

struct estimate ttt_time(const struct ttt_isotherm *isotherm, int fraction)
{
    struct estimate time = isotherm->has_fit ? isotherm->fit.time[fraction] : unknown;
    if (isotherm->has_fit && isotherm->fit.is_bound)
        time.value = (double)NAN;
    return time;
}
