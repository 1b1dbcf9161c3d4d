/* The campaigns of a seed, and the oracle: what they give when one patient worker computes them in order. */
#include "common/engine.h"
#include "common/rng.h"
#include "sim.h"

#include <stdio.h>
#include <string.h>

struct sim_rows *sim_oracle(struct sim_campaign *campaign)
{
    return &campaign->oracle;
}

struct sim_rows *sim_store(struct sim_campaign *campaign)
{
    return &campaign->store;
}

struct sim_row *sim_row_of(struct sim *sim, struct sim_rows *(*of)(struct sim_campaign *), struct segment_key key)
{
    struct sim_campaign *campaign = &sim->campaigns[key.campaign.value - 1];
    int64_t index = key.segment.value - campaign->segment_first[key.replica.value];
    if (index < 0 || key.segment.value >= campaign->segment_end[key.replica.value])
        sim_fail(sim, "segment %lld of replica %u does not exist", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    return &of(campaign)->segments[key.replica.value][index];
}

/* splitmix64: as good a physics as any, and as hard to foresee. */
static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct sim_end sim_physics(const struct digest *input)
{
    struct sim_end end;
    uint64_t state, words[8];
    memcpy(&state, input->bytes, sizeof state);
    for (int i = 0; i < 8; i++)
        words[i] = mix(&state);
    memcpy(&end.snapshot, words, sizeof end.snapshot);
    memcpy(&end.output, words + 4, sizeof end.output);
    end.energy = -3400.0 + 60.0 * ((double)(mix(&state) >> 11) * 0x1p-53);
    return end;
}

bool sim_explodes(const struct sim *sim, struct segment_key key)
{
    const struct rng_place place = {sim->seed, STREAM_TEST, key.segment.value,
                                    key.campaign.value << 16 | key.replica.value};
    return rng_uniform(place, DRAW_COUNT) < sim->faults.explode;
}

static void make_ensemble(struct sim *sim, struct sim_campaign *campaign, uint32_t index)
{
    struct ensemble_spec *ensemble = &campaign->ensembles[index];
    const bool ladder = sim_happens(sim, DRAW_SHAPE, 0.7);
    *ensemble = (struct ensemble_spec){
        .mode = ladder ? MODE_TEMPERING : MODE_ISOTHERM,
        .system = {.atoms = 500, .atoms_small = 250, .volume_per_atom = 0.767, .cutoff = 2.5},
        .dynamics = {.dt = 0.002778, .thermostat = THERMOSTAT_BUSSI, .thermostat_tau = 0.2778},
        .rung_count = ladder ? 2 + sim_choose(sim, DRAW_SHAPE, SIM_RUNGS_MAX - 1) : 1 + sim_choose(sim, DRAW_SHAPE, 2),
        .temperatures = campaign->temperatures[index],
        .replicas_per_rung = ladder ? 1 : 1 + sim_choose(sim, DRAW_SHAPE, 2),
        .segment_steps = 100,
        .steps = 100 * (2 + (int64_t)sim_choose(sim, DRAW_SHAPE, 12)),
        .stage_count = 3,
        .stages = {{.kind = STAGE_BUILD},
                   {.kind = STAGE_HOLD, .temperature = 2.0, .steps = 150},
                   {.kind = STAGE_RAMP, .to_rung = true, .rate = 0.01}},
    };
    snprintf(ensemble->name, sizeof ensemble->name, "ensemble%u", (unsigned)index);
    for (uint32_t r = 0; r < ensemble->rung_count; r++)
        campaign->temperatures[index][r] = 0.5 + 0.01 * r;
}

static void make_campaign(struct sim *sim, uint32_t index)
{
    struct sim_campaign *c = &sim->campaigns[index];
    struct campaign *campaign = &c->campaign;
    const double audited = (double)sim_choose(sim, DRAW_SHAPE, 3) / 2.0;
    const double audit_fraction = sim->faults.lie > 0.0 ? sim->audit : audited;
    *campaign = (struct campaign){
        .seed = sim->seed + index,
        .audit_fraction = audit_fraction,
        .ensemble_count = 1 + sim_choose(sim, DRAW_SHAPE, SIM_ENSEMBLES_MAX),
        .ensembles = c->ensembles,
        .replicas = c->replicas,
    };
    snprintf(campaign->name, sizeof campaign->name, "campaign%u", (unsigned)index);
    for (uint32_t e = 0; e < campaign->ensemble_count; e++) {
        make_ensemble(sim, c, e);
        for (uint32_t r = 0; r < c->ensembles[e].rung_count; r++)
            for (uint32_t copy = 0; copy < c->ensembles[e].replicas_per_rung; copy++)
                c->replicas[campaign->replica_count++] = (struct replica_spec){{e}, {r}, copy};
    }
    for (uint32_t r = 0; r < campaign->replica_count; r++) {
        c->segment_first[r] = -campaign_prepare_segments(campaign, (struct replica_id){r});
        c->segment_end[r] = campaign_production_segments(campaign, c->replicas[r].ensemble);
        if (c->segment_end[r] - c->segment_first[r] > SIM_SEGMENTS_MAX)
            sim_fail(sim, "too many segments for the tables");
    }
}

/* Where a replica is in the sequential run. */
struct walk {
    struct rung_id rung, rung_before;
    bool stopped; /* exploded, or waits for one that did */
};

static void run_segment(struct sim *sim, uint32_t campaign, uint32_t replica, int64_t segment, struct walk *walk)
{
    const struct segment_key key = {{campaign + 1}, {replica}, {segment}};
    if (walk->stopped || (walk->stopped = sim_explodes(sim, key)))
        return;
    const struct sim_campaign *c = &sim->campaigns[campaign];
    struct sim_row *row = sim_row_of(sim, sim_oracle, key);
    struct segment_spec spec;
    campaign_segment_spec(&c->campaign, key.replica, key.segment, walk->rung, walk->rung_before, &spec);
    const bool first = segment == c->segment_first[replica];
    row->input = segment_input_digest(&spec, ENGINE_ID, first ? NULL : &(row - 1)->end.snapshot);
    row->end = sim_physics(&row->input);
    row->rung = walk->rung;
    row->state = ROW_DURABLE;
    walk->rung_before = walk->rung;
}

static void run_pair(struct sim *sim, uint32_t campaign, uint32_t ensemble, int64_t round, uint32_t cold, uint32_t hot,
                     struct walk *walks)
{
    struct sim_campaign *c = &sim->campaigns[campaign];
    if (walks[cold].stopped || walks[hot].stopped) {
        walks[cold].stopped = walks[hot].stopped = true;
        return;
    }
    const struct rung_id rung = walks[cold].rung;
    struct sim_exchange_row *row = &c->oracle.exchanges[ensemble][round][rung.value];
    const struct segment_key key_cold = {{campaign + 1}, {cold}, {round}}, key_hot = {{campaign + 1}, {hot}, {round}};
    row->state = ROW_DURABLE;
    row->exchange = (struct exchange){
        .ensemble = {ensemble},
        .round = {round},
        .rung_cold = rung,
        .replica_cold = {cold},
        .replica_hot = {hot},
        .energy_cold = sim_row_of(sim, sim_oracle, key_cold)->end.energy,
        .energy_hot = sim_row_of(sim, sim_oracle, key_hot)->end.energy,
    };
    exchange_decide(&row->exchange, c->campaign.seed, c->temperatures[ensemble][rung.value],
                    c->temperatures[ensemble][rung.value + 1]);
    if (row->exchange.accepted) {
        walks[cold].rung.value++;
        walks[hot].rung.value--;
    }
}

static uint32_t replica_on(const struct sim_campaign *c, const struct walk *walks, uint32_t ensemble, uint32_t rung)
{
    uint32_t r = 0;
    while (c->replicas[r].ensemble.value != ensemble || walks[r].rung.value != rung)
        r++;
    return r;
}

static void run_round(struct sim *sim, uint32_t campaign, uint32_t ensemble, int64_t round, struct walk *walks)
{
    const struct sim_campaign *c = &sim->campaigns[campaign];
    const struct ensemble_spec *spec = &c->ensembles[ensemble];
    for (uint32_t r = 0; r < c->campaign.replica_count; r++)
        if (c->replicas[r].ensemble.value == ensemble && round >= c->segment_first[r])
            run_segment(sim, campaign, r, round, &walks[r]);
    for (uint32_t rung = 0; rung < spec->rung_count && spec->mode == MODE_TEMPERING && round >= 0; rung++)
        if (rung % 2 == (uint32_t)(round % 2) && rung + 1 < spec->rung_count)
            run_pair(sim, campaign, ensemble, round, replica_on(c, walks, ensemble, rung),
                     replica_on(c, walks, ensemble, rung + 1), walks);
}

static void consult_oracle(struct sim *sim, uint32_t campaign)
{
    const struct sim_campaign *c = &sim->campaigns[campaign];
    struct walk walks[SIM_REPLICAS_MAX];
    for (uint32_t r = 0; r < c->campaign.replica_count; r++)
        walks[r] = (struct walk){c->replicas[r].rung_first, c->replicas[r].rung_first, false};
    for (uint32_t e = 0; e < c->campaign.ensemble_count; e++) {
        const int64_t rounds = campaign_production_segments(&c->campaign, (struct ensemble_id){e});
        for (int64_t round = -SIM_SEGMENTS_MAX; round < rounds; round++)
            run_round(sim, campaign, e, round, walks);
    }
}

/* It begins shorter than it will be. */
static void shorten(struct sim *sim, struct sim_campaign *c)
{
    c->is_short = true;
    for (uint32_t e = 0; e < c->campaign.ensemble_count; e++) {
        struct ensemble_spec *ensemble = &c->ensembles[e];
        const int64_t segments = ensemble->steps / ensemble->segment_steps;
        c->steps_whole[e] = ensemble->steps;
        ensemble->steps = ensemble->segment_steps * (1 + sim_choose(sim, DRAW_CONTROL, (uint32_t)segments));
    }
}

void sim_make_campaigns(struct sim *sim)
{
    sim->campaign_count = 1 + sim_choose(sim, DRAW_SHAPE, SIM_CAMPAIGNS_MAX);
    for (uint32_t i = 0; i < sim->campaign_count; i++) {
        make_campaign(sim, i);
        consult_oracle(sim, i);
        if (sim->faults.control > 0.0 && sim_draw(sim, DRAW_CONTROL) < 0.5)
            shorten(sim, &sim->campaigns[i]);
    }
}
