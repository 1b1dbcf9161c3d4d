/* walk.h - how well a replica walks its ladder: passages from one end to the other. Pure.
 *
 * A passage goes from the coldest rung to the hottest or back, however it wanders in between; two make a round trip.
 * The number of round trips says whether a ladder mixes; acceptance of each pair alone does not. */
#ifndef VITRINE_SERVER_ANALYSIS_WALK_H
#define VITRINE_SERVER_ANALYSIS_WALK_H

#include "common/ids.h"

enum walk_end { WALK_NO_END, WALK_COLD_END, WALK_HOT_END };

/* Start from zero; one for each replica. */
struct walk {
    enum walk_end end; /* visited last */
    uint64_t passages;
};

/* The replica is on `rung` of rungs 0 .. rung_count - 1 in the next segment. */
void walk_step(struct walk *walk, struct rung_id rung, uint32_t rung_count);

uint64_t walk_round_trips(const struct walk *walk);

#endif
