/* A courier over a real socket against a coordinator that does what the test says. */
#include "worker/courier.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/snapshot.h"
#include "tests/support/fake_coordinator.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SOON_MS = 10000, RUNS_ON = 99 }; /* a segment of the seed RUNS_ON runs until it is cancelled */

/* Stands in for runner_run: an empty snapshot, at once, or nothing until cancelled. */
static enum status stand_in(const struct runner_setup *setup, const struct segment_spec *spec, const uint8_t *bytes,
                            size_t size, _Atomic int64_t *progress, const _Atomic bool *cancel,
                            struct segment_result *out_result, struct error *err)
{
    (void)setup;
    (void)bytes;
    (void)size;
    (void)progress;
    while (spec->seed == RUNS_ON && !atomic_load(cancel))
        usleep(1000);
    if (atomic_load(cancel))
        return error_set(err, STATUS_EVICTED, "cancelled");
    struct segment_result result = {.replica = spec->replica, .segment = spec->segment};
    struct snapshot snapshot;
    cr_assert_eq(snapshot_init(&snapshot, spec->system.atoms, err), STATUS_OK);
    for (int d = 0; d < 3; d++)
        snapshot.box[d] = 7.0;
    cr_assert_eq(snapshot_encode(&snapshot, &result.snapshot_bytes, &result.snapshot_size, &result.snapshot, err),
                 STATUS_OK);
    snapshot_finish(&snapshot);
    result.output = segment_output_digest(&result);
    *out_result = result;
    return STATUS_OK;
}

struct worker {
    struct courier_setup setup;
    pthread_t thread;
    enum status status;
    struct error err;
};

static void *serve(void *context)
{
    struct worker *worker = context;
    worker->status = courier_run(&worker->setup, &worker->err);
    return NULL;
}

static struct worker *start_worker(const struct fake_coordinator *fake)
{
    static struct worker worker;
    log_set_fd(-1);
    worker.setup = (struct courier_setup){.url = fake->url, .run = stand_in, .grace_ms = 500};
    worker.setup.hello = (struct wire_hello){.worker = {{7}}, .slots = 1, .host = "here", .isa = "none"};
    worker.setup.stop_fd = eventfd(0, EFD_NONBLOCK);
    cr_assert_eq(pthread_create(&worker.thread, NULL, serve, &worker), 0);
    return &worker;
}

static enum status stop_worker(struct worker *worker)
{
    const uint64_t one = 1;
    cr_assert_eq(write(worker->setup.stop_fd, &one, sizeof one), (ssize_t)sizeof one);
    pthread_join(worker->thread, NULL);
    close(worker->setup.stop_fd);
    return worker->status;
}

static struct wire_message await(struct fake_coordinator *fake, enum wire_type type)
{
    struct wire_message message;
    cr_assert(fake_coordinator_await(fake, type, SOON_MS, &message), "no %s came", wire_type_name(type));
    return message;
}

static void acknowledge(struct fake_coordinator *fake, uint64_t token)
{
    fake_coordinator_say(fake, &(struct wire_message){.type = WIRE_ACK, .ack = {{token}, WIRE_COMMITTED}});
}

Test(courier, grant_result_ack)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    struct wire_message want = await(&fake, WIRE_WANT);
    cr_assert_eq(want.want.credits, 2);
    for (uint64_t token = 11; token < 31; token++) {
        fake_coordinator_grant(&fake, token, 1);
        struct wire_message result = await(&fake, WIRE_RESULT);
        cr_assert_eq(result.result.token.value, token);
        cr_assert_eq(result.result.status, STATUS_OK);
        wire_message_finish(&result);
        acknowledge(&fake, token);
    }
    cr_assert_eq(stop_worker(worker), STATUS_OK);
    fake_coordinator_close(&fake);
}

Test(courier, an_unacknowledged_result_comes_again)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    fake_coordinator_grant(&fake, 11, 1);
    for (int i = 0; i < 2; i++) {
        struct wire_message result = await(&fake, WIRE_RESULT);
        cr_assert_eq(result.result.token.value, 11);
        wire_message_finish(&result);
    }
    acknowledge(&fake, 11);
    cr_assert_eq(stop_worker(worker), STATUS_OK);
    fake_coordinator_close(&fake);
}

Test(courier, leases_are_renewed_while_a_segment_computes)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    fake_coordinator_grant(&fake, 11, RUNS_ON);
    for (int renewals = 0; renewals < 3;) {
        struct wire_message renew = await(&fake, WIRE_RENEW);
        renewals += renew.renew.count == 1 && renew.renew.leases[0].token.value == 11;
        wire_message_finish(&renew);
    }
    cr_assert_eq(stop_worker(worker), STATUS_EVICTED);
    fake_coordinator_close(&fake);
}

Test(courier, who_is_answered_with_hello_that_names_the_lease)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    fake_coordinator_grant(&fake, 11, RUNS_ON);
    struct wire_message renew = await(&fake, WIRE_RENEW);
    wire_message_finish(&renew);
    fake_coordinator_say(&fake, &(struct wire_message){.type = WIRE_WHO});
    struct wire_message hello = await(&fake, WIRE_HELLO);
    cr_assert_eq(hello.hello.held_count, 1);
    cr_assert_eq(hello.hello.held[0].token.value, 11);
    wire_message_finish(&hello);
    stop_worker(worker);
    fake_coordinator_close(&fake);
}

Test(courier, a_restarted_coordinator_finds_the_worker_again)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    fake_coordinator_grant(&fake, 11, 1);
    struct wire_message result = await(&fake, WIRE_RESULT);
    wire_message_finish(&result);
    fake_coordinator_restart(&fake); /* before the acknowledgement */
    fake_coordinator_welcome(&fake);
    result = await(&fake, WIRE_RESULT);
    cr_assert_eq(result.result.token.value, 11);
    wire_message_finish(&result);
    acknowledge(&fake, 11);
    cr_assert_eq(stop_worker(worker), STATUS_OK);
    fake_coordinator_close(&fake);
}

Test(courier, a_revoked_token_is_cancelled_and_its_slot_free_again)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    struct lease_token revoked = {11};
    fake_coordinator_welcome(&fake);
    fake_coordinator_grant(&fake, 11, RUNS_ON);
    fake_coordinator_grant(&fake, 12, 1);
    fake_coordinator_say(&fake, &(struct wire_message){.type = WIRE_RENEWED, .renewed = {1, &revoked}});
    struct wire_message result = await(&fake, WIRE_RESULT);
    cr_assert_eq(result.result.token.value, 12);
    wire_message_finish(&result);
    acknowledge(&fake, 12);
    cr_assert_eq(stop_worker(worker), STATUS_OK);
    fake_coordinator_close(&fake);
}

Test(courier, leaving_gives_the_lease_back_and_says_bye)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    fake_coordinator_grant(&fake, 11, RUNS_ON);
    fake_coordinator_grant(&fake, 12, RUNS_ON);
    struct wire_message renew = await(&fake, WIRE_RENEW);
    wire_message_finish(&renew);
    cr_assert_eq(stop_worker(worker), STATUS_EVICTED);
    struct wire_message returned = await(&fake, WIRE_RETURN);
    cr_assert_eq(returned.returned.reason, WIRE_RETURN_LEAVING);
    returned = await(&fake, WIRE_RETURN);
    await(&fake, WIRE_BYE);
    fake_coordinator_close(&fake);
}

Test(courier, drain_ends_a_worker_that_has_nothing_to_do)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    fake_coordinator_say(&fake, &(struct wire_message){.type = WIRE_DRAIN, .drain = {1000}});
    await(&fake, WIRE_BYE);
    cr_assert_eq(stop_worker(worker), STATUS_OK);
    fake_coordinator_close(&fake);
}

Test(courier, garbage_is_survived)
{
    struct fake_coordinator fake;
    fake_coordinator_open(&fake);
    struct worker *worker = start_worker(&fake);
    fake_coordinator_welcome(&fake);
    for (int i = 0; i < 100; i++)
        fake_coordinator_say_bytes(&fake, "\x00garbage", (size_t)(i % 9));
    fake_coordinator_grant(&fake, 11, 1);
    struct wire_message result = await(&fake, WIRE_RESULT);
    wire_message_finish(&result);
    acknowledge(&fake, 11);
    cr_assert_eq(stop_worker(worker), STATUS_OK);
    fake_coordinator_close(&fake);
}

Test(courier, leaves_though_nobody_ever_answered)
{
    struct fake_coordinator fake = {.url = "tcp://127.0.0.1:9"};
    struct worker *worker = start_worker(&fake);
    usleep(50000);
    cr_assert_eq(stop_worker(worker), STATUS_OK);
}

Test(courier, a_url_that_is_none_is_invalid)
{
    struct fake_coordinator fake = {.url = "carrier-pigeon:north"};
    struct worker *worker = start_worker(&fake);
    pthread_join(worker->thread, NULL);
    cr_assert_eq(worker->status, STATUS_INVALID);
}
