#include "common/campaign_report.h"

#include "common/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { COMPLAINT_SIZE = 320, LINE_WIDTH_MAX = 160 };

struct campaign_complaint {
    struct text_place place;
    size_t number; /* in order of discovery */
    char message[COMPLAINT_SIZE];
};

void campaign_report_init(struct campaign_report *report, const char *path, const char *text, size_t size)
{
    *report = (struct campaign_report){.path = path, .text = text, .size = size};
}

void campaign_report_finish(struct campaign_report *report)
{
    mem_free(report->complaints);
    report->complaints = NULL;
}

static bool is_known(const struct campaign_report *report, const struct campaign_complaint *complaint)
{
    for (size_t i = 0; i < report->kept; i++) {
        const struct campaign_complaint *other = &report->complaints[i];
        if (other->place.line == complaint->place.line && other->place.column == complaint->place.column &&
            strcmp(other->message, complaint->message) == 0)
            return true;
    }
    return false;
}

static bool make_room(struct campaign_report *report)
{
    if (report->kept < report->capacity)
        return true;
    size_t capacity = report->capacity ? 2 * report->capacity : 8;
    void *grown = mem_resize_array(report->complaints, report->capacity, capacity, sizeof *report->complaints);
    if (!grown) {
        report->no_memory = true;
        return false;
    }
    report->complaints = grown;
    report->capacity = capacity;
    return true;
}

void campaign_report_add(struct campaign_report *report, struct text_place place, const char *fmt, ...)
{
    struct campaign_complaint complaint = {.place = place, .number = report->count};
    va_list args;
    va_start(args, fmt);
    vsnprintf(complaint.message, sizeof complaint.message, fmt, args);
    va_end(args);
    if (is_known(report, &complaint))
        return;
    report->count++;
    if (report->kept < CAMPAIGN_ERRORS_MAX && make_room(report))
        report->complaints[report->kept++] = complaint;
}

static int compare_complaints(const void *a, const void *b)
{
    const struct campaign_complaint *x = a, *y = b;
    if (x->place.line != y->place.line)
        return x->place.line < y->place.line ? -1 : 1;
    if (x->place.column != y->place.column)
        return x->place.column < y->place.column ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The line as bytes, without its end. */
static const char *find_line(const struct campaign_report *report, uint32_t line, size_t *out_size)
{
    const char *start = report->text, *end = report->text + report->size;
    for (uint32_t i = 1; i < line && start < end; i++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        start = newline ? newline + 1 : end;
    }
    const char *newline = start < end ? memchr(start, '\n', (size_t)(end - start)) : NULL;
    *out_size = (size_t)((newline ? newline : end) - start);
    if (*out_size && start[*out_size - 1] == '\r')
        --*out_size;
    return start;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Length by the first byte; 0 if no character begins so. */
static size_t sequence_size(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* Overlong forms, surrogates, code points above U+10FFFF and C1 controls show in the second byte. */
static bool second_byte_is_bad(unsigned char first, unsigned char second)
{
    return (first == 0xc2 && second < 0xa0) || (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
           (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
}

size_t campaign_printable_size(const char *p, size_t size)
{
    unsigned char first = (unsigned char)*p;
    size_t need = sequence_size(first);
    if (first < 0x20 || first == 0x7f || need > size)
        return 0;
    for (size_t i = 1; i < need; i++)
        if (!is_continuation(p[i]))
            return 0;
    return need > 1 && second_byte_is_bad(first, (unsigned char)p[1]) ? 0 : need;
}

/* One character at p: bytes consumed, and what is shown for it. A tab is shown as one blank, to keep columns. */
static size_t next_character(const char *p, size_t size, char out[5])
{
    size_t shown = campaign_printable_size(p, size);
    memcpy(out, shown ? p : *p == '\t' ? " " : "?", shown ? shown : 1);
    out[shown ? shown : 1] = '\0';
    return shown ? shown : 1;
}

const char *campaign_quote(const char *text, size_t size, char out[CAMPAIGN_QUOTE_SIZE])
{
    enum { ROOM = CAMPAIGN_QUOTE_SIZE - 4 }; /* for "..." and the zero */
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        char character[5];
        i += next_character(text + i, size - i, character);
        size_t length = strlen(character);
        if (used + length > ROOM) {
            memcpy(out + used, "...", 4);
            return out;
        }
        memcpy(out + used, character, length);
        used += length;
    }
    out[used] = '\0';
    return out;
}

struct text_place campaign_report_place(const struct campaign_report *report, size_t offset)
{
    struct text_place place = {1, 1};
    for (size_t i = 0; i < offset && i < report->size; i++) {
        if (report->text[i] == '\n')
            place = (struct text_place){place.line + 1, 1};
        else if (!is_continuation(report->text[i]))
            place.column++;
    }
    return place;
}

/* The quoted line and the caret below it. Of a long line only the surroundings of the place are shown. */
static void print_line(const struct campaign_report *report, struct text_place place, FILE *out)
{
    size_t size;
    const char *line = find_line(report, place.line, &size);
    uint32_t skip = place.column > LINE_WIDTH_MAX ? place.column - LINE_WIDTH_MAX / 2 : 0;
    uint32_t column = 1;
    fprintf(out, "%6u | %s", place.line, skip ? "..." : "");
    for (size_t i = 0; i < size && column <= skip + LINE_WIDTH_MAX; column++) {
        char character[5];
        i += next_character(line + i, size - i, character);
        if (column > skip)
            fputs(character, out);
    }
    fprintf(out, "\n       | %*s^\n", (int)(place.column - 1 - skip + (skip ? 3 : 0)), "");
}

void campaign_report_print(struct campaign_report *report, FILE *out)
{
    if (report->kept)
        qsort(report->complaints, report->kept, sizeof *report->complaints, compare_complaints);
    for (size_t i = 0; i < report->kept; i++) {
        const struct campaign_complaint *complaint = &report->complaints[i];
        fprintf(out, "%s:%u:%u: error: %s\n", report->path, complaint->place.line, complaint->place.column,
                complaint->message);
        print_line(report, complaint->place, out);
    }
    if (report->count > report->kept)
        fprintf(out, "%s: and %zu more errors\n", report->path, report->count - report->kept);
}

enum status campaign_report_status(const struct campaign_report *report, struct error *err)
{
    if (report->no_memory)
        return mem_error(err, "the campaign file's errors");
    if (report->count == 0)
        return STATUS_OK;
    return error_set(err, STATUS_CAMPAIGN, "%zu error%s in '%s'", report->count, report->count == 1 ? "" : "s",
                     report->path);
}
