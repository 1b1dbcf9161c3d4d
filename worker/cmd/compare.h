/* compare.h - vitrine-worker compare BEFORE AFTER...: what moved between configurations. */
#ifndef VITRINE_WORKER_CMD_COMPARE_H
#define VITRINE_WORKER_CMD_COMPARE_H

int cmd_compare(int argc, char **argv);

#endif
