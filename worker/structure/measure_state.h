/* measure_state.h - a configuration under observation, for the files that hold measure_<name> functions. */
#ifndef VITRINE_WORKER_STRUCTURE_MEASURE_STATE_H
#define VITRINE_WORKER_STRUCTURE_MEASURE_STATE_H

#include "worker/structure/bonds.h"
#include "worker/structure/clusters.h"
#include "worker/structure/laves.h"
#include "worker/structure/measure.h"
#include "worker/structure/signatures.h"
#include "worker/structure/voronoi.h"

/* What the tessellation of the inherent structure says beyond the count of icosahedra. */
struct measure_order {
    uint32_t frank_kasper[FRANK_KASPER_COUNT];
    struct bonds bonds;
    struct laves laves;
    struct clusters icosahedral;
    struct clusters close_packed; /* large atoms that are fcc or hcp */
};

struct measure {
    struct potential potential;
    const struct configuration *thermal;
    struct md_observables observables;
    uint32_t type_count[2]; /* atoms by enum atom_type */
    /* Made on first demand; the first failure is kept and whatever is asked for afterwards is 0. */
    bool has_inherent, has_voronoi, has_order;
    struct configuration inherent;
    struct cg_result minimum;
    struct voronoi voronoi; /* of the inherent structure */
    uint32_t icosahedral[2];
    struct measure_order order;
    enum status status;
    struct error error;
};

/* Each makes what it is named after unless that is there; false when it cannot. */
bool measure_needs_inherent(struct measure *measure);
bool measure_needs_voronoi(struct measure *measure);
bool measure_needs_order(struct measure *measure);

/* One function per row of quantities.def that is measured on a configuration; static energies are of lattices. */
#define MEASURE_thermal(name)  double measure_##name(struct measure *measure);
#define MEASURE_inherent(name) double measure_##name(struct measure *measure);
#define MEASURE_static(name)
#define QUANTITY(group, name, symbol, unit, definition) MEASURE_##group(name)
#include "common/quantities.def"
#undef QUANTITY
#undef MEASURE_thermal
#undef MEASURE_inherent
#undef MEASURE_static

#endif
