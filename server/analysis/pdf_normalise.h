/* pdf_normalise.h - pair distribution functions from integer pair counts. Pure.
 *
 * Counts are of unordered pairs, summed over `frames` configurations of N_1 large and N_2 small atoms in volume V; bin
 * b holds r1 = b bin <= r < r2 = (b + 1) bin:
 *
 *     g_12(r) = counts_12 V / (frames N_1 N_2     4 pi/3 (r2^3 - r1^3))
 *     g_aa(r) = counts_aa V / (frames N_a^2 / 2   4 pi/3 (r2^3 - r1^3))
 *     g(r)    = counts    V / (frames N^2 / 2     4 pi/3 (r2^3 - r1^3)),   counts = the sum of the three
 *
 * and, within the outer edge of bin b, so many atoms b around an atom a:
 *
 *     n_ab(r) = sum of counts_ab up to r, times (a == b ? 2 : 1), over (frames N_a)
 *
 * The same as vitrine analyze and as the reference data have it; it tends to 1 - 1/N_a for g_aa of N_a atoms. */
#ifndef VITRINE_SERVER_ANALYSIS_PDF_NORMALISE_H
#define VITRINE_SERVER_ANALYSIS_PDF_NORMALISE_H

#include <stdint.h>

enum { PDF_CURVES = 4 }; /* g_11, g_12, g_22, g */
extern const char *const pdf_curve_names[PDF_CURVES];

struct pdf_composition {
    uint32_t atoms, atoms_small;
    double volume_per_atom; /* sigma^3 */
};

/* counts: [3][bins], pairs 11, 12, 22 (1 = large, 2 = small). out: [PDF_CURVES][bins]; 0 where there are no such atoms.
 */
void pdf_normalise(const struct pdf_composition *composition, uint64_t frames, double bin, uint32_t bins,
                   const uint64_t *counts, double *out);

enum { PDF_COORDINATIONS = 4 }; /* n_11, n_12, n_21, n_22 */

/* Running coordination numbers. out: [PDF_COORDINATIONS][bins]; 0 where there are no such atoms. */
void pdf_coordination_numbers(const struct pdf_composition *composition, uint64_t frames, uint32_t bins,
                              const uint64_t *counts, double *out);

#endif
