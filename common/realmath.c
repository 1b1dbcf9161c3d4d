#include "common/realmath.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = k ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, the first with 21 trailing zero bits, so k * high is exact.
 */
static const double ln2_high = 0x1.62e42fee00000p-1;
static const double ln2_low = 0x1.a39ef35793c76p-33;

double real_exp(double x)
{
    if (!(x >= -708.0))
        return x != x ? x : 0.0;
    if (x > 709.0)
        return (double)INFINITY;
    double k = floor(x * 0x1.71547652b82fep+0 + 0.5);
    double r = (x - k * ln2_high) - k * ln2_low;
    /* Taylor series to r^13; the first term left out is below 2^-56 of the sum. */
    double sum = 1.0 / 6227020800.0;
    static const double inverse_factorial[] = {1.0 / 479001600.0,
                                               1.0 / 39916800.0,
                                               1.0 / 3628800.0,
                                               1.0 / 362880.0,
                                               1.0 / 40320.0,
                                               1.0 / 5040.0,
                                               1.0 / 720.0,
                                               1.0 / 120.0,
                                               1.0 / 24.0,
                                               1.0 / 6.0,
                                               0.5};
    for (unsigned i = 0; i < sizeof inverse_factorial / sizeof inverse_factorial[0]; i++)
        sum = sum * r + inverse_factorial[i];
    double fraction = 1.0 + (r + r * r * sum);
    return fraction * double_of((uint64_t)((int64_t)k + 1023) << 52);
}

double real_log(double x)
{
    if (x != x || x == (double)INFINITY)
        return x;
    if (!(x >= 0x1p-1022))
        return -(double)INFINITY;
    uint64_t bits = bits_of(x);
    int64_t k = (int64_t)(bits >> 52) - 1023;
    double m = double_of((bits & UINT64_C(0xfffffffffffff)) | UINT64_C(1023) << 52);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        k++;
    }
    /* log m = 2 atanh s, s = (m - 1) / (m + 1), |s| <= 0.1716. */
    double f = m - 1.0, s = f / (2.0 + f), z = s * s;
    double sum = 2.0 / 25.0;
    for (int n = 23; n >= 3; n -= 2)
        sum = sum * z + 2.0 / n;
    /* 2 s = f - s f, which keeps the leading term exact. */
    double kd = (double)k;
    return kd * ln2_high + (f - (s * (f - z * sum) - kd * ln2_low));
}

/* sin and cos of x for |x| <= pi/4, by their Taylor series. */
static double sin_kernel(double x)
{
    double z = x * x, sum = 1.0 / 355687428096000.0;
    static const double c[] = {-1.0 / 1307674368000.0, 1.0 / 6227020800.0, -1.0 / 39916800.0, 1.0 / 362880.0,
                               -1.0 / 5040.0,          1.0 / 120.0,        -1.0 / 6.0};
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++)
        sum = sum * z + c[i];
    return x + x * (z * sum);
}

static double cos_kernel(double x)
{
    double z = x * x, sum = 1.0 / 20922789888000.0;
    static const double c[] = {-1.0 / 87178291200.0, 1.0 / 479001600.0, -1.0 / 3628800.0,
                               1.0 / 40320.0,        -1.0 / 720.0,      1.0 / 24.0};
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++)
        sum = sum * z + c[i];
    return 1.0 - (0.5 * z - z * z * sum);
}

void real_sincos_turns(double u, double *out_sine, double *out_cosine)
{
    double quarter = floor(4.0 * u + 0.5);
    double x = (u - 0.25 * quarter) * 0x1.921fb54442d18p+2; /* 2 pi */
    double s = sin_kernel(x), c = cos_kernel(x);
    switch ((int)((int64_t)quarter & 3)) {
    case 0:
        *out_sine = s, *out_cosine = c;
        break;
    case 1:
        *out_sine = c, *out_cosine = -s;
        break;
    case 2:
        *out_sine = -s, *out_cosine = -c;
        break;
    default:
        *out_sine = -c, *out_cosine = s;
        break;
    }
}

double real_pow(double x, double y)
{
    return real_exp(y * real_log(x));
}

double real_cbrt(double x)
{
    double root = real_exp(real_log(x) / 3.0);
    return root - (root * root * root - x) / (3.0 * root * root); /* one step of Newton's */
}
