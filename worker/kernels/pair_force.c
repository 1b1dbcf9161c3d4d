/* pair_force.c - forces of all pairs within the cutoff: the only copy of the formula.
 *
 *     F/r = (a W^3 - b) W^4,    W = 1/r^2,  a = 12 c12,  b = 6 c6       (V = c12 r^-12 - c6 r^-6)
 *
 * plus V'(r_c) sqrt(W) where the force is shifted. An entry is a pack of rows against the eight atoms of a cluster. The
 * distance stage of an entry (differences, r^2, the division) runs three entries ahead of its force stage, so that the
 * latency of the division is hidden; the fences hold the compilers to that order. Rows and columns collect F/r times
 * the separation, fused, and the columns' sign is turned when all is collected. Lanes outside the cutoff add zeros,
 * which change no bit; so lists may hold more than they need. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes.h"

struct columns {
    const uint32_t *position;
    float *force;
    const float *coefficient[2]; /* for the type of each row of the pack */
};

struct rows {
    pack_u x, y, z;
    pack_f force_x, force_y, force_z;
};

struct constants {
    pack_f cutoff_sq, units_sq, ratio_y, ratio_z;
};

/* An entry between its two stages. */
struct near {
    pack_f x, y, z; /* separation, units */
    pack_f w;       /* 1/r^2, sigma^-2 */
    pack_mask mask; /* within the cutoff */
    size_t at;      /* of the cluster's vectors */
};

LANES_INLINE struct near near_make(const struct columns *columns, const struct rows *rows, const struct constants *c,
                                   size_t cluster, bool cubic)
{
    struct near near = {.at = cluster * CLUSTER_BLOCK};
    const uint32_t *p = columns->position + near.at;
    near.x = pack_difference(rows->x, pack_spread(p));
    near.y = pack_difference(rows->y, pack_spread(p + 8));
    near.z = pack_difference(rows->z, pack_spread(p + 16));
    if (!cubic) {
        near.y *= c->ratio_y;
        near.z *= c->ratio_z;
    }
    pack_f r_sq = pack_fma(near.z, near.z, pack_fma(near.y, near.y, near.x * near.x));
    near.mask = pack_below(r_sq, c->cutoff_sq);
    near.w = pack_mask_early(near.mask, c->units_sq / r_sq);
    LANES_FENCE();
    return near;
}

LANES_INLINE pack_f force_over_r(const struct columns *columns, const struct near *near, bool shifted)
{
    const float *k0 = columns->coefficient[0] + near->at, *k1 = columns->coefficient[1] + near->at;
    pack_f w = near->w, w_2 = w * w;
    pack_f steep = pack_fma(pack_pick(k0, k1), w_2 * w, -pack_pick(k0 + 8, k1 + 8));
    if (!shifted)
        return pack_multiply_late(near->mask, steep, w_2 * w_2);
    pack_f slope = pack_pick(k0 + 16, k1 + 16);
    return pack_multiply_late(near->mask, pack_fma(slope, pack_sqrt(w), steep * (w_2 * w_2)), pack_set(1.0f));
}

LANES_INLINE void near_apply(const struct columns *columns, struct rows *rows, const struct near *near, bool shifted)
{
    float *f = columns->force + 2 * near->at;
    pack_f g = force_over_r(columns, near, shifted);
    rows->force_x = pack_fma(g, near->x, rows->force_x);
    rows->force_y = pack_fma(g, near->y, rows->force_y);
    rows->force_z = pack_fma(g, near->z, rows->force_z);
    pack_store(f, pack_fma(g, near->x, pack_load(f)));
    pack_store(f + 16, pack_fma(g, near->y, pack_load(f + 16)));
    pack_store(f + 32, pack_fma(g, near->z, pack_load(f + 32)));
    LANES_FENCE();
}

/* Lanes of an atom's own cluster that come after it, eight bits for each row from there on: each pair within a cluster
 * is taken once. */
static const uint16_t own_lanes[CLUSTER_ATOMS] = {0xfcfe, 0xf8fc, 0xf0f8, 0xe0f0, 0xc0e0, 0x80c0, 0x0080, 0x0000};

struct entries {
    size_t own_cluster;
    uint32_t own_mask;
    const uint16_t *first, *end;
};

LANES_INLINE void rows_meet(const struct columns *columns, struct rows *rows, const struct constants *c,
                            struct entries entries, bool cubic, bool shifted)
{
#define MAKE(cluster) near_make(columns, rows, c, cluster, cubic)
#define APPLY(near)   near_apply(columns, rows, &near, shifted)
    const uint16_t *entry = entries.first, *end = entries.end;
    struct near n0 = MAKE(entries.own_cluster);
    n0.mask = pack_mask_and_bits(n0.mask, entries.own_mask);
    n0.w = pack_mask_early(n0.mask, n0.w);
    struct near n1 = MAKE(entry[0]);
    struct near n2 = MAKE(entry[1]);
    for (entry += 2; entry + 3 <= end; entry += 3) {
        APPLY(n0);
        n0 = MAKE(entry[0]);
        APPLY(n1);
        n1 = MAKE(entry[1]);
        APPLY(n2);
        n2 = MAKE(entry[2]);
    }
    APPLY(n0);
    if (entry < end)
        n0 = MAKE(entry[0]);
    APPLY(n1);
    if (entry + 1 < end)
        n1 = MAKE(entry[1]);
    APPLY(n2);
    if (entry < end)
        APPLY(n0);
    if (entry + 1 < end)
        APPLY(n1);
#undef MAKE
#undef APPLY
}

/* The columns as seen from the pack that begins with this atom. Even and odd rows have halves of the force block of
 * their own. */
LANES_INLINE struct columns columns_for(const struct pair_force *job, uint32_t atom)
{
    size_t block = (size_t)job->stride * CLUSTER_BLOCK;
    return (struct columns){
        .position = job->position,
        .force = job->force + atom % 2 * CLUSTER_ATOMS,
        .coefficient = {job->coefficient + job->type[atom] * block,
                        job->coefficient + job->type[atom + PACK_ROWS - 1] * block},
    };
}

LANES_INLINE void pack_meet(const struct pair_force *job, const struct constants *c, uint32_t pack, bool cubic,
                            bool shifted)
{
    uint32_t atom = pack * PACK_ROWS, cluster = atom / CLUSTER_ATOMS;
    const uint32_t *p = job->position + (size_t)cluster * CLUSTER_BLOCK + atom % CLUSTER_ATOMS;
    const struct columns columns = columns_for(job, atom);
    const uint16_t *first = job->list->entries + job->list->first[pack];
    const struct entries entries = {
        .own_cluster = cluster,
        .own_mask = cluster < job->own ? own_lanes[atom % CLUSTER_ATOMS] : 0,
        .first = first,
        .end = first + job->list->count[pack],
    };
    struct rows rows = {.x = pack_rows(p), .y = pack_rows(p + 8), .z = pack_rows(p + 16)};
    rows_meet(&columns, &rows, c, entries, cubic, shifted);
    pack_sum3(rows.force_x, rows.force_y, rows.force_z,
              job->force_row + (size_t)cluster * CLUSTER_BLOCK + atom % CLUSTER_ATOMS);
}

LANES_INLINE void tile_meet(const struct pair_force *job, bool cubic, bool shifted)
{
    const struct constants c = {pack_set(job->cutoff_sq), pack_set(job->metric.units_sq), pack_set(job->metric.ratio_y),
                                pack_set(job->metric.ratio_z)};
    enum { PACKS = 2 / PACK_ROWS };
    for (uint32_t n = 0; n < job->order_count; n++)
        for (uint32_t k = 0; k < PACKS; k++)
            pack_meet(job, &c, job->order[n] * PACKS + k, cubic, shifted);
}

void KERNEL(pair_force)(const struct pair_force *job);

void KERNEL(pair_force)(const struct pair_force *job)
{
    memset(job->force, 0, (size_t)job->clusters * FORCE_BLOCK * sizeof(float));
    if (job->force_shifted)
        tile_meet(job, false, true);
    else if (job->metric.cubic)
        tile_meet(job, true, false);
    else
        tile_meet(job, false, false);
}
