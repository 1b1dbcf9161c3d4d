/* verbs.h - the verbs, each defined in the file of its name. */
#ifndef VITRINE_SERVER_CMD_VERBS_H
#define VITRINE_SERVER_CMD_VERBS_H

#include "server/cmd/verb.h"

extern const struct verb verb_run, verb_resume, verb_serve, verb_keys;
extern const struct verb verb_campaign, verb_workers, verb_drain;
extern const struct verb verb_init, verb_validate;
extern const struct verb verb_status, verb_samples, verb_exchanges, verb_pdf, verb_quench, verb_ttt, verb_plan,
    verb_query, verb_export, verb_plot, verb_report, verb_verify;
extern const struct verb verb_snapshot, verb_repair, verb_prune;
extern const struct verb verb_structure;
extern const struct verb verb_completion;
extern const struct verb verb_analyze, verb_compare, verb_build, verb_bench; /* handover.c */
extern const struct verb verb_eos;

/* This process becomes `vitrine-worker VERB ...`; returns only on failure. */
enum status verb_hand_over(const struct verb *verb, int argc, char *const argv[], struct error *err) MUST_CHECK;

#endif
