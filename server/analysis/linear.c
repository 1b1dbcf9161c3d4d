#include "server/analysis/linear.h"

#include "common/invariant.h"

#include <math.h>

bool linear_cholesky(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double full = a[j * n + j], pivot = full;
        for (size_t k = 0; k < j; k++)
            pivot -= a[j * n + k] * a[j * n + k];
        if (!(pivot > 1e-13 * fabs(full)) || !isfinite(pivot))
            return false;
        a[j * n + j] = sqrt(pivot);
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = sum / a[j * n + j];
        }
    }
    return true;
}

void linear_cholesky_solve(const double *factor, size_t n, double *b)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= factor[i * n + k] * b[k];
        b[i] /= factor[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= factor[k * n + i] * b[k];
        b[i] /= factor[i * n + i];
    }
}

void linear_cholesky_inverse(const double *factor, size_t n, double *out_inverse)
{
    INVARIANT(n <= LINEAR_SIZE_MAX);
    for (size_t j = 0; j < n; j++) {
        double column[LINEAR_SIZE_MAX] = {0};
        column[j] = 1.0;
        linear_cholesky_solve(factor, n, column);
        for (size_t i = 0; i < n; i++)
            out_inverse[i * n + j] = column[i];
    }
}

double linear_quadratic_form(const double *a, const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            sum += x[i] * a[i * n + j] * x[j];
    return sum;
}

static void normal_equations(const double *design, const double *y, size_t count, size_t n, double *matrix,
                             double *right)
{
    for (size_t row = 0; row < count; row++) {
        const double *x = design + row * n;
        for (size_t i = 0; i < n; i++) {
            right[i] += x[i] * y[row];
            for (size_t j = 0; j < n; j++)
                matrix[i * n + j] += x[i] * x[j];
        }
    }
}

static double residual_sum_of_squares(const double *design, const double *y, size_t count, size_t n,
                                      const double *coefficients)
{
    double sum = 0.0;
    for (size_t row = 0; row < count; row++) {
        double residual = y[row];
        for (size_t i = 0; i < n; i++)
            residual -= design[row * n + i] * coefficients[i];
        sum += residual * residual;
    }
    return sum;
}

enum status linear_least_squares(const double *design, const double *y, size_t count, size_t columns,
                                 double *out_coefficients, double *out_rss, struct error *err)
{
    INVARIANT(columns > 0 && columns <= LINEAR_SIZE_MAX);
    double matrix[LINEAR_SIZE_MAX * LINEAR_SIZE_MAX] = {0}, right[LINEAR_SIZE_MAX] = {0};
    if (count < columns)
        return error_set(err, STATUS_INVALID, "%zu points cannot determine %zu coefficients", count, columns);
    normal_equations(design, y, count, columns, matrix, right);
    if (!linear_cholesky(matrix, columns))
        return error_set(err, STATUS_INVALID, "the points do not determine %zu coefficients", columns);
    linear_cholesky_solve(matrix, columns, right);
    for (size_t i = 0; i < columns; i++)
        out_coefficients[i] = right[i];
    if (out_rss)
        *out_rss = residual_sum_of_squares(design, y, count, columns, right);
    return STATUS_OK;
}
