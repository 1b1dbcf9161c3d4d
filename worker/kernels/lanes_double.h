/* lanes_double.h - eight lanes of doubles, in as many registers as the machine needs: a part is one register's worth of
 * them. Arithmetic is lane-wise, so the size of a part changes no bit. */
#ifndef VITRINE_WORKER_KERNELS_LANES_DOUBLE_H
#define VITRINE_WORKER_KERNELS_LANES_DOUBLE_H

#include "worker/kernels/lanes.h"

#if defined(__AVX512F__)
enum { PART_LANES = 8 };
#elif defined(__AVX__)
enum { PART_LANES = 4 };
#else
enum { PART_LANES = 2 };
#endif
enum { PARTS = LANES / PART_LANES };

typedef double part_d __attribute__((vector_size(8 * PART_LANES)));
typedef int64_t part_l __attribute__((vector_size(8 * PART_LANES)));
typedef float part_f __attribute__((vector_size(4 * PART_LANES)));
typedef uint32_t part_u __attribute__((vector_size(4 * PART_LANES)));

LANES_INLINE part_d part_load(const double *p)
{
    return *(const part_d *)p;
}

LANES_INLINE void part_store(double *p, part_d v)
{
    *(part_d *)p = v;
}

/* Floats as doubles: exact. */
LANES_INLINE part_d part_widen(part_f v)
{
    return __builtin_convertvector(v, part_d);
}

/* To the nearest integer, ties to even, for |x| < 2^51: by the magic number 1.5 2^52. */
LANES_INLINE part_l part_round(part_d x)
{
    const part_d magic = x - x + 0x1.8p52;
    return (part_l)(x + magic) - (part_l)magic;
}

LANES_INLINE double part_sum(const part_d v[PARTS])
{
    double l[LANES];
    memcpy(l, v, sizeof l);
    return ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]));
}

#endif
