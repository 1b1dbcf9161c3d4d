#include "worker/structure/displacement.h"

#include "common/mem.h"
#include "worker/structure/meetings.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double box_tolerance = 1e-9; /* of an edge: files have rounded digits */

static enum status allocate(struct displacement *displacement, uint32_t atoms, struct error *err)
{
    struct displacement made = {.atoms = atoms};
    bool ok = (made.length = mem_alloc_array(atoms, sizeof(double))) != NULL;
    for (int k = 0; k < 3; k++)
        ok &= (made.vector[k] = mem_alloc_array(atoms, sizeof(double))) != NULL;
    if (!ok) {
        displacement_finish(&made);
        return mem_error(err, "displacements");
    }
    *displacement = made;
    return STATUS_OK;
}

void displacement_finish(struct displacement *displacement)
{
    if (!displacement)
        return;
    for (int k = 0; k < 3; k++)
        mem_free(displacement->vector[k]);
    mem_free(displacement->length);
    memset(displacement, 0, sizeof *displacement);
}

static void find_lengths(struct displacement *d)
{
    for (uint32_t i = 0; i < d->atoms; i++)
        d->length[i] = sqrt(d->vector[0][i] * d->vector[0][i] + d->vector[1][i] * d->vector[1][i] +
                            d->vector[2][i] * d->vector[2][i]);
}

static enum status check_boxes(const double before[3], const double after[3], struct error *err)
{
    static const char axes[3] = {'x', 'y', 'z'};
    for (int k = 0; k < 3; k++)
        if (!(fabs(before[k] - after[k]) <= box_tolerance * before[k]))
            return error_set(err, STATUS_INVALID, "the boxes differ along %c: %.12g and %.12g", axes[k], before[k],
                             after[k]);
    return STATUS_OK;
}

static enum status check_counts(uint32_t before, uint32_t after, struct error *err)
{
    if (before != after)
        return error_set(err, STATUS_INVALID, "one has %" PRIu32 " atoms and the other %" PRIu32, before, after);
    return STATUS_OK;
}

struct named_place {
    int64_t id;
    uint32_t place;
};

static int compare_ids(const void *a, const void *b)
{
    const int64_t x = ((const struct named_place *)a)->id, y = ((const struct named_place *)b)->id;
    return (x > y) - (x < y);
}

static struct named_place *sort_by_id(const struct configuration *configuration)
{
    struct named_place *places = mem_alloc_array(configuration->atoms, sizeof *places);
    for (uint32_t i = 0; places && i < configuration->atoms; i++)
        places[i] = (struct named_place){configuration->id[i], i};
    if (places)
        qsort(places, configuration->atoms, sizeof *places, compare_ids);
    return places;
}

static enum status check_same_atom(const struct configuration *before, const struct configuration *after,
                                   const struct named_place *from, const struct named_place *to, struct error *err)
{
    if (from->id != to->id)
        return error_set(err, STATUS_INVALID, "atom %" PRId64 " is in one of them only",
                         from->id < to->id ? from->id : to->id);
    if (before->type[from->place] != after->type[to->place])
        return error_set(err, STATUS_INVALID, "atom %" PRId64 " has another type in the other", from->id);
    return STATUS_OK;
}

static double minimum_image(double d, double box)
{
    return d - box * rint(d / box);
}

static enum status match(const struct configuration *before, const struct configuration *after,
                         const struct named_place *from, const struct named_place *to, struct displacement *out,
                         struct error *err)
{
    for (uint32_t n = 0; n < before->atoms; n++) {
        enum status status = check_same_atom(before, after, &from[n], &to[n], err);
        if (status != STATUS_OK)
            return status;
        const uint32_t i = from[n].place;
        for (int k = 0; k < 3; k++)
            out->vector[k][i] = minimum_image(after->position[k][to[n].place] - before->position[k][i], before->box[k]);
    }
    find_lengths(out);
    return STATUS_OK;
}

enum status displacement_init(const struct configuration *before, const struct configuration *after,
                              struct displacement *out, struct error *err)
{
    struct displacement made;
    enum status status = check_counts(before->atoms, after->atoms, err);
    if (status == STATUS_OK)
        status = check_boxes(before->box, after->box, err);
    if (status == STATUS_OK)
        status = allocate(&made, before->atoms, err);
    if (status != STATUS_OK)
        return status;
    struct named_place *from = sort_by_id(before), *to = sort_by_id(after);
    status = from && to ? match(before, after, from, to, &made, err) : mem_error(err, "atom ids");
    mem_free(from);
    mem_free(to);
    if (status == STATUS_OK)
        *out = made;
    else
        displacement_finish(&made);
    return status;
}

static enum status check_snapshots(const struct snapshot *before, const struct snapshot *after, struct error *err)
{
    enum status status = check_counts(before->atoms, after->atoms, err);
    if (status == STATUS_OK)
        status = check_boxes(before->box, after->box, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; i < before->atoms; i++)
        if (before->type[i] != after->type[i])
            return error_set(err, STATUS_INVALID, "atom %" PRIu32 " has another type in the other", i + 1);
    return STATUS_OK;
}

/* The difference of fixed-point positions wraps as unsigned numbers do, and so is right also where an atom has left the
 * range of images. */
enum status displacement_init_snapshots(const struct snapshot *before, const struct snapshot *after,
                                        struct displacement *out, struct error *err)
{
    enum status status = check_snapshots(before, after, err);
    if (status != STATUS_OK)
        return status;
    if ((status = allocate(out, before->atoms, err)) != STATUS_OK)
        return status;
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < before->atoms; i++) {
            const uint64_t difference = (uint64_t)after->position[k][i] - (uint64_t)before->position[k][i];
            out->vector[k][i] = (double)(int64_t)difference * 0x1p-48 * before->box[k];
        }
    out->unwrapped = true;
    find_lengths(out);
    return STATUS_OK;
}

void displacement_unwrap(struct displacement *displacement, const struct displacement *guide, const double box[3])
{
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < displacement->atoms; i++)
            displacement->vector[k][i] += box[k] * rint((guide->vector[k][i] - displacement->vector[k][i]) / box[k]);
    displacement->unwrapped = guide->unwrapped;
    find_lengths(displacement);
}

static double mean_of(const double *x, uint32_t count)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < count; i++)
        sum += x[i];
    return count ? sum / count : 0.0;
}

void displacement_remove_drift(struct displacement *displacement)
{
    for (int k = 0; k < 3; k++) {
        const double mean = mean_of(displacement->vector[k], displacement->atoms);
        for (uint32_t i = 0; i < displacement->atoms; i++)
            displacement->vector[k][i] -= mean;
    }
    find_lengths(displacement);
}

struct displacement_summary displacement_summarise(const struct displacement *displacement)
{
    struct displacement_summary summary = {.mean = mean_of(displacement->length, displacement->atoms)};
    double fourth = 0.0;
    for (int k = 0; k < 3; k++)
        summary.drift[k] = mean_of(displacement->vector[k], displacement->atoms);
    for (uint32_t i = 0; i < displacement->atoms; i++) {
        const double square = displacement->length[i] * displacement->length[i];
        summary.mean_square += square / displacement->atoms;
        fourth += square * square / displacement->atoms;
        summary.largest = fmax(summary.largest, displacement->length[i]);
    }
    if (summary.mean_square > 0.0)
        summary.non_gaussian = 3.0 * fourth / (5.0 * summary.mean_square * summary.mean_square) - 1.0;
    return summary;
}

uint32_t displacement_count_beyond(const struct displacement *displacement, double threshold)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < displacement->atoms; i++)
        count += displacement->length[i] > threshold;
    return count;
}

void displacement_histogram(const struct displacement *displacement, double bin, uint32_t bins, uint64_t *counts)
{
    for (uint32_t i = 0; i < displacement->atoms; i++) {
        const double place = floor(displacement->length[i] / bin);
        counts[place < bins ? (uint32_t)place : bins - 1]++;
    }
}

void displacement_by_environment(const struct displacement *displacement, const uint8_t *kind, double threshold,
                                 struct mover_group out[ENVIRONMENT_COUNT])
{
    memset(out, 0, ENVIRONMENT_COUNT * sizeof out[0]);
    for (uint32_t i = 0; i < displacement->atoms; i++) {
        struct mover_group *group = &out[kind[i]];
        group->atoms++;
        group->movers += displacement->length[i] > threshold;
        group->mean_square += displacement->length[i] * displacement->length[i];
    }
    for (int n = 0; n < ENVIRONMENT_COUNT; n++)
        if (out[n].atoms)
            out[n].mean_square /= out[n].atoms;
}

/* Movers alone: where they stood, where they stand, and a forest whose trees are the strings. */
struct movers {
    uint32_t count;
    double *before[3], *after[3]; /* sigma, in [0, box), [count] */
    uint32_t *parent;             /* [count]; a root is its own */
    uint32_t *size;               /* [count]; of the tree below a root */
};

static void movers_finish(struct movers *movers)
{
    for (int k = 0; k < 3; k++) {
        mem_free(movers->before[k]);
        mem_free(movers->after[k]);
    }
    mem_free(movers->parent);
    mem_free(movers->size);
}

static void fill_movers(struct movers *movers, const struct displacement *displacement,
                        const struct configuration *before, double threshold)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < displacement->atoms; i++) {
        if (!(displacement->length[i] > threshold))
            continue;
        for (int k = 0; k < 3; k++) {
            movers->before[k][n] = before->position[k][i];
            movers->after[k][n] =
                configuration_wrap(before->position[k][i] + displacement->vector[k][i], before->box[k]);
        }
        movers->parent[n] = n;
        movers->size[n++] = 1;
    }
}

static enum status movers_init(struct movers *movers, const struct displacement *displacement,
                               const struct configuration *before, double threshold, struct error *err)
{
    struct movers made = {.count = displacement_count_beyond(displacement, threshold)};
    bool ok = (made.parent = mem_alloc_array(made.count, sizeof *made.parent)) != NULL;
    ok &= (made.size = mem_alloc_array(made.count, sizeof *made.size)) != NULL;
    for (int k = 0; k < 3; k++) {
        ok &= (made.before[k] = mem_alloc_array(made.count, sizeof(double))) != NULL;
        ok &= (made.after[k] = mem_alloc_array(made.count, sizeof(double))) != NULL;
    }
    if (!ok) {
        movers_finish(&made);
        return mem_error(err, "movers");
    }
    fill_movers(&made, displacement, before, threshold);
    *movers = made;
    return STATUS_OK;
}

/* The root of the tree, halving the way to it for whoever comes next. */
static uint32_t root_of(struct movers *movers, uint32_t n)
{
    while (movers->parent[n] != n) {
        movers->parent[n] = movers->parent[movers->parent[n]];
        n = movers->parent[n];
    }
    return n;
}

static void link_movers(void *context, uint32_t before, uint32_t after)
{
    struct movers *movers = context;
    const uint32_t a = root_of(movers, before), b = root_of(movers, after);
    if (a == b)
        return;
    movers->parent[b] = a;
    movers->size[a] += movers->size[b];
}

static struct strings count_strings(const struct movers *movers)
{
    struct strings strings = {.movers = movers->count};
    double squares = 0.0;
    for (uint32_t n = 0; n < movers->count; n++) {
        const uint32_t size = movers->size[n];
        if (movers->parent[n] != n)
            continue;
        strings.count++;
        strings.largest = size > strings.largest ? size : strings.largest;
        strings.by_size[size < STRINGS_SIZE_MAX ? size : STRINGS_SIZE_MAX]++;
        squares += (double)size * size;
    }
    strings.mean = strings.count ? (double)strings.movers / strings.count : 0.0;
    strings.weight_average = strings.movers ? squares / strings.movers : 0.0;
    return strings;
}

enum status displacement_strings(const struct displacement *displacement, const struct configuration *before,
                                 const struct string_options *options, struct strings *out, struct error *err)
{
    struct movers movers;
    enum status status = movers_init(&movers, displacement, before, options->threshold, err);
    if (status != STATUS_OK)
        return status;
    const struct meetings meetings = {before->box, movers.count, movers.before, movers.after, options->delta};
    if ((status = meetings_visit(&meetings, link_movers, &movers, err)) == STATUS_OK)
        *out = count_strings(&movers);
    movers_finish(&movers);
    return status;
}
