/* runner.h - one segment: grant in, result out. A pure function of its arguments (progress and cancel aside). */
#ifndef VITRINE_WORKER_RUNNER_H
#define VITRINE_WORKER_RUNNER_H

#include "common/segment.h"
#include "worker/md/md.h"

struct runner_setup {
    const struct kernels *kernels; /* borrowed */
    int threads;
};

/* Runs spec from the snapshot's bytes (NULL, 0 for a build). out_result is the caller's (segment_result_finish). */
enum status runner_run(const struct runner_setup *setup, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                       size_t snapshot_size, _Atomic int64_t *progress, const _Atomic bool *cancel,
                       struct segment_result *out_result, struct error *err) MUST_CHECK;

#endif
