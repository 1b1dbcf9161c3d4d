/* exchange.h - replica exchange in logical time: which pairs, and whether they swap. Pure.
 *
 * In round n the pairs (i, i+1) with i = n mod 2, n mod 2 + 2, ... attempt a swap, as soon as both partners' segments n
 * are stored. There is no global barrier: rungs without a partner in round n go on at once. */
#ifndef VITRINE_SERVER_CORE_EXCHANGE_H
#define VITRINE_SERVER_CORE_EXCHANGE_H

#include "common/ids.h"
#include <stdbool.h>
#include <stdint.h>

/* One attempt, decided: the row of the ledger. */
struct exchange {
    struct ensemble_id ensemble;
    struct segment_id round;        /* = segment that both partners just ended, >= 0 */
    struct rung_id rung_cold;       /* i; the partner is i + 1 */
    struct replica_id replica_cold; /* on rung i before the swap */
    struct replica_id replica_hot;
    double energy_cold; /* epsilon, total, of replica_cold's end configuration */
    double energy_hot;
    double log_weight;
    double uniform;
    bool accepted;
};

/* The partner of `rung` in `round` of a ladder of `rung_count` rungs. False when it has none. */
bool exchange_partner(struct segment_id round, struct rung_id rung, uint32_t rung_count, struct rung_id *out_partner);

/* exchange_log_weight - logarithm of the Metropolis ratio for swapping two rungs.
 *
 *     w = (beta_cold - beta_hot) (U_cold - U_hot)
 *
 * beta in 1/epsilon, U in epsilon for the whole replica (extensive, not per particle), before the swap.
 * Accept with probability min(1, exp w). Momenta drop out because the worker rescales velocities by
 * sqrt(T_new/T_old). Sugita & Okamoto, Chem. Phys. Lett. 314, 141 (1999). */
double exchange_log_weight(double temperature_cold, double temperature_hot, double energy_cold, double energy_hot);

/* Fills log_weight, uniform and accepted from the other members. The uniform is a pure function of (seed, ensemble,
 * round, rung): rng stream STREAM_EXCHANGE, index = rung_cold, block = ensemble. */
void exchange_decide(struct exchange *exchange, uint64_t seed, double temperature_cold, double temperature_hot);

#endif
