/* nanocomposite.h - randomly oriented C15 grains in a matrix of large atoms (Derlet & Maass, Fig. 3b).
 *
 * Grain centres are spread over the periodic box; a grain is the Voronoi cell of its centre, filled with C15 of a
 * random orientation and origin. The grains hold all small atoms and half as many large ones, as C15 wants; what is
 * left of the large atoms fills planar interfaces between them. So composition and volume are met exactly, and they,
 * with the grain size, set the thickness of the interfaces: atoms are taken by their depth under the faces of their
 * cell until the last small atom has its place, and twice that depth is the thickness.
 *
 * The result has overlaps in the interfaces: it is to be minimised (build.h does). Deterministic. */
#ifndef VITRINE_WORKER_BUILD_NANOCOMPOSITE_H
#define VITRINE_WORKER_BUILD_NANOCOMPOSITE_H

#include "worker/build/build_place.h"
#include "worker/md/configuration.h"
#include "worker/md/potential.h"

struct nanocomposite_spec {
    uint32_t atoms, atoms_small;
    double volume_per_atom; /* sigma^3, of the whole */
    uint32_t grain_atoms;   /* wanted mean: 400 or 1200 in the paper */
    double grain_volume;    /* sigma^3 per atom inside the grains; 0.69 */
    struct build_seed seed;
};

struct nanocomposite_report {
    uint32_t grains;
    uint32_t atoms_crystal;  /* placed on a C15 lattice; the others fill interfaces */
    double grain_atoms_mean; /* atoms_crystal / grains */
    double interface_width;  /* sigma, between the faces of neighbouring grains */
    double gap_min;          /* smallest distance of a filling atom to another, in units of sigma_ab */
};

/* Initialises `out`: atoms grain by grain, then the filling. STATUS_INVALID where the composition has more small atoms
 * than C15, the grains do not fit the volume, or the interfaces would be thinner than 0.6 sigma. */
enum status nanocomposite_build(const struct potential *potential, const struct nanocomposite_spec *spec,
                                struct configuration *out, struct nanocomposite_report *out_report,
                                struct error *err) MUST_CHECK;

#endif
