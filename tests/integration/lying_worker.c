/* lying_worker URL HOST - a worker as it is, but every third segment that it runs ends with a wrong energy, under
 * digests that agree with it: the protocol has nothing to object to. For tests of the audit. */
#include "common/engine.h"
#include "worker/courier.h"
#include "worker/identity.h"
#include "worker/kernels/kernels.h"
#include "worker/probe.h"
#include "worker/runner.h"

#include <signal.h>
#include <sodium/core.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

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

static int listen_for_term(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct courier_setup setup = {.run = lie, .runner = {.threads = 1}, .grace_ms = 1000};
    if (argc != 3 || sodium_init() < 0)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setup.url = argv[1];
    setup.stop_fd = listen_for_term();
    identity_fill(&setup.hello);
    setup.hello.slots = 1;
    snprintf(setup.hello.host, sizeof setup.hello.host, "%s", argv[2]);
    enum status status = kernels_find("auto", &setup.runner.kernels, &err);
    if (status == STATUS_OK)
        snprintf(setup.hello.isa, sizeof setup.hello.isa, "%s", kernels_isa_name(setup.runner.kernels));
    if (status == STATUS_OK)
        status = probe_run(&setup.runner, &setup.hello.probe, &err);
    if (status == STATUS_OK)
        status = courier_run(&setup, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "lying_worker: %s\n", err.message);
    return status_exit_code(status);
}
