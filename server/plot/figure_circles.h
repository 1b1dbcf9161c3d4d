/* figure_circles.h - the SVG of a scene without its weight.
 *
 * gnuplot draws every circle as a polygon of 120 corners and a path around it, some 3,700 bytes of SVG an atom: 30 MB
 * for two panels of 4,000. SVG has circles, of 80 bytes. */
#ifndef VITRINE_SERVER_PLOT_FIGURE_CIRCLES_H
#define VITRINE_SERVER_PLOT_FIGURE_CIRCLES_H

#include "common/error.h"
#include <stddef.h>

/* Replaces the text (zero-terminated, mem_free; its size without the zero): polygons whose corners lie on a circle,
 * with their outlines, become <circle> elements in the same place and colours. All else stays as it is. */
enum status figure_circles_shorten(char **svg, size_t *size, struct error *err) MUST_CHECK;

#endif
