#include "worker/md/md.h"
#include "worker/md/md_state.h"
#include "worker/md/md_step.h"

enum { STEPS_PER_LOOK = 256 }; /* between two looks at `cancel` */

double md_ramp_temperature(const struct md_ramp *ramp, int64_t step)
{
    if (ramp->step_b == ramp->step_a)
        return ramp->temperature_a;
    double share = (double)(step - ramp->step_a) / (double)(ramp->step_b - ramp->step_a);
    return ramp->temperature_a + share * (ramp->temperature_b - ramp->temperature_a);
}

static enum status run_some(struct md *md, int64_t steps, const struct md_ramp *ramp, struct error *err)
{
    for (int64_t n = 0; n < steps; n++) {
        enum status status = md_step_advance(md, md_ramp_temperature(ramp, md->step + 1), err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status md_run(struct md *md, int64_t steps, const struct md_ramp *ramp, _Atomic int64_t *progress,
                   const _Atomic bool *cancel, struct error *err)
{
    while (steps > 0) {
        if (cancel && atomic_load(cancel))
            return error_set(err, STATUS_EVICTED, "cancelled at step %lld", (long long)md->step);
        int64_t some = steps < STEPS_PER_LOOK ? steps : STEPS_PER_LOOK;
        enum status status = run_some(md, some, ramp, err);
        if (status != STATUS_OK)
            return status;
        if (progress)
            atomic_fetch_add(progress, some);
        steps -= some;
    }
    return STATUS_OK;
}
