#include "worker/md/md_step.h"

#include "worker/md/md_state.h"

#include <math.h>

enum { BUILDS_PER_SORT = 20 }; /* diffusion is slow: clusters stay compact for hundreds of steps */

void md_for_tiles(struct md *md, void (*work)(struct md *, struct tile *))
{
    if (md->setup.threads == 1 || md->tile_count == 1) {
        for (uint32_t n = 0; n < md->tile_count; n++)
            work(md, &md->tiles[n]);
        return;
    }
#pragma omp parallel for schedule(static) num_threads(md->setup.threads)
    for (uint32_t n = 0; n < md->tile_count; n++)
        work(md, &md->tiles[n]);
}

static void gather_tile(struct md *md, struct tile *tile)
{
    for (size_t slot = 0; slot < tile->own_atoms; slot++) {
        uint32_t id = tile->id[slot];
        md->by_id.type[id] = tile->type[slot];
        for (int k = 0; k < 3; k++) {
            md->by_id.velocity[k][id] = tile->velocity[md_place(slot, k)];
            md->by_id.position[k][id] = tile->position_fine[md_place(slot, k)];
        }
    }
}

void md_step_gather(struct md *md)
{
    md_for_tiles(md, gather_tile);
}

/* Atoms that fill up the last cluster rest beside its last atom, so that the cluster stays compact. */
static void place_fillers(struct tile *tile)
{
    for (size_t slot = tile->own_atoms; slot < (size_t)tile->own * CLUSTER_ATOMS; slot++) {
        tile->type[slot] = TYPE_FILLER;
        tile->id[slot] = UINT32_MAX;
        for (int k = 0; k < 3; k++) {
            int64_t offset = (int64_t)(slot - tile->own_atoms + 1) << 36;
            tile->position_fine[md_place(slot, k)] = tile->position_fine[md_place(tile->own_atoms - 1, k)] + offset;
            tile->velocity[md_place(slot, k)] = 0.0;
        }
    }
}

static void scatter_tile(struct md *md, struct tile *tile)
{
    tile->first_slot = md->tile_first[tile->index];
    tile->own_atoms = md->tile_first[tile->index + 1] - tile->first_slot;
    tile->own = (tile->own_atoms + CLUSTER_ATOMS - 1) / CLUSTER_ATOMS;
    for (size_t slot = 0; slot < tile->own_atoms; slot++) {
        uint32_t id = md->by_id.items[tile->first_slot + slot];
        tile->id[slot] = id;
        tile->type[slot] = md->by_id.type[id];
        for (int k = 0; k < 3; k++) {
            tile->velocity[md_place(slot, k)] = md->by_id.velocity[k][id];
            tile->position_fine[md_place(slot, k)] = md->by_id.position[k][id];
        }
    }
    place_fillers(tile);
    tile_set_atoms(tile, &md->rules);
}

void md_step_scatter(struct md *md)
{
    struct md_by_id *by_id = &md->by_id;
    for (uint32_t id = 0; id < md->atoms; id++) {
        by_id->items[id] = id;
        for (int k = 0; k < 3; k++)
            by_id->coordinate[k][id] = (uint32_t)((uint64_t)by_id->position[k][id] >> 16);
    }
    const uint32_t *const coordinate[3] = {by_id->coordinate[0], by_id->coordinate[1], by_id->coordinate[2]};
    order_atoms(by_id->items, md->atoms, coordinate, md->box, by_id->keys);
    md_for_tiles(md, scatter_tile);
}

static void bound_tile(struct md *md, struct tile *tile)
{
    tile_bound(tile, &md->rules);
}

static void build_tile(struct md *md, struct tile *tile)
{
    tile_build(tile, md->tiles, md->tile_count, &md->rules);
}

static void prune_tile(struct md *md, struct tile *tile)
{
    tile_prune(tile, md->tiles, &md->rules);
}

static void find_givers(struct md *md, struct tile *tile)
{
    tile_find_givers(tile, md->tiles, md->tile_count);
}

static void prune_lists(struct md *md)
{
    md_for_tiles(md, prune_tile);
    md->prunes++;
}

static enum status build_lists(struct md *md, struct error *err)
{
    md_for_tiles(md, bound_tile);
    md_for_tiles(md, build_tile);
    for (uint32_t n = 0; n < md->tile_count; n++)
        if (md->tiles[n].overflow)
            return error_set(err, STATUS_PHYSICS, "at step %lld atoms crowd together beyond what the pair lists hold",
                             (long long)md->step);
    md_for_tiles(md, find_givers);
    prune_lists(md);
    md->builds++;
    return STATUS_OK;
}

static void force_tile(struct md *md, struct tile *tile)
{
    tile_force(tile, md->tiles, &md->rules);
}

/* v += (dt/2) f/m. Forces come in epsilon/sigma^2 times units of the first edge. */
static void kick_tile(struct md *md, struct tile *tile)
{
    tile_receive(tile, md->tiles);
    const struct kick job = {
        .clusters = tile->own,
        .force_scale = 0.5 * md->setup.dynamics.dt * (md->box[0] * 0x1p-32),
        .force = tile->force,
        .force_row = tile->force_row,
        .mass = tile->mass,
        .mass_inverse = tile->mass_inverse,
        .kick = tile->kick,
        .velocity = tile->velocity,
    };
    tile->kinetic_twice = md->rules.kernels->kick(&job);
}

/* Forces and the kick; returns the kinetic energy. */
static double force_and_kick(struct md *md)
{
    md_for_tiles(md, force_tile);
    md_for_tiles(md, kick_tile);
    double sum = 0.0;
    for (uint32_t n = 0; n < md->tile_count; n++)
        sum += md->tiles[n].kinetic_twice;
    return 0.5 * sum;
}

static void measure_tile(struct md *md, struct tile *tile)
{
    double sum = 0.0;
    for (size_t slot = 0; slot < tile->own_atoms; slot++)
        for (int k = 0; k < 3; k++) {
            double v = md->scale * tile->velocity[md_place(slot, k)];
            sum += tile->mass[slot] * v * v;
        }
    tile->kinetic_twice = sum;
}

void md_step_measure(struct md *md)
{
    md_for_tiles(md, measure_tile);
    double sum = 0.0;
    for (uint32_t n = 0; n < md->tile_count; n++)
        sum += md->tiles[n].kinetic_twice;
    md->kinetic = 0.5 * sum;
}

/* Velocities as they were before the kick that came with the forces. */
static void restore_velocities(struct md *md, struct tile *tile)
{
    for (size_t slot = 0; slot < tile->own_atoms; slot++)
        for (int k = 0; k < 3; k++)
            tile->velocity[md_place(slot, k)] = md->by_id.velocity[k][tile->id[slot]];
}

enum status md_step_prepare(struct md *md, struct error *err)
{
    enum status status = build_lists(md, err);
    if (status != STATUS_OK)
        return status;
    md_step_gather(md);
    force_and_kick(md);
    md_for_tiles(md, restore_velocities);
    md_step_measure(md);
    return STATUS_OK;
}

static void draw_noise(struct md *md, struct tile *tile)
{
    uint64_t step = (uint64_t)(md->step + 1);
    const struct noise job = {
        .clusters = tile->own,
        .key = {(uint32_t)md->setup.seed, (uint32_t)(md->setup.seed >> 32)},
        .counter = {(uint32_t)step, (uint32_t)STREAM_THERMOSTAT << 24 | (uint32_t)(step >> 32 & 0xffffff),
                    md->setup.replica.value},
        .id = tile->id,
        .mass_root = tile->mass_root,
        .normal = tile->normal,
    };
    md->rules.kernels->noise(&job, tile->noise_momentum);
}

/* Velocities get push (normal / sqrt(m) - common), common = sum of sqrt(m) normals / total mass. */
static void prepare_langevin(struct md *md, double temperature)
{
    struct langevin *langevin = &md->langevin;
    langevin->acts = md->thermostat.kind == THERMOSTAT_LANGEVIN && (md->step + 1) % LANGEVIN_EVERY == 0;
    if (!langevin->acts)
        return;
    md_for_tiles(md, draw_noise);
    double damping = md->thermostat.damping;
    langevin->damping = damping;
    langevin->push = sqrt((1.0 - damping * damping) * temperature);
    for (int k = 0; k < 3; k++) {
        double momentum = 0.0;
        for (uint32_t n = 0; n < md->tile_count; n++)
            momentum += md->tiles[n].noise_momentum[k];
        langevin->push_common[k] = langevin->push * momentum / md->mass_total;
    }
}

static void drift_tile(struct md *md, struct tile *tile)
{
    double dt = md->setup.dynamics.dt;
    const struct kick_drift job = {
        .clusters = tile->own,
        .velocity_scale = md->scale,
        .drift = {0x1p48 * dt / md->box[0], 0x1p48 * dt / md->box[1], 0x1p48 * dt / md->box[2]},
        .velocity = tile->velocity,
        .kick = tile->kick,
        .position_fine = tile->position_fine,
        .position = tile->position,
        .position_list = tile->position_inner,
        .metric = md->rules.metric,
        .normal = md->langevin.acts ? tile->normal : NULL,
        .mass_root_inverse = tile->mass_root_inverse,
        .damping = md->langevin.damping,
        .push = md->langevin.push,
        .push_common = {md->langevin.push_common[0], md->langevin.push_common[1], md->langevin.push_common[2]},
    };
    tile->moved_sq = md->rules.kernels->kick_drift(&job);
}

static void moved_since_build(struct md *md, struct tile *tile)
{
    tile->moved_sq = tile_moved_since_build(tile, &md->rules);
}

/* Written so that a displacement that is not a number is far, too. */
static bool all_moved_less(const struct md *md, float limit_sq)
{
    bool less = true;
    for (uint32_t n = 0; n < md->tile_count; n++)
        less = less && md->tiles[n].moved_sq < limit_sq;
    return less;
}

static enum status renew_lists(struct md *md, struct error *err)
{
    md_for_tiles(md, moved_since_build);
    if (all_moved_less(md, md->rules.limit_outer_sq)) {
        prune_lists(md);
        return STATUS_OK;
    }
    if (++md->builds_since_sort >= BUILDS_PER_SORT) {
        md->builds_since_sort = 0;
        md_step_gather(md);
        md_step_scatter(md);
    }
    return build_lists(md, err);
}

static enum status check_energy(const struct md *md, struct error *err)
{
    if (md->kinetic < md->kinetic_max)
        return STATUS_OK;
    return error_set(err, STATUS_PHYSICS, "the kinetic energy is %g after step %lld: the motion has exploded",
                     md->kinetic, (long long)md->step);
}

enum status md_step_advance(struct md *md, double temperature, struct error *err)
{
    md->scale *= thermostat_before(&md->thermostat, md->kinetic, temperature);
    prepare_langevin(md, temperature);
    md_for_tiles(md, drift_tile);
    if (!all_moved_less(md, md->rules.limit_inner_sq)) {
        enum status status = renew_lists(md, err);
        if (status != STATUS_OK)
            return status;
    }
    double kinetic = force_and_kick(md);
    md->step++;
    const struct rng_place place = {md->setup.seed, STREAM_THERMOSTAT, md->step, md->setup.replica.value};
    md->scale = thermostat_after(&md->thermostat, kinetic, temperature, place);
    md->kinetic = md->scale * md->scale * kinetic;
    return check_energy(md, err);
}
