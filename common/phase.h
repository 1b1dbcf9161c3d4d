/* phase.h - the crystals that a static energy-volume curve can be of, by name.
 *
 * A phase is a crystal of the builders with its sites given to the two species. A campaign names phases before any
 * worker builds one; the worker knows where the atoms of a crystal are (worker/build/lattices.h). */
#ifndef VITRINE_COMMON_PHASE_H
#define VITRINE_COMMON_PHASE_H

#include "common/segment.h"

enum { PHASE_NAME_SIZE = 64, PHASES_MAX = 32 };

struct phase {
    char name[PHASE_NAME_SIZE];
    enum builder_kind crystal; /* BUILDER_FCC ... BUILDER_C36 */
    char sites[SITES_SIZE];    /* L or S for each orbit of the crystal, or for each atom of its cell */
};

/* The phases of the paper and their kin: fcc_large fcc_small hcp_large hcp_small B2 C11b C14 C15 C36. */
extern const struct phase phases[];
extern const uint32_t phase_count;

/* A phase by its name in `phases` (case does not matter), or any other as CRYSTAL:SITES, such as "c11b:SL". */
enum status phase_find(const char *name, struct phase *out_phase, struct error *err) MUST_CHECK;

/* STATUS_INVALID, with the reason, for sites that the crystal does not have. */
enum status phase_check_sites(enum builder_kind crystal, const char *sites, struct error *err) MUST_CHECK;

/* Atoms of the cell, and small ones among them. */
uint32_t phase_cell_atoms(const struct phase *phase);
uint32_t phase_cell_atoms_small(const struct phase *phase);
double phase_small_fraction(const struct phase *phase);

#endif
