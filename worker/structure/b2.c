#include "worker/structure/b2.h"

#include "common/mem.h"
#include "worker/structure/clusters.h"
#include "worker/structure/signatures.h"

#include <string.h>

enum { NEAREST = 8, NEXT = 6, WRONG_MAX = 1 };

static bool is_b2(const struct voronoi *voronoi, const uint8_t *type, uint32_t atom)
{
    const struct signature signature = signature_of(voronoi, atom);
    if (signature.n4 != NEXT || signature.n6 != NEAREST || signature.faces != NEXT + NEAREST)
        return false;
    int wrong_nearest = 0, wrong_next = 0;
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++) {
        const bool is_own = type[voronoi->face[f].neighbour] == type[atom];
        if (voronoi->face[f].edges == 6)
            wrong_nearest += is_own;
        else
            wrong_next += !is_own;
    }
    return wrong_nearest <= WRONG_MAX && wrong_next <= WRONG_MAX;
}

enum status b2_find(const struct voronoi *voronoi, const struct configuration *configuration, bool *out_is,
                    struct b2 *out, struct error *err)
{
    struct b2 b2 = {0};
    struct clusters clusters;
    bool *is = mem_alloc_array(voronoi->atoms, sizeof *is);
    if (!is)
        return mem_error(err, "B2 atoms");
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        b2.atoms += is[i] = is_b2(voronoi, configuration->type, i);
    enum status status = clusters_find(voronoi, configuration, is, &clusters, err);
    if (status == STATUS_OK) {
        b2.largest = clusters.largest;
        *out = b2;
        if (out_is)
            memcpy(out_is, is, voronoi->atoms * sizeof *is);
    }
    mem_free(is);
    return status;
}
