#include "common/snapshot.h"

#include "common/bytes.h"
#include "common/invariant.h"
#include "common/mem.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char snapshot_magic[8] = {'V', 'T', 'R', 'S', 'N', 'A', 'P', '1'};

enum { SNAPSHOT_VERSION = 1, HEADER_SIZE = 56, ATOM_SIZE = 3 * 8 + 3 * 8 + 1 };

enum status snapshot_init(struct snapshot *snapshot, uint32_t atoms, struct error *err)
{
    if (atoms == 0 || atoms > SNAPSHOT_ATOMS_MAX)
        return error_set(err, STATUS_LIMIT, "a snapshot of %" PRIu32 " atoms is outside 1 .. %d", atoms,
                         SNAPSHOT_ATOMS_MAX);
    struct snapshot made = {.atoms = atoms};
    made.type = mem_alloc_array(atoms, 1);
    bool complete = made.type != NULL;
    for (int d = 0; d < 3; d++) {
        made.position[d] = mem_alloc_array(atoms, sizeof *made.position[d]);
        made.velocity[d] = mem_alloc_array(atoms, sizeof *made.velocity[d]);
        complete = complete && made.position[d] && made.velocity[d];
    }
    if (!complete) {
        snapshot_finish(&made);
        return mem_error(err, "a snapshot");
    }
    *snapshot = made;
    return STATUS_OK;
}

void snapshot_finish(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (int d = 0; d < 3; d++) {
        mem_free(snapshot->position[d]);
        mem_free(snapshot->velocity[d]);
    }
    mem_free(snapshot->type);
    *snapshot = (struct snapshot){0};
}

enum status snapshot_copy_places(const struct snapshot *from, struct snapshot *out, struct error *err)
{
    enum status status = snapshot_init(out, from->atoms, err);
    if (status != STATUS_OK)
        return status;
    out->step = from->step;
    for (int d = 0; d < 3; d++) {
        out->box[d] = from->box[d];
        memcpy(out->position[d], from->position[d], from->atoms * sizeof *from->position[d]);
    }
    memcpy(out->type, from->type, from->atoms);
    return STATUS_OK;
}

size_t snapshot_size(uint32_t atoms, uint32_t thermostat_count)
{
    return HEADER_SIZE + 8 * (size_t)thermostat_count + ATOM_SIZE * (size_t)atoms + DIGEST_SIZE;
}

static void write_body(const struct snapshot *snapshot, struct bytes_writer *to)
{
    const size_t atoms = snapshot->atoms;
    bytes_write(to, snapshot_magic, sizeof snapshot_magic);
    bytes_write_u32(to, SNAPSHOT_VERSION);
    bytes_write_u32(to, snapshot->atoms);
    bytes_write(to, &snapshot->step, 8);
    bytes_write(to, snapshot->box, sizeof snapshot->box);
    bytes_write_u32(to, snapshot->thermostat_count);
    bytes_write_u32(to, 0);
    bytes_write(to, snapshot->thermostat, 8 * (size_t)snapshot->thermostat_count);
    for (int d = 0; d < 3; d++)
        bytes_write(to, snapshot->position[d], 8 * atoms);
    for (int d = 0; d < 3; d++)
        bytes_write(to, snapshot->velocity[d], 8 * atoms);
    bytes_write(to, snapshot->type, atoms);
}

enum status snapshot_encode(const struct snapshot *snapshot, uint8_t **out_bytes, size_t *out_size,
                            struct digest *out_digest, struct error *err)
{
    INVARIANT(snapshot->thermostat_count <= SNAPSHOT_THERMOSTAT_MAX);
    const size_t size = snapshot_size(snapshot->atoms, snapshot->thermostat_count);
    uint8_t *bytes = mem_alloc_array(size, 1);
    if (!bytes)
        return mem_error(err, "the bytes of a snapshot");
    struct bytes_writer to = {bytes, bytes + size};
    write_body(snapshot, &to);
    *out_digest = digest_of_bytes(bytes, size - DIGEST_SIZE);
    bytes_write(&to, out_digest->bytes, DIGEST_SIZE);
    INVARIANT(bytes_are_full(&to));
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

/* The fixed front of the bytes. */
struct header {
    char magic[8];
    uint32_t version, atoms;
    int64_t step;
    double box[3];
    uint32_t thermostat_count, zero;
};

static struct header read_header(struct bytes_reader *from)
{
    struct header header;
    bytes_read(from, header.magic, sizeof header.magic);
    header.version = bytes_read_u32(from);
    header.atoms = bytes_read_u32(from);
    bytes_read(from, &header.step, 8);
    bytes_read(from, header.box, sizeof header.box);
    header.thermostat_count = bytes_read_u32(from);
    header.zero = bytes_read_u32(from);
    return header;
}

/* Everything that sizes depend on is bounded here, before anything is allocated. */
static enum status check_header(const struct header *header, size_t size, struct error *err)
{
    if (size < HEADER_SIZE)
        return error_set(err, STATUS_CORRUPT, "a snapshot of %zu bytes is shorter than its header (%d)", size,
                         HEADER_SIZE);
    if (memcmp(header->magic, snapshot_magic, sizeof snapshot_magic) != 0)
        return error_set(err, STATUS_CORRUPT, "not a snapshot: the bytes do not begin with VTRSNAP1");
    if (header->version != SNAPSHOT_VERSION)
        return error_set(err, STATUS_CONFLICT, "snapshot version %" PRIu32 " is not the one known here (%d)",
                         header->version, SNAPSHOT_VERSION);
    if (header->atoms == 0 || header->atoms > SNAPSHOT_ATOMS_MAX)
        return error_set(err, STATUS_CORRUPT, "a snapshot of %" PRIu32 " atoms is outside 1 .. %d", header->atoms,
                         SNAPSHOT_ATOMS_MAX);
    if (header->thermostat_count > SNAPSHOT_THERMOSTAT_MAX || header->zero != 0)
        return error_set(err, STATUS_CORRUPT, "a snapshot with %" PRIu32 " thermostat variables (at most %d)",
                         header->thermostat_count, SNAPSHOT_THERMOSTAT_MAX);
    const size_t expected = snapshot_size(header->atoms, header->thermostat_count);
    if (size != expected)
        return error_set(err, STATUS_CORRUPT, "a snapshot of %" PRIu32 " atoms has %zu bytes, not %zu", header->atoms,
                         expected, size);
    for (int d = 0; d < 3; d++)
        if (!isfinite(header->box[d]) || header->box[d] <= 0.0)
            return error_set(err, STATUS_CORRUPT, "box edge %d of a snapshot is %g", d, header->box[d]);
    return STATUS_OK;
}

static enum status check_digest(const uint8_t *bytes, size_t size, struct digest *out_digest, struct error *err)
{
    struct digest stored, actual = digest_of_bytes(bytes, size - DIGEST_SIZE);
    memcpy(stored.bytes, bytes + size - DIGEST_SIZE, DIGEST_SIZE);
    if (!digest_equal(&stored, &actual))
        return error_set(err, STATUS_CORRUPT, "the bytes of a snapshot do not have the digest they carry");
    *out_digest = actual;
    return STATUS_OK;
}

enum status snapshot_check(const uint8_t *bytes, size_t size, struct digest *out_digest, struct error *err)
{
    struct bytes_reader from = {.next = bytes, .end = bytes + size};
    const struct header header = read_header(&from);
    enum status status = check_header(&header, size, err);
    return status == STATUS_OK ? check_digest(bytes, size, out_digest, err) : status;
}

static bool all_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static enum status check_state(const struct snapshot *snapshot, struct error *err)
{
    if (!all_finite(snapshot->thermostat, snapshot->thermostat_count))
        return error_set(err, STATUS_CORRUPT, "a thermostat variable of a snapshot is not finite");
    for (int d = 0; d < 3; d++)
        if (!all_finite(snapshot->velocity[d], snapshot->atoms))
            return error_set(err, STATUS_CORRUPT, "a velocity of a snapshot is not finite");
    for (uint32_t i = 0; i < snapshot->atoms; i++)
        if (snapshot->type[i] != ATOM_LARGE && snapshot->type[i] != ATOM_SMALL)
            return error_set(err, STATUS_CORRUPT, "atom %" PRIu32 " of a snapshot has the unknown type %u", i,
                             snapshot->type[i]);
    return STATUS_OK;
}

static void read_state(struct bytes_reader *from, const struct header *header, struct snapshot *out)
{
    const size_t atoms = header->atoms;
    out->step = header->step;
    memcpy(out->box, header->box, sizeof out->box);
    out->thermostat_count = header->thermostat_count;
    bytes_read(from, out->thermostat, 8 * (size_t)header->thermostat_count);
    for (int d = 0; d < 3; d++)
        bytes_read(from, out->position[d], 8 * atoms);
    for (int d = 0; d < 3; d++)
        bytes_read(from, out->velocity[d], 8 * atoms);
    bytes_read(from, out->type, atoms);
}

enum status snapshot_decode(const uint8_t *bytes, size_t size, struct snapshot *out_snapshot, struct error *err)
{
    struct bytes_reader from = {.next = bytes, .end = bytes + size};
    const struct header header = read_header(&from);
    enum status status = check_header(&header, size, err);
    if (status != STATUS_OK)
        return status;
    struct digest digest;
    if ((status = check_digest(bytes, size, &digest, err)) != STATUS_OK)
        return status;
    struct snapshot snapshot;
    if ((status = snapshot_init(&snapshot, header.atoms, err)) != STATUS_OK)
        return status;
    read_state(&from, &header, &snapshot);
    if ((status = check_state(&snapshot, err)) != STATUS_OK) {
        snapshot_finish(&snapshot);
        return status;
    }
    *out_snapshot = snapshot;
    return STATUS_OK;
}
