/* The laws of the timeline: segments tile the steps, temperatures chain, ramps end exactly. */
#include "common/campaign.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const preparations[] = {
    "[build: random]",
    "[build: random, hold: {temperature: 2.0, steps: 1}]",
    "[build: random, hold: {temperature: 2.0, steps: 1000}, ramp: {to: rung, rate: 1e-3}]",
    "[build: random, hold: {temperature: 2.0, steps: 2500}, ramp: {to: rung, rate: 3.3e-4}]",
    "[build: random, hold: {temperature: 0.7, steps: 10}, ramp: {to: rung, rate: 1e-4}, hold: {temperature: rung, "
    "steps: 700}]",
    "[build: random, hold: {temperature: 2.0, steps: 777}, ramp: {to: 0.01, rate: 1e-3}, ramp: {to: rung, rate: "
    "5e-4}]",
};
enum { PREPARATION_COUNT = sizeof preparations / sizeof preparations[0] };

static struct campaign load(const char *prepare, int segment_steps)
{
    char text[1024];
    snprintf(text, sizeof text,
             "campaign: glass\nseed: 42\nensembles:\n  - name: a\n    mode: isotherm\n"
             "    temperatures: [0.31, 0.6, 0.7]\n    segment_steps: %d\n    steps: %d\n    prepare: %s\n"
             "    sample: {thermal: %d, inherent: 0}\n",
             segment_steps, 3 * segment_steps, prepare, segment_steps);
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_text("test.yaml", text, strlen(text), stderr, &campaign, NULL), STATUS_OK, "%s", text);
    return campaign;
}

static struct segment_spec spec_of(const struct campaign *campaign, uint32_t replica, int64_t segment)
{
    struct segment_spec spec;
    struct rung_id rung = campaign->replicas[replica].rung_first;
    campaign_segment_spec(campaign, (struct replica_id){replica}, (struct segment_id){segment}, rung, rung, &spec);
    return spec;
}

typedef void check_fn(const struct campaign *campaign, uint32_t replica);

static void for_all(check_fn *check)
{
    static const int segment_steps[] = {1, 7, 1000, 100000};
    for (int p = 0; p < PREPARATION_COUNT; p++)
        for (size_t s = 0; s < sizeof segment_steps / sizeof segment_steps[0]; s++) {
            struct campaign campaign = load(preparations[p], segment_steps[s]);
            for (uint32_t replica = 0; replica < campaign.replica_count; replica++)
                check(&campaign, replica);
            campaign_finish(&campaign);
        }
}

static void check_tiling(const struct campaign *campaign, uint32_t replica)
{
    struct replica_id id = {replica};
    int64_t first = -campaign_prepare_segments(campaign, id), step = -campaign_prepare_steps(campaign, id);
    int64_t last = campaign_production_segments(campaign, (struct ensemble_id){0});
    for (int64_t segment = first; segment < last; segment++) {
        struct segment_spec spec = spec_of(campaign, replica, segment);
        cr_assert_eq(spec.step_first, step);
        cr_assert_eq(spec.steps == 0, segment == first, "only the build has no steps");
        cr_assert_leq(spec.steps, campaign->ensembles[0].segment_steps);
        step += spec.steps;
        if (segment == -1)
            cr_assert_eq(step, 0, "production starts at step 0");
    }
    cr_assert_eq(step, campaign->ensembles[0].steps);
}

Test(campaign_timeline, segments_tile_the_steps_without_a_gap)
{
    for_all(check_tiling);
}

static void check_chain(const struct campaign *campaign, uint32_t replica)
{
    int64_t first = -campaign_prepare_segments(campaign, (struct replica_id){replica});
    double before = 0.0;
    for (int64_t segment = first + 1; segment < 3; segment++) {
        struct segment_spec spec = spec_of(campaign, replica, segment);
        cr_assert_eq(spec.temperature_before, before, "segment %d", (int)segment);
        if (segment < 0 && spec.stage == STAGE_HOLD)
            cr_assert_eq(spec.temperature_first, spec.temperature_last);
        before = spec.temperature_last;
    }
}

Test(campaign_timeline, temperature_before_is_where_the_segment_before_ended)
{
    for_all(check_chain);
}

static void check_rung(const struct campaign *campaign, uint32_t replica)
{
    const struct ensemble_spec *ensemble = &campaign->ensembles[0];
    double rung = ensemble->temperatures[campaign->replicas[replica].rung_first.value];
    struct segment_spec last = spec_of(campaign, replica, -1), production = spec_of(campaign, replica, 0);
    if (ensemble->stages[ensemble->stage_count - 1].to_rung && last.stage != STAGE_BUILD)
        cr_assert_eq(last.temperature_last, rung, "to the last bit");
    cr_assert_eq(production.temperature_first, rung);
    cr_assert_eq(production.temperature_last, rung);
}

Test(campaign_timeline, a_ramp_ends_exactly_at_the_rung)
{
    for_all(check_rung);
}

static void check_ramp(const struct campaign *campaign, uint32_t replica)
{
    int64_t first = -campaign_prepare_segments(campaign, (struct replica_id){replica});
    for (int64_t segment = first; segment < 0; segment++) {
        struct segment_spec spec = spec_of(campaign, replica, segment);
        if (spec.stage != STAGE_RAMP)
            continue;
        double rate = (spec.temperature_last - spec.temperature_first) / (double)spec.steps;
        double asked = 0.0;
        for (uint32_t i = 0; i < campaign->ensembles[0].stage_count; i++)
            asked = campaign->ensembles[0].stages[i].rate > asked ? campaign->ensembles[0].stages[i].rate : asked;
        cr_assert_leq(rate < 0 ? -rate : rate, asked * (1.0 + 1e-9), "never faster than asked");
    }
}

Test(campaign_timeline, a_ramp_is_never_faster_than_asked)
{
    for_all(check_ramp);
}

Test(campaign_timeline, stages_begin_at_segment_borders_counted_from_their_end)
{
    struct campaign campaign =
        load("[build: random, hold: {temperature: 2.0, steps: 2500}, ramp: {to: 1.0, rate: 4e-4}]", 1000);
    static const struct {
        enum stage_kind stage;
        int64_t step_first, steps;
        double temperature_first, temperature_last;
    } rows[] = {
        {STAGE_BUILD, -5000, 0, 0.0, 0.0},   {STAGE_HOLD, -5000, 500, 2.0, 2.0}, {STAGE_HOLD, -4500, 1000, 2.0, 2.0},
        {STAGE_HOLD, -3500, 1000, 2.0, 2.0}, {STAGE_RAMP, -2500, 500, 2.0, 1.8}, {STAGE_RAMP, -2000, 1000, 1.8, 1.4},
        {STAGE_RAMP, -1000, 1000, 1.4, 1.0},
    };
    int64_t count = sizeof rows / sizeof rows[0];
    cr_assert_eq(campaign_prepare_segments(&campaign, (struct replica_id){0}), count);
    for (int64_t i = 0; i < count; i++) {
        struct segment_spec spec = spec_of(&campaign, 0, i - count);
        cr_expect_eq(spec.stage, rows[i].stage, "row %d", (int)i);
        cr_expect_eq(spec.step_first, rows[i].step_first, "row %d", (int)i);
        cr_expect_eq(spec.steps, rows[i].steps, "row %d", (int)i);
        cr_expect_float_eq(spec.temperature_first, rows[i].temperature_first, 1e-15);
        cr_expect_float_eq(spec.temperature_last, rows[i].temperature_last, 1e-15);
    }
    campaign_finish(&campaign);
}

Test(campaign_timeline, a_ramp_of_whole_length_is_not_a_step_longer)
{
    struct campaign campaign =
        load("[build: random, hold: {temperature: 2.0, steps: 100000}, ramp: {to: rung}]", 100000);
    cr_expect_eq(campaign_prepare_steps(&campaign, (struct replica_id){1}), 1500000, "(2 - 0.6) / 1e-6 + melt");
    cr_expect_eq(campaign_prepare_steps(&campaign, (struct replica_id){2}), 1400000);
    campaign_finish(&campaign);
}

Test(campaign_timeline, a_ramp_that_is_at_its_end_has_no_segments)
{
    struct campaign campaign =
        load("[build: random, hold: {temperature: 0.7, steps: 2000}, ramp: {to: rung, rate: 1e-4}]", 1000);
    cr_expect_eq(campaign_prepare_segments(&campaign, (struct replica_id){2}), 3);
    cr_expect_eq(spec_of(&campaign, 2, -1).stage, STAGE_HOLD);
    cr_expect_eq(spec_of(&campaign, 2, 0).temperature_before, 0.7);
    campaign_finish(&campaign);
}

Test(campaign_timeline, an_exchanged_replica_comes_from_its_rung_before)
{
    struct campaign campaign = load(preparations[2], 1000);
    struct segment_spec spec;
    campaign_segment_spec(&campaign, (struct replica_id){0}, (struct segment_id){2}, (struct rung_id){2},
                          (struct rung_id){1}, &spec);
    cr_expect_eq(spec.temperature_before, 0.6);
    cr_expect_eq(spec.temperature_first, 0.7);
    cr_expect_eq(spec.temperature_last, 0.7);
    campaign_finish(&campaign);
}

Test(campaign_timeline, a_spec_carries_seed_model_and_sampling)
{
    struct campaign campaign = load(preparations[2], 1000);
    struct segment_spec spec = spec_of(&campaign, 1, 0);
    cr_expect_eq(spec.seed, 42);
    cr_expect_eq(spec.replica.value, 1);
    cr_expect_eq(spec.system.atoms, 500);
    cr_expect_eq(spec.dynamics.thermostat, THERMOSTAT_BUSSI);
    cr_expect_eq(spec.sampling.thermal_every, 1000);
    campaign_finish(&campaign);
}

/* ---- after production ---- */

/* With a mode that may have it: the ladder of `load` may not. */
static const char finished[] = "campaign: timeline\n"
                               "seed: 42\n"
                               "ensembles:\n"
                               "  - name: glass\n"
                               "    mode: isotherm\n"
                               "    temperatures: [0.5, 0.6]\n"
                               "    segment_steps: 1000\n"
                               "    steps: 3000\n"
                               "    prepare:\n"
                               "      - build: random\n"
                               "      - hold: {temperature: 2.0, steps: 1000}\n"
                               "      - ramp: {to: 0, rate: 1e-3}\n"
                               "      - ramp: {to: rung, rate: 1e-3}\n"
                               "      - hold: production\n"
                               "      - ramp: {to: 0.1, rate: 2e-4}\n"
                               "      - ramp: {to: 0, rate: 1e-4}\n";

static struct campaign load_finished(void)
{
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_text("test.yaml", finished, strlen(finished), stderr, &campaign, NULL), STATUS_OK);
    return campaign;
}

Test(campaign_timeline, ramps_after_production_follow_its_last_step)
{
    struct campaign campaign = load_finished();
    static const struct {
        int64_t step_first, steps;
        double temperature_first, temperature_last;
    } rows[] = {{3000, 1000, 0.6, 0.4}, {4000, 1000, 0.4, 0.2}, {5000, 500, 0.2, 0.1}, {5500, 1000, 0.1, 0.0}};
    const struct replica_id hot = {1};
    cr_expect_eq(campaign_segment_end(&campaign, hot), 3 + 4);
    cr_expect_eq(campaign_step_end(&campaign, hot), 6500);
    cr_expect_eq(campaign_step_end(&campaign, (struct replica_id){0}), 6000, "a colder rung is nearer");
    for (int i = 0; i < 4; i++) {
        struct segment_spec spec;
        campaign_segment_spec(&campaign, hot, (struct segment_id){3 + i}, (struct rung_id){1}, (struct rung_id){1},
                              &spec);
        cr_expect_eq(spec.stage, STAGE_RAMP);
        cr_expect_eq(spec.step_first, rows[i].step_first);
        cr_expect_eq(spec.steps, rows[i].steps, "row %d: %d", i, (int)spec.steps);
        cr_expect_float_eq(spec.temperature_first, rows[i].temperature_first, 1e-12);
        cr_expect_float_eq(spec.temperature_last, rows[i].temperature_last, 1e-12);
        cr_expect_eq(spec.temperature_before, spec.temperature_first, "velocities go on");
    }
    campaign_finish(&campaign);
}

/* From a cold glass up: nothing is drawn and nothing rescaled at T = 0. */
Test(campaign_timeline, a_route_through_zero_goes_down_and_up)
{
    struct campaign campaign = load_finished();
    const struct replica_id cold = {0};
    const int64_t first = -campaign_prepare_segments(&campaign, cold);
    cr_expect_eq(first, -5, "build, hold, two down, one up");
    struct segment_spec down = spec_of(&campaign, 0, -2), up = spec_of(&campaign, 0, -1);
    cr_expect_eq(down.temperature_last, 0.0);
    cr_expect_eq(up.temperature_first, 0.0);
    cr_expect_eq(up.temperature_before, 0.0);
    cr_expect_eq(up.temperature_last, 0.5);
    cr_expect_eq(segment_spec_check(&up, NULL), STATUS_OK);
    campaign_finish(&campaign);
}

/* ---- modes ---- */

static struct campaign load_mode(const char *keys)
{
    char text[1024];
    snprintf(text, sizeof text,
             "campaign: glass\nseed: 42\nensembles:\n  - name: a\n    segment_steps: 1000\n"
             "    sample: {thermal: 1000, inherent: 0}\n"
             "    prepare: [build: random, hold: {temperature: 2.0, steps: 500}, ramp: {to: rung, rate: 1e-3}]\n%s",
             keys);
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_text("test.yaml", text, strlen(text), stderr, &campaign, NULL), STATUS_OK, "%s", text);
    return campaign;
}

Test(campaign_timeline, only_production_of_a_hybrid_exchanges_identities)
{
    struct campaign campaign = load_mode("    mode: hybrid\n    temperatures: [0.5]\n    steps: 3000\n");
    for (int64_t segment = -3; segment < 3; segment++) {
        struct segment_spec spec = spec_of(&campaign, 0, segment);
        cr_expect_eq(spec.identity.every, segment < 0 ? 0 : 100);
        cr_expect_eq(spec.identity.attempts, segment < 0 ? 0 : 1);
    }
    campaign_finish(&campaign);
}

static void check_quench(const struct campaign *campaign, double from, double to)
{
    int64_t last = campaign_production_segments(campaign, (struct ensemble_id){0});
    double temperature = spec_of(campaign, 0, -1).temperature_last;
    cr_expect_eq(temperature, from);
    for (int64_t segment = 0; segment < last; segment++) {
        struct segment_spec spec = spec_of(campaign, 0, segment);
        cr_expect_eq(spec.stage, STAGE_RAMP);
        cr_expect_eq(spec.temperature_first, temperature, "segment %d", (int)segment);
        cr_expect_eq(spec.temperature_before, temperature, "velocities are not rescaled in segment %d", (int)segment);
        cr_expect_float_eq(spec.temperature_last - spec.temperature_first, (to - from) / (double)last, 1e-12);
        temperature = spec.temperature_last;
    }
    cr_expect_eq(temperature, to);
}

Test(campaign_timeline, segments_of_a_quench_are_one_ramp)
{
    struct campaign down = load_mode("    mode: quench\n    quench: {from: 1.0, to: 0.3, rate: 1e-4}\n");
    struct campaign up = load_mode("    mode: quench\n    quench: {from: 0.1, to: 0.8, steps: 3000}\n");
    cr_expect_eq(down.ensembles[0].steps, 7000);
    cr_expect_eq(up.ensembles[0].steps, 3000);
    check_quench(&down, 1.0, 0.3);
    check_quench(&up, 0.1, 0.8);
    campaign_finish(&down);
    campaign_finish(&up);
}
