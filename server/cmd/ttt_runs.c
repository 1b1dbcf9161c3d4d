#include "server/cmd/ttt_runs.h"

#include "common/mem.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status ttt_order_find(const char *name, double threshold, int64_t dwell, struct ttt_order *out_order,
                           struct error *err)
{
    struct ttt_order order = {"crystal", QUANTITY_laves_largest, QUANTITY_close_packed_largest, event_rule_default};
    if (name && strcmp(name, "crystal") != 0) {
        const struct quantity *quantity = quantity_find(name);
        if (!quantity || quantity->group != QUANTITY_GROUP_inherent)
            return error_set(err, STATUS_USAGE,
                             "'%s' is no order parameter: crystal, or a quantity of inherent "
                             "structures (schemas/quantities.md)",
                             name);
        if (!isfinite(threshold))
            return error_set(err, STATUS_USAGE, "the order parameter '%s' needs a --threshold", name);
        order.name = quantity->name;
        order.first = order.second = (enum quantity_id)(quantity - quantities);
        order.rule.direction = order.first == QUANTITY_energy_inherent ? EVENT_DOWN : EVENT_UP;
    }
    if (isfinite(threshold))
        order.rule.threshold = threshold;
    if (dwell < 1 || dwell > 1000000)
        return error_set(err, STATUS_USAGE, "a dwell of %" PRId64 " samples: it is at least 1", dwell);
    order.rule.dwell = (uint32_t)dwell;
    *out_order = order;
    return STATUS_OK;
}

/* ---- samples ---- */

struct filling {
    const struct selected *item;
    struct ttt_boxes *boxes; /* by replica while they are read */
    int first, second;       /* places in the group */
};

static int place_of(enum quantity_id id)
{
    int place = 0;
    for (int i = 0; i < (int)id; i++)
        place += quantities[i].group == quantities[id].group;
    return place;
}

static enum status grow(struct ttt_box *box, struct error *err)
{
    const size_t room = box->room ? 2 * box->room : 256;
    int64_t *steps = mem_resize_array(box->steps, box->room, room, sizeof *steps);
    if (steps)
        box->steps = steps;
    double *values = steps ? mem_resize_array(box->values, box->room, room, sizeof *values) : NULL;
    if (!values)
        return mem_error(err, "the samples of a run");
    box->values = values;
    box->room = room;
    return STATUS_OK;
}

static struct ttt_box *box_of(struct ttt_boxes *boxes, struct replica_id replica)
{
    if (boxes->count == 0 || boxes->boxes[boxes->count - 1].replica.value != replica.value)
        boxes->boxes[boxes->count++].replica = replica;
    return &boxes->boxes[boxes->count - 1];
}

static enum status add_row(void *context, const struct sample_row *row, struct error *err)
{
    struct filling *filling = context;
    const struct campaign *campaign = filling->item->campaign;
    struct ttt_box *box = box_of(filling->boxes, row->replica);
    const double value = fmax(row->values[filling->first], row->values[filling->second]);
    enum status status = box->count < box->room ? STATUS_OK : grow(box, err);
    if (status != STATUS_OK)
        return status;
    if (!isfinite(value))
        return error_set(err, STATUS_INVALID,
                         "replica %u, step %" PRId64 ": stored before this order parameter was measured; --order "
                         "ico_fraction and energy_inherent are there in all rows",
                         row->replica.value, row->step);
    box->rung = campaign->replicas[row->replica.value].rung_first;
    box->temperature = filling->item->spec->temperatures[box->rung.value];
    box->steps[box->count] = row->step;
    box->values[box->count++] = value;
    return STATUS_OK;
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

/* ---- events ---- */

static void box_finish(struct ttt_box *box)
{
    mem_free(box->steps);
    mem_free(box->values);
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
    for (size_t i = 0; i < boxes->count; i++) {
        struct ttt_box *box = &boxes->boxes[i];
        if (box->count > 0 && box->steps[box->count - 1] > 0)
            boxes->boxes[kept++] = *box;
        else
            box_finish(box);
    }
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

static enum status detect(struct ttt_boxes *boxes, const struct event_rule *rule, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < boxes->count; i++) {
        const struct event_series series = {boxes->boxes[i].steps, boxes->boxes[i].values, boxes->boxes[i].count};
        status = event_detect(&series, rule, &boxes->boxes[i].event, err);
        if (status != STATUS_OK)
            error_context(err, "replica %u", boxes->boxes[i].replica.value);
    }
    return status;
}

enum status ttt_boxes_read(struct store *store, const struct selected *item, const struct ttt_order *order,
                           struct ttt_boxes *out_boxes, struct error *err)
{
    if (item->spec->mode != MODE_ISOTHERM)
        return error_set(err, STATUS_INVALID,
                         "ensemble '%s' is '%s': only isotherms carry a clock (choose with "
                         "--ensemble)",
                         item->spec->name, mode_names[item->spec->mode]);
    struct ttt_boxes boxes = {.boxes = mem_alloc_array(item->campaign->replica_count, sizeof *boxes.boxes)};
    struct filling filling = {item, &boxes, place_of(order->first), place_of(order->second)};
    struct store_filter filter = item->filter;
    filter.segment_first = INT64_MIN; /* what crossed in the ramp must be known, to be left out */
    if (!boxes.boxes)
        return mem_error(err, "the runs of a diagram");
    enum status status = check_starts(store, item, err);
    if (status == STATUS_OK)
        status = store_visit_samples(store, &filter, QUANTITY_GROUP_inherent, add_row, &filling, err);
    if (status == STATUS_OK) {
        drop_unstarted(&boxes);
        qsort(boxes.boxes, boxes.count, sizeof *boxes.boxes, compare_boxes);
        status = detect(&boxes, &order->rule, err);
    }
    if (status != STATUS_OK) {
        ttt_boxes_finish(&boxes);
        return status;
    }
    *out_boxes = boxes;
    return STATUS_OK;
}
