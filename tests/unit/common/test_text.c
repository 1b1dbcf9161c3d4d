#include "common/text.h"

#include <criterion/criterion.h>

Test(text, what_fits_is_printed_whole)
{
    char out[16];
    text_print(out, sizeof out, "%s %d", "round", 12);
    cr_expect_str_eq(out, "round 12");
}

Test(text, what_does_not_fit_is_cut_off_and_ends_in_a_zero)
{
    char out[8] = "xxxxxxx";
    text_print(out, 5, "%s", "temperature");
    cr_expect_str_eq(out, "temp");
    cr_expect_eq(out[5], 'x');
}
