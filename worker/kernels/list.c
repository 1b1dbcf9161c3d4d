/* list.c - which clusters each pair of rows meets.
 *
 * list_build finds all pairs of clusters whose bounding boxes come within the radius, in two levels (groups of eight
 * clusters, then clusters), and lists either the pairs of rows of the one against the other, or the reverse, whichever
 * needs fewer entries. list_prune keeps the entries of such a list that hold a pair of atoms within a smaller radius
 * now. Boxes are kept relative to a first atom, so that wraparound is harmless; rounding only ever enlarges them. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes.h"

struct extremes {
    int64_t low, high; /* relative to where the box begins */
};

static void box_set(struct boxes *boxes, int k, uint32_t n, uint32_t origin, struct extremes e)
{
    size_t at = (size_t)k * boxes->stride + n;
    boxes->center[at] = origin + (uint32_t)(uint64_t)((e.low + e.high) >> 1);
    boxes->extent[at] = (float)((e.high - e.low) / 2 + 2) * 1.000001f + 1024.0f;
}

static void bound_cluster(const uint32_t *p, struct boxes *boxes, int k, uint32_t n)
{
    struct extremes e = {0, 0};
    for (int l = 1; l < CLUSTER_ATOMS; l++) {
        int32_t d = (int32_t)(p[l] - p[0]);
        e.low = d < e.low ? d : e.low;
        e.high = d > e.high ? d : e.high;
    }
    box_set(boxes, k, n, p[0], e);
}

/* The box of clusters first .. end - 1. One that would reach around the whole system has the largest extent. */
static void bound_group(const struct boxes *clusters, uint32_t first, uint32_t end, struct boxes *groups, int k)
{
    const uint32_t *center = clusters->center + (size_t)k * clusters->stride;
    const float *extent = clusters->extent + (size_t)k * clusters->stride;
    struct extremes e = {0, 0};
    for (uint32_t n = first; n < end; n++) {
        int64_t d = (int32_t)(center[n] - center[first]), half = (int64_t)extent[n];
        e.low = d - half < e.low ? d - half : e.low;
        e.high = d + half > e.high ? d + half : e.high;
    }
    box_set(groups, k, first / CLUSTER_ATOMS, center[first], e);
}

void KERNEL(bound)(const uint32_t *position, uint32_t clusters, struct boxes *out_clusters, struct boxes *out_groups);

void KERNEL(bound)(const uint32_t *position, uint32_t clusters, struct boxes *out_clusters, struct boxes *out_groups)
{
    for (int k = 0; k < 3; k++) {
        for (uint32_t n = 0; n < clusters; n++)
            bound_cluster(position + n * (size_t)CLUSTER_BLOCK + k * CLUSTER_ATOMS, out_clusters, k, n);
        for (uint32_t n = 0; n < clusters; n += CLUSTER_ATOMS)
            bound_group(out_clusters, n, clusters - n < CLUSTER_ATOMS ? clusters : n + CLUSTER_ATOMS, out_groups, k);
    }
}

struct box {
    uint32_t center[3];
    float extent[3];
};

static struct box box_get(const struct boxes *boxes, uint32_t n)
{
    struct box box;
    for (int k = 0; k < 3; k++) {
        box.center[k] = boxes->center[(size_t)k * boxes->stride + n];
        box.extent[k] = boxes->extent[(size_t)k * boxes->stride + n];
    }
    return box;
}

/* Which of the eight boxes from `first` on (a multiple of 8) come within the radius of the box. */
LANES_INLINE unsigned boxes_near(const struct boxes *boxes, uint32_t first, const struct box *box,
                                 const struct list_build *job)
{
    const float ratio[3] = {1.0f, job->metric.ratio_y, job->metric.ratio_z};
    lanes_f sum = lanes_set(0.0f);
    for (int k = 0; k < 3; k++) {
        size_t at = (size_t)k * boxes->stride + first;
        lanes_f d = lanes_difference(lanes_set_u(box->center[k]), lanes_load_u(boxes->center + at));
        d = (lanes_f)((lanes_i)d & 0x7fffffff) - (lanes_set(box->extent[k]) + lanes_load(boxes->extent + at));
        d = lanes_where(d > lanes_set(0.0f), d) * lanes_set(ratio[k]);
        sum = lanes_fma(d, d, sum);
    }
    return lanes_bits(lanes_below(sum, lanes_set(job->radius_sq)));
}

enum { PACKS = 2 / PACK_ROWS };

/* A pair of rows in registers, as one pack or as two. */
struct row_pair {
    pack_u x[PACKS], y[PACKS], z[PACKS];
};

LANES_INLINE struct row_pair row_pair_load(const uint32_t *rows)
{
    struct row_pair pair;
    for (int k = 0; k < PACKS; k++) {
        pair.x[k] = pack_rows(rows + k);
        pair.y[k] = pack_rows(rows + k + 8);
        pair.z[k] = pack_rows(rows + k + 16);
    }
    return pair;
}

LANES_INLINE uint32_t pack_near(const struct row_pair *pair, int k, const uint32_t *cluster,
                                const struct list_build *job, bool cubic)
{
    pack_f x = pack_difference(pair->x[k], pack_spread(cluster));
    pack_f y = pack_difference(pair->y[k], pack_spread(cluster + 8));
    pack_f z = pack_difference(pair->z[k], pack_spread(cluster + 16));
    if (!cubic) {
        y *= pack_set(job->metric.ratio_y);
        z *= pack_set(job->metric.ratio_z);
    }
    return pack_bits(pack_below(pack_fma(z, z, pack_fma(y, y, x * x)), pack_set(job->radius_sq)));
}

/* The columns of a cluster that a pair of rows has within the radius: eight bits for each row. */
LANES_INLINE uint32_t pair_near(const struct row_pair *pair, const uint32_t *cluster, const struct list_build *job,
                                bool cubic)
{
    uint32_t bits = pack_near(pair, 0, cluster, job, cubic);
    if (PACKS == 2)
        bits |= pack_near(pair, PACKS - 1, cluster, job, cubic) << CLUSTER_ATOMS;
    return bits;
}

/* Four bits, one for each two of the eight. */
static unsigned pairs_of(unsigned lanes)
{
    unsigned both = lanes | lanes >> 1;
    return (both & 1) | (both >> 1 & 2) | (both >> 2 & 4) | (both >> 3 & 8);
}

/* Atoms that only fill up the last own cluster are nobody's rows, unless beside one that is an atom. */
static unsigned real_pairs(const struct list_build *job, uint32_t cluster)
{
    if (cluster + 1 != job->own)
        return 0xf;
    return pairs_of((1u << (job->own_atoms - cluster * CLUSTER_ATOMS)) - 1);
}

/* A cluster that looks for others. */
struct seeker {
    uint32_t cluster;
    struct box box;
    struct row_pair pairs[CLUSTER_PAIRS];
};

static struct seeker seeker_make(const struct list_build *job, uint32_t cluster)
{
    struct seeker seeker = {.cluster = cluster, .box = box_get(&job->cluster_boxes, cluster)};
    const uint32_t *p = job->position + cluster * (size_t)CLUSTER_BLOCK;
    for (size_t n = 0; n < CLUSTER_PAIRS; n++)
        seeker.pairs[n] = row_pair_load(p + 2 * n);
    return seeker;
}

/* Which pairs of rows of the seeker meet the cluster, and of the cluster the seeker. */
LANES_INLINE void look(const struct list_build *job, const struct seeker *seeker, uint32_t cluster, unsigned *out_rows,
                       unsigned *out_columns, bool cubic)
{
    unsigned rows = 0;
    uint32_t columns = 0;
    for (unsigned n = 0; n < CLUSTER_PAIRS; n++) {
        uint32_t bits = pair_near(&seeker->pairs[n], job->position + cluster * (size_t)CLUSTER_BLOCK, job, cubic);
        rows |= (unsigned)(bits != 0) << n;
        columns |= bits;
    }
    *out_rows = rows & real_pairs(job, seeker->cluster);
    *out_columns = pairs_of((columns | columns >> CLUSTER_ATOMS) & 0xff) & real_pairs(job, cluster);
}

static bool add_pair(struct list_build *job, uint32_t *count, const struct seeker *seeker, uint32_t cluster)
{
    unsigned rows, columns;
    if (job->metric.cubic)
        look(job, seeker, cluster, &rows, &columns, true);
    else
        look(job, seeker, cluster, &rows, &columns, false);
    /* All ones where the other way needs fewer entries: which it is cannot be guessed, so there is no branch. */
    unsigned reverse = 0u - (unsigned)(__builtin_popcount(columns) < __builtin_popcount(rows));
    unsigned swap = (seeker->cluster ^ cluster) & reverse;
    struct near_clusters found = {
        .rows = (uint16_t)(seeker->cluster ^ swap),
        .columns = (uint16_t)(cluster ^ swap),
        .mask = (uint8_t)(rows ^ ((rows ^ columns) & reverse)),
    };
    if (found.mask == 0)
        return true;
    if (*count == job->found_capacity)
        return false;
    job->found[(*count)++] = found;
    return true;
}

/* All clusters of one group that the seeker meets. */
static bool meet_group(struct list_build *job, uint32_t *count, const struct seeker *seeker, uint32_t group)
{
    uint32_t first = group * CLUSTER_ATOMS;
    unsigned near = boxes_near(&job->cluster_boxes, first, &seeker->box, job);
    if (first <= seeker->cluster)
        near &= ~0u << (seeker->cluster + 1 - first);
    if (job->clusters - first < CLUSTER_ATOMS)
        near &= (1u << (job->clusters - first)) - 1;
    for (; near != 0; near &= near - 1)
        if (!add_pair(job, count, seeker, first + (uint32_t)__builtin_ctz(near)))
            return false;
    return true;
}

static bool meet_all(struct list_build *job, uint32_t *count, uint32_t cluster)
{
    const struct seeker seeker = seeker_make(job, cluster);
    uint32_t groups = (job->clusters + CLUSTER_ATOMS - 1) / CLUSTER_ATOMS;
    uint32_t group_first = (cluster + 1) / CLUSTER_ATOMS;
    for (uint32_t first = group_first / 8 * 8; first < groups; first += 8) {
        unsigned near = boxes_near(&job->group_boxes, first, &seeker.box, job);
        if (first < group_first)
            near &= ~0u << (group_first - first);
        if (groups - first < 8)
            near &= (1u << (groups - first)) - 1;
        for (; near != 0; near &= near - 1)
            if (!meet_group(job, count, &seeker, first + (uint32_t)__builtin_ctz(near)))
                return false;
    }
    return true;
}

/* Counting sort of the clusters found into lists by pairs of rows. Which pairs a mask holds cannot be guessed, so there
 * is no branch on it: what does not belong goes into one spare place at the end of each list. */
static bool sort_found(const struct list_build *job, uint32_t count, struct row_list *out)
{
    uint32_t pairs = job->clusters * CLUSTER_PAIRS, at = 0;
    memset(out->count, 0, pairs * sizeof *out->count);
    for (uint32_t n = 0; n < count; n++)
        for (uint32_t k = 0; k < CLUSTER_PAIRS; k++)
            out->count[job->found[n].rows * CLUSTER_PAIRS + k] += job->found[n].mask >> k & 1;
    for (uint32_t pair = 0; pair < pairs; pair++) {
        out->first[pair] = at;
        at += out->count[pair] + 1;
        out->count[pair] = 0;
    }
    if (at > out->capacity)
        return false;
    for (uint32_t n = 0; n < count; n++)
        for (uint32_t k = 0; k < CLUSTER_PAIRS; k++) {
            uint32_t pair = job->found[n].rows * CLUSTER_PAIRS + k;
            out->entries[out->first[pair] + out->count[pair]] = job->found[n].columns;
            out->count[pair] += job->found[n].mask >> k & 1;
        }
    return true;
}

bool KERNEL(list_build)(struct list_build *job, struct row_list *out);

bool KERNEL(list_build)(struct list_build *job, struct row_list *out)
{
    uint32_t count = 0;
    for (uint32_t a = 0; a < job->own; a++)
        if (!meet_all(job, &count, a))
            return false;
    return sort_found(job, count, out);
}

static uint32_t pad_row(uint16_t *entries, uint32_t count, uint32_t nobody)
{
    while (count < ROW_ENTRIES_MIN)
        entries[count++] = (uint16_t)nobody;
    return count;
}

/* One pair of rows, kept as one list (two rows in a pack) or as two. Returns where the next list begins. */
LANES_INLINE uint32_t prune_pair(const struct list_build *job, const struct row_list *from, uint32_t pair,
                                 struct row_list *out, uint32_t at, uint32_t *out_met, bool cubic)
{
    uint32_t atom = 2 * pair, count = from->count[pair];
    const uint16_t *entries = from->entries + from->first[pair];
    const struct row_pair rows =
        row_pair_load(job->position + (size_t)(atom / CLUSTER_ATOMS) * CLUSTER_BLOCK + atom % CLUSTER_ATOMS);
    uint16_t *kept[2] = {out->entries + at, out->entries + at + count + ROW_ENTRIES_MIN};
    uint32_t n[2] = {0, 0}, met = 0;
    for (uint32_t e = 0; e < count; e++) {
        uint32_t bits = pair_near(&rows, job->position + entries[e] * (size_t)CLUSTER_BLOCK, job, cubic);
        kept[0][n[0]] = entries[e];
        n[0] += PACKS == 1 ? bits != 0 : (bits & 0xff) != 0;
        if (PACKS == 2) {
            kept[1][n[1]] = entries[e];
            n[1] += bits >> CLUSTER_ATOMS != 0;
            met += bits != 0;
        }
    }
    *out_met = PACKS == 1 ? n[0] : met;
    for (uint32_t k = 0; k < PACKS; k++) {
        uint32_t padded = pad_row(kept[k], n[k], job->nobody);
        if (k == 1)
            memmove(out->entries + at, kept[1], padded * sizeof *kept[1]);
        out->first[pair * PACKS + k] = at;
        out->count[pair * PACKS + k] = padded;
        at += padded;
    }
    return at;
}

void KERNEL(list_prune)(const struct list_build *job, const struct row_list *from, struct row_list *out,
                        uint32_t *out_met);

void KERNEL(list_prune)(const struct list_build *job, const struct row_list *from, struct row_list *out,
                        uint32_t *out_met)
{
    uint32_t at = 0, pairs = job->clusters * CLUSTER_PAIRS;
    for (uint32_t pair = 0; pair < pairs; pair++)
        at = job->metric.cubic ? prune_pair(job, from, pair, out, at, out_met + pair, true)
                               : prune_pair(job, from, pair, out, at, out_met + pair, false);
}
