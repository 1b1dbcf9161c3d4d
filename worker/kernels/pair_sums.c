/* pair_sums.c - energy and virial of all pairs within the cutoff, in double precision: what is reported of a state.
 *
 *     V     = (c12 W^3 - c6) W^3 - shift - slope (r - r_c)        W = 1/r^2
 *     r . f = (12 c12 W^3 - 6 c6) W^3 + slope r
 *
 * Distances come from the full 48 bits of the positions, exactly up to one rounding; which of two types a lane has
 * picks its coefficients. Plain +, -, *, / and sqrt, row after row and lane by lane: lanes that do not count add zeros,
 * so neither the instruction set nor the way it keeps its lists changes a bit. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes_double.h"

typedef uint8_t part_b __attribute__((vector_size(PART_LANES)));

struct row {
    int64_t position[3];
    const struct pair_coefficients *with; /* [2], each type of lane */
};

struct sums {
    part_d energy[PARTS], virial[PARTS];
};

LANES_INLINE part_d where(part_l mask, part_d v)
{
    return (part_d)(mask & (part_l)v);
}

LANES_INLINE part_d pick(part_l mask, double yes, double no)
{
    const part_d zero = {0};
    return (part_d)((mask & (part_l)(zero + yes)) | (~mask & (part_l)(zero + no)));
}

LANES_INLINE part_d root(part_d v)
{
    part_d r;
    for (int l = 0; l < PART_LANES; l++)
        r[l] = __builtin_sqrt(v[l]);
    return r;
}

/* Minimum image of the difference, in units of 2^-48 edges. The low 48 bits, turned from a signed number d into
 * d + 2^47, are put under the exponent of 2^52, from where a subtraction that is exact makes them a double: every
 * machine can do that, where few can convert 64-bit integers. */
LANES_INLINE part_d difference(int64_t a, const int64_t *b)
{
    const part_l d = a - *(const part_l *)b;
    const part_l bits = ((d & INT64_C(0xffffffffffff)) ^ (INT64_C(1) << 47)) | INT64_C(0x4330000000000000);
    return (part_d)bits - (0x1p52 + 0x1p47);
}

static const int64_t lane_numbers[LANES] __attribute__((aligned(64))) = {0, 1, 2, 3, 4, 5, 6, 7};

/* One row against part of a cluster, of which the lanes after `after` count. */
LANES_INLINE void meet_part(const struct pair_sums *job, const struct row *row, struct sums *sums, size_t cluster,
                            int64_t after, int part, bool has_slope)
{
    const size_t lane = (size_t)part * PART_LANES;
    const int64_t *p = job->position_fine + cluster * CLUSTER_BLOCK + lane;
    const part_l type = __builtin_convertvector(*(const part_b *)(job->type + cluster * CLUSTER_ATOMS + lane), part_l);
    const part_d x = difference(row->position[0], p) * job->unit[0];
    const part_d y = difference(row->position[1], p + 8) * job->unit[1];
    const part_d z = difference(row->position[2], p + 16) * job->unit[2];
    const part_d r_sq = x * x + y * y + z * z;
    const part_l small = type == 1;
    const part_l mask = (r_sq < job->cutoff_sq) & (type < 2) & (*(const part_l *)(lane_numbers + lane) > after);
    const struct pair_coefficients *k0 = &row->with[0], *k1 = &row->with[1];
    const part_d w = 1.0 / r_sq, w_3 = w * w * w;
    const part_d repulsion = pick(small, k1->c12, k0->c12) * w_3, attraction = pick(small, k1->c6, k0->c6);
    part_d energy = (repulsion - attraction) * w_3 - pick(small, k1->shift, k0->shift);
    part_d virial = (12.0 * repulsion - 6.0 * attraction) * w_3;
    if (has_slope) {
        const part_d r = root(r_sq), slope = pick(small, k1->slope, k0->slope);
        energy -= slope * (r - job->cutoff);
        virial += slope * r;
    }
    sums->energy[part] += where(mask, energy);
    sums->virial[part] += where(mask, virial);
}

LANES_INLINE void meet(const struct pair_sums *job, const struct row *row, struct sums *sums, size_t cluster,
                       int64_t after, bool has_slope)
{
    for (int part = 0; part < PARTS; part++)
        meet_part(job, row, sums, cluster, after, part, has_slope);
}

LANES_INLINE void add_row(const struct pair_sums *job, uint32_t atom, const uint16_t *entries, uint32_t count,
                          struct sums *sums, bool has_slope)
{
    const size_t cluster = atom / CLUSTER_ATOMS, lane = atom % CLUSTER_ATOMS;
    const int64_t *p = job->position_fine + cluster * CLUSTER_BLOCK + lane;
    if (job->type[atom] > 1)
        return;
    const struct row row = {.position = {p[0], p[8], p[16]}, .with = job->coefficient[job->type[atom]]};
    if (cluster < job->own)
        meet(job, &row, sums, cluster, (int64_t)lane, has_slope);
    for (uint32_t n = 0; n < count; n++)
        meet(job, &row, sums, entries[n], -1, has_slope);
}

LANES_INLINE void add_all(const struct pair_sums *job, struct sums *sums, bool has_slope)
{
    for (uint32_t n = 0; n < 2 * job->order_count; n++) {
        const uint32_t atom = 2 * job->order[n / 2] + n % 2, list = atom / PACK_ROWS;
        add_row(job, atom, job->list->entries + job->list->first[list], job->list->count[list], sums, has_slope);
    }
}

void KERNEL(pair_sums)(const struct pair_sums *job, double *out_energy, double *out_virial);

void KERNEL(pair_sums)(const struct pair_sums *job, double *out_energy, double *out_virial)
{
    struct sums sums = {0};
    if (job->has_slope)
        add_all(job, &sums, true);
    else
        add_all(job, &sums, false);
    *out_energy = part_sum(sums.energy);
    *out_virial = part_sum(sums.virial);
}
