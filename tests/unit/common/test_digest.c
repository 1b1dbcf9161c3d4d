#include "common/digest.h"

#include <criterion/criterion.h>

Test(digest, abc_gives_the_known_blake2b_256)
{
    char text[DIGEST_TEXT_SIZE];
    struct digest digest = digest_of_bytes("abc", 3);
    digest_to_text(&digest, text);
    /* `printf abc | b2sum -l 256` */
    cr_assert_str_eq(text, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

Test(digest, pieces_give_the_digest_of_the_whole)
{
    struct digest_state state;
    digest_init(&state);
    digest_add_bytes(&state, "a", 1);
    digest_add_bytes(&state, "bc", 2);
    struct digest pieces = digest_finish(&state), whole = digest_of_bytes("abc", 3);
    cr_assert(digest_equal(&pieces, &whole));
    cr_assert(!digest_is_zero(&whole));
}

Test(digest, strings_do_not_run_into_each_other)
{
    struct digest_state state;
    digest_init(&state);
    digest_add_string(&state, "ab");
    digest_add_string(&state, "c");
    struct digest first = digest_finish(&state);
    digest_init(&state);
    digest_add_string(&state, "a");
    digest_add_string(&state, "bc");
    struct digest second = digest_finish(&state);
    cr_assert(!digest_equal(&first, &second));
}

Test(digest, doubles_count_by_their_bits)
{
    struct digest_state state;
    digest_init(&state);
    digest_add_f64(&state, 0.0);
    struct digest plus = digest_finish(&state);
    digest_init(&state);
    digest_add_f64(&state, -0.0);
    struct digest minus = digest_finish(&state);
    cr_assert(!digest_equal(&plus, &minus));
}
