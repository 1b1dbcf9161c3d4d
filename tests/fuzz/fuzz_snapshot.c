/* fuzz_snapshot.c - throws bytes at the reader of snapshots; the digest at the end is made right, so that the fuzzer
 * does not fight it. What is accepted must encode to the same bytes. */
#include "common/invariant.h"
#include "common/mem.h"
#include "common/snapshot.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct snapshot *snapshot, const uint8_t *bytes, size_t size)
{
    uint8_t *again;
    size_t again_size;
    struct digest digest;
    INVARIANT(snapshot_encode(snapshot, &again, &again_size, &digest, NULL) == STATUS_OK);
    INVARIANT(again_size == size && memcmp(again, bytes, size) == 0);
    mem_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = mem_copy(data, size);
    if (size >= DIGEST_SIZE) {
        const struct digest digest = digest_of_bytes(bytes, size - DIGEST_SIZE);
        memcpy(bytes + size - DIGEST_SIZE, digest.bytes, DIGEST_SIZE);
    }
    struct snapshot snapshot;
    if (snapshot_decode(bytes, size, &snapshot, NULL) == STATUS_OK) {
        check_round_trip(&snapshot, bytes, size);
        snapshot_finish(&snapshot);
    }
    mem_free(bytes);
    return 0;
}
