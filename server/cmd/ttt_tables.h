/* ttt_tables.h - what `vitrine ttt` has found, as tables: the rows of its text, CSV and JSON. */
#ifndef VITRINE_SERVER_CMD_TTT_TABLES_H
#define VITRINE_SERVER_CMD_TTT_TABLES_H

#include "server/cmd/ttt_results.h"

extern const double ttt_us_of_step; /* microseconds in a step, by the paper's convention */

/* Each table is returned (table_destroy); NULL without memory. Times are steps unless a column says otherwise; what is
 * not known or not finite is an empty cell.
 *
 * One row an isotherm, of several ensembles: everything. */
struct table *ttt_table_full(const struct ttt_result *results, size_t count);

/* Of one ensemble. */
struct table *ttt_table_laws(const struct ttt_result *result);        /* an isotherm: t_1, t_50, t_99 by its law */
struct table *ttt_table_free(const struct ttt_result *result);        /* an isotherm: what needs no law, nucleation */
struct table *ttt_table_causes(const struct ttt_result *result);      /* an isotherm and cause */
struct table *ttt_table_sensitivity(const struct ttt_result *result); /* an isotherm, threshold and dwell */
struct table *ttt_table_runs(const struct ttt_result *result);        /* a run: its event */
struct table *ttt_table_means(const struct ttt_result *result);       /* below T_f: an isotherm, quantity and target */
struct table *ttt_table_volumes(const struct ttt_result *result);     /* large boxes: an isotherm */

/* Of several ensembles beside one another. */
struct table *ttt_table_sizes(const struct ttt_results *results); /* a pair of box sizes and a temperature */
struct table *ttt_table_map(const struct ttt_results *results);   /* a composition and a temperature */

#endif
