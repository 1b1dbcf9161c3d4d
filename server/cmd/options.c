#include "server/cmd/options.h"

#include "common/invariant.h"
#include "common/nearest.h"
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long's own table from ours. Returns the number of rows. */
static int fill_long_options(const struct option_spec *specs, struct option out[OPTIONS_MAX + 1])
{
    int count = 0;
    for (; specs[count].name != NULL; count++) {
        INVARIANT(count < OPTIONS_MAX);
        out[count] = (struct option){
            specs[count].name, specs[count].type == OPTION_FLAG ? no_argument : required_argument, NULL, 256 + count};
    }
    out[count] = (struct option){0};
    return count;
}

static enum status parse_i64(const char *text, struct option_i64 *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || isspace((unsigned char)text[0]))
        return STATUS_USAGE;
    *out = (struct option_i64){.given = true, .value = value};
    return STATUS_OK;
}

static enum status parse_f64(const char *text, struct option_f64 *out)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || isspace((unsigned char)text[0]) || !isfinite(value))
        return STATUS_USAGE;
    *out = (struct option_f64){.given = true, .value = value};
    return STATUS_OK;
}

static enum status set_option(const struct option_spec *spec, const char *text, void *target, struct error *err)
{
    void *member = (char *)target + spec->offset;
    switch (spec->type) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return STATUS_OK;
    case OPTION_TEXT:
        *(const char **)member = text;
        return STATUS_OK;
    case OPTION_I64:
        if (parse_i64(text, member) != STATUS_OK)
            return error_set(err, STATUS_USAGE, "option '--%s' wants a whole number, not '%s'", spec->name, text);
        return STATUS_OK;
    case OPTION_F64:
        if (parse_f64(text, member) != STATUS_OK)
            return error_set(err, STATUS_USAGE, "option '--%s' wants a number, not '%s'", spec->name, text);
        return STATUS_OK;
    }
    INVARIANT(!"option type");
    return STATUS_USAGE;
}

/* The option that a mistyped one may have meant: what it is the beginning of, else the nearest. */
static const char *suggest_option(const struct option_spec *specs, const char *name)
{
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    for (; specs[count].name != NULL; count++) {
        names[count] = specs[count].name;
        if (strncmp(names[count], name, strlen(name)) == 0)
            return names[count];
    }
    return nearest_word(name, names, count);
}

/* What getopt calls '?': an unknown or ambiguous option, or a value given to a flag. */
static enum status explain_unknown(const struct option_spec *specs, const char *word, struct error *err)
{
    if (strncmp(word, "--", 2) != 0)
        return error_set(err, STATUS_USAGE, "unknown option '%s' (options have long names only)", word);
    char name[NEAREST_WORD_SIZE];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (const struct option_spec *spec = specs; spec->name != NULL; spec++)
        if (strcmp(spec->name, name) == 0)
            return error_set(err, STATUS_USAGE, "option '--%s' takes no value", name);
    const char *near = suggest_option(specs, name);
    if (near != NULL)
        return error_set(err, STATUS_USAGE, "unknown option '--%s'; did you mean '--%s'?", name, near);
    return error_set(err, STATUS_USAGE, "unknown option '--%s'", name);
}

static enum status take_arguments(int argc, char *const argv[], struct arguments *out, struct error *err)
{
    *out = (struct arguments){0};
    for (int i = optind; i < argc; i++) {
        if (out->count == ARGUMENTS_MAX)
            return error_set(err, STATUS_USAGE, "more than %d arguments", ARGUMENTS_MAX);
        out->words[out->count++] = argv[i];
    }
    return STATUS_OK;
}

enum status options_parse(const struct option_spec *specs, int argc, char *const argv[], void *target,
                          struct arguments *out_arguments, struct error *err)
{
    struct option table[OPTIONS_MAX + 1];
    int count = fill_long_options(specs, table);
    optind = 0; /* glibc: start anew */
    opterr = 0;
    for (;;) {
        int place = optind == 0 ? 1 : optind;
        int code = getopt_long(argc, argv, ":", table, NULL);
        if (code == -1)
            return take_arguments(argc, argv, out_arguments, err);
        if (code == ':')
            return error_set(err, STATUS_USAGE, "option '%s' wants a value", argv[optind - 1]);
        if (code == '?')
            return explain_unknown(specs, argv[optind > place ? optind - 1 : place], err);
        INVARIANT(code >= 256 && code < 256 + count);
        enum status status = set_option(&specs[code - 256], optarg, target, err);
        if (status != STATUS_OK)
            return status;
    }
}

struct arity {
    int least, most;
};

static struct arity count_names(const char *names)
{
    struct arity arity = {0, 0};
    for (const char *word = names; *word != '\0';) {
        size_t size = strcspn(word, " ");
        bool repeated = size >= 3 && strncmp(word + size - 3, "...", 3) == 0;
        bool optional = *word == '[' || repeated;
        arity.least += !optional;
        arity.most += repeated ? ARGUMENTS_MAX : 1;
        word += size + strspn(word + size, " ");
    }
    return arity;
}

enum status options_parse_named(const struct option_spec *specs, const char *names, int argc, char *const argv[],
                                void *target, struct arguments *out_arguments, struct error *err)
{
    enum status status = options_parse(specs, argc, argv, target, out_arguments, err);
    if (status != STATUS_OK)
        return status;
    struct arity arity = count_names(names);
    if (out_arguments->count < arity.least)
        return error_set(err, STATUS_USAGE, "missing argument: '%s' wants %s", argv[0], names);
    if (out_arguments->count > arity.most)
        return error_set(err, STATUS_USAGE, "unexpected argument '%s'", out_arguments->words[arity.most]);
    return STATUS_OK;
}

static int option_width(const struct option_spec *spec)
{
    return (int)(strlen(spec->name) + (spec->value != NULL ? 1 + strlen(spec->value) : 0));
}

void options_print_help(const struct option_spec *specs, FILE *out)
{
    int widest = 0;
    for (const struct option_spec *spec = specs; spec->name != NULL; spec++)
        if (option_width(spec) > widest)
            widest = option_width(spec);
    for (const struct option_spec *spec = specs; spec->name != NULL; spec++)
        fprintf(out, "  --%s%s%s%*s  %s\n", spec->name, spec->value != NULL ? " " : "",
                spec->value != NULL ? spec->value : "", widest - option_width(spec), "", spec->help);
}
