#include "common/segment.h"

#include "common/mem.h"
#include "common/phase.h"
#include "common/snapshot.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

const char *const potential_names[POTENTIAL_KIND_COUNT] = {"wahnstrom", "kob_andersen"};
const char *const cut_names[CUT_KIND_COUNT] = {"shifted", "truncated", "force_shifted"};
const char *const thermostat_names[THERMOSTAT_KIND_COUNT] = {"none", "bussi", "nose_hoover", "langevin"};
const char *const stage_names[STAGE_KIND_COUNT] = {"build", "hold", "ramp", "static"};
const char *const builder_names[BUILDER_KIND_COUNT] = {
    "random", "fcc", "hcp", "b2", "c11b", "c14", "c15", "c36", "c15_disordered", "nanocomposite",
};
const char *const eos_geometry_names[EOS_GEOMETRY_COUNT] = {"ideal", "relaxed"};
const char *const configuration_names[CONFIGURATION_KIND_COUNT] = {"thermal", "inherent"};

static bool is_positive(double value)
{
    return isfinite(value) && value > 0.0;
}

static bool is_not_negative(double value)
{
    return isfinite(value) && value >= 0.0;
}

static enum status check_system(const struct system_spec *system, struct error *err)
{
    if (system->atoms == 0 || system->atoms > SNAPSHOT_ATOMS_MAX || system->atoms_small > system->atoms)
        return error_set(err, STATUS_INVALID, "%" PRIu32 " atoms of which %" PRIu32 " are small (at most %d)",
                         system->atoms, system->atoms_small, SNAPSHOT_ATOMS_MAX);
    if (!is_positive(system->volume_per_atom) || !is_positive(system->cutoff))
        return error_set(err, STATUS_INVALID, "volume per atom %g or cutoff %g is not positive",
                         system->volume_per_atom, system->cutoff);
    if ((unsigned)system->potential >= POTENTIAL_KIND_COUNT || (unsigned)system->cut >= CUT_KIND_COUNT)
        return error_set(err, STATUS_INVALID, "unknown potential %d or cut %d", (int)system->potential,
                         (int)system->cut);
    return STATUS_OK;
}

static enum status check_dynamics(const struct dynamics_spec *dynamics, struct error *err)
{
    if ((unsigned)dynamics->thermostat >= THERMOSTAT_KIND_COUNT)
        return error_set(err, STATUS_INVALID, "unknown thermostat %d", (int)dynamics->thermostat);
    if (!is_positive(dynamics->dt) || !is_not_negative(dynamics->thermostat_tau))
        return error_set(err, STATUS_INVALID, "time step %g or thermostat time %g is out of range", dynamics->dt,
                         dynamics->thermostat_tau);
    if (dynamics->thermostat != THERMOSTAT_NONE && dynamics->thermostat_tau == 0.0)
        return error_set(err, STATUS_INVALID, "thermostat '%s' with time 0", thermostat_names[dynamics->thermostat]);
    return STATUS_OK;
}

static enum status check_identity(const struct identity_spec *identity, struct error *err)
{
    if (identity->every < 0 || identity->every > SEGMENT_STEPS_MAX || identity->attempts > IDENTITY_ATTEMPTS_MAX ||
        (identity->every == 0) != (identity->attempts == 0))
        return error_set(err, STATUS_INVALID, "%" PRIu32 " identity exchanges every %" PRId64 " steps (at most %d)",
                         identity->attempts, identity->every, IDENTITY_ATTEMPTS_MAX);
    return STATUS_OK;
}

static enum status check_start(const struct start_spec *start, struct error *err)
{
    if (!is_not_negative(start->noise) || start->noise >= 1.0 || !is_not_negative(start->grain_volume))
        return error_set(err, STATUS_INVALID, "a start with noise %g and grain volume %g", start->noise,
                         start->grain_volume);
    return STATUS_OK;
}

static enum status check_eos(const struct segment_spec *spec, struct error *err)
{
    const struct eos_spec *eos = &spec->eos;
    if ((spec->stage == STAGE_STATIC) && eos->volume_step == 0.0)
        return error_set(err, STATUS_INVALID, "a static segment without volumes");
    if (eos->volume_step == 0.0)
        return STATUS_OK;
    if (spec->stage != STAGE_STATIC && spec->stage != STAGE_BUILD)
        return error_set(err, STATUS_INVALID, "a curve of static energies with a stage '%s'", stage_names[spec->stage]);
    if (!is_positive(eos->volume_step) || !is_positive(eos->volume_first) ||
        (unsigned)eos->geometry >= EOS_GEOMETRY_COUNT)
        return error_set(err, STATUS_INVALID, "volumes from %g in steps of %g, geometry %d: out of range",
                         eos->volume_first, eos->volume_step, (int)eos->geometry);
    return phase_check_sites(spec->builder, eos->sites, err);
}

static enum status check_sampling(const struct sampling_spec *sampling, struct error *err)
{
    if (sampling->thermal_every < 0 || sampling->inherent_every < 0 || sampling->pdf_every < 0 ||
        sampling->pdf_inherent_every < 0 || sampling->frame_every < 0 || sampling->frame_inherent_every < 0 ||
        sampling->structure_every < 0 || sampling->displacement_every < 0 || sampling->relaxation_every < 0)
        return error_set(err, STATUS_INVALID, "a sampling cadence is negative");
    if (!is_not_negative(sampling->pdf_bin) || !is_not_negative(sampling->pdf_reach))
        return error_set(err, STATUS_INVALID, "pdf bin %g or reach %g is out of range", sampling->pdf_bin,
                         sampling->pdf_reach);
    if ((sampling->pdf_every || sampling->pdf_inherent_every) && sampling->pdf_bin == 0.0)
        return error_set(err, STATUS_INVALID, "pdfs are asked for with bins of width 0");
    return STATUS_OK;
}

/* An exchanged atom has not moved, and yet another one stands there. */
static enum status check_displacements(const struct segment_spec *spec, struct error *err)
{
    if (spec->sampling.displacement_every > 0 && spec->identity.every > 0)
        return error_set(err, STATUS_INVALID, "displacements are asked for where identities are exchanged");
    if (spec->sampling.relaxation_every > 0 && spec->identity.every > 0)
        return error_set(err, STATUS_INVALID, "relaxation is asked for where identities are exchanged");
    return STATUS_OK;
}

static enum status check_range(const struct segment_spec *spec, struct error *err)
{
    if ((unsigned)spec->stage >= STAGE_KIND_COUNT || (unsigned)spec->builder >= BUILDER_KIND_COUNT)
        return error_set(err, STATUS_INVALID, "unknown stage %d or builder %d", (int)spec->stage, (int)spec->builder);
    if (spec->steps < 0 || spec->steps > SEGMENT_STEPS_MAX || spec->step_first < -SEGMENT_STEPS_MAX ||
        spec->step_first > SEGMENT_STEPS_MAX)
        return error_set(err, STATUS_INVALID, "%" PRId64 " steps from step %" PRId64 " are out of range", spec->steps,
                         spec->step_first);
    if ((spec->stage == STAGE_BUILD) != (spec->steps == 0))
        return error_set(err, STATUS_INVALID, "stage '%s' with %" PRId64 " steps", stage_names[spec->stage],
                         spec->steps);
    if (!is_not_negative(spec->temperature_first) || !is_not_negative(spec->temperature_last) ||
        !is_not_negative(spec->temperature_before))
        return error_set(err, STATUS_INVALID, "temperatures %g .. %g after %g are out of range",
                         spec->temperature_first, spec->temperature_last, spec->temperature_before);
    return STATUS_OK;
}

enum status segment_spec_check(const struct segment_spec *spec, struct error *err)
{
    enum status status = check_system(&spec->system, err);
    if (status == STATUS_OK)
        status = check_dynamics(&spec->dynamics, err);
    if (status == STATUS_OK)
        status = check_identity(&spec->identity, err);
    if (status == STATUS_OK)
        status = check_start(&spec->start, err);
    if (status == STATUS_OK)
        status = check_sampling(&spec->sampling, err);
    if (status == STATUS_OK)
        status = check_displacements(spec, err);
    if (status == STATUS_OK)
        status = check_range(spec, err);
    if (status == STATUS_OK)
        status = check_eos(spec, err);
    return status;
}

void segment_result_finish(struct segment_result *result)
{
    if (!result)
        return;
    for (size_t i = 0; i < result->pdf_count; i++)
        mem_free(result->pdfs[i].counts);
    for (size_t i = 0; i < result->frame_count; i++)
        mem_free(result->frames[i].bytes);
    for (size_t i = 0; i < result->array_count; i++)
        mem_free(result->arrays[i].cells);
    mem_free(result->samples);
    mem_free(result->arrays);
    mem_free(result->pdfs);
    mem_free(result->frames);
    mem_free(result->snapshot_bytes);
    *result = (struct segment_result){0};
}

static void add_system(struct digest_state *state, const struct system_spec *system)
{
    digest_add_u32(state, system->atoms);
    digest_add_u32(state, system->atoms_small);
    digest_add_f64(state, system->volume_per_atom);
    digest_add_string(state, potential_names[system->potential]);
    digest_add_string(state, cut_names[system->cut]);
    digest_add_f64(state, system->cutoff);
}

static void add_dynamics(struct digest_state *state, const struct dynamics_spec *dynamics)
{
    digest_add_f64(state, dynamics->dt);
    digest_add_string(state, thermostat_names[dynamics->thermostat]);
    digest_add_f64(state, dynamics->thermostat_tau);
}

/* What a builder is told beside the system, where it is told anything. */
static void add_start(struct digest_state *state, const struct start_spec *start)
{
    if (start->noise == 0.0 && start->grain_atoms == 0 && start->grain_volume == 0.0)
        return;
    digest_add_string(state, "start");
    digest_add_f64(state, start->noise);
    digest_add_u32(state, start->grain_atoms);
    digest_add_f64(state, start->grain_volume);
}

static void add_identity(struct digest_state *state, const struct identity_spec *identity)
{
    if (identity->every == 0)
        return;
    digest_add_string(state, "identity");
    digest_add_i64(state, identity->every);
    digest_add_u32(state, identity->attempts);
}

static void add_eos(struct digest_state *state, const struct segment_spec *spec)
{
    if (spec->eos.volume_step == 0.0)
        return;
    digest_add_string(state, "eos");
    digest_add_string(state, builder_names[spec->builder]);
    digest_add_string(state, spec->eos.sites);
    digest_add_string(state, eos_geometry_names[spec->eos.geometry]);
    digest_add_f64(state, spec->eos.volume_first);
    digest_add_f64(state, spec->eos.volume_step);
}

/* A hold is a ramp between equal temperatures, so the two are not told apart; the segment's number only names the step
 * range; neither can change a bit. What a segment does without (start, identity, curve) is left out, so that its digest
 * is that of the time before such things existed. */
struct digest segment_input_digest(const struct segment_spec *spec, uint32_t engine_id, const struct digest *snapshot)
{
    static const struct digest none;
    struct digest_state state;
    digest_init(&state);
    digest_add_string(&state, "vitrine segment input 1");
    digest_add_u32(&state, engine_id);
    digest_add_u64(&state, spec->seed);
    digest_add_u32(&state, spec->replica.value);
    add_system(&state, &spec->system);
    add_dynamics(&state, &spec->dynamics);
    digest_add_string(&state, spec->stage == STAGE_BUILD ? builder_names[spec->builder] : "");
    digest_add_i64(&state, spec->step_first);
    digest_add_i64(&state, spec->steps);
    digest_add_f64(&state, spec->temperature_first);
    digest_add_f64(&state, spec->temperature_last);
    digest_add_f64(&state, spec->temperature_before);
    digest_add_digest(&state, snapshot ? snapshot : &none);
    add_start(&state, &spec->start);
    add_identity(&state, &spec->identity);
    add_eos(&state, spec);
    return digest_finish(&state);
}

static void add_sample(struct digest_state *state, const struct sample *sample)
{
    const int values = quantity_group_size(sample->group) - sample->lacking;
    digest_add_i64(state, sample->step);
    digest_add_string(state, quantity_group_name(sample->group));
    digest_add_u32(state, (uint32_t)values);
    for (int i = 0; i < values; i++)
        digest_add_f64(state, sample->values[i]);
}

static void add_pdf(struct digest_state *state, const struct pdf_counts *pdf)
{
    digest_add_i64(state, pdf->step_last);
    digest_add_string(state, configuration_names[pdf->kind]);
    digest_add_u32(state, pdf->frames);
    digest_add_f64(state, pdf->bin);
    digest_add_u32(state, pdf->bins);
    for (size_t i = 0; i < (size_t)PDF_PAIRS * pdf->bins; i++)
        digest_add_u64(state, pdf->counts[i]);
}

static void add_frame(struct digest_state *state, const struct frame *frame)
{
    digest_add_i64(state, frame->step);
    digest_add_string(state, configuration_names[frame->kind]);
    digest_add_digest(state, &frame->digest);
}

/* Nothing where there is none, so that a digest is that of the time before arrays existed. */
static void add_arrays(struct digest_state *state, const struct segment_result *result)
{
    if (result->array_count == 0)
        return;
    digest_add_string(state, "arrays");
    digest_add_u64(state, result->array_count);
    for (size_t i = 0; i < result->array_count; i++) {
        const struct sample_array *array = &result->arrays[i];
        const size_t cells = (size_t)array->rows * (size_t)array_columns(array->array);
        digest_add_i64(state, array->step);
        digest_add_string(state, array_quantities[array->array].name);
        digest_add_u32(state, array->rows);
        for (size_t n = 0; n < cells; n++)
            digest_add_f64(state, array->cells[n]);
    }
}

static void add_identity_counts(struct digest_state *state, const struct identity_counts *counts)
{
    if (counts->attempts == 0)
        return;
    digest_add_string(state, "identity");
    digest_add_u64(state, counts->attempts);
    digest_add_u64(state, counts->accepted);
}

struct digest segment_output_digest(const struct segment_result *result)
{
    struct digest_state state;
    digest_init(&state);
    digest_add_string(&state, "vitrine segment output 1");
    digest_add_digest(&state, &result->input);
    digest_add_digest(&state, &result->snapshot);
    digest_add_f64(&state, result->energy_potential);
    digest_add_u64(&state, result->sample_count);
    for (size_t i = 0; i < result->sample_count; i++)
        add_sample(&state, &result->samples[i]);
    digest_add_u64(&state, result->pdf_count);
    for (size_t i = 0; i < result->pdf_count; i++)
        add_pdf(&state, &result->pdfs[i]);
    digest_add_u64(&state, result->frame_count);
    for (size_t i = 0; i < result->frame_count; i++)
        add_frame(&state, &result->frames[i]);
    add_identity_counts(&state, &result->identity);
    add_arrays(&state, result);
    return digest_finish(&state);
}
