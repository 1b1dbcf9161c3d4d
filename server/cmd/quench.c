/* quench.c - vitrine quench: energies against temperature in linear quenches, and the glass transition in them. */
#include "common/campaign_number.h"
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/quench_read.h"
#include "server/cmd/verbs.h"
#include <math.h>
#include <string.h>

struct quench_options {
    struct selection selection;
    struct output_options output;
    struct option_f64 bin;
    const char *liquid;
    const char *glass_window, *liquid_window, *stick_window;
};

static const struct option_spec quench_specs[] = {
    OPTION("bin", "WIDTH", OPTION_F64, quench_options, bin, "width of the bins of temperature (default 0.02)"),
    OPTION("liquid", "FORM", OPTION_TEXT, quench_options, liquid,
           "the liquid's curve for T_f: straight, parabola (default) or three_fifths"),
    OPTION("glass-window", "A,B", OPTION_TEXT, quench_options, glass_window,
           "temperatures of the glass line (default 0.05,0.35)"),
    OPTION("liquid-window", "A,B", OPTION_TEXT, quench_options, liquid_window,
           "temperatures of the liquid's curve (default 0.6,1)"),
    OPTION("stick-window", "A,B", OPTION_TEXT, quench_options, stick_window,
           "temperatures of the broken stick (default 0.1,0.9)"),
    SELECTION_OPTIONS(quench_options, selection),
    OUTPUT_OPTIONS(quench_options, output),
    OPTION_END,
};

/* --- How T_f is defined ------------------------------------------------------------------------------------------- */

static enum status parse_window(const char *option, const char *text, struct interval *out, struct error *err)
{
    char low[64];
    const char *comma = text ? strchr(text, ',') : NULL;
    struct interval window;
    if (!text)
        return STATUS_OK;
    snprintf(low, sizeof low, "%.*s", comma ? (int)(comma - text) : 0, text);
    if (!comma || campaign_number_real(low, &window.low) || campaign_number_real(comma + 1, &window.high))
        return error_set(err, STATUS_USAGE, "--%s takes two temperatures, as in 0.05,0.35, not '%s'", option, text);
    *out = window;
    return STATUS_OK;
}

static enum status parse_liquid(const char *text, enum tf_liquid *out, struct error *err)
{
    for (int form = TF_LIQUID_STRAIGHT; text && form <= TF_LIQUID_THREE_FIFTHS; form++)
        if (strcmp(text, tf_liquid_name((enum tf_liquid)form)) == 0) {
            *out = (enum tf_liquid)form;
            return STATUS_OK;
        }
    if (!text)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--liquid is straight, parabola or three_fifths, not '%s'", text);
}

static enum status parse_definition(const struct quench_options *options, struct tf_options *out, struct error *err)
{
    *out = tf_options_default;
    enum status status = parse_liquid(options->liquid, &out->liquid, err);
    if (status == STATUS_OK)
        status = parse_window("glass-window", options->glass_window, &out->glass_window, err);
    if (status == STATUS_OK)
        status = parse_window("liquid-window", options->liquid_window, &out->liquid_window, err);
    if (status == STATUS_OK)
        status = parse_window("stick-window", options->stick_window, &out->stick_window, err);
    return status;
}

/* --- The tables --------------------------------------------------------------------------------------------------- */

static const struct column bin_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},       {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4f"},    {"energy_potential", "U/N", "eps", COLUMN_MEASURED, NULL},
    {"pressure", "P", "eps/sigma^3", COLUMN_MEASURED, NULL}, {"energy_inherent", "e_IS", "eps", COLUMN_MEASURED, NULL},
    {"ico_fraction", "ico", NULL, COLUMN_MEASURED, NULL},    {"replicas", "replicas", NULL, COLUMN_INTEGER, NULL},
};

/* One definition a row, so that a number never stands without its own. */
static const struct column transition_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},          {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"rate", "dT/step", "eps/k_B", COLUMN_REAL, "%.3g"},        {"method", "method", NULL, COLUMN_TEXT, NULL},
    {"quenches", "quenches", NULL, COLUMN_INTEGER, NULL},       {"T_f", "T_f", "eps/k_B", COLUMN_REAL, "%.4f"},
    {"T_f_low", "from", "95 %", COLUMN_REAL, "%.4f"},           {"T_f_high", "to", "95 %", COLUMN_REAL, "%.4f"},
    {"deviation", "spread", "one quench", COLUMN_REAL, "%.4f"}, {"definition", "definition", NULL, COLUMN_TEXT, NULL},
};

struct quench_tables {
    struct table *bins, *transitions;
};

static void put_point(struct table *table, const struct quench_point *point)
{
    if (point->replicas == 0)
        table_put_unknown(table);
    else
        table_put_measured(table, point->mean, point->standard_error);
}

static void put_bin(struct table *table, const struct selected *item, const struct quench_data *data, size_t bin)
{
    const struct quench_point energy = quench_curves_point(&data->curves[QUENCH_ENERGY], bin);
    if (energy.replicas == 0)
        return;
    table_put_text(table, item->campaign->name);
    table_put_text(table, item->spec->name);
    table_put_real(table, energy.temperature);
    for (int q = 0; q < QUENCH_SHOWN; q++) {
        const struct quench_point point = quench_curves_point(&data->curves[q], bin);
        put_point(table, &point);
    }
    table_put_integer(table, (int64_t)energy.replicas);
}

static void put_transition(struct table *table, const struct selected *item, const char *method,
                           const struct replicates *found, const char *definition)
{
    const struct ensemble_spec *spec = item->spec;
    table_put_text(table, item->campaign->name);
    table_put_text(table, spec->name);
    table_put_real(table, (spec->temperature_end - spec->temperatures[0]) / (double)spec->steps);
    table_put_text(table, method);
    table_put_integer(table, (int64_t)found->count);
    table_put_real(table, found->mean.value);
    table_put_real(table, found->mean.interval.low);
    table_put_real(table, found->mean.interval.high);
    table_put_real(table, found->standard_deviation);
    table_put_text(table, definition);
}

static void put_transitions(struct table *table, const struct selected *item, const struct tf_options *options,
                            const struct tf_result *found, double width)
{
    char definition[256];
    quench_define_crossing(options, width, definition, sizeof definition);
    put_transition(table, item, "crossing", &found->crossing, definition);
    snprintf(definition, sizeof definition, "U/N in bins of %g: two lines that meet, over %g..%g", width,
             options->stick_window.low, options->stick_window.high);
    put_transition(table, item, "broken stick", &found->broken_stick, definition);
}

/* What could not be found is said, and is no failure of the verb. */
static void put_no_transition(struct table *table, const struct selected *item, size_t finished, const char *why)
{
    const double none = (double)NAN;
    const struct replicates unknown = {{none, {none, none}}, none, finished};
    put_transition(table, item, NULL, &unknown, why);
}

static enum status add_transition(const struct selected *item, const struct quench_data *data,
                                  const struct tf_options *options, struct table *table, struct error *err)
{
    struct error why = {0};
    struct tf_result found;
    size_t finished = 0;
    enum status status = quench_find_tf(data, item->spec, options, &found, &finished, &why);
    if (status != STATUS_OK && status != STATUS_INVALID) {
        *err = why;
        return status;
    }
    if (status == STATUS_OK)
        put_transitions(table, item, options, &found, data->curves[QUENCH_ENERGY].bins.width);
    else
        put_no_transition(table, item, finished, why.message);
    return STATUS_OK;
}

static enum status add_ensemble(struct store *store, const struct selected *item, double width,
                                const struct tf_options *options, const struct quench_tables *tables, struct error *err)
{
    struct quench_data data;
    enum status status = quench_read(store, item, width, &data, err);
    if (status != STATUS_OK)
        return status;
    for (size_t bin = 0; bin < data.curves[QUENCH_ENERGY].bins.count; bin++)
        put_bin(tables->bins, item, &data, bin);
    status = add_transition(item, &data, options, tables->transitions, err);
    quench_data_finish(&data);
    return status;
}

static enum status fill_tables(const struct reading *reading, const struct selected_list *list,
                               const struct quench_options *options, const struct quench_tables *tables,
                               struct error *err)
{
    const double width = options->bin.given ? options->bin.value : quench_bin_width;
    struct tf_options definition;
    bool found = false;
    enum status status = parse_definition(options, &definition, err);
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        if (list->items[i].spec->mode != MODE_QUENCH)
            continue;
        found = true;
        status = add_ensemble(reading->store, &list->items[i], width, &definition, tables, err);
    }
    if (status == STATUS_OK && !found)
        return error_set(err, STATUS_NOT_FOUND, "there is no ensemble of mode quench among these");
    return status;
}

/* --- The verb ----------------------------------------------------------------------------------------------------- */

static enum status print_tables(const struct quench_tables *tables, const struct output_options *output,
                                struct error *err)
{
    struct terminal terminal = terminal_of(stdout);
    if (output->json)
        return json_print(json_pack("{s:o?, s:o?}", "bins", table_to_json(tables->bins), "glass_transitions",
                                    table_to_json(tables->transitions)),
                          stdout, err);
    if (output->csv)
        return table_print_csv(tables->bins, stdout, err);
    enum status status = table_print_text(tables->bins, &terminal, stdout, err);
    if (status != STATUS_OK)
        return status;
    putchar('\n');
    status = table_print_text(tables->transitions, &terminal, stdout, err);
    printf("an interval needs %d quenches that are at their end; the points of one say nothing about the next\n",
           TF_QUENCHES_MIN);
    return status;
}

static enum status show_quenches(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct quench_options *options = question->options;
    struct selected_list list;
    enum status status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    struct quench_tables tables = {
        table_create(bin_columns, sizeof bin_columns / sizeof *bin_columns),
        table_create(transition_columns, sizeof transition_columns / sizeof *transition_columns),
    };
    status = tables.bins && tables.transitions ? STATUS_OK : mem_error(err, "a table of quenches");
    if (status == STATUS_OK)
        status = fill_tables(reading, &list, options, &tables, err);
    if (status == STATUS_OK)
        status = print_tables(&tables, &options->output, err);
    table_destroy(&tables.bins);
    table_destroy(&tables.transitions);
    selected_list_finish(&list);
    return status;
}

static enum status run_quench(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct quench_options options = {0};
    return question_run(verb, argc, argv, &options, NULL, show_quenches, err);
}

const struct verb verb_quench = {
    .name = "quench",
    .summary = "Show linear quenches against temperature, and the glass transition T_f in them",
    .arguments = "DB",
    .notes =
        "Means in bins of the temperature that the thermostat was set to; errors are those of the replicas' means.\n"
        "T_f is found in U/N of each quench that is at its end, by two definitions that differ: where the line\n"
        "through the glass meets the curve of the liquid, and where two lines that meet fit best.\n"
        "JSON: bins[] of {campaign, ensemble, temperature, energy_potential, pressure, energy_inherent,\n"
        "ico_fraction (each with _error), replicas}, glass_transitions[] of {campaign, ensemble, rate, method,\n"
        "quenches, T_f, T_f_low, T_f_high, deviation, definition}; T_f and method are null where none is found, and\n"
        "definition says why. CSV: the bins.",
    .examples = "vitrine quench glass.db\n"
                "vitrine quench glass.db --ensemble slow --liquid three_fifths --liquid-window 0.55,0.9\n"
                "vitrine quench glass.db --json",
    .options = quench_specs,
    .run = run_quench,
};
