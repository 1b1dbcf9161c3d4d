/* events.h - when an order parameter says that a run has transformed.
 *
 * Default rule: the fraction of atoms in the largest crystal is at least 0.2 in 5 consecutive samples; the event is
 * dated at the first of them, and really happened after the sample before: the lifetime is the interval between the
 * two. A dwell that the end of the record cuts short is neither event nor quiet: the run is censored at its crossing
 * (which overstates quiet time by at most one cadence, should the dwell have gone on).
 *
 * Steps count from the start of the clock; samples at steps <= 0 belong to its preparation. A run that is beyond the
 * threshold when the clock starts, at the last sample at or before step 0, and stays there for a dwell has transformed
 * in the ramp and carries no lifetime. A crystal that melted before the clock started, such as the one a run was built
 * from, counts for nothing: the first dwell after it is the event. Detection is a pure function of the samples: another
 * threshold needs no new simulation. */
#ifndef VITRINE_SERVER_ANALYSIS_EVENTS_H
#define VITRINE_SERVER_ANALYSIS_EVENTS_H

#include "server/analysis/lifetime.h"
#include <stdint.h>

enum event_direction {
    EVENT_UP,   /* value >= threshold: a crystal grows */
    EVENT_DOWN, /* value <= threshold: an energy falls */
};

struct event_rule {
    double threshold;
    enum event_direction direction;
    uint32_t dwell; /* consecutive samples, >= 1 */
};

enum { EVENT_DWELL = 5, EVENT_CAUSES_MAX = 8 };
extern const struct event_rule event_rule_default; /* 0.2, up, EVENT_DWELL */

/* Where thresholds beside the rule's lie: by a share of the rule's own where values start at 0, by a step where they
 * have no such zero; and never past what the values can be. */
struct event_scale {
    double step; /* in the unit of the values; 0: half the rule's threshold */
    double most; /* the largest value there can be: a threshold goes at most half way there; INFINITY: no end */
};

extern const struct event_scale event_scale_default; /* of the fractions of event_rule_default: 0, 1 */

/* `halves` halves of the rule's threshold, or steps, above it; below it where they are negative. */
double event_threshold_beside(const struct event_rule *rule, const struct event_scale *scale, int halves);

/* One isotherm's order parameter. Steps ascend strictly, values are finite. Borrowed. */
struct event_series {
    const int64_t *steps;
    const double *values;
    size_t count;
};

enum event_kind {
    EVENT_CENSORED,
    EVENT_HAPPENED,
    EVENT_IN_RAMP,
};

struct event {
    enum event_kind kind;
    int64_t step_low;     /* last sample before the crossing; 0 when the crossing is the first of the clock */
    int64_t step_high;    /* the crossing; when censored, the last step known to be quiet */
    int64_t step_last;    /* end of the record */
    size_t sample;        /* index of the crossing; of the last sample when nothing crossed */
    bool is_dwell_cut;    /* a dwell was under way when the record ended */
    struct lifetime life; /* unless EVENT_IN_RAMP */
};

/* STATUS_INVALID for an empty series, steps that do not ascend, a value that is not finite, a dwell of 0, or a record
 * that ends before the clock starts. */
MUST_CHECK enum status event_detect(const struct event_series *series, const struct event_rule *rule, struct event *out,
                                    struct error *err);

/* Onset, event and finish of one run: three thresholds of one order parameter, onset and finish on either side of the
 * rule's. Onset is the last crossing of its threshold that leads into the event; finish the first dwell beyond its own
 * threshold from the event on.
 *
 * Each is a lifetime beside the event's, in the same run and by the same clock: seen between two samples, an onset in
 * the ramp of a run whose event came later between 0 and the first sample of the clock. A run without an event is
 * censored where it was last quiet by the onset's threshold, the beginning of an excursion that the end of the record
 * cuts short; a finish that is not seen where the record, or a dwell that it cuts short, says so. Hence in every run
 * onset <= event <= finish, end by end. */
struct event_course {
    struct event event;
    bool has_onset, has_finish;
    int64_t step_onset, step_finish; /* the samples that show them; of an onset in the ramp at or below 0 */
    struct lifetime onset, finish;   /* horizon 0 where nothing is known: EVENT_IN_RAMP, or beyond since the ramp */
};

/* The course about an event that was found in the series, or in those of the causes that compete with it. */
MUST_CHECK enum status event_follow(const struct event_series *series, const struct event_rule *rule,
                                    double threshold_onset, double threshold_finish, const struct event *event,
                                    struct event_course *out, struct error *err);

/* Of an event that something else than the order parameter has shown: it began at some time before, and when it
 * finishes is not known. */
struct event_course event_course_unknown(const struct event *event);

/* Competing causes: one series and one rule for each, same steps. The first to cross wins; of two that cross at one
 * sample, the lower number. *out_cause is the winner, or causes when censored (at the earliest cut dwell of any).
 * causes <= EVENT_CAUSES_MAX. */
MUST_CHECK enum status event_detect_competing(const struct event_series *series, const struct event_rule *rules,
                                              size_t causes, struct event *out, size_t *out_cause, struct error *err);

/* Whether a series is beyond its threshold at a sample or less than a dwell before or after it: then its cause was
 * there when another one crossed at that sample, though its own dwell was broken by a sample or began a little later.
 * *out_nearest is the nearest such sample, of two the earlier. */
bool event_is_near(const struct event_series *series, const struct event_rule *rule, size_t sample,
                   size_t *out_nearest);

const char *event_kind_name(enum event_kind kind); /* "censored", "happened", "in_ramp" */

#endif
