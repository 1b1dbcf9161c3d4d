#include "common/realmath.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Distance in units in the last place of `want`. */
static double ulps(double got, long double want)
{
    int exponent;
    frexpl(want, &exponent);
    return (double)fabsl(((long double)got - want) / ldexpl(1.0L, exponent - 53));
}

Test(realmath, exp_is_within_two_ulps)
{
    double worst = 0.0;
    for (int i = -70700; i <= 70800; i++) {
        double x = i * 0.01 + 1e-7 * i;
        double error = ulps(real_exp(x), expl((long double)x));
        worst = error > worst ? error : worst;
    }
    cr_assert_lt(worst, 2.0, "%g ulps", worst);
}

Test(realmath, log_is_within_two_ulps)
{
    double worst = 0.0;
    for (int i = 1; i < 200000; i++) {
        double x = i * 1.37e-5 * (1 + i % 7) * (i % 11 == 0 ? 1e200 : 1.0);
        double error = ulps(real_log(x), logl((long double)x));
        worst = error > worst ? error : worst;
    }
    cr_assert_lt(worst, 2.0, "%g ulps", worst);
}

Test(realmath, sine_and_cosine_are_within_two_epsilon)
{
    const long double two_pi = 6.283185307179586476925286766559L;
    double worst = 0.0;
    for (int i = -300000; i <= 300000; i++) {
        double u = i * 3.3e-6, s, c;
        real_sincos_turns(u, &s, &c);
        double error_s = (double)fabsl((long double)s - sinl(two_pi * (long double)u));
        double error_c = (double)fabsl((long double)c - cosl(two_pi * (long double)u));
        worst = fmax(worst, fmax(error_s, error_c));
    }
    cr_assert_lt(worst, 2.0 * 0x1p-53 * 2.0, "%g", worst);
}

Test(realmath, limits_are_those_stated)
{
    cr_assert_eq(real_exp(0.0), 1.0);
    cr_assert_eq(real_exp(-1e9), 0.0);
    cr_assert(isinf(real_exp(1e9)));
    cr_assert(isnan(real_exp(NAN)));
    cr_assert_eq(real_log(1.0), 0.0);
    cr_assert(isinf(real_log(0.0)) && real_log(0.0) < 0);
    cr_assert(isinf(real_log(-1.0)) && real_log(-1.0) < 0);
    cr_assert(isnan(real_log(NAN)));
    cr_assert(isinf(real_log(INFINITY)));
    double s, c;
    real_sincos_turns(0.25, &s, &c);
    cr_assert_eq(s, 1.0);
    cr_assert_eq(c, 0.0);
}

/* The promise is bits, not accuracy: these were computed once and hold on every machine. */
Test(realmath, bits_are_pinned)
{
    uint64_t hash = UINT64_C(1469598103934665603);
    for (int i = 1; i < 20000; i++) {
        double values[4] = {real_exp(i * 0.013 - 100.0), real_log(i * 0.77)};
        real_sincos_turns(i * 0.00071, &values[2], &values[3]);
        for (int k = 0; k < 4; k++) {
            uint64_t bits;
            memcpy(&bits, &values[k], sizeof bits);
            hash = (hash ^ bits) * UINT64_C(1099511628211);
        }
    }
    cr_assert_eq(hash, UINT64_C(0xf5281240fe98d180), "%016llx", (unsigned long long)hash);
}

Test(realmath, cube_roots_of_cubes_are_whole_and_of_others_within_one_place)
{
    for (int n = 1; n <= 1000; n++) {
        double cube = (double)n * n * n;
        cr_expect_eq(real_cbrt(cube), (double)n, "%d", n);
        double x = cube * 0.767, root = real_cbrt(x);
        cr_expect_float_eq((double)(root / cbrtl(x) - 1), 0.0, 2.3e-16);
    }
}
