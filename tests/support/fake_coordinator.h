/* fake_coordinator.h - the other end of a courier, as obedient or as rude as a test wants it: a ROUTER on a free port
 * that decodes what it hears and says what it is told. Any failure fails the test. */
#ifndef VITRINE_TESTS_SUPPORT_FAKE_COORDINATOR_H
#define VITRINE_TESTS_SUPPORT_FAKE_COORDINATOR_H

#include "common/wire.h"
#include <stdbool.h>

struct fake_coordinator {
    void *zmq, *socket;
    char url[64];
    uint8_t peer[64]; /* routing id of the last sender */
    size_t peer_size;
};

void fake_coordinator_open(struct fake_coordinator *fake);
void fake_coordinator_close(struct fake_coordinator *fake);

/* Closes and opens again on the same port: a coordinator that was restarted. */
void fake_coordinator_restart(struct fake_coordinator *fake);

/* The next message of that type within the time, the caller's (wire_message_finish); others are dropped on the way.
 * false when none came. */
bool fake_coordinator_await(struct fake_coordinator *fake, enum wire_type type, int timeout_ms,
                            struct wire_message *out_message);

/* To the last sender. */
void fake_coordinator_say(struct fake_coordinator *fake, const struct wire_message *message);
void fake_coordinator_say_bytes(struct fake_coordinator *fake, const void *bytes, size_t size);

/* HELLO in, WELCOME out; WHO to whatever comes before. */
void fake_coordinator_welcome(struct fake_coordinator *fake);

/* A build of 500 atoms under that token and seed. */
void fake_coordinator_grant(struct fake_coordinator *fake, uint64_t token, uint64_t seed);

#endif
