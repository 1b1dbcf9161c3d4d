#include "worker/structure/reciprocal.h"

#include "common/mem.h"

#include <math.h>
#include <stdbool.h>

struct listing {
    double step[3]; /* 2 pi / L, 1/sigma */
    double low, high;
    int reach[3];
    struct reciprocal_vector *vectors; /* NULL: they are only counted */
    uint32_t count;
};

static void consider(struct listing *listing, int h, int k, int l)
{
    const double x = h * listing->step[0], y = k * listing->step[1], z = l * listing->step[2];
    const double length = sqrt(x * x + y * y + z * z);
    if (length < listing->low || length >= listing->high)
        return;
    if (listing->vectors)
        listing->vectors[listing->count] = (struct reciprocal_vector){{(int16_t)h, (int16_t)k, (int16_t)l}, length};
    listing->count++;
}

static void walk(struct listing *listing)
{
    listing->count = 0;
    for (int h = 0; h <= listing->reach[0]; h++)
        for (int k = h ? -listing->reach[1] : 0; k <= listing->reach[1]; k++)
            for (int l = h || k ? -listing->reach[2] : 1; l <= listing->reach[2]; l++)
                consider(listing, h, k, l);
}

static enum status plan(struct listing *listing, const double box[3], struct error *err)
{
    double volume = 1.0;
    for (int k = 0; k < 3; k++) {
        const double reach = floor(listing->high * box[k] / (2.0 * M_PI));
        if (!(reach <= RECIPROCAL_INDEX_MAX))
            return error_set(err, STATUS_LIMIT, "wave vectors up to %g have indices up to %g (at most %d)",
                             listing->high, reach, RECIPROCAL_INDEX_MAX);
        listing->reach[k] = (int)reach;
        listing->step[k] = 2.0 * M_PI / box[k];
        volume *= 2.0 * reach + 1.0;
    }
    /* Half of the sphere in that box of indices: pi/12 of it. */
    if (volume * M_PI / 12.0 > RECIPROCAL_VECTORS_MAX)
        return error_set(err, STATUS_LIMIT, "there are about %.2g wave vectors up to %g (at most %d)",
                         volume * M_PI / 12.0, listing->high, RECIPROCAL_VECTORS_MAX);
    return STATUS_OK;
}

enum status reciprocal_list(const double box[3], double low, double high, struct reciprocal_vector **out_vectors,
                            uint32_t *out_count, struct error *err)
{
    struct listing listing = {.low = low, .high = high};
    enum status status = plan(&listing, box, err);
    if (status != STATUS_OK)
        return status;
    walk(&listing);
    listing.vectors = mem_alloc_array(listing.count, sizeof *listing.vectors);
    if (!listing.vectors)
        return mem_error(err, "wave vectors");
    walk(&listing);
    *out_vectors = listing.vectors;
    *out_count = listing.count;
    return STATUS_OK;
}
