#include "common/campaign_cost.h"

#include <criterion/criterion.h>
#include <string.h>

static struct campaign load(const char *system, const char *steps, const char *sample)
{
    char text[1024];
    snprintf(text, sizeof text,
             "campaign: glass\nseed: 1\nsystem: {%s}\nensembles:\n  - name: a\n    mode: isotherm\n"
             "    temperatures: [0.5, 0.6]\n    replicas: 2\n    segment_steps: 1000\n    steps: %s\n"
             "    prepare: [build: random, hold: {temperature: 2.0, steps: 10000}]\n    sample: {%s}\n",
             system, steps, sample);
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_text("test.yaml", text, strlen(text), stderr, &campaign, NULL), STATUS_OK);
    return campaign;
}

static struct campaign_cost cost_of(const char *system, const char *steps, const char *sample, uint32_t workers)
{
    struct campaign campaign = load(system, steps, sample);
    struct campaign_cost cost = campaign_cost(&campaign, campaign_speed_of(10000.0), workers);
    campaign_finish(&campaign);
    return cost;
}

static const char nothing[] = "thermal: 0, inherent: 0";

Test(campaign_cost, counts_steps_and_segments)
{
    struct campaign_cost cost = cost_of("atoms: 500", "90000", nothing, 1);
    cr_expect_float_eq(cost.cpu_seconds, 4 * 100000 / 1e4, 1e-9);
    cr_expect_eq(cost.segments, 4 * (1 + 10 + 90));
    cr_expect_float_eq(cost.commits_per_second, 404 / 40.0, 1e-9);
}

Test(campaign_cost, more_atoms_take_longer)
{
    double small = cost_of("atoms: 500", "90000", nothing, 1).cpu_seconds;
    double large = cost_of("atoms: 32000", "90000", nothing, 1).cpu_seconds;
    cr_expect_float_eq(large / small, 64.0, 1e-9);
}

Test(campaign_cost, inherent_structures_cost_time)
{
    double without = cost_of("atoms: 500", "90000", nothing, 1).cpu_seconds;
    double with = cost_of("atoms: 500", "90000", "thermal: 0, inherent: 1000", 1).cpu_seconds;
    cr_expect_float_eq(with - without, 4 * 100 * CAMPAIGN_INHERENT_STEPS / 1e4, 1e-9);
}

/* Dynamics and minimisations are slowed apart. */
Test(campaign_cost, inherent_structures_have_their_own_measured_price)
{
    struct campaign campaign = load("atoms: 500", "90000", "thermal: 0, inherent: 1000");
    const struct campaign_cost slow = campaign_cost(&campaign, (struct campaign_speed){1e4, 10.0}, 1);
    const struct campaign_cost fast = campaign_cost(&campaign, (struct campaign_speed){1e4, 40.0}, 1);
    cr_expect_float_eq(slow.cpu_seconds - fast.cpu_seconds, 4 * 100 * (0.1 - 0.025), 1e-9);
    campaign_finish(&campaign);
}

/* Force evaluations of the minimiser: 6,307 for 32,000 atoms and 1,077 for 500, cooled to T = 0.5 within 3,000 steps;
 * 5,815 and 591 in a glass of some 10^5. */
Test(campaign_cost, inherent_structures_of_large_boxes_take_more_evaluations)
{
    static const char inherent[] = "thermal: 0, inherent: 1000";
    double small = cost_of("atoms: 500", "90000", inherent, 1).cpu_seconds -
                   cost_of("atoms: 500", "90000", nothing, 1).cpu_seconds;
    double large = cost_of("atoms: 32000", "90000", inherent, 1).cpu_seconds -
                   cost_of("atoms: 32000", "90000", nothing, 1).cpu_seconds;
    cr_expect(large / small > 64.0 * 5.9 && large / small < 64.0 * 9.9, "%g", large / small);
}

Test(campaign_cost, workers_beyond_the_replicas_do_not_help)
{
    cr_expect_float_eq(cost_of("atoms: 500", "90000", nothing, 2).wall_seconds, 20.0, 1e-9);
    cr_expect_float_eq(cost_of("atoms: 500", "90000", nothing, 100).wall_seconds, 10.0, 1e-9);
}

Test(campaign_cost, bytes_grow_with_what_is_kept)
{
    double none = cost_of("atoms: 500", "90000", nothing, 1).bytes_total;
    double samples = cost_of("atoms: 500", "90000", "thermal: 100, pdf: 0, inherent: 0", 1).bytes_total;
    double pdfs = cost_of("atoms: 500", "90000", "thermal: 100, pdf: 100, inherent: 0", 1).bytes_total;
    double frames = cost_of("atoms: 500", "90000", "thermal: 100, pdf: 100, inherent: 0, frame: 100", 1).bytes_total;
    cr_expect(0.0 < none && none < samples && samples < pdfs && pdfs < frames);
    cr_expect_gt(frames - pdfs, 4 * 1000 * 24000.0, "a frame of 500 atoms is 24 KB and more");
}

Test(campaign_cost, a_day_holds_86400_seconds)
{
    struct campaign_cost cost = cost_of("atoms: 500", "90000", "thermal: 100", 2);
    cr_expect_float_eq(cost.bytes_per_day, cost.bytes_total / cost.wall_seconds * 86400.0, 1e-3);
}

Test(campaign_cost, first_light_ends_in_150_seconds_on_two_cores)
{
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_file(SOURCE_ROOT "/deploy/campaigns/first-light.yaml", stderr, &campaign, NULL),
                 STATUS_OK);
    cr_expect_lt(campaign_cost(&campaign, campaign_speed_of(20000.0), 2).wall_seconds, 150.0);
    campaign_finish(&campaign);
}

Test(campaign_cost, tiny_takes_a_few_seconds_of_cpu)
{
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_file(SOURCE_ROOT "/deploy/campaigns/tiny.yaml", stderr, &campaign, NULL), STATUS_OK);
    double seconds = campaign_cost(&campaign, campaign_speed_of(12000.0), 1).cpu_seconds;
    cr_expect(2.0 < seconds && seconds < 10.0, "%.2f s", seconds);
    campaign_finish(&campaign);
}
