#include "server/analysis/eos_curve.h"

#include <criterion/criterion.h>
#include <math.h>

enum { POINTS = 41 };

/* E = energy + stiffness (V - volume)^2 on a grid from `first` to `last`. */
struct valley {
    double volume, energy, stiffness, first, last;
};

static double volumes[2][POINTS], energies[2][POINTS], pressures[2][POINTS];

static struct eos_curve make_curve(int slot, const struct valley *valley, double small_fraction)
{
    struct eos_curve curve = {small_fraction, POINTS, volumes[slot], energies[slot], pressures[slot]};
    for (int i = 0; i < POINTS; i++) {
        const double v = valley->first + (valley->last - valley->first) * i / (POINTS - 1), away = v - valley->volume;
        curve.volumes[i] = v;
        curve.energies[i] = valley->energy + valley->stiffness * away * away;
        curve.pressures[i] = -2.0 * valley->stiffness * away;
    }
    return curve;
}

static const struct valley narrow = {0.701, -8.0, 30.0, 0.6, 0.8}, wide = {0.95, -7.0, 10.0, 0.8, 1.2};

Test(eos_curve, a_parabola_is_itself_between_its_points)
{
    const struct eos_curve curve = make_curve(0, &narrow, 2.0 / 3.0);
    for (double v = 0.6; v <= 0.8; v += 0.00137)
        cr_expect_float_eq(eos_curve_energy(&curve, v), -8.0 + 30.0 * (v - 0.701) * (v - 0.701), 1e-12);
    const struct eos_minimum minimum = eos_curve_minimum(&curve);
    cr_expect_float_eq(minimum.volume, 0.701, 1e-7);
    cr_expect_float_eq(minimum.energy, -8.0, 1e-12);
}

Test(eos_curve, there_is_no_energy_outside_the_points)
{
    const struct eos_curve curve = make_curve(0, &narrow, 0.5);
    cr_expect(isinf(eos_curve_energy(&curve, 0.599)));
    cr_expect(isinf(eos_curve_energy(&curve, 0.801)));
}

Test(eos_curve, a_minimum_at_the_end_of_a_curve_is_none)
{
    const struct valley falling = {0.9, -8.0, 30.0, 0.6, 0.8};
    const struct eos_curve curve = make_curve(0, &falling, 0.5);
    const struct eos_minimum minimum = eos_curve_minimum(&curve);
    cr_expect(isnan(minimum.volume) && isnan(minimum.energy));
}

/* Of two parabolas with k_a, k_b and f, 1 - f: the slopes are equal where k_a (V_a - v_a) = k_b (V_b - v_b). */
Test(eos_curve, two_parabolas_share_the_volume_at_equal_slopes)
{
    const struct eos_curve a = make_curve(0, &narrow, 2.0 / 3.0), b = make_curve(1, &wide, 0.0);
    const double f = 0.75, v = 0.767, spare = v - f * 0.701 - (1 - f) * 0.95;
    const double shift = spare / (f / 30.0 + (1 - f) / 10.0);
    struct eos_pair found;
    cr_assert_eq(eos_curve_pair(&a, &b, 0.5, v, &found, NULL), STATUS_OK);
    cr_expect_float_eq(found.fraction_a, f, 1e-12);
    cr_expect_float_eq(found.volume_a, 0.701 + shift / 30.0, 1e-6, "%.9f", found.volume_a);
    cr_expect_float_eq(found.volume_b, 0.95 + shift / 10.0, 3e-6, "%.9f", found.volume_b);
    cr_expect_float_eq(found.energy, f * found.energy_a + (1 - f) * found.energy_b, 1e-12);
    cr_expect_float_eq(found.energy, -7.75 + shift * shift * (f / 30.0 + (1 - f) / 10.0), 1e-9);
}

/* As where a shell of neighbours passes the cutoff of a truncated potential. */
Test(eos_curve, a_jump_is_bridged_and_never_undershot)
{
    struct eos_curve curve = make_curve(0, &narrow, 0.5);
    for (int i = 20; i < POINTS; i++)
        curve.energies[i] += 0.1;
    const double low = curve.energies[19], high = curve.energies[20];
    for (int i = 1; i < 100; i++) {
        const double e = eos_curve_energy(&curve, volumes[0][19] + (volumes[0][20] - volumes[0][19]) * i / 100);
        cr_expect_geq(e, low);
        cr_expect_leq(e, high);
    }
}

Test(eos_curve, pairs_that_cannot_fill_the_box_are_refused)
{
    const struct eos_curve a = make_curve(0, &narrow, 2.0 / 3.0), b = make_curve(1, &wide, 0.0);
    struct eos_curve empty = b;
    struct eos_pair found;
    empty.count = 1;
    cr_expect_eq(eos_curve_pair(&a, &b, 0.7, 0.767, &found, NULL), STATUS_INVALID);
    cr_expect_eq(eos_curve_pair(&a, &a, 0.5, 0.767, &found, NULL), STATUS_INVALID);
    cr_expect_eq(eos_curve_pair(&a, &b, 0.5, 1.1, &found, NULL), STATUS_INVALID);
    cr_expect_eq(eos_curve_pair(&a, &empty, 0.5, 0.767, &found, NULL), STATUS_INVALID);
}
