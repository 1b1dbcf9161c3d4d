/* lanes_avx512.h - the operations of lanes.h for AVX-512 (F, DQ, VL). A pack is two rows: the lower half of a register
 * and the upper. */
#ifndef VITRINE_WORKER_KERNELS_LANES_AVX512_H
#define VITRINE_WORKER_KERNELS_LANES_AVX512_H

#include "worker/kernels/lanes_256.h"

enum { PACK_ROWS = 2 };

typedef float pack_f __attribute__((vector_size(64)));
typedef uint32_t pack_u __attribute__((vector_size(64)));
typedef __mmask16 pack_mask;

LANES_INLINE pack_f pack_load(const float *p)
{
    return (pack_f)_mm512_load_ps(p);
}

LANES_INLINE void pack_store(float *p, pack_f v)
{
    _mm512_store_ps(p, (__m512)v);
}

LANES_INLINE pack_f pack_set(float x)
{
    return (pack_f)_mm512_set1_ps(x);
}

LANES_INLINE pack_u pack_spread(const uint32_t *p)
{
    return (pack_u)_mm512_broadcast_i32x8(*(const __m256i *)p);
}

LANES_INLINE pack_u pack_rows(const uint32_t *p)
{
    __m512i lower = _mm512_castsi256_si512(_mm256_set1_epi32((int)p[0]));
    return (pack_u)_mm512_inserti32x8(lower, _mm256_set1_epi32((int)p[1]), 1);
}

LANES_INLINE pack_f pack_pick(const float *p0, const float *p1)
{
    return (pack_f)_mm512_insertf32x8(_mm512_castps256_ps512(*(const __m256 *)p0), *(const __m256 *)p1, 1);
}

LANES_INLINE pack_f pack_difference(pack_u a, pack_u b)
{
    return (pack_f)_mm512_cvtepi32_ps((__m512i)(a - b));
}

LANES_INLINE pack_f pack_fma(pack_f a, pack_f b, pack_f c)
{
    return (pack_f)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

LANES_INLINE pack_f pack_sqrt(pack_f a)
{
    return (pack_f)_mm512_sqrt_ps((__m512)a);
}

LANES_INLINE pack_mask pack_below(pack_f a, pack_f b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ);
}

/* Masks have registers of their own, and masking a product costs nothing. */
LANES_INLINE pack_f pack_mask_early(pack_mask mask, pack_f v)
{
    (void)mask;
    return v;
}

LANES_INLINE pack_f pack_multiply_late(pack_mask mask, pack_f a, pack_f b)
{
    return (pack_f)_mm512_maskz_mul_ps(mask, (__m512)a, (__m512)b);
}

LANES_INLINE pack_mask pack_mask_and_bits(pack_mask mask, uint32_t bits)
{
    return (pack_mask)(mask & bits);
}

LANES_INLINE uint32_t pack_bits(pack_mask mask)
{
    return mask;
}

LANES_INLINE void pack_sum3(pack_f x, pack_f y, pack_f z, float *out)
{
    __m512 zero = _mm512_setzero_ps();
    __m512 xy = _mm512_add_ps(_mm512_unpacklo_ps((__m512)x, (__m512)y), _mm512_unpackhi_ps((__m512)x, (__m512)y));
    __m512 z0 = _mm512_add_ps(_mm512_unpacklo_ps((__m512)z, zero), _mm512_unpackhi_ps((__m512)z, zero));
    __m512 quarters = _mm512_add_ps(_mm512_shuffle_ps(xy, z0, 0x44), _mm512_shuffle_ps(xy, z0, 0xee));
    __m512 rows =
        _mm512_add_ps(_mm512_shuffle_f32x4(quarters, quarters, 0x88), _mm512_shuffle_f32x4(quarters, quarters, 0xdd));
    /* x0 y0 z0 0 | x1 y1 z1 0, to pairs of rows */
    __m128 row_0 = _mm512_castps512_ps128(rows), row_1 = _mm512_extractf32x4_ps(rows, 1);
    __m128 xy_pairs = _mm_unpacklo_ps(row_0, row_1);
    _mm_storel_pi((__m64 *)out, xy_pairs);
    _mm_storeh_pi((__m64 *)(out + 8), xy_pairs);
    _mm_storel_pi((__m64 *)(out + 16), _mm_unpackhi_ps(row_0, row_1));
}

#endif
