#include "common/snapshot.h"

#include "common/mem.h"
#include "common/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { ATOMS = 7, THERMOSTAT = 2 };

static struct snapshot make_snapshot(void)
{
    struct snapshot snapshot;
    cr_assert_eq(snapshot_init(&snapshot, ATOMS, NULL), STATUS_OK);
    snapshot.step = -42;
    snapshot.thermostat_count = THERMOSTAT;
    snapshot.thermostat[0] = 0.25;
    snapshot.thermostat[1] = -3.0;
    for (int d = 0; d < 3; d++) {
        snapshot.box[d] = 4.0 + d;
        for (uint32_t i = 0; i < ATOMS; i++) {
            struct rng_place place = {.seed = 1, .stream = STREAM_TEST, .index = i};
            snapshot.position[d][i] = (int64_t)(rng_uniform(place, 2 * (uint32_t)d) * 0x1p52) - (INT64_C(1) << 51);
            snapshot.velocity[d][i] = rng_uniform(place, 2 * (uint32_t)d + 1) - 0.5;
        }
    }
    for (uint32_t i = 0; i < ATOMS; i++)
        snapshot.type[i] = i % 2;
    return snapshot;
}

struct encoded {
    uint8_t *bytes;
    size_t size;
    struct digest digest;
};

static struct encoded encode(const struct snapshot *snapshot)
{
    struct encoded encoded;
    cr_assert_eq(snapshot_encode(snapshot, &encoded.bytes, &encoded.size, &encoded.digest, NULL), STATUS_OK);
    return encoded;
}

static struct encoded encode_sample(void)
{
    struct snapshot snapshot = make_snapshot();
    struct encoded encoded = encode(&snapshot);
    snapshot_finish(&snapshot);
    return encoded;
}

/* Puts a right digest under changed bytes, so that only the change itself can be refused. */
static void seal(struct encoded *encoded)
{
    encoded->digest = digest_of_bytes(encoded->bytes, encoded->size - DIGEST_SIZE);
    memcpy(encoded->bytes + encoded->size - DIGEST_SIZE, encoded->digest.bytes, DIGEST_SIZE);
}

static enum status decode(const uint8_t *bytes, size_t size)
{
    struct snapshot snapshot;
    struct error err = {0};
    enum status status = snapshot_decode(bytes, size, &snapshot, &err);
    if (status == STATUS_OK)
        snapshot_finish(&snapshot);
    else
        cr_assert(err.message[0] != '\0');
    return status;
}

Test(snapshot, decoding_gives_back_what_was_encoded)
{
    struct snapshot before = make_snapshot(), after;
    struct encoded encoded = encode(&before);
    cr_assert_eq(snapshot_decode(encoded.bytes, encoded.size, &after, NULL), STATUS_OK);
    cr_assert_eq(after.atoms, ATOMS);
    cr_assert_eq(after.step, -42);
    cr_assert_arr_eq(after.box, before.box, sizeof before.box);
    cr_assert_eq(after.thermostat_count, THERMOSTAT);
    cr_assert_arr_eq(after.thermostat, before.thermostat, sizeof before.thermostat);
    for (int d = 0; d < 3; d++) {
        cr_assert_arr_eq(after.position[d], before.position[d], ATOMS * sizeof(int64_t));
        cr_assert_arr_eq(after.velocity[d], before.velocity[d], ATOMS * sizeof(double));
    }
    cr_assert_arr_eq(after.type, before.type, ATOMS);
    snapshot_finish(&before);
    snapshot_finish(&after);
    mem_free(encoded.bytes);
}

Test(snapshot, bytes_are_the_documented_ones)
{
    struct encoded encoded = encode_sample();
    char text[DIGEST_TEXT_SIZE];
    digest_to_text(&encoded.digest, text);
    cr_assert_eq(encoded.size, 56 + 8 * THERMOSTAT + 49 * ATOMS + 32);
    cr_assert_eq(encoded.size, snapshot_size(ATOMS, THERMOSTAT));
    cr_assert_arr_eq(encoded.bytes, "VTRSNAP1\1\0\0\0\7\0\0\0\xd6\xff\xff\xff\xff\xff\xff\xff", 24);
    cr_assert_str_eq(text, "39ac982c32cf763153235b7eb33c0d9c06892a2c20c86e61f00087bc4c073555");
    mem_free(encoded.bytes);
}

Test(snapshot, check_gives_the_digest_of_encode)
{
    struct encoded encoded = encode_sample();
    struct digest digest;
    cr_assert_eq(snapshot_check(encoded.bytes, encoded.size, &digest, NULL), STATUS_OK);
    cr_assert(digest_equal(&digest, &encoded.digest));
    mem_free(encoded.bytes);
}

Test(snapshot, every_truncation_is_refused)
{
    struct encoded encoded = encode_sample();
    for (size_t size = 0; size < encoded.size; size++) {
        uint8_t *cut = mem_copy(encoded.bytes, size); /* on the heap, so that a sanitizer sees a read past the end */
        cr_assert_eq(decode(cut, size), STATUS_CORRUPT, "%zu bytes", size);
        mem_free(cut);
    }
    mem_free(encoded.bytes);
}

Test(snapshot, every_flipped_bit_is_refused)
{
    struct encoded encoded = encode_sample();
    for (size_t bit = 0; bit < 8 * encoded.size; bit++) {
        encoded.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_neq(decode(encoded.bytes, encoded.size), STATUS_OK, "bit %zu", bit);
        encoded.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    mem_free(encoded.bytes);
}

static void assert_refused_when(size_t offset, const void *change, size_t size, enum status expected)
{
    struct encoded encoded = encode_sample();
    memcpy(encoded.bytes + offset, change, size);
    seal(&encoded);
    cr_assert_eq(decode(encoded.bytes, encoded.size), expected, "offset %zu", offset);
    mem_free(encoded.bytes);
}

Test(snapshot, a_lie_under_a_right_digest_is_refused)
{
    const double nan_value = (double)NAN, negative = -1.0, infinite = (double)INFINITY;
    const uint32_t two = 2, zero = 0, many = UINT32_MAX;
    const size_t velocities = 56 + 8 * THERMOSTAT + 24 * ATOMS;
    assert_refused_when(0, "X", 1, STATUS_CORRUPT);
    assert_refused_when(8, &two, 4, STATUS_CONFLICT);
    assert_refused_when(12, &zero, 4, STATUS_CORRUPT);
    assert_refused_when(12, &many, 4, STATUS_CORRUPT);
    assert_refused_when(24, &nan_value, 8, STATUS_CORRUPT);
    assert_refused_when(32, &negative, 8, STATUS_CORRUPT);
    assert_refused_when(48, &many, 4, STATUS_CORRUPT);
    assert_refused_when(52, &two, 4, STATUS_CORRUPT);
    assert_refused_when(56, &infinite, 8, STATUS_CORRUPT);
    assert_refused_when(velocities + 8, &nan_value, 8, STATUS_CORRUPT);
    assert_refused_when(velocities + 24 * ATOMS, "\2", 1, STATUS_CORRUPT);
}

Test(snapshot, sizes_beyond_the_bound_are_refused_before_allocation)
{
    struct snapshot snapshot;
    cr_assert_eq(snapshot_init(&snapshot, 0, NULL), STATUS_LIMIT);
    cr_assert_eq(snapshot_init(&snapshot, SNAPSHOT_ATOMS_MAX + 1, NULL), STATUS_LIMIT);
}

Test(snapshot, every_failed_allocation_is_survived)
{
    struct encoded encoded = encode_sample();
    for (uint64_t n = 1;; n++) {
        mem_fail_nth(n);
        enum status status = decode(encoded.bytes, encoded.size);
        mem_fail_nth(0);
        if (status == STATUS_OK) {
            cr_assert_gt(n, 1);
            break;
        }
        cr_assert_eq(status, STATUS_NO_MEMORY);
    }
    mem_free(encoded.bytes);
}

Test(snapshot, finish_takes_null_and_zeroed)
{
    struct snapshot zeroed = {0};
    snapshot_finish(NULL);
    snapshot_finish(&zeroed);
}
