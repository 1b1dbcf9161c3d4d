/* campaign_compare.h - two versions of a campaign: what has changed that a running campaign cannot change. Every
 * difference is told, with the key that makes it, so that it can be pointed at in the file. */
#ifndef VITRINE_COMMON_CAMPAIGN_COMPARE_H
#define VITRINE_COMMON_CAMPAIGN_COMPARE_H

#include "common/campaign_table.h"

struct campaign_difference {
    const char *ensemble;          /* its name before; NULL: of the whole file */
    uint32_t index;                /* of the ensemble in the later version */
    enum campaign_section section; /* where the key belongs */
    const char *key;
    const char *message; /* names the key; valid during the call */
};

/* Calls take(context, difference) for each, in the order of the ensembles. Needs no replicas. */
void campaign_compare(const struct campaign *before, const struct campaign *after,
                      void (*take)(void *context, const struct campaign_difference *difference), void *context);

#endif
