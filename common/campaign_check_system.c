/* campaign_check_system.c - is there such a composition, such a volume, and does the box hold the cutoff? */
#include "common/campaign_check.h"
#include "common/campaign_judge.h"
#include "common/realmath.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

bool judge_is_whole_count(double fraction, uint32_t atoms)
{
    double count = fraction * atoms;
    return fabs(count - rint(count)) <= 1e-6 * atoms;
}

static void refuse_fraction(const struct judge *judge, double fraction, uint32_t atoms)
{
    double below = floor(fraction * atoms), above = below + 1;
    campaign_report_add(judge->report, judge_system_place(judge, "small_fraction"),
                        "small_fraction %.10g of %u atoms is %.10g atoms: the nearest that work are %.10g (%.0f "
                        "atoms) and %.10g (%.0f); or give atoms_small",
                        fraction, atoms, fraction * atoms, below / atoms, below, above / atoms, above);
}

static void settle_composition(const struct judge *judge)
{
    struct system_spec *system = &judge->ensemble->system;
    double fraction = judge->draft->small_fraction;
    if (!judge->draft->by_count && !judge_is_whole_count(fraction, system->atoms))
        refuse_fraction(judge, fraction, system->atoms);
    if (!judge->draft->by_count)
        system->atoms_small = (uint32_t)rint(fraction * system->atoms);
    else if (system->atoms_small > system->atoms)
        campaign_report_add(judge->report, judge_system_place(judge, "atoms_small"), "atoms_small %u of %u atoms",
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
        if (judge_is_whole_count(judge->draft->small_fraction, n))
            return n;
    return atoms;
}

static void check_box(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    uint32_t atoms_min = campaign_atoms_min(system->cutoff, system->volume_per_atom);
    if (system->atoms >= atoms_min)
        return;
    campaign_report_add(judge->report, judge_system_place(judge, "atoms"),
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
        campaign_report_add(judge->report, judge_system_place(judge, "volume_per_atom"),
                            "impossible density: at V/N = %.6g the atoms fill %.2f of the box; the limit is %.2f",
                            judge->ensemble->system.volume_per_atom, packing, packing_max);
}

/* A composition that is refused has its message already. */
static bool composition_is_possible(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    return judge->draft->by_count ? system->atoms_small <= system->atoms
                                  : judge_is_whole_count(judge->draft->small_fraction, system->atoms);
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
    campaign_report_add(judge->report,
                        judge_system_place(judge, judge->draft->by_count ? "atoms_small" : "small_fraction"),
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
        campaign_report_add(judge->report, judge_system_place(judge, "volume_rule"),
                            "volume_rule of %s needs volume_small and volume_large too: their defaults are Wahnstrom's",
                            potential_names[judge->ensemble->system.potential]);
    if (!volume_is_given(judge) || !draft->composition_given)
        campaign_report_add(judge->report, judge_system_place(judge, "potential"),
                            "%s needs volume_per_atom and small_fraction too: their defaults are Wahnstrom's",
                            potential_names[judge->ensemble->system.potential]);
}

/* A phase named twice is a replica too many. */
void judge_phases(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    const struct node *list = node_find(node_find(judge->draft->node, "eos"), "phases");
    for (uint32_t i = 0; i < ensemble->phase_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(ensemble->phases[i].name, ensemble->phases[j].name) == 0)
                campaign_report_add(judge->report, list ? list->place : judge->draft->node->place,
                                    "phase '%s' is named twice", ensemble->phases[i].name);
}

void judge_system(const struct judge *judge)
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
