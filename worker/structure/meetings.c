#include "worker/structure/meetings.h"

#include "worker/md/cells.h"

#include <string.h>

/* Both sets in one: first all places before, then all places after. */
static enum status join(const struct meetings *meetings, struct configuration *out, struct error *err)
{
    const size_t size = meetings->count * sizeof(double);
    enum status status = configuration_init(out, 2 * meetings->count, err);
    if (status != STATUS_OK)
        return status;
    for (int k = 0; k < 3; k++) {
        out->box[k] = meetings->box[k];
        memcpy(out->position[k], meetings->before[k], size);
        memcpy(out->position[k] + meetings->count, meetings->after[k], size);
    }
    return STATUS_OK;
}

static double distance_sq(const struct neighbourhood *near, uint32_t a, uint32_t b)
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double d = near->position[k][a] - near->position[k][b];
        sum += d * d;
    }
    return sum;
}

static void visit_home(const struct meetings *meetings, const struct neighbourhood *near, uint32_t place,
                       meetings_visitor *visitor, void *context)
{
    const uint32_t before = near->atom[place];
    if (before >= meetings->count)
        return;
    for (uint32_t n = 0; n < near->count; n++)
        if (near->atom[n] >= meetings->count && distance_sq(near, place, n) < meetings->radius * meetings->radius)
            visitor(context, before, near->atom[n] - meetings->count);
}

static enum status visit_cells(const struct meetings *meetings, const struct cells *cells, meetings_visitor *visitor,
                               void *context, struct error *err)
{
    struct neighbourhood near = {0};
    enum status status = STATUS_OK;
    for (uint32_t cell = 0; status == STATUS_OK && cell < cells->total; cell++) {
        status = neighbourhood_collect(&near, cells, cell, meetings->radius, err);
        for (uint32_t n = 0; status == STATUS_OK && n < cells->first[cell + 1] - cells->first[cell]; n++)
            visit_home(meetings, &near, near.home + n, visitor, context);
    }
    neighbourhood_finish(&near);
    return status;
}

enum status meetings_visit(const struct meetings *meetings, meetings_visitor *visitor, void *context, struct error *err)
{
    struct configuration both;
    struct cells cells;
    if (meetings->count == 0)
        return STATUS_OK;
    enum status status = join(meetings, &both, err);
    if (status != STATUS_OK)
        return status;
    if ((status = cells_init(&cells, &both, meetings->radius, err)) == STATUS_OK) {
        status = visit_cells(meetings, &cells, visitor, context, err);
        cells_finish(&cells);
    }
    configuration_finish(&both);
    return status;
}
