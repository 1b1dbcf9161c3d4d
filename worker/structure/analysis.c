#include "worker/structure/analysis.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "common/segment.h"
#include "worker/structure/pdf.h"
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

static enum status add_pdf(struct analysis *analysis, const struct configuration *configuration,
                           const struct analysis_options *options, struct error *err)
{
    const double bin = options->pdf_bin;
    const double reach = options->pdf_radius > 0.0 ? options->pdf_radius : pdf_reach(configuration, bin);
    const uint32_t bins = (uint32_t)fmin(floor(reach / bin * (1.0 + 1e-12)), PDF_BINS_MAX);
    analysis->pdf_bins = bins;
    analysis->pdf_counts = mem_alloc_array((size_t)PDF_PAIRS * bins, sizeof *analysis->pdf_counts);
    if (!analysis->pdf_counts)
        return mem_error(err, "pair counts");
    if (bins == 0)
        return STATUS_OK;
    return pdf_accumulate(configuration, options->pdf_bin, bins, analysis->pdf_counts, err);
}

static enum status add_icosahedra(struct analysis *analysis, const struct configuration *configuration,
                                  struct error *err)
{
    bool *is = mem_alloc_array(configuration->atoms, sizeof *is);
    if (!is)
        return mem_error(err, "icosahedral atoms");
    signatures_count_icosahedral(&analysis->voronoi, configuration->type, is, analysis->icosahedral);
    enum status status = clusters_find(&analysis->voronoi, configuration, is, &analysis->icosahedral_clusters, err);
    mem_free(is);
    return status;
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
    return laves_find(&analysis->voronoi, configuration, NULL, &analysis->laves, err);
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
        status = add_pdf(&made, configuration, options, err);
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
    mem_free(analysis->pdf_counts);
    memset(analysis, 0, sizeof *analysis);
}
