/* campaign_number.h - numbers of the campaign file, read whole by our own grammar.
 *
 *     real     -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?      JSON's grammar, so the schema and we agree
 *     whole    the same, when its value is a whole number: 1000, 1e5, 2.5e3
 *     bytes    whole, or real and a unit apart from it: 20 GB (powers of 1000), 512 MiB (powers of 1024)
 *
 * YAML's own reading of scalars (0x10, 1_000, .inf, sexagesimal 1:30, yes) is never used: each is refused with a hint.
 */
#ifndef VITRINE_COMMON_CAMPAIGN_NUMBER_H
#define VITRINE_COMMON_CAMPAIGN_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Each returns NULL and writes the value, or returns why not (static storage): the end of the sentence "'0,6' is not a
 * number: ...". The text ends in a zero byte. */
const char *campaign_number_real(const char *text, double *out_value);
const char *campaign_number_whole(const char *text, int64_t *out_value);
const char *campaign_number_bytes(const char *text, int64_t *out_value);

#endif
