/* pair_force.c - forces of all pairs within the cutoff: the only copy of the formula.
 *
 *     F/r = (a W^3 - b) W^4,    W = 1/r^2,  a = 12 c12,  b = 6 c6       (V = c12 r^-12 - c6 r^-6)
 *
 * plus V'(r_c) sqrt(W) where the force is shifted. An entry is one row atom against the eight atoms of a cluster. The
 * distance stage (differences, r^2, the division) of an entry runs four entries ahead of its force stage, so that the
 * latency of the division is hidden; the fences hold the compilers to that order. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes.h"

struct columns {
    const uint32_t *position;
    float *force;
    const float *coefficient;
    const float *slope;
};

struct row {
    lanes_u x, y, z;
    lanes_f force_x, force_y, force_z;
};

struct constants {
    lanes_f cutoff_sq, units_sq, ratio_y, ratio_z;
};

/* An entry between its two stages. */
struct near {
    lanes_f x, y, z; /* separation, units */
    lanes_f w;       /* 1/r^2 within the cutoff, else 0; sigma^-2 */
    uint32_t cluster;
};

LANES_INLINE struct near near_make(const struct columns *columns, const struct row *row, const struct constants *c,
                                   uint32_t cluster, bool cubic)
{
    const uint32_t *p = columns->position + (size_t)cluster * CLUSTER_BLOCK;
    struct near near = {.cluster = cluster};
    near.x = lanes_difference(row->x, lanes_load_u(p));
    near.y = lanes_difference(row->y, lanes_load_u(p + 8));
    near.z = lanes_difference(row->z, lanes_load_u(p + 16));
    if (!cubic) {
        near.y *= c->ratio_y;
        near.z *= c->ratio_z;
    }
    lanes_f r_sq = lanes_fma(near.z, near.z, lanes_fma(near.y, near.y, near.x * near.x));
    near.w = lanes_where(lanes_below(r_sq, c->cutoff_sq), c->units_sq / r_sq);
    LANES_FENCE();
    return near;
}

LANES_INLINE void near_apply(const struct columns *columns, struct row *row, const struct near *near, bool shifted)
{
    const float *k = columns->coefficient + (size_t)near->cluster * COEFFICIENT_BLOCK;
    float *f = columns->force + (size_t)near->cluster * CLUSTER_BLOCK;
    lanes_f w_2 = near->w * near->w;
    lanes_f g = lanes_fma(lanes_load(k), w_2 * near->w, -lanes_load(k + 8)) * (w_2 * w_2);
    if (shifted)
        g = lanes_fma(lanes_load(columns->slope + (size_t)near->cluster * CLUSTER_ATOMS), lanes_sqrt(near->w), g);
    lanes_f x = g * near->x, y = g * near->y, z = g * near->z;
    row->force_x += x;
    row->force_y += y;
    row->force_z += z;
    lanes_store(f, lanes_load(f) - x);
    lanes_store(f + 8, lanes_load(f + 8) - y);
    lanes_store(f + 16, lanes_load(f + 16) - z);
    LANES_FENCE();
}

/* Lanes of an atom's own cluster that come after it: each pair within a cluster is taken once. */
static const int32_t own_lanes[CLUSTER_ATOMS][CLUSTER_ATOMS] __attribute__((aligned(32))) = {
    {0, -1, -1, -1, -1, -1, -1, -1}, {0, 0, -1, -1, -1, -1, -1, -1}, {0, 0, 0, -1, -1, -1, -1, -1},
    {0, 0, 0, 0, -1, -1, -1, -1},    {0, 0, 0, 0, 0, -1, -1, -1},    {0, 0, 0, 0, 0, 0, -1, -1},
    {0, 0, 0, 0, 0, 0, 0, -1},       {0, 0, 0, 0, 0, 0, 0, 0},
};

LANES_INLINE void row_entries(const struct columns *columns, struct row *row, const struct constants *c, uint32_t atom,
                              const uint32_t *entry, const uint32_t *end, bool cubic, bool shifted)
{
#define MAKE(cluster) near_make(columns, row, c, cluster, cubic)
#define APPLY(n)      near_apply(columns, row, &n, shifted)
    struct near n0 = MAKE(atom / CLUSTER_ATOMS);
    n0.w = lanes_where(*(const lanes_i *)own_lanes[atom % CLUSTER_ATOMS], n0.w);
    struct near n1 = MAKE(entry[0]);
    struct near n2 = MAKE(entry[1]);
    struct near n3 = MAKE(entry[2]);
    for (entry += 3; entry + 4 <= end; entry += 4) {
        APPLY(n0);
        n0 = MAKE(entry[0]);
        APPLY(n1);
        n1 = MAKE(entry[1]);
        APPLY(n2);
        n2 = MAKE(entry[2]);
        APPLY(n3);
        n3 = MAKE(entry[3]);
    }
    for (; entry < end; entry++) {
        APPLY(n0);
        n0 = n1;
        n1 = n2;
        n2 = n3;
        n3 = MAKE(entry[0]);
    }
    APPLY(n0);
    APPLY(n1);
    APPLY(n2);
    APPLY(n3);
#undef MAKE
#undef APPLY
}

LANES_INLINE void rows_run(const struct pair_force *job, bool cubic, bool shifted)
{
    const struct constants c = {lanes_set(job->cutoff_sq), lanes_set(job->metric.units_sq),
                                lanes_set(job->metric.ratio_y), lanes_set(job->metric.ratio_z)};
    size_t stride = job->clusters + 1;
    for (uint32_t n = 0; n < job->rows; n++) {
        uint32_t atom = job->order[n];
        const uint32_t *p = job->position + (size_t)(atom / CLUSTER_ATOMS) * CLUSTER_BLOCK + atom % CLUSTER_ATOMS;
        const struct columns columns = {
            .position = job->position,
            .force = job->force,
            .coefficient = job->coefficient + job->type[atom] * stride * COEFFICIENT_BLOCK,
            .slope = shifted ? job->slope + job->type[atom] * stride * CLUSTER_ATOMS : NULL,
        };
        struct row row = {.x = lanes_set_u(p[0]), .y = lanes_set_u(p[8]), .z = lanes_set_u(p[16])};
        const uint32_t *entry = job->list->entries + job->list->first[atom];
        row_entries(&columns, &row, &c, atom, entry, entry + job->list->count[atom], cubic, shifted);
        lanes_sum3(row.force_x, row.force_y, row.force_z, job->force_row + 4 * (size_t)atom);
    }
}

void KERNEL(pair_force)(const struct pair_force *job);

void KERNEL(pair_force)(const struct pair_force *job)
{
    memset(job->force, 0, (size_t)(job->clusters + 1) * CLUSTER_BLOCK * sizeof(float));
    if (job->slope != NULL)
        rows_run(job, false, true);
    else if (job->metric.cubic)
        rows_run(job, true, false);
    else
        rows_run(job, false, false);
}
