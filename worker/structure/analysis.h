/* analysis.h - everything that `analyze` says of one configuration, computed: what is printed follows from this. */
#ifndef VITRINE_WORKER_STRUCTURE_ANALYSIS_H
#define VITRINE_WORKER_STRUCTURE_ANALYSIS_H

#include "worker/md/force.h"
#include "worker/structure/b2.h"
#include "worker/structure/bonds.h"
#include "worker/structure/clusters.h"
#include "worker/structure/cna.h"
#include "worker/structure/correlation.h"
#include "worker/structure/environment.h"
#include "worker/structure/laves.h"
#include "worker/structure/local.h"
#include "worker/structure/pdf.h"
#include "worker/structure/signatures.h"
#include "worker/structure/voronoi.h"

struct analysis_options {
    struct voronoi_options voronoi;
    double cna_cutoff; /* sigma, of the fixed common-neighbour analysis */
    double pdf_bin;    /* sigma */
    double pdf_radius; /* sigma; 0 = half the smallest box edge, or what about 1e9 pairs reach to */
};

struct analysis {
    struct force_sums sums;
    double force_max;        /* epsilon/sigma, largest component */
    double *energy_per_atom; /* epsilon, [atoms] */
    struct voronoi voronoi;
    uint32_t type_count[2];
    uint32_t icosahedral[2]; /* by type */
    uint32_t frank_kasper[FRANK_KASPER_COUNT];
    struct bonds bonds;
    uint8_t *cna_adaptive; /* enum cna_kind, [atoms] */
    uint32_t cna_adaptive_count[CNA_KIND_COUNT];
    uint32_t cna_fixed_count[CNA_KIND_COUNT];
    struct clusters icosahedral_clusters;
    struct laves laves;
    struct b2 b2;
    uint8_t *environment; /* enum environment, [atoms] */
    struct local_summary local[2][ENVIRONMENT_COUNT];
    struct spectrum structure_factor, ico_structure_factor;
    struct spectrum_peak peak;          /* of the structure factor */
    struct ornstein_zernike ico_length; /* of the icosahedral field, from q below half the peak's */
    bool *ico_is;                       /* [atoms] */
    bool *laves_is;                     /* [atoms] */
    uint32_t ico_class_count[PDF_ICO_CLASS_COUNT];
    uint64_t *ico_pdf_counts; /* [pdf_class_pairs(PDF_ICO_CLASS_COUNT)][pdf_bins] */
    uint32_t pdf_bins;
    uint64_t *pdf_counts; /* [PDF_PAIRS][pdf_bins] */
};

/* Initialises `out`. */
enum status analysis_init(struct analysis *out, const struct potential *potential,
                          const struct configuration *configuration, const struct analysis_options *options,
                          struct error *err) MUST_CHECK;
void analysis_finish(struct analysis *analysis); /* NULL and zeroed are fine */

/* part / whole, 0 when there is no whole. */
double analysis_fraction(uint32_t part, uint32_t whole);

#endif
