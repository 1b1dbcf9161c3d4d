/* realmath.h - the few elementary functions that decisions and trajectories rest on, with the same bits on every
 * machine.
 *
 * glibc picks variants of exp, log, cos by CPU, and their last bits differ. These are built from +, -, *, / alone,
 * which IEEE 754 pins, in a fixed order and without contraction. Errors are below 2 units in the last place over the
 * stated ranges. sqrt is exact in IEEE 754 and taken from libm. Thread-safe: no state. */
#ifndef VITRINE_COMMON_REALMATH_H
#define VITRINE_COMMON_REALMATH_H

/* e^x. Underflows to 0 below -708, overflows to +inf above 709; NaN gives NaN. */
double real_exp(double x);

/* Natural logarithm of a positive normal number. x <= 0 and subnormals give -inf, NaN gives NaN, +inf gives +inf. */
double real_log(double x);

/* sin and cos of 2 pi u ("turns"), for |u| <= 2^20. */
void real_sincos_turns(double u, double *out_sine, double *out_cosine);

/* x^y = e^(y log x) for x > 0. */
double real_pow(double x, double y);

/* Cube root of x > 0: exact to the last place or its neighbour; cubes of small whole numbers come out whole. */
double real_cbrt(double x);

#endif
