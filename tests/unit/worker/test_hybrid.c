#include "worker/mc/hybrid.h"

#include "tests/support/md_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static const double CUBIC[3] = {1, 1, 1};
static const double HOT = 1.5; /* exchanges are accepted often */

static struct identity_counts run_pieces(const struct md_setup *setup, const struct identity_spec *spec,
                                         const int64_t *pieces, int count, char out_hash[DIGEST_TEXT_SIZE])
{
    struct md *md = fixture_liquid(setup, CUBIC, HOT, 200);
    struct identity_counts counts = {0};
    const struct md_ramp ramp = {0, 0, HOT, HOT};
    for (int i = 0; i < count; i++)
        cr_assert_eq(hybrid_run(md, setup, spec, pieces[i], &ramp, NULL, NULL, &counts, NULL), STATUS_OK);
    fixture_hash(md, out_hash);
    md_destroy(&md);
    return counts;
}

Test(hybrid, cutting_a_run_anywhere_changes_no_bit)
{
    struct md_setup setup = fixture_setup(256, THERMOSTAT_BUSSI, "auto");
    const struct identity_spec spec = {20, 2};
    char whole[DIGEST_TEXT_SIZE], pieces[DIGEST_TEXT_SIZE];
    struct identity_counts a = run_pieces(&setup, &spec, (const int64_t[]){2000}, 1, whole);
    struct identity_counts b = run_pieces(&setup, &spec, (const int64_t[]){7, 13, 80, 500, 1399, 1}, 6, pieces);
    cr_expect_str_eq(whole, pieces);
    cr_expect_eq(a.attempts, 200);
    cr_expect_eq(b.attempts, 200);
    cr_expect_gt(a.accepted, 0);
    cr_expect_eq(a.accepted, b.accepted);
}

Test(hybrid, without_attempts_it_is_molecular_dynamics)
{
    struct md_setup setup = fixture_setup(256, THERMOSTAT_BUSSI, "auto");
    const struct identity_spec never = {1000000, 1};
    char hybrid[DIGEST_TEXT_SIZE], plain[DIGEST_TEXT_SIZE];
    struct identity_counts counts = run_pieces(&setup, &never, (const int64_t[]){500}, 1, hybrid);
    struct md *md = fixture_liquid(&setup, CUBIC, HOT, 200);
    fixture_run(md, 500, HOT);
    fixture_hash(md, plain);
    md_destroy(&md);
    cr_expect_str_eq(hybrid, plain);
    cr_expect_eq(counts.attempts, 0);
}

Test(hybrid, composition_never_changes)
{
    struct md_setup setup = fixture_setup(256, THERMOSTAT_BUSSI, "auto");
    struct md *md = fixture_liquid(&setup, CUBIC, HOT, 200);
    struct identity_counts counts = {0};
    const struct identity_spec spec = {10, 5};
    const struct md_ramp ramp = {0, 0, HOT, HOT};
    struct snapshot s;
    uint32_t small = 0;
    cr_assert_eq(hybrid_run(md, &setup, &spec, 1000, &ramp, NULL, NULL, &counts, NULL), STATUS_OK);
    cr_assert_eq(md_store(md, &s, NULL), STATUS_OK);
    for (uint32_t i = 0; i < s.atoms; i++)
        small += s.type[i] == ATOM_SMALL;
    cr_expect_eq(small, setup.system.atoms_small);
    cr_expect_eq(counts.attempts, 500);
    cr_expect_gt(counts.accepted, 0);
    snapshot_finish(&s);
    md_destroy(&md);
}
