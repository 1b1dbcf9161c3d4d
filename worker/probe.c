#include "worker/probe.h"

#include "worker/md/probe.h"

/* A small hot liquid: every pair of types meets at every distance within a few hundred steps. */
static struct segment_spec make_build(void)
{
    return (struct segment_spec){
        .seed = UINT64_C(0x76697472696e65),
        .system = {.atoms = 500,
                   .atoms_small = 250,
                   .volume_per_atom = 0.767,
                   .potential = POTENTIAL_WAHNSTROM,
                   .cut = CUT_SHIFTED,
                   .cutoff = 2.5},
        .dynamics = {.dt = 0.002778, .thermostat = THERMOSTAT_BUSSI, .thermostat_tau = 0.2778},
        .stage = STAGE_BUILD,
        .builder = BUILDER_RANDOM,
        .step_first = -200,
        .temperature_first = 2.0,
        .temperature_last = 2.0,
        .sampling = {.pdf_bin = 0.05},
    };
}

static struct segment_spec make_melt(void)
{
    struct segment_spec spec = make_build();
    spec.stage = STAGE_HOLD;
    spec.steps = 200;
    return spec;
}

static struct segment_spec make_cooling(void)
{
    struct segment_spec spec = make_melt();
    spec.stage = STAGE_RAMP;
    spec.step_first = 0;
    spec.steps = 100;
    spec.temperature_before = 2.0;
    spec.temperature_first = 1.0;
    spec.temperature_last = 0.9;
    spec.sampling.thermal_every = 50;
    spec.sampling.inherent_every = 100;
    spec.sampling.pdf_every = 100;
    return spec;
}

enum status probe_run(const struct runner_setup *setup, struct digest *out_digest, struct error *err)
{
    const struct segment_spec specs[] = {make_build(), make_melt(), make_cooling()};
    struct segment_result before = {0};
    struct digest_state state;
    struct digest engine;
    enum status status = md_probe_digest(setup->kernels, &engine, err);
    if (status != STATUS_OK)
        return status;
    digest_init(&state);
    digest_add_digest(&state, &engine);
    for (size_t i = 0; i < sizeof specs / sizeof specs[0] && status == STATUS_OK; i++) {
        struct segment_result after = {0};
        status = runner_run(setup, &specs[i], before.snapshot_bytes, before.snapshot_size, NULL, NULL, &after, err);
        digest_add_digest(&state, &after.output);
        segment_result_finish(&before);
        before = after;
    }
    segment_result_finish(&before);
    if (status != STATUS_OK) {
        error_context(err, "probing this machine's arithmetic");
        return status;
    }
    *out_digest = digest_finish(&state);
    return STATUS_OK;
}
