/* Metadata of pictures: put in where other programs look for it, without hurting the file. Each form is checked by the
 * rules of its standard, written here a second time. */
#include "server/plot/origin.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct origin origin = {"vitrine 1", "campaign a & b\nspec (12)", "vitrine plot a.db"};

static char *copy_of(const void *bytes, size_t size)
{
    char *copy = mem_alloc_array(size + 1, 1);
    memcpy(copy, bytes, size);
    return copy;
}

static uint32_t read_u32(const char *bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | (uint8_t)bytes[i];
    return value;
}

/* Bit by bit over the message polynomial, as the PNG standard's annex D defines it. */
static uint32_t checksum(const char *bytes, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            const uint32_t out = (crc ^ (uint8_t)bytes[i] >> bit) & 1;
            crc = crc >> 1 ^ (out ? 0xedb88320 : 0);
        }
    return crc ^ 0xffffffff;
}

Test(origin, a_png_gets_chunks_with_right_lengths_and_checksums)
{
    static const char png[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\0IEND\xae\x42\x60\x82";
    size_t size = sizeof png - 1, chunks = 0;
    char *bytes = copy_of(png, size);
    struct error err = {0};
    cr_assert_eq(origin_put_png(&origin, "a title", &bytes, &size, &err), STATUS_OK, "%s", err.message);
    size_t at = 8;
    while (at < size) {
        const uint32_t length = read_u32(bytes + at);
        cr_assert_leq(at + 12 + length, size);
        cr_expect_eq(checksum(bytes + at + 4, 4 + length), read_u32(bytes + at + 8 + length));
        chunks += memcmp(bytes + at + 4, "iTXt", 4) == 0;
        at += 12 + length;
    }
    cr_assert_eq(at, size);
    cr_assert_eq(chunks, 4);
    cr_assert_eq(memcmp(bytes + size - 8, "IEND", 4), 0);
    mem_free(bytes);
}

Test(origin, an_svg_gets_escaped_elements)
{
    static const char svg[] = "<?xml?>\n<svg width=\"1\">\n<title>Gnuplot</title><g/></svg>";
    size_t size = strlen(svg);
    char *bytes = copy_of(svg, size);
    struct error err = {0};
    cr_assert_eq(origin_put_svg(&origin, "x < y", &bytes, &size, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(size, strlen(bytes));
    cr_assert_not_null(strstr(bytes, "<title>x &lt; y</title>"));
    cr_assert_not_null(strstr(bytes, "<dc:source>campaign a &amp; b\nspec (12)</dc:source>"));
    cr_assert_null(strstr(bytes, "Gnuplot"));
    cr_assert_lt(strstr(bytes, "<metadata"), strstr(bytes, "<g/>"));
    mem_free(bytes);
}

Test(origin, a_pdf_gets_a_second_trailer_that_points_at_its_parts)
{
    static const char pdf[] = "%PDF-1.5\n1 0 obj\n<< >>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
                              "trailer\n<< /Size 2\n   /Root 1 0 R\n>>\nstartxref\n30\n%%EOF\n";
    size_t size = strlen(pdf);
    char *bytes = copy_of(pdf, size);
    struct error err = {0};
    cr_assert_eq(origin_put_pdf(&origin, "t", &bytes, &size, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(strncmp(bytes, pdf, strlen(pdf)), 0);
    const char *last = strstr(bytes + strlen(pdf), "startxref\n");
    cr_assert_not_null(last);
    const char *table = bytes + strtoul(last + strlen("startxref\n"), NULL, 10);
    cr_assert_eq(strncmp(table, "xref\n2 1\n", 9), 0);
    const char *object = bytes + strtoul(table + 9, NULL, 10);
    cr_assert_eq(strncmp(object, "2 0 obj\n<< /Title (t)", 21), 0);
    cr_assert_not_null(strstr(object, "spec \\(12\\)"));
    cr_assert_not_null(strstr(table, "/Size 3 /Root 1 0 R /Info 2 0 R /Prev 30"));
    mem_free(bytes);
}

Test(origin, what_is_no_picture_is_refused_and_left_alone)
{
    size_t size = 5;
    char *bytes = copy_of("hello", size);
    struct error err = {0};
    cr_assert_eq(origin_put_png(&origin, "t", &bytes, &size, &err), STATUS_CORRUPT);
    cr_assert_eq(origin_put_svg(&origin, "t", &bytes, &size, &err), STATUS_CORRUPT);
    cr_assert_eq(origin_put_pdf(&origin, "t", &bytes, &size, &err), STATUS_CORRUPT);
    cr_assert_str_eq(bytes, "hello");
    mem_free(bytes);
}
