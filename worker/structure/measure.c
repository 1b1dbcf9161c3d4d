#include "worker/structure/measure.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "worker/structure/analysis.h"
#include "worker/structure/measure_state.h"
#include "worker/structure/signatures.h"

static double (*const functions[QUANTITY_COUNT])(struct measure *) = {
#define MEASURE_thermal(name)   [QUANTITY_##name] = measure_##name,
#define MEASURE_inherent(name)  [QUANTITY_##name] = measure_##name,
#define MEASURE_static(name)
#define MEASURE_structure(name) [QUANTITY_##name] = measure_##name,
#define MEASURE_dynamics(name)  [QUANTITY_##name] = measure_##name,
#define MEASURE_relaxation(name) [QUANTITY_##name] = measure_##name,
#define QUANTITY(group, name, symbol, unit, definition, reference) MEASURE_##group(name)
#include "common/quantities.def"
#undef QUANTITY
#undef MEASURE_thermal
#undef MEASURE_inherent
#undef MEASURE_static
#undef MEASURE_structure
#undef MEASURE_dynamics
#undef MEASURE_relaxation
};

enum status measure_create(const struct potential *potential, const struct configuration *thermal,
                           const struct md_observables *observables, struct measure **out_measure, struct error *err)
{
    struct measure *measure = mem_alloc_array(1, sizeof *measure);
    if (!measure)
        return mem_error(err, "a measurement");
    measure->potential = *potential;
    measure->thermal = thermal;
    measure->observables = *observables;
    for (uint32_t i = 0; i < thermal->atoms; i++)
        measure->type_count[thermal->type[i]]++;
    *out_measure = measure;
    return STATUS_OK;
}

void measure_destroy(struct measure **measure)
{
    if (!measure || !*measure)
        return;
    configuration_finish(&(*measure)->inherent);
    voronoi_finish(&(*measure)->voronoi);
    measure_structure_finish(&(*measure)->structure);
    comparison_finish(&(*measure)->dynamics);
    mem_free(*measure);
    *measure = NULL;
}

bool measure_needs_inherent(struct measure *measure)
{
    static const struct cg_options options = {.force_max = 1e-8, .evaluations_max = 20000};
    if (measure->has_inherent || measure->status != STATUS_OK)
        return measure->has_inherent;
    measure->status = configuration_copy(measure->thermal, &measure->inherent, &measure->error);
    if (measure->status == STATUS_OK)
        measure->status =
            cg_minimize(&measure->potential, &options, &measure->inherent, &measure->minimum, &measure->error);
    return measure->has_inherent = measure->status == STATUS_OK;
}

bool measure_needs_voronoi(struct measure *measure)
{
    static const struct voronoi_options plain;
    if (measure->has_voronoi || !measure_needs_inherent(measure) || measure->status != STATUS_OK)
        return measure->has_voronoi;
    measure->status = voronoi_init(&measure->voronoi, &measure->inherent, &plain, &measure->error);
    if (measure->status == STATUS_OK)
        signatures_count_icosahedral(&measure->voronoi, measure->inherent.type, NULL, measure->icosahedral);
    return measure->has_voronoi = measure->status == STATUS_OK;
}

enum status measure_group(struct measure *measure, enum quantity_group group, struct sample *out_sample,
                          struct error *err)
{
    INVARIANT(group != QUANTITY_GROUP_static);
    out_sample->group = group;
    int place = 0;
    for (int id = 0; id < QUANTITY_COUNT; id++)
        if (quantities[id].group == group)
            out_sample->values[place++] = functions[id](measure) + 0.0; /* no -0.0: a database does not keep it */
    if (measure->status != STATUS_OK && err)
        *err = measure->error;
    return measure->status;
}

enum status measure_inherent(struct measure *measure, const struct configuration **out_inherent,
                             const struct cg_result **out_result, struct error *err)
{
    if (!measure_needs_inherent(measure)) {
        if (err)
            *err = measure->error;
        return measure->status;
    }
    *out_inherent = &measure->inherent;
    *out_result = &measure->minimum;
    return STATUS_OK;
}

double measure_energy_potential(struct measure *measure)
{
    return measure->observables.energy_potential / measure->thermal->atoms;
}

double measure_energy_kinetic(struct measure *measure)
{
    return measure->observables.energy_kinetic / measure->thermal->atoms;
}

double measure_temperature(struct measure *measure)
{
    return measure->observables.temperature;
}

double measure_pressure(struct measure *measure)
{
    return measure->observables.pressure;
}

double measure_energy_inherent(struct measure *measure)
{
    return measure_needs_inherent(measure) ? measure->minimum.energy / measure->thermal->atoms : 0.0;
}

double measure_force_max_inherent(struct measure *measure)
{
    return measure_needs_inherent(measure) ? measure->minimum.force_max : 0.0;
}

double measure_converged(struct measure *measure)
{
    return measure_needs_inherent(measure) && measure->minimum.converged ? 1.0 : 0.0;
}

double measure_iterations(struct measure *measure)
{
    return measure_needs_inherent(measure) ? measure->minimum.iterations : 0.0;
}

/* At the inherent structure nothing moves: the virial is all. */
double measure_pressure_inherent(struct measure *measure)
{
    return measure_needs_inherent(measure) ? measure->minimum.virial / (3.0 * configuration_volume(measure->thermal))
                                           : 0.0;
}

double measure_ico_fraction(struct measure *measure)
{
    if (!measure_needs_voronoi(measure))
        return 0.0;
    return analysis_fraction(measure->icosahedral[ATOM_LARGE] + measure->icosahedral[ATOM_SMALL],
                             measure->thermal->atoms);
}

double measure_ico_fraction_small(struct measure *measure)
{
    if (!measure_needs_voronoi(measure))
        return 0.0;
    return analysis_fraction(measure->icosahedral[ATOM_SMALL], measure->type_count[ATOM_SMALL]);
}

double measure_ico_fraction_large(struct measure *measure)
{
    if (!measure_needs_voronoi(measure))
        return 0.0;
    return analysis_fraction(measure->icosahedral[ATOM_LARGE], measure->type_count[ATOM_LARGE]);
}
