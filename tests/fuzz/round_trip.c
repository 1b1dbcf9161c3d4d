#include "tests/fuzz/round_trip.h"

#include "common/invariant.h"
#include "common/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A text that ends exactly where its bytes end, so that a sanitizer sees a read past them. */
static enum status parse_bytes(const void *data, size_t size, round_trip_parser *parse, struct configuration *out)
{
    struct text text = {.path = "fuzz", .bytes = mem_copy(data, size), .size = size};
    struct error err = {0};
    text.cursor = text.bytes;
    enum status status = parse(&text, out, &err);
    text_close(&text);
    INVARIANT(status == STATUS_OK || err.message[0] != '\0');
    return status;
}

static void check(const struct configuration *configuration)
{
    INVARIANT(configuration->atoms >= 1);
    for (int k = 0; k < 3; k++) {
        INVARIANT(configuration->box[k] > 0.0 && isfinite(configuration->box[k]));
        for (uint32_t i = 0; i < configuration->atoms; i++)
            INVARIANT(configuration->position[k][i] >= 0.0 && configuration->position[k][i] < configuration->box[k]);
    }
}

static void check_same(const struct configuration *a, const struct configuration *b)
{
    INVARIANT(a->atoms == b->atoms && memcmp(a->box, b->box, sizeof a->box) == 0);
    for (int k = 0; k < 3; k++)
        INVARIANT(memcmp(a->position[k], b->position[k], a->atoms * sizeof a->position[k][0]) == 0);
    INVARIANT(memcmp(a->type, b->type, a->atoms) == 0 && memcmp(a->id, b->id, a->atoms * sizeof a->id[0]) == 0);
}

void round_trip(const uint8_t *data, size_t size, round_trip_parser *parse, round_trip_writer *write)
{
    struct configuration first, again;
    char *text = NULL;
    size_t text_size = 0;
    if (size == 0 || memchr(data, '\0', size) || parse_bytes(data, size, parse, &first) != STATUS_OK)
        return; /* text_open refuses what holds a zero byte */
    check(&first);
    FILE *file = open_memstream(&text, &text_size);
    INVARIANT(file && write(file, &first, NULL) == STATUS_OK && fclose(file) == 0);
    INVARIANT(parse_bytes(text, text_size, parse, &again) == STATUS_OK);
    check_same(&first, &again);
    configuration_finish(&first);
    configuration_finish(&again);
    free(text);
}
