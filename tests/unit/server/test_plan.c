#include "server/analysis/plan.h"

#include <criterion/criterion.h>
#include <math.h>

Test(plan, events_and_silence_are_binomial)
{
    struct plan_width plan;
    cr_assert_eq(plan_expected_width(1000.0, 16, 1000.0 * log(2.0), 0.95, &plan, NULL), STATUS_OK);
    cr_assert_float_eq(plan.events_expected, 8.0, 1e-12);
    cr_assert_float_eq(plan.no_event_probability, pow(0.5, 16), 1e-15);
    cr_assert(plan.width_ratio > 3.0 && plan.width_ratio < 8.0, "%g", plan.width_ratio);
}

Test(plan, more_runs_or_steps_never_widen_it)
{
    double before = INFINITY;
    struct plan_width plan;
    for (size_t runs = 8; runs <= 1024; runs *= 2) {
        cr_assert_eq(plan_expected_width(1.0, runs, 0.5, 0.95, &plan, NULL), STATUS_OK);
        cr_assert_lt(plan.width_ratio, before);
        before = plan.width_ratio;
    }
    /* Many events: log t_50 is normal with error 1/sqrt(d). */
    cr_assert_float_eq(log(plan.width_ratio), 2 * 1.96 / sqrt(plan.events_expected), 0.01);
}

Test(plan, runs_that_all_transform_are_planned_too)
{
    struct plan_width plan;
    cr_assert_eq(plan_expected_width(1.0, 4, 1e6, 0.95, &plan, NULL), STATUS_OK);
    cr_assert_eq(plan.events_expected, 4.0);
    cr_assert(isfinite(plan.width_ratio));
}

Test(plan, first_of_many_comes_n_times_sooner)
{
    const struct estimate mean = {1000.0, {1000.0, 1000.0}};
    struct estimate eta;
    cr_assert_eq(plan_steps_to_events(mean, 10, 1, 0.95, &eta, NULL), STATUS_OK);
    cr_assert_float_eq(eta.value, 100.0, 1e-10);
    cr_assert_float_eq(eta.interval.high, -100.0 * log(0.025), 1e-8);
    cr_assert_float_eq(eta.interval.low, -100.0 * log(0.975), 1e-8);
    cr_assert_eq(plan_steps_to_events(mean, 3, 3, 0.95, &eta, NULL), STATUS_OK);
    cr_assert_float_eq(eta.value, 1000.0 * (1.0 / 3 + 1.0 / 2 + 1.0), 1e-9);
}

Test(plan, more_workers_than_runs_are_of_no_use)
{
    const struct plan_load sixteen = {64, 16, 0.0, 0.0}, four = {4, 16, 0.0, 0.0};
    cr_assert_float_eq(plan_steps_of_worker(&sixteen, 1000.0), 1000.0, 1e-9);
    cr_assert_float_eq(plan_steps_of_worker(&four, 1000.0), 4000.0, 1e-9);
}

/* Ten runs have 1000 steps to go, others of the campaign 30,000 together: all end at the same time. */
Test(plan, workers_are_shared_with_the_rest_of_the_campaign)
{
    const struct plan_load load = {4, 10, 1000.0, 40000.0};
    cr_assert_float_eq(plan_steps_of_worker(&load, 500.0), 5000.0, 1e-9);
    cr_assert_float_eq(plan_steps_of_worker(&load, 1000.0), 10000.0, 1e-9);
    cr_assert_float_eq(plan_steps_of_worker(&load, 1400.0), 11000.0, 1e-9, "then these ten go on alone");
    cr_assert_eq(plan_steps_of_worker(&load, 0.0), 0.0);
}

Test(plan, impossible_plans_are_refused)
{
    const struct estimate mean = {1000.0, {900.0, 1100.0}}, odd = {1000.0, {1100.0, 1200.0}};
    struct estimate eta;
    struct plan_width plan;
    cr_assert_eq(plan_steps_to_events(mean, 3, 4, 0.95, &eta, NULL), STATUS_INVALID);
    cr_assert_eq(plan_steps_to_events(odd, 3, 2, 0.95, &eta, NULL), STATUS_INVALID);
    cr_assert_eq(plan_expected_width(0.0, 4, 1e6, 0.95, &plan, NULL), STATUS_INVALID);
    cr_assert_eq(plan_expected_width(1.0, 0, 1e6, 0.95, &plan, NULL), STATUS_INVALID);
}
