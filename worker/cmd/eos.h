/* eos.h - vitrine-worker eos: static energy-volume curves of crystals and the two-phase minimum. */
#ifndef VITRINE_WORKER_CMD_EOS_H
#define VITRINE_WORKER_CMD_EOS_H

/* Arguments after the verb's name stand from argv[1] on. Returns the exit code. */
int cmd_eos(int argc, char **argv);

#endif
