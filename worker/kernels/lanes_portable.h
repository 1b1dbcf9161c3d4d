/* lanes_portable.h - the operations of lanes.h that need an intrinsic, written for any machine. fma and sqrt are exact
 * in IEEE 754, so the bits are those of every other build. */
#ifndef VITRINE_WORKER_KERNELS_LANES_PORTABLE_H
#define VITRINE_WORKER_KERNELS_LANES_PORTABLE_H

#include <math.h>

#ifdef __FP_FAST_FMAF
LANES_INLINE lanes_f lanes_fma(lanes_f a, lanes_f b, lanes_f c)
{
    lanes_f r;
    for (int l = 0; l < LANES; l++)
        r[l] = fmaf(a[l], b[l], c[l]);
    return r;
}
#else
typedef double lanes_wide __attribute__((vector_size(64)));
typedef int64_t lanes_wide_bits __attribute__((vector_size(64)));

/* Where the machine has no fused multiply-add: in double precision the product is exact; the sum is rounded to odd
 * (towards the neighbour whose last bit is 1, unless exact), from which rounding to single precision is as if from the
 * exact value. Boldo & Melquiond, IEEE Trans. Comput. 57, 462 (2008). */
LANES_INLINE lanes_f lanes_fma(lanes_f a, lanes_f b, lanes_f c)
{
    const lanes_wide product = __builtin_convertvector(a, lanes_wide) * __builtin_convertvector(b, lanes_wide);
    const lanes_wide added = __builtin_convertvector(c, lanes_wide);
    const lanes_wide sum = product + added, part = sum - product;
    const lanes_wide error = (product - (sum - part)) + (added - part);
    const lanes_wide_bits bits = (lanes_wide_bits)sum;
    const lanes_wide_bits inexact = (error > 0.0) | (error < 0.0), even = (bits & 1) == 0;
    const lanes_wide_bits beyond = ((lanes_wide_bits)error ^ bits) < 0; /* the exact value is nearer to zero */
    return __builtin_convertvector((lanes_wide)(bits + (inexact & even & (beyond | 1))), lanes_f);
}
#endif

LANES_INLINE lanes_f lanes_sqrt(lanes_f a)
{
    lanes_f r;
    for (int l = 0; l < LANES; l++)
        r[l] = sqrtf(a[l]);
    return r;
}

LANES_INLINE unsigned lanes_bits(lanes_i mask)
{
    unsigned bits = 0;
    for (int l = 0; l < LANES; l++)
        bits |= (unsigned)(mask[l] & 1) << l;
    return bits;
}

LANES_INLINE void lanes_multiply_wide(lanes_u a, uint32_t b, lanes_u *high, lanes_u *low)
{
    for (int l = 0; l < LANES; l++) {
        uint64_t product = (uint64_t)a[l] * b;
        (*high)[l] = (uint32_t)(product >> 32);
        (*low)[l] = (uint32_t)product;
    }
}

#include "worker/kernels/lanes_one_row.h"

LANES_INLINE float lanes_sum(lanes_f v)
{
    return ((v[0] + v[2]) + (v[1] + v[3])) + ((v[4] + v[6]) + (v[5] + v[7]));
}

LANES_INLINE void pack_sum3(pack_f x, pack_f y, pack_f z, float *out)
{
    out[0] = lanes_sum(x);
    out[8] = lanes_sum(y);
    out[16] = lanes_sum(z);
}

#endif
