/* probe.h - a fixed toy run through the engine, whose digest tells whether this machine computes what every other
 * machine of the same engine id computes. Takes a fraction of a second. */
#ifndef VITRINE_WORKER_PROBE_H
#define VITRINE_WORKER_PROBE_H

#include "common/digest.h"
#include "worker/runner.h"

/* Builder, large and small forces, thermostats, minimiser and tessellation all leave their mark in the digest. */
enum status probe_run(const struct runner_setup *setup, struct digest *out_digest, struct error *err) MUST_CHECK;

#endif
