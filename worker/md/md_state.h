/* md_state.h - the inside of struct md, for the files of worker/md that share it. */
#ifndef VITRINE_WORKER_MD_MD_STATE_H
#define VITRINE_WORKER_MD_MD_STATE_H

#include "worker/kernels/kernel_table.h"
#include "worker/md/md.h"
#include "worker/md/order.h"
#include "worker/md/pairlist.h"
#include "worker/md/potential.h"
#include "worker/md/thermostat.h"

struct md {
    struct md_setup setup;
    struct potential potential;
    struct pairlist_setup list_setup;
    struct pairlist list;
    struct thermostat thermostat;
    uint32_t atoms, clusters;
    double box[3];
    int64_t step;
    double scale;   /* the thermostat's factor that the next half kick applies to the velocities */
    double kinetic; /* epsilon, with the factor applied */
    double kinetic_max;
    uint32_t builds_since_sort;
    /* By slot (kd-tree order), [clusters][3][8] and [clusters][8]; slots beyond the last atom are at rest. */
    double *velocity, *kick;
    int64_t *position_fine;
    uint32_t *position;
    float *force, *force_row;
    float *coefficient, *slope;
    double *mass, *mass_inverse;
    uint8_t *type;
    uint32_t *id;
    struct md_scratch {
        uint32_t *items, *coordinate[3];
        struct order_key *keys;
        double *velocity;
        int64_t *fine;
        uint32_t *id;
        uint8_t *type;
    } scratch;
};

#endif
