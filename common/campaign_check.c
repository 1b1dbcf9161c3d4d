#include "common/campaign_check.h"

#include "common/campaign_compare.h"
#include "common/campaign_cost.h"
#include "common/realmath.h"
#include "common/snapshot.h"
#include "common/supercell.h"
#include "common/wire.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* One ensemble under judgement. */
struct judge {
    struct campaign_report *report;
    const struct ensemble_draft *draft;
    struct ensemble_spec *ensemble;
};

static struct text_place system_place(const struct judge *judge, const char *key)
{
    return campaign_place(judge->draft->system_own, judge->draft->system_common, key, judge->draft->node);
}

static struct text_place dynamics_place(const struct judge *judge, const char *key)
{
    return campaign_place(judge->draft->dynamics_own, judge->draft->dynamics_common, key, judge->draft->node);
}

static struct text_place own_place(const struct judge *judge, const char *key)
{
    return campaign_place(judge->draft->node, NULL, key, judge->draft->node);
}

/* ---- the model ---- */

static bool is_whole_count(double fraction, uint32_t atoms)
{
    double count = fraction * atoms;
    return fabs(count - rint(count)) <= 1e-6 * atoms;
}

static void refuse_fraction(const struct judge *judge, double fraction, uint32_t atoms)
{
    double below = floor(fraction * atoms), above = below + 1;
    campaign_report_add(judge->report, system_place(judge, "small_fraction"),
                        "small_fraction %.10g of %u atoms is %.10g atoms: the nearest that work are %.10g (%.0f "
                        "atoms) and %.10g (%.0f); or give atoms_small",
                        fraction, atoms, fraction * atoms, below / atoms, below, above / atoms, above);
}

static void settle_composition(const struct judge *judge)
{
    struct system_spec *system = &judge->ensemble->system;
    double fraction = judge->draft->small_fraction;
    if (!judge->draft->by_count && !is_whole_count(fraction, system->atoms))
        refuse_fraction(judge, fraction, system->atoms);
    if (!judge->draft->by_count)
        system->atoms_small = (uint32_t)rint(fraction * system->atoms);
    else if (system->atoms_small > system->atoms)
        campaign_report_add(judge->report, system_place(judge, "atoms_small"), "atoms_small %u of %u atoms",
                            system->atoms_small, system->atoms);
}

uint32_t campaign_atoms_min(double cutoff, double volume_per_atom)
{
    double edge = 2.0 * (cutoff + campaign_skin_min);
    return (uint32_t)fmin(ceil(edge * edge * edge / volume_per_atom), 4294967295.0);
}

/* The smallest number of atoms that also has the wanted composition. */
static uint32_t atoms_that_work(const struct judge *judge, uint32_t atoms)
{
    if (judge->draft->by_count)
        return atoms;
    for (uint32_t n = atoms; n < atoms + 1000; n++)
        if (is_whole_count(judge->draft->small_fraction, n))
            return n;
    return atoms;
}

static void check_box(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    uint32_t atoms_min = campaign_atoms_min(system->cutoff, system->volume_per_atom);
    if (system->atoms >= atoms_min)
        return;
    campaign_report_add(judge->report, system_place(judge, "atoms"),
                        "%u atom%s at V/N = %.6g %s a box of edge %.4g sigma: cutoff %.6g + skin %.6g exceed half of "
                        "it; the smallest N that works is %u",
                        system->atoms, system->atoms == 1 ? "" : "s", system->volume_per_atom,
                        system->atoms == 1 ? "is" : "are", real_cbrt(system->atoms * system->volume_per_atom),
                        system->cutoff, campaign_skin_min, atoms_that_work(judge, atoms_min));
}

/* Mean cube of the diameters, sigma^3. */
static double cube_mean(double small, double sigma)
{
    return small * sigma * sigma * sigma + (1.0 - small);
}

/* Volume of the spheres of diameter sigma_aa over the volume of the box. Glasses have 0.54; above 0.9 the repulsion is
 * astronomic. */
static double packing_fraction(const struct system_spec *system)
{
    double small = (double)system->atoms_small / system->atoms;
    return M_PI / 6.0 * cube_mean(small, volume_diameter_small(system->potential)) / system->volume_per_atom;
}

static void check_density(const struct judge *judge)
{
    static const double packing_max = 0.9;
    double packing = packing_fraction(&judge->ensemble->system);
    if (packing > packing_max)
        campaign_report_add(judge->report, system_place(judge, "volume_per_atom"),
                            "impossible density: at V/N = %.6g the atoms fill %.2f of the box; the limit is %.2f",
                            judge->ensemble->system.volume_per_atom, packing, packing_max);
}

/* A composition that is refused has its message already. */
static bool composition_is_possible(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    return judge->draft->by_count ? system->atoms_small <= system->atoms
                                  : is_whole_count(judge->draft->small_fraction, system->atoms);
}

static bool is_given(const struct judge *judge, const char *key)
{
    return node_find(judge->draft->system_own, key) || node_find(judge->draft->system_common, key);
}

static bool volume_is_given(const struct judge *judge)
{
    return is_given(judge, "volume_per_atom") || judge->draft->by_rule;
}

/* The volume that a rule gives to the composition, once that is known; to nine digits after the point, so that it can
 * be written instead. */
static void settle_volume(const struct judge *judge)
{
    const struct ensemble_draft *draft = judge->draft;
    struct system_spec *system = &judge->ensemble->system;
    if (!draft->by_rule || !composition_is_possible(judge))
        return;
    const double small = (double)system->atoms_small / system->atoms;
    const double volume = volume_by_rule(draft->volume_rule, system->potential, &draft->volume_parts, small);
    system->volume_per_atom = rint(volume * 1e9) / 1e9;
}

/* The default is that of 50:50; elsewhere the volume is a choice, and these are the two that are made: each species
 * keeps the average volume it has at 50:50 (the rule of Derlet & Maass), or V/N goes as the mean cube of the diameters.
 */
static void check_volume_rule(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    bool is_even = 2 * system->atoms_small + 1 >= system->atoms && 2 * system->atoms_small <= system->atoms + 1;
    if (system->potential != POTENTIAL_WAHNSTROM || is_even || volume_is_given(judge) ||
        !composition_is_possible(judge))
        return;
    const struct volume_parts *parts = &volume_parts_wahnstrom;
    double small = (double)system->atoms_small / system->atoms;
    campaign_report_add(judge->report, system_place(judge, judge->draft->by_count ? "atoms_small" : "small_fraction"),
                        "%u small atoms of %u need volume_per_atom or volume_rule: the default %.10g is that of 50:50; "
                        "%.4g (volume_rule: species) keeps the volume of each species (x_S %.3f + x_L %.3f), %.4g "
                        "(sigma_cubed) goes as the mean cube of the diameters",
                        system->atoms_small, system->atoms, 0.5 * (parts->small + parts->large),
                        volume_by_rule(VOLUME_SPECIES, system->potential, parts, small), parts->small, parts->large,
                        volume_by_rule(VOLUME_SIGMA_CUBED, system->potential, parts, small));
}

static void check_other_potential(const struct judge *judge)
{
    const struct ensemble_draft *draft = judge->draft;
    if (judge->ensemble->system.potential == POTENTIAL_WAHNSTROM)
        return;
    if (draft->by_rule && !(is_given(judge, "volume_small") && is_given(judge, "volume_large")))
        campaign_report_add(judge->report, system_place(judge, "volume_rule"),
                            "volume_rule of %s needs volume_small and volume_large too: their defaults are Wahnstrom's",
                            potential_names[judge->ensemble->system.potential]);
    if (!volume_is_given(judge) || !draft->composition_given)
        campaign_report_add(judge->report, system_place(judge, "potential"),
                            "%s needs volume_per_atom and small_fraction too: their defaults are Wahnstrom's",
                            potential_names[judge->ensemble->system.potential]);
}

/* A phase named twice is a replica too many. */
static void check_phases(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    const struct node *list = node_find(node_find(judge->draft->node, "eos"), "phases");
    for (uint32_t i = 0; i < ensemble->phase_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(ensemble->phases[i].name, ensemble->phases[j].name) == 0)
                campaign_report_add(judge->report, list ? list->place : judge->draft->node->place,
                                    "phase '%s' is named twice", ensemble->phases[i].name);
}

static void check_system(const struct judge *judge)
{
    settle_composition(judge);
    settle_volume(judge);
    if (judge->ensemble->mode == MODE_EOS) /* energies of a perfect crystal have no box */
        return;
    check_box(judge);
    check_density(judge);
    check_volume_rule(judge);
    check_other_potential(judge);
}

/* ---- how it moves ---- */

/* Types are exchanged at the temperature that the replica is held at, between atoms of both kinds. */
static void check_hybrid(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    if (ensemble->mode != MODE_HYBRID)
        return;
    if (ensemble->dynamics.thermostat == THERMOSTAT_NONE)
        campaign_report_add(judge->report, dynamics_place(judge, "thermostat"),
                            "thermostat none: exchange of identities needs a canonical thermostat");
    if (ensemble->system.atoms_small == 0 || ensemble->system.atoms_small == ensemble->system.atoms)
        campaign_report_add(judge->report,
                            system_place(judge, judge->draft->by_count ? "atoms_small" : "small_fraction"),
                            "exchange of identities needs atoms of both species");
}

/* A chain's masses are in units of the temperature. */
static bool goes_to_zero(const struct ensemble_spec *ensemble)
{
    for (uint32_t i = 0; i < ensemble->stage_count; i++)
        if (ensemble->stages[i].kind == STAGE_RAMP && !ensemble->stages[i].to_rung &&
            ensemble->stages[i].temperature == 0.0)
            return true;
    for (uint32_t i = 0; i < ensemble->finish_count; i++)
        if (ensemble->finish[i].kind == STAGE_RAMP && !ensemble->finish[i].to_rung &&
            ensemble->finish[i].temperature == 0.0)
            return true;
    return ensemble->mode == MODE_QUENCH && ensemble->temperature_end == 0.0;
}

static bool has_ramp(const struct ensemble_spec *ensemble)
{
    for (uint32_t i = 0; i < ensemble->stage_count; i++)
        if (ensemble->stages[i].kind == STAGE_RAMP)
            return true;
    return ensemble->finish_count > 0;
}

static void check_dynamics(const struct judge *judge)
{
    const struct dynamics_spec *dynamics = &judge->ensemble->dynamics;
    if (dynamics->thermostat_tau < dynamics->dt)
        campaign_report_add(judge->report, dynamics_place(judge, "thermostat_tau"),
                            "thermostat_tau %.6g is shorter than a step (dt %.6g)", dynamics->thermostat_tau,
                            dynamics->dt);
    if (dynamics->thermostat == THERMOSTAT_NOSE_HOOVER && goes_to_zero(judge->ensemble))
        campaign_report_add(judge->report, dynamics_place(judge, "thermostat"),
                            "thermostat nose_hoover cannot go to temperature 0: use bussi or langevin");
    if (dynamics->thermostat != THERMOSTAT_NONE)
        return;
    if (judge->ensemble->mode == MODE_TEMPERING)
        campaign_report_add(judge->report, dynamics_place(judge, "thermostat"),
                            "thermostat none: exchange between temperatures needs a canonical thermostat");
    if (judge->ensemble->mode == MODE_QUENCH)
        campaign_report_add(judge->report, dynamics_place(judge, "thermostat"),
                            "thermostat none: a quench needs a thermostat");
    if (has_ramp(judge->ensemble))
        campaign_report_add(judge->report, dynamics_place(judge, "thermostat"),
                            "thermostat none: prepare has a ramp%s, which needs a thermostat",
                            judge->draft->prepare ? "" : " by default");
}

/* ---- temperatures and replicas ---- */

static void check_rising(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    const struct node *list = node_find(judge->draft->node, "temperatures");
    char this[CAMPAIGN_QUOTE_SIZE], before[CAMPAIGN_QUOTE_SIZE];
    const struct node *node = list ? list->first : NULL;
    for (uint32_t i = 1; i < ensemble->rung_count; i++, node = node->next)
        if (ensemble->temperatures[i] <= ensemble->temperatures[i - 1])
            campaign_report_add(judge->report, node->next->place, "temperature %s is not above the rung before it (%s)",
                                campaign_quote(node->next->text, node->next->size, this),
                                campaign_quote(node->text, node->size, before));
}

static void check_rungs(const struct judge *judge)
{
    check_rising(judge);
    if (judge->ensemble->mode != MODE_TEMPERING)
        return;
    if (judge->ensemble->rung_count == 1)
        campaign_report_add(judge->report, own_place(judge, "temperatures"),
                            "a ladder needs at least 2 temperatures, this has 1");
    if (judge->ensemble->replicas_per_rung != 1)
        campaign_report_add(judge->report, own_place(judge, "replicas"),
                            "a ladder has one replica per rung, not %u: for more, add another ensemble",
                            judge->ensemble->replicas_per_rung);
}

/* ---- steps and cadences ---- */

static void check_steps(const struct judge *judge)
{
    int64_t steps = judge->ensemble->steps, segment = judge->ensemble->segment_steps;
    if (steps % segment == 0)
        return;
    bool written = node_find(judge->draft->node, "segment_steps") != NULL;
    char nearest[96];
    int64_t below = steps / segment * segment, above = below + segment;
    if (below > 0)
        snprintf(nearest, sizeof nearest, "the nearest are %" PRId64 " and %" PRId64, below, above);
    else
        snprintf(nearest, sizeof nearest, "the nearest is %" PRId64, above);
    const enum ensemble_mode mode = judge->ensemble->mode;
    const char *key = mode == MODE_QUENCH || mode == MODE_EOS ? mode_names[mode] : "steps";
    campaign_report_add(judge->report, own_place(judge, key),
                        "%s %" PRId64 "%s is not a multiple of segment_steps %" PRId64 "%s: %s",
                        mode == MODE_QUENCH ? "a quench of"
                        : mode == MODE_EOS  ? "a curve of"
                                            : "steps",
                        steps,
                        mode == MODE_QUENCH ? " steps"
                        : mode == MODE_EOS  ? " volumes"
                                            : "",
                        segment, written ? "" : " (the default)", nearest);
}

/* The cadences of `sample:`, and whether each comes with the inherent structure. */
struct cadence {
    const char *key;
    int64_t every;
    bool is_frame;
};

enum { CADENCE_COUNT = 8 };

static void list_cadences(const struct sampling_spec *sampling, struct cadence out[CADENCE_COUNT])
{
    const struct cadence cadences[CADENCE_COUNT] = {
        {"thermal", sampling->thermal_every, false},
        {"inherent", sampling->inherent_every, false},
        {"structure", sampling->structure_every, false},
        {"displacement", sampling->displacement_every, false},
        {"pdf", sampling->pdf_every, false},
        {"pdf_inherent", sampling->pdf_inherent_every, false},
        {"frame", sampling->frame_every, true},
        {"frame_inherent", sampling->frame_inherent_every, true},
    };
    memcpy(out, cadences, sizeof cadences);
}

/* A default is judged where it was not written; it then stands at the ensemble, and the message says so. */
static struct text_place cadence_place(const struct judge *judge, const char *key, const char **out_note)
{
    bool written = node_find(judge->draft->sample, key) != NULL;
    *out_note = written ? "" : " (the default)";
    return written ? node_find(judge->draft->sample, key)->place : own_place(judge, "segment_steps");
}

/* pdf follows thermal and pdf_inherent follows inherent where they are not written: one mistake, one message. */
static bool is_derived(const struct judge *judge, const struct cadence *cadence)
{
    return strncmp(cadence->key, "pdf", 3) == 0 && !node_find(judge->draft->sample, cadence->key);
}

static void check_cadence(const struct judge *judge, const struct cadence *cadence)
{
    const char *note;
    struct text_place place = cadence_place(judge, cadence->key, &note);
    int64_t segment = judge->ensemble->segment_steps;
    if (cadence->every == 0 || is_derived(judge, cadence))
        return;
    if (cadence->every % segment != 0 && segment % cadence->every != 0)
        campaign_report_add(judge->report, place,
                            "cadence %s %" PRId64 "%s neither divides segment_steps %" PRId64
                            " nor is a multiple of it",
                            cadence->key, cadence->every, note, segment);
    if (cadence->is_frame && segment / cadence->every > SEGMENT_FRAMES_MAX / 2)
        campaign_report_add(judge->report, place,
                            "cadence %s %" PRId64 "%s gives %" PRId64 " frames a segment; the limit is %d",
                            cadence->key, cadence->every, note, segment / cadence->every, SEGMENT_FRAMES_MAX / 2);
}

static int64_t samples_per_segment(const struct ensemble_spec *ensemble)
{
    const struct sampling_spec *sampling = &ensemble->sampling;
    int64_t thermal = sampling->thermal_every ? ensemble->segment_steps / sampling->thermal_every : 0;
    int64_t inherent = sampling->inherent_every ? ensemble->segment_steps / sampling->inherent_every : 0;
    int64_t structure = sampling->structure_every ? ensemble->segment_steps / sampling->structure_every : 0;
    int64_t dynamics = sampling->displacement_every ? ensemble->segment_steps / sampling->displacement_every : 0;
    return thermal + inherent + structure + dynamics;
}

/* Arrays of both groups in one segment. */
static void check_arrays(const struct judge *judge)
{
    const struct sampling_spec *sampling = &judge->ensemble->sampling;
    int64_t arrays = 0;
    for (int id = 0; id < ARRAY_COUNT; id++) {
        bool is_structure = array_quantities[id].group == QUANTITY_GROUP_structure;
        int64_t every = is_structure ? sampling->structure_every : sampling->displacement_every;
        arrays += every ? judge->ensemble->segment_steps / every : 0;
    }
    if (arrays > SEGMENT_ARRAYS_MAX)
        campaign_report_add(judge->report, own_place(judge, "sample"),
                            "structure and displacement give %" PRId64 " arrays a segment; the limit is %d", arrays,
                            SEGMENT_ARRAYS_MAX);
}

/* Both configurations are of one segment, and a trajectory: struct sampling_spec. */
static void check_displacement(const struct judge *judge)
{
    int64_t every = judge->ensemble->sampling.displacement_every, segment = judge->ensemble->segment_steps;
    struct text_place place = campaign_place(judge->draft->sample, NULL, "displacement", judge->draft->node);
    if (every > segment)
        campaign_report_add(judge->report, place,
                            "displacement %" PRId64 " is longer than segment_steps %" PRId64
                            ": both configurations lie in one segment; for longer times store frames and use "
                            "`vitrine compare`",
                            every, segment);
    if (every > 0 && judge->ensemble->mode == MODE_HYBRID)
        campaign_report_add(judge->report, place,
                            "displacement: exchanges of identities put atoms elsewhere without a motion, so there are "
                            "no displacements in mode hybrid");
}

/* All frames of a segment travel in one block of its result. */
static void check_frame_bytes(const struct judge *judge)
{
    const struct sampling_spec *sampling = &judge->ensemble->sampling;
    double segment = (double)judge->ensemble->segment_steps, frames = 0.0;
    if (sampling->frame_every)
        frames += floor(segment / (double)sampling->frame_every);
    if (sampling->frame_inherent_every)
        frames += floor(segment / (double)sampling->frame_inherent_every);
    double one = (double)snapshot_size(judge->ensemble->system.atoms, SNAPSHOT_THERMOSTAT_MAX);
    if (frames * one > WIRE_BLOCK_SIZE_MAX)
        campaign_report_add(judge->report, own_place(judge, "sample"),
                            "%.0f frames a segment of %.3g MB each; %d MB a segment are possible: store fewer, or cut "
                            "segments",
                            frames, one / 1e6, WIRE_BLOCK_SIZE_MAX / 1000000);
}

static void check_pdf_bin(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    double bin = judge->ensemble->sampling.pdf_bin;
    double bins = 0.5 * real_cbrt(system->atoms * system->volume_per_atom) / bin;
    if (bins > PDF_BINS_MAX)
        campaign_report_add(judge->report, campaign_place(judge->draft->sample, NULL, "pdf_bin", judge->draft->node),
                            "pdf_bin %.6g gives %.0f bins up to half the box; the limit is %d", bin, bins,
                            PDF_BINS_MAX);
    double reach = judge->ensemble->sampling.pdf_reach;
    struct text_place place = campaign_place(judge->draft->sample, NULL, "pdf_reach", judge->draft->node);
    if (reach / bin > PDF_BINS_MAX)
        campaign_report_add(judge->report, place, "pdf_reach %.6g gives %.0f bins of %.6g; the limit is %d", reach,
                            reach / bin, bin, PDF_BINS_MAX);
    if (reach > 0.0 && reach < bin)
        campaign_report_add(judge->report, place, "pdf_reach %.6g is less than one bin of %.6g", reach, bin);
}

static void check_sampling(const struct judge *judge)
{
    struct cadence cadences[CADENCE_COUNT];
    list_cadences(&judge->ensemble->sampling, cadences);
    for (int i = 0; i < CADENCE_COUNT; i++)
        check_cadence(judge, &cadences[i]);
    if (samples_per_segment(judge->ensemble) > SEGMENT_SAMPLES_MAX)
        campaign_report_add(judge->report, own_place(judge, "segment_steps"),
                            "%" PRId64 " samples a segment; the limit is %d: measure less often or cut segments",
                            samples_per_segment(judge->ensemble), SEGMENT_SAMPLES_MAX);
    check_arrays(judge);
    check_displacement(judge);
    check_frame_bytes(judge);
    check_pdf_bin(judge);
}

/* ---- preparation ---- */

static struct text_place stage_place(const struct judge *judge, uint32_t index)
{
    return judge->draft->prepare ? node_child(judge->draft->prepare, index)->place : judge->draft->node->place;
}

/* Steps of preparation of one rung, as a real number: it may be too large for an integer. */
static double prepare_steps(const struct ensemble_spec *ensemble, double rung_temperature)
{
    double steps = 0.0, temperature = rung_temperature;
    for (uint32_t i = 0; i < ensemble->stage_count; i++) {
        const struct stage_spec *stage = &ensemble->stages[i];
        double end = stage->to_rung ? rung_temperature : stage->temperature;
        if (stage->kind == STAGE_HOLD)
            steps += (double)stage->steps;
        else if (stage->kind == STAGE_RAMP && stage->rate > 0.0)
            steps += fabs(end - temperature) / stage->rate;
        temperature = stage->kind == STAGE_BUILD ? temperature : end;
    }
    return steps;
}

/* Random numbers count steps in 56 signed bits (rng.h). */
static void check_length(const struct judge *judge)
{
    double longest = 0.0;
    for (uint32_t i = 0; i < judge->ensemble->rung_count; i++)
        longest = fmax(longest, prepare_steps(judge->ensemble, judge->ensemble->temperatures[i]));
    double total = longest + (double)judge->ensemble->steps;
    if (total >= 0x1p55)
        campaign_report_add(judge->report, own_place(judge, judge->draft->prepare ? "prepare" : "steps"),
                            "%.3g steps with preparation; the limit is 2^55 = %.3g", total, 0x1p55);
}

/* Where the number of small atoms is whole, too. Looks outward from `atoms`. */
static uint32_t nearest_supercell(const struct judge *judge, const struct supercell_cell *cell, uint32_t atoms)
{
    for (uint32_t away = 0; away < 4096; away++)
        for (int side = 0; side < 2; side++) {
            uint32_t wanted = side || away > atoms ? atoms + away : atoms - away, count[3];
            if (wanted == 0 || wanted % cell->atoms != 0 ||
                (!judge->draft->by_count && !is_whole_count(judge->draft->small_fraction, wanted)))
                continue;
            supercell_fit(cell, wanted, count);
            if (count[0] * count[1] * count[2] * cell->atoms == wanted)
                return wanted;
        }
    return 0;
}

static void refuse_atoms(const struct judge *judge, const struct stage_spec *stage, const struct supercell_cell *cell)
{
    uint32_t atoms = judge->ensemble->system.atoms, nearest = nearest_supercell(judge, cell, atoms);
    campaign_report_add(judge->report, system_place(judge, "atoms"),
                        "%u atoms are no supercell of '%s' (%u atoms a cell): the nearest has %u", atoms,
                        builder_names[stage->builder], cell->atoms, nearest);
}

/* A crystal's box may be flatter than a cube: its shortest edge must take two cutoffs. */
static void check_crystal(const struct judge *judge, const struct stage_spec *stage)
{
    const struct system_spec *system = &judge->ensemble->system;
    struct supercell_cell cell;
    uint32_t count[3];
    if (!supercell_of_builder(stage->builder, &cell))
        return;
    supercell_fit(&cell, system->atoms, count);
    if (count[0] * count[1] * count[2] * cell.atoms != system->atoms) {
        refuse_atoms(judge, stage, &cell);
        return;
    }
    double edge = supercell_roundness(&cell, count) * real_cbrt(system->atoms * system->volume_per_atom);
    double needed = 2.0 * (system->cutoff + campaign_skin_min);
    if (edge < needed && system->atoms >= campaign_atoms_min(system->cutoff, system->volume_per_atom))
        campaign_report_add(judge->report, system_place(judge, "atoms"),
                            "%u atoms of '%s' are a box whose shortest edge is %.4g sigma: cutoff and skin need %.4g",
                            system->atoms, builder_names[stage->builder], edge, needed);
}

static void check_start(const struct judge *judge, uint32_t index)
{
    const struct stage_spec *stage = &judge->ensemble->stages[index];
    struct supercell_cell cell;
    if (stage->builder == BUILDER_KIND_COUNT)
        return;
    bool is_crystal = supercell_of_builder(stage->builder, &cell);
    if (stage->start.noise > 0.0 && !is_crystal)
        campaign_report_add(judge->report, stage_place(judge, index), "noise is for crystals, not for '%s'",
                            builder_names[stage->builder]);
    if (stage->builder != BUILDER_NANOCOMPOSITE && (stage->start.grain_atoms || stage->start.grain_volume > 0.0))
        campaign_report_add(judge->report, stage_place(judge, index),
                            "grain_atoms and grain_volume are for 'nanocomposite', not for '%s'",
                            builder_names[stage->builder]);
    check_crystal(judge, stage);
}

/* After production only ramps: a hold there would look like more of it. */
static void check_finish(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    const struct node *prepare = judge->draft->prepare;
    for (uint32_t i = 0; i < ensemble->finish_count; i++)
        if (ensemble->finish[i].kind != STAGE_RAMP && ensemble->finish[i].kind != STAGE_KIND_COUNT)
            campaign_report_add(judge->report, node_child(prepare, ensemble->stage_count + 1 + i)->place,
                                "a %s after production: only ramps can follow it",
                                stage_names[ensemble->finish[i].kind]);
    if (ensemble->finish_count > 0 && ensemble->mode != MODE_ISOTHERM && ensemble->mode != MODE_HYBRID &&
        ensemble->mode != MODE_KIND_COUNT)
        campaign_report_add(judge->report, node_child(prepare, ensemble->stage_count)->place,
                            "ramps after production are for isotherms and hybrids, not for mode %s",
                            mode_names[ensemble->mode]);
}

static void check_stages(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    for (uint32_t i = 0; i < ensemble->stage_count; i++) {
        enum stage_kind kind = ensemble->stages[i].kind;
        if (i == 0 && kind != STAGE_BUILD && kind != STAGE_KIND_COUNT)
            campaign_report_add(judge->report, stage_place(judge, i), "the first stage must be a build, not a %s",
                                stage_names[kind]);
        if (kind == STAGE_BUILD)
            check_start(judge, i);
        if (i > 0 && kind == STAGE_BUILD)
            campaign_report_add(judge->report, stage_place(judge, i), "a second build: only the first stage builds");
        if (i == 1 && kind == STAGE_RAMP)
            campaign_report_add(judge->report, stage_place(judge, i),
                                "a ramp straight after the build has no temperature to start from: hold first");
    }
    check_finish(judge);
    check_length(judge);
}

/* ---- the whole ---- */

static void check_names(struct campaign_report *report, const struct campaign_draft *draft)
{
    const struct ensemble_spec *ensembles = draft->campaign.ensembles;
    for (uint32_t i = 0; i < draft->campaign.ensemble_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (ensembles[i].name[0] && strcmp(ensembles[i].name, ensembles[j].name) == 0)
                campaign_report_add(report,
                                    campaign_place(draft->ensembles[i].node, NULL, "name", draft->ensembles[i].node),
                                    "a second ensemble with the name '%s'", ensembles[i].name);
}

static void check_replicas(struct campaign_report *report, const struct campaign_draft *draft)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < draft->campaign.ensemble_count; i++)
        count += (uint64_t)draft->campaign.ensembles[i].rung_count * draft->campaign.ensembles[i].replicas_per_rung;
    if (count > CAMPAIGN_REPLICAS_MAX)
        campaign_report_add(report, campaign_place(draft->root, NULL, "ensembles", draft->root),
                            "%" PRIu64 " replicas in all; the limit is %d", count, CAMPAIGN_REPLICAS_MAX);
}

void campaign_check(struct campaign_report *report, struct campaign_draft *draft)
{
    for (uint32_t i = 0; i < draft->campaign.ensemble_count; i++) {
        struct judge judge = {report, &draft->ensembles[i], &draft->campaign.ensembles[i]};
        if (draft->ensembles[i].node->kind != NODE_MAPPING)
            continue;
        check_system(&judge);
        check_steps(&judge);
        if (judge.ensemble->mode == MODE_EOS) {
            check_phases(&judge);
            continue;
        }
        check_dynamics(&judge);
        check_hybrid(&judge);
        check_rungs(&judge);
        check_sampling(&judge);
        check_stages(&judge);
    }
    check_names(report, draft);
    check_replicas(report, draft);
}

/* ---- a later version ---- */

struct extension {
    struct campaign_report *report;
    const struct campaign_draft *draft;
};

/* A composition is written in one of two ways. */
static const char *key_as_written(const struct ensemble_draft *draft, const struct campaign_difference *difference)
{
    bool is_count = strcmp(difference->key, "atoms_small") == 0;
    return is_count && !draft->by_count ? "small_fraction" : difference->key;
}

/* A key of a mapping in the ensemble; where it is not written, the mapping. */
static struct text_place nested_place(const struct ensemble_draft *draft, const char *section, const char *key)
{
    const struct node *mapping = node_find(draft->node, section);
    return campaign_place(mapping, NULL, key, mapping ? mapping : draft->node);
}

static struct text_place difference_place(const struct campaign_draft *draft,
                                          const struct campaign_difference *difference)
{
    const struct ensemble_draft *ensemble = &draft->ensembles[difference->index];
    switch (difference->section) {
    case SECTION_CAMPAIGN:
        return campaign_place(draft->root, NULL, difference->key, draft->root);
    case SECTION_SYSTEM:
        return campaign_place(ensemble->system_own, ensemble->system_common, key_as_written(ensemble, difference),
                              ensemble->node);
    case SECTION_DYNAMICS:
        return campaign_place(ensemble->dynamics_own, ensemble->dynamics_common, difference->key, ensemble->node);
    case SECTION_ENSEMBLE:
        return campaign_place(ensemble->node, NULL, difference->key, ensemble->node);
    default:
        return nested_place(ensemble, campaign_section_name(difference->section), difference->key);
    }
}

static void report_difference(void *context, const struct campaign_difference *difference)
{
    struct extension *extension = context;
    campaign_report_add(extension->report, difference_place(extension->draft, difference), "%s", difference->message);
}

void campaign_check_extension(struct campaign_report *report, const struct campaign_draft *draft,
                              const struct campaign *before)
{
    struct extension extension = {report, draft};
    campaign_compare(before, &draft->campaign, report_difference, &extension);
}

/* ---- the budget ---- */

static void print_bytes(double bytes, char *out, size_t size)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t i = 0;
    for (; bytes >= 1000.0 && i + 1 < sizeof units / sizeof units[0]; i++)
        bytes /= 1000.0;
    snprintf(out, size, "%.3g %s", bytes, units[i]);
}

void campaign_check_budget(struct campaign_report *report, const struct node *root, const struct campaign *campaign)
{
    double need = campaign_cost(campaign, campaign_speed_of(1.0), 1).bytes_total, budget = (double)campaign->disk_bytes_max;
    if (budget == 0.0 || need <= budget)
        return;
    char need_text[32], budget_text[32];
    print_bytes(need, need_text, sizeof need_text);
    print_bytes(budget, budget_text, sizeof budget_text);
    campaign_report_add(report, campaign_place(node_find(root, "store"), NULL, "disk_max", root),
                        "predicted results of %s exceed disk_max (%s): sample less often, or keep fewer snapshots and "
                        "frames",
                        need_text, budget_text);
}
