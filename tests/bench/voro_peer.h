/* voro_peer.h - the same tessellation by the voro++ library, for a bench that compares. */
#ifndef VITRINE_TESTS_BENCH_VORO_PEER_H
#define VITRINE_TESTS_BENCH_VORO_PEER_H

#ifdef __cplusplus
extern "C" {
#endif

/* Volumes, faces with edge counts, areas and neighbours of all cells; returns the sum of volumes. radius NULL: plain.
 */
double voro_peer_tessellate(unsigned atoms, const double box[3], const double *const position[3], const double *radius);

#ifdef __cplusplus
}
#endif

#endif
