/* planner_state.h - what the planner remembers; shared by the files planner*.c only.
 *
 * Everything lives in arrays and is named by index: replicas of all campaigns one after another, sessions and leases in
 * slots that are used again. */
#ifndef VITRINE_SERVER_CORE_PLANNER_STATE_H
#define VITRINE_SERVER_CORE_PLANNER_STATE_H

#include "server/core/keymap.h"
#include "server/core/list.h"
#include "server/core/planner.h"
#include "server/core/planted.h"
#include "server/core/ready.h"

enum replica_state {
    REPLICA_READY,
    REPLICA_BLOCKED,
    REPLICA_PAUSED,
    REPLICA_LEASED,
    REPLICA_STORING,
    REPLICA_WAITING,
    REPLICA_EXCHANGING,
    REPLICA_DONE,
    REPLICA_HELD,
    REPLICA_STATE_COUNT
};

struct replica {
    uint32_t campaign; /* index */
    struct replica_id id;
    struct ensemble_id ensemble;
    enum replica_state state;
    struct rung_id rung, rung_before;             /* of segment `next`, and of the one before it */
    struct segment_id next;                       /* the first that is not stored */
    struct segment_id segment_first, segment_end; /* preparation included; end is one past the last */
    struct digest input;                          /* of `next`, in READY, BLOCKED, PAUSED, LEASED, STORING, HELD */
    bool has_snapshot;                            /* false before the build */
    struct digest snapshot;                       /* input of `next` */
    bool is_exchanged;                            /* loaded with the exchange after its last segment */
    double energy;                                /* epsilon, total; of `snapshot` */
    uint32_t lease, hedge;                        /* of `next`, or INDEX_NONE; never a hedge alone */
    struct list audits;                           /* open ones; links: audit_of_replica */
    uint32_t holder;                              /* session that is thought to keep the snapshot, or INDEX_NONE */
    uint32_t failures_physics, failures_other;    /* of `next` */
    char failed_host[WIRE_NAME_SIZE];             /* of the last failure; empty: none */
    struct {                                      /* in STORING: the result on its way to disk */
        struct peer_id peer;
        struct lease_token token;
        struct wire_uuid worker;
        char host[WIRE_NAME_SIZE];
        struct digest snapshot, output;
        double energy;
        int64_t steps;
    } storing;
};

enum lease_kind { LEASE_PRIMARY, LEASE_HEDGE, LEASE_AUDIT };

struct lease {
    bool used;
    enum lease_kind kind;
    struct lease_token token;
    struct lease_token before; /* under which its worker held it when it was adopted; 0: it was granted */
    uint32_t session, replica;
    uint32_t audit;   /* LEASE_AUDIT */
    int64_t deadline; /* awake ns */
    int64_t step;     /* reached, as last heard */
    int64_t moved;    /* awake ns, when the step last rose */
};

enum { AUDIT_VOTES_MAX = 5 };

/* What a run of a segment came to; a zero output: it exploded. */
struct vote {
    struct wire_uuid worker;
    char host[WIRE_NAME_SIZE];
    struct digest output;
};

/* A stored segment that is run again. */
struct audit {
    bool used;
    uint32_t replica;
    struct segment_id segment;
    struct rung_id rung, rung_before;
    struct digest input;
    bool has_snapshot;
    struct digest snapshot; /* it begins with */
    uint32_t lease;         /* INDEX_NONE: it waits for a worker */
    uint32_t vote_count;
    struct vote votes[AUDIT_VOTES_MAX]; /* the first is what is stored */
};

struct session {
    bool used;
    struct peer_id peer; /* none: could not be reached */
    struct wire_hello hello;
    uint32_t credits;
    struct list leases;    /* links: lease_of_session */
    struct list snapshots; /* replicas whose snapshot it is thought to keep; links: replica_of_holder */
    int64_t heard, probed; /* awake ns */
    bool silent;           /* for a whole lease time: nothing is granted to it until it speaks again */
    uint32_t passed;       /* results of it that an audit found to be right */
    int64_t moved;         /* awake ns, when something of it moved last, or it got work after it had none */
    int64_t stuck_until;   /* awake ns; 0: it gets on. Nothing it has moves though its heart beats */
    uint32_t host;         /* index */
    bool is_able;          /* it may work and wants to, though it may be busy; counted by its host */
};

/* Of workers that are here. */
struct host {
    char name[WIRE_NAME_SIZE];
    uint32_t sessions, able;
};

/* A campaign's share of the tables. */
struct campaign_state {
    struct campaign_id id;
    const struct campaign *campaign; /* borrowed */
    enum campaign_standing standing;
    uint32_t replica_first;
    uint32_t rung_first[CAMPAIGN_ENSEMBLES_MAX]; /* of an ensemble's ladder in `occupants` */
    uint32_t in_state[REPLICA_STATE_COUNT];
    uint32_t audits_open;
    uint64_t segments_done, segments_total;
    int64_t steps_done, steps_total;
};

struct planner {
    struct planner_config config;
    struct mono_ns now;
    int64_t awake; /* ns: time that this process was running, stalls left out; leases live by it */
    uint32_t token_counter;
    enum storage_level storage;
    bool draining;
    bool is_void; /* after ACTION_RETRACT */
    uint32_t drain_grace_ms;
    uint32_t drain_next;  /* session that is told next */
    bool pairs_unsettled; /* WAITING pairs may exist whose exchange was not asked for: after a load or a refusal */
    uint32_t pairs_next;  /* replica that is looked at next */

    uint32_t campaign_count;
    struct campaign_state *campaigns;
    uint32_t replica_count;
    struct replica *replicas;
    uint32_t rung_count;
    uint32_t *occupants; /* replica index of each rung of each ladder */
    struct ready ready;

    struct session *sessions;
    struct keymap session_of_peer, session_of_worker;
    uint32_t session_count;
    struct link *session_free_links, *session_hungry_links;
    struct list sessions_free, sessions_hungry; /* hungry: has credits left, in the order of asking */

    struct host *hosts;
    struct keymap host_of_name;
    struct link *host_links;
    struct list hosts_free;
    uint32_t able_count; /* sessions of all hosts */

    struct lease *leases;
    struct keymap lease_of_token;
    struct link *lease_links;            /* free, or due */
    struct link *lease_of_session;       /* by session */
    struct list leases_free, leases_due; /* due: soonest first */
    struct link *replica_of_holder;

    struct audit *audits;
    struct link *audit_links;                /* free, or waiting */
    struct link *audit_of_replica;           /* by replica */
    struct list audits_free, audits_waiting; /* waiting: longest first */
    int64_t audit_alone_from;                /* awake ns: before, no worker audits itself */
    uint32_t untrusted_count;
    struct planner_untrusted *untrusted;

    struct wire_adopted *adopted; /* room for one WELCOME, [WIRE_TOKENS_MAX] */
    struct lease_token *tokens;   /* dropped of one WELCOME, revoked of one RENEWED, [WIRE_TOKENS_MAX] */
};

/* planner.c */
struct campaign_state *planner_campaign_of(struct planner *planner, const struct replica *replica);
const struct ensemble_spec *planner_ensemble_of(const struct planner *planner, const struct replica *replica);
struct segment_key planner_key_of(const struct planner *planner, const struct replica *replica);
/* INDEX_NONE when there is no such replica. */
uint32_t planner_find_replica(const struct planner *planner, struct campaign_id campaign, struct replica_id replica);
/* READY becomes BLOCKED where an audit is in the way, and PAUSED where the campaign does not run. */
void planner_set_state(struct planner *planner, uint32_t replica, enum replica_state state);
/* The work order of the next segment. */
void planner_next_spec(const struct planner *planner, const struct replica *replica, struct segment_spec *out_spec);
/* Where a replica goes whose last segment, and exchange if it had one, is durable: READY, or DONE. */
void planner_advance(struct planner *planner, uint32_t replica);

/* Actions. planner_has_room leaves a margin for what one event must say. */
bool planner_has_room(const struct planner_actions *out);
struct planner_action *planner_add(struct planner_actions *out, enum planner_action_type type);
struct wire_message *planner_send(struct planner_actions *out, struct peer_id peer, enum wire_type type);
void planner_note(struct planner *planner, struct planner_actions *out, uint32_t replica, const char *kind,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* planner_session.c: who is there. */
uint32_t session_find_peer(const struct planner *planner, struct peer_id peer); /* INDEX_NONE */
uint32_t session_find_worker(const struct planner *planner, const struct wire_uuid *worker);
uint32_t session_create(struct planner *planner, struct peer_id peer, const struct wire_hello *hello);
void session_remove(struct planner *planner, uint32_t session);
void session_remove_host(struct planner *planner, const char *host, struct planner_actions *out); /* and say so */
void session_rebind(struct planner *planner, uint32_t session, struct peer_id peer, const struct wire_hello *hello);
void session_lose_peer(struct planner *planner, uint32_t session);
void session_update_hunger(struct planner *planner, uint32_t session);
void session_hear(struct planner *planner, uint32_t session);
void session_watch_moves(struct planner *planner, uint32_t session); /* stuck? */
void session_note_moved(struct planner *planner, uint32_t session);
bool session_may_work(const struct session *session); /* reachable, heard of, and not stuck */
void session_watch_silence(struct planner *planner, struct planner_actions *out);
void session_hold_snapshot(struct planner *planner, uint32_t session, uint32_t replica);
void session_drop_snapshot(struct planner *planner, uint32_t replica);

/* planner_host.c: on which hosts they are. */
void host_join(struct planner *planner, uint32_t session); /* by the name in its hello */
void host_leave(struct planner *planner, uint32_t session);
void host_set_able(struct planner *planner, uint32_t session, bool is_able);
uint32_t host_count_able(const struct planner *planner, const char *name); /* sessions */

/* planner_lease.c: who may run what until when. */
uint32_t lease_create(struct planner *planner, enum lease_kind kind, uint32_t session, uint32_t replica);
uint32_t lease_create_audit(struct planner *planner, uint32_t session, uint32_t audit);
/* The hedge, if there is one, takes the place of a released primary; else a LEASED replica becomes READY again. */
void lease_release(struct planner *planner, uint32_t lease);
void lease_release_all(struct planner *planner, uint32_t replica);
void lease_renew(struct planner *planner, uint32_t lease);
uint32_t lease_find(const struct planner *planner, uint32_t session, struct lease_token token); /* INDEX_NONE */
void lease_progress(struct planner *planner, uint32_t lease, int64_t step);
void lease_expire(struct planner *planner);

/* planner_grant.c: what runs next. */
void grant_leases(struct planner *planner, struct planner_actions *out);
void grant_watch_stalls(struct planner *planner);
void grant_hedges(struct planner *planner, struct planner_actions *out);

/* planner_audit.c: who is right. */
bool audit_is_trusted(const struct planner *planner, const char *host, const struct wire_uuid *worker);
void audit_consider(struct planner *planner, uint32_t replica, uint32_t session,
                    const struct segment_record *record);                                        /* opens one? */
uint32_t audit_find(const struct planner *planner, uint32_t replica, struct segment_id segment); /* INDEX_NONE */
bool audit_blocks(const struct planner *planner, uint32_t replica);   /* may its next segment not run yet? */
uint32_t audit_pick(const struct planner *planner, uint32_t session); /* that this worker may run; INDEX_NONE */
void audit_spec(const struct planner *planner, const struct audit *audit, struct segment_spec *out_spec);
/* token: of the lease that the run was done under, if any. The audit, and the worker's session, may be gone after. */
void audit_vote(struct planner *planner, uint32_t audit, const struct vote *vote, struct lease_token token,
                struct planner_actions *out);
uint32_t audit_reopen(struct planner *planner, const struct segment_record *record); /* INDEX_NONE: no room */
void audit_drop(struct planner *planner, uint32_t audit, const char *why, struct planner_actions *out);

/* planner_hello.c */
void hello_refuse(struct planner_actions *out, struct peer_id peer, enum wire_goaway_reason reason,
                  uint32_t retry_after_ms, const char *text);
void handle_hello(struct planner *planner, struct peer_id peer, const struct wire_hello *hello,
                  struct planner_actions *out);

/* planner_result.c */
/* A segment did not come to its end at `session`; too often, and its replica is HELD. */
void count_failure(struct planner *planner, uint32_t replica, uint32_t session, enum status status, const char *text,
                   struct planner_actions *out);
void handle_result(struct planner *planner, uint32_t session, const struct wire_result *result,
                   struct planner_actions *out);
void handle_segment_stored(struct planner *planner, const struct segment_key *key, struct planner_actions *out);
void handle_segment_refused(struct planner *planner, const struct segment_key *key, struct planner_actions *out);
void handle_segment_found(struct planner *planner, const struct segment_lookup *lookup,
                          const struct segment_record *stored, struct planner_actions *out);
void handle_segment_missing(const struct segment_lookup *lookup, struct planner_actions *out);
void handle_snapshot_missing(struct planner *planner, const struct segment_key *key, const char *text,
                             struct planner_actions *out);

/* planner_control.c */
bool planner_is_running(const struct planner *planner, uint32_t campaign); /* index */
void handle_standing(struct planner *planner, struct campaign_id campaign, enum campaign_standing standing);
void handle_trusted(struct planner *planner, const char *host);

/* planner_exchange.c */
bool exchange_is_due(const struct planner *planner, uint32_t replica); /* has `replica` a partner in its last round? */
void exchange_try(struct planner *planner, uint32_t replica, struct planner_actions *out);
void exchange_settle(struct planner *planner, struct planner_actions *out);
void handle_exchange_stored(struct planner *planner, const struct exchange_key *stored);
void handle_exchange_refused(struct planner *planner, const struct exchange_key *refused);

#endif
