#include "worker/cmd/convert.h"

#include "worker/cmd/cmd.h"
#include "worker/files/configuration_write.h"
#include "worker/files/snapshot_read.h"
#include "worker/md/potential.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

static const char help[] =
    "usage: $ [FILE] [--format NAME] [--potential NAME] [--labels TEXT]\n"
    "\n"
    "Writes the snapshot in FILE (standard input without one, or for '-') with its velocities to\n"
    "standard output.\n"
    "\n"
    "  --format NAME     xyz (extended XYZ, default), data or dump (LAMMPS)\n"
    "  --potential NAME  whose masses LAMMPS data have: wahnstrom (default), kob_andersen\n"
    "  --labels TEXT     more key=value for the comment line of extended XYZ\n"
    "\n"
    "example:\n"
    "  $ replica3.snapshot --format data > replica3.data\n";

enum format { FORMAT_XYZ, FORMAT_DATA, FORMAT_DUMP, FORMAT_COUNT };
static const char *const format_names[FORMAT_COUNT] = {"xyz", "data", "dump"};

struct arguments {
    const char *path, *labels; /* labels: NULL: none */
    int format, potential;
    bool help;
};

static enum status parse_arguments(struct arguments *arguments, int argc, char **argv, struct error *err)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"potential", required_argument, NULL, 'p'},
                                            {"labels", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    *arguments = (struct arguments){.path = "-", .format = FORMAT_XYZ, .potential = POTENTIAL_WAHNSTROM};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        enum status status = STATUS_OK;
        if (option == 'f')
            status = cmd_parse_name("--format", optarg, format_names, FORMAT_COUNT, &arguments->format, err);
        else if (option == 'p')
            status = cmd_parse_name("--potential", optarg, potential_names, POTENTIAL_KIND_COUNT, &arguments->potential,
                                    err);
        else if (option == 'l')
            arguments->labels = optarg;
        else if (option == 'h')
            arguments->help = true;
        else
            status = error_set(err, STATUS_USAGE, "see --help");
        if (status != STATUS_OK)
            return status;
    }
    if (argc - optind > 1)
        return error_set(err, STATUS_USAGE, "convert takes at most one file; see --help");
    if (optind < argc)
        arguments->path = argv[optind];
    return STATUS_OK;
}

static enum status write_snapshot(const struct arguments *arguments, const struct snapshot *snapshot, struct error *err)
{
    const struct potential potential =
        potential_make((enum potential_kind)arguments->potential, CUT_SHIFTED, 2.5); /* for its masses */
    switch (arguments->format) {
    case FORMAT_DATA:
        return lammps_data_write_snapshot(stdout, snapshot, potential.mass, err);
    case FORMAT_DUMP:
        return lammps_dump_write_snapshot(stdout, snapshot, err);
    default:
        return extended_xyz_write_snapshot(stdout, snapshot, arguments->labels, err);
    }
}

static enum status convert(const struct arguments *arguments, struct error *err)
{
    struct snapshot snapshot;
    enum status status = snapshot_read(arguments->path, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = write_snapshot(arguments, &snapshot, err);
    snapshot_finish(&snapshot);
    return status;
}

int cmd_convert(int argc, char **argv)
{
    struct arguments arguments;
    struct error err;
    if (parse_arguments(&arguments, argc, argv, &err) != STATUS_OK)
        return cmd_failed(&err);
    if (arguments.help) {
        cmd_print_help(stdout, help, argv[0]);
        return 0;
    }
    return convert(&arguments, &err) == STATUS_OK ? 0 : cmd_failed(&err);
}
