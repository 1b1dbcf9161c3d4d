/* test_ttt_truth.c - a process whose rates are known, through the whole path: a stand-in for a worker makes samples
 * of it, the real store keeps them, vitrine ttt reads them, and its intervals are held to the truth.
 *
 * A box transforms at a constant rate log 2 / t_50(T),
 *
 *     t_50(T) = 2000 exp(1.2 ((T - 0.7) / 0.15)^2) steps,
 *
 * with its nose at T = 0.7; from then on its largest Laves cluster (in every second of three replicas the close-packed
 * one, in every third B2) holds 0.3 of the atoms and more, and before that all hold up to 0.08. Six isotherms of 16
 * replicas watched for 6000 steps: some 70 events, two in five runs censored. TRUTH_CAMPAIGNS campaigns; 40 and more
 * make the stated rate a test. */
#include "common/mem.h"
#include "common/rng.h"
#include "server/cmd/ttt_result.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { REPLICAS = 96, STEPS = 6000 };

#define TRUTH                                                                                                          \
    "campaign: truth\n"                                                                                                \
    "seed: %d\n"                                                                                                       \
    "system: {atoms: 300, small_fraction: 0.5}\n"                                                                      \
    "ensembles:\n"                                                                                                     \
    "  - name: toy\n"                                                                                                  \
    "    mode: isotherm\n"                                                                                             \
    "    temperatures: [0.50, 0.58, 0.66, 0.74, 0.82, 0.90]\n"                                                         \
    "    replicas: 16\n"                                                                                               \
    "    segment_steps: 3000\n"                                                                                        \
    "    steps: 6000\n"                                                                                                \
    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}]\n"                                             \
    "    sample: {thermal: 0, inherent: 50}\n"

static double true_time_50(double temperature)
{
    const double x = (temperature - 0.7) / 0.15;
    return 2000.0 * exp(1.2 * x * x);
}

static double true_time(double temperature, double fraction)
{
    return true_time_50(temperature) * log(1.0 - fraction) / log(0.5);
}

/* Half the boxes transform on the way from the hottest isotherm to the coldest. */
static double true_cooling_rate(double low, double high)
{
    double sum = 0.0;
    for (int i = 0; i < 1000; i++)
        sum += (high - low) / 1000.0 / true_time_50(low + (high - low) * (i + 0.5) / 1000.0);
    return sum;
}

static double draw(const struct fixture *fixture, uint32_t replica, int64_t step)
{
    return rng_uniform((struct rng_place){fixture->spec.seed, STREAM_TEST, step, replica}, 0);
}

static void set_crystal(const struct fixture *fixture, uint32_t replica, double transforms_at, struct sample *sample)
{
    int place[QUANTITY_COUNT] = {0}, next[QUANTITY_GROUP_COUNT] = {0};
    for (int q = 0; q < QUANTITY_COUNT; q++)
        place[q] = next[quantities[q].group]++;
    const double chance = draw(fixture, replica, sample->step);
    const double crystal = (double)sample->step >= transforms_at ? 0.3 : 0.0;
    sample->values[place[QUANTITY_laves_largest]] = 0.08 * chance + (replica % 3 == 0 ? crystal : 0.0);
    sample->values[place[QUANTITY_close_packed_largest]] = 0.08 * (1.0 - chance) + (replica % 3 == 1 ? crystal : 0.0);
    sample->values[place[QUANTITY_b2_largest]] = 0.08 * chance * (1.0 - chance) + (replica % 3 == 2 ? crystal : 0.0);
}

/* What a worker would have sent for one segment, put into the store. */
static void put_segment(struct fixture *fixture, uint32_t replica, int64_t segment, double transforms_at,
                        struct digest *snapshot, bool has_snapshot)
{
    const uint32_t rung = fixture->spec.replicas[replica].rung_first.value;
    const struct fixture_work work =
        fixture_work(fixture, replica, segment, rung, rung, has_snapshot ? snapshot : NULL);
    const struct provenance provenance = fixture_provenance();
    struct segment_result result;
    struct error err = {0};
    fixture_result(&work, &result);
    for (uint32_t s = 0; s < result.sample_count; s++)
        if (result.samples[s].group == QUANTITY_GROUP_inherent)
            set_crystal(fixture, replica, transforms_at, &result.samples[s]);
    result.output = segment_output_digest(&result);
    cr_assert_eq(
        store_put_segment(fixture->store, fixture->campaign, &work.spec, work.rung, &result, &provenance, &err),
        STATUS_OK, "%s", err.message);
    *snapshot = result.snapshot;
    segment_result_finish(&result);
}

static void run_campaign(struct fixture *fixture)
{
    struct error err = {0};
    cr_assert_eq(store_begin(fixture->store, &err), STATUS_OK);
    for (uint32_t r = 0; r < fixture->spec.replica_count; r++) {
        const struct replica_spec *replica = &fixture->spec.replicas[r];
        const double temperature = fixture->spec.ensembles[0].temperatures[replica->rung_first.value];
        const double transforms_at = true_time_50(temperature) * log(draw(fixture, r, STEPS + 1)) / log(0.5);
        const int64_t first = -campaign_prepare_segments(&fixture->spec, (struct replica_id){r});
        struct digest snapshot = {0};
        for (int64_t s = first; s < campaign_production_segments(&fixture->spec, replica->ensemble); s++)
            put_segment(fixture, r, s, transforms_at, &snapshot, s > first);
    }
    cr_assert_eq(store_commit(fixture->store, &err), STATUS_OK);
}

/* Intervals that were looked at, and that held the truth. */
struct score {
    int looked, held;
};

static void look(struct score *score, const struct estimate *estimate, double truth)
{
    score->looked++;
    score->held += estimate->interval.low <= truth && truth <= estimate->interval.high;
}

struct scores {
    struct score contour[FRACTION_COUNT], isotherm, nose_temperature, nose_time, cooling;
    struct score incidence; /* of each cause at the last event */
    size_t events, by_cause[3];
};

/* The causes go with the replicas' numbers, so each takes a third of whatever has transformed by then. */
static void look_at_incidence(const struct ttt_isotherm *isotherm, struct scores *scores)
{
    const size_t last = isotherm->survival.count;
    if (last == 0)
        return;
    const double time = isotherm->survival.points[last - 1].time;
    const double truth = (1.0 - exp2(-time / true_time_50(isotherm->temperature))) / 3.0;
    for (int c = 0; c < 3; c++)
        look(&scores->incidence, &isotherm->incidence[c], truth);
}

static void judge(const struct ttt_result *result, struct scores *scores)
{
    const double low = result->isotherms[0].temperature;
    const double high = result->isotherms[result->isotherm_count - 1].temperature;
    cr_assert(result->has_diagram, "%s", result->why);
    for (size_t i = 0; i < result->diagram.count; i++) {
        const struct ttt_point *point = &result->diagram.points[i];
        for (int f = 0; f < FRACTION_COUNT; f++)
            if (point->temperature >= low && point->temperature <= high)
                look(&scores->contour[f], &point->time[f], true_time(point->temperature, lifetime_fractions[f]));
    }
    for (size_t i = 0; i < result->isotherm_count; i++) {
        const struct ttt_isotherm *isotherm = &result->isotherms[i];
        look(&scores->isotherm, &isotherm->fit.time[FRACTION_50], true_time_50(isotherm->temperature));
        for (int c = 0; c < 3; c++)
            scores->by_cause[c] += isotherm->cause_events[c];
        look_at_incidence(isotherm, scores);
    }
    look(&scores->nose_temperature, &result->diagram.nose.temperature, 0.7);
    look(&scores->nose_time, &result->diagram.nose.time, 2000.0);
    look(&scores->cooling, &result->diagram.cooling.rate[FRACTION_50], true_cooling_rate(low, high));
    scores->events += result->events;
}

static void show_truth(int seed, struct scores *scores)
{
    char text[sizeof TRUTH + 16];
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct ttt_request request = {.atoms_of_volume_min = UINT32_MAX};
    struct ttt_result result;
    struct error err = {0};
    const struct order_options order = {0};
    const struct ttt_order_request by_default = order_options_request(&order);
    const struct selection everything = {0};
    snprintf(text, sizeof text, TRUTH, seed);
    fixture_init(&fixture, text);
    cr_assert_eq(fixture.spec.replica_count, REPLICAS);
    run_campaign(&fixture);
    store_close(&fixture.store);
    cr_assert_eq(reading_open(fixture.path, &reading, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(ttt_order_find(&by_default, &request.order, &err), STATUS_OK);
    cr_assert_eq(reading_select(&reading, &everything, &list, &err), STATUS_OK);
    cr_assert_eq(ttt_result_compute(&reading, &list.items[0], &request, 0.0, &result, &err), STATUS_OK, "%s",
                 err.message);
    judge(&result, scores);
    ttt_result_finish(&result);
    selected_list_finish(&list);
    reading_finish(&reading);
    fixture_finish(&fixture);
}

static void expect_rate(const char *name, const struct score *score, double lowest)
{
    const double held = (double)score->held / score->looked;
    printf("%-20s %5.1f %% of %d\n", name, 100.0 * held, score->looked);
    cr_expect(held >= lowest, "%s: the truth was held in %.3f", name, held);
}

/* 95 % are stated, and 90 .. 95 % were measured (ttt.h). Few campaigns may miss that by chance, and the points of one
 * contour go together: the bounds are what 40 or 6 campaigns fall below once in a thousand times. */
Test(ttt_truth, intervals_hold_the_truth_at_the_stated_rate)
{
    struct scores scores = {0};
    const double lowest = TRUTH_CAMPAIGNS >= 40 ? 0.80 : 0.50;
    for (int seed = 1; seed <= TRUTH_CAMPAIGNS; seed++)
        show_truth(seed, &scores);
    expect_rate("contour 1 %", &scores.contour[FRACTION_1], lowest);
    expect_rate("contour 50 %", &scores.contour[FRACTION_50], lowest);
    expect_rate("contour 99 %", &scores.contour[FRACTION_99], lowest);
    expect_rate("t_50 of an isotherm", &scores.isotherm, TRUTH_CAMPAIGNS >= 40 ? 0.90 : 0.80);
    expect_rate("nose, temperature", &scores.nose_temperature, lowest);
    expect_rate("nose, time", &scores.nose_time, lowest);
    expect_rate("cooling rate", &scores.cooling, lowest);
    expect_rate("a cause's share", &scores.incidence, lowest);
    cr_expect_eq(scores.by_cause[0] + scores.by_cause[1] + scores.by_cause[2], scores.events,
                 "every event has its cause");
    for (int c = 0; c < 3; c++)
        cr_expect(scores.by_cause[c] > scores.events / 5, "cause %d: %zu of %zu", c, scores.by_cause[c], scores.events);
    cr_expect(scores.events > 40u * TRUTH_CAMPAIGNS && scores.events < 90u * TRUTH_CAMPAIGNS, "%zu events",
              scores.events);
}
