#include "common/mem.h"
#include "tests/support/md_fixture.h"
#include "worker/kernels/cpu.h"
#include "worker/md/force.h"
#include "worker/md/md_state.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <string.h>

static const double cube[3] = {1.0, 1.0, 1.0}, brick[3] = {1.0, 1.2, 0.9};

Test(md, two_runs_give_the_bits_of_one)
{
    struct md_setup setup = fixture_setup(500, THERMOSTAT_BUSSI, "auto");
    struct md *one = fixture_liquid(&setup, cube, 0.8, 500), *two = fixture_liquid(&setup, cube, 0.8, 500);
    char hash_one[DIGEST_TEXT_SIZE], hash_two[DIGEST_TEXT_SIZE];
    fixture_run(one, 1000, 0.8);
    for (int part = 0; part < 8; part++)
        fixture_run(two, part < 7 ? 101 : 293, 0.8);
    fixture_hash(one, hash_one);
    fixture_hash(two, hash_two);
    cr_assert_str_eq(hash_one, hash_two);
    md_destroy(&one);
    md_destroy(&two);
}

Test(md, a_store_gives_back_what_was_loaded)
{
    struct md_setup setup = fixture_setup(403, THERMOSTAT_NOSE_HOOVER, "auto");
    struct md *md = fixture_liquid(&setup, brick, 0.8, 300), *other;
    struct snapshot snapshot;
    struct error err = {0};
    char hash[DIGEST_TEXT_SIZE], hash_other[DIGEST_TEXT_SIZE];
    cr_assert_eq(md_create(&setup, &other, &err), STATUS_OK);
    cr_assert_eq(md_store(md, &snapshot, &err), STATUS_OK);
    cr_assert_eq(md_load(other, &snapshot, &err), STATUS_OK);
    fixture_hash(md, hash);
    fixture_hash(other, hash_other);
    cr_assert_str_eq(hash, hash_other);
    snapshot_finish(&snapshot);
    md_destroy(&md);
    md_destroy(&other);
}

Test(md, a_box_too_small_names_the_least_number_of_atoms)
{
    struct md_setup setup = fixture_setup(100, THERMOSTAT_NONE, "auto");
    struct error err = {0};
    struct md *md = NULL;
    cr_assert_eq(md_create(&setup, &md, &err), STATUS_INVALID);
    cr_assert(strstr(err.message, "at least 206 atoms") != NULL, "%s", err.message);
    cr_assert_null(md);
}

Test(md, an_exploding_motion_is_reported)
{
    struct md_setup setup = fixture_setup(256, THERMOSTAT_NONE, "auto");
    struct snapshot lattice = fixture_lattice(&setup, cube);
    struct md *md;
    struct error err = {0};
    const struct md_ramp none = {0};
    for (int k = 0; k < 3; k++) /* two atoms nearly in one place */
        lattice.position[k][1] = lattice.position[k][0] + (INT64_C(1) << 30);
    cr_assert_eq(md_create(&setup, &md, &err), STATUS_OK);
    cr_assert_eq(md_load(md, &lattice, &err), STATUS_OK);
    cr_assert_eq(md_run(md, 10, &none, NULL, NULL, &err), STATUS_PHYSICS);
    snapshot_finish(&lattice);
    md_destroy(&md);
}

struct accuracy_case {
    char name[24], isa[16];
    enum potential_kind potential;
    enum cut_kind cut;
    double proportions[3];
};

ParameterizedTestParameters(md, forces_agree_with_the_double_loop)
{
    static struct accuracy_case cases[] = {
#define ISA_CASES(isa)                                                                                                 \
    {"cubic", isa, POTENTIAL_WAHNSTROM, CUT_SHIFTED, {1, 1, 1}},                                                       \
        {"force shifted", isa, POTENTIAL_WAHNSTROM, CUT_FORCE_SHIFTED, {1, 1, 1}},                                     \
        {"brick", isa, POTENTIAL_WAHNSTROM, CUT_TRUNCATED, {1, 1.2, 0.9}},                                             \
        {"force shifted brick", isa, POTENTIAL_WAHNSTROM, CUT_FORCE_SHIFTED, {1, 1.2, 0.9}},                           \
        {"kob-andersen", isa, POTENTIAL_KOB_ANDERSEN, CUT_SHIFTED, {1, 1, 1}},
        ISA_CASES("portable") ISA_CASES("avx2") ISA_CASES("avx512")};
    return cr_make_param_array(struct accuracy_case, cases, sizeof cases / sizeof cases[0]);
}

static bool isa_is_missing(const char *isa)
{
    const struct kernels *kernels;
    return kernels_find(isa, &kernels, NULL) != STATUS_OK;
}

/* Forces of the kernels in id order, epsilon/sigma. */
static void kernel_forces(const struct md *md, double *const force[3])
{
    for (uint32_t n = 0; n < md->tile_count; n++) {
        const struct tile *tile = &md->tiles[n];
        for (uint32_t slot = 0; slot < tile->own_atoms; slot++)
            for (int k = 0; k < 3; k++)
                force[k][tile->id[slot]] =
                    tile->kick[md_place(slot, k)] * tile->mass[slot] / (0.5 * md->setup.dynamics.dt);
    }
}

ParameterizedTest(struct accuracy_case *c, md, forces_agree_with_the_double_loop)
{
    if (isa_is_missing(c->isa))
        cr_skip_test("this machine has no %s", c->isa);
    struct md_setup setup = fixture_setup(500, THERMOSTAT_BUSSI, c->isa);
    setup.system.potential = c->potential;
    setup.system.cut = c->cut;
    struct md *md = fixture_liquid(&setup, c->proportions, 0.8, 100);
    struct snapshot snapshot;
    struct configuration configuration;
    struct force_sums sums;
    struct error err = {0};
    double *arrays = mem_alloc_array(6 * 500, sizeof(double));
    double *const force[3] = {arrays, arrays + 500, arrays + 1000};
    double *const reference[3] = {arrays + 1500, arrays + 2000, arrays + 2500};
    cr_assert_eq(md_store(md, &snapshot, &err), STATUS_OK);
    cr_assert_eq(configuration_from_snapshot(&snapshot, &configuration, &err), STATUS_OK);
    cr_assert_eq(force_compute(&md->rules.potential, &configuration, reference, NULL, &sums, &err), STATUS_OK);
    kernel_forces(md, force);
    double difference = 0.0, size = 0.0;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 500; i++) {
            difference += (force[k][i] - reference[k][i]) * (force[k][i] - reference[k][i]);
            size += reference[k][i] * reference[k][i];
        }
    cr_assert_lt(sqrt(difference / size), 2e-6, "%s %s: %g", c->isa, c->name, sqrt(difference / size));
    mem_free(arrays);
    configuration_finish(&configuration);
    snapshot_finish(&snapshot);
    md_destroy(&md);
}

/* What md_observe and force_compute say of the state, 1e-12 apart at most. */
static void assert_observed_is_computed(const struct md *md, const char *label)
{
    struct snapshot snapshot;
    struct configuration configuration;
    struct force_sums sums;
    struct md_observables observed;
    struct error err = {0};
    double *arrays = mem_alloc_array(3 * (size_t)md->atoms, sizeof(double));
    double *const force[3] = {arrays, arrays + md->atoms, arrays + 2 * (size_t)md->atoms};
    cr_assert_eq(md_store(md, &snapshot, &err), STATUS_OK);
    cr_assert_eq(configuration_from_snapshot(&snapshot, &configuration, &err), STATUS_OK);
    cr_assert_eq(force_compute(&md->rules.potential, &configuration, force, NULL, &sums, &err), STATUS_OK);
    cr_assert_eq(md_observe(md, &observed, &err), STATUS_OK, "%s", err.message);
    cr_expect_float_eq(observed.energy_potential, sums.energy, 1e-12 * fabs(sums.energy), "%s: energy %.17g, %.17g",
                       label, observed.energy_potential, sums.energy);
    cr_expect_float_eq(observed.virial, sums.virial, 1e-12 * fabs(sums.virial), "%s: virial %.17g, %.17g", label,
                       observed.virial, sums.virial);
    mem_free(arrays);
    configuration_finish(&configuration);
    snapshot_finish(&snapshot);
}

ParameterizedTestParameters(md, observed_energy_and_virial_are_those_of_the_double_loop)
{
    static struct accuracy_case cases[] = {ISA_CASES("portable") ISA_CASES("avx2") ISA_CASES("avx512")};
    return cr_make_param_array(struct accuracy_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct accuracy_case *c, md, observed_energy_and_virial_are_those_of_the_double_loop)
{
    if (isa_is_missing(c->isa))
        cr_skip_test("this machine has no %s", c->isa);
    struct md_setup setup = fixture_setup(403, THERMOSTAT_BUSSI, c->isa);
    setup.system.potential = c->potential;
    setup.system.cut = c->cut;
    struct md *md = fixture_liquid(&setup, c->proportions, 1.2, 50);
    for (int n = 0; n < 20; n++) { /* with lists of any age */
        fixture_run(md, 3, 1.2);
        assert_observed_is_computed(md, c->name);
    }
    md_destroy(&md);
}

/* Two atoms at exactly the cutoff, on either side of it by one unit of the position, and through the boundary. */
Test(md, a_pair_at_the_cutoff_counts_as_in_the_double_loop)
{
    struct md_setup setup = fixture_setup(256, THERMOSTAT_NONE, "auto");
    setup.system.cut = CUT_TRUNCATED;
    struct snapshot lattice = fixture_lattice(&setup, cube);
    struct error err = {0};
    struct md *md;
    cr_assert_eq(md_create(&setup, &md, &err), STATUS_OK);
    const int64_t cutoff = (int64_t)(2.5 / lattice.box[0] * 0x1p48);
    for (int64_t off = -2000; off <= 2000; off += 1000) {
        lattice.position[0][1] = lattice.position[0][0] - cutoff + off;
        lattice.position[1][1] = lattice.position[1][0];
        lattice.position[2][1] = lattice.position[2][0];
        cr_assert_eq(md_load(md, &lattice, &err), STATUS_OK);
        assert_observed_is_computed(md, off < 0 ? "beyond" : off > 0 ? "within" : "at");
    }
    snapshot_finish(&lattice);
    md_destroy(&md);
}

Test(md, observed_energy_has_the_same_bits_on_every_instruction_set_and_for_any_number_of_threads)
{
    struct md_observables first, observed;
    bool have_first = false;
    for (int isa = 0; isa < ISA_COUNT; isa++)
        for (int threads = 1; threads <= 4 && !isa_is_missing(isa_names[isa]); threads *= 4) {
            struct md_setup setup = fixture_setup(9000, THERMOSTAT_NONE, isa_names[isa]);
            setup.threads = threads;
            struct md *md = fixture_liquid(&setup, brick, 1.0, 4);
            cr_assert_eq(md_observe(md, have_first ? &observed : &first, NULL), STATUS_OK);
            assert_observed_is_computed(md, isa_names[isa]);
            if (have_first)
                cr_expect_eq(memcmp(&observed, &first, sizeof first), 0, "%s, %d threads", isa_names[isa], threads);
            have_first = true;
            md_destroy(&md);
        }
}

Test(md, every_instruction_set_gives_the_same_bits)
{
    char reference[DIGEST_TEXT_SIZE], hash[DIGEST_TEXT_SIZE];
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        if (isa_is_missing(isa_names[isa]))
            continue;
        struct md_setup setup = fixture_setup(500, THERMOSTAT_BUSSI, isa_names[isa]);
        struct md *md = fixture_liquid(&setup, cube, 0.6, 400);
        fixture_hash(md, isa == ISA_PORTABLE ? reference : hash);
        if (isa != ISA_PORTABLE)
            cr_assert_str_eq(hash, reference, "%s", isa_names[isa]);
        md_destroy(&md);
    }
}

static void hash_of_threads(int threads, char out[DIGEST_TEXT_SIZE])
{
    struct md_setup setup = fixture_setup(9000, THERMOSTAT_LANGEVIN, "auto");
    setup.threads = threads;
    struct md *md = fixture_liquid(&setup, cube, 0.8, 12);
    fixture_hash(md, out);
    md_destroy(&md);
}

Test(md, any_number_of_threads_gives_the_same_bits)
{
    char one[DIGEST_TEXT_SIZE], other[DIGEST_TEXT_SIZE];
    hash_of_threads(1, one);
    hash_of_threads(2, other);
    cr_expect_str_eq(one, other, "2 threads");
    hash_of_threads(4, other);
    cr_expect_str_eq(one, other, "4 threads");
}

Test(md, a_reversed_run_returns_home)
{
    struct md_setup setup = fixture_setup(500, THERMOSTAT_NONE, "auto");
    struct md *md = fixture_liquid(&setup, cube, 1.0, 300);
    struct snapshot start, turned, home;
    struct error err = {0};
    double worst = 0.0;
    cr_assert_eq(md_store(md, &start, &err), STATUS_OK);
    fixture_run(md, 200, 1.0);
    cr_assert_eq(md_store(md, &turned, &err), STATUS_OK);
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < 500; i++)
            turned.velocity[k][i] = -turned.velocity[k][i];
    cr_assert_eq(md_load(md, &turned, &err), STATUS_OK);
    fixture_run(md, 200, 1.0);
    cr_assert_eq(md_store(md, &home, &err), STATUS_OK);
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < 500; i++)
            worst = fmax(worst, fabs((double)(home.position[k][i] - start.position[k][i]) * 0x1p-48 * start.box[k]));
    cr_expect_lt(worst, 1e-4, "%g", worst);
    snapshot_finish(&start);
    snapshot_finish(&turned);
    snapshot_finish(&home);
    md_destroy(&md);
}

Test(md, a_cancelled_run_says_so_and_is_at_a_full_step)
{
    struct md_setup setup = fixture_setup(256, THERMOSTAT_BUSSI, "auto");
    struct md *md = fixture_liquid(&setup, cube, 0.8, 10);
    const struct md_ramp hold = {0, 0, 0.8, 0.8};
    _Atomic bool cancel = true;
    _Atomic int64_t progress = 0;
    struct error err = {0};
    int64_t step = md->step;
    cr_expect_eq(md_run(md, 1000, &hold, &progress, &cancel, &err), STATUS_EVICTED);
    cr_expect_eq(md->step, step + progress);
    md_destroy(&md);
}

Test(md, a_ramp_ends_at_its_temperature)
{
    struct md_setup setup = fixture_setup(500, THERMOSTAT_BUSSI, "auto");
    setup.dynamics.thermostat_tau = 0.02;
    struct md *md = fixture_liquid(&setup, cube, 1.5, 500);
    const struct md_ramp ramp = {md->step, md->step + 4000, 1.5, 0.7};
    struct error err = {0};
    double sum = 0.0;
    cr_assert_eq(md_run(md, 4000, &ramp, NULL, NULL, &err), STATUS_OK);
    for (int n = 0; n < 50; n++) {
        fixture_run(md, 20, 0.7);
        sum += 2.0 * md->kinetic / 1497.0;
    }
    cr_expect_float_eq(sum / 50, 0.7, 0.03, "%g", sum / 50);
    md_destroy(&md);
}

/* As for a million atoms at the usual time step: there the heat of the melt, 1.5 N T and what the lattice gives, was
 * taken for an explosion. */
Test(md, the_heat_of_many_atoms_is_no_explosion)
{
    struct md_setup setup = fixture_setup(4000, THERMOSTAT_NONE, "auto");
    setup.dynamics.dt = 0.0139;
    struct snapshot lattice = fixture_lattice(&setup, cube);
    struct md *md;
    struct error err = {0};
    cr_assert_eq(md_create(&setup, &md, &err), STATUS_OK);
    cr_assert_eq(md_load(md, &lattice, &err), STATUS_OK, "%s", err.message);
    md_draw_velocities(md, 2.0);
    fixture_run(md, 1, 2.0);
    md_destroy(&md);
    snapshot_finish(&lattice);
}
