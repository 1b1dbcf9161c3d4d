/* options.h - the command line of a verb from one table: parsing, help and shell completion follow from its rows.
 *
 * Each row names a long option and the member of the verb's own struct that it sets. */
#ifndef VITRINE_SERVER_CMD_OPTIONS_H
#define VITRINE_SERVER_CMD_OPTIONS_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG, /* bool */
    OPTION_TEXT, /* const char *, borrowed from argv */
    OPTION_I64,  /* struct option_i64 */
    OPTION_F64,  /* struct option_f64 */
};

/* Numbers know whether they were given: rung 0 is a rung. */
struct option_i64 {
    bool given;
    int64_t value;
};

struct option_f64 {
    bool given;
    double value;
};

struct option_spec {
    const char *name;  /* without the dashes; NULL ends the table */
    const char *value; /* the name of its value in the help; NULL for flags */
    enum option_type type;
    size_t offset; /* of the member in the verb's struct */
    const char *help;
};

#define OPTION(name, value, type, owner, member, help)                                                                 \
    {                                                                                                                  \
        name, value, type, offsetof(struct owner, member), help                                                        \
    }
#define OPTION_END                                                                                                     \
    {                                                                                                                  \
        0                                                                                                              \
    }

enum { OPTIONS_MAX = 32, ARGUMENTS_MAX = 64 };

/* What is left when the options are taken away. Borrowed from argv. */
struct arguments {
    int count;
    const char *words[ARGUMENTS_MAX];
};

/* Parses argv[1..] into `target` (the verb's struct, holding its defaults). Options may stand anywhere; "--" ends them.
 * STATUS_USAGE with a suggestion where one is near. */
enum status options_parse(const struct option_spec *specs, int argc, char *const argv[], void *target,
                          struct arguments *out_arguments, struct error *err) MUST_CHECK;

/* The same, and exactly as many arguments as `names` (blank-separated words, for the message; a last one that ends in
 * "..." may be repeated or left out, one in brackets may be left out). */
enum status options_parse_named(const struct option_spec *specs, const char *names, int argc, char *const argv[],
                                void *target, struct arguments *out_arguments, struct error *err) MUST_CHECK;

/* One line per option, aligned. */
void options_print_help(const struct option_spec *specs, FILE *out);

#endif
