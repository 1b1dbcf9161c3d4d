/* The table of verbs: every row is complete, every help can be printed. */
#include "server/cmd/verb.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *help_of(const struct verb *verb)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    verb_print_help(verb, out);
    fclose(out);
    return text;
}

Test(verb, every_verb_has_summary_usage_and_an_example_that_names_it)
{
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++) {
        char call[64];
        snprintf(call, sizeof call, "vitrine %s", (*verb)->name);
        cr_assert((*verb)->summary != NULL && (*verb)->arguments != NULL && (*verb)->run != NULL, "%s", (*verb)->name);
        cr_assert_leq(strlen((*verb)->summary), 100, "%s", (*verb)->name);
        cr_assert_not_null(strstr((*verb)->examples, call), "%s", (*verb)->name);
    }
}

Test(verb, every_help_shows_usage_and_examples)
{
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++) {
        char *text = help_of(*verb);
        cr_assert_not_null(strstr(text, "usage: vitrine "));
        cr_assert_not_null(strstr(text, "\nexamples:\n  vitrine "));
        free(text);
    }
}

Test(verb, names_are_found_and_unique)
{
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        cr_assert_eq((void *)verb_find((*verb)->name), (void *)*verb);
    cr_assert_null(verb_find("nonsense"));
}

Test(verb, a_slip_finds_the_verb_that_was_meant)
{
    cr_assert_str_eq(verb_find_nearest("analize")->name, "analyze");
    cr_assert_null(verb_find_nearest("xyzzy"));
}

Test(verb, general_help_names_every_verb)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    verb_print_all(out);
    fclose(out);
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        cr_assert_not_null(strstr(text, (*verb)->summary));
    free(text);
}
