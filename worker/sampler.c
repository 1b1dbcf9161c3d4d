#include "worker/sampler.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "worker/structure/measure.h"
#include "worker/structure/pdf.h"
#include "worker/structure/relaxation.h"

#include <inttypes.h>

/* ---- when ---- */

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool is_due(int64_t every, int64_t step)
{
    return every > 0 && step % every == 0;
}

/* Multiples of the cadence in (first, first + steps]. */
static size_t count_due(int64_t every, const struct segment_spec *spec)
{
    if (every == 0)
        return 0;
    return (size_t)(floor_divide(spec->step_first + spec->steps, every) - floor_divide(spec->step_first, every));
}

static int64_t next_due(int64_t every, int64_t step, int64_t last)
{
    if (every == 0)
        return last;
    const int64_t due = (floor_divide(step, every) + 1) * every;
    return due < last ? due : last;
}

/* Displacements end at multiples of the cadence; the first multiple, of step_first on, only begins one. */
static size_t count_displacements(int64_t every, const struct segment_spec *spec)
{
    const size_t ends = count_due(every, spec);
    return ends > 0 && spec->step_first % every != 0 ? ends - 1 : ends;
}

static int64_t segment_end(const struct segment_spec *spec)
{
    return spec->step_first + spec->steps;
}

/* A window of relaxation lies between two multiples of the cadence, in the segment. */
static bool window_fits(const struct segment_spec *spec, int64_t start)
{
    return start >= spec->step_first && start + spec->sampling.relaxation_every <= segment_end(spec);
}

/* The next step at which the window around `step` is looked at, or the next one begins. */
static int64_t next_in_window(const struct segment_spec *spec, int64_t step, int64_t last)
{
    const int64_t every = spec->sampling.relaxation_every;
    if (every == 0)
        return last;
    const int64_t start = floor_divide(step, every) * every;
    if (!window_fits(spec, start))
        return next_due(every, step, last);
    const int64_t due = start + relaxation_next_lag(step - start, every);
    return due < last ? due : last;
}

/* Whether the window that `step` lies in, its end included and its start not, is looked at there. */
static bool is_in_window(const struct segment_spec *spec, int64_t step)
{
    const int64_t every = spec->sampling.relaxation_every;
    if (every == 0)
        return false;
    const int64_t start = floor_divide(step - 1, every) * every;
    return window_fits(spec, start) && relaxation_next_lag(step - 1 - start, every) == step - start;
}

int64_t sampler_next_step(const struct sampler *sampler, int64_t step)
{
    const struct sampling_spec *sampling = &sampler->spec->sampling;
    int64_t next = segment_end(sampler->spec);
    next = next_due(sampling->thermal_every, step, next);
    next = next_due(sampling->inherent_every, step, next);
    next = next_due(sampling->pdf_every, step, next);
    next = next_due(sampling->pdf_inherent_every, step, next);
    next = next_due(sampling->frame_every, step, next);
    next = next_due(sampling->frame_inherent_every, step, next);
    next = next_due(sampling->structure_every, step, next);
    next = next_due(sampling->displacement_every, step, next);
    next = next_in_window(sampler->spec, step, next);
    return next;
}

/* ---- room ---- */

static size_t arrays_in(enum quantity_group group)
{
    size_t count = 0;
    for (int id = 0; id < ARRAY_COUNT; id++)
        count += array_quantities[id].group == group;
    return count;
}

static enum status take_room(struct sampler *sampler, struct segment_result *out_result, struct error *err)
{
    out_result->samples = mem_alloc_array(sampler->sample_room, sizeof *out_result->samples);
    out_result->frames = mem_alloc_array(sampler->frame_room, sizeof *out_result->frames);
    out_result->arrays = mem_alloc_array(sampler->array_room, sizeof *out_result->arrays);
    out_result->pdfs = mem_alloc_array(SEGMENT_PDFS_MAX, sizeof *out_result->pdfs);
    if (!out_result->samples || !out_result->frames || !out_result->arrays || !out_result->pdfs)
        return mem_error(err, "the samples of a segment");
    return STATUS_OK;
}

enum status sampler_init(struct sampler *sampler, const struct segment_spec *spec, struct segment_result *out_result,
                         struct error *err)
{
    const struct sampling_spec *sampling = &spec->sampling;
    const size_t structures = count_due(sampling->structure_every, spec);
    const size_t displacements = count_displacements(sampling->displacement_every, spec);
    const size_t windows = count_displacements(sampling->relaxation_every, spec);
    *sampler = (struct sampler){
        .spec = spec,
        .potential = potential_make(spec->system.potential, spec->system.cut, spec->system.cutoff),
        .sample_room = count_due(sampling->thermal_every, spec) + count_due(sampling->inherent_every, spec) +
                       structures + displacements + windows,
        .frame_room = count_due(sampling->frame_every, spec) + count_due(sampling->frame_inherent_every, spec),
        .array_room = structures * arrays_in(QUANTITY_GROUP_structure) +
                      displacements * arrays_in(QUANTITY_GROUP_dynamics) +
                      windows * arrays_in(QUANTITY_GROUP_relaxation),
    };
    if (sampler->sample_room > SEGMENT_SAMPLES_MAX || sampler->frame_room > SEGMENT_FRAMES_MAX)
        return error_set(err, STATUS_LIMIT, "%zu samples and %zu frames fall due in one segment (at most %d and %d)",
                         sampler->sample_room, sampler->frame_room, SEGMENT_SAMPLES_MAX, SEGMENT_FRAMES_MAX);
    if (sampler->array_room > SEGMENT_ARRAYS_MAX)
        return error_set(err, STATUS_LIMIT, "%zu arrays fall due in one segment (at most %d)", sampler->array_room,
                         SEGMENT_ARRAYS_MAX);
    return take_room(sampler, out_result, err);
}

void sampler_finish(struct sampler *sampler)
{
    if (!sampler)
        return;
    earlier_destroy(&sampler->earlier);
    relaxation_destroy(&sampler->relaxation);
}

/* ---- what ---- */

static enum status add_sample(const struct sampler *sampler, struct measure *measure, enum quantity_group group,
                              int64_t step, struct segment_result *result, struct error *err)
{
    INVARIANT(result->sample_count < sampler->sample_room);
    struct sample *sample = &result->samples[result->sample_count];
    enum status status = measure_group(measure, group, sample, err);
    if (status != STATUS_OK)
        return status;
    sample->step = step;
    sample->group = group;
    result->sample_count++;
    return STATUS_OK;
}

static enum status add_arrays(const struct sampler *sampler, struct measure *measure, enum quantity_group group,
                              int64_t step, struct segment_result *result, struct error *err)
{
    struct sample_array found[ARRAY_COUNT];
    size_t count;
    enum status status = measure_arrays(measure, group, found, &count, err);
    if (status != STATUS_OK)
        return status;
    INVARIANT(result->array_count + count <= sampler->array_room);
    for (size_t i = 0; i < count; i++) {
        found[i].step = step;
        result->arrays[result->array_count++] = found[i];
    }
    return STATUS_OK;
}

static enum status add_sample_and_arrays(const struct sampler *sampler, struct measure *measure,
                                         enum quantity_group group, int64_t step, struct segment_result *result,
                                         struct error *err)
{
    enum status status = add_sample(sampler, measure, group, step, result, err);
    return status == STATUS_OK ? add_arrays(sampler, measure, group, step, result, err) : status;
}

static struct pdf_counts *find_pdf(struct segment_result *result, enum configuration_kind kind)
{
    for (size_t i = 0; i < result->pdf_count; i++)
        if (result->pdfs[i].kind == kind)
            return &result->pdfs[i];
    return NULL;
}

/* The counts of one kind, begun on first demand. Thermal ones stand before inherent ones, whichever came first. */
static enum status begin_pdf(const struct configuration *configuration, const struct sampling_spec *sampling,
                             enum configuration_kind kind, struct segment_result *result, struct pdf_counts **out_pdf,
                             struct error *err)
{
    const double bin = sampling->pdf_bin;
    const uint32_t bins = sampling->pdf_reach > 0.0 ? pdf_bins_within(sampling->pdf_reach, bin)
                                                    : pdf_bins(configuration->box, bin);
    if (bins == 0 || bins > PDF_BINS_MAX)
        return error_set(err, STATUS_INVALID, "a pdf bin of %g gives %" PRIu32 " bins (1 .. %d)", bin, bins,
                         PDF_BINS_MAX);
    uint64_t *counts = mem_alloc_array((size_t)PDF_PAIRS * bins, sizeof *counts);
    if (!counts)
        return mem_error(err, "pair counts");
    INVARIANT(result->pdf_count < SEGMENT_PDFS_MAX);
    size_t place = result->pdf_count++;
    if (place > 0 && result->pdfs[0].kind > kind) {
        result->pdfs[1] = result->pdfs[0];
        place = 0;
    }
    result->pdfs[place] = (struct pdf_counts){.kind = kind, .bin = bin, .bins = bins, .counts = counts};
    *out_pdf = &result->pdfs[place];
    return STATUS_OK;
}

static enum status add_pdf(const struct sampler *sampler, const struct configuration *configuration,
                           enum configuration_kind kind, int64_t step, struct segment_result *result, struct error *err)
{
    struct pdf_counts *pdf = find_pdf(result, kind);
    enum status status = STATUS_OK;
    if (!pdf)
        status = begin_pdf(configuration, &sampler->spec->sampling, kind, result, &pdf, err);
    if (status == STATUS_OK)
        status = pdf_accumulate(configuration, pdf->bin, pdf->bins, pdf->counts, err);
    if (status != STATUS_OK)
        return status;
    pdf->frames++;
    pdf->step_last = step;
    return STATUS_OK;
}

static enum status add_frame(const struct sampler *sampler, const struct snapshot *snapshot,
                             enum configuration_kind kind, int64_t step, struct segment_result *result,
                             struct error *err)
{
    INVARIANT(result->frame_count < sampler->frame_room);
    struct frame *frame = &result->frames[result->frame_count];
    enum status status = snapshot_encode(snapshot, &frame->bytes, &frame->size, &frame->digest, err);
    if (status != STATUS_OK)
        return status;
    frame->step = step;
    frame->kind = kind;
    result->frame_count++;
    return STATUS_OK;
}

static enum status add_inherent_frame(const struct sampler *sampler, const struct configuration *inherent, int64_t step,
                                      struct segment_result *result, struct error *err)
{
    struct snapshot snapshot;
    enum status status = configuration_to_snapshot(inherent, step, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = add_frame(sampler, &snapshot, CONFIGURATION_INHERENT, step, result, err);
    snapshot_finish(&snapshot);
    return status;
}

static enum status take_thermal(const struct sampler *sampler, struct measure *measure, const struct snapshot *snapshot,
                                const struct configuration *thermal, struct segment_result *result, struct error *err)
{
    const struct sampling_spec *sampling = &sampler->spec->sampling;
    const int64_t step = snapshot->step;
    enum status status = STATUS_OK;
    if (is_due(sampling->thermal_every, step))
        status = add_sample(sampler, measure, QUANTITY_GROUP_thermal, step, result, err);
    if (status == STATUS_OK && is_due(sampling->pdf_every, step))
        status = add_pdf(sampler, thermal, CONFIGURATION_THERMAL, step, result, err);
    if (status == STATUS_OK && is_due(sampling->frame_every, step))
        status = add_frame(sampler, snapshot, CONFIGURATION_THERMAL, step, result, err);
    return status;
}

static enum status take_inherent(const struct sampler *sampler, struct measure *measure, int64_t step,
                                 struct segment_result *result, struct error *err)
{
    const struct sampling_spec *sampling = &sampler->spec->sampling;
    const bool with_pdf = is_due(sampling->pdf_inherent_every, step);
    const bool with_frame = is_due(sampling->frame_inherent_every, step);
    enum status status = STATUS_OK;
    if (is_due(sampling->inherent_every, step))
        status = add_sample(sampler, measure, QUANTITY_GROUP_inherent, step, result, err);
    if (status == STATUS_OK && is_due(sampling->structure_every, step))
        status = add_sample_and_arrays(sampler, measure, QUANTITY_GROUP_structure, step, result, err);
    if (status != STATUS_OK || (!with_pdf && !with_frame))
        return status;
    const struct configuration *inherent;
    const struct cg_result *minimum;
    if ((status = measure_inherent(measure, &inherent, &minimum, err)) != STATUS_OK)
        return status;
    if (with_pdf)
        status = add_pdf(sampler, inherent, CONFIGURATION_INHERENT, step, result, err);
    if (status == STATUS_OK && with_frame)
        status = add_inherent_frame(sampler, inherent, step, result, err);
    return status;
}

/* Group dynamics at a multiple of its cadence: what moved since the last one, and what the next one counts from, unless
 * the segment ends here. */
static enum status take_dynamics(struct sampler *sampler, struct measure *measure, const struct snapshot *snapshot,
                                 struct segment_result *result, struct error *err)
{
    const struct segment_spec *spec = sampler->spec;
    enum status status = STATUS_OK;
    if (!is_due(spec->sampling.displacement_every, snapshot->step))
        return STATUS_OK;
    if (sampler->earlier) {
        measure_compare(measure, sampler->earlier, snapshot);
        status = add_sample_and_arrays(sampler, measure, QUANTITY_GROUP_dynamics, snapshot->step, result, err);
        earlier_destroy(&sampler->earlier);
    }
    const int64_t next = snapshot->step + spec->sampling.displacement_every;
    if (status == STATUS_OK && next <= segment_end(spec))
        status = measure_keep(measure, snapshot, &sampler->earlier, err);
    return status;
}

/* A window of relaxation begins where a multiple of its cadence is followed by another one in the segment. */
static enum status begin_window(struct sampler *sampler, const struct snapshot *snapshot, struct error *err)
{
    const int64_t every = sampler->spec->sampling.relaxation_every;
    if (!is_due(every, snapshot->step) || !window_fits(sampler->spec, snapshot->step))
        return STATUS_OK;
    return relaxation_create(snapshot, every, &sampler->relaxation, err);
}

/* Group relaxation: looks at the window, says at its end what has been seen, and begins the next one there. */
static enum status take_relaxation(struct sampler *sampler, struct measure *measure, const struct snapshot *snapshot,
                                   struct segment_result *result, struct error *err)
{
    enum status status = STATUS_OK;
    if (is_in_window(sampler->spec, snapshot->step)) {
        INVARIANT(sampler->relaxation);
        status = relaxation_add(sampler->relaxation, snapshot, err);
        if (status == STATUS_OK && is_due(sampler->spec->sampling.relaxation_every, snapshot->step)) {
            measure_relaxation(measure, sampler->relaxation);
            status = add_sample_and_arrays(sampler, measure, QUANTITY_GROUP_relaxation, snapshot->step, result, err);
            relaxation_destroy(&sampler->relaxation);
        }
    }
    return status == STATUS_OK ? begin_window(sampler, snapshot, err) : status;
}

static bool is_any_due(const struct segment_spec *spec, int64_t step)
{
    const struct sampling_spec *sampling = &spec->sampling;
    return is_due(sampling->thermal_every, step) || is_due(sampling->inherent_every, step) ||
           is_due(sampling->pdf_every, step) || is_due(sampling->pdf_inherent_every, step) ||
           is_due(sampling->frame_every, step) || is_due(sampling->frame_inherent_every, step) ||
           is_due(sampling->structure_every, step) || is_due(sampling->displacement_every, step) ||
           is_due(sampling->relaxation_every, step) || is_in_window(spec, step);
}

static enum status take_snapshot(struct sampler *sampler, const struct md *md, const struct snapshot *snapshot,
                                 struct segment_result *result, struct error *err)
{
    struct md_observables observables;
    struct configuration thermal = {0};
    struct measure *measure = NULL;
    enum status status = md_observe(md, &observables, err);
    if (status == STATUS_OK)
        status = configuration_from_snapshot(snapshot, &thermal, err);
    if (status == STATUS_OK)
        status = measure_create(&sampler->potential, &thermal, &observables, &measure, err);
    if (status == STATUS_OK)
        status = take_thermal(sampler, measure, snapshot, &thermal, result, err);
    if (status == STATUS_OK)
        status = take_inherent(sampler, measure, snapshot->step, result, err);
    if (status == STATUS_OK)
        status = take_dynamics(sampler, measure, snapshot, result, err);
    if (status == STATUS_OK)
        status = take_relaxation(sampler, measure, snapshot, result, err);
    measure_destroy(&measure);
    configuration_finish(&thermal);
    return status;
}

/* What displacements count from, where the first of them begins with the segment. */
static enum status keep_first(struct sampler *sampler, const struct md *md, const struct snapshot *snapshot,
                              struct error *err)
{
    const int64_t every = sampler->spec->sampling.displacement_every;
    if (!is_due(every, snapshot->step) || every > sampler->spec->steps)
        return STATUS_OK;
    struct md_observables observables;
    struct configuration thermal = {0};
    struct measure *measure = NULL;
    enum status status = md_observe(md, &observables, err);
    if (status == STATUS_OK)
        status = configuration_from_snapshot(snapshot, &thermal, err);
    if (status == STATUS_OK)
        status = measure_create(&sampler->potential, &thermal, &observables, &measure, err);
    if (status == STATUS_OK)
        status = measure_keep(measure, snapshot, &sampler->earlier, err);
    measure_destroy(&measure);
    configuration_finish(&thermal);
    return status;
}

enum status sampler_begin(struct sampler *sampler, const struct md *md, struct error *err)
{
    const struct segment_spec *spec = sampler->spec;
    if (spec->sampling.displacement_every == 0 && spec->sampling.relaxation_every == 0)
        return STATUS_OK;
    struct snapshot snapshot;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    if ((status = keep_first(sampler, md, &snapshot, err)) == STATUS_OK)
        status = begin_window(sampler, &snapshot, err);
    snapshot_finish(&snapshot);
    if (status != STATUS_OK)
        error_context(err, "measuring at step %" PRId64, spec->step_first);
    return status;
}

enum status sampler_take(struct sampler *sampler, const struct md *md, int64_t step, struct segment_result *result,
                         struct error *err)
{
    if (!is_any_due(sampler->spec, step))
        return STATUS_OK;
    struct snapshot snapshot;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    INVARIANT(snapshot.step == step);
    status = take_snapshot(sampler, md, &snapshot, result, err);
    snapshot_finish(&snapshot);
    if (status != STATUS_OK)
        error_context(err, "measuring at step %" PRId64, step);
    return status;
}
