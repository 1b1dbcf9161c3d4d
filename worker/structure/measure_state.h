/* measure_state.h - a configuration under observation, for the files that hold measure_<name> functions. */
#ifndef VITRINE_WORKER_STRUCTURE_MEASURE_STATE_H
#define VITRINE_WORKER_STRUCTURE_MEASURE_STATE_H

#include "worker/structure/analysis.h"
#include "worker/structure/b2.h"
#include "worker/structure/bonds.h"
#include "worker/structure/clusters.h"
#include "worker/structure/comparison.h"
#include "worker/structure/laves.h"
#include "worker/structure/measure.h"
#include "worker/structure/relaxation.h"
#include "worker/structure/signatures.h"
#include "worker/structure/voronoi.h"

/* What the tessellation of the inherent structure says beyond the count of icosahedra. */
struct measure_order {
    uint32_t frank_kasper[FRANK_KASPER_COUNT];
    struct bonds bonds;
    struct laves laves;
    struct clusters icosahedral;
    struct clusters close_packed; /* large atoms that are fcc or hcp */
    struct b2 b2;
};

/* Everything that is known of the inherent structure: group structure. */
struct measure_structure {
    struct analysis analysis;
    bool *close_packed_is; /* large and fcc or hcp, [atoms] */
    uint32_t close_packed_count;
    struct clusters laves, close_packed;
};

struct earlier {
    struct snapshot snapshot;
    struct configuration inherent;
    struct reference reference; /* of the inherent structure */
};

struct measure {
    struct potential potential;
    const struct configuration *thermal;
    struct md_observables observables;
    uint32_t type_count[2]; /* atoms by enum atom_type */
    /* Made on first demand; the first failure is kept and whatever is asked for afterwards is 0. */
    bool has_inherent, has_voronoi, has_order, has_structure, has_dynamics;
    struct configuration inherent;
    struct cg_result minimum;
    struct voronoi voronoi; /* of the inherent structure */
    uint32_t icosahedral[2];
    struct measure_order order;
    struct measure_structure structure;
    const struct earlier *earlier;   /* NULL: nothing to compare with */
    const struct snapshot *snapshot; /* that of `thermal`, where there is something */
    struct comparison dynamics;
    const struct relaxation *relaxation; /* NULL: no window ends here */
    struct relaxation_times relaxation_times;
    enum status status;
    struct error error;
};

/* Each makes what it is named after unless that is there; false when it cannot. */
bool measure_needs_inherent(struct measure *measure);
bool measure_needs_voronoi(struct measure *measure);
bool measure_needs_order(struct measure *measure);
bool measure_needs_structure(struct measure *measure);
bool measure_needs_dynamics(struct measure *measure);

void measure_structure_finish(struct measure_structure *structure); /* zeroed is fine */

/* One function per row of quantities.def that is measured on a configuration; static energies are of lattices. */
#define MEASURE_thermal(name)   double measure_##name(struct measure *measure);
#define MEASURE_inherent(name)  double measure_##name(struct measure *measure);
#define MEASURE_static(name)
#define MEASURE_structure(name) double measure_##name(struct measure *measure);
#define MEASURE_dynamics(name)  double measure_##name(struct measure *measure);
#define MEASURE_relaxation(name) double measure_##name(struct measure *measure);
#define QUANTITY(group, name, symbol, unit, definition, reference) MEASURE_##group(name)
#include "common/quantities.def"
#undef QUANTITY
#undef MEASURE_thermal
#undef MEASURE_inherent
#undef MEASURE_static
#undef MEASURE_structure
#undef MEASURE_dynamics
#undef MEASURE_relaxation

/* The rows of an array while they are found. */
struct array_rows {
    enum array_id array;
    double *cells; /* [room][columns] */
    uint32_t count, room;
};

/* One function per row of arrays.def: adds its rows. */
#define ARRAY(group, name, columns, keys, units, definition, reference)                                                \
    enum status measure_array_##name(struct measure *measure, struct array_rows *rows, struct error *err);
#include "common/arrays.def"
#undef ARRAY

#endif
