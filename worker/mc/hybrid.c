#include "worker/mc/hybrid.h"

#include "worker/mc/identity.h"

/* All attempts of this step on the snapshot; out_changed where one was accepted. */
static enum status attempt_exchanges(const struct md_setup *setup, const struct identity_spec *spec, double temperature,
                                     struct snapshot *snapshot, struct identity_counts *counts, bool *out_changed,
                                     struct error *err)
{
    struct potential potential = potential_make(setup->system.potential, setup->system.cut, setup->system.cutoff);
    *out_changed = false;
    for (uint32_t attempt = 0; attempt < spec->attempts; attempt++) {
        struct identity_outcome outcome;
        enum status status =
            identity_attempt(&potential, temperature, (struct identity_place){setup->seed, setup->replica, attempt},
                             snapshot, &outcome, err);
        if (status != STATUS_OK)
            return status;
        counts->attempts++;
        counts->accepted += outcome.is_accepted;
        *out_changed |= outcome.is_accepted;
    }
    return STATUS_OK;
}

static enum status exchange_identities(struct md *md, const struct md_setup *setup, const struct identity_spec *spec,
                                       const struct md_ramp *ramp, struct identity_counts *counts, struct error *err)
{
    struct snapshot snapshot;
    bool changed;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    double temperature = md_ramp_temperature(ramp, snapshot.step);
    status = attempt_exchanges(setup, spec, temperature, &snapshot, counts, &changed, err);
    if (status == STATUS_OK && changed)
        status = md_load(md, &snapshot, err);
    snapshot_finish(&snapshot);
    return status;
}

static int64_t steps_to_attempt(int64_t step, int64_t every)
{
    int64_t past = step % every;
    return every - (past < 0 ? past + every : past);
}

static enum status find_step(const struct md *md, int64_t *out_step, struct error *err)
{
    struct snapshot snapshot;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    *out_step = snapshot.step;
    snapshot_finish(&snapshot);
    return STATUS_OK;
}

enum status hybrid_run(struct md *md, const struct md_setup *setup, const struct identity_spec *spec, int64_t steps,
                       const struct md_ramp *ramp, _Atomic int64_t *progress, const _Atomic bool *cancel,
                       struct identity_counts *counts, struct error *err)
{
    int64_t step;
    enum status status = find_step(md, &step, err);
    while (status == STATUS_OK && steps > 0) {
        int64_t piece = steps_to_attempt(step, spec->every);
        bool is_due = piece <= steps;
        piece = is_due ? piece : steps;
        status = md_run(md, piece, ramp, progress, cancel, err);
        if (status == STATUS_OK && is_due)
            status = exchange_identities(md, setup, spec, ramp, counts, err);
        step += piece;
        steps -= piece;
    }
    return status;
}
