#include "common/mem.h"
#include "server/coordinator_state.h"

enum status coordinator_init_report(struct coordinator *c, struct error *err)
{
    c->progress = mem_alloc_array(c->rebuilt.campaign_count, sizeof *c->progress);
    return c->progress ? STATUS_OK : mem_error(err, "the progress of the campaigns");
}

static void fill_campaign(const struct coordinator *c, uint32_t index, struct coordinator_campaign_progress *out)
{
    const struct campaign_id id = {index + 1};
    const struct planner_progress progress = planner_get_progress(c->rebuilt.planner, id);
    *out = (struct coordinator_campaign_progress){
        .campaign = id,
        .name = c->rebuilt.campaigns[index].name,
        .segments_done = progress.segments_done,
        .segments_total = progress.segments_total,
        .steps_done = progress.steps_done,
        .steps_total = progress.steps_total,
        .replicas = progress.replicas,
        .replicas_done = progress.replicas_done,
        .replicas_held = progress.replicas_held,
    };
}

static void measure_rates(struct coordinator *c, struct mono_ns now)
{
    double segments = 0.0, steps = 0.0;
    for (uint32_t i = 0; i < c->rebuilt.campaign_count; i++) {
        segments += (double)c->progress[i].segments_done;
        steps += (double)c->progress[i].steps_done;
    }
    meter_add(&c->segments_meter, now, segments);
    meter_add(&c->steps_meter, now, steps);
}

void coordinator_report(struct coordinator *c, struct mono_ns now)
{
    for (uint32_t i = 0; i < c->rebuilt.campaign_count; i++)
        fill_campaign(c, i, &c->progress[i]);
    measure_rates(c, now);
    if (!c->setup->on_progress)
        return;
    const struct coordinator_progress progress = {
        .campaign_count = c->rebuilt.campaign_count,
        .campaigns = c->progress,
        .workers = planner_count_sessions(c->rebuilt.planner),
        .leases = planner_count_leases(c->rebuilt.planner),
        .elapsed_s = (double)(now.value - c->started.value) * 1e-9,
        .segments_per_s = meter_rate(&c->segments_meter),
        .steps_per_s = meter_rate(&c->steps_meter),
        .draining = c->leaving,
    };
    c->setup->on_progress(c->setup->context, &progress);
}

bool coordinator_is_done(const struct coordinator *c, bool *out_held)
{
    bool done = true;
    *out_held = false;
    for (uint32_t i = 0; i < c->rebuilt.campaign_count; i++) {
        const struct planner_progress progress = planner_get_progress(c->rebuilt.planner, (struct campaign_id){i + 1});
        done &= progress.at_rest;
        *out_held |= progress.replicas_held > 0;
    }
    return done;
}
