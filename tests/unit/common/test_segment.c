#include "common/segment.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct segment_spec spec_sample = {
    .seed = 20190101,
    .replica = {3},
    .segment = {17},
    .system = {.atoms = 500,
               .atoms_small = 250,
               .volume_per_atom = 0.767,
               .potential = POTENTIAL_WAHNSTROM,
               .cut = CUT_SHIFTED,
               .cutoff = 2.5},
    .dynamics = {.dt = 0.002778, .thermostat = THERMOSTAT_BUSSI, .thermostat_tau = 0.2778},
    .stage = STAGE_HOLD,
    .step_first = 17000,
    .steps = 1000,
    .temperature_first = 0.6,
    .temperature_last = 0.6,
    .temperature_before = 0.62,
    .sampling = {.thermal_every = 100, .inherent_every = 1000, .pdf_bin = 0.01},
};

static const struct digest snapshot_sample = {{1, 2, 3}};

static struct digest input_of(const struct segment_spec *spec)
{
    return segment_input_digest(spec, 1, &snapshot_sample);
}

static void assert_text(const struct digest *digest, const char *expected)
{
    char text[DIGEST_TEXT_SIZE];
    digest_to_text(digest, text);
    cr_assert_str_eq(text, expected);
}

Test(segment, input_digest_is_the_golden_one)
{
    struct digest digest = input_of(&spec_sample);
    assert_text(&digest, "59b064881682d8997158921ea4bb6a86eede9972716d7f681af96af30d8f0a8c");
}

/* One row for each field that can change a bit of the trajectory. */
#define CHANGES(name, statement)                                                                                       \
    {                                                                                                                  \
        struct segment_spec changed = spec_sample;                                                                     \
        statement;                                                                                                     \
        struct digest before = input_of(&spec_sample), after = input_of(&changed);                                     \
        cr_assert_not(digest_equal(&before, &after), "%s does not change the input digest", name);                     \
    }

Test(segment, every_field_that_can_change_a_bit_changes_the_input_digest){
    CHANGES("seed", changed.seed++) CHANGES("replica", changed.replica.value++) CHANGES("atoms", changed.system.atoms++)
        CHANGES("atoms_small", changed.system.atoms_small++) CHANGES("volume", changed.system.volume_per_atom += 1e-15)
            CHANGES("potential", changed.system.potential = POTENTIAL_KOB_ANDERSEN)
                CHANGES("cut", changed.system.cut = CUT_FORCE_SHIFTED) CHANGES("cutoff", changed.system.cutoff = 2.4)
                    CHANGES("dt", changed.dynamics.dt = 0.0028) CHANGES("thermostat",
                                                                        changed.dynamics.thermostat = THERMOSTAT_NONE)
                        CHANGES("thermostat_tau", changed.dynamics.thermostat_tau = 0.3)
                            CHANGES("stage", changed.stage = STAGE_BUILD) CHANGES("step_first", changed.step_first++)
                                CHANGES("steps", changed.steps++)
                                    CHANGES("temperature_first", changed.temperature_first = 0.61)
                                        CHANGES("temperature_last", changed.temperature_last = 0.61)
                                            CHANGES("temperature_before", changed.temperature_before = 0)
                                                CHANGES("identity", changed.identity.every = 100)
                                                    CHANGES("noise", changed.start.noise = 0.01)
                                                        CHANGES("grain_atoms", changed.start.grain_atoms = 400)
                                                            CHANGES("grain_volume", changed.start.grain_volume = 0.69)}

Test(segment, engine_and_snapshot_change_the_input_digest)
{
    const struct digest other = {{9}};
    struct digest digests[] = {input_of(&spec_sample), segment_input_digest(&spec_sample, 2, &snapshot_sample),
                               segment_input_digest(&spec_sample, 1, &other),
                               segment_input_digest(&spec_sample, 1, NULL)};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++)
            cr_assert_not(digest_equal(&digests[i], &digests[j]), "%zu and %zu", i, j);
}

Test(segment, what_cannot_change_a_bit_leaves_the_input_digest_alone)
{
    struct segment_spec changed = spec_sample;
    changed.sampling = (struct sampling_spec){.thermal_every = 7, .frame_every = 11, .pdf_bin = 0.5};
    changed.segment.value++;
    changed.stage = STAGE_RAMP;
    struct digest before = input_of(&spec_sample), after = input_of(&changed);
    cr_assert(digest_equal(&before, &after));
}

static struct segment_result make_result(void)
{
    struct segment_result result = {.replica = {3}, .segment = {17}, .input = {{4}}, .snapshot = {{5}}};
    result.energy_potential = -3650.25;
    result.sample_count = 2;
    result.samples = mem_alloc_array(2, sizeof *result.samples);
    result.samples[0] = (struct sample){17100, QUANTITY_GROUP_thermal, {-7.3, 0.9, 0.6, 1.5}};
    result.samples[1] = (struct sample){18000, QUANTITY_GROUP_inherent, {-7.6, 1e-9, 1}};
    result.pdf_count = 1;
    result.pdfs = mem_alloc_array(1, sizeof *result.pdfs);
    result.pdfs[0] = (struct pdf_counts){.step_last = 18000, .frames = 1, .bin = 0.5, .bins = 2};
    result.pdfs[0].counts = mem_alloc_array(PDF_PAIRS * 2, sizeof(uint64_t));
    result.pdfs[0].counts[5] = 77;
    result.frame_count = 1;
    result.frames = mem_alloc_array(1, sizeof *result.frames);
    result.frames[0] = (struct frame){.step = 18000, .kind = CONFIGURATION_INHERENT, .digest = {{6}}};
    return result;
}

Test(segment, output_digest_is_the_golden_one)
{
    struct segment_result result = make_result();
    result.sample_count = 0; /* a new scalar in quantities.def must not move this number */
    struct digest digest = segment_output_digest(&result);
    assert_text(&digest, "b136f6d79d74245a044d7f788c98359b6f49fd6d3d5522586d9ce9743bbb8c46");
    segment_result_finish(&result);
}

#define FINDS(name, statement)                                                                                         \
    {                                                                                                                  \
        struct segment_result result = make_result();                                                                  \
        struct digest before = segment_output_digest(&result);                                                         \
        statement;                                                                                                     \
        struct digest after = segment_output_digest(&result);                                                          \
        cr_assert_not(digest_equal(&before, &after), "%s is not covered by the output digest", name);                  \
        segment_result_finish(&result);                                                                                \
    }

Test(segment, output_digest_covers_all_science){
    FINDS("input", result.input.bytes[31] = 1) FINDS("snapshot", result.snapshot.bytes[31] = 1)
        FINDS("energy", result.energy_potential += 1e-9) FINDS("sample step", result.samples[0].step++)
            FINDS("sample group", result.samples[0].group = QUANTITY_GROUP_inherent)
                FINDS("sample value", result.samples[1].values[2] = 0) FINDS("sample count", result.sample_count--)
                    FINDS("pdf counts", result.pdfs[0].counts[5]++) FINDS("pdf bin", result.pdfs[0].bin = 0.25)
                        FINDS("pdf frames", result.pdfs[0].frames++)
                            FINDS("frame digest", result.frames[0].digest.bytes[0]++)
                                FINDS("frame kind", result.frames[0].kind = CONFIGURATION_THERMAL)
                                    FINDS("identity attempts", result.identity.attempts = 10)}

Test(segment, output_digest_tells_how_many_exchanges_were_accepted)
{
    struct segment_result few = make_result(), many = make_result();
    few.identity = (struct identity_counts){10, 1};
    many.identity = (struct identity_counts){10, 2};
    struct digest a = segment_output_digest(&few), b = segment_output_digest(&many);
    cr_assert_not(digest_equal(&a, &b));
    segment_result_finish(&few);
    segment_result_finish(&many);
}

Test(segment, exchanges_without_a_cadence_are_no_specification)
{
    static const struct identity_spec wrong[] = {{-1, 1}, {0, 1}, {100, 0}, {100, IDENTITY_ATTEMPTS_MAX + 1}};
    struct segment_spec spec = spec_sample;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        spec.identity = wrong[i];
        cr_expect_eq(segment_spec_check(&spec, NULL), STATUS_INVALID, "%zu", i);
    }
    spec.identity = (struct identity_spec){100, 1};
    cr_expect_eq(segment_spec_check(&spec, NULL), STATUS_OK);
}

Test(segment, times_are_not_covered_by_the_output_digest)
{
    struct segment_result result = make_result();
    struct digest before = segment_output_digest(&result);
    result.cpu_time_ns = result.wall_time_ns = 12345;
    struct digest after = segment_output_digest(&result);
    cr_assert(digest_equal(&before, &after));
    segment_result_finish(&result);
}

Test(segment, finish_takes_null_and_zeroed)
{
    struct segment_result zeroed = {0};
    segment_result_finish(NULL);
    segment_result_finish(&zeroed);
}
