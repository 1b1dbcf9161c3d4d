/* relaxation.h - how fast a configuration is forgotten: F_s and the overlap against time, and the times they take.
 *
 * F_s(q, t) and Q(t_1, t_2) are those of overlap.h, of configurations as they move, q at the main peak of S(q) of the
 * first one. Of Q, which two independent configurations share by chance, what counts is the rest:
 *
 *     chi(t) = (Q(t) - Q_chance) / (1 - Q_chance),        chi(0) = 1.
 *
 * The relaxation time is where F_s has fallen to 1/e; the overlap time, where chi has.
 *
 * The wait before a replica counts as independent of what it was is where both have fallen to 1/e^2. If they decay
 * exponentially that is twice the relaxation time, which is how far apart samples have to be for their mean to have the
 * error of independent ones (statistical inefficiency 2 tau: Allen & Tildesley, Computer Simulation of Liquids, section
 * 8.4). Both are asked for because each is deceived alone: where atoms only change places, as in a crystal, F_s decays
 * and the configuration stays; where they rattle in wide cages, Q decays and each is at home still. */
#ifndef VITRINE_WORKER_STRUCTURE_RELAXATION_H
#define VITRINE_WORKER_STRUCTURE_RELAXATION_H

#include "common/snapshot.h"
#include "worker/structure/overlap.h"

/* A curve against rising times that begins at time 0 with 1, which is not among its points. */
struct relaxation_curve {
    uint32_t count;
    const double *time;       /* [count], any unit */
    const double *scattering; /* F_s, [count] */
    const double *overlap;    /* chi, [count] */
};

/* A time of a curve in its unit; where it is not reached, the curve's last time: a lower bound. */
struct relaxation_span {
    double time;
    bool reached;
};

struct relaxation_times {
    struct relaxation_span relaxation; /* F_s at 1/e */
    struct relaxation_span overlap;    /* chi at 1/e */
    struct relaxation_span wait;       /* both at 1/e^2 */
};

struct relaxation_times relaxation_times_of(const struct relaxation_curve *curve);

/* chi of a measured overlap. */
double relaxation_overlap(const struct overlap *overlap);

/* The lags at which a window of so many steps is looked at: eight a decade from 10 on, and its end. Returns the first
 * one after `lag`; `window` from there on. */
int64_t relaxation_next_lag(int64_t lag, int64_t window);

enum { RELAXATION_LAGS_MAX = 128 }; /* eight a decade up to 2^54 steps, and the end */

/* A window of a trajectory while it is passed through. */
struct relaxation {
    struct snapshot first;
    struct configuration before;     /* the same as a configuration */
    int64_t window;                  /* steps */
    double q;                        /* 1/sigma */
    uint32_t count;                  /* lags so far */
    double lag[RELAXATION_LAGS_MAX]; /* steps */
    struct scattering scattering[RELAXATION_LAGS_MAX];
    struct overlap overlap[RELAXATION_LAGS_MAX];
};

/* Begins a window at a snapshot, which is copied. Returned: relaxation_destroy. */
enum status relaxation_create(const struct snapshot *first, int64_t window, struct relaxation **out_relaxation,
                              struct error *err) MUST_CHECK;
void relaxation_destroy(struct relaxation **relaxation); /* NULL is fine */

/* Adds a later snapshot of the same trajectory. Its lag is one of relaxation_next_lag, in their order. */
enum status relaxation_add(struct relaxation *relaxation, const struct snapshot *snapshot,
                           struct error *err) MUST_CHECK;

/* The times of what has been added, in steps. */
struct relaxation_times relaxation_measure(const struct relaxation *relaxation);

#endif
