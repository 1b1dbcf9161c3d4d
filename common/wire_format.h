/* wire_format.h - what the two halves of the codec (wire_encode.c, wire_decode.c) agree on and nobody else needs. */
#ifndef VITRINE_COMMON_WIRE_FORMAT_H
#define VITRINE_COMMON_WIRE_FORMAT_H

enum {
    WIRE_PREFIX_SIZE = 8,       /* "VTRW", u32 protocol */
    WIRE_SEAL_SIZE = 16,        /* of the digest over prefix and envelope */
    WIRE_SAMPLE_HEAD_SIZE = 16, /* i64 step, u32 group, u32 number of values */
};

static const char wire_magic[4] = {'V', 'T', 'R', 'W'};

/* Places of a result's blocks among the frames. */
enum { WIRE_BLOCK_SNAPSHOT, WIRE_BLOCK_SAMPLES, WIRE_BLOCK_PDFS, WIRE_BLOCK_FRAMES, WIRE_BLOCK_ARRAYS, WIRE_RESULT_BLOCKS };

#endif
