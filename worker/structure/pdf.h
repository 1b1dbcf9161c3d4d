/* pdf.h - pair distribution functions as integer pair counts.
 *
 *     g_ab(r) = counts_ab(bin) V / (N_a N_b 4 pi/3 (r2^3 - r1^3))             a != b
 *     g_aa(r) = counts_aa(bin) V / (N_a^2 / 2  4 pi/3 (r2^3 - r1^3)) */
#ifndef VITRINE_WORKER_STRUCTURE_PDF_H
#define VITRINE_WORKER_STRUCTURE_PDF_H

#include "worker/md/configuration.h"
#include <stdbool.h>

/* Bins of width `bin` up to half the smallest edge: floor(min(box) / 2 / bin), at most PDF_BINS_MAX. */
uint32_t pdf_bins(const double box[3], double bin);

/* Adds the unordered pairs of one configuration to counts[PDF_PAIRS][bins] (11, 12, 22). Bins may reach beyond half the
 * box: pairs with periodic images are counted too (an atom with its own images once per pair of images). On failure
 * counts are not to be used. */
enum status pdf_accumulate(const struct configuration *configuration, double bin, uint32_t bins, uint64_t *counts,
                           struct error *err) MUST_CHECK;

/* g of the formulas above for a bin of one pair of species; 0 where there are no such atoms. count_a, count_b: atoms of
 * the two species, equal ones for a == b. */
double pdf_normalise(uint64_t count, uint32_t bin_index, double bin, double volume, uint32_t count_a, uint32_t count_b,
                     bool same_species);

#endif
