/* measure_structure.c - the scalars of group structure: what `analyze` says of a configuration, of the inherent
 * structure. */
#include "worker/structure/measure_state.h"

#include "common/mem.h"
#include "worker/structure/cna.h"

#include <math.h>
#include <string.h>

/* As `analyze` has them by default, the pairs in bins of 0.02 up to half the box. */
static const struct analysis_options options = {.cna_cutoff = 1.4, .pdf_bin = 0.02};

static enum status find_crystallites(struct measure *measure, struct measure_structure *structure)
{
    const struct configuration *inherent = &measure->inherent;
    const struct analysis *analysis = &structure->analysis;
    structure->close_packed_is = mem_alloc_array(inherent->atoms, sizeof *structure->close_packed_is);
    if (!structure->close_packed_is)
        return mem_error(&measure->error, "close-packed atoms");
    for (uint32_t i = 0; i < inherent->atoms; i++) {
        const uint8_t kind = analysis->cna_adaptive[i];
        structure->close_packed_is[i] = inherent->type[i] == ATOM_LARGE && (kind == CNA_FCC || kind == CNA_HCP);
        structure->close_packed_count += structure->close_packed_is[i];
    }
    enum status status =
        clusters_find(&analysis->voronoi, inherent, structure->close_packed_is, &structure->close_packed,
                      &measure->error);
    if (status == STATUS_OK)
        status =
            clusters_find(&analysis->voronoi, inherent, analysis->laves_is, &structure->laves, &measure->error);
    return status;
}

bool measure_needs_structure(struct measure *measure)
{
    if (measure->has_structure || !measure_needs_inherent(measure) || measure->status != STATUS_OK)
        return measure->has_structure;
    struct measure_structure *structure = &measure->structure;
    measure->status =
        analysis_init(&structure->analysis, &measure->potential, &measure->inherent, &options, &measure->error);
    if (measure->status == STATUS_OK)
        measure->status = find_crystallites(measure, structure);
    return measure->has_structure = measure->status == STATUS_OK;
}

void measure_structure_finish(struct measure_structure *structure)
{
    analysis_finish(&structure->analysis);
    mem_free(structure->close_packed_is);
    memset(structure, 0, sizeof *structure);
}

static const struct analysis *analysis_of(struct measure *measure)
{
    return measure_needs_structure(measure) ? &measure->structure.analysis : NULL;
}

static double bonds_with(struct measure *measure, int edges)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis && analysis->bonds.total
               ? (double)analysis->bonds.by_face_edges[edges] / (double)analysis->bonds.total
               : 0.0;
}

double measure_bonds_n3(struct measure *measure)
{
    return bonds_with(measure, 3);
}

double measure_bonds_n7(struct measure *measure)
{
    return bonds_with(measure, 7);
}

double measure_bonds_n8(struct measure *measure)
{
    return bonds_with(measure, 8);
}

double measure_close_packed_fraction(struct measure *measure)
{
    return measure_needs_structure(measure)
               ? analysis_fraction(measure->structure.close_packed_count, measure->inherent.atoms)
               : 0.0;
}

double measure_ico_clusters(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? analysis->icosahedral_clusters.count : 0.0;
}

double measure_ico_radius_of_gyration(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? analysis->icosahedral_clusters.radius_of_gyration : 0.0;
}

/* A likelihood without curvature gives no error: that is not a number, and is stored as 0, resolved or not. */
static double finite_or_zero(double value)
{
    return isfinite(value) ? value : 0.0;
}

double measure_ico_length(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? finite_or_zero(analysis->ico_length.length) : 0.0;
}

double measure_ico_length_error(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? finite_or_zero(analysis->ico_length.length_error) : 0.0;
}

double measure_ico_length_resolved(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis && analysis->ico_length.resolved ? 1.0 : 0.0;
}

double measure_ico_amplitude(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? finite_or_zero(analysis->ico_length.amplitude) : 0.0;
}

double measure_laves_clusters(struct measure *measure)
{
    return measure_needs_structure(measure) ? measure->structure.laves.count : 0.0;
}

double measure_laves_cluster_weight_average(struct measure *measure)
{
    return measure_needs_structure(measure) ? measure->structure.laves.weight_average : 0.0;
}

double measure_close_packed_clusters(struct measure *measure)
{
    return measure_needs_structure(measure) ? measure->structure.close_packed.count : 0.0;
}

double measure_close_packed_cluster_weight_average(struct measure *measure)
{
    return measure_needs_structure(measure) ? measure->structure.close_packed.weight_average : 0.0;
}

double measure_structure_factor_q1(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? analysis->peak.q : 0.0;
}

double measure_structure_factor_peak(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? analysis->peak.value : 0.0;
}

/* Mean of a value per atom over the atoms of one type. */
static double mean_of_type(const struct measure *measure, const double *value, enum atom_type type)
{
    const struct configuration *inherent = &measure->inherent;
    double sum = 0.0;
    for (uint32_t i = 0; i < inherent->atoms; i++)
        if (inherent->type[i] == type)
            sum += value[i];
    return measure->type_count[type] ? sum / measure->type_count[type] : 0.0;
}

double measure_energy_local_large(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? mean_of_type(measure, analysis->energy_per_atom, ATOM_LARGE) : 0.0;
}

double measure_energy_local_small(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? mean_of_type(measure, analysis->energy_per_atom, ATOM_SMALL) : 0.0;
}

double measure_volume_local_large(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? mean_of_type(measure, analysis->voronoi.volume, ATOM_LARGE) : 0.0;
}

double measure_volume_local_small(struct measure *measure)
{
    const struct analysis *analysis = analysis_of(measure);
    return analysis ? mean_of_type(measure, analysis->voronoi.volume, ATOM_SMALL) : 0.0;
}
