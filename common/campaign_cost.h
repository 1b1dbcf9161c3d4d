/* campaign_cost.h - what a campaign will take: predicted before it runs, for `validate` and for the disk budget. */
#ifndef VITRINE_COMMON_CAMPAIGN_COST_H
#define VITRINE_COMMON_CAMPAIGN_COST_H

#include "common/campaign.h"

struct campaign_cost {
    double cpu_seconds;        /* dynamics and minimisations, all replicas */
    double wall_seconds;       /* at best: all workers busy as long as there are replicas for them */
    double segments;           /* preparation and production, all replicas */
    double commits_per_second; /* results the coordinator must make durable, on average */
    double bytes_total;        /* of the results database at the end */
    double bytes_per_day;      /* its growth while the campaign runs */
};

/* steps_per_second_per_core: of this machine for 500 atoms (others are scaled by their number); > 0. workers: cores
 * that compute; >= 1. The bytes depend on neither. */
struct campaign_cost campaign_cost(const struct campaign *campaign, double steps_per_second_per_core, uint32_t workers);

#endif
