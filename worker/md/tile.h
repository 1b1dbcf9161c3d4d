/* tile.h - a few hundred neighbouring clusters, all that belongs to them, and who interacts with whom.
 *
 * The system is cut into tiles along the kd-tree: one for a small system, so that nothing below costs it anything. Two
 * tiles that come near share their pairs by a rule: one of them computes all of them, on copies of the other's clusters
 * (its halo), and gives the forces back. So a tile works in memory of its own, threads share nothing while they do, and
 * forces are added in the order of tiles, whatever the number of threads.
 *
 * Lists: two, each with an exact bound on how far atoms have moved since.
 *
 *     outer   every pair within r_c + skin_outer when it was made; remade when some atom of the system has moved more
 *             than (skin_outer - skin_inner) / 2
 *     inner   the entries of outer that hold a pair within r_c + skin_inner when it was made; remade when some atom has
 *             moved more than skin_inner / 2
 *
 * So no pair inside the cutoff is ever missed, whatever the atoms do. When a list is remade depends on the trajectory
 * alone. Layout of the arrays: kernel_table.h. */
#ifndef VITRINE_WORKER_MD_TILE_H
#define VITRINE_WORKER_MD_TILE_H

#include "common/error.h"
#include "worker/kernels/kernel_table.h"
#include "worker/md/potential.h"

enum { TILE_CLUSTERS_MAX = 512, ROW_TYPES = 3, TYPE_FILLER = 2 };

/* What all tiles share. Radii and displacements in units^2 (2^-32 of the first edge). */
struct tile_rules {
    const struct kernels *kernels;
    struct potential potential;
    struct metric metric;
    float cutoff_sq, radius_outer_sq, radius_inner_sq, limit_outer_sq, limit_inner_sq;
};

/* Copies in a halo that come from one other tile: halo clusters first .. first + count - 1. */
struct halo_part {
    uint32_t tile, first, count;
};

struct giver {
    uint32_t tile, part;
};

struct tile {
    uint32_t index;
    uint32_t own, clusters, clusters_max, own_atoms;
    uint32_t first_slot; /* of the system, of the first own atom */
    /* Own atoms: [own][3][8], [own][8]. */
    double *velocity, *kick, *mass, *mass_inverse, *mass_root, *mass_root_inverse;
    float *normal;                             /* Langevin's */
    uint32_t *position_inner, *position_outer; /* where the atoms were when the lists were made */
    uint32_t *id;
    /* Own clusters and halo. */
    int64_t *position_fine; /* of the halo only while tile_sum works */
    uint32_t *position;
    float *coefficient, *force, *force_row;
    uint8_t *type;
    struct row_list outer, inner;
    uint32_t *order, *met;
    uint32_t order_count;
    struct boxes own_boxes, own_groups, whole_box; /* other tiles look at these */
    struct boxes boxes, groups;                    /* own clusters and halo */
    struct near_clusters *found;
    uint32_t found_capacity;
    uint32_t *halo; /* cluster of its own tile, for each cluster of the halo */
    struct halo_part *parts;
    uint32_t part_count;
    struct giver *givers; /* tiles that compute forces on own atoms, rising */
    uint32_t giver_count;
    bool overflow; /* a list or the halo did not fit */
    float moved_sq;
    double kinetic_twice;
    double energy, virial; /* of tile_sum */
    double noise_momentum[3];
};

struct tile_size {
    uint32_t tiles;        /* in the system */
    uint32_t clusters;     /* in the system */
    uint32_t own_max;      /* clusters of the largest tile */
    double density, reach; /* atoms per sigma^3; cutoff + outer skin */
};

enum status tile_init(struct tile *tile, uint32_t index, const struct tile_size *size, struct error *err) MUST_CHECK;
void tile_finish(struct tile *tile);

/* After the own atoms have been put into their slots (id, type, velocity, position_fine): all that follows from a
 * type. */
void tile_set_atoms(struct tile *tile, const struct tile_rules *rules);

/* Lists, in three rounds; each must be done for all tiles before the next. */
void tile_bound(struct tile *tile, const struct tile_rules *rules);
void tile_build(struct tile *tile, const struct tile *tiles, uint32_t count, const struct tile_rules *rules);
void tile_find_givers(struct tile *tile, const struct tile *tiles, uint32_t count);
/* Remakes the inner list from the outer one. */
void tile_prune(struct tile *tile, const struct tile *tiles, const struct tile_rules *rules);
/* Squared displacement since the outer list was made. */
float tile_moved_since_build(const struct tile *tile, const struct tile_rules *rules);

/* Forces, in two rounds. */
void tile_force(struct tile *tile, const struct tile *tiles, const struct tile_rules *rules);
void tile_receive(struct tile *tile, const struct tile *tiles);

/* Energy and virial of the tile's pairs at this step, in double precision; edges in sigma. */
void tile_sum(struct tile *tile, const struct tile *tiles, const struct tile_rules *rules, const double box[3]);

#endif
