#include "common/campaign_check.h"

#include "common/campaign_compare.h"
#include "common/campaign_cost.h"
#include "common/campaign_judge.h"

#include <inttypes.h>
#include <string.h>

struct text_place judge_system_place(const struct judge *judge, const char *key)
{
    return campaign_place(judge->draft->system_own, judge->draft->system_common, key, judge->draft->node);
}

struct text_place judge_dynamics_place(const struct judge *judge, const char *key)
{
    return campaign_place(judge->draft->dynamics_own, judge->draft->dynamics_common, key, judge->draft->node);
}

struct text_place judge_own_place(const struct judge *judge, const char *key)
{
    return campaign_place(judge->draft->node, NULL, key, judge->draft->node);
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
        judge_system(&judge);
        judge_steps(&judge);
        if (judge.ensemble->mode == MODE_EOS) {
            judge_phases(&judge);
            continue;
        }
        judge_dynamics(&judge);
        judge_hybrid(&judge);
        judge_rungs(&judge);
        judge_sampling(&judge);
        judge_stages(&judge);
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
    double need = campaign_cost(campaign, campaign_speed_of(1.0), 1).bytes_total,
           budget = (double)campaign->disk_bytes_max;
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
