/* plain_digest.c - common/digest.h without libsodium, for the bit-equality matrix: a cross compiler has no libsodium.
 * Four lanes of FNV-1a (64 bit, different offsets) in place of BLAKE2b; nothing but the matrix may link this. */
#include "common/digest.h"

#include <stdio.h>
#include <string.h>

static const uint64_t fnv_prime = UINT64_C(0x100000001b3);

static uint64_t *lanes_of(struct digest_state *state)
{
    return (uint64_t *)(void *)state;
}

void digest_init(struct digest_state *state)
{
    for (uint64_t n = 0; n < 4; n++)
        lanes_of(state)[n] = UINT64_C(0xcbf29ce484222325) + n;
}

void digest_add_bytes(struct digest_state *state, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < size; i++)
        for (uint64_t n = 0; n < 4; n++)
            lanes_of(state)[n] = (lanes_of(state)[n] ^ (p[i] + n)) * fnv_prime;
}

void digest_add_u32(struct digest_state *state, uint32_t value)
{
    digest_add_bytes(state, &value, sizeof value);
}

void digest_add_u64(struct digest_state *state, uint64_t value)
{
    digest_add_bytes(state, &value, sizeof value);
}

void digest_add_i64(struct digest_state *state, int64_t value)
{
    digest_add_bytes(state, &value, sizeof value);
}

void digest_add_f64(struct digest_state *state, double value)
{
    digest_add_bytes(state, &value, sizeof value);
}

void digest_add_string(struct digest_state *state, const char *string)
{
    digest_add_bytes(state, string, strlen(string));
}

void digest_add_digest(struct digest_state *state, const struct digest *digest)
{
    digest_add_bytes(state, digest->bytes, DIGEST_SIZE);
}

struct digest digest_finish(struct digest_state *state)
{
    struct digest digest;
    memcpy(digest.bytes, lanes_of(state), DIGEST_SIZE);
    return digest;
}

struct digest digest_of_bytes(const void *bytes, size_t size)
{
    struct digest_state state;
    digest_init(&state);
    digest_add_bytes(&state, bytes, size);
    return digest_finish(&state);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

bool digest_is_zero(const struct digest *digest)
{
    static const struct digest zero;
    return digest_equal(digest, &zero);
}

void digest_to_text(const struct digest *digest, char out[DIGEST_TEXT_SIZE])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", digest->bytes[i]);
}
