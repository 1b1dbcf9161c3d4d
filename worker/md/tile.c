#include "worker/md/tile.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

static bool boxes_init(struct boxes *boxes, uint32_t count)
{
    boxes->stride = (count + 7) / 8 * 8;
    boxes->center = mem_alloc_aligned(3 * (size_t)boxes->stride, sizeof(uint32_t));
    boxes->extent = mem_alloc_aligned(3 * (size_t)boxes->stride, sizeof(float));
    return boxes->center && boxes->extent;
}

static void boxes_finish(struct boxes *boxes)
{
    mem_free(boxes->center);
    mem_free(boxes->extent);
}

static bool row_list_init(struct row_list *rows, size_t count, uint32_t capacity)
{
    rows->first = mem_alloc_aligned(count, sizeof *rows->first);
    rows->count = mem_alloc_aligned(count, sizeof *rows->count);
    rows->entries = mem_alloc_aligned(capacity, sizeof *rows->entries);
    rows->capacity = capacity;
    return rows->first && rows->count && rows->entries;
}

static void row_list_finish(struct row_list *rows)
{
    mem_free(rows->first);
    mem_free(rows->count);
    mem_free(rows->entries);
}

/* Clusters within reach of a tile, itself included: a cube that may be twice as long one way, and the shell about it.
 */
static uint32_t clusters_within_reach(const struct tile_size *size)
{
    double edge = cbrt(size->own_max * CLUSTER_ATOMS / size->density);
    double shell = size->reach + 2.0 * cbrt(CLUSTER_ATOMS / size->density);
    double volume = (2.0 * edge + 2.0 * shell) * (edge + 2.0 * shell) * (edge + 2.0 * shell);
    double clusters = 0.75 * volume * size->density / CLUSTER_ATOMS;
    return clusters < (double)size->clusters ? (uint32_t)clusters : size->clusters;
}

/* Pairs of clusters that one cluster can have: those whose boxes come within reach. */
static uint32_t cluster_pairs_each(const struct tile_size *size)
{
    double radius = size->reach + 2.0 * cbrt(CLUSTER_ATOMS / size->density);
    double clusters = 4.19 * radius * radius * radius * size->density / CLUSTER_ATOMS + 8.0;
    return clusters < (double)size->clusters ? (uint32_t)clusters : size->clusters;
}

static bool init_own(struct tile *tile, size_t clusters)
{
    return (tile->velocity = mem_alloc_aligned(clusters * CLUSTER_BLOCK, sizeof(double))) &&
           (tile->kick = mem_alloc_aligned(clusters * CLUSTER_BLOCK, sizeof(double))) &&
           (tile->mass = mem_alloc_aligned(clusters * CLUSTER_ATOMS, sizeof(double))) &&
           (tile->mass_inverse = mem_alloc_aligned(clusters * CLUSTER_ATOMS, sizeof(double))) &&
           (tile->mass_root = mem_alloc_aligned(clusters * CLUSTER_ATOMS, sizeof(double))) &&
           (tile->mass_root_inverse = mem_alloc_aligned(clusters * CLUSTER_ATOMS, sizeof(double))) &&
           (tile->normal = mem_alloc_aligned(clusters * CLUSTER_BLOCK, sizeof(float))) &&
           (tile->position_inner = mem_alloc_aligned(clusters * CLUSTER_BLOCK, sizeof(uint32_t))) &&
           (tile->position_outer = mem_alloc_aligned(clusters * CLUSTER_BLOCK, sizeof(uint32_t))) &&
           (tile->id = mem_alloc_aligned(clusters * CLUSTER_ATOMS, sizeof(uint32_t)));
}

static bool init_local(struct tile *tile, size_t padded)
{
    return (tile->position_fine = mem_alloc_aligned(padded * CLUSTER_BLOCK, sizeof(int64_t))) &&
           (tile->position = mem_alloc_aligned(padded * CLUSTER_BLOCK, sizeof(uint32_t))) &&
           (tile->coefficient = mem_alloc_aligned(ROW_TYPES * padded * CLUSTER_BLOCK, sizeof(float))) &&
           (tile->force = mem_alloc_aligned(padded * FORCE_BLOCK, sizeof(float))) &&
           (tile->force_row = mem_alloc_aligned(padded * CLUSTER_BLOCK, sizeof(float))) &&
           (tile->type = mem_alloc_aligned(padded * CLUSTER_ATOMS, sizeof(uint8_t)));
}

static bool init_lists(struct tile *tile, const struct tile_size *size)
{
    size_t pairs = (size_t)tile->clusters_max * CLUSTER_PAIRS;
    tile->found_capacity = size->own_max * cluster_pairs_each(size);
    uint32_t entries = tile->found_capacity * CLUSTER_PAIRS;
    return row_list_init(&tile->outer, pairs, entries + (uint32_t)pairs) &&
           row_list_init(&tile->inner, 2 * pairs, 2 * entries + (uint32_t)pairs * 2 * ROW_ENTRIES_MIN) &&
           (tile->order = mem_alloc_aligned(pairs, sizeof(uint32_t))) &&
           (tile->met = mem_alloc_aligned(pairs, sizeof(uint32_t))) &&
           (tile->found = mem_alloc_array(tile->found_capacity, sizeof *tile->found)) &&
           boxes_init(&tile->own_boxes, size->own_max) && boxes_init(&tile->own_groups, (size->own_max + 7) / 8) &&
           boxes_init(&tile->whole_box, 1) && boxes_init(&tile->boxes, tile->clusters_max) &&
           boxes_init(&tile->groups, (tile->clusters_max + 7) / 8);
}

/* The cluster after all, which fills up short lists: coefficients 0, at a place where no lattice has a site. */
static void place_nobody(struct tile *tile)
{
    uint32_t *p = tile->position + (size_t)tile->clusters_max * CLUSTER_BLOCK;
    for (uint32_t n = 0; n < CLUSTER_BLOCK; n++)
        p[n] = UINT32_C(0x9e3779b1) * (n + 1);
    memset(tile->type + (size_t)tile->clusters_max * CLUSTER_ATOMS, TYPE_FILLER, CLUSTER_ATOMS);
}

enum status tile_init(struct tile *tile, uint32_t index, const struct tile_size *size, struct error *err)
{
    uint32_t halo = size->tiles == 1 ? 0 : clusters_within_reach(size);
    *tile = (struct tile){.index = index, .clusters_max = size->own_max + halo};
    tile->halo = mem_alloc_array(halo, sizeof *tile->halo);
    tile->parts = mem_alloc_array(size->tiles, sizeof *tile->parts);
    tile->givers = mem_alloc_array(size->tiles, sizeof *tile->givers);
    if (tile->halo && tile->parts && tile->givers && init_own(tile, size->own_max) &&
        init_local(tile, (size_t)tile->clusters_max + 1) && init_lists(tile, size)) {
        place_nobody(tile);
        return STATUS_OK;
    }
    tile_finish(tile);
    return mem_error(err, "a tile of the system");
}

void tile_finish(struct tile *tile)
{
    void *const arrays[] = {tile->velocity,
                            tile->kick,
                            tile->mass,
                            tile->mass_inverse,
                            tile->id,
                            tile->position,
                            tile->force,
                            tile->position_fine,
                            tile->coefficient,
                            tile->type,
                            tile->position_inner,
                            tile->order,
                            tile->force_row,
                            tile->met,
                            tile->position_outer,
                            tile->found,
                            tile->halo,
                            tile->parts,
                            tile->givers,
                            tile->normal,
                            tile->mass_root,
                            tile->mass_root_inverse};
    for (size_t n = 0; n < sizeof arrays / sizeof arrays[0]; n++)
        mem_free(arrays[n]);
    row_list_finish(&tile->outer);
    row_list_finish(&tile->inner);
    boxes_finish(&tile->own_boxes);
    boxes_finish(&tile->own_groups);
    boxes_finish(&tile->boxes);
    boxes_finish(&tile->groups);
    boxes_finish(&tile->whole_box);
    *tile = (struct tile){0};
}

static void set_coefficients(struct tile *tile, const struct potential *potential, int row_type, size_t slot)
{
    size_t stride = (size_t)tile->clusters_max + 1, cluster = slot / CLUSTER_ATOMS, lane = slot % CLUSTER_ATOMS;
    float *k = tile->coefficient + ((size_t)row_type * stride + cluster) * CLUSTER_BLOCK + lane;
    int type = tile->type[slot];
    bool real = type != TYPE_FILLER;
    k[0] = real ? (float)(12.0 * potential->c12[row_type][type]) : 0.0f;
    k[CLUSTER_ATOMS] = real ? (float)(6.0 * potential->c6[row_type][type]) : 0.0f;
    k[2 * CLUSTER_ATOMS] = real ? (float)potential->slope[row_type][type] : 0.0f;
}

void tile_set_atoms(struct tile *tile, const struct tile_rules *rules)
{
    for (size_t slot = 0; slot < (size_t)tile->own * CLUSTER_ATOMS; slot++) {
        bool real = tile->type[slot] != TYPE_FILLER;
        double mass = real ? rules->potential.mass[tile->type[slot]] : 0.0;
        tile->mass[slot] = mass;
        tile->mass_inverse[slot] = real ? 1.0 / mass : 0.0;
        tile->mass_root[slot] = sqrt(mass);
        tile->mass_root_inverse[slot] = sqrt(tile->mass_inverse[slot]);
        for (int row_type = 0; row_type < TYPE_FILLER; row_type++)
            set_coefficients(tile, &rules->potential, row_type, slot);
    }
    for (size_t n = 0; n < (size_t)tile->own * CLUSTER_BLOCK; n++)
        tile->position[n] = (uint32_t)((uint64_t)tile->position_fine[n] >> 16);
}

/* The box of the whole tile, from those of its groups: the same enlargement once more. */
static void bound_whole(struct tile *tile)
{
    for (size_t k = 0; k < 3; k++) {
        const uint32_t *center = tile->own_groups.center + k * tile->own_groups.stride;
        const float *extent = tile->own_groups.extent + k * tile->own_groups.stride;
        int64_t low = 0, high = 0;
        for (uint32_t n = 0; n < (tile->own + 7) / 8; n++) {
            int64_t d = (int32_t)(center[n] - center[0]), half = (int64_t)extent[n];
            low = d - half < low ? d - half : low;
            high = d + half > high ? d + half : high;
        }
        tile->whole_box.center[k * 8] = center[0] + (uint32_t)(uint64_t)((low + high) >> 1);
        tile->whole_box.extent[k * 8] = (float)((high - low) / 2 + 2) * 1.000001f + 1024.0f;
    }
}

void tile_bound(struct tile *tile, const struct tile_rules *rules)
{
    rules->kernels->bound(tile->position, tile->own, &tile->own_boxes, &tile->own_groups);
    bound_whole(tile);
    tile->overflow = false;
}

static bool boxes_meet(const struct boxes *a, uint32_t n, const struct boxes *b, uint32_t m,
                       const struct tile_rules *rules)
{
    const double ratio[3] = {1.0, (double)rules->metric.ratio_y, (double)rules->metric.ratio_z};
    double sum = 0.0;
    for (size_t k = 0; k < 3; k++) {
        size_t at = k * a->stride + n, to = k * b->stride + m;
        double d =
            fabs((double)(int32_t)(a->center[at] - b->center[to])) - (double)a->extent[at] - (double)b->extent[to];
        d = d > 0.0 ? d * ratio[k] : 0.0;
        sum += d * d;
    }
    return sum < (double)rules->radius_outer_sq;
}

/* Which of two tiles computes their common pairs: alternating, so that the work is even. */
static bool computes_pairs_with(uint32_t tile, uint32_t other)
{
    return (tile < other) == (((tile + other) & 1) != 0);
}

static bool add_to_halo(struct tile *tile, const struct tile *from, uint32_t cluster)
{
    if (tile->clusters == tile->clusters_max)
        return false;
    size_t stride = (size_t)tile->clusters_max + 1, from_stride = (size_t)from->clusters_max + 1;
    size_t to = tile->clusters;
    tile->halo[tile->clusters++ - tile->own] = cluster;
    memcpy(tile->type + to * CLUSTER_ATOMS, from->type + (size_t)cluster * CLUSTER_ATOMS, CLUSTER_ATOMS);
    for (size_t t = 0; t < TYPE_FILLER; t++)
        memcpy(tile->coefficient + (t * stride + to) * CLUSTER_BLOCK,
               from->coefficient + (t * from_stride + cluster) * CLUSTER_BLOCK, CLUSTER_BLOCK * sizeof(float));
    return true;
}

static bool add_part(struct tile *tile, const struct tile *from, const struct tile_rules *rules)
{
    uint32_t first = tile->clusters;
    for (uint32_t group = 0; group < (from->own + 7) / 8; group++) {
        if (!boxes_meet(&from->own_groups, group, &tile->whole_box, 0, rules))
            continue;
        for (uint32_t c = 8 * group; c < from->own && c < 8 * group + 8; c++)
            if (boxes_meet(&from->own_boxes, c, &tile->whole_box, 0, rules) && !add_to_halo(tile, from, c))
                return false;
    }
    if (tile->clusters > first)
        tile->parts[tile->part_count++] = (struct halo_part){from->index, first, tile->clusters - first};
    return true;
}

static bool choose_halo(struct tile *tile, const struct tile *tiles, uint32_t count, const struct tile_rules *rules)
{
    tile->clusters = tile->own;
    tile->part_count = 0;
    for (uint32_t n = 0; n < count; n++)
        if (n != tile->index && computes_pairs_with(tile->index, n) &&
            boxes_meet(&tile->whole_box, 0, &tiles[n].whole_box, 0, rules) && !add_part(tile, &tiles[n], rules))
            return false;
    return true;
}

static void pull_positions(struct tile *tile, const struct tile *tiles)
{
    for (uint32_t n = 0; n < tile->part_count; n++) {
        const struct halo_part *part = &tile->parts[n];
        const uint32_t *from = tiles[part->tile].position;
        for (uint32_t c = part->first; c < part->first + part->count; c++)
            memcpy(tile->position + (size_t)c * CLUSTER_BLOCK, from + (size_t)tile->halo[c - tile->own] * CLUSTER_BLOCK,
                   CLUSTER_BLOCK * sizeof(uint32_t));
    }
}

static struct list_build list_job(const struct tile *tile, const struct tile_rules *rules, float radius_sq)
{
    return (struct list_build){
        .own = tile->own,
        .clusters = tile->clusters,
        .nobody = tile->clusters_max,
        .own_atoms = tile->own_atoms,
        .metric = rules->metric,
        .radius_sq = radius_sq,
        .position = tile->position,
        .cluster_boxes = tile->boxes,
        .group_boxes = tile->groups,
        .found = tile->found,
        .found_capacity = tile->found_capacity,
    };
}

void tile_build(struct tile *tile, const struct tile *tiles, uint32_t count, const struct tile_rules *rules)
{
    tile->overflow = !choose_halo(tile, tiles, count, rules);
    if (tile->overflow)
        return;
    pull_positions(tile, tiles);
    struct list_build job = list_job(tile, rules, rules->radius_outer_sq);
    rules->kernels->bound(tile->position, tile->clusters, &job.cluster_boxes, &job.group_boxes);
    tile->overflow = !rules->kernels->list_build(&job, &tile->outer);
    memcpy(tile->position_outer, tile->position, sizeof(uint32_t) * CLUSTER_BLOCK * tile->own);
}

void tile_find_givers(struct tile *tile, const struct tile *tiles, uint32_t count)
{
    tile->giver_count = 0;
    for (uint32_t n = 0; n < count; n++)
        for (uint32_t part = 0; part < tiles[n].part_count; part++)
            if (tiles[n].parts[part].tile == tile->index)
                tile->givers[tile->giver_count++] = (struct giver){n, part};
}

/* Pairs of rows in order of the length of their lists, a counting sort: trip counts that a branch predictor guesses.
 * Rows of the halo without entries are left out. */
static void order_pairs(struct tile *tile)
{
    enum { LENGTHS = 256 };
    uint32_t start[LENGTHS + 1] = {0}, pairs = tile->clusters * CLUSTER_PAIRS, own = tile->own * CLUSTER_PAIRS;
    tile->order_count = 0;
    for (uint32_t pair = 0; pair < pairs; pair++) {
        uint32_t length = tile->met[pair] < LENGTHS ? tile->met[pair] : LENGTHS - 1;
        bool visit = pair < own || length > 0;
        start[length + 1] += visit;
        tile->order_count += visit;
    }
    for (uint32_t length = 0; length < LENGTHS; length++)
        start[length + 1] += start[length];
    for (uint32_t pair = 0; pair < pairs; pair++) {
        uint32_t length = tile->met[pair] < LENGTHS ? tile->met[pair] : LENGTHS - 1;
        if (pair < own || length > 0)
            tile->order[start[length]++] = pair;
    }
}

void tile_prune(struct tile *tile, const struct tile *tiles, const struct tile_rules *rules)
{
    pull_positions(tile, tiles);
    const struct list_build job = list_job(tile, rules, rules->radius_inner_sq);
    rules->kernels->list_prune(&job, &tile->outer, &tile->inner, tile->met);
    order_pairs(tile);
    size_t halo_rows = (size_t)(tile->clusters - tile->own) * CLUSTER_BLOCK;
    memset(tile->force_row + (size_t)tile->own * CLUSTER_BLOCK, 0, halo_rows * sizeof(float));
    memcpy(tile->position_inner, tile->position, sizeof(uint32_t) * CLUSTER_BLOCK * tile->own);
}

float tile_moved_since_build(const struct tile *tile, const struct tile_rules *rules)
{
    return rules->kernels->displacement(tile->position, tile->position_outer, tile->own, &rules->metric);
}

/* What the halo collected, all in the even rows' half of its force blocks. */
static void fold_halo(struct tile *tile)
{
    for (size_t c = tile->own; c < tile->clusters; c++)
        for (size_t k = 0; k < 3; k++) {
            float *force = tile->force + c * FORCE_BLOCK + 2 * k * CLUSTER_ATOMS;
            const float *row = tile->force_row + c * CLUSTER_BLOCK + k * CLUSTER_ATOMS;
            for (size_t l = 0; l < CLUSTER_ATOMS; l++)
                force[l] = (force[l] + force[l + CLUSTER_ATOMS]) - row[l];
        }
}

void tile_force(struct tile *tile, const struct tile *tiles, const struct tile_rules *rules)
{
    pull_positions(tile, tiles);
    const struct pair_force job = {
        .own = tile->own,
        .clusters = tile->clusters,
        .stride = tile->clusters_max + 1,
        .metric = rules->metric,
        .cutoff_sq = rules->cutoff_sq,
        .position = tile->position,
        .coefficient = tile->coefficient,
        .force_shifted = rules->potential.cut == CUT_FORCE_SHIFTED,
        .type = tile->type,
        .order = tile->order,
        .order_count = tile->order_count,
        .list = &tile->inner,
        .force = tile->force,
        .force_row = tile->force_row,
    };
    rules->kernels->pair_force(&job);
    fold_halo(tile);
}

void tile_receive(struct tile *tile, const struct tile *tiles)
{
    for (uint32_t n = 0; n < tile->giver_count; n++) {
        const struct tile *from = &tiles[tile->givers[n].tile];
        const struct halo_part *part = &from->parts[tile->givers[n].part];
        for (uint32_t c = part->first; c < part->first + part->count; c++) {
            const float *gift = from->force + (size_t)c * FORCE_BLOCK;
            float *force = tile->force + (size_t)from->halo[c - from->own] * FORCE_BLOCK;
            for (size_t k = 0; k < 3; k++)
                for (size_t l = 0; l < CLUSTER_ATOMS; l++)
                    force[2 * k * CLUSTER_ATOMS + l] += gift[2 * k * CLUSTER_ATOMS + l];
        }
    }
}

static void pull_positions_fine(struct tile *tile, const struct tile *tiles)
{
    for (uint32_t n = 0; n < tile->part_count; n++) {
        const struct halo_part *part = &tile->parts[n];
        const int64_t *from = tiles[part->tile].position_fine;
        for (uint32_t c = part->first; c < part->first + part->count; c++)
            memcpy(tile->position_fine + (size_t)c * CLUSTER_BLOCK,
                   from + (size_t)tile->halo[c - tile->own] * CLUSTER_BLOCK, CLUSTER_BLOCK * sizeof(int64_t));
    }
}

void tile_sum(struct tile *tile, const struct tile *tiles, const struct tile_rules *rules, const double box[3])
{
    const struct potential *v = &rules->potential;
    pull_positions_fine(tile, tiles);
    struct pair_sums job = {
        .own = tile->own,
        .unit = {0x1p-48 * box[0], 0x1p-48 * box[1], 0x1p-48 * box[2]},
        .cutoff = v->cutoff,
        .cutoff_sq = v->cutoff * v->cutoff,
        .has_slope = v->cut == CUT_FORCE_SHIFTED,
        .position_fine = tile->position_fine,
        .type = tile->type,
        .order = tile->order,
        .order_count = tile->order_count,
        .list = &tile->inner,
    };
    for (int a = 0; a < TYPE_FILLER; a++)
        for (int b = 0; b < TYPE_FILLER; b++)
            job.coefficient[a][b] =
                (struct pair_coefficients){v->c12[a][b], v->c6[a][b], v->shift[a][b], v->slope[a][b]};
    rules->kernels->pair_sums(&job, &tile->energy, &tile->virial);
}
