#include "server/cmd/options.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct wishes {
    bool json;
    const char *out;
    struct option_i64 rung;
    struct option_f64 temperature;
};

static const struct option_spec specs[] = {
    OPTION("json", NULL, OPTION_FLAG, wishes, json, "print JSON"),
    OPTION("out", "DIR", OPTION_TEXT, wishes, out, "write there"),
    OPTION("rung", "N", OPTION_I64, wishes, rung, "only this rung"),
    OPTION("temperature", "T", OPTION_F64, wishes, temperature, "only this temperature"),
    OPTION_END,
};

static struct wishes wishes;
static struct arguments arguments;
static struct error err;

/* Splits a line at blanks and parses it as `verb LINE`. */
static enum status parse(const char *names, const char *line)
{
    static char copy[256];
    static char *argv[32];
    int argc = 0;
    snprintf(copy, sizeof copy, "verb %s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    wishes = (struct wishes){0};
    return options_parse_named(specs, names, argc, argv, &wishes, &arguments, &err);
}

Test(options, options_may_stand_anywhere)
{
    cr_assert_eq(parse("DB", "--rung 0 a.db --json --out=here"), STATUS_OK);
    cr_assert(wishes.json && wishes.rung.given);
    cr_assert_eq(wishes.rung.value, 0);
    cr_assert_str_eq(wishes.out, "here");
    cr_assert_str_eq(arguments.words[0], "a.db");
}

Test(options, what_is_not_given_is_not_given)
{
    cr_assert_eq(parse("DB", "a.db"), STATUS_OK);
    cr_assert(!wishes.json && wishes.out == NULL && !wishes.rung.given && !wishes.temperature.given);
}

Test(options, two_dashes_end_the_options)
{
    cr_assert_eq(parse("DB", "-- --json"), STATUS_OK);
    cr_assert_str_eq(arguments.words[0], "--json");
}

Test(options, negative_numbers_are_values)
{
    cr_assert_eq(parse("DB", "a.db --rung -3"), STATUS_OK);
    cr_assert_eq(wishes.rung.value, -3);
}

struct refusal {
    const char *line, *message;
};

static const struct refusal refusals[] = {
    {"a.db --jsno", "unknown option '--jsno'; did you mean '--json'?"},
    {"a.db --temp 0.6x", "option '--temperature' wants a number, not '0.6x'"},
    {"a.db --rung 1.5", "option '--rung' wants a whole number, not '1.5'"},
    {"a.db --rung 99999999999999999999", "option '--rung' wants a whole number, not '99999999999999999999'"},
    {"a.db --temperature nan", "option '--temperature' wants a number, not 'nan'"},
    {"a.db --out", "option '--out' wants a value"},
    {"a.db --json=yes", "option '--json' takes no value"},
    {"a.db -j", "unknown option '-j' (options have long names only)"},
    {"a.db --zzz", "unknown option '--zzz'"},
    {"--zzz a.db b.db", "unknown option '--zzz'"},
    {"", "missing argument: 'verb' wants DB"},
    {"a.db b.db", "unexpected argument 'b.db'"},
};

Test(options, mistakes_are_usage_errors_that_help)
{
    for (const struct refusal *refusal = refusals; refusal < refusals + sizeof refusals / sizeof *refusals; refusal++) {
        cr_assert_eq(parse("DB", refusal->line), STATUS_USAGE);
        cr_assert_str_eq(err.message, refusal->message);
    }
}

Test(options, arguments_may_be_optional_or_repeated)
{
    cr_assert_eq(parse("[FILE]", ""), STATUS_OK);
    cr_assert_eq(parse("FILE...", "a b c"), STATUS_OK);
    cr_assert_eq(arguments.count, 3);
    cr_assert_eq(parse("DB SQL", "a.db"), STATUS_USAGE);
}

Test(options, help_has_one_aligned_line_for_each)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    options_print_help(specs, out);
    fclose(out);
    cr_assert_str_eq(text, "  --json           print JSON\n"
                           "  --out DIR        write there\n"
                           "  --rung N         only this rung\n"
                           "  --temperature T  only this temperature\n");
    free(text);
}
