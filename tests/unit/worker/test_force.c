#include "common/mem.h"
#include "tests/support/random_configuration.h"
#include "worker/md/force.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

struct found {
    double *force[3];
    double *energy;
    struct force_sums sums;
};

static struct found compute(const struct potential *potential, const struct configuration *c)
{
    struct found found;
    struct error err;
    for (int k = 0; k < 3; k++)
        found.force[k] = mem_alloc_array(c->atoms, sizeof(double));
    found.energy = mem_alloc_array(c->atoms, sizeof(double));
    cr_assert_eq(force_compute(potential, c, found.force, found.energy, &found.sums, &err), STATUS_OK, "%s",
                 err.message);
    return found;
}

static void drop(struct found *found)
{
    for (int k = 0; k < 3; k++)
        mem_free(found->force[k]);
    mem_free(found->energy);
}

static double minimum_image(double d, double box)
{
    return d - box * rint(d / box);
}

Test(force, sums_are_those_of_a_plain_double_loop_over_minimum_images)
{
    struct configuration c = random_fluid(500, 0.767, 1);
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct found found = compute(&potential, &c);
    double energy = 0.0, virial = 0.0;
    for (uint32_t i = 0; i < c.atoms; i++)
        for (uint32_t j = i + 1; j < c.atoms; j++) {
            double r_sq = 0.0, force_over_r;
            for (int k = 0; k < 3; k++) {
                const double d = minimum_image(c.position[k][i] - c.position[k][j], c.box[k]);
                r_sq += d * d;
            }
            if (r_sq >= 2.5 * 2.5)
                continue;
            energy += potential_pair(&potential, c.type[i], c.type[j], r_sq, &force_over_r);
            virial += force_over_r * r_sq;
        }
    cr_assert_float_eq(found.sums.energy, energy, 1e-9);
    cr_assert_float_eq(found.sums.virial, virial, 1e-8);
    drop(&found);
    configuration_finish(&c);
}

Test(force, a_box_smaller_than_two_cutoffs_is_summed_over_images)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct configuration small = random_fluid(60, 0.767, 2), large;
    struct error err;
    cr_assert_eq(configuration_init(&large, 8 * small.atoms, &err), STATUS_OK);
    for (uint32_t copy = 0; copy < 8; copy++)
        for (uint32_t i = 0; i < small.atoms; i++) {
            const uint32_t to = copy * small.atoms + i;
            large.type[to] = small.type[i];
            for (int k = 0; k < 3; k++)
                large.position[k][to] = small.position[k][i] + (copy >> k & 1) * small.box[k];
        }
    for (int k = 0; k < 3; k++)
        large.box[k] = 2.0 * small.box[k];
    cr_assert_lt(small.box[0], 5.0);
    cr_assert_gt(large.box[0], 5.0);
    struct found a = compute(&potential, &small), b = compute(&potential, &large);
    cr_assert_float_eq(8.0 * a.sums.energy, b.sums.energy, 1e-9);
    cr_assert_float_eq(8.0 * a.sums.virial, b.sums.virial, 1e-8);
    cr_assert_float_eq(a.force[1][7], b.force[1][7], 1e-10);
    drop(&a);
    drop(&b);
    configuration_finish(&small);
    configuration_finish(&large);
}

Test(force, the_number_of_threads_changes_no_bit)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct configuration c = random_gas(5000, (double[3]){20.0, 15.0, 13.0}, 3);
    omp_set_num_threads(1);
    struct found a = compute(&potential, &c);
    omp_set_num_threads(3);
    struct found b = compute(&potential, &c);
    cr_assert_eq(a.sums.energy, b.sums.energy);
    cr_assert_eq(a.sums.virial, b.sums.virial);
    for (int k = 0; k < 3; k++)
        cr_assert_arr_eq(a.force[k], b.force[k], c.atoms * sizeof(double));
    drop(&a);
    drop(&b);
    configuration_finish(&c);
}

Test(force, the_truncated_energy_is_the_shifted_one_plus_the_shifts)
{
    struct configuration c = random_fluid(256, 0.767, 4);
    static const enum cut_kind cuts[] = {CUT_SHIFTED, CUT_TRUNCATED, CUT_FORCE_SHIFTED};
    double truncated[3];
    for (int n = 0; n < 3; n++) {
        const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, cuts[n], 2.5);
        struct found found = compute(&potential, &c);
        truncated[n] = found.sums.energy_truncated;
        drop(&found);
    }
    cr_assert_float_eq(truncated[0], truncated[1], 1e-9);
    cr_assert_float_eq(truncated[0], truncated[2], 1e-9);
    configuration_finish(&c);
}

Test(force, coinciding_atoms_are_an_error)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct configuration c = random_gas(100, (double[3]){6.0, 6.0, 6.0}, 5);
    for (int k = 0; k < 3; k++)
        c.position[k][3] = c.position[k][77];
    double *force[3];
    struct force_sums sums;
    struct error err;
    for (int k = 0; k < 3; k++)
        force[k] = mem_alloc_array(c.atoms, sizeof(double));
    cr_assert_eq(force_compute(&potential, &c, force, NULL, &sums, &err), STATUS_PHYSICS);
    for (int k = 0; k < 3; k++)
        mem_free(force[k]);
    configuration_finish(&c);
}
