/* pairlist.h - which atoms may interact: two lists, each with an exact bound on how far atoms have moved since.
 *
 *     outer   every pair within r_c + skin_outer when it was made; remade when some atom has moved more than
 *             (skin_outer - skin_inner) / 2
 *     inner   the entries of outer that hold a pair within r_c + skin_inner when it was made; remade when some atom has
 *             moved more than skin_inner / 2
 *
 * So no pair inside the cutoff is ever missed, whatever the atoms do. Positions are fixed-point (kernel_table.h).
 * When a list is remade depends on the trajectory alone. */
#ifndef VITRINE_WORKER_MD_PAIRLIST_H
#define VITRINE_WORKER_MD_PAIRLIST_H

#include "common/error.h"
#include "worker/kernels/kernel_table.h"

struct pairlist {
    uint32_t atoms, clusters;
    struct list_build build;
    float cutoff_unit;                      /* units in one sigma */
    float limit_inner_sq, limit_outer_sq;   /* units^2, displacements that the lists allow */
    float radius_inner_sq, radius_outer_sq; /* units^2 */
    struct row_list inner, outer;
    uint32_t *position_inner, *position_outer; /* where the atoms were, [clusters][3][8] */
    uint32_t *order;                           /* rows by the length of their lists, blocks of PAIRLIST_ORDER_BLOCK */
    uint64_t builds, prunes;
};

enum { PAIRLIST_ORDER_BLOCK = 512 };

struct pairlist_setup {
    uint32_t atoms, clusters;
    double cutoff; /* sigma */
    double skin_outer, skin_inner;
    double density; /* atoms per sigma^3: sizes the lists */
};

/* The smallest half box edge that the lists need beyond the cutoff, sigma. */
extern const double pairlist_skin_min;

enum status pairlist_init(struct pairlist *list, const struct pairlist_setup *setup, struct error *err) MUST_CHECK;
void pairlist_finish(struct pairlist *list);

/* The box has these edges (sigma). */
void pairlist_set_metric(struct pairlist *list, const struct pairlist_setup *setup, const struct metric *metric);

/* Makes both lists. STATUS_PHYSICS when more atoms crowd together than a fluid or a crystal can hold. */
enum status pairlist_build(struct pairlist *list, const struct kernels *kernels, const uint32_t *position,
                           struct error *err) MUST_CHECK;

/* After a move: true when the outer list no longer holds (sort if you like, then pairlist_build). */
bool pairlist_is_stale(const struct pairlist *list, const struct kernels *kernels, const uint32_t *position);

/* Remakes the inner list from the outer one. */
void pairlist_prune(struct pairlist *list, const struct kernels *kernels, const uint32_t *position);

#endif
