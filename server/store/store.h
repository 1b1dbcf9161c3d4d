/* store.h - the results database: one SQLite file per farm, many campaigns.
 *
 * One process and one connection writes and checkpoints (STORE_WRITE, guarded by an owner lock); everybody else opens
 * STORE_READ and never checkpoints. Store first, then speak: the coordinator acknowledges nothing before store_commit
 * returned.
 *
 * Two kinds of tables. Science tables are under the promise: natural keys, no times, no worker names; their hash is the
 * same whatever happened to the machines. Operational tables (snapshots' bytes, provenance, hosts, workers, epochs,
 * log) are not. Thread rule: a store belongs to one thread. A process that has one file open twice closes the writer
 * last (the reason is in store_file.h), and never forks while it writes without exec after it. */
#ifndef VITRINE_SERVER_STORE_STORE_H
#define VITRINE_SERVER_STORE_STORE_H

#include "common/campaign.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/ids.h"
#include "common/segment.h"
#include "server/core/exchange.h"
#include "server/core/standing.h"
#include <stdbool.h>

struct store;

enum store_mode {
    STORE_CREATE, /* a new file; STATUS_CONFLICT when it exists */
    STORE_WRITE,  /* an existing one; migrates it; takes the owner lock (STATUS_CONFLICT when another process has it) */
    STORE_READ,   /* read-only connection; never migrates, never checkpoints */
};

enum {
    STORE_LINEAGE_SIZE = 16,
    STORE_SNAPSHOTS_KEPT = 4 /* an audit begins with the third last, while its replica goes on */
};

/* STATUS_NOT_FOUND without a file, STATUS_CORRUPT when it is not a Vitrine database, STATUS_CONFLICT when it is newer
 * than this program, STATUS_INVALID on a network file system (WAL does not work there). */
enum status store_open(const char *path, enum store_mode mode, struct store **out_store, struct error *err) MUST_CHECK;
void store_close(struct store **store); /* NULL and pointers to NULL are fine; rolls back what was not committed */

/* Identity of this file's history: random at creation, carried by every grant and result, so that a coordinator on a
 * copied database is told apart. Borrowed. */
const uint8_t *store_lineage(const struct store *store);

/* Raises the epoch and makes it durable; tokens of this coordinator start there. Not inside a transaction. */
enum status store_raise_epoch(struct store *store, uint32_t *out_epoch, struct error *err) MUST_CHECK;

/* Transactions, for group commit: any number of put calls between begin and commit are durable together or not at all.
 */
enum status store_begin(struct store *store, struct error *err) MUST_CHECK;
enum status store_commit(struct store *store, struct error *err) MUST_CHECK;
void store_rollback(struct store *store); /* keeps the caller's err */

/* How far the writer's WAL has grown. It is copied into the database every 16 MiB; a reader that keeps one transaction
 * open for long prevents that. held_back: it is four times as long, which is worth an alarm. */
struct store_wal {
    int pages;      /* of 4096 bytes, after the last commit */
    int pages_done; /* of these, copied */
    bool held_back;
};
struct store_wal store_wal(const struct store *store);

/* Campaigns. Adding text of a campaign name that exists extends it (campaign_load_extension; STATUS_CAMPAIGN where it
 * may not) and records the new version; the same text again changes nothing. Own transaction. out_campaign (may be
 * NULL) gets the campaign as now in force, with stable replica ids (campaign_finish). A quench ensemble that its `Tf:`
 * names is looked up in `glass` (NULL: nowhere) once, and what was found is kept with the campaign. */
enum status store_put_campaign(struct store *store, const char *path, const char *text, size_t size,
                               const struct glass_source *glass, FILE *report, struct campaign_id *out_id,
                               struct campaign *out_campaign, struct error *err) MUST_CHECK;
/* Ids from 1; out_count campaigns exist. */
enum status store_count_campaigns(struct store *store, uint32_t *out_count, struct error *err) MUST_CHECK;
enum status store_get_campaign(struct store *store, struct campaign_id id, struct campaign *out_campaign,
                               struct error *err) MUST_CHECK;
enum status store_find_campaign(struct store *store, const char *name, struct campaign_id *out_id,
                                struct error *err) MUST_CHECK;

/* Who did it, on what: operational. */
struct provenance {
    uint8_t worker_uuid[16];
    char host[64];
    char cpu[64];
    char isa[16];
    char build[64];
    uint32_t engine_id;
    uint64_t token;
    int64_t cpu_time_ns, wall_time_ns;
};

/* Segment with all its samples, pair counts, frames and its snapshot's bytes, inside a transaction. spec gives the
 * science columns (stage, steps, temperatures); rung where it ran. STATUS_CONFLICT when that segment is stored already.
 */
enum status store_put_segment(struct store *store, struct campaign_id campaign, const struct segment_spec *spec,
                              struct rung_id rung, const struct segment_result *result,
                              const struct provenance *provenance, struct error *err) MUST_CHECK;

/* A row of the exchange ledger, inside a transaction. */
enum status store_put_exchange(struct store *store, struct campaign_id campaign, const struct exchange *exchange,
                               struct error *err) MUST_CHECK;

/* An alarm or a note for people (operational): "conflict", "held", ... inside or outside a transaction. */
enum status store_put_event(struct store *store, struct campaign_id campaign, const char *kind, const char *text,
                            struct error *err) MUST_CHECK;

/* A stored segment as the planner needs it. */
struct stored_segment {
    struct replica_id replica;
    struct segment_id segment;
    struct rung_id rung; /* where it ran */
    struct digest input, output, snapshot;
    double energy_potential;
};

/* For the rebuild after a start: the last segment of every replica that has one, in replica order. The callback returns
 * STATUS_OK to go on. */
typedef enum status store_segment_visitor(void *context, const struct stored_segment *segment, struct error *err);
enum status store_visit_last_segments(struct store *store, struct campaign_id campaign, store_segment_visitor *visit,
                                      void *context, struct error *err) MUST_CHECK;

/* One stored segment; STATUS_NOT_FOUND if it is not there. */
enum status store_get_segment(struct store *store, struct campaign_id campaign, struct replica_id replica,
                              struct segment_id segment, struct stored_segment *out_segment,
                              struct error *err) MUST_CHECK;

/* The exchange that a rung took part in after `round`; STATUS_NOT_FOUND if it is not stored. */
enum status store_get_exchange(struct store *store, struct campaign_id campaign, struct ensemble_id ensemble,
                               struct segment_id round, struct rung_id rung, struct exchange *out_exchange,
                               struct error *err) MUST_CHECK;

/* Bytes of the snapshot with this digest, checked against it; returned (mem_free). STATUS_NOT_FOUND when pruned. */
enum status store_get_snapshot(struct store *store, const struct digest *digest, uint8_t **out_bytes, size_t *out_size,
                               struct error *err) MUST_CHECK;

/* Drops snapshots' bytes that nothing needs any more (DESIGN section 8: kept are the first of production, the last two
 * of each replica, every k-th), at most `limit` of them, so that a call stays short. Own transaction. */
enum status store_prune_snapshots(struct store *store, struct campaign_id campaign, uint32_t limit,
                                  uint32_t *out_pruned, struct error *err) MUST_CHECK;

/* -- audit: segments that are run again, and taken back when they were wrong ----------------------------------------
 */

/* A stored segment with what it takes to run it again. */
struct stored_record {
    struct stored_segment segment;
    struct rung_id rung_before; /* where its replica was in the segment before */
    bool has_snapshot;          /* false for a build */
    struct digest snapshot_in;
    uint8_t worker_uuid[16]; /* that brought it */
    char host[64];
};

/* Stored segments first .. last of a replica, in order; unaudited: only those without an audit, and with all that this
 * program would measure: of one stored before a quantity was known another run gives other bits, and nobody is wrong.
 */
typedef enum status store_record_visitor(void *context, const struct stored_record *record, struct error *err);
enum status store_visit_records(struct store *store, struct campaign_id campaign, struct replica_id replica,
                                struct segment_id first, struct segment_id last, bool unaudited,
                                store_record_visitor *visit, void *context, struct error *err) MUST_CHECK;

/* Another run found the same: inside or outside a transaction. */
enum status store_put_audit(struct store *store, struct campaign_id campaign, struct replica_id replica,
                            struct segment_id segment, const char *host, const uint8_t worker_uuid[16],
                            struct error *err) MUST_CHECK;

/* Results of this host, or (worker_uuid not NULL) of this worker alone, are not taken any more: inside or outside a
 * transaction. */
enum status store_put_quarantine(struct store *store, const char *host, const uint8_t *worker_uuid,
                                 struct error *err) MUST_CHECK;
/* All of them, and the hosts that were revoked. worker_uuid is NULL for a whole host. */
typedef enum status store_quarantine_visitor(void *context, const char *host, const uint8_t *worker_uuid,
                                             struct error *err);
enum status store_visit_quarantine(struct store *store, store_quarantine_visitor *visit, void *context,
                                   struct error *err) MUST_CHECK;

/* Both end for a host and all its workers, with an event; STATUS_NOT_FOUND when there is no quarantine. Own
 * transaction.
 */
enum status store_lift_quarantine(struct store *store, const char *host, struct error *err) MUST_CHECK;

/* What people last said of a campaign is its last event of kind "paused", "resumed" or "cancelled"; by: who said it. */
enum status store_put_standing(struct store *store, struct campaign_id campaign, enum campaign_standing standing,
                               const char *by, struct error *err) MUST_CHECK;
enum status store_get_standing(struct store *store, struct campaign_id campaign, enum campaign_standing *out_standing,
                               struct error *err) MUST_CHECK;

/* RETRACT: takes back a segment and its causal cone - the later segments of its replica, the exchanges after any of
 * them, and the partners' segments after those - as one transaction of its own, with a row of `retraction` for each
 * replica (so that its generation rises) and an event. Where the snapshot before the cone is pruned a replica goes back
 * further, to one that is there. out_segments: how many were taken back. */
enum status store_retract(struct store *store, struct campaign_id campaign, struct replica_id replica,
                          struct segment_id segment, const char *reason, uint64_t *out_segments,
                          struct error *err) MUST_CHECK;

/* Writes the file anew without empty pages, and empties the WAL. Needs as much free disk as the file has. */
enum status store_compact(struct store *store, struct error *err) MUST_CHECK;

/* The science hash of a campaign: BLAKE2b-256 over its science rows in key order, floats as bits. */
enum status store_science_hash(struct store *store, struct campaign_id campaign, struct digest *out_hash,
                               struct error *err) MUST_CHECK;

#endif
