#include "worker/cmd/connect.h"

#include "common/engine.h"
#include "common/log.h"
#include "worker/cmd/cmd.h"
#include "worker/courier.h"
#include "worker/identity.h"
#include "worker/kernels/kernels.h"
#include "worker/probe.h"
#include "worker/runner.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { GRACE_DEFAULT_S = 25, GRACE_MAX_S = 24 * 3600, THREADS_MAX = 1024 };

struct options {
    const char *url;
    const char *key;   /* file; NULL = none */
    const char *spool; /* folder; NULL = none */
    const char *isa;
    long long slots; /* 0 = as many as there are CPUs for */
    long long threads;
    long long grace_s;
    long long parent; /* 0 = none */
    bool verbose;
};

static enum status read_option(int letter, struct options *options, struct error *err)
{
    switch (letter) {
    case 'c':
        options->url = optarg;
        return STATUS_OK;
    case 'k':
        options->key = optarg;
        return STATUS_OK;
    case 'o':
        options->spool = optarg;
        return STATUS_OK;
    case 's':
        options->slots = 0;
        return strcmp(optarg, "auto") == 0 ? STATUS_OK
                                           : cmd_parse_whole("--slots", optarg, WIRE_SLOTS_MAX, &options->slots, err);
    case 'i':
        options->isa = optarg;
        return STATUS_OK;
    case 't':
        return cmd_parse_whole("--threads", optarg, THREADS_MAX, &options->threads, err);
    case 'g':
        return cmd_parse_whole("--grace", optarg, GRACE_MAX_S, &options->grace_s, err);
    case 'p':
        return cmd_parse_whole("--parent-pid", optarg, INT32_MAX, &options->parent, err);
    case 'v':
        options->verbose = true;
        return STATUS_OK;
    default:
        return error_set(err, STATUS_USAGE, "unknown option, or one without its value; see vitrine-worker --help");
    }
}

static enum status read_options(int argc, char **argv, struct options *options, struct error *err)
{
    static const struct option known[] = {
        {"connect", required_argument, NULL, 'c'}, {"slots", required_argument, NULL, 's'},
        {"isa", required_argument, NULL, 'i'},     {"threads", required_argument, NULL, 't'},
        {"grace", required_argument, NULL, 'g'},   {"parent-pid", required_argument, NULL, 'p'},
        {"verbose", no_argument, NULL, 'v'},       {"key", required_argument, NULL, 'k'},
        {"spool", required_argument, NULL, 'o'},   {NULL, 0, NULL, 0},
    };
    *options = (struct options){.isa = "auto", .threads = 1, .grace_s = GRACE_DEFAULT_S};
    opterr = 0;
    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        enum status status = read_option(letter, options, err);
        if (status != STATUS_OK)
            return status;
    }
    if (optind < argc)
        return error_set(err, STATUS_USAGE, "'%s' is not an option; see vitrine-worker --help", argv[optind]);
    if (!options->url)
        return error_set(err, STATUS_USAGE, "--connect URL is missing");
    if (options->threads == 0)
        return error_set(err, STATUS_USAGE, "--threads 0: a segment needs at least one thread");
    return STATUS_OK;
}

/* A worker that a coordinator started for itself is of no use without it. */
static enum status tie_to_parent(const struct options *options, struct error *err)
{
    if (options->parent == 0)
        return STATUS_OK;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != (pid_t)options->parent)
        return error_set(err, STATUS_EVICTED, "the parent process %lld is gone", options->parent);
    return STATUS_OK;
}

/* Before any thread is made, so that all inherit the mask and the signals come through the descriptor alone. */
static enum status open_signals(int *out_fd, struct error *err)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    *out_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return *out_fd >= 0 ? STATUS_OK : error_set_errno(err, STATUS_IO, errno, "cannot listen for signals");
}

static enum status prepare(const struct options *options, struct courier_setup *setup, struct error *err)
{
    const long long cpus = identity_cpus();
    const long long slots_auto = cpus / options->threads > 0 ? cpus / options->threads : 1;
    setup->url = options->url;
    setup->spool = options->spool;
    setup->run = runner_run;
    setup->grace_ms = options->grace_s * 1000;
    setup->runner.threads = (int)options->threads;
    if (sodium_init() < 0)
        return error_set(err, STATUS_IO, "libsodium does not start");
    enum status status = kernels_find(options->isa, &setup->runner.kernels, err);
    if (status != STATUS_OK)
        return status;
    identity_fill(&setup->hello);
    setup->hello.slots = (uint32_t)(options->slots > 0 ? options->slots : slots_auto);
    snprintf(setup->hello.isa, sizeof setup->hello.isa, "%s", kernels_isa_name(setup->runner.kernels));
    return probe_run(&setup->runner, &setup->hello.probe, err);
}

static enum status serve(const struct options *options, struct error *err)
{
    struct courier_setup setup = {.stop_fd = -1};
    struct key_file key = {0};
    enum status status = tie_to_parent(options, err);
    if (status == STATUS_OK && options->key) {
        status = key_file_read(options->key, KEY_WORKER, &key, err);
        setup.key = &key;
    }
    if (status == STATUS_OK)
        status = open_signals(&setup.stop_fd, err);
    if (status == STATUS_OK)
        status = prepare(options, &setup, err);
    if (status != STATUS_OK)
        return status;
    char probe[DIGEST_TEXT_SIZE];
    digest_to_text(&setup.hello.probe, probe);
    log_event(LOG_INFO, "worker_started",
              "url=%s key=%s slots=%" PRIu32 " threads=%d isa=%s engine=%d probe=%.16s pid=%d", options->url,
              setup.key ? key.name : "none", setup.hello.slots, setup.runner.threads, setup.hello.isa, ENGINE_ID, probe,
              (int)getpid());
    status = courier_run(&setup, err);
    log_event(LOG_INFO, "worker_left", "status=%s", status_name(status));
    close(setup.stop_fd);
    key_file_forget(&key);
    return status;
}

int cmd_connect(int argc, char **argv)
{
    struct options options;
    struct error err = {0};
    enum status status = read_options(argc, argv, &options, &err);
    if (status == STATUS_OK) {
        log_set_level(options.verbose ? LOG_DEBUG : LOG_INFO);
        status = serve(&options, &err);
    }
    if (status == STATUS_EVICTED)
        return status_exit_code(status); /* asked for, and logged: not a failure to print */
    return status == STATUS_OK ? 0 : cmd_failed(&err);
}
