/* fuzz_wire.c - throws bytes at the decoder of messages.
 *
 * Input: u8 frames, then for each but the last a u16 size (little-endian); then the frames' bytes one after another,
 * the last one taking what is left. Frame 0 gets a right seal, so that the fuzzer does not fight a digest. What is
 * accepted must encode again. */
#include "common/bytes.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/wire.h"
#include "tests/support/wire_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct wire_frames split(const uint8_t *data, size_t size)
{
    struct wire_frames frames = {0};
    struct bytes_reader from = {.next = data, .end = data + size};
    uint8_t count;
    uint16_t sizes[WIRE_FRAMES_MAX] = {0};
    bytes_read(&from, &count, 1);
    frames.count = count % (WIRE_FRAMES_MAX + 1);
    for (size_t i = 0; i + 1 < frames.count; i++)
        bytes_read(&from, &sizes[i], 2);
    for (size_t i = 0; i < frames.count; i++) {
        const size_t left = (size_t)(from.end - from.next);
        const size_t part = i + 1 == frames.count || sizes[i] > left ? left : sizes[i];
        frames.frame[i] = (struct wire_frame){mem_copy(from.next, part), part};
        from.next += part;
    }
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_frames frames = split(data, size);
    struct wire_frames_view view = wire_frames_as_view(&frames);
    struct wire_message message;
    struct lease_token token;
    if (frames.count > 0)
        wire_sample_seal(frames.frame[0].bytes, frames.frame[0].size);
    (void)wire_peek_result(&view, &token);
    if (wire_decode(&view, &message, NULL) == STATUS_OK) {
        struct wire_frames again;
        INVARIANT(wire_encode(&message, &again, NULL) == STATUS_OK);
        wire_frames_finish(&again);
        wire_message_finish(&message);
    }
    wire_frames_finish(&frames);
    return 0;
}
