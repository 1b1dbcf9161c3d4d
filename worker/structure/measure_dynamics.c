/* measure_dynamics.c - the scalars of group dynamics: what moved between an earlier inherent structure and this one.
 *
 * Both lie below snapshots of one trajectory, so the displacements between them are unwrapped by those. */
#include "worker/structure/measure_state.h"

#include "common/invariant.h"
#include "common/mem.h"

enum status measure_keep(struct measure *measure, const struct snapshot *snapshot, struct earlier **out_earlier,
                         struct error *err)
{
    const struct comparison_options options = comparison_defaults();
    if (!measure_needs_inherent(measure)) {
        if (err)
            *err = measure->error;
        return measure->status;
    }
    struct earlier *earlier = mem_alloc_array(1, sizeof *earlier);
    if (!earlier)
        return mem_error(err, "a configuration to compare with");
    enum status status = snapshot_copy_places(snapshot, &earlier->snapshot, err);
    if (status == STATUS_OK)
        status = configuration_copy(&measure->inherent, &earlier->inherent, err);
    if (status == STATUS_OK)
        status = reference_init(&earlier->reference, &earlier->inherent, &options, err);
    if (status == STATUS_OK)
        *out_earlier = earlier;
    else
        earlier_destroy(&earlier);
    return status;
}

void earlier_destroy(struct earlier **earlier)
{
    if (!earlier || !*earlier)
        return;
    reference_finish(&(*earlier)->reference);
    configuration_finish(&(*earlier)->inherent);
    snapshot_finish(&(*earlier)->snapshot);
    mem_free(*earlier);
    *earlier = NULL;
}

void measure_compare(struct measure *measure, const struct earlier *earlier, const struct snapshot *snapshot)
{
    measure->earlier = earlier;
    measure->snapshot = snapshot;
}

static enum status compare(struct measure *measure)
{
    const struct comparison_options options = comparison_defaults();
    const struct earlier *earlier = measure->earlier;
    struct displacement guide = {0}, displacement = {0};
    enum status status =
        displacement_init_snapshots(&earlier->snapshot, measure->snapshot, &guide, &measure->error);
    if (status == STATUS_OK)
        status = displacement_init(&earlier->inherent, &measure->inherent, &displacement, &measure->error);
    if (status == STATUS_OK) {
        displacement_unwrap(&displacement, &guide, earlier->inherent.box);
        status =
            comparison_init(&measure->dynamics, &earlier->reference, &displacement, &options, &measure->error);
    }
    displacement_finish(&guide);
    displacement_finish(&displacement);
    return status;
}

bool measure_needs_dynamics(struct measure *measure)
{
    INVARIANT(measure->earlier && measure->snapshot);
    if (measure->has_dynamics || !measure_needs_inherent(measure) || measure->status != STATUS_OK)
        return measure->has_dynamics;
    measure->status = compare(measure);
    return measure->has_dynamics = measure->status == STATUS_OK;
}

double measure_lag(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? (double)(measure->snapshot->step - measure->earlier->snapshot.step) : 0.0;
}

double measure_displacement_mean_square(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.displacement.mean_square : 0.0;
}

double measure_displacement_largest(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.displacement.largest : 0.0;
}

double measure_non_gaussian(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.displacement.non_gaussian : 0.0;
}

/* comparison_thresholds[place] is in the quantity's name: a test holds them together. */
static double moved(struct measure *measure, int place)
{
    return measure_needs_dynamics(measure)
               ? analysis_fraction(measure->dynamics.beyond[place], measure->inherent.atoms)
               : 0.0;
}

double measure_moved_01(struct measure *measure)
{
    return moved(measure, 0);
}

double measure_moved_02(struct measure *measure)
{
    return moved(measure, 1);
}

double measure_moved_03(struct measure *measure)
{
    return moved(measure, 2);
}

double measure_moved_05(struct measure *measure)
{
    return moved(measure, 3);
}

double measure_moved_07(struct measure *measure)
{
    return moved(measure, 4);
}

double measure_moved_10(struct measure *measure)
{
    return moved(measure, 5);
}

static double movers(struct measure *measure, enum environment kind)
{
    return measure_needs_dynamics(measure)
               ? analysis_fraction(measure->dynamics.group[kind].movers, measure->dynamics.group[kind].atoms)
               : 0.0;
}

double measure_movers_laves(struct measure *measure)
{
    return movers(measure, ENVIRONMENT_LAVES);
}

double measure_movers_close_packed(struct measure *measure)
{
    return movers(measure, ENVIRONMENT_CLOSE_PACKED);
}

double measure_movers_ico(struct measure *measure)
{
    return movers(measure, ENVIRONMENT_ICO);
}

double measure_movers_interface(struct measure *measure)
{
    return movers(measure, ENVIRONMENT_INTERFACE);
}

double measure_movers_other(struct measure *measure)
{
    return movers(measure, ENVIRONMENT_OTHER);
}

double measure_strings(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.strings.count : 0.0;
}

double measure_string_largest(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.strings.largest : 0.0;
}

double measure_string_weight_average(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.strings.weight_average : 0.0;
}

double measure_overlap_self(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.overlap.self : 0.0;
}

double measure_overlap_collective(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.overlap.collective : 0.0;
}

double measure_scattering_q(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.scattering.q : 0.0;
}

double measure_scattering_self(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.scattering.all : 0.0;
}

double measure_scattering_self_large(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.scattering.type[ATOM_LARGE] : 0.0;
}

double measure_scattering_self_small(struct measure *measure)
{
    return measure_needs_dynamics(measure) ? measure->dynamics.scattering.type[ATOM_SMALL] : 0.0;
}
