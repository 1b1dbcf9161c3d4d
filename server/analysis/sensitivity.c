#include "server/analysis/sensitivity.h"

#include "common/mem.h"

#include <math.h>

static const double change_max = 0.2;

static enum status fill_cell(const struct event_series *series, size_t count, struct lifetime *lifetimes,
                             struct sensitivity_cell *cell, struct error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct event event;
        enum status status = event_detect(&series[i], &cell->rule, &event, err);
        if (status != STATUS_OK)
            return error_context(err, "run %zu", i);
        if (event.kind == EVENT_IN_RAMP)
            cell->in_ramp++;
        else if (event.life.horizon > 0.0)
            lifetimes[kept++] = event.life;
    }
    cell->time_50 = (double)NAN;
    if (kept == 0)
        return STATUS_OK;
    struct lifetime_fit fit;
    enum status status = lifetime_fit_points(lifetimes, kept, &fit, err);
    if (status != STATUS_OK)
        return status;
    cell->events = fit.events;
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

enum status sensitivity_table(const struct event_series *series, size_t count, enum event_direction direction,
                              const double thresholds[SENSITIVITY_SIDE], const uint32_t dwells[SENSITIVITY_SIDE],
                              struct sensitivity *out, struct error *err)
{
    struct sensitivity table = {0};
    if (count == 0)
        return error_set(err, STATUS_INVALID, "no runs to compare thresholds on");
    struct lifetime *lifetimes = mem_alloc_array(count, sizeof *lifetimes);
    enum status status = lifetimes ? STATUS_OK : mem_error(err, "the sensitivity table");
    for (int i = 0; i < SENSITIVITY_SIDE; i++)
        for (int j = 0; j < SENSITIVITY_SIDE && status == STATUS_OK; j++) {
            table.cells[i][j].rule = (struct event_rule){thresholds[i], direction, dwells[j]};
            status = fill_cell(series, count, lifetimes, &table.cells[i][j], err);
        }
    mem_free(lifetimes);
    if (status != STATUS_OK)
        return status;
    judge(&table);
    *out = table;
    return STATUS_OK;
}
