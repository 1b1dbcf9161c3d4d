/* The causal cone of a wrong segment: its replica from there on; every exchange after one of these segments; and each
 * partner of such an exchange from the segment on that came after it. */
#include "sim.h"

#include <string.h>

/* The first segment of each replica that goes. */
struct cone {
    int64_t first[SIM_REPLICAS_MAX];
};

static bool is_in(const struct cone *cone, const struct exchange *exchange)
{
    return exchange->round.value >= cone->first[exchange->replica_cold.value] ||
           exchange->round.value >= cone->first[exchange->replica_hot.value];
}

/* Both partners go from the segment after the exchange on; true when that is news. */
static bool spread(struct cone *cone, const struct exchange *exchange)
{
    const uint32_t partners[2] = {exchange->replica_cold.value, exchange->replica_hot.value};
    bool grew = false;
    for (int i = 0; i < 2; i++)
        if (cone->first[partners[i]] > exchange->round.value + 1) {
            cone->first[partners[i]] = exchange->round.value + 1;
            grew = true;
        }
    return grew;
}

/* Applies `visit` to all stored exchanges that are in the cone; true when one of them made it grow. */
static bool visit_exchanges(struct sim_campaign *c, struct cone *cone, bool take_back)
{
    bool grew = false;
    for (uint32_t e = 0; e < SIM_ENSEMBLES_MAX; e++)
        for (uint32_t s = 0; s < SIM_SEGMENTS_MAX; s++)
            for (uint32_t g = 0; g < SIM_RUNGS_MAX; g++) {
                struct sim_exchange_row *row = &c->store.exchanges[e][s][g];
                if (row->state == ROW_ABSENT || !is_in(cone, &row->exchange))
                    continue;
                if (take_back)
                    row->state = ROW_ABSENT;
                else
                    grew |= spread(cone, &row->exchange);
            }
    return grew;
}

static void take_back_segments(struct sim_campaign *c, const struct cone *cone)
{
    for (uint32_t r = 0; r < c->campaign.replica_count; r++)
        for (int64_t s = c->segment_first[r]; s < c->segment_end[r]; s++)
            if (s >= cone->first[r])
                memset(&c->store.segments[r][s - c->segment_first[r]], 0, sizeof(struct sim_row));
}

void sim_retract(struct sim *sim, struct segment_key key)
{
    struct sim_campaign *c = &sim->campaigns[key.campaign.value - 1];
    struct cone cone;
    for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++)
        cone.first[r] = INT64_MAX;
    cone.first[key.replica.value] = key.segment.value;
    while (visit_exchanges(c, &cone, false))
        ;
    visit_exchanges(c, &cone, true);
    take_back_segments(c, &cone);
    sim->outcome.retractions++;
}

struct segment_record sim_record(struct sim *sim, struct segment_key key)
{
    const struct sim_campaign *c = &sim->campaigns[key.campaign.value - 1];
    const struct sim_row *row = sim_row_of(sim, sim_store, key);
    const bool has_snapshot = key.segment.value > c->segment_first[key.replica.value];
    struct segment_record record = {
        .key = key,
        .rung = row->rung,
        .rung_before = has_snapshot ? (row - 1)->rung : c->replicas[key.replica.value].rung_first,
        .input = row->input,
        .output = row->end.output,
        .has_snapshot = has_snapshot,
        .worker = row->worker,
    };
    memcpy(record.host, row->host, sizeof record.host);
    if (has_snapshot)
        record.snapshot = (row - 1)->end.snapshot;
    return record;
}
