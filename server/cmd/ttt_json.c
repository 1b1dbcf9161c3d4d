#include "server/cmd/ttt_json.h"

#include "server/cmd/json_out.h"
#include "server/cmd/ttt_tables.h"

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
        return json_pack("{s:s}", "reason", result->why);
    const struct ttt_diagram *diagram = &result->diagram;
    json_t *points = json_array();
    for (size_t i = 0; i < diagram->count; i++)
        json_array_append_new(points, json_of_point(&diagram->points[i]));
    return json_pack("{s:s, s:s, s:b, s:s, s:o, s:b, s:o, s:b, s:b, s:o, s:o, s:b, s:o}", "half_means",
                     half_meaning_label(HALF_OF_BOXES), "form", ttt_form_name(diagram->fit.basis.form), "is_closed",
                     diagram->is_closed, "law", lifetime_law_name(diagram->fit.regress.law), "shape",
                     json_of_number(diagram->fit.regress.shape), "has_nose", diagram->nose.is_inside,
                     "nose_temperature", json_of_estimate(&diagram->nose.temperature), "nose_is_open_low",
                     diagram->nose.is_open_low, "nose_is_open_high", diagram->nose.is_open_high, "nose_time_50",
                     json_of_estimate(&diagram->nose.time), "cooling_rate_50",
                     json_of_estimate(&diagram->cooling.rate[FRACTION_50]), "cooling_is_truncated",
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
    return json_pack("{s:s, s:s, s:I, s:o, s:o?, s:o, s:o?, s:o?, s:o?, s:o?, s:o?, s:o, s:o}", "campaign",
                     result->item->campaign->name, "ensemble", result->item->spec->name, "runs_older_than_a_cause",
                     (json_int_t)ttt_count_older(result), "definition", json_of_definition(result->request),
                     "isotherms", rows_of(ttt_table_full(result, 1)), "survival", json_of_survivals(result), "causes",
                     rows_of(ttt_table_causes(result)), "sensitivity", rows_of(ttt_table_sensitivity(result)), "runs",
                     rows_of(ttt_table_runs(result)), "below_glass", rows_of(ttt_table_means(result)), "volume",
                     rows_of(ttt_table_volumes(result)), "ramps", json_of_ramps(&result->ramps), "diagram",
                     json_of_diagram(result));
}

json_t *ttt_to_json(const struct ttt_results *results)
{
    json_t *list = json_array();
    for (size_t r = 0; r < results->count; r++)
        json_array_append_new(list, json_of_result(&results->results[r]));
    return json_pack("{s:o?, s:o?, s:o?}", "results", list, "sizes", rows_of(ttt_table_sizes(results)), "compositions",
                     rows_of(ttt_table_map(results)));
}
