/* bench_farm.c - what a real coordinator carries: CURVE, one key a worker, a real database on disk.
 *
 *   bench_farm VITRINE durable WORKERS SECONDS PAUSE_MS    durable segments/s, and how long a result waits for its ACK
 *   bench_farm VITRINE storm WORKERS                       the coordinator is killed; until all have a lease again
 *   bench_farm VITRINE restart SEGMENTS                    from the start of the process to the first grant
 *   bench_farm VITRINE rude CONNECTIONS WORKERS PAUSE_MS   memory, and the honest workers' wait, among strangers
 *
 * Workers are stubs (stub_workers.h) in this process: a snapshot of 500 atoms each way of a segment, no physics. The
 * database is made in TMPDIR (default /tmp: a disk, not memory). PAUSE_MS is what a segment takes; 0: as many as go.
 * Fails only when something breaks: how good the numbers are is for people to judge (RELIABILITY section 6). */
#include "common/clock.h"
#include "common/engine.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/snapshot.h"
#include "server/net/keys.h"
#include "server/store/store.h"
#include "tests/bench/stub_workers.h"
#include "tests/support/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_S = 300, LOOK_S = 10, PATH_SIZE = 512 };

static char folder[PATH_SIZE], keys_dir[PATH_SIZE + 8], url[64];
static const char *vitrine;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_farm: %s\n", what);
    exit(1);
}

static const char *in_folder(const char *name)
{
    static char path[4][PATH_SIZE + 32];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void remove_folder(void)
{
    char command[PATH_SIZE + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "bench_farm: '%s' stays\n", folder);
}

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.400s/vitrine-farm-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        fail("cannot make a folder");
    atexit(remove_folder);
    snprintf(keys_dir, sizeof keys_dir, "%s/keys", folder);
}

/* -- what a farm consists of ----------------------------------------------------------------------------------------
 */

/* The folder and the first key as `vitrine keys` makes them; the others are added in one go, since it writes the whole
 * list, durably, for each. */
static struct key_file *make_keys(uint32_t count)
{
    struct key_file *files = mem_alloc_array(count, sizeof *files), own;
    INVARIANT(files && keys_create(keys_dir, KEY_WORKER, "first", NULL, NULL) == STATUS_OK);
    INVARIANT(keys_read_own(keys_dir, &own, NULL) == STATUS_OK);
    FILE *list = fopen(in_folder("keys/allowed"), "a");
    INVARIANT(list);
    for (uint32_t i = 0; i < count; i++) {
        char name[KEY_NAME_SIZE], text[KEY_TEXT_SIZE];
        snprintf(name, sizeof name, "stub%05u", (unsigned)i);
        INVARIANT(key_file_draw(KEY_WORKER, name, &files[i], NULL) == STATUS_OK);
        files[i].coordinator = own.open;
        key_to_text(&files[i].open, text);
        fprintf(list, "worker %s %s allowed 1\n", name, text);
    }
    INVARIANT(fclose(list) == 0);
    return files;
}

/* Isotherms, of which each worker may hold two, and a ladder. */
static void write_campaign(uint32_t replicas, uint64_t segments)
{
    FILE *out = fopen(in_folder("farm.yaml"), "w");
    INVARIANT(out);
    fprintf(out,
            "campaign: farm\n"
            "seed: 4711\n"
            "system: {atoms: 500, small_fraction: 0.5, volume_per_atom: 0.767}\n"
            "ensembles:\n"
            "  - name: ladder\n"
            "    mode: tempering\n"
            "    temperatures: [0.55, 0.575, 0.60, 0.625, 0.65, 0.675, 0.70, 0.725]\n"
            "    segment_steps: 1000\n"
            "    steps: %llu\n"
            "    prepare: [build: random, hold: {temperature: 2.0, steps: 1000}]\n"
            "    sample: {thermal: 1000, inherent: 0, pdf: 0}\n"
            "  - name: isotherms\n"
            "    mode: isotherm\n"
            "    temperatures: [0.6]\n"
            "    replicas: %u\n"
            "    segment_steps: 1000\n"
            "    steps: %llu\n"
            "    prepare: [build: random, hold: {temperature: 2.0, steps: 1000}]\n"
            "    sample: {thermal: 1000, inherent: 0, pdf: 0}\n",
            (unsigned long long)segments * 1000, (unsigned)replicas, (unsigned long long)segments * 1000);
    INVARIANT(fclose(out) == 0);
}

static pid_t start_coordinator(void)
{
    const char *campaign = access(in_folder("farm.db"), F_OK) == 0 ? NULL : in_folder("farm.yaml");
    const char *const argv[] = {vitrine, "serve",  "--db", in_folder("farm.db"), "--keys", keys_dir, "--bind",
                                url,     campaign, NULL};
    return process_start(argv, in_folder("serve.log"));
}

/* How often the log says that it listens; the URL comes with it. */
static int count_listening(void)
{
    char *log = process_read_file(in_folder("serve.log"));
    int count = 0;
    for (const char *at = log; (at = strstr(at, " listening endpoint=")); at++, count++)
        INVARIANT(sscanf(at, " listening endpoint=%63s", url) == 1);
    free(log);
    return count;
}

static void await_listening(pid_t coordinator, int times)
{
    for (double end = process_now() + PATIENCE_S; count_listening() < times; process_sleep(0.005))
        if (!process_is_running(coordinator) || process_now() > end) {
            char *log = process_read_file(in_folder("serve.log"));
            fprintf(stderr, "%s", log);
            fail("the coordinator does not come up");
        }
}

/* Below the ports that the system gives to those who connect: of 5,000 that knock at a port of theirs while nobody
 * listens there, one soon gets that port itself, and is connected to itself. */
static void choose_port(void)
{
    enum { PORT_FIRST = 20000, PORT_LAST = 30000 };
    for (int n = 0; n < PORT_LAST - PORT_FIRST; n++) {
        const int port = PORT_FIRST + (getpid() + n) % (PORT_LAST - PORT_FIRST);
        const struct sockaddr_in address = {
            .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool is_free = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (is_free) {
            snprintf(url, sizeof url, "tcp://127.0.0.1:%d", port);
            return;
        }
    }
    fail("no port is free");
}

static pid_t open_farm(uint32_t replicas, uint64_t segments)
{
    choose_port();
    write_campaign(replicas, segments);
    const pid_t coordinator = start_coordinator();
    await_listening(coordinator, 1);
    return coordinator;
}

static void kill_coordinator(pid_t pid)
{
    kill(pid, SIGKILL);
    process_wait(pid, 10.0);
}

/* -- looking at it --------------------------------------------------------------------------------------------------
 */

static double cpu_seconds(pid_t pid)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    const size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    const char *after = strrchr(text, ')');
    if (!after || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0.0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double memory_mb(pid_t pid, const char *what)
{
    char path[64], line[256];
    double kb = 0.0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtod(line + strlen(what) + 1, NULL);
    if (file)
        fclose(file);
    return kb / 1024.0;
}

static double own_cpu_seconds(void)
{
    return 1e-9 * (double)clock_process_cpu().value;
}

static uint32_t wanted; /* workers */

static bool all_leased(const struct stubs *stubs)
{
    return stubs_count(stubs).leased == wanted;
}

static double await_all_leased(struct stubs *stubs)
{
    const double start = process_now();
    for (int look = 0; look < PATIENCE_S / LOOK_S && !all_leased(stubs); look++) {
        stubs_serve(stubs, LOOK_S, all_leased);
        if (!all_leased(stubs))
            printf("  %.0f s: %u welcomed, %u have a lease\n", process_now() - start,
                   (unsigned)stubs_count(stubs).welcomed, (unsigned)stubs_count(stubs).leased);
    }
    if (!all_leased(stubs))
        fail("not every worker got a lease");
    return process_now() - start;
}

/* -- durable --------------------------------------------------------------------------------------------------------
 */

static void print_rate(struct stubs *stubs, const char *label, double seconds, double cpu, double own_cpu)
{
    const double segments = (double)stubs_count(stubs).acknowledged;
    printf("%s: %.0f durable segments/s, ACK after %.1f ms (median), %.1f ms (p99), %.1f ms (most)", label,
           segments / seconds, stubs_latency_ms(stubs, 0.5), stubs_latency_ms(stubs, 0.99),
           stubs_latency_ms(stubs, 1.0));
    printf("; CPU a segment: coordinator %.0f us, workers %.0f us\n", 1e6 * cpu / segments, 1e6 * own_cpu / segments);
    fflush(stdout);
}

static void measure(struct stubs *stubs, pid_t coordinator, const char *label, double seconds)
{
    const double cpu = cpu_seconds(coordinator), own_cpu = own_cpu_seconds(), start = process_now();
    stubs_mark(stubs);
    stubs_serve(stubs, seconds, NULL);
    if (stubs_count(stubs).acknowledged == 0)
        fail("nothing was acknowledged");
    print_rate(stubs, label, process_now() - start, cpu_seconds(coordinator) - cpu, own_cpu_seconds() - own_cpu);
}

static void bench_durable(uint32_t workers, double seconds, double pause_s)
{
    struct key_file *keys = make_keys(workers);
    const pid_t coordinator = open_farm(2 * workers + 64, 100000);
    struct stubs *stubs = stubs_open(url, keys, workers, pause_s);
    wanted = workers;
    const double first = await_all_leased(stubs);
    printf("%u workers: all have a lease after %.2f s\n", (unsigned)workers, first);
    stubs_serve(stubs, seconds / 2, NULL); /* beyond the first audits of everybody */
    measure(stubs, coordinator, "load", seconds);
    printf("coordinator: %.0f MB\n", memory_mb(coordinator, "VmHWM"));
    stubs_close(&stubs);
    kill_coordinator(coordinator);
    mem_free(keys);
}

/* -- storm ----------------------------------------------------------------------------------------------------------
 */

static bool all_welcomed(const struct stubs *stubs)
{
    return stubs_count(stubs).welcomed == wanted;
}

static void bench_storm(uint32_t workers)
{
    struct key_file *keys = make_keys(workers);
    pid_t coordinator = open_farm(2 * workers + 64, 100000);
    struct stubs *stubs = stubs_open(url, keys, workers, 30.0); /* a segment takes so long, as they do */
    wanted = workers;
    printf("%u workers, first time: all have a lease after %.2f s\n", (unsigned)workers, await_all_leased(stubs));
    stubs_serve(stubs, 5.0, NULL);
    kill_coordinator(coordinator);
    stubs_mark(stubs);
    stubs_serve(stubs, 2.0, NULL);
    const double start = process_now();
    coordinator = start_coordinator();
    stubs_serve(stubs, PATIENCE_S, all_welcomed);
    if (!process_is_running(coordinator))
        fail("the coordinator did not come back");
    const double welcomed = process_now() - start;
    await_all_leased(stubs);
    printf(
        "%u workers, coordinator killed, away for 2 s: all are welcomed %.2f s, have a lease %.2f s after its start; "
        "coordinator %.2f s of CPU, %.0f MB\n",
        (unsigned)workers, welcomed, process_now() - start, cpu_seconds(coordinator), memory_mb(coordinator, "VmHWM"));
    stubs_close(&stubs);
    kill_coordinator(coordinator);
    mem_free(keys);
}

/* -- restart --------------------------------------------------------------------------------------------------------
 */

enum { FILL_REPLICAS = 1000, FILL_ATOMS = 8, FILL_BATCH = 1000 };

struct filling {
    struct store *store;
    struct campaign_id id;
    struct campaign campaign;
    struct snapshot state;
    struct digest *snapshots; /* of each replica's last segment */
};

/* The rows of a segment with one sample; the snapshot is small, since all but two of a replica are pruned anyway. */
static void put_segment(struct filling *filling, uint32_t replica, int64_t segment, bool is_first)
{
    struct segment_spec spec;
    const struct rung_id rung = filling->campaign.replicas[replica].rung_first;
    campaign_segment_spec(&filling->campaign, (struct replica_id){replica}, (struct segment_id){segment}, rung, rung,
                          &spec);
    struct sample sample = {.step = spec.step_first + spec.steps, .group = QUANTITY_GROUP_thermal};
    struct segment_result result = {
        .replica = {replica},
        .segment = {segment},
        .input = segment_input_digest(&spec, ENGINE_ID, is_first ? NULL : &filling->snapshots[replica]),
        .energy_potential = -3400.0,
        .sample_count = spec.steps > 0,
        .samples = &sample,
    };
    const struct provenance provenance = {
        .host = "filler", .cpu = "none", .isa = "none", .build = "none", .engine_id = ENGINE_ID};
    for (int i = 0; i < FILL_ATOMS; i++)
        filling->state.velocity[0][i] = result.input.bytes[i];
    filling->state.velocity[1][0] = replica;
    filling->state.velocity[1][1] = (double)segment;
    filling->state.step = sample.step;
    INVARIANT(snapshot_encode(&filling->state, &result.snapshot_bytes, &result.snapshot_size, &result.snapshot, NULL) ==
              STATUS_OK);
    result.output = segment_output_digest(&result);
    struct error err = {0};
    if (store_put_segment(filling->store, filling->id, &spec, rung, &result, &provenance, &err) != STATUS_OK)
        fail(err.message);
    filling->snapshots[replica] = result.snapshot;
    mem_free(result.snapshot_bytes);
}

static void prune_all(struct filling *filling)
{
    uint32_t pruned = FILL_BATCH;
    while (pruned == FILL_BATCH)
        INVARIANT(store_prune_snapshots(filling->store, filling->id, FILL_BATCH, &pruned, NULL) == STATUS_OK);
}

/* The isotherms alone: replicas beyond the ladder. */
static void fill(struct filling *filling, uint64_t segments)
{
    const uint32_t first = filling->campaign.replica_count - FILL_REPLICAS;
    const int64_t start = -campaign_prepare_segments(&filling->campaign, (struct replica_id){first});
    for (uint64_t n = 0; n < segments; n += FILL_BATCH) {
        const int64_t segment = start + (int64_t)(n / FILL_REPLICAS);
        INVARIANT(store_begin(filling->store, NULL) == STATUS_OK);
        for (uint32_t r = 0; r < FILL_REPLICAS; r++)
            put_segment(filling, first + r, segment, segment == start);
        INVARIANT(store_commit(filling->store, NULL) == STATUS_OK);
        prune_all(filling);
    }
}

static void make_database(uint64_t segments)
{
    struct filling filling = {0};
    struct error err = {0};
    char *text;
    write_campaign(FILL_REPLICAS, segments / FILL_REPLICAS + 1000);
    text = process_read_file(in_folder("farm.yaml"));
    if (store_open(in_folder("farm.db"), STORE_CREATE, &filling.store, &err) != STATUS_OK ||
        store_put_campaign(filling.store, "farm.yaml", text, strlen(text), NULL, stderr, &filling.id, &filling.campaign,
                           &err) != STATUS_OK)
        fail(err.message);
    free(text);
    filling.snapshots = mem_alloc_array(filling.campaign.replica_count, sizeof *filling.snapshots);
    INVARIANT(filling.snapshots && snapshot_init(&filling.state, FILL_ATOMS, NULL) == STATUS_OK);
    for (int d = 0; d < 3; d++)
        filling.state.box[d] = 2.0;
    fill(&filling, segments);
    snapshot_finish(&filling.state);
    mem_free(filling.snapshots);
    campaign_finish(&filling.campaign);
    store_close(&filling.store);
}

static void bench_restart(uint64_t segments)
{
    struct key_file *keys = make_keys(1);
    const double fill_start = process_now();
    struct stat file;
    make_database(segments);
    INVARIANT(stat(in_folder("farm.db"), &file) == 0);
    printf("database: %llu segments, %.0f MB, made in %.0f s\n", (unsigned long long)segments,
           (double)file.st_size / 1e6, process_now() - fill_start);
    wanted = 1;
    for (int n = 1; n <= 3; n++) {
        choose_port();
        const double start = process_now();
        const pid_t coordinator = start_coordinator();
        await_listening(coordinator, n);
        const double listening = process_now() - start;
        struct stubs *stubs = stubs_open(url, keys, 1, 0.01);
        await_all_leased(stubs);
        printf("restart %d: listening after %.3f s, first grant after %.3f s\n", n, listening, process_now() - start);
        stubs_close(&stubs);
        kill_coordinator(coordinator);
    }
    mem_free(keys);
}

/* -- rude -----------------------------------------------------------------------------------------------------------
 */

enum rude_kind { RUDE_IDLE, RUDE_GARBAGE, RUDE_OVERSIZE, RUDE_SLOW, RUDE_KINDS };
static const char *const rude_names[RUDE_KINDS] = {"idle", "garbage", "oversize", "slow"};

static int connect_stranger(int port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ZMTP 3.1's greeting, with CURVE; then the head of a frame of 2^40 bytes, and the beginning of it. */
static size_t rude_words(enum rude_kind kind, uint8_t *out)
{
    static const uint8_t greeting[64] = {0xff, [9] = 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E'};
    static const uint8_t head[9] = {0x06, 0, 0, 1, 0, 0, 0, 0, 0};
    if (kind == RUDE_GARBAGE) {
        memset(out, 'G', 900);
        return 900;
    }
    if (kind != RUDE_OVERSIZE)
        return 0;
    memcpy(out, greeting, sizeof greeting);
    memcpy(out + sizeof greeting, head, sizeof head);
    memset(out + sizeof greeting + sizeof head, 7, 65536);
    return sizeof greeting + sizeof head + 65536;
}

/* In a process of its own, until it is killed: those that were thrown out come back. Slow ones give a byte of their
 * greeting a second. */
static _Noreturn void be_rude(enum rude_kind kind, int port, uint32_t count)
{
    static uint8_t words[1 << 17];
    const size_t size = rude_words(kind, words);
    int *fds = malloc(count * sizeof *fds);
    INVARIANT(fds);
    signal(SIGPIPE, SIG_IGN);
    for (uint32_t i = 0; i < count; i++)
        fds[i] = -1;
    for (uint32_t turn = 0;; turn++) {
        for (uint32_t i = 0; i < count; i++) {
            if (fds[i] < 0) {
                fds[i] = connect_stranger(port);
                if (fds[i] >= 0 && size && send(fds[i], words, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
                    errno != EAGAIN) {
                    close(fds[i]);
                    fds[i] = -1;
                }
            } else if (kind == RUDE_SLOW) {
                const uint8_t byte = turn == 1 ? 0xff : 0;
                send(fds[i], &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
            }
            struct pollfd state = {.fd = fds[i], .events = POLLIN};
            char heard[256];
            if (fds[i] >= 0 && poll(&state, 1, 0) > 0 && recv(fds[i], heard, sizeof heard, MSG_DONTWAIT) <= 0) {
                close(fds[i]);
                fds[i] = -1;
            }
        }
        usleep(1000000);
    }
}

static uint32_t count_descriptors(pid_t pid)
{
    char command[128];
    unsigned count = 0;
    snprintf(command, sizeof command, "ls /proc/%d/fd | wc -l", (int)pid);
    FILE *pipe = popen(command, "r");
    if (pipe && fscanf(pipe, "%u", &count) != 1)
        count = 0;
    if (pipe)
        pclose(pipe);
    return count;
}

static void bench_rude(uint32_t connections, uint32_t workers, double pause_s, double seconds)
{
    struct key_file *keys = make_keys(workers);
    const pid_t coordinator = open_farm(2 * workers + 64, 100000);
    struct stubs *stubs = stubs_open(url, keys, workers, pause_s);
    wanted = workers;
    await_all_leased(stubs);
    stubs_serve(stubs, seconds, NULL);
    measure(stubs, coordinator, "alone", seconds);
    printf("  coordinator: %.0f MB\n", memory_mb(coordinator, "VmRSS"));
    for (int kind = 0; kind < RUDE_KINDS; kind++) {
        fflush(stdout);
        const pid_t rude = fork();
        if (rude == 0)
            be_rude((enum rude_kind)kind, atoi(strrchr(url, ':') + 1), connections);
        stubs_serve(stubs, 3.0, NULL);
        measure(stubs, coordinator, rude_names[kind], seconds);
        printf("  coordinator: %.0f MB now, %.0f MB at most, %u descriptors\n", memory_mb(coordinator, "VmRSS"),
               memory_mb(coordinator, "VmHWM"), (unsigned)count_descriptors(coordinator));
        kill_coordinator(rude);
        stubs_serve(stubs, 2.0, NULL);
    }
    if (!process_is_running(coordinator))
        fail("the coordinator is gone");
    stubs_close(&stubs);
    kill_coordinator(coordinator);
    mem_free(keys);
}

/* -------------------------------------------------------------------------------------------------------------------
 */

static double number(int argc, char **argv, int index, double fallback)
{
    return index < argc ? strtod(argv[index], NULL) : fallback;
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    if (argc < 3)
        fail("VITRINE durable|storm|restart|rude ...");
    INVARIANT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    INVARIANT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    vitrine = argv[1];
    make_folder();
    if (strcmp(argv[2], "durable") == 0)
        bench_durable((uint32_t)number(argc, argv, 3, 1000), number(argc, argv, 4, 30),
                      1e-3 * number(argc, argv, 5, 0));
    else if (strcmp(argv[2], "storm") == 0)
        bench_storm((uint32_t)number(argc, argv, 3, 5000));
    else if (strcmp(argv[2], "restart") == 0)
        bench_restart((uint64_t)number(argc, argv, 3, 1e6));
    else if (strcmp(argv[2], "rude") == 0)
        bench_rude((uint32_t)number(argc, argv, 3, 10000), (uint32_t)number(argc, argv, 4, 20),
                   1e-3 * number(argc, argv, 5, 100), number(argc, argv, 6, 10));
    else
        fail("durable, storm, restart or rude");
    return 0;
}
