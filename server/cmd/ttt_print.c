#include "server/cmd/ttt_print.h"

#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/ttt_json.h"
#include "server/cmd/ttt_tables.h"

#include <math.h>

enum { CELL_TEXT_SIZE = 32 };

static void put_cell_text(struct table *table, const struct sensitivity_cell *cell)
{
    char text[CELL_TEXT_SIZE];
    snprintf(text, sizeof text, "%s%.4g", cell->is_bound ? "> " : "", cell->time_50);
    table_put_text(table, isfinite(cell->time_50) ? text : NULL);
}

/* One row a threshold, one column a dwell. */
static enum status print_sensitivity(const struct ttt_result *result, const struct terminal *terminal, FILE *out,
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
    fprintf(out, "\nother thresholds and dwells:\n");
    enum status status = table ? table_print_text(table, terminal, out, err) : mem_error(err, "a table");
    table_destroy(&table);
    return status;
}

/* Prints a table under a heading, unless it has no rows; the table goes. NULL is out of memory. */
static enum status print_table(const char *heading, struct table *table, FILE *out, struct error *err)
{
    const struct terminal terminal = terminal_of(out);
    enum status status = table ? STATUS_OK : mem_error(err, "a table of the diagram");
    if (status == STATUS_OK && table_row_count(table) > 0) {
        fprintf(out, "\n%s\n", heading);
        status = table_print_text(table, &terminal, out, err);
    }
    table_destroy(&table);
    return status;
}

static void print_definition(const struct ttt_result *result, FILE *out)
{
    const struct ttt_order *order = &result->request->order;
    const char *sign = order->rule.direction == EVENT_DOWN ? "<=" : ">=";
    fprintf(out, "%s / %s: %u atoms, %.4g of them small, V/N = %.4g\n", result->item->campaign->name,
            result->item->spec->name, result->item->spec->system.atoms, ttt_small_fraction(result),
            result->item->spec->system.volume_per_atom);
    fprintf(out, "event: %s %s %g in %u samples on end (onset %g, finish %g)", order->name, sign, order->rule.threshold,
            order->rule.dwell, order->onset, order->finish);
    if (order->has_other)
        fprintf(out, "; other: energy_inherent <= %g before that", order->other_energy);
    fprintf(out, "\n50 %%: %s; ->: t_50 is longer than `from`\n", half_meaning_label(HALF_OF_BOXES));
}

static void print_time(const struct ttt_result *result, double steps, FILE *out)
{
    fprintf(out, " = %.3g tau = %.3g us", steps * result->item->spec->dynamics.dt, steps * ttt_us_of_step);
}

static void print_nose(const struct ttt_result *result, FILE *out)
{
    const struct ttt_nose *nose = &result->diagram.nose;
    const double glass = result->request->glass_temperature;
    if (!nose->is_inside) {
        fprintf(out, "no nose inside the data\n");
        return;
    }
    fprintf(out, "nose at T = %.3g (%s%.3g .. %s%.3g)", nose->temperature.value, nose->is_open_low ? "below " : "",
            nose->temperature.interval.low, nose->is_open_high ? "above " : "", nose->temperature.interval.high);
    if (glass > 0.0)
        fprintf(out, " = %.3g T_f", nose->temperature.value / glass);
    fprintf(out, ", t_50 = %.3g (%.3g .. %.3g) steps", nose->time.value, nose->time.interval.low,
            nose->time.interval.high);
    print_time(result, nose->time.value, out);
    fputc('\n', out);
}

static void print_cooling(const struct ttt_result *result, FILE *out)
{
    const struct ttt_cooling *cooling = &result->diagram.cooling;
    const struct estimate *rate = &cooling->rate[FRACTION_50];
    fprintf(out, "half the boxes transform when cooled at %.3g (%.3g .. %.3g) epsilon per step, by additivity%s\n",
            rate->value, rate->interval.low, rate->interval.high,
            cooling->is_truncated
                ? " over the temperatures\nof the data; what happens beyond them is not counted and would make it more"
                : "");
}

static void print_ramps(const struct ttt_ramps *ramps, FILE *out)
{
    if (ramps->count == 0)
        return;
    fprintf(out, "of %zu ramps through these temperatures %zu transformed: ", ramps->count, ramps->transformed);
    if (ramps->bound == RAMP_BELOW)
        fprintf(out, "half of them do at less than %.3g epsilon per step (95 %%)\n", ramps->rate.value);
    else if (ramps->bound == RAMP_ABOVE)
        fprintf(out, "half of them do at more than %.3g epsilon per step (95 %%)\n", ramps->rate.value);
    else
        fprintf(out, "half of them do at %.3g (%.3g .. %.3g) epsilon per step\n", ramps->rate.value,
                ramps->rate.interval.low, ramps->rate.interval.high);
}

static void print_diagram(const struct ttt_result *result, FILE *out)
{
    if (result->has_diagram) {
        fprintf(out, "\nall isotherms together: %s law, %s in T\n", lifetime_law_name(result->diagram.fit.regress.law),
                ttt_form_name(result->diagram.fit.basis.form));
        print_nose(result, out);
        print_cooling(result, out);
        if (result->diagram.is_closed)
            fprintf(out, "only curves that end at T_m = %g were looked at\n",
                    result->diagram.fit.basis.temperature_melting);
        else if (result->diagram.fit.basis.temperature_melting > 0.0)
            fprintf(out, "the contours do not end at T_m = %g: no curve that ends there could be fitted\n",
                    result->diagram.fit.basis.temperature_melting);
    } else if (result->why[0]) {
        fprintf(out, "\nno diagram: %s\n", result->why);
    }
    print_ramps(&result->ramps, out);
}

static void print_warnings(const struct ttt_result *result, FILE *out)
{
    const size_t older = ttt_count_older(result);
    if (result->boxes.not_started > 0)
        fprintf(out, "%zu runs have no sample after step 0 yet\n", result->boxes.not_started);
    if (older > 0)
        fprintf(out, "%zu runs have samples older than the quantity of one of the causes: these cannot show it\n",
                older);
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        if (isotherm->why[0])
            fprintf(out, "no t_50 at T = %.4g: %s\n", isotherm->temperature, isotherm->why);
        if (isotherm->sensitivity.is_sensitive && isfinite(isotherm->sensitivity.worst_change))
            fprintf(out, "warning: at T = %.4g t_50 moves by up to %.0f %% with threshold and dwell\n",
                    isotherm->temperature, 100.0 * isotherm->sensitivity.worst_change);
        else if (isotherm->sensitivity.is_sensitive)
            fprintf(out, "warning: at T = %.4g some thresholds and dwells give a t_50 and others none\n",
                    isotherm->temperature);
    }
}

static void print_unmeasured(const struct ttt_result *result, FILE *out)
{
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].is_below_glass && result->isotherms[i].length_reach.runs == 0)
            fprintf(out, "no ico_length at T = %.4g: `structure` in `sample` of the campaign measures it\n",
                    result->isotherms[i].temperature);
}

static void print_by_largest(const struct ttt_result *result, FILE *out)
{
    size_t runs = 0;
    for (size_t i = 0; i < result->isotherm_count; i++)
        runs += result->isotherms[i].volume.by_largest;
    if (runs > 0)
        fprintf(out,
                "by largest: of the close-packed crystals of %zu runs only the largest counts; `structure` in `sample` "
                "of the campaign measures all\n",
                runs);
}

static enum status print_result(const struct ttt_result *result, FILE *out, struct error *err)
{
    print_definition(result, out);
    enum status status = print_table("by law:", ttt_table_laws(result), out, err);
    if (status == STATUS_OK)
        status =
            print_table("without a law (where samples are coarse the median is after one and by the next); onset and "
                        "finish;\nnucleation, which supposes the exponential law:",
                        ttt_table_free(result), out, err);
    print_diagram(result, out);
    print_warnings(result, out);
    if (status == STATUS_OK && result->request->order.cause_count > 1)
        status =
            print_table("causes, and the probability of each by the last event:", ttt_table_causes(result), out, err);
    if (status == STATUS_OK)
        status = print_table("below T_f, means over the runs that are there, at least two:", ttt_table_means(result),
                             out, err);
    print_unmeasured(result, out);
    if (status == STATUS_OK)
        status = print_table("50 %: transformed fraction inside a large box, of all Laves and close-packed atoms:",
                             ttt_table_volumes(result), out, err);
    print_by_largest(result, out);
    const struct terminal terminal = terminal_of(out);
    return status == STATUS_OK ? print_sensitivity(result, &terminal, out, err) : status;
}

static void warn_of_sizes(const struct ttt_results *results, FILE *out)
{
    for (size_t i = 0; i < results->pair_count; i++)
        if (results->pairs[i].comparison.disagrees)
            fprintf(out,
                    "warning: at T = %.4g boxes of %u and %u atoms give different nucleation rates: the small ones are "
                    "no sample of the large\n",
                    results->pairs[i].temperature, results->results[results->pairs[i].a].item->spec->system.atoms,
                    results->results[results->pairs[i].b].item->spec->system.atoms);
}

enum status ttt_print_text(const struct ttt_results *results, FILE *out, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; status == STATUS_OK && r < results->count; r++) {
        if (r > 0)
            fputc('\n', out);
        status = print_result(&results->results[r], out, err);
    }
    if (status == STATUS_OK)
        status = print_table("nucleation rates of two box sizes:", ttt_table_sizes(results), out, err);
    warn_of_sizes(results, out);
    return status == STATUS_OK ? print_table("map of t_50:", ttt_table_map(results), out, err) : status;
}

enum status ttt_print(const struct ttt_results *results, const struct output_options *output, struct error *err)
{
    if (output->json)
        return json_print(ttt_to_json(results), stdout, err);
    if (!output->csv)
        return ttt_print_text(results, stdout, err);
    struct table *table = ttt_table_full(results->results, results->count);
    enum status status = table ? table_print_csv(table, stdout, err) : mem_error(err, "a table of the diagram");
    table_destroy(&table);
    return status;
}
