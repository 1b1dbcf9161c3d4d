/* test_crew.c - the same work on many things: each once, and which failure is told. */
#include "server/cmd/crew.h"

#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <stdatomic.h>

enum { THINGS = 1000 };

static struct fixture fixture;
static struct reading reading;
static atomic_int done[THINGS];
static size_t fails_from;

static void open_campaign(void)
{
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    cr_assert_eq(reading_open(fixture.path, &reading, &err), STATUS_OK, "%s", err.message);
    fails_from = THINGS;
}

static void close_campaign(void)
{
    reading_finish(&reading);
    fixture_finish(&fixture);
}

TestSuite(crew, .init = open_campaign, .fini = close_campaign);

static enum status count_up(void *context, const struct crew_hand *hand, size_t thing, struct error *err)
{
    uint32_t campaigns;
    (void)context;
    cr_assert_lt(hand->number, CREW_MAX);
    enum status status = store_count_campaigns(hand->store, &campaigns, err);
    if (status != STATUS_OK)
        return status;
    atomic_fetch_add(&done[thing], 1);
    return thing < fails_from ? STATUS_OK : error_set(err, STATUS_LIMIT, "thing %zu", thing);
}

Test(crew, each_thing_is_done_once)
{
    struct error err = {0};
    cr_assert_eq(crew_work(&reading, THINGS, count_up, NULL, &err), STATUS_OK, "%s", err.message);
    for (int i = 0; i < THINGS; i++)
        cr_expect_eq(atomic_load(&done[i]), 1);
    cr_assert_eq(crew_work(&reading, 0, count_up, NULL, &err), STATUS_OK);
}

/* Whoever comes upon which: the first thing that fails is told, and what lies far beyond it is not begun. */
Test(crew, of_several_failures_the_first_things_is_told)
{
    struct error err = {0};
    size_t begun = 0;
    fails_from = 100;
    cr_assert_eq(crew_work(&reading, THINGS, count_up, NULL, &err), STATUS_LIMIT);
    cr_expect_str_eq(err.message, "thing 100");
    for (int i = 0; i < THINGS; i++)
        begun += (size_t)atomic_load(&done[i]);
    cr_expect(begun > 100 && begun <= 101 + CREW_MAX, "%zu", begun);
}

/* Threads have connections of their own; without any the caller's does all. */
Test(crew, without_further_connections_the_caller_does_all)
{
    struct error err = {0};
    const struct reading alone = {.path = "/nowhere/results.db", .store = reading.store};
    cr_assert_eq(crew_work(&alone, THINGS, count_up, NULL, &err), STATUS_OK, "%s", err.message);
    for (int i = 0; i < THINGS; i++)
        cr_expect_eq(atomic_load(&done[i]), 1);
}
