/* ttt.c - vitrine ttt: events on isotherms, transformation times with their uncertainty, and the diagram. */
#include "common/mem.h"
#include "server/analysis/sensitivity.h"
#include "server/cmd/json_out.h"
#include "server/cmd/ttt_picture.h"
#include "server/cmd/verbs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct ttt_verb_options {
    struct selection selection;
    struct output_options output;
    const char *order, *out;
    struct option_f64 threshold, melting;
    struct option_i64 dwell;
    bool keep_script;
};

static const struct option_spec ttt_specs[] = {
    OPTION("order", "NAME", OPTION_TEXT, ttt_verb_options, order,
           "order parameter: crystal (default), or a quantity of inherent structures"),
    OPTION("threshold", "X", OPTION_F64, ttt_verb_options, threshold,
           "transformed from this value on (default 0.2); for energy_inherent: at this value and below"),
    OPTION("dwell", "N", OPTION_I64, ttt_verb_options, dwell, "for so many samples on end (default 5)"),
    OPTION("melting", "T", OPTION_F64, ttt_verb_options, melting, "T_m, which closes the contours at the top"),
    OPTION("out", "DIR", OPTION_TEXT, ttt_verb_options, out, "draw the diagram into this folder, which must exist"),
    OPTION("keep-script", NULL, OPTION_FLAG, ttt_verb_options, keep_script, "keep the gnuplot script, to change it"),
    SELECTION_OPTIONS(ttt_verb_options, selection),
    OUTPUT_OPTIONS(ttt_verb_options, output),
    OPTION_END,
};

enum { GRID_POINTS = 81 };
static const double level = 0.95;
static const double grid_margin = 0.1; /* of the data's range, drawn on either side of it */

/* All runs of one temperature. */
struct isotherm {
    const struct ttt_box *boxes;
    size_t box_count, in_ramp;
    struct lifetime_fit fit; /* zeroed when every run transformed in the ramp */
    struct sensitivity sensitivity;
    bool has_fit;
};

struct ttt_result {
    const struct selected *item;
    struct ttt_order order;
    struct ttt_boxes boxes;
    struct isotherm *isotherms;
    size_t isotherm_count, events;
    struct ttt_diagram diagram;
    bool has_diagram;
};

/* --- Numbers ------------------------------------------------------------------------------------------------------ */

static struct bootstrap_options bootstrap_of(const struct ttt_result *result)
{
    return (struct bootstrap_options){.seed = result->item->campaign->seed,
                                      .resamples = BOOTSTRAP_RESAMPLES,
                                      .level = level,
                                      .cadence = (double)result->item->spec->sampling.inherent_every};
}

static enum status fit_isotherm(const struct ttt_result *result, struct isotherm *isotherm, struct error *err)
{
    const struct bootstrap_options options = bootstrap_of(result);
    size_t count = 0;
    struct lifetime *lifetimes = mem_alloc_array(isotherm->box_count, sizeof *lifetimes);
    if (!lifetimes)
        return mem_error(err, "the lifetimes of an isotherm");
    for (size_t i = 0; i < isotherm->box_count; i++)
        if (isotherm->boxes[i].event.kind != EVENT_IN_RAMP)
            lifetimes[count++] = isotherm->boxes[i].event.life;
    isotherm->in_ramp = isotherm->box_count - count;
    enum status status = count > 0 ? lifetime_fit(lifetimes, count, &options, &isotherm->fit, err) : STATUS_OK;
    isotherm->has_fit = status == STATUS_OK && count > 0;
    mem_free(lifetimes);
    return status;
}

/* Half and one and a half of a threshold; for energies 0.02 epsilon to either side. */
static enum status vary_rule(const struct ttt_result *result, struct isotherm *isotherm, struct error *err)
{
    const struct event_rule rule = result->order.rule;
    const double step = rule.direction == EVENT_DOWN ? 0.02 : 0.5 * rule.threshold;
    const double thresholds[] = {rule.threshold - step, rule.threshold, rule.threshold + step};
    const uint32_t dwells[] = {rule.dwell > 2 ? rule.dwell - 2 : 1, rule.dwell, 2 * rule.dwell};
    struct event_series *series = mem_alloc_array(isotherm->box_count, sizeof *series);
    if (!series)
        return mem_error(err, "the sensitivity table");
    for (size_t i = 0; i < isotherm->box_count; i++)
        series[i] =
            (struct event_series){isotherm->boxes[i].steps, isotherm->boxes[i].values, isotherm->boxes[i].count};
    enum status status =
        sensitivity_table(series, isotherm->box_count, rule.direction, thresholds, dwells, &isotherm->sensitivity, err);
    mem_free(series);
    return status;
}

static enum status fit_isotherms(struct ttt_result *result, struct error *err)
{
    const struct ttt_boxes *boxes = &result->boxes;
    enum status status = STATUS_OK;
    result->isotherms = mem_alloc_array(boxes->count, sizeof *result->isotherms);
    if (!result->isotherms)
        return mem_error(err, "a diagram");
    for (size_t i = 0; status == STATUS_OK && i < boxes->count;) {
        struct isotherm *isotherm = &result->isotherms[result->isotherm_count++];
        isotherm->boxes = &boxes->boxes[i];
        while (i < boxes->count && boxes->boxes[i].temperature == isotherm->boxes->temperature) {
            isotherm->box_count++;
            i++;
        }
        if ((status = fit_isotherm(result, isotherm, err)) == STATUS_OK)
            status = vary_rule(result, isotherm, err);
        result->events += isotherm->fit.events;
    }
    return status;
}

static enum status fit_diagram(struct ttt_result *result, double melting, struct error *err)
{
    const double low = result->isotherms[0].boxes->temperature;
    const double high = result->isotherms[result->isotherm_count - 1].boxes->temperature;
    double grid[GRID_POINTS];
    size_t count = 0;
    for (int i = 0; i < GRID_POINTS; i++)
        grid[i] = low + (high - low) * ((1.0 + 2.0 * grid_margin) * i / (GRID_POINTS - 1) - grid_margin);
    const struct ttt_options options = {bootstrap_of(result), grid, GRID_POINTS, melting};
    struct ttt_run *runs = mem_alloc_array(result->boxes.count, sizeof *runs);
    if (!runs)
        return mem_error(err, "a diagram");
    for (size_t i = 0; i < result->boxes.count; i++)
        if (result->boxes.boxes[i].event.kind != EVENT_IN_RAMP)
            runs[count++] = (struct ttt_run){result->boxes.boxes[i].temperature, result->boxes.boxes[i].event.life};
    enum status status = ttt_diagram_create(runs, count, &options, &result->diagram, err);
    result->has_diagram = status == STATUS_OK;
    mem_free(runs);
    return status;
}

/* One isotherm is no diagram, and without an event there is nothing to fit: then there are only bounds. */
static enum status compute(struct store *store, const struct ttt_verb_options *options, struct ttt_result *result,
                           struct error *err)
{
    enum status status = ttt_boxes_read(store, result->item, &result->order, &result->boxes, err);
    if (status == STATUS_OK && result->boxes.count == 0)
        return error_set(err, STATUS_NOT_FOUND, "ensemble '%s' has no inherent sample after step 0 yet",
                         result->item->spec->name);
    if (status == STATUS_OK)
        status = fit_isotherms(result, err);
    if (status == STATUS_OK && result->isotherm_count > 1 && result->events > 0)
        status = fit_diagram(result, options->melting.value, err);
    return status;
}

static void result_finish(struct ttt_result *result)
{
    if (result->has_diagram)
        ttt_diagram_finish(&result->diagram);
    mem_free(result->isotherms);
    ttt_boxes_finish(&result->boxes);
}

/* --- Tables ------------------------------------------------------------------------------------------------------- */

static const struct column isotherm_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"in_ramp", "in ramp", NULL, COLUMN_INTEGER, NULL},
    {"law", "law", NULL, COLUMN_TEXT, NULL},
    {"shape", "shape", NULL, COLUMN_REAL, "%.3g"},
    {"time_1", "t_1", "steps", COLUMN_REAL, "%.3g"},
    {"time_50", "t_50", "steps", COLUMN_REAL, "%.4g"},
    {"time_50_low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"time_50_high", "to", "95 %", COLUMN_REAL, "%.4g"},
    {"time_99", "t_99", "steps", COLUMN_REAL, "%.3g"},
};

static double number_or_unknown(bool known, double value)
{
    return known && isfinite(value) ? value : (double)NAN;
}

static void put_isotherm(const struct isotherm *isotherm, struct table *table)
{
    const struct lifetime_fit *fit = &isotherm->fit;
    const bool known = isotherm->has_fit && !fit->is_bound;
    table_put_real(table, isotherm->boxes->temperature);
    table_put_integer(table, (int64_t)isotherm->box_count);
    table_put_integer(table, (int64_t)fit->events);
    table_put_integer(table, (int64_t)isotherm->in_ramp);
    table_put_text(table, !isotherm->has_fit ? NULL : fit->is_bound ? "bound ->" : lifetime_law_name(fit->law));
    table_put_real(table, number_or_unknown(known, fit->shape));
    table_put_real(table, number_or_unknown(known, fit->time[FRACTION_1].value));
    table_put_real(table, number_or_unknown(known, fit->time[FRACTION_50].value));
    table_put_real(table, number_or_unknown(isotherm->has_fit, fit->time[FRACTION_50].interval.low));
    table_put_real(table, number_or_unknown(isotherm->has_fit, fit->time[FRACTION_50].interval.high));
    table_put_real(table, number_or_unknown(known, fit->time[FRACTION_99].value));
}

static struct table *make_isotherms(const struct ttt_result *result)
{
    struct table *table = table_create(isotherm_columns, sizeof isotherm_columns / sizeof *isotherm_columns);
    for (size_t i = 0; table && i < result->isotherm_count; i++)
        put_isotherm(&result->isotherms[i], table);
    return table;
}

static const struct column sensitivity_columns[] = {
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"}, {"threshold", "threshold", NULL, COLUMN_REAL, "%.4g"},
    {"dwell", "dwell", "samples", COLUMN_INTEGER, NULL},  {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"in_ramp", "in ramp", NULL, COLUMN_INTEGER, NULL},   {"is_bound", "bound", NULL, COLUMN_YESNO, NULL},
    {"time_50", "t_50", "steps", COLUMN_REAL, "%.4g"},
};

static void put_sensitivity(double temperature, const struct sensitivity_cell *cell, struct table *table)
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
            put_sensitivity(result->isotherms[i].boxes->temperature,
                            &result->isotherms[i].sensitivity.cells[n / SENSITIVITY_SIDE][n % SENSITIVITY_SIDE], table);
    return table;
}

static const struct column run_columns[] = {
    {"replica", "replica", NULL, COLUMN_INTEGER, NULL}, {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"event", "event", NULL, COLUMN_TEXT, NULL},        {"step_low", "after", "step", COLUMN_INTEGER, NULL},
    {"step_high", "by", "step", COLUMN_INTEGER, NULL},  {"step_last", "watched to", "step", COLUMN_INTEGER, NULL},
};

static struct table *make_runs(const struct ttt_result *result)
{
    struct table *table = table_create(run_columns, sizeof run_columns / sizeof *run_columns);
    for (size_t i = 0; table && i < result->boxes.count; i++) {
        const struct ttt_box *box = &result->boxes.boxes[i];
        table_put_integer(table, box->replica.value);
        table_put_real(table, box->temperature);
        table_put_text(table, event_kind_name(box->event.kind));
        table_put_integer(table, box->event.step_low);
        table_put_integer(table, box->event.step_high);
        table_put_integer(table, box->event.step_last);
    }
    return table;
}

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
        return json_null();
    const struct ttt_diagram *diagram = &result->diagram;
    json_t *points = json_array();
    for (size_t i = 0; i < diagram->count; i++)
        json_array_append_new(points, json_of_point(&diagram->points[i]));
    return json_pack(
        "{s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:b, s:o}", "form", ttt_form_name(diagram->fit.basis.form), "law",
        lifetime_law_name(diagram->fit.regress.law), "shape", json_of_number(diagram->fit.regress.shape), "has_nose",
        diagram->nose.is_inside, "nose_temperature", json_of_estimate(&diagram->nose.temperature), "nose_time_50",
        json_of_estimate(&diagram->nose.time), "cooling_rate_50", json_of_estimate(&diagram->cooling.rate[FRACTION_50]),
        "cooling_is_truncated", diagram->cooling.is_truncated, "points", points);
}

static enum status print_json(const struct ttt_result *result, struct table *tables[3], struct error *err)
{
    return json_print(json_pack("{s:s, s:f, s:i, s:o?, s:o?, s:o?, s:o}", "order", result->order.name, "threshold",
                                result->order.rule.threshold, "dwell", (int)result->order.rule.dwell, "isotherms",
                                table_to_json(tables[0]), "sensitivity", table_to_json(tables[1]), "runs",
                                table_to_json(tables[2]), "diagram", json_of_diagram(result)),
                      stdout, err);
}

static void print_diagram(const struct ttt_diagram *diagram)
{
    printf("\nall isotherms together: %s law, %s in T\n", lifetime_law_name(diagram->fit.regress.law),
           ttt_form_name(diagram->fit.basis.form));
    if (diagram->nose.is_inside)
        printf("nose at T = %.3g (%.3g .. %.3g), t_50 = %.3g (%.3g .. %.3g) steps\n", diagram->nose.temperature.value,
               diagram->nose.temperature.interval.low, diagram->nose.temperature.interval.high,
               diagram->nose.time.value, diagram->nose.time.interval.low, diagram->nose.time.interval.high);
    else
        printf("no nose inside the data\n");
    printf("half the boxes transform when cooled at %.3g (%.3g .. %.3g) epsilon per step%s\n",
           diagram->cooling.rate[FRACTION_50].value, diagram->cooling.rate[FRACTION_50].interval.low,
           diagram->cooling.rate[FRACTION_50].interval.high,
           diagram->cooling.is_truncated ? " or faster: the data end too early" : "");
}

static enum status print_text(const struct ttt_result *result, struct table *tables[3], struct error *err)
{
    const struct terminal terminal = terminal_of(stdout);
    printf("event: %s %s %g in %u samples on end; ->: t_50 is longer than `from`\n\n", result->order.name,
           result->order.rule.direction == EVENT_DOWN ? "<=" : ">=", result->order.rule.threshold,
           result->order.rule.dwell);
    enum status status = table_print_text(tables[0], &terminal, stdout, err);
    if (result->boxes.not_started > 0)
        printf("%zu runs have no sample after step 0 yet\n", result->boxes.not_started);
    if (result->has_diagram)
        print_diagram(&result->diagram);
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].sensitivity.is_sensitive)
            printf("warning: at T = %.4g t_50 moves by more than 20 %% with threshold and dwell\n",
                   result->isotherms[i].boxes->temperature);
    if (status != STATUS_OK)
        return status;
    printf("\nother thresholds and dwells:\n");
    return table_print_text(tables[1], &terminal, stdout, err);
}

static enum status print_result(const struct ttt_result *result, const struct output_options *output, struct error *err)
{
    struct table *tables[3] = {make_isotherms(result), make_sensitivity(result), make_runs(result)};
    enum status status = STATUS_OK;
    if (!tables[0] || !tables[1] || !tables[2])
        status = mem_error(err, "the tables of a diagram");
    else if (output->json)
        status = print_json(result, tables, err);
    else if (output->csv)
        status = table_print_csv(tables[0], stdout, err);
    else
        status = print_text(result, tables, err);
    for (int i = 0; i < 3; i++)
        table_destroy(&tables[i]);
    return status;
}

/* --- The verb ----------------------------------------------------------------------------------------------------- */

static enum status draw(const struct ttt_result *result, const struct ttt_verb_options *options, struct error *err)
{
    struct figure figure = {0};
    size_t count = 0;
    struct ttt_bound *bounds = mem_alloc_array(result->isotherm_count, sizeof *bounds);
    if (!bounds)
        return mem_error(err, "a picture");
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].has_fit && result->isotherms[i].fit.is_bound)
            bounds[count++] = (struct ttt_bound){result->isotherms[i].boxes->temperature,
                                                 result->isotherms[i].fit.time[FRACTION_50].value};
    enum status status = ttt_picture(result->item, &result->boxes, result->has_diagram ? &result->diagram : NULL,
                                     bounds, count, &figure, err);
    if (status == STATUS_OK)
        status = figure_draw(&figure, options->out, options->keep_script, err);
    mem_free(bounds);
    figure_finish(&figure);
    return status;
}

static enum status show_ttt(const struct reading *reading, const struct ttt_verb_options *options, struct error *err)
{
    struct selected_list list;
    struct ttt_result result = {0};
    const double threshold = options->threshold.given ? options->threshold.value : (double)NAN;
    enum status status = ttt_order_find(options->order, threshold,
                                        options->dwell.given ? options->dwell.value : EVENT_DWELL, &result.order, err);
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    result.item = &list.items[0];
    if (list.count > 1)
        status = error_set(err, STATUS_USAGE,
                           "a diagram is of one ensemble and there are %zu: choose with --ensemble "
                           "(and --campaign)",
                           list.count);
    else if ((status = compute(reading->store, options, &result, err)) == STATUS_OK)
        status = print_result(&result, &options->output, err);
    if (status == STATUS_OK && options->out)
        status = draw(&result, options, err);
    result_finish(&result);
    selected_list_finish(&list);
    return status;
}

static enum status run_ttt(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct ttt_verb_options options = {0};
    struct arguments arguments;
    struct reading reading;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = reading_open(arguments.words[0], &reading, err);
    if (status != STATUS_OK)
        return status;
    status = show_ttt(&reading, &options, err);
    reading_finish(&reading);
    return status;
}

const struct verb verb_ttt = {
    .name = "ttt",
    .summary = "Time-temperature-transformation diagram of an ensemble of isotherms, from stored samples",
    .arguments = "DB",
    .notes = "An event: the largest Laves or close-packed crystal holds 0.2 of the atoms in 5 samples on end; other\n"
             "rules need no new simulation. Times are of probability that a box of this size has transformed.\n"
             "Isotherms without an event give a bound, never a number. What transforms in the ramp is counted\n"
             "apart. Intervals are 95 %, by bootstrap-t. Refused: ladders, and runs that start from equal states.\n"
             "JSON: order, threshold, dwell, isotherms[], sensitivity[], runs[], diagram (null without events) of\n"
             "{form, law, shape, nose_..., cooling_rate_50, points[]}. CSV: the isotherms.",
    .examples = "vitrine ttt glass.db --ensemble isotherms --out pictures\n"
                "vitrine ttt glass.db --order ico_fraction --threshold 0.2 --dwell 10 --json",
    .options = ttt_specs,
    .run = run_ttt,
};
