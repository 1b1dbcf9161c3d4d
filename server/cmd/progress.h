/* progress.h - how far it is: bars on a terminal, now and then a plain line elsewhere. */
#ifndef VITRINE_SERVER_CMD_PROGRESS_H
#define VITRINE_SERVER_CMD_PROGRESS_H

#include "server/cmd/terminal.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PROGRESS_LINE_SIZE = 512, PROGRESS_LABEL_SIZE = 64, PROGRESS_BARS_MAX = 64, DURATION_TEXT_SIZE = 32 };

/* One bar. */
struct progress_bar {
    char label[PROGRESS_LABEL_SIZE];
    int64_t steps_done, steps_total; /* MD steps summed over replicas */
    double steps_per_s;              /* 0: not known yet */
    double acceptance;               /* of exchanges; NaN: there are none */
    uint32_t replicas, replicas_done;
};

/* "1.5 s", "2 min 05 s", "3 h 20 min", "4 d 02 h". */
void duration_format(double seconds, char out[DURATION_TEXT_SIZE]);

/* One line of at most `terminal->width` columns, without a line break. Pure. */
void progress_render_bar(const struct progress_bar *bar, int label_width, const struct terminal *terminal,
                         char out[PROGRESS_LINE_SIZE]);

/* A display on one stream: knows how many lines it drew, to draw over them. */
struct progress_display {
    struct terminal terminal;
    FILE *stream;
    int lines;         /* drawn and to be drawn over */
    double last_s;     /* when plain lines were last written */
    double interval_s; /* between plain lines */
};

/* Draws the bars again (terminal), or writes plain lines, of what is not done, when their interval is over. now_s:
 * seconds on any clock that does not go back. `final` writes all of them, whatever the time. */
void progress_show(struct progress_display *display, const struct progress_bar *bars, uint32_t count, double now_s,
                   bool final);

#endif
