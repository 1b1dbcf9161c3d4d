/* Exchanges of identities must not change what molecular dynamics samples: mean potential energy at T = 1 against
 * -5.4733 +- 0.0021 epsilon per atom, from 400,000 steps of NVT in LAMMPS (29 Sep 2021), N = 500, 50:50, V/N = 0.767,
 * shifted, cut at 2.5. Exchanges that are never undone, or are weighed wrongly, drive it up or down. */
#include "worker/build/random.h"
#include "worker/kernels/kernels.h"
#include "worker/mc/hybrid.h"

#include <criterion/criterion.h>
#include <math.h>

enum { EQUILIBRATION = 10000, SAMPLES = 500, EVERY = 100, EXCHANGE_EVERY = 5 };
static const double TEMPERATURE = 1.0, REFERENCE = -5.4733;

static struct md *make_liquid(const struct md_setup *setup)
{
    struct snapshot start;
    struct md *md;
    cr_assert_eq(build_random(&setup->system, setup->seed, setup->replica, &start, NULL), STATUS_OK);
    cr_assert_eq(md_create(setup, &md, NULL), STATUS_OK);
    cr_assert_eq(md_load(md, &start, NULL), STATUS_OK);
    snapshot_finish(&start);
    md_draw_velocities(md, TEMPERATURE);
    return md;
}

Test(hybrid, exchanges_leave_the_mean_energy_where_molecular_dynamics_has_it)
{
    struct md_setup setup = {.system = {500, 250, 0.767, POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5},
                             .dynamics = {0.002778, THERMOSTAT_BUSSI, 0.2778},
                             .seed = 11,
                             .threads = 1};
    const struct identity_spec exchange = {EXCHANGE_EVERY, 1};
    const struct md_ramp hold = {0, 0, TEMPERATURE, TEMPERATURE};
    struct identity_counts counts = {0};
    double sum = 0;
    cr_assert_eq(kernels_find("auto", &setup.kernels, NULL), STATUS_OK);
    struct md *md = make_liquid(&setup);
    cr_assert_eq(hybrid_run(md, &setup, &exchange, EQUILIBRATION, &hold, NULL, NULL, &counts, NULL), STATUS_OK);
    for (int i = 0; i < SAMPLES; i++) {
        struct md_observables observables;
        cr_assert_eq(hybrid_run(md, &setup, &exchange, EVERY, &hold, NULL, NULL, &counts, NULL), STATUS_OK);
        cr_assert_eq(md_observe(md, &observables, NULL), STATUS_OK);
        sum += observables.energy_potential / setup.system.atoms;
    }
    md_destroy(&md);
    cr_expect_gt(counts.accepted, 100, "only %lu accepted", (unsigned long)counts.accepted);
    /* 500 samples, correlated over about 3 of them, of standard deviation 0.056: +-0.005. */
    cr_expect_float_eq(sum / SAMPLES, REFERENCE, 0.015, "mean energy %.4f", sum / SAMPLES);
}
