#include "worker/md/probe.h"

#include "common/mem.h"
#include "worker/md/md.h"
#include "worker/md/start.h"

struct probe_run {
    uint32_t atoms;
    enum potential_kind potential;
    enum cut_kind cut;
    enum thermostat_kind thermostat;
    double proportions[3];
    int64_t steps;
};

static const struct probe_run runs[] = {
    {500, POTENTIAL_WAHNSTROM, CUT_SHIFTED, THERMOSTAT_BUSSI, {1.0, 1.0, 1.0}, 100},
    {403, POTENTIAL_WAHNSTROM, CUT_FORCE_SHIFTED, THERMOSTAT_LANGEVIN, {1.0, 1.1, 0.95}, 100},
    {500, POTENTIAL_KOB_ANDERSEN, CUT_TRUNCATED, THERMOSTAT_NOSE_HOOVER, {1.0, 0.9, 1.0}, 100},
    {4200, POTENTIAL_WAHNSTROM, CUT_SHIFTED, THERMOSTAT_NONE, {1.0, 1.0, 1.0}, 40}, /* two tiles */
};

static struct md_setup make_setup(const struct probe_run *run, const struct kernels *kernels)
{
    return (struct md_setup){
        .system = {run->atoms, run->atoms / 2, 0.9, run->potential, run->cut, 2.5},
        .dynamics = {0.002778, run->thermostat, 0.2778},
        .seed = UINT64_C(0x76697472696e65),
        .kernels = kernels,
        .threads = 1,
    };
}

static enum status add_state(const struct md *md, struct digest_state *state, struct error *err)
{
    struct snapshot snapshot;
    struct md_observables observables;
    enum status status = md_observe(md, &observables, err);
    if (status == STATUS_OK)
        status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    digest_add_f64(state, observables.energy_potential);
    digest_add_f64(state, observables.virial);
    uint8_t *bytes;
    size_t size;
    struct digest digest;
    status = snapshot_encode(&snapshot, &bytes, &size, &digest, err);
    if (status == STATUS_OK) {
        mem_free(bytes);
        digest_add_digest(state, &digest);
    }
    snapshot_finish(&snapshot);
    return status;
}

static enum status move(struct md *md, const struct snapshot *start, int64_t steps, struct error *err)
{
    const struct md_ramp ramp = {0, 150, 1.5, 0.8};
    enum status status = md_load(md, start, err);
    if (status != STATUS_OK)
        return status;
    md_draw_velocities(md, 1.0);
    if ((status = md_run(md, steps, &ramp, NULL, NULL, err)) != STATUS_OK)
        return status;
    md_rescale_velocities(md, 1.0, 1.2);
    return md_run(md, steps / 2, &ramp, NULL, NULL, err);
}

static enum status add_run(const struct probe_run *run, const struct kernels *kernels, struct digest_state *state,
                           struct error *err)
{
    const struct md_setup setup = make_setup(run, kernels);
    struct snapshot start;
    struct md *md;
    enum status status = md_create(&setup, &md, err);
    if (status != STATUS_OK)
        return status;
    if ((status = start_lattice(&setup, run->proportions, &start, err)) == STATUS_OK) {
        status = move(md, &start, run->steps, err);
        snapshot_finish(&start);
    }
    if (status == STATUS_OK)
        status = add_state(md, state, err);
    md_destroy(&md);
    return status;
}

enum status md_probe_digest(const struct kernels *kernels, struct digest *out_digest, struct error *err)
{
    struct digest_state state;
    enum status status = STATUS_OK;
    digest_init(&state);
    for (size_t n = 0; n < sizeof runs / sizeof runs[0] && status == STATUS_OK; n++)
        status = add_run(&runs[n], kernels, &state, err);
    if (status != STATUS_OK)
        return error_context(err, "probing this machine's arithmetic");
    *out_digest = digest_finish(&state);
    return STATUS_OK;
}
