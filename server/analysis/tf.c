#include "server/analysis/tf.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "server/analysis/linear.h"

#include <math.h>
#include <stdbool.h>

enum { COLUMNS_MAX = 3, SCAN = 400, HALVINGS = 100, STICK_SCAN = 200, GOLDEN_STEPS = 60 };

const struct tf_options tf_options_default = {TF_LIQUID_PARABOLA, {0.05, 0.35}, {0.60, 1.00}, {0.10, 0.90}, 0.95};

const char *tf_liquid_name(enum tf_liquid liquid)
{
    static const char *const names[] = {"straight", "parabola", "three_fifths"};
    return names[liquid];
}

static size_t liquid_columns(enum tf_liquid liquid)
{
    return liquid == TF_LIQUID_PARABOLA ? 3 : 2;
}

static void liquid_row(enum tf_liquid liquid, double temperature, double *row)
{
    row[0] = 1.0;
    row[1] = liquid == TF_LIQUID_THREE_FIFTHS ? real_pow(temperature, 0.6) : temperature;
    if (liquid == TF_LIQUID_PARABOLA)
        row[2] = temperature * temperature;
}

/* U(T) = sum of coefficients times columns. */
struct line {
    enum tf_liquid form;
    double coefficients[COLUMNS_MAX];
};

static double line_at(const struct line *line, double temperature)
{
    double row[COLUMNS_MAX] = {0}, sum = 0.0;
    liquid_row(line->form, temperature, row);
    for (size_t i = 0; i < liquid_columns(line->form); i++)
        sum += row[i] * line->coefficients[i];
    return sum;
}

/* The points of a curve within a window; design has room for COLUMNS_MAX columns. */
struct window {
    double *temperatures, *energies, *design;
    size_t count;
};

static void window_finish(struct window *window)
{
    mem_free(window->temperatures);
    mem_free(window->energies);
    mem_free(window->design);
}

static bool window_init(struct window *window, size_t count)
{
    window->temperatures = mem_alloc_array(count, sizeof *window->temperatures);
    window->energies = mem_alloc_array(count, sizeof *window->energies);
    window->design = mem_alloc_array(count, COLUMNS_MAX * sizeof *window->design);
    return window->temperatures && window->energies && window->design;
}

static enum status window_fill(struct window *window, const struct tf_curve *curve, struct interval range,
                               const char *name, struct error *err)
{
    window->count = 0;
    for (size_t i = 0; i < curve->count; i++) {
        double temperature = curve->temperatures[i];
        if (temperature < range.low || temperature > range.high)
            continue;
        window->temperatures[window->count] = temperature;
        window->energies[window->count++] = curve->energies[i];
    }
    if (window->count < TF_POINTS_MIN)
        return error_set(err, STATUS_INVALID, "%zu points in the %s window %g to %g, not %d", window->count, name,
                         range.low, range.high, TF_POINTS_MIN);
    return STATUS_OK;
}

static enum status fit_line(struct window *window, const struct tf_curve *curve, struct interval range,
                            const char *name, struct line *line, struct error *err)
{
    enum status status = window_fill(window, curve, range, name, err);
    size_t columns = liquid_columns(line->form);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < window->count; i++)
        liquid_row(line->form, window->temperatures[i], window->design + i * columns);
    status =
        linear_least_squares(window->design, window->energies, window->count, columns, line->coefficients, NULL, err);
    return status == STATUS_OK ? status : error_context(err, "the %s window", name);
}

static double gap(const struct line *glass, const struct line *liquid, double temperature)
{
    return line_at(liquid, temperature) - line_at(glass, temperature);
}

static double bisect_gap(const struct line *glass, const struct line *liquid, double low, double high)
{
    bool low_is_positive = gap(glass, liquid, low) > 0.0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if ((gap(glass, liquid, middle) > 0.0) == low_is_positive)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* The crossing nearest the middle between the windows. */
static bool find_crossing(const struct line *glass, const struct line *liquid, const struct tf_options *options,
                          double *out_temperature)
{
    double low = options->glass_window.low, high = options->liquid_window.high;
    double between = 0.5 * (options->glass_window.high + options->liquid_window.low);
    bool found = false;
    for (int i = 0; i < SCAN; i++) {
        double a = low + (high - low) * i / SCAN, b = low + (high - low) * (i + 1) / SCAN;
        if ((gap(glass, liquid, a) > 0.0) == (gap(glass, liquid, b) > 0.0))
            continue;
        double root = bisect_gap(glass, liquid, a, b);
        if (!found || fabs(root - between) < fabs(*out_temperature - between))
            *out_temperature = root;
        found = true;
    }
    return found;
}

static enum status crossing_of(struct window *window, const struct tf_curve *curve, const struct tf_options *options,
                               double *out, struct error *err)
{
    struct line glass = {.form = TF_LIQUID_STRAIGHT}, liquid = {.form = options->liquid};
    enum status status = fit_line(window, curve, options->glass_window, "glass", &glass, err);
    if (status != STATUS_OK ||
        (status = fit_line(window, curve, options->liquid_window, "liquid", &liquid, err)) != STATUS_OK)
        return status;
    if (!find_crossing(&glass, &liquid, options, out))
        return error_set(err, STATUS_INVALID, "the glass line and the liquid's curve do not cross between %g and %g",
                         options->glass_window.low, options->liquid_window.high);
    return STATUS_OK;
}

/* Residual sum of squares of U = a + b T + c max(0, T - break); INFINITY where the break leaves no points aside. */
static double stick_rss(struct window *window, double at, double coefficients[COLUMNS_MAX])
{
    double rss;
    for (size_t i = 0; i < window->count; i++) {
        double temperature = window->temperatures[i], *row = window->design + 3 * i;
        row[0] = 1.0;
        row[1] = temperature - at;
        row[2] = temperature > at ? temperature - at : 0.0;
    }
    if (linear_least_squares(window->design, window->energies, window->count, 3, coefficients, &rss, NULL) != STATUS_OK)
        return (double)INFINITY;
    return rss;
}

/* A scan finds the valley, a golden section its floor. */
static double best_break(struct window *window, struct interval range)
{
    const double golden = 0.61803398874989485;
    double step = (range.high - range.low) / STICK_SCAN, best = (double)INFINITY, at = range.low, c[COLUMNS_MAX];
    for (int i = 1; i < STICK_SCAN; i++) {
        double rss = stick_rss(window, range.low + i * step, c);
        if (rss < best) {
            best = rss;
            at = range.low + i * step;
        }
    }
    double low = at - step, high = at + step;
    for (int i = 0; i < GOLDEN_STEPS; i++) {
        double a = high - golden * (high - low), b = low + golden * (high - low);
        if (stick_rss(window, a, c) <= stick_rss(window, b, c))
            high = b;
        else
            low = a;
    }
    return 0.5 * (low + high);
}

static double sum_of_squares(const struct window *window)
{
    double sum = 0.0;
    for (size_t i = 0; i < window->count; i++)
        sum += window->energies[i] * window->energies[i];
    return sum;
}

static enum status broken_stick_of(struct window *window, const struct tf_curve *curve,
                                   const struct tf_options *options, struct tf_point *out, struct error *err)
{
    double coefficients[COLUMNS_MAX], straight[2], rss_straight;
    enum status status = window_fill(window, curve, options->stick_window, "broken-stick", err);
    if (status != STATUS_OK)
        return status;
    double at = best_break(window, options->stick_window), rss = stick_rss(window, at, coefficients);
    for (size_t i = 0; i < window->count; i++) {
        window->design[2 * i] = 1.0;
        window->design[2 * i + 1] = window->temperatures[i];
    }
    status = linear_least_squares(window->design, window->energies, window->count, 2, straight, &rss_straight, err);
    if (status != STATUS_OK)
        return error_context(err, "the broken-stick window");
    /* A straight line has no break to find: only rounding would place it. */
    if (!(rss_straight - rss > 1e-20 * sum_of_squares(window)))
        return error_set(err, STATUS_INVALID, "the slope does not change between %g and %g", options->stick_window.low,
                         options->stick_window.high);
    out->broken_stick = at;
    out->slope_glass = coefficients[1];
    out->slope_liquid = coefficients[1] + coefficients[2];
    return STATUS_OK;
}

static enum status check_curve(const struct tf_curve *curve, struct error *err)
{
    for (size_t i = 0; i < curve->count; i++)
        if (!(curve->temperatures[i] >= 0.0 && isfinite(curve->temperatures[i]) && isfinite(curve->energies[i])))
            return error_set(err, STATUS_INVALID, "point %zu of the quench is (%g, %g)", i, curve->temperatures[i],
                             curve->energies[i]);
    return STATUS_OK;
}

static bool is_window(struct interval window)
{
    return window.low > 0.0 && window.high > window.low && isfinite(window.high);
}

static enum status check_options(const struct tf_options *options, struct error *err)
{
    if (!is_window(options->glass_window) || !is_window(options->liquid_window) || !is_window(options->stick_window) ||
        options->liquid_window.low < options->glass_window.high)
        return error_set(err, STATUS_INVALID, "windows %g-%g (glass), %g-%g (liquid), %g-%g (stick) are out of order",
                         options->glass_window.low, options->glass_window.high, options->liquid_window.low,
                         options->liquid_window.high, options->stick_window.low, options->stick_window.high);
    if (!(options->level > 0.0 && options->level < 1.0))
        return error_set(err, STATUS_INVALID, "level %g is not between 0 and 1", options->level);
    return STATUS_OK;
}

enum status tf_of_curve(const struct tf_curve *curve, const struct tf_options *options, struct tf_point *out,
                        struct error *err)
{
    struct window window = {0};
    struct tf_point point = {0};
    enum status status = check_options(options, err);
    if (status != STATUS_OK || (status = check_curve(curve, err)) != STATUS_OK)
        return status;
    if (!window_init(&window, curve->count))
        status = mem_error(err, "a quench");
    if (status == STATUS_OK)
        status = crossing_of(&window, curve, options, &point.crossing, err);
    if (status == STATUS_OK)
        status = broken_stick_of(&window, curve, options, &point, err);
    window_finish(&window);
    if (status == STATUS_OK)
        *out = point;
    return status;
}

/* Too few quenches have a mean and no interval. */
static struct replicates judged(const double *values, size_t count, double level)
{
    struct replicates result = replicates_of(values, count, level);
    if (count < TF_QUENCHES_MIN)
        result.mean.interval = (struct interval){(double)NAN, (double)NAN};
    return result;
}

enum status tf_of_quenches(const struct tf_curve *curves, size_t count, const struct tf_options *options,
                           struct tf_result *out, struct error *err)
{
    enum status status = STATUS_OK;
    if (count == 0)
        return error_set(err, STATUS_INVALID, "no quenches");
    double *crossings = mem_alloc_array(count, sizeof *crossings);
    double *breaks = mem_alloc_array(count, sizeof *breaks);
    if (!crossings || !breaks)
        status = mem_error(err, "the quenches");
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct tf_point point = {0};
        status = tf_of_curve(&curves[i], options, &point, err);
        crossings[i] = point.crossing;
        breaks[i] = point.broken_stick;
        if (status != STATUS_OK)
            error_context(err, "quench %zu", i);
    }
    if (status == STATUS_OK)
        *out = (struct tf_result){judged(crossings, count, options->level), judged(breaks, count, options->level)};
    mem_free(crossings);
    mem_free(breaks);
    return status;
}
