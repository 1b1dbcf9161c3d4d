/* planner.h - all decisions of the coordinator, without a world.
 *
 * Events come in with their time; actions go out. No socket, SQL, clock, file, thread or random generator; all memory
 * is given at the start, and a step allocates nothing. Same events, same actions, byte for byte: so the simulator can
 * drive it through millions of faults by seed, and a crash is only a reload.
 *
 * Store first, then speak. A RESULT gives ACTION_STORE_SEGMENT; only EVENT_SEGMENT_STORED gives the acknowledgement
 * and, when the partner's segment is stored too, ACTION_STORE_EXCHANGE; only EVENT_EXCHANGE_STORED makes the two next
 * segments runnable. So nothing is ever granted whose input could be lost.
 *
 * Tokens decide who works, digests decide what is true: the first result with the right input digest is stored,
 * whatever the age of its token; later ones are compared with it.
 *
 * Some segments are audited (planner_audit.c): run again elsewhere, and compared. What is proven wrong is taken back by
 * ACTION_RETRACT, after which this planner decides nothing more: the shell retracts, and rebuilds one from the store.
 *
 * The life of a replica:
 *
 *     READY --grant--> LEASED --result--> STORING --stored--> READY (next segment), or DONE
 *       ^                |                   |        \
 *       +----expiry------+    refused        |         WAITING (for its partner) --both stored--> EXCHANGING
 * --stored-->
 *       +------------------------------------+                                                    READY or DONE
 *     LEASED --fails on every host--> HELD
 *     (instead of READY) BLOCKED: an audit is open further back than PLANNER_AUDIT_WINDOW segments
 *     (instead of READY) PAUSED: its campaign is paused or cancelled
 *
 * A LEASED replica has one primary lease. Where its step stands still though its worker lives, another worker that has
 * nothing else to do gets a hedge: a second lease of the same segment. The first good result is stored, and ends both.
 *
 * Bounds: planner_config's, checked where a table grows. Thread rule: one thread. */
#ifndef VITRINE_SERVER_CORE_PLANNER_H
#define VITRINE_SERVER_CORE_PLANNER_H

#include "common/campaign.h"
#include "common/clock.h"
#include "common/wire.h"
#include "server/core/arena.h"
#include "server/core/exchange.h"
#include "server/core/standing.h"

enum {
    PLANNER_ACTIONS_MAX = 256,
    PLANNER_NOTE_SIZE = 768,
    PLANNER_FAILURES_PHYSICS = 2, /* a segment that explodes twice would explode for ever */
    PLANNER_FAILURES_OTHER = 8,   /* out of memory and the like may pass elsewhere */
    PLANNER_AUDIT_WINDOW = 2,     /* segments that a replica may go beyond one that is being audited */
    PLANNER_AUDITS_PER_REPLICA = PLANNER_AUDIT_WINDOW + 2, /* open at a time; one because of a contradiction */
    PLANNER_STUCK_HEDGES = 10, /* hedge times for which a worker that does not get on is given nothing more */
    PLANNER_RETRY_MS = 2000,   /* what a worker is told when a result cannot be taken now */
};

struct planner_config {
    uint32_t epoch; /* raised and durable before the first event */
    uint32_t engine_id;
    struct digest probe;      /* what every worker of this engine must have found */
    struct wire_uuid lineage; /* of the database */
    uint32_t campaigns_max;
    uint32_t rungs_max;    /* of the ladders of all campaigns together */
    uint32_t replicas_max; /* of all campaigns together */
    uint32_t sessions_max;
    uint32_t leases_max;
    uint32_t audits_max;    /* PLANNER_AUDITS_PER_REPLICA for each replica */
    uint32_t untrusted_max; /* hosts and workers that are sent away */
    uint32_t lease_ms;
    uint32_t session_ms; /* a worker that is silent for so long is forgotten */
    uint32_t hedge_ms;   /* a lease whose step has not moved for so long gets a second one; 0 = never */
    uint32_t probe_ms;   /* a worker with leases is spoken to this often, to learn of a broken connection; 0 = not */
    uint32_t stall_ms;   /* a longer gap between two events is a stall of this process: lease time stood still */
    uint32_t affinity_segments; /* a worker may go on with a replica it holds while that is at most so far ahead */
};

/* A connection, as the shell names it; 0 = none. A worker that reconnects comes as another peer. */
struct peer_id {
    uint64_t value;
};

struct segment_key {
    struct campaign_id campaign;
    struct replica_id replica;
    struct segment_id segment;
};

/* A stored segment, with what it takes to run it again. */
struct segment_record {
    struct segment_key key;
    struct rung_id rung, rung_before; /* where it ran, and where its replica was before */
    struct digest input, output;
    bool has_snapshot;       /* false for a build */
    struct digest snapshot;  /* that it began with */
    struct wire_uuid worker; /* that brought it */
    char host[WIRE_NAME_SIZE];
};

/* Whose results are not taken. */
struct planner_untrusted {
    bool is_host; /* all of `host`; else `worker` alone */
    char host[WIRE_NAME_SIZE];
    struct wire_uuid worker;
};

enum planner_event_type {
    EVENT_TICK,            /* time passes: at least every stall_ms */
    EVENT_MESSAGE,         /* from a worker */
    EVENT_HOST_REVOKED,    /* the key of a host: its workers are sent away */
    EVENT_PEER_LOST,       /* its connection is gone: its leases are free at once */
    EVENT_SEGMENT_STORED,  /* durable now */
    EVENT_SEGMENT_REFUSED, /* certainly not durable (disk full) */
    EVENT_SEGMENT_FOUND,   /* answers to ACTION_LOOKUP_SEGMENT */
    EVENT_SEGMENT_MISSING,
    EVENT_EXCHANGE_STORED,
    EVENT_EXCHANGE_REFUSED,
    EVENT_SNAPSHOT_MISSING, /* the input of a grant cannot be read; text says why */
    EVENT_STORAGE,
    EVENT_DRAIN,
    EVENT_STANDING, /* of a campaign, durable */
    EVENT_TRUSTED,  /* a host and its workers are not quarantined any more, durably */
};

enum storage_level {
    STORAGE_GOOD,
    STORAGE_LOW,  /* no new grants; results are still stored */
    STORAGE_FULL, /* results must wait too */
};

/* A result that may be known already. */
struct segment_lookup {
    struct peer_id peer;
    struct lease_token token;
    struct segment_key key;
    struct digest input, output; /* as claimed */
};

struct planner_event {
    struct mono_ns now;
    enum planner_event_type type;
    union {
        struct {
            struct peer_id peer;
            const struct wire_message *message; /* borrowed */
        } message;
        struct peer_id peer_lost;
        char host[WIRE_NAME_SIZE]; /* HOST_REVOKED, TRUSTED */
        struct {
            struct campaign_id campaign;
            enum campaign_standing standing;
        } standing;
        struct segment_key segment; /* STORED, REFUSED */
        struct {
            struct segment_lookup lookup;
            struct segment_record stored; /* FOUND only */
        } found;                          /* FOUND, MISSING */
        struct exchange_key {
            struct campaign_id campaign;
            struct exchange exchange;
        } exchange; /* STORED, REFUSED */
        struct {
            struct segment_key segment;
            const char *text;
        } snapshot_missing;
        enum storage_level storage;
        uint32_t drain_grace_ms;
    };
};

enum planner_action_type {
    ACTION_SEND,          /* a message to a worker */
    ACTION_STORE_SEGMENT, /* the result of the RESULT in this event */
    ACTION_STORE_EXCHANGE,
    ACTION_LOOKUP_SEGMENT, /* after the current transaction */
    ACTION_STORE_AUDIT,    /* two runs agree; nobody waits for it to be durable */
    ACTION_QUARANTINE,     /* a host or a worker is not to be trusted any more */
    ACTION_RETRACT,        /* take back a segment and all that came of it; then rebuild the planner */
    ACTION_NOTE,           /* for people: the store's event table and the log */
};

struct planner_action {
    enum planner_action_type type;
    union {
        struct {
            struct peer_id peer;
            bool with_snapshot;          /* GRANT: attach the bytes of grant.snapshot */
            struct wire_message message; /* its arrays are the planner's until the next step */
        } send;
        struct {
            struct segment_key key;
            struct segment_spec spec;
            struct rung_id rung;
            uint32_t session; /* whose result: index of the worker's session, as in `welcome` */
        } store_segment;
        struct exchange_key exchange;
        struct segment_lookup lookup;
        struct {
            struct segment_key key;
            struct wire_uuid worker; /* that ran it last */
            char host[WIRE_NAME_SIZE];
        } store_audit;
        struct planner_untrusted quarantine;
        struct {
            struct segment_key key;
            char reason[PLANNER_NOTE_SIZE];
        } retract;
        struct {
            struct campaign_id campaign;
            const char *kind; /* "conflict", "held", "failed", ...; static storage */
            char text[PLANNER_NOTE_SIZE];
        } note;
    };
};

struct planner_actions {
    uint32_t count;
    bool more; /* there was more to do than fits: step again with EVENT_TICK after these */
    struct planner_action items[PLANNER_ACTIONS_MAX];
};

struct planner;

/* Bytes that planner_init takes from the arena. */
size_t planner_memory_size(const struct planner_config *config);
struct planner *planner_init(struct arena *arena, const struct planner_config *config);

/* The rebuild, before the first step: campaigns in order of their ids (borrowed, for the planner's life), then the last
 * stored segment of every replica that has one, each at once followed by the exchange that it took part in after that
 * segment, if one is stored; then those of the last PLANNER_AUDIT_WINDOW + 1 segments of every replica that
 * have not been audited; then planner_load_finish. Whom not to trust comes before all. STATUS_LIMIT beyond a bound of
 * the config; STATUS_CORRUPT for a store that contradicts itself. */
enum status planner_load_campaign(struct planner *planner, struct campaign_id id, const struct campaign *campaign,
                                  struct error *err) MUST_CHECK;
struct loaded_segment {
    struct segment_key key;
    struct rung_id rung; /* where it ran */
    struct digest snapshot;
    double energy_potential;
};
enum status planner_load_segment(struct planner *planner, const struct loaded_segment *segment,
                                 struct error *err) MUST_CHECK;
enum status planner_load_exchange(struct planner *planner, struct campaign_id campaign, struct replica_id replica,
                                  const struct exchange *exchange, struct error *err) MUST_CHECK;
void planner_load_standing(struct planner *planner, struct campaign_id campaign, enum campaign_standing standing);
void planner_load_untrusted(struct planner *planner, const struct planner_untrusted *untrusted);
void planner_load_audit(struct planner *planner, const struct segment_record *record);
enum status planner_load_finish(struct planner *planner, struct error *err) MUST_CHECK;

/* One event, its actions. `out` is overwritten. */
void planner_step(struct planner *planner, const struct planner_event *event, struct planner_actions *out);

/* Where a campaign stands. */
struct planner_progress {
    uint64_t segments_done, segments_total; /* preparation included */
    int64_t steps_done, steps_total;
    uint32_t replicas, replicas_done, replicas_held;
    uint32_t audits_open;
    bool at_rest; /* nothing can run or be stored any more: done, cancelled, or held up by held replicas */
};
struct planner_progress planner_get_progress(const struct planner *planner, struct campaign_id campaign);
uint32_t planner_count_sessions(const struct planner *planner);
uint32_t planner_count_leases(const struct planner *planner);
/* What a session said in its HELLO (its arrays excepted); for provenance. Borrowed until the next step. */
const struct wire_hello *planner_get_session(const struct planner *planner, uint32_t session);

/* One of sessions_max places; false when nobody is there. */
struct planner_worker {
    const struct wire_hello *hello; /* borrowed until the next step */
    uint32_t leases;
    int64_t silent_ms;
    bool is_connected;
};
uint32_t planner_count_places(const struct planner *planner); /* sessions_max */
bool planner_get_worker(const struct planner *planner, uint32_t index, struct planner_worker *out_worker);

/* Stops the process when the planner contradicts itself: rung maps are permutations, every lease leads to its replica
 * and back, counts agree. For tests and the simulator; takes time proportional to all tables. */
void planner_check(const struct planner *planner);

#endif
