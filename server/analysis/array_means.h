/* array_means.h - means of tables of rows over samples. Pure.
 *
 * Rows are told apart by their first columns, the keys (common/arrays.def), and stand in rising order of these. The mean
 * of a value is over all samples: a row that a sample lacks counts as zeros there, so that counts of rare things (a
 * signature, a size) average as they should. */
#ifndef VITRINE_SERVER_ANALYSIS_ARRAY_MEANS_H
#define VITRINE_SERVER_ANALYSIS_ARRAY_MEANS_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

struct array_means {
    int columns, keys;
    uint64_t samples;
    uint32_t rows;
    double *cells; /* [rows][columns]: keys, then sums over samples until array_means_divide makes them means */
};

/* Zeroed rows of that shape; nothing is allocated yet. */
struct array_means array_means_make(int columns, int keys);
void array_means_finish(struct array_means *means); /* NULL and zeroed are fine */

/* Adds one sample. STATUS_CORRUPT when its rows do not rise. */
enum status array_means_add(struct array_means *means, const double *cells, uint32_t rows,
                            struct error *err) MUST_CHECK;

/* Divides by the number of samples, once. */
void array_means_divide(struct array_means *means);

#endif
