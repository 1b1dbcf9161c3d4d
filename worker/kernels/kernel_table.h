/* kernel_table.h - what the hot loops work on, and the table that names them. For worker/md only.
 *
 * Atoms stand in clusters of eight neighbours in space (kd-tree order, worker/md/order.c). A tile (worker/md/tile.c) is
 * a few hundred clusters of its own, then the halo: copies of the clusters of other tiles that its pairs reach. Each
 * cluster is one block:
 *
 *     position     uint32 [stride][3][8]     2^-32 box edges; a signed difference is the minimum image
 *     coefficient  float  [3][stride][3][8]  a = 12 c12, b = 6 c6, V'(r_c) of a row of each type with each lane
 *     force        float  [stride][3][2][8]  minus what the columns collect from even rows and from odd rows
 *     force_row    float  [stride][3][8]     what the rows collect
 *
 * Forces are in epsilon / sigma^2 times 2^-32 of the first box edge. A row is one atom; its entries are clusters,
 * against all eight atoms of which it is computed; each pair within the cutoff is in exactly one entry. Two rows, of
 * atoms 2 p and 2 p + 1, are a pair of rows: lists choose which side is the row by pairs of rows, and the force loop
 * visits them in that order, on every instruction set. Atoms that fill up the last cluster of the system (type 2), and
 * all of the cluster `nobody`, have coefficients 0. */
#ifndef VITRINE_WORKER_KERNELS_KERNEL_TABLE_H
#define VITRINE_WORKER_KERNELS_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CLUSTER_ATOMS = 8,
    CLUSTER_PAIRS = 4,  /* pairs of rows */
    CLUSTER_BLOCK = 24, /* a vector for each of eight atoms */
    FORCE_BLOCK = 2 * CLUSTER_BLOCK,
    ROW_ENTRIES_MIN = 2, /* what the force loop's pipeline needs beside the row's own cluster */
};

/* The metric of the box: lengths are counted in 2^-32 of the first edge. */
struct metric {
    bool cubic;
    float ratio_y, ratio_z; /* edges over the first edge */
    float units_sq;         /* (2^32 / first edge)^2: squared units in one sigma^2 */
};

/* Entries by rows, or by pairs of rows. */
struct row_list {
    uint32_t *first; /* of the row's entries */
    uint32_t *count;
    uint16_t *entries; /* clusters of the tile */
    uint32_t capacity;
};

struct pair_force {
    uint32_t own, clusters; /* own <= clusters = own + halo */
    uint32_t stride;        /* clusters that the arrays of each row type have room for */
    struct metric metric;
    float cutoff_sq; /* units^2 */
    const uint32_t *position;
    const float *coefficient;
    bool force_shifted;
    const uint8_t *type;   /* [stride][8] */
    const uint32_t *order; /* pairs of rows to visit */
    uint32_t order_count;
    const struct row_list *list; /* of list_prune */
    float *force;                /* zeroed here */
    float *force_row;            /* written for the pairs visited */
};

/* The first half of a step. */
struct kick_drift {
    uint32_t clusters;
    double velocity_scale;         /* of the thermostat, applied first */
    double drift[3];               /* 2^48 dt / edge */
    double *velocity;              /* [clusters][3][8] */
    const double *kick;            /* dt/2 f/m, [clusters][3][8] */
    int64_t *position_fine;        /* [clusters][3][8] */
    uint32_t *position;            /* [clusters][3][8] */
    const uint32_t *position_list; /* where the atoms were when the list was made */
    struct metric metric;
    /* Langevin: when there are normals, velocities are damped and pushed between two halves of the drift. */
    const float *normal;             /* [clusters][3][8] or NULL */
    const double *mass_root_inverse; /* 1/sqrt(m), [clusters][8]; 0 where there is no atom */
    double damping;                  /* e^(-friction time) */
    double push;                     /* sqrt((1 - damping^2) T) */
    double push_common[3];           /* sigma/tau, taken off again: the push of the centre of mass */
};

/* Normals for all atoms. */
struct noise {
    uint32_t clusters;
    uint32_t key[2], counter[3]; /* Philox; the fourth word of the counter is the id */
    const uint32_t *id;
    const double *mass_root; /* sqrt(m) */
    float *normal;           /* out, [clusters][3][8] */
};

/* The second half. */
struct kick {
    uint32_t clusters;
    double force_scale;     /* dt/2 times one unit of force in epsilon/sigma */
    const float *force;     /* [clusters][3][2][8] */
    const float *force_row; /* [clusters][3][8] */
    const double *mass;     /* [clusters][8]; 0 where there is no atom */
    const double *mass_inverse;
    double *kick;     /* out: dt/2 f/m */
    double *velocity; /* += kick */
};

/* Bounding boxes of clusters and of groups of eight clusters; centres [3][stride], half extents [3][stride], in 2^-32
 * edges. */
struct boxes {
    uint32_t stride; /* a multiple of 8 */
    uint32_t *center;
    float *extent;
};

/* A pair of clusters whose atoms come near: which pairs of rows of the one (bit mask) meet the other. */
struct near_clusters {
    uint16_t rows, columns;
    uint8_t mask;
};

struct list_build {
    uint32_t own, clusters;
    uint32_t own_atoms; /* the last own cluster may not be full */
    uint32_t nobody;    /* the cluster that fills up short lists */
    struct metric metric;
    float radius_sq; /* units^2, of the list */
    const uint32_t *position;
    struct boxes cluster_boxes, group_boxes; /* scratch */
    struct near_clusters *found;             /* scratch */
    uint32_t found_capacity;
};

/* The minimiser's double-precision pairs (pair_energy.c). Blocks as above, with doubles in sigma and epsilon; atoms
 * that fill up the last cluster stand far away. */
enum { ENERGY_BLOCK = 4 * CLUSTER_ATOMS };

struct pair_entry {
    uint32_t cluster;
    uint32_t image; /* row of the table of shifts */
};

struct pair_energy {
    uint32_t atoms, clusters;
    double cutoff, cutoff_sq;
    bool has_slope;
    const uint8_t *type;              /* [atoms] */
    const double *coefficient;        /* [2][clusters][4][8]: c12, c6, shift, slope of a row's type with each lane */
    const double *shift;              /* [images][3], sigma */
    const uint32_t *first;            /* of the row's entries, [atoms + 1] */
    const struct pair_entry *entries; /* each pair within the cutoff, its own cluster aside, is in exactly one */
    const double *position;           /* [clusters][3][8] */
    double *force;                    /* [clusters][3][8], out */
    double *force_row;                /* [atoms][3], scratch */
};

/* Of one pair of types: V = c12 r^-12 - c6 r^-6 - shift - slope (r - r_c). */
struct pair_coefficients {
    double c12, c6, shift, slope;
};

/* Energy and virial of a tile's pairs in double precision, from the full positions (pair_sums.c). */
struct pair_sums {
    uint32_t own;
    double unit[3]; /* sigma in 2^-48 of each edge */
    double cutoff, cutoff_sq;
    bool has_slope;
    struct pair_coefficients coefficient[2][2]; /* row's type, lane's type */
    const int64_t *position_fine;               /* [stride][3][8] */
    const uint8_t *type;                        /* [stride][8]; 2 is nobody */
    const uint32_t *order;                      /* pairs of rows to visit */
    uint32_t order_count;
    const struct row_list *list; /* of list_prune */
};

struct kernels {
    const char *name;
    uint32_t list_rows; /* lists of list_prune are by rows (1) or by pairs of rows (2) */
    void (*pair_force)(const struct pair_force *);
    /* Largest squared displacement of an atom since the list was made, units^2. */
    float (*kick_drift)(const struct kick_drift *);
    /* Sums of sqrt(m) times the normals. */
    void (*noise)(const struct noise *, double out_momentum[3]);
    /* Twice the kinetic energy, epsilon. */
    double (*kick)(const struct kick *);
    /* Bounding boxes of `clusters` clusters, and of each eight of them. */
    void (*bound)(const uint32_t *position, uint32_t clusters, struct boxes *clusters_out, struct boxes *groups_out);
    /* All pairs of an own cluster with a later own one or one of the halo that may hold a pair of atoms within the
     * radius, as a list by pairs of rows. False when the capacity does not do. */
    bool (*list_build)(struct list_build *, struct row_list *out);
    /* The entries of `from` that hold a pair within the radius now, padded to ROW_ENTRIES_MIN; out_met[p] is the number
     * of entries that pair of rows p has left, before padding and whichever way the list is kept. */
    void (*list_prune)(const struct list_build *, const struct row_list *from, struct row_list *out, uint32_t *out_met);
    float (*displacement)(const uint32_t *position, const uint32_t *before, uint32_t clusters,
                          const struct metric *metric);
    /* Energy, virial and forces in double precision. */
    void (*pair_energy)(const struct pair_energy *, double *out_energy, double *out_virial);
    /* Energy and virial in double precision, of the pairs in the lists of list_prune. */
    void (*pair_sums)(const struct pair_sums *, double *out_energy, double *out_virial);
};

extern const struct kernels kernels_portable, kernels_avx2, kernels_avx512;

#endif
