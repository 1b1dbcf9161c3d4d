/* list.c - which clusters each row meets.
 *
 * list_build finds all pairs of clusters whose bounding boxes come within the radius, and lists either the atoms of the
 * one as rows against the other, or the reverse, whichever needs fewer entries. list_prune keeps the entries of such a
 * list that hold a pair within a smaller radius now. Bounding boxes are kept relative to a first atom, so that
 * wraparound is harmless; rounding only ever enlarges them. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes.h"

/* r^2 of one atom to a cluster, in three differences and two fused multiply-adds. */
LANES_INLINE lanes_f row_distance_sq(const uint32_t *atom, const uint32_t *cluster, const struct metric *metric)
{
    lanes_f x = lanes_difference(lanes_set_u(atom[0]), lanes_load_u(cluster));
    lanes_f y = lanes_difference(lanes_set_u(atom[8]), lanes_load_u(cluster + 8)) * lanes_set(metric->ratio_y);
    lanes_f z = lanes_difference(lanes_set_u(atom[16]), lanes_load_u(cluster + 16)) * lanes_set(metric->ratio_z);
    return lanes_fma(z, z, lanes_fma(y, y, x * x));
}

static void bound_cluster(const uint32_t *p, uint32_t *center, float *extent)
{
    int64_t low = 0, high = 0;
    for (int l = 1; l < CLUSTER_ATOMS; l++) {
        int32_t d = (int32_t)(p[l] - p[0]);
        low = d < low ? d : low;
        high = d > high ? d : high;
    }
    *center = p[0] + (uint32_t)(int32_t)((low + high) >> 1);
    *extent = (float)((high - low) / 2 + 2) * 1.000001f + 1024.0f;
}

static void bound_clusters(const struct list_build *job)
{
    size_t stride = job->clusters + CLUSTER_ATOMS;
    for (int k = 0; k < 3; k++) {
        for (uint32_t c = 0; c < job->clusters; c++)
            bound_cluster(job->position + c * (size_t)CLUSTER_BLOCK + k * CLUSTER_ATOMS, job->center + k * stride + c,
                          job->extent + k * stride + c);
        for (uint32_t c = job->clusters; c < stride; c++)
            job->extent[k * stride + c] = 0.0f;
    }
}

/* Which of the eight clusters from `first` on come within the radius of cluster c, by their boxes. */
static unsigned boxes_near(const struct list_build *job, uint32_t c, uint32_t first)
{
    size_t stride = job->clusters + CLUSTER_ATOMS;
    const float ratio[3] = {1.0f, job->metric.ratio_y, job->metric.ratio_z};
    lanes_f sum = lanes_set(0.0f);
    for (size_t k = 0; k < 3; k++) {
        const uint32_t *center = job->center + k * stride;
        const float *extent = job->extent + k * stride;
        lanes_u others;
        lanes_f reach;
        memcpy(&others, center + first, sizeof others);
        memcpy(&reach, extent + first, sizeof reach);
        lanes_f d = lanes_difference(lanes_set_u(center[c]), others);
        d = (lanes_f)((lanes_i)d & 0x7fffffff) - (lanes_set(extent[c]) + reach);
        d = lanes_where(d > lanes_set(0.0f), d) * lanes_set(ratio[k]);
        sum = lanes_fma(d, d, sum);
    }
    return lanes_bits(lanes_below(sum, lanes_set(job->radius_sq)));
}

/* Rows of cluster a with an atom of b within the radius, and the reverse. */
static void rows_and_columns(const struct list_build *job, uint32_t a, uint32_t b, unsigned *out_rows,
                             unsigned *out_columns)
{
    const uint32_t *pa = job->position + a * (size_t)CLUSTER_BLOCK;
    const uint32_t *pb = job->position + b * (size_t)CLUSTER_BLOCK;
    unsigned rows = 0, columns = 0;
    for (unsigned l = 0; l < CLUSTER_ATOMS; l++) {
        unsigned bits = lanes_bits(lanes_below(row_distance_sq(pa + l, pb, &job->metric), lanes_set(job->radius_sq)));
        rows |= (unsigned)(bits != 0) << l;
        columns |= bits;
    }
    *out_rows = rows;
    *out_columns = columns;
}

/* Atoms that only fill up the last cluster are nobody's rows. */
static unsigned real_lanes(const struct list_build *job, uint32_t cluster)
{
    uint32_t left = job->atoms - cluster * CLUSTER_ATOMS;
    return left >= CLUSTER_ATOMS ? 0xff : (1u << left) - 1;
}

struct visit {
    const struct list_build *job;
    struct row_list *list;
    uint32_t stride; /* of a row's entries while the list is made */
    bool full;
};

static void add_rows(struct visit *visit, uint32_t rows_of, unsigned rows, uint32_t cluster)
{
    for (; rows != 0; rows &= rows - 1) {
        uint32_t atom = rows_of * CLUSTER_ATOMS + (uint32_t)__builtin_ctz(rows);
        uint32_t n = visit->list->count[atom];
        if (n == visit->stride) {
            visit->full = true;
            return;
        }
        visit->list->entries[(size_t)atom * visit->stride + n] = cluster;
        visit->list->count[atom] = n + 1;
    }
}

static void add_pair(struct visit *visit, uint32_t a, uint32_t b)
{
    unsigned rows, columns;
    rows_and_columns(visit->job, a, b, &rows, &columns);
    rows &= real_lanes(visit->job, a);
    columns &= real_lanes(visit->job, b);
    if (__builtin_popcount(columns) < __builtin_popcount(rows))
        add_rows(visit, b, columns, a);
    else
        add_rows(visit, a, rows, b);
}

bool KERNEL(list_build)(const struct list_build *job, struct row_list *out);

bool KERNEL(list_build)(const struct list_build *job, struct row_list *out)
{
    struct visit visit = {.job = job, .list = out, .stride = out->entries_capacity / (job->clusters * CLUSTER_ATOMS)};
    bound_clusters(job);
    for (uint32_t atom = 0; atom < job->clusters * CLUSTER_ATOMS; atom++) {
        out->first[atom] = atom * visit.stride;
        out->count[atom] = 0;
    }
    for (uint32_t a = 0; a < job->clusters; a++)
        for (uint32_t first = a + 1; first < job->clusters; first += CLUSTER_ATOMS) {
            unsigned near = boxes_near(job, a, first);
            if (job->clusters - first < CLUSTER_ATOMS)
                near &= (1u << (job->clusters - first)) - 1;
            for (; near != 0; near &= near - 1)
                add_pair(&visit, a, first + (uint32_t)__builtin_ctz(near));
        }
    return !visit.full;
}

enum { ROW_ENTRIES_MIN = 3 }; /* what the force kernel's pipeline needs */

static uint32_t prune_row(const struct list_build *job, const uint32_t *atom, const uint32_t *from, uint32_t count,
                          uint32_t *restrict out)
{
    lanes_f radius_sq = lanes_set(job->radius_sq);
    uint32_t kept = 0;
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t *cluster = job->position + from[n] * (size_t)CLUSTER_BLOCK;
        out[kept] = from[n];
        kept += lanes_bits(lanes_below(row_distance_sq(atom, cluster, &job->metric), radius_sq)) != 0;
    }
    while (kept < ROW_ENTRIES_MIN)
        out[kept++] = job->clusters;
    return kept;
}

void KERNEL(list_prune)(const struct list_build *job, const struct row_list *from, struct row_list *out);

void KERNEL(list_prune)(const struct list_build *job, const struct row_list *from, struct row_list *out)
{
    uint32_t at = 0;
    for (uint32_t atom = 0; atom < job->atoms; atom++) {
        const uint32_t *p = job->position + (size_t)(atom / CLUSTER_ATOMS) * CLUSTER_BLOCK + atom % CLUSTER_ATOMS;
        out->first[atom] = at;
        out->count[atom] = prune_row(job, p, from->entries + from->first[atom], from->count[atom], out->entries + at);
        at += out->count[atom];
    }
}
