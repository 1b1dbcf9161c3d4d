/* slots.h - the compute threads: one segment at a time on each, finished ones told through a file descriptor.
 *
 * Thread rule: all functions belong to one thread (the courier's). The compute threads see only their job. */
#ifndef VITRINE_WORKER_SLOTS_H
#define VITRINE_WORKER_SLOTS_H

#include "common/segment.h"
#include "worker/runner.h"
#include <stdatomic.h>
#include <stdbool.h>

struct slots;

/* runner_run, or a stand-in of a test. */
typedef enum status segment_function(const struct runner_setup *setup, const struct segment_spec *spec,
                                     const uint8_t *snapshot_bytes, size_t snapshot_size, _Atomic int64_t *progress,
                                     const _Atomic bool *cancel, struct segment_result *out_result, struct error *err);

/* What came of a segment: result where status == STATUS_OK, else err. */
struct outcome {
    int slot;
    enum status status;
    struct segment_result result;
    struct error err;
};

/* Starts `count` threads that wait. */
enum status slots_create(int count, segment_function *run, const struct runner_setup *setup, struct slots **out_slots,
                         struct error *err) MUST_CHECK;

/* Cancels what runs, waits for it and throws it away. NULL and pointers to NULL are fine. */
void slots_destroy(struct slots **slots);

int slots_count(const struct slots *slots);

/* Readable when an outcome waits. Borrowed. */
int slots_fd(const struct slots *slots);

/* The slot must be idle; the bytes stay the caller's and must live until its outcome is collected. */
void slots_start(struct slots *slots, int slot, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                 size_t snapshot_size);

/* The segment that runs there ends soon with STATUS_EVICTED (or done, if it was about to be). */
void slots_cancel(struct slots *slots, int slot);

/* Steps done of the segment that runs there. */
int64_t slots_progress(const struct slots *slots, int slot);

/* false when nothing waits. The result is the caller's. */
bool slots_collect(struct slots *slots, struct outcome *out_outcome);

#endif
