#include "common/invariant.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/coordinator_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DISK_RETRY_MS = 5000 }; /* a disk that refused is tried again after this, whatever it says of itself */

struct planner_event *coordinator_push(struct coordinator *c, enum planner_event_type type)
{
    INVARIANT(c->event_count < EVENTS_MAX);
    struct planner_event *event = &c->events[(c->event_first + c->event_count++) % EVENTS_MAX];
    *event = (struct planner_event){.now = clock_mono(), .type = type};
    return event;
}

static struct planner_event pop_event(struct coordinator *c)
{
    const struct planner_event event = c->events[c->event_first];
    c->event_first = (c->event_first + 1) % EVENTS_MAX;
    c->event_count--;
    return event;
}

bool coordinator_is_disk_full(const struct error *err)
{
    return err->os_errno == ENOSPC || err->os_errno == EDQUOT || err->os_errno == EFBIG;
}

static void tell_batch(struct coordinator *c, enum planner_event_type segment, enum planner_event_type exchange)
{
    for (uint32_t i = 0; i < c->batch.segment_count; i++)
        coordinator_push(c, segment)->segment = c->batch.segments[i];
    for (uint32_t i = 0; i < c->batch.exchange_count; i++)
        coordinator_push(c, exchange)->exchange = c->batch.exchanges[i];
    c->batch.begun = false;
    c->batch.segment_count = c->batch.exchange_count = 0;
    c->batch.bytes = 0;
}

/* Nothing of the batch is durable, and nothing of it was said: the workers keep their results. */
static void refuse_batch(struct coordinator *c, const struct error *why)
{
    log_event(LOG_ERROR, "disk_full", "segments=%u message=\"%s\"", (unsigned)c->batch.segment_count, why->message);
    store_rollback(c->store);
    c->storage = STORAGE_FULL;
    c->storage_next = mono_after(clock_mono(), DISK_RETRY_MS);
    tell_batch(c, EVENT_SEGMENT_REFUSED, EVENT_EXCHANGE_REFUSED);
}

enum status coordinator_begin_batch(struct coordinator *c, struct error *err)
{
    if (c->batch.begun)
        return STATUS_OK;
    enum status status = store_begin(c->store, err);
    c->batch.begun = status == STATUS_OK;
    return status;
}

static size_t result_bytes(const struct segment_result *result)
{
    size_t bytes = result->snapshot_size + result->sample_count * sizeof *result->samples;
    for (size_t i = 0; i < result->frame_count; i++)
        bytes += result->frames[i].size;
    for (size_t i = 0; i < result->array_count; i++)
        bytes += result->arrays[i].rows * (size_t)array_columns(result->arrays[i].array) * sizeof(double);
    for (size_t i = 0; i < result->pdf_count; i++)
        bytes += result->pdfs[i].bins * PDF_PAIRS * sizeof *result->pdfs[i].counts;
    return bytes;
}

static struct provenance make_provenance(const struct coordinator *c, uint32_t session)
{
    const struct wire_hello *hello = planner_get_session(c->rebuilt.planner, session);
    struct provenance provenance = {
        .engine_id = hello->engine_id,
        .token = c->result->token.value,
        .cpu_time_ns = c->result->result.cpu_time_ns,
        .wall_time_ns = c->result->result.wall_time_ns,
    };
    memcpy(provenance.worker_uuid, hello->worker.bytes, sizeof provenance.worker_uuid);
    memcpy(provenance.host, hello->host, sizeof provenance.host);
    memcpy(provenance.cpu, hello->cpu, sizeof provenance.cpu);
    memcpy(provenance.isa, hello->isa, sizeof provenance.isa);
    memcpy(provenance.build, hello->build, sizeof provenance.build);
    return provenance;
}

static enum status store_segment(struct coordinator *c, const struct planner_action *action, struct error *err)
{
    INVARIANT(c->result && c->batch.segment_count < BATCH_SEGMENTS_MAX);
    const struct provenance provenance = make_provenance(c, action->store_segment.session);
    c->batch.segments[c->batch.segment_count++] = action->store_segment.key;
    c->batch.bytes += result_bytes(&c->result->result);
    enum status status = coordinator_begin_batch(c, err);
    if (status != STATUS_OK)
        return status;
    return store_put_segment(c->store, action->store_segment.key.campaign, &action->store_segment.spec,
                             action->store_segment.rung, &c->result->result, &provenance, err);
}

static enum status store_exchange(struct coordinator *c, const struct exchange_key *key, struct error *err)
{
    INVARIANT(c->batch.exchange_count < BATCH_EXCHANGES_MAX);
    c->batch.exchanges[c->batch.exchange_count++] = *key;
    enum status status = coordinator_begin_batch(c, err);
    return status == STATUS_OK ? store_put_exchange(c->store, key->campaign, &key->exchange, err) : status;
}

static enum status store_note(struct coordinator *c, const struct planner_action *action, struct error *err)
{
    log_event(LOG_WARN, action->note.kind, "campaign=%u text=\"%s\"", (unsigned)action->note.campaign.value,
              action->note.text);
    return store_put_event(c->store, action->note.campaign, action->note.kind, action->note.text, err);
}

static void note_lost(struct coordinator *c, struct peer_id peer)
{
    for (uint32_t i = 0; i < c->lost_count; i++)
        if (c->lost[i].value == peer.value)
            return;
    if (c->lost_count < LOST_MAX)
        c->lost[c->lost_count++] = peer;
}

static enum status send_message(struct coordinator *c, struct peer_id peer, const struct wire_message *message,
                                struct error *err)
{
    struct wire_frames frames;
    enum status status = wire_encode(message, &frames, err);
    if (status != STATUS_OK)
        return error_context(err, "encoding %s", wire_type_name(message->type));
    enum broker_sent sent;
    status = broker_send(c->broker, peer, &frames, &sent, err);
    if (status == STATUS_OK && sent == BROKER_PEER_LOST)
        note_lost(c, peer);
    return status;
}

/* A grant whose input cannot be read is not sent; the planner hears why. */
static enum status report_snapshot(struct coordinator *c, const struct wire_grant *grant, enum status status,
                                   const struct error *err)
{
    if (status != STATUS_NOT_FOUND && status != STATUS_CORRUPT)
        return status;
    log_event(LOG_ERROR, "snapshot_missing", "campaign=%u replica=%u segment=%lld message=\"%s\"",
              (unsigned)grant->campaign.value, (unsigned)grant->spec.replica.value,
              (long long)grant->spec.segment.value, err->message);
    struct planner_event *event = coordinator_push(c, EVENT_SNAPSHOT_MISSING);
    event->snapshot_missing.segment = (struct segment_key){grant->campaign, grant->spec.replica, grant->spec.segment};
    event->snapshot_missing.text =
        status == STATUS_CORRUPT ? "the snapshot before it is corrupt" : "the snapshot before it is gone";
    return STATUS_OK;
}

static enum status send_grant(struct coordinator *c, struct peer_id peer, struct wire_message *message,
                              struct error *err)
{
    struct wire_grant *grant = &message->grant;
    struct error why = {0};
    enum status status =
        store_get_snapshot(c->store, &grant->snapshot, &grant->snapshot_bytes, &grant->snapshot_size, &why);
    if (status != STATUS_OK) {
        *err = why;
        return report_snapshot(c, grant, status, &why);
    }
    status = send_message(c, peer, message, err);
    mem_free(grant->snapshot_bytes);
    return status;
}

static enum status perform(struct coordinator *c, struct planner_action *action, struct error *err)
{
    switch (action->type) {
    case ACTION_SEND:
        return action->send.with_snapshot ? send_grant(c, action->send.peer, &action->send.message, err)
                                          : send_message(c, action->send.peer, &action->send.message, err);
    case ACTION_STORE_SEGMENT:
        return store_segment(c, action, err);
    case ACTION_STORE_EXCHANGE:
        return store_exchange(c, &action->exchange, err);
    case ACTION_LOOKUP_SEGMENT:
        INVARIANT(c->lookup_count < BATCH_SEGMENTS_MAX);
        c->lookups[c->lookup_count++] = action->lookup;
        return STATUS_OK;
    case ACTION_STORE_AUDIT:
        return coordinator_store_audit(c, action, err);
    case ACTION_QUARANTINE:
        return coordinator_quarantine(c, &action->quarantine, err);
    case ACTION_RETRACT:
        coordinator_ask_retract(c, action);
        return STATUS_OK;
    case ACTION_NOTE:
        return store_note(c, action, err);
    }
    return STATUS_OK;
}

/* One step and its actions. A full disk is an answer. Every other failure is the end of this process: memory and disk
 * may differ then, and a rebuild from the store mends that. */
static enum status step(struct coordinator *c, const struct planner_event *event, struct error *err)
{
    planner_step(c->rebuilt.planner, event, &c->actions);
    for (uint32_t i = 0; i < c->actions.count; i++) {
        struct error why = {0};
        enum status status = perform(c, &c->actions.items[i], &why);
        if (status != STATUS_OK && coordinator_is_disk_full(&why)) {
            refuse_batch(c, &why);
        } else if (status != STATUS_OK) {
            *err = why;
            return status;
        }
    }
    if (c->actions.more)
        coordinator_push(c, EVENT_TICK);
    return STATUS_OK;
}

/* Told at once, so that the planner does not go on talking to nobody. */
static enum status tell_lost(struct coordinator *c, struct error *err)
{
    enum status status = STATUS_OK;
    while (c->lost_count > 0 && status == STATUS_OK) {
        const struct planner_event event = {
            .now = clock_mono(), .type = EVENT_PEER_LOST, .peer_lost = c->lost[--c->lost_count]};
        status = step(c, &event, err);
    }
    return status;
}

static enum status step_all(struct coordinator *c, const struct planner_event *event, struct error *err)
{
    enum status status = step(c, event, err);
    return status == STATUS_OK ? tell_lost(c, err) : status;
}

enum status coordinator_take(struct coordinator *c, struct peer_id peer, const struct wire_message *message,
                             struct error *err)
{
    const struct planner_event event = {
        .now = clock_mono(), .type = EVENT_MESSAGE, .message = {.peer = peer, .message = message}};
    c->result = message->type == WIRE_RESULT ? &message->result : NULL;
    enum status status = step_all(c, &event, err);
    c->result = NULL;
    return status;
}

static enum status commit_batch(struct coordinator *c, struct error *err)
{
    if (!c->batch.begun)
        return STATUS_OK;
    struct error why = {0};
    enum status status = store_commit(c->store, &why);
    if (status == STATUS_OK) {
        c->has_stored |= c->batch.segment_count > 0;
        tell_batch(c, EVENT_SEGMENT_STORED, EVENT_EXCHANGE_STORED);
    } else if (coordinator_is_disk_full(&why)) {
        refuse_batch(c, &why);
    } else {
        *err = why;
        return status;
    }
    return STATUS_OK;
}

struct finding {
    struct campaign_id campaign;
    bool found;
    struct segment_record record;
};

static enum status find_record(void *context, const struct stored_record *stored, struct error *err)
{
    struct finding *finding = context;
    (void)err;
    finding->found = true;
    finding->record = rebuild_record(finding->campaign, stored);
    return STATUS_OK;
}

static enum status look_up(struct coordinator *c, const struct segment_lookup *lookup, struct error *err)
{
    struct finding finding = {.campaign = lookup->key.campaign};
    enum status status = store_visit_records(c->store, lookup->key.campaign, lookup->key.replica, lookup->key.segment,
                                             lookup->key.segment, false, find_record, &finding, err);
    if (status != STATUS_OK)
        return status;
    struct planner_event *event = coordinator_push(c, finding.found ? EVENT_SEGMENT_FOUND : EVENT_SEGMENT_MISSING);
    event->found.lookup = *lookup;
    event->found.stored = finding.record;
    return STATUS_OK;
}

static enum status look_up_all(struct coordinator *c, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < c->lookup_count && status == STATUS_OK; i++)
        status = look_up(c, &c->lookups[i], err);
    c->lookup_count = 0;
    return status;
}

/* Exchanges of the steps may fill the batch, which is then committed before the next step. */
static enum status step_queued(struct coordinator *c, struct error *err)
{
    enum status status = STATUS_OK;
    while (c->event_count > 0 && c->batch.exchange_count <= BATCH_EXCHANGES_MAX - 2 * PLANNER_ACTIONS_MAX &&
           status == STATUS_OK) {
        const struct planner_event event = pop_event(c);
        status = step_all(c, &event, err);
    }
    return status;
}

enum status coordinator_settle(struct coordinator *c, struct error *err)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK &&
           (c->event_count > 0 || c->batch.begun || c->lookup_count > 0 || coordinator_must_retract(c))) {
        status = step_queued(c, err);
        if (status == STATUS_OK)
            status = commit_batch(c, err);
        if (status == STATUS_OK && !c->batch.begun)
            status = look_up_all(c, err);
        if (status == STATUS_OK && !c->batch.begun && coordinator_must_retract(c))
            status = coordinator_retract(c, err);
    }
    return status;
}

bool coordinator_batch_is_full(const struct coordinator *c)
{
    return c->batch.segment_count == BATCH_SEGMENTS_MAX || c->lookup_count == BATCH_SEGMENTS_MAX ||
           c->batch.exchange_count > BATCH_EXCHANGES_MAX - 2 * PLANNER_ACTIONS_MAX ||
           c->event_count >= EVENTS_MAX / 2 || c->batch.bytes >= BATCH_BYTES_MAX;
}
