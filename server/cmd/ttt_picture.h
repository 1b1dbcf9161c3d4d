/* ttt_picture.h - the diagram drawn: time against temperature, every run a mark, contours with bands. */
#ifndef VITRINE_SERVER_CMD_TTT_PICTURE_H
#define VITRINE_SERVER_CMD_TTT_PICTURE_H

#include "server/cmd/ttt_result.h"
#include "server/plot/figure.h"

/* One ensemble: contours at 1, 50 and 99 % of boxes, and below T_f those of mean icosahedral content and length. Of
 * several, the contours at 50 %, a colour each. melting: T_m, 0 = not known. The caller finishes the figure, also after
 * a failure. */
enum status ttt_picture(const struct ttt_results *results, double melting, struct figure *figure,
                        struct error *err) MUST_CHECK;

/* t_50 against composition, a line for each temperature. */
enum status ttt_picture_map(const struct ttt_results *results, struct figure *figure, struct error *err) MUST_CHECK;

#endif
