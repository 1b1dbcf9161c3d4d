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

struct broker;

/* tcp on a loopback address or ipc; anything else is STATUS_INVALID, since whoever reached it could feed the database.
 */
enum status broker_check_endpoint(const char *endpoint, struct error *err) MUST_CHECK;

/* Binds to such an endpoint. Port 0 or *: any free one. */
enum status broker_open(const char *endpoint, struct broker **out_broker, struct error *err) MUST_CHECK;
void broker_close(struct broker **broker); /* NULL and pointers to NULL are fine; sends what is queued, up to 1 s */

/* Where workers connect to: the port is the real one. Borrowed. */
const char *broker_endpoint(const struct broker *broker);

/* Sleeps until a message can be received or the time is over; a signal ends the sleep. */
enum status broker_wait(struct broker *broker, int timeout_ms, bool *out_readable, struct error *err) MUST_CHECK;

enum broker_received {
    BROKER_NOTHING, /* no message waits */
    BROKER_MESSAGE,
    BROKER_GARBAGE, /* one was thrown away: too many frames, or a routing id of the sender's own choice */
};

/* Frames are borrowed until the next receive. */
enum status broker_receive(struct broker *broker, enum broker_received *out_received, struct peer_id *out_peer,
                           struct wire_frames_view *out_frames, struct error *err) MUST_CHECK;

enum broker_sent {
    BROKER_SENT,      /* handed to the network, which may still lose it */
    BROKER_PEER_LOST, /* no such connection any more, or it takes nothing */
};

/* The frames are given in any case, and zeroed. */
enum status broker_send(struct broker *broker, struct peer_id peer, struct wire_frames *frames,
                        enum broker_sent *out_sent, struct error *err) MUST_CHECK;

#endif
