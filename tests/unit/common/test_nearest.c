#include "common/nearest.h"

#include <criterion/criterion.h>
#include <stdint.h>

static const char *const keys[] = {"steps", "segment_steps", "seed", "system", "temperatures"};

static const char *nearest(const char *word)
{
    return nearest_word(word, keys, sizeof keys / sizeof keys[0]);
}

Test(nearest, counts_edits_and_swaps)
{
    cr_expect_eq(nearest_distance("seed", "seed"), 0);
    cr_expect_eq(nearest_distance("sed", "seed"), 1);
    cr_expect_eq(nearest_distance("sede", "seed"), 1, "a swap of neighbours is one edit");
    cr_expect_eq(nearest_distance("", "seed"), 4);
    cr_expect_eq(nearest_distance("kitten", "sitting"), 3);
}

Test(nearest, is_symmetric)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        for (size_t j = 0; j < sizeof keys / sizeof keys[0]; j++)
            cr_expect_eq(nearest_distance(keys[i], keys[j]), nearest_distance(keys[j], keys[i]));
}

Test(nearest, finds_the_mistyped_word)
{
    cr_expect_str_eq(nearest("temperaturs"), "temperatures");
    cr_expect_str_eq(nearest("Segment-Steps"), "segment_steps");
    cr_expect_str_eq(nearest("stesp"), "steps");
}

Test(nearest, does_not_guess_from_afar)
{
    cr_expect_null(nearest("flavour"));
    cr_expect_null(nearest(""));
}

Test(nearest, ignores_words_that_are_too_long)
{
    char word[200];
    memset(word, 's', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    cr_expect_eq(nearest_distance(word, "steps"), SIZE_MAX);
    cr_expect_null(nearest(word));
}
