/* The portable lanes: their fused multiply-add rounds once, as the machine's own does. */
#pragma GCC diagnostic ignored "-Wpsabi" /* vectors are only passed to functions that are inlined */
#include "common/rng.h"
#include "worker/kernels/lanes.h"

#include <criterion/criterion.h>
#include <math.h>

static float of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void check(const float a[LANES], const float b[LANES], const float c[LANES])
{
    lanes_f va, vb, vc;
    memcpy(&va, a, sizeof va);
    memcpy(&vb, b, sizeof vb);
    memcpy(&vc, c, sizeof vc);
    const lanes_f found = lanes_fma(va, vb, vc);
    for (int l = 0; l < LANES; l++) {
        const float expected = fmaf(a[l], b[l], c[l]), value = found[l];
        if (isnan(expected) && isnan(value))
            continue;
        cr_assert(memcmp(&expected, &value, sizeof value) == 0, "%a * %a + %a: %a, not %a", (double)a[l], (double)b[l],
                  (double)c[l], (double)value, (double)expected);
    }
}

static uint32_t random_word(uint64_t n, uint32_t which)
{
    const struct rng_place place = {1, STREAM_THERMOSTAT, (int64_t)n, which};
    return (uint32_t)(rng_uniform(place, 0) * 0x1p32);
}

/* Any bits at all: subnormals, infinities and NaNs among them. */
Test(lanes, multiply_and_add_rounds_once_for_any_bits)
{
    for (uint64_t n = 0; n < 20000; n++) {
        float a[LANES], b[LANES], c[LANES];
        for (uint32_t l = 0; l < LANES; l++) {
            a[l] = of_bits(random_word(n, 3 * l));
            b[l] = of_bits(random_word(n, 3 * l + 1));
            c[l] = of_bits(random_word(n, 3 * l + 2));
        }
        check(a, b, c);
    }
}

/* Halfway cases that rounding twice gets wrong: a product of 1 + 2^-23 and 1 + k 2^-23 beside an addend whose last
 * place lies far below or far above. */
Test(lanes, multiply_and_add_rounds_once_halfway_between_two_floats)
{
    for (uint64_t n = 0; n < 20000; n++) {
        float a[LANES], b[LANES], c[LANES];
        for (uint32_t l = 0; l < LANES; l++) {
            const uint32_t word = random_word(n, l);
            a[l] = 1.0f + 0x1p-23f * (float)(word & 0xff);
            b[l] = (word & 0x100 ? -1.0f : 1.0f) * (1.0f + 0x1p-12f * (float)(word >> 9 & 0x7));
            c[l] = ldexpf((word & 0x1000 ? -1.0f : 1.0f) * (1.0f + 0x1p-23f * (float)(word >> 13 & 0x3)),
                          (int)(word >> 16 & 0x7f) - 64);
        }
        check(a, b, c);
    }
}
