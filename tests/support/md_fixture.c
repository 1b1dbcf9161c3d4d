#include "tests/support/md_fixture.h"

#include "common/mem.h"
#include "common/rng.h"
#include "worker/kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>

struct md_setup fixture_setup(uint32_t atoms, enum thermostat_kind thermostat, const char *isa)
{
    struct md_setup setup = {
        .system = {atoms, atoms / 2, 0.767, POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5},
        .dynamics = {0.002778, thermostat, 0.2778},
        .seed = 42,
        .threads = 1,
    };
    struct error err = {0};
    cr_assert_eq(kernels_find(isa, &setup.kernels, &err), STATUS_OK, "%s", err.message);
    return setup;
}

struct snapshot fixture_lattice(const struct md_setup *setup, const double proportions[3])
{
    struct snapshot lattice;
    struct error err = {0};
    uint32_t atoms = setup->system.atoms, sites = 1;
    cr_assert_eq(snapshot_init(&lattice, atoms, &err), STATUS_OK, "%s", err.message);
    while (sites * sites * sites < atoms)
        sites++;
    double volume = setup->system.volume_per_atom * atoms;
    double edge = cbrt(volume / (proportions[0] * proportions[1] * proportions[2]));
    for (int k = 0; k < 3; k++)
        lattice.box[k] = edge * proportions[k];
    for (uint32_t i = 0; i < atoms; i++) {
        uint64_t site = (uint64_t)i * sites * sites * sites / atoms;
        const uint64_t place[3] = {site % sites, site / sites % sites, site / sites / sites};
        for (int k = 0; k < 3; k++) {
            const struct rng_place draw = {setup->seed, STREAM_TEST, k, 0};
            double fraction = ((double)place[k] + 0.1 * rng_uniform(draw, i)) / sites;
            lattice.position[k][i] = (int64_t)(fraction * 0x1p48);
        }
        lattice.type[i] = (uint64_t)(i + 1) * setup->system.atoms_small / atoms >
                                  (uint64_t)i * setup->system.atoms_small / atoms
                              ? ATOM_SMALL
                              : ATOM_LARGE;
    }
    return lattice;
}

void fixture_run(struct md *md, int64_t steps, double temperature)
{
    const struct md_ramp hold = {0, 0, temperature, temperature};
    struct error err = {0};
    cr_assert_eq(md_run(md, steps, &hold, NULL, NULL, &err), STATUS_OK, "%s", err.message);
}

struct md *fixture_liquid(const struct md_setup *setup, const double proportions[3], double temperature, int64_t steps)
{
    struct error err = {0};
    struct md *md;
    struct snapshot lattice = fixture_lattice(setup, proportions);
    cr_assert_eq(md_create(setup, &md, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(md_load(md, &lattice, &err), STATUS_OK, "%s", err.message);
    snapshot_finish(&lattice);
    md_draw_velocities(md, 2.0);
    fixture_run(md, steps, 2.0);
    fixture_run(md, steps, temperature);
    return md;
}

void fixture_hash(const struct md *md, char out[DIGEST_TEXT_SIZE])
{
    struct snapshot snapshot;
    struct error err = {0};
    uint8_t *bytes;
    size_t size;
    struct digest digest;
    cr_assert_eq(md_store(md, &snapshot, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(snapshot_encode(&snapshot, &bytes, &size, &digest, &err), STATUS_OK, "%s", err.message);
    digest_to_text(&digest, out);
    mem_free(bytes);
    snapshot_finish(&snapshot);
}
