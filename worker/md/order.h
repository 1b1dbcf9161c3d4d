/* order.h - the order of atoms in memory: a kd-tree, whose leaves are the clusters of eight neighbours. */
#ifndef VITRINE_WORKER_MD_ORDER_H
#define VITRINE_WORKER_MD_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_key {
    uint64_t value; /* coordinate << 32 | item: a total order */
};

/* Sorts items[0 .. count) so that each run of eight is compact. position[k][item] is in 2^-32 of the box edge k, edge
 * in any unit. `keys` is scratch, [count]. A pure function of its arguments. */
void order_atoms(uint32_t *items, size_t count, const uint32_t *const position[3], const double edge[3],
                 struct order_key *keys);

/* The first item of each tile: a node of that tree with at most clusters_max leaves. Returns the number of tiles (with
 * out_first NULL: only that). out_first has one element more: the end. */
uint32_t order_tiles(size_t count, uint32_t clusters_max, uint32_t *out_first);

#endif
