/* lines.h - quantities of each replica against time, as lines: what several pictures are made of. */
#ifndef VITRINE_SERVER_CMD_PICTURES_LINES_H
#define VITRINE_SERVER_CMD_PICTURES_LINES_H

#include "server/cmd/pictures/picture.h"

/* Adds a line for each replica of the ensemble that was asked for, all in one colour, replicas told apart by dashes;
 * the first has the label. */
enum status lines_draw_replicas(struct store *store, const struct selected *item, enum quantity_id quantity,
                                uint32_t color, const char *label, struct figure_panel *panel,
                                struct error *err) MUST_CHECK;

#endif
