/* lanes_avx2.h - the operations of lanes.h that need an intrinsic, for AVX2 with FMA and for AVX-512. */
#ifndef VITRINE_WORKER_KERNELS_LANES_AVX2_H
#define VITRINE_WORKER_KERNELS_LANES_AVX2_H

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

LANES_INLINE void lanes_sum3(lanes_f x, lanes_f y, lanes_f z, float out[4])
{
    __m256 zero = _mm256_setzero_ps();
    __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps((__m256)x, (__m256)y), _mm256_hadd_ps((__m256)z, zero));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
}

#endif
