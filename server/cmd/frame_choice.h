/* frame_choice.h - stored frames chosen by a condition in SQL. */
#ifndef VITRINE_SERVER_CMD_FRAME_CHOICE_H
#define VITRINE_SERVER_CMD_FRAME_CHOICE_H

#include "server/store/store_query.h"

struct frame_choice {
    size_t count, room;
    struct frame_key *keys; /* [count], ascending */
};

/* The frames of all campaigns of which `where` is true. It may use the names of the help of `vitrine export`; what it
 * says wrong is STATUS_INVALID with SQLite's words. Initialises `out`. */
enum status frame_choice_read(struct store *store, const char *where, struct frame_choice *out,
                              struct error *err) MUST_CHECK;
void frame_choice_finish(struct frame_choice *choice); /* NULL and zeroed are fine */

bool frame_choice_has(const struct frame_choice *choice, struct campaign_id campaign, const struct frame_row *row);

#endif
