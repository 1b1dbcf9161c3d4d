/* campaign_timeline.c - which steps, at which temperatures, a numbered segment covers.
 *
 *     segment   -n   -n+1 ...                                   -1 |  0     1    ...      | m ...
 *     stage   build | hold         | ramp                          | production           | ramp
 *     step      -P   -P ...                                        0     s    2s          S
 *
 * Production segment k covers the steps [k s, (k+1) s), s = segment_steps. A stage of preparation is cut into segments
 * of s steps counted from its end; what is left over is its first segment. So the borders of the last stage are
 * multiples of s as in production. A ramp after production is cut from its start; its last segment may be shorter.
 * Everything is computed from the specification on each call: there is no table that could go stale, and 16 stages are
 * few. */
#include "common/campaign.h"

#include "common/invariant.h"

#include <math.h>
#include <string.h>

/* One stage of one replica, with its place in time. */
struct stage_place {
    const struct stage_spec *stage;
    int64_t segment_first; /* number of its first segment, < 0 */
    int64_t segments;
    int64_t step_first; /* < 0 */
    int64_t steps;
    double temperature_first; /* NAN for a build: it has no temperature */
    double temperature_last;
};

int64_t campaign_ramp_steps(double span, double rate)
{
    double quotient = fabs(span) / rate;
    double whole = rint(quotient);
    return (int64_t)(fabs(quotient - whole) <= 1e-9 * quotient ? whole : ceil(quotient));
}

static double stage_end_temperature(const struct stage_spec *stage, double rung_temperature)
{
    return stage->to_rung ? rung_temperature : stage->temperature;
}

static int64_t segments_of(const struct stage_place *place, int64_t segment_steps)
{
    if (place->stage->kind == STAGE_BUILD)
        return 1;
    return place->steps / segment_steps + (place->steps % segment_steps != 0);
}

/* The stage's length and temperatures; `temperature` is where the stage before ended. */
static struct stage_place measure_stage(const struct stage_spec *stage, double temperature, double rung_temperature)
{
    struct stage_place place = {.stage = stage, .temperature_first = NAN, .temperature_last = NAN};
    if (stage->kind == STAGE_BUILD)
        return place;
    place.temperature_last = stage_end_temperature(stage, rung_temperature);
    if (stage->kind == STAGE_HOLD) {
        place.temperature_first = place.temperature_last;
        place.steps = stage->steps;
    } else {
        place.temperature_first = temperature;
        place.steps = campaign_ramp_steps(place.temperature_last - temperature, stage->rate);
    }
    return place;
}

/* Places all stages; returns their number. Lengths first, from the start; then places, from the end at step 0. */
static uint32_t place_stages(const struct ensemble_spec *ensemble, struct rung_id rung,
                             struct stage_place out[CAMPAIGN_STAGES_MAX])
{
    double rung_temperature = ensemble->temperatures[rung.value];
    double temperature = NAN;
    for (uint32_t i = 0; i < ensemble->stage_count; i++) {
        out[i] = measure_stage(&ensemble->stages[i], temperature, rung_temperature);
        out[i].segments = segments_of(&out[i], ensemble->segment_steps);
        temperature = out[i].temperature_last;
    }
    int64_t segment = 0, step = 0;
    for (uint32_t i = ensemble->stage_count; i-- > 0;) {
        out[i].segment_first = segment -= out[i].segments;
        out[i].step_first = step -= out[i].steps;
    }
    return ensemble->stage_count;
}

/* The ramps after production, one after the other; returns their number. */
static uint32_t place_finish(const struct ensemble_spec *ensemble, struct rung_id rung,
                             struct stage_place out[CAMPAIGN_STAGES_MAX])
{
    double rung_temperature = ensemble->temperatures[rung.value], temperature = rung_temperature;
    int64_t segment = ensemble->steps / ensemble->segment_steps, step = ensemble->steps;
    for (uint32_t i = 0; i < ensemble->finish_count; i++) {
        out[i] = measure_stage(&ensemble->finish[i], temperature, rung_temperature);
        out[i].segments = segments_of(&out[i], ensemble->segment_steps);
        out[i].segment_first = segment;
        out[i].step_first = step;
        segment += out[i].segments;
        step += out[i].steps;
        temperature = out[i].temperature_last;
    }
    return ensemble->finish_count;
}

static const struct ensemble_spec *ensemble_of(const struct campaign *campaign, struct replica_id replica)
{
    INVARIANT(replica.value < campaign->replica_count);
    return &campaign->ensembles[campaign->replicas[replica.value].ensemble.value];
}

int64_t campaign_prepare_segments(const struct campaign *campaign, struct replica_id replica)
{
    struct stage_place places[CAMPAIGN_STAGES_MAX];
    place_stages(ensemble_of(campaign, replica), campaign->replicas[replica.value].rung_first, places);
    return -places[0].segment_first;
}

int64_t campaign_prepare_steps(const struct campaign *campaign, struct replica_id replica)
{
    struct stage_place places[CAMPAIGN_STAGES_MAX];
    place_stages(ensemble_of(campaign, replica), campaign->replicas[replica.value].rung_first, places);
    return -places[0].step_first;
}

int64_t campaign_production_segments(const struct campaign *campaign, struct ensemble_id ensemble)
{
    INVARIANT(ensemble.value < campaign->ensemble_count);
    const struct ensemble_spec *spec = &campaign->ensembles[ensemble.value];
    return spec->steps / spec->segment_steps;
}

int64_t campaign_segment_end(const struct campaign *campaign, struct replica_id replica)
{
    struct stage_place places[CAMPAIGN_STAGES_MAX];
    const struct replica_spec *spec = &campaign->replicas[replica.value];
    const uint32_t count = place_finish(ensemble_of(campaign, replica), spec->rung_first, places);
    if (count == 0)
        return campaign_production_segments(campaign, spec->ensemble);
    return places[count - 1].segment_first + places[count - 1].segments;
}

int64_t campaign_step_end(const struct campaign *campaign, struct replica_id replica)
{
    struct stage_place places[CAMPAIGN_STAGES_MAX];
    const struct ensemble_spec *ensemble = ensemble_of(campaign, replica);
    const uint32_t count = place_finish(ensemble, campaign->replicas[replica.value].rung_first, places);
    return count == 0 ? ensemble->steps : places[count - 1].step_first + places[count - 1].steps;
}

/* Steps of the stage that lie before its segment `index`: the first segment takes the remainder. */
static int64_t steps_before(const struct stage_place *place, int64_t index, int64_t segment_steps)
{
    return index == 0 ? 0 : place->steps - (place->segments - index) * segment_steps;
}

/* A temperature that is linear in the step. */
struct slope {
    double temperature_first, temperature_last;
    int64_t steps;
};

/* Exact at both ends, so that a ramp ends at the rung's temperature to the last bit. */
static double slope_at(const struct slope *slope, int64_t steps_done)
{
    if (steps_done == slope->steps)
        return slope->temperature_last;
    double span = slope->temperature_last - slope->temperature_first;
    return slope->temperature_first + span * ((double)steps_done / (double)slope->steps);
}

static double temperature_at(const struct stage_place *place, int64_t steps_done)
{
    const struct slope slope = {place->temperature_first, place->temperature_last, place->steps};
    return slope_at(&slope, steps_done);
}

/* Where velocities stand when stage `i` begins: the end of the stage before, 0 (draw them) straight after a build. */
static double temperature_before_stage(const struct stage_place *places, uint32_t i)
{
    return i == 0 || places[i - 1].stage->kind == STAGE_BUILD ? 0.0 : places[i - 1].temperature_last;
}

/* The cell of the replica's own phase, and a run of its volumes. */
static void fill_eos(const struct ensemble_spec *ensemble, uint32_t copy, struct segment_spec *spec)
{
    INVARIANT(copy < ensemble->phase_count);
    const struct phase *phase = &ensemble->phases[copy];
    const bool is_build = spec->segment.value < 0;
    spec->stage = is_build ? STAGE_BUILD : STAGE_STATIC;
    spec->builder = phase->crystal;
    spec->eos = ensemble->eos;
    memcpy(spec->eos.sites, phase->sites, sizeof spec->eos.sites);
    spec->system.atoms = phase_cell_atoms(phase);
    spec->system.atoms_small = phase_cell_atoms_small(phase);
    spec->system.volume_per_atom = ensemble->eos.volume_first;
    spec->step_first = is_build ? 0 : spec->segment.value * ensemble->segment_steps;
    spec->steps = is_build ? 0 : ensemble->segment_steps;
}

static void fill_build(const struct stage_place *place, struct segment_spec *spec)
{
    spec->stage = STAGE_BUILD;
    spec->builder = place->stage->builder;
    spec->start = place->stage->start;
    spec->step_first = place->step_first;
}

static void fill_prepare(const struct stage_place *places, uint32_t i, int64_t segment_steps, struct segment_spec *spec)
{
    const struct stage_place *place = &places[i];
    int64_t index = spec->segment.value - place->segment_first;
    int64_t begin = steps_before(place, index, segment_steps), end = steps_before(place, index + 1, segment_steps);
    spec->stage = place->stage->kind;
    spec->step_first = place->step_first + begin;
    spec->steps = end - begin;
    spec->temperature_first = temperature_at(place, begin);
    spec->temperature_last = temperature_at(place, end);
    spec->temperature_before = index == 0 ? temperature_before_stage(places, i) : spec->temperature_first;
}

/* Segments of a quench follow one another on its one rung: velocities are never rescaled between them. */
static void fill_quench(const struct ensemble_spec *ensemble, struct segment_spec *spec)
{
    const struct slope slope = {ensemble->temperatures[0], ensemble->temperature_end, ensemble->steps};
    spec->stage = STAGE_RAMP;
    spec->temperature_first = slope_at(&slope, spec->step_first);
    spec->temperature_last = slope_at(&slope, spec->step_first + spec->steps);
    if (spec->segment.value > 0)
        spec->temperature_before = spec->temperature_first;
}

static void fill_production(const struct ensemble_spec *ensemble, const struct stage_place *places,
                            uint32_t stage_count, struct rung_id rung, struct rung_id rung_before,
                            struct segment_spec *spec)
{
    INVARIANT(rung.value < ensemble->rung_count && rung_before.value < ensemble->rung_count);
    spec->stage = STAGE_HOLD;
    spec->identity = ensemble->identity;
    spec->step_first = spec->segment.value * ensemble->segment_steps;
    spec->steps = ensemble->segment_steps;
    spec->temperature_first = spec->temperature_last = ensemble->temperatures[rung.value];
    spec->temperature_before = spec->segment.value == 0 ? temperature_before_stage(places, stage_count)
                                                        : ensemble->temperatures[rung_before.value];
    if (ensemble->mode == MODE_QUENCH)
        fill_quench(ensemble, spec);
}

/* A segment of a ramp after production, with the replica on the rung that it has always been on. */
static void fill_finish(const struct ensemble_spec *ensemble, struct rung_id rung, struct segment_spec *spec)
{
    struct stage_place places[CAMPAIGN_STAGES_MAX];
    const uint32_t count = place_finish(ensemble, rung, places);
    uint32_t i = 0;
    while (i + 1 < count && spec->segment.value >= places[i].segment_first + places[i].segments)
        i++;
    const struct stage_place *place = &places[i];
    const int64_t begin = (spec->segment.value - place->segment_first) * ensemble->segment_steps;
    const int64_t end = begin + ensemble->segment_steps < place->steps ? begin + ensemble->segment_steps : place->steps;
    spec->stage = place->stage->kind;
    spec->step_first = place->step_first + begin;
    spec->steps = end - begin;
    spec->temperature_first = temperature_at(place, begin);
    spec->temperature_last = temperature_at(place, end);
    spec->temperature_before = spec->temperature_first; /* goes on from where the stage before ended */
}

/* The stage that holds a preparation segment. Stages of no steps (a ramp that is at its end already) hold none. */
static uint32_t find_stage(const struct stage_place *places, uint32_t count, int64_t segment)
{
    INVARIANT(segment >= places[0].segment_first);
    uint32_t i = 0;
    while (i + 1 < count && segment >= places[i].segment_first + places[i].segments)
        i++;
    return i;
}

void campaign_segment_spec(const struct campaign *campaign, struct replica_id replica, struct segment_id segment,
                           struct rung_id rung, struct rung_id rung_before, struct segment_spec *out_spec)
{
    const struct ensemble_spec *ensemble = ensemble_of(campaign, replica);
    struct stage_place places[CAMPAIGN_STAGES_MAX];
    uint32_t count = place_stages(ensemble, campaign->replicas[replica.value].rung_first, places);
    *out_spec = (struct segment_spec){.seed = campaign->seed,
                                      .replica = replica,
                                      .segment = segment,
                                      .system = ensemble->system,
                                      .dynamics = ensemble->dynamics,
                                      .sampling = ensemble->sampling};
    if (ensemble->mode == MODE_EOS) {
        fill_eos(ensemble, campaign->replicas[replica.value].copy, out_spec);
        return;
    }
    if (ensemble->finish_count > 0 && segment.value >= ensemble->steps / ensemble->segment_steps) {
        fill_finish(ensemble, rung, out_spec);
        return;
    }
    if (segment.value >= 0) {
        fill_production(ensemble, places, count, rung, rung_before, out_spec);
        return;
    }
    uint32_t stage = find_stage(places, count, segment.value);
    if (places[stage].stage->kind == STAGE_BUILD)
        fill_build(&places[stage], out_spec);
    else
        fill_prepare(places, stage, ensemble->segment_steps, out_spec);
}
