/* rng.h - counter-based random numbers: every number is a pure function of (seed, stream, step, index, block).
 *
 * Philox4x32-10: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11 (2011).
 * There is no generator state anywhere, so no order of events, no number of workers and no restart can change a number.
 *
 *     key     = seed (64 bit)
 *     counter = { step low 32,  stream 8 | step high 24,  index,  block }
 *
 * `index` is a replica or a rung, `block` counts the draws within one step. A step is signed (preparation is negative);
 * its low 56 bits are used, and campaign_check refuses campaigns that would need more. Thread-safe: no state. */
#ifndef VITRINE_COMMON_RNG_H
#define VITRINE_COMMON_RNG_H

#include <stdint.h>

enum rng_stream {
    STREAM_BUILD = 1,      /* starting positions, types and orientations */
    STREAM_VELOCITY = 2,   /* Maxwell velocities */
    STREAM_THERMOSTAT = 3, /* Bussi, Langevin */
    STREAM_EXCHANGE = 4,   /* acceptance of replica exchange */
    STREAM_IDENTITY = 5,   /* hybrid MD/MC: identity exchanges */
    STREAM_AUDIT = 6,      /* which segments are re-executed */
    STREAM_BOOTSTRAP = 7,  /* resampling in server/analysis */
    STREAM_TEST = 255,
};

/* Where in the stream a draw is. */
struct rng_place {
    uint64_t seed;
    enum rng_stream stream;
    int64_t step;
    uint32_t index;
};

/* The Philox4x32-10 bijection itself. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Four 32-bit words of block `block` at `place`. */
void rng_words(struct rng_place place, uint32_t block, uint32_t out[4]);

/* A uniform double in the open interval (0, 1): (53 random bits + 1/2) / 2^53, from the first two words of the block.
 */
double rng_uniform(struct rng_place place, uint32_t block);

/* Two independent standard normal doubles from one block (Box-Muller on realmath, same bits on every machine). */
void rng_normal_pair(struct rng_place place, uint32_t block, double out[2]);

#endif
