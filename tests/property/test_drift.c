/* Without a thermostat the energy is conserved: to the noise of the integrator where the force is continuous, and up to
 * the kinks that the jump of the force at the cutoff leaves where the potential is only shifted. */
#include "tests/support/md_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

static const double cube[3] = {1.0, 1.0, 1.0};

static double energy(const struct md *md)
{
    struct md_observables o;
    struct error err = {0};
    cr_assert_eq(md_observe(md, &o, &err), STATUS_OK, "%s", err.message);
    return (o.energy_potential + o.energy_kinetic) / 500.0;
}

enum { STARTS = 4 };

/* Change of the energy per atom over 20,000 steps from one start: between means over the first and the last quarter,
 * since velocity Verlet's energy swings about by some 1e-4. */
static double change_from(uint64_t seed, enum cut_kind cut)
{
    struct md_setup setup = fixture_setup(500, THERMOSTAT_BUSSI, "auto");
    setup.seed = seed;
    setup.system.cut = cut;
    struct md *liquid = fixture_liquid(&setup, cube, 0.7, 1500), *md;
    struct snapshot start;
    struct error err = {0};
    cr_assert_eq(md_store(liquid, &start, &err), STATUS_OK);
    md_destroy(&liquid);
    start.thermostat_count = 0;
    setup.dynamics.thermostat = THERMOSTAT_NONE;
    cr_assert_eq(md_create(&setup, &md, &err), STATUS_OK);
    cr_assert_eq(md_load(md, &start, &err), STATUS_OK);
    double change = 0.0;
    for (int n = 0; n < 400; n++) {
        fixture_run(md, 50, 0.0);
        change += n < 100 ? -energy(md) / 100.0 : n >= 300 ? energy(md) / 100.0 : 0.0;
    }
    snapshot_finish(&start);
    md_destroy(&md);
    return change;
}

/* Its mean over independent starts: of one start it is mostly noise. */
static double drift(enum cut_kind cut)
{
    double sum = 0.0;
    for (uint64_t seed = 1; seed <= STARTS; seed++)
        sum += change_from(seed, cut);
    return fabs(sum / STARTS);
}

Test(drift, energy_with_a_continuous_force_stays)
{
    double change = drift(CUT_FORCE_SHIFTED);
    cr_expect_lt(change, 3e-5, "%g", change);
}

Test(drift, energy_with_a_shifted_potential_stays_within_the_kinks_at_the_cutoff)
{
    double change = drift(CUT_SHIFTED);
    cr_expect_lt(change, 1e-3, "%g", change);
}
