#include "worker/build/disorder.h"

#include "worker/build/lattices.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct configuration make_c15(void)
{
    struct lattice_shape shape = lattice_ideal_shape(LATTICE_C15);
    struct lattice lattice = lattice_make(LATTICE_C15, &shape);
    struct configuration c;
    cr_assert_eq(lattice_fill(&lattice, (struct lattice_repeats){{3, 3, 3}}, 0.767, &c, NULL), STATUS_OK);
    return c;
}

Test(disorder, c15_at_equal_numbers_turns_108_of_432_small_atoms_and_no_large_one)
{
    struct configuration before = make_c15(), after = make_c15();
    cr_assert_eq(disorder_types(&after, 324, (struct build_seed){.seed = 1}, NULL), STATUS_OK);
    int turned = 0;
    for (uint32_t i = 0; i < after.atoms; i++) {
        cr_expect(before.type[i] == ATOM_SMALL || after.type[i] == ATOM_LARGE);
        turned += before.type[i] != after.type[i];
    }
    cr_expect_eq(turned, 108);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(disorder, types_depend_on_seed_and_replica_and_nothing_else)
{
    struct configuration a = make_c15(), b = make_c15(), c = make_c15(), d = make_c15();
    cr_assert_eq(disorder_types(&a, 324, (struct build_seed){1, {0}}, NULL), STATUS_OK);
    cr_assert_eq(disorder_types(&b, 324, (struct build_seed){1, {0}}, NULL), STATUS_OK);
    cr_assert_eq(disorder_types(&c, 324, (struct build_seed){2, {0}}, NULL), STATUS_OK);
    cr_assert_eq(disorder_types(&d, 324, (struct build_seed){1, {1}}, NULL), STATUS_OK);
    cr_expect_eq(memcmp(a.type, b.type, a.atoms), 0);
    cr_expect_neq(memcmp(a.type, c.type, a.atoms), 0);
    cr_expect_neq(memcmp(a.type, d.type, a.atoms), 0);
    configuration_finish(&a);
    configuration_finish(&b);
    configuration_finish(&c);
    configuration_finish(&d);
}

Test(disorder, small_atoms_can_be_added_as_well_as_taken)
{
    struct configuration c = make_c15();
    uint32_t small = 0;
    cr_assert_eq(disorder_types(&c, 600, (struct build_seed){0}, NULL), STATUS_OK);
    for (uint32_t i = 0; i < c.atoms; i++)
        small += c.type[i] == ATOM_SMALL;
    cr_expect_eq(small, 600);
    cr_expect_eq(disorder_types(&c, 649, (struct build_seed){0}, NULL), STATUS_INVALID);
    configuration_finish(&c);
}

Test(disorder, noise_has_the_wanted_width_and_stays_in_the_box)
{
    struct configuration before = make_c15(), after = make_c15();
    double sum_sq = 0;
    disorder_positions(&after, 0.05, (struct build_seed){.seed = 4});
    for (uint32_t i = 0; i < after.atoms; i++)
        for (int d = 0; d < 3; d++) {
            double x = after.position[d][i] - before.position[d][i];
            x -= after.box[d] * rint(x / after.box[d]);
            sum_sq += x * x;
            cr_expect(after.position[d][i] >= 0 && after.position[d][i] < after.box[d]);
        }
    cr_expect_float_eq(sqrt(sum_sq / (3 * after.atoms)), 0.05, 0.003); /* 1944 numbers: +-0.0008 */
    configuration_finish(&before);
    configuration_finish(&after);
}
