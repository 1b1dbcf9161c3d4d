/* figure_script.h - a figure as a gnuplot script: what figure.h promises, in parts. */
#ifndef VITRINE_SERVER_PLOT_FIGURE_SCRIPT_H
#define VITRINE_SERVER_PLOT_FIGURE_SCRIPT_H

#include "server/plot/figure.h"

/* The script for some of the kinds of files: words of "png svg pdf". */
void figure_write_script_of(const struct figure *figure, const char *kinds, FILE *out);

/* In gnuplot's double quotes; ours hold no backslashes but those of labels. */
void figure_write_quoted(const char *text, FILE *out);

/* The plot commands of a scene: its panels side by side (figure_scene.c), and the size of the picture. */
enum { FIGURE_SCENE_HEIGHT = 760 }; /* pixels */
int figure_scene_width(const struct figure *figure);
void figure_write_scene(const struct figure *figure, FILE *out);

#endif
