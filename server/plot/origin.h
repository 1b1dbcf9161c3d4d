/* origin.h - where a picture comes from, kept in its own metadata: Info of a PDF, iTXt of a PNG, metadata of an SVG. */
#ifndef VITRINE_SERVER_PLOT_ORIGIN_H
#define VITRINE_SERVER_PLOT_ORIGIN_H

#include "common/error.h"
#include <stddef.h>

struct origin {
    char creator[64];  /* program and version */
    char source[2048]; /* campaign, ensembles with their spec hashes, how much of them was there */
    char command[512]; /* that drew it */
};

/* Adds title and origin to the bytes of a finished file; `*bytes` (mem_free) is replaced by a longer one. A file that
 * has not the form that gnuplot's terminals write is STATUS_CORRUPT. An empty origin (no creator) adds nothing. */
enum status origin_put_png(const struct origin *origin, const char *title, char **bytes, size_t *size,
                           struct error *err) MUST_CHECK;
enum status origin_put_svg(const struct origin *origin, const char *title, char **bytes, size_t *size,
                           struct error *err) MUST_CHECK;
enum status origin_put_pdf(const struct origin *origin, const char *title, char **bytes, size_t *size,
                           struct error *err) MUST_CHECK;

#endif
