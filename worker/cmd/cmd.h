/* cmd.h - what the verbs of vitrine-worker share. Each is int cmd_<verb>(int argc, char **argv) with argv[0] the
 * command as it was typed ("vitrine analyze", "vitrine-worker analyze"), and returns the exit code. */
#ifndef VITRINE_WORKER_CMD_CMD_H
#define VITRINE_WORKER_CMD_CMD_H

#include "common/error.h"
#include <stdio.h>

/* Prints `file:line:column: error: message` (or `vitrine-worker: error: message`) and returns the exit code. */
int cmd_failed(const struct error *err);

/* Prints a help text, in which '$' stands for the command. */
void cmd_print_help(FILE *out, const char *help, const char *command);

/* A real number of the command line, above `above`; STATUS_USAGE. */
enum status cmd_parse_real(const char *option, const char *text, double above, double *out,
                           struct error *err) MUST_CHECK;

/* A whole number of the command line in 0 .. most; STATUS_USAGE. */
enum status cmd_parse_whole(const char *option, const char *text, long long most, long long *out,
                            struct error *err) MUST_CHECK;

/* The place of `text` among `count` names; STATUS_USAGE with the names that exist. */
enum status cmd_parse_name(const char *option, const char *text, const char *const *names, int count, int *out,
                           struct error *err) MUST_CHECK;

#endif
