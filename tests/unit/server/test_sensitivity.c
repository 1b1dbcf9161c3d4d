#include "server/analysis/sensitivity.h"

#include <criterion/criterion.h>
#include <math.h>

enum { RUNS = 6, SAMPLES = 100 };

static int64_t steps[SAMPLES];
static double values[RUNS][SAMPLES];
static struct event_series series[RUNS];

/* Each run jumps to `height` at its own sample, climbing to 1 by `climb` a sample. */
static void make_series(double height, double climb)
{
    for (int r = 0; r < RUNS; r++) {
        for (int i = 0; i < SAMPLES; i++) {
            steps[i] = 10 * (i + 1);
            int since = i - (10 + 8 * r);
            values[r][i] = since < 0 ? 0.0 : fmin(1.0, height + climb * since);
        }
        series[r] = (struct event_series){steps, values[r], SAMPLES};
    }
}

static struct sensitivity table(void)
{
    static struct sensitivity_events events[RUNS];
    const struct event_rule rule = {0.2, EVENT_UP, 5};
    const struct sensitivity_rules rules = sensitivity_rules_around(&rule, &event_scale_default);
    struct sensitivity result;
    struct error err = {0};
    for (int r = 0; r < RUNS; r++)
        for (int i = 0; i < SENSITIVITY_SIDE; i++)
            for (int j = 0; j < SENSITIVITY_SIDE; j++)
                cr_assert_eq(event_detect(&series[r], &rules.cells[i][j], &events[r].cells[i][j], &err), STATUS_OK);
    cr_assert_eq(sensitivity_table(events, RUNS, &rules, &result, &err), STATUS_OK, "%s", err.message);
    return result;
}

Test(sensitivity, rules_lie_around_the_rule)
{
    const struct event_rule crystal = {0.2, EVENT_UP, 5}, energy = {-7.2, EVENT_DOWN, 2};
    struct sensitivity_rules rules = sensitivity_rules_around(&crystal, &event_scale_default);
    cr_expect_float_eq(rules.cells[0][0].threshold, 0.1, 1e-15);
    cr_expect_float_eq(rules.cells[2][2].threshold, 0.3, 1e-15);
    cr_expect(rules.cells[0][0].dwell == 3 && rules.cells[1][1].dwell == 5 && rules.cells[2][2].dwell == 10);
    rules = sensitivity_rules_around(&energy, &(struct event_scale){0.02, (double)INFINITY});
    cr_expect_float_eq(rules.cells[0][0].threshold, -7.22, 1e-12);
    cr_expect(rules.cells[0][0].dwell == 1 && rules.cells[0][0].direction == EVENT_DOWN);
}

/* One and a half of 0.7 is more than there is: no run would ever reach it. */
Test(sensitivity, no_threshold_is_more_than_a_fraction_can_be)
{
    const struct event_rule rule = {0.7, EVENT_UP, 5}, signed_rule = {-1.0, EVENT_UP, 5};
    struct sensitivity_rules rules = sensitivity_rules_around(&rule, &event_scale_default);
    cr_expect_float_eq(rules.cells[0][0].threshold, 0.35, 1e-15);
    cr_expect_float_eq(rules.cells[2][0].threshold, 0.85, 1e-15);
    rules = sensitivity_rules_around(&signed_rule, &(struct event_scale){0.1, (double)INFINITY});
    cr_expect_float_eq(rules.cells[0][0].threshold, -1.1, 1e-15);
    cr_expect_float_eq(rules.cells[2][0].threshold, -0.9, 1e-15);
}

Test(sensitivity, sharp_events_do_not_care)
{
    make_series(0.5, 0.1);
    struct sensitivity result = table();
    cr_assert_eq(result.worst_change, 0.0);
    cr_assert(!result.is_sensitive);
    cr_assert_eq(result.cells[1][1].events, RUNS);
}

Test(sensitivity, creeping_events_are_flagged)
{
    make_series(0.0, 0.004); /* 12 samples later for each step of the threshold */
    struct sensitivity result = table();
    cr_assert(result.is_sensitive);
    cr_assert(!(result.worst_change < 0.2));
}

Test(sensitivity, events_under_one_rule_only_are_flagged)
{
    make_series(0.22, 0.0);
    struct sensitivity result = table();
    cr_assert(result.is_sensitive);
    cr_assert(isnan(result.worst_change));
    cr_assert(result.cells[2][1].is_bound && !result.cells[1][1].is_bound);
}

Test(sensitivity, silence_under_every_rule_is_not_sensitivity)
{
    make_series(0.0, 0.0);
    cr_assert(!table().is_sensitive);
}
