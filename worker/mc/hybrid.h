/* hybrid.h - molecular dynamics with identity exchanges at fixed steps.
 *
 * Attempts are made where the absolute step is a multiple of `every`, after the step is complete, so that where a call
 * or a segment begins cannot move them. Between attempts this is md_run. An attempt works on the state that md_store
 * gives; only an accepted one costs new lists (md_load). */
#ifndef VITRINE_WORKER_MC_HYBRID_H
#define VITRINE_WORKER_MC_HYBRID_H

#include "worker/md/md.h"
#include "worker/md/potential.h"

/* As md_run; `setup` is what md was created with. Raises `counts`. */
enum status hybrid_run(struct md *md, const struct md_setup *setup, const struct identity_spec *spec, int64_t steps,
                       const struct md_ramp *ramp, _Atomic int64_t *progress, const _Atomic bool *cancel,
                       struct identity_counts *counts, struct error *err) MUST_CHECK;

#endif
