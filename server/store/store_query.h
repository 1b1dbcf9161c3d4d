/* store_query.h - what readers ask of the results database: typed rows, and SQL that can do no harm.
 *
 * Visitors are called once a row, in the stated order, and return STATUS_OK to go on; any other status ends the reading
 * and is returned. What a row points to is borrowed until the visitor returns. A visitor may ask the same store other
 * questions, but not the one that is being answered. */
#ifndef VITRINE_SERVER_STORE_STORE_QUERY_H
#define VITRINE_SERVER_STORE_STORE_QUERY_H

#include "common/quantity.h"
#include "server/store/store.h"

enum { STORE_ANY = -1 };

/* Which rows. Start from store_filter_production or store_filter_all and narrow. */
struct store_filter {
    struct campaign_id campaign;
    int64_t ensemble, rung, replica; /* STORE_ANY, or a number */
    double temperature;              /* epsilon/k_B of a hold, exactly; 0 = any */
    int64_t segment_first;           /* 0: production only */
    int64_t step_first, step_last;   /* both included */
};

struct store_filter store_filter_all(struct campaign_id campaign);
struct store_filter store_filter_production(struct campaign_id campaign); /* segments from 0 */

/* ---- samples ---- */

struct sample_row {
    struct ensemble_id ensemble;
    struct replica_id replica;
    struct rung_id rung;
    struct segment_id segment;
    int64_t step;
    double temperature_set; /* epsilon/k_B, of the thermostat at that step */
    const double *values;   /* [quantity_group_size(group)]; NAN where the row is older than the quantity */
};
typedef enum status sample_visitor(void *context, const struct sample_row *row, struct error *err);

/* In order of replica and step. */
enum status store_visit_samples(struct store *store, const struct store_filter *filter, enum quantity_group group,
                                sample_visitor *visit, void *context, struct error *err) MUST_CHECK;

enum { STORE_RUN_QUANTITIES_MAX = 8 };

/* Chosen quantities of one replica against time. Its memory is used again by the next reading of as many. */
struct store_run {
    size_t count, room, quantity_count;
    int64_t *steps;                            /* [count], ascending */
    uint32_t *rungs;                           /* [count] the rung at each step; NULL unless asked for */
    double *columns[STORE_RUN_QUANTITIES_MAX]; /* [quantities][count]; NAN where the row is older than the quantity */
};

/* Of filter->replica, whichever rungs it was on: beside it only the campaign, the segments and the steps of the filter
 * are looked at. One to STORE_RUN_QUANTITIES_MAX quantities of one group. Reads their table in key order, and segments
 * only for rungs, which a replica of a ladder changes: this is the way through 10^7 rows. */
enum status store_read_run(struct store *store, const struct store_filter *filter, const enum quantity_id *ids,
                           size_t id_count, bool with_rungs, struct store_run *run, struct error *err) MUST_CHECK;
/* What is filled of a run, in memory of its own, which the caller finishes. */
enum status store_run_copy(const struct store_run *run, struct store_run *out_copy, struct error *err) MUST_CHECK;
void store_run_finish(struct store_run *run); /* NULL and zeroed are fine */

/* ---- exchange ---- */

struct exchange_counts {
    struct ensemble_id ensemble;
    struct rung_id rung_cold;
    double temperature_cold, temperature_hot;
    uint64_t attempts, accepted;
    double probability; /* mean of min(1, exp log_weight): what accepted / attempts tends to, with less noise */
};
typedef enum status exchange_counts_visitor(void *context, const struct exchange_counts *row, struct error *err);

/* Per pair of neighbours, in order of ensemble and rung; rounds round_first .. round_last. */
enum status store_visit_exchange_counts(struct store *store, struct campaign_id campaign, int64_t round_first,
                                        int64_t round_last, exchange_counts_visitor *visit, void *context,
                                        struct error *err) MUST_CHECK;

typedef enum status exchange_visitor(void *context, const struct exchange *row, struct error *err);

/* The ledger of one ensemble, in order of round and rung. */
enum status store_visit_exchanges(struct store *store, struct campaign_id campaign, struct ensemble_id ensemble,
                                  int64_t round_first, int64_t round_last, exchange_visitor *visit, void *context,
                                  struct error *err) MUST_CHECK;

struct walk_row {
    struct replica_id replica;
    struct segment_id segment;
    struct rung_id rung;
};
typedef enum status walk_visitor(void *context, const struct walk_row *row, struct error *err);

/* Where each replica of an ensemble was in each segment of production, in order of replica and segment. */
enum status store_visit_walk(struct store *store, struct campaign_id campaign, struct ensemble_id ensemble,
                             walk_visitor *visit, void *context, struct error *err) MUST_CHECK;

/* Exchanges of identities in one segment of a hybrid. */
struct identity_row {
    struct ensemble_id ensemble;
    struct replica_id replica;
    struct rung_id rung;
    struct segment_id segment;
    int64_t step_last;
    struct identity_counts counts;
};
typedef enum status identity_visitor(void *context, const struct identity_row *row, struct error *err);

/* In order of replica and segment; a segment counts when its last step is in the step range. */
enum status store_visit_identities(struct store *store, const struct store_filter *filter, identity_visitor *visit,
                                   void *context, struct error *err) MUST_CHECK;

/* ---- structure ---- */

/* Pair counts of one rung and kind, summed over all frames of the filter. */
struct pdf_sum {
    struct ensemble_id ensemble;
    struct rung_id rung;
    double temperature; /* epsilon/k_B, of the rung */
    enum configuration_kind kind;
    uint64_t segments, frames;
    double bin; /* sigma */
    uint32_t bins;
    const uint64_t *counts; /* [PDF_PAIRS][bins] */
};
typedef enum status pdf_visitor(void *context, const struct pdf_sum *row, struct error *err);

/* In order of ensemble, rung and kind. Only production; a segment counts when its last frame is in the step range. */
enum status store_visit_pdfs(struct store *store, const struct store_filter *filter, pdf_visitor *visit, void *context,
                             struct error *err) MUST_CHECK;

/* One table of rows as it was found. */
struct array_row {
    struct ensemble_id ensemble;
    struct replica_id replica;
    struct rung_id rung;
    struct segment_id segment;
    int64_t step;
    double temperature_set; /* epsilon/k_B, of the thermostat at that step */
    enum array_id array;
    uint32_t rows;
    const double *cells; /* [rows][array_columns(array)] */
};
typedef enum status array_visitor(void *context, const struct array_row *row, struct error *err);

/* In order of replica and step. */
enum status store_visit_arrays(struct store *store, const struct store_filter *filter, enum array_id array,
                               array_visitor *visit, void *context, struct error *err) MUST_CHECK;

struct frame_row {
    struct ensemble_id ensemble;
    struct replica_id replica;
    struct rung_id rung;
    struct segment_id segment;
    int64_t step;
    enum configuration_kind kind;
    double temperature_set;
    size_t size; /* bytes */
    struct digest digest;
};
typedef enum status frame_visitor(void *context, const struct frame_row *row, struct error *err);

/* In order of replica and step. */
enum status store_visit_frames(struct store *store, const struct store_filter *filter, frame_visitor *visit,
                               void *context, struct error *err) MUST_CHECK;

/* Bytes of one frame (snapshot.h), checked against its digest; returned (mem_free). */
enum status store_get_frame(struct store *store, struct campaign_id campaign, struct replica_id replica, int64_t step,
                            enum configuration_kind kind, uint8_t **out_bytes, size_t *out_size,
                            struct error *err) MUST_CHECK;

/* ---- progress ---- */

struct replica_progress {
    struct replica_id replica;
    struct ensemble_id ensemble;
    struct rung_id rung; /* of the last segment; rung_first before there is one */
    uint64_t segments_done, segments_total;
    int64_t step_last; /* reached; of preparation (< 0) too */
};
typedef enum status progress_visitor(void *context, const struct replica_progress *row, struct error *err);

/* In order of replica. */
enum status store_visit_progress(struct store *store, struct campaign_id campaign, progress_visitor *visit,
                                 void *context, struct error *err) MUST_CHECK;

/* What was stored since a moment (0 = ever), from the provenance of segments. */
struct store_throughput {
    uint64_t segments;
    int64_t steps;
    double cpu_time_s, wall_time_s; /* of the workers, summed */
    uint64_t workers;               /* that delivered */
    struct wall_us first, last;     /* when the first and last of these were stored; 0 when there are none */
};
enum status store_get_throughput(struct store *store, struct campaign_id campaign, struct wall_us since,
                                 struct store_throughput *out_throughput, struct error *err) MUST_CHECK;

struct event_row {
    struct campaign_id campaign; /* 0: of the whole file */
    struct wall_us happened;
    const char *kind, *text;
};
typedef enum status event_visitor(void *context, const struct event_row *row, struct error *err);

/* The newest `limit` events of a campaign and of the whole file, newest first. */
enum status store_visit_events(struct store *store, struct campaign_id campaign, uint32_t limit, event_visitor *visit,
                               void *context, struct error *err) MUST_CHECK;

/* ---- SQL ---- */

enum sql_type { SQL_NULL, SQL_INTEGER, SQL_REAL, SQL_TEXT, SQL_BLOB };

struct sql_cell {
    enum sql_type type;
    int64_t integer;   /* SQL_INTEGER */
    double real;       /* SQL_REAL */
    const char *bytes; /* SQL_TEXT (with a final zero) and SQL_BLOB */
    size_t size;
};

/* columns is called once, before the first row, if any. declared[i] is the type in the table, "" for an expression. */
struct sql_handler {
    enum status (*columns)(void *context, int count, const char *const *names, const char *const *declared,
                           struct error *err);
    enum status (*row)(void *context, int count, const struct sql_cell *cells, struct error *err);
    void *context;
};

/* Runs one statement that only reads (SELECT, WITH, VALUES, EXPLAIN, informative PRAGMAs) on a STORE_READ store.
 * STATUS_INVALID for anything else, with the reason; STATUS_TIMEOUT after time_limit_ms (0 = none). */
enum status store_run_sql(struct store *store, const char *sql, uint32_t time_limit_ms,
                          const struct sql_handler *handler, struct error *err) MUST_CHECK;

#endif
