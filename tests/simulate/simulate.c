/* simulate - runs the planner through seeds of simulated trouble, and proves that it would find planted bugs.
 *
 *     simulate --seeds 1:1000            each seed, silently unless one fails
 *     simulate --seed 7 --verbose        one seed
 *     simulate --set loss=0 ...          one kind of fault less
 *     simulate --shrink 7            a failing seed with as few kinds of fault as still make it fail
 *     simulate --prove 5000              every planted bug is found within so many seeds
 *     simulate --plant NAME --seeds A:B  one of them */
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
    SIM_FAULTS(FAULT)
#undef FAULT
};

static struct sim_faults usual_faults(void)
{
    return (struct sim_faults){
#define FAULT(name, usual, what) .name = usual,
        SIM_FAULTS(FAULT)
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

static uint64_t run_seeds(uint64_t first, uint64_t last, const struct sim_faults *most, bool verbose)
{
    uint64_t steps = 0;
    for (current_seed = first; current_seed <= last; current_seed++)
        steps += sim_run(current_seed, most, verbose);
    return steps;
}

/* In a child, whose words go to `words`: true when one of the seeds fails. */
static bool do_fail(uint64_t first, uint64_t last, const struct sim_faults *most, int words)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(words, STDERR_FILENO);
        run_seeds(first, last, most, false);
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
static uint64_t run_file(const char *path, const struct sim_faults *most, bool verbose)
{
    FILE *file = fopen(path, "r");
    if (!file)
        usage("--file PATH: cannot be read");
    char line[256];
    uint64_t steps = 0;
    while (fgets(line, sizeof line, file)) {
        char *end;
        unsigned long long seed = strtoull(line, &end, 10);
        if (end != line)
            steps += run_seeds(seed, seed, most, verbose);
    }
    fclose(file);
    return steps;
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
                                            {0}};
    struct sim_faults most = usual_faults();
    unsigned long long first = 1, last = 100, prove_seeds = 0, shrink_seed = 0;
    const char *file = NULL;
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
    const clock_t begin = clock();
    uint64_t steps = file ? run_file(file, &most, verbose) : run_seeds(first, last, &most, verbose);
    const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("%llu steps, %.0f a second\n", (unsigned long long)steps, (double)steps / (seconds > 0 ? seconds : 1));
    return 0;
}
