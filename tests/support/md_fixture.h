/* md_fixture.h - small systems for tests of the engine. */
#ifndef VITRINE_TESTS_SUPPORT_MD_FIXTURE_H
#define VITRINE_TESTS_SUPPORT_MD_FIXTURE_H

#include "worker/md/md.h"

/* A 50:50 Wahnstrom system of N atoms at V/N = 0.767, dt = 0.002778, thermostat_tau = 0.2778. */
struct md_setup fixture_setup(uint32_t atoms, enum thermostat_kind thermostat, const char *isa);

/* A jittered lattice in a box of these proportions (1, 1, 1: cubic) at rest. The caller finishes it. */
struct snapshot fixture_lattice(const struct md_setup *setup, const double proportions[3]);

/* An md on that lattice, melted at T = 2 and cooled to `temperature`: `steps` of each. */
struct md *fixture_liquid(const struct md_setup *setup, const double proportions[3], double temperature, int64_t steps);

/* Runs at one temperature and fails the test when that fails. */
void fixture_run(struct md *md, int64_t steps, double temperature);

/* The digest of the state as hexadecimal. */
void fixture_hash(const struct md *md, char out[DIGEST_TEXT_SIZE]);

#endif
