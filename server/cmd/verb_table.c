/* verb_table.c - the table of verbs, in the order of the help. A new verb is its file and a row here. */
#include "server/cmd/verbs.h"

/* clang-format off */
const struct verb *const verb_table[] = {
    &verb_init,
    &verb_validate,
    &verb_run,
    &verb_resume,
    &verb_serve,
    &verb_status,
    &verb_samples,
    &verb_exchanges,
    &verb_pdf,
    &verb_quench,
    &verb_ttt,
    &verb_plan,
    &verb_plot,
    &verb_report,
    &verb_export,
    &verb_query,
    &verb_verify,
    &verb_snapshot,
    &verb_repair,
    &verb_prune,
    &verb_analyze,
    &verb_compare,
    &verb_build,
    &verb_eos,
    &verb_bench,
    &verb_completion,
    NULL,
};
