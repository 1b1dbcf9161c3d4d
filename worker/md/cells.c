#include "worker/md/cells.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

enum { CELLS_PER_ATOM_MAX = 2, NEIGHBOURHOOD_MAX = 1 << 26 };

static double cells_along(double edge, double width)
{
    return fmax(1.0, floor(edge / width));
}

/* A dilute box must not ask for more cells than it has atoms to put in them. */
static void choose_counts(struct cells *cells, double width)
{
    const double *box = cells->configuration->box;
    double limit = fmax(1.0, (double)CELLS_PER_ATOM_MAX * cells->configuration->atoms);
    double count[3];
    for (;; width *= 1.25) {
        for (int k = 0; k < 3; k++)
            count[k] = cells_along(box[k], width);
        if (count[0] * count[1] * count[2] <= limit)
            break;
    }
    for (int k = 0; k < 3; k++) {
        cells->count[k] = (uint32_t)count[k];
        cells->width[k] = box[k] / count[k];
    }
    cells->total = cells->count[0] * cells->count[1] * cells->count[2];
}

static uint32_t cell_along(const struct cells *cells, int k, double x)
{
    uint32_t c = (uint32_t)(x / cells->width[k]);
    return c < cells->count[k] ? c : cells->count[k] - 1;
}

static uint32_t cell_of(const struct cells *cells, uint32_t i)
{
    double *const *position = cells->configuration->position;
    uint32_t c = cell_along(cells, 0, position[0][i]);
    c = c * cells->count[1] + cell_along(cells, 1, position[1][i]);
    return c * cells->count[2] + cell_along(cells, 2, position[2][i]);
}

/* Counting sort: first[c + 1] counts, then sums, then runs up as the atoms are put in. */
static void sort_atoms(struct cells *cells)
{
    const uint32_t atoms = cells->configuration->atoms;
    uint32_t *first = cells->first;
    for (uint32_t i = 0; i < atoms; i++)
        first[cell_of(cells, i) + 1]++;
    for (uint32_t c = 0; c < cells->total; c++)
        first[c + 1] += first[c];
    for (uint32_t i = 0; i < atoms; i++)
        cells->atom[first[cell_of(cells, i)]++] = i;
    for (uint32_t c = cells->total; c > 0; c--)
        first[c] = first[c - 1];
    first[0] = 0;
}

enum status cells_init(struct cells *cells, const struct configuration *configuration, double width, struct error *err)
{
    struct cells made = {.configuration = configuration};
    choose_counts(&made, width);
    made.first = mem_alloc_array((size_t)made.total + 1, sizeof *made.first);
    made.atom = mem_alloc_array(configuration->atoms, sizeof *made.atom);
    if (!made.first || !made.atom) {
        cells_finish(&made);
        return mem_error(err, "cells");
    }
    sort_atoms(&made);
    *cells = made;
    return STATUS_OK;
}

void cells_finish(struct cells *cells)
{
    if (!cells)
        return;
    mem_free(cells->first);
    mem_free(cells->atom);
    memset(cells, 0, sizeof *cells);
}

static enum status grow(struct neighbourhood *neighbourhood, uint32_t count, struct error *err)
{
    if (count <= neighbourhood->capacity)
        return STATUS_OK;
    if (count > NEIGHBOURHOOD_MAX)
        return error_set(err, STATUS_LIMIT,
                         "%u atoms and images lie within reach of one cell (at most %d): is the box too dense?", count,
                         NEIGHBOURHOOD_MAX);
    struct neighbourhood larger = {.capacity = count + count / 2};
    bool ok = (larger.atom = mem_alloc_array(larger.capacity, sizeof *larger.atom)) != NULL;
    for (int k = 0; k < 3; k++)
        ok &= (larger.position[k] = mem_alloc_aligned(larger.capacity, sizeof(double))) != NULL;
    if (!ok) {
        neighbourhood_finish(&larger);
        return mem_error(err, "a neighbourhood");
    }
    if (neighbourhood->count > 0) { /* there is nothing to copy from before the first growth */
        for (int k = 0; k < 3; k++)
            memcpy(larger.position[k], neighbourhood->position[k], neighbourhood->count * sizeof(double));
        memcpy(larger.atom, neighbourhood->atom, neighbourhood->count * sizeof *larger.atom);
    }
    larger.count = neighbourhood->count;
    larger.home = neighbourhood->home;
    neighbourhood_finish(neighbourhood);
    *neighbourhood = larger;
    return STATUS_OK;
}

void neighbourhood_finish(struct neighbourhood *neighbourhood)
{
    if (!neighbourhood)
        return;
    for (int k = 0; k < 3; k++)
        mem_free(neighbourhood->position[k]);
    mem_free(neighbourhood->atom);
    memset(neighbourhood, 0, sizeof *neighbourhood);
}

static enum status add_cell(struct neighbourhood *neighbourhood, const struct cells *cells, uint32_t cell,
                            const double shift[3], struct error *err)
{
    const uint32_t first = cells->first[cell], count = cells->first[cell + 1] - first;
    enum status status = grow(neighbourhood, neighbourhood->count + count, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t atom = cells->atom[first + n], slot = neighbourhood->count + n;
        for (int k = 0; k < 3; k++)
            neighbourhood->position[k][slot] = cells->configuration->position[k][atom] + shift[k];
        neighbourhood->atom[slot] = atom;
    }
    neighbourhood->count += count;
    return STATUS_OK;
}

/* A cell counted through the images of the box: which real cell along the edge, and how far it is shifted. */
struct place {
    uint32_t cell;
    double shift;
};

static struct place place_along(const struct cells *cells, int k, int64_t c)
{
    const int64_t count = cells->count[k];
    const int64_t image = c >= 0 ? c / count : -((count - 1 - c) / count);
    return (struct place){(uint32_t)(c - image * count), (double)image * cells->configuration->box[k]};
}

/* How many cells away an atom within the radius can be; a hair of slack, because rounding may put an atom on the wrong
 * side of its cell's face. */
static int64_t reach_along(const struct cells *cells, int k, double radius)
{
    return (int64_t)ceil(radius * (1.0 + 1e-12) / cells->width[k]);
}

enum status neighbourhood_collect(struct neighbourhood *neighbourhood, const struct cells *cells, uint32_t cell,
                                  double radius, struct error *err)
{
    const int64_t at[3] = {cell / cells->count[2] / cells->count[1], cell / cells->count[2] % cells->count[1],
                           cell % cells->count[2]};
    int64_t reach[3];
    for (int k = 0; k < 3; k++)
        reach[k] = reach_along(cells, k, radius);
    neighbourhood->count = 0;
    for (int64_t x = -reach[0]; x <= reach[0]; x++) {
        const struct place px = place_along(cells, 0, at[0] + x);
        for (int64_t y = -reach[1]; y <= reach[1]; y++) {
            const struct place py = place_along(cells, 1, at[1] + y);
            for (int64_t z = -reach[2]; z <= reach[2]; z++) {
                const struct place pz = place_along(cells, 2, at[2] + z);
                if (x == 0 && y == 0 && z == 0)
                    neighbourhood->home = neighbourhood->count;
                enum status status =
                    add_cell(neighbourhood, cells, (px.cell * cells->count[1] + py.cell) * cells->count[2] + pz.cell,
                             (double[3]){px.shift, py.shift, pz.shift}, err);
                if (status != STATUS_OK)
                    return status;
            }
        }
    }
    return STATUS_OK;
}
