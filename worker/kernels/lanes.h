/* lanes.h - eight lanes, everywhere.
 *
 * The width is part of the algorithm, not of the machine: eight lanes are one 256-bit register, two halves, or a loop,
 * and give the same bits. Arithmetic is the compilers' vector extension (lane-wise IEEE operations: +, -, *, /); what
 * it does not have (fused multiply-add, sums over lanes, masks as bits) comes from the header of the instruction set.
 *
 *     lanes_fma(a, b, c)        a b + c, rounded once
 *     lanes_bits(mask)          bit l is set where lane l of the mask is
 *     lanes_multiply_wide       high and low words of the 64-bit products
 *
 * A pack is what one step of the force loop works on: PACK_ROWS rows (atoms), each against the same eight columns.
 * Where registers hold sixteen floats it is two rows, else one. Rows never mix, so the number of rows changes no bit.
 *
 *     pack_spread(p)            eight columns, the same for each row
 *     pack_rows(p)              p[0], p[1], each for the eight columns of its row
 *     pack_pick(p0, p1)         eight values for row 0 from p0, for row 1 from p1
 *     pack_sum3(x, y, z, out)   per row r: out[8 k + r] = the sum over its columns of v = x, y, z (k = 0, 1, 2) in the
 *                               order ((v0 + v2) + (v1 + v3)) + ((v4 + v6) + (v5 + v7))
 *
 * Positions are unsigned, so that the wraparound of a difference is defined; a signed view of it is the minimum image.
 */
#ifndef VITRINE_WORKER_KERNELS_LANES_H
#define VITRINE_WORKER_KERNELS_LANES_H

#include <stdint.h>
#include <string.h>

enum { LANES = 8 };

typedef float lanes_f __attribute__((vector_size(32)));
typedef int32_t lanes_i __attribute__((vector_size(32)));
typedef uint32_t lanes_u __attribute__((vector_size(32)));

#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE lanes_f lanes_load(const float *p)
{
    return *(const lanes_f *)p;
}

LANES_INLINE void lanes_store(float *p, lanes_f v)
{
    *(lanes_f *)p = v;
}

LANES_INLINE lanes_u lanes_load_u(const uint32_t *p)
{
    return *(const lanes_u *)p;
}

LANES_INLINE lanes_f lanes_set(float x)
{
    return (lanes_f){x, x, x, x, x, x, x, x};
}

LANES_INLINE lanes_u lanes_set_u(uint32_t x)
{
    return (lanes_u){x, x, x, x, x, x, x, x};
}

/* The difference of two fixed-point positions as a float: periodicity is the wraparound of the subtraction. */
LANES_INLINE lanes_f lanes_difference(lanes_u a, lanes_u b)
{
    return __builtin_convertvector((lanes_i)(a - b), lanes_f);
}

/* a < b for floats that are not negative: their bits compare as integers do, on any pipe. */
LANES_INLINE lanes_i lanes_below(lanes_f a, lanes_f b)
{
    return (lanes_i)b > (lanes_i)a;
}

LANES_INLINE lanes_f lanes_where(lanes_i mask, lanes_f v)
{
    return (lanes_f)(mask & (lanes_i)v);
}

LANES_INLINE lanes_f lanes_select(lanes_i mask, lanes_f yes, lanes_f no)
{
    return (lanes_f)((mask & (lanes_i)yes) | (~mask & (lanes_i)no));
}

/* Keeps the compiler from moving memory operations across: the software pipelines rely on their written order. */
#define LANES_FENCE() __asm__ volatile("" ::: "memory")

#if defined(__AVX512F__)
#include "worker/kernels/lanes_avx512.h"
#elif defined(__AVX2__) && defined(__FMA__)
#include "worker/kernels/lanes_avx2.h"
#else
#include "worker/kernels/lanes_portable.h"
#endif

#endif
