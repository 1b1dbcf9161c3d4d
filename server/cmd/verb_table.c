/* verb_table.c - the table of verbs, in the order of the help. A new verb is its file and a row here. */
#include "server/cmd/verbs.h"

const struct verb *const verb_table[] = {
    &verb_init, &verb_validate, &verb_analyze, &verb_bench, NULL,
};
