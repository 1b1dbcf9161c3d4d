/* ttt_runs.h - the isotherms of one ensemble as lifetimes: stored samples in, events out.
 *
 * The order parameter is either one inherent quantity or, by default, the largest crystal: at each sample the larger of
 * laves_largest and close_packed_largest. Refused: ensembles that are no isotherms (an exchanged replica has no clock),
 * and runs with equal states at step 0 (they are one run, not two). */
#ifndef VITRINE_SERVER_CMD_TTT_RUNS_H
#define VITRINE_SERVER_CMD_TTT_RUNS_H

#include "server/analysis/events.h"
#include "server/cmd/reading.h"

struct ttt_order {
    const char *name;        /* "crystal", or the quantity's */
    enum quantity_id first;  /* values are the larger of ... */
    enum quantity_id second; /* ... these two; equal for one quantity */
    struct event_rule rule;
};

/* One replica. */
struct ttt_box {
    struct replica_id replica;
    struct rung_id rung;
    double temperature; /* epsilon/k_B */
    size_t count, room;
    int64_t *steps; /* [count]; those of the preparation are negative */
    double *values; /* [count] */
    struct event event;
};

/* Sorted by temperature, then replica. Only runs whose clock has started. */
struct ttt_boxes {
    size_t count;
    struct ttt_box *boxes;
    size_t not_started;
};

/* Names the order parameter and its default rule; `name` NULL is the crystal. STATUS_USAGE for an unknown one, or one
 * that needs a threshold when none is given (NAN). */
enum status ttt_order_find(const char *name, double threshold, int64_t dwell, struct ttt_order *out_order,
                           struct error *err) MUST_CHECK;

enum status ttt_boxes_read(struct store *store, const struct selected *item, const struct ttt_order *order,
                           struct ttt_boxes *out_boxes, struct error *err) MUST_CHECK;
void ttt_boxes_finish(struct ttt_boxes *boxes); /* zeroed is fine */

#endif
