/* thermostat.h - what keeps the temperature: the scalar side. Each thermostat of the rescaling kind turns the kinetic
 * energy into one factor for all velocities, which the next half kick applies; so it costs nothing per atom.
 *
 * Bussi: Bussi, Donadio & Parrinello, J. Chem. Phys. 126, 014101 (2007), the exact propagator of the kinetic energy.
 * Nose-Hoover: a chain of THERMOSTAT_CHAIN, Martyna, Klein & Tuckerman, J. Chem. Phys. 97, 2635 (1992).
 * Langevin: BAOAB, Leimkuhler & Matthews, Appl. Math. Res. Express 2013, 34. The exact Ornstein-Uhlenbeck step (O) acts
 * in every LANGEVIN_EVERY-th step (those whose number it divides) for the time of all of them: a splitting as good as
 * the one of every step while friction times that time is small, at a quarter of its cost. The push of the centre of
 * mass is taken off, which leaves an exact Ornstein-Uhlenbeck process of the other degrees of freedom. 3N - 3 degrees
 * of freedom: the total momentum is zero. */
#ifndef VITRINE_WORKER_MD_THERMOSTAT_H
#define VITRINE_WORKER_MD_THERMOSTAT_H

#include "common/rng.h"
#include "common/segment.h"

enum { THERMOSTAT_CHAIN = 3, LANGEVIN_EVERY = 4 };

struct thermostat {
    enum thermostat_kind kind;
    double dt;
    double rate_sq;                    /* 1/tau^2 */
    double damping;                    /* e^(-t/tau), t one step (Bussi) or LANGEVIN_EVERY of them (Langevin: the
                                          factor of velocities over one O step) */
    double freedom;                    /* 3N - 3 */
    double heat;                       /* epsilon, given to the atoms so far (Bussi): E - heat is conserved */
    double angle[THERMOSTAT_CHAIN];    /* Nose-Hoover: eta */
    double velocity[THERMOSTAT_CHAIN]; /* 1/tau, d eta/dt. Masses are proportional to T, so that a move to another
                                          temperature by md_rescale_velocities leaves these as they are. */
};

struct thermostat thermostat_make(const struct dynamics_spec *dynamics, uint32_t atoms);

/* The variables in a snapshot's order; returns their count. */
uint32_t thermostat_store(const struct thermostat *thermostat, double *variables);
void thermostat_load(struct thermostat *thermostat, const double *variables);
uint32_t thermostat_variables(enum thermostat_kind kind);

/* Before a step and after it: the factor for the velocities. `place` names the step and the replica. */
double thermostat_before(struct thermostat *thermostat, double kinetic, double temperature);
double thermostat_after(struct thermostat *thermostat, double kinetic, double temperature, struct rng_place place);

#endif
