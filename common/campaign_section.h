/* campaign_section.h - nodes of a campaign file against the table of keys: what a mapping may hold, whether each value
 * is of the kind, type and range of its key, what is missing, misplaced, repeated or misspelt. */
#ifndef VITRINE_COMMON_CAMPAIGN_SECTION_H
#define VITRINE_COMMON_CAMPAIGN_SECTION_H

#include "common/campaign_node.h"
#include "common/campaign_report.h"
#include "common/campaign_table.h"

/* What reading a value may need beside its key. */
struct binding {
    struct campaign_report *report;
    const struct campaign_surroundings *surroundings;
    const char *campaign;           /* its name, as far as it can be read */
    double glass_temperature;       /* what `Tf` stands for here; 0 = nothing, NAN = not looked up */
    char glass_why[GLASS_WHY_SIZE]; /* where the `Tf` of this mapping cannot be had */
};

/* Whether a value of `Tf` is a name, not a number. */
bool campaign_is_glass_name(const struct node *node);

/* Whether the node is of that kind; where it is not, that is reported (unless the node has been refused already). */
bool section_expect_kind(const struct binding *binding, const char *name, const struct node *node, enum node_kind kind);

/* Fills in the scalars of one mapping (NULL: nothing); its sections are the caller's. Returns whether it is a mapping.
 */
bool section_bind(const struct binding *binding, enum campaign_section section, const char *name,
                  const struct node *mapping, void *target);

/* The defaults of a section, by the same reader as the file. */
void section_set_presets(enum campaign_section section, void *target);

#endif
