/* probe.h - a fixed toy run through every force term and thermostat of the engine. Its digest belongs to the engine id:
 * it is the same on every machine, instruction set, compiler and number of threads, or something is wrong. */
#ifndef VITRINE_WORKER_MD_PROBE_H
#define VITRINE_WORKER_MD_PROBE_H

#include "common/digest.h"
#include "common/error.h"

struct kernels;

/* Takes some 10 ms. */
enum status md_probe_digest(const struct kernels *kernels, struct digest *out_digest, struct error *err) MUST_CHECK;

#endif
