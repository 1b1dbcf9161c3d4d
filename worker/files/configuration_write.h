/* configuration_write.h - configurations as text that other programs read: extended XYZ, LAMMPS data and dumps.
 *
 * Numbers have 17 digits, so what is read back is what was written, to the last bit. */
#ifndef VITRINE_WORKER_FILES_CONFIGURATION_WRITE_H
#define VITRINE_WORKER_FILES_CONFIGURATION_WRITE_H

#include "worker/md/configuration.h"
#include <stdio.h>

/* One frame: Lattice, Properties=label:S:1:pos:R:3:type:I:1:id:I:1, pbc and the step. The label is L or S; it is not
 * called species, because programs for chemistry (ASE) refuse a species that is no element. STATUS_IO. */
enum status extended_xyz_write(FILE *file, const struct configuration *configuration, int64_t step,
                               struct error *err) MUST_CHECK;

/* The same of a snapshot, with its velocities (velo:R:3, sigma/tau), and `labels` at the end of the comment line: more
 * of key=value, blank-separated; NULL: none. STATUS_INVALID when they would break the line. */
enum status extended_xyz_write_snapshot(FILE *file, const struct snapshot *snapshot, const char *labels,
                                        struct error *err) MUST_CHECK;

/* The same of a configuration with a vector for each atom, [atoms] each, as the property `name` (name:R:3). */
enum status extended_xyz_write_vectors(FILE *file, const struct configuration *configuration, const char *name,
                                       double *const vector[3], int64_t step, struct error *err) MUST_CHECK;

/* LAMMPS data, atom_style atomic, units lj; `mass` of the two types. STATUS_IO. */
enum status lammps_data_write(FILE *file, const struct configuration *configuration, const double mass[2],
                              struct error *err) MUST_CHECK;

/* The same of a snapshot, with its images and its velocities (sigma/tau). */
enum status lammps_data_write_snapshot(FILE *file, const struct snapshot *snapshot, const double mass[2],
                                       struct error *err) MUST_CHECK;

/* One frame of a LAMMPS text dump: id type x y z ix iy iz vx vy vz, positions wrapped. STATUS_IO. */
enum status lammps_dump_write_snapshot(FILE *file, const struct snapshot *snapshot, struct error *err) MUST_CHECK;

#endif
