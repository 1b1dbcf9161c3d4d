/* round_trip.h - for the readers of configurations: bytes in, and what is accepted must come back the same when it is
 * written and read again. */
#ifndef VITRINE_TESTS_FUZZ_ROUND_TRIP_H
#define VITRINE_TESTS_FUZZ_ROUND_TRIP_H

#include "worker/files/configuration_read.h"
#include <stdio.h>

typedef enum status round_trip_parser(struct text *text, struct configuration *out, struct error *err);
typedef enum status round_trip_writer(FILE *file, const struct configuration *configuration, struct error *err);

void round_trip(const uint8_t *data, size_t size, round_trip_parser *parse, round_trip_writer *write);

#endif
