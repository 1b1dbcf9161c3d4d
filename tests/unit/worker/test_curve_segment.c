#include "worker/eos/curve_segment.h"

#include "common/snapshot.h"
#include "worker/eos/eos.h"

#include <criterion/criterion.h>
#include <string.h>

static struct segment_spec make_spec(const char *name, int64_t step_first, int64_t steps)
{
    struct phase phase;
    cr_assert_eq(phase_find(name, &phase, NULL), STATUS_OK);
    struct segment_spec spec = {
        .system = {.atoms = phase_cell_atoms(&phase),
                   .atoms_small = phase_cell_atoms_small(&phase),
                   .volume_per_atom = 0.64,
                   .potential = POTENTIAL_WAHNSTROM,
                   .cut = CUT_FORCE_SHIFTED,
                   .cutoff = 2.5},
        .dynamics = {.dt = 0.002778, .thermostat = THERMOSTAT_BUSSI, .thermostat_tau = 0.2778},
        .stage = steps ? STAGE_STATIC : STAGE_BUILD,
        .builder = phase.crystal,
        .eos = {.volume_step = 0.01, .volume_first = 0.64, .geometry = EOS_RELAXED},
        .step_first = step_first,
        .steps = steps,
    };
    strcpy(spec.eos.sites, phase.sites);
    return spec;
}

static struct segment_result run(const struct segment_spec *spec, struct snapshot *out)
{
    struct segment_result result = {0};
    struct error err = {0};
    cr_assert_eq(segment_spec_check(spec, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(curve_segment_run(spec, NULL, NULL, &result, out, &err), STATUS_OK, "%s", err.message);
    return result;
}

enum { VOLUME, ENERGY, PRESSURE, C_OVER_A, HELD };

Test(curve_segment, the_cells_of_common_are_those_of_the_lattices)
{
    for (uint32_t p = 0; p < phase_count; p++) {
        const struct lattice_shape shape = lattice_ideal_shape(eos_lattice_kind(&phases[p]));
        struct lattice lattice = lattice_make(eos_lattice_kind(&phases[p]), &shape);
        cr_assert_eq(lattice_set_sites(&lattice, phases[p].sites, NULL), STATUS_OK);
        cr_expect_eq(lattice.basis, phase_cell_atoms(&phases[p]), "%s", phases[p].name);
        cr_expect_float_eq(lattice_small_fraction(&lattice), phase_small_fraction(&phases[p]), 1e-15, "%s",
                           phases[p].name);
    }
}

Test(curve_segment, a_sample_is_the_point_at_its_volume)
{
    const struct segment_spec spec = make_spec("C14", 2, 3);
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_FORCE_SHIFTED, 2.5);
    struct phase phase;
    struct snapshot snapshot;
    struct segment_result result = run(&spec, &snapshot);
    cr_assert_eq(phase_find("C14", &phase, NULL), STATUS_OK);
    cr_assert_eq(result.sample_count, 3);
    for (int i = 0; i < 3; i++) {
        const struct sample *sample = &result.samples[i];
        const struct eos_point point = eos_point_at(&potential, &phase, EOS_RELAXED, 0.64 + (2 + i) * 0.01);
        cr_expect_eq(sample->step, 3 + i);
        cr_expect_eq(sample->group, QUANTITY_GROUP_static);
        cr_expect_float_eq(sample->values[VOLUME], point.volume, 1e-15);
        cr_expect_float_eq(sample->values[ENERGY], point.energy, 1e-12);
        cr_expect_neq(sample->values[C_OVER_A], lattice_ideal_shape(LATTICE_C14).c_over_a);
        cr_expect_eq(sample->values[HELD], 0.0);
    }
    cr_expect_float_eq(result.energy_potential, 24 * result.samples[2].values[ENERGY], 1e-9);
    cr_expect_eq(snapshot.atoms, 24);
    cr_expect_eq(snapshot.step, 5);
    cr_expect_float_eq(snapshot.box[0] * snapshot.box[1] * snapshot.box[2], 24 * 0.68, 1e-9);
    snapshot_finish(&snapshot);
    segment_result_finish(&result);
}

/* Relaxed parameters are stationary, so that the slope at a fixed shape is the slope of the curve. */
Test(curve_segment, pressure_is_the_slope_of_the_relaxed_curve)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_FORCE_SHIFTED, 2.5);
    static const char *const names[] = {"C14", "C15", "hcp_large", "B2", "c11b:SL"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const double v = 0.77, h = 1e-4;
        struct phase phase;
        cr_assert_eq(phase_find(names[i], &phase, NULL), STATUS_OK);
        const double slope = (eos_point_at(&potential, &phase, EOS_RELAXED, v + h).energy -
                              eos_point_at(&potential, &phase, EOS_RELAXED, v - h).energy) /
                             (2 * h);
        const double pressure = eos_point_at(&potential, &phase, EOS_RELAXED, v).pressure;
        cr_expect_float_eq(pressure, -slope, 1e-3, "%s: %.6f and %.6f", names[i], pressure, -slope);
    }
}

Test(curve_segment, volumes_do_not_depend_on_how_they_are_cut_into_segments)
{
    const struct segment_spec whole = make_spec("C36", 0, 4), half = make_spec("C36", 2, 2);
    struct snapshot after_whole, after_half;
    struct segment_result all = run(&whole, &after_whole), some = run(&half, &after_half);
    cr_expect_eq(memcmp(all.samples[2].values, some.samples[0].values, sizeof(double) * 5), 0);
    cr_expect_eq(memcmp(all.samples[3].values, some.samples[1].values, sizeof(double) * 5), 0);
    cr_expect_eq(memcmp(after_whole.position[2], after_half.position[2], 48 * sizeof(int64_t)), 0);
    snapshot_finish(&after_whole);
    snapshot_finish(&after_half);
    segment_result_finish(&all);
    segment_result_finish(&some);
}

Test(curve_segment, a_build_is_the_ideal_cell_at_the_first_volume)
{
    const struct segment_spec spec = make_spec("B2", 0, 0);
    struct snapshot snapshot;
    struct segment_result result = run(&spec, &snapshot);
    cr_expect_eq(result.sample_count, 0);
    cr_expect_eq(snapshot.atoms, 2);
    cr_expect_float_eq(snapshot.box[0], snapshot.box[1], 1e-15);
    cr_expect_neq(snapshot.type[0], snapshot.type[1]);
    snapshot_finish(&snapshot);
    segment_result_finish(&result);
}

Test(curve_segment, a_cancelled_segment_ends)
{
    const struct segment_spec spec = make_spec("C15", 0, 4);
    const _Atomic bool cancel = true;
    struct segment_result result = {0};
    struct snapshot snapshot;
    cr_expect_eq(curve_segment_run(&spec, NULL, &cancel, &result, &snapshot, NULL), STATUS_EVICTED);
    segment_result_finish(&result);
}

Test(curve_segment, specifications_that_make_no_curve_are_refused)
{
    struct segment_spec spec = make_spec("C15", 0, 4);
    spec.stage = STAGE_HOLD;
    cr_expect_eq(segment_spec_check(&spec, NULL), STATUS_INVALID, "dynamics");
    spec = make_spec("C15", 0, 4);
    strcpy(spec.eos.sites, "LSS");
    cr_expect_eq(segment_spec_check(&spec, NULL), STATUS_INVALID, "sites");
    spec = make_spec("C15", 0, 4);
    spec.eos.volume_step = 0.0;
    cr_expect_eq(segment_spec_check(&spec, NULL), STATUS_INVALID, "no volumes");
    spec = make_spec("C15", 0, 4);
    spec.builder = BUILDER_RANDOM;
    cr_expect_eq(segment_spec_check(&spec, NULL), STATUS_INVALID, "no crystal");
    spec = make_spec("C15", 0, 4);
    spec.system.atoms = 23;
    struct segment_result result = {0};
    struct snapshot snapshot;
    cr_expect_eq(curve_segment_run(&spec, NULL, NULL, &result, &snapshot, NULL), STATUS_INVALID, "atoms");
}
