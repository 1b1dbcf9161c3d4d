/* campaign_bind.h - from a tree to structs by the table of keys: types, units, ranges, defaults, unknown and missing
 * keys. What the numbers mean together is campaign_check's. */
#ifndef VITRINE_COMMON_CAMPAIGN_BIND_H
#define VITRINE_COMMON_CAMPAIGN_BIND_H

#include "common/campaign_node.h"
#include "common/campaign_report.h"
#include "common/campaign_table.h"

/* Where the keys of one ensemble stand, so that errors of meaning can point at them. NULL = not written. */
struct ensemble_draft {
    const struct node *node;
    const struct node *system_common, *system_own; /* the file's `system:` and the ensemble's */
    const struct node *dynamics_common, *dynamics_own;
    const struct node *prepare, *sample;
    double small_fraction;
    bool by_count; /* atoms_small was written, not small_fraction */
    bool composition_given;
    bool by_rule; /* volume_rule was written, not volume_per_atom */
    enum volume_rule volume_rule;
    struct volume_parts volume_parts;
};

struct campaign_draft {
    const struct node *root;
    struct campaign campaign; /* without replicas yet */
    struct ensemble_draft *ensembles;
};

/* Fills in the draft; a value that is refused is reported and keeps its default. campaign.ensembles is NULL when there
 * is nothing to check. */
void campaign_bind(struct campaign_report *report, const struct node *root,
                   const struct campaign_surroundings *surroundings, struct campaign_draft *out_draft);

/* Lists the replicas, and hands the campaign over. */
void campaign_draft_give(struct campaign_report *report, struct campaign_draft *draft, struct campaign *out_campaign);
void campaign_draft_finish(struct campaign_draft *draft);

/* The place of a key's value: in `own`, else in `common`, else of `fallback`. */
struct text_place campaign_place(const struct node *own, const struct node *common, const char *key,
                                 const struct node *fallback);

#endif
