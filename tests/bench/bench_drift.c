/* bench_drift - the energy of a 50:50 Wahnstrom liquid (N = 500, V/N = 0.767, T = 0.55) without a thermostat: what the
 * integrator and the cut of the potential do to it over long runs.
 *
 *   bench_drift START STEPS EVERY [DATA]
 *
 * START (1, 2, ...) seeds the state that all runs begin with. Prints, as CSV, the energy per atom of each cut averaged
 * over blocks of EVERY steps. With DATA, the state is also written to that file as LAMMPS data with velocities, so that
 * a peer can go from the same start (drift.sh). */
#include "common/mem.h"
#include "worker/files/configuration_write.h"
#include "worker/kernels/kernels.h"
#include "worker/md/md.h"
#include "worker/md/start.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ATOMS = 500, BLOCK_SAMPLES = 100, PREPARE_STEPS = 20000 };

static void need(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "bench_drift: %s\n", err->message);
    exit(1);
}

static struct md_setup setup_for(uint64_t seed, enum thermostat_kind thermostat, enum cut_kind cut)
{
    struct error err;
    struct md_setup setup = {
        .system = {ATOMS, ATOMS / 2, 0.767, POTENTIAL_WAHNSTROM, cut, 2.5},
        .dynamics = {0.002778, thermostat, 0.2778},
        .seed = seed,
        .threads = 1,
    };
    need(kernels_find("auto", &setup.kernels, &err), &err);
    return setup;
}

static struct snapshot make_start(uint64_t seed)
{
    static const double cube[3] = {1.0, 1.0, 1.0};
    const struct md_setup setup = setup_for(seed, THERMOSTAT_BUSSI, CUT_SHIFTED);
    const int64_t steps = PREPARE_STEPS;
    const struct md_ramp melt = {0, steps, 2.0, 2.0}, cool = {steps, 2 * steps, 2.0, 0.55},
                         hold = {2 * steps, 3 * steps, 0.55, 0.55};
    struct error err;
    struct snapshot lattice, start;
    struct md *md;
    need(md_create(&setup, &md, &err), &err);
    need(start_lattice(&setup, cube, &lattice, &err), &err);
    need(md_load(md, &lattice, &err), &err);
    snapshot_finish(&lattice);
    md_draw_velocities(md, 2.0);
    need(md_run(md, steps, &melt, NULL, NULL, &err), &err);
    need(md_run(md, steps, &cool, NULL, NULL, &err), &err);
    need(md_run(md, steps, &hold, NULL, NULL, &err), &err);
    need(md_store(md, &start, &err), &err);
    md_destroy(&md);
    start.thermostat_count = 0;
    return start;
}

static void write_data(const struct snapshot *start, const char *path)
{
    static const double mass[2] = {1.0, 0.5};
    struct error err;
    struct configuration configuration;
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    need(configuration_from_snapshot(start, &configuration, &err), &err);
    need(lammps_data_write(file, &configuration, mass, &err), &err);
    configuration_finish(&configuration);
    fprintf(file, "\nVelocities\n\n");
    for (uint32_t i = 0; i < ATOMS; i++)
        fprintf(file, "%" PRIu32 " %.17g %.17g %.17g\n", i + 1, start->velocity[0][i], start->velocity[1][i],
                start->velocity[2][i]);
    if (fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static double block_mean(struct md *md, int64_t steps)
{
    const struct md_ramp none = {0};
    struct error err;
    double sum = 0.0;
    for (int n = 0; n < BLOCK_SAMPLES; n++) {
        struct md_observables o;
        need(md_run(md, steps / BLOCK_SAMPLES, &none, NULL, NULL, &err), &err);
        need(md_observe(md, &o, &err), &err);
        sum += (o.energy_potential + o.energy_kinetic) / ATOMS;
    }
    return sum / BLOCK_SAMPLES;
}

int main(int argc, char **argv)
{
    const int64_t steps = argc > 3 ? atoll(argv[2]) : 0, every = argc > 3 ? atoll(argv[3]) : 0;
    if (argc < 4 || argc > 5 || atoll(argv[1]) < 1 || every < BLOCK_SAMPLES || steps < every) {
        fprintf(stderr, "usage: bench_drift START STEPS EVERY [DATA]    (EVERY: %d steps or more)\n", BLOCK_SAMPLES);
        return 2;
    }
    static const enum cut_kind cuts[] = {CUT_SHIFTED, CUT_FORCE_SHIFTED};
    struct snapshot start = make_start((uint64_t)atoll(argv[1]));
    struct md *md[2];
    struct error err;
    if (argc == 5)
        write_data(&start, argv[4]);
    for (int c = 0; c < 2; c++) {
        const struct md_setup setup = setup_for((uint64_t)atoll(argv[1]), THERMOSTAT_NONE, cuts[c]);
        need(md_create(&setup, &md[c], &err), &err);
        need(md_load(md[c], &start, &err), &err);
    }
    printf("start,step,energy_shifted,energy_force_shifted\n");
    for (int64_t step = 0; step < steps; step += every) {
        const double shifted = block_mean(md[0], every), force_shifted = block_mean(md[1], every);
        printf("%s,%lld,%.9f,%.9f\n", argv[1], (long long)(step + every / 2), shifted, force_shifted);
        fflush(stdout);
    }
    for (int c = 0; c < 2; c++)
        md_destroy(&md[c]);
    snapshot_finish(&start);
    return 0;
}
