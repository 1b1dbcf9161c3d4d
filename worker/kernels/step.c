/* step.c - the two halves of velocity Verlet, each one pass over the atoms.
 *
 *     kick_drift   v <- s v + (dt/2) f/m;  q <- q + round(v dt 2^48 / edge)     s: the thermostat's factor
 *     kick         v <- v + (dt/2) f/m;    twice the kinetic energy
 *
 * The position is an integer: the drift is an exact addition of a rounded step, so a reversed run returns home and
 * nothing depends on where the box begins. Rounding is by the magic number 1.5 2^52 (to nearest, ties to even). */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes.h"

static const double magic = 0x1.8p52;

LANES_INLINE int64_t round_to_integer(double x)
{
    double shifted = x + magic;
    int64_t bits, zero;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&zero, &magic, sizeof zero);
    return bits - zero;
}

LANES_INLINE lanes_f displacement_sq(const uint32_t *now, const uint32_t *before, const struct metric *metric)
{
    lanes_f x = lanes_difference(lanes_load_u(now), lanes_load_u(before));
    lanes_f y = lanes_difference(lanes_load_u(now + 8), lanes_load_u(before + 8)) * lanes_set(metric->ratio_y);
    lanes_f z = lanes_difference(lanes_load_u(now + 16), lanes_load_u(before + 16)) * lanes_set(metric->ratio_z);
    return lanes_fma(z, z, lanes_fma(y, y, x * x));
}

LANES_INLINE float lanes_max(lanes_f v)
{
    float max = v[0];
    for (int l = 1; l < LANES; l++)
        max = v[l] > max ? v[l] : max;
    return max;
}

float KERNEL(displacement)(const uint32_t *position, const uint32_t *before, uint32_t clusters,
                           const struct metric *metric);

float KERNEL(displacement)(const uint32_t *position, const uint32_t *before, uint32_t clusters,
                           const struct metric *metric)
{
    lanes_f max = lanes_set(0.0f);
    for (uint32_t c = 0; c < clusters; c++) {
        lanes_f d = displacement_sq(position + c * (size_t)CLUSTER_BLOCK, before + c * (size_t)CLUSTER_BLOCK, metric);
        max = lanes_select(lanes_below(max, d), d, max);
    }
    return lanes_max(max);
}

LANES_INLINE void drift_block(const struct kick_drift *job, size_t at, double drift)
{
    double *restrict velocity = job->velocity + at;
    const double *restrict kick = job->kick + at;
    int64_t *restrict fine = job->position_fine + at;
    uint32_t *restrict position = job->position + at;
    for (int l = 0; l < CLUSTER_ATOMS; l++) {
        double v = job->velocity_scale * velocity[l] + kick[l];
        int64_t q = (int64_t)((uint64_t)fine[l] + (uint64_t)round_to_integer(v * drift));
        velocity[l] = v;
        fine[l] = q;
        position[l] = (uint32_t)((uint64_t)q >> 16);
    }
}

float KERNEL(kick_drift)(const struct kick_drift *job);

float KERNEL(kick_drift)(const struct kick_drift *job)
{
    lanes_f max = lanes_set(0.0f);
    for (uint32_t c = 0; c < job->clusters; c++) {
        size_t at = c * (size_t)CLUSTER_BLOCK;
        for (int k = 0; k < 3; k++)
            drift_block(job, at + (size_t)k * CLUSTER_ATOMS, job->drift[k]);
        lanes_f d = displacement_sq(job->position + at, job->position_list + at, &job->metric);
        max = lanes_select(lanes_below(max, d), d, max);
    }
    return lanes_max(max);
}

LANES_INLINE void kick_block(const struct kick *job, uint32_t cluster, int k, double *restrict sum)
{
    size_t at = cluster * (size_t)CLUSTER_BLOCK + (size_t)k * CLUSTER_ATOMS;
    size_t atom = cluster * (size_t)CLUSTER_ATOMS;
    const float *restrict force = job->force + cluster * (size_t)FORCE_BLOCK + (size_t)(2 * k) * CLUSTER_ATOMS;
    const float *restrict force_row = job->force_row + 4 * atom + k;
    double *restrict velocity = job->velocity + at;
    double *restrict kick = job->kick + at;
    for (int l = 0; l < CLUSTER_ATOMS; l++) {
        double f = (double)force_row[4 * l] + (double)(force[l] + force[l + CLUSTER_ATOMS]);
        double dv = f * job->force_scale * job->mass_inverse[atom + (size_t)l];
        double v = velocity[l] + dv;
        kick[l] = dv;
        velocity[l] = v;
        sum[l] += job->mass[atom + (size_t)l] * v * v;
    }
}

double KERNEL(kick)(const struct kick *job);

double KERNEL(kick)(const struct kick *job)
{
    double sum[CLUSTER_ATOMS] = {0};
    for (uint32_t c = 0; c < job->clusters; c++) {
        for (int k = 0; k < 3; k++)
            kick_block(job, c, k, sum);
    }
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}
