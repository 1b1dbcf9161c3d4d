/* campaign_extend.c - a campaign that goes on under a longer file: what may change, and who keeps which number.
 *
 * Rows in the results database name rungs and replicas by number, so those never change: what is new gets the next
 * numbers, wherever it stands in the file. */
#include "common/campaign.h"

#include "common/mem.h"

#include <inttypes.h>
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
    digest_add_i64(&state, ensemble->segment_steps);
    digest_add_u32(&state, ensemble->stage_count);
    for (uint32_t i = 0; i < ensemble->stage_count; i++)
        digest_stage(&state, &ensemble->stages[i]);
    return digest_finish(&state);
}

/* ---- what may not change ---- */

/* Two versions of one ensemble. */
struct pair {
    const struct ensemble_spec *before, *after;
    struct error *err;
};

static enum status refuse(const struct pair *pair, const char *key)
{
    return error_set(pair->err, STATUS_CONFLICT, "ensemble '%s': %s has changed, which a running campaign cannot",
                     pair->before->name, key);
}

static enum status refuse_real(const struct pair *pair, const char *key, double before, double after)
{
    return error_set(pair->err, STATUS_CONFLICT,
                     "ensemble '%s': %s has changed from %.10g to %.10g, which a running campaign cannot",
                     pair->before->name, key, before, after);
}

static enum status refuse_word(const struct pair *pair, const char *key, const char *before, const char *after)
{
    return error_set(pair->err, STATUS_CONFLICT,
                     "ensemble '%s': %s has changed from %s to %s, which a running campaign cannot", pair->before->name,
                     key, before, after);
}

static enum status compare_system(const struct pair *pair)
{
    const struct system_spec *before = &pair->before->system, *after = &pair->after->system;
    if (before->potential != after->potential)
        return refuse_word(pair, "potential", potential_names[before->potential], potential_names[after->potential]);
    if (before->cut != after->cut)
        return refuse_word(pair, "cut", cut_names[before->cut], cut_names[after->cut]);
    if (before->cutoff != after->cutoff)
        return refuse_real(pair, "cutoff", before->cutoff, after->cutoff);
    if (before->atoms != after->atoms)
        return refuse_real(pair, "atoms", before->atoms, after->atoms);
    if (before->atoms_small != after->atoms_small)
        return refuse_real(pair, "the number of small atoms", before->atoms_small, after->atoms_small);
    if (before->volume_per_atom != after->volume_per_atom)
        return refuse_real(pair, "volume_per_atom", before->volume_per_atom, after->volume_per_atom);
    return STATUS_OK;
}

static enum status compare_dynamics(const struct pair *pair)
{
    const struct dynamics_spec *before = &pair->before->dynamics, *after = &pair->after->dynamics;
    if (before->dt != after->dt)
        return refuse_real(pair, "dt", before->dt, after->dt);
    if (before->thermostat != after->thermostat)
        return refuse_word(pair, "thermostat", thermostat_names[before->thermostat],
                           thermostat_names[after->thermostat]);
    if (before->thermostat_tau != after->thermostat_tau)
        return refuse_real(pair, "thermostat_tau", before->thermostat_tau, after->thermostat_tau);
    return STATUS_OK;
}

static enum status compare_identity(const struct pair *pair)
{
    const struct identity_spec *before = &pair->before->identity, *after = &pair->after->identity;
    if (before->every != after->every)
        return refuse_real(pair, "hybrid.identity_every", (double)before->every, (double)after->every);
    if (before->attempts != after->attempts)
        return refuse_real(pair, "hybrid.identity_attempts", before->attempts, after->attempts);
    return STATUS_OK;
}

/* A longer quench would be another one: its slope is in every segment. */
static enum status compare_quench(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    if (before->mode != MODE_QUENCH)
        return STATUS_OK;
    if (before->temperatures[0] != after->temperatures[0])
        return refuse_real(pair, "quench.from", before->temperatures[0], after->temperatures[0]);
    if (before->temperature_end != after->temperature_end)
        return refuse_real(pair, "quench.to", before->temperature_end, after->temperature_end);
    if (before->steps != after->steps)
        return refuse_real(pair, "the number of steps of the quench", (double)before->steps, (double)after->steps);
    return STATUS_OK;
}

static bool start_is_equal(const struct start_spec *a, const struct start_spec *b)
{
    return a->noise == b->noise && a->grain_atoms == b->grain_atoms && a->grain_volume == b->grain_volume;
}

static bool stage_is_equal(const struct stage_spec *a, const struct stage_spec *b)
{
    return a->kind == b->kind && a->builder == b->builder && start_is_equal(&a->start, &b->start) &&
           a->to_rung == b->to_rung && a->temperature == b->temperature && a->steps == b->steps && a->rate == b->rate;
}

static enum status compare_stages(const struct pair *pair)
{
    if (pair->before->stage_count != pair->after->stage_count)
        return refuse(pair, "prepare");
    for (uint32_t i = 0; i < pair->before->stage_count; i++)
        if (!stage_is_equal(&pair->before->stages[i], &pair->after->stages[i]))
            return refuse(pair, "prepare");
    return STATUS_OK;
}

/* A cadence may be added, or replaced by a divisor: every sample that the old file asked for is still taken. */
static bool cadence_only_adds(int64_t before, int64_t after)
{
    return before == 0 || (after > 0 && before % after == 0);
}

static enum status compare_sampling(const struct pair *pair)
{
    const struct sampling_spec *before = &pair->before->sampling, *after = &pair->after->sampling;
    const struct {
        const char *key;
        int64_t before, after;
    } cadences[] = {
        {"thermal", before->thermal_every, after->thermal_every},
        {"inherent", before->inherent_every, after->inherent_every},
        {"pdf", before->pdf_every, after->pdf_every},
        {"pdf_inherent", before->pdf_inherent_every, after->pdf_inherent_every},
        {"frame", before->frame_every, after->frame_every},
        {"frame_inherent", before->frame_inherent_every, after->frame_inherent_every},
    };
    for (size_t i = 0; i < sizeof cadences / sizeof cadences[0]; i++)
        if (!cadence_only_adds(cadences[i].before, cadences[i].after))
            return error_set(pair->err, STATUS_CONFLICT,
                             "ensemble '%s': sample.%s %" PRId64 " is not a divisor of the %" PRId64 " before",
                             pair->before->name, cadences[i].key, cadences[i].after, cadences[i].before);
    bool has_pdf = before->pdf_every || before->pdf_inherent_every;
    if (has_pdf && before->pdf_bin != after->pdf_bin)
        return refuse_real(pair, "sample.pdf_bin", before->pdf_bin, after->pdf_bin);
    return STATUS_OK;
}

static enum status compare_lengths(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    if (before->segment_steps != after->segment_steps)
        return refuse_real(pair, "segment_steps", (double)before->segment_steps, (double)after->segment_steps);
    if (after->steps < before->steps)
        return error_set(pair->err, STATUS_CONFLICT,
                         "ensemble '%s': steps %" PRId64 " are fewer than the %" PRId64 " before", before->name,
                         after->steps, before->steps);
    if (after->replicas_per_rung < before->replicas_per_rung)
        return error_set(pair->err, STATUS_CONFLICT,
                         "ensemble '%s': replicas %" PRIu32 " are fewer than the %" PRIu32 " before", before->name,
                         after->replicas_per_rung, before->replicas_per_rung);
    return STATUS_OK;
}

static bool has_temperature(const struct ensemble_spec *ensemble, double temperature)
{
    for (uint32_t i = 0; i < ensemble->rung_count; i++)
        if (ensemble->temperatures[i] == temperature)
            return true;
    return false;
}

static enum status compare_temperatures(const struct pair *pair)
{
    for (uint32_t i = 0; i < pair->before->rung_count; i++)
        if (!has_temperature(pair->after, pair->before->temperatures[i]))
            return error_set(pair->err, STATUS_CONFLICT,
                             "ensemble '%s': temperatures have lost %.10g, which the campaign runs already",
                             pair->before->name, pair->before->temperatures[i]);
    if (pair->before->mode == MODE_TEMPERING && pair->after->rung_count != pair->before->rung_count)
        return error_set(pair->err, STATUS_CONFLICT,
                         "ensemble '%s': temperatures of a ladder cannot be added: add another ensemble",
                         pair->before->name);
    return STATUS_OK;
}

static enum status compare_ensembles(const struct ensemble_spec *before, const struct ensemble_spec *after,
                                     struct error *err)
{
    struct pair pair = {before, after, err};
    enum status status;
    if (strcmp(before->name, after->name) != 0)
        return refuse_word(&pair, "name", before->name, after->name);
    if (before->mode != after->mode)
        return refuse_word(&pair, "mode", mode_names[before->mode], mode_names[after->mode]);
    if ((status = compare_system(&pair)) != STATUS_OK || (status = compare_dynamics(&pair)) != STATUS_OK ||
        (status = compare_identity(&pair)) != STATUS_OK || (status = compare_quench(&pair)) != STATUS_OK ||
        (status = compare_lengths(&pair)) != STATUS_OK || (status = compare_temperatures(&pair)) != STATUS_OK ||
        (status = compare_stages(&pair)) != STATUS_OK)
        return status;
    return compare_sampling(&pair);
}

static enum status compare_campaigns(const struct campaign *before, const struct campaign *after, struct error *err)
{
    if (strcmp(before->name, after->name) != 0)
        return error_set(err, STATUS_CONFLICT, "the campaign's name has changed from '%s' to '%s'", before->name,
                         after->name);
    if (before->seed != after->seed)
        return error_set(err, STATUS_CONFLICT,
                         "seed has changed from %" PRIu64 " to %" PRIu64 ", which a running campaign cannot",
                         before->seed, after->seed);
    if (after->ensemble_count < before->ensemble_count)
        return error_set(err, STATUS_CONFLICT, "ensemble '%s' is gone: a running campaign keeps its ensembles",
                         before->ensembles[after->ensemble_count].name);
    for (uint32_t i = 0; i < before->ensemble_count; i++) {
        enum status status = compare_ensembles(&before->ensembles[i], &after->ensembles[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- who keeps which number ---- */

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
    enum status status = compare_campaigns(before, after, err);
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
