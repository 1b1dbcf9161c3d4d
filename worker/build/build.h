/* build.h - a starting state from a specification: every builder behind one call. Deterministic; positions only. */
#ifndef VITRINE_WORKER_BUILD_BUILD_H
#define VITRINE_WORKER_BUILD_BUILD_H

#include "common/volume.h"
#include "worker/build/build_place.h"
#include "worker/build/lattices.h"
#include "worker/build/nanocomposite.h"
#include "worker/md/configuration.h"
#include "worker/md/potential.h"
#include "worker/minimize/cg.h"
#include <stdbool.h>

enum build_kind {
    BUILD_RANDOM,
    BUILD_FCC, /* ... BUILD_C36: in the order of enum lattice_kind */
    BUILD_HCP,
    BUILD_B2,
    BUILD_C11B,
    BUILD_C14,
    BUILD_C15,
    BUILD_C36,
    BUILD_C15_DISORDERED,
    BUILD_NANOCOMPOSITE,
    BUILD_FILE,
    BUILD_KIND_COUNT
};
extern const char *const build_names[BUILD_KIND_COUNT]; /* "random", "fcc", ..., "c15_disordered", ... "file" */

/* Whether the state is moved to the energy minimum below it (f_max <= 1e-8). By kind: a nanocomposite, whose interfaces
 * begin with overlaps, is; a crystal and a file are not. A random start has its overlaps removed in any case. */
enum build_minimum { BUILD_MINIMUM_BY_KIND, BUILD_MINIMUM_YES, BUILD_MINIMUM_NO };

/* Members that a kind has no use for are not looked at; zero means the default where one is named. */
struct build_spec {
    enum build_kind kind;
    struct build_seed seed;
    enum potential_kind potential; /* what relaxes shapes and removes overlaps */
    enum cut_kind cut;
    double cutoff;          /* sigma */
    uint32_t atoms;         /* crystals: fitted as near as a round supercell comes */
    double small_fraction;  /* < 0: the crystal's own, or as in the file; elsewhere 0.5 */
    double volume_per_atom; /* sigma^3; 0: by the rule; a file keeps its own */
    enum volume_rule volume_rule;
    const char *sites;              /* crystals: lattice_set_sites; NULL: the crystal's own */
    bool is_relaxed;                /* crystals: c/a and internal coordinates of least energy (eos.h), else ideal */
    struct lattice_repeats repeats; /* crystals: cells along each edge; 0: fitted to `atoms` */
    enum build_minimum minimum;
    double noise;         /* sigma, standard deviation of a displacement of each coordinate; after the minimiser */
    uint32_t grain_atoms; /* nanocomposite: mean atoms of a grain; 0: 400 */
    double grain_volume;  /* nanocomposite: sigma^3 per atom in the grains; 0: 0.69 */
    const char *path;     /* file */
};

/* What came out. */
struct build_report {
    uint32_t atoms_wanted; /* 0 where the specification does not say */
    uint32_t atoms, atoms_small;
    double volume_per_atom;                    /* sigma^3 */
    struct lattice_repeats repeats;            /* crystals */
    struct nanocomposite_report nanocomposite; /* nanocomposite */
    bool is_minimized;
    struct cg_result minimum; /* where it is */
};

bool build_kind_is_crystal(enum build_kind kind);

/* Initialises `out`. */
enum status build_make(const struct build_spec *spec, struct configuration *out, struct build_report *out_report,
                       struct error *err) MUST_CHECK;

#endif
