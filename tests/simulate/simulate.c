/* simulate - runs the planner through seeds of simulated trouble, and proves that it would find planted bugs.
 *
 *     simulate --seeds 1:1000            each seed, silently unless one fails
 *     simulate --seed 7 --verbose        one seed
 *     simulate --set loss=0 ...          one kind of fault less
 *     simulate --shrink 7            a failing seed with as few kinds of fault as still make it fail
 *     simulate --prove 5000              every planted bug is found within so many seeds
 *     simulate --plant NAME --seeds A:B  one of them
 *     simulate --night MINUTES           seeds from the --seeds' first on, for so long; says how far it came every
 * minute simulate --detect SHARE            with so small a share of audits: how often a lying worker is found out */
#include "sim.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum planted_bug planted_bug;

static const struct {
    const char *name, *what;
} bugs[PLANT_COUNT] = {
#define BUG(name, what) [PLANT_##name] = {#name, what},
    PLANTED_BUGS(BUG)
#undef BUG
};

static const struct {
    const char *name, *what;
    size_t offset;
} faults[] = {
#define FAULT(name, usual, what) {#name, what, offsetof(struct sim_faults, name)},
    SIM_FAULTS(FAULT) SIM_DEEDS(FAULT)
#undef FAULT
};

static struct sim_faults usual_faults(void)
{
    return (struct sim_faults){
#define FAULT(name, usual, what) .name = usual,
        SIM_FAULTS(FAULT) SIM_DEEDS(FAULT)
#undef FAULT
    };
}

static _Noreturn void usage(const char *why)
{
    fprintf(stderr, "simulate: %s\n", why);
    exit(2);
}

static void set_fault(struct sim_faults *out, const char *text)
{
    const char *equals = strchr(text, '=');
    for (size_t i = 0; equals && i < sizeof faults / sizeof faults[0]; i++)
        if (strlen(faults[i].name) == (size_t)(equals - text) &&
            strncmp(faults[i].name, text, strlen(faults[i].name)) == 0) {
            double value = strtod(equals + 1, NULL);
            memcpy((char *)out + faults[i].offset, &value, sizeof value);
            return;
        }
    usage("--set NAME=VALUE: no such fault");
}

static enum planted_bug find_bug(const char *name)
{
    for (int bug = 1; bug < PLANT_COUNT; bug++)
        if (strcmp(bugs[bug].name, name) == 0)
            return (enum planted_bug)bug;
    usage("--plant NAME: no such bug");
}

static uint64_t current_seed;

/* An INVARIANT of the planner ends the process; the seed must not be lost with it. */
static void on_abort(int signal_number)
{
    (void)signal_number;
    char text[64];
    int size = snprintf(text, sizeof text, "seed %llu broke an invariant\n", (unsigned long long)current_seed);
    ssize_t written = write(STDERR_FILENO, text, (size_t)size);
    (void)written;
    _exit(1);
}

struct totals {
    uint64_t seeds, steps, events;
};

static void run_seed(uint64_t seed, const struct sim_faults *most, bool verbose, struct totals *totals)
{
    current_seed = seed;
    const struct sim_outcome outcome = sim_run(&(struct sim_setup){seed, *most, verbose, .audit = 1.0});
    totals->seeds++;
    totals->steps += outcome.steps;
    totals->events += outcome.events;
}

static struct totals run_seeds(uint64_t first, uint64_t last, const struct sim_faults *most, bool verbose)
{
    struct totals totals = {0};
    for (uint64_t seed = first; seed <= last; seed++)
        run_seed(seed, most, verbose, &totals);
    return totals;
}

static void print_totals(const struct totals *totals)
{
    const double seconds = (double)clock() / CLOCKS_PER_SEC;
    printf("%llu seeds, %llu events, %llu steps of the planner; %.0f events a second of CPU\n",
           (unsigned long long)totals->seeds, (unsigned long long)totals->events, (unsigned long long)totals->steps,
           (double)totals->events / (seconds > 0 ? seconds : 1));
    fflush(stdout);
}

/* One core and whatever time there is; a seed that fails ends it with its number. */
static void run_night(uint64_t first, double minutes, const struct sim_faults *most)
{
    struct totals totals = {0};
    const time_t begin = time(NULL);
    time_t told = begin;
    for (uint64_t seed = first; difftime(time(NULL), begin) < 60.0 * minutes; seed++) {
        run_seed(seed, most, false, &totals);
        if (difftime(time(NULL), told) < 60.0)
            continue;
        told = time(NULL);
        printf("seed %llu: ", (unsigned long long)seed);
        print_totals(&totals);
    }
    print_totals(&totals);
}

/* Liars by the number of wrong results that they brought home: up to 1, 2, 4, ... */
static void measure_detection(uint64_t first, uint64_t last, const struct sim_faults *most, double share)
{
    enum { CLASSES = 8 };
    uint64_t liars[CLASSES] = {0}, found[CLASSES] = {0}, lies = 0, left = 0;
    for (current_seed = first; current_seed <= last; current_seed++) {
        const struct sim_outcome outcome = sim_run(&(struct sim_setup){current_seed, *most, false, share});
        int class = 0;
        while (class < CLASSES - 1 && outcome.lies > 1U << class)
            class ++;
        lies += outcome.lies;
        left += outcome.lies_left;
        liars[class] += outcome.lies > 0;
        found[class] += outcome.lies > 0 && outcome.is_found_out;
    }
    printf("audited: %g of the segments, more of a new worker's\nlies up to   liars   found out   share\n", share);
    for (int class = 0; class < CLASSES; class ++)
        if (liars[class] > 0)
            printf("%10u %7llu %11llu   %.3f\n", 1U << class, (unsigned long long)liars[class],
                   (unsigned long long)found[class], (double)found[class] / (double)liars[class]);
    printf("%llu wrong results were stored, %llu are there at the end\n", (unsigned long long)lies,
           (unsigned long long)left);
}

/* In a child, whose words go to `words`: true when one of the seeds fails. */
static bool do_fail(uint64_t first, uint64_t last, const struct sim_faults *most, int words)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(words, STDERR_FILENO);
        (void)run_seeds(first, last, most, false);
        _exit(0);
    }
    int how = 0;
    if (child < 0 || waitpid(child, &how, 0) != child)
        usage("cannot run a child");
    return !(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static bool is_found(enum planted_bug bug, uint64_t seeds, const struct sim_faults *most)
{
    printf("%-24s ", bugs[bug].name);
    planted_bug = bug;
    const bool found = do_fail(1, seeds, most, STDOUT_FILENO);
    if (!found)
        printf("NOT FOUND in %llu seeds: %s\n", (unsigned long long)seeds, bugs[bug].what);
    return found;
}

/* Streams of chance are separate, so that leaving out one kind of fault moves no other: one pass finds a set from which
 * nothing more can go. */
static int shrink(uint64_t seed, struct sim_faults most)
{
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (!do_fail(seed, seed, &most, nowhere)) {
        printf("seed %llu does not fail\n", (unsigned long long)seed);
        return 1;
    }
    printf("simulate --seed %llu", (unsigned long long)seed);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct sim_faults fewer = most;
        memset((char *)&fewer + faults[i].offset, 0, sizeof(double));
        if (!do_fail(seed, seed, &fewer, nowhere))
            continue;
        most = fewer;
        printf(" --set %s=0", faults[i].name);
    }
    putchar('\n');
    do_fail(seed, seed, &most, STDOUT_FILENO);
    close(nowhere);
    return 0;
}

static int prove(uint64_t seeds, const struct sim_faults *most)
{
    int missed = 0;
    for (int bug = 1; bug < PLANT_COUNT; bug++)
        missed += !is_found((enum planted_bug)bug, seeds, most);
    printf("%d planted bugs, %d not found\n", PLANT_COUNT - 1, missed);
    return missed ? 1 : 0;
}

/* The seeds that ever failed: one a line, '#' begins a comment. */
static struct totals run_file(const char *path, const struct sim_faults *most, bool verbose)
{
    FILE *file = fopen(path, "r");
    if (!file)
        usage("--file PATH: cannot be read");
    char line[256];
    struct totals totals = {0};
    while (fgets(line, sizeof line, file)) {
        char *end;
        unsigned long long seed = strtoull(line, &end, 10);
        if (end != line)
            run_seed(seed, most, verbose, &totals);
    }
    fclose(file);
    return totals;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"seeds", required_argument, NULL, 'S'},
                                            {"set", required_argument, NULL, 'f'},
                                            {"plant", required_argument, NULL, 'p'},
                                            {"prove", required_argument, NULL, 'P'},
                                            {"file", required_argument, NULL, 'F'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"shrink", required_argument, NULL, 'm'},
                                            {"night", required_argument, NULL, 'n'},
                                            {"detect", required_argument, NULL, 'd'},
                                            {0}};
    struct sim_faults most = usual_faults();
    unsigned long long first = 1, last = 100, prove_seeds = 0, shrink_seed = 0;
    const char *file = NULL;
    double night_minutes = 0.0, detect_share = -1.0;
    bool verbose = false;
    for (int option; (option = getopt_long(argc, argv, "v", options, NULL)) != -1;)
        switch (option) {
        case 's':
            first = last = strtoull(optarg, NULL, 10);
            break;
        case 'S':
            if (sscanf(optarg, "%llu:%llu", &first, &last) != 2)
                usage("--seeds FIRST:LAST");
            break;
        case 'f':
            set_fault(&most, optarg);
            break;
        case 'p':
            planted_bug = find_bug(optarg);
            break;
        case 'P':
            prove_seeds = strtoull(optarg, NULL, 10);
            break;
        case 'm':
            shrink_seed = strtoull(optarg, NULL, 10);
            break;
        case 'F':
            file = optarg;
            break;
        case 'n':
            night_minutes = strtod(optarg, NULL);
            break;
        case 'd':
            detect_share = strtod(optarg, NULL);
            break;
        case 'v':
            verbose = true;
            break;
        default:
            usage("see the head of tests/simulate/simulate.c");
        }
    signal(SIGABRT, on_abort);
    if (shrink_seed)
        return shrink(shrink_seed, most);
    if (prove_seeds)
        return prove(prove_seeds, &most);
    if (night_minutes > 0.0) {
        run_night(first, night_minutes, &most);
    } else if (detect_share >= 0.0) {
        measure_detection(first, last, &most, detect_share);
    } else {
        const struct totals totals = file ? run_file(file, &most, verbose) : run_seeds(first, last, &most, verbose);
        print_totals(&totals);
    }
    return 0;
}
