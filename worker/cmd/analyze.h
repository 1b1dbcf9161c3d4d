/* analyze.h - vitrine-worker analyze FILE: energies, forces, structure and pair distributions of a configuration. */
#ifndef VITRINE_WORKER_CMD_ANALYZE_H
#define VITRINE_WORKER_CMD_ANALYZE_H

int cmd_analyze(int argc, char **argv);

#endif
