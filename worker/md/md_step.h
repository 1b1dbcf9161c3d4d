/* md_step.h - what happens within one step, on a struct md; md.c and md_run.c put it together. */
#ifndef VITRINE_WORKER_MD_MD_STEP_H
#define VITRINE_WORKER_MD_MD_STEP_H

#include "common/error.h"

struct md;

/* Sorts the atoms into clusters (kd-tree) and sets all that goes with a slot: mass, coefficients, fixed-point
 * positions. */
void md_step_sort(struct md *md);

/* Lists, forces and kicks of the present positions; velocities unchanged. */
enum status md_step_prepare(struct md *md, struct error *err) MUST_CHECK;

/* The kinetic energy of the present velocities. */
void md_step_measure(struct md *md);

/* One step of velocity Verlet and the thermostat, at `temperature` when it ends. */
enum status md_step_advance(struct md *md, double temperature, struct error *err) MUST_CHECK;

#endif
