#include "server/analysis/sensitivity.h"

#include "common/mem.h"

#include <math.h>

static const double change_max = 0.2;

struct sensitivity_rules sensitivity_rules_around(const struct event_rule *rule, const struct event_scale *scale)
{
    struct sensitivity_rules rules;
    const uint32_t dwells[SENSITIVITY_SIDE] = {rule->dwell > 2 ? rule->dwell - 2 : 1, rule->dwell, 2 * rule->dwell};
    for (int i = 0; i < SENSITIVITY_SIDE; i++)
        for (int j = 0; j < SENSITIVITY_SIDE; j++)
            rules.cells[i][j] =
                (struct event_rule){event_threshold_beside(rule, scale, i - 1), rule->direction, dwells[j]};
    return rules;
}

/* Runs that all transformed before their first look say that t_50 is short, not how short: it stays unknown. */
static enum status fill_cell(const struct sensitivity_events *runs, size_t count, int i, int j,
                             struct lifetime *lifetimes, struct sensitivity_cell *cell, struct error *err)
{
    size_t kept = 0;
    for (size_t r = 0; r < count; r++) {
        const struct event *event = &runs[r].cells[i][j];
        if (event->kind == EVENT_IN_RAMP) {
            cell->in_ramp++;
        } else if (event->life.horizon > 0.0) {
            cell->events += event->kind == EVENT_HAPPENED;
            lifetimes[kept++] = event->life;
        }
    }
    cell->time_50 = (double)NAN;
    if (kept == 0)
        return STATUS_OK;
    struct lifetime_fit fit;
    enum status status = lifetime_check(lifetimes, kept, err);
    if (status != STATUS_OK)
        return status;
    status = lifetime_fit_points(lifetimes, kept, &fit, err);
    if (status != STATUS_OK)
        return status == STATUS_NO_MEMORY ? status : STATUS_OK; /* the events are not resolved: there is no time */
    cell->is_bound = fit.is_bound;
    cell->time_50 = fit.time[FRACTION_50].value;
    return STATUS_OK;
}

/* The table's verdict from its filled cells. */
static void judge(struct sensitivity *table)
{
    const struct sensitivity_cell *centre = &table->cells[1][1];
    size_t bounds = 0;
    for (int i = 0; i < SENSITIVITY_SIDE; i++)
        for (int j = 0; j < SENSITIVITY_SIDE; j++) {
            const struct sensitivity_cell *cell = &table->cells[i][j];
            bool has_estimate = !cell->is_bound && isfinite(cell->time_50);
            bounds += !has_estimate;
            if (has_estimate)
                table->worst_change = fmax(table->worst_change, fabs(cell->time_50 / centre->time_50 - 1.0));
        }
    bool is_mixed = bounds > 0 && bounds < SENSITIVITY_SIDE * SENSITIVITY_SIDE;
    table->is_sensitive = is_mixed || (bounds == 0 && table->worst_change > change_max);
    if (bounds > 0)
        table->worst_change = (double)NAN;
}

enum status sensitivity_table(const struct sensitivity_events *runs, size_t count,
                              const struct sensitivity_rules *rules, struct sensitivity *out, struct error *err)
{
    struct sensitivity table = {0};
    if (count == 0)
        return error_set(err, STATUS_INVALID, "no runs to compare thresholds on");
    struct lifetime *lifetimes = mem_alloc_array(count, sizeof *lifetimes);
    enum status status = lifetimes ? STATUS_OK : mem_error(err, "the sensitivity table");
    for (int i = 0; i < SENSITIVITY_SIDE; i++)
        for (int j = 0; j < SENSITIVITY_SIDE && status == STATUS_OK; j++) {
            table.cells[i][j].rule = rules->cells[i][j];
            status = fill_cell(runs, count, i, j, lifetimes, &table.cells[i][j], err);
        }
    mem_free(lifetimes);
    if (status != STATUS_OK)
        return status;
    judge(&table);
    *out = table;
    return STATUS_OK;
}
