/* digest.h - BLAKE2b-256 of canonical bytes (RFC 7693; libsodium's crypto_generichash).
 *
 * Canonical: integers little-endian of fixed width, doubles as their IEEE bits, strings with their length in front, so
 * that no two different sequences of fields give the same bytes. */
#ifndef VITRINE_COMMON_DIGEST_H
#define VITRINE_COMMON_DIGEST_H

#include <sodium/crypto_generichash.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_TEXT_SIZE = 2 * DIGEST_SIZE + 1 };

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

struct digest_state {
    crypto_generichash_state inner;
};

void digest_init(struct digest_state *state);
void digest_add_bytes(struct digest_state *state, const void *bytes, size_t size); /* no length in front */
void digest_add_u32(struct digest_state *state, uint32_t value);
void digest_add_u64(struct digest_state *state, uint64_t value);
void digest_add_i64(struct digest_state *state, int64_t value);
void digest_add_f64(struct digest_state *state, double value);
void digest_add_string(struct digest_state *state, const char *string);
void digest_add_digest(struct digest_state *state, const struct digest *digest);
struct digest digest_finish(struct digest_state *state);

struct digest digest_of_bytes(const void *bytes, size_t size);
bool digest_equal(const struct digest *a, const struct digest *b);
bool digest_is_zero(const struct digest *digest);
void digest_to_text(const struct digest *digest, char out[DIGEST_TEXT_SIZE]); /* lower-case hexadecimal */

#endif
