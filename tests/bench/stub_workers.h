/* stub_workers.h - many workers in one process: the agents of real ones, each behind a CURVE socket and a key of its
 * own, and in place of physics a pause and a result that follows from the segment's input alone, so that audits agree.
 * What it costs is the conversation and the digests. Any failure ends the process. Thread rule: one thread. */
#ifndef VITRINE_TESTS_BENCH_STUB_WORKERS_H
#define VITRINE_TESTS_BENCH_STUB_WORKERS_H

#include "common/key_file.h"
#include <stdbool.h>
#include <stdint.h>

struct stubs;

/* keys: [count], borrowed. Each worker takes pause_s, up to half of it more or less, for a segment. */
struct stubs *stubs_open(const char *url, const struct key_file *keys, uint32_t count, double pause_s);
void stubs_close(struct stubs **stubs);

/* Serves them for so long, or until `enough` (NULL: never) says so. */
void stubs_serve(struct stubs *stubs, double seconds, bool (*enough)(const struct stubs *));

/* Starts counting anew: who is back, what is acknowledged, how long that took. */
void stubs_mark(struct stubs *stubs);

/* Since the mark. */
struct stubs_count {
    uint32_t welcomed, leased; /* workers that were welcomed; and got, or were left, a lease after that */
    uint64_t acknowledged;     /* results, durable */
};
struct stubs_count stubs_count(const struct stubs *stubs);
/* Milliseconds from sending a result first to its acknowledgement, the share-th of all (0 .. 1); 0 without any. */
double stubs_latency_ms(struct stubs *stubs, double share);

#endif
