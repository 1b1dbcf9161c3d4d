/* curve_segment.h - a segment of a static energy-volume curve: no dynamics, one sample for each step.
 *
 * The build segment makes one cell of the crystal in its ideal shape at the first volume. A static segment walks its
 * volumes; each is relaxed from the ideal shape, so that a point does not depend on those before it, and the snapshot
 * out is the cell as it is at the last of them. */
#ifndef VITRINE_WORKER_EOS_CURVE_SEGMENT_H
#define VITRINE_WORKER_EOS_CURVE_SEGMENT_H

#include "common/segment.h"
#include "common/snapshot.h"
#include <stdatomic.h>
#include <stdbool.h>

/* The cell at the segment's last volume (the first of all for a build), with its energy and, except for a build, the
 * samples, into out_result; initialises out_snapshot on success. STATUS_EVICTED when cancelled. */
enum status curve_segment_run(const struct segment_spec *spec, _Atomic int64_t *progress, const _Atomic bool *cancel,
                              struct segment_result *out_result, struct snapshot *out_snapshot,
                              struct error *err) MUST_CHECK;

#endif
