#include "server/cmd/frame_choice.h"

#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SQL_SIZE = 16384, TIME_LIMIT_MS = 60000 };

struct frame_key {
    int64_t campaign, replica, step;
    bool inherent;
};

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_keys(const void *left, const void *right)
{
    const struct frame_key *a = left, *b = right;
    int order = compare_numbers(a->campaign, b->campaign);
    if (order == 0)
        order = compare_numbers(a->replica, b->replica);
    if (order == 0)
        order = compare_numbers(a->step, b->step);
    return order != 0 ? order : compare_numbers(a->inherent, b->inherent);
}

static enum status take_columns(void *context, int count, const char *const *names, const char *const *declared,
                                struct error *err)
{
    (void)context, (void)count, (void)names, (void)declared, (void)err;
    return STATUS_OK;
}

static enum status take_frame(void *context, int count, const struct sql_cell *cells, struct error *err)
{
    struct frame_choice *choice = context;
    (void)count;
    if (choice->count == choice->room) {
        const size_t room = choice->room == 0 ? 256 : 2 * choice->room;
        struct frame_key *keys = mem_resize_array(choice->keys, choice->room, room, sizeof *keys);
        if (keys == NULL)
            return mem_error(err, "a choice of frames");
        choice->keys = keys;
        choice->room = room;
    }
    choice->keys[choice->count++] = (struct frame_key){cells[0].integer, cells[1].integer, cells[2].integer,
                                                       strcmp(cells[3].bytes, "inherent") == 0};
    return STATUS_OK;
}

/* A frame's state, and what was sampled at its step. */
static enum status write_sql(const char *where, char sql[SQL_SIZE], struct error *err)
{
    size_t used = (size_t)snprintf(
        sql, SQL_SIZE,
        "SELECT campaign, replica, step, kind FROM (SELECT f.campaign, c.name AS campaign_name, r.ensemble,"
        " e.name AS ensemble_name, e.mode, f.replica, s.rung, f.segment, f.kind, f.step, f.step * e.dt AS tau,"
        " f.step * 1e-9 AS us, s.temperature_first + (s.temperature_last - s.temperature_first)"
        " * (f.step - s.step_first) / max(s.steps, 1) AS temperature_set");
    for (int q = 0; q < QUANTITY_COUNT && used < SQL_SIZE; q++)
        if (quantities[q].group == QUANTITY_GROUP_thermal || quantities[q].group == QUANTITY_GROUP_inherent)
            used += (size_t)snprintf(sql + used, SQL_SIZE - used, ", %s.%s", quantity_group_name(quantities[q].group),
                                     quantities[q].name);
    if (used < SQL_SIZE)
        used += (size_t)snprintf(
            sql + used, SQL_SIZE - used,
            " FROM frame f JOIN campaign c ON c.campaign = f.campaign"
            " JOIN segment s ON s.campaign = f.campaign AND s.replica = f.replica AND s.segment = f.segment"
            " JOIN replica r ON r.campaign = f.campaign AND r.replica = f.replica"
            " JOIN ensemble e ON e.campaign = f.campaign AND e.ensemble = r.ensemble"
            " LEFT JOIN sample_thermal thermal ON thermal.campaign = f.campaign AND thermal.replica = f.replica"
            " AND thermal.segment = f.segment AND thermal.step = f.step"
            " LEFT JOIN sample_inherent inherent ON inherent.campaign = f.campaign AND inherent.replica = f.replica"
            " AND inherent.segment = f.segment AND inherent.step = f.step) WHERE (%s\n)",
            where);
    return used < SQL_SIZE ? STATUS_OK : error_set(err, STATUS_USAGE, "the condition of --where is too long");
}

enum status frame_choice_read(struct store *store, const char *where, struct frame_choice *out, struct error *err)
{
    char sql[SQL_SIZE];
    struct frame_choice choice = {0};
    const struct sql_handler handler = {take_columns, take_frame, &choice};
    enum status status = write_sql(where, sql, err);
    if (status == STATUS_OK && (status = store_run_sql(store, sql, TIME_LIMIT_MS, &handler, err)) != STATUS_OK)
        status = error_context(err, "--where");
    if (status != STATUS_OK) {
        frame_choice_finish(&choice);
        return status;
    }
    if (choice.count > 0)
        qsort(choice.keys, choice.count, sizeof *choice.keys, compare_keys);
    *out = choice;
    return STATUS_OK;
}

void frame_choice_finish(struct frame_choice *choice)
{
    if (choice == NULL)
        return;
    mem_free(choice->keys);
    *choice = (struct frame_choice){0};
}

bool frame_choice_has(const struct frame_choice *choice, struct campaign_id campaign, const struct frame_row *row)
{
    const struct frame_key key = {campaign.value, row->replica.value, row->step, row->kind == CONFIGURATION_INHERENT};
    return choice->count > 0 && bsearch(&key, choice->keys, choice->count, sizeof *choice->keys, compare_keys) != NULL;
}
