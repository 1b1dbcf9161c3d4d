#include "server/analysis/array_means.h"

#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

struct array_means array_means_make(int columns, int keys)
{
    return (struct array_means){.columns = columns, .keys = keys};
}

void array_means_finish(struct array_means *means)
{
    if (!means)
        return;
    mem_free(means->cells);
    memset(means, 0, sizeof *means);
}

static int compare_keys(const struct array_means *means, const double *a, const double *b)
{
    for (int k = 0; k < means->keys; k++)
        if (a[k] != b[k])
            return a[k] < b[k] ? -1 : 1;
    return 0;
}

static bool rows_rise(const struct array_means *means, const double *cells, uint32_t rows)
{
    const size_t columns = (size_t)means->columns;
    for (uint32_t n = 1; n < rows; n++)
        if (compare_keys(means, cells + (n - 1) * columns, cells + n * columns) >= 0)
            return false;
    return true;
}

/* Merges two lists of rising rows; rows with equal keys become one with the sum of their values. Returns how many. */
static uint32_t merge(const struct array_means *means, const double *cells, uint32_t rows, double *out)
{
    const size_t columns = (size_t)means->columns, size = columns * sizeof *out;
    const double *a = means->cells, *a_end = a + means->rows * columns, *b = cells, *b_end = b + rows * columns;
    uint32_t count = 0;
    for (; a < a_end || b < b_end; out += columns, count++) {
        const int order = a == a_end ? 1 : b == b_end ? -1 : compare_keys(means, a, b);
        memcpy(out, order <= 0 ? a : b, size);
        for (size_t k = (size_t)means->keys; order == 0 && k < columns; k++)
            out[k] += b[k];
        a += order <= 0 ? columns : 0;
        b += order >= 0 ? columns : 0;
    }
    return count;
}

enum status array_means_add(struct array_means *means, const double *cells, uint32_t rows, struct error *err)
{
    if (!rows_rise(means, cells, rows))
        return error_set(err, STATUS_CORRUPT, "the rows of an array do not rise");
    double *merged = mem_alloc_array(((size_t)means->rows + rows) * (size_t)means->columns, sizeof *merged);
    if (!merged)
        return mem_error(err, "the mean of an array");
    const uint32_t count = means->rows || rows ? merge(means, cells, rows, merged) : 0;
    mem_free(means->cells);
    means->cells = merged;
    means->rows = count;
    means->samples++;
    return STATUS_OK;
}

void array_means_divide(struct array_means *means)
{
    for (uint32_t n = 0; n < means->rows; n++)
        for (int k = means->keys; k < means->columns; k++)
            means->cells[(size_t)n * (size_t)means->columns + (size_t)k] /= (double)means->samples;
}
