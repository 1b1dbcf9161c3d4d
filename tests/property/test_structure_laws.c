/* Laws that hold for every configuration. The seed is in the message of what fails. */
#include "common/mem.h"
#include "common/segment.h"
#include "tests/support/random_configuration.h"
#include "worker/md/force.h"
#include "worker/minimize/cg.h"
#include "worker/structure/pdf.h"
#include "worker/structure/signatures.h"
#include "worker/structure/voronoi.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SEEDS = 8 };

static const struct voronoi_options plain, radical = {.radius = {0.5, 5.0 / 12.0}};

static struct configuration configuration_of(uint64_t seed)
{
    const double box[3] = {5.0 + random_number(seed, 1000000), 6.0 + random_number(seed, 1000001), 7.0};
    return seed % 2 ? random_gas(150 + (uint32_t)seed, box, seed) : random_fluid(180 + (uint32_t)seed, 0.767, seed);
}

static struct voronoi tessellate(const struct configuration *c, const struct voronoi_options *options)
{
    struct voronoi voronoi;
    struct error err;
    cr_assert_eq(voronoi_init(&voronoi, c, options, &err), STATUS_OK, "%s", err.message);
    return voronoi;
}

static void expect_laws_of_tessellation(const struct configuration *c, const struct voronoi *v, uint64_t seed)
{
    double volume = 0.0;
    for (uint32_t i = 0; i < c->atoms; i++) {
        int corners = 0;
        volume += v->volume[i];
        for (uint32_t f = v->first[i]; f < v->first[i + 1]; f++)
            corners += 6 - v->face[f].edges;
        /* V - E + F = 2 with three edges at each vertex: sum (6 - n) = 12. */
        if (v->first[i + 1] > v->first[i])
            cr_assert_eq(corners, 12, "seed %lu, atom %u", (unsigned long)seed, i);
    }
    cr_assert_float_eq(volume / configuration_volume(c), 1.0, 1e-12, "seed %lu", (unsigned long)seed);
}

static const struct voronoi_face *find_back(const struct voronoi *v, uint32_t from, const struct voronoi_face *face)
{
    for (uint32_t g = v->first[face->neighbour]; g < v->first[face->neighbour + 1]; g++) {
        const struct voronoi_face *back = &v->face[g];
        if (back->neighbour == from && back->image[0] == -face->image[0] && back->image[1] == -face->image[1] &&
            back->image[2] == -face->image[2])
            return back;
    }
    return NULL;
}

Test(structure_laws, voronoi_volumes_sum_to_the_box_and_cells_obey_euler)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct configuration c = configuration_of(seed);
        struct voronoi a = tessellate(&c, &plain), b = tessellate(&c, &radical);
        expect_laws_of_tessellation(&c, &a, seed);
        expect_laws_of_tessellation(&c, &b, seed);
        voronoi_finish(&a);
        voronoi_finish(&b);
        configuration_finish(&c);
    }
}

Test(structure_laws, each_face_is_the_same_from_both_sides)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct configuration c = configuration_of(seed);
        struct voronoi v = tessellate(&c, seed % 3 ? &plain : &radical);
        for (uint32_t i = 0; i < c.atoms; i++)
            for (uint32_t f = v.first[i]; f < v.first[i + 1]; f++) {
                const struct voronoi_face *back = find_back(&v, i, &v.face[f]);
                cr_assert_not_null(back, "seed %lu", (unsigned long)seed);
                cr_assert_eq(back->edges, v.face[f].edges);
                cr_assert_float_eq(back->area, v.face[f].area, 1e-12);
            }
        voronoi_finish(&v);
        configuration_finish(&c);
    }
}

Test(structure_laws, structure_does_not_depend_on_where_the_box_begins_or_on_the_order_of_atoms)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct configuration c = configuration_of(seed), d;
        struct error err;
        cr_assert_eq(configuration_copy(&c, &d, &err), STATUS_OK);
        translate(&d, (double[3]){1.234, -3.1, 17.0});
        reverse(&d);
        struct voronoi a = tessellate(&c, &plain), b = tessellate(&d, &plain);
        for (uint32_t i = 0; i < c.atoms; i++) {
            const uint32_t j = c.atoms - 1 - i;
            const struct signature s = signature_of(&a, i), t = signature_of(&b, j);
            cr_assert(s.n3 == t.n3 && s.n4 == t.n4 && s.n5 == t.n5 && s.n6 == t.n6 && s.faces == t.faces);
            cr_assert_float_eq(a.volume[i], b.volume[j], 1e-11);
        }
        voronoi_finish(&a);
        voronoi_finish(&b);
        configuration_finish(&c);
        configuration_finish(&d);
    }
}

struct forces {
    double *force[3];
    struct force_sums sums;
};

static struct forces compute(const struct potential *potential, const struct configuration *c)
{
    struct forces forces;
    struct error err;
    for (int k = 0; k < 3; k++)
        forces.force[k] = mem_alloc_array(c->atoms, sizeof(double));
    cr_assert_eq(force_compute(potential, c, forces.force, NULL, &forces.sums, &err), STATUS_OK);
    return forces;
}

static void drop(struct forces *forces)
{
    for (int k = 0; k < 3; k++)
        mem_free(forces->force[k]);
}

/* With the force-shifted cut nothing jumps, so that central differences may cross it. */
Test(structure_laws, force_is_minus_the_gradient_of_the_energy)
{
    const double h = 1e-5;
    for (int kind = 0; kind < POTENTIAL_KIND_COUNT; kind++) {
        const struct potential potential = potential_make((enum potential_kind)kind, CUT_FORCE_SHIFTED, 2.5);
        struct configuration c = random_fluid(200, 0.9, 51);
        struct forces at = compute(&potential, &c);
        for (uint32_t i = 0; i < 20; i++)
            for (int k = 0; k < 3; k++) {
                const double x = c.position[k][i];
                c.position[k][i] = configuration_wrap(x + h, c.box[k]);
                struct forces up = compute(&potential, &c);
                c.position[k][i] = configuration_wrap(x - h, c.box[k]);
                struct forces down = compute(&potential, &c);
                c.position[k][i] = x;
                const double slope = (up.sums.energy - down.sums.energy) / (2.0 * h);
                cr_assert_float_eq(at.force[k][i], -slope, 1e-6 * fmax(1.0, fabs(slope)));
                drop(&up);
                drop(&down);
            }
        drop(&at);
        configuration_finish(&c);
    }
}

Test(structure_laws, forces_sum_to_zero_and_energy_knows_no_origin_or_order)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    for (uint64_t seed = 2; seed <= SEEDS; seed += 2) {
        struct configuration c = configuration_of(seed);
        struct forces a = compute(&potential, &c);
        for (int k = 0; k < 3; k++) {
            double sum = 0.0;
            for (uint32_t i = 0; i < c.atoms; i++)
                sum += a.force[k][i];
            cr_assert_float_eq(sum, 0.0, 1e-9);
        }
        translate(&c, (double[3]){0.77, 5.0, -1.1});
        reverse(&c);
        struct forces b = compute(&potential, &c);
        cr_assert_float_eq(a.sums.energy, b.sums.energy, 1e-9);
        cr_assert_float_eq(a.sums.virial, b.sums.virial, 1e-8);
        drop(&a);
        drop(&b);
        configuration_finish(&c);
    }
}

Test(structure_laws, the_inherent_energy_is_never_above_the_start)
{
    static const struct cg_options options = {.force_max = 1e-8, .evaluations_max = 20000};
    for (uint64_t seed = 2; seed <= SEEDS; seed += 2)
        for (int cut = 0; cut < CUT_KIND_COUNT; cut++) {
            const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, (enum cut_kind)cut, 2.5);
            struct configuration c = configuration_of(seed);
            struct forces start = compute(&potential, &c);
            struct cg_result result;
            struct error err;
            cr_assert_eq(cg_minimize(&potential, &options, &c, &result, &err), STATUS_OK, "%s", err.message);
            cr_assert_leq(result.energy, start.sums.energy + 1e-9, "seed %lu, cut %d", (unsigned long)seed, cut);
            drop(&start);
            configuration_finish(&c);
        }
}

Test(structure_laws, a_second_minimisation_changes_nothing)
{
    static const struct cg_options options = {.force_max = 1e-8, .evaluations_max = 20000};
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct configuration c = random_fluid(300, 0.767, 61);
    struct cg_result first, second;
    struct error err;
    cr_assert_eq(cg_minimize(&potential, &options, &c, &first, &err), STATUS_OK);
    cr_assert_eq(cg_minimize(&potential, &options, &c, &second, &err), STATUS_OK);
    cr_assert(first.converged && second.converged);
    cr_assert_float_eq(first.energy, second.energy, 1e-9);
    configuration_finish(&c);
}

Test(structure_laws, pair_counts_know_no_origin_or_order)
{
    struct configuration c = configuration_of(3);
    const uint32_t bins = pdf_bins(c.box, 0.1);
    uint64_t a[PDF_PAIRS * 64] = {0}, b[PDF_PAIRS * 64] = {0};
    struct error err;
    cr_assert_lt(bins, 64);
    cr_assert_eq(pdf_accumulate(&c, 0.1, bins, a, &err), STATUS_OK);
    translate(&c, (double[3]){0.3, 0.2, 11.0});
    reverse(&c);
    cr_assert_eq(pdf_accumulate(&c, 0.1, bins, b, &err), STATUS_OK);
    cr_assert_arr_eq(a, b, sizeof a);
    configuration_finish(&c);
}
