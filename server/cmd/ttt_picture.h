/* ttt_picture.h - the diagram drawn: time against temperature, every run a mark, contours with bands. */
#ifndef VITRINE_SERVER_CMD_TTT_PICTURE_H
#define VITRINE_SERVER_CMD_TTT_PICTURE_H

#include "server/cmd/ttt_results.h"
#include "server/plot/figure.h"

/* Contours at 1, 50 and 99 % of boxes with the nose, every run, bounds, and below T_f the contours of mean icosahedral
 * content and length. An ensemble without a diagram has the t_50 of each isotherm with its interval in place of
 * contours. The nose is a cross of two intervals; a head where its temperature's is cut at the end of the data and may
 * as well go on. Of several ensembles, a colour each, named with composition and V/N where these differ; bands only at
 * 50 %, and of more than three diagrams only that contour; a T/T_f or tau axis only when T_f or dt is the same for all.
 * melting: T_m, 0 = not known.
 *
 * The CSV has the ensemble (of one: the name in the key) as label. kind: contour_1, _50, _99 (of boxes; with _outside,
 * beyond the data), band_low_50 ... (ends of its 95 % interval), nose, nose_open (where a head is), t_50, t_50_interval
 * (its two ends), t_50_lower_bound, mean_ico_0.15 ..., ico_length_0.5 ... (when the mean gets there), volume_50
 * (Avrami), transformed, censored (runs), T_f, T_m.
 *
 * The caller finishes the figure, also after a failure. */
enum status ttt_picture(const struct ttt_results *results, double melting, struct figure *figure,
                        struct error *err) MUST_CHECK;

/* t_50 against composition, a line for each temperature, which lies a little above the one before; V/N of each
 * composition on the right. kind: t_50, t_50_lower_bound, t_50_interval. The CSV has the composition itself. */
enum status ttt_picture_map(const struct ttt_results *results, struct figure *figure, struct error *err) MUST_CHECK;

#endif
