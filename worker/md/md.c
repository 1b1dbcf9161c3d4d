/* md.c - the life of a struct md: creation, loading, storing, observing. The step loop is md_run.c. */
#include "worker/md/md.h"

#include "common/mem.h"
#include "worker/md/md_state.h"
#include "worker/md/md_statistics.h"
#include "worker/md/md_step.h"

#include <math.h>
#include <string.h>

/* Measured: the best for N = 500 at T = 0.55, and not critical. */
static const double skin_outer_best = 0.7, skin_inner_best = 0.14;

/* What the lists need beyond the cutoff at least, sigma. */
static const double skin_min = 0.2;

static enum status check_room(const struct md_setup *setup, double half_edge, struct error *err)
{
    double need = setup->system.cutoff + skin_min;
    if (half_edge >= need)
        return STATUS_OK;
    double volume = 8.0 * need * need * need;
    return error_set(err, STATUS_INVALID,
                     "half the box, %.4g, is less than the cutoff and the list's skin, %.4g + %.4g: at this volume per "
                     "atom a cubic box needs at least %.0f atoms, not %u",
                     half_edge, setup->system.cutoff, skin_min, ceil(volume / setup->system.volume_per_atom),
                     setup->system.atoms);
}

static bool by_id_init(struct md_by_id *by_id, size_t atoms)
{
    bool ok = true;
    for (int k = 0; k < 3; k++)
        ok = ok && (by_id->velocity[k] = mem_alloc_array(atoms, sizeof(double))) &&
             (by_id->position[k] = mem_alloc_array(atoms, sizeof(int64_t))) &&
             (by_id->coordinate[k] = mem_alloc_array(atoms, sizeof(uint32_t)));
    return ok && (by_id->items = mem_alloc_array(atoms, sizeof(uint32_t))) &&
           (by_id->keys = mem_alloc_array(atoms, sizeof(struct order_key))) &&
           (by_id->type = mem_alloc_array(atoms, sizeof(uint8_t)));
}

static void by_id_finish(struct md_by_id *by_id)
{
    for (int k = 0; k < 3; k++) {
        mem_free(by_id->velocity[k]);
        mem_free(by_id->position[k]);
        mem_free(by_id->coordinate[k]);
    }
    mem_free(by_id->items);
    mem_free(by_id->keys);
    mem_free(by_id->type);
}

static uint32_t largest_tile(const struct md *md)
{
    uint32_t largest = 0;
    for (uint32_t n = 0; n < md->tile_count; n++) {
        uint32_t atoms = md->tile_first[n + 1] - md->tile_first[n];
        largest = atoms > largest ? atoms : largest;
    }
    return (largest + CLUSTER_ATOMS - 1) / CLUSTER_ATOMS;
}

/* Memory belongs to the thread that touches it first, so each tile is made by the thread that will work on it. */
static enum status init_tiles(struct md *md, struct error *err)
{
    md->tiles = mem_alloc_array(md->tile_count, sizeof *md->tiles);
    if (!md->tiles)
        return mem_error(err, "tiles");
    const struct tile_size size = {
        .tiles = md->tile_count,
        .clusters = (md->atoms + CLUSTER_ATOMS - 1) / CLUSTER_ATOMS + md->tile_count,
        .own_max = largest_tile(md),
        .density = 1.0 / md->setup.system.volume_per_atom,
        .reach = md->setup.system.cutoff + skin_outer_best,
    };
    bool failed = false;
#pragma omp parallel for schedule(static) num_threads(md->setup.threads) reduction(|| : failed)
    for (uint32_t n = 0; n < md->tile_count; n++)
        failed = failed || tile_init(&md->tiles[n], n, &size, NULL) != STATUS_OK;
    return failed ? mem_error(err, "tiles") : STATUS_OK;
}

static enum status init_all(struct md *md, struct error *err)
{
    md->tile_count = order_tiles(md->atoms, TILE_CLUSTERS_MAX, NULL);
    md->tile_first = mem_alloc_array((size_t)md->tile_count + 1, sizeof *md->tile_first);
    if (!md->tile_first || !by_id_init(&md->by_id, md->atoms))
        return mem_error(err, "molecular dynamics");
    order_tiles(md->atoms, TILE_CLUSTERS_MAX, md->tile_first);
    return init_tiles(md, err);
}

enum status md_create(const struct md_setup *setup, struct md **out_md, struct error *err)
{
    double edge = cbrt(setup->system.volume_per_atom * (double)setup->system.atoms);
    enum status status = check_room(setup, 0.5 * edge, err);
    if (status != STATUS_OK)
        return status;
    struct md *md = mem_alloc_array(1, sizeof *md);
    if (!md)
        return mem_error(err, "molecular dynamics");
    md->setup = *setup;
    md->atoms = setup->system.atoms;
    md->rules.kernels = setup->kernels;
    md->rules.potential = potential_make(setup->system.potential, setup->system.cut, setup->system.cutoff);
    const double *mass = md->rules.potential.mass;
    double small = (double)setup->system.atoms_small;
    md->mass_total = mass[ATOM_SMALL] * small + mass[ATOM_LARGE] * ((double)md->atoms - small);
    md->thermostat = thermostat_make(&setup->dynamics, md->atoms);
    status = init_all(md, err);
    if (status != STATUS_OK)
        md_destroy(&md);
    else
        *out_md = md;
    return status;
}

void md_destroy(struct md **owner)
{
    if (!owner || !*owner)
        return;
    struct md *md = *owner;
    for (uint32_t n = 0; md->tiles && n < md->tile_count; n++)
        tile_finish(&md->tiles[n]);
    mem_free(md->tiles);
    mem_free(md->tile_first);
    by_id_finish(&md->by_id);
    mem_free(md);
    *owner = NULL;
}

static uint32_t count_small(const struct snapshot *snapshot)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < snapshot->atoms; i++)
        count += snapshot->type[i] == ATOM_SMALL;
    return count;
}

static double smallest_edge(const double box[3])
{
    double least = box[0] < box[1] ? box[0] : box[1];
    return box[2] < least ? box[2] : least;
}

static enum status check_snapshot(const struct md *md, const struct snapshot *snapshot, struct error *err)
{
    const struct system_spec *system = &md->setup.system;
    uint32_t small = count_small(snapshot), variables = thermostat_variables(md->thermostat.kind);
    double volume = snapshot->box[0] * snapshot->box[1] * snapshot->box[2] / (double)snapshot->atoms;
    if (snapshot->atoms != system->atoms || small != system->atoms_small)
        return error_set(err, STATUS_INVALID, "the snapshot has %u atoms of which %u small, the system %u and %u",
                         snapshot->atoms, small, system->atoms, system->atoms_small);
    if (!(fabs(volume - system->volume_per_atom) < 1e-9 * volume))
        return error_set(err, STATUS_INVALID, "the snapshot's volume per atom is %.12g, the system's %.12g", volume,
                         system->volume_per_atom);
    if (snapshot->thermostat_count != 0 && snapshot->thermostat_count != variables)
        return error_set(err, STATUS_INVALID, "the snapshot has %u thermostat variables, this thermostat %u",
                         snapshot->thermostat_count, variables);
    return check_room(&md->setup, 0.5 * smallest_edge(snapshot->box), err);
}

/* Squared lengths in box units. Radii are rounded up and allowed displacements down by more than single precision can
 * lose. */
static float units_up(double sigma, const struct metric *metric)
{
    return (float)(sigma * sigma * (double)metric->units_sq * (1.0 + 4e-6));
}

static float units_down(double sigma, const struct metric *metric)
{
    return (float)(sigma * sigma * (double)metric->units_sq * (1.0 - 4e-6));
}

/* The skins, as far as the box lets them: cutoff + outer skin must stay within half of the smallest edge. */
static void set_radii(struct tile_rules *rules, double half_edge)
{
    double cutoff = rules->potential.cutoff, room = half_edge - cutoff;
    double outer = room < skin_outer_best ? room : skin_outer_best;
    double inner = skin_inner_best < 0.3 * outer ? skin_inner_best : 0.3 * outer;
    rules->cutoff_sq = (float)(cutoff * cutoff * (double)rules->metric.units_sq);
    rules->radius_inner_sq = units_up(cutoff + inner, &rules->metric);
    rules->radius_outer_sq = units_up(cutoff + outer, &rules->metric);
    rules->limit_inner_sq = units_down(0.5 * inner, &rules->metric);
    rules->limit_outer_sq = units_down(0.5 * (outer - inner), &rules->metric);
}

static void set_box(struct md *md, const double box[3])
{
    memcpy(md->box, box, sizeof md->box);
    double unit = 0x1p32 / box[0];
    md->rules.metric = (struct metric){
        .cubic = box[0] == box[1] && box[0] == box[2],
        .ratio_y = (float)(box[1] / box[0]),
        .ratio_z = (float)(box[2] / box[0]),
        .units_sq = (float)(unit * unit),
    };
    set_radii(&md->rules, 0.5 * smallest_edge(box));
    /* Numbers beyond this have exploded: one small atom with all of it would move 0.4 of the box in a step, where less
     * than half is needed to tell how far. The heat of all atoms is far below: at dt = 0.002778, 10^6 atoms may have T
     * = 29. */
    double farthest = 0.4 * smallest_edge(box) / md->setup.dynamics.dt;
    md->kinetic_max = 0.25 * farthest * farthest;
}

static void place_atoms(struct md *md, const struct snapshot *snapshot)
{
    memcpy(md->by_id.type, snapshot->type, md->atoms);
    for (int k = 0; k < 3; k++) {
        memcpy(md->by_id.position[k], snapshot->position[k], md->atoms * sizeof(int64_t));
        memcpy(md->by_id.velocity[k], snapshot->velocity[k], md->atoms * sizeof(double));
    }
    md_step_scatter(md);
}

enum status md_load(struct md *md, const struct snapshot *snapshot, struct error *err)
{
    enum status status = check_snapshot(md, snapshot, err);
    if (status != STATUS_OK)
        return status;
    static const double none[SNAPSHOT_THERMOSTAT_MAX] = {0};
    set_box(md, snapshot->box);
    place_atoms(md, snapshot);
    thermostat_load(&md->thermostat, snapshot->thermostat_count != 0 ? snapshot->thermostat : none);
    md->step = snapshot->step;
    md->scale = 1.0;
    md->builds_since_sort = 0;
    return md_step_prepare(md, err);
}

static void store_tile(const struct tile *tile, double scale, struct snapshot *snapshot)
{
    for (size_t slot = 0; slot < tile->own_atoms; slot++) {
        uint32_t id = tile->id[slot];
        snapshot->type[id] = tile->type[slot];
        for (int k = 0; k < 3; k++) {
            snapshot->position[k][id] = tile->position_fine[md_place(slot, k)];
            snapshot->velocity[k][id] = scale * tile->velocity[md_place(slot, k)];
        }
    }
}

enum status md_store(const struct md *md, struct snapshot *out_snapshot, struct error *err)
{
    struct snapshot snapshot;
    enum status status = snapshot_init(&snapshot, md->atoms, err);
    if (status != STATUS_OK)
        return status;
    snapshot.step = md->step;
    memcpy(snapshot.box, md->box, sizeof snapshot.box);
    snapshot.thermostat_count = thermostat_store(&md->thermostat, snapshot.thermostat);
    for (uint32_t n = 0; n < md->tile_count; n++)
        store_tile(&md->tiles[n], md->scale, &snapshot);
    *out_snapshot = snapshot;
    return STATUS_OK;
}

static void set_velocities(struct md *md, struct tile *tile)
{
    for (size_t slot = 0; slot < tile->own_atoms; slot++)
        for (int k = 0; k < 3; k++)
            tile->velocity[md_place(slot, k)] = md->by_id.velocity[k][tile->id[slot]];
}

/* In the order of ids, so that the sums do not depend on the sort. */
static void remove_momentum(struct md *md)
{
    const double *mass = md->rules.potential.mass;
    for (int k = 0; k < 3; k++) {
        double momentum = 0.0;
        for (uint32_t id = 0; id < md->atoms; id++)
            momentum += mass[md->by_id.type[id]] * md->by_id.velocity[k][id];
        for (uint32_t id = 0; id < md->atoms; id++)
            md->by_id.velocity[k][id] -= momentum / md->mass_total;
    }
}

static void draw_velocity(struct md *md, uint32_t id, double temperature)
{
    const struct rng_place place = {md->setup.seed, STREAM_VELOCITY, md->step, md->setup.replica.value};
    double sigma = sqrt(temperature / md->rules.potential.mass[md->by_id.type[id]]), normal[4];
    rng_normal_pair(place, 2 * id, normal);
    rng_normal_pair(place, 2 * id + 1, normal + 2);
    for (int k = 0; k < 3; k++)
        md->by_id.velocity[k][id] = sigma * normal[k];
}

void md_draw_velocities(struct md *md, double temperature)
{
    static const double none[SNAPSHOT_THERMOSTAT_MAX] = {0};
    md_step_gather(md);
    for (uint32_t id = 0; id < md->atoms; id++)
        draw_velocity(md, id, temperature);
    remove_momentum(md);
    md_for_tiles(md, set_velocities);
    thermostat_load(&md->thermostat, none);
    md->scale = 1.0;
    md_step_measure(md);
}

void md_rescale_velocities(struct md *md, double temperature_before, double temperature_after)
{
    double factor = md->scale * sqrt(temperature_after / temperature_before);
    for (uint32_t n = 0; n < md->tile_count; n++)
        for (size_t at = 0; at < (size_t)md->tiles[n].own * CLUSTER_BLOCK; at++)
            md->tiles[n].velocity[at] *= factor;
    md->scale = 1.0;
    md_step_measure(md);
}

/* Sums of tiles are added in their order, whatever the number of threads. */
static void sum_tiles(const struct md *md, double *out_energy, double *out_virial)
{
    double energy = 0.0, virial = 0.0;
#pragma omp parallel for schedule(static) num_threads(md->setup.threads) if (md->tile_count > 1)
    for (uint32_t n = 0; n < md->tile_count; n++)
        tile_sum(&md->tiles[n], md->tiles, &md->rules, md->box);
    for (uint32_t n = 0; n < md->tile_count; n++) {
        energy += md->tiles[n].energy;
        virial += md->tiles[n].virial;
    }
    *out_energy = energy;
    *out_virial = virial;
}

enum status md_observe(const struct md *md, struct md_observables *out, struct error *err)
{
    double energy, virial;
    sum_tiles(md, &energy, &virial);
    if (!isfinite(energy) || !isfinite(virial))
        return error_set(err, STATUS_PHYSICS, "the energy is not finite: two atoms are at the same place");
    *out = (struct md_observables){
        .energy_potential = energy,
        .energy_kinetic = md->kinetic,
        .virial = virial,
        .temperature = 2.0 * md->kinetic / md->thermostat.freedom,
        .pressure = (2.0 * md->kinetic + virial) / (3.0 * md->box[0] * md->box[1] * md->box[2]),
    };
    return STATUS_OK;
}

struct md_statistics md_statistics(const struct md *md)
{
    struct md_statistics statistics = {.builds = md->builds, .prunes = md->prunes};
    for (uint32_t n = 0; n < md->tile_count; n++) {
        const struct tile *tile = &md->tiles[n];
        statistics.entries += 2 * (uint64_t)tile->order_count; /* with themselves */
        for (uint32_t m = 0; m < tile->order_count; m++)
            statistics.entries += 2 * (uint64_t)tile->met[tile->order[m]];
    }
    return statistics;
}
