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

LANES_INLINE void lanes_multiply_wide(lanes_u a, uint32_t b, lanes_u *high, lanes_u *low)
{
    __m256i factor = _mm256_set1_epi32((int)b);
    __m256i even = _mm256_mul_epu32((__m256i)a, factor);
    __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64((__m256i)a, 32), factor);
    *low = (lanes_u)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
    *high = (lanes_u)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}

#endif
