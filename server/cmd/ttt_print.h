/* ttt_print.h - what `vitrine ttt` has found: in words and tables, as CSV or as JSON. */
#ifndef VITRINE_SERVER_CMD_TTT_PRINT_H
#define VITRINE_SERVER_CMD_TTT_PRINT_H

#include "server/cmd/ttt_results.h"

/* On standard output, as asked for. */
enum status ttt_print(const struct ttt_results *results, const struct output_options *output,
                      struct error *err) MUST_CHECK;

/* In words and tables. */
enum status ttt_print_text(const struct ttt_results *results, FILE *out, struct error *err) MUST_CHECK;

#endif
