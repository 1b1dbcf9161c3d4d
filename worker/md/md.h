/* md.h - molecular dynamics of one replica: velocity Verlet and a thermostat on the kernels.
 *
 * The state between two calls is exactly a snapshot: md_load rebuilds every list and cache from it in an order that
 * depends on nothing else, so that load, run, store is a pure function. One thread owns a struct md; `threads` of
 * OpenMP work inside md_run and change no bit. */
#ifndef VITRINE_WORKER_MD_MD_H
#define VITRINE_WORKER_MD_MD_H

#include "common/error.h"
#include "common/segment.h"
#include "common/snapshot.h"
#include <stdatomic.h>
#include <stdbool.h>

struct kernels;
struct md;

struct md_setup {
    struct system_spec system;
    struct dynamics_spec dynamics;
    uint64_t seed; /* with replica: names every random number */
    struct replica_id replica;
    const struct kernels *kernels; /* borrowed: kernels_get(isa) */
    int threads;                   /* >= 1 */
};

/* STATUS_INVALID when the cutoff and the list's skin exceed half the box: the message names the smallest N that works.
 */
enum status md_create(const struct md_setup *setup, struct md **out_md, struct error *err) MUST_CHECK;
void md_destroy(struct md **md); /* NULL and pointers to NULL are fine */

/* Takes over a state (copied). The snapshot's atoms, composition and volume must be those of the setup. */
enum status md_load(struct md *md, const struct snapshot *snapshot, struct error *err) MUST_CHECK;

/* The state now (initialises out_snapshot). */
enum status md_store(const struct md *md, struct snapshot *out_snapshot, struct error *err) MUST_CHECK;

/* Replaces velocities by Maxwell's at `temperature`, total momentum zero, kinetic temperature not rescaled.
 * STREAM_VELOCITY at the current step. */
void md_draw_velocities(struct md *md, double temperature);

/* Multiplies velocities (and transforms thermostat variables) for a move from one temperature to another: replica
 * exchange. Sugita & Okamoto, Chem. Phys. Lett. 314, 141 (1999). */
void md_rescale_velocities(struct md *md, double temperature_before, double temperature_after);

/* Advances by `steps`; the thermostat's temperature is linear in the step between (step_a, temperature_a) and (step_b,
 * temperature_b). progress (may be NULL) is raised as steps are done; cancel (may be NULL) is looked at every few
 * hundred steps and ends the call with STATUS_EVICTED. STATUS_PHYSICS when numbers stop being finite or an atom moves
 * farther in a step than the list allows. Splitting a call in two gives the same bits. */
struct md_ramp {
    int64_t step_a, step_b;
    double temperature_a, temperature_b;
};
double md_ramp_temperature(const struct md_ramp *ramp, int64_t step);
enum status md_run(struct md *md, int64_t steps, const struct md_ramp *ramp, _Atomic int64_t *progress,
                   const _Atomic bool *cancel, struct error *err) MUST_CHECK;

/* Observables at the current full step, in double precision from the full positions, without touching the trajectory:
 * a sum over the pair lists of the moment, a twentieth of what force_compute takes. One call at a time. */
struct md_observables {
    double energy_potential; /* epsilon, total, the system's cut */
    double energy_kinetic;   /* epsilon, total */
    double virial;           /* epsilon, sum r.f */
    double temperature;      /* 2K/(3N-3) */
    double pressure;         /* epsilon/sigma^3 */
};
enum status md_observe(const struct md *md, struct md_observables *out, struct error *err) MUST_CHECK;

#endif
