#include "server/cmd/ttt_runs.h"

#include "common/mem.h"
#include "server/cmd/crew.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DWELL_MAX = 1000000 };

/* Between thresholds of what has no zero of its own: epsilon, epsilon/sigma^3, 1. */
static const double energy_step = 0.02, pressure_step = 0.1, fraction_step = 0.02;

/* ---- the order parameter ---- */

static void set_crystal(struct ttt_order *order)
{
    *order = (struct ttt_order){.name = "crystal",
                                .cause_count = 3,
                                .causes = {{"laves", QUANTITY_laves_largest},
                                           {"close_packed", QUANTITY_close_packed_largest},
                                           {"b2", QUANTITY_b2_largest}},
                                .rule = event_rule_default};
}

static enum status set_quantity(const char *name, double threshold, struct ttt_order *order, struct error *err)
{
    const struct quantity *quantity = quantity_find(name);
    if (!quantity || quantity->group != QUANTITY_GROUP_inherent)
        return error_set(err, STATUS_USAGE,
                         "'%s' is no order parameter: crystal, or a quantity of inherent structures "
                         "(schemas/quantities.md)",
                         name);
    if (!isfinite(threshold))
        return error_set(err, STATUS_USAGE, "the order parameter '%s' needs a --threshold", name);
    const enum quantity_id id = (enum quantity_id)(quantity - quantities);
    *order = (struct ttt_order){.name = quantity->name, .cause_count = 1, .causes = {{quantity->name, id}}};
    order->rule.direction = id == QUANTITY_energy_inherent ? EVENT_DOWN : EVENT_UP;
    return STATUS_OK;
}

static bool is_at_least(double value, double than, enum event_direction direction)
{
    return direction == EVENT_UP ? value >= than : value <= than;
}

/* Of quantities of unit 1 those that can pass 1, which count atoms or iterations, have thresholds above it. */
static struct event_scale scale_of(const struct ttt_order *order)
{
    const char *unit = quantities[order->causes[0].quantity].unit;
    const double threshold = order->rule.threshold;
    struct event_scale scale = {0.0, (double)INFINITY};
    if (strcmp(unit, "epsilon") == 0)
        scale.step = energy_step;
    else if (strcmp(unit, "epsilon/sigma^3") == 0)
        scale.step = pressure_step;
    else if (!(threshold > 0.0))
        scale.step = fraction_step;
    else if (strcmp(unit, "1") == 0 && threshold <= 1.0)
        scale.most = 1.0;
    return scale;
}

static enum status set_course(const struct ttt_order_request *request, struct ttt_order *order, struct error *err)
{
    const bool down = order->rule.direction == EVENT_DOWN, by_step = order->scale.step > 0.0;
    const double before = event_threshold_beside(&order->rule, &order->scale, down ? 1 : -1);
    const double after = event_threshold_beside(&order->rule, &order->scale, down ? -1 : by_step ? 1 : 2);
    order->onset = isfinite(request->onset) ? request->onset : before;
    order->finish = isfinite(request->finish) ? request->finish : after;
    if (is_at_least(order->rule.threshold, order->onset, order->rule.direction) &&
        is_at_least(order->finish, order->rule.threshold, order->rule.direction))
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "onset %g, threshold %g, finish %g are out of order", order->onset,
                     order->rule.threshold, order->finish);
}

static enum status add_other(double energy, struct ttt_order *order, struct error *err)
{
    if (strcmp(order->name, "crystal") != 0)
        return error_set(err, STATUS_USAGE, "--other-energy goes with crystals: '%s' is one cause", order->name);
    order->has_other = true;
    order->other_energy = energy;
    order->causes[order->cause_count++] = (struct ttt_cause){"other", QUANTITY_energy_inherent};
    return STATUS_OK;
}

enum status ttt_order_find(const struct ttt_order_request *request, struct ttt_order *out_order, struct error *err)
{
    struct ttt_order order;
    enum status status = STATUS_OK;
    if (!request->name || strcmp(request->name, "crystal") == 0)
        set_crystal(&order);
    else
        status = set_quantity(request->name, request->threshold, &order, err);
    if (status != STATUS_OK)
        return status;
    if (isfinite(request->threshold))
        order.rule.threshold = request->threshold;
    if (strcmp(order.name, "crystal") == 0 && !(order.rule.threshold > 0.0 && order.rule.threshold <= 1.0))
        return error_set(err, STATUS_USAGE,
                         "--threshold %g: a crystal holds a fraction of the atoms, above 0 and up to 1",
                         order.rule.threshold);
    if (request->dwell < 1 || request->dwell > DWELL_MAX)
        return error_set(err, STATUS_USAGE, "a dwell of %" PRId64 " samples: it is at least 1", request->dwell);
    order.rule.dwell = (uint32_t)request->dwell;
    order.scale = scale_of(&order);
    if ((status = set_course(request, &order, err)) == STATUS_OK && isfinite(request->other_energy))
        status = add_other(request->other_energy, &order, err);
    if (status == STATUS_OK)
        *out_order = order;
    return status;
}

static double number_of(const struct option_f64 *option)
{
    return option->given ? option->value : (double)NAN;
}

struct ttt_order_request order_options_request(const struct order_options *options)
{
    return (struct ttt_order_request){.name = options->name,
                                      .threshold = number_of(&options->threshold),
                                      .onset = number_of(&options->onset),
                                      .finish = number_of(&options->finish),
                                      .other_energy = number_of(&options->other_energy),
                                      .dwell = options->dwell.given ? options->dwell.value : EVENT_DWELL};
}

enum status ttt_request_default(struct ttt_request *out_request, struct error *err)
{
    const struct order_options nothing = {0};
    const struct ttt_order_request order = order_options_request(&nothing);
    *out_request = (struct ttt_request){.atoms_of_volume_min = TTT_ATOMS_OF_VOLUME_MIN};
    return ttt_order_find(&order, &out_request->order, err);
}

/* ---- one run ---- */

/* What a thread reads into, run after run. */
struct desk {
    struct store *store;
    struct store_run run;          /* inherent quantities: those of `own`, or borrowed from a sample cache */
    struct store_run own, lengths; /* lengths: ico_length and whether it was resolved */
    struct store_run packed;       /* close_packed_fraction */
    size_t room;
    double *order, *energy; /* [room] each: order parameter, and inherent energy where "other" is a cause */
};

static void desk_finish(struct desk *desk)
{
    store_run_finish(&desk->own);
    store_run_finish(&desk->lengths);
    store_run_finish(&desk->packed);
    mem_free(desk->order);
    mem_free(desk->energy);
}

static enum status desk_grow(struct desk *desk, struct error *err)
{
    if (desk->room >= desk->run.count)
        return STATUS_OK;
    mem_free(desk->order);
    mem_free(desk->energy);
    desk->order = mem_alloc_array(desk->run.room, sizeof *desk->order);
    desk->energy = mem_alloc_array(desk->run.room, sizeof *desk->energy);
    desk->room = desk->order && desk->energy ? desk->run.room : 0;
    return desk->room ? STATUS_OK : mem_error(err, "the samples of a run");
}

/* Quantities of one run, in the order in which they are read. */
struct columns {
    size_t count, crystals;         /* the first `crystals` make the order parameter */
    int energy, ico, laves, packed; /* places of energy_inherent, ico_fraction, laves_fraction and
                                       close_packed_largest; -1: not read */
    enum quantity_id ids[STORE_RUN_QUANTITIES_MAX];
};

/* Its place, which it may have already. */
static int add_column(struct columns *columns, enum quantity_id id)
{
    size_t place = 0;
    while (place < columns->count && columns->ids[place] != id)
        place++;
    if (place == columns->count)
        columns->ids[columns->count++] = id;
    return (int)place;
}

/* What is kept of a run beside its events. */
struct keeping {
    bool means, fraction; /* TTT_KEPT_ICO and TTT_KEPT_LENGTH; TTT_KEPT_FRACTION */
    int64_t step_first;
};

static struct columns columns_of(const struct ttt_order *order, const struct keeping *keeping)
{
    struct columns columns = {.energy = -1, .ico = -1, .laves = -1, .packed = -1};
    for (size_t i = 0; i < order->cause_count; i++)
        columns.ids[columns.count++] = order->causes[i].quantity;
    columns.crystals = order->cause_count - order->has_other;
    if (order->has_other)
        columns.energy = (int)columns.crystals;
    if (keeping->means)
        columns.ico = add_column(&columns, QUANTITY_ico_fraction);
    if (keeping->fraction) {
        columns.laves = add_column(&columns, QUANTITY_laves_fraction);
        columns.packed = add_column(&columns, QUANTITY_close_packed_largest);
    }
    return columns;
}

/* fmax takes the number where the other one is none: a row may be older than one of the quantities. */
static enum status fill_order(struct desk *desk, const struct ttt_order *order, const struct columns *columns,
                              bool *out_lacks_cause, struct error *err)
{
    *out_lacks_cause = false;
    for (size_t i = 0; i < desk->run.count; i++) {
        double largest = desk->run.columns[0][i];
        for (size_t c = 0; c < columns->crystals; c++) {
            largest = fmax(largest, desk->run.columns[c][i]);
            *out_lacks_cause |= isnan(desk->run.columns[c][i]);
        }
        if (!isfinite(largest))
            return error_set(err, STATUS_INVALID,
                             "step %" PRId64 ": stored before this order parameter was measured; --order ico_fraction "
                             "and energy_inherent are there in all rows",
                             desk->run.steps[i]);
        desk->order[i] = largest;
        if (order->has_other)
            desk->energy[i] = desk->run.columns[columns->energy][i];
    }
    return STATUS_OK;
}

/* The causes as they compete: crystals, then "other". */
struct contest {
    size_t causes;
    struct event_series series[2];
    struct event_rule rules[2];
};

static struct contest contest_of(const struct desk *desk, const struct ttt_order *order)
{
    return (struct contest){
        .causes = order->has_other ? 2 : 1,
        .series = {{desk->run.steps, desk->order, desk->run.count}, {desk->run.steps, desk->energy, desk->run.count}},
        .rules = {order->rule, {order->other_energy, EVENT_DOWN, order->rule.dwell}}};
}

/* The rule of the crystals is varied, and the dwell of both. */
static enum status detect_cells(const struct contest *contest, const struct event_scale *scale,
                                struct sensitivity_events *out, struct error *err)
{
    const struct sensitivity_rules rules = sensitivity_rules_around(&contest->rules[0], scale);
    enum status status = STATUS_OK;
    size_t cause;
    for (int i = 0; i < SENSITIVITY_SIDE; i++)
        for (int j = 0; status == STATUS_OK && j < SENSITIVITY_SIDE; j++) {
            struct event_rule varied[2] = {rules.cells[i][j], contest->rules[1]};
            varied[1].dwell = rules.cells[i][j].dwell;
            status = event_detect_competing(contest->series, varied, contest->causes, &out->cells[i][j], &cause, err);
        }
    return status;
}

/* The kind of crystal that is largest at the crossing. */
static size_t cause_at(const struct store_run *run, size_t sample, const struct columns *columns)
{
    size_t best = 0;
    for (size_t c = 1; c < columns->crystals; c++) {
        const double most = run->columns[best][sample], value = run->columns[c][sample];
        if (!(most >= value) && isfinite(value))
            best = c;
    }
    return best;
}

/* The crystal that has an event: the largest where it crossed, or near there when "other" crossed first; cause_count
 * when no crystal has it. */
static size_t crystal_of(const struct desk *desk, const struct contest *contest, const struct columns *columns,
                         const struct event *event, size_t winner, size_t cause_count)
{
    size_t sample = event->sample;
    if (winner > 0 && !event_is_near(&contest->series[0], &contest->rules[0], event->sample, &sample))
        return cause_count;
    return cause_at(&desk->run, sample, columns);
}

static enum status detect(const struct desk *desk, const struct ttt_order *order, const struct columns *columns,
                          struct ttt_box *box, struct error *err)
{
    const struct contest contest = contest_of(desk, order);
    struct event event;
    size_t winner;
    enum status status = event_detect_competing(contest.series, contest.rules, contest.causes, &event, &winner, err);
    if (status == STATUS_OK)
        status = event_follow(&contest.series[0], &order->rule, order->onset, order->finish, &event, &box->course, err);
    if (status == STATUS_OK)
        status = detect_cells(&contest, &order->scale, &box->sensitivity, err);
    if (status != STATUS_OK)
        return status;
    box->cause = order->cause_count;
    if (event.kind == EVENT_CENSORED)
        return STATUS_OK;
    box->cause = crystal_of(desk, &contest, columns, &event, winner, order->cause_count);
    if (box->cause == order->cause_count) {
        box->cause--; /* "other" is the last; the course was the crystals' */
        box->course = event_course_unknown(&event);
    }
    return STATUS_OK;
}

static size_t count_after_start(const struct store_run *run)
{
    size_t count = 0;
    while (count < run->count && run->steps[run->count - 1 - count] > 0)
        count++;
    return count;
}

/* Samples of a column after step 0, from `step_first` on. */
static enum status keep_column(const struct store_run *run, const double *column, int64_t step_first,
                               struct ttt_series *series, struct error *err)
{
    size_t count = count_after_start(run);
    while (count > 0 && run->steps[run->count - count] < step_first)
        count--;
    const size_t first = run->count - count;
    if (count == 0)
        return STATUS_OK;
    series->count = count;
    series->steps = mem_copy(&run->steps[first], count * sizeof *series->steps);
    series->values = mem_copy(&column[first], count * sizeof *series->values);
    return series->steps && series->values ? STATUS_OK : mem_error(err, "the series of a run");
}

/* Samples of structure have a cadence of their own; where there are none, none are kept. */
static enum status keep_lengths(struct desk *desk, const struct store_filter *filter, int64_t step_first,
                                struct ttt_box *box, struct error *err)
{
    static const enum quantity_id ids[] = {QUANTITY_ico_length, QUANTITY_ico_length_resolved};
    struct store_run *run = &desk->lengths;
    enum status status = store_read_run(desk->store, filter, ids, 2, false, run, err);
    for (size_t i = 0; status == STATUS_OK && i < run->count; i++)
        if (run->columns[1][i] != 1.0)
            run->columns[0][i] = (double)NAN;
    return status == STATUS_OK ? keep_column(run, run->columns[0], step_first, &box->kept[TTT_KEPT_LENGTH], err)
                               : status;
}

/* Laves atoms of `run` and close-packed ones of `other`, one of its columns, at the steps that both have. */
static void add_fractions(const struct store_run *run, const double *laves, const struct store_run *other,
                          const double *packed, int64_t step_first, struct ttt_series *series)
{
    size_t j = 0;
    for (size_t i = 0; i < run->count; i++) {
        while (j < other->count && other->steps[j] < run->steps[i])
            j++;
        if (j == other->count || other->steps[j] != run->steps[i] || run->steps[i] <= 0 || run->steps[i] < step_first)
            continue;
        const double fraction = laves[i] + packed[j];
        if (!isfinite(fraction))
            continue;
        series->steps[series->count] = run->steps[i];
        series->values[series->count++] = fraction;
    }
}

static enum status keep_fraction(struct desk *desk, const struct columns *columns, const struct store_filter *filter,
                                 int64_t step_first, struct ttt_box *box, struct error *err)
{
    static const enum quantity_id ids[] = {QUANTITY_close_packed_fraction};
    const struct store_run *run = &desk->run;
    const double *laves = run->columns[columns->laves];
    struct ttt_series *series = &box->kept[TTT_KEPT_FRACTION];
    enum status status = store_read_run(desk->store, filter, ids, 1, false, &desk->packed, err);
    if (status != STATUS_OK)
        return status;
    series->steps = mem_alloc_array(run->count, sizeof *series->steps);
    series->values = mem_alloc_array(run->count, sizeof *series->values);
    if (!series->steps || !series->values)
        return mem_error(err, "the transformed fraction of a run");
    add_fractions(run, laves, &desk->packed, desk->packed.columns[0], step_first, series);
    box->fraction_by_largest = series->count == 0;
    if (box->fraction_by_largest)
        add_fractions(run, laves, run, run->columns[columns->packed], step_first, series);
    return STATUS_OK;
}

/* Keeps what is still needed of a run. */
static enum status keep_series(struct desk *desk, const struct columns *columns, const struct keeping *keeping,
                               const struct store_filter *filter, struct ttt_box *box, struct error *err)
{
    const struct store_run *run = &desk->run;
    const int64_t first = keeping->step_first;
    enum status status = STATUS_OK;
    if (keeping->fraction)
        status = keep_fraction(desk, columns, filter, first, box, err);
    if (status != STATUS_OK || !keeping->means)
        return status;
    status = keep_column(run, run->columns[columns->ico], first, &box->kept[TTT_KEPT_ICO], err);
    return status == STATUS_OK ? keep_lengths(desk, filter, first, box, err) : status;
}

/* Samples of a whole ensemble that are there already. */
struct pool {
    struct sample_set set; /* without runs: nothing is there */
    size_t count;
    size_t columns[STORE_RUN_QUANTITIES_MAX]; /* [count] of the set's runs */
    enum quantity_id ids[STORE_RUN_QUANTITIES_MAX];
};

/* All that crystals and the means below T_f need. */
static enum status pool_init(struct pool *pool, const struct selected *item, const struct ttt_request *request,
                             struct error *err)
{
    const struct keeping most = {.means = true};
    const struct columns columns = columns_of(&request->order, &most);
    *pool = (struct pool){.count = columns.count};
    memcpy(pool->ids, columns.ids, sizeof pool->ids);
    if (!request->samples || !sample_cache_has(request->samples, columns.ids, columns.count))
        return STATUS_OK;
    return sample_cache_columns(request->samples, item, columns.ids, columns.count, &pool->set, pool->columns, err);
}

/* A view of the pool's run, up to the last step of the filter, as if it had been read; false when one of the columns,
 * or the run, is not there. */
static bool find_run(const struct pool *pool, const struct store_filter *filter, const struct columns *columns,
                     struct store_run *out_view)
{
    const struct sample_run *run = NULL;
    for (size_t i = 0; i < pool->set.run_count && !run; i++)
        if (pool->set.runs[i].replica.value == filter->replica)
            run = &pool->set.runs[i];
    if (!run)
        return false;
    *out_view = (struct store_run){
        .count = run->run.count, .room = run->run.room, .quantity_count = columns->count, .steps = run->run.steps};
    for (size_t c = 0; c < columns->count; c++) {
        size_t place = 0;
        while (place < pool->count && pool->ids[place] != columns->ids[c])
            place++;
        if (place == pool->count)
            return false;
        out_view->columns[c] = run->run.columns[pool->columns[place]];
    }
    while (out_view->count > 0 && out_view->steps[out_view->count - 1] > filter->step_last)
        out_view->count--;
    return true;
}

static enum status take_run(struct desk *desk, const struct pool *pool, const struct columns *columns,
                            const struct store_filter *filter, struct error *err)
{
    if (find_run(pool, filter, columns, &desk->run))
        return STATUS_OK;
    enum status status = store_read_run(desk->store, filter, columns->ids, columns->count, false, &desk->own, err);
    desk->run = desk->own;
    return status;
}

static enum status read_box(struct desk *desk, const struct pool *pool, const struct selected *item,
                            const struct ttt_request *request, struct ttt_box *box, struct error *err)
{
    const bool has_clock = item->spec->mode == MODE_ISOTHERM;
    const struct keeping keeping = {
        .means = has_clock && box->temperature < request->glass_temperature,
        .fraction = has_clock && item->spec->system.atoms >= request->atoms_of_volume_min,
        .step_first = item->filter.step_first,
    };
    const struct columns columns = columns_of(&request->order, &keeping);
    struct store_filter filter = item->filter;
    filter.replica = box->replica.value;
    filter.segment_first = filter.step_first = INT64_MIN; /* a clock runs from its start, and what was there before it
                                                             must be known */
    if (has_clock && filter.step_last > item->spec->steps)
        filter.step_last = item->spec->steps; /* the clock ends with the hold, whatever comes after it */
    enum status status = take_run(desk, pool, &columns, &filter, err);
    box->count = count_after_start(&desk->run);
    if (status != STATUS_OK || box->count == 0)
        return status;
    if ((status = desk_grow(desk, err)) == STATUS_OK &&
        (status = fill_order(desk, &request->order, &columns, &box->lacks_cause, err)) == STATUS_OK &&
        (status = detect(desk, &request->order, &columns, box, err)) == STATUS_OK)
        status = keep_series(desk, &columns, &keeping, &filter, box, err);
    return status == STATUS_OK ? STATUS_OK : error_context(err, "replica %u", box->replica.value);
}

/* ---- all runs, on all cores ---- */

struct search {
    const struct selected *item;
    const struct ttt_request *request;
    struct ttt_boxes *boxes;
    struct pool pool;
    struct desk desks[CREW_MAX];
};

static enum status work(void *context, const struct crew_hand *hand, size_t box, struct error *err)
{
    struct search *search = context;
    search->desks[hand->number].store = hand->store;
    return read_box(&search->desks[hand->number], &search->pool, search->item, search->request,
                    &search->boxes->boxes[box], err);
}

static enum status read_all(const struct reading *reading, struct search *search, struct error *err)
{
    enum status status = pool_init(&search->pool, search->item, search->request, err);
    if (status == STATUS_OK)
        status = crew_work(reading, search->boxes->count, work, search, err);
    for (int i = 0; i < CREW_MAX; i++)
        desk_finish(&search->desks[i]);
    if (search->request->samples)
        sample_cache_release(search->request->samples, &search->pool.set);
    return status;
}

/* ---- equal starts ---- */

static enum status ignore_columns(void *context, int count, const char *const *names, const char *const *declared,
                                  struct error *err)
{
    (void)context, (void)count, (void)names, (void)declared, (void)err;
    return STATUS_OK;
}

static enum status refuse_twins(void *context, int count, const struct sql_cell *cells, struct error *err)
{
    (void)context;
    (void)count;
    return error_set(err, STATUS_INVALID,
                     "replicas %.*s have the same state at step 0: they are one run and cannot be "
                     "pooled (choose one with --replica)",
                     (int)cells[0].size, cells[0].bytes);
}

static enum status check_starts(struct store *store, const struct selected *item, struct error *err)
{
    char sql[320];
    const struct sql_handler handler = {.columns = ignore_columns, .row = refuse_twins};
    snprintf(sql, sizeof sql,
             "SELECT group_concat(replica, ', ') FROM v_ttt_runs WHERE campaign = %u AND ensemble = %u"
             " AND (%" PRId64 " < 0 OR replica = %" PRId64 ") GROUP BY start HAVING count(*) > 1 LIMIT 1",
             item->id.value, item->ensemble.value, item->filter.replica, item->filter.replica);
    return store_run_sql(store, sql, 0, &handler, err);
}

/* ---- the ensemble ---- */

static void box_finish(struct ttt_box *box)
{
    for (int k = 0; k < TTT_KEPT_COUNT; k++) {
        mem_free(box->kept[k].steps);
        mem_free(box->kept[k].values);
    }
}

void ttt_boxes_finish(struct ttt_boxes *boxes)
{
    for (size_t i = 0; i < boxes->count; i++)
        box_finish(&boxes->boxes[i]);
    mem_free(boxes->boxes);
    *boxes = (struct ttt_boxes){0};
}

static void drop_unstarted(struct ttt_boxes *boxes)
{
    size_t kept = 0;
    for (size_t i = 0; i < boxes->count; i++)
        if (boxes->boxes[i].count > 0)
            boxes->boxes[kept++] = boxes->boxes[i];
    boxes->not_started = boxes->count - kept;
    boxes->count = kept;
}

static int compare_boxes(const void *left, const void *right)
{
    const struct ttt_box *a = left, *b = right;
    if (a->temperature != b->temperature)
        return a->temperature < b->temperature ? -1 : 1;
    return (a->replica.value > b->replica.value) - (a->replica.value < b->replica.value);
}

static enum status list_boxes(const struct selected *item, struct ttt_boxes *boxes, struct error *err)
{
    boxes->boxes = mem_alloc_array(item->campaign->replica_count, sizeof *boxes->boxes);
    if (!boxes->boxes)
        return mem_error(err, "the runs of a diagram");
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        const struct rung_id rung = item->campaign->replicas[r].rung_first;
        if (selected_has_replica(item, (struct replica_id){r}) && selected_has_rung(item, rung))
            boxes->boxes[boxes->count++] =
                (struct ttt_box){.replica = {r}, .rung = rung, .temperature = item->spec->temperatures[rung.value]};
    }
    return STATUS_OK;
}

static enum status read_boxes(const struct reading *reading, const struct selected *item,
                              const struct ttt_request *request, struct ttt_boxes *out_boxes, struct error *err)
{
    struct ttt_boxes boxes = {0};
    struct search search = {.item = item, .request = request, .boxes = &boxes};
    enum status status = list_boxes(item, &boxes, err);
    if (status == STATUS_OK)
        status = read_all(reading, &search, err);
    if (status != STATUS_OK) {
        ttt_boxes_finish(&boxes);
        return status;
    }
    drop_unstarted(&boxes);
    qsort(boxes.boxes, boxes.count, sizeof *boxes.boxes, compare_boxes);
    *out_boxes = boxes;
    return STATUS_OK;
}

enum status ttt_boxes_read(const struct reading *reading, const struct selected *item,
                           const struct ttt_request *request, struct ttt_boxes *out_boxes, struct error *err)
{
    if (item->spec->mode != MODE_ISOTHERM)
        return error_set(err, STATUS_INVALID,
                         "ensemble '%s' is '%s': only isotherms carry a clock (choose with "
                         "--ensemble)",
                         item->spec->name, mode_names[item->spec->mode]);
    enum status status = check_starts(reading->store, item, err);
    return status == STATUS_OK ? read_boxes(reading, item, request, out_boxes, err) : status;
}

enum status ttt_quenches_read(const struct reading *reading, const struct selected *item,
                              const struct ttt_request *request, struct ttt_boxes *out_boxes, struct error *err)
{
    if (item->spec->mode != MODE_QUENCH)
        return error_set(err, STATUS_INVALID, "ensemble '%s' is no quench", item->spec->name);
    return read_boxes(reading, item, request, out_boxes, err);
}
