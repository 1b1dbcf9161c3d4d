#include "server/analysis/prob.h"

#include "common/invariant.h"
#include "common/realmath.h"

#include <math.h>

enum { TERMS_MAX = 10000, HALVINGS_MAX = 1100 };

static const double tiny = 1e-300; /* keeps Lentz' continued fractions away from 0/0 */
static const double term_small = 1e-17;

double prob_log_gamma(double x)
{
    static const double lanczos[] = {676.5203681218851,     -1259.1392167224028,  771.32342877765313,
                                     -176.61502916214059,   12.507343278686905,   -0.13857109526572012,
                                     9.9843695780195716e-6, 1.5056327351493116e-7};
    if (x < 0.5)
        return prob_log_gamma(x + 1.0) - real_log(x);
    double sum = 0.99999999999980993, t = x + 6.5;
    for (int i = 0; i < 8; i++)
        sum += lanczos[i] / (x + i);
    return 0.91893853320467274178 + (x - 0.5) * real_log(t) - t + real_log(sum); /* log sqrt(2 pi) */
}

/* x^a e^-x / Gamma(a) */
static double gamma_front(double a, double x)
{
    return real_exp(a * real_log(x) - x - prob_log_gamma(a));
}

static double gamma_lower_series(double a, double x)
{
    double term = 1.0 / a, sum = term;
    for (int n = 1; n < TERMS_MAX && term > sum * term_small; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * gamma_front(a, x);
}

static double gamma_upper_fraction(double a, double x)
{
    double b = x + 1.0 - a, c = 1.0 / tiny, d = 1.0 / b, h = d;
    for (int n = 1; n < TERMS_MAX; n++) {
        double an = -n * (n - a);
        b += 2.0;
        d = 1.0 / (fabs(an * d + b) < tiny ? tiny : an * d + b);
        c = fabs(b + an / c) < tiny ? tiny : b + an / c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 1e-16)
            break;
    }
    return h * gamma_front(a, x);
}

static double gamma_lower(double a, double x)
{
    if (!(x > 0.0))
        return 0.0;
    return x < a + 1.0 ? gamma_lower_series(a, x) : 1.0 - gamma_upper_fraction(a, x);
}

static double gamma_upper(double a, double x)
{
    if (!(x > 0.0))
        return 1.0;
    return x < a + 1.0 ? 1.0 - gamma_lower_series(a, x) : gamma_upper_fraction(a, x);
}

double prob_normal(double z)
{
    double tail = 0.5 * gamma_upper(0.5, 0.5 * z * z);
    return z < 0.0 ? tail : 1.0 - tail;
}

double prob_chi_square(double x, double dof)
{
    return gamma_lower(0.5 * dof, 0.5 * x);
}

/* Even and odd step of the continued fraction of I_x(a, b). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < TERMS_MAX; m++) {
        const double factors[2] = {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                                   -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))};
        for (int i = 0; i < 2; i++) {
            d = 1.0 + factors[i] * d;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = 1.0 + factors[i] / c;
            c = fabs(c) < tiny ? tiny : c;
            h *= d * c;
        }
        if (fabs(d * c - 1.0) < 1e-16)
            break;
    }
    return h;
}

double prob_beta(double x, double a, double b)
{
    if (!(x > 0.0))
        return 0.0;
    if (x >= 1.0)
        return 1.0;
    double front = real_exp(prob_log_gamma(a + b) - prob_log_gamma(a) - prob_log_gamma(b) + a * real_log(x) +
                            b * real_log(1.0 - x));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * beta_fraction(x, a, b) / a;
    return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

struct distribution {
    double (*cdf)(double x, double a, double b);
    double a, b;
};

/* The x in [low, high] where a rising distribution function reaches p. */
static double bisect(const struct distribution *f, double p, double low, double high)
{
    for (int i = 0; i < HALVINGS_MAX; i++) {
        double middle = low + 0.5 * (high - low);
        if (middle <= low || middle >= high)
            break;
        if (f->cdf(middle, f->a, f->b) < p)
            low = middle;
        else
            high = middle;
    }
    return low + 0.5 * (high - low);
}

static double normal_cdf(double x, double a, double b)
{
    (void)a, (void)b;
    return prob_normal(x);
}

static double chi_square_cdf(double x, double dof, double b)
{
    (void)b;
    return prob_chi_square(x, dof);
}

double prob_normal_quantile(double p)
{
    INVARIANT(p > 0.0 && p < 1.0);
    if (p > 0.5)
        return -prob_normal_quantile(1.0 - p);
    const struct distribution normal = {normal_cdf, 0.0, 0.0};
    return bisect(&normal, p, -40.0, 0.0);
}

double prob_chi_square_quantile(double p, double dof)
{
    INVARIANT(p >= 0.0 && p < 1.0 && dof > 0.0);
    if (p == 0.0)
        return 0.0;
    double high = dof + 1.0;
    while (prob_chi_square(high, dof) < p)
        high *= 2.0;
    const struct distribution chi_square = {chi_square_cdf, dof, 0.0};
    return bisect(&chi_square, p, 0.0, high);
}

double prob_beta_quantile(double p, double a, double b)
{
    INVARIANT(p >= 0.0 && p <= 1.0 && a > 0.0 && b > 0.0);
    const struct distribution beta = {prob_beta, a, b};
    return p == 0.0 ? 0.0 : p == 1.0 ? 1.0 : bisect(&beta, p, 0.0, 1.0);
}

double prob_student_quantile(double p, double dof)
{
    INVARIANT(p > 0.0 && p < 1.0 && dof > 0.0);
    if (p == 0.5)
        return 0.0;
    /* P(|t| > q) = I_x(dof/2, 1/2) with x = dof / (dof + q^2): A&S 26.7.1. */
    double tail = 2.0 * (p < 0.5 ? p : 1.0 - p);
    double x = prob_beta_quantile(tail, 0.5 * dof, 0.5);
    double q = sqrt(dof * (1.0 - x) / x);
    return p < 0.5 ? -q : q;
}
