/* lattices.h - the crystals of the binary Lennard-Jones mixture as orthorhombic cells of a volume per atom.
 *
 * A lattice is data: a few Wyckoff orbits, each a list of positions constant + slope * u with at most one free internal
 * coordinate u, and a ratio c/a where symmetry leaves it free. Hexagonal crystals stand in the orthorhombic cell
 * a x sqrt(3) a x c, which holds two hexagonal cells.
 *
 *     name  Pearson  group     orbits                                     atoms
 *     fcc   cF4      Fm-3m     4a                                         4
 *     hcp   hP2      P6_3/mmc  2c                                         4
 *     b2    cP2      Pm-3m     1a 1b                                      2
 *     c11b  tI6      I4/mmm    2a 4e (z = 1/3)                            6      MoSi2 as a bcc superlattice: c/a = 3
 *     c14   hP12     P6_3/mmc  4f (1/16) 2a 6h (5/6)                      24     MgZn2, Laves
 *     c15   cF24     Fd-3m     8a 16d                                     24     MgCu2, Laves
 *     c36   hP24     P6_3/mmc  4e (3/32) 4f (27/32) 4f (1/8) 6g 6h (1/6)  48     MgNi2, Laves
 *
 * Wyckoff letters and ideal coordinates: International Tables A; Villars & Calvert, Pearson's Handbook. In the ideal
 * Laves phases all small-small distances are equal and so are all large-large ones. The large species takes the Mg (Mo)
 * sites by default. */
#ifndef VITRINE_WORKER_BUILD_LATTICES_H
#define VITRINE_WORKER_BUILD_LATTICES_H

#include "common/error.h"
#include "worker/md/configuration.h"
#include <stdbool.h>
#include <stdint.h>

enum lattice_kind {
    LATTICE_FCC,
    LATTICE_HCP,
    LATTICE_B2,
    LATTICE_C11B,
    LATTICE_C14,
    LATTICE_C15,
    LATTICE_C36,
    LATTICE_KIND_COUNT
};
extern const char *const lattice_names[LATTICE_KIND_COUNT]; /* "fcc", "hcp", "b2", "c11b", "c14", "c15", "c36" */

enum { LATTICE_BASIS_MAX = 48, LATTICE_ORBITS_MAX = 5 };

/* What symmetry leaves free. */
struct lattice_shape {
    double c_over_a;                     /* 1 where the crystal is cubic */
    double internal[LATTICE_ORBITS_MAX]; /* u of each orbit, fraction of an edge; 0 where it has none */
};

/* One cell, at volume 1 per atom. */
struct lattice {
    uint32_t basis;                        /* atoms in the cell */
    double edge[3];                        /* cell edges; their product is `basis` */
    double position[LATTICE_BASIS_MAX][3]; /* fractions of the edges, in [0, 1) */
    uint8_t type[LATTICE_BASIS_MAX];       /* enum atom_type */
    uint8_t orbit[LATTICE_BASIS_MAX];      /* atoms of one orbit are equivalent by symmetry, types included */
};

/* How often the cell is repeated along each edge. */
struct lattice_repeats {
    uint32_t count[3];
};

/* The shape with ideal c/a and internal coordinates. */
struct lattice_shape lattice_ideal_shape(enum lattice_kind kind);

/* The free members of a shape, as pointers into it; returns their count (0 .. LATTICE_ORBITS_MAX + 1). */
uint32_t lattice_free_parameters(enum lattice_kind kind, struct lattice_shape *shape,
                                 double *out_parameters[LATTICE_ORBITS_MAX + 1]);

struct lattice lattice_make(enum lattice_kind kind, const struct lattice_shape *shape);

/* Who sits where: one letter L or S per orbit in the order of the table above ("LS"), or one per atom of the cell
 * (which ends the equivalence of atoms). */
enum status lattice_set_sites(struct lattice *lattice, const char *sites, struct error *err) MUST_CHECK;

/* Small atoms over all atoms of the cell. */
double lattice_small_fraction(const struct lattice *lattice);

/* The supercell nearest to `atoms`: supercell_fit. */
struct lattice_repeats lattice_fit_repeats(const struct lattice *lattice, uint32_t atoms);

/* The supercell as a configuration (initialised here; the caller finishes it), cell by cell with x fastest. */
enum status lattice_fill(const struct lattice *lattice, struct lattice_repeats repeats, double volume_per_atom,
                         struct configuration *out, struct error *err) MUST_CHECK;

#endif
