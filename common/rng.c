#include "common/rng.h"

#include "common/realmath.h"

#include <math.h>

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = UINT64_C(0xD2511F53) * c0;
        uint64_t p1 = UINT64_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void rng_words(struct rng_place place, uint32_t block, uint32_t out[4])
{
    uint64_t step = (uint64_t)place.step;
    const uint32_t counter[4] = {
        (uint32_t)step,
        (uint32_t)place.stream << 24 | (uint32_t)(step >> 32 & 0xffffff),
        place.index,
        block,
    };
    const uint32_t key[2] = {(uint32_t)place.seed, (uint32_t)(place.seed >> 32)};
    rng_philox(counter, key, out);
}

static double uniform_of_words(uint32_t high, uint32_t low)
{
    uint64_t bits = (uint64_t)high << 21 | low >> 11; /* 53 bits */
    return ((double)bits + 0.5) * 0x1p-53;
}

double rng_uniform(struct rng_place place, uint32_t block)
{
    uint32_t words[4];
    rng_words(place, block, words);
    return uniform_of_words(words[0], words[1]);
}

void rng_normal_pair(struct rng_place place, uint32_t block, double out[2])
{
    uint32_t words[4];
    rng_words(place, block, words);
    double radius = sqrt(-2.0 * real_log(uniform_of_words(words[0], words[1])));
    double sine, cosine;
    real_sincos_turns(uniform_of_words(words[2], words[3]), &sine, &cosine);
    out[0] = radius * cosine;
    out[1] = radius * sine;
}
