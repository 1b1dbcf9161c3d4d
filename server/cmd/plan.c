/* plan.c - vitrine plan: what more replicas or more steps would be worth, and when the n-th event may be expected.
 *
 * Planning needs one number an isotherm, the mean waiting time, and supposes the exponential law (analysis/plan.h).
 * Where nothing has happened yet there is only a bound of it, or what --mean says. */
#include "server/analysis/plan.h"
#include "common/mem.h"
#include "server/cmd/conduct.h"
#include "server/cmd/json_out.h"
#include "server/cmd/progress.h"
#include "server/cmd/ttt_result.h"
#include "server/cmd/verbs.h"

#include <math.h>

enum { WORKERS_MAX = 1000000 };

struct plan_verb_options {
    struct selection selection;
    struct output_options output;
    struct order_options order;
    struct option_i64 events, replicas, steps, workers;
    struct option_f64 mean;
};

static const struct option_spec plan_specs[] = {
    OPTION("events", "N", OPTION_I64, plan_verb_options, events,
           "when will each isotherm have had N events? (default 16)"),
    OPTION("replicas", "N", OPTION_I64, plan_verb_options, replicas, "plan for N replicas an isotherm"),
    OPTION("steps", "N", OPTION_I64, plan_verb_options, steps, "plan for N steps each"),
    OPTION("mean", "STEPS", OPTION_F64, plan_verb_options, mean,
           "mean waiting time to suppose where nothing has happened yet"),
    OPTION("workers", "K", OPTION_I64, plan_verb_options, workers, "for the time it takes (default: one per core)"),
    ORDER_OPTIONS(plan_verb_options, order),
    SELECTION_OPTIONS(plan_verb_options, selection),
    OUTPUT_OPTIONS(plan_verb_options, output),
    OPTION_END,
};

enum { EVENTS_WANTED = 16, SCALES = 3, REMARK_SIZE = 64 };
static const int64_t scales[SCALES] = {1, 2, 4}; /* of replicas and of steps, where none are asked for */

/* One isotherm as it stands. */
struct prospect {
    const struct selected *item;
    double temperature;
    size_t runs, events, in_ramp, untransformed; /* runs: the sum of the others */
    struct estimate mean;                        /* steps; NAN: not known */
    bool is_bound;                               /* the mean is longer than its value */
    bool is_supposed;                            /* the mean is what --mean says */
    struct plan_load load;
};

struct planning {
    const struct plan_verb_options *options;
    double cpu_per_step; /* seconds, of the campaign so far; NAN before there is any */
    uint32_t workers;
    struct table *events, *widths;
};

/* How far a campaign is. */
struct standing {
    const struct selected *item;
    int64_t *left; /* steps to the end of each replica, preparation included, [replica_count] */
    double left_of_all;
    size_t runs; /* replicas of the item's ensemble */
};

/* ---- where it stands ---- */

static enum status add_replica(void *context, const struct replica_progress *row, struct error *err)
{
    struct standing *standing = context;
    const struct campaign *campaign = standing->item->campaign;
    const int64_t reached = row->segments_done > 0 ? row->step_last : -campaign_prepare_steps(campaign, row->replica);
    (void)err;
    standing->left[row->replica.value] = campaign_step_end(campaign, row->replica) - reached;
    standing->left_of_all += (double)standing->left[row->replica.value];
    standing->runs += row->ensemble.value == standing->item->ensemble.value;
    return STATUS_OK;
}

/* Its `left` is returned (mem_free). */
static enum status standing_read(struct store *store, const struct selected *item, struct standing *out,
                                 struct error *err)
{
    *out = (struct standing){.item = item, .left = mem_alloc_array(item->campaign->replica_count, sizeof *out->left)};
    if (!out->left)
        return mem_error(err, "a plan");
    return store_visit_progress(store, item->id, add_replica, out, err);
}

/* time_total 0: nothing was watched, and only --mean can tell. */
static enum status find_mean(const struct plan_verb_options *options, double time_total, struct prospect *prospect,
                             struct error *err)
{
    struct estimate rate;
    const struct nucleation_boxes boxes = {prospect->events, time_total, 1.0};
    prospect->is_supposed = prospect->events == 0 && options->mean.given;
    prospect->is_bound = prospect->events == 0 && !prospect->is_supposed && time_total > 0.0;
    prospect->mean = (struct estimate){(double)NAN, {(double)NAN, (double)NAN}};
    if (prospect->is_supposed)
        prospect->mean = (struct estimate){options->mean.value, {options->mean.value, options->mean.value}};
    if (prospect->is_supposed || !(time_total > 0.0))
        return STATUS_OK;
    enum status status = nucleation_rate(&boxes, ttt_level, &rate, err);
    if (status == STATUS_OK)
        prospect->mean = prospect->is_bound
                             ? (struct estimate){1.0 / rate.interval.high, {1.0 / rate.interval.high, (double)INFINITY}}
                             : (struct estimate){1.0 / rate.value, {1.0 / rate.interval.high, 1.0 / rate.interval.low}};
    return status;
}

static enum status look_at(const struct planning *planning, const struct standing *standing,
                           const struct ttt_box *boxes, size_t count, struct prospect *out, struct error *err)
{
    struct prospect prospect = {.item = standing->item, .temperature = boxes->temperature, .runs = count};
    struct plan_load load = {planning->workers, standing->runs, 0.0, standing->left_of_all};
    double time_total = 0.0;
    for (size_t b = 0; b < count; b++) {
        const struct event *event = &boxes[b].course.event;
        prospect.events += event->kind == EVENT_HAPPENED;
        prospect.in_ramp += event->kind == EVENT_IN_RAMP;
        prospect.untransformed += event->kind == EVENT_CENSORED;
        time_total += event->kind != EVENT_IN_RAMP ? lifetime_date(&event->life) : 0.0;
        load.left = fmax(load.left, (double)standing->left[boxes[b].replica.value]);
    }
    prospect.load = load;
    *out = prospect;
    return find_mean(planning->options, time_total, out, err);
}

/* ---- tables ---- */

static const struct column event_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"runs", "runs", NULL, COLUMN_INTEGER, NULL},
    {"events", "events", NULL, COLUMN_INTEGER, NULL},
    {"untransformed", "untransformed", NULL, COLUMN_INTEGER, NULL},
    {"steps_left", "left", "steps", COLUMN_INTEGER, NULL},
    {"mean", "mean wait", "steps", COLUMN_REAL, "%.4g"},
    {"mean_low", "from", "95 %", COLUMN_REAL, "%.4g"},
    {"mean_high", "to", "95 %", COLUMN_REAL, "%.4g"},
    {"source", "known by", NULL, COLUMN_TEXT, NULL},
    {"wanted", "to come", "events", COLUMN_INTEGER, NULL},
    {"steps", "in", "steps", COLUMN_REAL, "%.3g"},
    {"steps_low", "from", "95 %", COLUMN_REAL, "%.3g"},
    {"steps_high", "to", "95 %", COLUMN_REAL, "%.3g"},
    {"wall_seconds", "takes", "s", COLUMN_REAL, "%.3g"},
    {"remark", "remark", NULL, COLUMN_TEXT, NULL},
};

static const struct column width_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"replicas", "replicas", NULL, COLUMN_INTEGER, NULL},
    {"steps", "steps", NULL, COLUMN_INTEGER, NULL},
    {"source", "known by", NULL, COLUMN_TEXT, NULL},
    {"events_expected", "events", NULL, COLUMN_REAL, "%.1f"},
    {"no_event_probability", "P(none)", NULL, COLUMN_REAL, "%.2g"},
    {"width_ratio", "t_50 to/from", NULL, COLUMN_REAL, "%.3g"},
    {"cpu_hours", "CPU", "h", COLUMN_REAL, "%.3g"},
};

static void put_name(struct table *table, const struct prospect *prospect)
{
    table_put_text(table, prospect->item->campaign->name);
    table_put_text(table, prospect->item->spec->name);
    table_put_real(table, prospect->temperature);
}

static const char *source_of(const struct prospect *prospect)
{
    return prospect->is_supposed ? "--mean" : prospect->is_bound ? "bound ->" : prospect->events > 0 ? "events" : NULL;
}

static int64_t events_to_come(const struct planning *planning, const struct prospect *prospect)
{
    const int64_t goal = planning->options->events.given ? planning->options->events.value : EVENTS_WANTED;
    return goal > (int64_t)prospect->events ? goal - (int64_t)prospect->events : 0;
}

static double finite_or_unknown(double value)
{
    return isfinite(value) ? value : (double)NAN;
}

/* steps: until the events that are wanted, at least, by a bound. */
static void put_remark(struct table *table, const struct prospect *prospect, int64_t wanted, double steps)
{
    char text[REMARK_SIZE];
    const char *told = wanted == 0                                 ? "there"
                       : prospect->in_ramp == prospect->runs       ? "all transformed in the ramp"
                       : wanted > (int64_t)prospect->untransformed ? "needs more replicas"
                       : prospect->is_bound                        ? "at least `from`"
                                                                   : "";
    snprintf(text, sizeof text, "%s%s%s", told, told[0] && steps > prospect->load.left ? "; " : "",
             steps > prospect->load.left ? "raise `steps` first" : "");
    table_put_text(table, text[0] ? text : NULL);
}

static enum status put_events(const struct planning *planning, const struct prospect *prospect, struct error *err)
{
    struct table *table = planning->events;
    const int64_t wanted = events_to_come(planning, prospect);
    const bool possible = wanted > 0 && wanted <= (int64_t)prospect->untransformed && prospect->mean.value > 0.0;
    struct estimate steps = {(double)NAN, {(double)NAN, (double)NAN}};
    enum status status =
        possible ? plan_steps_to_events(prospect->mean, prospect->untransformed, (size_t)wanted, ttt_level, &steps, err)
                 : STATUS_OK;
    const double expected = prospect->is_bound ? (double)NAN : steps.value;
    put_name(table, prospect);
    table_put_integer(table, (int64_t)prospect->runs);
    table_put_integer(table, (int64_t)prospect->events);
    table_put_integer(table, (int64_t)prospect->untransformed);
    table_put_integer(table, (int64_t)prospect->load.left);
    table_put_real(table, prospect->is_bound ? (double)NAN : prospect->mean.value);
    table_put_real(table, finite_or_unknown(prospect->mean.interval.low));
    table_put_real(table, finite_or_unknown(prospect->mean.interval.high));
    table_put_text(table, source_of(prospect));
    table_put_integer(table, wanted);
    table_put_real(table, expected);
    table_put_real(table, finite_or_unknown(steps.interval.low));
    table_put_real(table, finite_or_unknown(steps.interval.high));
    table_put_real(table, isfinite(expected) ? plan_steps_of_worker(&prospect->load, expected) * planning->cpu_per_step
                                             : (double)NAN);
    put_remark(table, prospect, wanted, prospect->is_bound ? steps.interval.low : steps.value);
    return status;
}

static enum status put_width(const struct planning *planning, const struct prospect *prospect, int64_t replicas,
                             int64_t steps, struct error *err)
{
    struct table *table = planning->widths;
    struct plan_width width;
    enum status status =
        plan_expected_width(prospect->mean.value, (size_t)replicas, (double)steps, ttt_level, &width, err);
    if (status != STATUS_OK)
        return status;
    put_name(table, prospect);
    table_put_integer(table, replicas);
    table_put_integer(table, steps);
    table_put_text(table, source_of(prospect));
    table_put_real(table, width.events_expected);
    table_put_real(table, width.no_event_probability);
    table_put_real(table, width.width_ratio);
    table_put_real(table, (double)replicas * (double)steps * planning->cpu_per_step / 3600.0);
    return STATUS_OK;
}

/* As asked for; else one, two and four times what the campaign says. */
static enum status put_widths(const struct planning *planning, const struct prospect *prospect, struct error *err)
{
    const struct plan_verb_options *options = planning->options;
    const struct ensemble_spec *spec = prospect->item->spec;
    enum status status = STATUS_OK;
    for (int r = 0; r < (options->replicas.given ? 1 : SCALES); r++)
        for (int s = 0; status == STATUS_OK && s < (options->steps.given ? 1 : SCALES); s++)
            status = put_width(planning, prospect,
                               options->replicas.given ? options->replicas.value : scales[r] * spec->replicas_per_rung,
                               options->steps.given ? options->steps.value : scales[s] * spec->steps, err);
    return status;
}

/* ---- the verb ---- */

static enum status find_cpu_per_step(struct store *store, struct campaign_id id, double *out, struct error *err)
{
    struct store_throughput ever;
    enum status status = store_get_throughput(store, id, (struct wall_us){0}, &ever, err);
    if (status == STATUS_OK)
        *out = ever.steps > 0 ? ever.cpu_time_s / (double)ever.steps : (double)NAN;
    return status;
}

static enum status plan_ensemble(const struct reading *reading, const struct selected *item,
                                 const struct ttt_request *request, struct planning *planning, struct error *err)
{
    struct ttt_boxes boxes = {0};
    struct standing standing = {0};
    enum status status = find_cpu_per_step(reading->store, item->id, &planning->cpu_per_step, err);
    if (status == STATUS_OK)
        status = standing_read(reading->store, item, &standing, err);
    if (status == STATUS_OK)
        status = ttt_boxes_read(reading, item, request, &boxes, err);
    for (size_t i = 0; status == STATUS_OK && i < boxes.count;) {
        size_t end = i;
        struct prospect prospect;
        while (end < boxes.count && boxes.boxes[end].temperature == boxes.boxes[i].temperature)
            end++;
        status = look_at(planning, &standing, &boxes.boxes[i], end - i, &prospect, err);
        if (status == STATUS_OK)
            status = put_events(planning, &prospect, err);
        if (status == STATUS_OK && prospect.mean.value > 0.0)
            status = put_widths(planning, &prospect, err);
        i = end;
    }
    mem_free(standing.left);
    ttt_boxes_finish(&boxes);
    return status;
}

static enum status plan_all(const struct reading *reading, const struct selected_list *list, struct planning *planning,
                            struct error *err)
{
    struct ttt_request request = {.atoms_of_volume_min = UINT32_MAX};
    const struct ttt_order_request order = order_options_request(&planning->options->order);
    size_t isotherms = 0;
    enum status status = ttt_order_find(&order, &request.order, err);
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        if (list->items[i].spec->mode == MODE_ISOTHERM) {
            isotherms++;
            status = plan_ensemble(reading, &list->items[i], &request, planning, err);
        }
    if (status == STATUS_OK && isotherms == 0)
        status = error_set(err, STATUS_INVALID,
                           "there is no ensemble of isotherms among these: only these carry a "
                           "clock");
    else if (status == STATUS_OK && table_row_count(planning->events) == 0)
        status = error_set(err, STATUS_NOT_FOUND, "no isotherm here has an inherent sample after step 0 yet");
    return status;
}

static enum status print_plan(const struct planning *planning, const struct output_options *output, struct error *err)
{
    const struct terminal terminal = terminal_of(stdout);
    if (output->json)
        return json_print(json_pack("{s:o?, s:o?}", "events", table_to_json(planning->events), "widths",
                                    table_to_json(planning->widths)),
                          stdout, err);
    if (output->csv)
        return table_print_csv(planning->widths, stdout, err);
    enum status status = table_print_text(planning->events, &terminal, stdout, err);
    printf("\nexpected 95 %% interval of t_50, its upper over its lower end, at constant rate:\n");
    return status == STATUS_OK ? table_print_text(planning->widths, &terminal, stdout, err) : status;
}

static enum status check_options(const void *given, struct error *err)
{
    const struct plan_verb_options *options = given;
    const struct option_i64 *counts[] = {&options->events, &options->replicas, &options->steps, &options->workers};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i]->given && (counts[i]->value < 1 || counts[i]->value > 1000000000000))
            return error_set(err, STATUS_USAGE, "--events, --replicas, --steps and --workers want positive numbers");
    if (options->workers.given && options->workers.value > WORKERS_MAX)
        return error_set(err, STATUS_USAGE, "--workers wants 1 .. %d", WORKERS_MAX);
    if (options->mean.given && !(options->mean.value > 0.0))
        return error_set(err, STATUS_USAGE, "--mean %g: a waiting time is above 0", options->mean.value);
    return output_check(&options->output, err);
}

static enum status show_plan(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct plan_verb_options *options = question->options;
    struct selected_list list;
    enum status status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    struct planning planning = {
        .options = options,
        .workers = options->workers.given ? (uint32_t)options->workers.value : conduct_cores(),
        .events = table_create(event_columns, sizeof event_columns / sizeof *event_columns),
        .widths = table_create(width_columns, sizeof width_columns / sizeof *width_columns),
    };
    status = planning.events && planning.widths ? STATUS_OK : mem_error(err, "a plan");
    if (status == STATUS_OK)
        status = plan_all(reading, &list, &planning, err);
    if (status == STATUS_OK)
        status = print_plan(&planning, &options->output, err);
    table_destroy(&planning.events);
    table_destroy(&planning.widths);
    selected_list_finish(&list);
    return status;
}

static enum status run_plan(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct plan_verb_options options = {0};
    return question_run(verb, argc, argv, &options, check_options, show_plan, err);
}

const struct verb verb_plan = {
    .name = "plan",
    .summary = "Tell what more replicas or steps of isotherms would be worth, and when events will come",
    .arguments = "DB",
    .notes =
        "Supposes that each isotherm transforms at a constant rate, known by its events so far (see ttt for what\n"
        "an event is), by a bound where there are none, or by --mean. Intervals of the time to come count both\n"
        "what is not known about the rate and what is chance. `takes` is the time until then when K workers do this\n"
        "campaign and nothing else, at its mean CPU time per step so far: they share it with what its other runs\n"
        "have left, and no run goes on two of them. `left`: what `steps` of the campaign still lets these runs do;\n"
        "beyond that `steps` has to be raised first (vitrine campaign extend).\n"
        "Widths are given for one, two and four times the campaign's replicas and steps, unless these are said; by\n"
        "a bound, there are at most so many events.\n"
        "JSON: events[], widths[]. CSV: the widths.",
    .examples = "vitrine plan glass.db --events 20\n"
                "vitrine plan glass.db --replicas 64 --steps 50000000 --mean 1e8",
    .options = plan_specs,
    .run = run_plan,
};
