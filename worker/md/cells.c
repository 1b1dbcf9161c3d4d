#include "worker/md/cells.h"

#include "common/mem.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { CELLS_PER_ATOM_MAX = 2, NEIGHBOURHOOD_MAX = 1 << 26, IMAGES_REACH_MAX = 64 };
static_assert(IMAGES_REACH_MAX + 2 <= INT8_MAX, "struct box_image");

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
    for (int k = 0; k < 3; k++)
        for (uint32_t n = 0; n < atoms; n++)
            cells->position[k][n] = cells->configuration->position[k][cells->atom[n]];
}

enum status cells_init(struct cells *cells, const struct configuration *configuration, double width, struct error *err)
{
    struct cells made = {.configuration = configuration};
    choose_counts(&made, width);
    made.first = mem_alloc_array((size_t)made.total + 1, sizeof *made.first);
    made.atom = mem_alloc_array(configuration->atoms, sizeof *made.atom);
    bool ok = made.first && made.atom;
    for (int k = 0; k < 3; k++)
        ok &= (made.position[k] = mem_alloc_array(configuration->atoms, sizeof *made.position[k])) != NULL;
    if (!ok) {
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
    for (int k = 0; k < 3; k++)
        mem_free(cells->position[k]);
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
    ok &= (larger.image = mem_alloc_array(larger.capacity, sizeof *larger.image)) != NULL;
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
        memcpy(larger.image, neighbourhood->image, neighbourhood->count * sizeof *larger.image);
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
    mem_free(neighbourhood->image);
    memset(neighbourhood, 0, sizeof *neighbourhood);
}

/* A cell counted through the images of the box: which real cell along the edge, and in which image. */
struct place {
    uint32_t cell;
    int8_t image;
};

static enum status add_cell(struct neighbourhood *neighbourhood, const struct cells *cells, const struct place place[3],
                            struct error *err)
{
    const uint32_t cell = (place[0].cell * cells->count[1] + place[1].cell) * cells->count[2] + place[2].cell;
    const struct box_image image = {{place[0].image, place[1].image, place[2].image}};
    const uint32_t first = cells->first[cell], count = cells->first[cell + 1] - first;
    enum status status = grow(neighbourhood, neighbourhood->count + count, err);
    if (status != STATUS_OK)
        return status;
    for (int k = 0; k < 3; k++) {
        const double shift = (double)image.edges[k] * cells->configuration->box[k];
        const double *restrict from = cells->position[k] + first;
        double *restrict to = neighbourhood->position[k] + neighbourhood->count;
        for (uint32_t n = 0; n < count; n++)
            to[n] = from[n] + shift;
    }
    for (uint32_t n = 0; n < count; n++) {
        neighbourhood->atom[neighbourhood->count + n] = cells->atom[first + n];
        neighbourhood->image[neighbourhood->count + n] = image;
    }
    neighbourhood->count += count;
    return STATUS_OK;
}

static struct place place_along(const struct cells *cells, int k, int64_t c)
{
    const int64_t count = cells->count[k];
    const int64_t image = c >= 0 ? c / count : -((count - 1 - c) / count);
    return (struct place){(uint32_t)(c - image * count), (int8_t)image};
}

/* How many cells away an atom within the radius can be; a hair of slack, because rounding may put an atom on the wrong
 * side of its cell's face. */
static int64_t reach_along(const struct cells *cells, int k, double radius)
{
    return (int64_t)ceil(radius * (1.0 + 1e-12) / cells->width[k]);
}

/* Before anything is collected: an edge of a billionth of the radius would ask for a billion images. */
static enum status check_reach(const double box[3], double radius, struct error *err)
{
    for (int k = 0; k < 3; k++)
        if (!(radius <= IMAGES_REACH_MAX * box[k]))
            return error_set(err, STATUS_LIMIT,
                             "the box (edges %g, %g, %g) is too small: the radius %g reaches over more than %d images",
                             box[0], box[1], box[2], radius, IMAGES_REACH_MAX);
    return STATUS_OK;
}

enum status neighbourhood_collect(struct neighbourhood *neighbourhood, const struct cells *cells, uint32_t cell,
                                  double radius, struct error *err)
{
    enum status status = check_reach(cells->configuration->box, radius, err);
    if (status != STATUS_OK)
        return status;
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
                status = add_cell(neighbourhood, cells, (struct place[3]){px, py, pz}, err);
                if (status != STATUS_OK)
                    return status;
            }
        }
    }
    return STATUS_OK;
}
