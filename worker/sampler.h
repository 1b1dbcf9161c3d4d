/* sampler.h - what a segment measures on its way, and when (struct sampling_spec).
 *
 * A sample falls due at each step in (step_first, step_first + steps] that is a multiple of its cadence; the one at
 * step_first belongs to the segment before. The sampler looks at the dynamics and never touches it: a test holds the
 * snapshot out to be the same with and without sampling. All room is taken at the start, from the specification. */
#ifndef VITRINE_WORKER_SAMPLER_H
#define VITRINE_WORKER_SAMPLER_H

#include "common/segment.h"
#include "worker/md/md.h"
#include "worker/md/potential.h"

struct sampler {
    const struct segment_spec *spec; /* borrowed */
    struct potential potential;
    size_t sample_room, frame_room, array_room;
    struct earlier *earlier;       /* what displacements count from; NULL before their first multiple */
    struct relaxation *relaxation; /* the window that the trajectory passes through; NULL outside of one */
};

/* Takes room in out_result for all that falls due (segment_result_finish frees it, on failure too). STATUS_LIMIT when
 * that is more than a segment may hold. */
enum status sampler_init(struct sampler *sampler, const struct segment_spec *spec, struct segment_result *out_result,
                         struct error *err) MUST_CHECK;
void sampler_finish(struct sampler *sampler); /* NULL and zeroed are fine */

/* Before the first step, where md stands at step_first: keeps what displacements and relaxation within the segment count
 * from. */
enum status sampler_begin(struct sampler *sampler, const struct md *md, struct error *err) MUST_CHECK;

/* The first step after `step` at which something falls due, or the last step of the segment. */
int64_t sampler_next_step(const struct sampler *sampler, int64_t step);

/* Measures what is due at `step`, where md stands now, and appends it to the result. */
enum status sampler_take(struct sampler *sampler, const struct md *md, int64_t step,
                         struct segment_result *result, struct error *err) MUST_CHECK;

#endif
