/* text.h - a text file in memory, read line by line and word by word, every word knowing where it stands.
 *
 * Numbers are parsed whole and must be finite: `1,5`, `0x10`, `nan`, `1e400` and `5x` are errors with a position, never
 * half a number. */
#ifndef VITRINE_WORKER_FILES_TEXT_H
#define VITRINE_WORKER_FILES_TEXT_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *path; /* borrowed: for messages */
    char *bytes;      /* owned, [size] */
    size_t size;
    const char *cursor; /* start of the next line */
    uint32_t line;      /* number of the last line handed out, 1-based; 0 before the first */
};

/* One line without its line feed (and carriage return); `cursor` walks over its words. */
struct text_line {
    const char *start, *end, *cursor;
    uint32_t number;
};

struct text_word {
    const char *start;
    size_t length;
};

/* Reads a whole file; "-" is standard input. STATUS_IO, STATUS_LIMIT, or STATUS_INVALID for a file that is not text. */
enum status text_open(struct text *text, const char *path, struct error *err) MUST_CHECK;
void text_close(struct text *text); /* NULL and zeroed are fine */

bool text_next_line(struct text *text, struct text_line *out);

/* The next word of the line, words being separated by blanks and tabs. */
bool text_next_word(struct text_line *line, struct text_word *out);

/* The words of a line that are left, up to `max` of them; a return value above max means there are more. */
size_t text_words(struct text_line *line, struct text_word *out, size_t max);

bool text_word_is(struct text_word word, const char *string);

/* STATUS_INVALID with path:line:column unless the word is such a number; `what` names it in the message. */
enum status text_parse_real(const struct text *text, const struct text_line *line, struct text_word word,
                            const char *what, double *out, struct error *err) MUST_CHECK;
enum status text_parse_whole(const struct text *text, const struct text_line *line, struct text_word word,
                             const char *what, int64_t *out, struct error *err) MUST_CHECK;

/* An error at a word (or, when it is empty, at the line). */
enum status text_error(const struct text *text, const struct text_line *line, struct text_word word, struct error *err,
                       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
