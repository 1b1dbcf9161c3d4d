#include "worker/courier.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "worker/agent.h"
#include "worker/spool.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum {
    QUEUE_MESSAGES_MAX = 64, /* each way; a coordinator that does not read must not fill this process's memory */
    LINGER_MS = 1000,
    RECONNECT_FIRST_MS = 200, /* ZeroMQ adds its own jitter */
    RECONNECT_LAST_MS = 10000,
    HEARTBEAT_MS = 10000, /* of the transport: finds half-open connections */
    HEARTBEAT_TIMEOUT_MS = 30000,
    RECEIVE_BURST_MAX = 64, /* messages in a row before timers are looked at again */
    COMPLAIN_MS = 60000,    /* a coordinator that does not let us in is named once a minute */
    NS_PER_MS = 1000000,
};

static const char monitor_endpoint[] = "inproc://courier.monitor";

struct courier {
    const struct courier_setup *setup;
    void *zmq;
    void *socket;
    void *monitor; /* of the socket: why it is not let in */
    struct mono_ns complained;
    struct slots *slots;
    struct agent *agent;
    struct spool *spool; /* NULL = none */
    bool stopping;
};

/* ---- sending ---- */

static void free_sent(void *bytes, void *hint)
{
    (void)hint;
    mem_free(bytes);
}

/* The frame's bytes go to ZeroMQ, which frees them. */
static bool send_frame(void *socket, struct wire_frame *frame, int flags)
{
    zmq_msg_t part;
    if (zmq_msg_init_data(&part, frame->bytes, frame->size, free_sent, NULL) != 0)
        return false;
    frame->bytes = NULL;
    if (zmq_msg_send(&part, socket, ZMQ_DONTWAIT | flags) >= 0)
        return true;
    zmq_msg_close(&part);
    return false;
}

/* Only the first frame can find the queue full: ZeroMQ takes a message whole or not at all. */
static enum status send_frames(void *socket, struct wire_frames *frames, struct error *err)
{
    for (size_t i = 0; i < frames->count; i++)
        if (!send_frame(socket, &frames->frame[i], i + 1 < frames->count ? ZMQ_SNDMORE : 0))
            return error_set(err, STATUS_UNREACHABLE, "cannot send: %s", zmq_strerror(errno));
    return STATUS_OK;
}

static enum status port_send(void *context, const struct wire_message *message, struct error *err)
{
    struct courier *courier = context;
    struct wire_frames frames;
    enum status status = wire_encode(message, &frames, err);
    if (status != STATUS_OK)
        return status;
    status = send_frames(courier->socket, &frames, err);
    wire_frames_finish(&frames);
    log_event(LOG_DEBUG, "sent", "type=%s status=%s", wire_type_name(message->type), status_name(status));
    return status;
}

static void port_start(void *context, int slot, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                       size_t snapshot_size)
{
    struct courier *courier = context;
    slots_start(courier->slots, slot, spec, snapshot_bytes, snapshot_size);
}

static void port_cancel(void *context, int slot)
{
    struct courier *courier = context;
    slots_cancel(courier->slots, slot);
}

static int64_t port_progress(void *context, int slot)
{
    const struct courier *courier = context;
    return slots_progress(courier->slots, slot);
}

static bool port_keep(void *context, const struct wire_result *result)
{
    struct courier *courier = context;
    struct error err = {0};
    if (spool_put(courier->spool, result, &err) == STATUS_OK)
        return true;
    log_event(LOG_WARN, "not_spooled", "text=\"%s\"", err.message);
    return false;
}

static void port_forget(void *context, const struct wire_result *result)
{
    struct courier *courier = context;
    spool_drop(courier->spool, result);
}

/* ---- receiving ---- */

/* One message; parts beyond WIRE_FRAMES_MAX are counted and not kept. */
struct parcel {
    size_t count;
    zmq_msg_t part[WIRE_FRAMES_MAX];
};

static void parcel_finish(struct parcel *parcel)
{
    for (size_t i = 0; i < parcel->count && i < WIRE_FRAMES_MAX; i++)
        zmq_msg_close(&parcel->part[i]);
}

/* false when nothing waits. */
static bool receive_parcel(void *socket, struct parcel *parcel)
{
    parcel->count = 0;
    for (bool more = true; more; parcel->count++) {
        zmq_msg_t surplus, *part = parcel->count < WIRE_FRAMES_MAX ? &parcel->part[parcel->count] : &surplus;
        zmq_msg_init(part);
        if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0)
            return false; /* ZeroMQ gives messages whole: this can only be the first part */
        more = zmq_msg_more(part);
        if (part == &surplus)
            zmq_msg_close(part);
    }
    return true;
}

static enum status decode_parcel(struct parcel *parcel, struct wire_message *out_message, struct error *err)
{
    struct wire_frames_view view = {.count = parcel->count};
    for (size_t i = 0; i < parcel->count && i < WIRE_FRAMES_MAX; i++)
        view.frame[i] = (struct wire_frame_view){zmq_msg_data(&parcel->part[i]), zmq_msg_size(&parcel->part[i])};
    return wire_decode(&view, out_message, err);
}

static void log_message(const struct wire_message *message)
{
    switch (message->type) {
    case WIRE_WELCOME:
        log_event(LOG_INFO, "welcomed", "epoch=%" PRIu32 " adopted=%" PRIu32 " dropped=%" PRIu32,
                  message->welcome.epoch, message->welcome.adopted_count, message->welcome.dropped_count);
        break;
    case WIRE_GOAWAY:
        log_event(LOG_WARN, "refused", "reason=%d retry_after_ms=%" PRIu32 " text=\"%s\"", (int)message->goaway.reason,
                  message->goaway.retry_after_ms, message->goaway.text);
        break;
    case WIRE_DRAIN:
        log_event(LOG_INFO, "drained", "grace_ms=%" PRIu32, message->drain.grace_ms);
        break;
    default:
        log_event(LOG_DEBUG, "received", "type=%s", wire_type_name(message->type));
    }
}

static void receive_messages(struct courier *courier)
{
    struct parcel parcel;
    for (int i = 0; i < RECEIVE_BURST_MAX && receive_parcel(courier->socket, &parcel); i++) {
        struct wire_message message;
        struct error err = {0};
        const enum status status = decode_parcel(&parcel, &message, &err);
        parcel_finish(&parcel);
        if (status != STATUS_OK) {
            log_event(LOG_WARN, "message_refused", "text=\"%s\"", err.message);
            continue;
        }
        log_message(&message);
        agent_receive(courier->agent, clock_mono(), &message);
    }
}

/* Nothing else tells a key that is not on the list from a coordinator that is away. */
static void hear_refusals(struct courier *courier)
{
    uint8_t frame[256];
    uint16_t event;
    while (zmq_recv(courier->monitor, frame, sizeof frame, ZMQ_DONTWAIT) >= (int)sizeof event) {
        memcpy(&event, frame, sizeof event);
        zmq_recv(courier->monitor, frame, sizeof frame, ZMQ_DONTWAIT); /* the address */
        const struct mono_ns now = clock_mono();
        if (courier->complained.value && now.value - courier->complained.value < (int64_t)COMPLAIN_MS * NS_PER_MS)
            continue;
        courier->complained = now;
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            log_event(LOG_ERROR, "not_let_in", "url=%s reason=\"the coordinator does not allow this key\"",
                      courier->setup->url);
        else
            log_event(LOG_ERROR, "not_let_in", "url=%s reason=\"%s\"", courier->setup->url,
                      courier->setup->key ? "no handshake: the coordinator has no keys, or another one than this"
                                            " key file says"
                                          : "the coordinator wants a key: --key FILE");
    }
}

/* ---- the loop ---- */

static void collect_outcomes(struct courier *courier)
{
    struct outcome outcome;
    while (slots_collect(courier->slots, &outcome)) {
        if (outcome.status != STATUS_OK && outcome.status != STATUS_EVICTED)
            log_event(LOG_WARN, "segment_failed", "status=%s text=\"%s\"", status_name(outcome.status),
                      outcome.err.message);
        agent_collect(courier->agent, clock_mono(), &outcome);
    }
}

static void heed_stop(struct courier *courier)
{
    char drained[128]; /* a signalfd_siginfo, or an eventfd's counter */
    const ssize_t got = read(courier->setup->stop_fd, drained, sizeof drained);
    (void)got;
    const struct agent_counts counts = agent_count(courier->agent);
    log_event(LOG_INFO, "leaving", "running=%" PRIu32 " queued=%" PRIu32 " results=%" PRIu32, counts.running,
              counts.queued, counts.results);
    agent_leave(courier->agent, clock_mono(), courier->stopping ? 0 : courier->setup->grace_ms);
    courier->stopping = true;
}

static long wait_ms(struct mono_ns until)
{
    const int64_t left = until.value - clock_mono().value;
    return left <= 0 ? 0 : (long)(left / NS_PER_MS + 1);
}

static enum status serve(struct courier *courier, struct error *err)
{
    enum status outcome;
    for (;;) {
        const struct mono_ns next = agent_tick(courier->agent, clock_mono());
        if (agent_is_finished(courier->agent, &outcome, err))
            return outcome;
        zmq_pollitem_t items[] = {{courier->socket, 0, ZMQ_POLLIN, 0},
                                  {NULL, slots_fd(courier->slots), ZMQ_POLLIN, 0},
                                  {NULL, courier->setup->stop_fd, ZMQ_POLLIN, 0},
                                  {courier->monitor, 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 4, wait_ms(next)) < 0 && errno != EINTR)
            return error_set(err, STATUS_IO, "cannot wait for messages: %s", zmq_strerror(errno));
        if (items[1].revents)
            collect_outcomes(courier);
        if (items[0].revents)
            receive_messages(courier);
        if (items[2].revents)
            heed_stop(courier);
        if (items[3].revents)
            hear_refusals(courier);
    }
}

/* ---- life ---- */

static enum status set_option(void *socket, int option, int value, struct error *err)
{
    if (zmq_setsockopt(socket, option, &value, sizeof value) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_IO, "cannot set option %d of a socket: %s", option, zmq_strerror(errno));
}

static enum status set_options(void *socket, struct error *err)
{
    static const struct {
        int option, value;
    } options[] = {
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_SNDHWM, QUEUE_MESSAGES_MAX},
        {ZMQ_RCVHWM, QUEUE_MESSAGES_MAX},
        {ZMQ_IMMEDIATE, 1}, /* without a connection sending fails, so that nothing old piles up */
        {ZMQ_RECONNECT_IVL, RECONNECT_FIRST_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_LAST_MS},
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_IPV6, 1},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        enum status status = set_option(socket, options[i].option, options[i].value, err);
        if (status != STATUS_OK)
            return status;
    }
    const int64_t size_max = WIRE_BLOCK_SIZE_MAX;
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max) != 0)
        return error_set(err, STATUS_IO, "cannot bound the size of messages: %s", zmq_strerror(errno));
    return STATUS_OK;
}

static enum status use_key(void *socket, const struct key_file *key, struct error *err)
{
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key->coordinator.bytes, KEY_SIZE) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->open.bytes, KEY_SIZE) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret.bytes, KEY_SIZE) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "cannot use the key of '%s': %s", key->name, zmq_strerror(errno));
}

static enum status open_monitor(struct courier *courier, struct error *err)
{
    const int events =
        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    courier->monitor = zmq_socket(courier->zmq, ZMQ_PAIR);
    if (courier->monitor && zmq_socket_monitor(courier->socket, monitor_endpoint, events) == 0 &&
        zmq_connect(courier->monitor, monitor_endpoint) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_IO, "cannot watch a socket: %s", zmq_strerror(errno));
}

static enum status open_socket(struct courier *courier, struct error *err)
{
    courier->zmq = zmq_ctx_new();
    courier->socket = courier->zmq ? zmq_socket(courier->zmq, ZMQ_DEALER) : NULL;
    if (!courier->socket)
        return error_set(err, STATUS_IO, "cannot make a socket: %s", zmq_strerror(errno));
    enum status status = set_options(courier->socket, err);
    if (status == STATUS_OK && courier->setup->key)
        status = use_key(courier->socket, courier->setup->key, err);
    if (status == STATUS_OK)
        status = open_monitor(courier, err);
    if (status != STATUS_OK)
        return status;
    if (zmq_connect(courier->socket, courier->setup->url) != 0)
        return error_set(err, STATUS_INVALID, "cannot connect to '%s': %s", courier->setup->url, zmq_strerror(errno));
    return STATUS_OK;
}

static bool restore(void *context, struct wire_result *result)
{
    struct courier *courier = context;
    return agent_restore(courier->agent, result);
}

/* With what an earlier process left. */
static enum status read_spool(struct courier *courier, struct error *err)
{
    uint32_t bad = 0;
    enum status status = spool_visit(courier->spool, restore, courier, &bad, err);
    const struct agent_counts counts = agent_count(courier->agent);
    if (status == STATUS_OK && counts.results + bad > 0)
        log_event(bad ? LOG_WARN : LOG_INFO, "spool_read", "results=%" PRIu32 " damaged=%" PRIu32, counts.results, bad);
    return status;
}

static enum status create_agent(struct courier *courier, struct error *err)
{
    struct agent_setup setup = {
        .hello = courier->setup->hello,
        .port = {courier, port_send, port_start, port_cancel, port_progress, NULL, NULL},
    };
    if (courier->spool) {
        setup.port.keep = port_keep;
        setup.port.forget = port_forget;
    }
    enum status status = agent_create(&setup, clock_mono(), &courier->agent, err);
    return status == STATUS_OK && courier->spool ? read_spool(courier, err) : status;
}

/* The threads go first: they borrow the agent's snapshots. */
static void finish(struct courier *courier)
{
    slots_destroy(&courier->slots);
    agent_destroy(&courier->agent);
    spool_close(&courier->spool);
    if (courier->monitor)
        zmq_close(courier->monitor);
    if (courier->socket)
        zmq_close(courier->socket);
    if (courier->zmq)
        zmq_ctx_term(courier->zmq);
}

enum status courier_run(const struct courier_setup *setup, struct error *err)
{
    struct courier courier = {.setup = setup};
    enum status status = setup->spool ? spool_open(setup->spool, &courier.spool, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = open_socket(&courier, err);
    if (status == STATUS_OK)
        status = slots_create((int)setup->hello.slots, setup->run, &setup->runner, &courier.slots, err);
    if (status == STATUS_OK)
        status = create_agent(&courier, err);
    if (status == STATUS_OK)
        status = serve(&courier, err);
    finish(&courier);
    return status;
}
