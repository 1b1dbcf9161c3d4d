#include "tests/support/random_configuration.h"
#include "worker/structure/displacement.h"

#include <criterion/criterion.h>
#include <math.h>

static struct error err;

static struct configuration gas(uint64_t seed)
{
    return random_gas(300, (double[3]){7.0, 8.0, 9.0}, seed);
}

static struct configuration copy_of(const struct configuration *c)
{
    struct configuration copy;
    cr_assert_eq(configuration_copy(c, &copy, &err), STATUS_OK);
    return copy;
}

static void move(struct configuration *c, uint32_t atom, double x, double y, double z)
{
    const double by[3] = {x, y, z};
    for (int k = 0; k < 3; k++)
        c->position[k][atom] = configuration_wrap(c->position[k][atom] + by[k], c->box[k]);
}

static struct displacement between(const struct configuration *before, const struct configuration *after)
{
    struct displacement d;
    cr_assert_eq(displacement_init(before, after, &d, &err), STATUS_OK, "%s", err.message);
    return d;
}

Test(displacement, a_known_field_is_found_across_the_border)
{
    struct configuration before = gas(1), after = copy_of(&before);
    for (uint32_t i = 0; i < before.atoms; i++)
        move(&after, i, 0.01 * i, -3.9, 0.5);
    struct displacement d = between(&before, &after);
    cr_assert_not(d.unwrapped);
    for (uint32_t i = 0; i < before.atoms; i++) {
        cr_assert_float_eq(d.vector[0][i], 0.01 * i, 1e-12);
        cr_assert_float_eq(d.vector[1][i], -3.9, 1e-12);
        cr_assert_float_eq(d.length[i], sqrt(1e-4 * i * i + 3.9 * 3.9 + 0.25), 1e-12);
    }
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(displacement, atoms_are_matched_by_id_whatever_their_order)
{
    struct configuration before = gas(2), after = copy_of(&before);
    for (uint32_t i = 0; i < before.atoms; i++)
        move(&after, i, 0.001 * i, 0.0, 0.0);
    reverse(&after);
    struct displacement d = between(&before, &after);
    for (uint32_t i = 0; i < before.atoms; i++)
        cr_assert_float_eq(d.length[i], 0.001 * i, 1e-12);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(displacement, snapshots_are_unwrapped_beyond_the_box)
{
    struct configuration c = gas(3);
    struct snapshot before, after;
    struct displacement d;
    cr_assert_eq(configuration_to_snapshot(&c, 0, &before, &err), STATUS_OK);
    cr_assert_eq(configuration_to_snapshot(&c, 10, &after, &err), STATUS_OK);
    for (uint32_t i = 0; i < c.atoms; i++) {
        after.position[0][i] += (INT64_C(3) << 48) + (INT64_C(1) << 46);
        after.position[2][i] -= INT64_C(1) << 47;
    }
    cr_assert_eq(displacement_init_snapshots(&before, &after, &d, &err), STATUS_OK);
    cr_assert(d.unwrapped);
    for (uint32_t i = 0; i < c.atoms; i++) {
        cr_assert_eq(d.vector[0][i], 3.25 * c.box[0]);
        cr_assert_eq(d.vector[1][i], 0.0);
        cr_assert_eq(d.vector[2][i], -0.5 * c.box[2]);
    }
    displacement_finish(&d);
    snapshot_finish(&before);
    snapshot_finish(&after);
    configuration_finish(&c);
}

Test(displacement, minimum_images_follow_a_guide_to_the_right_image)
{
    struct configuration before = gas(4), after = copy_of(&before);
    struct displacement d = between(&before, &after), guide = between(&before, &after);
    guide.unwrapped = true;
    for (uint32_t i = 0; i < d.atoms; i++) {
        d.vector[0][i] = 0.2;
        guide.vector[0][i] = 2.0 * before.box[0] - 0.3;
    }
    displacement_unwrap(&d, &guide, before.box);
    cr_assert(d.unwrapped);
    cr_assert_float_eq(d.vector[0][7], 2.0 * before.box[0] + 0.2, 1e-12);
    cr_assert_float_eq(d.length[7], 2.0 * before.box[0] + 0.2, 1e-12);
    displacement_finish(&d);
    displacement_finish(&guide);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(displacement, drift_is_the_mean_and_can_be_taken_off)
{
    struct configuration before = gas(5), after = copy_of(&before);
    translate(&after, (double[3]){0.5, -0.25, 1.0});
    struct displacement d = between(&before, &after);
    struct displacement_summary summary = displacement_summarise(&d);
    cr_assert_float_eq(summary.drift[2], 1.0, 1e-12);
    cr_assert_float_eq(summary.mean_square, 1.3125, 1e-12);
    displacement_remove_drift(&d);
    summary = displacement_summarise(&d);
    cr_assert_float_eq(summary.largest, 0.0, 1e-12);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(displacement, a_gaussian_field_has_no_non_gaussian_part)
{
    struct configuration c = random_gas(20000, (double[3]){50.0, 50.0, 50.0}, 6);
    struct displacement d = between(&c, &c);
    for (uint32_t i = 0; i < d.atoms; i++) {
        double square = 0.0;
        for (uint32_t k = 0; k < 3; k++) {
            double sum = -6.0;
            for (uint32_t n = 0; n < 12; n++)
                sum += random_number(7, 36 * i + 12 * k + n);
            square += sum * sum;
        }
        d.length[i] = sqrt(square);
    }
    /* Twelve uniform numbers have kurtosis 2.9: alpha_2 = 3 (3 x 2.9 + 6) / 45 - 1 = -0.02. */
    const struct displacement_summary summary = displacement_summarise(&d);
    cr_assert_float_eq(summary.mean_square, 3.0, 0.05);
    cr_assert_float_eq(summary.non_gaussian, -0.02, 0.03);
    displacement_finish(&d);
    configuration_finish(&c);
}

Test(displacement, the_distribution_counts_every_atom_once)
{
    struct configuration before = gas(8), after = copy_of(&before);
    for (uint32_t i = 0; i < before.atoms; i++)
        move(&after, i, 0.005 + 0.01 * (i % 50), 0.0, 0.0);
    struct displacement d = between(&before, &after);
    uint64_t counts[10] = {0};
    displacement_histogram(&d, 0.04, 10, counts);
    for (int b = 0; b < 9; b++)
        cr_assert_eq(counts[b], 24);
    cr_assert_eq(counts[9], 300 - 9 * 24);
    cr_assert_eq(displacement_count_beyond(&d, 0.3), 120);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

/* A chain of atoms one sigma apart along x, among others that stay. */
static struct strings strings_of(const struct configuration *before, const struct configuration *after)
{
    const struct string_options options = {.threshold = 0.3, .delta = 0.4};
    struct strings strings;
    struct displacement d = between(before, after);
    cr_assert_eq(displacement_strings(&d, before, &options, &strings, &err), STATUS_OK);
    displacement_finish(&d);
    return strings;
}

static struct configuration chain(void)
{
    struct configuration c;
    cr_assert_eq(configuration_init(&c, 12, &err), STATUS_OK);
    for (uint32_t i = 0; i < 12; i++) {
        c.id[i] = i + 1;
        c.position[0][i] = 1.0 * i;
        c.position[1][i] = c.position[2][i] = 0.1;
    }
    c.box[0] = 12.0;
    c.box[1] = c.box[2] = 5.0;
    return c;
}

Test(strings, atoms_that_follow_one_another_are_one_string)
{
    struct configuration before = chain(), after = copy_of(&before);
    for (uint32_t i = 2; i < 6; i++)
        move(&after, i, 1.0, -0.2, 0.0);
    move(&after, 9, 0.0, 0.9, 0.0);
    const struct strings strings = strings_of(&before, &after);
    cr_assert_eq(strings.movers, 5);
    cr_assert_eq(strings.count, 2);
    cr_assert_eq(strings.largest, 4);
    cr_assert_eq(strings.by_size[4], 1);
    cr_assert_eq(strings.by_size[1], 1);
    cr_assert_float_eq(strings.mean, 2.5, 1e-12);
    cr_assert_float_eq(strings.weight_average, 17.0 / 5.0, 1e-12);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(strings, a_string_goes_on_across_the_border_and_may_close_around_the_box)
{
    struct configuration before = chain(), after = copy_of(&before);
    move(&after, 11, 1.0, 0.0, 0.0);
    move(&after, 0, 1.0, -0.2, 0.0);
    struct strings strings = strings_of(&before, &after);
    cr_assert_eq(strings.largest, 2);
    for (uint32_t i = 1; i < 11; i++)
        move(&after, i, 1.0, 0.0, 0.0);
    strings = strings_of(&before, &after);
    cr_assert_eq(strings.count, 1);
    cr_assert_eq(strings.largest, 12);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(strings, two_movers_side_by_side_are_two_strings)
{
    struct configuration before = chain(), after = copy_of(&before);
    move(&after, 3, 0.0, 0.8, 0.0);
    move(&after, 4, 0.0, 0.8, 0.0);
    const struct strings strings = strings_of(&before, &after);
    cr_assert_eq(strings.count, 2);
    cr_assert_eq(strings.largest, 1);
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(strings, nothing_moved_is_no_string)
{
    struct configuration c = chain();
    const struct strings strings = strings_of(&c, &c);
    cr_assert_eq(strings.count, 0);
    cr_assert_eq(strings.mean, 0.0);
    configuration_finish(&c);
}

/* Components by repeated sweeps over the definition. */
static uint32_t largest_by_brute_force(const struct configuration *before, const struct displacement *d,
                                       const struct string_options *options, uint32_t *out_count)
{
    uint32_t label[300], largest = 0;
    for (uint32_t i = 0; i < d->atoms; i++)
        label[i] = d->length[i] > options->threshold ? i : UINT32_MAX;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < d->atoms; i++)
            for (uint32_t j = 0; j < d->atoms; j++) {
                if (label[i] == UINT32_MAX || label[j] == UINT32_MAX || label[i] == label[j])
                    continue;
                double sum = 0.0;
                for (int k = 0; k < 3; k++) {
                    double x = before->position[k][i] + d->vector[k][i] - before->position[k][j];
                    x -= before->box[k] * rint(x / before->box[k]);
                    sum += x * x;
                }
                if (sum < options->delta * options->delta) {
                    label[i] = label[j] = label[i] < label[j] ? label[i] : label[j];
                    changed = true;
                }
            }
    }
    *out_count = 0;
    for (uint32_t i = 0; i < d->atoms; i++) {
        uint32_t size = 0;
        for (uint32_t j = 0; j < d->atoms; j++)
            size += label[j] == i;
        largest = size > largest ? size : largest;
        *out_count += size > 0;
    }
    return largest;
}

Test(strings, they_are_those_of_the_definition_whatever_the_origin_and_order)
{
    const struct string_options options = {.threshold = 0.5, .delta = 0.45};
    struct configuration before = gas(11), after = copy_of(&before);
    for (uint32_t i = 0; i < before.atoms; i++)
        move(&after, i, 1.5 * random_number(12, 3 * i) - 0.75, 1.5 * random_number(12, 3 * i + 1) - 0.75,
             1.5 * random_number(12, 3 * i + 2) - 0.75);
    for (int round = 0; round < 2; round++) {
        struct displacement d = between(&before, &after);
        struct strings strings;
        uint32_t count;
        const uint32_t largest = largest_by_brute_force(&before, &d, &options, &count);
        cr_assert_eq(displacement_strings(&d, &before, &options, &strings, &err), STATUS_OK);
        cr_assert_eq(strings.largest, largest);
        cr_assert_eq(strings.count, count);
        cr_assert_gt(largest, 2);
        displacement_finish(&d);
        translate(&before, (double[3]){3.3, 1.7, -4.4});
        translate(&after, (double[3]){3.3, 1.7, -4.4});
        reverse(&before);
    }
    configuration_finish(&before);
    configuration_finish(&after);
}

Test(displacement, movers_are_told_apart_by_environment)
{
    struct configuration before = gas(13), after = copy_of(&before);
    uint8_t kind[300];
    for (uint32_t i = 0; i < before.atoms; i++) {
        kind[i] = i % 3 ? ENVIRONMENT_OTHER : ENVIRONMENT_ICO;
        move(&after, i, i % 6 ? 0.1 : 1.0, 0.0, 0.0);
    }
    struct displacement d = between(&before, &after);
    struct mover_group group[ENVIRONMENT_COUNT];
    displacement_by_environment(&d, kind, 0.3, group);
    cr_assert_eq(group[ENVIRONMENT_ICO].atoms, 100);
    cr_assert_eq(group[ENVIRONMENT_ICO].movers, 50);
    cr_assert_float_eq(group[ENVIRONMENT_ICO].mean_square, 0.505, 1e-12);
    cr_assert_eq(group[ENVIRONMENT_OTHER].movers, 0);
    cr_assert_eq(group[ENVIRONMENT_LAVES].atoms, 0);
    displacement_finish(&d);
    configuration_finish(&before);
    configuration_finish(&after);
}

static enum status status_between(const struct configuration *before, const struct configuration *after)
{
    struct displacement d;
    return displacement_init(before, after, &d, &err);
}

Test(displacement, what_is_not_the_same_system_is_refused)
{
    struct configuration before = gas(14), after = copy_of(&before), fewer = random_gas(299, before.box, 1);
    cr_assert_eq(status_between(&before, &fewer), STATUS_INVALID);
    after.box[1] *= 1.001;
    cr_assert_eq(status_between(&before, &after), STATUS_INVALID);
    after.box[1] = before.box[1];
    after.type[3] = !after.type[3];
    cr_assert_eq(status_between(&before, &after), STATUS_INVALID);
    after.type[3] = before.type[3];
    after.id[3] = 12345;
    cr_assert_eq(status_between(&before, &after), STATUS_INVALID);
    configuration_finish(&before);
    configuration_finish(&after);
    configuration_finish(&fewer);
}
