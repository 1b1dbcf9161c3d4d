/* measure.h - the scalars of quantities.def, measured. One function per row: double measure_<name>(struct measure *).
 *
 * A struct measure is one configuration under observation; what several scalars need (the tessellation) is computed
 * once, on first demand, and a failure on the way is kept and reported by measure_group. */
#ifndef VITRINE_WORKER_STRUCTURE_MEASURE_H
#define VITRINE_WORKER_STRUCTURE_MEASURE_H

#include "common/segment.h"
#include "worker/md/configuration.h"
#include "worker/md/md.h"
#include "worker/md/potential.h"
#include "worker/minimize/cg.h"

struct measure;

/* `thermal`: the configuration as it moves with its observables (borrowed for the life of the measure). The minimiser
 * runs on a copy, on first demand. */
enum status measure_create(const struct potential *potential, const struct configuration *thermal,
                           const struct md_observables *observables, struct measure **out_measure,
                           struct error *err) MUST_CHECK;
void measure_destroy(struct measure **measure);

/* All scalars of one group, into out_sample->values in table order within the group (step is the caller's). */
enum status measure_group(struct measure *measure, enum quantity_group group, struct sample *out_sample,
                          struct error *err) MUST_CHECK;

/* The inherent structure (borrowed), minimising now if that has not been done. */
enum status measure_inherent(struct measure *measure, const struct configuration **out_inherent,
                             const struct cg_result **out_result, struct error *err) MUST_CHECK;

#endif
