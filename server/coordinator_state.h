/* coordinator_state.h - what the shell remembers; shared by the files coordinator*.c only. */
#ifndef VITRINE_SERVER_COORDINATOR_STATE_H
#define VITRINE_SERVER_COORDINATOR_STATE_H

#include "common/clock.h"
#include "server/ballast.h"
#include "server/coordinator.h"
#include "server/core/planner.h"
#include "server/meter.h"
#include "server/net/broker.h"
#include "server/net/control.h"
#include "server/rebuild.h"

enum {
    BATCH_SEGMENTS_MAX = 256,    /* results of one transaction; as many messages are read between two commits */
    BATCH_BYTES_MAX = 256 << 20, /* of results that are not durable yet: above it nothing more is read */
    BATCH_EXCHANGES_MAX = 4 * PLANNER_ACTIONS_MAX,
    EVENTS_MAX = 8192, /* a batch committed, a batch refused, and what steps add */
    LOST_MAX = 1024,   /* peers whose loss waits to be told; more are found out by their leases' end */
};

/* What one transaction makes durable, for the planner to hear of afterwards. */
struct batch {
    bool begun;
    uint32_t segment_count, exchange_count;
    struct segment_key segments[BATCH_SEGMENTS_MAX];
    struct exchange_key exchanges[BATCH_EXCHANGES_MAX];
    size_t bytes;
};

struct coordinator {
    const struct coordinator_setup *setup;
    struct store *store; /* borrowed */
    struct gate *gate;
    struct broker *broker;
    struct control *control;
    struct rebuilt rebuilt;
    struct planner_actions actions;
    const struct wire_result *result; /* of the message that the planner is looking at */
    struct batch batch;
    uint32_t lookup_count;
    struct segment_lookup lookups[BATCH_SEGMENTS_MAX];
    uint32_t event_first, event_count;
    struct planner_event events[EVENTS_MAX]; /* a ring */
    bool retracting;                         /* the planner is void until it is done */
    struct mono_ns retract_next;
    struct segment_key retracted;
    char retract_reason[PLANNER_NOTE_SIZE];
    uint32_t lost_count;
    struct peer_id lost[LOST_MAX];
    enum storage_level storage;
    struct ballast ballast;
    bool wal_held_back; /* and the alarm is raised */
    struct mono_ns started, tick_next, housekeeping_next, progress_next, storage_next, leave_at;
    bool is_shut;    /* too many descriptors are open for new connections */
    bool leaving;    /* DRAIN was said */
    bool has_stored; /* since the last pruning */
    struct meter segments_meter, steps_meter;
    struct coordinator_campaign_progress *progress; /* [campaign_count] */
};

static inline struct mono_ns mono_after(struct mono_ns time, int64_t ms)
{
    return (struct mono_ns){time.value + ms * 1000000};
}

/* coordinator_act.c: the planner's actions, carried out. */

/* A message of `peer` goes to the planner; what it decides is done, save what must be durable first. */
enum status coordinator_take(struct coordinator *c, struct peer_id peer, const struct wire_message *message,
                             struct error *err) MUST_CHECK;
/* Queues an event for coordinator_settle. */
struct planner_event *coordinator_push(struct coordinator *c, enum planner_event_type type);
/* Makes durable what waits, tells the planner, and so on until nothing waits. */
enum status coordinator_settle(struct coordinator *c, struct error *err) MUST_CHECK;
bool coordinator_batch_is_full(const struct coordinator *c);
bool coordinator_is_disk_full(const struct error *err);

/* A transaction for what the planner decides, if none is open. */
enum status coordinator_begin_batch(struct coordinator *c, struct error *err) MUST_CHECK;

/* coordinator_audit.c: what audits come to. */
enum status coordinator_store_audit(struct coordinator *c, const struct planner_action *action,
                                    struct error *err) MUST_CHECK;
enum status coordinator_quarantine(struct coordinator *c, const struct planner_untrusted *untrusted,
                                   struct error *err) MUST_CHECK;
void coordinator_ask_retract(struct coordinator *c, const struct planner_action *action);
bool coordinator_must_retract(const struct coordinator *c);
/* Takes back, and rebuilds the planner as after a crash; connections stay, and workers say HELLO again. */
enum status coordinator_retract(struct coordinator *c, struct error *err) MUST_CHECK;

/* The planner, at the start or anew, from the store. Nothing may wait to be committed. */
enum status coordinator_rebuild(struct coordinator *c, struct error *err) MUST_CHECK;

/* coordinator_control.c: what administrators ask for, between transactions. */
enum status coordinator_serve_control(struct coordinator *c, struct error *err) MUST_CHECK;

/* coordinator.c: takes no more work, and ends when the workers have left or the grace time is over. */
void coordinator_leave(struct coordinator *c, const char *why, uint32_t grace_ms);

/* coordinator_report.c: where everything stands. */
enum status coordinator_init_report(struct coordinator *c, struct error *err) MUST_CHECK;
void coordinator_report(struct coordinator *c, struct mono_ns now);
bool coordinator_is_done(const struct coordinator *c, bool *out_held);

#endif
