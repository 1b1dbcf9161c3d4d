/* spool.h - results on the worker's disk, until they are acknowledged.
 *
 * A segment may have taken minutes, and the coordinator may be away for hours; a worker that is stopped or dies in that
 * time leaves its results here, and the next one brings them. What is acknowledged at once never gets here.
 *
 * One file a result, named by what it is of, so that it is there once. A file ends with a digest of all before it and
 * comes by rename: what is cut or flipped is thrown away, and its segment computed again. Bounded by files and bytes;
 * what does not fit is not kept. One worker process owns the folder (a lock). */
#ifndef VITRINE_WORKER_SPOOL_H
#define VITRINE_WORKER_SPOOL_H

#include "common/wire.h"

enum { SPOOL_FILES_MAX = 4096 };
#define SPOOL_BYTES_MAX ((uint64_t)4 << 30)

struct spool;

/* Makes the folder if it is not there. STATUS_CONFLICT when another worker has it. */
enum status spool_open(const char *dir, struct spool **out_spool, struct error *err) MUST_CHECK;
void spool_close(struct spool **spool); /* NULL and pointers to NULL are fine */

enum status spool_put(struct spool *spool, const struct wire_result *result, struct error *err) MUST_CHECK;
void spool_drop(struct spool *spool, const struct wire_result *result);

/* All that is there and whole; the visitor says whether it took the result, which is given then. out_bad: files that
 * were not whole, and were removed. */
typedef bool spool_visitor(void *context, struct wire_result *result);
enum status spool_visit(struct spool *spool, spool_visitor *visit, void *context, uint32_t *out_bad,
                        struct error *err) MUST_CHECK;

#endif
