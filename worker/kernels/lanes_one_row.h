/* lanes_one_row.h - packs of one row: eight columns, eight lanes. */
#ifndef VITRINE_WORKER_KERNELS_LANES_ONE_ROW_H
#define VITRINE_WORKER_KERNELS_LANES_ONE_ROW_H

enum { PACK_ROWS = 1 };

typedef lanes_f pack_f;
typedef lanes_u pack_u;
typedef lanes_i pack_mask;

LANES_INLINE pack_f pack_load(const float *p)
{
    return lanes_load(p);
}

LANES_INLINE void pack_store(float *p, pack_f v)
{
    lanes_store(p, v);
}

LANES_INLINE pack_f pack_set(float x)
{
    return lanes_set(x);
}

LANES_INLINE pack_u pack_spread(const uint32_t *p)
{
    return lanes_load_u(p);
}

LANES_INLINE pack_u pack_rows(const uint32_t *p)
{
    return lanes_set_u(p[0]);
}

LANES_INLINE pack_f pack_pick(const float *p0, const float *p1)
{
    (void)p1;
    return lanes_load(p0);
}

LANES_INLINE pack_f pack_difference(pack_u a, pack_u b)
{
    return lanes_difference(a, b);
}

LANES_INLINE pack_f pack_fma(pack_f a, pack_f b, pack_f c)
{
    return lanes_fma(a, b, c);
}

LANES_INLINE pack_f pack_sqrt(pack_f a)
{
    return lanes_sqrt(a);
}

LANES_INLINE pack_mask pack_below(pack_f a, pack_f b)
{
    return lanes_below(a, b);
}

/* Few registers: values are masked at once, so that the mask need not be kept. */
LANES_INLINE pack_f pack_mask_early(pack_mask mask, pack_f v)
{
    return lanes_where(mask, v);
}

LANES_INLINE pack_f pack_multiply_late(pack_mask mask, pack_f a, pack_f b)
{
    (void)mask;
    return a * b;
}

LANES_INLINE pack_mask pack_mask_and_bits(pack_mask mask, uint32_t bits)
{
    const lanes_i bit = {1, 2, 4, 8, 16, 32, 64, 128};
    return mask & (((lanes_i)lanes_set_u(bits) & bit) != 0);
}

LANES_INLINE uint32_t pack_bits(pack_mask mask)
{
    return lanes_bits(mask);
}

#endif
