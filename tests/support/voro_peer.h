/* voro_peer.h - the same tessellation by the voro++ library, for a bench and a test that compare. */
#ifndef VITRINE_TESTS_SUPPORT_VORO_PEER_H
#define VITRINE_TESTS_SUPPORT_VORO_PEER_H

#ifdef __cplusplus
extern "C" {
#endif

/* One cell as the library finds it. */
struct voro_peer_cell {
    double volume;
    unsigned faces;
    const int *edges; /* of each face, [faces] */
};

typedef void voro_peer_visit(void *context, unsigned atom, const struct voro_peer_cell *cell);

/* Volumes, faces with edge counts, areas and neighbours of all cells; returns the sum of volumes. radius NULL: plain.
 * visit (may be NULL) is called for each atom that has a cell. */
double voro_peer_tessellate(unsigned atoms, const double box[3], const double *const position[3], const double *radius,
                            voro_peer_visit *visit, void *context);

#ifdef __cplusplus
}
#endif

#endif
