#include "server/core/exchange.h"

#include "common/realmath.h"
#include "common/rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

static struct exchange make_exchange(int64_t round, uint32_t rung, double cold, double hot)
{
    return (struct exchange){
        .ensemble = {2},
        .round = {round},
        .rung_cold = {rung},
        .replica_cold = {7},
        .replica_hot = {9},
        .energy_cold = cold,
        .energy_hot = hot,
    };
}

Test(exchange, even_rounds_pair_0_with_1_and_odd_rounds_pair_1_with_2)
{
    struct rung_id partner;
    cr_assert(exchange_partner((struct segment_id){0}, (struct rung_id){0}, 4, &partner));
    cr_expect(eq(u32, partner.value, 1));
    cr_assert(exchange_partner((struct segment_id){1}, (struct rung_id){2}, 4, &partner));
    cr_expect(eq(u32, partner.value, 1));
}

Test(exchange, the_ends_of_a_ladder_rest_in_rounds_that_do_not_reach_them)
{
    struct rung_id partner;
    cr_expect(not(exchange_partner((struct segment_id){1}, (struct rung_id){0}, 4, &partner)));
    cr_expect(not(exchange_partner((struct segment_id){1}, (struct rung_id){3}, 4, &partner)));
    cr_expect(not(exchange_partner((struct segment_id){0}, (struct rung_id){2}, 3, &partner)));
    cr_expect(not(exchange_partner((struct segment_id){0}, (struct rung_id){0}, 1, &partner)));
    cr_expect(not(exchange_partner((struct segment_id){1}, (struct rung_id){4}, 4, &partner)), "no such rung");
}

Test(exchange, preparation_is_never_followed_by_an_exchange)
{
    struct rung_id partner;
    for (int64_t segment = -5; segment < 0; segment++)
        for (uint32_t rung = 0; rung < 4; rung++)
            cr_expect(not(exchange_partner((struct segment_id){segment}, (struct rung_id){rung}, 4, &partner)));
}

Test(exchange, partnership_is_mutual_and_between_neighbours)
{
    for (uint32_t count = 1; count <= 9; count++)
        for (int64_t round = 0; round < 4; round++)
            for (uint32_t rung = 0; rung < count; rung++) {
                struct rung_id partner, back;
                if (!exchange_partner((struct segment_id){round}, (struct rung_id){rung}, count, &partner))
                    continue;
                cr_assert(lt(u32, partner.value, count));
                cr_assert(partner.value + 1 == rung || rung + 1 == partner.value);
                cr_assert(exchange_partner((struct segment_id){round}, partner, count, &back));
                cr_assert(eq(u32, back.value, rung));
            }
}

Test(exchange, every_neighbouring_pair_meets_once_in_two_rounds)
{
    for (uint32_t rung = 0; rung + 1 < 8; rung++) {
        int meetings = 0;
        for (int64_t round = 10; round < 12; round++) {
            struct rung_id partner;
            if (exchange_partner((struct segment_id){round}, (struct rung_id){rung}, 8, &partner))
                meetings += partner.value == rung + 1;
        }
        cr_expect(eq(int, meetings, 1));
    }
}

Test(exchange, weight_is_zero_for_equal_energies_and_positive_when_the_cold_rung_holds_the_higher_one)
{
    cr_expect(eq(dbl, exchange_log_weight(0.5, 0.6, -3400.0, -3400.0), 0.0));
    cr_expect(gt(dbl, exchange_log_weight(0.5, 0.6, -3390.0, -3400.0), 0.0));
    cr_expect(lt(dbl, exchange_log_weight(0.5, 0.6, -3400.0, -3390.0), 0.0));
    cr_expect(ieee_ulp_eq(dbl, exchange_log_weight(0.5, 1.0, -10.0, -8.0), -2.0, 1));
}

Test(exchange, swapping_back_has_the_opposite_weight)
{
    double there = exchange_log_weight(0.55, 0.61, -3412.5, -3398.25);
    double back = exchange_log_weight(0.55, 0.61, -3398.25, -3412.5);
    cr_expect(eq(dbl, there, -back));
}

Test(exchange, decision_is_a_pure_function_of_seed_ensemble_round_and_rung)
{
    struct exchange a = make_exchange(4, 2, -3400.0, -3396.0), b = a;
    exchange_decide(&a, 1234, 0.60, 0.63);
    exchange_decide(&b, 1234, 0.60, 0.63);
    cr_expect(eq(dbl, a.uniform, b.uniform));
    cr_expect(eq(dbl, a.uniform, rng_uniform((struct rng_place){1234, STREAM_EXCHANGE, 4, 2}, 2)));
    struct exchange other = make_exchange(6, 2, -3400.0, -3396.0);
    exchange_decide(&other, 1234, 0.60, 0.63);
    cr_expect(ne(dbl, a.uniform, other.uniform));
}

Test(exchange, accepted_exactly_when_the_uniform_lies_below_the_exponential_of_the_weight)
{
    for (int64_t round = 0; round < 200; round++) {
        struct exchange exchange = make_exchange(round, (uint32_t)(round % 2), -3400.0, -3390.0);
        exchange_decide(&exchange, 99, 0.60, 0.62);
        cr_assert(exchange.accepted == (exchange.uniform < real_exp(exchange.log_weight)));
    }
}

Test(exchange, acceptance_has_the_metropolis_rate)
{
    int accepted = 0;
    enum { ROUNDS = 20000 };
    for (int64_t round = 0; round < ROUNDS; round++) {
        struct exchange exchange = make_exchange(round, 0, -8.0, -7.0);
        exchange_decide(&exchange, 5, 0.5, 1.0);
        accepted += exchange.accepted;
    }
    double expected = real_exp(-1.0) * ROUNDS;
    double sigma = sqrt(expected * (1.0 - real_exp(-1.0)));
    cr_expect(lt(dbl, fabs(accepted - expected), 4.0 * sigma));
}
