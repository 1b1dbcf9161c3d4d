#include "tests/support/random_configuration.h"
#include "worker/kernels/kernels.h"
#include "worker/md/force.h"
#include "worker/minimize/cg.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct cg_options usual = {.force_max = 1e-8, .evaluations_max = 20000};

static struct cg_result minimise(enum cut_kind cut, struct configuration *c, const struct cg_options *options)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, cut, 2.5);
    struct cg_result result;
    struct error err;
    cr_assert_eq(cg_minimize(&potential, options, c, &result, &err), STATUS_OK, "%s", err.message);
    return result;
}

static struct force_sums sums_of(enum cut_kind cut, const struct configuration *c)
{
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, cut, 2.5);
    double *force[3];
    struct force_sums sums;
    struct error err;
    struct configuration scratch;
    cr_assert_eq(configuration_init(&scratch, c->atoms, &err), STATUS_OK);
    for (int k = 0; k < 3; k++)
        force[k] = scratch.position[k];
    cr_assert_eq(force_compute(&potential, c, force, NULL, &sums, &err), STATUS_OK);
    configuration_finish(&scratch);
    return sums;
}

Test(cg, a_fluid_reaches_its_inherent_structure_and_reports_it_rightly)
{
    struct configuration c = random_fluid(500, 0.767, 21);
    const double before = sums_of(CUT_SHIFTED, &c).energy;
    const struct cg_result result = minimise(CUT_SHIFTED, &c, &usual);
    const struct force_sums after = sums_of(CUT_SHIFTED, &c);
    cr_assert(result.converged);
    cr_assert_leq(result.force_max, 1e-8);
    cr_assert_lt(result.energy, before);
    cr_assert_float_eq(result.energy, after.energy, 1e-8);
    cr_assert_float_eq(result.virial, after.virial, 1e-7);
    configuration_finish(&c);
}

Test(cg, every_instruction_set_gives_the_same_bits)
{
    double energy = 0.0;
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        struct cg_options options = usual;
        struct error err;
        if (kernels_find(isa_names[isa], &options.kernels, &err) != STATUS_OK) {
            cr_log_info("%s is skipped: %s", isa_names[isa], err.message);
            continue;
        }
        struct configuration c = random_fluid(300, 0.8, 22);
        const struct cg_result result = minimise(CUT_SHIFTED, &c, &options);
        if (isa == 0)
            energy = result.energy;
        cr_assert_eq(result.energy, energy, "%s", isa_names[isa]);
        configuration_finish(&c);
    }
}

Test(cg, a_box_of_a_few_atoms_is_minimised_over_its_images)
{
    struct configuration c = random_fluid(16, 0.9, 23);
    cr_assert_lt(c.box[0], 2.6);
    const struct cg_result result = minimise(CUT_SHIFTED, &c, &usual);
    cr_assert_float_eq(result.energy, sums_of(CUT_SHIFTED, &c).energy, 1e-9);
    cr_assert_leq(result.force_max, 1e-6);
    configuration_finish(&c);
}

Test(cg, a_force_shifted_potential_converges)
{
    struct configuration c = random_fluid(400, 0.767, 24);
    const struct cg_result result = minimise(CUT_FORCE_SHIFTED, &c, &usual);
    cr_assert(result.converged);
    cr_assert_float_eq(result.energy, sums_of(CUT_FORCE_SHIFTED, &c).energy, 1e-8);
    configuration_finish(&c);
}

Test(cg, a_truncated_potential_ends_where_the_shifted_one_does)
{
    struct configuration a = random_fluid(300, 0.767, 25), b = random_fluid(300, 0.767, 25);
    const struct cg_result truncated = minimise(CUT_TRUNCATED, &a, &usual), shifted = minimise(CUT_SHIFTED, &b, &usual);
    cr_assert(truncated.converged);
    cr_assert_eq(truncated.iterations, shifted.iterations);
    cr_assert_float_eq(truncated.energy, sums_of(CUT_SHIFTED, &b).energy_truncated, 1e-8);
    cr_assert_lt(truncated.energy, shifted.energy);
    configuration_finish(&a);
    configuration_finish(&b);
}

Test(cg, the_bound_on_evaluations_is_kept)
{
    struct configuration c = random_fluid(300, 0.767, 26);
    const struct cg_options few = {.force_max = 1e-8, .evaluations_max = 20};
    const struct cg_result result = minimise(CUT_SHIFTED, &c, &few);
    cr_assert_not(result.converged);
    cr_assert_leq(result.iterations, 21);
    configuration_finish(&c);
}

Test(cg, coinciding_atoms_are_an_error)
{
    struct configuration c = random_gas(40, (double[3]){6.0, 6.0, 6.0}, 27);
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct cg_result result;
    struct error err;
    for (int k = 0; k < 3; k++)
        c.position[k][5] = c.position[k][6];
    cr_assert_eq(cg_minimize(&potential, &usual, &c, &result, &err), STATUS_PHYSICS);
    configuration_finish(&c);
}
