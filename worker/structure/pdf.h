/* pdf.h - pair distribution functions as integer pair counts.
 *
 *     g_ab(r) = counts_ab(bin) V / (N_a N_b 4 pi/3 (r2^3 - r1^3))             a != b
 *     g_aa(r) = counts_aa(bin) V / (N_a^2 / 2  4 pi/3 (r2^3 - r1^3)) */
#ifndef VITRINE_WORKER_STRUCTURE_PDF_H
#define VITRINE_WORKER_STRUCTURE_PDF_H

#include "worker/md/configuration.h"

/* Bins of width `bin` up to half the smallest edge: floor(min(box) / 2 / bin). */
uint32_t pdf_bins(const double box[3], double bin);

/* Adds the unordered pairs of one configuration to counts[PDF_PAIRS][bins] (11, 12, 22). */
void pdf_accumulate(const struct configuration *configuration, double bin, uint32_t bins, uint64_t *counts);

#endif
