/* odd_worker MODE URL HOST - a worker as it is, but for one thing. For tests of what the coordinator does about it.
 *
 *     lie      every third segment ends with a wrong energy, under digests that agree with it: the protocol has nothing
 *              to object to
 *     hang     the fourth segment never ends, while the worker's heart beats
 *     explode  the fourth segment reports a physics failure that is not there
 *     probe    its arithmetic gives other bits in the probe */
#include "common/engine.h"
#include "worker/courier.h"
#include "worker/identity.h"
#include "worker/kernels/kernels.h"
#include "worker/probe.h"
#include "worker/runner.h"

#include <signal.h>
#include <sodium/core.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { ODD_SEGMENT = 4 };

static enum status lie(const struct runner_setup *setup, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                       size_t snapshot_size, _Atomic int64_t *progress, const _Atomic bool *cancel,
                       struct segment_result *out_result, struct error *err)
{
    enum status status = runner_run(setup, spec, snapshot_bytes, snapshot_size, progress, cancel, out_result, err);
    if (status != STATUS_OK || (spec->replica.value + (uint64_t)spec->segment.value) % 3 != 0)
        return status;
    out_result->energy_potential += 40.0;
    out_result->output = segment_output_digest(out_result);
    return STATUS_OK;
}

static bool is_odd_one(void)
{
    static atomic_int count;
    return atomic_fetch_add(&count, 1) + 1 == ODD_SEGMENT;
}

static enum status hang(const struct runner_setup *setup, const struct segment_spec *spec,
                        const uint8_t *snapshot_bytes, size_t snapshot_size, _Atomic int64_t *progress,
                        const _Atomic bool *cancel, struct segment_result *out_result, struct error *err)
{
    if (!is_odd_one())
        return runner_run(setup, spec, snapshot_bytes, snapshot_size, progress, cancel, out_result, err);
    for (;;)
        pause();
}

static enum status explode(const struct runner_setup *setup, const struct segment_spec *spec,
                           const uint8_t *snapshot_bytes, size_t snapshot_size, _Atomic int64_t *progress,
                           const _Atomic bool *cancel, struct segment_result *out_result, struct error *err)
{
    if (is_odd_one())
        return error_set(err, STATUS_PHYSICS, "an energy that is not a number");
    return runner_run(setup, spec, snapshot_bytes, snapshot_size, progress, cancel, out_result, err);
}

static int listen_for_term(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum status prepare(const char *mode, struct courier_setup *setup, struct error *err)
{
    setup->run = strcmp(mode, "lie") == 0       ? lie
                 : strcmp(mode, "hang") == 0    ? hang
                 : strcmp(mode, "explode") == 0 ? explode
                                                : runner_run;
    enum status status = kernels_find("auto", &setup->runner.kernels, err);
    if (status != STATUS_OK)
        return status;
    snprintf(setup->hello.isa, sizeof setup->hello.isa, "%s", kernels_isa_name(setup->runner.kernels));
    status = probe_run(&setup->runner, &setup->hello.probe, err);
    setup->hello.probe.bytes[0] ^= strcmp(mode, "probe") == 0;
    return status;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct courier_setup setup = {.runner = {.threads = 1}, .grace_ms = 1000};
    if (argc != 4 || sodium_init() < 0)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setup.url = argv[2];
    setup.stop_fd = listen_for_term();
    identity_fill(&setup.hello);
    setup.hello.slots = 1;
    snprintf(setup.hello.host, sizeof setup.hello.host, "%s", argv[3]);
    enum status status = prepare(argv[1], &setup, &err);
    if (status == STATUS_OK)
        status = courier_run(&setup, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "odd_worker: %s\n", err.message);
    return status_exit_code(status);
}
