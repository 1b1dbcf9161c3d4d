#include "server/analysis/tf.h"

#include "common/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { POINTS = 200, QUENCHES = 8 };

struct quench {
    double temperatures[POINTS], energies[POINTS];
};

static struct tf_curve curve_of(const struct quench *quench)
{
    return (struct tf_curve){quench->temperatures, quench->energies, POINTS};
}

/* Glass -7.5 + 1.5 T below tf, liquid above it with a slope of 2.4; noise of the given size. */
static void make_quench(double tf, double noise, int64_t number, struct quench *out)
{
    for (int i = 0; i < POINTS; i++) {
        const struct rng_place place = {2, STREAM_TEST, number, (uint32_t)i};
        double t = 1.0 - i * 0.005, normal[2];
        rng_normal_pair(place, 0, normal);
        out->temperatures[i] = t;
        out->energies[i] = -7.5 + 1.5 * t + (t > tf ? 0.9 * (t - tf) : 0.0) + noise * normal[0];
    }
}

static struct tf_point tf_of(const struct quench *quench, const struct tf_options *options)
{
    struct tf_point point;
    struct error err = {0};
    const struct tf_curve curve = curve_of(quench);
    cr_assert_eq(tf_of_curve(&curve, options, &point, &err), STATUS_OK, "%s", err.message);
    return point;
}

Test(tf, two_lines_without_noise_meet_where_they_should)
{
    struct quench quench;
    struct tf_options options = tf_options_default;
    options.liquid = TF_LIQUID_STRAIGHT;
    make_quench(0.487, 0.0, 0, &quench);
    struct tf_point point = tf_of(&quench, &options);
    cr_assert_float_eq(point.crossing, 0.487, 1e-9);
    cr_assert_float_eq(point.broken_stick, 0.487, 1e-6);
    cr_assert_float_eq(point.slope_glass, 1.5, 1e-6);
    cr_assert_float_eq(point.slope_liquid, 2.4, 1e-6);
}

Test(tf, rosenfeld_tarazona_liquid_is_met_where_it_crosses)
{
    struct quench quench;
    struct tf_options options = tf_options_default;
    options.liquid = TF_LIQUID_THREE_FIFTHS;
    /* Liquid -8 + 3 T^0.6 meets the glass line with slope 1.5 at T = 0.5. */
    double at = -8.0 + 3.0 * pow(0.5, 0.6);
    for (int i = 0; i < POINTS; i++) {
        double t = 1.0 - i * 0.005;
        quench.temperatures[i] = t;
        quench.energies[i] = t > 0.5 ? -8.0 + 3.0 * pow(t, 0.6) : at + 1.5 * (t - 0.5);
    }
    cr_assert_float_eq(tf_of(&quench, &options).crossing, 0.5, 1e-8);
}

Test(tf, heating_order_and_energy_zero_do_not_matter)
{
    struct quench quench, other;
    make_quench(0.5, 0.01, 1, &quench);
    for (int i = 0; i < POINTS; i++) {
        other.temperatures[i] = quench.temperatures[POINTS - 1 - i];
        other.energies[i] = quench.energies[POINTS - 1 - i] + 3.0;
    }
    struct tf_point a = tf_of(&quench, &tf_options_default), b = tf_of(&other, &tf_options_default);
    cr_assert_float_eq(a.crossing, b.crossing, 1e-8);
    cr_assert_float_eq(a.broken_stick, b.broken_stick, 1e-6);
}

Test(tf, interval_needs_eight_quenches)
{
    struct quench quenches[QUENCHES];
    struct tf_curve curves[QUENCHES];
    struct tf_result result;
    for (int i = 0; i < QUENCHES; i++) {
        make_quench(0.49 + 0.004 * (i - 3.5), 0.005, i, &quenches[i]);
        curves[i] = curve_of(&quenches[i]);
    }
    cr_assert_eq(tf_of_quenches(curves, QUENCHES - 1, &tf_options_default, &result, NULL), STATUS_OK);
    cr_assert(isnan(result.broken_stick.mean.interval.low) && isnan(result.crossing.mean.interval.high));
    cr_assert(isfinite(result.broken_stick.mean.value));
    cr_assert_eq(tf_of_quenches(curves, QUENCHES, &tf_options_default, &result, NULL), STATUS_OK);
    cr_assert(result.broken_stick.mean.interval.low < 0.49 && result.broken_stick.mean.interval.high > 0.49);
    cr_assert_float_eq(result.broken_stick.mean.value, 0.49, 0.01);
}

/* Quenches differ by a frozen-in 0.02, far more than the scatter within one: the interval must know. */
Test(tf, interval_of_the_mean_covers_as_stated)
{
    int hits = 0, trials = 200;
    static struct quench quenches[QUENCHES];
    struct tf_curve curves[QUENCHES];
    struct tf_options options = tf_options_default;
    options.liquid = TF_LIQUID_STRAIGHT;
    for (int trial = 0; trial < trials; trial++) {
        struct tf_result result;
        for (int i = 0; i < QUENCHES; i++) {
            const struct rng_place place = {8, STREAM_TEST, trial, (uint32_t)i};
            double normal[2];
            rng_normal_pair(place, 0, normal);
            make_quench(0.49 + 0.02 * normal[0], 0.01, trial * QUENCHES + i, &quenches[i]);
            curves[i] = curve_of(&quenches[i]);
        }
        cr_assert_eq(tf_of_quenches(curves, QUENCHES, &options, &result, NULL), STATUS_OK);
        hits += result.crossing.mean.interval.low <= 0.49 && result.crossing.mean.interval.high >= 0.49;
    }
    printf("T_f of 8 quenches: covered in %d of %d\n", hits, trials);
    cr_assert(hits > 0.90 * trials && hits <= 0.99 * trials, "%d", hits);
}

Test(tf, bad_curves_and_windows_are_refused)
{
    struct quench quench;
    struct tf_point point;
    struct tf_options options = tf_options_default;
    make_quench(0.5, 0.0, 0, &quench);
    struct tf_curve curve = curve_of(&quench);
    options.glass_window = (struct interval){0.7, 0.8};
    cr_assert_eq(tf_of_curve(&curve, &options, &point, NULL), STATUS_INVALID);
    options = tf_options_default;
    curve.count = 10;
    cr_assert_eq(tf_of_curve(&curve, &options, &point, NULL), STATUS_INVALID);
    curve.count = POINTS;
    quench.energies[7] = NAN;
    cr_assert_eq(tf_of_curve(&curve, &options, &point, NULL), STATUS_INVALID);
    make_quench(2.0, 0.0, 0, &quench); /* one straight line */
    cr_assert_eq(tf_of_curve(&curve, &options, &point, NULL), STATUS_INVALID);
    struct tf_result result;
    cr_assert_eq(tf_of_quenches(&curve, 0, &options, &result, NULL), STATUS_INVALID);
}
