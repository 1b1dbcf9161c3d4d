#include "worker/slots.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <poll.h>

/* Runs until it is cancelled, or at once when it has nothing to do. */
static enum status stand_in(const struct runner_setup *setup, const struct segment_spec *spec, const uint8_t *bytes,
                            size_t size, _Atomic int64_t *progress, const _Atomic bool *cancel,
                            struct segment_result *out_result, struct error *err)
{
    (void)setup;
    atomic_store(progress, spec->steps);
    while (spec->steps > 0 && !atomic_load(cancel)) {
    }
    if (atomic_load(cancel))
        return error_set(err, STATUS_EVICTED, "cancelled");
    *out_result = (struct segment_result){.replica = spec->replica, .snapshot_size = size};
    out_result->snapshot_bytes = mem_copy(bytes, size);
    return STATUS_OK;
}

static struct slots *make_slots(int count)
{
    const struct runner_setup setup = {.threads = 1};
    struct slots *slots;
    cr_assert_eq(slots_create(count, stand_in, &setup, &slots, NULL), STATUS_OK);
    return slots;
}

static struct outcome await(struct slots *slots)
{
    struct outcome outcome;
    struct pollfd watched = {slots_fd(slots), POLLIN, 0};
    while (!slots_collect(slots, &outcome))
        cr_assert_eq(poll(&watched, 1, 10000), 1);
    return outcome;
}

Test(slots, run_a_segment_and_give_its_outcome)
{
    struct slots *slots = make_slots(2);
    const struct segment_spec spec = {.replica = {7}};
    for (int i = 0; i < 50; i++) {
        slots_start(slots, i % 2, &spec, (const uint8_t *)"state", 5);
        struct outcome outcome = await(slots);
        cr_assert_eq(outcome.slot, i % 2);
        cr_assert_eq(outcome.status, STATUS_OK);
        cr_assert_eq(outcome.result.replica.value, 7);
        segment_result_finish(&outcome.result);
    }
    slots_destroy(&slots);
    cr_assert_null(slots);
}

Test(slots, cancel_ends_a_segment)
{
    struct slots *slots = make_slots(1);
    slots_start(slots, 0, &(struct segment_spec){.steps = 9}, NULL, 0);
    slots_cancel(slots, 0);
    struct outcome outcome = await(slots);
    cr_assert_eq(outcome.status, STATUS_EVICTED);
    cr_assert_eq(slots_progress(slots, 0), 9);
    slots_destroy(&slots);
}

Test(slots, destroy_cancels_what_runs_and_frees_what_was_not_collected)
{
    struct slots *slots = make_slots(3);
    slots_start(slots, 0, &(struct segment_spec){.steps = 9}, NULL, 0);
    slots_start(slots, 1, &(struct segment_spec){.steps = 0}, (const uint8_t *)"state", 5);
    slots_destroy(&slots);
    slots_destroy(&slots);
    slots_destroy(NULL);
}
