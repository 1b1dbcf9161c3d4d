#include "worker/cmd/convert.h"

#include "common/mem.h"
#include "common/snapshot.h"
#include "worker/cmd/cmd.h"
#include "worker/files/configuration_write.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] = "usage: vitrine-worker convert [FILE]\n"
                           "\n"
                           "Writes the snapshot in FILE (standard input without one, or for '-') as extended XYZ with\n"
                           "velocities to standard output.\n"
                           "\n"
                           "example:\n"
                           "  vitrine-worker convert replica3.snapshot > replica3.xyz\n";

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

static enum status convert(FILE *file, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct snapshot snapshot;
    enum status status = read_bytes(file, &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    status = snapshot_decode(bytes, size, &snapshot, err);
    mem_free(bytes);
    if (status != STATUS_OK)
        return status;
    status = extended_xyz_write_snapshot(stdout, &snapshot, err);
    snapshot_finish(&snapshot);
    return status;
}

static enum status convert_path(const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return convert(stdin, err);
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set_errno(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open '%s'", path);
    enum status status = convert(file, err);
    fclose(file);
    return status == STATUS_OK ? STATUS_OK : error_context(err, "'%s'", path);
}

int cmd_convert(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct error err;
    optind = 1;
    const int option = getopt_long(argc, argv, "h", options, NULL);
    if (option == 'h') {
        fputs(help, stdout);
        return 0;
    }
    if (option != -1 || argc - optind > 1) {
        (void)error_set(&err, STATUS_USAGE, "convert takes at most one file; see vitrine-worker convert --help");
        return cmd_failed(&err);
    }
    return convert_path(optind < argc ? argv[optind] : "-", &err) == STATUS_OK ? 0 : cmd_failed(&err);
}
