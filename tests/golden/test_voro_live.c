/* Twenty random configurations, tessellated by the voro++ library in the same test: signature for signature. */
#include "common/mem.h"
#include "tests/support/golden_files.h"
#include "tests/support/random_configuration.h"
#include "tests/support/voro_peer.h"
#include "worker/build/build.h"
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

/* Crystals that are no random points: four planes meet almost in one vertex, and chemical disorder. */
static struct configuration crystal(enum build_kind kind, double noise, uint64_t seed)
{
    const struct build_spec spec = {.kind = kind,
                                    .seed = {.seed = seed, .replica = {0}},
                                    .potential = POTENTIAL_WAHNSTROM,
                                    .cut = CUT_SHIFTED,
                                    .cutoff = 2.5,
                                    .atoms = 648,
                                    .small_fraction = kind == BUILD_C15_DISORDERED ? 0.5 : -1.0,
                                    .volume_per_atom = 0.767,
                                    .minimum = BUILD_MINIMUM_NO,
                                    .noise = noise};
    struct configuration c;
    struct build_report report;
    struct error err = {0};
    cr_assert_eq(build_make(&spec, &c, &report, &err), STATUS_OK, "%s", err.message);
    return c;
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

Test(voro_live, disordered_and_noisy_crystals_agree_face_by_face)
{
    static const struct voronoi_options options[] = {{.radius = {0.0, 0.0}}, {.radius = {0.5, 5.0 / 12.0}}};
    static const enum build_kind kinds[] = {BUILD_C15_DISORDERED, BUILD_C15, BUILD_C14, BUILD_C36,
                                            BUILD_FCC,            BUILD_HCP, BUILD_B2,  BUILD_C11B};
    static const double noises[] = {0.005, 0.02, 0.05};
    uint64_t seed = 100;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t n = 0; n < sizeof noises / sizeof *noises; n++, seed++) {
            struct configuration c = crystal(kinds[k], noises[n], seed);
            expect_agreement(&c, &options[0], seed);
            expect_agreement(&c, &options[1], seed);
            configuration_finish(&c);
        }
}

/* The disordered crystal unrelaxed is degenerate nowhere: C15's vertices join exactly three faces. */
Test(voro_live, the_unrelaxed_disordered_crystal_agrees_face_by_face)
{
    static const struct voronoi_options plain;
    struct configuration c = golden_configuration("c15_disordered_5050_V0.767.data");
    expect_agreement(&c, &plain, 0);
    configuration_finish(&c);
}
