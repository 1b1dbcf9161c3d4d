#include "server/analysis/events.h"

#include <criterion/criterion.h>
#include <math.h>

enum { COUNT = 12 };

static const int64_t steps[COUNT] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110};

static struct event detect(const double *values, const struct event_rule *rule)
{
    const struct event_series series = {steps, values, COUNT};
    struct event event;
    struct error err = {0};
    cr_assert_eq(event_detect(&series, rule, &event, &err), STATUS_OK, "%s", err.message);
    return event;
}

Test(events, event_is_dated_at_the_first_of_five_samples)
{
    const double values[COUNT] = {0, 0, .3, 0, 0, .2, .4, .5, .6, .7, .8, .9};
    struct event event = detect(values, &event_rule_default);
    cr_assert_eq(event.kind, EVENT_HAPPENED);
    cr_assert_eq(event.step_low, 40);
    cr_assert_eq(event.step_high, 50);
    cr_assert(event.life.low == 40 && event.life.high == 50 && event.life.horizon == 110);
}

Test(events, four_samples_above_are_no_event)
{
    const double values[COUNT] = {0, .3, .3, .3, .3, .1, 0, 0, 0, 0, 0, 0};
    struct event event = detect(values, &event_rule_default);
    cr_assert_eq(event.kind, EVENT_CENSORED);
    cr_assert(!event.is_dwell_cut);
    cr_assert(event.life.low == 110 && isinf(event.life.high) && event.life.horizon == 110);
}

Test(events, dwell_cut_by_the_end_is_censored_at_its_crossing)
{
    const double values[COUNT] = {0, 0, 0, 0, 0, 0, 0, 0, .2, .3, .3, .3};
    struct event event = detect(values, &event_rule_default);
    cr_assert_eq(event.kind, EVENT_CENSORED);
    cr_assert(event.is_dwell_cut);
    cr_assert(event.life.low == 80 && isinf(event.life.high));
}

Test(events, crystal_that_came_out_of_the_ramp_is_reported_apart)
{
    const double values[COUNT] = {.2, .3, .4, .5, .6, .7, .8, .8, .8, .8, .8, .8};
    cr_assert_eq(detect(values, &event_rule_default).kind, EVENT_IN_RAMP);
}

/* Built as a crystal, melted, and brought down as a liquid that transforms in its own time, or does not. */
Test(events, crystal_that_melted_before_the_clock_started_is_no_event)
{
    const int64_t prepared[COUNT] = {-40, -30, -20, -10, 0, 10, 20, 30, 40, 50, 60, 70};
    const double later[COUNT] = {.9, .9, .8, .1, 0, 0, 0, .3, .9, .9, .9, .9}, never[COUNT] = {.9, .9, .8, .1};
    const double held[COUNT] = {.9, .1, .3, .3, .3, .3, .3, .3, .3, .3, .3, .3};
    const double flicker[COUNT] = {.9, .9, .1, 0, .3, .3, .1, 0, .3, .3, .3, .3};
    const struct event_rule rule = {0.2, EVENT_UP, 3};
    struct event event;
    cr_assert_eq(event_detect(&(struct event_series){prepared, later, COUNT}, &rule, &event, NULL), STATUS_OK);
    cr_expect(event.kind == EVENT_HAPPENED && event.life.low == 20 && event.life.high == 30);
    cr_assert_eq(event_detect(&(struct event_series){prepared, never, COUNT}, &rule, &event, NULL), STATUS_OK);
    cr_expect(event.kind == EVENT_CENSORED && event.life.low == 70);
    cr_assert_eq(event_detect(&(struct event_series){prepared, held, COUNT}, &rule, &event, NULL), STATUS_OK);
    cr_expect(event.kind == EVENT_IN_RAMP && event.step_high == -20, "the second of two crystals was there at 0");
    cr_assert_eq(event_detect(&(struct event_series){prepared, flicker, COUNT}, &rule, &event, NULL), STATUS_OK);
    cr_expect(event.kind == EVENT_HAPPENED && event.step_high == 40, "two samples at the start are no dwell");
}

Test(events, crossing_before_the_first_sample_of_the_clock_starts_at_zero)
{
    const int64_t some[] = {-10, 10, 20, 30};
    const double values[] = {0, .5, .5, .5};
    const struct event_series series = {some, values, 4};
    const struct event_rule rule = {0.2, EVENT_UP, 2};
    struct event event;
    cr_assert_eq(event_detect(&series, &rule, &event, NULL), STATUS_OK);
    cr_assert(event.life.low == 0 && event.life.high == 10);
}

Test(events, energy_falls_through_its_threshold)
{
    const double values[COUNT] = {-7, -7, -7, -7.3, -7, -7, -7, -7.2, -7.3, -7.4, -7.4, -7.4};
    const struct event_rule rule = {-7.2, EVENT_DOWN, 3};
    struct event event = detect(values, &rule);
    cr_assert_eq(event.kind, EVENT_HAPPENED);
    cr_assert_eq(event.step_high, 70);
}

Test(events, falling_is_rising_upside_down)
{
    double up[COUNT], down[COUNT];
    for (unsigned trial = 0; trial < 200; trial++) {
        for (unsigned i = 0; i < COUNT; i++) {
            up[i] = (double)((trial * 2654435761u >> (i * 2 + 3)) & 7) - 3;
            down[i] = -up[i];
        }
        struct event a = detect(up, &(struct event_rule){1, EVENT_UP, 2});
        struct event b = detect(down, &(struct event_rule){-1, EVENT_DOWN, 2});
        cr_assert(a.kind == b.kind && a.step_low == b.step_low && a.step_high == b.step_high);
    }
}

Test(events, stricter_rules_never_date_earlier)
{
    double values[COUNT];
    for (unsigned trial = 1; trial < 200; trial++) {
        for (unsigned i = 0; i < COUNT; i++)
            values[i] = (double)((trial * 2654435761u >> (i * 2 + 3)) & 7);
        int64_t before = -1;
        for (int threshold = 1; threshold < 8; threshold++) {
            struct event event = detect(values, &(struct event_rule){threshold, EVENT_UP, 2});
            cr_assert_geq(event.step_high, before);
            before = event.step_high;
        }
    }
}

static struct event_course follow(const int64_t *some_steps, const double *values, const struct event_rule *rule,
                                  double onset, double finish)
{
    const struct event_series series = {some_steps, values, COUNT};
    struct event event;
    struct event_course course;
    struct error err = {0};
    cr_assert_eq(event_detect(&series, rule, &event, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(event_follow(&series, rule, onset, finish, &event, &course, &err), STATUS_OK, "%s", err.message);
    return course;
}

static bool is_life(const struct lifetime *life, double low, double high, double horizon)
{
    return life->low == low && life->high == high && life->horizon == horizon;
}

Test(events, onset_and_finish_frame_the_event)
{
    const double values[COUNT] = {0, .1, 0, .06, .1, .25, .3, .4, .6, .85, .9, .9};
    const struct event_rule rule = {0.2, EVENT_UP, 2};
    struct event_course course = follow(steps, values, &rule, 0.05, 0.8);
    cr_assert(course.has_onset && course.step_onset == 30);
    cr_assert(course.event.step_high == 50);
    cr_assert(course.has_finish && course.step_finish == 90);
    cr_expect(is_life(&course.onset, 20, 30, 110) && is_life(&course.finish, 80, 90, 110), "between two samples");
    cr_assert_eq(
        event_follow(&(struct event_series){steps, values, COUNT}, &rule, 0.3, 0.8, &course.event, &course, NULL),
        STATUS_INVALID);
}

Test(events, onset_in_the_ramp_came_before_the_first_sample_of_the_clock)
{
    const int64_t prepared[COUNT] = {-20, -10, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90};
    const double values[COUNT] = {0, .06, .1, .1, .15, .25, .3, .4, .6, .6, .85, .9};
    struct event_course course = follow(prepared, values, &(struct event_rule){0.2, EVENT_UP, 2}, 0.05, 0.8);
    cr_expect(course.event.kind == EVENT_HAPPENED && course.has_onset && course.step_onset == -10);
    cr_expect(is_life(&course.onset, 0, 10, 90));
    const double transformed[COUNT] = {0, .1, .3, .3, .3, .3, .3, .4, .6, .6, .85, .9};
    course = follow(prepared, transformed, &(struct event_rule){0.2, EVENT_UP, 2}, 0.05, 0.8);
    cr_expect(course.event.kind == EVENT_IN_RAMP && course.onset.horizon == 0 && course.finish.horizon == 0);
}

Test(events, what_is_not_seen_is_censored_where_it_was_last_quiet)
{
    const struct event_rule rule = {0.2, EVENT_UP, 2};
    const double quiet[COUNT] = {0}, begun[COUNT] = {0, .1, 0, 0, 0, 0, 0, 0, 0, .1, .15, .15};
    const double unfinished[COUNT] = {0, 0, 0, 0, .3, .3, .3, .3, .3, .3, .3, .9};
    const double excited[COUNT] = {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1};
    struct event_course course = follow(steps, quiet, &rule, 0.05, 0.8);
    cr_expect(!course.has_onset && is_life(&course.onset, 110, (double)INFINITY, 110));
    cr_expect(!course.has_finish && is_life(&course.finish, 110, (double)INFINITY, 110));
    course = follow(steps, begun, &rule, 0.05, 0.8);
    cr_expect(!course.has_onset && is_life(&course.onset, 90, (double)INFINITY, 90), "it may lead into an event");
    course = follow(steps, unfinished, &rule, 0.05, 0.8);
    cr_expect(!course.has_finish && is_life(&course.finish, 110, (double)INFINITY, 110), "its dwell is cut there");
    course = follow(steps, excited, &rule, 0.05, 0.8);
    cr_expect(course.onset.horizon == 0 && course.finish.horizon == 110, "nothing is known of its onset");
}

/* What onset <= event <= finish of the fits rests on. */
Test(events, onset_never_comes_after_the_event_nor_finish_before_it)
{
    double values[COUNT];
    int64_t moved[COUNT];
    for (unsigned trial = 1; trial < 2000; trial++) {
        for (unsigned i = 0; i < COUNT; i++) {
            values[i] = (double)((trial * 2654435761u >> (i * 2 + 3)) & 7) / 8;
            moved[i] = steps[i] - 10 * (int64_t)(trial % 5);
        }
        struct event_course course = follow(moved, values, &(struct event_rule){0.5, EVENT_UP, 2}, 0.25, 0.75);
        if (course.event.kind == EVENT_IN_RAMP)
            continue;
        const struct lifetime *onset = &course.onset, *event = &course.event.life, *finish = &course.finish;
        cr_assert(finish->low >= event->low && finish->high >= event->high);
        cr_assert(onset->horizon == 0 || (onset->low <= event->low && onset->high <= event->high));
        cr_assert_eq(lifetime_is_event(event), course.has_onset);
    }
}

Test(events, crystal_near_the_crossing_of_another_cause_is_found)
{
    const double values[COUNT] = {0, 0, 0, .3, 0, 0, 0, 0, .3, .3, 0, 0};
    const struct event_series series = {steps, values, COUNT};
    const struct event_rule rule = {0.2, EVENT_UP, 3};
    size_t sample = COUNT;
    cr_expect(event_is_near(&series, &rule, 3, &sample) && sample == 3);
    cr_expect(event_is_near(&series, &rule, 5, &sample) && sample == 3);
    cr_expect(event_is_near(&series, &rule, 6, &sample) && sample == 8);
    cr_expect(event_is_near(&series, &rule, 11, &sample) && sample == 9);
    cr_expect(!event_is_near(&series, &rule, 0, &sample), "three samples away");
}

Test(events, first_cause_to_cross_wins)
{
    const double laves[COUNT] = {0, 0, 0, 0, 0, .3, .3, .3, .3, .3, .3, .3};
    const double packed[COUNT] = {0, 0, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2};
    const double other[COUNT] = {0, 0, .25, .3, .3, .3, .3, .3, .3, .3, .3, .3};
    const double none[COUNT] = {0};
    struct event event;
    size_t cause;
    const struct event_rule rules[] = {event_rule_default, event_rule_default};
    const struct event_series two[] = {{steps, laves, COUNT}, {steps, packed, COUNT}};
    cr_assert_eq(event_detect_competing(two, rules, 2, &event, &cause, NULL), STATUS_OK);
    cr_assert(cause == 1 && event.step_high == 20);
    const struct event_series tie[] = {{steps, packed, COUNT}, {steps, other, COUNT}};
    cr_assert_eq(event_detect_competing(tie, rules, 2, &event, &cause, NULL), STATUS_OK);
    cr_assert_eq(cause, 0);
    const struct event_series quiet[] = {{steps, none, COUNT}, {steps, none, COUNT}};
    cr_assert_eq(event_detect_competing(quiet, rules, 2, &event, &cause, NULL), STATUS_OK);
    cr_assert(cause == 2 && event.kind == EVENT_CENSORED);
}

Test(events, bad_series_are_refused)
{
    const int64_t repeated[] = {0, 10, 10}, ramp[] = {-20, -10, 0};
    const double fine[] = {0, 0, 0}, nan[] = {0, NAN, 0};
    struct event event;
    const struct event_rule rule = event_rule_default, no_dwell = {0.2, EVENT_UP, 0};
    cr_assert_eq(event_detect(&(struct event_series){repeated, fine, 3}, &rule, &event, NULL), STATUS_INVALID);
    cr_assert_eq(event_detect(&(struct event_series){ramp, fine, 3}, &rule, &event, NULL), STATUS_INVALID);
    cr_assert_eq(event_detect(&(struct event_series){steps, nan, 3}, &rule, &event, NULL), STATUS_INVALID);
    cr_assert_eq(event_detect(&(struct event_series){steps, fine, 0}, &rule, &event, NULL), STATUS_INVALID);
    cr_assert_eq(event_detect(&(struct event_series){steps, fine, 3}, &no_dwell, &event, NULL), STATUS_INVALID);
}
