/* campaign_check.h - what the numbers of a campaign file mean together: does the box hold the cutoff, is there such a
 * composition, do cadences fit segments, does the ladder rise. Ranges of single keys are the table's. */
#ifndef VITRINE_COMMON_CAMPAIGN_CHECK_H
#define VITRINE_COMMON_CAMPAIGN_CHECK_H

#include "common/campaign_bind.h"

/* sigma; the thinnest skin of the engine's pair list. Cutoff and skin must fit in half the box edge, so that an atom
 * sees each other atom once. */
static const double campaign_skin_min = 0.3;

/* Completes the draft (the count of small atoms) and reports what cannot be. Needs draft->campaign.ensembles. */
void campaign_check(struct campaign_report *report, struct campaign_draft *draft);

/* What `before` does not let this later version of it change, each at its place. The draft must be sound in itself. */
void campaign_check_extension(struct campaign_report *report, const struct campaign_draft *draft,
                              const struct campaign *before);

/* The disk budget, once replicas are listed. */
void campaign_check_budget(struct campaign_report *report, const struct node *root, const struct campaign *campaign);

/* The smallest number of atoms whose cubic box holds the cutoff and the skin. */
uint32_t campaign_atoms_min(double cutoff, double volume_per_atom);

#endif
