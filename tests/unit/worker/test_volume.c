#include "worker/build/volume.h"

#include <criterion/criterion.h>

Test(volume, both_rules_give_the_published_volume_at_equal_numbers)
{
    for (int rule = 0; rule < VOLUME_RULE_COUNT; rule++)
        cr_expect_float_eq(volume_by_rule(rule, 0.5), 0.767, 1e-15);
}

Test(volume, species_rule_adds_the_partial_volumes)
{
    cr_expect_float_eq(volume_by_rule(VOLUME_SPECIES, 2.0 / 3.0), 0.742, 1e-12);
    cr_expect_float_eq(volume_by_rule(VOLUME_SPECIES, 1.0 / 3.0), 0.792, 1e-12);
}

Test(volume, sigma_cubed_rule_follows_the_mean_cube_of_diameters)
{
    cr_expect_float_eq(volume_by_rule(VOLUME_SIGMA_CUBED, 2.0 / 3.0), 0.699, 5e-4);
    cr_expect_float_eq(volume_by_rule(VOLUME_SIGMA_CUBED, 1.0 / 3.0), 0.835, 5e-4);
}
