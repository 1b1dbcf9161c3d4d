/* tf.h - the glass transition temperature T_f from linear quenches.
 *
 * Two definitions, printed side by side because they differ:
 *
 *  crossing      where the line through the glass (low window) meets the liquid's curve (high window) extended below
 *                it. The liquid's form is stated: straight, parabola, or U = a + b T^(3/5) (Rosenfeld & Tarazona, Mol.
 *                Phys. 95, 141 (1998)). Of several crossings the one nearest the gap between the windows.
 *  broken stick  where two straight lines that meet fit the window best (least squares over the break): the change of
 *                slope of U. The meeting with the equilibrium liquid lies higher than this.
 *
 * The points of one quench are correlated and share one frozen-in history: their scatter says nothing about T_f of the
 * next quench. The interval comes from at least TF_QUENCHES_MIN independent quenches, or there is none. */
#ifndef VITRINE_SERVER_ANALYSIS_TF_H
#define VITRINE_SERVER_ANALYSIS_TF_H

#include "common/error.h"
#include "server/analysis/replicates.h"

enum { TF_QUENCHES_MIN = 8, TF_POINTS_MIN = 4 };

enum tf_liquid {
    TF_LIQUID_STRAIGHT,
    TF_LIQUID_PARABOLA,
    TF_LIQUID_THREE_FIFTHS,
};

struct tf_options {
    enum tf_liquid liquid;
    struct interval glass_window;  /* epsilon: temperatures of the glass line */
    struct interval liquid_window; /* epsilon: temperatures of the liquid's curve; above the glass window */
    struct interval stick_window;  /* epsilon: temperatures of the broken stick */
    double level;
};

/* Parabola; glass 0.05 .. 0.35, liquid 0.60 .. 1.00, stick 0.10 .. 0.90, level 0.95: for a quench 1 -> 0 of the
 * Wahnstrom mixture at V/N = 0.767. */
extern const struct tf_options tf_options_default;

/* One quench: temperatures in any order (all > 0), one energy each (per particle, epsilon). Borrowed. */
struct tf_curve {
    const double *temperatures, *energies;
    size_t count;
};

struct tf_point {
    double crossing;                  /* epsilon */
    double broken_stick;              /* epsilon */
    double slope_glass, slope_liquid; /* of the broken stick, 1 (k_B per particle) */
};

/* STATUS_INVALID when a window holds fewer than TF_POINTS_MIN points, values are not finite, the curves do not cross
 * between the low end of the glass window and the high end of the liquid's, or the slope does not change. */
MUST_CHECK enum status tf_of_curve(const struct tf_curve *curve, const struct tf_options *options, struct tf_point *out,
                                   struct error *err);

struct tf_result {
    struct replicates crossing, broken_stick; /* intervals are NAN below TF_QUENCHES_MIN quenches */
};

/* One curve for each independent quench. */
MUST_CHECK enum status tf_of_quenches(const struct tf_curve *curves, size_t count, const struct tf_options *options,
                                      struct tf_result *out, struct error *err);

const char *tf_liquid_name(enum tf_liquid liquid); /* "straight", "parabola", "three_fifths" */

#endif
