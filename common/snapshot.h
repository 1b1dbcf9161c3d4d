/* snapshot.h - the full dynamic state of a replica at a segment's end, and its bytes.
 *
 * A snapshot holds everything that the next step depends on; lists and caches are rebuilt from it, so nothing hidden
 * crosses a segment's border. Positions are fixed-point fractions of the box, which makes periodicity integer
 * wraparound and the bits the same everywhere:
 *
 *     position = image * 2^48 + fraction of the box edge * 2^48        (int64: 16 bits of image, 48 of fraction)
 *     x / sigma = position * box_edge / 2^48                            (unwrapped)
 *
 * The resolution is 2.6e-14 sigma at N = 500. Velocities are doubles at the same (full) step as the positions.
 *
 * Bytes, little-endian: "VTRSNAP1", u32 version, u32 atoms, i64 step, f64 box[3], u32 thermostat variable count, u32
 * zero, the thermostat variables f64[], positions x then y then z i64[atoms] each, velocities likewise f64, types
 * u8[atoms], BLAKE2b-256 of all that precedes. Atoms stand in id order (0-based) always. */
#ifndef VITRINE_COMMON_SNAPSHOT_H
#define VITRINE_COMMON_SNAPSHOT_H

#include "common/digest.h"
#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

enum { SNAPSHOT_ATOMS_MAX = 1 << 21, SNAPSHOT_THERMOSTAT_MAX = 16, SNAPSHOT_FRACTION_BITS = 48 };

enum atom_type { ATOM_LARGE = 0, ATOM_SMALL = 1 }; /* in files and tables: 1 = large, 2 = small */

struct snapshot {
    uint32_t atoms;
    int64_t step;  /* of the campaign; < 0 in preparation */
    double box[3]; /* edges, sigma */
    uint32_t thermostat_count;
    double thermostat[SNAPSHOT_THERMOSTAT_MAX]; /* variables of the thermostat, meaning by its kind */
    int64_t *position[3];                       /* 2^-48 box edges, [atoms] */
    double *velocity[3];                        /* sigma/tau, [atoms] */
    uint8_t *type;                              /* enum atom_type, [atoms] */
};

/* Allocates the arrays, zeroed. */
enum status snapshot_init(struct snapshot *snapshot, uint32_t atoms, struct error *err) MUST_CHECK;
void snapshot_finish(struct snapshot *snapshot); /* NULL and zeroed are fine */

/* A copy of where atoms are, and of their types, step and box; at rest and without a thermostat. Initialises `out`. */
enum status snapshot_copy_places(const struct snapshot *from, struct snapshot *out, struct error *err) MUST_CHECK;

/* Size of the bytes of a snapshot. */
size_t snapshot_size(uint32_t atoms, uint32_t thermostat_count);

/* Bytes are returned (mem_free). The digest of a snapshot is the trailing BLAKE2b of its bytes. */
enum status snapshot_encode(const struct snapshot *snapshot, uint8_t **out_bytes, size_t *out_size,
                            struct digest *out_digest, struct error *err) MUST_CHECK;

/* Trusts nothing: magic, version, sizes, finite numbers, types, digest. The snapshot is initialised on success only
 * (snapshot_finish). */
enum status snapshot_decode(const uint8_t *bytes, size_t size, struct snapshot *out_snapshot,
                            struct error *err) MUST_CHECK;

/* The digest stored in the bytes, without decoding them; STATUS_CORRUPT when it is not that of the bytes. */
enum status snapshot_check(const uint8_t *bytes, size_t size, struct digest *out_digest, struct error *err) MUST_CHECK;

#endif
