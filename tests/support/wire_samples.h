/* wire_samples.h - one well-formed message of every kind, for round trips, cuts, flips and the fuzzers' corpus. */
#ifndef VITRINE_TESTS_SUPPORT_WIRE_SAMPLES_H
#define VITRINE_TESTS_SUPPORT_WIRE_SAMPLES_H

#include "common/wire.h"

enum { WIRE_SAMPLE_COUNT = 18 };

/* A name for the sample, for messages and file names. */
const char *wire_sample_name(int index);

/* The sample number `index`; owned by the caller (wire_message_finish). Stops the process without memory. */
struct wire_message wire_sample_make(int index);

/* Puts a right seal under a changed frame 0, so that the decoder looks at what is inside. */
void wire_sample_seal(uint8_t *bytes, size_t size);

#endif
