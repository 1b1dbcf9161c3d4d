/* displacement.h - how far each atom moved between two configurations, and how the movers belong together: the maps of
 * the paper's Fig. 1c when both are inherent structures.
 *
 * Of two snapshots of one replica displacements are unwrapped: images are in the positions. Of two files they are
 * minimum images, right for atoms that moved by less than half the box along each edge.
 *
 * Strings: Donati et al., Phys. Rev. Lett. 80, 2338 (1998). Two movers i and j are linked when one has taken the place
 * of the other,
 *
 *     min(|r_i(0) - r_j(t)|, |r_i(t) - r_j(0)|) < delta,
 *
 * and a string is what links connect. Their delta is 0.6 sigma, their movers are the fastest 5 %; here a mover is an
 * atom beyond a stated threshold, which between inherent structures is sharper. A mover that follows nobody is a string
 * of one. */
#ifndef VITRINE_WORKER_STRUCTURE_DISPLACEMENT_H
#define VITRINE_WORKER_STRUCTURE_DISPLACEMENT_H

#include "common/snapshot.h"
#include "worker/md/configuration.h"
#include "worker/structure/environment.h"

struct displacement {
    uint32_t atoms;
    double *vector[3]; /* sigma, after minus before, [atoms] in the order of `before` */
    double *length;    /* sigma, [atoms] */
    bool unwrapped;    /* false: minimum images */
};

/* Minimum images; atoms are matched by their ids, whatever their order. STATUS_INVALID when the two are not of the same
 * system: another box (beyond 1e-9 of an edge), other atoms, other types. Initialises `out`. */
enum status displacement_init(const struct configuration *before, const struct configuration *after,
                              struct displacement *out, struct error *err) MUST_CHECK;

/* Unwrapped. Both in id order, as snapshots are. */
enum status displacement_init_snapshots(const struct snapshot *before, const struct snapshot *after,
                                        struct displacement *out, struct error *err) MUST_CHECK;

/* Moves each vector by whole box edges (sigma) to where it is nearest to that of `guide`: so minimum images between
 * inherent structures become unwrapped by the snapshots above them, as far as minimising moved no atom by half a box.
 */
void displacement_unwrap(struct displacement *displacement, const struct displacement *guide, const double box[3]);
void displacement_finish(struct displacement *displacement); /* NULL and zeroed are fine */

/* Takes the mean displacement off each atom's. */
void displacement_remove_drift(struct displacement *displacement);

struct displacement_summary {
    double drift[3];     /* sigma, mean vector */
    double mean;         /* sigma, of lengths */
    double mean_square;  /* sigma^2 */
    double largest;      /* sigma */
    double non_gaussian; /* alpha_2 = 3 <r^4> / (5 <r^2>^2) - 1, 0 when nothing moved; Rahman, Phys. Rev. 136, A405
                          * (1964) */
};
struct displacement_summary displacement_summarise(const struct displacement *displacement);

/* Atoms that moved farther than `threshold` (sigma). */
uint32_t displacement_count_beyond(const struct displacement *displacement, double threshold);

/* Adds to counts[bins]: bin b holds lengths from b bin up to (b + 1) bin; the last bin all beyond too. */
void displacement_histogram(const struct displacement *displacement, double bin, uint32_t bins, uint64_t *counts);

struct mover_group {
    uint32_t atoms, movers;
    double mean_square; /* sigma^2, of the atoms of the group */
};

/* By the environment (enum environment, [atoms]) that each atom had before. */
void displacement_by_environment(const struct displacement *displacement, const uint8_t *kind, double threshold,
                                 struct mover_group out[ENVIRONMENT_COUNT]);

enum { STRINGS_SIZE_MAX = 32 }; /* the last place of by_size holds all longer strings */

struct strings {
    uint32_t movers;
    uint32_t count;                         /* of strings, single movers included */
    uint32_t largest;                       /* movers */
    double mean;                            /* movers per string; 0 without movers */
    double weight_average;                  /* sum s^2 / sum s */
    uint32_t by_size[STRINGS_SIZE_MAX + 1]; /* strings of s movers */
};

struct string_options {
    double threshold; /* sigma: movers are atoms that went farther */
    double delta;     /* sigma: how near a mover must come to where another stood */
};

enum status displacement_strings(const struct displacement *displacement, const struct configuration *before,
                                 const struct string_options *options, struct strings *out,
                                 struct error *err) MUST_CHECK;

#endif
