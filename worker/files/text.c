#include "worker/files/text.h"

#include "common/mem.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_LENGTH_MAX = 63, QUOTED_LENGTH_MAX = 40 };
static const size_t text_size_max = (size_t)1 << 30;

static enum status read_all(FILE *file, struct text *text, struct error *err)
{
    size_t capacity = 0;
    for (;;) {
        if (text->size == capacity) {
            const size_t larger = capacity ? 2 * capacity : 1 << 16;
            char *bytes = mem_resize_array(text->bytes, capacity, larger, 1);
            if (!bytes)
                return mem_error(err, "a text file");
            text->bytes = bytes;
            capacity = larger;
        }
        text->size += fread(text->bytes + text->size, 1, capacity - text->size, file);
        if (ferror(file))
            return error_set_errno(err, STATUS_IO, errno, "cannot read '%s'", text->path);
        if (text->size < capacity)
            return STATUS_OK;
        if (text->size > text_size_max)
            return error_set(err, STATUS_LIMIT, "'%s' is larger than %zu bytes", text->path, text_size_max);
    }
}

static bool is_gzip(const struct text *text)
{
    return text->size >= 2 && memcmp(text->bytes, "\x1f\x8b", 2) == 0;
}

enum status text_open(struct text *text, const char *path, struct error *err)
{
    *text = (struct text){.path = path};
    const bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    if (!file)
        return error_set_errno(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open '%s'", path);
    enum status status = read_all(file, text, err);
    if (!standard)
        fclose(file);
    if (status == STATUS_OK && is_gzip(text))
        status = error_set(err, STATUS_INVALID, "'%s' is compressed by gzip: unpack it first (gunzip)", path);
    if (status == STATUS_OK && memchr(text->bytes, '\0', text->size))
        status = error_set(err, STATUS_INVALID, "'%s' is not a text file: it holds a zero byte", path);
    if (status != STATUS_OK) {
        text_close(text);
        return status;
    }
    text->cursor = text->bytes;
    return STATUS_OK;
}

void text_close(struct text *text)
{
    if (!text)
        return;
    mem_free(text->bytes);
    memset(text, 0, sizeof *text);
}

bool text_next_line(struct text *text, struct text_line *out)
{
    const char *end = text->bytes + text->size, *start = text->cursor;
    if (start == end)
        return false;
    const char *feed = memchr(start, '\n', (size_t)(end - start));
    const char *stop = feed ? feed : end;
    text->cursor = feed ? feed + 1 : end;
    if (stop > start && stop[-1] == '\r')
        stop--;
    *out = (struct text_line){start, stop, start, ++text->line};
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool text_next_word(struct text_line *line, struct text_word *out)
{
    const char *c = line->cursor;
    while (c < line->end && is_blank(*c))
        c++;
    const char *start = c;
    while (c < line->end && !is_blank(*c))
        c++;
    line->cursor = c;
    *out = (struct text_word){start, (size_t)(c - start)};
    return c > start;
}

size_t text_words(struct text_line *line, struct text_word *out, size_t max)
{
    struct text_word word;
    size_t count = 0;
    for (; count <= max && text_next_word(line, &word); count++)
        if (count < max)
            out[count] = word;
    return count;
}

bool text_word_is(struct text_word word, const char *string)
{
    return strlen(string) == word.length && memcmp(word.start, string, word.length) == 0;
}

/* A number's characters, copied so that they end; false when there is anything else. */
static bool copy_number(struct text_word word, const char *allowed, char out[NUMBER_LENGTH_MAX + 1])
{
    if (word.length == 0 || word.length > NUMBER_LENGTH_MAX)
        return false;
    for (size_t i = 0; i < word.length; i++)
        if (!strchr(allowed, word.start[i]))
            return false;
    memcpy(out, word.start, word.length);
    out[word.length] = '\0';
    return true;
}

static int quoted_length(struct text_word word)
{
    return (int)(word.length < QUOTED_LENGTH_MAX ? word.length : QUOTED_LENGTH_MAX);
}

enum status text_parse_real(const struct text *text, const struct text_line *line, struct text_word word,
                            const char *what, double *out, struct error *err)
{
    char number[NUMBER_LENGTH_MAX + 1], *end = number;
    double value = 0.0;
    if (copy_number(word, "0123456789+-.eE", number))
        value = strtod(number, &end);
    if (end == number || *end != '\0')
        return text_error(text, line, word, err, "%s is not a number: '%.*s'", what, quoted_length(word), word.start);
    if (!isfinite(value))
        return text_error(text, line, word, err, "%s is too large: '%.*s'", what, quoted_length(word), word.start);
    *out = value;
    return STATUS_OK;
}

enum status text_parse_whole(const struct text *text, const struct text_line *line, struct text_word word,
                             const char *what, int64_t *out, struct error *err)
{
    char number[NUMBER_LENGTH_MAX + 1], *end = number;
    long long value = 0;
    errno = 0;
    if (copy_number(word, "0123456789+-", number))
        value = strtoll(number, &end, 10);
    if (end == number || *end != '\0' || errno)
        return text_error(text, line, word, err, "%s is not a whole number: '%.*s'", what, quoted_length(word),
                          word.start);
    *out = value;
    return STATUS_OK;
}

enum status text_error(const struct text *text, const struct text_line *line, struct text_word word, struct error *err,
                       const char *fmt, ...)
{
    char message[ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    const uint32_t column = word.length ? (uint32_t)(word.start - line->start) + 1 : 1;
    return error_at(err, text->path, line->number, column, STATUS_INVALID, "%s", message);
}
