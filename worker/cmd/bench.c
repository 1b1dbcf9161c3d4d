/* bench.c - the speed of molecular dynamics: a Wahnstrom liquid from a melted lattice, then the steps that count.
 *
 * Speed is steps per second of CPU time (of all threads), since machines are shared; wall time stands beside it. */
#include "worker/cmd/bench.h"

#include "common/clock.h"
#include "common/mem.h"
#include "worker/cmd/cmd.h"
#include "worker/cmd/json.h"
#include "worker/kernels/kernels.h"
#include "worker/md/md.h"
#include "worker/md/md_statistics.h"
#include "worker/md/start.h"
#include "worker/minimize/cg.h"
#include "worker/structure/measure.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    uint32_t atoms;
    int64_t steps;
    double temperature;
    int threads;
    const char *isa;
    const char *cut;
    const char *thermostat;
    uint32_t minimizations; /* 0: none */
    bool json, help;
};

struct findings {
    double steps_per_second, steps_per_second_wall, pairs_per_step, entries_per_step, rebuild_interval, prune_interval,
        observe_us, energy_per_atom, temperature;
    double minimizations_per_second, evaluations_per_minimization, inherent_per_second;
    uint32_t minimizations_converged;
    char hash[DIGEST_TEXT_SIZE];
};

static const char usage[] =
    "usage: $ [--atoms N] [--steps S] [--temperature T] [--threads K] [--isa I] [--json]\n"
    "                            [--thermostat none|bussi|nose_hoover|langevin]\n"
    "                            [--cut shifted|truncated|force_shifted] [--minimize COUNT]\n"
    "\n"
    "Runs a 50:50 Wahnstrom liquid at V/N = 0.767 and prints its speed in steps per second of CPU time. With "
    "--minimize,\n"
    "then brings that many states of it, 1000 steps apart, to their inherent structures (all forces below 1e-8), and\n"
    "measures what a campaign samples of them.\n"
    "\n"
    "example: $ --atoms 500 --steps 50000 --isa avx2\n";

enum { WALL_NS_PER_S = 1000000000 };

static bool read_count(const char *text, int64_t most, int64_t *out)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > most)
        return false;
    *out = value;
    return true;
}

static bool read_temperature(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out > 0.0 && *out < 100.0;
}

static bool read_option(int letter, struct options *options)
{
    int64_t count = 0;
    switch (letter) {
    case 'n':
        if (!read_count(optarg, SNAPSHOT_ATOMS_MAX, &count))
            return false;
        options->atoms = (uint32_t)count;
        return true;
    case 's':
        return read_count(optarg, INT64_C(1) << 40, &options->steps);
    case 't':
        return read_temperature(optarg, &options->temperature);
    case 'k':
        if (!read_count(optarg, 4096, &count))
            return false;
        options->threads = (int)count;
        return true;
    case 'i':
        options->isa = optarg;
        return true;
    case 'c':
        options->cut = optarg;
        return true;
    case 'm':
        options->thermostat = optarg;
        return true;
    case 'q':
        if (!read_count(optarg, 100000, &count))
            return false;
        options->minimizations = (uint32_t)count;
        return true;
    case 'j':
        options->json = true;
        return true;
    case 'h':
        options->help = true;
        return true;
    default:
        return false;
    }
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"atoms", required_argument, NULL, 'n'},
        {"steps", required_argument, NULL, 's'},
        {"temperature", required_argument, NULL, 't'},
        {"threads", required_argument, NULL, 'k'},
        {"isa", required_argument, NULL, 'i'},
        {"cut", required_argument, NULL, 'c'},
        {"thermostat", required_argument, NULL, 'm'},
        {"minimize", required_argument, NULL, 'q'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){500, 0, 0.55, 1, "auto", "shifted", "bussi", 0, false, false};
    optind = 1;
    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;)
        if (!read_option(letter, options))
            return false;
    if (options->steps == 0)
        options->steps = 1 + (int64_t)10000000 / options->atoms;
    return optind == argc;
}

static int index_of_name(const char *name, const char *const *names, int count)
{
    int n = 0;
    while (n < count && strcmp(name, names[n]) != 0)
        n++;
    return n;
}

static enum status make_setup(const struct options *options, struct md_setup *setup, struct error *err)
{
    int cut = index_of_name(options->cut, cut_names, CUT_KIND_COUNT);
    int thermostat = index_of_name(options->thermostat, thermostat_names, THERMOSTAT_KIND_COUNT);
    if (cut == CUT_KIND_COUNT)
        return error_set(err, STATUS_INVALID, "no cut '%s'", options->cut);
    if (thermostat == THERMOSTAT_KIND_COUNT)
        return error_set(err, STATUS_INVALID, "no thermostat '%s'", options->thermostat);
    *setup = (struct md_setup){
        .system = {options->atoms, options->atoms / 2, 0.767, POTENTIAL_WAHNSTROM, (enum cut_kind)cut, 2.5},
        .dynamics = {0.002778, (enum thermostat_kind)thermostat, 0.2778},
        .seed = 1,
        .threads = options->threads,
    };
    return kernels_find(options->isa, &setup->kernels, err);
}

/* Melts and cools: enough for the speed of a liquid; large systems get fewer steps. */
static enum status equilibrate(struct md *md, const struct options *options, struct error *err)
{
    int64_t steps = options->atoms < 10000 ? 4000 : options->atoms < 100000 ? 1000 : 300;
    const struct md_ramp melt = {0, steps, 2.0, 2.0};
    const struct md_ramp cool = {steps, 2 * steps, 2.0, options->temperature};
    const struct md_ramp hold = {2 * steps, 3 * steps, options->temperature, options->temperature};
    md_draw_velocities(md, 2.0);
    enum status status = md_run(md, steps, &melt, NULL, NULL, err);
    if (status == STATUS_OK)
        status = md_run(md, steps, &cool, NULL, NULL, err);
    if (status == STATUS_OK)
        status = md_run(md, steps, &hold, NULL, NULL, err);
    return status;
}

static enum status find_hash(const struct md *md, char out[DIGEST_TEXT_SIZE], struct error *err)
{
    struct snapshot snapshot;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    uint8_t *bytes;
    size_t size;
    struct digest digest;
    status = snapshot_encode(&snapshot, &bytes, &size, &digest, err);
    if (status == STATUS_OK) {
        digest_to_text(&digest, out);
        mem_free(bytes);
    }
    snapshot_finish(&snapshot);
    return status;
}

/* Microseconds of one md_observe, the least of some: what a sample costs beside its steps. */
static enum status observe(const struct md *md, struct md_observables *out, double *out_us, struct error *err)
{
    double least = (double)INFINITY;
    for (int n = 0; n < 10; n++) {
        struct cpu_ns cpu = clock_process_cpu();
        enum status status = md_observe(md, out, err);
        if (status != STATUS_OK)
            return status;
        double us = (double)(clock_process_cpu().value - cpu.value) / 1000.0;
        least = us < least ? us : least;
    }
    *out_us = least;
    return STATUS_OK;
}

static enum status measure(struct md *md, const struct options *options, struct findings *out, struct error *err)
{
    const struct md_ramp hold = {0, 0, options->temperature, options->temperature};
    struct md_statistics before = md_statistics(md);
    struct mono_ns wall = clock_mono();
    struct cpu_ns cpu = clock_process_cpu();
    enum status status = md_run(md, options->steps, &hold, NULL, NULL, err);
    if (status != STATUS_OK)
        return status;
    double seconds = (double)(clock_process_cpu().value - cpu.value) / WALL_NS_PER_S;
    double seconds_wall = (double)(clock_mono().value - wall.value) / WALL_NS_PER_S;
    struct md_statistics after = md_statistics(md);
    struct md_observables observables;
    if ((status = observe(md, &observables, &out->observe_us, err)) != STATUS_OK)
        return status;
    double steps = (double)options->steps;
    out->steps_per_second = steps / seconds;
    out->steps_per_second_wall = steps / seconds_wall;
    out->entries_per_step = (double)after.entries;
    out->pairs_per_step = 8.0 * (double)after.entries;
    out->rebuild_interval = steps / (double)(after.builds - before.builds);
    out->prune_interval = steps / (double)(after.prunes - before.prunes);
    out->energy_per_atom = observables.energy_potential / options->atoms;
    out->temperature = observables.temperature;
    return find_hash(md, out->hash, err);
}

/* Sums over states. */
struct minimized {
    uint64_t minimize_ns, measure_ns, evaluations;
    uint32_t converged;
};

/* Everything that a campaign samples of an inherent structure, of one that is there already. */
static enum status measure_state(const struct md *md, const struct potential *potential,
                                 const struct configuration *inherent, struct error *err)
{
    struct md_observables observables;
    struct measure *measure;
    struct sample sample;
    enum status status = md_observe(md, &observables, err);
    if (status != STATUS_OK || (status = measure_create(potential, inherent, &observables, &measure, err)) != STATUS_OK)
        return status;
    status = measure_group(measure, QUANTITY_GROUP_inherent, &sample, err);
    measure_destroy(&measure);
    return status;
}

static uint64_t cpu_since(struct cpu_ns before)
{
    return (uint64_t)(clock_process_cpu().value - before.value);
}

static enum status minimize_configuration(const struct md *md, const struct md_setup *setup,
                                          struct configuration *configuration, struct minimized *sums,
                                          struct error *err)
{
    const struct cg_options cg = {.force_max = 1e-8, .evaluations_max = 20000, .kernels = setup->kernels};
    const struct potential potential = potential_make(setup->system.potential, setup->system.cut, setup->system.cutoff);
    struct cg_result result;
    struct cpu_ns before = clock_process_cpu();
    enum status status = cg_minimize(&potential, &cg, configuration, &result, err);
    if (status != STATUS_OK)
        return status;
    sums->minimize_ns += cpu_since(before);
    sums->evaluations += result.iterations;
    sums->converged += result.converged;
    before = clock_process_cpu();
    status = measure_state(md, &potential, configuration, err);
    sums->measure_ns += cpu_since(before);
    return status;
}

static enum status minimize_state(const struct md *md, const struct md_setup *setup, struct minimized *sums,
                                  struct error *err)
{
    struct snapshot snapshot;
    struct configuration configuration;
    enum status status = md_store(md, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    if ((status = configuration_from_snapshot(&snapshot, &configuration, err)) == STATUS_OK) {
        status = minimize_configuration(md, setup, &configuration, sums, err);
        configuration_finish(&configuration);
    }
    snapshot_finish(&snapshot);
    return status;
}

static enum status minimize(struct md *md, const struct options *options, const struct md_setup *setup,
                            struct findings *out, struct error *err)
{
    enum { STEPS_BETWEEN = 1000 };
    const struct md_ramp hold = {0, 0, options->temperature, options->temperature};
    const double count = options->minimizations;
    struct minimized sums = {0};
    for (uint32_t n = 0; n < options->minimizations; n++) {
        enum status status = md_run(md, STEPS_BETWEEN, &hold, NULL, NULL, err);
        if (status == STATUS_OK)
            status = minimize_state(md, setup, &sums, err);
        if (status != STATUS_OK)
            return status;
    }
    out->minimizations_converged = sums.converged;
    out->minimizations_per_second = count * WALL_NS_PER_S / (double)sums.minimize_ns;
    out->inherent_per_second = count * WALL_NS_PER_S / (double)(sums.minimize_ns + sums.measure_ns);
    out->evaluations_per_minimization = (double)sums.evaluations / count;
    return STATUS_OK;
}

/* A liquid at the temperature, always by the same thermostat, so that what differs is what is measured. */
static enum status make_liquid(const struct md_setup *setup, const struct options *options, struct snapshot *out,
                               struct error *err)
{
    static const double cube[3] = {1.0, 1.0, 1.0};
    struct md_setup bussi = *setup;
    struct snapshot lattice;
    struct md *md;
    bussi.dynamics.thermostat = THERMOSTAT_BUSSI;
    enum status status = md_create(&bussi, &md, err);
    if (status != STATUS_OK)
        return status;
    if ((status = start_lattice(&bussi, cube, &lattice, err)) == STATUS_OK) {
        status = md_load(md, &lattice, err);
        snapshot_finish(&lattice);
    }
    if (status == STATUS_OK)
        status = equilibrate(md, options, err);
    if (status == STATUS_OK)
        status = md_store(md, out, err);
    out->thermostat_count = 0;
    md_destroy(&md);
    return status;
}

static enum status run_bench(const struct options *options, struct findings *out, struct error *err)
{
    struct md_setup setup;
    struct snapshot liquid = {0};
    struct md *md = NULL;
    enum status status = make_setup(options, &setup, err);
    if (status == STATUS_OK)
        status = make_liquid(&setup, options, &liquid, err);
    if (status == STATUS_OK)
        status = md_create(&setup, &md, err);
    if (status == STATUS_OK)
        status = md_load(md, &liquid, err);
    if (status == STATUS_OK)
        status = measure(md, options, out, err);
    if (status == STATUS_OK && options->minimizations > 0)
        status = minimize(md, options, &setup, out, err);
    snapshot_finish(&liquid);
    md_destroy(&md);
    return status;
}

static void print_json(const struct options *options, const char *isa, const struct findings *f)
{
    struct json json = {.file = stdout};
    json_object_begin(&json, NULL);
    json_whole(&json, "atoms", options->atoms);
    json_whole(&json, "steps", options->steps);
    json_real(&json, "temperature", options->temperature);
    json_whole(&json, "threads", options->threads);
    json_string(&json, "isa", isa);
    json_string(&json, "cut", options->cut);
    json_string(&json, "thermostat", options->thermostat);
    json_real(&json, "steps_per_second", f->steps_per_second);
    json_real(&json, "steps_per_second_wall", f->steps_per_second_wall);
    json_real(&json, "pairs_per_step", f->pairs_per_step);
    json_real(&json, "entries_per_step", f->entries_per_step);
    json_real(&json, "rebuild_interval", f->rebuild_interval);
    json_real(&json, "prune_interval", f->prune_interval);
    json_real(&json, "observe_us", f->observe_us);
    json_real(&json, "energy_per_atom", f->energy_per_atom);
    json_real(&json, "temperature_kinetic", f->temperature);
    if (options->minimizations > 0) {
        json_real(&json, "minimizations_per_second", f->minimizations_per_second);
        json_real(&json, "inherent_per_second", f->inherent_per_second);
        json_real(&json, "evaluations_per_minimization", f->evaluations_per_minimization);
        json_whole(&json, "minimizations_converged", f->minimizations_converged);
    }
    json_string(&json, "trajectory_hash", f->hash);
    json_object_end(&json);
    putchar('\n');
}

static void print_text(const struct options *options, const char *isa, const struct findings *f)
{
    printf("%u atoms, %lld steps at T = %g, %s, %s, %d thread%s\n", options->atoms, (long long)options->steps,
           options->temperature, options->thermostat, isa, options->threads, options->threads == 1 ? "" : "s");
    printf("  %12.0f steps/s of CPU time\n", f->steps_per_second);
    printf("  %12.0f steps/s of wall time\n", f->steps_per_second_wall);
    printf("  %12.0f pairs computed a step (%.0f entries of 8)\n", f->pairs_per_step, f->entries_per_step);
    printf("  %12.1f steps between lists (%.1f between prunings)\n", f->rebuild_interval, f->prune_interval);
    printf("  %12.1f us for the energy and virial of a sample\n", f->observe_us);
    printf("  %12.6f epsilon per atom at the end\n", f->energy_per_atom);
    if (options->minimizations > 0)
        printf("  %12.1f minimisations/s of CPU time (%.0f evaluations each; %u of %u converged)\n",
               f->minimizations_per_second, f->evaluations_per_minimization, f->minimizations_converged,
               options->minimizations);
    if (options->minimizations > 0)
        printf("  %12.1f inherent structures/s of CPU time, minimised and measured\n", f->inherent_per_second);
    printf("  trajectory %s\n", f->hash);
}

int cmd_bench(int argc, char **argv)
{
    struct options options;
    struct findings findings = {0};
    struct error err = {0};
    if (!read_options(argc, argv, &options)) {
        cmd_print_help(stderr, usage, argv[0]);
        return status_exit_code(STATUS_USAGE);
    }
    if (options.help) {
        cmd_print_help(stdout, usage, argv[0]);
        return 0;
    }
    enum status status = run_bench(&options, &findings, &err);
    if (status != STATUS_OK)
        return cmd_failed(&err);
    const char *isa = strcmp(options.isa, "auto") == 0 ? isa_names[cpu_best_isa()] : options.isa;
    if (options.json)
        print_json(&options, isa, &findings);
    else
        print_text(&options, isa, &findings);
    return 0;
}
