#include "worker/md/force.h"

#include "common/mem.h"
#include "worker/md/cells.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { FORCE_PARALLEL_ATOMS_MIN = 4096 }; /* below, a team costs more than it brings */

/* What one atom feels; energies and virial are half of each pair's. */
struct atom_sums {
    double force[3];
    double energy, energy_truncated, virial;
};

static void add_pair(const struct potential *potential, int type_a, int type_b, const double d[3], double r_sq,
                     struct atom_sums *sums)
{
    double force_over_r;
    const double energy = potential_pair(potential, type_a, type_b, r_sq, &force_over_r);
    const double slope = potential->slope[type_a][type_b];
    double cut = potential->shift[type_a][type_b];
    if (slope != 0.0)
        cut += slope * (sqrt(r_sq) - potential->cutoff);
    for (int k = 0; k < 3; k++)
        sums->force[k] += force_over_r * d[k];
    sums->energy += 0.5 * energy;
    sums->energy_truncated += 0.5 * (energy + cut);
    sums->virial += 0.5 * force_over_r * r_sq;
}

/* The atom in slot `self` of a neighbourhood against everything else in it. */
static struct atom_sums sum_atom(const struct potential *potential, const uint8_t *type,
                                 const struct neighbourhood *near, uint32_t self)
{
    struct atom_sums sums = {0};
    const double cutoff_sq = potential->cutoff * potential->cutoff;
    const double x = near->position[0][self], y = near->position[1][self], z = near->position[2][self];
    const int type_self = type[near->atom[self]];
    for (uint32_t n = 0; n < near->count; n++) {
        const double d[3] = {x - near->position[0][n], y - near->position[1][n], z - near->position[2][n]};
        const double r_sq = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        if (r_sq < cutoff_sq && n != self)
            add_pair(potential, type_self, type[near->atom[n]], d, r_sq, &sums);
    }
    return sums;
}

static enum status sum_cell(const struct potential *potential, const struct cells *cells, uint32_t cell,
                            struct neighbourhood *near, struct atom_sums *atoms, struct error *err)
{
    const uint32_t first = cells->first[cell], count = cells->first[cell + 1] - first;
    if (count == 0)
        return STATUS_OK;
    enum status status = neighbourhood_collect(near, cells, cell, potential->cutoff, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t n = 0; n < count; n++)
        atoms[cells->atom[first + n]] = sum_atom(potential, cells->configuration->type, near, near->home + n);
    return STATUS_OK;
}

/* Every atom's sums are made by one thread in one order, so the team's size changes no bit. */
static enum status sum_cells(const struct potential *potential, const struct cells *cells, struct atom_sums *atoms,
                             struct error *err)
{
    enum status failure = STATUS_OK;
    const int threads = cells->configuration->atoms < FORCE_PARALLEL_ATOMS_MIN ? 1 : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
    {
        struct neighbourhood near = {0};
        struct error error;
        enum status status = STATUS_OK;
#pragma omp for schedule(static)
        for (uint32_t cell = 0; cell < cells->total; cell++)
            if (status == STATUS_OK)
                status = sum_cell(potential, cells, cell, &near, atoms, &error);
        neighbourhood_finish(&near);
        if (status != STATUS_OK) {
#pragma omp critical
            {
                failure = status;
                if (err)
                    *err = error;
            }
        }
    }
    return failure;
}

static struct force_sums total_of(const struct atom_sums *atoms, uint32_t count)
{
    struct force_sums sums = {0};
    for (uint32_t i = 0; i < count; i++) {
        sums.energy += atoms[i].energy;
        sums.energy_truncated += atoms[i].energy_truncated;
        sums.virial += atoms[i].virial;
    }
    return sums;
}

enum status force_compute(const struct potential *potential, const struct configuration *configuration,
                          double *const out_force[3], double *out_energy_per_atom, struct force_sums *out_sums,
                          struct error *err)
{
    struct atom_sums *atoms = mem_alloc_array(configuration->atoms, sizeof *atoms);
    if (!atoms)
        return mem_error(err, "forces");
    struct cells cells = {0};
    enum status status = cells_init(&cells, configuration, 0.5 * potential->cutoff, err);
    if (status != STATUS_OK)
        goto done;
    if ((status = sum_cells(potential, &cells, atoms, err)) != STATUS_OK)
        goto done;
    const struct force_sums sums = total_of(atoms, configuration->atoms);
    if (!isfinite(sums.energy) || !isfinite(sums.virial)) {
        status = error_set(err, STATUS_PHYSICS, "the energy is not finite: two atoms are at the same place");
        goto done;
    }
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        for (int k = 0; k < 3; k++)
            out_force[k][i] = atoms[i].force[k];
        if (out_energy_per_atom)
            out_energy_per_atom[i] = atoms[i].energy;
    }
    *out_sums = sums;
done:
    cells_finish(&cells);
    mem_free(atoms);
    return status;
}
