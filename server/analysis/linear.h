/* linear.h - the small dense linear algebra that the fits need: at most a dozen unknowns, matrices row by row. */
#ifndef VITRINE_SERVER_ANALYSIS_LINEAR_H
#define VITRINE_SERVER_ANALYSIS_LINEAR_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>

enum { LINEAR_SIZE_MAX = 12 };

/* Replaces the symmetric matrix a[n][n] by its Cholesky factor L (lower triangle; the rest is left alone).
 * False, with `a` spoilt, when it is not positive definite to working precision. */
bool linear_cholesky(double *a, size_t n);

/* Solves L L^T x = b in place, with the factor of linear_cholesky. */
void linear_cholesky_solve(const double *factor, size_t n, double *b);

/* The inverse of L L^T. */
void linear_cholesky_inverse(const double *factor, size_t n, double *out_inverse);

/* x^T A x for a full symmetric matrix. */
double linear_quadratic_form(const double *a, const double *x, size_t n);

/* Least squares: the coefficients of y = design c, design[count][columns], by the normal equations (columns should be
 * of order one). out_rss may be NULL. Fails when the columns do not determine the coefficients. */
MUST_CHECK enum status linear_least_squares(const double *design, const double *y, size_t count, size_t columns,
                                            double *out_coefficients, double *out_rss, struct error *err);

#endif
