/* kernel_table.h - what the hot loops work on, and the table that names them. For worker/md only.
 *
 * Atoms stand in clusters of eight neighbours in space (kd-tree order, worker/md/order.c), each cluster one block:
 *
 *     position     uint32 [clusters + 1][3][8]    2^-32 box edges; a signed difference is the minimum image
 *     force        float  [clusters + 1][3][8]    epsilon / (sigma^2 2^-32 box edges), what the column side collects
 *     coefficient  float  [2][clusters + 1][2][8] a = 12 c12 and b = 6 c6 of a row of type 0 or 1 with each lane
 *
 * A row is one atom; its entries are clusters, against all eight atoms of which it is computed: each pair within the
 * cutoff is in exactly one entry. Atoms that fill up the last cluster, and all of the one cluster after it, have
 * coefficients 0. */
#ifndef VITRINE_WORKER_KERNELS_KERNEL_TABLE_H
#define VITRINE_WORKER_KERNELS_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLUSTER_ATOMS = 8, CLUSTER_BLOCK = 3 * CLUSTER_ATOMS, COEFFICIENT_BLOCK = 2 * CLUSTER_ATOMS };

/* The metric of the box: lengths are counted in 2^-32 of the first edge. */
struct metric {
    bool cubic;
    float ratio_y, ratio_z; /* edges over the first edge */
    float units_sq;         /* (2^32 / first edge)^2: squared units in one sigma^2 */
};

struct row_list {
    uint32_t *first;   /* of the row's entries, [atoms] */
    uint32_t *count;   /* [atoms] */
    uint32_t *entries; /* cluster indices */
    uint32_t entries_capacity;
};

struct pair_force {
    uint32_t rows;
    uint32_t clusters;
    struct metric metric;
    float cutoff_sq; /* units^2 */
    const uint32_t *position;
    const float *coefficient;
    const float *slope;    /* [2][clusters + 1][8], epsilon/sigma: V'(r_c); NULL unless force_shifted */
    const uint8_t *type;   /* [atoms] */
    const uint32_t *order; /* rows in visiting order, [rows] */
    const struct row_list *list;
    float *force;     /* column side, zeroed here */
    float *force_row; /* row side, [atoms][4] */
};

/* One row of a step's first half, for one component of all atoms: half kick, drift, conversion, displacement. */
struct kick_drift {
    uint32_t clusters;
    double velocity_scale;         /* of the thermostat, applied first */
    double drift[3];               /* 2^48 dt / edge */
    double *velocity;              /* [clusters][3][8] */
    const double *kick;            /* dt/2 f/m, [clusters][3][8] */
    int64_t *position_fine;        /* [clusters][3][8] */
    uint32_t *position;            /* [clusters + 1][3][8] */
    const uint32_t *position_list; /* where the atoms were when the list was made */
    struct metric metric;
};

struct kick {
    uint32_t clusters;
    double force_scale;     /* dt/2 times one unit of force in epsilon/sigma */
    const float *force;     /* [clusters][3][8] */
    const float *force_row; /* [atoms][4] */
    const double *mass;     /* [clusters][8]; 0 where there is no atom */
    const double *mass_inverse;
    double *kick;     /* out: dt/2 f/m */
    double *velocity; /* += kick */
};

struct list_build {
    uint32_t atoms, clusters;
    struct metric metric;
    float radius_sq; /* units^2, of the list */
    const uint32_t *position;
    uint32_t *center; /* [3][clusters + 8] scratch: bounding boxes */
    float *extent;    /* [3][clusters + 8] */
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

struct kernels {
    const char *name;
    void (*pair_force)(const struct pair_force *);
    /* Largest squared displacement of an atom since the list was made, units^2. */
    float (*kick_drift)(const struct kick_drift *);
    /* Twice the kinetic energy, epsilon. */
    double (*kick)(const struct kick *);
    /* All pairs of clusters that may hold a pair within the radius, as rows. False when the capacity does not do. */
    bool (*list_build)(const struct list_build *, struct row_list *out);
    /* The entries of `from` that hold a pair within the radius now. Makes every row's list. */
    void (*list_prune)(const struct list_build *, const struct row_list *from, struct row_list *out);
    float (*displacement)(const uint32_t *position, const uint32_t *before, uint32_t clusters,
                          const struct metric *metric);
    /* Energy, virial and forces in double precision. */
    void (*pair_energy)(const struct pair_energy *, double *out_energy, double *out_virial);
};

extern const struct kernels kernels_portable, kernels_avx2, kernels_avx512;

#endif
