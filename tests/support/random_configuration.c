#include "tests/support/random_configuration.h"

#include "common/rng.h"
#include "worker/build/random.h"

#include <criterion/criterion.h>

double random_number(uint64_t seed, uint32_t n)
{
    return rng_uniform((struct rng_place){seed, STREAM_TEST, 0, 0}, n);
}

struct configuration random_fluid(uint32_t atoms, double volume_per_atom, uint64_t seed)
{
    const struct system_spec system = {.atoms = atoms,
                                       .atoms_small = atoms / 2,
                                       .volume_per_atom = volume_per_atom,
                                       .potential = POTENTIAL_WAHNSTROM,
                                       .cut = CUT_SHIFTED,
                                       .cutoff = 2.5};
    struct snapshot snapshot;
    struct configuration configuration;
    struct error err;
    cr_assert_eq(build_random(&system, seed, (struct replica_id){0}, &snapshot, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(configuration_from_snapshot(&snapshot, &configuration, &err), STATUS_OK);
    snapshot_finish(&snapshot);
    return configuration;
}

struct configuration random_gas(uint32_t atoms, const double box[3], uint64_t seed)
{
    struct configuration configuration;
    struct error err;
    cr_assert_eq(configuration_init(&configuration, atoms, &err), STATUS_OK);
    for (uint32_t k = 0; k < 3; k++) {
        configuration.box[k] = box[k];
        for (uint32_t i = 0; i < atoms; i++)
            configuration.position[k][i] = box[k] * random_number(seed, 3 * i + k);
    }
    for (uint32_t i = 0; i < atoms; i++) {
        configuration.type[i] = i % 2 ? ATOM_SMALL : ATOM_LARGE;
        configuration.id[i] = (int64_t)i + 1;
    }
    return configuration;
}

void translate(struct configuration *configuration, const double shift[3])
{
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < configuration->atoms; i++)
            configuration->position[k][i] =
                configuration_wrap(configuration->position[k][i] + shift[k], configuration->box[k]);
}

static void swap_doubles(double *a, double *b)
{
    const double t = *a;
    *a = *b;
    *b = t;
}

void reverse(struct configuration *configuration)
{
    for (uint32_t i = 0, j = configuration->atoms - 1; i < j; i++, j--) {
        const uint8_t type = configuration->type[i];
        configuration->type[i] = configuration->type[j];
        configuration->type[j] = type;
        const int64_t id = configuration->id[i];
        configuration->id[i] = configuration->id[j];
        configuration->id[j] = id;
        for (int k = 0; k < 3; k++)
            swap_doubles(&configuration->position[k][i], &configuration->position[k][j]);
    }
}
