#include "worker/files/configuration_write.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static enum status check_written(FILE *file, struct error *err)
{
    if (fflush(file) != 0 || ferror(file))
        return error_set_errno(err, STATUS_IO, errno, "cannot write the configuration");
    return STATUS_OK;
}

/* What an extended XYZ file says of a configuration beside its atoms. */
struct heading {
    const char *name; /* of the property of `vector`; NULL: none */
    double *const *vector;
    int64_t step;
    const char *labels; /* NULL: none */
};

static enum status write_xyz(FILE *file, const struct configuration *configuration, const struct heading *heading,
                             struct error *err)
{
    const char *name = heading->name, *labels = heading->labels;
    double *const *vector = heading->vector;
    const double *box = configuration->box;
    fprintf(file, "%" PRIu32 "\nLattice=\"%.17g 0 0 0 %.17g 0 0 0 %.17g\" Properties=label:S:1:pos:R:3:type:I:1:id:I:1",
            configuration->atoms, box[0], box[1], box[2]);
    fprintf(file, "%s%s%s pbc=\"T T T\" step=%" PRId64 "%s%s\n", name ? ":" : "", name ? name : "", name ? ":R:3" : "",
            heading->step, labels ? " " : "", labels ? labels : "");
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        fprintf(file, "%c %.17g %.17g %.17g %d %" PRId64, configuration->type[i] == ATOM_LARGE ? 'L' : 'S',
                configuration->position[0][i], configuration->position[1][i], configuration->position[2][i],
                configuration->type[i] + 1, configuration->id[i]);
        if (vector)
            fprintf(file, " %.17g %.17g %.17g", vector[0][i], vector[1][i], vector[2][i]);
        fputc('\n', file);
    }
    return check_written(file, err);
}

enum status extended_xyz_write(FILE *file, const struct configuration *configuration, int64_t step, struct error *err)
{
    return write_xyz(file, configuration, &(struct heading){.step = step}, err);
}

enum status extended_xyz_write_vectors(FILE *file, const struct configuration *configuration, const char *name,
                                       double *const vector[3], int64_t step, struct error *err)
{
    return write_xyz(file, configuration, &(struct heading){name, vector, step, NULL}, err);
}

enum status extended_xyz_write_snapshot(FILE *file, const struct snapshot *snapshot, const char *labels,
                                        struct error *err)
{
    struct configuration configuration;
    if (labels && strpbrk(labels, "\r\n"))
        return error_set(err, STATUS_INVALID, "labels of a configuration stand on one line");
    enum status status = configuration_from_snapshot(snapshot, &configuration, err);
    if (status != STATUS_OK)
        return status;
    const struct heading heading = {"velo", snapshot->velocity, snapshot->step, labels};
    status = write_xyz(file, &configuration, &heading, err);
    configuration_finish(&configuration);
    return status;
}

static void write_data_head(FILE *file, const struct configuration *configuration, const double mass[2])
{
    static const char axes[3] = {'x', 'y', 'z'};
    fprintf(file, "Vitrine: types are 1 = large, 2 = small; reduced Lennard-Jones units of the large species\n\n");
    fprintf(file, "%" PRIu32 " atoms\n2 atom types\n\n", configuration->atoms);
    for (int k = 0; k < 3; k++)
        fprintf(file, "0.0 %.17g %clo %chi\n", configuration->box[k], axes[k], axes[k]);
    fprintf(file, "\nMasses\n\n1 %.17g\n2 %.17g\n\nAtoms # atomic\n\n", mass[0], mass[1]);
}

static void write_atom(FILE *file, const struct configuration *configuration, uint32_t i)
{
    fprintf(file, "%" PRId64 " %d %.17g %.17g %.17g", configuration->id[i], configuration->type[i] + 1,
            configuration->position[0][i], configuration->position[1][i], configuration->position[2][i]);
}

enum status lammps_data_write(FILE *file, const struct configuration *configuration, const double mass[2],
                              struct error *err)
{
    write_data_head(file, configuration, mass);
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        write_atom(file, configuration, i);
        fputc('\n', file);
    }
    return check_written(file, err);
}

/* How many boxes away the atom is: the whole part of its unwrapped position. */
static void write_images(FILE *file, const struct snapshot *snapshot, uint32_t i)
{
    for (int k = 0; k < 3; k++)
        fprintf(file, " %" PRId64, snapshot->position[k][i] >> SNAPSHOT_FRACTION_BITS);
}

static void write_velocity(FILE *file, const struct snapshot *snapshot, uint32_t i)
{
    fprintf(file, " %.17g %.17g %.17g\n", snapshot->velocity[0][i], snapshot->velocity[1][i], snapshot->velocity[2][i]);
}

enum status lammps_data_write_snapshot(FILE *file, const struct snapshot *snapshot, const double mass[2],
                                       struct error *err)
{
    struct configuration configuration;
    enum status status = configuration_from_snapshot(snapshot, &configuration, err);
    if (status != STATUS_OK)
        return status;
    write_data_head(file, &configuration, mass);
    for (uint32_t i = 0; i < configuration.atoms; i++) {
        write_atom(file, &configuration, i);
        write_images(file, snapshot, i);
        fputc('\n', file);
    }
    fprintf(file, "\nVelocities\n\n");
    for (uint32_t i = 0; i < configuration.atoms; i++) {
        fprintf(file, "%" PRId64, configuration.id[i]);
        write_velocity(file, snapshot, i);
    }
    configuration_finish(&configuration);
    return check_written(file, err);
}

enum status lammps_dump_write_snapshot(FILE *file, const struct snapshot *snapshot, struct error *err)
{
    struct configuration configuration;
    enum status status = configuration_from_snapshot(snapshot, &configuration, err);
    if (status != STATUS_OK)
        return status;
    fprintf(file, "ITEM: TIMESTEP\n%" PRId64 "\nITEM: NUMBER OF ATOMS\n%" PRIu32 "\nITEM: BOX BOUNDS pp pp pp\n",
            snapshot->step, configuration.atoms);
    for (int k = 0; k < 3; k++)
        fprintf(file, "0 %.17g\n", configuration.box[k]);
    fprintf(file, "ITEM: ATOMS id type x y z ix iy iz vx vy vz\n");
    for (uint32_t i = 0; i < configuration.atoms; i++) {
        write_atom(file, &configuration, i);
        write_images(file, snapshot, i);
        write_velocity(file, snapshot, i);
    }
    configuration_finish(&configuration);
    return check_written(file, err);
}
