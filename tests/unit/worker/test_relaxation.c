#include "tests/support/random_configuration.h"
#include "worker/structure/relaxation.h"

#include <criterion/criterion.h>
#include <math.h>

static struct error err;

/* ---- curves with a known answer ---- */

enum { POINTS = 64 };

struct points {
    uint32_t count;
    double time[POINTS], scattering[POINTS], overlap[POINTS];
};

/* Exponentials at the lags of a window. */
static struct points exponentials(double tau_scattering, double tau_overlap, int64_t window)
{
    struct points points = {0};
    for (int64_t lag = 0; lag < window;) {
        lag = relaxation_next_lag(lag, window);
        points.time[points.count] = (double)lag;
        points.scattering[points.count] = exp(-(double)lag / tau_scattering);
        points.overlap[points.count++] = exp(-(double)lag / tau_overlap);
    }
    return points;
}

static struct relaxation_times times_of(const struct points *points)
{
    return relaxation_times_of(
        &(struct relaxation_curve){points->count, points->time, points->scattering, points->overlap});
}

Test(relaxation, of_exponential_decays_the_wait_is_twice_the_slower_time)
{
    const struct points points = exponentials(3000.0, 1000.0, 100000);
    const struct relaxation_times times = times_of(&points);
    cr_expect(times.relaxation.reached && times.overlap.reached && times.wait.reached);
    cr_expect_float_eq(times.relaxation.time, 3000.0, 60.0);
    cr_expect_float_eq(times.overlap.time, 1000.0, 20.0);
    cr_expect_float_eq(times.wait.time, 6000.0, 120.0);
    const struct points swapped = exponentials(1000.0, 3000.0, 100000);
    cr_expect_float_eq(times_of(&swapped).wait.time, 6000.0, 120.0, "the overlap is the slower one");
}

Test(relaxation, what_is_not_reached_is_bounded_by_the_window)
{
    const struct points points = exponentials(3000.0, 1e9, 5000);
    const struct relaxation_times times = times_of(&points);
    cr_expect(times.relaxation.reached);
    cr_expect_not(times.overlap.reached);
    cr_expect_eq(times.overlap.time, 5000.0);
    cr_expect_not(times.wait.reached);
    cr_expect_eq(times.wait.time, 5000.0);
    const struct relaxation_times nothing = relaxation_times_of(&(struct relaxation_curve){0});
    cr_expect_not(nothing.relaxation.reached);
    cr_expect_eq(nothing.relaxation.time, 0.0);
}

Test(relaxation, lags_rise_eight_a_decade_and_end_with_the_window)
{
    const int64_t windows[] = {1, 7, 10, 11, 100, 101, 150000, INT64_C(1) << 54};
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        int64_t lag = 0, count = 0;
        for (int64_t next; lag < windows[w]; lag = next, count++) {
            next = relaxation_next_lag(lag, windows[w]);
            cr_assert_gt(next, lag);
            cr_assert_leq(next, windows[w]);
        }
        cr_expect_eq(lag, windows[w]);
        cr_expect_leq(count, RELAXATION_LAGS_MAX);
        cr_expect_eq(count, windows[w] == 100 ? 9 : windows[w] == 150000 ? 35 : count);
    }
}

/* ---- trajectories with a known answer ---- */

enum { ATOMS = 2000 };

static struct snapshot snapshot_of(const struct configuration *c, int64_t step)
{
    struct snapshot snapshot;
    cr_assert_eq(configuration_to_snapshot(c, step, &snapshot, &err), STATUS_OK, "%s", err.message);
    return snapshot;
}

/* Moves an atom by so many sigma along each edge, unwrapped. */
static void move(struct snapshot *snapshot, uint32_t atom, const double by[3])
{
    for (int k = 0; k < 3; k++)
        snapshot->position[k][atom] += (int64_t)llrint(by[k] / snapshot->box[k] * 0x1p48);
}

/* Where everything is `lag` steps after `first`. */
typedef void motion(struct snapshot *later, const struct snapshot *first, int64_t lag);

static struct relaxation *follow(const struct snapshot *first, int64_t window, motion *motion)
{
    struct relaxation *relaxation;
    cr_assert_eq(relaxation_create(first, window, &relaxation, &err), STATUS_OK, "%s", err.message);
    for (int64_t lag = 0; lag < window;) {
        struct snapshot later;
        lag = relaxation_next_lag(lag, window);
        cr_assert_eq(snapshot_copy_places(first, &later, &err), STATUS_OK);
        later.step = first->step + lag;
        motion(&later, first, lag);
        cr_assert_eq(relaxation_add(relaxation, &later, &err), STATUS_OK, "%s", err.message);
        snapshot_finish(&later);
    }
    return relaxation;
}

/* All but a share exp(-t / 300) of the atoms have hopped to anywhere. */
static void hop(struct snapshot *later, const struct snapshot *first, int64_t lag)
{
    const uint32_t stay = (uint32_t)lrint(ATOMS * exp(-(double)lag / 300.0));
    for (uint32_t i = stay; i < first->atoms; i++) {
        double by[3];
        for (uint32_t k = 0; k < 3; k++)
            by[k] = first->box[k] * random_number((uint64_t)lag, 3 * i + k);
        move(later, i, by);
    }
}

Test(relaxation, atoms_that_hop_at_random_forget_exponentially)
{
    struct configuration c = random_fluid(ATOMS, 0.767, 5);
    struct snapshot first = snapshot_of(&c, -70);
    struct relaxation *relaxation = follow(&first, 2000, hop);
    const struct relaxation_times times = relaxation_measure(relaxation);
    cr_expect(times.relaxation.reached && times.overlap.reached && times.wait.reached);
    cr_expect_float_eq(times.relaxation.time, 300.0, 12.0, "%g", times.relaxation.time);
    cr_expect_float_eq(times.overlap.time, 300.0, 20.0, "%g", times.overlap.time);
    cr_expect_float_eq(times.wait.time, 600.0, 60.0, "%g", times.wait.time);
    relaxation_destroy(&relaxation);
    cr_expect_null(relaxation);
    snapshot_finish(&first);
    configuration_finish(&c);
}

static double normal(uint64_t seed, uint32_t n)
{
    return sqrt(-2.0 * log(random_number(seed, 2 * n))) * cos(2.0 * M_PI * random_number(seed, 2 * n + 1));
}

/* Brownian motion, <x^2> = 2 D t along each edge with D = 1e-4 sigma^2 a step. */
static void diffuse(struct snapshot *later, const struct snapshot *first, int64_t lag)
{
    const double width = sqrt(2.0 * 1e-4 * (double)lag);
    for (uint32_t i = 0; i < first->atoms; i++)
        move(later, i,
             (double[]){width * normal((uint64_t)lag, 3 * i), width * normal((uint64_t)lag, 3 * i + 1),
                        width * normal((uint64_t)lag, 3 * i + 2)});
}

/* F_s = exp(-q^2 D t). */
Test(relaxation, brownian_motion_relaxes_after_one_over_q_squared_d)
{
    struct configuration c = random_fluid(ATOMS, 0.767, 6);
    struct snapshot first = snapshot_of(&c, 0);
    struct relaxation *relaxation = follow(&first, 2000, diffuse);
    const struct relaxation_times times = relaxation_measure(relaxation);
    const double tau = 1.0 / (1e-4 * relaxation->q * relaxation->q);
    cr_expect_float_eq(relaxation->q, 7.3, 0.7);
    cr_expect_float_eq(times.relaxation.time / tau, 1.0, 0.05, "%g of %g", times.relaxation.time, tau);
    cr_expect(times.wait.reached);
    cr_expect_geq(times.wait.time, 1.9 * tau);
    relaxation_destroy(&relaxation);
    snapshot_finish(&first);
    configuration_finish(&c);
}

/* Each atom stands where the next one stood. */
static void change_places(struct snapshot *later, const struct snapshot *first, int64_t lag)
{
    (void)lag;
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < first->atoms; i++)
            later->position[k][i] = first->position[k][(i + 1) % first->atoms];
}

Test(relaxation, a_configuration_whose_atoms_only_change_places_is_not_independent)
{
    struct configuration c = random_fluid(ATOMS, 0.767, 7);
    struct snapshot first = snapshot_of(&c, 0);
    struct relaxation *relaxation = follow(&first, 100, change_places);
    const struct relaxation_times times = relaxation_measure(relaxation);
    cr_expect(times.relaxation.reached);
    cr_expect_leq(times.relaxation.time, 10.0);
    cr_expect_not(times.overlap.reached);
    cr_expect_float_eq(relaxation_overlap(&relaxation->overlap[0]), 1.0, 1e-12);
    cr_expect_not(times.wait.reached);
    cr_expect_eq(times.wait.time, 100.0);
    relaxation_destroy(&relaxation);
    snapshot_finish(&first);
    configuration_finish(&c);
}

Test(relaxation, a_snapshot_of_other_atoms_is_refused)
{
    struct configuration c = random_fluid(500, 0.767, 8), other = random_fluid(600, 0.767, 8);
    struct snapshot first = snapshot_of(&c, 0), later = snapshot_of(&other, 10);
    struct relaxation *relaxation;
    cr_assert_eq(relaxation_create(&first, 10, &relaxation, &err), STATUS_OK);
    cr_expect_eq(relaxation_add(relaxation, &later, &err), STATUS_INVALID);
    cr_expect_eq(relaxation->count, 0);
    relaxation_destroy(&relaxation);
    relaxation_destroy(&relaxation);
    snapshot_finish(&first);
    snapshot_finish(&later);
    configuration_finish(&c);
    configuration_finish(&other);
}
