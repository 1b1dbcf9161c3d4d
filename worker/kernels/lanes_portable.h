/* lanes_portable.h - the operations of lanes.h that need an intrinsic, written as loops. fmaf and sqrtf are exact in
 * IEEE 754, so the bits are those of every other build; where the machine has no fused multiply-add this is slow. */
#ifndef VITRINE_WORKER_KERNELS_LANES_PORTABLE_H
#define VITRINE_WORKER_KERNELS_LANES_PORTABLE_H

#include <math.h>

LANES_INLINE lanes_f lanes_fma(lanes_f a, lanes_f b, lanes_f c)
{
    lanes_f r;
    for (int l = 0; l < LANES; l++)
        r[l] = fmaf(a[l], b[l], c[l]);
    return r;
}

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
