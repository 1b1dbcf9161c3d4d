#include "worker/build/disorder.h"

static uint32_t count_small(const struct configuration *configuration)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < configuration->atoms; i++)
        count += configuration->type[i] == ATOM_SMALL;
    return count;
}

/* Selection sampling: each set of `wanted` out of the `available` atoms of type `from` is equally likely, one draw per
 * atom. Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S. */
static void turn_random(struct configuration *configuration, enum atom_type from, uint32_t available, uint32_t wanted,
                        struct rng_place place)
{
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        if (configuration->type[i] != from)
            continue;
        if (available-- * rng_uniform(place, i) >= wanted)
            continue;
        configuration->type[i] = from == ATOM_SMALL ? ATOM_LARGE : ATOM_SMALL;
        wanted--;
    }
}

enum status disorder_types(struct configuration *configuration, uint32_t atoms_small, struct build_seed seed,
                           struct error *err)
{
    uint32_t small = count_small(configuration);
    if (atoms_small > configuration->atoms)
        return error_set(err, STATUS_INVALID, "%u small atoms do not fit among %u atoms", atoms_small,
                         configuration->atoms);
    struct rng_place place = build_place(seed, BUILD_DRAW_TYPES);
    if (small > atoms_small)
        turn_random(configuration, ATOM_SMALL, small, small - atoms_small, place);
    else
        turn_random(configuration, ATOM_LARGE, configuration->atoms - small, atoms_small - small, place);
    return STATUS_OK;
}

void disorder_positions(struct configuration *configuration, double noise, struct build_seed seed)
{
    struct rng_place place = build_place(seed, BUILD_DRAW_NOISE);
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        double normal[4];
        rng_normal_pair(place, 2 * i, normal);
        rng_normal_pair(place, 2 * i + 1, normal + 2);
        for (int d = 0; d < 3; d++)
            configuration->position[d][i] =
                configuration_wrap(configuration->position[d][i] + noise * normal[d], configuration->box[d]);
    }
}
