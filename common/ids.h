/* ids.h - the names of things as distinct types, so that a replica cannot be passed where a rung is wanted. Mixing the
 * two up is the classic bug of replica exchange. */
#ifndef VITRINE_COMMON_IDS_H
#define VITRINE_COMMON_IDS_H

#include <stdint.h>

/* A campaign's row in the results database, from 1. */
struct campaign_id {
    uint32_t value;
};

/* An ensemble's place in its campaign file, from 0. */
struct ensemble_id {
    uint32_t value;
};

/* One walker of a campaign, from 0; never renumbered. */
struct replica_id {
    uint32_t value;
};

/* One thermodynamic state of an ensemble, 0 = coldest. */
struct rung_id {
    uint32_t value;
};

/* Segments and steps count from the start of the hold: production segment 0 begins at step 0. Preparation (build, melt,
 * ramp) has negative numbers, so the clock of an isotherm is its step. In a ladder, segment n ends in round n. */
struct segment_id {
    int64_t value;
};

/* Permission to run one segment: epoch << 32 | counter. 0 = none. */
struct lease_token {
    uint64_t value;
};

#endif
