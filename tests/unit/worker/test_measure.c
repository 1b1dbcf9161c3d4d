#include "tests/support/golden_files.h"
#include "worker/structure/measure.h"

#include <criterion/criterion.h>
#include <string.h>

static double value_of(const struct sample *sample, const char *name)
{
    int place = 0;
    for (int id = 0; id < QUANTITY_COUNT; id++) {
        if (quantities[id].group != sample->group)
            continue;
        if (strcmp(quantities[id].name, name) == 0)
            return sample->values[place];
        place++;
    }
    cr_assert_fail("no quantity '%s'", name);
    return 0.0;
}

Test(measure, both_groups_hold_what_is_known_of_a_glass)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct md_observables observables = {
        .energy_potential = -3500.0, .energy_kinetic = 750.0, .temperature = 1.002, .pressure = 0.3};
    struct measure *measure;
    struct sample thermal = {.step = 5}, inherent = {.step = 5};
    struct error err;
    cr_assert_eq(measure_create(&potential, &c, &observables, &measure, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_thermal, &thermal, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_inherent, &inherent, &err), STATUS_OK);
    cr_assert_eq(thermal.step, 5);
    cr_assert_eq(value_of(&thermal, "energy_potential"), -7.0);
    cr_assert_eq(value_of(&thermal, "energy_kinetic"), 1.5);
    cr_assert_eq(value_of(&thermal, "pressure"), 0.3);
    cr_assert_float_eq(value_of(&inherent, "energy_inherent"), -7.122358826845645, 1e-9);
    cr_assert_eq(value_of(&inherent, "converged"), 1.0);
    cr_assert_float_eq(value_of(&inherent, "pressure_inherent"), 0.07820587059224483, 1e-6);
    cr_assert_float_eq(value_of(&inherent, "ico_fraction"), 0.112, 1e-12);
    cr_assert_float_eq(value_of(&inherent, "ico_fraction_small"), 0.212, 1e-12);
    cr_assert_float_eq(value_of(&inherent, "ico_fraction_large"), 0.012, 1e-12);
    measure_destroy(&measure);
    cr_assert_null(measure);
    configuration_finish(&c);
}

Test(measure, a_failure_on_the_way_is_kept_and_reported)
{
    struct configuration c = golden_configuration("glass_quench1e6_IS.data");
    const struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    const struct md_observables observables = {0};
    struct measure *measure;
    struct sample sample;
    struct error err;
    for (int k = 0; k < 3; k++)
        c.position[k][0] = c.position[k][1];
    cr_assert_eq(measure_create(&potential, &c, &observables, &measure, &err), STATUS_OK);
    cr_assert_eq(measure_group(measure, QUANTITY_GROUP_inherent, &sample, &err), STATUS_PHYSICS);
    measure_destroy(&measure);
    configuration_finish(&c);
}
