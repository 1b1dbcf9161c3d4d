#include "common/log.h"
#include "common/mem.h"
#include "server/coordinator_state.h"

#include <stdio.h>

enum { RETRY_MS = 5000 }; /* after a disk that was full */

enum status coordinator_store_audit(struct coordinator *c, const struct planner_action *action, struct error *err)
{
    const struct segment_key *key = &action->store_audit.key;
    enum status status = coordinator_begin_batch(c, err);
    if (status != STATUS_OK)
        return status;
    return store_put_audit(c->store, key->campaign, key->replica, key->segment, action->store_audit.host,
                           action->store_audit.worker.bytes, err);
}

enum status coordinator_quarantine(struct coordinator *c, const struct planner_untrusted *untrusted, struct error *err)
{
    log_event(LOG_ERROR, "quarantine", "host=\"%s\" whole_host=%d", untrusted->host, (int)untrusted->is_host);
    enum status status = coordinator_begin_batch(c, err);
    if (status != STATUS_OK)
        return status;
    return store_put_quarantine(c->store, untrusted->host, untrusted->is_host ? NULL : untrusted->worker.bytes, err);
}

void coordinator_ask_retract(struct coordinator *c, const struct planner_action *action)
{
    c->retracting = true;
    c->retracted = action->retract.key;
    snprintf(c->retract_reason, sizeof c->retract_reason, "%s", action->retract.reason);
}

bool coordinator_must_retract(const struct coordinator *c)
{
    return c->retracting && clock_mono().value >= c->retract_next.value;
}

/* What the shell knows and a new planner does not. */
static void tell_again(struct coordinator *c)
{
    const int64_t left_ms = (c->leave_at.value - clock_mono().value) / 1000000;
    c->event_first = c->event_count = c->lookup_count = c->lost_count = 0;
    if (c->storage != STORAGE_GOOD)
        coordinator_push(c, EVENT_STORAGE)->storage = c->storage;
    if (c->leaving)
        coordinator_push(c, EVENT_DRAIN)->drain_grace_ms = left_ms > 0 ? (uint32_t)left_ms : 0;
}

enum status coordinator_rebuild(struct coordinator *c, struct error *err)
{
    struct rebuilt rebuilt;
    const struct rebuild_limits limits = {
        .lease_ms = c->setup->lease_ms ? c->setup->lease_ms : COORDINATOR_LEASE_MS,
        .workers_max = c->setup->workers_max ? c->setup->workers_max : COORDINATOR_WORKERS,
    };
    enum status status = rebuild_planner(c->store, &limits, &rebuilt, err);
    if (status != STATUS_OK)
        return status;
    rebuilt_finish(&c->rebuilt);
    c->rebuilt = rebuilt;
    c->retracting = false;
    tell_again(c);
    mem_free(c->progress); /* there may be more campaigns now */
    return coordinator_init_report(c, err);
}

enum status coordinator_retract(struct coordinator *c, struct error *err)
{
    uint64_t segments = 0;
    struct error why = {0};
    const struct segment_key *key = &c->retracted;
    enum status status =
        store_retract(c->store, key->campaign, key->replica, key->segment, c->retract_reason, &segments, &why);
    if (status != STATUS_OK && coordinator_is_disk_full(&why)) {
        c->retract_next = mono_after(clock_mono(), RETRY_MS);
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        *err = why;
        return status;
    }
    log_event(LOG_ERROR, "retract", "campaign=%u replica=%u segment=%lld segments=%llu reason=\"%s\"",
              (unsigned)key->campaign.value, (unsigned)key->replica.value, (long long)key->segment.value,
              (unsigned long long)segments, c->retract_reason);
    return coordinator_rebuild(c, err);
}
