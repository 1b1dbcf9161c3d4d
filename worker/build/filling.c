#include "worker/build/filling.h"

#include "common/mem.h"

#include <math.h>

static const uint32_t NOBODY = UINT32_MAX;
static const double CELL_WIDTH = 1.3; /* sigma: an atom farther away than that is no obstacle */

/* Atoms in cells as linked lists, so that one can be added at a time. */
struct grid {
    uint32_t count[3];
    uint32_t *head; /* [cells] */
    uint32_t *next; /* [atoms] */
};

static void grid_finish(struct grid *grid)
{
    mem_free(grid->head);
    mem_free(grid->next);
}

static enum status grid_init(struct grid *grid, const struct configuration *configuration, struct error *err)
{
    size_t cells = 1;
    for (int d = 0; d < 3; d++) {
        grid->count[d] = (uint32_t)(configuration->box[d] / CELL_WIDTH);
        if (grid->count[d] < 3)
            return error_set(err, STATUS_INVALID, "a box edge of %g is too short to fill: at least %g",
                             configuration->box[d], 3 * CELL_WIDTH);
        cells *= grid->count[d];
    }
    grid->head = mem_alloc_array(cells, sizeof *grid->head);
    grid->next = mem_alloc_array(configuration->atoms, sizeof *grid->next);
    if (!grid->head || !grid->next) {
        grid_finish(grid);
        return mem_error(err, "a grid");
    }
    for (size_t i = 0; i < cells; i++)
        grid->head[i] = NOBODY;
    return STATUS_OK;
}

static void find_cell(const struct grid *grid, const struct configuration *configuration, const double point[3],
                      uint32_t out_cell[3])
{
    for (int d = 0; d < 3; d++) {
        uint32_t cell = (uint32_t)(point[d] / configuration->box[d] * grid->count[d]);
        out_cell[d] = cell < grid->count[d] ? cell : grid->count[d] - 1;
    }
}

static uint32_t *cell_head(const struct grid *grid, const uint32_t cell[3])
{
    return &grid->head[(cell[2] * grid->count[1] + cell[1]) * grid->count[0] + cell[0]];
}

static void grid_add(struct grid *grid, const struct configuration *configuration, uint32_t atom)
{
    const double point[3] = {configuration->position[0][atom], configuration->position[1][atom],
                             configuration->position[2][atom]};
    uint32_t cell[3];
    find_cell(grid, configuration, point, cell);
    uint32_t *head = cell_head(grid, cell);
    grid->next[atom] = *head;
    *head = atom;
}

static double distance_sq(const struct configuration *configuration, const double point[3], uint32_t atom)
{
    double sum = 0;
    for (int d = 0; d < 3; d++) {
        double x = point[d] - configuration->position[d][atom];
        x -= configuration->box[d] * rint(x / configuration->box[d]);
        sum += x * x;
    }
    return sum;
}

/* Squared distance of the nearest obstacle in units of sigma_ab; CELL_WIDTH^2 where there is none. */
static double room_sq(const struct potential *potential, const struct grid *grid,
                      const struct configuration *configuration, enum atom_type type, const double point[3])
{
    uint32_t home[3], cell[3];
    double least = CELL_WIDTH * CELL_WIDTH;
    find_cell(grid, configuration, point, home);
    for (uint32_t neighbour = 0; neighbour < 27; neighbour++) {
        const uint32_t offset[3] = {neighbour % 3, neighbour / 3 % 3, neighbour / 9};
        for (int d = 0; d < 3; d++)
            cell[d] = (home[d] + grid->count[d] - 1 + offset[d]) % grid->count[d];
        for (uint32_t k = *cell_head(grid, cell); k != NOBODY; k = grid->next[k]) {
            double sigma = potential->sigma[type][configuration->type[k]];
            least = fmin(least, distance_sq(configuration, point, k) / (sigma * sigma));
        }
    }
    return least;
}

static void draw_point(struct rng_place place, uint32_t candidate, const double box[3], double out[3])
{
    uint32_t words[4], more[4];
    rng_words(place, 2 * candidate, words);
    rng_words(place, 2 * candidate + 1, more);
    const uint32_t drawn[3] = {words[0], words[1], more[0]};
    for (int d = 0; d < 3; d++)
        out[d] = drawn[d] * 0x1p-32 * box[d];
}

/* Returns the squared room of the point that is chosen. */
static double choose_point(const struct potential *potential, const struct filling_options *options,
                           const struct grid *grid, const struct configuration *configuration, uint32_t number,
                           double out_point[3])
{
    double best = -1;
    for (uint32_t c = 0; c < options->candidates; c++) {
        double point[3];
        draw_point(options->place, number * options->candidates + c, configuration->box, point);
        double room = room_sq(potential, grid, configuration, options->type, point);
        if (room <= best)
            continue;
        best = room;
        for (int d = 0; d < 3; d++)
            out_point[d] = point[d];
    }
    return best;
}

enum status filling_place(const struct potential *potential, const struct filling_options *options, uint32_t first,
                          struct configuration *configuration, double *out_gap, struct error *err)
{
    struct grid grid = {0};
    double gap_sq = CELL_WIDTH * CELL_WIDTH;
    enum status status = grid_init(&grid, configuration, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; i < first; i++)
        grid_add(&grid, configuration, i);
    for (uint32_t i = first; i < configuration->atoms; i++) {
        double point[3] = {0};
        gap_sq = fmin(gap_sq, choose_point(potential, options, &grid, configuration, i - first, point));
        for (int d = 0; d < 3; d++)
            configuration->position[d][i] = point[d];
        configuration->type[i] = (uint8_t)options->type;
        grid_add(&grid, configuration, i);
    }
    grid_finish(&grid);
    if (out_gap)
        *out_gap = sqrt(gap_sq);
    return STATUS_OK;
}
