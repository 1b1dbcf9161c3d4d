#include "tests/support/fake_coordinator.h"

#include "common/clock.h"
#include "common/engine.h"
#include "common/invariant.h"

#include <stdio.h>
#include <string.h>
#include <zmq.h>

static void open_at(struct fake_coordinator *fake, const char *url)
{
    const int none = 0;
    size_t size = sizeof fake->url;
    fake->zmq = zmq_ctx_new();
    fake->socket = zmq_socket(fake->zmq, ZMQ_ROUTER);
    INVARIANT(fake->socket != NULL);
    INVARIANT(zmq_setsockopt(fake->socket, ZMQ_LINGER, &none, sizeof none) == 0);
    INVARIANT(zmq_bind(fake->socket, url) == 0);
    INVARIANT(zmq_getsockopt(fake->socket, ZMQ_LAST_ENDPOINT, fake->url, &size) == 0);
}

void fake_coordinator_open(struct fake_coordinator *fake)
{
    *fake = (struct fake_coordinator){0};
    open_at(fake, "tcp://127.0.0.1:*");
}

void fake_coordinator_close(struct fake_coordinator *fake)
{
    zmq_close(fake->socket);
    zmq_ctx_term(fake->zmq);
}

void fake_coordinator_restart(struct fake_coordinator *fake)
{
    char url[sizeof fake->url];
    memcpy(url, fake->url, sizeof url);
    fake_coordinator_close(fake);
    open_at(fake, url);
}

/* One message with its sender's id in front; false when there is none in time. */
static bool receive(struct fake_coordinator *fake, int timeout_ms, struct wire_message *out_message)
{
    zmq_msg_t part[WIRE_FRAMES_MAX];
    struct wire_frames_view view = {0};
    zmq_pollitem_t item = {fake->socket, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, timeout_ms) <= 0)
        return false;
    const int size = zmq_recv(fake->socket, fake->peer, sizeof fake->peer, 0);
    INVARIANT(size > 0);
    fake->peer_size = (size_t)size;
    do {
        INVARIANT(view.count < WIRE_FRAMES_MAX);
        zmq_msg_init(&part[view.count]);
        INVARIANT(zmq_msg_recv(&part[view.count], fake->socket, 0) >= 0);
        view.frame[view.count] =
            (struct wire_frame_view){zmq_msg_data(&part[view.count]), zmq_msg_size(&part[view.count])};
        view.count++;
    } while (zmq_msg_more(&part[view.count - 1]));
    INVARIANT(wire_decode(&view, out_message, NULL) == STATUS_OK);
    for (size_t i = 0; i < view.count; i++)
        zmq_msg_close(&part[i]);
    return true;
}

bool fake_coordinator_await(struct fake_coordinator *fake, enum wire_type type, int timeout_ms,
                            struct wire_message *out_message)
{
    const int64_t end = clock_mono().value + (int64_t)timeout_ms * 1000000;
    for (int64_t left = timeout_ms; left > 0; left = (end - clock_mono().value) / 1000000) {
        if (!receive(fake, (int)left, out_message))
            return false;
        if (out_message->type == type)
            return true;
        wire_message_finish(out_message);
    }
    return false;
}

void fake_coordinator_say_bytes(struct fake_coordinator *fake, const void *bytes, size_t size)
{
    INVARIANT(zmq_send(fake->socket, fake->peer, fake->peer_size, ZMQ_SNDMORE) >= 0);
    INVARIANT(zmq_send(fake->socket, bytes, size, 0) >= 0);
}

void fake_coordinator_say(struct fake_coordinator *fake, const struct wire_message *message)
{
    struct wire_frames frames;
    INVARIANT(wire_encode(message, &frames, NULL) == STATUS_OK);
    INVARIANT(zmq_send(fake->socket, fake->peer, fake->peer_size, ZMQ_SNDMORE) >= 0);
    for (size_t i = 0; i < frames.count; i++)
        INVARIANT(zmq_send(fake->socket, frames.frame[i].bytes, frames.frame[i].size,
                           i + 1 < frames.count ? ZMQ_SNDMORE : 0) >= 0);
    wire_frames_finish(&frames);
}

void fake_coordinator_welcome(struct fake_coordinator *fake)
{
    struct wire_message message;
    for (bool greeted = false; !greeted;) {
        INVARIANT(receive(fake, 10000, &message));
        greeted = message.type == WIRE_HELLO;
        wire_message_finish(&message);
        if (!greeted)
            fake_coordinator_say(fake, &(struct wire_message){.type = WIRE_WHO});
    }
    fake_coordinator_say(
        fake,
        &(struct wire_message){.type = WIRE_WELCOME,
                               .welcome = {.protocol = 1, .epoch = 1, .renew_every_ms = 100, .silence_max_ms = 60000}});
}

void fake_coordinator_grant(struct fake_coordinator *fake, uint64_t token, uint64_t seed)
{
    struct wire_message message = {.type = WIRE_GRANT};
    struct wire_grant *grant = &message.grant;
    *grant = (struct wire_grant){.campaign = {1}, .token = {token}, .lease_ms = 1000};
    grant->spec = (struct segment_spec){.seed = seed,
                                        .system = {.atoms = 500, .volume_per_atom = 0.767, .cutoff = 2.5},
                                        .dynamics = {.dt = 0.002778},
                                        .stage = STAGE_BUILD};
    grant->input = segment_input_digest(&grant->spec, ENGINE_ID, NULL);
    fake_coordinator_say(fake, &message);
}
