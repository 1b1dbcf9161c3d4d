#include "worker/md/pairlist.h"

#include "common/mem.h"

#include <string.h>

const double pairlist_skin_min = 0.2;

static uint32_t entries_capacity(const struct pairlist_setup *setup)
{
    /* A row meets the clusters within the radius and one cluster's size: about 17 of them by half lists in a glass. One
     * row may hold more than its share, since the direction is chosen by cluster pairs. */
    double reach = setup->cutoff + setup->skin_outer + 1.0;
    double most = 4.19 * reach * reach * reach * setup->density / CLUSTER_ATOMS * 1.5 + 16.0;
    double all = (double)setup->clusters;
    uint32_t per_row = (uint32_t)(most < all ? most : all) + 4;
    return per_row * setup->clusters * CLUSTER_ATOMS;
}

static bool row_list_init(struct row_list *rows, uint32_t atoms, uint32_t capacity)
{
    rows->first = mem_alloc_aligned(atoms, sizeof *rows->first);
    rows->count = mem_alloc_aligned(atoms, sizeof *rows->count);
    rows->entries = mem_alloc_aligned(capacity, sizeof *rows->entries);
    rows->entries_capacity = capacity;
    return rows->first && rows->count && rows->entries;
}

static void row_list_finish(struct row_list *rows)
{
    mem_free(rows->first);
    mem_free(rows->count);
    mem_free(rows->entries);
    *rows = (struct row_list){0};
}

enum status pairlist_init(struct pairlist *list, const struct pairlist_setup *setup, struct error *err)
{
    *list = (struct pairlist){.atoms = setup->atoms, .clusters = setup->clusters};
    uint32_t slots = setup->clusters * CLUSTER_ATOMS, capacity = entries_capacity(setup);
    size_t boxes = 3 * ((size_t)setup->clusters + CLUSTER_ATOMS);
    list->build.center = mem_alloc_aligned(boxes, sizeof(uint32_t));
    list->build.extent = mem_alloc_aligned(boxes, sizeof(float));
    list->position_inner = mem_alloc_aligned((size_t)slots * 3, sizeof(uint32_t));
    list->position_outer = mem_alloc_aligned((size_t)slots * 3, sizeof(uint32_t));
    list->order = mem_alloc_aligned(slots, sizeof(uint32_t));
    bool rows = row_list_init(&list->outer, slots, capacity) && row_list_init(&list->inner, slots, capacity);
    if (rows && list->build.center && list->build.extent && list->position_inner && list->position_outer && list->order)
        return STATUS_OK;
    pairlist_finish(list);
    return mem_error(err, "pair lists");
}

void pairlist_finish(struct pairlist *list)
{
    mem_free(list->build.center);
    mem_free(list->build.extent);
    mem_free(list->position_inner);
    mem_free(list->position_outer);
    mem_free(list->order);
    row_list_finish(&list->outer);
    row_list_finish(&list->inner);
    *list = (struct pairlist){0};
}

/* Squared lengths in box units. Radii are rounded up and allowed displacements down by more than single precision can
 * lose. */
static float units_up(double sigma, const struct metric *metric)
{
    return (float)(sigma * sigma * (double)metric->units_sq * (1.0 + 4e-6));
}

static float units_down(double sigma, const struct metric *metric)
{
    return (float)(sigma * sigma * (double)metric->units_sq * (1.0 - 4e-6));
}

void pairlist_set_metric(struct pairlist *list, const struct pairlist_setup *setup, const struct metric *metric)
{
    list->build.atoms = setup->atoms;
    list->build.clusters = setup->clusters;
    list->build.metric = *metric;
    list->radius_inner_sq = units_up(setup->cutoff + setup->skin_inner, metric);
    list->radius_outer_sq = units_up(setup->cutoff + setup->skin_outer, metric);
    list->limit_inner_sq = units_down(0.5 * setup->skin_inner, metric);
    list->limit_outer_sq = units_down(0.5 * (setup->skin_outer - setup->skin_inner), metric);
}

/* Rows in order of their number of entries, a counting sort within blocks: trip counts that a branch predictor guesses,
 * and yet local in space for large systems. */
static void order_block(struct pairlist *list, uint32_t first, uint32_t end)
{
    enum { LENGTHS = 256 };
    uint32_t start[LENGTHS + 1] = {0};
    for (uint32_t atom = first; atom < end; atom++) {
        uint32_t length = list->inner.count[atom];
        start[(length < LENGTHS ? length : LENGTHS - 1) + 1]++;
    }
    for (uint32_t length = 0; length < LENGTHS; length++)
        start[length + 1] += start[length];
    for (uint32_t atom = first; atom < end; atom++) {
        uint32_t length = list->inner.count[atom];
        list->order[first + start[length < LENGTHS ? length : LENGTHS - 1]++] = atom;
    }
}

void pairlist_prune(struct pairlist *list, const struct kernels *kernels, const uint32_t *position)
{
    list->build.position = position;
    list->build.radius_sq = list->radius_inner_sq;
    kernels->list_prune(&list->build, &list->outer, &list->inner);
    for (uint32_t first = 0; first < list->atoms; first += PAIRLIST_ORDER_BLOCK)
        order_block(list, first,
                    list->atoms - first < PAIRLIST_ORDER_BLOCK ? list->atoms : first + PAIRLIST_ORDER_BLOCK);
    memcpy(list->position_inner, position, sizeof(uint32_t) * CLUSTER_BLOCK * list->clusters);
    list->prunes++;
}

enum status pairlist_build(struct pairlist *list, const struct kernels *kernels, const uint32_t *position,
                           struct error *err)
{
    list->build.position = position;
    list->build.radius_sq = list->radius_outer_sq;
    if (!kernels->list_build(&list->build, &list->outer))
        return error_set(err, STATUS_PHYSICS, "atoms crowd together beyond what the pair lists hold");
    memcpy(list->position_outer, position, sizeof(uint32_t) * CLUSTER_BLOCK * list->clusters);
    list->builds++;
    pairlist_prune(list, kernels, position);
    return STATUS_OK;
}

bool pairlist_is_stale(const struct pairlist *list, const struct kernels *kernels, const uint32_t *position)
{
    return !(kernels->displacement(position, list->position_outer, list->clusters, &list->build.metric) <
             list->limit_outer_sq);
}
