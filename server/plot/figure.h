/* figure.h - a picture as data: panels with axes, series of numbers. Written as CSV, and drawn from that CSV by gnuplot
 * as PNG and SVG.
 *
 * Colours are safe for the colour-blind: unordered series take the eight of Okabe & Ito (2008), ordered ones (rungs,
 * times) a path through viridis from dark to light; shapes differ too. */
#ifndef VITRINE_SERVER_PLOT_FIGURE_H
#define VITRINE_SERVER_PLOT_FIGURE_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* MARK_OPEN: hollow points; MARK_ARROW: an arrow to the right of each point, over half a decade of a log axis or half
 * of x: a lower bound. */
enum figure_mark { MARK_LINE, MARK_POINTS, MARK_LINE_POINTS, MARK_STEPS, MARK_OPEN, MARK_ARROW };

enum { FIGURE_LABEL_SIZE = 96, FIGURE_PANELS_MAX = 8, FIGURE_NAME_SIZE = 128 };

struct figure_series {
    char label[FIGURE_LABEL_SIZE]; /* in the key; empty: not in the key */
    enum figure_mark mark;
    uint32_t color; /* index of the panel's palette */
    uint32_t shape; /* of its points, or the dashes of its line */
    size_t count;
    double *x, *y, *y_error; /* [count], given: figure_finish frees them; y_error may be NULL */
};

struct figure_panel {
    char title[FIGURE_LABEL_SIZE];
    char x_label[FIGURE_LABEL_SIZE], y_label[FIGURE_LABEL_SIZE]; /* with units */
    /* Second axes on top and on the right: the first ones times a factor; 0 = none. The top one only beside x_log. */
    char x2_label[FIGURE_LABEL_SIZE], y2_label[FIGURE_LABEL_SIZE];
    double x2_factor, y2_factor;
    bool ordered;                                                /* colours are a sequence, not names */
    uint32_t color_count;                                        /* colours in use; 0 = as many as series */
    bool x_log;
    bool y_from_zero;
    bool y_whole; /* ticks at whole numbers only (rungs) */
    size_t series_count, series_room;
    struct figure_series *series;
};

struct figure {
    char name[FIGURE_NAME_SIZE]; /* file name without its ending */
    char title[FIGURE_LABEL_SIZE];
    uint32_t panel_count;
    struct figure_panel panels[FIGURE_PANELS_MAX]; /* one above the other */
};

/* Adds a zeroed series of `count` points to a panel; the caller fills x and y (and y_error when it asked for it).
 * Borrowed until the next call. NULL without memory. */
struct figure_series *figure_add_series(struct figure_panel *panel, size_t count, bool with_errors);

size_t figure_point_count(const struct figure *figure);

void figure_finish(struct figure *figure); /* NULL and zeroed are fine */

/* The data: panel, series, label, x, y, y_error; one line a point, 17 digits. */
void figure_write_csv(const struct figure *figure, FILE *out);

/* A gnuplot script that reads `name`.csv in its own folder and writes `name`.png and `name`.svg there. */
void figure_write_script(const struct figure *figure, FILE *out);

/* Writes DIRECTORY/name.{csv,png,svg}, and name.gp when `keep_script`. STATUS_NOT_FOUND without gnuplot; the CSV is
 * written before that shows. */
enum status figure_draw(const struct figure *figure, const char *directory, bool keep_script,
                        struct error *err) MUST_CHECK;

#endif
