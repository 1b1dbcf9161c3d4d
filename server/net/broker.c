#include "server/net/broker.h"

#include "common/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum {
    ENDPOINT_SIZE = 256,
    QUEUE_MESSAGES_MAX = 256, /* per peer and direction: small, so that a flood stays with its sender */
    LINGER_MS = 1000,
    BACKLOG = 1024,
    HEARTBEAT_MS = 10000,
    HEARTBEAT_TIMEOUT_MS = 30000,
    HANDSHAKE_MS = 10000,
    ROUTING_ID_SIZE = 5, /* of an id that the ROUTER made: a zero and four bytes */
};

struct broker {
    void *context, *socket;
    char endpoint[ENDPOINT_SIZE];
    zmq_msg_t frames[WIRE_FRAMES_MAX]; /* of the message received last */
    size_t frame_count;
};

static enum status zmq_failure(struct error *err, const char *what)
{
    int code = zmq_errno();
    enum status status = error_set(err, STATUS_IO, "%s: %s", what, zmq_strerror(code));
    if (err)
        err->os_errno = code;
    return status;
}

static bool is_loopback_host(const char *host, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    if (size == 0 || size >= sizeof text)
        return false;
    memcpy(text, host, size);
    text[size] = '\0';
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return strcmp(text, "[::1]") == 0;
}

/* A port is digits or '*'; libzmq judges their value. */
static bool is_local_endpoint(const char *endpoint)
{
    if (strncmp(endpoint, "ipc://", 6) == 0)
        return endpoint[6] != '\0';
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return false;
    const char *host = endpoint + 6, *colon = strrchr(host, ':');
    return colon && colon[1] != '\0' && is_loopback_host(host, (size_t)(colon - host));
}

static int set_option(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value);
}

static int set_options(void *socket, bool ipv6)
{
    int failed = 0;
    failed |= set_option(socket, ZMQ_ROUTER_MANDATORY, 1);
    failed |= set_option(socket, ZMQ_SNDHWM, QUEUE_MESSAGES_MAX);
    failed |= set_option(socket, ZMQ_RCVHWM, QUEUE_MESSAGES_MAX);
    failed |= set_option(socket, ZMQ_LINGER, LINGER_MS);
    failed |= set_option(socket, ZMQ_BACKLOG, BACKLOG);
    failed |= set_option(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    failed |= set_option(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    failed |= set_option(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    failed |= set_option(socket, ZMQ_IPV6, ipv6);
    int64_t frame_max = WIRE_BLOCK_SIZE_MAX;
    failed |= zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
    return failed;
}

/* libzmq spells "any port" as '*'. */
static void spell_endpoint(const char *endpoint, char out[ENDPOINT_SIZE])
{
    size_t size = strlen(endpoint);
    bool any_port = strncmp(endpoint, "tcp://", 6) == 0 && size > 2 && strcmp(endpoint + size - 2, ":0") == 0;
    snprintf(out, ENDPOINT_SIZE, "%.*s%s", (int)(any_port ? size - 1 : size), endpoint, any_port ? "*" : "");
}

static enum status bind_socket(struct broker *broker, const char *endpoint, struct error *err)
{
    char spelled[ENDPOINT_SIZE];
    spell_endpoint(endpoint, spelled);
    if (zmq_bind(broker->socket, spelled) != 0) {
        if (zmq_errno() == EADDRINUSE)
            return error_set(err, STATUS_CONFLICT, "cannot listen on '%s': another process does", endpoint);
        zmq_failure(err, "zmq_bind");
        return error_context(err, "cannot listen on '%s'", endpoint);
    }
    size_t size = sizeof broker->endpoint;
    if (zmq_getsockopt(broker->socket, ZMQ_LAST_ENDPOINT, broker->endpoint, &size) != 0)
        return zmq_failure(err, "cannot ask for the endpoint");
    return STATUS_OK;
}

static enum status open_socket(struct broker *broker, const char *endpoint, struct error *err)
{
    broker->context = zmq_ctx_new();
    if (!broker->context)
        return zmq_failure(err, "cannot create a zmq context");
    broker->socket = zmq_socket(broker->context, ZMQ_ROUTER);
    if (!broker->socket)
        return zmq_failure(err, "cannot create a ROUTER socket");
    if (set_options(broker->socket, strchr(endpoint, '[') != NULL) != 0)
        return zmq_failure(err, "cannot set the options of the ROUTER socket");
    return bind_socket(broker, endpoint, err);
}

enum status broker_check_endpoint(const char *endpoint, struct error *err)
{
    if (strlen(endpoint) >= ENDPOINT_SIZE)
        return error_set(err, STATUS_INVALID, "the endpoint has more than %d bytes", ENDPOINT_SIZE - 1);
    if (!is_local_endpoint(endpoint))
        return error_set(err, STATUS_INVALID,
                         "cannot listen on '%s': without keys only tcp://127.0.0.1:PORT, tcp://[::1]:PORT and"
                         " ipc://PATH are safe",
                         endpoint);
    return STATUS_OK;
}

enum status broker_open(const char *endpoint, struct broker **out_broker, struct error *err)
{
    enum status status = broker_check_endpoint(endpoint, err);
    if (status != STATUS_OK)
        return status;
    struct broker *broker = mem_alloc_array(1, sizeof *broker);
    if (!broker)
        return mem_error(err, "the broker");
    if ((status = open_socket(broker, endpoint, err)) != STATUS_OK) {
        broker_close(&broker);
        return status;
    }
    *out_broker = broker;
    return STATUS_OK;
}

static void close_frames(struct broker *broker)
{
    while (broker->frame_count > 0)
        zmq_msg_close(&broker->frames[--broker->frame_count]);
}

void broker_close(struct broker **broker_place)
{
    if (!broker_place || !*broker_place)
        return;
    struct broker *broker = *broker_place;
    *broker_place = NULL;
    close_frames(broker);
    if (broker->socket)
        zmq_close(broker->socket);
    if (broker->context)
        zmq_ctx_term(broker->context);
    mem_free(broker);
}

const char *broker_endpoint(const struct broker *broker)
{
    return broker->endpoint;
}

enum status broker_wait(struct broker *broker, int timeout_ms, bool *out_readable, struct error *err)
{
    zmq_pollitem_t item = {.socket = broker->socket, .events = ZMQ_POLLIN};
    int ready = zmq_poll(&item, 1, timeout_ms);
    if (ready < 0 && zmq_errno() != EINTR)
        return zmq_failure(err, "cannot wait for messages");
    *out_readable = ready > 0;
    return STATUS_OK;
}

/* The four bytes that the ROUTER drew, made nonzero; none for an id of the peer's own choice. */
static struct peer_id peer_of_routing_id(zmq_msg_t *id)
{
    const uint8_t *bytes = zmq_msg_data(id);
    if (zmq_msg_size(id) != ROUTING_ID_SIZE || bytes[0] != 0)
        return (struct peer_id){0};
    uint64_t value = 1;
    for (int i = 1; i < ROUTING_ID_SIZE; i++)
        value = value << 8 | bytes[i];
    return (struct peer_id){value};
}

static void routing_id_of_peer(struct peer_id peer, uint8_t out[ROUTING_ID_SIZE])
{
    out[0] = 0;
    for (int i = 1; i < ROUTING_ID_SIZE; i++)
        out[i] = (uint8_t)(peer.value >> 8 * (ROUTING_ID_SIZE - 1 - i));
}

/* Receives one frame that must be there, as the rest of a message is. */
static enum status receive_frame(struct broker *broker, zmq_msg_t *frame, struct error *err)
{
    zmq_msg_init(frame);
    if (zmq_msg_recv(frame, broker->socket, ZMQ_DONTWAIT) >= 0)
        return STATUS_OK;
    zmq_failure(err, "cannot receive a frame");
    zmq_msg_close(frame);
    return err ? err->status : STATUS_IO;
}

/* Keeps up to WIRE_FRAMES_MAX frames, throws the others away; *out_all says whether all were kept. */
static enum status receive_rest(struct broker *broker, bool more, bool *out_all, struct error *err)
{
    *out_all = true;
    while (more) {
        zmq_msg_t surplus;
        bool keep = broker->frame_count < WIRE_FRAMES_MAX;
        zmq_msg_t *frame = keep ? &broker->frames[broker->frame_count] : &surplus;
        enum status status = receive_frame(broker, frame, err);
        if (status != STATUS_OK)
            return status;
        more = zmq_msg_more(frame);
        *out_all &= keep;
        if (keep)
            broker->frame_count++;
        else
            zmq_msg_close(frame);
    }
    return STATUS_OK;
}

static struct wire_frames_view view_frames(struct broker *broker)
{
    struct wire_frames_view view = {.count = broker->frame_count};
    for (size_t i = 0; i < broker->frame_count; i++)
        view.frame[i] = (struct wire_frame_view){zmq_msg_data(&broker->frames[i]), zmq_msg_size(&broker->frames[i])};
    return view;
}

enum status broker_receive(struct broker *broker, enum broker_received *out_received, struct peer_id *out_peer,
                           struct wire_frames_view *out_frames, struct error *err)
{
    close_frames(broker);
    zmq_msg_t id;
    zmq_msg_init(&id);
    if (zmq_msg_recv(&id, broker->socket, ZMQ_DONTWAIT) < 0) {
        bool is_quiet = zmq_errno() == EAGAIN || zmq_errno() == EINTR;
        enum status status = is_quiet ? STATUS_OK : zmq_failure(err, "cannot receive a message");
        zmq_msg_close(&id);
        *out_received = BROKER_NOTHING;
        return status;
    }
    const struct peer_id peer = peer_of_routing_id(&id);
    const bool more = zmq_msg_more(&id);
    zmq_msg_close(&id);
    bool all;
    enum status status = receive_rest(broker, more, &all, err);
    if (status != STATUS_OK)
        return status;
    *out_received = peer.value && all ? BROKER_MESSAGE : BROKER_GARBAGE;
    *out_peer = peer;
    *out_frames = view_frames(broker);
    return STATUS_OK;
}

static void free_bytes(void *bytes, void *hint)
{
    (void)hint;
    mem_free(bytes);
}

/* The frame's bytes become the network's. */
static int send_frame(void *socket, struct wire_frame *frame, int flags)
{
    zmq_msg_t message;
    if (zmq_msg_init_data(&message, frame->bytes, frame->size, free_bytes, NULL) != 0)
        return -1;
    frame->bytes = NULL;
    frame->size = 0;
    if (zmq_msg_send(&message, socket, flags) >= 0)
        return 0;
    int code = zmq_errno();
    zmq_msg_close(&message);
    errno = code;
    return -1;
}

static bool is_peer_trouble(int code)
{
    return code == EHOSTUNREACH || code == EAGAIN;
}

/* Only the routing id can be refused: the ROUTER takes the rest of a message with it. */
static int send_all(struct broker *broker, struct peer_id peer, struct wire_frames *frames)
{
    uint8_t id[ROUTING_ID_SIZE];
    routing_id_of_peer(peer, id);
    if (zmq_send(broker->socket, id, sizeof id, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return -1;
    for (size_t i = 0; i < frames->count; i++)
        if (send_frame(broker->socket, &frames->frame[i], ZMQ_DONTWAIT | (i + 1 < frames->count ? ZMQ_SNDMORE : 0)) < 0)
            return -1;
    return 0;
}

enum status broker_send(struct broker *broker, struct peer_id peer, struct wire_frames *frames,
                        enum broker_sent *out_sent, struct error *err)
{
    enum status status = STATUS_OK;
    *out_sent = BROKER_SENT;
    if (send_all(broker, peer, frames) != 0) {
        *out_sent = BROKER_PEER_LOST;
        if (!is_peer_trouble(zmq_errno()))
            status = zmq_failure(err, "cannot send a message");
    }
    wire_frames_finish(frames);
    return status;
}
