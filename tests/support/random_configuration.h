/* random_configuration.h - configurations for laws over random inputs; every number is a function of the seed. */
#ifndef VITRINE_TESTS_SUPPORT_RANDOM_CONFIGURATION_H
#define VITRINE_TESTS_SUPPORT_RANDOM_CONFIGURATION_H

#include "worker/md/configuration.h"

/* Atoms no nearer than about 0.8 sigma, half of them small (random start), in a cube of `volume_per_atom`. */
struct configuration random_fluid(uint32_t atoms, double volume_per_atom, uint64_t seed);

/* Ideal-gas positions in a box of these edges: atoms may come arbitrarily near. */
struct configuration random_gas(uint32_t atoms, const double box[3], uint64_t seed);

/* Moves everything by `shift` and wraps. */
void translate(struct configuration *configuration, const double shift[3]);

/* Reverses the order of the atoms. */
void reverse(struct configuration *configuration);

/* A uniform number in (0, 1). */
double random_number(uint64_t seed, uint32_t n);

#endif
