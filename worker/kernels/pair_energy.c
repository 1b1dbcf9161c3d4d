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

/* Eight lanes in as many registers as the machine needs: a part is one register's worth of them. */
#if defined(__AVX512F__)
enum { PART_LANES = 8 };
#elif defined(__AVX__)
enum { PART_LANES = 4 };
#else
enum { PART_LANES = 2 };
#endif
enum { PARTS = CLUSTER_ATOMS / PART_LANES };

typedef double part_d __attribute__((vector_size(8 * PART_LANES)));
typedef int64_t part_l __attribute__((vector_size(8 * PART_LANES)));

#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE part_d load(const double *p)
{
    return *(const part_d *)p;
}

LANES_INLINE part_d where(part_l mask, part_d v)
{
    return (part_d)(mask & (part_l)v);
}

LANES_INLINE double sum(const part_d v[PARTS])
{
    double l[CLUSTER_ATOMS];
    memcpy(l, v, sizeof l);
    return ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]));
}

LANES_INLINE part_d root(part_d v)
{
    part_d r;
    for (int l = 0; l < PART_LANES; l++)
        r[l] = __builtin_sqrt(v[l]);
    return r;
}

struct sums {
    part_d energy[PARTS], virial[PARTS];
};

struct row {
    double position[3];
    part_d force_x[PARTS], force_y[PARTS], force_z[PARTS];
};

static const int64_t lanes_index[CLUSTER_ATOMS] __attribute__((aligned(64))) = {0, 1, 2, 3, 4, 5, 6, 7};

/* One row atom against one part of a cluster; `mask` leaves out lanes (an atom's own cluster). */
LANES_INLINE void meet_part(const struct pair_energy *job, struct row *row, struct sums *sums, const double *k,
                            const double *p, double *f, const double from[3], part_l mask, int part, bool slope)
{
    const part_d x = from[0] - load(p), y = from[1] - load(p + 8), z = from[2] - load(p + 16);
    const part_d r_sq = x * x + y * y + z * z;
    mask &= r_sq < job->cutoff_sq;
    const part_d w = where(mask, 1.0 / r_sq);
    const part_d w_3 = w * w * w;
    const part_d repulsion = load(k) * w_3, attraction = load(k + 8);
    part_d energy = (repulsion - attraction) * w_3 - where(mask, load(k + 16));
    part_d g = (12.0 * repulsion - 6.0 * attraction) * (w_3 * w);
    if (slope) {
        const part_d r = root(r_sq), s = load(k + 24);
        energy -= where(mask, s * (r - job->cutoff));
        g += where(mask, s / r);
    }
    const part_d fx = g * x, fy = g * y, fz = g * z;
    sums->energy[part] += energy;
    sums->virial[part] += g * r_sq;
    row->force_x[part] += fx;
    row->force_y[part] += fy;
    row->force_z[part] += fz;
    *(part_d *)f = load(f) - fx;
    *(part_d *)(f + 8) = load(f + 8) - fy;
    *(part_d *)(f + 16) = load(f + 16) - fz;
}

/* `own`: the lane of the row's atom in this cluster, of which only the lanes after it count; -1 in other clusters. */
LANES_INLINE void meet(const struct pair_energy *job, struct row *row, struct sums *sums, const double *coefficient,
                       uint32_t cluster, const double *shift, int64_t own, bool slope)
{
    const double *p = job->position + (size_t)cluster * CLUSTER_BLOCK;
    double *f = job->force + (size_t)cluster * CLUSTER_BLOCK;
    const double *k = coefficient + (size_t)cluster * ENERGY_BLOCK;
    const double from[3] = {row->position[0] - shift[0], row->position[1] - shift[1], row->position[2] - shift[2]};
    for (int part = 0; part < PARTS; part++) {
        const int lane = part * PART_LANES;
        meet_part(job, row, sums, k + lane, p + lane, f + lane, from, *(const part_l *)(lanes_index + lane) > own, part,
                  slope);
    }
}
static const double no_shift[3];

LANES_INLINE void add_row(const struct pair_energy *job, uint32_t atom, struct sums *sums, bool slope)
{
    const uint32_t cluster = atom / CLUSTER_ATOMS, lane = atom % CLUSTER_ATOMS;
    const size_t at = (size_t)cluster * CLUSTER_BLOCK + lane;
    const double *coefficient = job->coefficient + job->type[atom] * (size_t)job->clusters * ENERGY_BLOCK;
    struct row row = {.position = {job->position[at], job->position[at + 8], job->position[at + 16]}};
    meet(job, &row, sums, coefficient, cluster, no_shift, lane, slope);
    for (uint32_t n = job->first[atom]; n < job->first[atom + 1]; n++)
        meet(job, &row, sums, coefficient, job->entries[n].cluster, job->shift + 3 * (size_t)job->entries[n].image, -1,
             slope);
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
