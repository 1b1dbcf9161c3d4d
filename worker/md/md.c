/* md.c - the life of a struct md: creation, loading, storing, observing. The step loop is md_run.c. */
#include "worker/md/md.h"

#include "common/mem.h"
#include "worker/md/configuration.h"
#include "worker/md/force.h"
#include "worker/md/md_state.h"
#include "worker/md/md_statistics.h"
#include "worker/md/md_step.h"

#include <math.h>
#include <string.h>

static const double skin_outer_best = 0.5, skin_inner_best = 0.2;

/* The skins, as far as the box lets them: cutoff + outer skin must stay within half of the smallest edge. */
static void choose_skins(struct pairlist_setup *list, double half_edge)
{
    double room = half_edge - list->cutoff;
    list->skin_outer = room < skin_outer_best ? room : skin_outer_best;
    list->skin_inner = skin_inner_best < 0.5 * list->skin_outer ? skin_inner_best : 0.5 * list->skin_outer;
}

static enum status check_room(const struct md_setup *setup, double half_edge, struct error *err)
{
    double need = setup->system.cutoff + pairlist_skin_min;
    if (half_edge >= need)
        return STATUS_OK;
    double volume = 8.0 * need * need * need;
    return error_set(err, STATUS_INVALID,
                     "half the box, %.4g, is less than the cutoff and the list's skin, %.4g + %.4g: at this volume per "
                     "atom a cubic box needs at least %.0f atoms, not %u",
                     half_edge, setup->system.cutoff, pairlist_skin_min, ceil(volume / setup->system.volume_per_atom),
                     setup->system.atoms);
}

static bool allocate(struct md *md)
{
    size_t slots = (size_t)md->clusters * CLUSTER_ATOMS, padded = slots + CLUSTER_ATOMS;
    struct md_scratch *scratch = &md->scratch;
    for (int k = 0; k < 3; k++)
        scratch->coordinate[k] = mem_alloc_aligned(slots, sizeof(uint32_t));
    md->slope = mem_alloc_aligned(2 * padded, sizeof(float));
    return (md->velocity = mem_alloc_aligned(3 * slots, sizeof(double))) &&
           (md->kick = mem_alloc_aligned(3 * slots, sizeof(double))) &&
           (md->position_fine = mem_alloc_aligned(3 * slots, sizeof(int64_t))) &&
           (md->position = mem_alloc_aligned(3 * padded, sizeof(uint32_t))) &&
           (md->force = mem_alloc_aligned(3 * padded, sizeof(float))) &&
           (md->force_row = mem_alloc_aligned(4 * slots, sizeof(float))) &&
           (md->coefficient = mem_alloc_aligned(2 * 2 * padded, sizeof(float))) &&
           (md->mass = mem_alloc_aligned(slots, sizeof(double))) &&
           (md->mass_inverse = mem_alloc_aligned(slots, sizeof(double))) &&
           (md->type = mem_alloc_aligned(slots, sizeof(uint8_t))) &&
           (md->id = mem_alloc_aligned(slots, sizeof(uint32_t))) &&
           (scratch->items = mem_alloc_aligned(slots, sizeof(uint32_t))) &&
           (scratch->keys = mem_alloc_aligned(slots, sizeof(struct order_key))) &&
           (scratch->velocity = mem_alloc_aligned(3 * slots, sizeof(double))) &&
           (scratch->fine = mem_alloc_aligned(3 * slots, sizeof(int64_t))) &&
           (scratch->id = mem_alloc_aligned(slots, sizeof(uint32_t))) &&
           (scratch->type = mem_alloc_aligned(slots, sizeof(uint8_t))) && scratch->coordinate[0] &&
           scratch->coordinate[1] && scratch->coordinate[2] && md->slope;
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
    md->potential = potential_make(setup->system.potential, setup->system.cut, setup->system.cutoff);
    md->atoms = setup->system.atoms;
    md->clusters = (md->atoms + CLUSTER_ATOMS - 1) / CLUSTER_ATOMS;
    md->list_setup = (struct pairlist_setup){
        .atoms = md->atoms,
        .clusters = md->clusters,
        .cutoff = setup->system.cutoff,
        .skin_outer = skin_outer_best,
        .skin_inner = skin_inner_best,
        .density = 1.0 / setup->system.volume_per_atom,
    };
    md->thermostat = thermostat_make(&setup->dynamics, md->atoms);
    status = allocate(md) ? pairlist_init(&md->list, &md->list_setup, err) : mem_error(err, "molecular dynamics");
    if (status != STATUS_OK)
        md_destroy(&md);
    else
        *out_md = md;
    return status;
}

static void finish_scratch(struct md_scratch *scratch)
{
    for (int k = 0; k < 3; k++)
        mem_free(scratch->coordinate[k]);
    mem_free(scratch->items);
    mem_free(scratch->keys);
    mem_free(scratch->velocity);
    mem_free(scratch->fine);
    mem_free(scratch->id);
    mem_free(scratch->type);
}

void md_destroy(struct md **owner)
{
    if (!owner || !*owner)
        return;
    struct md *md = *owner;
    pairlist_finish(&md->list);
    finish_scratch(&md->scratch);
    mem_free(md->velocity);
    mem_free(md->kick);
    mem_free(md->position_fine);
    mem_free(md->position);
    mem_free(md->force);
    mem_free(md->force_row);
    mem_free(md->coefficient);
    mem_free(md->slope);
    mem_free(md->mass);
    mem_free(md->mass_inverse);
    mem_free(md->type);
    mem_free(md->id);
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

static size_t block_place(size_t slot, int k)
{
    return slot / CLUSTER_ATOMS * CLUSTER_BLOCK + (size_t)k * CLUSTER_ATOMS + slot % CLUSTER_ATOMS;
}

static void set_box(struct md *md, const double box[3])
{
    memcpy(md->box, box, sizeof md->box);
    choose_skins(&md->list_setup, 0.5 * smallest_edge(box));
    double unit = 0x1p32 / box[0];
    struct metric metric = {
        .cubic = box[0] == box[1] && box[0] == box[2],
        .ratio_y = (float)(box[1] / box[0]),
        .ratio_z = (float)(box[2] / box[0]),
        .units_sq = (float)(unit * unit),
    };
    pairlist_set_metric(&md->list, &md->list_setup, &metric);
    /* Numbers beyond this have exploded: an atom would move an eighth of the box in a step. */
    double farthest = 0.125 * smallest_edge(box) / md->setup.dynamics.dt;
    md->kinetic_max = 0.25 * farthest * farthest;
}

static void place_atoms(struct md *md, const struct snapshot *snapshot)
{
    for (size_t slot = 0; slot < md->atoms; slot++) {
        md->id[slot] = (uint32_t)slot;
        md->type[slot] = snapshot->type[slot];
        for (int k = 0; k < 3; k++) {
            md->position_fine[block_place(slot, k)] = snapshot->position[k][slot];
            md->velocity[block_place(slot, k)] = snapshot->velocity[k][slot];
        }
    }
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
    md_step_sort(md);
    return md_step_prepare(md, err);
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
    for (size_t slot = 0; slot < md->atoms; slot++) {
        uint32_t id = md->id[slot];
        snapshot.type[id] = md->type[slot];
        for (int k = 0; k < 3; k++) {
            snapshot.position[k][id] = md->position_fine[block_place(slot, k)];
            snapshot.velocity[k][id] = md->scale * md->velocity[block_place(slot, k)];
        }
    }
    *out_snapshot = snapshot;
    return STATUS_OK;
}

static void draw_velocity(const struct rng_place place, uint32_t id, double sigma, double *velocity)
{
    double normal[4];
    rng_normal_pair(place, 2 * id, normal);
    rng_normal_pair(place, 2 * id + 1, normal + 2);
    for (int k = 0; k < 3; k++)
        velocity[k * CLUSTER_ATOMS] = sigma * normal[k];
}

static void remove_momentum(struct md *md)
{
    double mass = 0.0;
    for (size_t slot = 0; slot < md->atoms; slot++)
        mass += md->mass[slot];
    for (int k = 0; k < 3; k++) {
        double momentum = 0.0;
        for (size_t slot = 0; slot < md->atoms; slot++)
            momentum += md->mass[slot] * md->velocity[block_place(slot, k)];
        for (size_t slot = 0; slot < md->atoms; slot++)
            md->velocity[block_place(slot, k)] -= momentum / mass;
    }
}

void md_draw_velocities(struct md *md, double temperature)
{
    static const double none[SNAPSHOT_THERMOSTAT_MAX] = {0};
    struct rng_place place = {md->setup.seed, STREAM_VELOCITY, md->step, md->setup.replica.value};
    for (size_t slot = 0; slot < md->atoms; slot++)
        draw_velocity(place, md->id[slot], sqrt(temperature * md->mass_inverse[slot]),
                      md->velocity + block_place(slot, 0));
    remove_momentum(md);
    thermostat_load(&md->thermostat, none);
    md->scale = 1.0;
    md_step_measure(md);
}

void md_rescale_velocities(struct md *md, double temperature_before, double temperature_after)
{
    double factor = md->scale * sqrt(temperature_after / temperature_before);
    for (size_t n = 0; n < (size_t)md->clusters * CLUSTER_BLOCK; n++)
        md->velocity[n] *= factor;
    md->scale = 1.0;
    md_step_measure(md);
}

static enum status observe(const struct md *md, const struct configuration *configuration, double *const force[3],
                           struct md_observables *out, struct error *err)
{
    struct force_sums sums;
    enum status status = force_compute(&md->potential, configuration, force, NULL, &sums, err);
    if (status != STATUS_OK)
        return status;
    double volume = md->box[0] * md->box[1] * md->box[2];
    out->energy_potential = sums.energy;
    out->energy_kinetic = md->kinetic;
    out->virial = sums.virial;
    out->temperature = 2.0 * md->kinetic / md->thermostat.freedom;
    out->pressure = (2.0 * md->kinetic + sums.virial) / (3.0 * volume);
    return STATUS_OK;
}

enum status md_observe(const struct md *md, struct md_observables *out, struct error *err)
{
    struct snapshot snapshot;
    struct configuration configuration;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = configuration_from_snapshot(&snapshot, &configuration, err);
    if (status != STATUS_OK)
        goto finish_snapshot;
    double *forces = mem_alloc_array(3 * (size_t)md->atoms, sizeof(double));
    if (forces) {
        double *const force[3] = {forces, forces + md->atoms, forces + 2 * (size_t)md->atoms};
        status = observe(md, &configuration, force, out, err);
    } else {
        status = mem_error(err, "forces");
    }
    mem_free(forces);
    configuration_finish(&configuration);
finish_snapshot:
    snapshot_finish(&snapshot);
    return status;
}

struct md_statistics md_statistics(const struct md *md)
{
    struct md_statistics statistics = {.entries = md->atoms, .builds = md->list.builds, .prunes = md->list.prunes};
    for (uint32_t atom = 0; atom < md->atoms; atom++)
        statistics.entries += md->list.inner.count[atom];
    return statistics;
}
