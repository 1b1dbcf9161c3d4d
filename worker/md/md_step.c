#include "worker/md/md_step.h"

#include "worker/md/md_state.h"

#include <string.h>

enum { BUILDS_PER_SORT = 100 }; /* diffusion is slow: clusters stay compact for some 1e4 steps */

static size_t block_place(size_t slot, int k)
{
    return slot / CLUSTER_ATOMS * CLUSTER_BLOCK + (size_t)k * CLUSTER_ATOMS + slot % CLUSTER_ATOMS;
}

static void permute(struct md *md)
{
    struct md_scratch *scratch = &md->scratch;
    size_t slots = (size_t)md->clusters * CLUSTER_ATOMS;
    memcpy(scratch->velocity, md->velocity, 3 * slots * sizeof(double));
    memcpy(scratch->fine, md->position_fine, 3 * slots * sizeof(int64_t));
    memcpy(scratch->id, md->id, slots * sizeof(uint32_t));
    memcpy(scratch->type, md->type, slots);
    for (size_t slot = 0; slot < md->atoms; slot++) {
        uint32_t from = scratch->items[slot];
        md->id[slot] = scratch->id[from];
        md->type[slot] = scratch->type[from];
        for (int k = 0; k < 3; k++) {
            md->velocity[block_place(slot, k)] = scratch->velocity[block_place(from, k)];
            md->position_fine[block_place(slot, k)] = scratch->fine[block_place(from, k)];
        }
    }
}

/* Atoms that fill up the last cluster rest beside its last atom, so that the cluster stays compact. */
static void place_fillers(struct md *md)
{
    size_t slots = (size_t)md->clusters * CLUSTER_ATOMS;
    for (size_t slot = md->atoms; slot < slots; slot++) {
        md->type[slot] = 0;
        md->id[slot] = (uint32_t)slot;
        for (int k = 0; k < 3; k++) {
            int64_t offset = (int64_t)(slot - md->atoms + 1) << 36;
            md->position_fine[block_place(slot, k)] = md->position_fine[block_place(md->atoms - 1, k)] + offset;
            md->velocity[block_place(slot, k)] = 0.0;
        }
    }
}

static void set_coefficients(struct md *md, int row_type, size_t slot)
{
    size_t stride = (size_t)md->clusters + 1, cluster = slot / CLUSTER_ATOMS, lane = slot % CLUSTER_ATOMS;
    float *k = md->coefficient + ((size_t)row_type * stride + cluster) * COEFFICIENT_BLOCK + lane;
    float *slope = md->slope + ((size_t)row_type * stride + cluster) * CLUSTER_ATOMS + lane;
    bool real = slot < md->atoms;
    int type = md->type[slot];
    k[0] = real ? (float)(12.0 * md->potential.c12[row_type][type]) : 0.0f;
    k[CLUSTER_ATOMS] = real ? (float)(6.0 * md->potential.c6[row_type][type]) : 0.0f;
    *slope = real ? (float)md->potential.slope[row_type][type] : 0.0f;
}

static void set_slot(struct md *md, size_t slot)
{
    double mass = md->potential.mass[md->type[slot]];
    bool real = slot < md->atoms;
    md->mass[slot] = real ? mass : 0.0;
    md->mass_inverse[slot] = real ? 1.0 / mass : 0.0;
    set_coefficients(md, 0, slot);
    set_coefficients(md, 1, slot);
    for (int k = 0; k < 3; k++)
        md->position[block_place(slot, k)] = (uint32_t)((uint64_t)md->position_fine[block_place(slot, k)] >> 16);
}

void md_step_sort(struct md *md)
{
    struct md_scratch *scratch = &md->scratch;
    for (size_t slot = 0; slot < md->atoms; slot++) {
        scratch->items[slot] = (uint32_t)slot;
        for (int k = 0; k < 3; k++)
            scratch->coordinate[k][slot] = (uint32_t)((uint64_t)md->position_fine[block_place(slot, k)] >> 16);
    }
    const uint32_t *const coordinate[3] = {scratch->coordinate[0], scratch->coordinate[1], scratch->coordinate[2]};
    order_atoms(scratch->items, md->atoms, coordinate, md->box, scratch->keys);
    permute(md);
    place_fillers(md);
    for (size_t slot = 0; slot < (size_t)md->clusters * CLUSTER_ATOMS; slot++)
        set_slot(md, slot);
}

static void compute_forces(struct md *md)
{
    const struct pair_force job = {
        .rows = md->atoms,
        .clusters = md->clusters,
        .metric = md->list.build.metric,
        .cutoff_sq = (float)(md->potential.cutoff * md->potential.cutoff * (double)md->list.build.metric.units_sq),
        .position = md->position,
        .coefficient = md->coefficient,
        .slope = md->potential.cut == CUT_FORCE_SHIFTED ? md->slope : NULL,
        .type = md->type,
        .order = md->list.order,
        .list = &md->list.inner,
        .force = md->force,
        .force_row = md->force_row,
    };
    md->setup.kernels->pair_force(&job);
}

/* v += (dt/2) f/m; returns the kinetic energy. Forces come in epsilon/sigma^2 times units of the first edge. */
static double kick(struct md *md)
{
    double scale = 0.5 * md->setup.dynamics.dt * (md->box[0] * 0x1p-32);
    const struct kick job = {
        .clusters = md->clusters,
        .force_scale = scale,
        .force = md->force,
        .force_row = md->force_row,
        .mass = md->mass,
        .mass_inverse = md->mass_inverse,
        .kick = md->kick,
        .velocity = md->velocity,
    };
    return 0.5 * md->setup.kernels->kick(&job);
}

void md_step_measure(struct md *md)
{
    double sum = 0.0;
    for (size_t slot = 0; slot < md->atoms; slot++)
        for (int k = 0; k < 3; k++) {
            double v = md->scale * md->velocity[block_place(slot, k)];
            sum += md->mass[slot] * v * v;
        }
    md->kinetic = 0.5 * sum;
}

enum status md_step_prepare(struct md *md, struct error *err)
{
    enum status status = pairlist_build(&md->list, md->setup.kernels, md->position, err);
    if (status != STATUS_OK)
        return status;
    compute_forces(md);
    size_t size = (size_t)md->clusters * CLUSTER_BLOCK * sizeof(double);
    memcpy(md->scratch.velocity, md->velocity, size);
    kick(md);
    memcpy(md->velocity, md->scratch.velocity, size);
    md_step_measure(md);
    return STATUS_OK;
}

static float drift(struct md *md)
{
    double dt = md->setup.dynamics.dt;
    const struct kick_drift job = {
        .clusters = md->clusters,
        .velocity_scale = md->scale,
        .drift = {0x1p48 * dt / md->box[0], 0x1p48 * dt / md->box[1], 0x1p48 * dt / md->box[2]},
        .velocity = md->velocity,
        .kick = md->kick,
        .position_fine = md->position_fine,
        .position = md->position,
        .position_list = md->list.position_inner,
        .metric = md->list.build.metric,
    };
    return md->setup.kernels->kick_drift(&job);
}

static enum status renew_lists(struct md *md, struct error *err)
{
    if (!pairlist_is_stale(&md->list, md->setup.kernels, md->position)) {
        pairlist_prune(&md->list, md->setup.kernels, md->position);
        return STATUS_OK;
    }
    if (++md->builds_since_sort >= BUILDS_PER_SORT) {
        md->builds_since_sort = 0;
        md_step_sort(md);
    }
    return pairlist_build(&md->list, md->setup.kernels, md->position, err);
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
    /* Written so that a displacement that is not a number renews the lists, too. */
    if (!(drift(md) < md->list.limit_inner_sq)) {
        enum status status = renew_lists(md, err);
        if (status != STATUS_OK)
            return status;
    }
    compute_forces(md);
    double kinetic = kick(md);
    md->step++;
    const struct rng_place place = {md->setup.seed, STREAM_THERMOSTAT, md->step, md->setup.replica.value};
    md->scale = thermostat_after(&md->thermostat, kinetic, temperature, place);
    md->kinetic = md->scale * md->scale * kinetic;
    return check_energy(md, err);
}
