/* nucleation.h - from waiting times of small boxes to the kinetics of a large one.
 *
 * "50 %" has two meanings, and a picture must say which it draws:
 *
 *     of boxes    the probability that a box of this size has transformed (t_50 of ttt.h): nucleation of one crystal
 *     of volume   the transformed fraction inside one large box: many crystals nucleate and grow (Avrami)
 *
 * The first depends on the box: a rate per volume J gives waiting times of mean 1 / (J V). Two box sizes test this. */
#ifndef VITRINE_SERVER_ANALYSIS_NUCLEATION_H
#define VITRINE_SERVER_ANALYSIS_NUCLEATION_H

#include "common/error.h"
#include "server/analysis/estimate.h"
#include <stdbool.h>
#include <stddef.h>

enum half_meaning {
    HALF_OF_BOXES,
    HALF_OF_VOLUME,
};

/* The label for an axis or a legend. Static storage. */
const char *half_meaning_label(enum half_meaning meaning);

/* All runs of one box size at one temperature. */
struct nucleation_boxes {
    size_t events;
    double time_total; /* steps at risk, all runs (lifetime_total_time) */
    double volume;     /* sigma^3, of one box */
};

/* J = events / (time_total volume), in 1 / (step sigma^3); interval by the pivot of lifetime_fit.h, with no event
 * [0, J above which silence is improbable]. Means something only where the exponential law holds. */
MUST_CHECK enum status nucleation_rate(const struct nucleation_boxes *boxes, double level, struct estimate *out,
                                       struct error *err);

struct nucleation_comparison {
    struct estimate ratio; /* J_a / J_b; 1 if nucleation is homogeneous and the boxes are large enough */
    double p_value;        /* two-sided, of ratio = 1 */
    bool disagrees;        /* p_value < 1 - level: warn */
};

/* Given the events of both, those of `a` are binomial with p = J_a E_a / (J_a E_a + J_b E_b), E = time_total volume
 * (Przyborowski & Wilenski, Biometrika 31, 313 (1940)); the interval is Clopper and Pearson's, conservative. */
MUST_CHECK enum status nucleation_compare(const struct nucleation_boxes *a, const struct nucleation_boxes *b,
                                          double level, struct nucleation_comparison *out, struct error *err);

/* X(t) = 1 - 2^-(t/t_50)^n: Avrami, J. Chem. Phys. 7, 1103 (1939). n = 4: steady nucleation, growth in three dimensions
 * at constant speed; n = 3: growth from sites present at the start. */
struct avrami_fit {
    double exponent;     /* n */
    double time_50;      /* steps, of transformed volume */
    double residual_rms; /* 1 */
};

/* Least squares in X from times > 0 and fractions in [0, 1], at least 3 of them between 0.02 and 0.98. X is the part of
 * the box in crystals of all sizes together (the largest one alone follows another law), over its final plateau. The
 * points of one run are correlated: take the interval from replicates_of over runs. */
MUST_CHECK enum status avrami_fit(const double *times, const double *fractions, size_t count, struct avrami_fit *out,
                                  struct error *err);

/* The time at which X of a large box is transformed when crystals nucleate at `rate` (1 / (step sigma^3)) and their
 * radius grows at `speed` (sigma / step): X = 1 - exp(-pi/3 rate speed^3 t^4). */
double avrami_time(double rate, double speed, double fraction);

#endif
