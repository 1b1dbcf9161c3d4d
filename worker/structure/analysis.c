#include "worker/structure/analysis.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "common/segment.h"
#include "worker/structure/signatures.h"

#include <math.h>
#include <string.h>

static const double pdf_pairs_max = 1e9; /* to half a very large box there would be too many to count */

double analysis_fraction(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / whole : 0.0;
}

static enum status add_forces(struct analysis *analysis, const struct potential *potential,
                              const struct configuration *configuration, struct error *err)
{
    const uint32_t atoms = configuration->atoms;
    double *force[3] = {NULL, NULL, NULL};
    enum status status = STATUS_OK;
    analysis->energy_per_atom = mem_alloc_array(atoms, sizeof(double));
    bool ok = analysis->energy_per_atom != NULL;
    for (int k = 0; k < 3; k++)
        ok &= (force[k] = mem_alloc_array(atoms, sizeof(double))) != NULL;
    if (!ok)
        status = mem_error(err, "forces");
    else
        status = force_compute(potential, configuration, force, analysis->energy_per_atom, &analysis->sums, err);
    for (int k = 0; k < 3; k++) {
        for (uint32_t i = 0; status == STATUS_OK && i < atoms; i++)
            analysis->force_max = fmax(analysis->force_max, fabs(force[k][i]));
        mem_free(force[k]);
    }
    return status;
}

/* Half the box, or the radius within which a uniform fluid has pdf_pairs_max pairs. */
static double pdf_reach(const struct configuration *configuration, double bin)
{
    const double atoms = configuration->atoms, volume = configuration_volume(configuration);
    const double budget = real_pow(pdf_pairs_max * volume / (atoms * atoms * 2.0 * M_PI / 3.0), 1.0 / 3.0);
    return fmin(budget, bin * pdf_bins(configuration->box, bin));
}

/* Pairs are counted once, by type and surroundings of both atoms together; what is reported are sums of these. */
enum { FINE_CLASSES = 2 * PDF_ICO_CLASS_COUNT };

static void name_classes(struct analysis *analysis, const uint8_t *type, uint8_t *class_of)
{
    pdf_ico_classes(&analysis->voronoi, type, analysis->ico_is, class_of);
    for (uint32_t i = 0; i < analysis->voronoi.atoms; i++) {
        analysis->ico_class_count[class_of[i]]++;
        class_of[i] = (uint8_t)(2 * class_of[i] + type[i]);
    }
}

static void merge_counts(struct analysis *analysis, const uint64_t *fine)
{
    uint8_t type_of[FINE_CLASSES], ico_class_of[FINE_CLASSES];
    for (uint8_t n = 0; n < FINE_CLASSES; n++) {
        type_of[n] = n % 2;
        ico_class_of[n] = n / 2;
    }
    pdf_merge_classes(fine, type_of, FINE_CLASSES, analysis->pdf_bins, analysis->pdf_counts);
    pdf_merge_classes(fine, ico_class_of, FINE_CLASSES, analysis->pdf_bins, analysis->ico_pdf_counts);
}

static enum status count_pairs(struct analysis *analysis, const struct configuration *configuration, double bin,
                               struct error *err)
{
    const uint32_t bins = analysis->pdf_bins;
    uint8_t *class_of = mem_alloc_array(configuration->atoms, sizeof *class_of);
    uint64_t *fine = mem_alloc_array((size_t)pdf_class_pairs(FINE_CLASSES) * bins, sizeof *fine);
    enum status status = STATUS_OK;
    if (!class_of || !fine)
        status = mem_error(err, "pair counts");
    else
        name_classes(analysis, configuration->type, class_of);
    if (status == STATUS_OK && bins > 0)
        status = pdf_accumulate_classes(configuration, class_of, FINE_CLASSES, bin, bins, fine, err);
    if (status == STATUS_OK)
        merge_counts(analysis, fine);
    mem_free(class_of);
    mem_free(fine);
    return status;
}

static enum status add_pdf(struct analysis *analysis, const struct configuration *configuration,
                           const struct analysis_options *options, struct error *err)
{
    const double bin = options->pdf_bin;
    const double reach = options->pdf_radius > 0.0 ? options->pdf_radius : pdf_reach(configuration, bin);
    const uint32_t bins = pdf_bins_within(reach, bin);
    const uint32_t ico_pairs = pdf_class_pairs(PDF_ICO_CLASS_COUNT);
    analysis->pdf_bins = bins;
    analysis->pdf_counts = mem_alloc_array((size_t)PDF_PAIRS * bins, sizeof *analysis->pdf_counts);
    analysis->ico_pdf_counts = mem_alloc_array((size_t)ico_pairs * bins, sizeof *analysis->ico_pdf_counts);
    if (!analysis->pdf_counts || !analysis->ico_pdf_counts)
        return mem_error(err, "pair counts");
    return count_pairs(analysis, configuration, bin, err);
}

static enum status add_icosahedra(struct analysis *analysis, const struct configuration *configuration,
                                  struct error *err)
{
    bool *is = analysis->ico_is = mem_alloc_array(configuration->atoms, sizeof *is);
    if (!is)
        return mem_error(err, "icosahedral atoms");
    signatures_count_icosahedral(&analysis->voronoi, configuration->type, is, analysis->icosahedral);
    return clusters_find(&analysis->voronoi, configuration, is, &analysis->icosahedral_clusters, err);
}

static enum status add_cells(struct analysis *analysis, const struct configuration *configuration,
                             const struct voronoi_options *options, struct error *err)
{
    enum status status = voronoi_init(&analysis->voronoi, configuration, options, err);
    if (status != STATUS_OK)
        return status;
    signatures_count_frank_kasper(&analysis->voronoi, analysis->frank_kasper);
    analysis->bonds = bonds_count(&analysis->voronoi);
    if ((status = add_icosahedra(analysis, configuration, err)) != STATUS_OK)
        return status;
    analysis->laves_is = mem_alloc_array(configuration->atoms, sizeof *analysis->laves_is);
    if (!analysis->laves_is)
        return mem_error(err, "Laves atoms");
    if ((status = b2_find(&analysis->voronoi, configuration, NULL, &analysis->b2, err)) != STATUS_OK)
        return status;
    return laves_find(&analysis->voronoi, configuration, analysis->laves_is, &analysis->laves, err);
}

static void count_kinds(const uint8_t *kind, uint32_t atoms, uint32_t out_count[CNA_KIND_COUNT])
{
    for (uint32_t i = 0; i < atoms; i++)
        out_count[kind[i]]++;
}

/* The fixed analysis is made first, in the same memory: of it only the counts are kept. */
static enum status add_cna(struct analysis *analysis, const struct configuration *configuration, double cutoff,
                           struct error *err)
{
    const uint32_t atoms = configuration->atoms;
    uint8_t *kind = analysis->cna_adaptive = mem_alloc_array(atoms, sizeof *kind);
    if (!kind)
        return mem_error(err, "common-neighbour analysis");
    enum status status = cna_classify(configuration, cutoff, kind, err);
    if (status != STATUS_OK)
        return status;
    count_kinds(kind, atoms, analysis->cna_fixed_count);
    if ((status = cna_classify(configuration, 0.0, kind, err)) == STATUS_OK)
        count_kinds(kind, atoms, analysis->cna_adaptive_count);
    return status;
}

static enum status add_environments(struct analysis *analysis, const struct configuration *configuration,
                                    struct error *err)
{
    analysis->environment = mem_alloc_array(configuration->atoms, sizeof *analysis->environment);
    if (!analysis->environment)
        return mem_error(err, "environments of atoms");
    environment_combine(&analysis->voronoi, analysis->laves_is, analysis->cna_adaptive, analysis->environment);
    local_summarise(configuration->atoms, configuration->type, analysis->environment, analysis->energy_per_atom,
                    analysis->voronoi.volume, analysis->local);
    return STATUS_OK;
}

static enum status add_spectra(struct analysis *analysis, const struct configuration *configuration, struct error *err)
{
    const struct spectrum_options options = spectrum_defaults(configuration);
    const double spacing = real_cbrt(configuration_volume(configuration) / configuration->atoms);
    double *weight = mem_alloc_array(configuration->atoms, sizeof *weight);
    if (!weight)
        return mem_error(err, "the icosahedral field");
    correlation_weights(configuration->atoms, analysis->ico_is, weight);
    enum status status = spectrum_init(&analysis->structure_factor, configuration, NULL, &options, err);
    if (status == STATUS_OK)
        status = spectrum_init(&analysis->ico_structure_factor, configuration, weight, &options, err);
    mem_free(weight);
    if (status != STATUS_OK)
        return status;
    analysis->peak = spectrum_main_peak(&analysis->structure_factor, spacing);
    analysis->ico_length = ornstein_zernike_fit(&analysis->ico_structure_factor, 0.5 * analysis->peak.q);
    return STATUS_OK;
}

enum status analysis_init(struct analysis *out, const struct potential *potential,
                          const struct configuration *configuration, const struct analysis_options *options,
                          struct error *err)
{
    struct analysis made = {0};
    for (uint32_t i = 0; i < configuration->atoms; i++)
        made.type_count[configuration->type[i]]++;
    enum status status = add_forces(&made, potential, configuration, err);
    if (status == STATUS_OK)
        status = add_cells(&made, configuration, &options->voronoi, err);
    if (status == STATUS_OK)
        status = add_cna(&made, configuration, options->cna_cutoff, err);
    if (status == STATUS_OK)
        status = add_environments(&made, configuration, err);
    if (status == STATUS_OK)
        status = add_pdf(&made, configuration, options, err);
    if (status == STATUS_OK)
        status = add_spectra(&made, configuration, err);
    if (status != STATUS_OK) {
        analysis_finish(&made);
        return status;
    }
    *out = made;
    return STATUS_OK;
}

void analysis_finish(struct analysis *analysis)
{
    if (!analysis)
        return;
    mem_free(analysis->energy_per_atom);
    voronoi_finish(&analysis->voronoi);
    mem_free(analysis->cna_adaptive);
    mem_free(analysis->environment);
    spectrum_finish(&analysis->structure_factor);
    spectrum_finish(&analysis->ico_structure_factor);
    mem_free(analysis->ico_is);
    mem_free(analysis->laves_is);
    mem_free(analysis->ico_pdf_counts);
    mem_free(analysis->pdf_counts);
    memset(analysis, 0, sizeof *analysis);
}
