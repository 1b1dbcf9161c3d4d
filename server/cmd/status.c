/* status.c - vitrine status: how far each campaign is, how fast it goes, what went wrong. */
#include "common/clock.h"
#include "common/mem.h"
#include "server/cmd/ensemble_progress.h"
#include "server/cmd/json_out.h"
#include "server/cmd/progress.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"
#include <math.h>
#include <string.h>
#include <time.h>

enum { EVENTS_SHOWN = 5, RECENT_S = 600 };

struct status_options {
    bool json;
    const char *campaign;
};

static const struct option_spec status_specs[] = {
    OPTION("campaign", "NAME", OPTION_TEXT, status_options, campaign, "only this campaign"),
    OPTION("json", NULL, OPTION_FLAG, status_options, json, "print one JSON object"),
    OPTION_END,
};

static const struct column ensemble_columns[] = {
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"mode", "mode", NULL, COLUMN_TEXT, NULL},
    {"replicas", "replicas", NULL, COLUMN_INTEGER, NULL},
    {"replicas_done", "done", NULL, COLUMN_INTEGER, NULL},
    {"segments_done", "segments", NULL, COLUMN_INTEGER, NULL},
    {"segments_total", "of", NULL, COLUMN_INTEGER, NULL},
    {"step_least", "step", "reached by all", COLUMN_INTEGER, NULL},
    {"steps", "of", NULL, COLUMN_INTEGER, NULL},
    {"steps_done", "MD steps", "all replicas", COLUMN_INTEGER, NULL},
    {"steps_total", "of", NULL, COLUMN_INTEGER, NULL},
    {"share_done", "done", "%", COLUMN_REAL, "%.1f"},
};

/* One campaign, summed up. */
struct campaign_state {
    const struct campaign *campaign;
    struct table *ensembles;
    uint32_t replicas_done;
    uint64_t segments_done, segments_total;
    int64_t steps_done, steps_total;
    struct store_throughput ever, recent;
    double steps_per_s; /* of the last RECENT_S seconds; 0: nothing was stored then */
    json_t *events;     /* newest first */
};

static void campaign_state_finish(struct campaign_state *state)
{
    table_destroy(&state->ensembles);
    json_decref(state->events);
}

static void add_ensemble(struct campaign_state *state, const struct ensemble_spec *spec,
                         const struct ensemble_progress *progress)
{
    struct table *table = state->ensembles;
    table_put_text(table, spec->name);
    table_put_text(table, mode_names[spec->mode]);
    table_put_integer(table, progress->replicas);
    table_put_integer(table, progress->replicas_done);
    table_put_integer(table, (int64_t)progress->segments_done);
    table_put_integer(table, (int64_t)progress->segments_total);
    table_put_integer(table, progress->step_least);
    table_put_integer(table, spec->steps);
    table_put_integer(table, progress->steps_done);
    table_put_integer(table, progress->steps_total);
    table_put_real(table, 100.0 * (double)progress->steps_done / (double)progress->steps_total);
    state->replicas_done += progress->replicas_done;
    state->segments_done += progress->segments_done;
    state->segments_total += progress->segments_total;
    state->steps_done += progress->steps_done;
    state->steps_total += progress->steps_total;
}

static enum status read_ensembles(struct store *store, struct campaign_id id, struct campaign_state *state,
                                  struct error *err)
{
    struct ensemble_progress *progress = mem_alloc_array(state->campaign->ensemble_count, sizeof *progress);
    state->ensembles = table_create(ensemble_columns, sizeof ensemble_columns / sizeof *ensemble_columns);
    if (progress == NULL || state->ensembles == NULL) {
        mem_free(progress);
        return mem_error(err, "the state of a campaign");
    }
    enum status status = ensemble_progress_read(store, id, state->campaign, progress, err);
    for (uint32_t e = 0; status == STATUS_OK && e < state->campaign->ensemble_count; e++)
        add_ensemble(state, &state->campaign->ensembles[e], &progress[e]);
    mem_free(progress);
    return status;
}

static void format_time(struct wall_us when, char out[NUMBER_TEXT_SIZE])
{
    time_t seconds = (time_t)(when.value / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(out, NUMBER_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static enum status add_event(void *context, const struct event_row *row, struct error *err)
{
    struct campaign_state *state = context;
    char when[NUMBER_TEXT_SIZE];
    format_time(row->happened, when);
    json_t *event = json_pack("{s:s, s:s, s:s}", "time", when, "kind", row->kind, "text", row->text);
    return json_array_append_new(state->events, event) == 0 ? STATUS_OK : mem_error(err, "the events of a campaign");
}

static void measure_rate(struct campaign_state *state)
{
    double span = (double)(state->recent.last.value - state->recent.first.value) * 1e-6;
    if (state->recent.segments > 1 && span > 0.0)
        state->steps_per_s = (double)state->recent.steps / span;
}

static enum status read_state(struct store *store, struct campaign_id id, struct campaign_state *state,
                              struct error *err)
{
    struct wall_us recently = {clock_wall().value - RECENT_S * (int64_t)1000000};
    enum status status = read_ensembles(store, id, state, err);
    if (status == STATUS_OK)
        status = store_get_throughput(store, id, (struct wall_us){0}, &state->ever, err);
    if (status == STATUS_OK)
        status = store_get_throughput(store, id, recently, &state->recent, err);
    if (status != STATUS_OK)
        return status;
    measure_rate(state);
    if ((state->events = json_array()) == NULL)
        return mem_error(err, "the events of a campaign");
    return store_visit_events(store, id, EVENTS_SHOWN, add_event, state, err);
}

static bool is_complete(const struct campaign_state *state)
{
    return state->replicas_done == state->campaign->replica_count;
}

static void print_events(const json_t *events)
{
    size_t index;
    json_t *event;
    json_array_foreach(events, index, event)
    {
        printf("%s %s: %s\n", json_string_value(json_object_get(event, "time")),
               json_string_value(json_object_get(event, "kind")), json_string_value(json_object_get(event, "text")));
    }
}

static enum status print_state(const struct campaign_state *state, struct error *err)
{
    struct terminal terminal = terminal_of(stdout);
    char cpu[DURATION_TEXT_SIZE], left[DURATION_TEXT_SIZE];
    duration_format(state->ever.cpu_time_s, cpu);
    printf("campaign %s: %s, %llu of %llu segments, %s of CPU time by %llu %s\n", state->campaign->name,
           is_complete(state) ? "complete" : "not complete", (unsigned long long)state->segments_done,
           (unsigned long long)state->segments_total, cpu, (unsigned long long)state->ever.workers,
           state->ever.workers == 1 ? "worker" : "workers");
    if (!is_complete(state) && state->steps_per_s > 0.0) {
        duration_format((double)(state->steps_total - state->steps_done) / state->steps_per_s, left);
        printf("%.3g steps/s in the last %d minutes, %s left at that rate\n", state->steps_per_s, RECENT_S / 60, left);
    }
    putchar('\n');
    enum status status = table_print_text(state->ensembles, &terminal, stdout, err);
    print_events(state->events);
    putchar('\n');
    return status;
}

static json_t *state_to_json(const struct campaign_state *state)
{
    return json_pack("{s:s, s:b, s:i, s:i, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:f, s:o?, s:O}", "name",
                     state->campaign->name, "complete", is_complete(state), "replicas",
                     (int)state->campaign->replica_count, "replicas_done", (int)state->replicas_done, "segments_done",
                     (json_int_t)state->segments_done, "segments_total", (json_int_t)state->segments_total,
                     "steps_done", (json_int_t)state->steps_done, "steps_total", (json_int_t)state->steps_total,
                     "cpu_time_s", state->ever.cpu_time_s, "wall_time_s", state->ever.wall_time_s, "workers",
                     (json_int_t)state->ever.workers, "steps_per_s", state->steps_per_s, "ensembles",
                     table_to_json(state->ensembles), "events", state->events);
}

static enum status show_campaign(const struct reading *reading, uint32_t index, json_t *all, struct error *err)
{
    struct campaign_state state = {.campaign = &reading->campaigns[index]};
    enum status status = read_state(reading->store, (struct campaign_id){index + 1}, &state, err);
    if (status == STATUS_OK && all == NULL)
        status = print_state(&state, err);
    else if (status == STATUS_OK && json_array_append_new(all, state_to_json(&state)) != 0)
        status = mem_error(err, "the JSON output");
    campaign_state_finish(&state);
    return status;
}

/* `all` is NULL when people read; then each campaign is printed as it is reached. */
static enum status show_campaigns(const struct reading *reading, const char *name, json_t *all, struct error *err)
{
    bool found = name == NULL;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < reading->campaign_count; i++) {
        if (name != NULL && strcmp(reading->campaigns[i].name, name) != 0)
            continue;
        found = true;
        status = show_campaign(reading, i, all, err);
    }
    if (status == STATUS_OK && !found)
        return error_set(err, STATUS_NOT_FOUND, "there is no campaign '%s' in this database", name);
    return status;
}

static enum status show_status(const struct question *question, struct error *err)
{
    const struct status_options *options = question->options;
    json_t *all = options->json ? json_array() : NULL;
    enum status status = show_campaigns(question->reading, options->campaign, all, err);
    if (status != STATUS_OK || !options->json) {
        json_decref(all);
        return status;
    }
    return json_print(json_pack("{s:o}", "campaigns", all), stdout, err);
}

static enum status run_status(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct status_options options = {0};
    return question_run(verb, argc, argv, &options, NULL, show_status, err);
}

const struct verb verb_status = {
    .name = "status",
    .summary = "Show how far each campaign is, its speed, and what went wrong",
    .arguments = "DB",
    .notes = "May be asked while the campaign runs. JSON: campaigns[] of {name, complete, replicas, replicas_done,\n"
             "segments_done, segments_total, steps_done, steps_total, cpu_time_s, wall_time_s, workers, steps_per_s,\n"
             "ensembles[], events[]}.",
    .examples = "vitrine status glass.db\n"
                "watch vitrine status glass.db\n"
                "vitrine status glass.db --json",
    .options = status_specs,
    .run = run_status,
};
