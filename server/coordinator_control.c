/* coordinator_control.c - what administrators ask for: stored first, then told to the planner, then answered. */
#include "common/log.h"
#include "common/mem.h"
#include "common/text.h"
#include "server/coordinator_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one request came to. */
struct answer {
    enum status status;
    char *text; /* owned by stdio's memory stream: free() */
    size_t size;
};

/* -- campaigns ------------------------------------------------------------------------------------------------------
 */

static enum status set_standing(struct coordinator *c, const char *name, enum campaign_standing standing,
                                const char *by, FILE *out, struct error *err)
{
    static const char *const words[] = {"runs", "is paused: what runs is finished, nothing more is granted",
                                        "is cancelled; what is stored stays"};
    struct campaign_id id;
    enum status status = store_find_campaign(c->store, name, &id, err);
    if (status == STATUS_OK)
        status = store_put_standing(c->store, id, standing, by, err);
    if (status != STATUS_OK)
        return status;
    struct planner_event *event = coordinator_push(c, EVENT_STANDING);
    event->standing.campaign = id;
    event->standing.standing = standing;
    fprintf(out, "campaign '%s' %s\n", name, words[standing]);
    return STATUS_OK;
}

/* `add` wants a name that is not there, `extend` one that is. */
static enum status check_name(struct coordinator *c, const struct control_request *request, struct error *err)
{
    struct campaign_id id;
    struct error absent = {0};
    const enum status found = store_find_campaign(c->store, request->name, &id, &absent);
    if (request->verb == CONTROL_ADD && found == STATUS_OK)
        return error_set(err, STATUS_CONFLICT, "campaign '%s' is there already: extend it, or choose another name",
                         request->name);
    if (request->verb == CONTROL_EXTEND && found != STATUS_OK) {
        *err = absent;
        return found;
    }
    return STATUS_OK;
}

/* The planner is made anew, as after a start; workers go on with what they hold. What the file has wrong comes to `out`
 * with its places. */
static enum status put_campaign(struct coordinator *c, const struct control_request *request, FILE *out,
                                bool *out_fatal, struct error *err)
{
    struct campaign_id id;
    enum status status = check_name(c, request, err);
    if (status == STATUS_OK)
        status = store_put_campaign(c->store, request->path, request->text, request->text_size, c->setup->glass, out,
                                    &id, NULL, err);
    if (status != STATUS_OK)
        return status;
    *out_fatal = true;
    if ((status = coordinator_rebuild(c, err)) != STATUS_OK)
        return status;
    *out_fatal = false;
    const struct planner_progress progress = planner_get_progress(c->rebuilt.planner, id);
    fprintf(out, "campaign '%s': %" PRIu64 " of %" PRIu64 " segments are done\n", request->name, progress.segments_done,
            progress.segments_total);
    return STATUS_OK;
}

/* -- workers --------------------------------------------------------------------------------------------------------
 */

static void print_worker(const struct planner_worker *worker, FILE *out)
{
    for (int i = 0; i < 4; i++)
        fprintf(out, "%02x", worker->hello->worker.bytes[i]);
    fprintf(out, "\t%s\t%s\t%s\t%s\t%" PRIu32 "\t%" PRIu32 "\t%" PRId64 "\t%s\n", worker->hello->host,
            worker->hello->cpu, worker->hello->isa, worker->hello->build, worker->hello->slots, worker->leases,
            worker->silent_ms, worker->is_connected ? "connected" : "away");
}

static enum status print_untrusted(void *context, const char *host, const uint8_t *worker_uuid, struct error *err)
{
    FILE *out = context;
    (void)err;
    for (int i = 0; worker_uuid && i < 4; i++)
        fprintf(out, "%02x", worker_uuid[i]);
    fprintf(out, "%s\t%s\t\t\t\t0\t0\t-1\tquarantined\n", worker_uuid ? "" : "all", host);
    return STATUS_OK;
}

/* id, host, CPU, ISA, build, slots, leases, ms since it was heard (-1: unknown), state */
static enum status list_workers(struct coordinator *c, FILE *out, struct error *err)
{
    struct planner_worker worker;
    for (uint32_t i = 0; i < planner_count_places(c->rebuilt.planner); i++)
        if (planner_get_worker(c->rebuilt.planner, i, &worker))
            print_worker(&worker, out);
    return store_visit_quarantine(c->store, print_untrusted, out, err);
}

static enum status trust(struct coordinator *c, const char *host, FILE *out, struct error *err)
{
    enum status status = store_lift_quarantine(c->store, host, err);
    if (status != STATUS_OK)
        return status;
    text_print(coordinator_push(c, EVENT_TRUSTED)->host, WIRE_NAME_SIZE, "%s", host);
    fprintf(out, "'%s' is trusted again; its workers have to be started anew\n", host);
    return STATUS_OK;
}

/* -- requests -------------------------------------------------------------------------------------------------------
 */

static enum status drain(struct coordinator *c, uint32_t grace_ms, FILE *out, struct error *err)
{
    if (c->leaving)
        return error_set(err, STATUS_CONFLICT, "the coordinator is draining already");
    grace_ms = grace_ms ? grace_ms : COORDINATOR_DRAIN_MS;
    coordinator_leave(c, "control", grace_ms);
    fprintf(out, "draining: the coordinator ends when its workers have left, after %u s at the latest\n",
            (unsigned)(grace_ms / 1000));
    return STATUS_OK;
}

static enum status carry_out(struct coordinator *c, const struct control_request *request, const char *by, FILE *out,
                             bool *out_fatal, struct error *err)
{
    switch (request->verb) {
    case CONTROL_ADD:
    case CONTROL_EXTEND:
        return put_campaign(c, request, out, out_fatal, err);
    case CONTROL_PAUSE:
        return set_standing(c, request->name, CAMPAIGN_PAUSED, by, out, err);
    case CONTROL_RESUME:
        return set_standing(c, request->name, CAMPAIGN_RUNNING, by, out, err);
    case CONTROL_CANCEL:
        return set_standing(c, request->name, CAMPAIGN_CANCELLED, by, out, err);
    case CONTROL_DRAIN:
        return drain(c, request->grace_ms, out, err);
    case CONTROL_WORKERS:
        return list_workers(c, out, err);
    case CONTROL_TRUST:
        return trust(c, request->name, out, err);
    case CONTROL_VERB_COUNT:
        break;
    }
    return error_set(err, STATUS_INVALID, "no such request");
}

/* A failure is the administrator's to know, and the coordinator goes on; save when its planner could not be made. */
static enum status serve(struct coordinator *c, const struct control_request *request, const char *by,
                         struct error *err)
{
    struct answer answer = {0};
    struct error why = {0};
    bool is_fatal = false;
    FILE *out = open_memstream(&answer.text, &answer.size);
    if (!out)
        return mem_error(err, "an answer");
    answer.status = c->retracting ? error_set(&why, STATUS_CONFLICT, "not now: results are being taken back")
                                  : carry_out(c, request, by, out, &is_fatal, &why);
    if (answer.status != STATUS_OK)
        fprintf(out, "%s", why.message);
    fclose(out);
    log_event(answer.status == STATUS_OK ? LOG_INFO : LOG_WARN, "control",
              "verb=%s name=\"%s\" by=%s status=%s message=\"%s\"", control_verb_name(request->verb), request->name, by,
              status_name(answer.status), why.message);
    control_answer(c->control, answer.status, answer.text ? answer.text : "", answer.size);
    free(answer.text);
    if (is_fatal)
        *err = why;
    return is_fatal ? answer.status : STATUS_OK;
}

enum status coordinator_serve_control(struct coordinator *c, struct error *err)
{
    struct control_request request;
    const char *by;
    enum status status = STATUS_OK;
    while (c->control && status == STATUS_OK && control_receive(c->control, &request, &by)) {
        status = serve(c, &request, by, err);
        if (status == STATUS_OK)
            status = coordinator_settle(c, err);
    }
    return status;
}
