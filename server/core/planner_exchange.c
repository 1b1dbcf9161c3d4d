/* Exchanges in logical time. A rung is at round n when its occupant's segment n is stored; it cannot pass a round in
 * which it has a partner before the exchange is durable. So whoever comes second finds the first one waiting on the
 * partner's rung, and the decision needs nothing else: no barrier, no arrival order. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

static const struct ensemble_spec *ladder_of(const struct planner *planner, const struct replica *replica)
{
    const struct ensemble_spec *ensemble = planner_ensemble_of(planner, replica);
    return ensemble->mode == MODE_TEMPERING ||
                   (PLANTED(ISOTHERM_EXCHANGED) && ensemble->replicas_per_rung == 1 && ensemble->rung_count > 1)
               ? ensemble
               : NULL;
}

static uint32_t *occupant_of(struct planner *planner, const struct replica *replica, struct rung_id rung)
{
    return &planner->occupants[planner->campaigns[replica->campaign].rung_first[replica->ensemble.value] + rung.value];
}

static struct segment_id last_round(const struct replica *replica)
{
    return (struct segment_id){replica->next.value - 1};
}

bool exchange_is_due(const struct planner *planner, uint32_t index)
{
    const struct replica *replica = &planner->replicas[index];
    const struct ensemble_spec *ladder = ladder_of(planner, replica);
    struct rung_id partner;
    return ladder && exchange_partner(last_round(replica), replica->rung, ladder->rung_count, &partner);
}

static bool is_waiting_for(const struct replica *partner, struct segment_id round)
{
    return partner->state == REPLICA_WAITING &&
           (last_round(partner).value == round.value || PLANTED(EXCHANGE_ONE_PARTNER));
}

static void decide(struct planner *planner, uint32_t cold_index, uint32_t hot_index, struct planner_actions *out)
{
    const struct replica *cold = &planner->replicas[cold_index], *hot = &planner->replicas[hot_index];
    const struct campaign_state *campaign = planner_campaign_of(planner, cold);
    const double *temperatures = planner_ensemble_of(planner, cold)->temperatures;
    struct exchange_key *asked = &planner_add(out, ACTION_STORE_EXCHANGE)->exchange;
    asked->campaign = campaign->id;
    asked->exchange = (struct exchange){
        .ensemble = cold->ensemble,
        .round = last_round(cold),
        .rung_cold = cold->rung,
        .replica_cold = cold->id,
        .replica_hot = hot->id,
        .energy_cold = cold->energy,
        .energy_hot = hot->energy,
    };
    exchange_decide(&asked->exchange, campaign->campaign->seed, temperatures[cold->rung.value],
                    temperatures[hot->rung.value]);
    planner_set_state(planner, cold_index, REPLICA_EXCHANGING);
    planner_set_state(planner, hot_index, REPLICA_EXCHANGING);
    if (PLANTED(SWAP_BEFORE_STORED))
        handle_exchange_stored(planner, asked);
}

void exchange_try(struct planner *planner, uint32_t index, struct planner_actions *out)
{
    const struct replica *replica = &planner->replicas[index];
    struct rung_id rung;
    INVARIANT(
        exchange_partner(last_round(replica), replica->rung, planner_ensemble_of(planner, replica)->rung_count, &rung));
    if (replica->state != REPLICA_WAITING)
        planner_set_state(planner, index, REPLICA_WAITING);
    uint32_t partner = *occupant_of(planner, replica, rung);
    if (!is_waiting_for(&planner->replicas[partner], last_round(replica)))
        return;
    if (rung.value > replica->rung.value)
        decide(planner, index, partner, out);
    else
        decide(planner, partner, index, out);
    if (PLANTED(EXCHANGE_BY_ARRIVAL) && rung.value > replica->rung.value) {
        struct exchange *exchange = &out->items[out->count - 1].exchange.exchange;
        exchange->uniform = 1.0 - exchange->uniform;
    }
}

/* After a load, or when the disk was full, pairs may wait whose exchange nobody will ask for. */
void exchange_settle(struct planner *planner, struct planner_actions *out)
{
    if (!planner->pairs_unsettled || planner->storage == STORAGE_FULL || PLANTED(EXCHANGE_FORGOTTEN))
        return;
    for (; planner->pairs_next < planner->replica_count; planner->pairs_next++) {
        if (!planner_has_room(out)) {
            out->more = true;
            return;
        }
        if (planner->replicas[planner->pairs_next].state == REPLICA_WAITING)
            exchange_try(planner, planner->pairs_next, out);
    }
    planner->pairs_unsettled = false;
}

static void swap_rungs(struct planner *planner, uint32_t cold_index, uint32_t hot_index)
{
    struct replica *cold = &planner->replicas[cold_index], *hot = &planner->replicas[hot_index];
    const struct rung_id rung_cold = cold->rung, rung_hot = hot->rung;
    *occupant_of(planner, cold, rung_hot) = cold_index;
    *occupant_of(planner, hot, rung_cold) = hot_index;
    if (PLANTED(RUNG_NOT_SWAPPED))
        return;
    cold->rung = rung_hot;
    hot->rung = rung_cold;
}

static void find_pair(const struct planner *planner, const struct exchange_key *key, uint32_t out_pair[2])
{
    out_pair[0] = planner_find_replica(planner, key->campaign, key->exchange.replica_cold);
    out_pair[1] = planner_find_replica(planner, key->campaign, key->exchange.replica_hot);
    for (int i = 0; i < 2; i++) {
        INVARIANT(out_pair[i] != INDEX_NONE);
        const struct replica *replica = &planner->replicas[out_pair[i]];
        INVARIANT(replica->state == REPLICA_EXCHANGING && last_round(replica).value == key->exchange.round.value);
    }
}

static bool is_past(const struct planner *planner, const struct exchange_key *key)
{
    uint32_t cold = planner_find_replica(planner, key->campaign, key->exchange.replica_cold);
    return planner->replicas[cold].state != REPLICA_EXCHANGING;
}

void handle_exchange_stored(struct planner *planner, const struct exchange_key *stored)
{
    uint32_t pair[2];
    if (PLANTED(SWAP_BEFORE_STORED) && is_past(planner, stored))
        return;
    find_pair(planner, stored, pair);
    if (stored->exchange.accepted)
        swap_rungs(planner, pair[0], pair[1]);
    planner_advance(planner, pair[0]);
    planner_advance(planner, pair[1]);
}

void handle_exchange_refused(struct planner *planner, const struct exchange_key *refused)
{
    uint32_t pair[2];
    find_pair(planner, refused, pair);
    planner_set_state(planner, pair[0], REPLICA_WAITING);
    planner_set_state(planner, pair[1], REPLICA_WAITING);
    planner->storage = STORAGE_FULL;
    planner->pairs_unsettled = true;
    planner->pairs_next = 0;
}
