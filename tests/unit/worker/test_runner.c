#include "worker/runner.h"

#include "common/engine.h"
#include "common/mem.h"
#include "worker/kernels/kernels.h"
#include "worker/probe.h"
#include "worker/structure/relaxation.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { LIQUID_STEP = 600 };

/* ---- helpers ---- */

static struct runner_setup make_setup(const char *isa, int threads)
{
    struct runner_setup setup = {.threads = threads};
    cr_assert_eq(kernels_find(isa, &setup.kernels, NULL), STATUS_OK);
    return setup;
}

static struct segment_spec make_build(void)
{
    return (struct segment_spec){
        .seed = 42,
        .replica = {3},
        .segment = {-2},
        .system = {.atoms = 500, .atoms_small = 250, .volume_per_atom = 0.767, .cut = CUT_SHIFTED, .cutoff = 2.5},
        .dynamics = {.dt = 0.002778, .thermostat = THERMOSTAT_BUSSI, .thermostat_tau = 0.2778},
        .stage = STAGE_BUILD,
        .step_first = -400,
        .temperature_first = 2.0,
        .temperature_last = 2.0,
    };
}

static struct segment_spec make_hold(int64_t step_first, int64_t steps, double before, double temperature)
{
    struct segment_spec spec = make_build();
    spec.stage = STAGE_HOLD;
    spec.step_first = step_first;
    spec.steps = steps;
    spec.temperature_before = before;
    spec.temperature_first = spec.temperature_last = temperature;
    return spec;
}

static struct segment_result run_with(struct runner_setup setup, const struct segment_spec *spec,
                                      const struct segment_result *before)
{
    struct segment_result result;
    struct error err = {0};
    enum status status = runner_run(&setup, spec, before ? before->snapshot_bytes : NULL,
                                    before ? before->snapshot_size : 0, NULL, NULL, &result, &err);
    cr_assert_eq(status, STATUS_OK, "%s", err.message);
    return result;
}

static struct segment_result run(const struct segment_spec *spec, const struct segment_result *before)
{
    return run_with(make_setup("auto", 1), spec, before);
}

/* A liquid at T = 1 and step LIQUID_STEP, by way of a build at step -400. */
static struct segment_result make_liquid(void)
{
    const struct segment_spec build = make_build(), melt = make_hold(-400, 400, 0, 2.0),
                              cool = make_hold(0, LIQUID_STEP, 2.0, 1.0);
    struct segment_result built = run(&build, NULL), melted = run(&melt, &built), liquid = run(&cool, &melted);
    segment_result_finish(&built);
    segment_result_finish(&melted);
    return liquid;
}

static void assert_same_end(const struct segment_result *a, const struct segment_result *b, const char *what)
{
    cr_assert(digest_equal(&a->snapshot, &b->snapshot), "snapshots differ: %s", what);
    cr_assert(memcmp(&a->energy_potential, &b->energy_potential, sizeof a->energy_potential) == 0, "%s", what);
}

static struct segment_spec with_sampling(struct segment_spec spec)
{
    spec.sampling = (struct sampling_spec){.thermal_every = 20,
                                           .inherent_every = 100,
                                           .pdf_every = 50,
                                           .pdf_inherent_every = 100,
                                           .frame_every = 100,
                                           .frame_inherent_every = 200,
                                           .structure_every = 200,
                                           .displacement_every = 100,
                                           .relaxation_every = 100,
                                           .pdf_bin = 0.05};
    return spec;
}

/* ---- what a segment is ---- */

Test(runner, a_build_gives_a_state_at_rest_at_the_first_step)
{
    const struct segment_spec build = make_build();
    struct segment_result result = run(&build, NULL);
    struct snapshot snapshot;
    cr_assert_eq(snapshot_decode(result.snapshot_bytes, result.snapshot_size, &snapshot, NULL), STATUS_OK);
    cr_assert_eq(snapshot.step, -400);
    uint32_t small = 0;
    for (uint32_t i = 0; i < snapshot.atoms; i++) {
        small += snapshot.type[i] == ATOM_SMALL;
        cr_assert(snapshot.velocity[0][i] == 0.0);
    }
    cr_assert_eq(small, 250);
    cr_assert_eq(result.sample_count, 0);
    struct digest input = segment_input_digest(&build, ENGINE_ID, NULL);
    cr_assert(digest_equal(&result.input, &input));
    snapshot_finish(&snapshot);
    segment_result_finish(&result);
}

Test(runner, all_digests_of_a_result_are_right)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec spec = with_sampling(make_hold(LIQUID_STEP, 200, 1.0, 1.0));
    struct segment_result result = run(&spec, &liquid);
    struct digest snapshot, input = segment_input_digest(&spec, ENGINE_ID, &liquid.snapshot);
    struct digest output = segment_output_digest(&result);
    cr_assert(digest_equal(&result.input, &input));
    cr_assert(digest_equal(&result.output, &output));
    cr_assert_eq(snapshot_check(result.snapshot_bytes, result.snapshot_size, &snapshot, NULL), STATUS_OK);
    cr_assert(digest_equal(&result.snapshot, &snapshot));
    for (size_t i = 0; i < result.frame_count; i++) {
        cr_assert_eq(snapshot_check(result.frames[i].bytes, result.frames[i].size, &snapshot, NULL), STATUS_OK);
        cr_assert(digest_equal(&result.frames[i].digest, &snapshot));
    }
    cr_assert_gt(result.cpu_time_ns, 0);
    segment_result_finish(&result);
    segment_result_finish(&liquid);
}

Test(runner, the_same_segment_gives_the_same_bits)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec spec = with_sampling(make_hold(LIQUID_STEP, 200, 1.0, 1.0));
    struct segment_result a = run(&spec, &liquid), b = run(&spec, &liquid);
    assert_same_end(&a, &b, "twice");
    cr_assert(digest_equal(&a.output, &b.output));
    segment_result_finish(&a);
    segment_result_finish(&b);
    segment_result_finish(&liquid);
}

/* Lists and the order of atoms are made anew from a snapshot, so nothing that ran before leaves a trace. */
Test(runner, a_segment_depends_on_its_snapshot_alone)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec first = make_hold(LIQUID_STEP, 331, 1.0, 1.0);
    const struct segment_spec second = make_hold(LIQUID_STEP + 331, 369, 1.0, 1.0);
    struct segment_result half = run(&first, &liquid), in_a_row = run(&second, &half);
    struct segment_result elsewhere = make_liquid(), half_again = run(&first, &elsewhere);
    struct segment_result other = run_with(make_setup("portable", 2), &first, &liquid);
    struct segment_result apart = run_with(make_setup("portable", 2), &second, &half_again);
    assert_same_end(&in_a_row, &apart, "in a row, and from another process's snapshot");
    struct segment_result *all[] = {&liquid, &half, &in_a_row, &elsewhere, &half_again, &other, &apart};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        segment_result_finish(all[i]);
}

Test(runner, sampling_never_alters_the_trajectory)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec plain = make_hold(LIQUID_STEP, 400, 1.0, 1.0);
    const struct segment_spec sampled = with_sampling(plain);
    struct segment_result a = run(&plain, &liquid), b = run(&sampled, &liquid);
    assert_same_end(&a, &b, "with and without samples");
    cr_assert(digest_equal(&a.input, &b.input));
    cr_assert_not(digest_equal(&a.output, &b.output));
    segment_result_finish(&a);
    segment_result_finish(&b);
    segment_result_finish(&liquid);
}

Test(runner, every_instruction_set_and_thread_count_gives_the_same_bits)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec spec = with_sampling(make_hold(LIQUID_STEP, 200, 1.0, 0.9));
    struct segment_result reference = run_with(make_setup("portable", 1), &spec, &liquid);
    for (enum isa isa = ISA_PORTABLE; isa < ISA_COUNT; isa++) {
        const struct kernels *kernels;
        if (kernels_find(isa_names[isa], &kernels, NULL) != STATUS_OK) {
            cr_log_info("this machine cannot run %s: not compared", isa_names[isa]);
            continue;
        }
        for (int threads = 1; threads <= 3; threads += 2) {
            struct segment_result result = run_with(make_setup(isa_names[isa], threads), &spec, &liquid);
            assert_same_end(&reference, &result, isa_names[isa]);
            cr_assert(digest_equal(&reference.output, &result.output), "%s, %d threads", isa_names[isa], threads);
            segment_result_finish(&result);
        }
    }
    segment_result_finish(&reference);
    segment_result_finish(&liquid);
}

/* ---- starts ---- */

static struct segment_spec make_c15(void)
{
    struct segment_spec spec = make_build();
    spec.builder = BUILDER_C15_DISORDERED;
    spec.system.atoms = 648;
    spec.system.atoms_small = 324;
    return spec;
}

Test(runner, a_crystal_has_exactly_the_atoms_of_its_system)
{
    const struct segment_spec spec = make_c15();
    struct segment_result result = run(&spec, NULL);
    struct snapshot snapshot;
    uint32_t small = 0;
    cr_assert_eq(snapshot_decode(result.snapshot_bytes, result.snapshot_size, &snapshot, NULL), STATUS_OK);
    for (uint32_t i = 0; i < snapshot.atoms; i++)
        small += snapshot.type[i] == ATOM_SMALL;
    cr_expect_eq(snapshot.atoms, 648);
    cr_expect_eq(small, 324);
    cr_expect_eq(snapshot.step, -400);
    snapshot_finish(&snapshot);
    segment_result_finish(&result);
}

Test(runner, replicas_are_disordered_each_in_its_own_way)
{
    struct segment_spec spec = make_c15();
    struct segment_result a = run(&spec, NULL);
    spec.replica.value++;
    struct segment_result b = run(&spec, NULL);
    cr_expect_not(digest_equal(&a.snapshot, &b.snapshot));
    segment_result_finish(&a);
    segment_result_finish(&b);
}

/* ---- exchange of identities ---- */

static struct segment_spec make_hybrid(int64_t step_first, int64_t steps, double before)
{
    struct segment_spec spec = make_hold(step_first, steps, before, 1.0);
    spec.identity = (struct identity_spec){.every = 5, .attempts = 2};
    return spec;
}

Test(runner, exchanges_are_tried_at_multiples_of_their_cadence)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec first = make_hybrid(LIQUID_STEP, 203, 1.0),
                              second = make_hybrid(LIQUID_STEP + 203, 197, 1.0);
    struct segment_result a = run(&first, &liquid), b = run(&second, &a);
    cr_expect_eq(a.identity.attempts, 2 * 40);
    cr_expect_eq(b.identity.attempts, 2 * 40);
    cr_expect_gt(a.identity.accepted + b.identity.accepted, 0);
    struct segment_result *all[] = {&liquid, &a, &b};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        segment_result_finish(all[i]);
}

Test(runner, sampling_alters_no_exchange)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec plain = make_hybrid(LIQUID_STEP, 400, 1.0);
    struct segment_spec sampled = with_sampling(plain);
    sampled.sampling.thermal_every = 7;      /* between exchanges, and at some of them */
    sampled.sampling.displacement_every = sampled.sampling.relaxation_every = 0; /* which a hybrid has not */
    struct segment_result a = run(&plain, &liquid), b = run_with(make_setup("portable", 3), &sampled, &liquid);
    assert_same_end(&a, &b, "with and without samples");
    cr_expect_eq(a.identity.attempts, b.identity.attempts);
    cr_expect_eq(a.identity.accepted, b.identity.accepted);
    cr_expect_gt(a.identity.accepted, 0);
    cr_expect_lt(a.identity.accepted, a.identity.attempts);
    segment_result_finish(&a);
    segment_result_finish(&b);
    segment_result_finish(&liquid);
}

/* ---- samples ---- */

Test(runner, samples_fall_due_at_multiples_after_the_first_step)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec spec = with_sampling(make_hold(LIQUID_STEP, 200, 1.0, 1.0));
    struct segment_result result = run(&spec, &liquid);
    cr_assert_eq(result.sample_count, 17, "10 thermal, 2 inherent, 1 structure, 2 dynamics, 2 relaxation");
    cr_assert_eq(result.samples[0].step, 620);
    cr_assert_eq(result.samples[4].step, 700);
    cr_assert_eq(result.samples[4].group, QUANTITY_GROUP_thermal);
    cr_assert_eq(result.samples[5].step, 700);
    cr_assert_eq(result.samples[5].group, QUANTITY_GROUP_inherent);
    cr_assert_eq(result.samples[6].step, 700);
    cr_assert_eq(result.samples[6].group, QUANTITY_GROUP_dynamics);
    cr_assert_eq(result.samples[7].step, 700);
    cr_assert_eq(result.samples[7].group, QUANTITY_GROUP_relaxation);
    cr_assert_eq(result.samples[13].group, QUANTITY_GROUP_inherent);
    cr_assert_eq(result.samples[14].group, QUANTITY_GROUP_structure);
    cr_assert_eq(result.samples[15].group, QUANTITY_GROUP_dynamics);
    cr_assert_eq(result.samples[15].step, 800);
    cr_assert_eq(result.samples[16].group, QUANTITY_GROUP_relaxation);
    cr_assert_eq(result.samples[16].step, 800);
    cr_assert_eq(result.arrays[0].array, ARRAY_displacements);
    cr_assert_eq(result.arrays[0].step, 700);
    cr_assert_eq(result.arrays[result.array_count - 2].array, ARRAY_string_sizes);
    cr_assert_eq(result.arrays[result.array_count - 1].array, ARRAY_relaxation);
    cr_assert_eq(result.arrays[result.array_count - 1].step, 800);
    for (int n = 6; n <= 15; n += 9)
        cr_expect_eq(result.samples[n].values[0], 100.0, "lag");
    for (int n = 7; n <= 16; n += 9)
        cr_expect_eq(result.samples[n].values[0], 100.0, "window");
    cr_assert_eq(result.pdf_count, 2);
    cr_assert_eq(result.pdfs[CONFIGURATION_THERMAL].frames, 4);
    cr_assert_eq(result.pdfs[CONFIGURATION_INHERENT].frames, 2);
    cr_assert_eq(result.pdfs[CONFIGURATION_INHERENT].step_last, 800);
    cr_assert_eq(result.frame_count, 3);
    cr_assert_eq(result.frames[2].kind, CONFIGURATION_INHERENT);
    segment_result_finish(&result);
    segment_result_finish(&liquid);
}

static double mean_square_at(const struct segment_result *result, int64_t step)
{
    for (size_t i = 0; i < result->sample_count; i++)
        if (result->samples[i].group == QUANTITY_GROUP_dynamics && result->samples[i].step == step)
            return result->samples[i].values[1];
    return -1.0;
}

/* Displacements within a segment are those of its own steps: cutting the work differently changes none that both have,
 * and one that would cross a border is not there. */
Test(runner, displacements_do_not_depend_on_where_segments_begin)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec whole = make_hold(LIQUID_STEP, 200, 1.0, 1.0), first = make_hold(LIQUID_STEP, 150, 1.0, 1.0),
                        second = make_hold(LIQUID_STEP + 150, 250, 1.0, 1.0);
    whole.sampling.displacement_every = first.sampling.displacement_every = second.sampling.displacement_every = 100;
    struct segment_result a = run(&whole, &liquid), b = run(&first, &liquid), c = run(&second, &b);
    cr_expect_eq(a.sample_count, 2);
    cr_expect_eq(b.sample_count, 1);
    cr_expect_eq(c.sample_count, 2, "900 and 1000: from 800 on, the first multiple in the segment");
    cr_expect_gt(mean_square_at(&a, 700), 0.0);
    cr_expect_eq(mean_square_at(&a, 700), mean_square_at(&b, 700));
    cr_expect_eq(mean_square_at(&c, 800), -1.0);
    cr_expect_gt(mean_square_at(&c, 900), 0.0);
    struct segment_result *all[] = {&liquid, &a, &b, &c};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        segment_result_finish(all[i]);
}

/* The last row of the window that ends at a step, or NULL. */
static const double *relaxation_at(const struct segment_result *result, int64_t step)
{
    for (size_t i = 0; i < result->array_count; i++) {
        const struct sample_array *array = &result->arrays[i];
        if (array->array == ARRAY_relaxation && array->step == step)
            return array->cells + (size_t)(array->rows - 1) * (size_t)array_columns(ARRAY_relaxation);
    }
    return NULL;
}

/* A window lies in one segment, whatever else the segment holds; lags are counted from its first step. */
Test(runner, relaxation_does_not_depend_on_where_segments_begin)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec whole = make_hold(LIQUID_STEP, 200, 1.0, 1.0), first = make_hold(LIQUID_STEP, 150, 1.0, 1.0),
                        second = make_hold(LIQUID_STEP + 150, 250, 1.0, 1.0);
    whole.sampling.relaxation_every = first.sampling.relaxation_every = second.sampling.relaxation_every = 100;
    whole.sampling.thermal_every = 7; /* stops at steps of its own */
    struct segment_result a = run(&whole, &liquid), b = run(&first, &liquid), c = run(&second, &b);
    cr_expect_eq(a.array_count, 2);
    cr_expect_eq(b.array_count, 1);
    cr_expect_eq(c.array_count, 2, "at 900 and 1000");
    cr_assert(relaxation_at(&a, 700) && relaxation_at(&b, 700) && relaxation_at(&c, 900));
    cr_expect_null(relaxation_at(&c, 800));
    cr_expect_eq(relaxation_at(&a, 700)[0], 100.0, "lag");
    cr_expect_eq(a.arrays[0].rows, 9, "10 13 18 24 32 42 56 75 100");
    cr_expect_lt(relaxation_at(&a, 700)[1], 1.0);
    cr_expect_eq(memcmp(a.arrays[0].cells, b.arrays[0].cells,
                        a.arrays[0].rows * (size_t)array_columns(ARRAY_relaxation) * sizeof(double)),
                 0);
    struct segment_result *all[] = {&liquid, &a, &b, &c};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        segment_result_finish(all[i]);
}

/* The curve is that of stored frames. */
Test(runner, relaxation_is_that_between_thermal_configurations)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec spec = make_hold(LIQUID_STEP, 200, 1.0, 1.0);
    spec.sampling.relaxation_every = spec.sampling.frame_every = 100;
    struct segment_result result = run(&spec, &liquid);
    struct snapshot snapshot[2];
    struct relaxation *relaxation;
    struct displacement displacement;
    struct scattering scattering;
    cr_assert_eq(result.frame_count, 2);
    for (int n = 0; n < 2; n++)
        cr_assert_eq(snapshot_decode(result.frames[n].bytes, result.frames[n].size, &snapshot[n], NULL), STATUS_OK);
    cr_assert_eq(relaxation_create(&snapshot[0], 100, &relaxation, NULL), STATUS_OK);
    cr_assert_eq(displacement_init_snapshots(&snapshot[0], &snapshot[1], &displacement, NULL), STATUS_OK);
    cr_assert_eq(scattering_measure(&displacement, &relaxation->before, relaxation->q, 0.1, &scattering, NULL),
                 STATUS_OK);
    const double *row = relaxation_at(&result, 800);
    cr_assert(row);
    cr_expect_eq(row[1], scattering.all);
    cr_expect_eq(row[2], scattering.type[ATOM_LARGE]);
    cr_expect_eq(row[3], scattering.type[ATOM_SMALL]);
    relaxation_destroy(&relaxation);
    displacement_finish(&displacement);
    for (int n = 0; n < 2; n++)
        snapshot_finish(&snapshot[n]);
    segment_result_finish(&result);
    segment_result_finish(&liquid);
}

/* The value in the table is what `compare` finds between the stored inherent structures. */
Test(runner, displacements_are_those_between_the_inherent_structures)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec spec = make_hold(LIQUID_STEP, 200, 1.0, 1.0);
    spec.sampling.displacement_every = spec.sampling.frame_inherent_every = 100;
    struct segment_result result = run(&spec, &liquid);
    struct configuration state[2];
    struct displacement displacement;
    cr_assert_eq(result.frame_count, 2);
    for (int n = 0; n < 2; n++) {
        struct snapshot snapshot;
        cr_assert_eq(snapshot_decode(result.frames[n].bytes, result.frames[n].size, &snapshot, NULL), STATUS_OK);
        cr_assert_eq(configuration_from_snapshot(&snapshot, &state[n], NULL), STATUS_OK);
        snapshot_finish(&snapshot);
    }
    cr_assert_eq(displacement_init(&state[0], &state[1], &displacement, NULL), STATUS_OK);
    /* Frames are fixed-point: 2.6e-14 sigma. */
    cr_expect_float_eq(displacement_summarise(&displacement).mean_square, mean_square_at(&result, 800), 1e-10);
    displacement_finish(&displacement);
    for (int n = 0; n < 2; n++)
        configuration_finish(&state[n]);
    segment_result_finish(&result);
    segment_result_finish(&liquid);
}

Test(runner, pdfs_reach_beyond_half_the_box_where_asked)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec spec = make_hold(LIQUID_STEP, 100, 1.0, 1.0);
    spec.sampling.pdf_every = 100;
    spec.sampling.pdf_bin = 0.05;
    struct segment_result half = run(&spec, &liquid);
    spec.sampling.pdf_reach = 6.0;
    struct segment_result far = run(&spec, &liquid);
    cr_expect_eq(half.pdfs[0].bins, 72, "half of 7.265");
    cr_assert_eq(far.pdfs[0].bins, 120);
    double beyond = 0.0;
    for (int pair = 0; pair < PDF_PAIRS; pair++) {
        for (uint32_t b = 0; b < half.pdfs[0].bins; b++)
            cr_expect_eq(half.pdfs[0].counts[pair * 72 + (int)b], far.pdfs[0].counts[pair * 120 + (int)b]);
        for (uint32_t b = 100; b < 120; b++)
            beyond += (double)far.pdfs[0].counts[pair * 120 + (int)b];
    }
    /* Far out a liquid is uniform: pairs of 500 atoms in the shell from 5 to 6. */
    const double uniform = 500.0 * 500.0 / 2.0 * 4.0 * M_PI / 3.0 * (216.0 - 125.0) / (500.0 * 0.767);
    cr_expect_float_eq(beyond / uniform, 1.0, 0.02);
    segment_result_finish(&half);
    segment_result_finish(&far);
    segment_result_finish(&liquid);
}

Test(runner, preparation_is_sampled_at_negative_steps_too)
{
    const struct segment_spec build = make_build();
    struct segment_spec melt = make_hold(-400, 250, 0, 2.0);
    melt.sampling.thermal_every = 100;
    struct segment_result built = run(&build, NULL), melted = run(&melt, &built);
    cr_assert_eq(melted.sample_count, 2);
    cr_assert_eq(melted.samples[0].step, -300);
    cr_assert_eq(melted.samples[1].step, -200);
    segment_result_finish(&built);
    segment_result_finish(&melted);
}

Test(runner, a_sample_at_the_last_step_has_the_energy_that_exchange_uses)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec spec = make_hold(LIQUID_STEP, 100, 1.0, 1.0);
    spec.sampling.thermal_every = 100;
    struct segment_result result = run(&spec, &liquid);
    const double per_atom = result.samples[0].values[QUANTITY_energy_potential];
    cr_assert_eq(result.sample_count, 1);
    cr_assert(fabs(per_atom * 500 - result.energy_potential) < 1e-9);
    segment_result_finish(&result);
    segment_result_finish(&liquid);
}

Test(runner, more_samples_than_a_segment_may_hold_are_a_limit)
{
    struct segment_result liquid = make_liquid(), result;
    struct runner_setup setup = make_setup("auto", 1);
    struct segment_spec spec = make_hold(LIQUID_STEP, SEGMENT_SAMPLES_MAX + 1, 1.0, 1.0);
    spec.sampling.thermal_every = 1;
    cr_assert_eq(runner_run(&setup, &spec, liquid.snapshot_bytes, liquid.snapshot_size, NULL, NULL, &result, NULL),
                 STATUS_LIMIT);
    segment_result_finish(&liquid);
}

/* ---- temperature ---- */

static double mean_temperature(const struct segment_result *result)
{
    double sum = 0;
    for (size_t i = 0; i < result->sample_count; i++)
        sum += result->samples[i].values[QUANTITY_temperature];
    return sum / (double)result->sample_count;
}

Test(runner, velocities_are_rescaled_when_a_replica_changes_its_temperature)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec stays = make_hold(LIQUID_STEP, 1, 1.0, 1.0), moves = make_hold(LIQUID_STEP, 1, 1.0, 1.5);
    stays.sampling.thermal_every = moves.sampling.thermal_every = 1;
    struct segment_result a = run(&stays, &liquid), b = run(&moves, &liquid);
    cr_assert(fabs(mean_temperature(&b) / mean_temperature(&a) - 1.5) < 0.05);
    segment_result_finish(&a);
    segment_result_finish(&b);
    segment_result_finish(&liquid);
}

Test(runner, a_ramp_follows_its_temperature)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec ramp = make_hold(LIQUID_STEP, 4000, 1.0, 1.0);
    ramp.stage = STAGE_RAMP;
    ramp.temperature_last = 0.5;
    ramp.sampling.thermal_every = 10;
    struct segment_result result = run(&ramp, &liquid);
    double last = 0;
    for (size_t i = result.sample_count - 40; i < result.sample_count; i++)
        last += result.samples[i].values[QUANTITY_temperature] / 40;
    cr_assert(fabs(mean_temperature(&result) - 0.75) < 0.1, "%g", mean_temperature(&result));
    cr_assert(fabs(last - 0.525) < 0.15, "%g", last);
    segment_result_finish(&result);
    segment_result_finish(&liquid);
}

/* ---- refusals ---- */

static enum status refuse(const struct segment_spec *spec, const uint8_t *bytes, size_t size)
{
    struct runner_setup setup = make_setup("auto", 1);
    struct segment_result result;
    struct error err = {0};
    enum status status = runner_run(&setup, spec, bytes, size, NULL, NULL, &result, &err);
    cr_assert_neq(status, STATUS_OK);
    cr_assert(err.message[0] != '\0');
    return status;
}

/* Down to 0 and up again: what motion is left at 0 grows with the thermostat, and nothing is drawn or divided by 0. */
Test(runner, a_ramp_through_zero_cools_and_heats)
{
    struct segment_result liquid = make_liquid();
    struct segment_spec down = make_hold(LIQUID_STEP, 2000, 1.0, 1.0), up = make_hold(LIQUID_STEP + 2000, 2000, 0, 0);
    down.stage = up.stage = STAGE_RAMP;
    down.temperature_last = 0.0;
    up.temperature_last = 0.5;
    down.sampling.thermal_every = up.sampling.thermal_every = LIQUID_STEP + 2000;
    up.sampling.thermal_every = LIQUID_STEP + 4000;
    struct segment_result cold = run(&down, &liquid), warm = run(&up, &cold);
    cr_assert_eq(cold.sample_count, 1);
    cr_assert_eq(warm.sample_count, 1);
    const double cold_temperature = cold.samples[0].values[2], warm_temperature = warm.samples[0].values[2];
    cr_expect(cold_temperature > 0.0 && cold_temperature < 0.15, "T = %g", cold_temperature);
    cr_expect(warm_temperature > 0.35 && warm_temperature < 0.65, "T = %g", warm_temperature);
    segment_result_finish(&liquid);
    segment_result_finish(&cold);
    segment_result_finish(&warm);
}

Test(runner, a_bad_specification_is_invalid)
{
    struct segment_result liquid = make_liquid();
    const uint8_t *bytes = liquid.snapshot_bytes;
    const size_t size = liquid.snapshot_size;
    struct segment_spec spec = make_hold(LIQUID_STEP, 10, 1.0, 1.0);
    spec.dynamics.dt = (double)NAN;
    cr_assert_eq(refuse(&spec, bytes, size), STATUS_INVALID);
    spec = make_hold(LIQUID_STEP, -1, 1.0, 1.0);
    cr_assert_eq(refuse(&spec, bytes, size), STATUS_INVALID);
    spec = make_hold(LIQUID_STEP + 1, 10, 1.0, 1.0);
    cr_assert_eq(refuse(&spec, bytes, size), STATUS_INVALID, "the snapshot is of another step");
    spec = make_hold(LIQUID_STEP, 10, 1.0, 1.0);
    cr_assert_eq(refuse(&spec, NULL, 0), STATUS_INVALID, "no snapshot");
    spec.system.atoms = 501;
    cr_assert_eq(refuse(&spec, bytes, size), STATUS_INVALID, "another system");
    spec = make_build();
    cr_assert_eq(refuse(&spec, bytes, size), STATUS_INVALID, "a build with a snapshot");
    spec.system.atoms = 20;
    spec.system.atoms_small = 10;
    cr_assert_eq(refuse(&spec, NULL, 0), STATUS_INVALID, "the box is too small for the cutoff");
    spec = make_c15();
    spec.system.atoms = 500;
    cr_assert_eq(refuse(&spec, NULL, 0), STATUS_INVALID, "500 atoms are no supercell of C15");
    segment_result_finish(&liquid);
}

Test(runner, a_corrupt_snapshot_is_refused)
{
    struct segment_result liquid = make_liquid();
    const struct segment_spec spec = make_hold(LIQUID_STEP, 10, 1.0, 1.0);
    liquid.snapshot_bytes[100] ^= 1;
    cr_assert_eq(refuse(&spec, liquid.snapshot_bytes, liquid.snapshot_size), STATUS_CORRUPT);
    segment_result_finish(&liquid);
}

Test(runner, cancel_ends_a_segment_and_progress_tells_how_far_it_came)
{
    struct segment_result liquid = make_liquid(), result;
    struct runner_setup setup = make_setup("auto", 1);
    const struct segment_spec spec = make_hold(LIQUID_STEP, 1000000000, 1.0, 1.0);
    _Atomic int64_t progress = 0;
    const _Atomic bool cancel = true;
    struct error err = {0};
    enum status status =
        runner_run(&setup, &spec, liquid.snapshot_bytes, liquid.snapshot_size, &progress, &cancel, &result, &err);
    cr_assert_eq(status, STATUS_EVICTED, "%s", err.message);
    cr_assert_lt(progress, 10000);
    segment_result_finish(&liquid);
}

Test(runner, every_failed_allocation_is_survived)
{
    struct segment_result liquid = make_liquid();
    struct runner_setup setup = make_setup("auto", 1);
    struct segment_spec spec = make_hold(LIQUID_STEP, 2, 1.0, 1.0);
    spec.step_first = LIQUID_STEP;
    spec.sampling = (struct sampling_spec){.thermal_every = 2, .pdf_every = 2, .frame_every = 2, .pdf_bin = 0.05};
    enum status status = STATUS_NO_MEMORY;
    for (uint64_t n = 1; status != STATUS_OK; n++) {
        struct segment_result result;
        struct error err = {0};
        mem_fail_nth(n);
        status = runner_run(&setup, &spec, liquid.snapshot_bytes, liquid.snapshot_size, NULL, NULL, &result, &err);
        mem_fail_nth(0);
        cr_assert(status == STATUS_OK || status == STATUS_NO_MEMORY, "allocation %d: %s", (int)n, err.message);
        if (status == STATUS_OK)
            segment_result_finish(&result);
    }
    segment_result_finish(&liquid);
}

/* ---- the probe ---- */

Test(probe, finds_the_bits_of_this_engine_on_every_instruction_set)
{
    const struct digest expected = {ENGINE_PROBE};
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        struct runner_setup setup = {.threads = 1};
        struct error err = {0};
        struct digest found;
        char text[DIGEST_TEXT_SIZE];
        if (kernels_find(isa_names[isa], &setup.kernels, NULL) != STATUS_OK)
            continue; /* golden/trajectory names the sets that this machine lacks */
        cr_assert_eq(probe_run(&setup, &found, &err), STATUS_OK, "%s", err.message);
        digest_to_text(&found, text);
        cr_expect(digest_equal(&found, &expected), "%s, engine %d: %s", isa_names[isa], ENGINE_ID, text);
    }
}
