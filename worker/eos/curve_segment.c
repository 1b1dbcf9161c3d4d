#include "worker/eos/curve_segment.h"

#include "common/mem.h"
#include "worker/eos/eos.h"

#include <inttypes.h>
#include <string.h>

static struct phase phase_of(const struct segment_spec *spec)
{
    struct phase phase = {.crystal = spec->builder};
    memcpy(phase.sites, spec->eos.sites, sizeof phase.sites);
    return phase;
}

/* Step n is the n-th volume, from 1. */
static double volume_at(const struct eos_spec *eos, int64_t step)
{
    return eos->volume_first + (double)(step - 1) * eos->volume_step;
}

/* In the order of quantities.def; no -0.0: a database does not keep it. */
static struct sample make_sample(int64_t step, const struct eos_point *point)
{
    return (struct sample){
        .step = step,
        .group = QUANTITY_GROUP_static,
        .values = {point->volume, point->energy + 0.0, point->pressure + 0.0, point->shape.c_over_a, point->is_held}};
}

static enum status walk_volumes(const struct segment_spec *spec, const struct potential *potential,
                                _Atomic int64_t *progress, const _Atomic bool *cancel, struct segment_result *result,
                                struct eos_point *out_last, struct error *err)
{
    const struct phase phase = phase_of(spec);
    for (int64_t step = spec->step_first + 1; step <= spec->step_first + spec->steps; step++) {
        if (cancel && atomic_load(cancel))
            return error_set(err, STATUS_EVICTED, "cancelled at step %" PRId64, step);
        *out_last = eos_point_at(potential, &phase, spec->eos.geometry, volume_at(&spec->eos, step));
        result->samples[result->sample_count++] = make_sample(step, out_last);
        if (progress)
            atomic_fetch_add(progress, 1);
    }
    return STATUS_OK;
}

/* The cell of a point, as the state that the segment ends in. */
static enum status store_cell(const struct segment_spec *spec, const struct eos_point *point, struct snapshot *out,
                              struct error *err)
{
    const struct phase phase = phase_of(spec);
    const struct lattice_repeats one = {{1, 1, 1}};
    struct lattice lattice = lattice_make(eos_lattice_kind(&phase), &point->shape);
    struct configuration cell;
    enum status status = lattice_set_sites(&lattice, phase.sites, err);
    if (status == STATUS_OK)
        status = lattice_fill(&lattice, one, point->volume, &cell, err);
    if (status != STATUS_OK)
        return status;
    status = configuration_to_snapshot(&cell, spec->step_first + spec->steps, out, err);
    configuration_finish(&cell);
    return status;
}

static enum status make_room(const struct segment_spec *spec, struct segment_result *result, struct error *err)
{
    if (spec->steps > SEGMENT_SAMPLES_MAX)
        return error_set(err, STATUS_LIMIT, "%" PRId64 " volumes in one segment (at most %d)", spec->steps,
                         SEGMENT_SAMPLES_MAX);
    result->samples = mem_alloc_array((size_t)spec->steps, sizeof *result->samples);
    return result->samples ? STATUS_OK : mem_error(err, "the samples of a segment");
}

enum status curve_segment_run(const struct segment_spec *spec, _Atomic int64_t *progress, const _Atomic bool *cancel,
                              struct segment_result *out_result, struct snapshot *out_snapshot, struct error *err)
{
    const struct potential potential = potential_make(spec->system.potential, spec->system.cut, spec->system.cutoff);
    const struct phase phase = phase_of(spec);
    struct eos_point last;
    enum status status = STATUS_OK;
    if (phase_cell_atoms(&phase) != spec->system.atoms || phase_cell_atoms_small(&phase) != spec->system.atoms_small)
        return error_set(err, STATUS_INVALID, "the cell of '%s' with sites %s does not have %" PRIu32 " atoms",
                         builder_names[spec->builder], spec->eos.sites, spec->system.atoms);
    if (spec->stage == STAGE_BUILD) {
        last = eos_point_at(&potential, &phase, EOS_IDEAL, spec->eos.volume_first);
    } else {
        status = make_room(spec, out_result, err);
        if (status == STATUS_OK)
            status = walk_volumes(spec, &potential, progress, cancel, out_result, &last, err);
    }
    if (status != STATUS_OK)
        return status;
    out_result->energy_potential = last.energy * spec->system.atoms + 0.0;
    return store_cell(spec, &last, out_snapshot, err);
}
