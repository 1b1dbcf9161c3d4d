/* campaign_cost.h - what a campaign will take: predicted before it runs, for `validate` and for the disk budget. */
#ifndef VITRINE_COMMON_CAMPAIGN_COST_H
#define VITRINE_COMMON_CAMPAIGN_COST_H

#include "common/campaign.h"

enum { CAMPAIGN_INHERENT_STEPS = 2000 };

struct campaign_cost {
    double cpu_seconds;        /* dynamics and minimisations, all replicas */
    double wall_seconds;       /* at best: all workers busy as long as there are replicas for them */
    double segments;           /* preparation and production, all replicas */
    double commits_per_second; /* results the coordinator must make durable, on average */
    double bytes_total;        /* of the results database at the end */
    double bytes_per_day;      /* its growth while the campaign runs */
};

/* What one core does in a second at 500 atoms. Other sizes take their number of atoms times as long, and an inherent
 * structure N^0.5 times that, for so grow the evaluations of the minimiser. */
struct campaign_speed {
    double steps;    /* > 0 */
    double inherent; /* inherent structures, minimised and measured; > 0 */
};

/* Where only steps are known: an inherent structure costs as much as CAMPAIGN_INHERENT_STEPS of them, as measured with
 * AVX2 (590 force evaluations in double precision, tessellation, structure). */
struct campaign_speed campaign_speed_of(double steps_per_second);

/* workers: cores that compute; >= 1. The bytes depend on neither. */
struct campaign_cost campaign_cost(const struct campaign *campaign, struct campaign_speed speed, uint32_t workers);

#endif
