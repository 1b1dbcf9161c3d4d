#include "worker/files/snapshot_read.h"

#include "common/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reads one byte more than a snapshot can have, so that what is too long is seen. */
static enum status read_bytes(FILE *file, uint8_t **out_bytes, size_t *out_size, struct error *err)
{
    const size_t most = snapshot_size(SNAPSHOT_ATOMS_MAX, SNAPSHOT_THERMOSTAT_MAX) + 1;
    size_t capacity = 0, size = 0;
    uint8_t *bytes = NULL;
    while (size == capacity && size < most) {
        const size_t larger = capacity ? 2 * capacity : 1 << 16;
        uint8_t *grown = mem_resize_array(bytes, capacity, larger, 1);
        if (!grown) {
            mem_free(bytes);
            return mem_error(err, "a snapshot");
        }
        bytes = grown;
        capacity = larger;
        size += fread(bytes + size, 1, capacity - size, file);
    }
    if (ferror(file)) {
        mem_free(bytes);
        return error_set_errno(err, STATUS_IO, errno, "cannot read the snapshot");
    }
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

static enum status read_open_file(FILE *file, struct snapshot *out, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = read_bytes(file, &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    status = snapshot_decode(bytes, size, out, err);
    mem_free(bytes);
    return status;
}

enum status snapshot_read(const char *path, struct snapshot *out, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return read_open_file(stdin, out, err);
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set_errno(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open '%s'", path);
    enum status status = read_open_file(file, out, err);
    fclose(file);
    return status == STATUS_OK ? STATUS_OK : error_context(err, "'%s'", path);
}

bool snapshot_is_file(const char *path)
{
    static const char magic[8] = "VTRSNAP1";
    char start[sizeof magic];
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
    if (!file)
        return false;
    const bool is = fread(start, 1, sizeof start, file) == sizeof start && memcmp(start, magic, sizeof magic) == 0;
    fclose(file);
    return is;
}
