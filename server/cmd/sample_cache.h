/* sample_cache.h - the samples of ensembles in memory: read from the database once, by all cores, however many means,
 * lines and clouds are made of them.
 *
 * The quantities that a command will ask for are named at the start, and those of one group are read together. What was
 * read is kept while it takes no more than SAMPLE_CACHE_BYTES or is in use, the latest used the longest. A sample with
 * its step takes 8 bytes, 8 more for each quantity, and 4 for the rung in a ladder. For one thread. */
#ifndef VITRINE_SERVER_CMD_SAMPLE_CACHE_H
#define VITRINE_SERVER_CMD_SAMPLE_CACHE_H

#include "server/cmd/reading.h"

enum { SAMPLE_CACHE_BYTES = 1 << 30 };

struct sample_cache;

/* Borrows the reading. Quantities that are not among `wanted` may be asked for too: each is read by itself. */
enum status sample_cache_create(const struct reading *reading, const enum quantity_id *wanted, size_t wanted_count,
                                struct sample_cache **out_cache, struct error *err) MUST_CHECK;
void sample_cache_limit(struct sample_cache *cache, size_t bytes_max); /* in place of SAMPLE_CACHE_BYTES */
void sample_cache_destroy(struct sample_cache **cache);                /* NULL and pointers to NULL are fine */

/* One quantity against time; values are finite. Borrowed from the cache until it is asked for another. */
struct sample_series {
    size_t count;
    const int64_t *steps; /* [count], ascending */
    const double *values; /* [count] */
};

/* Whose samples: of one replica, or (replica STORE_ANY) of one rung of a ladder, whichever replicas were there. A rung
 * beside a replica restricts it to the time that it was there. */
struct sample_place {
    int64_t rung, replica; /* not both STORE_ANY */
};

/* Within the filter of `item`. */
enum status sample_cache_series(struct sample_cache *cache, const struct selected *item, struct sample_place place,
                                enum quantity_id quantity, struct sample_series *out_series,
                                struct error *err) MUST_CHECK;

/* The samples of one replica; `columns` of quantities of one group. */
struct sample_run {
    struct replica_id replica;
    struct rung_id rung; /* at all steps, where run.rungs is NULL */
    struct store_run run;
    size_t first; /* from which sample on the filter of `item` lets them through; those before are there too */
};

/* Are these read together? */
bool sample_cache_has(const struct sample_cache *cache, const enum quantity_id *ids, size_t count);

/* All samples of an ensemble up to the last step of its filter, preparation's too. Kept until it is released. */
struct sample_set {
    size_t run_count;
    const struct sample_run *runs; /* [run_count], in order of replicas; some may be empty */
};

/* Quantities of one group that were named together at the start: out_columns[count] says which columns of the runs they
 * are. */
enum status sample_cache_columns(struct sample_cache *cache, const struct selected *item, const enum quantity_id *ids,
                                 size_t count, struct sample_set *out_set, size_t *out_columns,
                                 struct error *err) MUST_CHECK;
void sample_cache_release(struct sample_cache *cache, const struct sample_set *set); /* zeroed is fine */

#endif
