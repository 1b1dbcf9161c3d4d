#include "worker/md/order.h"

enum { LEAF_ATOMS = 8, INSERTION_MAX = 16 };

static void swap_keys(struct order_key *a, struct order_key *b)
{
    struct order_key t = *a;
    *a = *b;
    *b = t;
}

static void sort_by_insertion(struct order_key *keys, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && keys[j].value < keys[j - 1].value; j--)
            swap_keys(&keys[j], &keys[j - 1]);
}

static uint64_t median_of_three(const struct order_key *keys, size_t count)
{
    uint64_t a = keys[0].value, b = keys[count / 2].value, c = keys[count - 1].value;
    if (a > b) {
        uint64_t t = a;
        a = b;
        b = t;
    }
    return c < a ? a : c > b ? b : c;
}

/* Hoare's partition: returns the size of the lower part, all of whose keys are <= all of the upper's. */
static size_t partition_keys(struct order_key *keys, size_t count)
{
    uint64_t pivot = median_of_three(keys, count);
    size_t i = 0, j = count - 1;
    for (;;) {
        while (keys[i].value < pivot)
            i++;
        while (keys[j].value > pivot)
            j--;
        if (i >= j)
            return i == j ? j + 1 : i;
        swap_keys(&keys[i++], &keys[j--]);
    }
}

/* The `lower` smallest keys come first. */
static void select_lower(struct order_key *keys, size_t count, size_t lower)
{
    while (count > INSERTION_MAX) {
        size_t split = partition_keys(keys, count);
        if (split == count)
            split = count - 1; /* the pivot is the largest and stands last */
        if (lower < split) {
            count = split;
        } else {
            keys += split;
            count -= split;
            lower -= split;
        }
    }
    sort_by_insertion(keys, count);
}

static int longest_side(const uint32_t *items, size_t count, const uint32_t *const position[3], const double edge[3])
{
    int longest = 0;
    double length_max = -1.0;
    for (int k = 0; k < 3; k++) {
        uint32_t low = UINT32_MAX, high = 0;
        for (size_t i = 0; i < count; i++) {
            uint32_t p = position[k][items[i]];
            low = p < low ? p : low;
            high = p > high ? p : high;
        }
        double length = edge[k] * (double)(high - low);
        if (length > length_max) {
            length_max = length;
            longest = k;
        }
    }
    return longest;
}

static size_t lower_part(size_t count)
{
    size_t leaves = (count + LEAF_ATOMS - 1) / LEAF_ATOMS;
    return (leaves + 1) / 2 * LEAF_ATOMS;
}

void order_atoms(uint32_t *items, size_t count, const uint32_t *const position[3], const double edge[3],
                 struct order_key *keys)
{
    if (count <= LEAF_ATOMS)
        return;
    const uint32_t *coordinate = position[longest_side(items, count, position, edge)];
    for (size_t i = 0; i < count; i++)
        keys[i].value = (uint64_t)coordinate[items[i]] << 32 | items[i];
    size_t lower = lower_part(count);
    select_lower(keys, count, lower);
    for (size_t i = 0; i < count; i++)
        items[i] = (uint32_t)keys[i].value;
    order_atoms(items, lower, position, edge, keys);
    order_atoms(items + lower, count - lower, position, edge, keys + lower);
}

static uint32_t cut_tiles(size_t first, size_t count, uint32_t clusters_max, uint32_t *out_first)
{
    if (count <= (size_t)clusters_max * LEAF_ATOMS) {
        if (out_first)
            *out_first = (uint32_t)first;
        return 1;
    }
    size_t lower = lower_part(count);
    uint32_t tiles = cut_tiles(first, lower, clusters_max, out_first);
    return tiles + cut_tiles(first + lower, count - lower, clusters_max, out_first ? out_first + tiles : NULL);
}

uint32_t order_tiles(size_t count, uint32_t clusters_max, uint32_t *out_first)
{
    uint32_t tiles = cut_tiles(0, count, clusters_max, out_first);
    if (out_first)
        out_first[tiles] = (uint32_t)count;
    return tiles;
}
