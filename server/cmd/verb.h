/* verb.h - what `vitrine` can be told to do: one struct verb each, one file each, one row each in verb_table.c.
 *
 * Help, did-you-mean, shell completion and the man page follow from these. */
#ifndef VITRINE_SERVER_CMD_VERB_H
#define VITRINE_SERVER_CMD_VERB_H

#include "common/error.h"
#include "server/cmd/options.h"
#include <stdbool.h>
#include <stdio.h>

struct verb {
    const char *name;
    const char *summary;               /* one line, an imperative */
    const char *arguments;             /* positional, as options_parse_named reads them */
    const char *notes;                 /* what the options do not say, in paragraphs; may be NULL */
    void (*print_choices)(FILE *out);  /* a table that follows the notes; may be NULL */
    const char *examples;              /* complete command lines, one a line */
    const struct option_spec *options; /* NULL: handed over to vitrine-worker, which has the options */
    /* argv[0] is the verb's name. An empty err->message means that the failure has been reported already. */
    enum status (*run)(const struct verb *verb, int argc, char *const argv[], struct error *err);
};

enum { VERBS_MAX = 64 };
extern const struct verb *const verb_table[]; /* ended by NULL; at most VERBS_MAX */

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);

/* The verb whose name is nearest to a mistyped one, or NULL. */
const struct verb *verb_find_nearest(const char *name);

/* `vitrine --help` and `vitrine VERB --help`. */
void verb_print_all(FILE *out);
void verb_print_help(const struct verb *verb, FILE *out);

/* Runs `vitrine argv[1] ...`: global options, the verb, its errors. Returns the exit code of the process. */
int verb_main(int argc, char *argv[]);

#endif
