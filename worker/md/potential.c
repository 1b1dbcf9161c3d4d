#include "worker/md/potential.h"

#include <math.h>

/* One row per potential: parameters of the pairs 11, 12, 22 and the masses. */
static const struct {
    double sigma[3], epsilon[3], mass[2];
} rows[POTENTIAL_KIND_COUNT] = {
    [POTENTIAL_WAHNSTROM] = {{1.0, 11.0 / 12.0, 5.0 / 6.0}, {1.0, 1.0, 1.0}, {1.0, 0.5}},
    [POTENTIAL_KOB_ANDERSEN] = {{1.0, 0.8, 0.88}, {1.0, 1.5, 0.5}, {1.0, 1.0}},
};

static void set_pair(struct potential *potential, int a, int b)
{
    const double s2 = potential->sigma[a][b] * potential->sigma[a][b], s6 = s2 * s2 * s2;
    const double c12 = 4.0 * potential->epsilon[a][b] * s6 * s6, c6 = 4.0 * potential->epsilon[a][b] * s6;
    const double inverse = 1.0 / (potential->cutoff * potential->cutoff), u6 = inverse * inverse * inverse;
    potential->c12[a][b] = c12;
    potential->c6[a][b] = c6;
    potential->shift[a][b] = potential->cut == CUT_TRUNCATED ? 0.0 : (c12 * u6 - c6) * u6;
    potential->slope[a][b] =
        potential->cut == CUT_FORCE_SHIFTED ? (6.0 * c6 - 12.0 * c12 * u6) * u6 / potential->cutoff : 0.0;
}

struct potential potential_make(enum potential_kind kind, enum cut_kind cut, double cutoff)
{
    struct potential potential = {.cutoff = cutoff, .cut = cut};
    for (int a = 0; a < 2; a++) {
        potential.mass[a] = rows[kind].mass[a];
        for (int b = 0; b < 2; b++) {
            potential.sigma[a][b] = rows[kind].sigma[a + b];
            potential.epsilon[a][b] = rows[kind].epsilon[a + b];
            set_pair(&potential, a, b);
        }
    }
    return potential;
}

double potential_pair(const struct potential *potential, int type_a, int type_b, double r_sq, double *out_force_over_r)
{
    const double c12 = potential->c12[type_a][type_b], c6 = potential->c6[type_a][type_b];
    const double slope = potential->slope[type_a][type_b];
    const double inverse = 1.0 / r_sq, u6 = inverse * inverse * inverse;
    double energy = (c12 * u6 - c6) * u6 - potential->shift[type_a][type_b];
    double force_over_r = (12.0 * c12 * u6 - 6.0 * c6) * u6 * inverse;
    if (slope != 0.0) {
        const double r = sqrt(r_sq);
        energy -= (r - potential->cutoff) * slope;
        force_over_r += slope / r;
    }
    *out_force_over_r = force_over_r;
    return energy;
}
