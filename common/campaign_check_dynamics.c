/* campaign_check_dynamics.c - does the way it moves suit the mode, and do the temperatures make a ladder? */
#include "common/campaign_judge.h"

#include <inttypes.h>
#include <string.h>

/* Types are exchanged at the temperature that the replica is held at, between atoms of both kinds. */
void judge_hybrid(const struct judge *judge)
{
    const struct ensemble_spec *ensemble = judge->ensemble;
    if (ensemble->mode != MODE_HYBRID)
        return;
    if (ensemble->dynamics.thermostat == THERMOSTAT_NONE)
        campaign_report_add(judge->report, judge_dynamics_place(judge, "thermostat"),
                            "thermostat none: exchange of identities needs a canonical thermostat");
    if (ensemble->system.atoms_small == 0 || ensemble->system.atoms_small == ensemble->system.atoms)
        campaign_report_add(judge->report,
                            judge_system_place(judge, judge->draft->by_count ? "atoms_small" : "small_fraction"),
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

void judge_dynamics(const struct judge *judge)
{
    const struct dynamics_spec *dynamics = &judge->ensemble->dynamics;
    if (dynamics->thermostat_tau < dynamics->dt)
        campaign_report_add(judge->report, judge_dynamics_place(judge, "thermostat_tau"),
                            "thermostat_tau %.6g is shorter than a step (dt %.6g)", dynamics->thermostat_tau,
                            dynamics->dt);
    if (dynamics->thermostat == THERMOSTAT_NOSE_HOOVER && goes_to_zero(judge->ensemble))
        campaign_report_add(judge->report, judge_dynamics_place(judge, "thermostat"),
                            "thermostat nose_hoover cannot go to temperature 0: use bussi or langevin");
    if (dynamics->thermostat != THERMOSTAT_NONE)
        return;
    if (judge->ensemble->mode == MODE_TEMPERING)
        campaign_report_add(judge->report, judge_dynamics_place(judge, "thermostat"),
                            "thermostat none: exchange between temperatures needs a canonical thermostat");
    if (judge->ensemble->mode == MODE_QUENCH)
        campaign_report_add(judge->report, judge_dynamics_place(judge, "thermostat"),
                            "thermostat none: a quench needs a thermostat");
    if (has_ramp(judge->ensemble))
        campaign_report_add(judge->report, judge_dynamics_place(judge, "thermostat"),
                            "thermostat none: prepare has a ramp%s, which needs a thermostat",
                            judge->draft->prepare ? "" : " by default");
}

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

void judge_rungs(const struct judge *judge)
{
    check_rising(judge);
    if (judge->ensemble->mode != MODE_TEMPERING)
        return;
    if (judge->ensemble->rung_count == 1)
        campaign_report_add(judge->report, judge_own_place(judge, "temperatures"),
                            "a ladder needs at least 2 temperatures, this has 1");
    if (judge->ensemble->replicas_per_rung != 1)
        campaign_report_add(judge->report, judge_own_place(judge, "replicas"),
                            "a ladder has one replica per rung, not %u: for more, add another ensemble",
                            judge->ensemble->replicas_per_rung);
}
