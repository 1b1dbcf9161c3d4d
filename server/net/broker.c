#include "server/net/broker.h"

#include "common/mem.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

enum { ROUTING_ID_SIZE = 5 }; /* of an id that the ROUTER made: a zero and four bytes */

struct broker {
    struct gate *gate; /* borrowed */
    struct listener listener;
    zmq_msg_t frames[WIRE_FRAMES_MAX]; /* of the message received last */
    size_t frame_count;
};

enum status broker_open(struct gate *gate, const char *endpoint, struct broker **out_broker, struct error *err)
{
    struct broker *broker = mem_alloc_array(1, sizeof *broker);
    if (!broker)
        return mem_error(err, "the broker");
    enum status status = gate_listen(gate, endpoint, KEY_WORKER, &broker->listener, err);
    if (status != STATUS_OK) {
        mem_free(broker);
        return status;
    }
    broker->gate = gate;
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
    gate_unlisten(&broker->listener);
    mem_free(broker);
}

const char *broker_endpoint(const struct broker *broker)
{
    return broker->listener.endpoint;
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
    if (zmq_msg_recv(frame, broker->listener.socket, ZMQ_DONTWAIT) >= 0)
        return STATUS_OK;
    gate_zmq_failure(err, "cannot receive a frame");
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

/* Messages bear the key that their connection was let in with. */
static bool is_admitted(struct broker *broker, const char **out_host)
{
    const char *user_id = broker->frame_count ? zmq_msg_gets(&broker->frames[0], "User-Id") : NULL;
    return gate_admits(broker->gate, KEY_WORKER, user_id, out_host);
}

enum status broker_receive(struct broker *broker, enum broker_received *out_received, struct delivery *out_delivery,
                           struct error *err)
{
    close_frames(broker);
    zmq_msg_t id;
    zmq_msg_init(&id);
    if (zmq_msg_recv(&id, broker->listener.socket, ZMQ_DONTWAIT) < 0) {
        bool is_quiet = zmq_errno() == EAGAIN || zmq_errno() == EINTR;
        enum status status = is_quiet ? STATUS_OK : gate_zmq_failure(err, "cannot receive a message");
        zmq_msg_close(&id);
        *out_received = BROKER_NOTHING;
        return status;
    }
    struct delivery delivery = {.peer = peer_of_routing_id(&id)};
    const bool more = zmq_msg_more(&id);
    zmq_msg_close(&id);
    bool all;
    enum status status = receive_rest(broker, more, &all, err);
    if (status != STATUS_OK)
        return status;
    delivery.frames = view_frames(broker);
    *out_received = !is_admitted(broker, &delivery.host) ? BROKER_STRANGER
                    : delivery.peer.value && all         ? BROKER_MESSAGE
                                                         : BROKER_GARBAGE;
    *out_delivery = delivery;
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
    if (zmq_send(broker->listener.socket, id, sizeof id, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return -1;
    for (size_t i = 0; i < frames->count; i++)
        if (send_frame(broker->listener.socket, &frames->frame[i],
                       ZMQ_DONTWAIT | (i + 1 < frames->count ? ZMQ_SNDMORE : 0)) < 0)
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
            status = gate_zmq_failure(err, "cannot send a message");
    }
    wire_frames_finish(frames);
    return status;
}
