/* test_ttt_runs.c - which stored runs may be pooled in a diagram. */
#include "server/cmd/ttt_runs.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Reads the ensemble of the fixture's campaign after damage done by `sql`. */
static enum status read_after(const char *sql, const char *ensemble, struct ttt_boxes *out_boxes, struct error *err)
{
    struct fixture fixture;
    struct reading reading;
    struct selected_list list;
    struct ttt_order order;
    const struct selection selection = {.ensemble = ensemble};
    fixture_init(&fixture, fixture_campaign);
    fixture_run(&fixture, 4, 0);
    store_close(&fixture.store);
    fixture_sql(fixture.path, sql);
    cr_assert_eq(reading_open(fixture.path, &reading, err), STATUS_OK, "%s", err->message);
    cr_assert_eq(ttt_order_find(NULL, (double)NAN, EVENT_DWELL, &order, err), STATUS_OK);
    cr_assert_eq(reading_select(&reading, &selection, &list, err), STATUS_OK);
    enum status status = ttt_boxes_read(reading.store, &list.items[0], &order, out_boxes, err);
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
        read_after("UPDATE sample_inherent SET close_packed_largest = 0.7, laves_largest = 0.1", "hot", &boxes, &err),
        STATUS_OK, "%s", err.message);
    cr_assert_eq(boxes.count, 2);
    cr_expect_eq(boxes.boxes[0].temperature, 0.75);
    cr_expect_eq(boxes.boxes[0].values[boxes.boxes[0].count - 1], 0.7);
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
        read_after("UPDATE sample_inherent SET laves_largest = NULL, close_packed_largest = NULL", "hot", &boxes, &err),
        STATUS_INVALID);
    cr_expect(strstr(err.message, "stored before"), "%s", err.message);
}
