#include "worker/mc/identity.h"

#include "common/realmath.h"
#include "common/rng.h"

#include <math.h>

enum { BLOCK_LARGE, BLOCK_SMALL, BLOCK_ACCEPT, BLOCKS_PER_ATTEMPT };
enum { IMAGE_BITS = 64 - SNAPSHOT_FRACTION_BITS };

/* Nearest image of the difference of two positions along one edge, in 2^-48 edges: the low 48 bits with their sign. */
static int64_t nearest_image(int64_t a, int64_t b)
{
    return (int64_t)(((uint64_t)a - (uint64_t)b) << IMAGE_BITS) >> IMAGE_BITS;
}

static double distance_sq(const struct snapshot *snapshot, uint32_t i, uint32_t k)
{
    double sum = 0;
    for (int d = 0; d < 3; d++) {
        const int64_t *position = snapshot->position[d];
        double x = (double)nearest_image(position[i], position[k]) * (snapshot->box[d] * 0x1p-48);
        sum += x * x;
    }
    return sum;
}

/* What it costs to make atom i `type_after`, in the field of all atoms but `partner`. */
static double retype_energy(const struct potential *potential, const struct snapshot *snapshot, uint32_t i,
                            uint32_t partner, int type_after)
{
    const double cutoff_sq = potential->cutoff * potential->cutoff;
    const int type_before = snapshot->type[i];
    double sum = 0, force_over_r;
    for (uint32_t k = 0; k < snapshot->atoms; k++) {
        if (k == i || k == partner)
            continue;
        double r_sq = distance_sq(snapshot, i, k);
        if (r_sq >= cutoff_sq)
            continue;
        sum += potential_pair(potential, type_after, snapshot->type[k], r_sq, &force_over_r) -
               potential_pair(potential, type_before, snapshot->type[k], r_sq, &force_over_r);
    }
    return sum;
}

double identity_delta(const struct potential *potential, const struct snapshot *snapshot, uint32_t large,
                      uint32_t small)
{
    return retype_energy(potential, snapshot, large, small, ATOM_SMALL) +
           retype_energy(potential, snapshot, small, large, ATOM_LARGE);
}

static enum status check_state(const struct potential *potential, const struct snapshot *snapshot, uint32_t small_count,
                               struct error *err)
{
    for (int d = 0; d < 3; d++)
        if (2 * potential->cutoff > snapshot->box[d])
            return error_set(err, STATUS_INVALID,
                             "box edge %g is below two cutoffs (%g): identity exchange needs a larger box",
                             snapshot->box[d], 2 * potential->cutoff);
    if (small_count == 0 || small_count == snapshot->atoms)
        return error_set(err, STATUS_INVALID, "identity exchange needs atoms of both species; there is only one");
    return STATUS_OK;
}

static uint32_t count_small(const struct snapshot *snapshot)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < snapshot->atoms; i++)
        count += snapshot->type[i] == ATOM_SMALL;
    return count;
}

/* The atom of this type that has `rank` others of its type before it. */
static uint32_t atom_of_rank(const struct snapshot *snapshot, enum atom_type type, uint32_t rank)
{
    uint32_t i = 0;
    for (;; i++)
        if (snapshot->type[i] == type && rank-- == 0)
            return i;
}

static uint32_t draw_below(struct rng_place place, uint32_t block, uint32_t count)
{
    uint32_t drawn = (uint32_t)(rng_uniform(place, block) * count);
    return drawn < count ? drawn : count - 1; /* a product may round up to count */
}

static void swap_identities(struct snapshot *snapshot, uint32_t i, uint32_t j)
{
    uint8_t type = snapshot->type[i];
    snapshot->type[i] = snapshot->type[j];
    snapshot->type[j] = type;
    for (int d = 0; d < 3; d++) {
        double velocity = snapshot->velocity[d][i];
        snapshot->velocity[d][i] = snapshot->velocity[d][j];
        snapshot->velocity[d][j] = velocity;
    }
}

enum status identity_attempt(const struct potential *potential, double temperature, struct identity_place place,
                             struct snapshot *snapshot, struct identity_outcome *out, struct error *err)
{
    uint32_t small_count = count_small(snapshot);
    enum status status = check_state(potential, snapshot, small_count, err);
    if (status != STATUS_OK)
        return status;
    struct rng_place draw = {place.seed, STREAM_IDENTITY, snapshot->step, place.replica.value};
    uint32_t block = place.attempt * BLOCKS_PER_ATTEMPT;
    uint32_t large_rank = draw_below(draw, block + BLOCK_LARGE, snapshot->atoms - small_count);
    uint32_t small_rank = draw_below(draw, block + BLOCK_SMALL, small_count);
    struct identity_outcome outcome = {.large = atom_of_rank(snapshot, ATOM_LARGE, large_rank),
                                       .small = atom_of_rank(snapshot, ATOM_SMALL, small_rank)};
    outcome.delta_energy = identity_delta(potential, snapshot, outcome.large, outcome.small);
    outcome.is_accepted = rng_uniform(draw, block + BLOCK_ACCEPT) < real_exp(-outcome.delta_energy / temperature);
    if (outcome.is_accepted)
        swap_identities(snapshot, outcome.large, outcome.small);
    *out = outcome;
    return STATUS_OK;
}
