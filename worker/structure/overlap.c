#include "worker/structure/overlap.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "worker/structure/meetings.h"
#include "worker/structure/reciprocal.h"

#include <math.h>
#include <string.h>

static void count_meeting(void *context, uint32_t before, uint32_t after)
{
    (void)before;
    (void)after;
    ++*(uint64_t *)context;
}

static double chance_overlap(const struct configuration *configuration, double radius)
{
    const double density = configuration->atoms / configuration_volume(configuration);
    return density * 4.0 * M_PI / 3.0 * radius * radius * radius;
}

/* The positions to which the displacements lead. */
static enum status positions_after(const struct displacement *displacement, const struct configuration *before,
                                   struct configuration *out, struct error *err)
{
    enum status status = configuration_copy(before, out, err);
    for (int k = 0; status == STATUS_OK && k < 3; k++)
        for (uint32_t i = 0; i < before->atoms; i++)
            out->position[k][i] =
                configuration_wrap(before->position[k][i] + displacement->vector[k][i], before->box[k]);
    return status;
}

enum status overlap_measure(const struct displacement *displacement, const struct configuration *before, double radius,
                            struct overlap *out, struct error *err)
{
    struct configuration after;
    uint64_t near = 0, stayed = 0;
    enum status status = positions_after(displacement, before, &after, err);
    if (status != STATUS_OK)
        return status;
    const struct meetings meetings = {before->box, before->atoms, before->position, after.position, radius};
    status = meetings_visit(&meetings, count_meeting, &near, err);
    configuration_finish(&after);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; i < displacement->atoms; i++)
        stayed += displacement->length[i] < radius;
    *out = (struct overlap){.self = (double)stayed / before->atoms,
                            .collective = (double)near / before->atoms,
                            .chance = chance_overlap(before, radius)};
    return STATUS_OK;
}

/* Keeps the vectors nearest in length to q, equals included. Returns how many. */
static uint32_t keep_nearest(struct reciprocal_vector *vectors, uint32_t count, double q)
{
    double nearest = INFINITY;
    uint32_t kept = 0;
    for (uint32_t n = 0; n < count; n++)
        nearest = fmin(nearest, fabs(vectors[n].length - q));
    for (uint32_t n = 0; n < count; n++)
        if (fabs(vectors[n].length - q) <= nearest + 1e-9 * q)
            vectors[kept++] = vectors[n];
    return kept;
}

/* The vectors next to q. A shell one reciprocal step wide to both sides is never empty: each cell of the lattice has a
 * point in it. */
static enum status choose_vectors(const double box[3], double q, double half_width,
                                  struct reciprocal_vector **out_vectors, uint32_t *out_count, struct error *err)
{
    const double step = 2.0 * M_PI / fmin(box[0], fmin(box[1], box[2]));
    enum status status = reciprocal_list(box, q - half_width, q + half_width, out_vectors, out_count, err);
    if (status != STATUS_OK || *out_count > 0)
        return status;
    mem_free(*out_vectors);
    if ((status = reciprocal_list(box, q - step, q + step * (1.0 + 1e-9), out_vectors, out_count, err)) == STATUS_OK)
        *out_count = keep_nearest(*out_vectors, *out_count, q);
    return status;
}

/* Adds the cosines of one vector to the sums of each type. */
static void add_cosines(const struct displacement *d, const struct configuration *before,
                        const struct reciprocal_vector *vector, double sum[2])
{
    for (uint32_t i = 0; i < d->atoms; i++) {
        double turns = 0.0, sine, cosine;
        for (int k = 0; k < 3; k++)
            turns += vector->index[k] * (d->vector[k][i] / before->box[k]);
        real_sincos_turns(turns - rint(turns), &sine, &cosine);
        sum[before->type[i]] += cosine;
    }
}

static struct scattering scatter(const struct displacement *displacement, const struct configuration *before,
                                 const struct reciprocal_vector *vectors, uint32_t count)
{
    const uint32_t stride = (count + SCATTERING_VECTORS_MAX - 1) / SCATTERING_VECTORS_MAX;
    struct scattering scattering = {0};
    double sum[2] = {0.0, 0.0};
    uint32_t atoms[2] = {0, 0};
    for (uint32_t i = 0; i < before->atoms; i++)
        atoms[before->type[i]]++;
    for (uint32_t n = 0; n < count; n += stride) {
        add_cosines(displacement, before, &vectors[n], sum);
        scattering.q += vectors[n].length;
        scattering.vectors++;
    }
    for (int type = 0; type < 2; type++)
        if (atoms[type])
            scattering.type[type] = sum[type] / ((double)scattering.vectors * atoms[type]);
    scattering.all = (sum[0] + sum[1]) / ((double)scattering.vectors * before->atoms);
    scattering.q /= scattering.vectors;
    return scattering;
}

enum status scattering_measure(const struct displacement *displacement, const struct configuration *before, double q,
                               double half_width, struct scattering *out, struct error *err)
{
    struct reciprocal_vector *vectors = NULL;
    uint32_t count = 0;
    if (!(q > 0.0) || !isfinite(q))
        return error_set(err, STATUS_INVALID, "wave number %g is not above 0", q);
    enum status status = choose_vectors(before->box, q, half_width, &vectors, &count, err);
    if (status != STATUS_OK)
        return status;
    *out = scatter(displacement, before, vectors, count);
    mem_free(vectors);
    return STATUS_OK;
}

bool relaxation_time(uint32_t count, const double *time, const double *value, double level, double *out_time)
{
    double time_before = 0.0, value_before = 1.0;
    for (uint32_t n = 0; n < count; n++) {
        if (value[n] <= level) {
            const double part = value_before > value[n] ? (value_before - level) / (value_before - value[n]) : 0.0;
            *out_time = time_before + part * (time[n] - time_before);
            return true;
        }
        time_before = time[n];
        value_before = value[n];
    }
    return false;
}
