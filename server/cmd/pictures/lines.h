/* lines.h - quantities of each replica against time, as lines: what several pictures are made of. */
#ifndef VITRINE_SERVER_CMD_PICTURES_LINES_H
#define VITRINE_SERVER_CMD_PICTURES_LINES_H

#include "server/cmd/pictures/picture.h"

/* A line of one quantity, one of `lines` in the panel. The caller says how it looks: it is the last series of the
 * panel.
 */
enum status lines_draw(struct sample_cache *samples, const struct selected *item, struct sample_place place,
                       enum quantity_id quantity, size_t lines, struct figure_panel *panel,
                       struct error *err) MUST_CHECK;

/* Adds a line for each replica of the ensemble that was asked for (only those that began on `rung`, unless that is
 * STORE_ANY), all in one colour, replicas told apart by dashes; the first has the label. */
enum status lines_draw_replicas(struct sample_cache *samples, const struct selected *item, int64_t rung,
                                enum quantity_id quantity, uint32_t color, const char *label,
                                struct figure_panel *panel, struct error *err) MUST_CHECK;

#endif
