/* ttt_json.h - what `vitrine ttt` has found as JSON: tables (ttt_tables.h), the diagram, survival curves, and the
 * definition of an event. */
#ifndef VITRINE_SERVER_CMD_TTT_JSON_H
#define VITRINE_SERVER_CMD_TTT_JSON_H

#include "server/cmd/ttt_results.h"

/* All of it, returned (json_decref); NULL without memory. */
json_t *ttt_to_json(const struct ttt_results *results);

#endif
