/* start.h - the simplest start there is: a simple cubic lattice with types at random, at rest. For benches and probes;
 * campaigns begin with worker/build. */
#ifndef VITRINE_WORKER_MD_START_H
#define VITRINE_WORKER_MD_START_H

#include "worker/md/md.h"

/* A box of these proportions (1, 1, 1: cubic) with the volume of the setup's system. Initialises `out`. */
enum status start_lattice(const struct md_setup *setup, const double proportions[3], struct snapshot *out,
                          struct error *err) MUST_CHECK;

#endif
