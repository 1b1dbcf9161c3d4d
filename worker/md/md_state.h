/* md_state.h - the inside of struct md, for the files of worker/md that share it. */
#ifndef VITRINE_WORKER_MD_MD_STATE_H
#define VITRINE_WORKER_MD_MD_STATE_H

#include "worker/md/md.h"
#include "worker/md/order.h"
#include "worker/md/thermostat.h"
#include "worker/md/tile.h"

/* The state by id, between a snapshot and the tiles. [atoms] each. */
struct md_by_id {
    double *velocity[3];
    int64_t *position[3];
    uint32_t *coordinate[3]; /* positions, 2^-32 of the box */
    uint32_t *items;         /* ids in the order of slots */
    struct order_key *keys;
    uint8_t *type;
};

struct md {
    struct md_setup setup;
    struct tile_rules rules;
    struct thermostat thermostat;
    uint32_t atoms;
    uint32_t tile_count;
    struct tile *tiles;
    uint32_t *tile_first; /* slots, [tile_count + 1] */
    double box[3];
    int64_t step;
    double scale;   /* the thermostat's factor that the next half kick applies to the velocities */
    double kinetic; /* epsilon, with the factor applied */
    double kinetic_max;
    double mass_total;
    struct langevin { /* of the step at hand */
        bool acts;
        double damping, push, push_common[3];
    } langevin;
    uint32_t builds_since_sort;
    uint64_t builds, prunes;
    struct md_by_id by_id;
};

/* Where component k of a slot's vector stands in [clusters][3][8]. */
static inline size_t md_place(size_t slot, int k)
{
    return slot / CLUSTER_ATOMS * CLUSTER_BLOCK + (size_t)k * CLUSTER_ATOMS + slot % CLUSTER_ATOMS;
}

/* Does something for all tiles, by `threads` threads; each tile is always the same thread's. */
void md_for_tiles(struct md *md, void (*work)(struct md *, struct tile *));

#endif
