#include "server/coordinator.h"

#include "common/descriptors.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/coordinator_state.h"
#include "server/net/notify.h"

#include <stdio.h>
#include <sys/statvfs.h>

enum {
    TICK_MS = 250,
    HOUSEKEEPING_MS = 1000,
    PROGRESS_MS = 1000,
    PRUNE_MAX = 256,          /* snapshots dropped in one transaction */
    PRUNES_MAX = 8,           /* such transactions in a row */
    DISK_FREE_MIN = 64 << 20, /* bytes: below, nothing new is granted */
    FAREWELL_MS = 3000,       /* for the workers to leave when all is done */
};

static bool is_due(struct mono_ns now, struct mono_ns due)
{
    return now.value >= due.value;
}

/* -- messages -------------------------------------------------------------------------------------------------------
 */

static void log_refused(struct peer_id peer, const char *why)
{
    log_event(LOG_WARN, "message_refused", "peer=%llx message=\"%s\"", (unsigned long long)peer.value, why);
}

static enum status answer(struct coordinator *c, struct peer_id peer, const struct wire_message *message,
                          struct error *err)
{
    struct wire_frames frames;
    enum broker_sent sent;
    enum status status = wire_encode(message, &frames, err);
    return status == STATUS_OK ? broker_send(c->broker, peer, &frames, &sent, err) : status;
}

/* What cannot be read: the sender of a result would repeat it for ever, and one of another protocol would not know why
 * nobody answers. All else is only logged. */
static enum status refuse(struct coordinator *c, struct peer_id peer, const struct wire_frames_view *frames,
                          enum status reason, const struct error *why, struct error *err)
{
    log_refused(peer, why->message);
    struct wire_message message = {0};
    if (reason == STATUS_CONFLICT) {
        message.type = WIRE_GOAWAY;
        message.goaway = (struct wire_goaway){
            .reason = WIRE_GOAWAY_PROTOCOL, .protocol_first = WIRE_PROTOCOL_FIRST, .protocol_last = WIRE_PROTOCOL_LAST};
        snprintf(message.goaway.text, sizeof message.goaway.text, "%.*s", WIRE_TEXT_SIZE - 1, why->message);
        return answer(c, peer, &message, err);
    }
    struct lease_token token;
    if (reason == STATUS_NO_MEMORY || !wire_peek_result(frames, &token))
        return STATUS_OK;
    message.type = WIRE_ACK;
    message.ack = (struct wire_ack){.token = token, .verdict = WIRE_INVALID};
    snprintf(message.ack.text, sizeof message.ack.text, "%.*s", WIRE_TEXT_SIZE - 1, why->message);
    return answer(c, peer, &message, err);
}

/* With keys a host is who its key says, not who it says. */
static void set_host(struct wire_message *message, const char *host)
{
    if (host && message->type == WIRE_HELLO)
        snprintf(message->hello.host, sizeof message->hello.host, "%s", host);
}

static enum status take_delivery(struct coordinator *c, const struct delivery *delivery, struct error *err)
{
    struct wire_message message;
    struct error why = {0};
    enum status status = wire_decode(&delivery->frames, &message, &why);
    if (status != STATUS_OK)
        return refuse(c, delivery->peer, &delivery->frames, status, &why, err);
    set_host(&message, delivery->host);
    status = coordinator_take(c, delivery->peer, &message, err);
    wire_message_finish(&message);
    return status;
}

/* Reads until nothing waits, or as much has come as one transaction may hold. */
static enum status take_messages(struct coordinator *c, struct error *err)
{
    for (uint32_t i = 0; i < BATCH_SEGMENTS_MAX && !coordinator_batch_is_full(c); i++) {
        enum broker_received received;
        struct delivery delivery;
        enum status status = broker_receive(c->broker, &received, &delivery, err);
        if (status != STATUS_OK || received == BROKER_NOTHING)
            return status;
        if (received == BROKER_GARBAGE)
            log_refused(delivery.peer, "too many frames, or a routing id of its own choice");
        if (received != BROKER_MESSAGE)
            continue;
        status = take_delivery(c, &delivery, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* -- time -----------------------------------------------------------------------------------------------------------
 */

static uint64_t find_free(const struct coordinator *c)
{
    struct statvfs fs;
    return c->setup->directory && statvfs(c->setup->directory, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize
                                                                         : UINT64_MAX;
}

/* Low before full, so that workers can bring home what they have. A disk that refused a write is believed to be full
 * for a while, since free space is only one of the reasons; on the way out the ballast makes room at once. */
static void watch_disk(struct coordinator *c, struct mono_ns now)
{
    if (c->storage == STORAGE_FULL && !(c->leaving && ballast_drop(&c->ballast)) && !is_due(now, c->storage_next))
        return;
    const uint64_t free = find_free(c);
    const enum storage_level level = free < DISK_FREE_MIN ? STORAGE_LOW : STORAGE_GOOD;
    if (!c->leaving && free >= DISK_FREE_MIN + BALLAST_SIZE)
        ballast_take(&c->ballast);
    if (level == c->storage)
        return;
    log_event(level == STORAGE_GOOD ? LOG_INFO : LOG_WARN, level == STORAGE_GOOD ? "disk_good" : "disk_low",
              "directory=\"%s\"", c->setup->directory ? c->setup->directory : "");
    c->storage = level;
    coordinator_push(c, EVENT_STORAGE)->storage = level;
}

static enum status prune(struct coordinator *c, struct error *err)
{
    if (!c->has_stored)
        return STATUS_OK;
    bool all = true;
    for (uint32_t i = 0; i < c->rebuilt.campaign_count; i++) {
        uint32_t pruned = PRUNE_MAX;
        for (int n = 0; n < PRUNES_MAX && pruned == PRUNE_MAX; n++) {
            enum status status = store_prune_snapshots(c->store, (struct campaign_id){i + 1}, PRUNE_MAX, &pruned, err);
            if (status != STATUS_OK)
                return error_context(err, "pruning snapshots");
        }
        all &= pruned < PRUNE_MAX;
    }
    c->has_stored = !all;
    return STATUS_OK;
}

/* Nothing is lost while a reader holds the WAL back, but the disk fills, and every read gets slower. */
static enum status watch_wal(struct coordinator *c, struct error *err)
{
    const struct store_wal wal = store_wal(c->store);
    const bool is_new = wal.held_back && !c->wal_held_back;
    char text[160];
    c->wal_held_back = wal.held_back;
    if (!is_new)
        return STATUS_OK;
    snprintf(text, sizeof text, "the WAL has %d pages, %d of them copied: some program has been reading for long",
             wal.pages, wal.pages_done);
    log_event(LOG_WARN, "wal_held_back", "text=\"%s\"", text);
    return store_put_event(c->store, (struct campaign_id){0}, "wal_held_back", text, err);
}

/* What fails here for want of space can wait. */
static enum status keep_house(struct coordinator *c, struct mono_ns now, struct error *err)
{
    c->housekeeping_next = mono_after(now, HOUSEKEEPING_MS);
    notify_send("WATCHDOG=1");
    watch_disk(c, now);
    if (c->storage == STORAGE_FULL)
        return STATUS_OK;
    struct error why = {0};
    enum status status = prune(c, &why);
    if (status == STATUS_OK)
        status = watch_wal(c, &why);
    if (status == STATUS_OK || coordinator_is_disk_full(&why))
        return STATUS_OK;
    *err = why;
    return status;
}

static enum status report(struct coordinator *c, struct mono_ns now, struct error *err)
{
    c->progress_next = mono_after(now, c->setup->progress_ms ? c->setup->progress_ms : PROGRESS_MS);
    coordinator_report(c, now);
    return c->setup->on_watch ? c->setup->on_watch(c->setup->context, err) : STATUS_OK;
}

static void take_revoked(void *context, enum key_role role, const char *name)
{
    struct coordinator *c = context;
    log_event(LOG_WARN, "key_revoked", "role=%s name=%s", key_role_names[role], name);
    if (role == KEY_WORKER && c->event_count < EVENTS_MAX / 2) /* else its leases end by their time */
        snprintf(coordinator_push(c, EVENT_HOST_REVOKED)->host, WIRE_NAME_SIZE, "%s", name);
}

static void watch_keys(struct coordinator *c)
{
    struct error why = {0};
    if (gate_refresh(c->gate, take_revoked, c, &why) != STATUS_OK)
        log_event(LOG_ERROR, "keys_unreadable", "message=\"%s\" admitted=nobody", why.message);
}

static enum status watch_descriptors(struct coordinator *c, struct error *err)
{
    const bool was_shut = c->is_shut;
    enum status status = gate_watch_descriptors(c->gate, &c->is_shut, err);
    if (status == STATUS_OK && c->is_shut != was_shut)
        log_event(c->is_shut ? LOG_ERROR : LOG_INFO, c->is_shut ? "descriptors_low" : "descriptors_good",
                  "open=%llu limit=%llu accepting=%d", (unsigned long long)descriptors_count(),
                  (unsigned long long)descriptors_limit(), (int)!c->is_shut);
    return status;
}

static enum status take_time(struct coordinator *c, struct error *err)
{
    const struct mono_ns now = clock_mono();
    if (!is_due(now, c->tick_next))
        return STATUS_OK;
    c->tick_next = mono_after(now, TICK_MS);
    coordinator_push(c, EVENT_TICK);
    watch_keys(c);
    return watch_descriptors(c, err);
}

/* Between transactions, since pruning has its own. */
static enum status do_chores(struct coordinator *c, struct error *err)
{
    const struct mono_ns now = clock_mono();
    enum status status = STATUS_OK;
    if (is_due(now, c->housekeeping_next))
        status = keep_house(c, now, err);
    if (status == STATUS_OK && is_due(now, c->progress_next))
        status = report(c, now, err);
    return status;
}

/* -- the end --------------------------------------------------------------------------------------------------------
 */

void coordinator_leave(struct coordinator *c, const char *why, uint32_t grace_ms)
{
    log_event(LOG_INFO, "draining", "reason=%s grace_ms=%u", why, (unsigned)grace_ms);
    notify_send("STOPPING=1");
    c->leaving = true;
    c->leave_at = mono_after(clock_mono(), grace_ms);
    coordinator_push(c, EVENT_DRAIN)->drain_grace_ms = grace_ms;
}

static void watch_for_end(struct coordinator *c)
{
    bool held;
    if (c->leaving)
        return;
    if (c->setup->stop && atomic_load(c->setup->stop))
        coordinator_leave(c, "stopped", c->setup->drain_ms ? c->setup->drain_ms : COORDINATOR_DRAIN_MS);
    else if (c->setup->until_done && coordinator_is_done(c, &held))
        coordinator_leave(c, "done", FAREWELL_MS);
}

static bool has_left(const struct coordinator *c)
{
    return c->leaving && c->event_count == 0 &&
           (planner_count_sessions(c->rebuilt.planner) == 0 || is_due(clock_mono(), c->leave_at));
}

static int wait_ms(const struct coordinator *c)
{
    int64_t left = (c->tick_next.value - clock_mono().value) / 1000000 + 1;
    return left < 0 ? 0 : left > TICK_MS ? TICK_MS : (int)left;
}

static enum status run_loop(struct coordinator *c, struct error *err)
{
    enum status status = STATUS_OK;
    while (!has_left(c) && status == STATUS_OK) {
        status = gate_wait(c->gate, wait_ms(c), err);
        if (status == STATUS_OK)
            status = take_messages(c, err);
        if (status == STATUS_OK)
            status = take_time(c, err);
        watch_for_end(c);
        if (status == STATUS_OK)
            status = coordinator_settle(c, err);
        if (status == STATUS_OK)
            status = coordinator_serve_control(c, err);
        if (status == STATUS_OK)
            status = do_chores(c, err);
    }
    return status;
}

static enum status open_all(struct coordinator *c, struct error *err)
{
    const struct coordinator_setup *setup = c->setup;
    enum status status = coordinator_rebuild(c, err);
    if (status == STATUS_OK)
        status = gate_open(setup->keys, &c->gate, err);
    if (status == STATUS_OK)
        status = broker_open(c->gate, setup->endpoint, &c->broker, err); /* after the epoch is durable */
    if (status == STATUS_OK && (setup->control_path || setup->control_tcp))
        status = control_open(c->gate, setup->control_path, setup->control_tcp, &c->control, err);
    if (status != STATUS_OK)
        return status;
    log_event(LOG_INFO, "listening", "endpoint=%s keys=%s control=%s campaigns=%u", broker_endpoint(c->broker),
              setup->keys ? setup->keys : "none", control_address(c->control) ? control_address(c->control) : "local",
              (unsigned)c->rebuilt.campaign_count);
    notify_send("READY=1");
    return setup->on_ready ? setup->on_ready(setup->context, broker_endpoint(c->broker), err) : STATUS_OK;
}

static enum status finish(struct coordinator *c, struct error *err)
{
    bool held;
    coordinator_report(c, clock_mono());
    if (c->setup->until_done && coordinator_is_done(c, &held) && held)
        return error_set(err, STATUS_PHYSICS, "some replicas are held: see the events of the database");
    return STATUS_OK;
}

enum status coordinator_run(const struct coordinator_setup *setup, struct error *err)
{
    struct error unwanted;
    err = err ? err : &unwanted;
    struct coordinator *c = mem_alloc_array(1, sizeof *c);
    if (!c)
        return mem_error(err, "the coordinator");
    c->setup = setup;
    c->store = setup->store;
    c->started = clock_mono();
    c->ballast.path = setup->ballast;
    enum status status = open_all(c, err);
    if (status == STATUS_OK)
        status = run_loop(c, err);
    if (status == STATUS_OK)
        status = finish(c, err);
    control_close(&c->control);
    ballast_drop(&c->ballast);
    broker_close(&c->broker);
    gate_close(&c->gate);
    rebuilt_finish(&c->rebuilt);
    mem_free(c->progress);
    mem_free(c);
    return status;
}
