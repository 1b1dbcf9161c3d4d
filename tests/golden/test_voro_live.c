/* Twenty random configurations, tessellated by the voro++ library in the same test: signature for signature. */
#include "common/mem.h"
#include "tests/support/random_configuration.h"
#include "tests/support/voro_peer.h"
#include "worker/structure/signatures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { CONFIGURATIONS = 20 };

struct comparison {
    const struct voronoi *ours;
    uint64_t seed;
    unsigned cells;
};

static void compare(void *context, unsigned atom, const struct voro_peer_cell *cell)
{
    struct comparison *comparison = context;
    const struct signature signature = signature_of(comparison->ours, atom);
    unsigned by_edges[8] = {0};
    for (unsigned f = 0; f < cell->faces; f++)
        by_edges[cell->edges[f] < 7 ? cell->edges[f] : 7]++;
    comparison->cells++;
    cr_assert(signature.faces == cell->faces && signature.n3 == by_edges[3] && signature.n4 == by_edges[4] &&
                  signature.n5 == by_edges[5] && signature.n6 == by_edges[6] && signature.n7_plus == by_edges[7],
              "seed %lu, atom %u", (unsigned long)comparison->seed, atom);
    cr_assert_float_eq(comparison->ours->volume[atom], cell->volume, 1e-9 * fmax(1.0, cell->volume));
}

static void expect_agreement(struct configuration *c, const struct voronoi_options *options, uint64_t seed)
{
    struct voronoi voronoi;
    struct error err;
    double *radius = mem_alloc_array(c->atoms, sizeof *radius);
    for (uint32_t i = 0; i < c->atoms; i++)
        radius[i] = options->radius[c->type[i]];
    cr_assert_eq(voronoi_init(&voronoi, c, options, &err), STATUS_OK, "%s", err.message);
    struct comparison comparison = {&voronoi, seed, 0};
    uint32_t with_cells = 0;
    for (uint32_t i = 0; i < c->atoms; i++)
        with_cells += voronoi.first[i + 1] > voronoi.first[i];
    voro_peer_tessellate(c->atoms, c->box, (const double *const *)c->position, radius[0] > 0.0 ? radius : NULL, compare,
                         &comparison);
    cr_assert_eq(comparison.cells, with_cells);
    mem_free(radius);
    voronoi_finish(&voronoi);
}

Test(voro_live, plain_cells_agree_face_by_face)
{
    static const struct voronoi_options plain;
    for (uint64_t seed = 1; seed <= CONFIGURATIONS; seed++) {
        struct configuration c =
            seed % 2 ? random_gas(300, (double[3]){7.0, 6.5, 6.0}, seed) : random_fluid(300, 0.767, seed);
        expect_agreement(&c, &plain, seed);
        configuration_finish(&c);
    }
}

Test(voro_live, radical_cells_agree_face_by_face_and_in_which_are_empty)
{
    static const struct voronoi_options radical = {.radius = {0.5, 5.0 / 12.0}};
    for (uint64_t seed = 1; seed <= CONFIGURATIONS; seed++) {
        struct configuration c =
            seed % 2 ? random_gas(300, (double[3]){7.0, 6.5, 6.0}, seed) : random_fluid(300, 0.767, seed);
        expect_agreement(&c, &radical, seed);
        configuration_finish(&c);
    }
}
