/* ttt_runs.h - the isotherms of one ensemble as lifetimes: stored samples in, events out.
 *
 * What counts as an event is a struct ttt_order. By default the order parameter of a sample is the largest crystal, the
 * largest of the fractions of atoms in the largest Laves, close-packed and B2 cluster; the kind that is largest where
 * it crosses is the cause. (Rows older than database version 7 know nothing of B2; there the other two decide.) A
 * further cause, "other", can be asked for: the inherent energy has fallen to a given value, for as many samples, and
 * that came first. The event is dated there, but it is a crystal's all the same where the order parameter is at or
 * above its threshold at that crossing or less than a dwell before or after it: then a crystal was there, and only its
 * own dwell was broken or began a little later. Or the order parameter is one inherent quantity, and there is one
 * cause.
 *
 * Of the steps asked for the first limits only the series that are kept: a lifetime counts from step 0, and whether a
 * crystal was there at that step cannot be told from later ones. After the last one nothing is looked at.
 *
 * Refused: ensembles that are no isotherms (an exchanged replica has no clock, nor has one whose atoms change identity
 * or whose temperature moves), and runs with equal states at step 0 (they are one run, not two). */
#ifndef VITRINE_SERVER_CMD_TTT_RUNS_H
#define VITRINE_SERVER_CMD_TTT_RUNS_H

#include "server/analysis/sensitivity.h"
#include "server/cmd/sample_cache.h"

enum { TTT_CAUSES_MAX = 4 };

struct ttt_cause {
    const char *name; /* "laves", "close_packed", "b2", "other"; or the quantity's */
    enum quantity_id quantity;
};

/* The definition of an event, which every result carries. */
struct ttt_order {
    const char *name; /* "crystal", or the quantity's */
    size_t cause_count;
    struct ttt_cause causes[TTT_CAUSES_MAX]; /* "other", if asked for, is the last */
    struct event_rule rule;
    struct event_scale scale;
    double onset, finish; /* thresholds on either side of the rule's */
    bool has_other;
    double other_energy; /* epsilon per atom: at or below it */
};

/* What is asked for beside the default; NAN and NULL where nothing is. */
struct ttt_order_request {
    const char *name;
    double threshold, onset, finish, other_energy;
    int64_t dwell;
};

/* The options of a verb that say it; ORDER_OPTIONS are their rows. */
struct order_options {
    const char *name;
    struct option_f64 threshold, onset, finish, other_energy;
    struct option_i64 dwell;
};

#define ORDER_OPTIONS(owner, member)                                                                                   \
    OPTION("order", "NAME", OPTION_TEXT, owner, member.name,                                                           \
           "order parameter: crystal (default), or a quantity of inherent structures"),                                \
        OPTION("threshold", "X", OPTION_F64, owner, member.threshold,                                                  \
               "transformed from this value on (crystal: 0.2 unless given); for energy_inherent: at this value and "   \
               "below"),                                                                                               \
        OPTION("dwell", "N", OPTION_I64, owner, member.dwell, "for so many samples on end (default 5)"),               \
        OPTION("onset", "X", OPTION_F64, owner, member.onset,                                                          \
               "threshold of the onset (default half the other; energies: 0.02 before it, pressures: 0.1)"),           \
        OPTION("finish", "X", OPTION_F64, owner, member.finish,                                                        \
               "threshold of the finish (default twice the other, a fraction at most half way to 1; or such a step)"), \
        OPTION("other-energy", "E", OPTION_F64, owner, member.other_energy,                                            \
               "a further cause, `other`: e_IS at E or below, and no known crystal within a dwell of there")

struct ttt_order_request order_options_request(const struct order_options *options);

/* Onset is half the threshold and finish twice it, of a fraction at most half way from it to 1, unless given. Of
 * energies and pressures, and where the threshold is not above 0, they lie a step to either side: 0.02 epsilon, and 0.1
 * epsilon/sigma^3 (when 500 large atoms at V/N = 0.93 crystallise, e_IS falls by 0.5 and P_IS by 2.9 in these units).
 * STATUS_USAGE for an unknown order parameter, one that needs a threshold when none is given, or thresholds out of
 * order. */
enum status ttt_order_find(const struct ttt_order_request *request, struct ttt_order *out_order,
                           struct error *err) MUST_CHECK;

/* Series after step 0 that are kept after the events have been found: the transformed fraction, the icosahedral
 * fraction, and ico_length where that was measured, which has a cadence of its own.
 *
 * The transformed fraction is that of all crystals, whatever shows the event: laves_fraction + close_packed_fraction,
 * at the samples of structure. A run without any of these has it at all inherent samples with close_packed_largest for
 * the second part (fraction_by_largest): the largest cluster is less than all of them. B2 is not in it: only its
 * largest cluster is ever measured. */
enum ttt_kept { TTT_KEPT_FRACTION, TTT_KEPT_ICO, TTT_KEPT_LENGTH, TTT_KEPT_COUNT };

struct ttt_series {
    size_t count;
    int64_t *steps; /* [count], ascending; NULL: not kept */
    double *values; /* [count]; of TTT_KEPT_LENGTH NAN where the fit was not resolved */
};

/* One replica. */
struct ttt_box {
    struct replica_id replica;
    struct rung_id rung;
    double temperature;         /* epsilon/k_B */
    struct event_course course; /* course.event is the event */
    size_t cause;               /* of the event; cause_count when there is none */
    struct sensitivity_events sensitivity;
    bool lacks_cause; /* rows are there that are older than the quantity of one of the crystals: it cannot be told */
    size_t count;     /* inherent samples after step 0 */
    struct ttt_series kept[TTT_KEPT_COUNT];
    bool fraction_by_largest; /* TTT_KEPT_FRACTION, if kept */
};

/* Sorted by temperature, then replica. Only runs whose clock has started. */
struct ttt_boxes {
    size_t count;
    struct ttt_box *boxes;
    size_t not_started;
};

enum { TTT_ATOMS_OF_VOLUME_MIN = 10000 };

struct ttt_request {
    struct ttt_order order;
    double glass_temperature;     /* epsilon/k_B: colder runs keep TTT_KEPT_ICO and TTT_KEPT_LENGTH; 0: none does */
    struct sample_cache *samples; /* borrowed: where it has the samples they are taken from it; NULL: none */
    uint32_t atoms_of_volume_min; /* boxes of so many atoms keep TTT_KEPT_FRACTION */
};

/* The default of all that can be asked for: crystals, T_f of each ensemble's own, large boxes of
 * TTT_ATOMS_OF_VOLUME_MIN. */
enum status ttt_request_default(struct ttt_request *out_request, struct error *err) MUST_CHECK;

/* Reads runs on as many threads as there are cores, each through a connection of its own; which of them reads a run
 * changes nothing. */
enum status ttt_boxes_read(const struct reading *reading, const struct selected *item,
                           const struct ttt_request *request, struct ttt_boxes *out_boxes,
                           struct error *err) MUST_CHECK;
void ttt_boxes_finish(struct ttt_boxes *boxes); /* zeroed is fine */

/* Runs of the quenches of an ensemble, for the cooling rate: in order of replica, count of them started. */
enum status ttt_quenches_read(const struct reading *reading, const struct selected *item,
                              const struct ttt_request *request, struct ttt_boxes *out_boxes,
                              struct error *err) MUST_CHECK;

#endif
