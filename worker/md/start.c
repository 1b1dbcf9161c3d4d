#include "worker/md/start.h"

#include "common/rng.h"

#include <math.h>

static void place_on_site(struct snapshot *snapshot, uint32_t atom, uint64_t site, uint64_t sites)
{
    const uint64_t place[3] = {site % sites, site / sites % sites, site / sites / sites};
    for (int k = 0; k < 3; k++)
        snapshot->position[k][atom] = (int64_t)((place[k] << SNAPSHOT_FRACTION_BITS) / sites);
}

static void set_edges(struct snapshot *snapshot, double volume, const double proportions[3])
{
    double edge = 0x1p-3;
    while (edge * edge * edge * proportions[0] * proportions[1] * proportions[2] < volume)
        edge *= 2.0;
    for (int n = 0; n < 60; n++) /* Newton's method for the cube root: no libm, the same bits everywhere */
        edge -= (edge - volume / (proportions[0] * proportions[1] * proportions[2] * edge * edge)) / 3.0;
    for (int k = 0; k < 3; k++)
        snapshot->box[k] = edge * proportions[k];
}

enum status start_lattice(const struct md_setup *setup, const double proportions[3], struct snapshot *out,
                          struct error *err)
{
    const struct system_spec *system = &setup->system;
    enum status status = snapshot_init(out, system->atoms, err);
    if (status != STATUS_OK)
        return status;
    uint64_t sites = 1;
    while (sites * sites * sites < system->atoms)
        sites++;
    set_edges(out, system->volume_per_atom * (double)system->atoms, proportions);
    uint32_t small = 0;
    for (uint32_t atom = 0; atom < system->atoms; atom++) {
        place_on_site(out, atom, (uint64_t)atom * sites * sites * sites / system->atoms, sites);
        const struct rng_place draw = {setup->seed, STREAM_BUILD, 0, setup->replica.value};
        double left = (double)(system->atoms - atom), small_left = (double)(system->atoms_small - small);
        bool is_small = rng_uniform(draw, atom) * left < small_left;
        out->type[atom] = is_small ? ATOM_SMALL : ATOM_LARGE;
        small += is_small;
    }
    return STATUS_OK;
}
