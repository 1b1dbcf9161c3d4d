#include "worker/build/random.h"
#include "worker/md/configuration.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct system_spec system_of(uint32_t atoms, uint32_t atoms_small)
{
    return (struct system_spec){.atoms = atoms,
                                .atoms_small = atoms_small,
                                .volume_per_atom = 0.767,
                                .potential = POTENTIAL_WAHNSTROM,
                                .cut = CUT_SHIFTED,
                                .cutoff = 2.5};
}

static struct snapshot build(const struct system_spec *system, uint64_t seed, uint32_t replica)
{
    struct snapshot snapshot;
    struct error err;
    cr_assert_eq(build_random(system, seed, (struct replica_id){replica}, &snapshot, &err), STATUS_OK, "%s",
                 err.message);
    return snapshot;
}

Test(random, composition_and_volume_are_exact)
{
    static const uint32_t small[] = {0, 165, 250, 500};
    for (int n = 0; n < 4; n++) {
        const struct system_spec system = system_of(500, small[n]);
        struct snapshot snapshot = build(&system, 1, 0);
        uint32_t count = 0;
        for (uint32_t i = 0; i < 500; i++)
            count += snapshot.type[i] == ATOM_SMALL;
        cr_assert_eq(count, small[n]);
        cr_assert_float_eq(snapshot.box[0] * snapshot.box[1] * snapshot.box[2], 500 * 0.767, 1e-12 * 383.5);
        snapshot_finish(&snapshot);
    }
}

Test(random, a_start_is_a_function_of_seed_and_replica)
{
    const struct system_spec system = system_of(300, 150);
    struct snapshot a = build(&system, 5, 2), b = build(&system, 5, 2), c = build(&system, 5, 3),
                    d = build(&system, 6, 2);
    cr_assert_arr_eq(a.position[0], b.position[0], 300 * sizeof(int64_t));
    cr_assert_neq(memcmp(a.position[0], c.position[0], 300 * sizeof(int64_t)), 0);
    cr_assert_neq(memcmp(a.position[0], d.position[0], 300 * sizeof(int64_t)), 0);
    cr_assert_neq(memcmp(a.type, c.type, 300), 0);
    snapshot_finish(&a);
    snapshot_finish(&b);
    snapshot_finish(&c);
    snapshot_finish(&d);
}

Test(random, no_two_atoms_overlap)
{
    static const double sigma[3] = {1.0, 11.0 / 12.0, 5.0 / 6.0};
    const struct system_spec system = system_of(500, 250);
    struct snapshot snapshot = build(&system, 8, 0);
    struct configuration c;
    struct error err;
    cr_assert_eq(configuration_from_snapshot(&snapshot, &c, &err), STATUS_OK);
    for (uint32_t i = 0; i < c.atoms; i++)
        for (uint32_t j = i + 1; j < c.atoms; j++) {
            double r_sq = 0.0;
            for (int k = 0; k < 3; k++) {
                double d = c.position[k][i] - c.position[k][j];
                d -= c.box[k] * rint(d / c.box[k]);
                r_sq += d * d;
            }
            cr_assert_gt(sqrt(r_sq), 0.88 * sigma[c.type[i] + c.type[j]]);
        }
    configuration_finish(&c);
    snapshot_finish(&snapshot);
}

Test(random, an_impossible_system_is_refused)
{
    struct system_spec system = system_of(10, 11);
    struct snapshot snapshot;
    struct error err;
    cr_assert_eq(build_random(&system, 1, (struct replica_id){0}, &snapshot, &err), STATUS_INVALID);
}
