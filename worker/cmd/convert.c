#include "worker/cmd/convert.h"

#include "worker/cmd/cmd.h"
#include "worker/files/configuration_write.h"
#include "worker/files/snapshot_read.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] = "usage: $ [FILE]\n"
                           "\n"
                           "Writes the snapshot in FILE (standard input without one, or for '-') as extended XYZ with\n"
                           "velocities to standard output.\n"
                           "\n"
                           "example:\n"
                           "  $ replica3.snapshot > replica3.xyz\n";

static enum status convert(const char *path, struct error *err)
{
    struct snapshot snapshot;
    enum status status = snapshot_read(path, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = extended_xyz_write_snapshot(stdout, &snapshot, err);
    snapshot_finish(&snapshot);
    return status;
}

int cmd_convert(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct error err;
    optind = 1;
    const int option = getopt_long(argc, argv, "h", options, NULL);
    if (option == 'h') {
        cmd_print_help(stdout, help, argv[0]);
        return 0;
    }
    if (option != -1 || argc - optind > 1) {
        (void)error_set(&err, STATUS_USAGE, "convert takes at most one file; see --help");
        return cmd_failed(&err);
    }
    return convert(optind < argc ? argv[optind] : "-", &err) == STATUS_OK ? 0 : cmd_failed(&err);
}
