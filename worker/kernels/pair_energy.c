/* pair_energy.c - energy, forces and virial of all pairs within the cutoff, in double precision: what the minimiser
 * descends on.
 *
 *     V   = (c12 W^3 - c6) W^3 - shift - slope (r - r_c)         W = 1/r^2
 *     F/r = (12 c12 W^3 - 6 c6) W^4 + slope / r
 *
 * As in pair_force.c a row is one atom and an entry is a cluster of eight, but positions are plain doubles and an entry
 * names the periodic image: the cluster is met where it stands, shifted by that image. So a box of any size is right.
 * Plain +, -, *, / in a fixed order: the same bits from every build. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"

#include <math.h>
#include <string.h>

typedef double lanes_d __attribute__((vector_size(64)));
typedef int64_t lanes_l __attribute__((vector_size(64)));

#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE lanes_d load(const double *p)
{
    return *(const lanes_d *)p;
}

LANES_INLINE lanes_d set(double x)
{
    return (lanes_d){x, x, x, x, x, x, x, x};
}

LANES_INLINE lanes_d where(lanes_l mask, lanes_d v)
{
    return (lanes_d)(mask & (lanes_l)v);
}

LANES_INLINE double sum(lanes_d v)
{
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

LANES_INLINE lanes_d root(lanes_d v)
{
    lanes_d r;
    for (int l = 0; l < 8; l++)
        r[l] = __builtin_sqrt(v[l]);
    return r;
}

struct sums {
    lanes_d energy, virial;
};

struct row {
    double x, y, z;
    lanes_d force_x, force_y, force_z;
};

/* One row atom against one cluster; `mask` leaves out lanes (an atom's own cluster). */
LANES_INLINE void meet(const struct pair_energy *job, struct row *row, struct sums *sums, const double *coefficient,
                       uint32_t cluster, const double *shift, lanes_l mask, bool slope)
{
    const double *p = job->position + (size_t)cluster * CLUSTER_BLOCK;
    double *f = job->force + (size_t)cluster * CLUSTER_BLOCK;
    const double *k = coefficient + (size_t)cluster * ENERGY_BLOCK;
    const lanes_d x = set(row->x - shift[0]) - load(p);
    const lanes_d y = set(row->y - shift[1]) - load(p + 8);
    const lanes_d z = set(row->z - shift[2]) - load(p + 16);
    const lanes_d r_sq = x * x + y * y + z * z;
    mask &= r_sq < set(job->cutoff_sq);
    const lanes_d w = where(mask, 1.0 / r_sq);
    const lanes_d w_3 = w * w * w;
    const lanes_d repulsion = load(k) * w_3, attraction = load(k + 8);
    lanes_d energy = (repulsion - attraction) * w_3 - where(mask, load(k + 16));
    lanes_d g = (12.0 * repulsion - 6.0 * attraction) * (w_3 * w);
    if (slope) {
        const lanes_d r = root(r_sq), s = load(k + 24);
        energy -= where(mask, s * (r - job->cutoff));
        g += where(mask, s / r);
    }
    const lanes_d fx = g * x, fy = g * y, fz = g * z;
    sums->energy += energy;
    sums->virial += g * r_sq;
    row->force_x += fx;
    row->force_y += fy;
    row->force_z += fz;
    *(lanes_d *)f = load(f) - fx;
    *(lanes_d *)(f + 8) = load(f + 8) - fy;
    *(lanes_d *)(f + 16) = load(f + 16) - fz;
}

static const lanes_l every_lane = {-1, -1, -1, -1, -1, -1, -1, -1};
static const double no_shift[3];

/* Lanes after `lane`. */
LANES_INLINE lanes_l lanes_after(uint32_t lane)
{
    const lanes_l index = {0, 1, 2, 3, 4, 5, 6, 7};
    const int64_t l = lane;
    return index > (lanes_l){l, l, l, l, l, l, l, l};
}

LANES_INLINE void add_row(const struct pair_energy *job, uint32_t atom, struct sums *sums, bool slope)
{
    const uint32_t cluster = atom / CLUSTER_ATOMS, lane = atom % CLUSTER_ATOMS;
    const size_t at = (size_t)cluster * CLUSTER_BLOCK + lane;
    const double *coefficient = job->coefficient + job->type[atom] * (size_t)job->clusters * ENERGY_BLOCK;
    struct row row = {.x = job->position[at], .y = job->position[at + 8], .z = job->position[at + 16]};
    meet(job, &row, sums, coefficient, cluster, no_shift, lanes_after(lane), slope);
    for (uint32_t n = job->first[atom]; n < job->first[atom + 1]; n++)
        meet(job, &row, sums, coefficient, job->entries[n].cluster, job->shift + 3 * (size_t)job->entries[n].image,
             every_lane, slope);
    job->force_row[3 * (size_t)atom] = sum(row.force_x);
    job->force_row[3 * (size_t)atom + 1] = sum(row.force_y);
    job->force_row[3 * (size_t)atom + 2] = sum(row.force_z);
}

void KERNEL(pair_energy)(const struct pair_energy *job, double *out_energy, double *out_virial);

void KERNEL(pair_energy)(const struct pair_energy *job, double *out_energy, double *out_virial)
{
    struct sums sums = {0};
    memset(job->force, 0, (size_t)job->clusters * CLUSTER_BLOCK * sizeof(double));
    for (uint32_t atom = 0; atom < job->atoms; atom++)
        if (job->has_slope)
            add_row(job, atom, &sums, true);
        else
            add_row(job, atom, &sums, false);
    for (uint32_t atom = 0; atom < job->atoms; atom++) {
        double *f = job->force + (size_t)(atom / CLUSTER_ATOMS) * CLUSTER_BLOCK + atom % CLUSTER_ATOMS;
        for (size_t k = 0; k < 3; k++)
            f[8 * k] += job->force_row[3 * (size_t)atom + k];
    }
    *out_energy = sum(sums.energy);
    *out_virial = sum(sums.virial);
}
