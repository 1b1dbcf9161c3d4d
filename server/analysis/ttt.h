/* ttt.h - the time-temperature-transformation diagram: one likelihood over all isotherms.
 *
 * At every temperature the lifetimes follow one law (exponential, or Weibull with one shape for all temperatures), and
 * the logarithm of its time scale is a smooth function of T, so that a temperature with two events borrows strength
 * from its neighbours and one with none still bends the curve by its censored time. The candidates for the function:
 *
 *     constant, linear, parabola in T
 *     natural cubic splines with 3 or 4 knots at evenly ranked temperatures (straight outside the data)
 *     nucleation: log t = a + b/T + c / (T (1 - T/T_m)^2), c > 0; only when T_m is given
 *     bent nucleation: the same with d/T^2
 *
 * Nucleation is an Arrhenius mobility and the barrier of classical nucleation theory with a driving force linear in
 * undercooling (Kelton & Greer, Nucleation in Condensed Matter (2010), chapter 2); d stands for a mobility that is not
 * Arrhenius'.
 *
 * Form and law are chosen together by AICc with n = events; all are returned. With T_m only the last two are looked at,
 * whose times end at it; the others only where neither settles the matter: fits, with c > 0, and is not beaten by
 * one without a maximum (is_closed says which it was). A form or law whose
 * likelihood has no finite maximum (regress.h) but comes out likelier than the best that has one, by more than
 * TTT_AICC_MARGIN, is not passed over: there is no diagram then. Bands are pointwise, by bootstrap-t of
 * the whole fit with the chosen form held fixed: they do not know that another might have been chosen. Where AICc
 * prefers the exponential law to a Weibull of the same form, they are the hull of both laws'. Measured (600 campaigns
 * of 6 temperatures, 16 runs each, a parabola's nose, constant rate; suite slow): 95 % bands hold t_1 in 95 %, t_50 in
 * 95 %, t_99 in 95 %, the nose's temperature in 91 % and time in 96 %, the cooling rate in 96 %. */
#ifndef VITRINE_SERVER_ANALYSIS_TTT_H
#define VITRINE_SERVER_ANALYSIS_TTT_H

#include "server/analysis/lifetime_fit.h"

enum ttt_form {
    TTT_CONSTANT,
    TTT_LINEAR,
    TTT_PARABOLA,
    TTT_SPLINE_3,
    TTT_SPLINE_4,
    TTT_NUCLEATION,
    TTT_NUCLEATION_BENT,
    TTT_FORM_COUNT,
};

enum { TTT_KNOTS_MAX = 4, TTT_LAW_COUNT = 2, TTT_GRID_MAX = 2000, TTT_AICC_MARGIN = 2 };

struct ttt_run {
    double temperature; /* epsilon */
    struct lifetime life;
};

/* A form with what it needs to be evaluated anywhere. */
struct ttt_basis {
    enum ttt_form form;
    double middle, half_width;   /* epsilon: x = (T - middle) / half_width is in [-1, 1] over the data */
    double knots[TTT_KNOTS_MAX]; /* in x */
    double temperature_melting;  /* epsilon; 0 = not known */
};

struct ttt_fit {
    struct ttt_basis basis;
    struct regress_fit regress;
    double aicc[TTT_FORM_COUNT][TTT_LAW_COUNT]; /* [form][law]; NAN where it could not be fitted */
};

/* temperature_melting 0: not known. STATUS_INVALID for bad lifetimes, temperatures that are not positive or not below
 * T_m, fewer than two of them, no event anywhere (then each isotherm has its bound, lifetime_fit), or no finite
 * maximum. */
MUST_CHECK enum status ttt_fit(const struct ttt_run *runs, size_t count, double temperature_melting,
                               struct ttt_fit *out, struct error *err);

/* log of the time (steps) at which a fraction has transformed; +INFINITY at and above T_m. */
double ttt_log_time(const struct ttt_fit *fit, double temperature, double fraction);

struct ttt_options {
    struct bootstrap_options bootstrap;
    const double *temperatures; /* [temperature_count], borrowed: where the contours are wanted */
    size_t temperature_count;   /* at most TTT_GRID_MAX */
    double temperature_melting; /* 0 = not known */
};

struct ttt_point {
    double temperature;
    struct estimate time[FRACTION_COUNT]; /* steps, of probability that the box has transformed; INFINITY above T_m */
    /* Solid line: between temperatures with events, no earlier than the first event of the isotherms on either side,
     * and no later than both were watched. */
    bool is_inside[FRACTION_COUNT];
};

struct ttt_nose {
    bool is_inside;                 /* a minimum strictly inside the data; else there is no nose to speak of */
    struct estimate temperature;    /* interval cut at the data's ends: */
    bool is_open_low, is_open_high; /* there the nose may as well lie beyond */
    struct estimate time;           /* steps, of the 50 % contour */
};

/* The cooling rate (epsilon per step) at which a fraction of boxes has transformed on the way down, by additivity:
 *
 *     rate = integral dT / t_p(T)
 *
 * exact for a law whose clock only runs faster or slower with T (which this one is), Scheil, Arch. Eisenhuettenwes. 8,
 * 565 (1935). The integral runs over the data's temperatures (up to T_m where is_closed). */
struct ttt_cooling {
    struct estimate rate[FRACTION_COUNT];
    bool is_truncated; /* the integrand at an end is above 5 % of its peak: the true rate is larger */
};

struct ttt_diagram {
    struct ttt_fit fit;
    bool is_closed;           /* the times end at T_m */
    struct ttt_point *points; /* [count], in the order asked for; owned */
    size_t count;
    struct ttt_nose nose;
    struct ttt_cooling cooling;
    size_t redrawn; /* resamples drawn again */
};

MUST_CHECK enum status ttt_diagram_create(const struct ttt_run *runs, size_t count, const struct ttt_options *options,
                                          struct ttt_diagram *out, struct error *err);
void ttt_diagram_finish(struct ttt_diagram *diagram);

/* Directly from ramps: cooling at `rate` (epsilon per step) did or did not transform the box. In 1/rate this is a
 * lifetime looked at once. The interval is the likelihood's (normal in the log). When none transformed the value is an
 * upper bound at `level`, when all did a lower one; *out_bound says which. */
struct ttt_ramp {
    double rate;
    bool has_transformed;
};

enum ttt_ramp_bound { RAMP_ESTIMATE, RAMP_BELOW, RAMP_ABOVE };

MUST_CHECK enum status ttt_cooling_from_ramps(const struct ttt_ramp *ramps, size_t count, double fraction, double level,
                                              struct estimate *out, enum ttt_ramp_bound *out_bound, struct error *err);

const char *ttt_form_name(
    enum ttt_form form); /* "constant", "linear", "parabola", "spline3", "spline4", "nucleation", "bent_nucleation" */

#endif
