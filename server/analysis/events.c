#include "server/analysis/events.h"

#include "common/invariant.h"

#include <inttypes.h>
#include <math.h>

const struct event_rule event_rule_default = {0.2, EVENT_UP, EVENT_DWELL};

const struct event_scale event_scale_default = {0.0, 1.0};

double event_threshold_beside(const struct event_rule *rule, const struct event_scale *scale, int halves)
{
    const double step = scale->step > 0.0 ? scale->step : 0.5 * rule->threshold;
    return fmin(rule->threshold + halves * step, 0.5 * (rule->threshold + scale->most));
}

const char *event_kind_name(enum event_kind kind)
{
    static const char *const names[] = {"censored", "happened", "in_ramp"};
    return names[kind];
}

static bool is_beyond(double value, double threshold, enum event_direction direction)
{
    return direction == EVENT_UP ? value >= threshold : value <= threshold;
}

static enum status check_series(const struct event_series *series, const struct event_rule *rule, struct error *err)
{
    if (series->count == 0)
        return error_set(err, STATUS_INVALID, "no samples to find an event in");
    if (rule->dwell == 0 || !isfinite(rule->threshold))
        return error_set(err, STATUS_INVALID, "no rule: threshold %g for %" PRIu32 " samples", rule->threshold,
                         rule->dwell);
    for (size_t i = 0; i < series->count; i++) {
        if (i > 0 && series->steps[i] <= series->steps[i - 1])
            return error_set(err, STATUS_INVALID, "step %" PRId64 " follows step %" PRId64, series->steps[i],
                             series->steps[i - 1]);
        if (!isfinite(series->values[i]))
            return error_set(err, STATUS_INVALID, "the value at step %" PRId64 " is not finite", series->steps[i]);
    }
    if (series->steps[series->count - 1] <= 0)
        return error_set(err, STATUS_INVALID, "the record ends at step %" PRId64 ", before the clock starts",
                         series->steps[series->count - 1]);
    return STATUS_OK;
}

/* The first sample from `start` on that begins a dwell, complete or cut short by the end; count when there is none. */
static size_t find_dwell(const struct event_series *series, const struct event_rule *rule, size_t start,
                         bool *out_is_cut)
{
    size_t run = 0;
    *out_is_cut = false;
    for (size_t i = start; i < series->count; i++) {
        run = is_beyond(series->values[i], rule->threshold, rule->direction) ? run + 1 : 0;
        if (run == rule->dwell)
            return i + 1 - run;
    }
    *out_is_cut = run > 0;
    return series->count - run;
}

/* Nothing seen until `step`; of the clock's time that may be none. */
static struct lifetime quiet_until(int64_t step)
{
    double quiet = (double)step;
    return step > 0 ? (struct lifetime){quiet, (double)INFINITY, quiet} : (struct lifetime){0};
}

static struct lifetime lifetime_of(const struct event *event)
{
    double low = (double)event->step_low, high = (double)event->step_high, end = (double)event->step_last;
    return event->kind == EVENT_HAPPENED ? (struct lifetime){low, high, end} : quiet_until(event->step_high);
}

/* Of the clock's time before a sample the last that was looked at. */
static int64_t step_before(const struct event_series *series, size_t sample)
{
    return sample > 0 && series->steps[sample - 1] > 0 ? series->steps[sample - 1] : 0;
}

static struct event event_at(const struct event_series *series, size_t sample, bool is_cut)
{
    size_t last = series->count - 1;
    struct event event = {.step_last = series->steps[last], .sample = sample, .is_dwell_cut = is_cut};
    if (sample > last)
        event.sample = last;
    event.step_high = series->steps[event.sample];
    event.step_low = step_before(series, event.sample);
    event.kind = sample > last || is_cut ? EVENT_CENSORED : event.step_high <= 0 ? EVENT_IN_RAMP : EVENT_HAPPENED;
    return event;
}

/* The first sample of the clock: there is one, for the last step is above 0. */
static size_t find_clock(const struct event_series *series)
{
    size_t sample = 0;
    while (series->steps[sample] <= 0)
        sample++;
    return sample;
}

/* Where to look from: the first sample of the clock, or the crossing that led to it when the last sample before is
 * beyond already. What was beyond and came back in preparation is passed over: it has melted. */
static size_t find_start(const struct event_series *series, const struct event_rule *rule)
{
    size_t start = find_clock(series);
    while (start > 0 && is_beyond(series->values[start - 1], rule->threshold, rule->direction))
        start--;
    return start;
}

enum status event_detect(const struct event_series *series, const struct event_rule *rule, struct event *out,
                         struct error *err)
{
    enum status status = check_series(series, rule, err);
    if (status != STATUS_OK)
        return status;
    bool is_cut;
    size_t sample = find_dwell(series, rule, find_start(series, rule), &is_cut);
    struct event event = event_at(series, sample, is_cut);
    if (event.kind == EVENT_CENSORED && event.step_high <= 0) /* a cut dwell that began in the ramp */
        event.kind = EVENT_IN_RAMP;
    if (event.kind != EVENT_IN_RAMP)
        event.life = lifetime_of(&event);
    *out = event;
    return STATUS_OK;
}

/* Back from the event, or from where a run without one ends, to the sample after the last one that is quiet by the
 * onset's threshold. */
static size_t find_onset(const struct event_series *series, size_t sample, double threshold,
                         enum event_direction direction)
{
    if (!is_beyond(series->values[sample], threshold, direction))
        return sample;
    while (sample > 0 && is_beyond(series->values[sample - 1], threshold, direction))
        sample--;
    return sample;
}

/* First seen at a sample; what was there when the clock started came before its first sample. */
static struct lifetime seen_at(const struct event_series *series, size_t sample)
{
    size_t clock = find_clock(series), first = sample > clock ? sample : clock;
    return (struct lifetime){(double)step_before(series, first), (double)series->steps[first],
                             (double)series->steps[series->count - 1]};
}

static void follow_onset(const struct event_series *series, const struct event_rule *rule, double threshold,
                         struct event_course *course)
{
    size_t sample = find_onset(series, course->event.sample, threshold, rule->direction);
    course->has_onset = course->event.kind != EVENT_CENSORED;
    course->step_onset = course->has_onset ? series->steps[sample] : 0;
    course->onset = course->has_onset ? seen_at(series, sample) : quiet_until(series->steps[sample]);
}

static void follow_finish(const struct event_series *series, const struct event_rule *rule, double threshold,
                          struct event_course *course)
{
    struct event_rule finish = *rule;
    bool is_cut;
    finish.threshold = threshold;
    size_t sample = find_dwell(series, &finish, course->event.sample, &is_cut);
    course->has_finish = course->event.kind != EVENT_CENSORED && sample < series->count && !is_cut;
    course->step_finish = course->has_finish ? series->steps[sample] : 0;
    course->finish = course->has_finish ? seen_at(series, sample)
                                        : quiet_until(is_cut ? series->steps[sample] : course->event.step_last);
}

enum status event_follow(const struct event_series *series, const struct event_rule *rule, double threshold_onset,
                         double threshold_finish, const struct event *event, struct event_course *out,
                         struct error *err)
{
    struct event_course course = {.event = *event};
    if (!is_beyond(rule->threshold, threshold_onset, rule->direction) ||
        !is_beyond(threshold_finish, rule->threshold, rule->direction))
        return error_set(err, STATUS_INVALID, "onset %g, event %g, finish %g are out of order", threshold_onset,
                         rule->threshold, threshold_finish);
    follow_onset(series, rule, threshold_onset, &course);
    follow_finish(series, rule, threshold_finish, &course);
    if (event->kind == EVENT_IN_RAMP)
        course.onset = course.finish = (struct lifetime){0};
    *out = course;
    return STATUS_OK;
}

struct event_course event_course_unknown(const struct event *event)
{
    struct event_course course = {.event = *event};
    if (event->kind == EVENT_HAPPENED) {
        course.onset = (struct lifetime){0.0, event->life.high, event->life.horizon};
        course.finish = quiet_until(event->step_high);
    }
    return course;
}

/* True when event a, of a lower-numbered cause, yields to event b of a later one. */
static bool yields(const struct event *a, const struct event *b)
{
    bool a_quiet = a->kind == EVENT_CENSORED, b_quiet = b->kind == EVENT_CENSORED;
    return a_quiet != b_quiet ? a_quiet : b->sample < a->sample;
}

enum status event_detect_competing(const struct event_series *series, const struct event_rule *rules, size_t causes,
                                   struct event *out, size_t *out_cause, struct error *err)
{
    struct event best = {0}, event;
    size_t winner = 0;
    INVARIANT(causes > 0 && causes <= EVENT_CAUSES_MAX);
    for (size_t cause = 0; cause < causes; cause++) {
        if (series[cause].count != series[0].count)
            return error_set(err, STATUS_INVALID, "cause %zu has %zu samples, cause 0 has %zu", cause,
                             series[cause].count, series[0].count);
        enum status status = event_detect(&series[cause], &rules[cause], &event, err);
        if (status != STATUS_OK)
            return error_context(err, "cause %zu", cause);
        if (cause == 0 || yields(&best, &event)) {
            best = event;
            winner = cause;
        }
    }
    *out = best;
    *out_cause = best.kind == EVENT_CENSORED ? causes : winner;
    return STATUS_OK;
}

bool event_is_near(const struct event_series *series, const struct event_rule *rule, size_t sample, size_t *out_nearest)
{
    for (size_t distance = 0; distance < rule->dwell; distance++) {
        if (distance <= sample && is_beyond(series->values[sample - distance], rule->threshold, rule->direction)) {
            *out_nearest = sample - distance;
            return true;
        }
        if (distance < series->count - sample &&
            is_beyond(series->values[sample + distance], rule->threshold, rule->direction)) {
            *out_nearest = sample + distance;
            return true;
        }
    }
    return false;
}
