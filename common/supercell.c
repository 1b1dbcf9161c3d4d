#include "common/supercell.h"

#include "common/realmath.h"

#include <math.h>

static const double ROUNDNESS_MIN = 0.8; /* so that it has room for two cutoffs */

enum { CELLS_MORE = 576 }; /* atoms of a dozen of the largest cells */

/* sqrt(3) a x c; in the ideal crystal c/a of hcp is sqrt(8/3), of C14 the same, of C36 twice that. */
#define SQRT_3 1.7320508075688772
#define HCP_C  1.6329931618554521

/* In the order of enum builder_kind; the atoms of worker/build/lattices.h. */
static const struct supercell_cell cells[BUILDER_KIND_COUNT] = {
    [BUILDER_FCC] = {4, {1, 1, 1}},
    [BUILDER_HCP] = {4, {1, SQRT_3, HCP_C}},
    [BUILDER_B2] = {2, {1, 1, 1}},
    [BUILDER_C11B] = {6, {1, 1, 3}},
    [BUILDER_C14] = {24, {1, SQRT_3, HCP_C}},
    [BUILDER_C15] = {24, {1, 1, 1}},
    [BUILDER_C36] = {48, {1, SQRT_3, 2 * HCP_C}},
    [BUILDER_C15_DISORDERED] = {24, {1, 1, 1}},
};

bool supercell_of_builder(enum builder_kind builder, struct supercell_cell *out)
{
    *out = cells[builder];
    return out->atoms > 0;
}

static double volume_of(const struct supercell_cell *cell)
{
    return cell->edge[0] * cell->edge[1] * cell->edge[2];
}

double supercell_roundness(const struct supercell_cell *cell, const uint32_t count[3])
{
    double shortest = HUGE_VAL, volume = 1;
    for (int d = 0; d < 3; d++) {
        shortest = fmin(shortest, cell->edge[d] * count[d]);
        volume *= cell->edge[d] * count[d];
    }
    return shortest / real_cbrt(volume);
}

/* No supercell that could be the answer has more cells than this along edge d: it has at most 2 atoms + a few cells,
 * and its longest edge is at most cube / ROUNDNESS_MIN^2. */
static uint32_t count_limit(const struct supercell_cell *cell, uint32_t atoms, int d)
{
    double cube = real_cbrt((2.0 * atoms + CELLS_MORE) * volume_of(cell) / cell->atoms);
    return (uint32_t)(cube / (ROUNDNESS_MIN * ROUNDNESS_MIN) / cell->edge[d]) + 1;
}

/* The best supercell so far. */
struct fit {
    uint32_t count[3];
    double miss, roundness;
};

static void try_count(const struct supercell_cell *cell, uint32_t atoms, const uint32_t count[3], struct fit *best)
{
    double miss = fabs((double)cell->atoms * count[0] * count[1] * count[2] - atoms);
    if (miss > best->miss)
        return;
    double roundness = supercell_roundness(cell, count);
    if (roundness < ROUNDNESS_MIN || (miss == best->miss && roundness <= best->roundness))
        return;
    *best = (struct fit){{count[0], count[1], count[2]}, miss, roundness};
}

void supercell_fit(const struct supercell_cell *cell, uint32_t atoms, uint32_t out_count[3])
{
    struct fit best = {.miss = HUGE_VAL};
    uint32_t limit[3];
    for (int d = 0; d < 3; d++)
        limit[d] = count_limit(cell, atoms, d);
    for (uint32_t x = 1; x <= limit[0]; x++)
        for (uint32_t y = 1; y <= limit[1]; y++)
            for (uint32_t z = 1; z <= limit[2]; z++)
                try_count(cell, atoms, (const uint32_t[3]){x, y, z}, &best);
    for (int d = 0; d < 3; d++)
        out_count[d] = best.count[d];
}
