/* prob.h - the few probability distributions that intervals and tests are made of.
 *
 * Built on common/realmath, so that a stored interval has the same bits on every machine. Distribution functions are
 * good to 1e-13 absolute, quantiles are found by bisection of them (to the last place they resolve). The incomplete
 * gamma and beta functions by series and continued fractions: Abramowitz & Stegun 6.5.29, 6.5.31, 26.5.8; the
 * logarithm of gamma by Lanczos' approximation, SIAM J. Numer. Anal. B 1, 86 (1964). Thread-safe: no state. */
#ifndef VITRINE_SERVER_ANALYSIS_PROB_H
#define VITRINE_SERVER_ANALYSIS_PROB_H

double prob_log_gamma(double x); /* x > 0 */

/* P(Z <= z) of the standard normal distribution, and its inverse for 0 < p < 1. */
double prob_normal(double z);
double prob_normal_quantile(double p);

/* P(X <= x) of chi-square with `dof` > 0 degrees of freedom (any real number), and its inverse for 0 <= p < 1. */
double prob_chi_square(double x, double dof);
double prob_chi_square_quantile(double p, double dof);

/* The regularised incomplete beta function I_x(a, b), a, b > 0, and its inverse for 0 <= p <= 1. */
double prob_beta(double x, double a, double b);
double prob_beta_quantile(double p, double a, double b);

/* Quantile of Student's t with `dof` > 0 degrees of freedom, 0 < p < 1. */
double prob_student_quantile(double p, double dof);

#endif
