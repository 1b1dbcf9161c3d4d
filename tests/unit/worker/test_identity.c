#include "worker/mc/identity.h"

#include "common/rng.h"
#include "worker/md/force.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const double TWO_48 = 0x1p48;

static double uniform(uint32_t block)
{
    return rng_uniform((struct rng_place){.seed = 7, .stream = STREAM_TEST}, block);
}

/* side^3 atoms near a cubic lattice of that spacing in a corner of the box, moved by up to `noise`; every other one
 * small. */
static void make_cluster(struct snapshot *s, uint32_t side, double spacing, double box, double noise)
{
    cr_assert_eq(snapshot_init(s, side * side * side, NULL), STATUS_OK);
    for (uint32_t i = 0; i < s->atoms; i++) {
        const uint32_t place[3] = {i % side, i / side % side, i / side / side};
        for (uint32_t d = 0; d < 3; d++) {
            double x = place[d] * spacing + noise * (2 * uniform(6 * i + d) - 1);
            s->box[d] = box;
            s->position[d][i] = (int64_t)floor(x / box * TWO_48);
            s->velocity[d][i] = uniform(6 * i + 3 + d) - 0.5;
        }
        s->type[i] = i % 2 ? ATOM_SMALL : ATOM_LARGE;
    }
}

static double total_energy(const struct potential *potential, const struct snapshot *s)
{
    double sum = 0, unused;
    for (uint32_t i = 0; i < s->atoms; i++)
        for (uint32_t k = 0; k < i; k++) {
            double r_sq = 0;
            for (int d = 0; d < 3; d++) {
                double x = (double)(s->position[d][i] - s->position[d][k]) / TWO_48;
                x = (x - rint(x)) * s->box[d];
                r_sq += x * x;
            }
            if (r_sq < potential->cutoff * potential->cutoff)
                sum += potential_pair(potential, s->type[i], s->type[k], r_sq, &unused);
        }
    return sum;
}

static void exchange_types(struct snapshot *s, uint32_t i, uint32_t j)
{
    uint8_t type = s->type[i];
    s->type[i] = s->type[j];
    s->type[j] = type;
}

Test(identity, energy_difference_is_that_of_the_full_double_loop)
{
    struct snapshot s;
    make_cluster(&s, 6, 0.93, 6 * 0.93, 0.08);
    for (int cut = 0; cut < CUT_KIND_COUNT; cut++) {
        struct potential potential = potential_make(POTENTIAL_WAHNSTROM, cut, 2.5);
        for (uint32_t trial = 0; trial < 50; trial++) {
            uint32_t large = 2 * (trial * 2 % 108), small = 2 * (trial * 7 % 108) + 1;
            double before = total_energy(&potential, &s);
            double delta = identity_delta(&potential, &s, large, small);
            exchange_types(&s, large, small);
            double after = total_energy(&potential, &s);
            exchange_types(&s, large, small);
            cr_expect_float_eq(delta, after - before, 1e-10, "%s: %.12f, not %.12f", cut_names[cut], delta,
                               after - before);
        }
    }
    snapshot_finish(&s);
}

struct momentum {
    double kinetic, total[3];
};

static struct momentum momentum_of(const struct potential *potential, const struct snapshot *s)
{
    struct momentum m = {0};
    for (uint32_t i = 0; i < s->atoms; i++)
        for (int d = 0; d < 3; d++) {
            m.total[d] += potential->mass[s->type[i]] * s->velocity[d][i];
            m.kinetic += potential->mass[s->type[i]] * s->velocity[d][i] * s->velocity[d][i] / 2;
        }
    return m;
}

Test(identity, accepted_exchanges_keep_kinetic_energy_momentum_and_composition)
{
    struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct snapshot s;
    make_cluster(&s, 3, 1.1, 6, 0.05);
    struct momentum before = momentum_of(&potential, &s);
    int accepted = 0;
    for (s.step = 0; s.step < 1000; s.step++) {
        struct identity_outcome outcome;
        cr_assert_eq(identity_attempt(&potential, 1.0, (struct identity_place){.seed = 1}, &s, &outcome, NULL),
                     STATUS_OK);
        accepted += outcome.is_accepted;
    }
    struct momentum after = momentum_of(&potential, &s);
    cr_expect_gt(accepted, 50);
    cr_expect_float_eq(after.kinetic, before.kinetic, 1e-13);
    for (int d = 0; d < 3; d++)
        cr_expect_float_eq(after.total[d], before.total[d], 1e-13);
    snapshot_finish(&s);
}

enum { ATOMS = 8, STATES = 1 << ATOMS };

static unsigned state_of(const struct snapshot *s)
{
    unsigned state = 0;
    for (uint32_t i = 0; i < s->atoms; i++)
        state |= (unsigned)(s->type[i] == ATOM_SMALL) << i;
    return state;
}

/* Boltzmann's probabilities of all C(8, 4) = 70 ways to place four small atoms; 0 for other states. */
static void enumerate(const struct potential *potential, double temperature, struct snapshot *s, double *probability)
{
    double sum = 0;
    for (unsigned state = 0; state < STATES; state++) {
        probability[state] = 0;
        if (__builtin_popcount(state) != ATOMS / 2)
            continue;
        for (uint32_t i = 0; i < ATOMS; i++)
            s->type[i] = state >> i & 1 ? ATOM_SMALL : ATOM_LARGE;
        sum += probability[state] = exp(-total_energy(potential, s) / temperature);
    }
    for (unsigned state = 0; state < STATES; state++)
        probability[state] /= sum;
}

Test(identity, states_of_a_small_cluster_are_visited_with_boltzmanns_probabilities)
{
    enum { ATTEMPTS = 400000, EVERY = 10, COUNTED = ATTEMPTS / EVERY }; /* every tenth is independent enough */
    struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct snapshot s;
    double probability[STATES], visits[STATES] = {0}, chi_sq = 0;
    make_cluster(&s, 2, 1.05, 6, 0.08);
    enumerate(&potential, 1.5, &s, probability);
    for (s.step = 0; s.step < ATTEMPTS; s.step++) {
        struct identity_outcome outcome;
        cr_assert_eq(identity_attempt(&potential, 1.5, (struct identity_place){.seed = 3}, &s, &outcome, NULL),
                     STATUS_OK);
        visits[state_of(&s)] += s.step % EVERY == 0;
    }
    int degrees = -1;
    double most = 0, least = 1;
    for (unsigned state = 0; state < STATES; state++) {
        if (probability[state] == 0) {
            cr_expect_eq(visits[state], 0);
            continue;
        }
        double expected = probability[state] * COUNTED;
        chi_sq += (visits[state] - expected) * (visits[state] - expected) / expected;
        degrees++;
        most = fmax(most, probability[state]);
        least = fmin(least, probability[state]);
    }
    cr_expect_eq(degrees, 69);
    cr_expect_gt(most / least, 20, "the states differ too little to tell: %g", most / least);
    /* 69 degrees of freedom: chi^2/69 = 1 +- 0.17. */
    cr_expect_lt(chi_sq / degrees, 1.5, "chi^2 per degree of freedom %g", chi_sq / degrees);
    snapshot_finish(&s);
}

Test(identity, an_attempt_is_a_function_of_state_seed_step_replica_and_number)
{
    struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct snapshot s;
    struct identity_outcome one, same, other;
    make_cluster(&s, 3, 1.1, 6, 0.05);
    struct identity_place place = {.seed = 5, .replica = {2}};
    cr_assert_eq(identity_attempt(&potential, 1e-9, place, &s, &one, NULL), STATUS_OK);
    if (one.is_accepted)
        exchange_types(&s, one.large, one.small); /* back to the state that it started from */
    cr_assert_eq(identity_attempt(&potential, 1e-9, place, &s, &same, NULL), STATUS_OK);
    cr_expect_eq(one.large, same.large);
    cr_expect_eq(one.small, same.small);
    cr_expect_eq(memcmp(&one.delta_energy, &same.delta_energy, sizeof one.delta_energy), 0);
    place.attempt = 1;
    cr_assert_eq(identity_attempt(&potential, 1e-9, place, &s, &other, NULL), STATUS_OK);
    cr_expect(other.large != one.large || other.small != one.small);
    snapshot_finish(&s);
}

Test(identity, a_single_species_or_a_small_box_is_refused)
{
    struct potential potential = potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
    struct snapshot s;
    struct identity_outcome outcome;
    make_cluster(&s, 2, 1.05, 4.9, 0);
    cr_expect_eq(identity_attempt(&potential, 1, (struct identity_place){0}, &s, &outcome, NULL), STATUS_INVALID);
    s.box[0] = s.box[1] = s.box[2] = 6;
    memset(s.type, ATOM_LARGE, s.atoms);
    cr_expect_eq(identity_attempt(&potential, 1, (struct identity_place){0}, &s, &outcome, NULL), STATUS_INVALID);
    snapshot_finish(&s);
}
