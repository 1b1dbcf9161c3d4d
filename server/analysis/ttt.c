#include "server/analysis/ttt.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "common/realmath.h"

#include <math.h>
#include <stdlib.h>

static const size_t form_columns[TTT_FORM_COUNT] = {1, 2, 3, 3, 4, 3, 4};

const char *ttt_form_name(enum ttt_form form)
{
    static const char *const names[] = {"constant", "linear",     "parabola",       "spline3",
                                        "spline4",  "nucleation", "bent_nucleation"};
    return names[form];
}

static bool is_closed(enum ttt_form form)
{
    return form == TTT_NUCLEATION || form == TTT_NUCLEATION_BENT;
}

static double cube_above(double x, double knot)
{
    double d = x > knot ? x - knot : 0.0;
    return d * d * d;
}

/* Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), eq. 5.4 and 5.5. */
static void spline_row(const double *knots, size_t count, double x, double *row)
{
    double last = knots[count - 1];
    double tail = (cube_above(x, knots[count - 2]) - cube_above(x, last)) / (last - knots[count - 2]);
    for (size_t k = 0; k + 2 < count; k++)
        row[k + 2] = (cube_above(x, knots[k]) - cube_above(x, last)) / (last - knots[k]) - tail;
}

static double barrier(double temperature, double temperature_melting)
{
    double undercooling = 1.0 - temperature / temperature_melting;
    return 1.0 / (temperature * undercooling * undercooling);
}

/* The columns of the design at one temperature. */
static void basis_row(const struct ttt_basis *basis, double temperature, double *row)
{
    double x = (temperature - basis->middle) / basis->half_width;
    row[0] = 1.0;
    switch (basis->form) {
    case TTT_CONSTANT:
        return;
    case TTT_NUCLEATION:
    case TTT_NUCLEATION_BENT:
        row[1] = basis->middle / temperature - 1.0;
        row[2] = row[1] * row[1]; /* of the bent one; else the barrier stands there */
        row[form_columns[basis->form] - 1] =
            barrier(temperature, basis->temperature_melting) / barrier(basis->middle, basis->temperature_melting) - 1.0;
        return;
    case TTT_SPLINE_3:
    case TTT_SPLINE_4:
        spline_row(basis->knots, form_columns[basis->form], x, row);
        break;
    case TTT_PARABOLA:
        row[2] = x * x;
        break;
    default:
        break;
    }
    row[1] = x;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The distinct temperatures, ascending, in place of `sorted`'s beginning. */
static size_t distinct_temperatures(const struct ttt_run *runs, size_t count, double *sorted)
{
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = runs[i].temperature;
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || sorted[i] != sorted[i - 1])
            sorted[distinct++] = sorted[i];
    return distinct;
}

static void place_knots(const double *distinct, size_t count, struct ttt_basis *basis)
{
    size_t knots = form_columns[basis->form];
    for (size_t k = 0; k < knots; k++) {
        double rank = (double)(k * (count - 1)) / (double)(knots - 1), whole = floor(rank);
        size_t at = (size_t)whole, next = at + 1 < count ? at + 1 : at;
        double temperature = distinct[at] + (rank - whole) * (distinct[next] - distinct[at]);
        basis->knots[k] = (temperature - basis->middle) / basis->half_width;
    }
}

/* False when these temperatures cannot carry the form. */
static bool basis_init(struct ttt_basis *basis, enum ttt_form form, const double *distinct, size_t count,
                       double temperature_melting)
{
    double low = distinct[0], high = distinct[count - 1];
    *basis = (struct ttt_basis){.form = form,
                                .middle = 0.5 * (low + high),
                                .half_width = high > low ? 0.5 * (high - low) : 1.0,
                                .temperature_melting = temperature_melting};
    if (form_columns[form] > count)
        return false;
    if (is_closed(form))
        return temperature_melting > 0.0;
    if (form == TTT_SPLINE_3 || form == TTT_SPLINE_4)
        place_knots(distinct, count, basis);
    return true;
}

static enum status check_runs(const struct ttt_run *runs, size_t count, double temperature_melting, struct error *err)
{
    if (count == 0)
        return error_set(err, STATUS_INVALID, "no isotherms for a diagram");
    if (!(temperature_melting >= 0.0 && isfinite(temperature_melting)))
        return error_set(err, STATUS_INVALID, "melting temperature %g is not one", temperature_melting);
    for (size_t i = 0; i < count; i++) {
        enum status status = lifetime_check(&runs[i].life, 1, err);
        if (status == STATUS_OK && !(runs[i].temperature > 0.0 && isfinite(runs[i].temperature)))
            status = error_set(err, STATUS_INVALID, "temperature %g is not positive", runs[i].temperature);
        if (status == STATUS_OK && temperature_melting > 0.0 && runs[i].temperature >= temperature_melting)
            status = error_set(err, STATUS_INVALID, "temperature %g is not below T_m = %g", runs[i].temperature,
                               temperature_melting);
        if (status != STATUS_OK)
            return error_context(err, "run %zu", i);
    }
    return STATUS_OK;
}

/* What the candidates share. */
struct sample {
    struct lifetime *lifetimes; /* [count] */
    double *design;             /* [count][REGRESS_COLUMNS_MAX] at most */
    double *distinct;           /* [distinct_count] */
    size_t count, distinct_count;
};

static void sample_finish(struct sample *sample)
{
    mem_free(sample->lifetimes);
    mem_free(sample->design);
    mem_free(sample->distinct);
}

static enum status sample_init(struct sample *sample, const struct ttt_run *runs, size_t count, struct error *err)
{
    sample->count = count;
    sample->lifetimes = mem_alloc_array(count, sizeof *sample->lifetimes);
    sample->design = mem_alloc_array(count, REGRESS_COLUMNS_MAX * sizeof *sample->design);
    sample->distinct = mem_alloc_array(count, sizeof *sample->distinct);
    if (!sample->lifetimes || !sample->design || !sample->distinct)
        return mem_error(err, "the diagram's runs");
    for (size_t i = 0; i < count; i++)
        sample->lifetimes[i] = runs[i].life;
    sample->distinct_count = distinct_temperatures(runs, count, sample->distinct);
    return STATUS_OK;
}

static void fill_design(const struct ttt_run *runs, const struct ttt_basis *basis, struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++)
        basis_row(basis, runs[i].temperature, sample->design + i * form_columns[basis->form]);
}

/* What was found among the forms so far. */
struct choice {
    struct ttt_fit best;
    bool has_best;
    /* The likeliest without a finite maximum; aicc INFINITY: none. */
    double unbounded_aicc;
    enum ttt_form unbounded_form;
};

static void take_fit(const struct ttt_basis *basis, const struct regress_fit *fit, struct choice *choice)
{
    if (is_closed(basis->form) && !(fit->gamma[form_columns[basis->form] - 1] > 0.0))
        return;
    choice->best.aicc[basis->form][fit->law] = fit->aicc;
    if (choice->has_best && fit->aicc >= choice->best.regress.aicc)
        return;
    choice->best.basis = *basis;
    choice->best.regress = *fit;
    choice->has_best = true;
}

static void take_unbounded(const struct ttt_basis *basis, const struct regress_fit *fit, struct choice *choice)
{
    if (fit->aicc >= choice->unbounded_aicc)
        return;
    choice->unbounded_aicc = fit->aicc;
    choice->unbounded_form = basis->form;
}

/* Fits one form with both laws. */
static void try_form(const struct ttt_run *runs, const struct ttt_basis *basis, struct sample *sample,
                     struct choice *choice)
{
    const size_t events = lifetime_count_events(sample->lifetimes, sample->count);
    fill_design(runs, basis, sample);
    for (int law = 0; law < TTT_LAW_COUNT; law++) {
        struct regress_fit fit;
        if (law == LIFETIME_WEIBULL && events < LIFETIME_WEIBULL_EVENTS_MIN)
            continue;
        const enum status status = regress_fit(sample->lifetimes, sample->design, sample->count,
                                               form_columns[basis->form], (enum lifetime_law)law, &fit, NULL);
        if (status == STATUS_OK)
            take_fit(basis, &fit, choice);
        else if (status == STATUS_LIMIT)
            take_unbounded(basis, &fit, choice);
    }
}

static void try_forms(const struct ttt_run *runs, struct sample *sample, double temperature_melting, bool closed,
                      struct choice *choice)
{
    choice->has_best = false;
    choice->unbounded_aicc = (double)INFINITY;
    for (int form = 0; form < TTT_FORM_COUNT; form++) {
        struct ttt_basis basis;
        if (is_closed((enum ttt_form)form) == closed &&
            basis_init(&basis, (enum ttt_form)form, sample->distinct, sample->distinct_count, temperature_melting))
            try_form(runs, &basis, sample, choice);
    }
}

static bool is_settled(const struct choice *choice)
{
    return choice->has_best && choice->best.regress.aicc <= choice->unbounded_aicc + TTT_AICC_MARGIN;
}

static enum status choose_fit(const struct ttt_run *runs, struct sample *sample, double temperature_melting,
                              struct ttt_fit *out, struct error *err)
{
    struct choice choice = {0};
    if (sample->distinct_count < 2)
        return error_set(err, STATUS_INVALID, "runs at one temperature: a diagram needs two");
    if (lifetime_count_events(sample->lifetimes, sample->count) == 0)
        return error_set(err, STATUS_INVALID, "no event in %zu runs: there are only bounds", sample->count);
    for (int form = 0; form < TTT_FORM_COUNT; form++)
        choice.best.aicc[form][0] = choice.best.aicc[form][1] = (double)NAN;
    try_forms(runs, sample, temperature_melting, true, &choice);
    if (!is_settled(&choice))
        try_forms(runs, sample, temperature_melting, false, &choice);
    if (!is_settled(&choice))
        return error_set(err, STATUS_INVALID,
                         "the likeliest curve (%s) is infinitely steep or sharp: too few samples before the events, or "
                         "no temperature where some runs transform and others wait",
                         ttt_form_name(choice.unbounded_form));
    *out = choice.best;
    return STATUS_OK;
}

enum status ttt_fit(const struct ttt_run *runs, size_t count, double temperature_melting, struct ttt_fit *out,
                    struct error *err)
{
    struct sample sample = {0};
    enum status status = check_runs(runs, count, temperature_melting, err);
    if (status != STATUS_OK)
        return status;
    status = sample_init(&sample, runs, count, err);
    if (status == STATUS_OK)
        status = choose_fit(runs, &sample, temperature_melting, out, err);
    sample_finish(&sample);
    return status;
}

static bool is_molten(const struct ttt_basis *basis, double temperature)
{
    return basis->temperature_melting > 0.0 && temperature >= basis->temperature_melting;
}

static struct bootstrap_value log_time(const struct ttt_basis *basis, const struct regress_fit *fit, double temperature,
                                       double fraction)
{
    double row[REGRESS_COLUMNS_MAX];
    basis_row(basis, temperature, row);
    return (struct bootstrap_value){regress_log_quantile(fit, row, fraction),
                                    regress_log_quantile_error(fit, row, fraction)};
}

double ttt_log_time(const struct ttt_fit *fit, double temperature, double fraction)
{
    if (is_molten(&fit->basis, temperature))
        return (double)INFINITY;
    return log_time(&fit->basis, &fit->regress, temperature, fraction).value;
}

/* ---- the diagram: everything that is bootstrapped at once ---- */

enum { SCAN = 120 }; /* intervals of the scan for the nose and of Simpson's rule; even */

struct drawing {
    const struct ttt_basis *basis;
    const struct ttt_options *options;
    double scan[SCAN + 1];                           /* temperatures */
    double scan_rows[SCAN + 1][REGRESS_COLUMNS_MAX]; /* and their columns, which no resample changes */
};

/* Order of the bootstrapped numbers: contours, nose, cooling. */
enum { NOSE_VALUES = 2 };

static size_t value_count(const struct ttt_options *options)
{
    return options->temperature_count * FRACTION_COUNT + NOSE_VALUES + FRACTION_COUNT;
}

static void drawing_init(struct drawing *drawing, const struct ttt_basis *basis, const struct sample *sample,
                         const struct ttt_options *options)
{
    double low = sample->distinct[0], high = sample->distinct[sample->distinct_count - 1];
    drawing->basis = basis;
    drawing->options = options;
    /* Just below T_m a closed form's time is infinite in effect; at it, it is not a number. */
    if (is_closed(basis->form))
        high = basis->temperature_melting * (1.0 - 1e-3);
    for (int i = 0; i <= SCAN; i++) {
        drawing->scan[i] = low + (high - low) * i / SCAN;
        basis_row(basis, drawing->scan[i], drawing->scan_rows[i]);
    }
}

static void contour_values(const struct drawing *drawing, const struct regress_fit *fit, struct bootstrap_value *out)
{
    for (size_t i = 0; i < drawing->options->temperature_count; i++) {
        double temperature = drawing->options->temperatures[i];
        for (int f = 0; f < FRACTION_COUNT; f++)
            *out++ = is_molten(drawing->basis, temperature)
                         ? (struct bootstrap_value){0}
                         : log_time(drawing->basis, fit, temperature, lifetime_fractions[f]);
    }
}

/* Index of the scan's shortest time. All fractions share it. */
static int find_nose(const struct drawing *drawing, const struct regress_fit *fit, double log_times[SCAN + 1])
{
    int best = 0;
    for (int i = 0; i <= SCAN; i++) {
        log_times[i] = regress_log_quantile(fit, drawing->scan_rows[i], 0.5);
        if (log_times[i] < log_times[best])
            best = i;
    }
    return best;
}

/* The minimum of log t obeys x'(T) . gamma = 0, so it moves by (x' . change of gamma) / (x'' . gamma). Differences of
 * the scan's rows around its point `best` stand for the derivatives. */
static struct bootstrap_value nose_temperature(const struct drawing *drawing, const struct regress_fit *fit, int best)
{
    double width = drawing->scan[1] - drawing->scan[0], slope = 0.0, curvature = 0.0, first[REGRESS_SIZE_MAX] = {0};
    if (best == 0 || best == SCAN)
        return (struct bootstrap_value){drawing->scan[best], width * SCAN};
    for (size_t j = 0; j < fit->columns; j++) {
        double before = drawing->scan_rows[best - 1][j], after = drawing->scan_rows[best + 1][j];
        first[j] = (after - before) / (2.0 * width);
        slope += first[j] * fit->gamma[j];
        curvature += (after - 2.0 * drawing->scan_rows[best][j] + before) / (width * width) * fit->gamma[j];
    }
    if (!(curvature > 0.0))
        return (struct bootstrap_value){drawing->scan[best], width * SCAN};
    double slope_error = sqrt(linear_quadratic_form(fit->covariance, first, regress_size(fit)));
    return (struct bootstrap_value){drawing->scan[best] - slope / curvature, slope_error / curvature};
}

static void nose_values(const struct drawing *drawing, const struct regress_fit *fit, struct bootstrap_value out[2])
{
    double log_times[SCAN + 1];
    out[0] = nose_temperature(drawing, fit, find_nose(drawing, fit, log_times));
    out[1] = log_time(drawing->basis, fit, out[0].value, 0.5);
}

static double simpson_weight(int i)
{
    return i == 0 || i == SCAN ? 1.0 : i % 2 ? 4.0 : 2.0;
}

/* log of the additivity integral and its standard error. */
static struct bootstrap_value cooling_value(const struct drawing *drawing, const struct regress_fit *fit,
                                            double fraction)
{
    double sum = 0.0, slope[REGRESS_SIZE_MAX] = {0}, gradient[REGRESS_SIZE_MAX];
    for (int i = 0; i <= SCAN; i++) {
        double weight = simpson_weight(i) * real_exp(-regress_log_quantile(fit, drawing->scan_rows[i], fraction));
        sum += weight;
        regress_log_quantile_gradient(fit, drawing->scan_rows[i], fraction, gradient);
        for (size_t j = 0; j < regress_size(fit); j++)
            slope[j] -= weight * gradient[j];
    }
    for (size_t j = 0; j < regress_size(fit); j++)
        slope[j] /= sum;
    double width = drawing->scan[1] - drawing->scan[0];
    return (struct bootstrap_value){real_log(sum * width / 3.0),
                                    sqrt(linear_quadratic_form(fit->covariance, slope, regress_size(fit)))};
}

static void evaluate(const struct regress_fit *fit, void *context, struct bootstrap_value *out)
{
    const struct drawing *drawing = context;
    contour_values(drawing, fit, out);
    out += drawing->options->temperature_count * FRACTION_COUNT;
    nose_values(drawing, fit, out);
    out += NOSE_VALUES;
    for (int f = 0; f < FRACTION_COUNT; f++)
        out[f] = cooling_value(drawing, fit, lifetime_fractions[f]);
}

static struct estimate exponentiated(const struct estimate *log_estimate)
{
    return (struct estimate){real_exp(log_estimate->value),
                             {real_exp(log_estimate->interval.low), real_exp(log_estimate->interval.high)}};
}

/* From the first event at this temperature (none: INFINITY) to the end of the longest run. */
static struct interval seen_at(const struct ttt_run *runs, size_t count, double temperature)
{
    struct interval seen = {(double)INFINITY, 0.0};
    for (size_t i = 0; i < count; i++) {
        if (runs[i].temperature != temperature)
            continue;
        seen.high = fmax(seen.high, runs[i].life.horizon);
        if (lifetime_is_event(&runs[i].life))
            seen.low = fmin(seen.low, runs[i].life.low);
    }
    return seen;
}

/* The range of temperatures with events. */
static struct interval range_with_events(const struct ttt_run *runs, size_t count)
{
    struct interval range = {(double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < count; i++) {
        if (!lifetime_is_event(&runs[i].life))
            continue;
        range.low = fmin(range.low, runs[i].temperature);
        range.high = fmax(range.high, runs[i].temperature);
    }
    return range;
}

/* What both neighbouring isotherms have been watched for, from the first event of either; empty (INFINITY, 0) outside
 * the temperatures with events. */
static struct interval seen_around(const struct ttt_run *runs, size_t count, const struct sample *sample,
                                   double temperature)
{
    struct interval range = range_with_events(runs, count);
    if (!(temperature >= range.low && temperature <= range.high))
        return (struct interval){(double)INFINITY, 0.0};
    size_t above = 0;
    while (sample->distinct[above] < temperature)
        above++;
    const struct interval hot = seen_at(runs, count, sample->distinct[above]);
    const struct interval cold =
        sample->distinct[above] == temperature ? hot : seen_at(runs, count, sample->distinct[above - 1]);
    return (struct interval){fmin(hot.low, cold.low), fmin(hot.high, cold.high)};
}

static void set_points(const struct ttt_run *runs, size_t count, const struct sample *sample,
                       const struct ttt_options *options, const struct estimate *values, struct ttt_diagram *diagram)
{
    const double never = (double)INFINITY;
    for (size_t i = 0; i < options->temperature_count; i++) {
        struct ttt_point *point = &diagram->points[i];
        point->temperature = options->temperatures[i];
        const struct interval seen = seen_around(runs, count, sample, point->temperature);
        for (int f = 0; f < FRACTION_COUNT; f++) {
            point->time[f] = is_molten(&diagram->fit.basis, point->temperature)
                                 ? (struct estimate){never, {never, never}}
                                 : exponentiated(&values[i * FRACTION_COUNT + (size_t)f]);
            point->is_inside[f] = point->time[f].value >= seen.low && point->time[f].value <= seen.high;
        }
    }
}

static void set_nose(const struct sample *sample, const struct estimate *values, struct ttt_nose *nose)
{
    double low = sample->distinct[0], high = sample->distinct[sample->distinct_count - 1];
    nose->temperature = values[0];
    nose->is_inside = values[0].value > low && values[0].value < high;
    nose->is_open_low = !(values[0].interval.low > low);
    nose->is_open_high = !(values[0].interval.high < high);
    nose->temperature.interval.low = fmax(low, values[0].interval.low);
    nose->temperature.interval.high = fmin(high, values[0].interval.high);
    nose->time = exponentiated(&values[1]);
}

static void set_cooling(const struct drawing *drawing, const struct regress_fit *fit, const struct estimate *values,
                        struct ttt_cooling *cooling)
{
    double y[SCAN + 1];
    double shortest = y[find_nose(drawing, fit, y)];
    cooling->is_truncated = fmin(y[0], y[SCAN]) - shortest < real_log(20.0);
    for (int f = 0; f < FRACTION_COUNT; f++)
        cooling->rate[f] = exponentiated(&values[f]);
}

static enum status check_options(const struct ttt_options *options, struct error *err)
{
    if (options->temperature_count == 0 || options->temperature_count > TTT_GRID_MAX)
        return error_set(err, STATUS_LIMIT, "contours at %zu temperatures, not 1 to %d", options->temperature_count,
                         TTT_GRID_MAX);
    for (size_t i = 0; i < options->temperature_count; i++)
        if (!(options->temperatures[i] > 0.0 && isfinite(options->temperatures[i])))
            return error_set(err, STATUS_INVALID, "temperature %g is not positive", options->temperatures[i]);
    return bootstrap_check(&options->bootstrap, err);
}

/* Where AICc prefers the exponential to a Weibull of the same form, each interval is the hull of both laws': events by
 * the dozen do not rule the other law out, and the contours at 1 and 99 % hang on it. */
static enum status widen_by_weibull(const struct sample *sample, const struct bootstrap_target *target,
                                    const struct ttt_options *options, struct estimate *values,
                                    struct ttt_diagram *diagram, struct error *err)
{
    const struct ttt_fit *fit = &diagram->fit;
    struct regress_fit weibull;
    size_t redrawn = 0;
    if (fit->regress.law == LIFETIME_WEIBULL || !isfinite(fit->aicc[fit->basis.form][LIFETIME_WEIBULL]) ||
        regress_fit(sample->lifetimes, sample->design, sample->count, fit->regress.columns, LIFETIME_WEIBULL, &weibull,
                    NULL) != STATUS_OK)
        return STATUS_OK;
    struct estimate *others = mem_alloc_array(target->values, sizeof *others);
    if (!others)
        return mem_error(err, "the diagram");
    enum status status = bootstrap_intervals(sample->lifetimes, sample->design, sample->count, &weibull, target,
                                             &options->bootstrap, others, &redrawn, err);
    for (size_t i = 0; status == STATUS_OK && i < target->values; i++)
        values[i].interval = (struct interval){fmin(values[i].interval.low, others[i].interval.low),
                                               fmax(values[i].interval.high, others[i].interval.high)};
    diagram->redrawn += redrawn;
    mem_free(others);
    return status;
}

static enum status draw(const struct ttt_run *runs, size_t count, struct sample *sample,
                        const struct ttt_options *options, struct estimate *values, struct ttt_diagram *diagram,
                        struct error *err)
{
    struct drawing drawing = {0};
    enum status status = choose_fit(runs, sample, options->temperature_melting, &diagram->fit, err);
    if (status != STATUS_OK)
        return status;
    diagram->is_closed = is_closed(diagram->fit.basis.form);
    drawing_init(&drawing, &diagram->fit.basis, sample, options);
    fill_design(runs, &diagram->fit.basis, sample);
    const struct bootstrap_target target = {evaluate, &drawing, value_count(options)};
    status = bootstrap_intervals(sample->lifetimes, sample->design, count, &diagram->fit.regress, &target,
                                 &options->bootstrap, values, &diagram->redrawn, err);
    if (status == STATUS_OK)
        status = widen_by_weibull(sample, &target, options, values, diagram, err);
    if (status != STATUS_OK)
        return status;
    const struct estimate *after_contours = values + options->temperature_count * FRACTION_COUNT;
    set_points(runs, count, sample, options, values, diagram);
    set_nose(sample, after_contours, &diagram->nose);
    set_cooling(&drawing, &diagram->fit.regress, after_contours + NOSE_VALUES, &diagram->cooling);
    return STATUS_OK;
}

enum status ttt_diagram_create(const struct ttt_run *runs, size_t count, const struct ttt_options *options,
                               struct ttt_diagram *out, struct error *err)
{
    struct sample sample = {0};
    struct ttt_diagram diagram = {.count = options->temperature_count};
    enum status status = check_options(options, err);
    if (status != STATUS_OK || (status = check_runs(runs, count, options->temperature_melting, err)) != STATUS_OK)
        return status;
    struct estimate *values = mem_alloc_array(value_count(options), sizeof *values);
    diagram.points = mem_alloc_array(diagram.count, sizeof *diagram.points);
    if (!values || !diagram.points)
        status = mem_error(err, "the diagram");
    if (status == STATUS_OK)
        status = sample_init(&sample, runs, count, err);
    if (status == STATUS_OK)
        status = draw(runs, count, &sample, options, values, &diagram, err);
    sample_finish(&sample);
    mem_free(values);
    if (status == STATUS_OK)
        *out = diagram;
    else
        ttt_diagram_finish(&diagram);
    return status;
}

void ttt_diagram_finish(struct ttt_diagram *diagram)
{
    if (!diagram)
        return;
    mem_free(diagram->points);
    *diagram = (struct ttt_diagram){0};
}
