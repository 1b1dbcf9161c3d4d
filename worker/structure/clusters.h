/* clusters.h - connected clusters of chosen atoms, two being connected when their Voronoi cells share a face.
 *
 * A cluster is unwrapped along its own connections. Where two ways to the same atom differ by a box edge, the cluster
 * winds around the box: it percolates along that edge. (Touching both faces of the box would be neither needed nor
 * enough.) Livraghi et al., J. Chem. Theory Comput. 17, 6449 (2021) discuss the criterion. */
#ifndef VITRINE_WORKER_STRUCTURE_CLUSTERS_H
#define VITRINE_WORKER_STRUCTURE_CLUSTERS_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

struct clusters {
    uint32_t count;            /* of clusters, single atoms included */
    uint32_t largest;          /* atoms */
    double weight_average;     /* sum s^2 / sum s: size of the cluster that a chosen atom is in, on average */
    double radius_of_gyration; /* sigma, of the largest; 0 when it percolates, for then it has none */
    bool percolates[3];        /* some cluster winds around the box along x, y, z */
};

/* `chosen` is [atoms]. */
enum status clusters_find(const struct voronoi *voronoi, const struct configuration *configuration, const bool *chosen,
                          struct clusters *out, struct error *err) MUST_CHECK;

/* The same, and how many clusters there are of each size: out_by_size[size], [atoms + 1], or NULL. */
enum status clusters_find_sizes(const struct voronoi *voronoi, const struct configuration *configuration,
                                const bool *chosen, struct clusters *out, uint32_t *out_by_size,
                                struct error *err) MUST_CHECK;

#endif
