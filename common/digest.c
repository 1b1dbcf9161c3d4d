#include "common/digest.h"

#include "common/invariant.h"

#include <string.h>

void digest_init(struct digest_state *state)
{
    INVARIANT(crypto_generichash_init(&state->inner, NULL, 0, DIGEST_SIZE) == 0);
}

void digest_add_bytes(struct digest_state *state, const void *bytes, size_t size)
{
    INVARIANT(crypto_generichash_update(&state->inner, bytes, size) == 0);
}

void digest_add_u64(struct digest_state *state, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    digest_add_bytes(state, bytes, sizeof bytes);
}

void digest_add_u32(struct digest_state *state, uint32_t value)
{
    digest_add_u64(state, value);
}

void digest_add_i64(struct digest_state *state, int64_t value)
{
    digest_add_u64(state, (uint64_t)value);
}

void digest_add_f64(struct digest_state *state, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    digest_add_u64(state, bits);
}

void digest_add_string(struct digest_state *state, const char *string)
{
    size_t size = strlen(string);
    digest_add_u64(state, size);
    digest_add_bytes(state, string, size);
}

void digest_add_digest(struct digest_state *state, const struct digest *digest)
{
    digest_add_bytes(state, digest->bytes, DIGEST_SIZE);
}

struct digest digest_finish(struct digest_state *state)
{
    struct digest digest;
    INVARIANT(crypto_generichash_final(&state->inner, digest.bytes, DIGEST_SIZE) == 0);
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
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < DIGEST_SIZE; i++) {
        out[2 * i] = hex[digest->bytes[i] >> 4];
        out[2 * i + 1] = hex[digest->bytes[i] & 15];
    }
    out[2 * DIGEST_SIZE] = '\0';
}
