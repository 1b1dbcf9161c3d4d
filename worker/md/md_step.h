/* md_step.h - what happens within one step, on a struct md; md.c and md_run.c put it together. */
#ifndef VITRINE_WORKER_MD_MD_STEP_H
#define VITRINE_WORKER_MD_MD_STEP_H

#include "common/error.h"

struct md;

/* The tiles' state to and from the arrays by id. Putting it into tiles sorts the atoms (kd-tree). */
void md_step_gather(struct md *md);
void md_step_scatter(struct md *md);

/* Lists, forces and kicks of the present positions; velocities unchanged. */
enum status md_step_prepare(struct md *md, struct error *err) MUST_CHECK;

/* The kinetic energy of the present velocities. */
void md_step_measure(struct md *md);

/* One step of velocity Verlet and the thermostat, at `temperature` when it ends. */
enum status md_step_advance(struct md *md, double temperature, struct error *err) MUST_CHECK;

#endif
