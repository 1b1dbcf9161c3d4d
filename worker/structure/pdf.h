/* pdf.h - pair distribution functions as integer pair counts.
 *
 *     g_ab(r) = counts_ab(bin) V / (N_a N_b 4 pi/3 (r2^3 - r1^3))             a != b
 *     g_aa(r) = counts_aa(bin) V / (N_a^2 / 2  4 pi/3 (r2^3 - r1^3))
 *     n_ab(r) = sum of counts_ab up to r, times (a == b ? 2 : 1), over N_a    atoms b within r of an atom a
 *
 * a and b are species, or the classes of any partition of the atoms: the sub-PDFs of the paper's Fig. 2 are those of
 * icosahedral atoms (pdf_ico_classes). */
#ifndef VITRINE_WORKER_STRUCTURE_PDF_H
#define VITRINE_WORKER_STRUCTURE_PDF_H

#include "worker/structure/voronoi.h"
#include <stdbool.h>

/* Bins of width `bin` up to half the smallest edge: floor(min(box) / 2 / bin), at most PDF_BINS_MAX. */
uint32_t pdf_bins(const double box[3], double bin);

/* Bins of width `bin` up to `reach` (both sigma), whatever the box: a quotient that is whole up to rounding is whole; at
 * most PDF_BINS_MAX. */
uint32_t pdf_bins_within(double reach, double bin);

/* Adds the unordered pairs of one configuration to counts[PDF_PAIRS][bins] (11, 12, 22). Bins may reach beyond half the
 * box: pairs with periodic images are counted too (an atom with its own images once per pair of images). On failure
 * counts are not to be used. */
enum status pdf_accumulate(const struct configuration *configuration, double bin, uint32_t bins, uint64_t *counts,
                           struct error *err) MUST_CHECK;

/* The same for classes 0 .. class_count - 1 of atoms, class_of is [atoms]: adds to
 * counts[pdf_class_pairs(class_count)][bins], the pairs of classes a <= b in the row pdf_class_pair(a, b). Species are
 * the case of two classes. */
enum status pdf_accumulate_classes(const struct configuration *configuration, const uint8_t *class_of,
                                   uint32_t class_count, double bin, uint32_t bins, uint64_t *counts,
                                   struct error *err) MUST_CHECK;
uint32_t pdf_class_pairs(uint32_t class_count);
uint32_t pdf_class_pair(uint32_t a, uint32_t b); /* either order: (0,0) (0,1) (1,1) (0,2) (1,2) (2,2) ... */

/* Counts of a coarser partition from those of a finer one: coarse_of[fine class] is the class that it becomes part of,
 * [class_count]. Adds to out_counts[pdf_class_pairs(coarse classes)][bins]. */
void pdf_merge_classes(const uint64_t *counts, const uint8_t *coarse_of, uint32_t class_count, uint32_t bins,
                       uint64_t *out_counts);

/* Icosahedral atoms and those around them. An icosahedral atom counts as such whatever it neighbours, so no atom is in
 * two classes; PDFs of wider sets are sums of rows. */
enum pdf_ico_class {
    PDF_ICO,       /* icosahedral, of either type */
    PDF_ICO_LARGE, /* large, shares a Voronoi face with an icosahedral atom */
    PDF_ICO_SMALL, /* small, likewise */
    PDF_ICO_FAR,   /* the rest */
    PDF_ICO_CLASS_COUNT
};

/* is_ico and type are [atoms], out_class (enum pdf_ico_class) too. */
void pdf_ico_classes(const struct voronoi *voronoi, const uint8_t *type, const bool *is_ico, uint8_t *out_class);

/* n_ab of the formulas above from the pairs nearer than r, summed by the caller; 0 where there is no atom a. */
double pdf_coordination(uint64_t count, uint32_t count_a, bool same_species);

/* g of the formulas above for a bin of one pair of species; 0 where there are no such atoms. count_a, count_b: atoms of
 * the two species, equal ones for a == b. */
double pdf_normalise(uint64_t count, uint32_t bin_index, double bin, double volume, uint32_t count_a, uint32_t count_b,
                     bool same_species);

#endif
