/* rows.h - the minimiser's pairs: atoms in clusters of eight, and for each atom the clusters it may interact with.
 *
 * An entry of a row is a cluster at one periodic image. The list holds every pair within the cutoff plus a skin; it is
 * good as long as no two atoms have together moved farther than the skin, which is checked exactly before every
 * evaluation. Vectors (positions, forces, directions) are flat arrays of blocks [clusters][3][8]; lanes that no atom
 * fills stay 0 in forces and directions. */
#ifndef VITRINE_WORKER_MINIMIZE_ROWS_H
#define VITRINE_WORKER_MINIMIZE_ROWS_H

#include "worker/kernels/kernel_table.h"
#include "worker/md/configuration.h"
#include "worker/md/potential.h"

struct rows {
    const struct kernels *kernels;
    struct pair_energy job;
    double box[3];
    double skin;             /* sigma */
    size_t length;           /* of a vector: clusters * CLUSTER_BLOCK */
    uint32_t *atom;          /* which atom of the configuration stands in a place, [atoms] */
    double *position_listed; /* vector: where the atoms were when the list was made */
    double *coefficient;     /* owned, as the job's */
    uint8_t *type;
    uint32_t *first;
    double *shift;
    double *force_row;
    struct pair_entry *entries;
    size_t entry_capacity;
    struct row_entry *found; /* while the list is made */
    size_t found_capacity;
    uint32_t builds;
};

struct rows_sums {
    double energy, virial; /* epsilon, totals */
};

/* `kernels` borrowed. */
enum status rows_init(struct rows *rows, const struct kernels *kernels, const struct potential *potential,
                      const struct configuration *configuration, struct error *err) MUST_CHECK;
void rows_finish(struct rows *rows); /* NULL and zeroed are fine */

/* Between the configuration's order and a vector. Positions come back wrapped. */
void rows_load_positions(const struct rows *rows, const struct configuration *configuration, double *position);
void rows_store_positions(const struct rows *rows, const double *position, struct configuration *configuration);

/* Energy and forces at `position`, remaking the list when it no longer holds. */
enum status rows_evaluate(struct rows *rows, const double *position, double *out_force, struct rows_sums *out_sums,
                          struct error *err) MUST_CHECK;

#endif
