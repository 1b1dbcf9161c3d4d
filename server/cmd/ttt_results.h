/* ttt_results.h - what `vitrine ttt` finds of several ensembles, and what they say about one another. */
#ifndef VITRINE_SERVER_CMD_TTT_RESULTS_H
#define VITRINE_SERVER_CMD_TTT_RESULTS_H

#include "server/cmd/ttt_result.h"
#include <stdio.h>

/* Two results of one system but for the size of the box, at one temperature. */
struct ttt_size_pair {
    size_t a, b; /* indices of the results */
    double temperature;
    struct nucleation_comparison comparison;
};

struct ttt_results {
    size_t count;
    struct ttt_result *results;   /* [count] */
    struct selected *items;       /* [count] the ensembles of the results */
    struct ttt_request *requests; /* [count] theirs: T_f is the ensemble's own where none is given */
    size_t pair_count;
    struct ttt_size_pair *pairs; /* [pair_count] all that there are */
};

/* Of a list of isotherms, which may go when this returns. An ensemble that has not begun its record, or whose runs make
 * no isotherms (STATUS_INVALID), is left out and told to `left_out`, a line each; without that (NULL), or when the list
 * has no other, it ends the matter with that status. STATUS_NOT_FOUND when nothing is left. */
enum status ttt_results_compute(const struct reading *reading, const struct selected_list *list,
                                const struct ttt_request *request, double melting, FILE *left_out,
                                struct ttt_results *out, struct error *err) MUST_CHECK;
void ttt_results_finish(struct ttt_results *results); /* zeroed is fine */

/* Are there several compositions among them, so that a map says something? */
bool ttt_has_compositions(const struct ttt_results *results);

#endif
