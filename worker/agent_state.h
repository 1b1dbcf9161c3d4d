/* agent_state.h - what the agent remembers; shared by the files agent*.c only. */
#ifndef VITRINE_WORKER_AGENT_STATE_H
#define VITRINE_WORKER_AGENT_STATE_H

#include "worker/agent.h"
#include "worker/snapshot_cache.h"

enum { MS = 1000000 }; /* ns */

enum {
    LEAVE_LOOK_MS = 500,     /* how often the estimate of what can be finished is renewed while leaving */
    LEAVE_LINGER_MS = 2000,  /* how long acknowledgements of the last results are waited for, beyond the grace time */
    WHO_PAUSE_MS = 1000,     /* a coordinator that was restarted says WHO to everything: one HELLO answers them all */
    RENEW_DEFAULT_MS = 5000, /* until a WELCOME says otherwise */
    SILENCE_DEFAULT_MS = 15000,
    HELD_PER_SLOT = 4 * AGENT_CREDITS_PER_SLOT,
    HELD_MAX = WIRE_HELD_MAX / 2,
};

enum held_state {
    HELD_QUEUED,
    HELD_RUNNING,
    HELD_ABANDONED, /* runs still, but its outcome is not wanted */
    HELD_RESULT,
};

/* One lease, from its grant to the acknowledgement of its result. */
struct held {
    enum held_state state;
    struct wire_grant grant; /* owns the snapshot's bytes until the segment has ended */
    int slot;                /* RUNNING, ABANDONED */
    struct mono_ns started;
    bool give_back;            /* ABANDONED: RETURN when it has ended */
    struct wire_result result; /* RESULT; owned */
    struct mono_ns send_at;
    uint32_t tries;
    bool is_spooled; /* RESULT: a copy is on the worker's disk */
};

enum connection { CONNECTION_CALLING, CONNECTION_WELCOMED, CONNECTION_REFUSED };

struct agent {
    struct agent_setup setup;
    int slots;
    struct mono_ns now; /* of the call that is under way */

    enum connection connection;
    struct mono_ns hello_at, hello_last; /* the next one, the last one */
    uint32_t hello_tries, connect_tries;
    struct mono_ns heard; /* the last word from the coordinator */
    struct mono_ns renew_at;
    int64_t renew_every_ms, silence_max_ms;
    uint32_t jitter_draws;
    char refusal[WIRE_TEXT_SIZE];

    uint32_t held_count, held_max;
    struct held *held; /* in the order of their grants */
    struct snapshot_cache snapshots;
    double steps_per_second; /* of the last segment that ended well; 0 = none yet */

    bool leaving, left;
    struct mono_ns leave_at; /* end of the grace time */
    struct agent_counts counts;
};

static inline struct mono_ns after_ms(struct mono_ns now, int64_t ms)
{
    return (struct mono_ns){now.value + ms * MS};
}

static inline bool is_due(const struct agent *agent, struct mono_ns when)
{
    return when.value <= agent->now.value;
}

/* agent_say.c: what the worker says. */
void agent_say_hello(struct agent *agent);
void agent_say_want(struct agent *agent);
void agent_say_renew(struct agent *agent);
void agent_say_result(struct agent *agent, struct held *held);
void agent_say_return(struct agent *agent, struct lease_token token, enum wire_return_reason reason, const char *text);
void agent_spool(struct agent *agent, struct held *held); /* if there is a disk for it, and it is not there */
void agent_say_bye(struct agent *agent);

#endif
