#include "worker/structure/clusters.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

/* Box edges between an atom where it stands in the box and where its cluster's unwrapped copy has it. */
struct offset {
    int32_t image[3];
};

struct search {
    const struct voronoi *voronoi;
    const struct configuration *configuration;
    const bool *chosen;
    bool *seen;            /* [atoms] */
    struct offset *offset; /* [atoms] */
    uint32_t *queue;       /* the atoms of the cluster at hand, in the order in which they were found, [atoms] */
    uint32_t count;        /* of these */
    bool winds[3];         /* the cluster at hand */
};

static void visit(struct search *search, uint32_t from, const struct voronoi_face *face)
{
    const uint32_t to = face->neighbour;
    if (!search->chosen[to])
        return;
    struct offset offset;
    for (int k = 0; k < 3; k++)
        offset.image[k] = search->offset[from].image[k] + face->image[k];
    if (search->seen[to]) {
        for (int k = 0; k < 3; k++)
            search->winds[k] |= search->offset[to].image[k] != offset.image[k];
        return;
    }
    search->seen[to] = true;
    search->offset[to] = offset;
    search->queue[search->count++] = to;
}

static void gather(struct search *search, uint32_t seed)
{
    search->seen[seed] = true;
    search->offset[seed] = (struct offset){0};
    search->queue[0] = seed;
    search->count = 1;
    memset(search->winds, 0, sizeof search->winds);
    for (uint32_t n = 0; n < search->count; n++) {
        const uint32_t atom = search->queue[n];
        for (uint32_t f = search->voronoi->first[atom]; f < search->voronoi->first[atom + 1]; f++)
            visit(search, atom, &search->voronoi->face[f]);
    }
}

static double radius_of_gyration(const struct search *search)
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double *x = search->configuration->position[k], box = search->configuration->box[k];
        double mean = 0.0, square = 0.0;
        for (uint32_t n = 0; n < search->count; n++)
            mean += x[search->queue[n]] + box * search->offset[search->queue[n]].image[k];
        mean /= search->count;
        for (uint32_t n = 0; n < search->count; n++) {
            const double d = x[search->queue[n]] + box * search->offset[search->queue[n]].image[k] - mean;
            square += d * d;
        }
        sum += square / search->count;
    }
    return sqrt(sum);
}

static void add_cluster(const struct search *search, struct clusters *clusters)
{
    const bool winds = search->winds[0] || search->winds[1] || search->winds[2];
    clusters->count++;
    clusters->weight_average += (double)search->count * search->count;
    for (int k = 0; k < 3; k++)
        clusters->percolates[k] |= search->winds[k];
    if (search->count <= clusters->largest)
        return;
    clusters->largest = search->count;
    clusters->radius_of_gyration = winds ? 0.0 : radius_of_gyration(search);
}

enum status clusters_find_sizes(const struct voronoi *voronoi, const struct configuration *configuration,
                                const bool *chosen, struct clusters *out, uint32_t *out_by_size, struct error *err)
{
    const uint32_t atoms = voronoi->atoms;
    struct search search = {.voronoi = voronoi, .configuration = configuration, .chosen = chosen};
    struct clusters clusters = {0};
    uint32_t members = 0;
    search.seen = mem_alloc_array(atoms, sizeof *search.seen);
    search.offset = mem_alloc_array(atoms, sizeof *search.offset);
    search.queue = mem_alloc_array(atoms, sizeof *search.queue);
    const bool ok = search.seen && search.offset && search.queue;
    if (out_by_size)
        memset(out_by_size, 0, ((size_t)atoms + 1) * sizeof *out_by_size);
    for (uint32_t i = 0; ok && i < atoms; i++)
        if (chosen[i] && !search.seen[i]) {
            gather(&search, i);
            add_cluster(&search, &clusters);
            members += search.count;
            if (out_by_size)
                out_by_size[search.count]++;
        }
    clusters.weight_average = members ? clusters.weight_average / members : 0.0;
    mem_free(search.seen);
    mem_free(search.offset);
    mem_free(search.queue);
    if (!ok)
        return mem_error(err, "clusters of atoms");
    *out = clusters;
    return STATUS_OK;
}

enum status clusters_find(const struct voronoi *voronoi, const struct configuration *configuration, const bool *chosen,
                          struct clusters *out, struct error *err)
{
    return clusters_find_sizes(voronoi, configuration, chosen, out, NULL, err);
}
