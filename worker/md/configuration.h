/* configuration.h - a configuration as plain doubles: what measurements, the minimiser and file readers work on.
 *
 * Positions are wrapped into [0, box). The order of atoms is the file's, or the snapshot's id order. */
#ifndef VITRINE_WORKER_MD_CONFIGURATION_H
#define VITRINE_WORKER_MD_CONFIGURATION_H

#include "common/error.h"
#include "common/snapshot.h"
#include <stdint.h>

struct configuration {
    uint32_t atoms;
    double box[3];       /* edges, sigma; orthorhombic, periodic */
    double *position[3]; /* sigma, in [0, box), [atoms] */
    uint8_t *type;       /* enum atom_type, [atoms] */
    int64_t *id;         /* as in the file, or 1 .. atoms, [atoms] */
};

enum status configuration_init(struct configuration *configuration, uint32_t atoms, struct error *err) MUST_CHECK;
void configuration_finish(struct configuration *configuration); /* NULL and zeroed are fine */

/* A copy that owns its arrays. Initialises `out`. */
enum status configuration_copy(const struct configuration *configuration, struct configuration *out,
                               struct error *err) MUST_CHECK;

/* x modulo the box edge, in [0, box), for any finite x. */
double configuration_wrap(double x, double box);

double configuration_volume(const struct configuration *configuration); /* sigma^3 */

/* A configuration of the snapshot's positions, ids 1 .. atoms. Initialises `out`. */
enum status configuration_from_snapshot(const struct snapshot *snapshot, struct configuration *out,
                                        struct error *err) MUST_CHECK;

/* A snapshot with these positions (images 0), velocities 0 and this step. Atoms in the array's order. Initialises
 * `out`. */
enum status configuration_to_snapshot(const struct configuration *configuration, int64_t step, struct snapshot *out,
                                      struct error *err) MUST_CHECK;

#endif
