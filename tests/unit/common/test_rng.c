#include "common/rng.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>

struct known_answer {
    char name[8];
    uint32_t counter[4], key[2], words[4];
};

/* From the authors' kat_vectors file (Random123). */
ParameterizedTestParameters(rng, philox_gives_the_published_words)
{
    static struct known_answer rows[] = {
        {"zero", {0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {"ones",
         {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {"pi",
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    return cr_make_param_array(struct known_answer, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct known_answer *row, rng, philox_gives_the_published_words)
{
    uint32_t out[4];
    rng_philox(row->counter, row->key, out);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(out[i], row->words[i], "%s: word %d is %08x", row->name, i, out[i]);
}

static const struct rng_place place = {.seed = 7, .stream = STREAM_TEST, .step = -5, .index = 3};

Test(rng, every_part_of_a_place_changes_the_words)
{
    uint32_t reference[4], other[4];
    rng_words(place, 0, reference);
    struct rng_place places[6];
    for (int i = 0; i < 6; i++)
        places[i] = place;
    places[0].seed ^= UINT64_C(1) << 63;
    places[1].stream = STREAM_BUILD;
    places[2].step = 5;
    places[3].step = place.step - (INT64_C(1) << 40);
    places[4].index = 4;
    for (int i = 0; i < 6; i++) {
        rng_words(places[i], i == 5, other);
        cr_assert_neq(other[0], reference[0], "part %d does not matter", i);
    }
}

Test(rng, uniforms_are_uniform)
{
    enum { CELLS = 64, DRAWS = 64 * 4000 };
    double count[CELLS] = {0}, chi_sq = 0.0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        double u = rng_uniform(place, i);
        cr_assert(u > 0.0 && u < 1.0);
        count[(int)(u * CELLS)] += 1.0;
    }
    for (int i = 0; i < CELLS; i++)
        chi_sq += (count[i] - DRAWS / CELLS) * (count[i] - DRAWS / CELLS) / (DRAWS / CELLS);
    /* 63 degrees of freedom: 0.1 % and 99.9 % points. The draws are fixed, so this never flickers. */
    cr_assert(chi_sq > 32.0 && chi_sq < 104.0, "chi-square %g", chi_sq);
}

Test(rng, normals_have_the_moments_of_a_gaussian)
{
    enum { PAIRS = 200000 };
    double sum = 0.0, sum2 = 0.0, sum4 = 0.0, cross = 0.0;
    for (uint32_t i = 0; i < PAIRS; i++) {
        double z[2];
        rng_normal_pair(place, i, z);
        for (int k = 0; k < 2; k++) {
            sum += z[k];
            sum2 += z[k] * z[k];
            sum4 += z[k] * z[k] * z[k] * z[k];
        }
        cross += z[0] * z[1];
    }
    double n = 2.0 * PAIRS; /* four standard errors each */
    cr_assert_lt(fabs(sum / n), 4.0 / sqrt(n));
    cr_assert_lt(fabs(sum2 / n - 1.0), 4.0 * sqrt(2.0 / n));
    cr_assert_lt(fabs(sum4 / n - 3.0), 4.0 * sqrt(96.0 / n));
    cr_assert_lt(fabs(cross / PAIRS), 4.0 / sqrt((double)PAIRS));
}
