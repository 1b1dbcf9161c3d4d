#include "tests/bench/stub_workers.h"

#include "common/clock.h"
#include "common/engine.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/rng.h"
#include "common/snapshot.h"
#include "worker/agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

enum { ATOMS = 500, WAITS_MAX = 8, EVENTS_MAX = 256, NS_PER_MS = 1000000, LOOK_MS = 20 };

/* A result on its way. */
struct wait {
    uint64_t token;
    int64_t sent;
};

struct peer {
    struct stubs *stubs;
    void *socket;
    struct agent *agent;
    struct mono_ns next; /* tick */
    bool running, cancelled;
    struct segment_spec spec;
    struct digest input;
    int64_t started, due;
    struct wait waits[WAITS_MAX];
    bool welcomed, leased; /* since the mark */
};

struct stubs {
    void *zmq;
    int epoll;
    int64_t now;
    double pause_s;
    int64_t draws;
    struct snapshot template;
    uint32_t count;
    struct peer *peers;
    size_t latency_count, latency_room;
    double *latencies; /* ms */
};

/* -- segments -------------------------------------------------------------------------------------------------------
 */

static void add_sample(struct peer *peer, struct segment_result *result)
{
    result->samples = mem_alloc_array(1, sizeof *result->samples);
    INVARIANT(result->samples);
    result->sample_count = 1;
    result->samples[0] =
        (struct sample){.step = peer->spec.step_first + peer->spec.steps, .group = QUANTITY_GROUP_thermal};
    for (int i = 0; i < quantity_group_size(QUANTITY_GROUP_thermal); i++)
        result->samples[0].values[i] = peer->input.bytes[i];
}

static struct segment_result make_result(struct peer *peer)
{
    struct segment_result result = {.replica = peer->spec.replica,
                                    .segment = peer->spec.segment,
                                    .input = peer->input,
                                    .energy_potential = -3400.0 - peer->input.bytes[0]};
    struct snapshot *state = &peer->stubs->template;
    state->step = peer->spec.step_first + peer->spec.steps;
    for (int i = 0; i < DIGEST_SIZE; i++)
        state->velocity[0][i] = peer->input.bytes[i];
    INVARIANT(snapshot_encode(state, &result.snapshot_bytes, &result.snapshot_size, &result.snapshot, NULL) ==
              STATUS_OK);
    if (peer->spec.steps > 0 && peer->spec.sampling.thermal_every > 0)
        add_sample(peer, &result);
    result.output = segment_output_digest(&result);
    return result;
}

static void port_start(void *context, int slot, const struct segment_spec *spec, const uint8_t *bytes, size_t size)
{
    struct peer *peer = context;
    struct stubs *stubs = peer->stubs;
    struct digest before;
    (void)slot;
    INVARIANT(!peer->running && (size == 0 || snapshot_check(bytes, size, &before, NULL) == STATUS_OK));
    const double spread = 0.5 + rng_uniform((struct rng_place){1, STREAM_TEST, stubs->draws++, 0}, 0);
    peer->running = true;
    peer->cancelled = false;
    peer->spec = *spec;
    peer->input = segment_input_digest(spec, ENGINE_ID, size ? &before : NULL);
    peer->started = stubs->now;
    peer->due = stubs->now + (int64_t)(stubs->pause_s * spread * 1e9);
}

static void port_cancel(void *context, int slot)
{
    struct peer *peer = context;
    (void)slot;
    peer->cancelled = true;
    peer->due = 0;
}

static int64_t port_progress(void *context, int slot)
{
    const struct peer *peer = context;
    const double whole = (double)(peer->due - peer->started), done = (double)(peer->stubs->now - peer->started);
    (void)slot;
    return whole > 0.0 && done < whole ? (int64_t)((double)peer->spec.steps * done / whole) : peer->spec.steps;
}

static void end_segment(struct peer *peer)
{
    struct outcome outcome = {.status = STATUS_EVICTED};
    peer->running = false;
    if (!peer->cancelled) {
        outcome.status = STATUS_OK;
        outcome.result = make_result(peer);
    }
    agent_collect(peer->agent, (struct mono_ns){peer->stubs->now}, &outcome);
}

/* -- messages -------------------------------------------------------------------------------------------------------
 */

static void note_sent(struct peer *peer, uint64_t token)
{
    struct wait *room = NULL;
    for (int i = 0; i < WAITS_MAX; i++) {
        if (peer->waits[i].token == token)
            return; /* said again */
        if (peer->waits[i].token == 0)
            room = &peer->waits[i];
    }
    if (room)
        *room = (struct wait){token, clock_mono().value};
}

static void free_sent(void *bytes, void *hint)
{
    (void)hint;
    mem_free(bytes);
}

static enum status port_send(void *context, const struct wire_message *message, struct error *err)
{
    struct peer *peer = context;
    struct wire_frames frames;
    INVARIANT(wire_encode(message, &frames, err) == STATUS_OK);
    for (size_t i = 0; i < frames.count; i++) {
        zmq_msg_t part;
        INVARIANT(zmq_msg_init_data(&part, frames.frame[i].bytes, frames.frame[i].size, free_sent, NULL) == 0);
        frames.frame[i].bytes = NULL;
        if (zmq_msg_send(&part, peer->socket, ZMQ_DONTWAIT | (i + 1 < frames.count ? ZMQ_SNDMORE : 0)) >= 0)
            continue;
        zmq_msg_close(&part);
        wire_frames_finish(&frames);
        return error_set(err, STATUS_UNREACHABLE, "no connection");
    }
    if (message->type == WIRE_RESULT)
        note_sent(peer, message->result.token.value);
    return STATUS_OK;
}

static void add_latency(struct stubs *stubs, int64_t sent)
{
    if (stubs->latency_count == stubs->latency_room) {
        const size_t room = stubs->latency_room ? 2 * stubs->latency_room : 4096;
        stubs->latencies = mem_resize_array(stubs->latencies, stubs->latency_room, room, sizeof *stubs->latencies);
        INVARIANT(stubs->latencies);
        stubs->latency_room = room;
    }
    stubs->latencies[stubs->latency_count++] = (double)(clock_mono().value - sent) / NS_PER_MS;
}

static void note_acknowledged(struct peer *peer, const struct wire_ack *ack)
{
    for (int i = 0; i < WAITS_MAX; i++)
        if (peer->waits[i].token == ack->token.value && ack->verdict != WIRE_RETRY_AFTER) {
            if (ack->verdict == WIRE_COMMITTED || ack->verdict == WIRE_DUPLICATE)
                add_latency(peer->stubs, peer->waits[i].sent);
            peer->waits[i].token = 0;
        }
    if (ack->verdict == WIRE_INVALID)
        fprintf(stderr, "stub_workers: a result was refused: %s\n", ack->text);
    INVARIANT(ack->verdict != WIRE_INVALID);
}

/* A lease under a new token is a new one. */
static void note_welcomed(struct peer *peer, const struct wire_welcome *welcome)
{
    peer->welcomed = true;
    peer->leased |= welcome->adopted_count > 0;
    for (uint32_t i = 0; i < welcome->adopted_count; i++)
        for (int w = 0; w < WAITS_MAX; w++)
            if (peer->waits[w].token == welcome->adopted[i].before.value)
                peer->waits[w].token = welcome->adopted[i].after.value;
}

static void note_received(struct peer *peer, const struct wire_message *message)
{
    if (message->type == WIRE_WELCOME)
        note_welcomed(peer, &message->welcome);
    else if (message->type == WIRE_GRANT)
        peer->leased = true;
    else if (message->type == WIRE_ACK)
        note_acknowledged(peer, &message->ack);
    if (message->type == WIRE_GOAWAY)
        fprintf(stderr, "stub_workers: sent away: %s\n", message->goaway.text);
    INVARIANT(message->type != WIRE_GOAWAY);
}

/* false when nothing waits. */
static bool receive(struct peer *peer, struct wire_message *out_message)
{
    zmq_msg_t part[WIRE_FRAMES_MAX];
    struct wire_frames_view view = {0};
    for (bool more = true; more; view.count++) {
        INVARIANT(view.count < WIRE_FRAMES_MAX);
        zmq_msg_init(&part[view.count]);
        if (zmq_msg_recv(&part[view.count], peer->socket, ZMQ_DONTWAIT) < 0)
            return false;
        more = zmq_msg_more(&part[view.count]);
        view.frame[view.count] =
            (struct wire_frame_view){zmq_msg_data(&part[view.count]), zmq_msg_size(&part[view.count])};
    }
    INVARIANT(wire_decode(&view, out_message, NULL) == STATUS_OK);
    for (size_t i = 0; i < view.count; i++)
        zmq_msg_close(&part[i]);
    return true;
}

/* Until nothing waits: only that makes a socket's descriptor speak again, and sending may have silenced it. */
static void drain(struct peer *peer)
{
    struct wire_message message;
    while (receive(peer, &message)) {
        note_received(peer, &message);
        agent_receive(peer->agent, (struct mono_ns){peer->stubs->now}, &message);
        peer->next.value = 0; /* what falls due may have changed */
    }
}

/* -- the loop -------------------------------------------------------------------------------------------------------
 */

/* Time of the next thing that falls due. */
static int64_t do_due(struct stubs *stubs)
{
    int64_t next = stubs->now + (int64_t)LOOK_MS * NS_PER_MS;
    for (uint32_t i = 0; i < stubs->count; i++) {
        struct peer *peer = &stubs->peers[i];
        if (peer->running && peer->due <= stubs->now) {
            end_segment(peer);
            peer->next.value = 0;
            drain(peer);
        }
        if (peer->next.value <= stubs->now) {
            peer->next = agent_tick(peer->agent, (struct mono_ns){stubs->now});
            drain(peer);
        }
        if (peer->next.value < next)
            next = peer->next.value;
        if (peer->running && peer->due < next)
            next = peer->due;
    }
    return next;
}

void stubs_serve(struct stubs *stubs, double seconds, bool (*enough)(const struct stubs *))
{
    const int64_t end = clock_mono().value + (int64_t)(seconds * 1e9);
    struct epoll_event events[EVENTS_MAX];
    while ((stubs->now = clock_mono().value) < end && !(enough && enough(stubs))) {
        const int64_t next = do_due(stubs), wait = (next - clock_mono().value) / NS_PER_MS + 1;
        const int count = epoll_wait(stubs->epoll, events, EVENTS_MAX, next <= stubs->now ? 0 : (int)wait);
        for (int i = 0; i < count; i++)
            drain(events[i].data.ptr);
    }
}

void stubs_mark(struct stubs *stubs)
{
    stubs->latency_count = 0;
    for (uint32_t i = 0; i < stubs->count; i++)
        stubs->peers[i].welcomed = stubs->peers[i].leased = false;
}

struct stubs_count stubs_count(const struct stubs *stubs)
{
    struct stubs_count count = {.acknowledged = stubs->latency_count};
    for (uint32_t i = 0; i < stubs->count; i++) {
        count.welcomed += stubs->peers[i].welcomed;
        count.leased += stubs->peers[i].welcomed && stubs->peers[i].leased;
    }
    return count;
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double stubs_latency_ms(struct stubs *stubs, double share)
{
    if (stubs->latency_count == 0)
        return 0.0;
    qsort(stubs->latencies, stubs->latency_count, sizeof *stubs->latencies, compare);
    return stubs->latencies[(size_t)(share * (double)(stubs->latency_count - 1))];
}

/* -- life -----------------------------------------------------------------------------------------------------------
 */

static void set_option(void *socket, int option, int value)
{
    INVARIANT(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}

/* As worker/courier.c has it. */
static void open_socket(struct peer *peer, const char *url, const struct key_file *key)
{
    peer->socket = zmq_socket(peer->stubs->zmq, ZMQ_DEALER);
    INVARIANT(peer->socket);
    set_option(peer->socket, ZMQ_LINGER, 0);
    set_option(peer->socket, ZMQ_IMMEDIATE, 1);
    set_option(peer->socket, ZMQ_SNDHWM, 64);
    set_option(peer->socket, ZMQ_RCVHWM, 64);
    set_option(peer->socket, ZMQ_RECONNECT_IVL, 200);
    set_option(peer->socket, ZMQ_RECONNECT_IVL_MAX, 10000);
    set_option(peer->socket, ZMQ_HEARTBEAT_IVL, 10000);
    set_option(peer->socket, ZMQ_HEARTBEAT_TIMEOUT, 30000);
    INVARIANT(zmq_setsockopt(peer->socket, ZMQ_CURVE_SERVERKEY, key->coordinator.bytes, KEY_SIZE) == 0);
    INVARIANT(zmq_setsockopt(peer->socket, ZMQ_CURVE_PUBLICKEY, key->open.bytes, KEY_SIZE) == 0);
    INVARIANT(zmq_setsockopt(peer->socket, ZMQ_CURVE_SECRETKEY, key->secret.bytes, KEY_SIZE) == 0);
    INVARIANT(zmq_connect(peer->socket, url) == 0);
}

static void open_peer(struct stubs *stubs, struct peer *peer, const char *url, const struct key_file *key)
{
    int fd;
    size_t size = sizeof fd;
    peer->stubs = stubs;
    open_socket(peer, url, key);
    struct agent_setup setup = {
        .hello = {.slots = 1, .probe = {ENGINE_PROBE}, .build = "stub", .cpu = "none", .isa = "none"},
        .port = {peer, port_send, port_start, port_cancel, port_progress, NULL, NULL},
    };
    memcpy(setup.hello.worker.bytes, key->open.bytes, WIRE_UUID_SIZE);
    memcpy(setup.hello.host, key->name, sizeof setup.hello.host);
    INVARIANT(agent_create(&setup, clock_mono(), &peer->agent, NULL) == STATUS_OK);
    INVARIANT(zmq_getsockopt(peer->socket, ZMQ_FD, &fd, &size) == 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    INVARIANT(epoll_ctl(stubs->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

struct stubs *stubs_open(const char *url, const struct key_file *keys, uint32_t count, double pause_s)
{
    struct stubs *stubs = mem_alloc_array(1, sizeof *stubs);
    INVARIANT(stubs);
    *stubs = (struct stubs){.zmq = zmq_ctx_new(), .epoll = epoll_create1(EPOLL_CLOEXEC), .pause_s = pause_s};
    INVARIANT(stubs->zmq && stubs->epoll >= 0);
    INVARIANT(zmq_ctx_set(stubs->zmq, ZMQ_MAX_SOCKETS, (int)count + 16) == 0);
    INVARIANT(snapshot_init(&stubs->template, ATOMS, NULL) == STATUS_OK);
    for (int d = 0; d < 3; d++)
        stubs->template.box[d] = 7.26;
    stubs->peers = mem_alloc_array(count, sizeof *stubs->peers);
    INVARIANT(stubs->peers);
    stubs->now = clock_mono().value;
    stubs->count = count;
    for (uint32_t i = 0; i < count; i++)
        open_peer(stubs, &stubs->peers[i], url, &keys[i]);
    return stubs;
}

void stubs_close(struct stubs **place)
{
    struct stubs *stubs = *place;
    *place = NULL;
    for (uint32_t i = 0; i < stubs->count; i++) {
        agent_destroy(&stubs->peers[i].agent);
        zmq_close(stubs->peers[i].socket);
    }
    zmq_ctx_term(stubs->zmq);
    close(stubs->epoll);
    snapshot_finish(&stubs->template);
    mem_free(stubs->latencies);
    mem_free(stubs->peers);
    mem_free(stubs);
}
