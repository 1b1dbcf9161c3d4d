#include "worker/structure/signatures.h"

#include <string.h>

struct signature signature_of(const struct voronoi *voronoi, uint32_t atom)
{
    struct signature signature = {0};
    uint32_t by_edges[UINT8_MAX + 1] = {0};
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++)
        by_edges[voronoi->face[f].edges]++;
    signature.n3 = by_edges[3];
    signature.n4 = by_edges[4];
    signature.n5 = by_edges[5];
    signature.n6 = by_edges[6];
    signature.faces = voronoi->first[atom + 1] - voronoi->first[atom];
    for (int edges = 7; edges <= UINT8_MAX; edges++)
        signature.n7_plus += by_edges[edges];
    return signature;
}

bool signature_is_icosahedral(const struct signature *signature)
{
    return signature->n5 == 12 && signature->faces == 12;
}

enum frank_kasper signature_frank_kasper(const struct signature *signature)
{
    static const enum frank_kasper kinds[] = {FRANK_KASPER_Z12, FRANK_KASPER_NONE, FRANK_KASPER_Z14, FRANK_KASPER_Z15,
                                              FRANK_KASPER_Z16};
    const bool candidate = signature->n5 == 12 && signature->n5 + signature->n6 == signature->faces;
    return candidate && signature->n6 <= 4 ? kinds[signature->n6] : FRANK_KASPER_NONE;
}

void signatures_count_frank_kasper(const struct voronoi *voronoi, uint32_t out_count[FRANK_KASPER_COUNT])
{
    memset(out_count, 0, FRANK_KASPER_COUNT * sizeof *out_count);
    for (uint32_t i = 0; i < voronoi->atoms; i++) {
        const struct signature signature = signature_of(voronoi, i);
        out_count[signature_frank_kasper(&signature)]++;
    }
}

void signatures_count_icosahedral(const struct voronoi *voronoi, const uint8_t *type, bool *out_is,
                                  uint32_t out_count[2])
{
    out_count[ATOM_LARGE] = out_count[ATOM_SMALL] = 0;
    for (uint32_t i = 0; i < voronoi->atoms; i++) {
        const struct signature signature = signature_of(voronoi, i);
        const bool is = signature_is_icosahedral(&signature);
        out_count[type[i]] += is;
        if (out_is)
            out_is[i] = is;
    }
}
