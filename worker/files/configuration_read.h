/* configuration_read.h - a configuration from a file: LAMMPS data (atom_style atomic), extended XYZ, or a snapshot.
 *
 * A snapshot is known by its first bytes. Which of the other two: by the name (.xyz, .extxyz; .data, .lmp, .lammps), else by the content (a count alone in the first
 * line and Lattice= in the second is extended XYZ). Boxes are orthorhombic and periodic; positions are wrapped; atoms
 * keep the file's order. Type 1 (or species L) is large, 2 (or S) is small. Whatever is wrong is refused with
 * path:line:column and what to do; nothing is guessed.
 *
 * LAMMPS data: https://docs.lammps.org/read_data.html. Extended XYZ: https://github.com/libAtoms/extxyz. */
#ifndef VITRINE_WORKER_FILES_CONFIGURATION_READ_H
#define VITRINE_WORKER_FILES_CONFIGURATION_READ_H

#include "worker/files/text.h"
#include "worker/md/configuration.h"

/* `frame` counts from 0. Initialises `out`. "-" is standard input. */
enum status configuration_read(const char *path, uint32_t frame, struct configuration *out,
                               struct error *err) MUST_CHECK;

/* The two formats. Lines before text->cursor are taken as read. Initialise `out`. */
enum status lammps_data_parse(struct text *text, struct configuration *out, struct error *err) MUST_CHECK;
enum status extended_xyz_parse(struct text *text, uint32_t frame, struct configuration *out,
                               struct error *err) MUST_CHECK;

/* For both: an id that stands twice. `line_of` is the line each atom came from, [atoms]. */
enum status configuration_check_ids(const struct text *text, const struct configuration *configuration,
                                    const uint32_t *line_of, struct error *err) MUST_CHECK;

#endif
