/* Each thermostat gives the canonical distribution of the kinetic energy: 2 K / T is chi-square of 3 N - 3 degrees of
 * freedom. Samples far apart in time are put into classes of equal probability and compared by Pearson's chi-square.
 * What is conserved is conserved. All runs are fixed by their seeds. */
#include "tests/support/md_fixture.h"
#include "worker/md/md_state.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>

static const double cube[3] = {1.0, 1.0, 1.0};
enum { SAMPLES = 400, STEPS_APART = 120, CLASSES = 10 };

struct thermostat_case {
    char name[16];
    enum thermostat_kind kind;
    double tau;
};

ParameterizedTestParameters(thermostats, kinetic_energy_is_canonical)
{
    static struct thermostat_case cases[] = {{"bussi", THERMOSTAT_BUSSI, 0.1},
                                             {"nose_hoover", THERMOSTAT_NOSE_HOOVER, 0.1},
                                             {"langevin", THERMOSTAT_LANGEVIN, 0.1}};
    return cr_make_param_array(struct thermostat_case, cases, sizeof cases / sizeof cases[0]);
}

/* Wilson & Hilferty, PNAS 17, 684 (1931): the cube root of chi-square / f is normal to good accuracy. */
static double normal_of_chi_square(double chi_square, double f)
{
    double s = 2.0 / (9.0 * f);
    return (cbrt(chi_square / f) - (1.0 - s)) / sqrt(s);
}

ParameterizedTest(struct thermostat_case *c, thermostats, kinetic_energy_is_canonical)
{
    struct md_setup setup = fixture_setup(256, c->kind, "auto");
    setup.dynamics.thermostat_tau = c->tau;
    struct md *md = fixture_liquid(&setup, cube, 1.5, 1000);
    double temperature = 1.5, sum = 0.0, sum_sq = 0.0;
    int classes[CLASSES] = {0};
    for (int n = 0; n < SAMPLES; n++) {
        fixture_run(md, STEPS_APART, temperature);
        double z = normal_of_chi_square(2.0 * md->kinetic / temperature, 3.0 * 256 - 3.0);
        double p = 0.5 * erfc(-z / sqrt(2.0));
        classes[(int)fmin(p * CLASSES, CLASSES - 1)]++;
        sum += z;
        sum_sq += z * z;
    }
    double pearson = 0.0, expected = (double)SAMPLES / CLASSES;
    for (int n = 0; n < CLASSES; n++)
        pearson += (classes[n] - expected) * (classes[n] - expected) / expected;
    double mean = sum / SAMPLES, variance = sum_sq / SAMPLES - mean * mean;
    cr_expect_lt(fabs(mean), 0.2, "%s: mean %g", c->name, mean); /* 4 standard errors */
    cr_expect_lt(fabs(variance - 1.0), 0.3, "%s: variance %g", c->name, variance);
    cr_expect_lt(pearson, 27.9, "%s: chi-square %g of 9", c->name, pearson); /* probability 0.001 */
    md_destroy(&md);
}

static double conserved_now(const struct md *md, double temperature)
{
    struct md_observables o;
    struct error err = {0};
    cr_assert_eq(md_observe(md, &o, &err), STATUS_OK, "%s", err.message);
    const struct thermostat *t = &md->thermostat;
    double energy = o.energy_potential + o.energy_kinetic;
    if (t->kind == THERMOSTAT_BUSSI)
        return energy - t->heat;
    for (int n = 0; n < THERMOSTAT_CHAIN; n++) {
        double mass = (n == 0 ? t->freedom : 1.0) * temperature / t->rate_sq;
        double freedom = n == 0 ? t->freedom : 1.0;
        energy += 0.5 * mass * t->velocity[n] * t->velocity[n] + freedom * temperature * t->angle[n];
    }
    return energy;
}

/* Mean over 2000 steps: velocity Verlet's energy swings about by some 1e-4 an atom. */
static double conserved(struct md *md, double temperature)
{
    double sum = 0.0;
    for (int n = 0; n < 100; n++) {
        fixture_run(md, 20, temperature);
        sum += conserved_now(md, temperature);
    }
    return sum / 100.0;
}

ParameterizedTestParameters(thermostats, conserve_their_quantity)
{
    static struct thermostat_case cases[] = {{"bussi", THERMOSTAT_BUSSI, 0.2778},
                                             {"nose_hoover", THERMOSTAT_NOSE_HOOVER, 0.2778}};
    return cr_make_param_array(struct thermostat_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct thermostat_case *c, thermostats, conserve_their_quantity)
{
    struct md_setup setup = fixture_setup(500, c->kind, "auto");
    setup.system.cut = CUT_FORCE_SHIFTED;
    struct md *md = fixture_liquid(&setup, cube, 0.8, 1000);
    double before = conserved(md, 0.8);
    fixture_run(md, 10000, 0.8);
    const double change = (conserved(md, 0.8) - before) / 500.0;
    cr_expect_lt(fabs(change), 1e-4, "%s: %g", c->name, change);
    md_destroy(&md);
}

Test(thermostats, leave_the_total_momentum_at_zero)
{
    static const enum thermostat_kind kinds[] = {THERMOSTAT_BUSSI, THERMOSTAT_NOSE_HOOVER, THERMOSTAT_LANGEVIN};
    for (int n = 0; n < 3; n++) {
        struct md_setup setup = fixture_setup(500, kinds[n], "auto");
        struct md *md = fixture_liquid(&setup, cube, 0.8, 2000);
        struct snapshot snapshot;
        struct error err = {0};
        cr_assert_eq(md_store(md, &snapshot, &err), STATUS_OK);
        for (int k = 0; k < 3; k++) {
            double momentum = 0.0;
            for (uint32_t i = 0; i < 500; i++)
                momentum += (snapshot.type[i] == ATOM_SMALL ? 0.5 : 1.0) * snapshot.velocity[k][i];
            cr_expect_lt(fabs(momentum / 375.0), 1e-6, "thermostat %d: %g", kinds[n], momentum / 375.0);
        }
        snapshot_finish(&snapshot);
        md_destroy(&md);
    }
}

Test(thermostats, rescaling_keeps_what_the_chain_knows)
{
    struct md_setup setup = fixture_setup(500, THERMOSTAT_NOSE_HOOVER, "auto");
    struct md *md = fixture_liquid(&setup, cube, 0.8, 500);
    double kinetic = md->kinetic, velocity = md->thermostat.velocity[0];
    md_rescale_velocities(md, 0.8, 0.6);
    cr_expect_float_eq(md->kinetic, 0.75 * kinetic, 1e-9 * kinetic);
    cr_expect_eq(md->thermostat.velocity[0], velocity);
    md_destroy(&md);
}
