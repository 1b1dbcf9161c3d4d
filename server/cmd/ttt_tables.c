#include "server/cmd/ttt_tables.h"

#include "common/mem.h"
#include "server/cmd/json_out.h"

#include <math.h>
#include <string.h>

static const double us_of_step = 1e-9; /* by the paper's convention */

static double finite_or_unknown(double value)
{
    return isfinite(value) ? value : (double)NAN;
}

static void put_interval(struct table *table, struct interval interval)
{
    table_put_real(table, finite_or_unknown(interval.low));
    table_put_real(table, finite_or_unknown(interval.high));
}

static void put_estimate(struct table *table, struct estimate estimate)
{
    table_put_real(table, finite_or_unknown(estimate.value));
    put_interval(table, estimate.interval);
}

static double over_glass(const struct ttt_result *result, double temperature)
{
    const double glass = result->request->glass_temperature;
    return glass > 0.0 ? temperature / glass : (double)NAN;
}

/* t_p of the law: its value is unknown where there is only a bound, which is the low end of the interval. */
static struct estimate time_of(const struct ttt_isotherm *isotherm, int fraction)
{
    const struct estimate none = {(double)NAN, {(double)NAN, (double)NAN}};
    struct estimate time = isotherm->has_fit ? isotherm->fit.time[fraction] : none;
    if (isotherm->has_fit && isotherm->fit.is_bound)
        time.value = (double)NAN;
    return time;
}

static const char *law_of(const struct ttt_isotherm *isotherm)
{
    return !isotherm->has_fit ? NULL : isotherm->fit.is_bound ? "bound ->" : lifetime_law_name(isotherm->fit.law);
}

static double shape_of(const struct ttt_isotherm *isotherm)
{
    return isotherm->has_fit && !isotherm->fit.is_bound ? isotherm->fit.shape : (double)NAN;
}

static const char *estimator_of(const struct ttt_isotherm *isotherm)
{
    return isotherm->is_turnbull ? "turnbull" : "kaplan-meier";
}

/* ---- all columns, for CSV and JSON ---- */

static const struct column full_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"atoms", "atoms", NULL, COLUMN_INTEGER, NULL},
    {"small_fraction", "small", NULL, COLUMN_REAL, NULL},
    {"volume_per_atom", "V/N", "sigma^3", COLUMN_REAL, NULL},
    {"order", "order", NULL, COLUMN_TEXT, NULL},
    {"threshold", "threshold", NULL, COLUMN_REAL, NULL},
    {"dwell", "dwell", "samples", COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, NULL},
    {"temperature_over_glass", "T/T_f", NULL, COLUMN_REAL, NULL},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"in_ramp", "in ramp", NULL, COLUMN_INTEGER, NULL},
    {"law", "law", NULL, COLUMN_TEXT, NULL},
    {"is_bound", "bound", NULL, COLUMN_YESNO, NULL},
    {"shape", "shape", NULL, COLUMN_REAL, NULL},
    {"time_1", "t_1", "steps", COLUMN_REAL, NULL},
    {"time_1_low", "from", "95 %", COLUMN_REAL, NULL},
    {"time_1_high", "to", "95 %", COLUMN_REAL, NULL},
    {"time_50", "t_50", "steps", COLUMN_REAL, NULL},
    {"time_50_low", "from", "95 %", COLUMN_REAL, NULL},
    {"time_50_high", "to", "95 %", COLUMN_REAL, NULL},
    {"time_99", "t_99", "steps", COLUMN_REAL, NULL},
    {"time_99_low", "from", "95 %", COLUMN_REAL, NULL},
    {"time_99_high", "to", "95 %", COLUMN_REAL, NULL},
    {"time_50_tau", "t_50", "tau", COLUMN_REAL, NULL},
    {"time_50_us", "t_50", "us", COLUMN_REAL, NULL},
    {"estimator", "estimator", NULL, COLUMN_TEXT, NULL},
    {"median", "median", "steps", COLUMN_REAL, NULL},
    {"median_low", "from", "95 %", COLUMN_REAL, NULL},
    {"median_high", "to", "95 %", COLUMN_REAL, NULL},
    {"time_50_onset", "onset", "steps", COLUMN_REAL, NULL},
    {"time_50_finish", "finish", "steps", COLUMN_REAL, NULL},
    {"nucleation_rate", "J", "1/(step sigma^3)", COLUMN_REAL, NULL},
    {"nucleation_rate_low", "from", "95 %", COLUMN_REAL, NULL},
    {"nucleation_rate_high", "to", "95 %", COLUMN_REAL, NULL},
    {"sensitivity_worst", "worst change", NULL, COLUMN_REAL, NULL},
    {"is_sensitive", "sensitive", NULL, COLUMN_YESNO, NULL},
    {"reason", "reason", NULL, COLUMN_TEXT, NULL},
};

static void put_origin(struct table *table, const struct ttt_result *result)
{
    const struct ttt_order *order = &result->request->order;
    table_put_text(table, result->item->campaign->name);
    table_put_text(table, result->item->spec->name);
    table_put_integer(table, result->item->spec->system.atoms);
    table_put_real(table, ttt_small_fraction(result));
    table_put_real(table, result->item->spec->system.volume_per_atom);
    table_put_text(table, order->name);
    table_put_real(table, order->rule.threshold);
    table_put_integer(table, order->rule.dwell);
}

static void put_full(struct table *table, const struct ttt_result *result, const struct ttt_isotherm *isotherm)
{
    const double time_50 = time_of(isotherm, FRACTION_50).value;
    put_origin(table, result);
    table_put_real(table, isotherm->temperature);
    table_put_real(table, over_glass(result, isotherm->temperature));
    table_put_integer(table, (int64_t)isotherm->box_count);
    table_put_integer(table, (int64_t)isotherm->fit.events);
    table_put_integer(table, (int64_t)isotherm->in_ramp);
    table_put_text(table, law_of(isotherm));
    table_put_yesno(table, isotherm->has_fit && isotherm->fit.is_bound);
    table_put_real(table, shape_of(isotherm));
    for (int f = 0; f < FRACTION_COUNT; f++)
        put_estimate(table, time_of(isotherm, f));
    table_put_real(table, time_50 * result->item->spec->dynamics.dt);
    table_put_real(table, time_50 * us_of_step);
    table_put_text(table, estimator_of(isotherm));
    put_estimate(table, isotherm->median);
    table_put_real(table, isotherm->time_50_onset);
    table_put_real(table, isotherm->time_50_finish);
    put_estimate(table, isotherm->nucleation);
    table_put_real(table, isotherm->sensitivity.worst_change);
    table_put_yesno(table, isotherm->sensitivity.is_sensitive);
    table_put_text(table, isotherm->why[0] ? isotherm->why : NULL);
}

static struct table *make_full(const struct ttt_result *results, size_t count)
{
    struct table *table = table_create(full_columns, sizeof full_columns / sizeof *full_columns);
    for (size_t r = 0; table && r < count; r++)
        for (size_t i = 0; i < results[r].isotherm_count; i++)
            put_full(table, &results[r], &results[r].isotherms[i]);
    return table;
}

/* ---- tables of one ensemble ---- */

static const struct column law_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"}, {"over_glass", "T/T_f", NULL, COLUMN_REAL, "%.3f"},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},         {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"in_ramp", "in ramp", NULL, COLUMN_INTEGER, NULL},   {"law", "law", NULL, COLUMN_TEXT, NULL},
    {"shape", "shape", NULL, COLUMN_REAL, "%.3g"},        {"time_1", "t_1", "steps", COLUMN_REAL, "%.3g"},
    {"time_50", "t_50", "steps", COLUMN_REAL, "%.4g"},    {"low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"high", "to", "95 %", COLUMN_REAL, "%.4g"},          {"time_99", "t_99", "steps", COLUMN_REAL, "%.3g"},
    {"tau", "t_50", "tau", COLUMN_REAL, "%.3g"},          {"us", "t_50", "us", COLUMN_REAL, "%.3g"},
};

static struct table *make_law(const struct ttt_result *result)
{
    struct table *table = table_create(law_columns, sizeof law_columns / sizeof *law_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        const struct estimate time_50 = time_of(isotherm, FRACTION_50);
        table_put_real(table, isotherm->temperature);
        table_put_real(table, over_glass(result, isotherm->temperature));
        table_put_integer(table, (int64_t)isotherm->box_count);
        table_put_integer(table, (int64_t)isotherm->fit.events);
        table_put_integer(table, (int64_t)isotherm->in_ramp);
        table_put_text(table, law_of(isotherm));
        table_put_real(table, shape_of(isotherm));
        table_put_real(table, time_of(isotherm, FRACTION_1).value);
        put_estimate(table, time_50);
        table_put_real(table, time_of(isotherm, FRACTION_99).value);
        table_put_real(table, time_50.value * result->item->spec->dynamics.dt);
        table_put_real(table, time_50.value * us_of_step);
    }
    return table;
}

static const struct column free_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"estimator", "estimator", NULL, COLUMN_TEXT, NULL},
    {"median", "median", "steps", COLUMN_REAL, "%.4g"},
    {"low", "from", "steps", COLUMN_REAL, "%.4g"},
    {"high", "to", "steps", COLUMN_REAL, "%.4g"},
    {"onset", "onset t_50", "steps", COLUMN_REAL, "%.4g"},
    {"finish", "finish t_50", "steps", COLUMN_REAL, "%.4g"},
    {"rate", "J", "1/(step sigma^3)", COLUMN_REAL, "%.3g"},
    {"rate_low", "from", "95 %", COLUMN_REAL, "%.3g"},
    {"rate_high", "to", "95 %", COLUMN_REAL, "%.3g"},
};

static struct table *make_free(const struct ttt_result *result)
{
    struct table *table = table_create(free_columns, sizeof free_columns / sizeof *free_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        table_put_real(table, isotherm->temperature);
        table_put_text(table, estimator_of(isotherm));
        put_estimate(table, isotherm->median);
        table_put_real(table, isotherm->time_50_onset);
        table_put_real(table, isotherm->time_50_finish);
        put_estimate(table, isotherm->nucleation);
    }
    return table;
}

static const struct column cause_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},   {"cause", "cause", NULL, COLUMN_TEXT, NULL},
    {"events", "events", NULL, COLUMN_INTEGER, NULL},       {"incidence", "probability", NULL, COLUMN_REAL, "%.3f"},
    {"incidence_low", "from", "95 %", COLUMN_REAL, "%.3f"}, {"incidence_high", "to", "95 %", COLUMN_REAL, "%.3f"},
};

static struct table *make_causes(const struct ttt_result *result)
{
    const struct ttt_order *order = &result->request->order;
    struct table *table = table_create(cause_columns, sizeof cause_columns / sizeof *cause_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++)
        for (size_t c = 0; c < order->cause_count; c++) {
            table_put_real(table, result->isotherms[i].temperature);
            table_put_text(table, order->causes[c].name);
            table_put_integer(table, (int64_t)result->isotherms[i].cause_events[c]);
            put_estimate(table, result->isotherms[i].incidence[c]);
        }
    return table;
}

static const struct column sensitivity_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"}, {"threshold", "threshold", NULL, COLUMN_REAL, "%.4g"},
    {"dwell", "dwell", "samples", COLUMN_INTEGER, NULL},  {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"in_ramp", "in ramp", NULL, COLUMN_INTEGER, NULL},   {"is_bound", "bound", NULL, COLUMN_YESNO, NULL},
    {"time_50", "t_50", "steps", COLUMN_REAL, "%.4g"},
};

static void put_sensitivity(struct table *table, double temperature, const struct sensitivity_cell *cell)
{
    table_put_real(table, temperature);
    table_put_real(table, cell->rule.threshold);
    table_put_integer(table, cell->rule.dwell);
    table_put_integer(table, (int64_t)cell->events);
    table_put_integer(table, (int64_t)cell->in_ramp);
    table_put_yesno(table, cell->is_bound);
    table_put_real(table, cell->time_50);
}

static struct table *make_sensitivity(const struct ttt_result *result)
{
    struct table *table = table_create(sensitivity_columns, sizeof sensitivity_columns / sizeof *sensitivity_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++)
        for (int n = 0; n < SENSITIVITY_SIDE * SENSITIVITY_SIDE; n++)
            put_sensitivity(table, result->isotherms[i].temperature,
                            &result->isotherms[i].sensitivity.cells[n / SENSITIVITY_SIDE][n % SENSITIVITY_SIDE]);
    return table;
}

static const struct column run_columns[] = {
    {"replica", "replica", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"event", "event", NULL, COLUMN_TEXT, NULL},
    {"cause", "cause", NULL, COLUMN_TEXT, NULL},
    {"step_low", "after", "step", COLUMN_INTEGER, NULL},
    {"step_high", "by", "step", COLUMN_INTEGER, NULL},
    {"step_last", "watched to", "step", COLUMN_INTEGER, NULL},
    {"step_onset", "onset", "step", COLUMN_INTEGER, NULL},
    {"step_finish", "finish", "step", COLUMN_INTEGER, NULL},
    {"dwell_cut", "dwell cut", NULL, COLUMN_YESNO, NULL},
};

static void put_step(struct table *table, bool known, int64_t step)
{
    if (known)
        table_put_integer(table, step);
    else
        table_put_unknown(table);
}

static struct table *make_runs(const struct ttt_result *result)
{
    const struct ttt_order *order = &result->request->order;
    struct table *table = table_create(run_columns, sizeof run_columns / sizeof *run_columns);
    for (size_t i = 0; table && i < result->boxes.count; i++) {
        const struct ttt_box *box = &result->boxes.boxes[i];
        const struct event *event = &box->course.event;
        table_put_integer(table, box->replica.value);
        table_put_real(table, box->temperature);
        table_put_text(table, event_kind_name(event->kind));
        table_put_text(table, box->cause < order->cause_count ? order->causes[box->cause].name : NULL);
        table_put_integer(table, event->step_low);
        table_put_integer(table, event->step_high);
        table_put_integer(table, event->step_last);
        put_step(table, box->course.has_onset, box->course.step_onset);
        put_step(table, box->course.has_finish, box->course.step_finish);
        table_put_yesno(table, event->is_dwell_cut);
    }
    return table;
}

static const struct column contour_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"}, {"over_glass", "T/T_f", NULL, COLUMN_REAL, "%.3f"},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},         {"mean", "mean of", NULL, COLUMN_TEXT, NULL},
    {"target", "reaches", NULL, COLUMN_REAL, "%.3g"},     {"time", "at", "steps", COLUMN_REAL, "%.4g"},
    {"time_low", "from", "95 %", COLUMN_REAL, "%.4g"},    {"time_high", "to", "95 %", COLUMN_REAL, "%.4g"},
};

static void put_contours(struct table *table, const struct ttt_result *result, const struct ttt_isotherm *isotherm,
                         const char *name, const double *targets, const struct estimate *times)
{
    for (int t = 0; t < TTT_TARGETS; t++) {
        table_put_real(table, isotherm->temperature);
        table_put_real(table, over_glass(result, isotherm->temperature));
        table_put_integer(table, (int64_t)isotherm->ico_runs);
        table_put_text(table, name);
        table_put_real(table, targets[t]);
        put_estimate(table, times[t]);
    }
}

static struct table *make_contours(const struct ttt_result *result)
{
    struct table *table = table_create(contour_columns, sizeof contour_columns / sizeof *contour_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (!isotherm->is_below_glass)
            continue;
        put_contours(table, result, isotherm, "ico_fraction", ttt_ico_targets, isotherm->ico);
        put_contours(table, result, isotherm, "ico_length", ttt_length_targets, isotherm->length);
    }
    return table;
}

static const struct column volume_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"}, {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"exponent", "Avrami n", NULL, COLUMN_REAL, "%.3g"},  {"exponent_low", "from", "95 %", COLUMN_REAL, "%.3g"},
    {"exponent_high", "to", "95 %", COLUMN_REAL, "%.3g"}, {"time_50", "t_50 of volume", "steps", COLUMN_REAL, "%.4g"},
    {"time_50_low", "from", "95 %", COLUMN_REAL, "%.4g"}, {"time_50_high", "to", "95 %", COLUMN_REAL, "%.4g"},
};

static struct table *make_volume(const struct ttt_result *result)
{
    struct table *table = table_create(volume_columns, sizeof volume_columns / sizeof *volume_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (!isotherm->has_volume)
            continue;
        table_put_real(table, isotherm->temperature);
        table_put_integer(table, (int64_t)isotherm->volume.runs);
        put_estimate(table, isotherm->volume.exponent);
        put_estimate(table, isotherm->volume.time_50);
    }
    return table;
}

/* ---- tables of several ensembles ---- */

static const struct column size_columns[] = {
    {"ensemble_a", "ensemble", NULL, COLUMN_TEXT, NULL},  {"atoms_a", "atoms", NULL, COLUMN_INTEGER, NULL},
    {"ensemble_b", "and", NULL, COLUMN_TEXT, NULL},       {"atoms_b", "atoms", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"}, {"ratio", "J over J", NULL, COLUMN_REAL, "%.3g"},
    {"ratio_low", "from", "95 %", COLUMN_REAL, "%.3g"},   {"ratio_high", "to", "95 %", COLUMN_REAL, "%.3g"},
    {"p_value", "p", NULL, COLUMN_REAL, "%.3g"},          {"disagrees", "disagree", NULL, COLUMN_YESNO, NULL},
};

static struct table *make_sizes(const struct ttt_results *results)
{
    struct table *table = table_create(size_columns, sizeof size_columns / sizeof *size_columns);
    for (size_t i = 0; table && i < results->pair_count; i++) {
        const struct ttt_size_pair *pair = &results->pairs[i];
        const struct ensemble_spec *a = results->results[pair->a].item->spec;
        const struct ensemble_spec *b = results->results[pair->b].item->spec;
        table_put_text(table, a->name);
        table_put_integer(table, a->system.atoms);
        table_put_text(table, b->name);
        table_put_integer(table, b->system.atoms);
        table_put_real(table, pair->temperature);
        put_estimate(table, pair->comparison.ratio);
        table_put_real(table, pair->comparison.p_value);
        table_put_yesno(table, pair->comparison.disagrees);
    }
    return table;
}

static const struct column map_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"small_fraction", "small", NULL, COLUMN_REAL, "%.4g"},
    {"volume_per_atom", "V/N", "sigma^3", COLUMN_REAL, "%.4g"},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"time_50", "t_50", "steps", COLUMN_REAL, "%.4g"},
    {"time_50_low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"time_50_high", "to", "95 %", COLUMN_REAL, "%.4g"},
};

static struct table *make_map(const struct ttt_results *results)
{
    struct table *table = table_create(map_columns, sizeof map_columns / sizeof *map_columns);
    const size_t count = ttt_has_compositions(results->results, results->count) ? results->count : 0;
    for (size_t r = 0; table && r < count; r++)
        for (size_t i = 0; i < results->results[r].isotherm_count; i++) {
            const struct ttt_isotherm *isotherm = &results->results[r].isotherms[i];
            table_put_real(table, isotherm->temperature);
            table_put_real(table, ttt_small_fraction(&results->results[r]));
            table_put_real(table, results->results[r].item->spec->system.volume_per_atom);
            table_put_text(table, results->results[r].item->spec->name);
            table_put_integer(table, (int64_t)isotherm->box_count);
            table_put_integer(table, (int64_t)isotherm->fit.events);
            put_estimate(table, ttt_time_50(isotherm));
        }
    return table;
}

/* ---- JSON ---- */

static json_t *json_of_estimate(const struct estimate *estimate)
{
    return json_pack("{s:o, s:o, s:o}", "value", json_of_number(estimate->value), "low",
                     json_of_number(estimate->interval.low), "high", json_of_number(estimate->interval.high));
}

static json_t *json_of_point(const struct ttt_point *point)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "temperature", json_of_number(point->temperature), "time_1",
                     json_of_estimate(&point->time[FRACTION_1]), "time_50", json_of_estimate(&point->time[FRACTION_50]),
                     "time_99", json_of_estimate(&point->time[FRACTION_99]), "is_inside",
                     point->is_inside[FRACTION_50]);
}

static json_t *json_of_diagram(const struct ttt_result *result)
{
    if (!result->has_diagram)
        return json_pack("{s:s}", "reason", result->why[0] ? result->why : "fewer than two isotherms, or no event");
    const struct ttt_diagram *diagram = &result->diagram;
    json_t *points = json_array();
    for (size_t i = 0; i < diagram->count; i++)
        json_array_append_new(points, json_of_point(&diagram->points[i]));
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:b, s:o}", "half_means", half_meaning_label(HALF_OF_BOXES), "form",
        ttt_form_name(diagram->fit.basis.form), "law", lifetime_law_name(diagram->fit.regress.law), "shape",
        json_of_number(diagram->fit.regress.shape), "has_nose", diagram->nose.is_inside, "nose_temperature",
        json_of_estimate(&diagram->nose.temperature), "nose_time_50", json_of_estimate(&diagram->nose.time),
        "cooling_rate_50", json_of_estimate(&diagram->cooling.rate[FRACTION_50]), "cooling_is_truncated",
        diagram->cooling.is_truncated, "points", points);
}

static json_t *json_of_survival(const struct ttt_isotherm *isotherm)
{
    json_t *points = json_array(), *masses = json_array();
    for (size_t i = 0; i < isotherm->survival.count; i++) {
        const struct survival_point *point = &isotherm->survival.points[i];
        json_array_append_new(points, json_pack("{s:o, s:I, s:I, s:o}", "time", json_of_number(point->time), "at_risk",
                                                (json_int_t)point->at_risk, "events", (json_int_t)point->events,
                                                "survival", json_of_estimate(&point->survival)));
    }
    for (size_t i = 0; i < isotherm->turnbull.count; i++) {
        const struct turnbull_mass *mass = &isotherm->turnbull.masses[i];
        json_array_append_new(masses, json_pack("{s:o, s:o, s:o}", "low", json_of_number(mass->low), "high",
                                                json_of_number(mass->high), "mass", json_of_number(mass->mass)));
    }
    return json_pack("{s:o, s:o, s:o}", "temperature", json_of_number(isotherm->temperature), "kaplan_meier", points,
                     "turnbull", masses);
}

static json_t *json_of_survivals(const struct ttt_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < result->isotherm_count; i++)
        json_array_append_new(list, json_of_survival(&result->isotherms[i]));
    return list;
}

static json_t *json_of_definition(const struct ttt_request *request)
{
    const struct ttt_order *order = &request->order;
    json_t *causes = json_array();
    for (size_t c = 0; c < order->cause_count; c++)
        json_array_append_new(causes, json_pack("{s:s, s:s}", "name", order->causes[c].name, "quantity",
                                                quantities[order->causes[c].quantity].name));
    return json_pack("{s:s, s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:I}", "order", order->name, "direction",
                     order->rule.direction == EVENT_DOWN ? "at or below" : "at or above", "threshold",
                     json_of_number(order->rule.threshold), "dwell", (int)order->rule.dwell, "onset",
                     json_of_number(order->onset), "finish", json_of_number(order->finish), "other_energy",
                     order->has_other ? json_of_number(order->other_energy) : json_null(), "causes", causes,
                     "glass_temperature",
                     request->glass_temperature > 0.0 ? json_of_number(request->glass_temperature) : json_null(),
                     "atoms_of_volume_min", (json_int_t)request->atoms_of_volume_min);
}

static json_t *json_of_ramps(const struct ttt_ramps *ramps)
{
    static const char *const bounds[] = {"estimate", "upper bound", "lower bound"};
    if (ramps->count == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:s, s:o}", "ramps", (json_int_t)ramps->count, "transformed",
                     (json_int_t)ramps->transformed, "kind", bounds[ramps->bound], "cooling_rate_50",
                     json_of_estimate(&ramps->rate));
}

/* The table's rows; the table goes. */
static json_t *rows_of(struct table *table)
{
    json_t *rows = table ? table_to_json(table) : NULL;
    table_destroy(&table);
    return rows;
}

static json_t *json_of_result(const struct ttt_result *result)
{
    return json_pack("{s:s, s:s, s:o, s:o?, s:o, s:o?, s:o?, s:o?, s:o?, s:o?, s:o, s:o}", "campaign",
                     result->item->campaign->name, "ensemble", result->item->spec->name, "definition",
                     json_of_definition(result->request), "isotherms", rows_of(make_full(result, 1)), "survival",
                     json_of_survivals(result), "causes", rows_of(make_causes(result)), "sensitivity",
                     rows_of(make_sensitivity(result)), "runs", rows_of(make_runs(result)), "below_glass",
                     rows_of(make_contours(result)), "volume", rows_of(make_volume(result)), "ramps",
                     json_of_ramps(&result->ramps), "diagram", json_of_diagram(result));
}

json_t *ttt_to_json(const struct ttt_results *results)
{
    json_t *list = json_array();
    for (size_t r = 0; r < results->count; r++)
        json_array_append_new(list, json_of_result(&results->results[r]));
    return json_pack("{s:o?, s:o?, s:o?}", "results", list, "sizes", rows_of(make_sizes(results)), "compositions",
                     rows_of(make_map(results)));
}

/* ---- text ---- */

enum { CELL_TEXT_SIZE = 32 };

static void put_cell_text(struct table *table, const struct sensitivity_cell *cell)
{
    char text[CELL_TEXT_SIZE];
    snprintf(text, sizeof text, "%s%.4g", cell->is_bound ? "> " : "", cell->time_50);
    table_put_text(table, isfinite(cell->time_50) ? text : NULL);
}

/* One row a threshold, one column a dwell. */
static enum status print_sensitivity(const struct ttt_result *result, const struct terminal *terminal,
                                     struct error *err)
{
    char titles[SENSITIVITY_SIDE][CELL_TEXT_SIZE];
    struct column columns[2 + SENSITIVITY_SIDE] = {{"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
                                                   {"threshold", "threshold", NULL, COLUMN_REAL, "%.4g"}};
    for (int j = 0; j < SENSITIVITY_SIDE; j++) {
        snprintf(titles[j], sizeof titles[j], "t_50, dwell %u",
                 result->isotherms[0].sensitivity.cells[0][j].rule.dwell);
        columns[2 + j] = (struct column){titles[j], titles[j], "steps", COLUMN_TEXT, NULL};
    }
    struct table *table = table_create(columns, 2 + SENSITIVITY_SIDE);
    for (size_t i = 0; table && i < result->isotherm_count; i++)
        for (int t = 0; t < SENSITIVITY_SIDE; t++) {
            table_put_real(table, result->isotherms[i].temperature);
            table_put_real(table, result->isotherms[i].sensitivity.cells[t][0].rule.threshold);
            for (int j = 0; j < SENSITIVITY_SIDE; j++)
                put_cell_text(table, &result->isotherms[i].sensitivity.cells[t][j]);
        }
    printf("\nother thresholds and dwells:\n");
    enum status status = table ? table_print_text(table, terminal, stdout, err) : mem_error(err, "a table");
    table_destroy(&table);
    return status;
}

/* Prints a table under a heading, unless it has no rows; the table goes. NULL is out of memory. */
static enum status print_table(const char *heading, struct table *table, struct error *err)
{
    const struct terminal terminal = terminal_of(stdout);
    enum status status = table ? STATUS_OK : mem_error(err, "a table of the diagram");
    if (status == STATUS_OK && table_row_count(table) > 0) {
        printf("\n%s\n", heading);
        status = table_print_text(table, &terminal, stdout, err);
    }
    table_destroy(&table);
    return status;
}

static void print_definition(const struct ttt_result *result)
{
    const struct ttt_order *order = &result->request->order;
    const char *sign = order->rule.direction == EVENT_DOWN ? "<=" : ">=";
    printf("%s / %s: %u atoms, %.4g of them small, V/N = %.4g\n", result->item->campaign->name,
           result->item->spec->name, result->item->spec->system.atoms, ttt_small_fraction(result),
           result->item->spec->system.volume_per_atom);
    printf("event: %s %s %g in %u samples on end (onset %g, finish %g)", order->name, sign, order->rule.threshold,
           order->rule.dwell, order->onset, order->finish);
    if (order->has_other)
        printf("; other: energy_inherent <= %g before that", order->other_energy);
    printf("\n50 %%: %s; ->: t_50 is longer than `from`\n", half_meaning_label(HALF_OF_BOXES));
}

static void print_time(const struct ttt_result *result, double steps)
{
    printf(" = %.3g tau = %.3g us", steps * result->item->spec->dynamics.dt, steps * us_of_step);
}

static void print_nose(const struct ttt_result *result)
{
    const struct ttt_nose *nose = &result->diagram.nose;
    const double glass = result->request->glass_temperature;
    if (!nose->is_inside) {
        printf("no nose inside the data\n");
        return;
    }
    printf("nose at T = %.3g (%.3g .. %.3g)", nose->temperature.value, nose->temperature.interval.low,
           nose->temperature.interval.high);
    if (glass > 0.0)
        printf(" = %.3g T_f", nose->temperature.value / glass);
    printf(", t_50 = %.3g (%.3g .. %.3g) steps", nose->time.value, nose->time.interval.low, nose->time.interval.high);
    print_time(result, nose->time.value);
    putchar('\n');
}

static void print_cooling(const struct ttt_result *result)
{
    const struct ttt_cooling *cooling = &result->diagram.cooling;
    const struct estimate *rate = &cooling->rate[FRACTION_50];
    printf("half the boxes transform when cooled at %.3g (%.3g .. %.3g) epsilon per step, by additivity%s\n",
           rate->value, rate->interval.low, rate->interval.high,
           cooling->is_truncated ? ", or faster: the data end too early" : "");
}

static void print_ramps(const struct ttt_ramps *ramps)
{
    if (ramps->count == 0)
        return;
    printf("of %zu ramps through these temperatures %zu transformed: ", ramps->count, ramps->transformed);
    if (ramps->bound == RAMP_BELOW)
        printf("half of them do below %.3g epsilon per step\n", ramps->rate.value);
    else if (ramps->bound == RAMP_ABOVE)
        printf("half of them do above %.3g epsilon per step\n", ramps->rate.value);
    else
        printf("half of them do at %.3g (%.3g .. %.3g) epsilon per step\n", ramps->rate.value, ramps->rate.interval.low,
               ramps->rate.interval.high);
}

static void print_diagram(const struct ttt_result *result)
{
    if (result->has_diagram) {
        printf("\nall isotherms together: %s law, %s in T\n", lifetime_law_name(result->diagram.fit.regress.law),
               ttt_form_name(result->diagram.fit.basis.form));
        print_nose(result);
        print_cooling(result);
    } else if (result->why[0]) {
        printf("\nno diagram: %s\n", result->why);
    }
    print_ramps(&result->ramps);
}

static void print_warnings(const struct ttt_result *result)
{
    if (result->boxes.not_started > 0)
        printf("%zu runs have no sample after step 0 yet\n", result->boxes.not_started);
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (isotherm->why[0])
            printf("no t_50 at T = %.4g: %s\n", isotherm->temperature, isotherm->why);
        if (isotherm->sensitivity.is_sensitive && isfinite(isotherm->sensitivity.worst_change))
            printf("warning: at T = %.4g t_50 moves by up to %.0f %% with threshold and dwell\n", isotherm->temperature,
                   100.0 * isotherm->sensitivity.worst_change);
        else if (isotherm->sensitivity.is_sensitive)
            printf("warning: at T = %.4g some thresholds and dwells give a t_50 and others none\n",
                   isotherm->temperature);
    }
}

static enum status print_result(const struct ttt_result *result, struct error *err)
{
    print_definition(result);
    enum status status = print_table("by law:", make_law(result), err);
    if (status == STATUS_OK)
        status = print_table(
            "without a law; onset and finish; nucleation, which supposes the exponential law:", make_free(result), err);
    print_diagram(result);
    print_warnings(result);
    if (status == STATUS_OK && result->request->order.cause_count > 1)
        status = print_table("causes, and the probability of each by the last event:", make_causes(result), err);
    if (status == STATUS_OK)
        status = print_table("below T_f, means over the runs:", make_contours(result), err);
    if (status == STATUS_OK)
        status = print_table("50 %: transformed fraction inside a large box:", make_volume(result), err);
    const struct terminal terminal = terminal_of(stdout);
    return status == STATUS_OK ? print_sensitivity(result, &terminal, err) : status;
}

static void warn_of_sizes(const struct ttt_results *results)
{
    for (size_t i = 0; i < results->pair_count; i++)
        if (results->pairs[i].comparison.disagrees)
            printf("warning: at T = %.4g boxes of %u and %u atoms give different nucleation rates: the small ones are "
                   "no sample of the large\n",
                   results->pairs[i].temperature, results->results[results->pairs[i].a].item->spec->system.atoms,
                   results->results[results->pairs[i].b].item->spec->system.atoms);
}

static enum status print_text(const struct ttt_results *results, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; status == STATUS_OK && r < results->count; r++) {
        if (r > 0)
            putchar('\n');
        status = print_result(&results->results[r], err);
    }
    if (status == STATUS_OK)
        status = print_table("nucleation rates of two box sizes:", make_sizes(results), err);
    warn_of_sizes(results);
    return status == STATUS_OK ? print_table("map of t_50:", make_map(results), err) : status;
}

enum status ttt_print(const struct ttt_results *results, const struct output_options *output, struct error *err)
{
    if (output->json)
        return json_print(ttt_to_json(results), stdout, err);
    if (!output->csv)
        return print_text(results, err);
    struct table *table = make_full(results->results, results->count);
    enum status status = table ? table_print_csv(table, stdout, err) : mem_error(err, "a table of the diagram");
    table_destroy(&table);
    return status;
}
