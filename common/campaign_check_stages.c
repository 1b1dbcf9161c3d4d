/* campaign_check_stages.c - what comes before production and after it: crystals that fit, stages in an order that has a
 * meaning. */
#include "common/campaign_check.h"
#include "common/campaign_judge.h"
#include "common/realmath.h"
#include "common/supercell.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
        campaign_report_add(judge->report, judge_own_place(judge, judge->draft->prepare ? "prepare" : "steps"),
                            "%.3g steps with preparation; the limit is 2^55 = %.3g", total, 0x1p55);
}

/* Where the number of small atoms is whole, too. Looks outward from `atoms`. */
static uint32_t nearest_supercell(const struct judge *judge, const struct supercell_cell *cell, uint32_t atoms)
{
    for (uint32_t away = 0; away < 4096; away++)
        for (int side = 0; side < 2; side++) {
            uint32_t wanted = side || away > atoms ? atoms + away : atoms - away, count[3];
            if (wanted == 0 || wanted % cell->atoms != 0 ||
                (!judge->draft->by_count && !judge_is_whole_count(judge->draft->small_fraction, wanted)))
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
    campaign_report_add(judge->report, judge_system_place(judge, "atoms"),
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
        campaign_report_add(judge->report, judge_system_place(judge, "atoms"),
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

void judge_stages(const struct judge *judge)
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
