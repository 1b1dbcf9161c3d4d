#include "server/core/exchange.h"

#include "common/invariant.h"
#include "common/realmath.h"
#include "common/rng.h"

bool exchange_partner(struct segment_id round, struct rung_id rung, uint32_t rung_count, struct rung_id *out_partner)
{
    if (round.value < 0 || rung.value >= rung_count)
        return false;
    bool is_cold = (rung.value & 1u) == (uint32_t)(round.value & 1);
    if (is_cold ? rung.value + 1 >= rung_count : rung.value == 0)
        return false;
    out_partner->value = is_cold ? rung.value + 1 : rung.value - 1;
    return true;
}

double exchange_log_weight(double temperature_cold, double temperature_hot, double energy_cold, double energy_hot)
{
    return (1.0 / temperature_cold - 1.0 / temperature_hot) * (energy_cold - energy_hot);
}

void exchange_decide(struct exchange *exchange, uint64_t seed, double temperature_cold, double temperature_hot)
{
    INVARIANT(exchange->round.value >= 0 && temperature_cold > 0.0 && temperature_hot > temperature_cold);
    const struct rng_place place = {seed, STREAM_EXCHANGE, exchange->round.value, exchange->rung_cold.value};
    exchange->log_weight =
        exchange_log_weight(temperature_cold, temperature_hot, exchange->energy_cold, exchange->energy_hot);
    exchange->uniform = rng_uniform(place, exchange->ensemble.value);
    /* The uniform lies below 1, so a weight of 0 or more always accepts, without asking the exponential. */
    exchange->accepted = exchange->log_weight >= 0.0 || exchange->uniform < real_exp(exchange->log_weight);
}
