#include "common/mem.h"
#include "tests/support/random_configuration.h"
#include "worker/structure/overlap.h"
#include "worker/structure/reciprocal.h"

#include <criterion/criterion.h>
#include <math.h>

static struct error err;

static struct configuration gas(uint64_t seed)
{
    return random_gas(400, (double[3]){7.0, 8.0, 9.0}, seed);
}

static struct displacement between(const struct configuration *before, const struct configuration *after)
{
    struct displacement d;
    cr_assert_eq(displacement_init(before, after, &d, &err), STATUS_OK, "%s", err.message);
    return d;
}

static struct overlap overlap_of(const struct displacement *d, const struct configuration *before, double radius)
{
    struct overlap overlap;
    cr_assert_eq(overlap_measure(d, before, radius, &overlap, &err), STATUS_OK);
    return overlap;
}

static struct scattering scattering_of(const struct displacement *d, const struct configuration *before, double q)
{
    struct scattering scattering;
    cr_assert_eq(scattering_measure(d, before, q, 0.1, &scattering, &err), STATUS_OK, "%s", err.message);
    return scattering;
}

Test(overlap, a_configuration_overlaps_with_itself)
{
    struct configuration c = gas(1);
    struct displacement d = between(&c, &c);
    const struct overlap overlap = overlap_of(&d, &c, 0.01);
    cr_assert_eq(overlap.self, 1.0);
    cr_assert_geq(overlap.collective, 1.0);
    const struct scattering scattering = scattering_of(&d, &c, 7.0);
    cr_assert_float_eq(scattering.all, 1.0, 1e-14);
    cr_assert_float_eq(scattering.type[ATOM_SMALL], 1.0, 1e-14);
    displacement_finish(&d);
    configuration_finish(&c);
}

Test(overlap, of_independent_gases_the_collective_one_is_chance_and_the_self_one_rare)
{
    struct configuration before = random_gas(4000, (double[3]){12.0, 12.0, 12.0}, 2);
    struct configuration after = random_gas(4000, (double[3]){12.0, 12.0, 12.0}, 3);
    struct displacement d = between(&before, &after);
    const struct overlap overlap = overlap_of(&d, &before, 0.5);
    cr_assert_float_eq(overlap.chance, 4000.0 / 1728.0 * 4.0 / 3.0 * M_PI * 0.125, 1e-12);
    cr_assert_float_eq(overlap.collective, overlap.chance, 0.05);
    cr_assert_lt(overlap.self, 0.005);
    cr_assert_float_eq(scattering_of(&d, &before, 6.0).all, 0.0, 0.01);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(overlap, two_atoms_that_change_places_are_seen_by_the_self_overlap_only)
{
    struct configuration before = random_gas(2, (double[3]){6.0, 6.0, 6.0}, 4), after;
    before.type[1] = before.type[0];
    for (int k = 0; k < 3; k++) {
        before.position[k][0] = 0.1;
        before.position[k][1] = 5.5;
    }
    cr_assert_eq(configuration_copy(&before, &after, &err), STATUS_OK);
    for (int k = 0; k < 3; k++) {
        after.position[k][0] = 5.5;
        after.position[k][1] = 0.1;
    }
    struct displacement d = between(&before, &after);
    const struct overlap overlap = overlap_of(&d, &before, 0.3);
    cr_assert_eq(overlap.self, 0.0);
    cr_assert_eq(overlap.collective, 1.0);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(overlap, the_collective_one_is_that_of_a_double_loop)
{
    struct configuration before = gas(5), after = gas(6);
    struct displacement d = between(&before, &after);
    uint32_t near = 0;
    for (uint32_t i = 0; i < before.atoms; i++)
        for (uint32_t j = 0; j < before.atoms; j++) {
            double sum = 0.0;
            for (int k = 0; k < 3; k++) {
                double x = after.position[k][i] - before.position[k][j];
                x -= before.box[k] * rint(x / before.box[k]);
                sum += x * x;
            }
            near += sum < 0.4 * 0.4;
        }
    cr_assert_float_eq(overlap_of(&d, &before, 0.4).collective, (double)near / before.atoms, 1e-12);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(scattering, is_the_sum_of_cosines_over_the_shell)
{
    struct configuration before = gas(7), after = gas(8);
    struct displacement d = between(&before, &after);
    const struct scattering scattering = scattering_of(&d, &before, 3.0);
    struct reciprocal_vector *vectors;
    uint32_t count;
    double sum = 0.0;
    cr_assert_eq(reciprocal_list(before.box, 2.9, 3.1, &vectors, &count, &err), STATUS_OK);
    cr_assert_gt(count, 4);
    for (uint32_t n = 0; n < count; n++)
        for (uint32_t i = 0; i < before.atoms; i++) {
            double phase = 0.0;
            for (int k = 0; k < 3; k++)
                phase += 2.0 * M_PI * vectors[n].index[k] * d.vector[k][i] / before.box[k];
            sum += cos(phase);
        }
    cr_assert_eq(scattering.vectors, count);
    cr_assert_float_eq(scattering.all, sum / count / before.atoms, 1e-12);
    cr_assert_float_eq(scattering.all, 0.5 * (scattering.type[0] + scattering.type[1]), 1e-12);
    mem_free(vectors);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(scattering, does_not_depend_on_the_images_of_the_atoms)
{
    struct configuration before = gas(9), after = gas(10);
    struct displacement d = between(&before, &after);
    const double wrapped = scattering_of(&d, &before, 6.5).all;
    for (uint32_t i = 0; i < d.atoms; i++)
        d.vector[i % 3][i] += before.box[i % 3] * ((double)(i % 7) - 3.0);
    cr_assert_float_eq(scattering_of(&d, &before, 6.5).all, wrapped, 1e-11);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(scattering, a_box_without_a_vector_near_q_takes_the_nearest)
{
    struct configuration c = random_gas(3, (double[3]){1.0, 1.0, 1.0}, 11);
    struct displacement d = between(&c, &c);
    struct scattering scattering = scattering_of(&d, &c, 0.5);
    cr_assert_eq(scattering.vectors, 3);
    cr_assert_float_eq(scattering.q, 2.0 * M_PI, 1e-12);
    scattering = scattering_of(&d, &c, 9.5);
    cr_assert_eq(scattering.vectors, 6);
    cr_assert_float_eq(scattering.q, sqrt(2.0) * 2.0 * M_PI, 1e-12);
    cr_assert_eq(scattering_measure(&d, &c, 0.0, 0.1, &scattering, &err), STATUS_INVALID);
    cr_assert_eq(scattering_measure(&d, &c, 1e9, 0.1, &scattering, &err), STATUS_LIMIT);
    displacement_finish(&d);
    configuration_finish(&c);
}

Test(relaxation, the_time_is_where_the_curve_crosses_the_level)
{
    const double time[] = {1.0, 2.0, 4.0, 8.0}, value[] = {0.9, 0.6, 0.2, 0.3};
    double found = 0.0;
    cr_assert(relaxation_time(4, time, value, 0.4, &found));
    cr_assert_float_eq(found, 3.0, 1e-12);
    cr_assert(relaxation_time(4, time, value, 0.95, &found));
    cr_assert_float_eq(found, 0.5, 1e-12);
    cr_assert_not(relaxation_time(4, time, value, 0.1, &found));
    cr_assert_not(relaxation_time(0, time, value, 0.4, &found));
}

Test(reciprocal, every_pair_of_opposite_vectors_is_listed_once)
{
    struct reciprocal_vector *vectors;
    uint32_t count;
    const double edge = 2.0 * M_PI;
    cr_assert_eq(reciprocal_list((double[3]){edge, edge, edge}, 0.0, 1.5, &vectors, &count, &err), STATUS_OK);
    cr_assert_eq(count, (6 + 12) / 2);
    for (uint32_t a = 0; a < count; a++)
        for (uint32_t b = 0; b < a; b++) {
            bool same = true, opposite = true;
            for (int k = 0; k < 3; k++) {
                same &= vectors[a].index[k] == vectors[b].index[k];
                opposite &= vectors[a].index[k] == -vectors[b].index[k];
            }
            cr_assert_not(same || opposite);
        }
    mem_free(vectors);
}
