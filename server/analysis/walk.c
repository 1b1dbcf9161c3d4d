#include "server/analysis/walk.h"

void walk_step(struct walk *walk, struct rung_id rung, uint32_t rung_count)
{
    enum walk_end end = rung.value == 0 ? WALK_COLD_END : rung.value + 1 == rung_count ? WALK_HOT_END : WALK_NO_END;
    if (end == WALK_NO_END)
        return;
    walk->passages += walk->end != WALK_NO_END && walk->end != end;
    walk->end = end;
}

uint64_t walk_round_trips(const struct walk *walk)
{
    return walk->passages / 2;
}
