/* broker.h - the coordinator's ROUTER socket: frames and who sent them, nothing about their meaning.
 *
 * A peer is one connection, named by the routing id that the ROUTER gave it; a worker that reconnects is another peer.
 * Nothing here blocks for longer than asked. What cannot be delivered is said so: libzmq may lose messages anyway when
 * a connection breaks, so every message that matters is acknowledged and repeated above. Thread rule: one thread. */
#ifndef VITRINE_SERVER_NET_BROKER_H
#define VITRINE_SERVER_NET_BROKER_H

#include "common/error.h"
#include "common/wire.h"
#include "server/core/planner.h"
#include "server/net/gate.h"

struct broker;

/* Listens there for workers; the gate (borrowed) says who may come in. */
enum status broker_open(struct gate *gate, const char *endpoint, struct broker **out_broker,
                        struct error *err) MUST_CHECK;
void broker_close(struct broker **broker); /* NULL and pointers to NULL are fine; sends what is queued, up to 1 s */

/* Where workers connect to: the port is the real one. Borrowed. */
const char *broker_endpoint(const struct broker *broker);

enum broker_received {
    BROKER_NOTHING, /* no message waits */
    BROKER_MESSAGE,
    BROKER_GARBAGE,  /* one was thrown away: too many frames, or a routing id of the sender's own choice */
    BROKER_STRANGER, /* one was thrown away: its key was revoked while its connection lived */
};

/* Borrowed until the next receive. */
struct delivery {
    struct peer_id peer;
    const char *host; /* by its key; NULL where keys are not used */
    struct wire_frames_view frames;
};

enum status broker_receive(struct broker *broker, enum broker_received *out_received, struct delivery *out_delivery,
                           struct error *err) MUST_CHECK;

enum broker_sent {
    BROKER_SENT,      /* handed to the network, which may still lose it */
    BROKER_PEER_LOST, /* no such connection any more, or it takes nothing */
};

/* The frames are given in any case, and zeroed. */
enum status broker_send(struct broker *broker, struct peer_id peer, struct wire_frames *frames,
                        enum broker_sent *out_sent, struct error *err) MUST_CHECK;

#endif
