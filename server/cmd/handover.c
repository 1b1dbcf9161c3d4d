/* handover.c - verbs that need physics on a file: this process becomes `vitrine-worker VERB ...`, as git does with its
 * helpers, so that the server never includes the worker. */
#include "server/cmd/verbs.h"

#include "server/process.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { HANDOVER_ARGUMENTS_MAX = 4096 };

enum status verb_hand_over(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    char program[PATH_MAX];
    char *words[HANDOVER_ARGUMENTS_MAX + 2] = {(char[]){"vitrine"}}; /* so that its help names what was typed */
    enum status status = process_find_worker(program, err);
    if (status != STATUS_OK)
        return error_context(err, "'vitrine %s'", verb->name);
    if (argc > HANDOVER_ARGUMENTS_MAX)
        return error_set(err, STATUS_USAGE, "more than %d arguments", HANDOVER_ARGUMENTS_MAX);
    for (int i = 0; i < argc; i++)
        words[i + 1] = argv[i];
    fflush(stdout);
    execv(program, words);
    return error_set_errno(err, STATUS_IO, errno, "cannot run '%s'", program);
}

const struct verb verb_analyze = {
    .name = "analyze",
    .summary = "Measure a configuration file: energy, pressure, icosahedra, Voronoi cells, PDF",
    .arguments = "FILE",
    .examples = "vitrine analyze glass.xyz\n"
                "vitrine analyze --minimize --json glass.data > glass.json",
    .run = verb_hand_over,
};

const struct verb verb_bench = {
    .name = "bench",
    .summary = "Measure the speed of the engine on this machine",
    .arguments = "",
    .examples = "vitrine bench --atoms 500 --steps 20000\n"
                "vitrine bench --atoms 32000 --threads 2 --json",
    .run = verb_hand_over,
};

const struct verb verb_build = {
    .name = "build",
    .summary = "Write a starting configuration: crystals, disordered C15, nanocomposites, random",
    .arguments = "KIND",
    .examples = "vitrine build nanocomposite --atoms 4000 --grain-atoms 400 --seed 1 -o grains.xyz\n"
                "vitrine build --help",
    .run = verb_hand_over,
};

const struct verb verb_compare = {
    .name = "compare",
    .summary = "What moved between configurations: displacements, strings of movers, overlap, F_s",
    .arguments = "BEFORE AFTER...",
    .examples = "vitrine compare step0.xyz step1000000.xyz --xyz moved.xyz\n"
                "vitrine compare --json --interval 1000 frame0.xyz frame1.xyz frame2.xyz",
    .run = verb_hand_over,
};
