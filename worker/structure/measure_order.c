/* measure_order.c - the scalars of order beyond the counting of icosahedra: Frank-Kasper atoms, bonds, Laves,
 * close-packed and B2 regions, clusters of icosahedra. All of the inherent structure, by its plain tessellation. */
#include "worker/structure/measure_state.h"

#include "common/mem.h"
#include "worker/structure/analysis.h"
#include "worker/structure/cna.h"

static enum status find_icosahedral(struct measure *measure, bool *chosen)
{
    const struct configuration *inherent = &measure->inherent;
    uint32_t count[2];
    signatures_count_icosahedral(&measure->voronoi, inherent->type, chosen, count);
    return clusters_find(&measure->voronoi, inherent, chosen, &measure->order.icosahedral, &measure->error);
}

static enum status find_close_packed(struct measure *measure, uint8_t *kind, bool *chosen)
{
    const struct configuration *inherent = &measure->inherent;
    enum status status = cna_classify(inherent, 0.0, kind, &measure->error);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; i < inherent->atoms; i++)
        chosen[i] = inherent->type[i] == ATOM_LARGE && (kind[i] == CNA_FCC || kind[i] == CNA_HCP);
    return clusters_find(&measure->voronoi, inherent, chosen, &measure->order.close_packed, &measure->error);
}

static enum status find_clusters(struct measure *measure)
{
    const uint32_t atoms = measure->inherent.atoms;
    bool *chosen = mem_alloc_array(atoms, sizeof *chosen);
    uint8_t *kind = mem_alloc_array(atoms, sizeof *kind);
    enum status status =
        chosen && kind ? find_icosahedral(measure, chosen) : mem_error(&measure->error, "clusters of atoms");
    if (status == STATUS_OK)
        status = find_close_packed(measure, kind, chosen);
    mem_free(chosen);
    mem_free(kind);
    return status;
}

bool measure_needs_order(struct measure *measure)
{
    if (measure->has_order || !measure_needs_voronoi(measure) || measure->status != STATUS_OK)
        return measure->has_order;
    struct measure_order *order = &measure->order;
    signatures_count_frank_kasper(&measure->voronoi, order->frank_kasper);
    order->bonds = bonds_count(&measure->voronoi);
    measure->status = laves_find(&measure->voronoi, &measure->inherent, NULL, &order->laves, &measure->error);
    if (measure->status == STATUS_OK)
        measure->status = b2_find(&measure->voronoi, &measure->inherent, NULL, &order->b2, &measure->error);
    if (measure->status == STATUS_OK)
        measure->status = find_clusters(measure);
    return measure->has_order = measure->status == STATUS_OK;
}

static double of_atoms(const struct measure *measure, uint32_t count)
{
    return analysis_fraction(count, measure->thermal->atoms);
}

static double frank_kasper(struct measure *measure, enum frank_kasper kind)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.frank_kasper[kind]) : 0.0;
}

double measure_fk_z14(struct measure *measure)
{
    return frank_kasper(measure, FRANK_KASPER_Z14);
}

double measure_fk_z15(struct measure *measure)
{
    return frank_kasper(measure, FRANK_KASPER_Z15);
}

double measure_fk_z16(struct measure *measure)
{
    return frank_kasper(measure, FRANK_KASPER_Z16);
}

static double bonds_with(struct measure *measure, int edges)
{
    if (!measure_needs_order(measure) || measure->order.bonds.total == 0)
        return 0.0;
    return (double)measure->order.bonds.by_face_edges[edges] / (double)measure->order.bonds.total;
}

double measure_bonds_n4(struct measure *measure)
{
    return bonds_with(measure, 4);
}

double measure_bonds_n5(struct measure *measure)
{
    return bonds_with(measure, 5);
}

double measure_bonds_n6(struct measure *measure)
{
    return bonds_with(measure, 6);
}

double measure_laves_fraction(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.laves.atoms) : 0.0;
}

double measure_laves_cubic(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.laves.cubic) : 0.0;
}

double measure_laves_hexagonal(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.laves.hexagonal) : 0.0;
}

double measure_laves_largest(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.laves.largest) : 0.0;
}

double measure_close_packed_largest(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.close_packed.largest) : 0.0;
}

double measure_ico_cluster_largest(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.icosahedral.largest) : 0.0;
}

double measure_ico_cluster_weight_average(struct measure *measure)
{
    return measure_needs_order(measure) ? measure->order.icosahedral.weight_average : 0.0;
}

double measure_ico_percolates(struct measure *measure)
{
    if (!measure_needs_order(measure))
        return 0.0;
    const bool *along = measure->order.icosahedral.percolates;
    return along[0] || along[1] || along[2] ? 1.0 : 0.0;
}

double measure_b2_largest(struct measure *measure)
{
    return measure_needs_order(measure) ? of_atoms(measure, measure->order.b2.largest) : 0.0;
}
