/* comparison.h - everything that `compare` says of a configuration and a later one, computed: what is printed follows
 * from this. */
#ifndef VITRINE_WORKER_STRUCTURE_COMPARISON_H
#define VITRINE_WORKER_STRUCTURE_COMPARISON_H

#include "worker/structure/correlation.h"
#include "worker/structure/displacement.h"
#include "worker/structure/overlap.h"

/* Lengths beyond which atoms are counted, sigma. */
enum { COMPARISON_THRESHOLDS = 6 };
extern const double comparison_thresholds[COMPARISON_THRESHOLDS];

struct comparison_options {
    struct voronoi_options voronoi;
    struct string_options strings;
    double overlap_radius; /* sigma */
    double q;              /* 1/sigma; 0 = the main peak of S(q) of the reference */
    double q_half_width;   /* 1/sigma, of the shell of wave vectors */
    double bin;            /* sigma, of the distribution of lengths */
};
struct comparison_options comparison_defaults(void);

/* The earlier configuration and what need be known of it once. */
struct reference {
    const struct configuration *configuration; /* borrowed */
    uint8_t *environment;                      /* enum environment, [atoms] */
    double q;                                  /* 1/sigma */
    double peak;                               /* S at its main peak, smoothed */
};

enum status reference_init(struct reference *out, const struct configuration *configuration,
                           const struct comparison_options *options, struct error *err) MUST_CHECK;
void reference_finish(struct reference *reference); /* NULL and zeroed are fine */

struct comparison {
    bool unwrapped; /* false: displacements are minimum images */
    struct displacement_summary displacement;
    uint32_t beyond[COMPARISON_THRESHOLDS];
    uint32_t bins;    /* as many as the largest length needs, at most COMPARISON_BINS_MAX */
    uint64_t *counts; /* atoms by length, [bins] */
    struct strings strings;
    struct mover_group group[ENVIRONMENT_COUNT];
    struct overlap overlap;
    struct scattering scattering;
};
enum { COMPARISON_BINS_MAX = 4096 };

/* Initialises `out`. */
enum status comparison_init(struct comparison *out, const struct reference *reference,
                            const struct displacement *displacement, const struct comparison_options *options,
                            struct error *err) MUST_CHECK;
void comparison_finish(struct comparison *comparison); /* NULL and zeroed are fine */

#endif
