/* build.h - vitrine-worker build: a starting state written to a file. */
#ifndef VITRINE_WORKER_CMD_BUILD_H
#define VITRINE_WORKER_CMD_BUILD_H

/* Arguments after the verb's name stand from argv[1] on. Returns the exit code. */
int cmd_build(int argc, char **argv);

#endif
