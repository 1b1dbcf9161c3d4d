/* campaign_report.h - all errors of a campaign file, collected and then printed as a compiler would.
 *
 *     campaigns/tempering.yaml:14:39: error: temperature 0.470 is not above the rung before it (0.475)
 *         14 |   temperatures: [0.450, 0.460, 0.475, 0.470]
 *            |                                       ^
 *
 * The file is not trusted: what is quoted from it is made printable first, so it cannot drive a terminal. Running out
 * of memory is remembered, so that those who report need not look. */
#ifndef VITRINE_COMMON_CAMPAIGN_REPORT_H
#define VITRINE_COMMON_CAMPAIGN_REPORT_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CAMPAIGN_ERRORS_MAX = 1000, CAMPAIGN_QUOTE_SIZE = 64 };

/* Where in the file: 1-based; columns count characters, not bytes. */
struct text_place {
    uint32_t line, column;
};

struct campaign_complaint;

struct campaign_report {
    const char *path, *text; /* borrowed */
    size_t size;
    size_t count, kept, capacity; /* found; kept for printing; room */
    struct campaign_complaint *complaints;
    bool no_memory;
};

void campaign_report_init(struct campaign_report *report, const char *path, const char *text, size_t size);
void campaign_report_finish(struct campaign_report *report);

/* Adds an error. The same message at the same place counts once. */
void campaign_report_add(struct campaign_report *report, struct text_place place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints all errors in the order of the file. */
void campaign_report_print(struct campaign_report *report, FILE *out);

/* STATUS_OK without errors; else STATUS_CAMPAIGN with their number, or STATUS_NO_MEMORY. */
enum status campaign_report_status(const struct campaign_report *report, struct error *err) MUST_CHECK;

/* Line and column of a byte of the text. */
struct text_place campaign_report_place(const struct campaign_report *report, size_t offset);

/* Bytes of the printable UTF-8 character at p, of which `size` bytes are there; 0 if it is none (RFC 3629; neither C0
 * nor C1 controls are printable). */
size_t campaign_printable_size(const char *p, size_t size);

/* A piece of the file fit for a message: unprintable bytes become '?', what is too long ends in "...". Returns out. */
const char *campaign_quote(const char *text, size_t size, char out[CAMPAIGN_QUOTE_SIZE]);

#endif
