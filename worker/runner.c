#include "worker/runner.h"

#include "common/clock.h"
#include "common/engine.h"
#include "worker/build/start.h"
#include "worker/eos/curve_segment.h"
#include "worker/mc/hybrid.h"
#include "worker/sampler.h"

#include <inttypes.h>
#include <string.h>

/* Everything that running one segment needs, so that the steps below can be read in a row. */
struct run {
    const struct runner_setup *setup;
    const struct segment_spec *spec;
    _Atomic int64_t *progress;
    const _Atomic bool *cancel;
    struct segment_result result;
};

static struct md_setup make_md_setup(const struct run *run)
{
    return (struct md_setup){
        .system = run->spec->system,
        .dynamics = run->spec->dynamics,
        .seed = run->spec->seed,
        .replica = run->spec->replica,
        .kernels = run->setup->kernels,
        .threads = run->setup->threads,
    };
}

static enum status create_md(const struct run *run, struct md **out_md, struct error *err)
{
    const struct md_setup setup = make_md_setup(run);
    return md_create(&setup, out_md, err);
}

/* A start as it comes from the builder, at the first step of the campaign. */
static enum status load_build(struct run *run, struct md *md, struct error *err)
{
    const struct segment_spec *spec = run->spec;
    struct snapshot snapshot;
    enum status status = start_build(spec, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    snapshot.step = spec->step_first;
    run->result.input = segment_input_digest(spec, ENGINE_ID, NULL);
    status = md_load(md, &snapshot, err);
    snapshot_finish(&snapshot);
    return status;
}

/* The state that the segment begins in, checked, and with it the input digest. */
static enum status read_snapshot(struct run *run, const uint8_t *bytes, size_t size, struct snapshot *out,
                                 struct error *err)
{
    struct snapshot snapshot;
    struct digest digest;
    enum status status = snapshot_decode(bytes, size, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    memcpy(digest.bytes, bytes + size - DIGEST_SIZE, DIGEST_SIZE); /* just checked */
    run->result.input = segment_input_digest(run->spec, ENGINE_ID, &digest);
    if (snapshot.step == run->spec->step_first) {
        *out = snapshot;
        return STATUS_OK;
    }
    status = error_set(err, STATUS_INVALID, "the snapshot is of step %" PRId64 ", the segment starts at %" PRId64,
                       snapshot.step, run->spec->step_first);
    snapshot_finish(&snapshot);
    return status;
}

static enum status load_snapshot(struct run *run, struct md *md, const uint8_t *bytes, size_t size, struct error *err)
{
    struct snapshot snapshot;
    enum status status = read_snapshot(run, bytes, size, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = md_load(md, &snapshot, err);
    snapshot_finish(&snapshot);
    return status;
}

static void set_velocities(const struct segment_spec *spec, struct md *md)
{
    if (spec->temperature_before == spec->temperature_first)
        return; /* from 0 up, too: what motion is left grows with the thermostat */
    if (spec->temperature_before == 0.0)
        md_draw_velocities(md, spec->temperature_first);
    else
        md_rescale_velocities(md, spec->temperature_before, spec->temperature_first);
}

/* Molecular dynamics, with exchanges of identities where the segment has them. */
static enum status advance_by(struct run *run, struct md *md, int64_t steps, const struct md_ramp *ramp,
                              struct error *err)
{
    const struct identity_spec *identity = &run->spec->identity;
    if (identity->every == 0)
        return md_run(md, steps, ramp, run->progress, run->cancel, err);
    const struct md_setup setup = make_md_setup(run);
    return hybrid_run(md, &setup, identity, steps, ramp, run->progress, run->cancel, &run->result.identity, err);
}

static enum status advance(struct run *run, struct md *md, struct error *err)
{
    const struct segment_spec *spec = run->spec;
    const int64_t step_last = spec->step_first + spec->steps;
    const struct md_ramp ramp = {spec->step_first, step_last, spec->temperature_first, spec->temperature_last};
    struct sampler sampler;
    enum status status = sampler_init(&sampler, spec, &run->result, err);
    if (status == STATUS_OK)
        status = sampler_begin(&sampler, md, err);
    for (int64_t step = spec->step_first; status == STATUS_OK && step < step_last;) {
        const int64_t next = sampler_next_step(&sampler, step);
        status = advance_by(run, md, next - step, &ramp, err);
        if (status == STATUS_OK)
            status = sampler_take(&sampler, md, next, &run->result, err);
        step = next;
    }
    sampler_finish(&sampler);
    return status;
}

static enum status encode_end(struct run *run, struct snapshot *snapshot, struct error *err)
{
    struct segment_result *result = &run->result;
    enum status status =
        snapshot_encode(snapshot, &result->snapshot_bytes, &result->snapshot_size, &result->snapshot, err);
    snapshot_finish(snapshot);
    return status;
}

static enum status store_end(struct run *run, const struct md *md, struct error *err)
{
    struct md_observables observables;
    struct snapshot snapshot;
    enum status status = md_observe(md, &observables, err);
    if (status == STATUS_OK)
        status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    run->result.energy_potential = observables.energy_potential + 0.0; /* no -0.0 */
    return encode_end(run, &snapshot, err);
}

static enum status run_build(struct run *run, struct md *md, struct error *err)
{
    enum status status = load_build(run, md, err);
    return status == STATUS_OK ? store_end(run, md, err) : status;
}

static enum status run_dynamics(struct run *run, struct md *md, const uint8_t *bytes, size_t size, struct error *err)
{
    enum status status = load_snapshot(run, md, bytes, size, err);
    if (status != STATUS_OK)
        return status;
    set_velocities(run->spec, md);
    status = advance(run, md, err);
    return status == STATUS_OK ? store_end(run, md, err) : status;
}

/* A curve of static energies: the state before says only where it goes on. */
static enum status run_curve(struct run *run, const uint8_t *bytes, size_t size, struct error *err)
{
    struct snapshot before = {0}, after;
    enum status status = STATUS_OK;
    if (run->spec->stage == STAGE_BUILD)
        run->result.input = segment_input_digest(run->spec, ENGINE_ID, NULL);
    else
        status = read_snapshot(run, bytes, size, &before, err);
    snapshot_finish(&before);
    if (status == STATUS_OK)
        status = curve_segment_run(run->spec, run->progress, run->cancel, &run->result, &after, err);
    return status == STATUS_OK ? encode_end(run, &after, err) : status;
}

static enum status run_stage(struct run *run, const uint8_t *bytes, size_t size, struct error *err)
{
    const bool is_build = run->spec->stage == STAGE_BUILD;
    struct md *md;
    enum status status = segment_spec_check(run->spec, err);
    if (status != STATUS_OK)
        return status;
    if (is_build != (size == 0))
        return error_set(err, STATUS_INVALID, "stage '%s' with a snapshot of %zu bytes", stage_names[run->spec->stage],
                         size);
    if (run->spec->eos.volume_step > 0.0)
        return run_curve(run, bytes, size, err);
    if ((status = create_md(run, &md, err)) != STATUS_OK)
        return status;
    status = is_build ? run_build(run, md, err) : run_dynamics(run, md, bytes, size, err);
    md_destroy(&md);
    return status;
}

enum status runner_run(const struct runner_setup *setup, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                       size_t snapshot_size, _Atomic int64_t *progress, const _Atomic bool *cancel,
                       struct segment_result *out_result, struct error *err)
{
    const struct mono_ns wall_first = clock_mono();
    const struct cpu_ns cpu_first = clock_thread_cpu();
    struct run run = {setup, spec, progress, cancel, {.replica = spec->replica, .segment = spec->segment}};
    enum status status = run_stage(&run, snapshot_bytes, snapshot_size, err);
    if (status != STATUS_OK) {
        segment_result_finish(&run.result);
        error_context(err, "segment %" PRId64 " of replica %" PRIu32, spec->segment.value, spec->replica.value);
        return status;
    }
    run.result.output = segment_output_digest(&run.result);
    run.result.wall_time_ns = clock_mono().value - wall_first.value;
    /* OpenMP's threads work as long as the one that leads them. */
    run.result.cpu_time_ns = (clock_thread_cpu().value - cpu_first.value) * setup->threads;
    *out_result = run.result;
    return STATUS_OK;
}
