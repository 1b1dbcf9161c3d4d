#include "common/campaign_bind.h"

#include "common/campaign_number.h"
#include "common/campaign_section.h"
#include "common/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a quench ensemble's name stands for. */
static void look_up_glass(const struct node *node, struct binding *binding)
{
    const struct campaign_surroundings *surroundings = binding->surroundings;
    const struct glass_source *source = surroundings->glass;
    struct glass_found found;
    if (surroundings->is_glance)
        binding->glass_temperature = (double)NAN;
    else if (node->size >= GLASS_NAME_SIZE)
        snprintf(binding->glass_why, sizeof binding->glass_why,
                 "a number or the name of a quench ensemble is expected");
    else if (!source)
        snprintf(binding->glass_why, sizeof binding->glass_why,
                 "a quench ensemble's T_f is in the database of its campaign, and none is at hand");
    else if (source->find(source->context, binding->campaign, node->text, &found, binding->glass_why))
        binding->glass_temperature = found.temperature;
    if (binding->glass_why[0] != '\0')
        binding->glass_temperature = (double)NAN; /* one mistake, one message */
}

/* With the `Tf` of a mapping, else the outer one. A number that cannot be read has its message where it is bound; one
 * that offends no rule stands for it. */
static struct binding bind_glass(const struct binding *outer, const struct node *mapping)
{
    const struct node *node = node_find(mapping, "Tf");
    struct binding binding = *outer;
    double value;
    if (!node)
        return binding;
    binding.glass_why[0] = '\0';
    binding.glass_temperature = 0.5;
    if (campaign_is_glass_name(node))
        look_up_glass(node, &binding);
    else if (node->kind == NODE_SCALAR && !campaign_number_real(node->text, &value) && value > 0.0)
        binding.glass_temperature = value;
    return binding;
}

/* ---- prepare ---- */

static void set_default_stages(struct ensemble_spec *ensemble)
{
    ensemble->stage_count = 3;
    ensemble->stages[0] = (struct stage_spec){.kind = STAGE_BUILD, .builder = BUILDER_RANDOM};
    ensemble->stages[1] = (struct stage_spec){.kind = STAGE_HOLD, .temperature = 2.0, .steps = 100000};
    ensemble->stages[2] = (struct stage_spec){.kind = STAGE_RAMP, .to_rung = true, .rate = 1e-6};
}

/* `build: word` is bound already. The numbers of a nanocomposite have defaults, which other starts must not have. */
static void bind_build(const struct binding *binding, const struct node *value, struct stage_spec *stage)
{
    if (value->kind == NODE_MAPPING) {
        stage->builder = BUILDER_KIND_COUNT; /* until it is read */
        section_set_presets(SECTION_BUILD, stage);
        section_bind(binding, SECTION_BUILD, "build", value, stage);
    }
    if (stage->builder != BUILDER_NANOCOMPOSITE)
        return;
    if (stage->start.grain_atoms == 0)
        stage->start.grain_atoms = 400;
    if (stage->start.grain_volume == 0.0)
        stage->start.grain_volume = 0.69;
}

static bool is_production(const struct node *stage)
{
    const struct node *hold = node_find(stage, "hold");
    return hold && hold->kind == NODE_SCALAR && stage->count == 2 && strcmp(hold->text, "production") == 0;
}

static void bind_stage(const struct binding *binding, const struct node *node, struct stage_spec *stage)
{
    stage->kind = STAGE_KIND_COUNT; /* until it is read */
    if (!section_bind(binding, SECTION_STAGE, "prepare", node, stage))
        return;
    if (node->count != 2) {
        campaign_report_add(binding->report, node->place,
                            "prepare: a stage has one key (build, hold or ramp), this has %u", node->count / 2);
        return;
    }
    const struct node *value = node->first->next;
    for (unsigned kind = 0; kind < STAGE_KIND_COUNT; kind++)
        if (node_find(node, stage_names[kind]))
            stage->kind = kind;
    if (node_find(node, "build"))
        bind_build(binding, value, stage);
    else if (node_find(node, "hold"))
        section_bind(binding, SECTION_HOLD, "hold", value, stage);
    else if (node_find(node, "ramp")) {
        section_set_presets(SECTION_RAMP, stage);
        section_bind(binding, SECTION_RAMP, "ramp", value, stage);
    }
}

static void bind_stages(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    if (!node) {
        set_default_stages(ensemble);
        return;
    }
    if (!section_expect_kind(binding, "prepare", node, NODE_LIST))
        return;
    if (node->count == 0 || node->count > CAMPAIGN_STAGES_MAX) {
        campaign_report_add(binding->report, node->place, "prepare: %u stages; 1 to %d are possible", node->count,
                            CAMPAIGN_STAGES_MAX);
        return;
    }
    bool is_after = false;
    for (const struct node *item = node->first; item; item = item->next)
        if (!is_production(item))
            bind_stage(binding, item,
                       is_after ? &ensemble->finish[ensemble->finish_count++]
                                : &ensemble->stages[ensemble->stage_count++]);
        else if (is_after)
            campaign_report_add(binding->report, item->place, "a second production: there is one");
        else
            is_after = true;
}

/* ---- ensembles ---- */

struct defaults {
    struct system_keys system;
    bool by_count, composition_given, by_rule;
    struct dynamics_spec dynamics;
};

/* As with the composition: the innermost one written. */
static void bind_volume(const struct binding *binding, const struct node *node, struct defaults *defaults)
{
    const struct node *volume = node_find(node, "volume_per_atom"), *rule = node_find(node, "volume_rule");
    if (volume && rule)
        campaign_report_add(binding->report, rule->place,
                            "volume_per_atom and volume_rule both give the volume: keep one");
    if (volume || rule)
        defaults->by_rule = rule != NULL;
}

/* Which of the two keys of the composition holds: the innermost one written. */
static void bind_system(const struct binding *binding, const struct node *node, struct defaults *defaults)
{
    section_bind(binding, SECTION_SYSTEM, "system", node, &defaults->system);
    const struct node *count = node_find(node, "atoms_small");
    const struct node *fraction = node_find(node, "small_fraction");
    if (count && fraction)
        campaign_report_add(binding->report, count->place,
                            "atoms_small and small_fraction both give the composition: keep one");
    if (count || fraction) {
        defaults->by_count = count != NULL;
        defaults->composition_given = true;
    }
    bind_volume(binding, node, defaults);
}

static void bind_sampling(const struct binding *binding, const struct node *node, struct sampling_spec *sampling)
{
    section_set_presets(SECTION_SAMPLE, sampling);
    section_bind(binding, SECTION_SAMPLE, "sample", node, sampling);
    if (!node_find(node, "pdf"))
        sampling->pdf_every = sampling->thermal_every;
    if (!node_find(node, "pdf_inherent"))
        sampling->pdf_inherent_every = sampling->inherent_every;
}

/* Keys that only some modes have: missing or misplaced. Where the mode was refused, as in an isotherm. */
static void bind_keys_of_mode(const struct binding *binding, const struct node *ensemble, enum ensemble_mode mode)
{
    const bool is_known = mode != MODE_KIND_COUNT;
    for (size_t i = 0; i < campaign_key_count && ensemble->kind == NODE_MAPPING; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        const struct node *value = key->modes ? node_find(ensemble, key->name) : NULL;
        const bool is_of_mode = campaign_key_is_of_mode(key, is_known ? mode : MODE_ISOTHERM);
        if (key->modes && key->required && is_of_mode && !value)
            campaign_report_add(binding->report, ensemble->place, "missing key '%s' in %s", key->name,
                                campaign_section_title(key->section));
        if (value && is_known && !is_of_mode)
            campaign_report_add(binding->report, value->place, "%s: an ensemble of mode %s has no such key", key->name,
                                mode_names[mode]);
    }
}

/* What is written in an ensemble of another mode is read for its mistakes and has no effect. */
static void bind_hybrid(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    struct identity_spec identity;
    section_set_presets(SECTION_HYBRID, &identity);
    section_bind(binding, SECTION_HYBRID, "hybrid", node, &identity);
    if (ensemble->mode == MODE_HYBRID)
        ensemble->identity = identity;
}

/* The steps that are written, or that the rate gives; 0 where they are refused. */
static int64_t quench_steps(const struct binding *binding, const struct node *node, const struct quench_keys *quench)
{
    if ((quench->rate > 0.0) == (quench->steps > 0)) {
        campaign_report_add(binding->report, node->place, "a quench has a rate or a number of steps%s",
                            quench->steps ? ", not both" : "");
        return 0;
    }
    if (quench->steps)
        return quench->steps;
    if (fabs(quench->to - quench->from) / quench->rate <= 0x1p54)
        return campaign_ramp_steps(quench->to - quench->from, quench->rate);
    campaign_report_add(binding->report, node_find(node, "rate")->place,
                        "a quench from %.6g to %.6g at %.6g per step is too slow", quench->from, quench->to,
                        quench->rate);
    return 0;
}

/* A quench has one rung, its start. */
static void take_quench(const struct binding *binding, const struct node *node, const struct quench_keys *quench,
                        struct ensemble_spec *ensemble)
{
    mem_free(ensemble->temperatures);
    ensemble->rung_count = 0;
    if (!(ensemble->temperatures = mem_alloc_array(1, sizeof *ensemble->temperatures))) {
        binding->report->no_memory = true;
        return;
    }
    ensemble->rung_count = 1;
    ensemble->temperatures[0] = quench->from;
    ensemble->temperature_end = quench->to;
    if (quench->from == quench->to)
        campaign_report_add(binding->report, node->place, "a quench from %.6g to %.6g: it is where it ends",
                            quench->from, quench->to);
    else
        ensemble->steps = quench_steps(binding, node, quench);
}

static void bind_quench(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    struct quench_keys quench = {.to = -1.0};
    bool is_bound = section_bind(binding, SECTION_QUENCH, "quench", node, &quench);
    bool has_ends = quench.from > 0.0 && quench.to >= 0.0;
    if (ensemble->mode != MODE_QUENCH)
        return;
    if (is_bound && has_ends)
        take_quench(binding, node, &quench, ensemble);
    if (ensemble->steps == 0)
        ensemble->steps = ensemble->segment_steps; /* offends no rule: the mistake has its message */
}

/* A replica for each phase, on one rung without a temperature; production has a step for each volume. The start that
 * the timeline needs is the cell of each replica's own phase. */
static void take_eos(const struct binding *binding, const struct eos_keys *eos, struct ensemble_spec *ensemble)
{
    if (!(ensemble->temperatures = mem_alloc_array(1, sizeof *ensemble->temperatures))) {
        binding->report->no_memory = true;
        return;
    }
    ensemble->rung_count = 1;
    ensemble->eos = eos->spec;
    ensemble->phase_count = eos->phase_count;
    memcpy(ensemble->phases, eos->phases, sizeof eos->phases);
    if (eos->phase_count == 0) {
        ensemble->phase_count = phase_count;
        memcpy(ensemble->phases, phases, phase_count * sizeof *phases);
    }
    ensemble->replicas_per_rung = ensemble->phase_count;
    ensemble->stage_count = 1;
    ensemble->stages[0] = (struct stage_spec){.kind = STAGE_BUILD, .builder = BUILDER_KIND_COUNT};
}

static void bind_eos(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    struct eos_keys eos = {0};
    section_set_presets(SECTION_EOS, &eos);
    section_bind(binding, SECTION_EOS, "eos", node, &eos);
    if (ensemble->mode != MODE_EOS)
        return;
    take_eos(binding, &eos, ensemble);
    const double count = (eos.volume_last - eos.spec.volume_first) / eos.spec.volume_step + 1.0;
    const bool is_whole = count >= 1.0 && count <= CAMPAIGN_VOLUMES_MAX && fabs(count - rint(count)) <= 1e-6;
    ensemble->steps = node && is_whole ? (int64_t)rint(count) : ensemble->segment_steps; /* one mistake, one message */
    if (node && !is_whole)
        campaign_report_add(binding->report, node->place,
                            "volumes from %.6g to %.6g in steps of %.6g are %.6g: a whole number is needed, 1 to %d",
                            eos.spec.volume_first, eos.volume_last, eos.spec.volume_step, count, CAMPAIGN_VOLUMES_MAX);
}

static void take_system(const struct defaults *defaults, struct ensemble_draft *draft, struct ensemble_spec *ensemble)
{
    ensemble->system = defaults->system.spec;
    ensemble->dynamics = defaults->dynamics;
    draft->small_fraction = defaults->system.small_fraction;
    draft->by_count = defaults->by_count;
    draft->composition_given = defaults->composition_given;
    draft->by_rule = defaults->by_rule;
    draft->volume_rule = defaults->system.volume_rule;
    draft->volume_parts = defaults->system.volume_parts;
}

/* Where mode or segment_steps were refused, a segment of one step offends no rule: one mistake, one message. */
static void set_default_segment(const struct node *node, struct ensemble_spec *ensemble)
{
    static const int64_t defaults[MODE_KIND_COUNT + 1] = {
        [MODE_ISOTHERM] = 100000, [MODE_TEMPERING] = 1000, [MODE_HYBRID] = 100000,
        [MODE_QUENCH] = 100000,   [MODE_EOS] = 1,          [MODE_KIND_COUNT] = 1};
    if (ensemble->segment_steps == 0)
        ensemble->segment_steps = node_find(node, "segment_steps") ? 1 : defaults[ensemble->mode];
}

static void bind_ensemble(const struct binding *outer, const struct node *node, struct defaults defaults,
                          struct ensemble_draft *draft, struct ensemble_spec *ensemble)
{
    const struct binding inner = bind_glass(outer, node);
    const struct binding *binding = &inner;
    draft->node = node;
    ensemble->mode = MODE_KIND_COUNT; /* until it is read */
    section_set_presets(SECTION_ENSEMBLE, ensemble);
    section_bind(binding, SECTION_ENSEMBLE, "ensembles", node, ensemble);
    draft->system_own = node_find(node, "system");
    draft->dynamics_own = node_find(node, "dynamics");
    draft->prepare = node_find(node, "prepare");
    draft->sample = node_find(node, "sample");
    set_default_segment(node, ensemble);
    bind_system(binding, draft->system_own, &defaults);
    section_bind(binding, SECTION_DYNAMICS, "dynamics", draft->dynamics_own, &defaults.dynamics);
    take_system(&defaults, draft, ensemble);
    ensemble->glass_temperature = inner.glass_temperature;
    bind_keys_of_mode(binding, node, ensemble->mode);
    bind_hybrid(binding, node_find(node, "hybrid"), ensemble);
    bind_quench(binding, node_find(node, "quench"), ensemble);
    bind_eos(binding, node_find(node, "eos"), ensemble);
    if (ensemble->mode == MODE_EOS)
        return;
    bind_stages(binding, draft->prepare, ensemble);
    bind_sampling(binding, draft->sample, &ensemble->sampling);
}

static bool make_ensembles(const struct binding *binding, struct campaign_draft *draft, uint32_t count)
{
    draft->campaign.ensembles = mem_alloc_array(count, sizeof *draft->campaign.ensembles);
    draft->ensembles = mem_alloc_array(count, sizeof *draft->ensembles);
    if (!draft->campaign.ensembles || !draft->ensembles) {
        binding->report->no_memory = true;
        return false;
    }
    draft->campaign.ensemble_count = count;
    return true;
}

static void bind_ensembles(const struct binding *binding, const struct node *node, const struct defaults *defaults,
                           struct campaign_draft *draft)
{
    if (!node || !section_expect_kind(binding, "ensembles", node, NODE_LIST))
        return;
    if (node->count == 0 || node->count > CAMPAIGN_ENSEMBLES_MAX) {
        campaign_report_add(binding->report, node->place, "ensembles: a list of %u; 1 to %d are possible", node->count,
                            CAMPAIGN_ENSEMBLES_MAX);
        return;
    }
    if (!make_ensembles(binding, draft, node->count))
        return;
    const struct node *item = node->first;
    for (uint32_t i = 0; i < node->count; i++, item = item->next) {
        struct ensemble_draft *ensemble = &draft->ensembles[i];
        ensemble->system_common = node_find(draft->root, "system");
        ensemble->dynamics_common = node_find(draft->root, "dynamics");
        bind_ensemble(binding, item, *defaults, ensemble, &draft->campaign.ensembles[i]);
    }
}

void campaign_bind(struct campaign_report *report, const struct node *root,
                   const struct campaign_surroundings *surroundings, struct campaign_draft *out_draft)
{
    *out_draft = (struct campaign_draft){.root = root};
    struct campaign *campaign = &out_draft->campaign;
    struct defaults defaults = {0};
    section_set_presets(SECTION_STORE, campaign);
    section_set_presets(SECTION_SYSTEM, &defaults.system);
    section_set_presets(SECTION_DYNAMICS, &defaults.dynamics);
    const struct node *name = node_find(root, "campaign");
    const struct binding outer = {.report = report,
                                  .surroundings = surroundings,
                                  .campaign = name && name->kind == NODE_SCALAR ? name->text : ""};
    const struct binding binding = bind_glass(&outer, root);
    if (!section_bind(&binding, SECTION_CAMPAIGN, "a campaign file", root, campaign))
        return;
    section_bind(&binding, SECTION_STORE, "store", node_find(root, "store"), campaign);
    bind_system(&binding, node_find(root, "system"), &defaults);
    section_bind(&binding, SECTION_DYNAMICS, "dynamics", node_find(root, "dynamics"), &defaults.dynamics);
    bind_ensembles(&binding, node_find(root, "ensembles"), &defaults, out_draft);
}

/* ---- the end ---- */

static uint32_t count_replicas(const struct campaign *campaign)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < campaign->ensemble_count; i++)
        count += campaign->ensembles[i].rung_count * campaign->ensembles[i].replicas_per_rung;
    return count;
}

static void list_replicas(struct campaign *campaign)
{
    struct replica_spec *next = campaign->replicas;
    for (uint32_t e = 0; e < campaign->ensemble_count; e++)
        for (uint32_t rung = 0; rung < campaign->ensembles[e].rung_count; rung++)
            for (uint32_t copy = 0; copy < campaign->ensembles[e].replicas_per_rung; copy++)
                *next++ = (struct replica_spec){{e}, {rung}, copy};
}

void campaign_draft_give(struct campaign_report *report, struct campaign_draft *draft, struct campaign *out_campaign)
{
    struct campaign *campaign = &draft->campaign;
    campaign->replica_count = count_replicas(campaign);
    campaign->replicas = mem_alloc_array(campaign->replica_count, sizeof *campaign->replicas);
    if (!campaign->replicas) {
        report->no_memory = true;
        return;
    }
    list_replicas(campaign);
    *out_campaign = *campaign;
    *campaign = (struct campaign){0};
}

void campaign_draft_finish(struct campaign_draft *draft)
{
    mem_free(draft->ensembles);
    draft->ensembles = NULL;
    campaign_finish(&draft->campaign);
}

struct text_place campaign_place(const struct node *own, const struct node *common, const char *key,
                                 const struct node *fallback)
{
    const struct node *node = node_find(own, key);
    if (!node)
        node = node_find(common, key);
    return node ? node->place : fallback->place;
}
