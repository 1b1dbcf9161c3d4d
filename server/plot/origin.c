#include "server/plot/origin.h"

#include "common/mem.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The four things that are said, under the names that each kind of file has for them. */
enum { FIELD_COUNT = 4 };
struct field {
    const char *key, *value;
};

static void list_fields(const struct origin *origin, const char *title, const char *const keys[FIELD_COUNT],
                        struct field out[FIELD_COUNT])
{
    const char *const values[FIELD_COUNT] = {title, origin->creator, origin->source, origin->command};
    for (int f = 0; f < FIELD_COUNT; f++)
        out[f] = (struct field){keys[f], values[f]};
}

/* Puts `text` at `place` into the bytes. */
static enum status insert(char **bytes, size_t *size, size_t place, const char *text, size_t text_size,
                          struct error *err)
{
    char *longer = mem_alloc_array(*size + text_size + 1, 1);
    if (longer == NULL)
        return mem_error(err, "the metadata of a picture");
    memcpy(longer, *bytes, place);
    memcpy(longer + place, text, text_size);
    memcpy(longer + place + text_size, *bytes + place, *size - place);
    mem_free(*bytes);
    *bytes = longer;
    *size += text_size;
    return STATUS_OK;
}

/* --- PNG: iTXt chunks after the header (ISO/IEC 15948, 11.3.4.5) -------------------------------------------------- */

/* Of ISO 3309, as annex D of the PNG standard has it. */
static uint32_t crc_of(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? 0xedb88320U ^ crc >> 1 : crc >> 1;
    }
    return ~crc;
}

static void put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Length, type, keyword, no compression, no language, no translated keyword, text, checksum. */
static enum status insert_chunk(const struct field *field, char **bytes, size_t *size, size_t *place, struct error *err)
{
    enum { HEAD = 8, FLAGS = 5, TAIL = 4 };
    const size_t data_size = strlen(field->key) + FLAGS + strlen(field->value);
    const size_t chunk_size = HEAD + data_size + TAIL;
    uint8_t *chunk = mem_alloc_array(chunk_size, 1);
    if (chunk == NULL)
        return mem_error(err, "the metadata of a picture");
    put_u32(chunk, (uint32_t)data_size);
    memcpy(chunk + 4, "iTXt", 4);
    memcpy(chunk + HEAD, field->key, strlen(field->key));
    memcpy(chunk + HEAD + strlen(field->key) + FLAGS, field->value, strlen(field->value));
    put_u32(chunk + HEAD + data_size, crc_of(chunk + 4, 4 + data_size));
    enum status status = insert(bytes, size, *place, (const char *)chunk, chunk_size, err);
    mem_free(chunk);
    *place += chunk_size;
    return status;
}

enum status origin_put_png(const struct origin *origin, const char *title, char **bytes, size_t *size,
                           struct error *err)
{
    enum { HEADER_END = 8 + 25 }; /* signature and IHDR, which is always first and always so long */
    static const char *const keys[FIELD_COUNT] = {"Title", "Software", "Source", "Comment"};
    struct field fields[FIELD_COUNT];
    size_t place = HEADER_END;
    if (origin->creator[0] == '\0')
        return STATUS_OK;
    if (*size < HEADER_END || memcmp(*bytes, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(*bytes + 12, "IHDR", 4) != 0)
        return error_set(err, STATUS_CORRUPT, "a picture is no PNG file");
    list_fields(origin, title, keys, fields);
    enum status status = STATUS_OK;
    for (int f = 0; status == STATUS_OK && f < FIELD_COUNT; f++)
        status = insert_chunk(&fields[f], bytes, size, &place, err);
    return status;
}

/* --- SVG: Dublin Core elements (SVG 1.1, chapter 21) -------------------------------------------------------------- */

static void write_escaped(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if ((unsigned char)*text >= ' ' || *text == '\n')
            fputc(*text, out);
}

static char *svg_metadata(const struct origin *origin, const char *title, size_t *out_size)
{
    static const char *const keys[FIELD_COUNT] = {"title", "creator", "source", "description"};
    struct field fields[FIELD_COUNT];
    char *text = NULL;
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    list_fields(origin, title, keys, fields);
    fputs("\n<title>", out);
    write_escaped(title, out);
    fprintf(out, "</title>\n<metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n");
    for (int f = 0; f < FIELD_COUNT; f++) {
        fprintf(out, "  <dc:%s>", fields[f].key);
        write_escaped(fields[f].value, out);
        fprintf(out, "</dc:%s>\n", fields[f].key);
    }
    fprintf(out, "</metadata>\n");
    fclose(out);
    return text;
}

/* Gnuplot calls each of its pictures "Gnuplot", which browsers show under the pointer. */
static void drop_title(char *svg, size_t *size)
{
    char *start = strstr(svg, "<title>Gnuplot</title>");
    if (start == NULL)
        return;
    const size_t length = strlen("<title>Gnuplot</title>");
    memmove(start, start + length, *size - (size_t)(start - svg) - length + 1);
    *size -= length;
}

enum status origin_put_svg(const struct origin *origin, const char *title, char **bytes, size_t *size,
                           struct error *err)
{
    drop_title(*bytes, size);
    if (origin->creator[0] == '\0')
        return STATUS_OK;
    const char *start = strstr(*bytes, "<svg");
    const char *end = start != NULL ? strchr(start, '>') : NULL;
    if (end == NULL)
        return error_set(err, STATUS_CORRUPT, "a picture is no SVG file");
    size_t text_size = 0;
    char *text = svg_metadata(origin, title, &text_size);
    if (text == NULL)
        return mem_error(err, "the metadata of a picture");
    enum status status = insert(bytes, size, (size_t)(end + 1 - *bytes), text, text_size, err);
    free(text);
    return status;
}

/* --- PDF: an incremental update with a new Info dictionary (ISO 32000-1, 7.5.6 and 14.3.3) ------------------------ */

/* Strings in parentheses; beyond ASCII they would need UTF-16, so such bytes become '?'. */
static void write_pdf_string(const char *text, FILE *out)
{
    fputc('(', out);
    for (; *text != '\0'; text++) {
        if (strchr("()\\", *text) != NULL)
            fputc('\\', out);
        if (*text == '\n')
            fputs("\\n", out);
        else
            fputc((unsigned char)*text >= ' ' && (unsigned char)*text < 127 ? *text : '?', out);
    }
    fputc(')', out);
}

/* The last text before `end`. */
static const char *find_last(const char *bytes, size_t end, const char *text)
{
    const size_t length = strlen(text);
    for (size_t i = end; i >= length; i--)
        if (memcmp(bytes + i - length, text, length) == 0)
            return bytes + i - length;
    return NULL;
}

/* What the last trailer of a file says. */
struct pdf_trailer {
    uint64_t table;  /* offset of its cross-reference table */
    uint64_t number; /* objects, so the number of the next one */
    uint64_t root;   /* number of the catalogue */
};

static enum status read_trailer(const char *bytes, size_t size, struct pdf_trailer *out, struct error *err)
{
    const char *start = find_last(bytes, size, "startxref"), *trailer = find_last(bytes, size, "trailer");
    const char *number = trailer != NULL ? strstr(trailer, "/Size ") : NULL;
    const char *root = trailer != NULL ? strstr(trailer, "/Root ") : NULL;
    if (size < 5 || memcmp(bytes, "%PDF-", 5) != 0 || start == NULL || number == NULL || root == NULL)
        return error_set(err, STATUS_CORRUPT, "a picture is no PDF file with a plain cross-reference table");
    out->table = strtoull(start + strlen("startxref"), NULL, 10);
    out->number = strtoull(number + strlen("/Size "), NULL, 10);
    out->root = strtoull(root + strlen("/Root "), NULL, 10);
    return STATUS_OK;
}

static char *pdf_update(const struct origin *origin, const char *title, const struct pdf_trailer *trailer, size_t at,
                        size_t *out_size)
{
    static const char *const keys[FIELD_COUNT] = {"Title", "Creator", "Subject", "Keywords"};
    struct field fields[FIELD_COUNT];
    char *text = NULL;
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    list_fields(origin, title, keys, fields);
    fprintf(out, "%" PRIu64 " 0 obj\n<<", trailer->number);
    for (int f = 0; f < FIELD_COUNT; f++) {
        fprintf(out, " /%s ", fields[f].key);
        write_pdf_string(fields[f].value, out);
    }
    fprintf(out, " >>\nendobj\n");
    fflush(out);
    const size_t table = at + *out_size;
    fprintf(out, "xref\n%" PRIu64 " 1\n%010zu 00000 n \n", trailer->number, at);
    fprintf(out,
            "trailer\n<< /Size %" PRIu64 " /Root %" PRIu64 " 0 R /Info %" PRIu64 " 0 R /Prev %" PRIu64
            " >>\nstartxref\n%zu\n%%%%EOF\n",
            trailer->number + 1, trailer->root, trailer->number, trailer->table, table);
    fclose(out);
    return text;
}

enum status origin_put_pdf(const struct origin *origin, const char *title, char **bytes, size_t *size,
                           struct error *err)
{
    struct pdf_trailer trailer = {0};
    if (origin->creator[0] == '\0')
        return STATUS_OK;
    enum status status = read_trailer(*bytes, *size, &trailer, err);
    if (status != STATUS_OK)
        return status;
    size_t text_size = 0;
    char *text = pdf_update(origin, title, &trailer, *size, &text_size);
    if (text == NULL)
        return mem_error(err, "the metadata of a picture");
    status = insert(bytes, size, *size, text, text_size, err);
    free(text);
    return status;
}
