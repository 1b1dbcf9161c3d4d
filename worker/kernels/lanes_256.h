/* lanes_256.h - eight lanes in one AVX register, for AVX2 with FMA and for AVX-512. */
#ifndef VITRINE_WORKER_KERNELS_LANES_256_H
#define VITRINE_WORKER_KERNELS_LANES_256_H

#include <immintrin.h>

LANES_INLINE lanes_f lanes_fma(lanes_f a, lanes_f b, lanes_f c)
{
    return (lanes_f)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

LANES_INLINE lanes_f lanes_sqrt(lanes_f a)
{
    return (lanes_f)_mm256_sqrt_ps((__m256)a);
}

LANES_INLINE unsigned lanes_bits(lanes_i mask)
{
    return (unsigned)_mm256_movemask_ps((__m256)mask);
}

#endif
