/* ttt_axes.h - what the diagram and the map of compositions share: where things stand, and what the axes say. */
#ifndef VITRINE_SERVER_CMD_TTT_AXES_H
#define VITRINE_SERVER_CMD_TTT_AXES_H

#include "server/cmd/ttt_results.h"
#include "server/plot/figure.h"

/* Distinct temperatures (epsilon/k_B), or fractions of small atoms, of all results, ascending; returned (mem_free),
 * NULL without memory. */
double *ttt_list_temperatures(const struct ttt_results *results, size_t *out_count);
double *ttt_list_fractions(const struct ttt_results *results, size_t *out_count);

/* How far `lines` that belong to one of the ascending places are set apart, in their unit: together they stay well
 * below the distance of two places, and each no further than a thirtieth of their range. */
double ttt_step_between(const double *places, size_t count, size_t lines);

/* T_f of a result, epsilon/k_B; 0: not known. */
double ttt_glass_of(const struct ttt_results *results, size_t r);

/* Is it the same for all? Then an axis can be in its unit. */
bool ttt_has_one_glass(const struct ttt_results *results);
bool ttt_has_one_dt(const struct ttt_results *results);

/* One more point, unless its time (steps) has no place on a logarithmic axis. The series has room for it. */
void ttt_put_point(struct figure_series *series, double steps, double y);

/* Time below, in steps, and above, in tau; temperature on the left, and in T_f on the right. */
void ttt_name_axes(const struct ttt_results *results, struct figure_panel *panel);

#endif
