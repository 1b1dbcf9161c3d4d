/* step.c - the two halves of velocity Verlet, each one pass over the atoms.
 *
 *     kick_drift   v <- s v + (dt/2) f/m;  q <- q + round(v dt 2^48 / edge)     s: the thermostat's factor
 *     kick         v <- v + (dt/2) f/m;    twice the kinetic energy
 *
 * The position is an integer: the drift is an exact addition of a rounded step, so a reversed run returns home and
 * nothing depends on where the box begins. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes_double.h"

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

/* One part of one component of a cluster. */
LANES_INLINE void drift_part(const struct kick_drift *job, size_t at, double drift)
{
    part_d v = job->velocity_scale * part_load(job->velocity + at) + part_load(job->kick + at);
    part_l q = *(const part_l *)(job->position_fine + at) + part_round(v * drift);
    part_store(job->velocity + at, v);
    *(part_l *)(job->position_fine + at) = q;
    *(part_u *)(job->position + at) = __builtin_convertvector(q >> 16, part_u);
}

/* The same with Langevin's B A O A: Leimkuhler & Matthews, Appl. Math. Res. Express 2013, 34. */
LANES_INLINE void push_part(const struct kick_drift *job, size_t at, size_t lane, size_t k)
{
    const part_d root = part_load(job->mass_root_inverse + lane);
    part_d before = job->velocity_scale * part_load(job->velocity + at) + part_load(job->kick + at);
    part_d push = job->push * root * part_widen(*(const part_f *)(job->normal + at)) - job->push_common[k];
    part_d after = job->damping * before + push;
    after = (part_d)((root > 0.0) & (part_l)after);
    part_l q = *(const part_l *)(job->position_fine + at) + part_round((before + after) * (0.5 * job->drift[k]));
    part_store(job->velocity + at, after);
    *(part_l *)(job->position_fine + at) = q;
    *(part_u *)(job->position + at) = __builtin_convertvector(q >> 16, part_u);
}

LANES_INLINE void move_cluster(const struct kick_drift *job, size_t cluster, bool push)
{
    for (size_t n = 0; n < 3 * PARTS; n++) {
        size_t at = cluster * CLUSTER_BLOCK + n * PART_LANES;
        if (push)
            push_part(job, at, cluster * CLUSTER_ATOMS + n % PARTS * PART_LANES, n / PARTS);
        else
            drift_part(job, at, job->drift[n / PARTS]);
    }
}

LANES_INLINE float move_all(const struct kick_drift *job, bool push)
{
    lanes_f max = lanes_set(0.0f);
    for (size_t c = 0; c < job->clusters; c++) {
        size_t at = c * CLUSTER_BLOCK;
        move_cluster(job, c, push);
        lanes_f d = displacement_sq(job->position + at, job->position_list + at, &job->metric);
        max = lanes_select(lanes_below(max, d), d, max);
    }
    return lanes_max(max);
}

float KERNEL(kick_drift)(const struct kick_drift *job);

float KERNEL(kick_drift)(const struct kick_drift *job)
{
    return job->normal != NULL ? move_all(job, true) : move_all(job, false);
}

/* One part of one component of a cluster: forces of both halves of the columns and of the rows. */
LANES_INLINE part_d part_force(const struct kick *job, size_t cluster, size_t k, size_t lane)
{
    const float *columns = job->force + cluster * FORCE_BLOCK + 2 * k * CLUSTER_ATOMS + lane;
    const float *row = job->force_row + cluster * CLUSTER_BLOCK + k * CLUSTER_ATOMS + lane;
    part_f both = *(const part_f *)columns + *(const part_f *)(columns + CLUSTER_ATOMS);
    return part_widen(*(const part_f *)row) - part_widen(both);
}

LANES_INLINE part_d kick_part(const struct kick *job, size_t cluster, size_t k, size_t lane)
{
    size_t at = cluster * CLUSTER_BLOCK + k * CLUSTER_ATOMS + lane;
    part_d force = part_force(job, cluster, k, lane) * job->force_scale;
    part_d dv = force * part_load(job->mass_inverse + cluster * CLUSTER_ATOMS + lane);
    part_d v = part_load(job->velocity + at) + dv;
    part_store(job->kick + at, dv);
    part_store(job->velocity + at, v);
    return v * v;
}

double KERNEL(kick)(const struct kick *job);

double KERNEL(kick)(const struct kick *job)
{
    part_d sum[PARTS] = {0};
    for (size_t c = 0; c < job->clusters; c++)
        for (size_t part = 0; part < PARTS; part++) {
            size_t lane = part * PART_LANES;
            part_d v_sq = kick_part(job, c, 0, lane);
            v_sq += kick_part(job, c, 1, lane);
            v_sq += kick_part(job, c, 2, lane);
            sum[part] += part_load(job->mass + c * CLUSTER_ATOMS + lane) * v_sq;
        }
    return part_sum(sum);
}
