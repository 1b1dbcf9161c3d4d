/* figure.h - a picture as data: panels with axes, series of numbers; or a scene of dots, sticks and arrows that
 * vitrine-worker has projected. Written as CSV, and drawn from that CSV by gnuplot as PNG, SVG and PDF, each of which
 * says in its metadata where it comes from.
 *
 * Colours are safe for the colour-blind: unordered series take the eight of Okabe & Ito (2008), ordered ones (rungs,
 * times) a path through viridis from dark to light; shapes differ too. */
#ifndef VITRINE_SERVER_PLOT_FIGURE_H
#define VITRINE_SERVER_PLOT_FIGURE_H

#include "common/error.h"
#include "server/plot/origin.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* MARK_OPEN: hollow points; MARK_ARROW: an arrow to the right of each point, over half a decade of a log axis or half
 * of x: a lower bound; MARK_BAND: filled from y - y_error to y + y_error. */
enum figure_mark { MARK_LINE, MARK_POINTS, MARK_LINE_POINTS, MARK_STEPS, MARK_OPEN, MARK_ARROW, MARK_BAND };

enum { FIGURE_LABEL_SIZE = 160, FIGURE_PANELS_MAX = 8, FIGURE_NAME_SIZE = 192, FIGURE_KIND_SIZE = 32 };
enum { FIGURE_TICK_SIZE = 48, FIGURE_TICKS_MAX = 16 };

#define FIGURE_INK UINT32_MAX /* a colour index: black, whatever the palette */

/* KEY_HIDDEN: the label stands in the CSV only. KEY_ALONE: a line of the key without points of its own (count 0). */
enum figure_key { KEY_SHOWN, KEY_HIDDEN, KEY_ALONE };

struct figure_series {
    char label[FIGURE_LABEL_SIZE]; /* in the key, unless that is hidden; empty: not in the key */
    enum figure_key key;
    char kind[FIGURE_KIND_SIZE]; /* what its numbers are, for who reads the CSV; empty: the name of its mark */
    enum figure_mark mark;
    uint32_t color; /* index of the panel's palette, or FIGURE_INK */
    uint32_t shape; /* of its points, or the dashes of its line */
    double scale;   /* of the width of its line and the size of its points; 0 = 1 */
    double y_shift; /* drawn so much higher than its numbers, which the CSV keeps: lines that would hide one another */
    size_t count;
    double *x, *y, *y_error; /* [count], given: figure_finish frees them; y_error may be NULL */
};

struct figure_tick {
    double at; /* on the first y axis */
    char text[FIGURE_TICK_SIZE];
};

struct figure_panel {
    char title[FIGURE_LABEL_SIZE];
    char x_label[FIGURE_LABEL_SIZE], y_label[FIGURE_LABEL_SIZE]; /* with units */
    /* Second axes on top and on the right: the first ones times a factor; 0 = none. The top one only beside x_log. */
    char x2_label[FIGURE_LABEL_SIZE], y2_label[FIGURE_LABEL_SIZE];
    double x2_factor, y2_factor;
    struct figure_tick y2_ticks[FIGURE_TICKS_MAX]; /* names on the right in place of numbers */
    uint32_t y2_tick_count;
    bool ordered;         /* colours are a sequence, not names */
    uint32_t color_count; /* colours in use; 0 = as many as series */
    bool key_whole;       /* a long key makes the picture higher; else some of its lines are left out */
    bool x_log;
    bool x_fraction; /* as y_fraction */
    bool y_from_zero;
    bool y_fraction; /* from 0 to 1: y_from_zero where values come near 0, and the axis ends at 1 */
    bool y_whole;    /* ticks at whole numbers only (rungs) */
    size_t series_count, series_room;
    struct figure_series *series;
};

/* How one group of a scene looks. */
enum scene_shape { SCENE_DOTS, SCENE_STICKS, SCENE_ARROWS };
struct scene_group {
    const char *label; /* in the key; NULL: not in the key */
    enum scene_shape shape;
    uint32_t rgb;
    double width; /* of lines; dots have their radius in the data */
};

/* Rows `panel,group,depth,x,y,dx,dy,radius`, as vitrine-worker scene writes them: group counts from 0, depth is from 0
 * (far) to 1 (near), lengths are sigma. Panels stand side by side. The text is not looked at. */
struct figure_scene {
    char *text; /* CSV with its header, given (mem_free); NULL: no scene */
    size_t size;
    const struct scene_group *groups; /* [group_count], borrowed */
    uint32_t group_count;
};

struct figure {
    char name[FIGURE_NAME_SIZE]; /* file name without its ending */
    char title[FIGURE_LABEL_SIZE];
    struct origin origin;
    uint32_t panel_count;
    struct figure_panel panels[FIGURE_PANELS_MAX]; /* one above the other; of a scene, side by side */
    struct figure_scene scene;                     /* in place of series */
};

/* Adds a zeroed series of `count` points to a panel; the caller fills x and y (and y_error when it asked for it).
 * Borrowed until the next call. NULL without memory. */
struct figure_series *figure_add_series(struct figure_panel *panel, size_t count, bool with_errors);

size_t figure_panel_points(const struct figure_panel *panel);
size_t figure_point_count(const struct figure *figure);
bool figure_is_empty(const struct figure *figure); /* neither points nor a scene */

void figure_finish(struct figure *figure); /* NULL and zeroed are fine */

/* The data: panel, series, label, x, y, y_error, kind, one line a point, 17 digits; of a scene, its rows. kind says
 * what the numbers are: line, points, line_points, steps, open_points, lower_bound (of x) or band, or whatever the
 * picture calls them. */
void figure_write_csv(const struct figure *figure, FILE *out);

/* A gnuplot script that reads `name`.csv in its own folder and writes `name`.png, `name`.svg and `name`.pdf there. */
void figure_write_script(const struct figure *figure, FILE *out);

/* Writes DIRECTORY/name.{csv,png,svg,pdf}, and name.gp when `keep_script`. STATUS_NOT_FOUND without gnuplot; the CSV is
 * written before that shows. */
enum status figure_draw(const struct figure *figure, const char *directory, bool keep_script,
                        struct error *err) MUST_CHECK;

/* The figure as the text of one SVG element, returned (mem_free), for a page that holds it. */
enum status figure_draw_inline(const struct figure *figure, char **out_svg, size_t *out_size,
                               struct error *err) MUST_CHECK;

#endif
