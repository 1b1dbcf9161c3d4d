/* terminal.h - what the other end of a stream can show. */
#ifndef VITRINE_SERVER_CMD_TERMINAL_H
#define VITRINE_SERVER_CMD_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

struct terminal {
    bool is_tty;
    bool color; /* a terminal that is not dumb, and NO_COLOR (no-color.org) is not set */
    bool utf8;  /* by the locale */
    int width;  /* columns; 80 when unknown */
};

struct terminal terminal_of(FILE *stream);

/* Escape sequences, or "" without colour. Static storage. */
const char *terminal_bold(const struct terminal *terminal);
const char *terminal_green(const struct terminal *terminal);
const char *terminal_plain(const struct terminal *terminal);

/* Columns that a UTF-8 string takes: code points, without combining marks. Wide (East Asian) characters do not occur in
 * our output. */
int terminal_text_width(const char *text);

#endif
