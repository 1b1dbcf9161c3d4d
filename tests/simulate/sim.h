/* sim.h - the planner in a simulated world: fake clock, lossy network, workers that crash, stall, come back as ghosts
 * and speak twice, a disk that fails before, during and after a commit, a coordinator that dies and reloads.
 *
 * Physics is a hash: a segment's end is a pure function of its input digest, so a campaign can be computed in advance,
 * sequentially and without faults (the oracle), and every row is compared with it at the moment of its commit.
 *
 * A seed decides everything: the campaigns, the number and speed of workers, which faults are on, and each fault. Every
 * kind of fault draws from a stream of its own, so that removing one does not move the others. A violated invariant
 * prints the seed and ends the process. */
#ifndef VITRINE_TESTS_SIMULATE_SIM_H
#define VITRINE_TESTS_SIMULATE_SIM_H

#include "common/campaign.h"
#include "common/wire.h"
#include "server/core/planner.h"
#include "server/core/planner_state.h"

enum {
    SIM_CAMPAIGNS_MAX = 2,
    SIM_ENSEMBLES_MAX = 2,
    SIM_RUNGS_MAX = 5,
    SIM_REPLICAS_MAX = 16, /* of one campaign */
    SIM_SEGMENTS_MAX = 24, /* of one replica, preparation included */
    SIM_WORKERS_MAX = 5,
    SIM_HOLDINGS_MAX = 8, /* leases and results of one worker */
    SIM_PACKETS_MAX = 4096,
    SIM_INBOX_MAX = 1024,
    SIM_TOKENS_MAX = 65536,
    SIM_UNTRUSTED_MAX = 64,
    SIM_LEASE_MS = 4000,
    SIM_STALL_MS = 1000,
};

/* Streams of randomness; each counts its draws. */
enum sim_stream {
    DRAW_SHAPE, /* campaigns and workers */
    DRAW_DELAY,
    DRAW_LOSS,
    DRAW_REPEAT,
    DRAW_FLIP,
    DRAW_PARTITION,
    DRAW_DRAIN,
    DRAW_HANG,
    DRAW_LIE,
    DRAW_WORKER_CRASH,
    DRAW_WORKER_STALL,
    DRAW_GHOST,
    DRAW_COORDINATOR_CRASH,
    DRAW_COORDINATOR_STALL,
    DRAW_DISK,
    DRAW_FORGERY,
    DRAW_WORK,
    DRAW_CHECK,
    DRAW_COUNT, /* place of the draw of what explodes: those after it came later, and move no seed before them */
    DRAW_CONTROL,
    DRAW_REVOKE,
    DRAW_END
};

/* How often things go wrong; 0 = never. Chances per event, or per second of simulated time where it says so. */
#define SIM_FAULTS(FAULT)                                                                                              \
    FAULT(loss, 0.05, "a message is lost")                                                                             \
    FAULT(repeat, 0.05, "a message arrives twice")                                                                     \
    FAULT(flip, 0.02, "a byte of a message is flipped, which its reader sees")                                         \
    FAULT(partition, 0.02, "per second: the network between a worker and the coordinator is cut for a while")          \
    FAULT(drain, 0.01, "per second: the coordinator drains, stops and is started again")                               \
    FAULT(delay_ms, 400.0, "longest delay of a message; longer than others it is overtaken")                           \
    FAULT(worker_crash, 0.02, "per second: a worker dies and comes back as another process")                           \
    FAULT(worker_stall, 0.02, "per second: a worker stops for up to three lease times, then goes on")                  \
    FAULT(ghost, 0.5, "a worker goes on with a lease that was revoked")                                                \
    FAULT(coordinator_crash, 0.02, "per second: the coordinator dies and reloads")                                     \
    FAULT(coordinator_stall, 0.02, "per second: the coordinator stops for up to three lease times")                    \
    FAULT(crash_before_commit, 0.01, "the coordinator dies with a transaction not yet durable")                        \
    FAULT(crash_after_commit, 0.01, "the coordinator dies with a transaction just durable")                            \
    FAULT(disk_full, 0.02, "a commit is refused for want of space")                                                    \
    FAULT(forgery, 0.1, "per second: a worker sends a message that makes no sense, or of another history")             \
    FAULT(lie, 0.1, "a segment of the last of three workers or more comes out wrong; all is audited then")             \
    FAULT(hang, 0.02,                                                                                                  \
          "a segment of the first worker never ends, while its heart beats; half of them cannot be stopped")           \
    FAULT(explode, 0.005, "a segment fails wherever it runs")                                                          \
    FAULT(fail_once, 0.01, "a segment fails where it runs now")

/* What people do; the number of each is drawn from a stream of its own. */
#define SIM_DEEDS(DEED)                                                                                                \
    DEED(control, 0.05, "per second: a campaign is paused, resumed, cancelled or made longer, or trust is given back") \
    DEED(revoke, 0.02, "per second: the key of a host is revoked, and some time later there is a new one")

struct sim_faults {
#define FAULT(name, usual, what) double name;
    SIM_FAULTS(FAULT)
    SIM_DEEDS(FAULT)
#undef FAULT
};

/* One run. */
struct sim_setup {
    uint64_t seed;
    struct sim_faults faults;
    bool verbose;
    double audit; /* share of the segments that is audited where a worker lies. 1: and the end must be the undisturbed
                     one; less: what was not found out is counted */
};

/* What came of it. */
struct sim_outcome {
    uint64_t steps;  /* of the planner */
    uint64_t events; /* of the world */
    uint64_t audits, retractions;
    uint32_t lies, lies_left; /* wrong results that were stored; that are at the end */
    bool is_found_out;        /* the liar, at least once */
};

/* What a segment found, by our physics. */
struct sim_end {
    struct digest snapshot, output;
    double energy;
};

struct sim_row {
    enum { ROW_ABSENT, ROW_PENDING, ROW_DURABLE } state;
    struct rung_id rung;
    struct digest input;
    struct sim_end end;
    struct wire_uuid worker; /* that brought it */
    char host[WIRE_NAME_SIZE];
    bool is_audited;
};

struct sim_exchange_row {
    int state; /* as in sim_row */
    struct exchange exchange;
};

/* The rows of one campaign: in the oracle (durable = reached by an undisturbed run), or in the store. */
struct sim_rows {
    struct sim_row segments[SIM_REPLICAS_MAX][SIM_SEGMENTS_MAX]; /* index: segment - first segment of the replica */
    struct sim_exchange_row exchanges[SIM_ENSEMBLES_MAX][SIM_SEGMENTS_MAX][SIM_RUNGS_MAX]; /* round, cold rung */
};

struct sim_campaign {
    struct campaign campaign;
    struct ensemble_spec ensembles[SIM_ENSEMBLES_MAX];
    struct replica_spec replicas[SIM_REPLICAS_MAX];
    double temperatures[SIM_ENSEMBLES_MAX][SIM_RUNGS_MAX];
    int64_t segment_first[SIM_REPLICAS_MAX], segment_end[SIM_REPLICAS_MAX]; /* when it is as long as it will be */
    int64_t steps_whole[SIM_ENSEMBLES_MAX];
    bool is_short;                   /* it is to be extended to those */
    enum campaign_standing standing; /* as stored */
    struct sim_rows oracle, store;
};

/* A message on its way, with its arrays. */
struct sim_packet {
    bool used;
    bool to_coordinator;
    uint64_t peer;
    uint64_t process; /* of the worker that sent it */
    struct wire_message message;
    struct wire_held held[SIM_HOLDINGS_MAX];
    struct wire_adopted adopted[SIM_HOLDINGS_MAX];
    struct lease_token tokens[SIM_HOLDINGS_MAX];
    struct wire_progress progress[SIM_HOLDINGS_MAX];
};

enum holding_state { HOLDING_NONE, HOLDING_QUEUED, HOLDING_RUNNING, HOLDING_RESULT };

/* A lease at a worker, or a result it keeps until it is acknowledged. */
struct sim_holding {
    enum holding_state state;
    struct lease_token token;
    struct segment_key key;
    struct digest input;
    enum status status; /* of the result */
    struct sim_end end;
    uint64_t serial; /* tells the run that ends from one that was cancelled */
    int64_t send_at; /* when the result is sent again */
    bool is_deaf;    /* it hangs, and keeps its slot when it is revoked */
};

struct sim_worker {
    uint32_t index, generation, process; /* generation: of connections; process: of lives */
    bool welcome, leaving;
    uint64_t session;
    uint32_t credits, slots, slots_lost; /* lost: to what hangs for ever */
    int64_t segment_ns;                  /* how long one takes here */
    int64_t stalled_until, cut_until, revoked_until, leave_at, renew_at, hello_at, heard_at;
    struct sim_holding holdings[SIM_HOLDINGS_MAX];
    struct digest cache[SIM_HOLDINGS_MAX]; /* snapshots kept, a ring */
    uint32_t cache_next;
    uint64_t serial;
};

/* The lease of a replica as the world saw it, to check that none is taken away early or given twice. */
struct sim_witness {
    bool open;
    struct lease_token token;
    uint64_t worker; /* its process */
    int64_t segment;
    int64_t renewed; /* awake ns */
};

struct sim_coordinator {
    bool up, committing, draining;
    uint32_t epoch;
    void *memory;
    struct planner *planner;
    struct planner_actions actions;
    int64_t stalled_until, last_step, awake, leave_at;
    uint32_t inbox_first, inbox_count, inbox[SIM_INBOX_MAX]; /* packets */
    uint32_t segment_count, exchange_count, lookup_count;
    struct segment_key segments[SIM_INBOX_MAX];
    struct exchange_key exchanges[2 * PLANNER_ACTIONS_MAX];
    struct segment_lookup lookups[SIM_INBOX_MAX];
    const struct wire_result *result;
    struct sim_witness witness[SIM_CAMPAIGNS_MAX][SIM_REPLICAS_MAX];
    bool retracting; /* asked for, and done when nothing is being committed */
    struct segment_key retracted;
    uint64_t sender; /* process of the worker whose message is being looked at */
    uint32_t lost_count;
    struct peer_id lost[SIM_INBOX_MAX]; /* connections that were found to be gone */
    uint64_t token_last;                /* of all lives: they only grow */
    bool disk_full;
};

struct sim_event {
    int64_t time;
    uint64_t sequence;
    enum sim_event_kind {
        SIM_DELIVER,   /* a: packet */
        SIM_TICK,      /* of the coordinator */
        SIM_COMMITTED, /* its transaction ends; a: its life */
        SIM_RESTART,
        SIM_WORKER_TIMER, /* a: worker */
        SIM_SEGMENT_DONE, /* a: worker, b: serial of the run */
        SIM_CHAOS,        /* once a second: what may go wrong by itself */
    } kind;
    uint32_t a;
    uint64_t b;
};

struct sim {
    uint64_t seed;
    bool verbose;
    double audit;
    struct sim_faults faults;
    bool healed; /* no faults any more: everything must come to its end */
    int64_t now; /* ns */
    uint64_t draws[DRAW_END];
    uint64_t sequence;
    uint32_t event_count, event_capacity;
    struct sim_event *events; /* a heap */
    uint32_t packet_next;
    struct sim_packet *packets;
    uint32_t campaign_count;
    struct sim_campaign campaigns[SIM_CAMPAIGNS_MAX];
    struct wire_uuid lineage;
    uint32_t worker_count;
    struct sim_worker workers[SIM_WORKERS_MAX];
    struct sim_coordinator coordinator;
    uint32_t life; /* of the coordinator */
    uint32_t untrusted_count;
    struct planner_untrusted untrusted[SIM_UNTRUSTED_MAX]; /* as stored */
    struct sim_outcome outcome;
};

_Noreturn void sim_fail(const struct sim *sim, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
double sim_draw(struct sim *sim, enum sim_stream stream); /* in (0, 1) */
bool sim_happens(struct sim *sim, enum sim_stream stream, double chance);
uint32_t sim_choose(struct sim *sim, enum sim_stream stream, uint32_t count);
void sim_schedule(struct sim *sim, int64_t delay_ns, enum sim_event_kind kind, uint32_t a, uint64_t b);

/* sim_campaign.c */
void sim_make_campaigns(struct sim *sim);
struct sim_end sim_physics(const struct digest *input);
bool sim_explodes(const struct sim *sim, struct segment_key key);
struct sim_row *sim_row_of(struct sim *sim, struct sim_rows *(*of)(struct sim_campaign *), struct segment_key key);
struct sim_rows *sim_oracle(struct sim_campaign *campaign);
struct sim_rows *sim_store(struct sim_campaign *campaign);

/* Some seeds have a worker whose runs come out wrong now and then. */
bool sim_has_liar(const struct sim *sim);
bool sim_is_liar(const struct sim *sim, uint64_t process);

/* sim_retract.c: what the store does with ACTION_RETRACT. */
void sim_retract(struct sim *sim, struct segment_key key);
struct segment_record sim_record(struct sim *sim, struct segment_key key);

/* sim_network.c */
void sim_send(struct sim *sim, bool to_coordinator, uint64_t peer, const struct wire_message *message);
void sim_deliver(struct sim *sim, uint32_t packet);
uint64_t sim_peer_of(const struct sim_worker *worker);
struct sim_worker *sim_worker_of(struct sim *sim, uint64_t peer); /* NULL: that connection is gone */
uint64_t sim_process_of(const struct sim_worker *worker);         /* 0 for NULL */

/* sim_coordinator.c */
void coordinator_start(struct sim *sim);
void coordinator_crash(struct sim *sim);
void coordinator_drain(struct sim *sim);
void coordinator_control(struct sim *sim); /* somebody does something */
void coordinator_revoke(struct sim *sim, const struct sim_worker *worker);
void coordinator_receive(struct sim *sim, uint32_t packet);
void coordinator_tick(struct sim *sim);
void coordinator_committed(struct sim *sim);
bool coordinator_at_rest(const struct sim *sim);

/* sim_worker.c */
struct wire_uuid worker_uuid(const struct sim_worker *worker);
void worker_start(struct sim *sim, struct sim_worker *worker, bool with_results);
void worker_receive(struct sim *sim, struct sim_worker *worker, struct wire_message *message);
void worker_timer(struct sim *sim, struct sim_worker *worker);
void worker_segment_done(struct sim *sim, struct sim_worker *worker, uint64_t serial);
void worker_forge(struct sim *sim, struct sim_worker *worker);

/* sim_world.c: one seed from its start to its end. */
struct sim_outcome sim_run(const struct sim_setup *setup);

#endif
