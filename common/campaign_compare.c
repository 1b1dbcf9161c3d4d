#include "common/campaign_compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 256 };

/* Two versions of one ensemble, and who is told. */
struct pair {
    const struct ensemble_spec *before, *after; /* NULL: the whole file is compared */
    uint32_t index;
    void (*take)(void *context, const struct campaign_difference *difference);
    void *context;
};

__attribute__((format(printf, 4, 5))) static void refuse(const struct pair *pair, enum campaign_section section,
                                                         const char *key, const char *fmt, ...)
{
    char message[MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    pair->take(pair->context, &(struct campaign_difference){.ensemble = pair->before ? pair->before->name : NULL,
                                                            .index = pair->index,
                                                            .section = section,
                                                            .key = key,
                                                            .message = message});
}

/* ---- one value ---- */

/* The key with its section where that is not the ensemble's own: "sample.pdf_bin". */
static const char *name_key(enum campaign_section section, const char *key, char out[MESSAGE_SIZE / 4])
{
    bool is_nested =
        section == SECTION_HYBRID || section == SECTION_QUENCH || section == SECTION_EOS || section == SECTION_SAMPLE;
    snprintf(out, MESSAGE_SIZE / 4, "%s%s%s", is_nested ? campaign_section_name(section) : "", is_nested ? "." : "",
             key);
    return out;
}

static void compare_real(const struct pair *pair, enum campaign_section section, const char *key, double before,
                         double after)
{
    char name[MESSAGE_SIZE / 4];
    if (before != after)
        refuse(pair, section, key, "%s has changed from %.10g to %.10g, which a running campaign cannot",
               name_key(section, key, name), before, after);
}

static void compare_whole(const struct pair *pair, enum campaign_section section, const char *key, int64_t before,
                          int64_t after)
{
    char name[MESSAGE_SIZE / 4];
    if (before != after)
        refuse(pair, section, key, "%s has changed from %" PRId64 " to %" PRId64 ", which a running campaign cannot",
               name_key(section, key, name), before, after);
}

static void compare_word(const struct pair *pair, enum campaign_section section, const char *key, const char *before,
                         const char *after)
{
    if (strcmp(before, after) != 0)
        refuse(pair, section, key, "%s has changed from %s to %s, which a running campaign cannot", key, before, after);
}

/* ---- one ensemble ---- */

static void compare_system(const struct pair *pair)
{
    const struct system_spec *before = &pair->before->system, *after = &pair->after->system;
    compare_word(pair, SECTION_SYSTEM, "potential", potential_names[before->potential],
                 potential_names[after->potential]);
    compare_word(pair, SECTION_SYSTEM, "cut", cut_names[before->cut], cut_names[after->cut]);
    compare_real(pair, SECTION_SYSTEM, "cutoff", before->cutoff, after->cutoff);
    compare_whole(pair, SECTION_SYSTEM, "atoms", before->atoms, after->atoms);
    if (before->atoms == after->atoms) /* else the same fraction is another count: one mistake, one message */
        compare_whole(pair, SECTION_SYSTEM, "atoms_small", before->atoms_small, after->atoms_small);
    compare_real(pair, SECTION_SYSTEM, "volume_per_atom", before->volume_per_atom, after->volume_per_atom);
}

static void compare_dynamics(const struct pair *pair)
{
    const struct dynamics_spec *before = &pair->before->dynamics, *after = &pair->after->dynamics;
    compare_real(pair, SECTION_DYNAMICS, "dt", before->dt, after->dt);
    compare_word(pair, SECTION_DYNAMICS, "thermostat", thermostat_names[before->thermostat],
                 thermostat_names[after->thermostat]);
    compare_real(pair, SECTION_DYNAMICS, "thermostat_tau", before->thermostat_tau, after->thermostat_tau);
}

static void compare_identity(const struct pair *pair)
{
    const struct identity_spec *before = &pair->before->identity, *after = &pair->after->identity;
    compare_whole(pair, SECTION_HYBRID, "identity_every", before->every, after->every);
    compare_whole(pair, SECTION_HYBRID, "identity_attempts", before->attempts, after->attempts);
}

/* A longer quench would be another one: its slope is in every segment. */
static void compare_quench(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    if (before->mode != MODE_QUENCH)
        return;
    compare_real(pair, SECTION_QUENCH, "from", before->temperatures[0], after->temperatures[0]);
    compare_real(pair, SECTION_QUENCH, "to", before->temperature_end, after->temperature_end);
    compare_whole(pair, SECTION_QUENCH, "steps", before->steps, after->steps);
}

/* More volumes may follow, and more phases. */
static void compare_eos(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    if (before->mode != MODE_EOS)
        return;
    compare_word(pair, SECTION_EOS, "geometry", eos_geometry_names[before->eos.geometry],
                 eos_geometry_names[after->eos.geometry]);
    compare_real(pair, SECTION_EOS, "from", before->eos.volume_first, after->eos.volume_first);
    compare_real(pair, SECTION_EOS, "step", before->eos.volume_step, after->eos.volume_step);
    for (uint32_t i = 0; i < before->phase_count; i++)
        if (i >= after->phase_count || strcmp(before->phases[i].name, after->phases[i].name) != 0) {
            refuse(pair, SECTION_EOS, "phases",
                   "phase '%s' has left its place: a running campaign adds phases at the end", before->phases[i].name);
            return;
        }
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

static bool stages_are_equal(const struct stage_spec *a, uint32_t a_count, const struct stage_spec *b, uint32_t b_count)
{
    for (uint32_t i = 0; i < a_count && i < b_count; i++)
        if (!stage_is_equal(&a[i], &b[i]))
            return false;
    return a_count == b_count;
}

static void compare_stages(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    if (!stages_are_equal(before->stages, before->stage_count, after->stages, after->stage_count) ||
        !stages_are_equal(before->finish, before->finish_count, after->finish, after->finish_count))
        refuse(pair, SECTION_ENSEMBLE, "prepare", "prepare has changed, which a running campaign cannot");
}

/* A cadence may be added, or replaced by a divisor: every sample that the old file asked for is still taken. */
static bool cadence_only_adds(int64_t before, int64_t after)
{
    return before == 0 || (after > 0 && before % after == 0);
}

static void compare_sampling(const struct pair *pair)
{
    const struct sampling_spec *before = &pair->before->sampling, *after = &pair->after->sampling;
    const struct {
        const char *key;
        int64_t before, after;
    } cadences[] = {
        {"thermal", before->thermal_every, after->thermal_every},
        {"inherent", before->inherent_every, after->inherent_every},
        {"structure", before->structure_every, after->structure_every},
        {"displacement", before->displacement_every, after->displacement_every},
        {"relaxation", before->relaxation_every, after->relaxation_every},
        {"pdf", before->pdf_every, after->pdf_every},
        {"pdf_inherent", before->pdf_inherent_every, after->pdf_inherent_every},
        {"frame", before->frame_every, after->frame_every},
        {"frame_inherent", before->frame_inherent_every, after->frame_inherent_every},
    };
    for (size_t i = 0; i < sizeof cadences / sizeof cadences[0]; i++)
        if (!cadence_only_adds(cadences[i].before, cadences[i].after))
            refuse(pair, SECTION_SAMPLE, cadences[i].key,
                   "sample.%s %" PRId64 " is not a divisor of the %" PRId64 " before", cadences[i].key,
                   cadences[i].after, cadences[i].before);
    if (before->pdf_every || before->pdf_inherent_every) {
        compare_real(pair, SECTION_SAMPLE, "pdf_bin", before->pdf_bin, after->pdf_bin);
        compare_real(pair, SECTION_SAMPLE, "pdf_reach", before->pdf_reach, after->pdf_reach);
    }
}

static void compare_lengths(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    compare_whole(pair, SECTION_ENSEMBLE, "segment_steps", before->segment_steps, after->segment_steps);
    if (before->finish_count > 0 && after->steps != before->steps)
        refuse(pair, SECTION_ENSEMBLE, "steps",
               "steps has changed from %" PRId64 " to %" PRId64
               ", which a ramp after production forbids: it began where "
               "production ended",
               before->steps, after->steps);
    else if (before->mode == MODE_EOS && after->steps < before->steps)
        refuse(pair, SECTION_EOS, "to", "eos.to gives %" PRId64 " volumes, fewer than the %" PRId64 " before",
               after->steps, before->steps);
    else if (before->mode != MODE_QUENCH && after->steps < before->steps)
        refuse(pair, SECTION_ENSEMBLE, "steps", "steps %" PRId64 " are fewer than the %" PRId64 " before", after->steps,
               before->steps);
    if (before->mode != MODE_EOS && after->replicas_per_rung < before->replicas_per_rung)
        refuse(pair, SECTION_ENSEMBLE, "replicas", "replicas %" PRIu32 " are fewer than the %" PRIu32 " before",
               after->replicas_per_rung, before->replicas_per_rung);
}

static bool has_temperature(const struct ensemble_spec *ensemble, double temperature)
{
    for (uint32_t i = 0; i < ensemble->rung_count; i++)
        if (ensemble->temperatures[i] == temperature)
            return true;
    return false;
}

static void compare_temperatures(const struct pair *pair)
{
    if (pair->before->mode == MODE_QUENCH) /* its one rung is quench.from */
        return;
    for (uint32_t i = 0; i < pair->before->rung_count; i++)
        if (!has_temperature(pair->after, pair->before->temperatures[i]))
            refuse(pair, SECTION_ENSEMBLE, "temperatures",
                   "temperatures have lost %.10g, which the campaign runs already", pair->before->temperatures[i]);
    if (pair->before->mode == MODE_TEMPERING && pair->after->rung_count > pair->before->rung_count)
        refuse(pair, SECTION_ENSEMBLE, "temperatures",
               "temperatures of a ladder cannot be added: add another ensemble");
}

/* Under another name or mode it is another ensemble: its keys are not compared. */
static void compare_ensembles(const struct pair *pair)
{
    const struct ensemble_spec *before = pair->before, *after = pair->after;
    compare_word(pair, SECTION_ENSEMBLE, "name", before->name, after->name);
    compare_word(pair, SECTION_ENSEMBLE, "mode", mode_names[before->mode], mode_names[after->mode]);
    if (strcmp(before->name, after->name) != 0 || before->mode != after->mode)
        return;
    compare_system(pair);
    compare_dynamics(pair);
    compare_identity(pair);
    compare_quench(pair);
    compare_eos(pair);
    compare_lengths(pair);
    compare_temperatures(pair);
    compare_stages(pair);
    compare_sampling(pair);
}

/* ---- the whole ---- */

static bool has_ensemble(const struct campaign *campaign, const char *name)
{
    for (uint32_t i = 0; i < campaign->ensemble_count; i++)
        if (strcmp(campaign->ensembles[i].name, name) == 0)
            return true;
    return false;
}

static void compare_file(const struct pair *file, const struct campaign *before, const struct campaign *after)
{
    if (strcmp(before->name, after->name) != 0)
        refuse(file, SECTION_CAMPAIGN, "campaign", "the campaign's name has changed from '%s' to '%s'", before->name,
               after->name);
    if (before->seed != after->seed)
        refuse(file, SECTION_CAMPAIGN, "seed",
               "seed has changed from %" PRIu64 " to %" PRIu64 ", which a running campaign cannot", before->seed,
               after->seed);
    for (uint32_t i = 0; after->ensemble_count < before->ensemble_count && i < before->ensemble_count; i++)
        if (!has_ensemble(after, before->ensembles[i].name))
            refuse(file, SECTION_CAMPAIGN, "ensembles", "ensemble '%s' is gone: a running campaign keeps its ensembles",
                   before->ensembles[i].name);
}

void campaign_compare(const struct campaign *before, const struct campaign *after,
                      void (*take)(void *context, const struct campaign_difference *difference), void *context)
{
    struct pair pair = {.take = take, .context = context};
    compare_file(&pair, before, after);
    /* Where one is gone, those behind it stand at other numbers: that is said once. */
    for (uint32_t i = 0; after->ensemble_count >= before->ensemble_count && i < before->ensemble_count; i++) {
        pair.before = &before->ensembles[i];
        pair.after = &after->ensembles[i];
        pair.index = i;
        compare_ensembles(&pair);
    }
}
