/* test_ttt_runs.c - which stored runs may be pooled in a diagram. */
#include "server/cmd/ttt_runs.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const struct ttt_order_request by_default = {NULL,        (double)NAN, (double)NAN,
                                                    (double)NAN, (double)NAN, EVENT_DWELL};

static double other_energy = (double)NAN;
static int64_t dwell = EVENT_DWELL;
static struct option_i64 step_from;

/* Reads the ensemble of the fixture's campaign after damage done by `sql`. */
static enum status read_after(const char *sql, const char *ensemble, struct ttt_boxes *out_boxes, struct error *err)
{
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct ttt_request request = {.atoms_of_volume_min = UINT32_MAX};
    const struct selection selection = {.ensemble = ensemble, .from = step_from};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 4, 0);
    store_close(&fixture.store);
    fixture_sql(fixture.path, sql);
    cr_assert_eq(reading_open(fixture.path, &reading, err), STATUS_OK, "%s", err->message);
    struct ttt_order_request order = by_default;
    order.other_energy = other_energy;
    order.dwell = dwell;
    cr_assert_eq(ttt_order_find(&order, &request.order, err), STATUS_OK);
    cr_assert_eq(reading_select(&reading, &selection, &list, err), STATUS_OK);
    enum status status = ttt_boxes_read(&reading, &list.items[0], &request, out_boxes, err);
    selected_list_finish(&list);
    reading_finish(&reading);
    fixture_finish(&fixture);
    return status;
}

Test(ttt_runs, isotherms_are_read_with_their_samples_and_events)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    cr_assert_eq(
        read_after("UPDATE sample_inherent SET close_packed_largest = 0.7, laves_largest = 0.1, b2_largest = 0.2",
                   "hot", &boxes, &err),
        STATUS_OK, "%s", err.message);
    cr_assert_eq(boxes.count, 2);
    cr_expect_eq(boxes.boxes[0].temperature, 0.75);
    cr_expect_eq(boxes.boxes[0].count, 4);
    cr_expect_eq(boxes.boxes[0].course.event.kind, EVENT_IN_RAMP); /* the preparation has a sample too */
    cr_expect_eq(boxes.boxes[0].cause, 1);                         /* close-packed is the larger */
    ttt_boxes_finish(&boxes);
}

Test(ttt_runs, the_first_step_asked_for_does_not_change_what_happened)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    step_from = (struct option_i64){.given = true, .value = 1};
    cr_assert_eq(read_after("UPDATE sample_inherent SET close_packed_largest = 0.7", "hot", &boxes, &err), STATUS_OK,
                 "%s", err.message);
    cr_assert_eq(boxes.count, 2);
    cr_expect_eq(boxes.boxes[0].course.event.kind, EVENT_IN_RAMP);
    ttt_boxes_finish(&boxes);
}

/* Rows of before version 7 have no b2_largest: there the other two decide. */
Test(ttt_runs, b2_is_a_cause_of_its_own_where_it_was_measured)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    cr_assert_eq(read_after("UPDATE sample_inherent SET close_packed_largest = 0.1, laves_largest = 0.25,"
                            " b2_largest = CASE replica WHEN 3 THEN 0.3 END",
                            "hot", &boxes, &err),
                 STATUS_OK, "%s", err.message);
    cr_assert_eq(boxes.count, 2);
    cr_expect_eq(boxes.boxes[0].course.event.kind, EVENT_IN_RAMP);
    cr_expect_eq(boxes.boxes[0].cause, 2, "B2 is the largest");
    cr_expect_eq(boxes.boxes[1].cause, 0, "Laves, for B2 is not known");
    cr_expect(!boxes.boxes[0].lacks_cause && boxes.boxes[1].lacks_cause);
    ttt_boxes_finish(&boxes);
}

Test(ttt_runs, a_ladder_is_refused)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    cr_assert_eq(read_after("SELECT 1", "ladder", &boxes, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "only isotherms carry a clock"), "%s", err.message);
}

Test(ttt_runs, runs_with_equal_starts_are_refused)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    cr_assert_eq(read_after("UPDATE segment SET snapshot = zeroblob(32) WHERE segment = -1", "hot", &boxes, &err),
                 STATUS_INVALID);
    cr_expect(strstr(err.message, "the same state at step 0"), "%s", err.message);
}

Test(ttt_runs, rows_older_than_the_order_parameter_are_refused)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    cr_assert_eq(
        read_after("UPDATE sample_inherent SET laves_largest = NULL, close_packed_largest = NULL, b2_largest = NULL",
                   "hot", &boxes, &err),
        STATUS_INVALID);
    cr_expect(strstr(err.message, "stored before"), "%s", err.message);
}

Test(ttt_runs, a_crystal_seen_after_the_start_is_an_event_with_onset_and_finish)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    cr_assert_eq(
        read_after(
            "UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, laves_largest = CASE WHEN step > 300"
            " THEN 0.5 WHEN step > 200 THEN 0.3 WHEN step > 100 THEN 0.15 ELSE 0 END",
            "hot", &boxes, &err),
        STATUS_OK, "%s", err.message);
    const struct event_course *course = &boxes.boxes[0].course;
    cr_expect(course->event.kind == EVENT_CENSORED && course->event.is_dwell_cut, "five samples are not there");
    cr_expect_eq(course->event.step_high, 300, "censored at the crossing, not at the end");
    const struct event *quick = &boxes.boxes[0].sensitivity.cells[0][0];
    cr_expect(quick->kind == EVENT_HAPPENED && quick->step_high == 200, "0.1 in three samples happened");
    ttt_boxes_finish(&boxes);
}

Test(ttt_runs, an_order_is_said_whole_or_refused)
{
    struct ttt_order order;
    struct error err = {0};
    struct ttt_order_request request = by_default;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect(order.rule.threshold == 0.2 && order.rule.dwell == 5 && order.onset == 0.1 && order.finish == 0.4);
    request.threshold = 0.8;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect_eq(order.finish, 0.9, "a crystal never holds 1.6 of the atoms");
    request = by_default;
    request.onset = 0.3;
    cr_expect_eq(ttt_order_find(&request, &order, &err), STATUS_USAGE);
    cr_expect(strstr(err.message, "out of order"), "%s", err.message);
    request = by_default;
    request.name = "energy_inherent";
    cr_expect_eq(ttt_order_find(&request, &order, &err), STATUS_USAGE, "no threshold");
    request.threshold = -7.2;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect(order.rule.direction == EVENT_DOWN && order.onset > -7.2 && order.finish < -7.2);
    request.name = "pressure_inherent";
    request.threshold = -1.0;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK, "%s", err.message);
    cr_expect(order.onset == -1.1 && order.finish == -0.9);
    request.threshold = 2.0;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect(order.onset == 1.9 && order.finish == 2.1, "a pressure has no zero of its own");
    request.name = "ico_fraction";
    request.threshold = 0.0;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect(order.onset < 0.0 && order.finish > 0.0);
    request.threshold = 0.7;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect(order.onset == 0.35 && order.finish == 0.85, "and no fraction is above 1");
    request.name = "ico_cluster_weight_average";
    request.threshold = 20.0;
    cr_assert_eq(ttt_order_find(&request, &order, &err), STATUS_OK);
    cr_expect(order.onset == 10.0 && order.finish == 40.0, "atoms");
    request.name = "energy_inherent";
    request.threshold = -7.2;
    request.other_energy = -7.5;
    cr_expect_eq(ttt_order_find(&request, &order, &err), STATUS_USAGE, "energy is one cause already");
    request = by_default;
    request.dwell = 0;
    cr_expect_eq(ttt_order_find(&request, &order, &err), STATUS_USAGE);
}

Test(ttt_runs, other_comes_first_only_where_no_crystal_does)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    other_energy = -3.0;
    cr_assert_eq(read_after("UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, energy_inherent = "
                            "CASE WHEN step > 100"
                            " THEN -4 ELSE -2 END, laves_largest = CASE WHEN step > 100 AND replica = 3 THEN 0.5"
                            " ELSE 0 END",
                            "hot", &boxes, &err),
                 STATUS_OK, "%s", err.message);
    cr_expect_eq(boxes.boxes[0].course.event.kind, EVENT_CENSORED, "dwells of 3 samples");
    cr_expect_eq(boxes.boxes[0].sensitivity.cells[1][0].kind, EVENT_HAPPENED);
    cr_expect_eq(boxes.boxes[1].sensitivity.cells[1][0].kind, EVENT_HAPPENED, "by energy alone");
    ttt_boxes_finish(&boxes);
}

/* Both energies fall at 200 for good. The crystal of replica 3 is far above its threshold there, and dips once after.
 */
Test(ttt_runs, a_crystal_that_is_there_when_other_crosses_has_the_event)
{
    struct ttt_boxes boxes;
    struct error err = {0};
    other_energy = -3.0;
    dwell = 3;
    cr_assert_eq(read_after("UPDATE sample_inherent SET close_packed_largest = 0, b2_largest = 0, energy_inherent = "
                            "CASE WHEN step > 100 THEN -4 ELSE -2 END,"
                            " laves_largest = CASE WHEN replica = 3 AND step IN (200, 400) THEN 0.7 ELSE 0 END",
                            "hot", &boxes, &err),
                 STATUS_OK, "%s", err.message);
    const struct event_course *crystal = &boxes.boxes[0].course, *other = &boxes.boxes[1].course;
    cr_expect(crystal->event.kind == EVENT_HAPPENED && crystal->event.step_high == 200);
    cr_expect_eq(boxes.boxes[0].cause, 0, "Laves");
    cr_expect(crystal->has_onset && crystal->step_onset == 200);
    cr_expect(other->event.kind == EVENT_HAPPENED && other->event.step_high == 200);
    cr_expect_eq(boxes.boxes[1].cause, 3, "other");
    cr_expect(!other->has_onset && other->onset.low == 0 && other->onset.high == 200 && isinf(other->finish.high));
    ttt_boxes_finish(&boxes);
}

/* Held for 400 steps, then cooled for 200: the clock ends with the hold, wherever the samples come from. */
static const char hold_and_ramp[] =
    "campaign: after\n"
    "seed: 7\n"
    "system: {atoms: 300, small_fraction: 0.5}\n"
    "ensembles:\n"
    "  - name: hot\n"
    "    mode: isotherm\n"
    "    temperatures: [0.8]\n"
    "    replicas: 2\n"
    "    segment_steps: 100\n"
    "    steps: 400\n"
    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}, hold: production,"
    " ramp: {to: 0.6, rate: 1.0e-3}]\n"
    "    sample: {thermal: 0, inherent: 100}\n";

Test(ttt_runs, the_clock_ends_with_the_hold_wherever_the_samples_come_from)
{
    static const enum quantity_id wanted[] = {QUANTITY_laves_largest, QUANTITY_close_packed_largest,
                                              QUANTITY_b2_largest, QUANTITY_ico_fraction};
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct ttt_request request = {.atoms_of_volume_min = UINT32_MAX};
    struct error err = {0};
    const struct selection selection = {.to = {.given = true, .value = 100000}};
    fixture_init(&fixture, hold_and_ramp);
    fixture_run(&fixture, 6, 0);
    store_close(&fixture.store);
    fixture_sql(fixture.path, "UPDATE sample_inherent SET laves_largest = 0, b2_largest = 0, close_packed_largest ="
                              " CASE WHEN step > 400 THEN 0.9 ELSE 0 END");
    cr_assert_eq(reading_open(fixture.path, &reading, &err), STATUS_OK, "%s", err.message);
    struct ttt_order_request order = by_default;
    order.dwell = 2;
    cr_assert_eq(ttt_order_find(&order, &request.order, &err), STATUS_OK);
    cr_assert_eq(reading_select(&reading, &selection, &list, &err), STATUS_OK);
    for (int cached = 0; cached < 2; cached++) {
        struct ttt_boxes boxes;
        if (cached)
            cr_assert_eq(sample_cache_create(&reading, wanted, 4, &request.samples, &err), STATUS_OK);
        cr_assert_eq(ttt_boxes_read(&reading, &list.items[0], &request, &boxes, &err), STATUS_OK, "%s", err.message);
        cr_assert_eq(boxes.count, 2);
        cr_expect_eq(boxes.boxes[0].course.event.kind, EVENT_CENSORED);
        cr_expect_eq(boxes.boxes[0].course.event.step_last, 400);
        ttt_boxes_finish(&boxes);
    }
    sample_cache_destroy(&request.samples);
    selected_list_finish(&list);
    reading_finish(&reading);
    fixture_finish(&fixture);
}
