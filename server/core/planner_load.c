/* The rebuild of the planner from what the store holds: campaigns, the last segment of every replica, the exchanges of
 * those rounds. What was decided is taken over; what was not stored before a crash is decided again, and comes out the
 * same. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

static uint32_t count_rungs(const struct campaign *campaign)
{
    uint32_t rungs = 0;
    for (uint32_t e = 0; e < campaign->ensemble_count; e++)
        rungs += campaign->ensembles[e].rung_count;
    return rungs;
}

static int64_t step_at(const struct campaign *campaign, const struct replica *replica, struct segment_id segment)
{
    struct segment_spec spec;
    campaign_segment_spec(campaign, replica->id, segment, replica->rung, replica->rung_before, &spec);
    return spec.step_first;
}

static void add_replica(struct planner *planner, uint32_t campaign_index, struct replica_id id)
{
    struct campaign_state *state = &planner->campaigns[campaign_index];
    const struct campaign *campaign = state->campaign;
    const struct replica_spec *spec = &campaign->replicas[id.value];
    const uint32_t index = planner->replica_count++;
    struct replica *replica = &planner->replicas[index];
    *replica = (struct replica){
        .campaign = campaign_index,
        .id = id,
        .ensemble = spec->ensemble,
        .state = REPLICA_WAITING, /* until planner_load_finish knows better */
        .rung = spec->rung_first,
        .rung_before = spec->rung_first,
        .segment_first = {-campaign_prepare_segments(campaign, id)},
        .segment_end = {campaign_segment_end(campaign, id)},
        .lease = INDEX_NONE,
        .hedge = INDEX_NONE,
        .audits = {INDEX_NONE, INDEX_NONE, 0},
        .holder = INDEX_NONE,
    };
    replica->next = replica->segment_first;
    planner->occupants[state->rung_first[spec->ensemble.value] + spec->rung_first.value] = index;
    state->in_state[REPLICA_WAITING]++;
    state->segments_total += (uint64_t)(replica->segment_end.value - replica->segment_first.value);
    state->steps_total += campaign_step_end(campaign, id) - step_at(campaign, replica, replica->segment_first);
}

enum status planner_load_campaign(struct planner *planner, struct campaign_id id, const struct campaign *campaign,
                                  struct error *err)
{
    const uint32_t rungs = count_rungs(campaign);
    INVARIANT(id.value == planner->campaign_count + 1);
    if (planner->campaign_count == planner->config.campaigns_max ||
        campaign->replica_count > planner->config.replicas_max - planner->replica_count ||
        rungs > planner->config.rungs_max - planner->rung_count)
        return error_set(err, STATUS_LIMIT,
                         "campaign '%s' with %u replicas on %u rungs is more than this coordinator"
                         " has room for",
                         campaign->name, (unsigned)campaign->replica_count, (unsigned)rungs);
    const uint32_t index = planner->campaign_count++;
    struct campaign_state *state = &planner->campaigns[index];
    *state = (struct campaign_state){.id = id, .campaign = campaign, .replica_first = planner->replica_count};
    for (uint32_t e = 0; e < campaign->ensemble_count; e++) {
        state->rung_first[e] = planner->rung_count;
        planner->rung_count += campaign->ensembles[e].rung_count;
    }
    for (uint32_t r = 0; r < campaign->replica_count; r++)
        add_replica(planner, index, (struct replica_id){r});
    return STATUS_OK;
}

enum status planner_load_segment(struct planner *planner, const struct loaded_segment *segment, struct error *err)
{
    const struct segment_key *key = &segment->key;
    uint32_t index = planner_find_replica(planner, key->campaign, key->replica);
    struct replica *replica = index == INDEX_NONE ? NULL : &planner->replicas[index];
    if (!replica || key->segment.value < replica->segment_first.value ||
        key->segment.value >= replica->segment_end.value ||
        segment->rung.value >= planner_ensemble_of(planner, replica)->rung_count)
        return error_set(err, STATUS_CORRUPT, "stored segment %lld of replica %u is not of campaign %u",
                         (long long)key->segment.value, (unsigned)key->replica.value, (unsigned)key->campaign.value);
    struct campaign_state *campaign = planner_campaign_of(planner, replica);
    const int64_t step_first = step_at(campaign->campaign, replica, replica->segment_first);
    struct segment_spec spec;
    replica->rung = replica->rung_before = segment->rung;
    campaign_segment_spec(campaign->campaign, replica->id, key->segment, replica->rung, replica->rung, &spec);
    replica->next.value = key->segment.value + 1;
    replica->has_snapshot = true;
    replica->snapshot = segment->snapshot;
    replica->energy = segment->energy_potential;
    campaign->segments_done += (uint64_t)(replica->next.value - replica->segment_first.value);
    campaign->steps_done += spec.step_first + spec.steps - step_first;
    return STATUS_OK;
}

/* Given once for each partner whose last segment it follows: one of them may be further already. */
enum status planner_load_exchange(struct planner *planner, struct campaign_id campaign, struct replica_id replica_id,
                                  const struct exchange *exchange, struct error *err)
{
    uint32_t index = planner_find_replica(planner, campaign, replica_id);
    INVARIANT(index != INDEX_NONE);
    struct replica *replica = &planner->replicas[index];
    const bool is_cold = replica_id.value == exchange->replica_cold.value;
    const bool is_hot = replica_id.value == exchange->replica_hot.value;
    const struct rung_id rung_hot = {exchange->rung_cold.value + 1};
    if (is_cold == is_hot || exchange->round.value + 1 != replica->next.value ||
        replica->rung.value != (is_cold ? exchange->rung_cold : rung_hot).value)
        return error_set(err, STATUS_CORRUPT, "the exchange of round %lld does not fit replica %u of campaign %u",
                         (long long)exchange->round.value, (unsigned)replica_id.value, (unsigned)campaign.value);
    if (exchange->accepted)
        replica->rung = is_cold ? rung_hot : exchange->rung_cold;
    replica->is_exchanged = true;
    return STATUS_OK;
}

/* Each rung of a ladder has one replica. */
static enum status map_ladders(struct planner *planner, struct error *err)
{
    for (uint32_t i = 0; i < planner->rung_count; i++)
        planner->occupants[i] = INDEX_NONE;
    for (uint32_t i = 0; i < planner->replica_count; i++) {
        const struct replica *replica = &planner->replicas[i];
        const struct campaign_state *campaign = planner_campaign_of(planner, replica);
        uint32_t *occupant = &planner->occupants[campaign->rung_first[replica->ensemble.value] + replica->rung.value];
        if (*occupant != INDEX_NONE && planner_ensemble_of(planner, replica)->mode == MODE_TEMPERING)
            return error_set(err, STATUS_CORRUPT, "replicas %u and %u of campaign %u are on one rung (%u)",
                             (unsigned)planner->replicas[*occupant].id.value, (unsigned)replica->id.value,
                             (unsigned)campaign->id.value, (unsigned)replica->rung.value);
        *occupant = i;
    }
    return STATUS_OK;
}

static bool has_segments(const struct planner *planner)
{
    for (uint32_t i = 0; i < planner->campaign_count; i++)
        if (planner->campaigns[i].segments_done > 0)
            return true;
    return false;
}

enum status planner_load_finish(struct planner *planner, struct error *err)
{
    enum status status = map_ladders(planner, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; i < planner->replica_count; i++) {
        const struct replica *replica = &planner->replicas[i];
        if (replica->is_exchanged || !exchange_is_due(planner, i))
            planner_advance(planner, i);
    }
    planner->pairs_unsettled = true;
    if (has_segments(planner))
        planner->audit_alone_from = (int64_t)planner->config.lease_ms * 1000000;
    return STATUS_OK;
}
