#include "server/analysis/survival.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <math.h>

enum { REMISSION_COUNT = 21, COSMESIS_COUNT = 46 };

/* Freireich et al., Blood 21, 699 (1963): weeks of remission under 6-mercaptopurine, negative = censored. */
static const double remission[REMISSION_COUNT] = {6,   6,   6,   -6, 7,  -9,  10,  -10, -11, 13, 16,
                                                  -17, -19, -20, 22, 23, -25, -32, -32, -34, -35};

static void lifetimes_of(const double *times, size_t count, struct lifetime *out)
{
    for (size_t i = 0; i < count; i++) {
        double t = fabs(times[i]);
        out[i] = (struct lifetime){t, times[i] > 0 ? t : (double)INFINITY, t};
    }
}

static struct survival_curve kaplan_meier(const double *times, size_t count)
{
    struct lifetime lifetimes[64];
    struct survival_curve curve;
    struct error err = {0};
    lifetimes_of(times, count, lifetimes);
    cr_assert_eq(survival_kaplan_meier(lifetimes, count, 0.95, &curve, &err), STATUS_OK, "%s", err.message);
    return curve;
}

/* Kleinbaum & Klein, Survival Analysis (2012), chapter 2; intervals as printed by `sts list` for these data. */
Test(survival, remissions_are_as_published)
{
    const double want[][4] = {{6, .8571, .6197, .9516},  {7, .8067, .5631, .9228},  {10, .7529, .5032, .8894},
                              {13, .6902, .4316, .8491}, {16, .6275, .3675, .8049}, {22, .5378, .2678, .7468},
                              {23, .4482, .1881, .6801}};
    struct survival_curve curve = kaplan_meier(remission, REMISSION_COUNT);
    cr_assert_eq(curve.count, 7);
    for (int i = 0; i < 7; i++) {
        cr_assert_eq(curve.points[i].time, want[i][0]);
        cr_assert_float_eq(curve.points[i].survival.value, want[i][1], 6e-5);
        cr_assert_float_eq(curve.points[i].survival.interval.low, want[i][2], 6e-5);
        cr_assert_float_eq(curve.points[i].survival.interval.high, want[i][3], 6e-5);
    }
    struct estimate median = survival_quantile(&curve, 0.5);
    cr_assert_eq(median.value, 23);
    cr_assert_eq(median.interval.low, 13);
    cr_assert(isinf(median.interval.high));
    survival_curve_finish(&curve);
}

Test(survival, without_censoring_it_is_the_empirical_distribution)
{
    double times[20];
    for (int i = 0; i < 20; i++)
        times[i] = (i * 7) % 20 + 1;
    struct survival_curve curve = kaplan_meier(times, 20);
    cr_assert_eq(curve.count, 20);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(curve.points[i].time, i + 1);
        cr_assert_float_eq(curve.points[i].survival.value, 1.0 - (i + 1) / 20.0, 1e-14);
        cr_assert(curve.points[i].survival.interval.low <= curve.points[i].survival.value);
        cr_assert(curve.points[i].survival.interval.high >= curve.points[i].survival.value);
    }
    cr_assert_eq(survival_quantile(&curve, 0.5).value, 10);
    survival_curve_finish(&curve);
}

Test(survival, no_event_leaves_everything_open)
{
    const double times[] = {-5, -6, -7};
    struct survival_curve curve = kaplan_meier(times, 3);
    cr_assert_eq(curve.count, 0);
    struct estimate median = survival_quantile(&curve, 0.5);
    cr_assert(isinf(median.value) && isinf(median.interval.low) && isinf(median.interval.high));
    survival_curve_finish(&curve);
}

/* Months to cosmetic deterioration, radiotherapy alone; 0 = INFINITY.
 * Finkelstein & Wolfe, Biometrics 41, 933 (1985), table 4. */
static const double cosmesis[COSMESIS_COUNT][2] = {
    {45, 0},  {6, 10},  {0, 7},   {46, 0}, {46, 0},  {7, 16}, {17, 0},  {7, 14}, {37, 44}, {0, 8},   {4, 11}, {15, 0},
    {11, 15}, {22, 0},  {46, 0},  {46, 0}, {25, 37}, {46, 0}, {26, 40}, {46, 0}, {27, 34}, {36, 44}, {46, 0}, {36, 48},
    {37, 0},  {40, 0},  {17, 25}, {46, 0}, {11, 18}, {38, 0}, {5, 12},  {37, 0}, {0, 5},   {18, 0},  {24, 0}, {36, 0},
    {5, 11},  {19, 35}, {17, 25}, {24, 0}, {32, 0},  {33, 0}, {19, 26}, {37, 0}, {34, 0},  {36, 0}};

static void cosmesis_lifetimes(struct lifetime out[COSMESIS_COUNT])
{
    for (int i = 0; i < COSMESIS_COUNT; i++) {
        double high = cosmesis[i][1] > 0 ? cosmesis[i][1] : (double)INFINITY;
        out[i] = (struct lifetime){cosmesis[i][0], high, 60};
    }
}

/* The masses that R's `interval` package prints for these data (Fay & Shaw, J. Stat. Softw. 36(2) (2010)). */
Test(survival, turnbull_masses_are_as_published)
{
    const double want[][3] = {{4, 5, .0463},   {6, 7, .0334},   {7, 8, .0887},   {11, 12, .0708},
                              {24, 25, .0926}, {33, 34, .0818}, {38, 40, .1209}, {46, 48, .4656}};
    struct lifetime lifetimes[COSMESIS_COUNT];
    struct turnbull_curve curve;
    struct error err = {0};
    cosmesis_lifetimes(lifetimes);
    cr_assert_eq(survival_turnbull(lifetimes, COSMESIS_COUNT, &curve, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(curve.count, 8);
    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(curve.masses[i].low, want[i][0]);
        cr_assert_eq(curve.masses[i].high, want[i][1]);
        cr_assert_float_eq(curve.masses[i].mass, want[i][2], 6e-5, "mass %zu is %g", i, curve.masses[i].mass);
    }
    struct interval median = turnbull_quantile(&curve, 0.5);
    cr_assert(median.low == 38 && median.high == 40);
    turnbull_curve_finish(&curve);
}

Test(survival, turnbull_of_exact_and_censored_times_is_kaplan_meier)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    struct turnbull_curve turnbull;
    struct survival_curve curve = kaplan_meier(remission, REMISSION_COUNT);
    lifetimes_of(remission, REMISSION_COUNT, lifetimes);
    cr_assert_eq(survival_turnbull(lifetimes, REMISSION_COUNT, &turnbull, NULL), STATUS_OK);
    cr_assert_eq(turnbull.count, curve.count + 1);
    double rest = 1.0;
    for (size_t i = 0; i < curve.count; i++) {
        cr_assert_eq(turnbull.masses[i].high, curve.points[i].time);
        rest -= turnbull.masses[i].mass;
        cr_assert_float_eq(rest, curve.points[i].survival.value, 1e-6);
    }
    survival_curve_finish(&curve);
    turnbull_curve_finish(&turnbull);
}

/* Worked by hand: 5 runs; cause 0 at 1, cause 1 at 2, censored at 3, cause 0 at 4, censored at 5.
 * F0 = 1/5 at 1; S = 4/5, 3/5 after 1, 2; at 4 two are at risk: F0 = 1/5 + 3/5 * 1/2 = 1/2. */
Test(survival, aalen_johansen_of_five_runs_is_the_hand_worked_one)
{
    const double times[] = {1, 2, -3, 4, -5};
    const size_t causes[] = {0, 1, 9, 0, 9};
    struct lifetime lifetimes[5];
    struct incidence_curve curve;
    lifetimes_of(times, 5, lifetimes);
    cr_assert_eq(survival_aalen_johansen(lifetimes, causes, 5, 2, 0, 0.95, &curve, NULL), STATUS_OK);
    cr_assert_eq(curve.count, 3);
    cr_assert_float_eq(curve.points[0].incidence.value, 0.2, 1e-15);
    cr_assert_float_eq(curve.points[1].incidence.value, 0.2, 1e-15);
    cr_assert_float_eq(curve.points[2].incidence.value, 0.5, 1e-15);
    incidence_curve_finish(&curve);
    cr_assert_eq(survival_aalen_johansen(lifetimes, causes, 5, 1, 0, 0.95, &curve, NULL), STATUS_INVALID);
}

Test(survival, causes_share_what_kaplan_meier_lost)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    size_t causes[REMISSION_COUNT];
    struct incidence_curve of[3];
    struct survival_curve all = kaplan_meier(remission, REMISSION_COUNT);
    lifetimes_of(remission, REMISSION_COUNT, lifetimes);
    for (size_t i = 0; i < REMISSION_COUNT; i++)
        causes[i] = i % 3;
    for (size_t c = 0; c < 3; c++)
        cr_assert_eq(survival_aalen_johansen(lifetimes, causes, REMISSION_COUNT, 3, c, 0.95, &of[c], NULL), STATUS_OK);
    for (size_t i = 0; i < all.count; i++) {
        double sum = 0.0;
        for (size_t c = 0; c < 3; c++)
            sum += of[c].points[i].incidence.value;
        cr_assert_float_eq(sum, 1.0 - all.points[i].survival.value, 1e-14);
    }
    for (size_t c = 0; c < 3; c++)
        incidence_curve_finish(&of[c]);
    survival_curve_finish(&all);
}

/* With one cause the delta-method variance must be Greenwood's. */
Test(survival, one_cause_has_greenwoods_variance)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    const size_t causes[REMISSION_COUNT] = {0};
    struct incidence_curve one;
    lifetimes_of(remission, REMISSION_COUNT, lifetimes);
    cr_assert_eq(survival_aalen_johansen(lifetimes, causes, REMISSION_COUNT, 1, 0, 0.95, &one, NULL), STATUS_OK);
    /* Standard error of S at 23 weeks: 0.1346 (Kleinbaum & Klein). */
    const struct estimate *last = &one.points[one.count - 1].incidence;
    double f = last->value, spread = log(log(last->interval.low) / log(f));
    cr_assert_float_eq(spread / 1.959964 * fabs(f * log(f)), 0.1346, 1e-4);
    incidence_curve_finish(&one);
}

/* Sixteen of sixteen at one time: at least 0.7941 transform by then, so the median is no later. */
Test(survival, all_at_one_time_bounds_the_median_from_above)
{
    struct lifetime lifetimes[16];
    struct survival_curve curve;
    for (int i = 0; i < 16; i++)
        lifetimes[i] = (struct lifetime){9500, 10000, 30000};
    cr_assert_eq(survival_kaplan_meier(lifetimes, 16, 0.95, &curve, NULL), STATUS_OK);
    cr_expect_float_eq(curve.points[0].survival.interval.high, 0.2059, 1e-4);
    const struct estimate median = survival_quantile(&curve, 0.5);
    cr_expect(median.value == 10000.0 && median.interval.high == 10000.0);
    survival_curve_finish(&curve);
}

/* All of sixteen by one cause, none by the other: Clopper and Pearson's 95 % of 16 of 16 begin at 0.7941, those of 0 of
 * 16 end at 0.2059 (tables). */
Test(survival, a_share_of_all_or_none_has_an_interval_too)
{
    struct lifetime lifetimes[16];
    const size_t causes[16] = {0};
    struct incidence_curve all, none;
    for (int i = 0; i < 16; i++)
        lifetimes[i] = (struct lifetime){100.0 * i, 100.0 * (i + 1), 5000.0};
    cr_assert_eq(survival_aalen_johansen(lifetimes, causes, 16, 2, 0, 0.95, &all, NULL), STATUS_OK);
    cr_assert_eq(survival_aalen_johansen(lifetimes, causes, 16, 2, 1, 0.95, &none, NULL), STATUS_OK);
    const struct estimate of_all = all.points[15].incidence, of_none = none.points[15].incidence;
    cr_expect_float_eq(of_all.value, 1.0, 1e-12);
    cr_expect_float_eq(of_all.interval.low, 0.7941, 1e-4);
    cr_expect_eq(of_all.interval.high, 1.0);
    cr_expect(of_none.value == 0.0 && of_none.interval.low == 0.0);
    cr_expect_float_eq(of_none.interval.high, 0.2059, 1e-4);
    incidence_curve_finish(&all);
    incidence_curve_finish(&none);
}

Test(survival, failed_allocations_are_reported_and_leak_nothing)
{
    struct lifetime lifetimes[REMISSION_COUNT];
    struct survival_curve curve;
    struct turnbull_curve turnbull;
    lifetimes_of(remission, REMISSION_COUNT, lifetimes);
    for (uint64_t n = 1; n <= 3; n++) {
        mem_fail_nth(n);
        cr_assert_eq(survival_kaplan_meier(lifetimes, REMISSION_COUNT, 0.95, &curve, NULL), STATUS_NO_MEMORY);
        mem_fail_nth(n);
        cr_assert_eq(survival_turnbull(lifetimes, REMISSION_COUNT, &turnbull, NULL), STATUS_NO_MEMORY);
    }
    mem_fail_nth(0);
    cr_assert_eq(survival_kaplan_meier(lifetimes, REMISSION_COUNT, 1.0, &curve, NULL), STATUS_INVALID);
}
