/* measure.h - the observables of quantities.def and arrays.def, measured. One function per row: double
 * measure_<name>(struct measure *) of a scalar, measure_array_<name> of an array.
 *
 * A struct measure is one configuration under observation; what several observables need (the tessellation) is computed
 * once, on first demand, and a failure on the way is kept and reported by measure_group.
 *
 * Group dynamics compares with an earlier configuration of the same trajectory, a struct earlier. */
#ifndef VITRINE_WORKER_STRUCTURE_MEASURE_H
#define VITRINE_WORKER_STRUCTURE_MEASURE_H

#include "common/segment.h"
#include "worker/md/configuration.h"
#include "worker/md/md.h"
#include "worker/md/potential.h"
#include "worker/minimize/cg.h"

struct measure;
struct earlier;
struct relaxation; /* worker/structure/relaxation.h */

/* `thermal`: the configuration as it moves with its observables (borrowed for the life of the measure). The minimiser
 * runs on a copy, on first demand. */
enum status measure_create(const struct potential *potential, const struct configuration *thermal,
                           const struct md_observables *observables, struct measure **out_measure,
                           struct error *err) MUST_CHECK;
void measure_destroy(struct measure **measure);

/* What a later measurement can be compared with: the snapshot under observation and its inherent structure, as copies.
 * Returned: earlier_destroy. */
enum status measure_keep(struct measure *measure, const struct snapshot *snapshot, struct earlier **out_earlier,
                         struct error *err) MUST_CHECK;
void earlier_destroy(struct earlier **earlier);

/* Says what group dynamics compares with; both are borrowed for the life of the measure. `snapshot` is the one under
 * observation. Before this the group must not be asked for. */
void measure_compare(struct measure *measure, const struct earlier *earlier, const struct snapshot *snapshot);

/* Says which window, at its end, group relaxation is about; borrowed likewise, and not to be asked for before. */
void measure_relaxation(struct measure *measure, const struct relaxation *relaxation);

/* All arrays of one group: out_arrays[i] for i < *out_count, in table order (step is the caller's); room for
 * ARRAY_COUNT. Cells are returned (mem_free). */
enum status measure_arrays(struct measure *measure, enum quantity_group group,
                           struct sample_array out_arrays[ARRAY_COUNT], size_t *out_count,
                           struct error *err) MUST_CHECK;

/* All scalars of one group, into out_sample->values in table order within the group (step is the caller's). */
enum status measure_group(struct measure *measure, enum quantity_group group, struct sample *out_sample,
                          struct error *err) MUST_CHECK;

/* The inherent structure (borrowed), minimising now if that has not been done. */
enum status measure_inherent(struct measure *measure, const struct configuration **out_inherent,
                             const struct cg_result **out_result, struct error *err) MUST_CHECK;

#endif
