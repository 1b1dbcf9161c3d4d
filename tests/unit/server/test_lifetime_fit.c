#include "server/analysis/lifetime_fit.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { REMISSION_COUNT = 21, BEARING_COUNT = 23 };

static const struct bootstrap_options options = {.seed = 7, .resamples = 199, .level = 0.95};

/* Weeks of remission under 6-mercaptopurine, negative = still in remission; and under placebo.
 * Freireich et al., Blood 21, 699 (1963); Gehan, Biometrika 52, 203 (1965). */
static const double remission_drug[REMISSION_COUNT] = {6,   6,   6,   -6, 7,  -9,  10,  -10, -11, 13, 16,
                                                       -17, -19, -20, 22, 23, -25, -32, -32, -34, -35};
static const double remission_placebo[REMISSION_COUNT] = {1, 1, 2,  2,  3,  4,  4,  5,  5,  8, 8,
                                                          8, 8, 11, 11, 12, 12, 15, 17, 22, 23};
/* Millions of revolutions to failure of ball bearings: Lieblein & Zelen, J. Res. NBS 57, 273 (1956). */
static const double bearings[BEARING_COUNT] = {17.88, 28.92, 33.00,  41.52,  42.12,  45.60,  48.40, 51.84,
                                               51.96, 54.12, 55.56,  67.80,  68.64,  68.64,  68.88, 84.12,
                                               93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40};

static void lifetimes_of(const double *times, size_t count, struct lifetime *out)
{
    for (size_t i = 0; i < count; i++) {
        double t = fabs(times[i]);
        out[i] = (struct lifetime){t, times[i] > 0 ? t : (double)INFINITY, times[i] > 0 ? 200.0 : t};
    }
}

static struct lifetime_fit points(const double *times, size_t count)
{
    struct lifetime lifetimes[64];
    struct lifetime_fit fit;
    struct error err = {0};
    lifetimes_of(times, count, lifetimes);
    cr_assert_eq(lifetime_fit_points(lifetimes, count, &fit, &err), STATUS_OK, "%s", err.message);
    return fit;
}

Test(lifetime_fit, exponential_mean_is_total_time_over_events)
{
    struct lifetime_fit fit = points(remission_drug, REMISSION_COUNT);
    cr_assert_eq(fit.events, 9);
    cr_assert_eq(fit.time_total, 359.0);
    cr_assert_eq(fit.law, LIFETIME_EXPONENTIAL);
    cr_assert_float_eq(fit.time[FRACTION_50].value, log(2.0) * 359.0 / 9.0, 1e-9);
    cr_assert_float_eq(fit.time[FRACTION_99].value, log(100.0) * 359.0 / 9.0, 1e-8);
}

/* Lawless, Statistical Models and Methods for Lifetime Data (2003), section 5.2: shape 2.10, scale 81.9. */
Test(lifetime_fit, ball_bearings_are_weibull_as_published)
{
    struct lifetime_fit fit = points(bearings, BEARING_COUNT);
    cr_assert_eq(fit.law, LIFETIME_WEIBULL);
    cr_assert_float_eq(fit.shape, 2.102, 5e-4);
    cr_assert_float_eq(fit.time[FRACTION_50].value / pow(log(2.0), 1.0 / fit.shape), 81.88, 0.01);
}

/* Two groups with one shape: coefficients of log t 2.248 (placebo) and 1.267 (drug), scale 0.732, log-likelihood
 * -106.58; exponential 2.159, 1.527, -108.52. Kleinbaum & Klein, Survival Analysis, 3rd ed. (2012), chapter 7. */
Test(lifetime_fit, regression_on_two_groups_is_as_published)
{
    struct lifetime both[2 * REMISSION_COUNT];
    double design[2 * REMISSION_COUNT][2];
    struct regress_fit fit;
    struct error err = {0};
    lifetimes_of(remission_placebo, REMISSION_COUNT, both);
    lifetimes_of(remission_drug, REMISSION_COUNT, both + REMISSION_COUNT);
    for (int i = 0; i < 2 * REMISSION_COUNT; i++)
        design[i][0] = 1.0, design[i][1] = i >= REMISSION_COUNT;
    cr_assert_eq(regress_fit(both, &design[0][0], 2 * REMISSION_COUNT, 2, LIFETIME_WEIBULL, &fit, &err), STATUS_OK);
    cr_assert_float_eq(fit.gamma[0] / fit.shape + fit.centre, 2.248, 6e-4);
    cr_assert_float_eq(fit.gamma[1] / fit.shape, 1.267, 6e-4);
    cr_assert_float_eq(1.0 / fit.shape, 0.732, 6e-4);
    cr_assert_float_eq(fit.log_likelihood, -106.58, 6e-3);
    cr_assert_eq(regress_fit(both, &design[0][0], 2 * REMISSION_COUNT, 2, LIFETIME_EXPONENTIAL, &fit, &err), STATUS_OK);
    cr_assert_float_eq(fit.gamma[0] + fit.centre, 2.159, 6e-4);
    cr_assert_float_eq(fit.gamma[1], 1.527, 6e-4);
    cr_assert_float_eq(fit.log_likelihood, -108.524, 6e-3);
}

/* log-likelihood of mixed lifetimes written out plainly, to search on a grid. */
static double plain_likelihood(const struct lifetime *lifetimes, size_t count, double scale, double shape)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        double a = pow(lifetimes[i].low / scale, shape), b = pow(lifetimes[i].high / scale, shape);
        if (isinf(lifetimes[i].high))
            sum -= a;
        else if (lifetimes[i].low == lifetimes[i].high)
            sum += log(shape / lifetimes[i].low) + log(a) - a;
        else
            sum += log(exp(-a) - exp(-b));
    }
    return sum;
}

Test(lifetime_fit, no_point_of_a_grid_beats_the_maximum)
{
    const struct lifetime mixed[] = {{3, 5, 40}, {0, 2, 40},   {7, 7, 40},         {12, 13, 40},      {20, 25, 40},
                                     {9, 9, 40}, {15, 15, 40}, {40, INFINITY, 40}, {31, INFINITY, 31}};
    const double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct regress_fit fit;
    struct error err = {0};
    cr_assert_eq(regress_fit(mixed, ones, 9, 1, LIFETIME_WEIBULL, &fit, &err), STATUS_OK, "%s", err.message);
    double scale = exp(fit.centre + fit.gamma[0] / fit.shape);
    cr_assert_float_eq(plain_likelihood(mixed, 9, scale, fit.shape), fit.log_likelihood, 1e-10);
    for (int i = -20; i <= 20; i++)
        for (int j = -20; j <= 20; j++)
            cr_assert_leq(plain_likelihood(mixed, 9, scale * exp(0.02 * i), fit.shape * exp(0.02 * j)),
                          fit.log_likelihood + 1e-9);
}

Test(lifetime_fit, standard_errors_are_the_curvature_of_the_likelihood)
{
    struct lifetime lifetimes[BEARING_COUNT];
    double ones[BEARING_COUNT];
    struct regress_fit fit;
    lifetimes_of(bearings, BEARING_COUNT, lifetimes);
    for (int i = 0; i < BEARING_COUNT; i++)
        ones[i] = 1.0;
    cr_assert_eq(regress_fit(lifetimes, ones, BEARING_COUNT, 1, LIFETIME_WEIBULL, &fit, NULL), STATUS_OK);
    /* d2 l / d shape^2 along gamma fixed is -information[1][1]; the inverse's determinant ties it to the covariance. */
    double h = 1e-3, c = fit.centre, at[3];
    for (int i = -1; i <= 1; i++) {
        double shape = fit.shape + h * i;
        at[i + 1] = plain_likelihood(lifetimes, BEARING_COUNT, exp(c + fit.gamma[0] / shape), shape);
    }
    double information = -(at[0] - 2.0 * at[1] + at[2]) / (h * h);
    const double *v = fit.covariance;
    cr_assert_float_eq(v[0] / (v[0] * v[3] - v[1] * v[2]), information, 1e-4 * information);
}

Test(lifetime_fit, narrow_intervals_tend_to_exact_times)
{
    struct lifetime exact[BEARING_COUNT], narrow[BEARING_COUNT];
    struct lifetime_fit a, b;
    lifetimes_of(bearings, BEARING_COUNT, exact);
    for (int i = 0; i < BEARING_COUNT; i++)
        narrow[i] = (struct lifetime){exact[i].low * (1 - 5e-7), exact[i].high * (1 + 5e-7), exact[i].horizon};
    cr_assert_eq(lifetime_fit_points(exact, BEARING_COUNT, &a, NULL), STATUS_OK);
    cr_assert_eq(lifetime_fit_points(narrow, BEARING_COUNT, &b, NULL), STATUS_OK);
    cr_assert_float_eq(a.shape, b.shape, 1e-6);
    cr_assert_float_eq(a.time[FRACTION_1].value, b.time[FRACTION_1].value, 1e-5);
}

Test(lifetime_fit, every_time_scales_with_the_unit_of_time)
{
    struct lifetime lifetimes[BEARING_COUNT], scaled[BEARING_COUNT];
    struct lifetime_fit a, b;
    lifetimes_of(bearings, BEARING_COUNT, lifetimes);
    for (int i = 0; i < BEARING_COUNT; i++)
        scaled[i] = (struct lifetime){lifetimes[i].low * 1e6, lifetimes[i].high * 1e6, lifetimes[i].horizon * 1e6};
    cr_assert_eq(lifetime_fit(lifetimes, BEARING_COUNT, &options, &a, NULL), STATUS_OK);
    cr_assert_eq(lifetime_fit(scaled, BEARING_COUNT, &options, &b, NULL), STATUS_OK);
    for (int i = 0; i < FRACTION_COUNT; i++) {
        cr_assert_float_eq(b.time[i].value / a.time[i].value, 1e6, 1e-3);
        cr_assert_float_eq(b.time[i].interval.low / a.time[i].interval.low, 1e6, 1e-2);
        cr_assert_float_eq(b.time[i].interval.high / a.time[i].interval.high, 1e6, 1e-2);
    }
    cr_assert_float_eq(a.shape, b.shape, 1e-9);
}

Test(lifetime_fit, the_order_of_the_runs_does_not_matter)
{
    double backwards[BEARING_COUNT];
    for (int i = 0; i < BEARING_COUNT; i++)
        backwards[i] = bearings[BEARING_COUNT - 1 - i];
    struct lifetime_fit a = points(bearings, BEARING_COUNT), b = points(backwards, BEARING_COUNT);
    cr_assert_float_eq(a.shape, b.shape, 1e-10);
    cr_assert_float_eq(a.time[FRACTION_50].value, b.time[FRACTION_50].value, 1e-9);
}

Test(lifetime_fit, the_same_seed_gives_the_same_bits_and_another_does_not)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    struct lifetime_fit a, b, c;
    struct bootstrap_options other = options;
    other.seed = 8;
    lifetimes_of(remission_drug, REMISSION_COUNT, lifetimes);
    cr_assert_eq(lifetime_fit(lifetimes, REMISSION_COUNT, &options, &a, NULL), STATUS_OK);
    cr_assert_eq(lifetime_fit(lifetimes, REMISSION_COUNT, &options, &b, NULL), STATUS_OK);
    cr_assert_eq(lifetime_fit(lifetimes, REMISSION_COUNT, &other, &c, NULL), STATUS_OK);
    cr_assert_eq(a.time[0].interval.low, b.time[0].interval.low);
    cr_assert_neq(a.time[0].interval.low, c.time[0].interval.low);
    cr_assert(a.time[FRACTION_50].interval.low < a.time[FRACTION_50].value);
    cr_assert(a.time[FRACTION_50].interval.high > a.time[FRACTION_50].value);
}

Test(lifetime_fit, no_event_gives_a_bound_of_0_231_total_times)
{
    const struct lifetime none[] = {{100, INFINITY, 100}, {300, INFINITY, 300}};
    struct lifetime_fit fit;
    cr_assert_eq(lifetime_fit(none, 2, &options, &fit, NULL), STATUS_OK);
    cr_assert(fit.is_bound);
    cr_assert_float_eq(fit.time[FRACTION_50].value, 400.0 * log(2.0) / log(20.0), 1e-10);
    cr_assert_float_eq(fit.time[FRACTION_50].value / 400.0, 0.2314, 1e-4);
    cr_assert(isinf(fit.time[FRACTION_50].interval.high));
}

Test(lifetime_fit, four_events_never_give_a_weibull)
{
    /* Nearly the same time each: as Weibull as can be. */
    const struct lifetime four[] = {{100, 100, 900}, {101, 101, 900}, {102, 102, 900}, {103, 103, 900}};
    const struct lifetime five[] = {
        {100, 100, 900}, {101, 101, 900}, {102, 102, 900}, {103, 103, 900}, {104, 104, 900}};
    struct lifetime_fit fit;
    cr_assert_eq(lifetime_fit_points(four, 4, &fit, NULL), STATUS_OK);
    cr_assert_eq(fit.law, LIFETIME_EXPONENTIAL);
    cr_assert(isnan(fit.aicc_weibull));
    cr_assert_eq(lifetime_fit_points(five, 5, &fit, NULL), STATUS_OK);
    cr_assert_eq(fit.law, LIFETIME_WEIBULL);
}

/* An exponential could be fitted to all of these, and would say that half transform at 6,900. */
Test(lifetime_fit, events_that_are_not_resolved_give_no_law)
{
    struct lifetime one_cell[16], two_cells[16], three_cells[16], one_time[16];
    struct lifetime_fit fit;
    struct error err = {0};
    for (int i = 0; i < 16; i++) {
        const double low = 9500.0 + 500.0 * (i % 3), second = 9500.0 + 500.0 * (i % 2);
        one_cell[i] = (struct lifetime){9500, 10000, 30000};
        two_cells[i] = (struct lifetime){second, second + 500.0, 30000};
        three_cells[i] = (struct lifetime){low, low + 500.0, 30000};
        one_time[i] = (struct lifetime){9000, 9000, 30000};
    }
    cr_expect_eq(lifetime_fit(one_cell, 16, &options, &fit, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "between steps 9500 and 10000"), "%s", err.message);
    cr_expect_eq(lifetime_fit(two_cells, 16, &options, &fit, &err), STATUS_INVALID);
    cr_expect(strstr(err.message, "between steps 9500 and 10500"), "%s", err.message);
    cr_expect_eq(lifetime_fit(one_time, 16, &options, &fit, &err), STATUS_INVALID);
    cr_assert_eq(lifetime_fit(three_cells, 16, &options, &fit, &err), STATUS_OK, "%s", err.message);
    cr_expect_eq(fit.law, LIFETIME_WEIBULL);
    cr_expect(fit.time[FRACTION_50].interval.low > 9500.0 && fit.time[FRACTION_50].interval.high < 11000.0);
}

/* The column of a line in temperature: the steeper, the likelier. */
Test(lifetime_fit, separated_runs_have_no_finite_maximum)
{
    struct lifetime lifetimes[16];
    double design[16][2];
    struct regress_fit line, constant;
    struct error err = {0};
    for (int i = 0; i < 16; i++) {
        design[i][0] = 1.0;
        design[i][1] = i < 8 ? -1.0 : 1.0;
        lifetimes[i] = i < 8 ? (struct lifetime){0, 500, 30000} : (struct lifetime){30000, INFINITY, 30000};
    }
    cr_assert_eq(regress_fit(lifetimes, &design[0][0], 16, 2, LIFETIME_EXPONENTIAL, &line, &err), STATUS_LIMIT);
    cr_expect(line.log_likelihood > -0.01 && line.log_likelihood <= 0.0, "%g: all is certain in the limit",
              line.log_likelihood);
    const double ones[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    cr_assert_eq(regress_fit(lifetimes, ones, 16, 1, LIFETIME_EXPONENTIAL, &constant, &err), STATUS_OK);
    cr_expect_gt(constant.aicc, line.aicc + 10.0);
}

Test(lifetime_fit, events_all_before_the_first_sample_are_too_fast_to_fit)
{
    const struct lifetime fast[] = {{0, 10, 90}, {0, 10, 90}, {0, 10, 90}}, one_late[] = {{0, 10, 90}, {10, 20, 90}};
    struct lifetime_fit fit;
    struct error err = {0};
    cr_assert_eq(lifetime_fit(fast, 3, &options, &fit, &err), STATUS_INVALID);
    cr_assert(strstr(err.message, "before their first sample"));
    cr_assert_eq(lifetime_fit(one_late, 2, &options, &fit, &err), STATUS_OK);
}

Test(lifetime_fit, t_50_of_the_fitted_shape_is_the_t_50_of_the_fit)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    struct lifetime_fit fit;
    double time;
    lifetimes_of(remission_drug, REMISSION_COUNT, lifetimes);
    cr_assert_eq(lifetime_fit_points(lifetimes, REMISSION_COUNT, &fit, NULL), STATUS_OK);
    cr_assert_eq(lifetime_time_50(lifetimes, REMISSION_COUNT, fit.shape, &time, NULL), STATUS_OK);
    cr_expect_float_eq(time / fit.time[FRACTION_50].value, 1.0, 1e-9);
    const struct lifetime tied[] = {{95, 100, 300}, {95, 100, 300}, {95, 100, 300}, {90, 95, 300}, {100, 105, 300}};
    cr_assert_eq(lifetime_fit_points(tied, 5, &fit, NULL), STATUS_OK);
    cr_assert_eq(fit.law, LIFETIME_WEIBULL);
    cr_assert_eq(lifetime_time_50(tied, 5, fit.shape, &time, NULL), STATUS_OK);
    cr_expect_float_eq(time / fit.time[FRACTION_50].value, 1.0, 1e-6);
    cr_assert_eq(lifetime_time_50(tied, 5, 0.0, &time, NULL), STATUS_OK);
    cr_expect_float_eq(time / fit.time[FRACTION_50].value, 1.0, 1e-9, "the likeliest shape");
}

Test(lifetime_fit, t_50_of_a_given_law_keeps_the_order_of_the_lifetimes)
{
    struct lifetime early[REMISSION_COUNT], late[REMISSION_COUNT];
    double first, second;
    lifetimes_of(remission_drug, REMISSION_COUNT, late);
    memcpy(early, late, sizeof early);
    for (size_t i = 0; i < REMISSION_COUNT; i += 3) /* some begin a little sooner, one of them long before */
        if (lifetime_is_event(&early[i]))
            early[i] = (struct lifetime){i == 0 ? 0.0 : early[i].low - 1.0, early[i].high - 0.5, early[i].horizon};
    const double shapes[] = {1.0, 1.7, 40.0, 600.0};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        cr_assert_eq(lifetime_time_50(early, REMISSION_COUNT, shapes[s], &first, NULL), STATUS_OK);
        cr_assert_eq(lifetime_time_50(late, REMISSION_COUNT, shapes[s], &second, NULL), STATUS_OK);
        cr_expect(first <= second * (1.0 + 1e-9), "shape %g: %g, then %g", shapes[s], first, second);
    }
}

Test(lifetime_fit, t_50_of_a_given_law_needs_something_to_see)
{
    const struct lifetime one_cell[] = {{90, 100, 300}, {90, 100, 300}, {90, 100, 300},
                                        {90, 100, 300}, {90, 100, 300}, {90, 100, 300}};
    const struct lifetime quiet[] = {{9, INFINITY, 9}, {9, INFINITY, 9}}, fast[] = {{0, 9, 90}, {0, 9, 90}};
    const struct lifetime four[] = {{1, 2, 9}, {2, 3, 9}, {4, 5, 9}, {6, 7, 9}};
    double time = -1.0;
    cr_expect_eq(lifetime_time_50(quiet, 2, 1.0, &time, NULL), STATUS_INVALID);
    cr_expect_eq(lifetime_time_50(fast, 2, 1.0, &time, NULL), STATUS_INVALID);
    cr_expect_eq(lifetime_time_50(four, 4, 0.0, &time, NULL), STATUS_INVALID, "four events have no shape");
    cr_expect_eq(lifetime_time_50(one_cell, 6, 0.0, &time, NULL), STATUS_LIMIT, "no shape is the likeliest");
    cr_expect_eq(lifetime_time_50(four, 4, -1.0, &time, NULL), STATUS_INVALID);
    cr_expect_eq(lifetime_time_50(four, 0, 1.0, &time, NULL), STATUS_INVALID);
    cr_expect_eq(time, -1.0, "written only on success");
    cr_expect_eq(lifetime_time_50(four, 4, 2.0, &time, NULL), STATUS_OK);
}

Test(lifetime_fit, bad_input_is_refused_and_named)
{
    const struct lifetime bad[] = {{-1, 2, 9}, {3, 2, 9},        {NAN, 2, 9},      {1, NAN, 9},
                                   {0, 0, 9},  {5, INFINITY, 4}, {1, 2, INFINITY}, {INFINITY, INFINITY, 9}};
    struct lifetime_fit fit;
    struct error err = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(lifetime_fit(&bad[i], 1, &options, &fit, &err), STATUS_INVALID, "case %zu", i);
    cr_assert_eq(lifetime_fit(bad, 0, &options, &fit, &err), STATUS_INVALID);
    struct bootstrap_options few = options;
    few.resamples = 3;
    cr_assert_eq(lifetime_fit(bad, 1, &few, &fit, &err), STATUS_INVALID);
}

Test(lifetime_fit, every_failed_allocation_is_reported)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    struct lifetime_fit fit;
    lifetimes_of(remission_drug, REMISSION_COUNT, lifetimes);
    enum status status = STATUS_NO_MEMORY;
    for (uint64_t n = 1; status == STATUS_NO_MEMORY; n++) {
        mem_fail_nth(n);
        status = lifetime_fit(lifetimes, REMISSION_COUNT, &options, &fit, NULL);
        cr_assert(n < 20);
    }
    mem_fail_nth(0);
    cr_assert_eq(status, STATUS_OK);
}
