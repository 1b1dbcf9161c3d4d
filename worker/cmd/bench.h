/* bench.h - vitrine-worker bench: how fast the engine is on this machine. */
#ifndef VITRINE_WORKER_CMD_BENCH_H
#define VITRINE_WORKER_CMD_BENCH_H

/* Arguments after the verb's name stand from argv[1] on. Returns the exit code. */
int cmd_bench(int argc, char **argv);

#endif
