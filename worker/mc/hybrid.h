/* hybrid.h - molecular dynamics with identity exchanges at fixed steps.
 *
 * Attempts are made where the absolute step is a multiple of `every`, after the step is complete, so that where a call
 * or a segment begins cannot move them. Between attempts this is md_run. An attempt works on the state that md_store
 * gives; only an accepted one costs new lists (md_load). */
#ifndef VITRINE_WORKER_MC_HYBRID_H
#define VITRINE_WORKER_MC_HYBRID_H

#include "worker/md/md.h"
#include "worker/md/potential.h"

struct hybrid_spec {
    int64_t every;     /* steps between attempts; 100 */
    uint32_t attempts; /* at each such step; 1 */
};

/* Raised by each run. */
struct hybrid_counts {
    uint64_t attempts, accepted;
};

/* As md_run; `setup` is what md was created with. */
enum status hybrid_run(struct md *md, const struct md_setup *setup, const struct hybrid_spec *spec, int64_t steps,
                       const struct md_ramp *ramp, _Atomic int64_t *progress, const _Atomic bool *cancel,
                       struct hybrid_counts *counts, struct error *err) MUST_CHECK;

#endif
