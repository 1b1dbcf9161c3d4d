/* ttt_result.h - what `vitrine ttt` finds: the numbers of one ensemble of isotherms.
 *
 * Everything here follows from stored rows, a definition of the event and the campaign's seed: the same rows give the
 * same numbers, whoever asks. */
#ifndef VITRINE_SERVER_CMD_TTT_RESULT_H
#define VITRINE_SERVER_CMD_TTT_RESULT_H

#include "server/analysis/contour.h"
#include "server/analysis/nucleation.h"
#include "server/analysis/replicates.h"
#include "server/analysis/sensitivity.h"
#include "server/analysis/survival.h"
#include "server/analysis/ttt.h"
#include "server/cmd/ttt_runs.h"

enum { TTT_TARGETS = 3, TTT_WHY_SIZE = 192 };

extern const double ttt_level;                       /* of all intervals: 0.95 */
extern const double ttt_ico_targets[TTT_TARGETS];    /* mean icosahedral content: 0.15, 0.20, 0.25 */
extern const double ttt_length_targets[TTT_TARGETS]; /* sigma: mean ico_length, 0.5, 0.75, 1 */

/* Crystals that nucleate and grow inside each box: only where boxes are large. Avrami's law is fitted to the
 * transformed fraction of each run, TTT_KEPT_FRACTION over its plateau: Laves and close-packed atoms of all crystals
 * together, be they many, not the largest one of the event. A run is fitted that has come to a plateau: the last tenth
 * of its samples holds at least the threshold (0.2, or the crystals' own), and rises by no more than their scatter or 2
 * % of it, what avrami_fit takes for complete; and that was below the threshold at its first sample. */
struct ttt_volume {
    size_t runs;                       /* that could be fitted */
    size_t by_largest;                 /* of these with close_packed_largest for close_packed_fraction */
    struct estimate exponent, time_50; /* of Avrami's law, geometric means over the runs; 1, steps */
};

/* How far the runs of one isotherm go that a mean is taken over: at each sample over those that are there, at least two
 * (contour.h). */
struct ttt_reach {
    size_t runs;                /* with any sample; a mean needs two */
    int64_t step_all, step_two; /* all of them, and at least two of them, have samples up to here */
};

/* All runs of one temperature. */
struct ttt_isotherm {
    double temperature; /* epsilon/k_B */
    const struct ttt_box *boxes;
    size_t box_count, in_ramp, events; /* events: of all causes, on the clock */
    bool has_fit;
    char why[TTT_WHY_SIZE];         /* that there is no fit though runs are left; else empty */
    struct lifetime_fit fit;        /* zeroed without one */
    struct survival_curve survival; /* Kaplan and Meier's; empty without an event */
    struct turnbull_curve turnbull; /* where is_turnbull; else empty */
    /* Without a law: Kaplan and Meier's, with the interval of Brookmeyer and Crowley. Where the cadence is coarse
     * (is_turnbull) an event may lie anywhere in its cell: then the value is unknown, the interval reaches one cadence
     * further down, and Turnbull's curve says in which cell the median lies. */
    bool is_turnbull;
    struct estimate median;
    struct interval median_cell; /* (low, high]; NAN unless is_turnbull */
    /* Steps; NAN where nothing was seen to begin or to end. Onset and finish are lifetimes of the same runs, dated like
     * the event by the interval between two samples (events.h), and follow its law, exponential or Weibull: a Weibull
     * has a shape of its own where five of them or more give one, unless that would put onset after event or finish
     * before it; then, and for the exponential, the shape is the event's and onset <= event <= finish. */
    double time_50_onset, time_50_finish;
    size_t cause_events[TTT_CAUSES_MAX];
    struct estimate incidence[TTT_CAUSES_MAX]; /* at the last event (Aalen & Johansen) */
    struct estimate nucleation;                /* J, 1 / (step sigma^3) */
    struct sensitivity sensitivity;
    bool is_below_glass;
    struct ttt_reach ico_reach, length_reach;
    struct estimate ico[TTT_TARGETS], length[TTT_TARGETS]; /* steps; value NAN, from 0 on: before the first sample */
    bool has_volume;
    struct ttt_volume volume;
};

/* Directly from ramps that crossed all temperatures of the diagram. */
struct ttt_ramps {
    size_t count, transformed; /* count 0: there were none */
    struct estimate rate;      /* epsilon per step, at which half the boxes transform */
    enum ttt_ramp_bound bound;
};

struct ttt_result {
    const struct selected *item;
    const struct ttt_request *request;
    struct ttt_boxes boxes;
    struct ttt_isotherm *isotherms;
    size_t isotherm_count, events;
    bool has_diagram;
    char why[TTT_WHY_SIZE]; /* that there is no diagram; else empty */
    struct ttt_diagram diagram;
    struct ttt_ramps ramps;
};

/* melting: T_m, 0 = not known. Other ensembles of the reading are looked at for quenches of the same system.
 * STATUS_NOT_FOUND when no run has a sample after step 0. */
enum status ttt_result_compute(const struct reading *reading, const struct selected *item,
                               const struct ttt_request *request, double melting, struct ttt_result *out,
                               struct error *err) MUST_CHECK;
void ttt_result_finish(struct ttt_result *result); /* zeroed is fine */

/* Runs with rows that are older than the quantity of one of the causes. */
size_t ttt_count_older(const struct ttt_result *result);

double ttt_small_fraction(const struct ttt_result *result);

/* Of J: events, and the time that boxes of this volume were at risk. Needs has_fit. */
struct nucleation_boxes ttt_boxes_at_risk(const struct ttt_result *result, const struct ttt_isotherm *isotherm);

/* t_p of an isotherm, steps: unknown without a fit; of a bound the value alone is, and the interval begins at it. */
struct estimate ttt_time(const struct ttt_isotherm *isotherm, int fraction);

#endif
