/* build_place.h - where the random numbers of a start stand: STREAM_BUILD has no steps, so the step names the purpose
 * and two purposes never share a number. The random builder draws at step 0. */
#ifndef VITRINE_WORKER_BUILD_BUILD_PLACE_H
#define VITRINE_WORKER_BUILD_BUILD_PLACE_H

#include "common/ids.h"
#include "common/rng.h"

/* What names the random numbers of a start. */
struct build_seed {
    uint64_t seed;
    struct replica_id replica;
};

enum build_draw {
    BUILD_DRAW_RANDOM,
    BUILD_DRAW_TYPES,
    BUILD_DRAW_NOISE,
    BUILD_DRAW_CENTRES,
    BUILD_DRAW_ORIENTATIONS,
    BUILD_DRAW_FILLING,
};

static inline struct rng_place build_place(struct build_seed seed, enum build_draw draw)
{
    return (struct rng_place){seed.seed, STREAM_BUILD, draw, seed.replica.value};
}

#endif
