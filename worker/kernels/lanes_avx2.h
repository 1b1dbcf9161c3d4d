/* lanes_avx2.h - the operations of lanes.h that need an intrinsic. A pack is one row. */
#ifndef VITRINE_WORKER_KERNELS_LANES_AVX2_H
#define VITRINE_WORKER_KERNELS_LANES_AVX2_H

#include "worker/kernels/lanes_256.h"
#include "worker/kernels/lanes_one_row.h"

LANES_INLINE void pack_sum3(pack_f x, pack_f y, pack_f z, float *out)
{
    __m256 zero = _mm256_setzero_ps();
    __m256 xy = _mm256_add_ps(_mm256_unpacklo_ps((__m256)x, (__m256)y), _mm256_unpackhi_ps((__m256)x, (__m256)y));
    __m256 z0 = _mm256_add_ps(_mm256_unpacklo_ps((__m256)z, zero), _mm256_unpackhi_ps((__m256)z, zero));
    __m256 halves = _mm256_add_ps(_mm256_shuffle_ps(xy, z0, 0x44), _mm256_shuffle_ps(xy, z0, 0xee));
    __m128 sums = _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1));
    _mm_store_ss(out, sums);
    _mm_store_ss(out + 8, _mm_movehdup_ps(sums));
    _mm_store_ss(out + 16, _mm_movehl_ps(sums, sums));
}

#endif
