/* ttt_tables.h - what `vitrine ttt` has found, in words, as CSV and as JSON. Each carries the definition of an event.
 */
#ifndef VITRINE_SERVER_CMD_TTT_TABLES_H
#define VITRINE_SERVER_CMD_TTT_TABLES_H

#include "server/cmd/ttt_result.h"

/* Several ensembles, and what they say about one another. */
struct ttt_results {
    size_t count;
    struct ttt_result *results; /* [count] */
    size_t pair_count;
    struct ttt_size_pair *pairs; /* [pair_count] */
};

enum status ttt_print(const struct ttt_results *results, const struct output_options *output,
                      struct error *err) MUST_CHECK;

/* All of it, returned; NULL without memory. */
json_t *ttt_to_json(const struct ttt_results *results);

#endif
