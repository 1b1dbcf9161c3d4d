/* correlation.h - static correlations: structure factors, and how far the icosahedral field is correlated.
 *
 * Structure factor of atoms with weights w_i, at the wave vectors of the box's reciprocal lattice:
 *
 *     S_w(q) = |sum_i w_i exp(-i q.r_i)|^2 / sum_i w_i^2
 *
 * w = 1 gives the usual S(q) (Hansen & McDonald, Theory of Simple Liquids, section 4.1). The icosahedral field is a
 * mark n_i, 1 on icosahedral atoms and 0 on others, and its structure factor takes w_i = n_i - x, x = <n>: so it tells
 * how the marks are arranged among the atoms and is 1 at all q when they are thrown at random. In space the same is the
 * covariance of the marks of two atoms at distance r over their variance,
 *
 *     C(r) = < (n_i - x) (n_j - x) >_r / (x (1 - x)),
 *
 * the mark correlation function (Stoyan & Stoyan, Fractals, Random Shapes and Point Fields, Wiley 1994, chapter 14);
 * S_n(q) = 1 + rho int g(r) C(r) exp(-i q.r) d^3r joins them.
 *
 * The correlation length xi is that of Ornstein and Zernike, S_n(q) = S_0 / (1 + xi^2 q^2) at small q, as for
 * icosahedra in this mixture in Malins et al., J. Chem. Phys. 138, 12A535 (2013). It is fitted by maximum likelihood:
 * |w_q|^2 of one configuration is exponentially distributed about its mean (Whittle, Ark. Mat. 2, 423 (1953)), so no
 * averaging comes before the fit. One configuration of 500 atoms holds a few dozen such q: look at the error. */
#ifndef VITRINE_WORKER_STRUCTURE_CORRELATION_H
#define VITRINE_WORKER_STRUCTURE_CORRELATION_H

#include "worker/md/configuration.h"
#include <stdbool.h>

struct spectrum {
    double bin;        /* 1/sigma */
    uint32_t bins;     /* b bin <= |q| < (b + 1) bin */
    double *q;         /* 1/sigma: mean |q| of the bin's vectors, its middle where it has none, [bins] */
    double *value;     /* mean S_w(q), 0 where there is no vector, [bins] */
    uint32_t *vectors; /* taken, one of each pair q, -q, [bins] */
};

struct spectrum_options {
    double q_max; /* 1/sigma */
    double bin;   /* 1/sigma */
};

/* Width of bins and reach that show the main peak: 0.1, and 1.5 times 2 pi / (V/N)^(1/3). */
struct spectrum_options spectrum_defaults(const struct configuration *configuration);

/* Initialises `out`. weight is [atoms], NULL = all 1; a field that is 0 everywhere has the spectrum 0. All wave vectors
 * are summed while atoms x vectors stay below about 1e8 (some 4,000 atoms with the defaults); beyond, every n-th of the
 * bins that hold many. Uses the calling thread's OpenMP team; the result does not depend on it. STATUS_INVALID,
 * STATUS_LIMIT. */
enum status spectrum_init(struct spectrum *out, const struct configuration *configuration, const double *weight,
                          const struct spectrum_options *options, struct error *err) MUST_CHECK;
void spectrum_finish(struct spectrum *spectrum); /* NULL and zeroed are fine */

struct spectrum_peak {
    double q;     /* 1/sigma; 0 when there is none */
    double value; /* of the smoothed S there */
};

/* The main ("first") peak: where S, smoothed over +-0.4 / sigma by a triangle, is largest between half and 1.5 times
 * 2 pi / spacing (spacing = (V/N)^(1/3), sigma), refined by a parabola. A triangle, because one configuration of 500
 * atoms scatters by 15 % from bin to bin. */
struct spectrum_peak spectrum_main_peak(const struct spectrum *spectrum, double spacing);

/* That of S(q) of a configuration, all atoms alike, with the defaults above. */
enum status spectrum_find_main_peak(const struct configuration *configuration, struct spectrum_peak *out_peak,
                                    struct error *err) MUST_CHECK;

struct ornstein_zernike {
    double length;       /* sigma; 0 when S does not rise towards q = 0 */
    double length_error; /* sigma, one standard error from the curvature of the likelihood; 0 with length 0 */
    double amplitude;    /* S_0 */
    uint32_t vectors;    /* of the fit */
    bool resolved;       /* false: too few vectors, or still rising at the smallest q (xi beyond the box) */
};

/* Over the bins with q < q_max (1/sigma). */
struct ornstein_zernike ornstein_zernike_fit(const struct spectrum *spectrum, double q_max);

/* w_i = n_i - x; [atoms]. Returns x. */
double correlation_weights(uint32_t atoms, const bool *mark, double *out_weight);

/* C of one bin of distance from its pairs: all of them, those with one marked atom, those with two. 0 without pairs or
 * where x is 0 or 1. */
double correlation_of_marks(uint64_t all, uint64_t one, uint64_t both, double fraction);

#endif
