/* handover.h - verbs that need physics on a file: this process becomes `vitrine-worker VERB ...`, as git does with its
 * helpers, so that the server never includes the worker. */
#ifndef VITRINE_SERVER_CMD_HANDOVER_H
#define VITRINE_SERVER_CMD_HANDOVER_H

#include "server/cmd/verb.h"

/* Returns only when it failed. */
enum status handover_run(const struct verb *verb, int argc, char *const argv[], struct error *err);

extern const struct verb verb_analyze, verb_bench;

#endif
