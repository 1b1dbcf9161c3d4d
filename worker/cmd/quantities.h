/* quantities.h - vitrine-worker quantities: the table of scalar observables (quantities.def) as Markdown.
 *
 *     vitrine-worker quantities > schemas/quantities.md
 *
 * A test holds the committed file to what this prints. */
#ifndef VITRINE_WORKER_CMD_QUANTITIES_H
#define VITRINE_WORKER_CMD_QUANTITIES_H

#include <stdio.h>

void quantities_print(FILE *file);
int cmd_quantities(int argc, char **argv);

#endif
