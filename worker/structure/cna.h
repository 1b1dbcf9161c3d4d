/* cna.h - common-neighbour analysis: which crystal an atom's nearest neighbours look like.
 *
 * Each bond of an atom to a neighbour is named by three numbers: common neighbours of the two, bonds among these, and
 * bonds in the longest chain of them. fcc is 12 x 421, hcp 6 x 421 + 6 x 422, bcc 8 x 666 + 6 x 444, an icosahedron
 * 12 x 555. Honeycutt & Andersen, J. Phys. Chem. 91, 4950 (1987).
 *
 * Fixed: neighbours and bonds are pairs nearer than one cutoff. Adaptive: the 12 nearest atoms (14 for bcc), bonded
 * below a cutoff that follows from their mean distance d, (1 + sqrt 2)/2 d, half way to the second shell of fcc; atoms
 * with a further neighbour inside it are none of these. Stukowski, Modelling Simul. Mater. Sci. Eng. 20, 045021 (2012).
 */
#ifndef VITRINE_WORKER_STRUCTURE_CNA_H
#define VITRINE_WORKER_STRUCTURE_CNA_H

#include "worker/md/configuration.h"

enum cna_kind { CNA_OTHER, CNA_FCC, CNA_HCP, CNA_BCC, CNA_ICO, CNA_KIND_COUNT };
extern const char *const cna_names[CNA_KIND_COUNT]; /* "other", "fcc", "hcp", "bcc", "ico" */

/* out_kind is [atoms]; cutoff in sigma, 0 = adaptive. */
enum status cna_classify(const struct configuration *configuration, double cutoff, uint8_t *out_kind,
                         struct error *err) MUST_CHECK;

#endif
