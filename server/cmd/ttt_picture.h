/* ttt_picture.h - the diagram drawn: steps against temperature, every run a mark, contours with bands. */
#ifndef VITRINE_SERVER_CMD_TTT_PICTURE_H
#define VITRINE_SERVER_CMD_TTT_PICTURE_H

#include "server/analysis/ttt.h"
#include "server/cmd/ttt_runs.h"
#include "server/plot/figure.h"

/* An isotherm on which nothing happened. */
struct ttt_bound {
    double temperature, steps; /* t_50 is longer */
};

/* `diagram` NULL: no event anywhere, only runs and bounds. The caller finishes the figure, also after a failure. */
enum status ttt_picture(const struct selected *item, const struct ttt_boxes *boxes, const struct ttt_diagram *diagram,
                        const struct ttt_bound *bounds, size_t bound_count, struct figure *figure,
                        struct error *err) MUST_CHECK;

#endif
