#include "worker/md/thermostat.h"

#include "common/realmath.h"

#include <math.h>

struct thermostat thermostat_make(const struct dynamics_spec *dynamics, uint32_t atoms)
{
    const double dt = dynamics->dt, tau = dynamics->thermostat_tau;
    return (struct thermostat){
        .kind = dynamics->thermostat,
        .dt = dt,
        .rate_sq = 1.0 / (tau * tau),
        .damping = real_exp((dynamics->thermostat == THERMOSTAT_LANGEVIN ? -LANGEVIN_EVERY : -1) * dt / tau),
        .freedom = 3.0 * (double)atoms - 3.0,
    };
}

uint32_t thermostat_variables(enum thermostat_kind kind)
{
    switch (kind) {
    case THERMOSTAT_BUSSI:
        return 1;
    case THERMOSTAT_NOSE_HOOVER:
        return 2 * THERMOSTAT_CHAIN;
    default:
        return 0;
    }
}

uint32_t thermostat_store(const struct thermostat *thermostat, double *variables)
{
    uint32_t count = thermostat_variables(thermostat->kind);
    if (count == 1)
        variables[0] = thermostat->heat;
    for (uint32_t n = 0; 2 * n + 1 < count; n++) {
        variables[2 * n] = thermostat->angle[n];
        variables[2 * n + 1] = thermostat->velocity[n];
    }
    return count;
}

void thermostat_load(struct thermostat *thermostat, const double *variables)
{
    uint32_t count = thermostat_variables(thermostat->kind);
    if (count == 1)
        thermostat->heat = variables[0];
    for (uint32_t n = 0; 2 * n + 1 < count; n++) {
        thermostat->angle[n] = variables[2 * n];
        thermostat->velocity[n] = variables[2 * n + 1];
    }
}

/* Gamma(shape) for shape >= 1: Marsaglia & Tsang, ACM Trans. Math. Softw. 26, 363 (2000). Attempt t draws blocks
 * 2 t + 1 and 2 t + 2. */
static double draw_gamma(struct rng_place place, double shape)
{
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (uint32_t block = 1;; block += 2) {
        double x[2];
        rng_normal_pair(place, block, x);
        double t = 1.0 + c * x[0];
        if (t <= 0.0)
            continue;
        double v = t * t * t, u = rng_uniform(place, block + 1), x_sq = x[0] * x[0];
        if (u < 1.0 - 0.0331 * x_sq * x_sq || real_log(u) < 0.5 * x_sq + d * (1.0 - v + real_log(v)))
            return d * v;
    }
}

/* Eqs. A7 and A8 of the paper, with c = e^(-dt/tau), R one normal and S the sum of freedom - 1 squared normals:
 *
 *     alpha^2 = c + (1 - c) (S + R^2) K0/(f K) + 2 R sqrt(c (1 - c) K0/(f K)),   K0 = f T / 2 */
static double bussi_factor(const struct thermostat *t, double kinetic, double temperature, struct rng_place place)
{
    if (!(kinetic > 0.0))
        return 1.0;
    double normal[2];
    rng_normal_pair(place, 0, normal);
    double r = normal[0];
    double s = 2.0 * draw_gamma(place, 0.5 * (t->freedom - 1.0));
    double c = t->damping;
    double share = (1.0 - c) * 0.5 * temperature / kinetic;
    double alpha_sq = c + share * (s + r * r) + 2.0 * r * sqrt(c * share);
    double alpha = sqrt(alpha_sq > 0.0 ? alpha_sq : 0.0);
    return r + sqrt(c / share) < 0.0 ? -alpha : alpha;
}

/* e^x. A chain's arguments are some 1e-4, where eight terms of the Taylor series do; in pairs, side by side. */
static double exp_near_zero(double x)
{
    if (!(fabs(x) < 0x1p-6))
        return real_exp(x);
    const double x_2 = x * x;
    const double low = 0.5 + x * (1.0 / 6.0), middle = 1.0 / 24.0 + x * (1.0 / 120.0);
    const double high = 1.0 / 720.0 + x * (1.0 / 5040.0);
    return 1.0 + (x + x_2 * (low + x_2 * (middle + x_2 * high)));
}

/* Forces on the chain, per its mass: Q_1 = f T tau^2, Q_n = T tau^2. `n` is 0-based. */
static double chain_acceleration(const struct thermostat *t, int n, double kinetic, double temperature)
{
    if (n == 0)
        return t->rate_sq * (2.0 * kinetic / (t->freedom * temperature) - 1.0);
    double below = t->velocity[n - 1] * t->velocity[n - 1];
    return n == 1 ? t->freedom * below - t->rate_sq : below - t->rate_sq;
}

static void chain_kick(struct thermostat *t, int n, double kinetic, double temperature, double damping)
{
    double a = chain_acceleration(t, n, kinetic, temperature);
    t->velocity[n] = damping * (damping * t->velocity[n] + 0.25 * t->dt * a);
}

/* exp(i L_NHC dt/2): half a step of the chain around one scaling of the velocities, the operators in the symmetric
 * order of Martyna, Tuckerman, Tobias & Klein, Mol. Phys. 87, 1117 (1996). h = dt/2. On the way back each variable is
 * damped by the same velocity of its neighbour as on the way there. */
static double chain_factor(struct thermostat *t, double kinetic, double temperature)
{
    double h = 0.5 * t->dt, damping[THERMOSTAT_CHAIN];
    for (int n = THERMOSTAT_CHAIN - 1; n >= 0; n--) {
        damping[n] = n + 1 < THERMOSTAT_CHAIN ? exp_near_zero(-0.25 * h * t->velocity[n + 1]) : 1.0;
        chain_kick(t, n, kinetic, temperature, damping[n]);
    }
    double factor = exp_near_zero(-h * t->velocity[0]);
    for (int n = 0; n < THERMOSTAT_CHAIN; n++)
        t->angle[n] += h * t->velocity[n];
    for (int n = 0; n < THERMOSTAT_CHAIN; n++)
        chain_kick(t, n, factor * factor * kinetic, temperature, damping[n]);
    return factor;
}

double thermostat_before(struct thermostat *thermostat, double kinetic, double temperature)
{
    return thermostat->kind == THERMOSTAT_NOSE_HOOVER ? chain_factor(thermostat, kinetic, temperature) : 1.0;
}

double thermostat_after(struct thermostat *thermostat, double kinetic, double temperature, struct rng_place place)
{
    if (thermostat->kind == THERMOSTAT_NOSE_HOOVER)
        return chain_factor(thermostat, kinetic, temperature);
    if (thermostat->kind != THERMOSTAT_BUSSI)
        return 1.0;
    double factor = bussi_factor(thermostat, kinetic, temperature, place);
    thermostat->heat += (factor * factor - 1.0) * kinetic;
    return factor;
}
