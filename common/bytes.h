/* bytes.h - little-endian bytes, written and read in order within bounds.
 *
 * Both machines that we run on are little-endian, so a bulk array is copied as it stands; the assertion below stops a
 * port to another machine at the compiler. A reader that was asked for more than there is says so once, at the end:
 * every read after the first short one gives zeros. */
#ifndef VITRINE_COMMON_BYTES_H
#define VITRINE_COMMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bulk bytes are copied as they stand in memory");

/* The caller sizes the buffer exactly; bytes_are_full checks that it did. */
struct bytes_writer {
    uint8_t *next;
    const uint8_t *end;
};

static inline void bytes_write(struct bytes_writer *writer, const void *source, size_t size)
{
    if (size == 0)
        return;
    memcpy(writer->next, source, size);
    writer->next += size;
}

static inline void bytes_write_u32(struct bytes_writer *writer, uint32_t value)
{
    bytes_write(writer, &value, sizeof value);
}

static inline bool bytes_are_full(const struct bytes_writer *writer)
{
    return writer->next == writer->end;
}

struct bytes_reader {
    const uint8_t *next;
    const uint8_t *end;
    bool is_short; /* more was asked for than there was */
};

static inline void bytes_read(struct bytes_reader *reader, void *out, size_t size)
{
    if (size > (size_t)(reader->end - reader->next)) {
        reader->is_short = true;
        reader->next = reader->end;
        memset(out, 0, size);
        return;
    }
    if (size == 0)
        return;
    memcpy(out, reader->next, size);
    reader->next += size;
}

static inline uint32_t bytes_read_u32(struct bytes_reader *reader)
{
    uint32_t value;
    bytes_read(reader, &value, sizeof value);
    return value;
}

static inline bool bytes_are_used_up(const struct bytes_reader *reader)
{
    return !reader->is_short && reader->next == reader->end;
}

#endif
