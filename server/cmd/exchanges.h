/* exchanges.h - acceptance of each pair of rungs as a table, for `vitrine exchanges`, `export` and `plot`. */
#ifndef VITRINE_SERVER_CMD_EXCHANGES_H
#define VITRINE_SERVER_CMD_EXCHANGES_H

#include "server/cmd/reading.h"

/* One row a pair, of the ladders among the selected ensembles. Returned (table_destroy). */
enum status exchanges_make_pairs(const struct reading *reading, const struct selected_list *list,
                                 struct table **out_table, struct error *err) MUST_CHECK;

#endif
