#include "common/volume.h"

#include <criterion/criterion.h>

static double volume(enum volume_rule rule, double small_fraction)
{
    return volume_by_rule(rule, POTENTIAL_WAHNSTROM, &volume_parts_wahnstrom, small_fraction);
}

Test(volume, all_rules_give_the_published_volume_at_equal_numbers)
{
    for (int rule = 0; rule < VOLUME_RULE_COUNT; rule++)
        cr_expect_float_eq(volume(rule, 0.5), 0.767, 1e-15);
}

Test(volume, species_rule_adds_the_partial_volumes)
{
    cr_expect_float_eq(volume(VOLUME_SPECIES, 2.0 / 3.0), 0.742, 1e-12);
    cr_expect_float_eq(volume(VOLUME_SPECIES, 1.0 / 3.0), 0.792, 1e-12);
    const struct volume_parts other = {0.6, 0.9};
    cr_expect_float_eq(volume_by_rule(VOLUME_SPECIES, POTENTIAL_KOB_ANDERSEN, &other, 0.2), 0.84, 1e-12);
}

Test(volume, sigma_cubed_rule_follows_the_mean_cube_of_diameters)
{
    cr_expect_float_eq(volume(VOLUME_SIGMA_CUBED, 2.0 / 3.0), 0.699, 5e-4);
    cr_expect_float_eq(volume(VOLUME_SIGMA_CUBED, 1.0 / 3.0), 0.835, 5e-4);
    cr_expect_float_eq(volume(VOLUME_SIGMA_CUBED, 0.0) / volume(VOLUME_SIGMA_CUBED, 1.0), 216.0 / 125.0, 1e-12);
}

Test(volume, fixed_is_fixed)
{
    cr_expect_float_eq(volume(VOLUME_FIXED, 0.0), 0.767, 1e-15);
    cr_expect_float_eq(volume(VOLUME_FIXED, 1.0), 0.767, 1e-15);
}
