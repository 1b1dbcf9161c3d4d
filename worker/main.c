/* main.c - vitrine-worker: runs segments for a coordinator, and physics on files. */
#include "common/descriptors.h"
#include "common/engine.h"
#include "common/mem.h"
#include "worker/cmd/analyze.h"
#include "worker/cmd/bench.h"
#include "worker/cmd/build.h"
#include "worker/cmd/cmd.h"
#include "worker/cmd/compare.h"
#include "worker/cmd/connect.h"
#include "worker/cmd/convert.h"
#include "worker/cmd/eos.h"
#include "worker/cmd/quantities.h"
#include "worker/cmd/scene.h"
#include "worker/kernels/kernels.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} verbs[] = {
    {"analyze", cmd_analyze, "energies, forces, structure and pair distributions of a configuration in a file"},
    {"bench", cmd_bench, "how fast the engine is on this machine"},
    {"compare", cmd_compare, "what moved between configurations: displacements, strings, overlap, relaxation"},
    {"convert", cmd_convert, "the bytes of a snapshot as extended XYZ, LAMMPS data or a LAMMPS dump"},
    {"quantities", cmd_quantities, "the table of scalar observables as Markdown"},
    {"scene", cmd_scene, "a configuration projected on paper, as CSV for pictures"},
    {"build", cmd_build, "a starting state written to a file: crystals, disordered C15, nanocomposites, random"},
    {"eos", cmd_eos, "static energy-volume curves of crystals and the two-phase minimum"},
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

static void print_help(void)
{
    printf(
        "usage: vitrine-worker --connect URL [options]\n"
        "       vitrine-worker VERB ...\n"
        "\n"
        "Advances replicas of a glass for a coordinator (vitrine serve, vitrine run). Needs no database; may be\n"
        "killed at any time: the coordinator grants what was lost again, and the results are the same.\n"
        "\n"
        "  --connect URL     the coordinator: tcp://HOST:PORT or ipc://PATH\n"
        "  --key FILE        this host's key (vitrine keys create); not needed on the coordinator's own machine\n"
        "  --spool DIR       keep results there while the coordinator is away, so that they outlive this process\n"
        "  --slots K|auto    segments at a time; auto (default): as many as there are CPUs for\n"
        "  --threads T       threads of one segment (default 1); they change no bit, and pay only for large systems\n"
        "  --isa NAME        portable, avx2, avx512 or auto (default): they change no bit either\n"
        "  --check-isa NAME  exit code 0 when this machine can run it\n"
        "  --grace SECONDS   on SIGTERM or SIGINT: finish what can be finished in so long, give the rest back\n"
        "                    (default 25); a second signal gives all back at once\n"
        "  --parent-pid PID  end when this parent process ends\n"
        "  --verbose         log every message\n"
        "  --version         version, engine id and the instruction set that auto means here\n"
        "\n"
        "verbs (each has --help):\n");
    for (int i = 0; i < VERB_COUNT; i++)
        printf("  %-10s %s\n", verbs[i].name, verbs[i].summary);
    printf("\n"
           "exit codes: 0 done; 1 failed; 2 usage; 6 the coordinator refused this worker; 75 left and gave work back\n"
           "\n"
           "examples:\n"
           "  vitrine-worker --connect tcp://127.0.0.1:7117 --slots auto\n"
           "  vitrine-worker --connect tcp://127.0.0.1:7117 --slots 4 --isa avx2 --grace 60\n"
           "  vitrine-worker analyze glass.xyz --json --minimize\n"
           "  vitrine-worker bench --atoms 500\n");
}

static void print_version(void)
{
    printf("vitrine-worker %s (engine %d, %s)\n", VITRINE_VERSION, ENGINE_ID, isa_names[cpu_best_isa()]);
}

/* For who starts workers: is the name right, and can this machine run it? */
static int check_isa(const char *name)
{
    const struct kernels *kernels;
    struct error err = {0};
    if (kernels_find(name, &kernels, &err) != STATUS_OK)
        return cmd_failed(&err);
    printf("%s\n", kernels_isa_name(kernels));
    return 0;
}

/* A full disk or a closed pipe is a failure too: results that nobody got are not done. */
static int end_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "vitrine-worker: error: cannot write to standard output\n");
    return code != 0 ? code : status_exit_code(STATUS_IO);
}

/* The verb's argv[0] is the command as it was typed: "vitrine analyze" when vitrine handed over. */
static int run_verb(int verb, int argc, char **argv)
{
    char command[64];
    const bool handed_over = strcmp(argv[0], "vitrine") == 0;
    snprintf(command, sizeof command, "%s %s", handed_over ? "vitrine" : "vitrine-worker", verbs[verb].name);
    argv[1] = command;
    return verbs[verb].run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    descriptors_open_standard();
    mem_keep_freed();
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return end_output(argc < 2 ? 2 : 0);
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return end_output(0);
    }
    if (argc == 3 && strcmp(argv[1], "--check-isa") == 0)
        return end_output(check_isa(argv[2]));
    for (int i = 0; i < VERB_COUNT; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return end_output(run_verb(i, argc, argv));
    if (argv[1][0] == '-')
        return cmd_connect(argc, argv);
    fprintf(stderr, "vitrine-worker: error: unknown verb '%s'; see vitrine-worker --help\n", argv[1]);
    return 2;
}
