/* filling.h - points dropped one after another where there is most room.
 *
 * Each new point is the best of a number of random candidates: the one whose nearest neighbour, counted in units of the
 * pair's diameter, is farthest (Mitchell, Computer Graphics 25, 157 (1991)). It fills what crystals leave free without
 * being told where that is, and leaves overlaps small enough for a minimiser. */
#ifndef VITRINE_WORKER_BUILD_FILLING_H
#define VITRINE_WORKER_BUILD_FILLING_H

#include "worker/build/build_place.h"
#include "worker/md/configuration.h"
#include "worker/md/potential.h"

struct filling_options {
    enum atom_type type;
    uint32_t candidates;    /* for each point */
    struct rng_place place; /* candidate c of point n is block 2 (n candidates + c) and the next */
};

/* Gives atoms first .. configuration->atoms - 1 positions and the type of the options; those before `first` stay.
 * out_gap (may be NULL) is the smallest distance of a new point to any atom, in units of the pair's sigma. */
enum status filling_place(const struct potential *potential, const struct filling_options *options, uint32_t first,
                          struct configuration *configuration, double *out_gap, struct error *err) MUST_CHECK;

#endif
