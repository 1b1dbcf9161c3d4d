#include "server/rebuild.h"

#include "common/engine.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>

enum {
    UNTRUSTED_MAX = 1024,
    SILENCE_LEASES = 3, /* a worker that is silent for so many lease times is forgotten */
    HEDGE_LEASES = 5,   /* a lease that does not move for so many lease times gets a second one */
    PROBE_MS = 1000,
    STALL_MS = 2000,
    AFFINITY_SEGMENTS = 1,
};

static enum status get_campaigns(struct store *store, struct rebuilt *rebuilt, struct error *err)
{
    uint32_t count;
    enum status status = store_count_campaigns(store, &count, err);
    if (status != STATUS_OK)
        return status;
    rebuilt->campaigns = mem_alloc_array(count, sizeof *rebuilt->campaigns);
    if (!rebuilt->campaigns)
        return mem_error(err, "the campaigns");
    for (uint32_t i = 0; i < count; i++) {
        status = store_get_campaign(store, (struct campaign_id){i + 1}, &rebuilt->campaigns[i], err);
        if (status != STATUS_OK)
            return status;
        rebuilt->campaign_count++;
    }
    return STATUS_OK;
}

static void measure(const struct rebuilt *rebuilt, struct planner_config *config)
{
    for (uint32_t i = 0; i < rebuilt->campaign_count; i++) {
        const struct campaign *campaign = &rebuilt->campaigns[i];
        config->replicas_max += campaign->replica_count;
        for (uint32_t e = 0; e < campaign->ensemble_count; e++)
            config->rungs_max += campaign->ensembles[e].rung_count;
    }
    config->campaigns_max = rebuilt->campaign_count;
    config->leases_max = 3 * config->replicas_max; /* each may have a hedge, and an audit; more wait */
    config->audits_max = PLANNER_AUDITS_PER_REPLICA * config->replicas_max;
}

static enum status create_planner(struct store *store, const struct rebuild_limits *limits, struct rebuilt *rebuilt,
                                  struct error *err)
{
    struct planner_config config = {
        .engine_id = ENGINE_ID,
        .probe = {ENGINE_PROBE},
        .sessions_max = limits->workers_max,
        .untrusted_max = UNTRUSTED_MAX,
        .lease_ms = limits->lease_ms,
        .session_ms = SILENCE_LEASES * limits->lease_ms,
        .hedge_ms = HEDGE_LEASES * limits->lease_ms,
        .probe_ms = PROBE_MS,
        .stall_ms = STALL_MS,
        .affinity_segments = AFFINITY_SEGMENTS,
    };
    measure(rebuilt, &config);
    memcpy(config.lineage.bytes, store_lineage(store), sizeof config.lineage.bytes);
    enum status status = store_raise_epoch(store, &config.epoch, err);
    if (status != STATUS_OK)
        return status;
    struct arena arena = {.size = planner_memory_size(&config)};
    arena.memory = rebuilt->memory = mem_alloc_aligned(arena.size, 1);
    if (!arena.memory)
        return mem_error(err, "the planner");
    rebuilt->planner = planner_init(&arena, &config);
    return STATUS_OK;
}

struct load {
    struct store *store;
    struct planner *planner;
    struct campaign_id id;
    const struct campaign *campaign;
};

/* The exchange after a loaded segment, if its round had one for it and it was stored. */
static enum status load_exchange(const struct load *load, const struct stored_segment *segment, struct error *err)
{
    const struct ensemble_id ensemble = load->campaign->replicas[segment->replica.value].ensemble;
    const struct ensemble_spec *spec = &load->campaign->ensembles[ensemble.value];
    struct rung_id partner;
    if (spec->mode != MODE_TEMPERING || !exchange_partner(segment->segment, segment->rung, spec->rung_count, &partner))
        return STATUS_OK;
    struct exchange exchange;
    struct error absent;
    enum status status =
        store_get_exchange(load->store, load->id, ensemble, segment->segment, segment->rung, &exchange, &absent);
    if (status == STATUS_OK)
        return planner_load_exchange(load->planner, load->id, segment->replica, &exchange, err);
    if (status != STATUS_NOT_FOUND && err)
        *err = absent;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

struct segment_record rebuild_record(struct campaign_id campaign, const struct stored_record *stored)
{
    const struct stored_segment *segment = &stored->segment;
    struct segment_record record = {
        .key = {campaign, segment->replica, segment->segment},
        .rung = segment->rung,
        .rung_before = stored->rung_before,
        .input = segment->input,
        .output = segment->output,
        .has_snapshot = stored->has_snapshot,
        .snapshot = stored->snapshot_in,
    };
    memcpy(record.worker.bytes, stored->worker_uuid, sizeof record.worker.bytes);
    memcpy(record.host, stored->host, sizeof record.host);
    return record;
}

static enum status load_audit(void *context, const struct stored_record *stored, struct error *err)
{
    const struct load *load = context;
    const struct segment_record record = rebuild_record(load->id, stored);
    (void)err;
    planner_load_audit(load->planner, &record);
    return STATUS_OK;
}

/* Of older segments the planner had waited for the audits. */
static enum status load_audits(const struct load *load, const struct stored_segment *last, struct error *err)
{
    const struct segment_id first = {last->segment.value - PLANNER_AUDIT_WINDOW};
    struct load context = *load;
    return store_visit_records(load->store, load->id, last->replica, first, last->segment, true, load_audit, &context,
                               err);
}

static enum status load_untrusted(void *context, const char *host, const uint8_t *worker_uuid, struct error *err)
{
    struct planner *planner = context;
    struct planner_untrusted untrusted = {.is_host = !worker_uuid};
    (void)err;
    snprintf(untrusted.host, sizeof untrusted.host, "%s", host);
    if (worker_uuid)
        memcpy(untrusted.worker.bytes, worker_uuid, sizeof untrusted.worker.bytes);
    planner_load_untrusted(planner, &untrusted);
    return STATUS_OK;
}

static enum status load_segment(void *context, const struct stored_segment *segment, struct error *err)
{
    const struct load *load = context;
    const struct loaded_segment loaded = {
        .key = {load->id, segment->replica, segment->segment},
        .rung = segment->rung,
        .snapshot = segment->snapshot,
        .energy_potential = segment->energy_potential,
    };
    enum status status = planner_load_segment(load->planner, &loaded, err);
    if (status == STATUS_OK)
        status = load_exchange(load, segment, err);
    return status == STATUS_OK ? load_audits(load, segment, err) : status;
}

static enum status load_campaign(struct store *store, const struct rebuilt *rebuilt, uint32_t index, struct error *err)
{
    struct load load = {store, rebuilt->planner, {index + 1}, &rebuilt->campaigns[index]};
    enum campaign_standing standing = CAMPAIGN_RUNNING;
    enum status status = planner_load_campaign(load.planner, load.id, load.campaign, err);
    if (status == STATUS_OK)
        status = store_get_standing(store, load.id, &standing, err);
    if (status == STATUS_OK)
        planner_load_standing(load.planner, load.id, standing);
    if (status == STATUS_OK)
        status = store_visit_last_segments(store, load.id, load_segment, &load, err);
    return status == STATUS_OK ? status : error_context(err, "campaign '%s'", load.campaign->name);
}

enum status rebuild_planner(struct store *store, const struct rebuild_limits *limits, struct rebuilt *out_rebuilt,
                            struct error *err)
{
    struct rebuilt rebuilt = {0};
    enum status status = get_campaigns(store, &rebuilt, err);
    if (status == STATUS_OK)
        status = create_planner(store, limits, &rebuilt, err);
    if (status == STATUS_OK)
        status = store_visit_quarantine(store, load_untrusted, rebuilt.planner, err);
    for (uint32_t i = 0; i < rebuilt.campaign_count && status == STATUS_OK; i++)
        status = load_campaign(store, &rebuilt, i, err);
    if (status == STATUS_OK)
        status = planner_load_finish(rebuilt.planner, err);
    if (status != STATUS_OK) {
        rebuilt_finish(&rebuilt);
        return error_context(err, "rebuilding from the database");
    }
    *out_rebuilt = rebuilt;
    return STATUS_OK;
}

void rebuilt_finish(struct rebuilt *rebuilt)
{
    if (!rebuilt)
        return;
    for (uint32_t i = 0; i < rebuilt->campaign_count; i++)
        campaign_finish(&rebuilt->campaigns[i]);
    mem_free(rebuilt->campaigns);
    mem_free(rebuilt->memory);
    *rebuilt = (struct rebuilt){0};
}
