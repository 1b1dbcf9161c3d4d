#include "server/cmd/ttt_tables.h"

#include <math.h>

const double ttt_us_of_step = 1e-9;

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
    {"median_cell_low", "median after", "steps", COLUMN_REAL, NULL},
    {"median_cell_high", "and by", "steps", COLUMN_REAL, NULL},
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
    const double time_50 = ttt_time(isotherm, FRACTION_50).value;
    put_origin(table, result);
    table_put_real(table, isotherm->temperature);
    table_put_real(table, over_glass(result, isotherm->temperature));
    table_put_integer(table, (int64_t)isotherm->box_count);
    table_put_integer(table, (int64_t)isotherm->events);
    table_put_integer(table, (int64_t)isotherm->in_ramp);
    table_put_text(table, law_of(isotherm));
    table_put_yesno(table, isotherm->has_fit && isotherm->fit.is_bound);
    table_put_real(table, shape_of(isotherm));
    for (int f = 0; f < FRACTION_COUNT; f++)
        put_estimate(table, ttt_time(isotherm, f));
    table_put_real(table, time_50 * result->item->spec->dynamics.dt);
    table_put_real(table, time_50 * ttt_us_of_step);
    table_put_text(table, estimator_of(isotherm));
    put_estimate(table, isotherm->median);
    put_interval(table, isotherm->median_cell);
    table_put_real(table, isotherm->time_50_onset);
    table_put_real(table, isotherm->time_50_finish);
    put_estimate(table, isotherm->nucleation);
    table_put_real(table, isotherm->sensitivity.worst_change);
    table_put_yesno(table, isotherm->sensitivity.is_sensitive);
    table_put_text(table, isotherm->why[0] ? isotherm->why : NULL);
}

struct table *ttt_table_full(const struct ttt_result *results, size_t count)
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

struct table *ttt_table_laws(const struct ttt_result *result)
{
    struct table *table = table_create(law_columns, sizeof law_columns / sizeof *law_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        const struct estimate time_50 = ttt_time(isotherm, FRACTION_50);
        table_put_real(table, isotherm->temperature);
        table_put_real(table, over_glass(result, isotherm->temperature));
        table_put_integer(table, (int64_t)isotherm->box_count);
        table_put_integer(table, (int64_t)isotherm->events);
        table_put_integer(table, (int64_t)isotherm->in_ramp);
        table_put_text(table, law_of(isotherm));
        table_put_real(table, shape_of(isotherm));
        table_put_real(table, ttt_time(isotherm, FRACTION_1).value);
        put_estimate(table, time_50);
        table_put_real(table, ttt_time(isotherm, FRACTION_99).value);
        table_put_real(table, time_50.value * result->item->spec->dynamics.dt);
        table_put_real(table, time_50.value * ttt_us_of_step);
    }
    return table;
}

static const struct column free_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"estimator", "estimator", NULL, COLUMN_TEXT, NULL},
    {"median", "median", "steps", COLUMN_REAL, "%.4g"},
    {"low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"high", "to", "95 %", COLUMN_REAL, "%.4g"},
    {"cell_low", "after", "step", COLUMN_REAL, "%.4g"},
    {"cell_high", "and by", "step", COLUMN_REAL, "%.4g"},
    {"onset", "onset t_50", "steps", COLUMN_REAL, "%.4g"},
    {"finish", "finish t_50", "steps", COLUMN_REAL, "%.4g"},
    {"rate", "J", "1/(step sigma^3)", COLUMN_REAL, "%.3g"},
    {"rate_low", "from", "95 %", COLUMN_REAL, "%.3g"},
    {"rate_high", "to", "95 %", COLUMN_REAL, "%.3g"},
};

struct table *ttt_table_free(const struct ttt_result *result)
{
    struct table *table = table_create(free_columns, sizeof free_columns / sizeof *free_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        table_put_real(table, isotherm->temperature);
        table_put_text(table, estimator_of(isotherm));
        put_estimate(table, isotherm->median);
        put_interval(table, isotherm->median_cell);
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

struct table *ttt_table_causes(const struct ttt_result *result)
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

struct table *ttt_table_sensitivity(const struct ttt_result *result)
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

struct table *ttt_table_runs(const struct ttt_result *result)
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

static const struct column mean_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"over_glass", "T/T_f", NULL, COLUMN_REAL, "%.3f"},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"mean", "mean of", NULL, COLUMN_TEXT, NULL},
    {"target", "reaches", NULL, COLUMN_REAL, "%.3g"},
    {"time", "at", "steps", COLUMN_REAL, "%.4g"},
    {"time_low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"time_high", "to", "95 %", COLUMN_REAL, "%.4g"},
    {"all_to", "all runs to", "step", COLUMN_INTEGER, NULL},
    {"two_to", "two to", "step", COLUMN_INTEGER, NULL},
};

/* Without rows where nothing was measured. */
static void put_means(struct table *table, const struct ttt_result *result, const struct ttt_isotherm *isotherm,
                      const char *name, const struct ttt_reach *reach, const double *targets,
                      const struct estimate *times)
{
    for (int t = 0; reach->runs > 0 && t < TTT_TARGETS; t++) {
        table_put_real(table, isotherm->temperature);
        table_put_real(table, over_glass(result, isotherm->temperature));
        table_put_integer(table, (int64_t)reach->runs);
        table_put_text(table, name);
        table_put_real(table, targets[t]);
        put_estimate(table, times[t]);
        table_put_integer(table, reach->step_all);
        table_put_integer(table, reach->step_two);
    }
}

struct table *ttt_table_means(const struct ttt_result *result)
{
    struct table *table = table_create(mean_columns, sizeof mean_columns / sizeof *mean_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (!isotherm->is_below_glass)
            continue;
        put_means(table, result, isotherm, "ico_fraction", &isotherm->ico_reach, ttt_ico_targets, isotherm->ico);
        put_means(table, result, isotherm, "ico_length", &isotherm->length_reach, ttt_length_targets, isotherm->length);
    }
    return table;
}

static const struct column volume_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"exponent", "Avrami n", NULL, COLUMN_REAL, "%.3g"},
    {"exponent_low", "from", "95 %", COLUMN_REAL, "%.3g"},
    {"exponent_high", "to", "95 %", COLUMN_REAL, "%.3g"},
    {"time_50", "t_50 of volume", "steps", COLUMN_REAL, "%.4g"},
    {"time_50_low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"time_50_high", "to", "95 %", COLUMN_REAL, "%.4g"},
    {"by_largest", "by largest", "runs", COLUMN_INTEGER, NULL},
};

struct table *ttt_table_volumes(const struct ttt_result *result)
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
        table_put_integer(table, (int64_t)isotherm->volume.by_largest);
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

struct table *ttt_table_sizes(const struct ttt_results *results)
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

struct table *ttt_table_map(const struct ttt_results *results)
{
    struct table *table = table_create(map_columns, sizeof map_columns / sizeof *map_columns);
    const size_t count = ttt_has_compositions(results) ? results->count : 0;
    for (size_t r = 0; table && r < count; r++)
        for (size_t i = 0; i < results->results[r].isotherm_count; i++) {
            const struct ttt_isotherm *isotherm = &results->results[r].isotherms[i];
            table_put_real(table, isotherm->temperature);
            table_put_real(table, ttt_small_fraction(&results->results[r]));
            table_put_real(table, results->results[r].item->spec->system.volume_per_atom);
            table_put_text(table, results->results[r].item->spec->name);
            table_put_integer(table, (int64_t)isotherm->box_count);
            table_put_integer(table, (int64_t)isotherm->events);
            put_estimate(table, ttt_time(isotherm, FRACTION_50));
        }
    return table;
}
