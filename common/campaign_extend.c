/* campaign_extend.c - a campaign that goes on under a longer file: what may change, and who keeps which number.
 *
 * Rows in the results database name rungs and replicas by number, so those never change: what is new gets the next
 * numbers, wherever it stands in the file. */
#include "common/campaign.h"

#include "common/campaign_compare.h"
#include "common/mem.h"

#include <string.h>

/* ---- what decides bits ---- */

/* As in segment_input_digest: numbers that a builder does without are left out. */
static void digest_start(struct digest_state *state, const struct stage_spec *stage)
{
    const struct start_spec *start = &stage->start;
    digest_add_string(state, builder_names[stage->builder]);
    if (start->noise == 0.0 && start->grain_atoms == 0 && start->grain_volume == 0.0)
        return;
    digest_add_f64(state, start->noise);
    digest_add_u32(state, start->grain_atoms);
    digest_add_f64(state, start->grain_volume);
}

static void digest_stage(struct digest_state *state, const struct stage_spec *stage)
{
    digest_add_string(state, stage_names[stage->kind]);
    if (stage->kind == STAGE_BUILD) {
        digest_start(state, stage);
        return;
    }
    digest_add_u32(state, stage->to_rung);
    digest_add_f64(state, stage->to_rung ? 0.0 : stage->temperature);
    if (stage->kind == STAGE_HOLD)
        digest_add_i64(state, stage->steps);
    else
        digest_add_f64(state, stage->rate);
}

static void digest_system(struct digest_state *state, const struct system_spec *system)
{
    digest_add_u32(state, system->atoms);
    digest_add_u32(state, system->atoms_small);
    digest_add_f64(state, system->volume_per_atom);
    digest_add_string(state, potential_names[system->potential]);
    digest_add_string(state, cut_names[system->cut]);
    digest_add_f64(state, system->cutoff);
}

static void digest_dynamics(struct digest_state *state, const struct dynamics_spec *dynamics)
{
    digest_add_f64(state, dynamics->dt);
    digest_add_string(state, thermostat_names[dynamics->thermostat]);
    digest_add_f64(state, dynamics->thermostat_tau);
}

static void digest_identity(struct digest_state *state, const struct ensemble_spec *ensemble)
{
    if (ensemble->mode != MODE_HYBRID)
        return;
    digest_add_i64(state, ensemble->identity.every);
    digest_add_u32(state, ensemble->identity.attempts);
}

/* Start and slope. */
static void digest_quench(struct digest_state *state, const struct ensemble_spec *ensemble)
{
    if (ensemble->mode != MODE_QUENCH)
        return;
    digest_add_f64(state, ensemble->temperatures[0]);
    digest_add_f64(state, ensemble->temperature_end);
    digest_add_i64(state, ensemble->steps);
}

/* Where production ends, and what follows it. */
static void digest_finish_stages(struct digest_state *state, const struct ensemble_spec *ensemble)
{
    if (ensemble->finish_count == 0)
        return;
    digest_add_string(state, "finish");
    digest_add_i64(state, ensemble->steps);
    for (uint32_t i = 0; i < ensemble->finish_count; i++)
        digest_stage(state, &ensemble->finish[i]);
}

/* Phases are as the temperatures of isotherms: more may come. */
static void digest_eos(struct digest_state *state, const struct ensemble_spec *ensemble)
{
    if (ensemble->mode != MODE_EOS)
        return;
    digest_add_string(state, eos_geometry_names[ensemble->eos.geometry]);
    digest_add_f64(state, ensemble->eos.volume_first);
    digest_add_f64(state, ensemble->eos.volume_step);
}

/* A ladder's temperatures decide who meets whom; an isotherm's concern only its own replicas, and more may come. */
static void digest_ladder(struct digest_state *state, const struct ensemble_spec *ensemble)
{
    digest_add_string(state, mode_names[ensemble->mode]);
    if (ensemble->mode != MODE_TEMPERING)
        return;
    digest_add_u32(state, ensemble->rung_count);
    for (uint32_t i = 0; i < ensemble->rung_count; i++)
        digest_add_f64(state, ensemble->temperatures[i]);
}

struct digest ensemble_spec_digest(const struct campaign *campaign, struct ensemble_id id)
{
    const struct ensemble_spec *ensemble = &campaign->ensembles[id.value];
    struct digest_state state;
    digest_init(&state);
    digest_add_string(&state, "vitrine ensemble 1");
    digest_add_u64(&state, campaign->seed);
    digest_system(&state, &ensemble->system);
    digest_dynamics(&state, &ensemble->dynamics);
    digest_ladder(&state, ensemble);
    digest_identity(&state, ensemble);
    digest_quench(&state, ensemble);
    digest_eos(&state, ensemble);
    digest_add_i64(&state, ensemble->segment_steps);
    digest_add_u32(&state, ensemble->stage_count);
    for (uint32_t i = 0; i < ensemble->stage_count && ensemble->mode != MODE_EOS; i++)
        digest_stage(&state, &ensemble->stages[i]);
    digest_finish_stages(&state, ensemble);
    return digest_finish(&state);
}

/* ---- what may not change ---- */

/* The first refusal is the one to report: a caller without the text of the file has no place for each. */
static void keep_first(void *context, const struct campaign_difference *difference)
{
    struct error *err = context;
    if (err->status != STATUS_OK)
        return;
    if (difference->ensemble)
        error_ignore(error_set(err, STATUS_CONFLICT, "ensemble '%s': %s", difference->ensemble, difference->message),
                     "the caller looks at the error");
    else
        error_ignore(error_set(err, STATUS_CONFLICT, "%s", difference->message), "the caller looks at the error");
}

static enum status compare(const struct campaign *before, const struct campaign *after, struct error *err)
{
    struct error first = {0};
    campaign_compare(before, after, keep_first, &first);
    if (first.status != STATUS_OK && err)
        *err = first;
    return first.status;
}

/* ---- who keeps which number ---- */

static bool has_temperature(const struct ensemble_spec *ensemble, double temperature)
{
    for (uint32_t i = 0; i < ensemble->rung_count; i++)
        if (ensemble->temperatures[i] == temperature)
            return true;
    return false;
}

/* The old rungs under their old numbers, then the new ones, rising. `scratch` has room for after's rungs. */
static void renumber_rungs(const struct ensemble_spec *before, struct ensemble_spec *after, double *scratch)
{
    uint32_t next = before->rung_count;
    memcpy(scratch, before->temperatures, before->rung_count * sizeof *scratch);
    for (uint32_t i = 0; i < after->rung_count; i++)
        if (!has_temperature(before, after->temperatures[i]))
            scratch[next++] = after->temperatures[i];
    memcpy(after->temperatures, scratch, after->rung_count * sizeof *scratch);
}

static bool is_new(const struct campaign *before, const struct replica_spec *replica)
{
    if (replica->ensemble.value >= before->ensemble_count)
        return true;
    const struct ensemble_spec *ensemble = &before->ensembles[replica->ensemble.value];
    return replica->rung_first.value >= ensemble->rung_count || replica->copy >= ensemble->replicas_per_rung;
}

/* The old replicas under their old numbers, then the new ones in the order of the file. */
static void renumber_replicas(const struct campaign *before, struct campaign *after, struct replica_spec *out)
{
    uint32_t next = before->replica_count;
    memcpy(out, before->replicas, before->replica_count * sizeof *out);
    for (uint32_t i = 0; i < after->replica_count; i++)
        if (is_new(before, &after->replicas[i]))
            out[next++] = after->replicas[i];
    mem_free(after->replicas);
    after->replicas = out;
}

enum status campaign_extend(const struct campaign *before, struct campaign *after, struct error *err)
{
    enum status status = compare(before, after, err);
    if (status != STATUS_OK)
        return status;
    struct replica_spec *replicas = mem_alloc_array(after->replica_count, sizeof *replicas);
    double *scratch = mem_alloc_array(CAMPAIGN_RUNGS_MAX, sizeof *scratch);
    if (!replicas || !scratch) {
        mem_free(replicas);
        mem_free(scratch);
        return mem_error(err, "the extended campaign");
    }
    for (uint32_t i = 0; i < before->ensemble_count; i++)
        renumber_rungs(&before->ensembles[i], &after->ensembles[i], scratch);
    renumber_replicas(before, after, replicas);
    mem_free(scratch);
    return STATUS_OK;
}
