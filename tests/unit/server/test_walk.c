#include "server/analysis/walk.h"

#include <criterion/criterion.h>

/* Follows a walk over 4 rungs, given as digits. */
static struct walk follow(const char *rungs)
{
    struct walk walk = {0};
    for (; *rungs != '\0'; rungs++)
        walk_step(&walk, (struct rung_id){(uint32_t)(*rungs - '0')}, 4);
    return walk;
}

Test(walk, from_end_to_end_is_one_passage)
{
    cr_assert_eq(follow("0123").passages, 1);
    cr_assert_eq(follow("3210").passages, 1);
}

Test(walk, coming_back_without_the_other_end_is_none)
{
    cr_assert_eq(follow("0121012101").passages, 0);
}

Test(walk, starting_in_the_middle_counts_from_the_first_end)
{
    cr_assert_eq(follow("21").passages, 0);
    cr_assert_eq(follow("2321210").passages, 1);
}

Test(walk, two_passages_are_a_round_trip)
{
    struct walk there = follow("0123"), back = follow("01233210"), again = follow("0123321012");
    cr_assert_eq(walk_round_trips(&there), 0);
    cr_assert_eq(walk_round_trips(&back), 1);
    cr_assert_eq(walk_round_trips(&again), 1);
}

Test(walk, waiting_at_an_end_is_not_a_passage)
{
    cr_assert_eq(follow("0000").passages, 0);
    cr_assert_eq(follow("0003333").passages, 1);
}
