/* agent.h - the worker's side of the conversation, without a socket, a thread or a clock.
 *
 *              GRANT                slot free               done                  ACK
 *     (none) ---------> queued lease ---------> running ---------> kept result ---------> (none)
 *                            |                     |                    |
 *                            +---- revoked, or leaving and too slow     +---- sent again until acknowledged
 *                                          |
 *                                          v
 *                                   (none), RETURN when leaving
 *
 * What the agent knows comes in through the functions below, each with its time; what it wants goes out through its
 * port. A worker that loses its coordinator finishes what it runs, keeps its results, and says HELLO again for as long
 * as it takes. Everything is bounded: leases and results by what fits into one HELLO, snapshots by count and bytes.
 * Thread rule: an agent belongs to one thread. */
#ifndef VITRINE_WORKER_AGENT_H
#define VITRINE_WORKER_AGENT_H

#include "common/clock.h"
#include "common/wire.h"
#include "worker/slots.h"

enum {
    AGENT_CREDITS_PER_SLOT = 2,  /* one running, one queued: a slot never waits for the network */
    AGENT_CONNECT_FIRST_MS = 20, /* looking for a connection */
    AGENT_CONNECT_LAST_MS = 1000,
    AGENT_HELLO_FIRST_MS = 1000, /* waiting times between tries grow from the first to the last, */
    AGENT_HELLO_LAST_MS = 30000, /* with a random part so that 5,000 workers do not come back at once */
    AGENT_RESEND_FIRST_MS = 5000,
    AGENT_RESEND_LAST_MS = 60000,
};

/* What the agent does to the world. send: STATUS_UNREACHABLE when there is no connection now (the agent tries again),
 * STATUS_LIMIT when the message does not fit the wire. */
struct agent_port {
    void *context;
    enum status (*send)(void *context, const struct wire_message *message, struct error *err);
    void (*start)(void *context, int slot, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                  size_t snapshot_size);
    void (*cancel)(void *context, int slot);
    int64_t (*progress)(void *context, int slot);
    /* A copy on the worker's disk; false: not kept. And its end. Both NULL: there is no disk for it. */
    bool (*keep)(void *context, const struct wire_result *result);
    void (*forget)(void *context, const struct wire_result *result);
};

/* The identity in `hello` (protocol, session and what is held are the agent's). */
struct agent_setup {
    struct wire_hello hello;
    struct agent_port port;
};

struct agent;

enum status agent_create(const struct agent_setup *setup, struct mono_ns now, struct agent **out_agent,
                         struct error *err) MUST_CHECK;
void agent_destroy(struct agent **agent); /* NULL and pointers to NULL are fine; no segment may run any more */

/* A result that an earlier process of this worker left on its disk; given if it was taken, before the first tick. */
bool agent_restore(struct agent *agent, struct wire_result *result);

/* A message arrived; it is given (finished by the agent). */
void agent_receive(struct agent *agent, struct mono_ns now, struct wire_message *message);

/* A segment that the agent started has ended; its result is given. */
void agent_collect(struct agent *agent, struct mono_ns now, struct outcome *outcome);

/* Does what is due at `now`: HELLO, RENEW, results again, the end of the grace time. Returns the time of the next call
 * at the latest. */
struct mono_ns agent_tick(struct agent *agent, struct mono_ns now);

/* Take no more work; within the grace time finish what can be finished, return the rest, say BYE. */
void agent_leave(struct agent *agent, struct mono_ns now, int64_t grace_ms);

/* true when the agent has left or was refused for good: *out_status is STATUS_OK when nothing was given back,
 * STATUS_EVICTED when work was, STATUS_CONFLICT (err says why) when it was refused. */
bool agent_is_finished(const struct agent *agent, enum status *out_status, struct error *err);

/* For logs. */
struct agent_counts {
    uint32_t running, queued, results;
    uint64_t segments_done, segments_failed, leases_returned; /* returned: because the worker left */
};
struct agent_counts agent_count(const struct agent *agent);

#endif
